"""The part of a target's test items that the slow arms answer: the same items in every arm, spread over the groups."""

from __future__ import annotations

from dataclasses import replace

from course_lib.settings import Settings
from course_lib.training.targets import Target, spread


def with_fewer_tests(target: Target, count: int, settings: Settings) -> Target:
    """Return a target that has only some of its test items; which ones, the course's seed decides."""
    return replace(target, items={**target.items, "test": spread(target.items["test"], count, settings.seed)})
