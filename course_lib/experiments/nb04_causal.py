"""Swap, ablation, decoy and placebo: does the hybrid's answer come from the passage that it cites?"""

from __future__ import annotations

from course_lib.experiments.nb04_probing import Say, run_probes
from course_lib.experiments.sources import READING_ADAPTER, SITE_DATA
from course_lib.settings import Settings

NAME = "nb04_causal"
USES = (*SITE_DATA, *READING_ADAPTER)
QUESTIONS = 80  # each asked up to five times


def run(settings: Settings, say: Say) -> list[dict]:
    """Return one row for each question as retrieved, and one for each test of an answer that looks perfect."""
    return run_probes("hybrid", QUESTIONS, settings, say)
