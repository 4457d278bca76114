"""Keep the rows of each part of a long experiment as soon as it is done; an interrupted run goes on from there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from course_lib.errors import DataError
from course_lib.experiments.registry import get_experiment
from course_lib.experiments.store import digests
from course_lib.files import digest_of, read_json, write_json
from course_lib.settings import Settings

Rows = list[dict[str, Any]]


class Kept:
    """The finished parts of one experiment, in the cache; parts made from other files or code do not count."""

    def __init__(self, name: str, settings: Settings, say: Callable[[str], None]):
        """Look where the parts of an experiment are kept.

        Args:
            name: name of the experiment.
            settings: where the cache is.
            say: called with a line for each part.

        Raises:
            DataError: there is no such experiment, or a file that it uses is missing.
        """
        made_with = digest_of(digests(get_experiment(name), settings))
        self.folder: Path = settings.cache / "experiments" / f"{name}-{made_with}"
        self.say = say

    def rows(self, part: str, make: Callable[[], Rows]) -> Rows:
        """Return the rows of a part: from the cache, or made now and kept; a damaged part is made again.

        Args:
            part: its name, different from that of every other part.
            make: makes the rows, plain JSON values.
        """
        path = self.folder / f"{digest_of(part)}.json"
        if path.exists():
            if (kept := _whole(path)) is not None:
                self.say(f"{part}: kept from an earlier run")
                return kept
            self.say(f"{part}: what an earlier run kept is damaged, so it is measured again")
        rows = make()
        write_json(path, {"part": part, "rows": rows, "digest": _digest(rows)})
        self.say(f"{part}: done")
        return rows


def _whole(path: Path) -> Rows | None:
    """Return the rows of a file; None if a single bit of them differs from what was written."""
    try:
        kept = read_json(path)
    except DataError:
        return None
    if not isinstance(kept, dict) or "rows" not in kept or kept.get("digest") != _digest(kept["rows"]):
        return None
    return kept["rows"]


def _digest(rows: Rows) -> str:
    return digest_of(json.loads(json.dumps(rows)))  # as they are read: keys that were numbers have become text
