"""Changes of code that left rows as they were: seen where experiments were measured again, accepted for the others."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from course_lib.errors import DataError
from course_lib.files import read_json, write_json
from course_lib.results import results_locked
from course_lib.settings import Settings

WITNESSES = 3  # experiments that a change must leave as they were, or all that depend on it where these are fewer
_CLOCK = ("ms", "seconds")
_LAST_DIGITS = 5e-4


@dataclass
class Change:
    """One module, changed from one text to another.

    Attributes:
        path: the module.
        was: digest of its code before; None where an experiment did not use it.
        now: digest of its code after; None where an experiment no longer uses it.
        dependents: how many experiments depend on the module.
        same: experiments that gave the same rows with both.
        other: experiments that gave other rows, with this change among those of their code.
    """

    path: str
    was: str | None
    now: str | None
    dependents: int
    same: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        """Whether enough experiments saw the change, and none gave other rows."""
        return len(self.same) >= min(WITNESSES, self.dependents) and not self.other


class Changes:
    """The changes on record."""

    def __init__(self, changes: Iterable[Change] = ()):
        """Set up from changes."""
        self.changes = list(changes)

    def accept(self, path: str, then: str | None, now: str | None) -> bool:
        """Tell whether accepted changes lead from one digest of a module to the other, through any number of steps."""
        reached, waiting = {then}, [then]
        while waiting:
            at = waiting.pop()
            for change in self.changes:
                if (change.path, change.was) == (path, at) and change.accepted and change.now not in reached:
                    reached.add(change.now)
                    waiting.append(change.now)
        return now in reached

    def lacking(self, path: str, then: str | None, now: str | None, dependents: int) -> int:
        """Return how many more experiments have to see a change; 0 for one that was seen to alter rows."""
        change = self._find(path, then, now) or Change(path, then, now, dependents)
        return 0 if change.other else max(0, min(WITNESSES, dependents) - len(change.same))

    def see(self, name: str, path: str, then: str | None, now: str | None, dependents: int, same: bool) -> None:
        """Record that an experiment was measured before and after a change."""
        change = self._find(path, then, now)
        if change is None:
            change = Change(path, then, now, dependents)
            self.changes.append(change)
        change.dependents = dependents
        for names, holds in ((change.same, same), (change.other, not same)):  # the last measurement counts
            if holds and name not in names:
                names.append(name)
            elif not holds and name in names:
                names.remove(name)

    def _find(self, path: str, then: str | None, now: str | None) -> Change | None:
        wanted = (path, then, now)
        return next((change for change in self.changes if (change.path, change.was, change.now) == wanted), None)


def changed_paths(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return the paths whose digests differ, or which only one of the two has."""
    return sorted(path for path in {**then, **now} if then.get(path) != now.get(path))


def code_changes(then: Mapping[str, str], now: Mapping[str, str]) -> list[tuple[str, str | None, str | None]]:
    """Return the changes of shared code between two measurements as path, digest before and digest after.

    There are none where the experiment's data or its own module changed too: other rows would then be no surprise.
    """
    paths = changed_paths(then, now)
    if any(path.startswith(("data/", "course_lib/experiments/")) for path in paths):
        return []
    return [(path, then.get(path), now.get(path)) for path in paths]


def same_rows(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> bool:
    """Tell whether two measurements agree in all but what a clock gave and in the last digits of real numbers.

    Another order of additions moves a confidence by a few hundred-thousandths; one answer more of a thousand moves a
    share by twice what is let pass.
    """
    return _alike([_without_clock(row) for row in before], [_without_clock(row) for row in after])


def _without_clock(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key.split("_")[0] not in _CLOCK}


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, float) or isinstance(other, float):
        numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (one, other))
        return numbers and math.isclose(one, other, rel_tol=0, abs_tol=_LAST_DIGITS)
    return type(one) is type(other) and one == other


def load_changes(settings: Settings) -> Changes:
    """Return the changes on record; none where there is no record yet.

    Raises:
        DataError: the record is damaged.
    """
    path = _file(settings)
    try:
        return Changes(Change(**row) for row in read_json(path)) if path.exists() else Changes()
    except TypeError as error:
        raise DataError(f"{path} is not what experiments write.", "Restore it with `git checkout`.") from error


def witness(
    name: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    count_dependents: Callable[[], Mapping[str, int]],
    settings: Settings,
) -> None:
    """Record what an experiment that was measured again says of the code that changed since it was last measured.

    Args:
        name: name of the experiment.
        before: what was stored before, with ``rows`` and ``made_with``.
        after: what is stored now.
        count_dependents: tells how many experiments depend on each module; asked only where code has changed.
        settings: where the results are.
    """
    steps = code_changes(before["made_with"], after["made_with"])
    if not steps:
        return
    same, dependents = same_rows(before["rows"], after["rows"]), count_dependents()
    with results_locked(settings):
        changes = load_changes(settings)
        for step in steps:
            changes.see(name, *step, dependents.get(step[0], 0), same)
        ordered = sorted(changes.changes, key=lambda change: (change.path, change.was or "", change.now or ""))
        write_json(_file(settings), [asdict(change) for change in ordered])


def _file(settings: Settings) -> Path:
    return settings.data / "results" / "confirmed.json"
