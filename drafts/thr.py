import json,sys
from course_lib.assistants.kinds import fits
for f in sys.argv[1:]:
    d=json.load(open(f)); print(f)
    for t in (-99,-2,-1.5,-1.2,-1,-.85,-.7,-.6,-.5):
        ok=ab=fr=n=0
        for i,st,q,g,raw,conf,v,j in d:
            try: a=json.loads(raw)['answer']
            except Exception: a=''
            declined=a=='not in the documents' or not all(x for k,x in v.items() if k!='confident') or conf<t or not fits(q,a)
            un=st=='unanswerable'
            ok+= un if declined else bool(j); ab+=un and declined; fr+=(not un) and declined
        print(t,round(ok/120,3),ab,'/16 false',round(fr/104,3))
