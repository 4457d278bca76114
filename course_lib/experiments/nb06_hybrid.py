"""Ask the hybrid at three dates, from an index that is replaced, appended to, or appended to with dates."""

from __future__ import annotations

from course_lib.assistants.hybrid import Hybrid
from course_lib.experiments.nb06_index import Say, run_indexes
from course_lib.experiments.resume import Rows
from course_lib.experiments.sources import READING_ADAPTER, SITE_DATA
from course_lib.models.chat import load_chat
from course_lib.settings import Settings

NAME = "nb06_hybrid"
USES = (*SITE_DATA, *READING_ADAPTER)


def run(settings: Settings, say: Say) -> Rows:
    """Return one row for each kind of index (``arm``), date and question."""
    chat = load_chat(settings)
    chat.load_adapter("reading", settings.data / "adapters" / "reading")
    return run_indexes(NAME, Hybrid(chat, None), settings, say)
