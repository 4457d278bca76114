"""Choose a workflow and its arguments: prompts, constrained decoding and an adapter, on the test split."""

from __future__ import annotations

from course_lib.experiments.nb05_arms import Say, adapter_files, compare_arms
from course_lib.experiments.resume import Rows
from course_lib.settings import Settings
from course_lib.training.ticket_targets import ticket_target

NAME = "nb05_workflow"
USES = (*adapter_files("workflow"), "data/tickets/workflow_choice.jsonl", "data/tickets/workflows.json")


def run(settings: Settings, say: Say) -> Rows:
    """Return one row for each arm and test item, as :func:`nb05_arms.row_of` says."""
    return compare_arms(NAME, ticket_target("workflow", settings), settings, say)
