"""torchrun-like: python /tmp/ddp.py RANK CONVS.json RECIPE.json START|- OUT : the official recipe, two processes in step."""
import sys,json,time,os,pathlib
rank=int(sys.argv[1]); convs=json.load(open(sys.argv[2])); rec=json.load(open(sys.argv[3])); start=None if sys.argv[4]=='-' else sys.argv[4]; out=pathlib.Path(sys.argv[5])
os.environ.update(MASTER_ADDR='127.0.0.1',MASTER_PORT=sys.argv[6] if len(sys.argv)>6 else '29511')
import torch
torch.set_num_threads(1)
from transformers import set_seed
from peft import PeftModel
from course_lib.settings import load_settings
from course_lib.models.chat import load_base
from course_lib.training import lora
from course_lib.training.lora import Recipe, _LabelledTrainer,_arguments,_padded,_adapted,save_adapter
from course_lib.training.examples import encode
import torch.distributed as dist
from datetime import timedelta
rec['targets']=tuple(rec['targets']); recipe=Recipe(**rec); W=2; assert recipe.batch_size==W
s=load_settings(); model,tok=load_base(s,recipe.dtype); set_seed(recipe.seed)
adapted=_adapted(model,recipe) if start is None else PeftModel.from_pretrained(model,start,is_trainable=True)
for p in adapted.parameters():
    if p.requires_grad: p.data=p.data.float()
examples=[encode(tok,m) for m in convs]; examples=examples[:len(examples)//W*W]
tr=_LabelledTrainer(model=adapted,args=_arguments(recipe,str(out/'scratch'),10),train_dataset=examples,autocast=recipe.dtype=='bfloat16',data_collator=_padded(tok.pad_token_id))
dl=tr.get_train_dataloader(); steps=len(examples)//W
tr.create_optimizer_and_scheduler(steps); opt,sch=tr.optimizer,tr.lr_scheduler
# only now: accelerate must not see a group
dist.init_process_group('gloo',rank=rank,world_size=W,timeout=timedelta(hours=3))
if hasattr(dl,'set_epoch'): dl.set_epoch(0)
ck=out/'resume.pt'; done=0
log=[];spent=0.0
if ck.exists():
    st=torch.load(ck,weights_only=True); done=st['step']; log=st['log']; spent=st['spent']; opt.load_state_dict(st['opt']); sch.load_state_dict(st['sch'])
    with torch.no_grad():
        for p,q in zip([p for p in adapted.parameters() if p.requires_grad],st['weights']): p.copy_(q)
    print('resumed at',done,flush=True)
adapted.train(); ps=[p for p in adapted.parameters() if p.requires_grad]; run=[];t0=time.time()-spent;out.mkdir(parents=True,exist_ok=True)
for i,b in enumerate(dl):
    if i>=steps*W: break
    if i//W<done or i%W!=rank: continue
    l=tr.compute_loss(adapted,b); (l/W).backward()
    flat=torch.cat([p.grad.reshape(-1) for p in ps]+[l.detach().reshape(1)/W]); dist.all_reduce(flat)
    o=0
    for p in ps: p.grad.copy_(flat[o:o+p.numel()].view_as(p)); o+=p.numel()
    run.append(flat[-1].item())
    torch.nn.utils.clip_grad_norm_(ps,1.0); opt.step(); sch.step(); opt.zero_grad()
    n=i//W+1
    if n%10==0:
        log.append({'step':n,'loss':round(sum(run)/len(run),4)}); run=[]
        if rank==0:
            el=time.time()-t0; print(f'step {n} of {steps} loss {log[-1]["loss"]} left {el/n*(steps-n):.0f} s',flush=True)
    if rank==0 and n%50==0:
        torch.save(dict(step=n,log=log,spent=time.time()-t0,opt=opt.state_dict(),sch=sch.state_dict(),weights=[p.detach() for p in ps]),str(ck)+'.new'); os.replace(str(ck)+'.new',ck)
    if rank==0 and n%150==0: save_adapter(adapted,out/f'step{n}',s.chat_model); json.dump(dict(log=log,seconds=time.time()-t0),open(out/'log.json','w'))
if rank==0:
    save_adapter(adapted.eval(),out,s.chat_model); json.dump(dict(log=log,seconds=time.time()-t0),open(out/'log.json','w')); print('done',time.time()-t0)
dist.barrier()
