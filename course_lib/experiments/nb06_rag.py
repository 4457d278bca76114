"""Ask the untrained reader at three dates, from an index that is replaced, appended to, or appended to with dates."""

from __future__ import annotations

from course_lib.assistants.rag import Rag
from course_lib.experiments.nb06_index import Say, run_indexes
from course_lib.experiments.resume import Rows
from course_lib.experiments.sources import SITE_DATA
from course_lib.models.chat import load_chat
from course_lib.settings import Settings

NAME = "nb06_rag"
USES = SITE_DATA


def run(settings: Settings, say: Say) -> Rows:
    """Return one row for each kind of index (``arm``), date and question."""
    return run_indexes(NAME, Rag(load_chat(settings), None), settings, say)
