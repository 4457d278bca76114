"""Swap, ablation, decoy and placebo: does rag's answer come from the passage that it cites?"""

from __future__ import annotations

from course_lib.experiments.nb04_probing import Say, run_probes
from course_lib.settings import Settings

NAME = "nb04_causal_rag"
USES = (
    "data/eval/gold.jsonl",
    "data/eval/queries.jsonl",
    "data/facts.jsonl",
    "data/kb",
    "course_lib/assistants/parsing.py",
    "course_lib/assistants/rag.py",
    "course_lib/evaluation/causal.py",
    "course_lib/evaluation/matching.py",
    "course_lib/experiments/nb04_probing.py",
    "course_lib/knowledge/chunking.py",
    "course_lib/models/prompts.py",
    "course_lib/retrieval/fusion.py",
    "course_lib/training/random_values.py",
)
QUESTIONS = 24  # each asked up to five times: 120 answers, about 3 minutes on two processor cores


def run(settings: Settings, say: Say) -> list[dict]:
    """Return one row for each question as retrieved, and one for each test of an answer that looks perfect."""
    return run_probes("rag", QUESTIONS, settings, say)
