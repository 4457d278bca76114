"""What every check of an exercise ends with: it is noted as done, or what is wrong is said, never the answer."""

from __future__ import annotations

from course_lib.teaching.progress import mark_done


def passed(name: str, message: str) -> bool:
    """Note that an exercise is done, and say so; ``00.2`` is exercise 2 of notebook 00."""
    mark_done(name)
    print(f"Right. {message}")
    return True


def not_yet(message: str) -> bool:
    """Say what is missing or wrong."""
    print(f"Not yet: {message}")
    return False
