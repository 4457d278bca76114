"""Swap, ablation, decoy and placebo: does the hybrid's answer come from the passage that it cites?"""

from __future__ import annotations

from course_lib.experiments.nb04_probing import Say, run_probes
from course_lib.settings import Settings

NAME = "nb04_causal"
USES = (
    "data/adapters/reading/adapter_model.safetensors",
    "data/eval/gold.jsonl",
    "data/eval/queries.jsonl",
    "data/facts.jsonl",
    "data/kb",
    "course_lib/assistants/hybrid.py",
    "course_lib/assistants/parsing.py",
    "course_lib/assistants/validators.py",
    "course_lib/evaluation/causal.py",
    "course_lib/evaluation/matching.py",
    "course_lib/experiments/nb04_probing.py",
    "course_lib/knowledge/chunking.py",
    "course_lib/models/prompts.py",
    "course_lib/retrieval/fusion.py",
    "course_lib/training/random_values.py",
)
QUESTIONS = 48  # each asked up to five times: 240 answers, about 8 minutes on two processor cores


def run(settings: Settings, say: Say) -> list[dict]:
    """Return one row for each question as retrieved, and one for each test of an answer that looks perfect."""
    return run_probes("hybrid", QUESTIONS, settings, say)
