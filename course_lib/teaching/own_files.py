"""Write a folder of generated files again and again, and never touch a file in it that somebody else made."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.files import read_json, sha256_of, write_atomic, write_json

MANIFEST = ".generated.json"
_SHOWN = 5


def write_own_files(target: Path, files: Mapping[str, bytes], remedy: str) -> dict[str, int]:
    """Make a folder hold these files, and remove those of an earlier run that are no longer among them.

    A file is ours if its content is what an earlier run wrote, or what this run would write. Nothing is written
    if a file is in the way that is not ours.

    Args:
        target: the folder.
        files: content by path, with ``/`` between folders.
        remedy: what to do if a file is in the way.

    Returns:
        How many files were ``written``, ``unchanged`` and ``removed``.

    Raises:
        CourseError: a file or folder is in the way, or the folder cannot be written.
    """
    earlier = read_json(target / MANIFEST) if (target / MANIFEST).is_file() else {}
    if not isinstance(earlier, dict):
        raise CourseError(f"{target / MANIFEST} is damaged.", remedy)
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    found = {name: _digest(target / name) for name in {*digests, *earlier}}
    foreign = [name for name in sorted(digests) if found[name] not in (None, digests[name], earlier.get(name))]
    if foreign:
        more = f" and {len(foreign) - _SHOWN} more" if len(foreign) > _SHOWN else ""
        raise CourseError(
            f"{target} has files that were not made by this command, or were changed since: "
            f"{', '.join(foreign[:_SHOWN])}{more}.",
            remedy,
        )
    changed = [name for name in files if found[name] != digests[name]]
    for name in changed:
        write_atomic(target / name, files[name])
    gone = [name for name in earlier if name not in files and found[name] == earlier[name]]
    for name in gone:
        (target / name).unlink()
    write_json(target / MANIFEST, digests)
    return {"written": len(changed), "unchanged": len(files) - len(changed), "removed": len(gone)}


def _digest(path: Path) -> str | None:
    """Return what is at a path: None if nothing, a digest of a file, or ``folder``."""
    if path.is_file():
        return sha256_of(path)
    return "folder" if path.exists() else None
