"""The same update with half as many unchanged facts mixed in, to keep what was known."""

from __future__ import annotations

import random
from collections.abc import Callable

from course_lib.experiments.nb06_shared import (
    CLOSED_BOOK,
    WORDINGS,
    changed_facts,
    taught,
    taught_facts,
    unchanged_facts,
)
from course_lib.experiments.nb06_tuned import SHIPPED, updated
from course_lib.experiments.resume import Kept, Rows
from course_lib.experiments.sources import SITE_DATA
from course_lib.knowledge.snapshots import snapshot_dates
from course_lib.settings import Settings

NAME = "nb06_replay"
USES = (*SITE_DATA, *CLOSED_BOOK, WORDINGS)
REPLAYED = "trained twice, with replay"


def run(settings: Settings, say: Callable[[str], None]) -> Rows:
    """Return one row for the training and one for each question, as ``nb06_tuned`` does.

    Every changed fact is seen as often as there; the unchanged facts come on top, and so do their steps.
    """
    kept, facts = Kept(NAME, settings, say), taught_facts(settings)
    first, second, _ = snapshot_dates(settings.data)
    changed, same = changed_facts(facts, first, second), unchanged_facts(facts, first, second)
    some = random.Random(settings.seed).sample(list(same), min(len(same), len(changed) // 2))
    mixed = {name: fact for name, fact in facts.items() if name in changed or name in some}
    talks, start = taught(settings, mixed, second), settings.data / "adapters" / SHIPPED
    return kept.rows(
        REPLAYED, lambda: updated(REPLAYED, talks, len(mixed), start, kept.folder / REPLAYED, settings, say)
    )
