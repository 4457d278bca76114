"""Generated parts of a Markdown file: what stands between ``<!-- name:begin -->`` and ``<!-- name:end -->``."""

from __future__ import annotations

from pathlib import Path

from course_lib.errors import DataError
from course_lib.files import write_atomic


def replace_section(path: Path, name: str, content: str) -> None:
    """Replace what stands between ``<!-- name:begin -->`` and ``<!-- name:end -->``, in one step.

    Raises:
        DataError: the file is missing, or does not hold each marker once and in order.
    """
    text, start, end = _find_section(path, name)
    write_atomic(path, f"{text[:start]}\n{content}\n{text[end:]}")


def read_section(path: Path, name: str) -> str:
    """Return what stands between a file's two markers; errors as for :func:`replace_section`."""
    text, start, end = _find_section(path, name)
    return text[start:end].strip("\n")


def _find_section(path: Path, name: str) -> tuple[str, int, int]:
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    if not path.is_file():
        raise DataError(f"{path} is missing.", "Restore it with `git checkout`.")
    text = path.read_text(encoding="utf-8")
    first, last = text.find(begin), text.find(end)
    if text.count(begin) != 1 or text.count(end) != 1 or last < first:
        raise DataError(
            f"{path.name} does not have the markers {begin} and {end} once each, in this order.",
            "Put the two lines back, or restore the file with `git checkout`.",
        )
    return text, first + len(begin), last
