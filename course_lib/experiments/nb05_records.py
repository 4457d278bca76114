"""Bring messy records into the normal form: prompts, constrained decoding and an adapter, on the test split."""

from __future__ import annotations

from course_lib.experiments.nb05_arms import Say, adapter_files, compare_arms
from course_lib.experiments.nb05_slices import with_fewer_tests
from course_lib.experiments.resume import Rows
from course_lib.settings import Settings
from course_lib.training.ticket_targets import ticket_target

NAME = "nb05_records"
USES = (*adapter_files("records"), "data/tickets/records.jsonl", "data/tickets/record_rules.json")
ASKED = 60


def run(settings: Settings, say: Say) -> Rows:
    """Return one row for each arm and ``ASKED`` test items, as :func:`nb05_arms.row_of` says."""
    return compare_arms(NAME, with_fewer_tests(ticket_target("records", settings), ASKED, settings), settings, say)
