"""Build /tmp/s1: main's behavior with next's modules wherever behavior did not change, to confirm those modules."""
import subprocess,shutil,pathlib,os
S1=pathlib.Path('/tmp/s1'); shutil.rmtree(S1,ignore_errors=True); S1.mkdir()
subprocess.run('git -C /work/main archive e09060e | tar x -C /tmp/s1',shell=True,check=True)
NEXT=pathlib.Path('/tmp/next')
for p in ['knowledge/chunking','knowledge/values','retrieval/dense','retrieval/late','training/contrastive','training/plans','training/reading','evaluation/verifier_features','own_documents/proposing','experiments/registry','experiments/confirmed','experiments/store']:
    shutil.copy(NEXT/f'course_lib/{p}.py',S1/f'course_lib/{p}.py')
# the old fusion needs the retriever by sentences, which dense.py no longer has
old=(S1/'course_lib/retrieval/fusion.py').read_text()
was=subprocess.run(['git','-C','/work/main','show','e09060e:course_lib/retrieval/dense.py'],capture_output=True,text=True,check=True).stdout
cls=was[was.index('class SentenceRetriever'):was.index('def _some(')].replace('_some(','some(').replace('_cached(','cached(')
old=old.replace("from course_lib.retrieval.dense import DenseRetriever, SentenceRetriever\n","from course_lib.retrieval.dense import DenseRetriever, Embedder, embed, some\nfrom course_lib.retrieval.dense import _cached as cached\nfrom course_lib.knowledge.chunking import sentences_of\n")
i=old.index('DEPTH = 30'); old=old[:i]+cls+'\n'+old[i:]
(S1/'course_lib/retrieval/fusion.py').write_text(old)
for p in ['retrieval/updatable','retrieval/faults','experiments/nb09_update']:
    f=S1/f'course_lib/{p}.py'; t=f.read_text()
    for a in ("from course_lib.retrieval.dense import DIMENSIONS, DenseRetriever, SentenceRetriever\n","from course_lib.retrieval.dense import DenseRetriever, SentenceRetriever, embed\n","from course_lib.retrieval.dense import DenseRetriever, SentenceRetriever\n"):
        if a in t: t=t.replace(a,a.replace(', SentenceRetriever','')+"from course_lib.retrieval.fusion import SentenceRetriever\n")
    f.write_text(t)
for p in ['evaluation/schema_target','experiments/nb14_ladder']:
    shutil.copy(NEXT/f'course_lib/{p}.py',S1/f'course_lib/{p}.py')
print('built')
