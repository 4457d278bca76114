"""Change a results file while other notebooks may be changing it too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock

from course_lib.errors import CourseError
from course_lib.files import digest_of
from course_lib.settings import Settings


@contextmanager
def results_locked(settings: Settings) -> Iterator[None]:
    """Keep other processes away from ``data/results`` between reading a file and writing it again.

    The lock file is in the cache, so that nothing is left among the results.

    Raises:
        CourseError: the cache cannot be written.
    """
    name = digest_of(str((settings.data / "results").resolve()))
    lock = FileLock(settings.cache / f".results-{name}.lock")
    try:
        settings.cache.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except OSError as error:
        raise CourseError(
            f"Cannot write the cache {settings.cache}: {error.strerror or error}.",
            "Free some space, or set COURSE_CACHE to a folder you may write to.",
        ) from error
    try:
        yield
    finally:
        lock.release()
