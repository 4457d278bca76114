import json,sys,random
from pathlib import Path
from course_lib.assistants.kinds import fits
from course_lib.files import read_jsonl
for f in sys.argv[1:]:
    d=json.load(open(f))
    for i,st,q,g,raw,conf,v,ok in d:
        try: a=json.loads(raw)['answer']
        except Exception: continue
        if a!='not in the documents' and not fits(q,a): print(st,'|',q[:110],'|',g,'|',a,'| was ok' if ok else '')
from course_lib.settings import load_settings
from course_lib.evaluation.gold import load_questions
s=load_settings()
print([ (q.text,q.slots[0].value) for q in load_questions(s.data,'dev') if len(q.slots)==1 and not fits(q.text,q.slots[0].value)])
bad=tot=rej=oth=un=unr=0; ex=[]; rng=random.Random(1)
for r in read_jsonl(Path('/tmp/next/data/train/sites.jsonl')):
    for p in r['passages']:
        vals=[v['value'] for v in p['slots'].values()]
        for qq in p['questions']:
            if len(qq['slots'])==1 and '{wrong' not in qq['q']:
                v=p['slots'][qq['slots'][0]]['value']; tot+=1
                if not fits(qq['q'],v): bad+=1; ex.append((qq['q'],v))
                w=rng.choice([x for x in vals if x!=v] or [v]); oth+=1; rej+=not fits(qq['q'],w)
        for u in p['unanswerable']: un+=1; unr+=not fits(u,rng.choice(vals))
print('true rejected',bad,tot,'other rejected',rej/oth,'unanswerable+random value rejected',unr/un); rng.shuffle(ex)
for e in ex[:30]: print(e)
