"""Keep the rows of each part of a long experiment as soon as it is done; an interrupted run goes on from there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

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
        """Return the rows of a part: from the cache, or made now and kept.

        Args:
            part: its name, different from that of every other part.
            make: makes the rows, plain JSON values.
        """
        path = self.folder / f"{digest_of(part)}.json"
        if path.exists():
            self.say(f"{part}: kept from an earlier run")
            return read_json(path)["rows"]
        rows = make()
        write_json(path, {"part": part, "rows": rows})
        self.say(f"{part}: done")
        return rows
