"""Answer in the house format: prompts, constrained decoding and the reading adapter, on test questions."""

from __future__ import annotations

from course_lib.evaluation.schema_target import schema_target
from course_lib.experiments.nb05_arms import Say, compare_arms
from course_lib.experiments.nb05_slices import with_fewer_tests
from course_lib.experiments.resume import Rows
from course_lib.experiments.sources import READING_ADAPTER, SITE_DATA
from course_lib.settings import Settings

NAME = "nb05_schema"
USES = (*SITE_DATA, *READING_ADAPTER, "data/train/sites.jsonl")
ASKED = 48


def run(settings: Settings, say: Say) -> Rows:
    """Return one row for each arm and ``ASKED`` questions, as :func:`nb05_arms.row_of` says.

    The passages shown always hold the answer, if there is one, so that only reading and form are measured.
    """
    return compare_arms(NAME, with_fewer_tests(schema_target(settings), ASKED, settings), settings, say)
