"""Rewrite replies in the company's voice: prompts, constrained decoding and an adapter, on the test split."""

from __future__ import annotations

from course_lib.experiments.nb05_arms import Say, adapter_files, compare_arms
from course_lib.experiments.nb05_slices import with_fewer_tests
from course_lib.experiments.resume import Rows
from course_lib.settings import Settings
from course_lib.training.ticket_targets import ticket_target

NAME = "nb05_voice"
USES = (*adapter_files("voice"), "data/tickets/voice.jsonl", "data/tickets/voice_guide.json")
ASKED = 50


def run(settings: Settings, say: Say) -> Rows:
    """Return one row for each arm and ``ASKED`` test items, as :func:`nb05_arms.row_of` says.

    ``exact`` means that no rule is broken and every fact is kept; ``share`` is over the rules that have a bearing, and
    the facts; ``valid``, that the pattern of the constrained arms holds: no exclamation mark, and the sign-off.
    """
    return compare_arms(NAME, with_fewer_tests(ticket_target("voice", settings), ASKED, settings), settings, say)
