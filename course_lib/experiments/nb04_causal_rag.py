"""Swap, ablation and decoy: does rag's answer come from the one passage that it is shown and cites?"""

from __future__ import annotations

from course_lib.experiments.nb04_probing import Say, run_probes
from course_lib.experiments.sources import SITE_DATA
from course_lib.settings import Settings

NAME = "nb04_causal_rag"
USES = SITE_DATA
QUESTIONS = 96  # each asked up to four times; more than for the hybrid, because fewer answers look perfect


def run(settings: Settings, say: Say) -> list[dict]:
    """Return one row for each question as retrieved, and one for each test of an answer that looks perfect."""
    return run_probes("rag", QUESTIONS, settings, say)
