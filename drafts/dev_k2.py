import json,sys,collections
from pathlib import Path
from course_lib.settings import load_settings
from course_lib.knowledge.chunking import chunk_all
from course_lib.knowledge.snapshots import load_snapshot, snapshot_dates
from course_lib.retrieval.fusion import best_retriever
from course_lib.retrieval.base import Hit
from course_lib.models.chat import load_chat
from course_lib.assistants.hybrid import Hybrid
from course_lib.evaluation.gold import load_questions
from course_lib.evaluation.judge import judge, relevant_ids
import course_lib; print(course_lib.__file__)
s=load_settings(); folder=Path(sys.argv[1]); ks=[int(x) for x in sys.argv[2].split(',')]
P=chunk_all(load_snapshot(s.data,snapshot_dates(s.data)[-1])); by={p.id:p for p in P}; qs=load_questions(s.data,'dev')
found=best_retriever(P,s).search([q.text for q in qs],10)
chat=load_chat(s)
import course_lib.models.chat as C
C.verify_adapter=lambda f:None
chat.load_adapter('reading',folder)
hy=Hybrid(chat,None); texts=[q.text for q in qs]
un=[i for i,q in enumerate(qs) if not q.answerable]; an=[i for i,q in enumerate(qs) if q.answerable]
def show(name,hits):
    hy.least_confidence=-99
    A=hy.answer_from(texts,hits); J=[judge(q,a,by).correct for q,a in zip(qs,A)]
    print('==',name)
    for t in (-99,-1.5,-1,-.7,-.5,-.35,-.2,-.1):
        ab=[a.abstained or a.confidence<t for a in A]
        ok=[(not q.answerable) if b else j for q,b,j in zip(qs,ab,J)]
        print(f'  thr {t}: correct {sum(ok)/len(ok):.3f} abstain recall {sum(ab[i] for i in un)}/{len(un)} false refusal {sum(ab[i] for i in an)/len(an):.3f}',flush=True)
    c=collections.Counter(); 
    for q,j in zip(qs,J): c[q.stratum,bool(j)]+=1
    print({k:f"{c[k,True]}/{c[k,True]+c[k,False]}" for k in dict.fromkeys(q.stratum for q in qs)})
    json.dump([[q.id,q.stratum,q.text,[x.value for x in q.slots],a.raw,a.confidence,a.verdicts,bool(j)] for q,a,j in zip(qs,A,J)],open(f'/tmp/dev2_{folder.name}_{name}.json','w'))
for k in ks: show(f'top{k}',[h[:k] for h in found])
if len(sys.argv)>3:
    gold=[]
    for q,h in zip(qs,found):
        ids=[]
        for sl in q.slots:
            r=sorted(relevant_ids(sl,by)); b=[x.passage.id for x in h if x.passage.id in r]; ids+=[x for x in (b or r)[:1] if x not in ids]
        hits=[Hit(by[i],9.0) for i in ids]+[x for x in h if x.passage.id not in ids]; gold.append(hits[:max(2,len(ids))])
    show('oracle2',gold)
