"""Find the files of a folder, whatever is in it: nothing is followed out of it, and nothing is passed over unsaid."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from course_lib.own_documents.pages import one_line


@dataclass(frozen=True)
class Rejection:
    """A file, a folder or a part of a file that was left out.

    Attributes:
        path: its place below the documents' folder, with ``/`` between folders and hidden characters as codes.
        reason: why, in one sentence.
        remedy: what to do about it, in one sentence.
    """

    path: str
    reason: str
    remedy: str


@dataclass(frozen=True)
class Found:
    """A regular file below the documents' folder.

    Attributes:
        path: where to open it.
        name: its place below the folder, as in :class:`Rejection`.
        size: bytes.
    """

    path: Path
    name: str
    size: int


def walk(root: Path, skip: Path | None = None) -> Iterator[Found | Rejection]:
    """Yield every file below a folder in name order, and a rejection for whatever is not one.

    Args:
        root: an existing folder.
        skip: a folder that is not entered, because this program writes into it.
    """
    root = root.resolve()
    skip = skip.resolve() if skip else None
    waiting = [root]  # a stack instead of recursion: folders may be nested deeper than Python may recurse
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield Rejection(_name(folder, root), f"The folder cannot be listed: {error.strerror}.", "Check its rights.")
            continue
        if not entries:
            yield Rejection(_name(folder, root), "The folder is empty.", "Nothing to do, unless files are missing.")
        inside = []
        for entry in entries:
            item = _entry(entry, root, skip)
            if isinstance(item, Path):
                inside.append(item)
            else:
                yield item
        waiting += reversed(inside)


def _entry(entry: os.DirEntry, root: Path, skip: Path | None) -> Found | Rejection | Path:
    path = Path(entry.path)
    name = _name(path, root)
    try:
        if entry.is_symlink():
            return _link(path, name, root)
        if skip and path == skip:
            return Rejection(name, "It is where this report is written.", "Choose --out outside of the documents.")
        if entry.name.startswith("."):
            return Rejection(name, "It is hidden: its name begins with a dot.", "Rename it if it holds documents.")
        status = entry.stat(follow_symlinks=False)
    except (OSError, RuntimeError) as error:  # RuntimeError: a link that leads to itself
        return Rejection(name, f"It cannot be looked at: {error}", "Check its rights and where it points.")
    if stat.S_ISDIR(status.st_mode):
        return path
    if not stat.S_ISREG(status.st_mode):
        return Rejection(name, "It is a device, a pipe or a socket, not a file.", "Take it away.")
    return Found(path, name, status.st_size)


def _link(path: Path, name: str, root: Path) -> Rejection:
    target = path.resolve()
    if not target.exists():
        return Rejection(name, "It is a link to something that does not exist.", "Mend the link or take it away.")
    if root == target or root in target.parents:
        return Rejection(name, "It is a link to another place in this folder.", "Nothing: it is read in that place.")
    return Rejection(name, "It is a link that leads out of the folder.", "Copy what it points to into the folder.")


def _name(path: Path, root: Path) -> str:
    """Return a place as text that can be shown: bytes of a name that are no UTF-8 are written as codes."""
    name = "." if path == root else path.relative_to(root).as_posix()
    return one_line(os.fsencode(name).decode("utf-8", "backslashreplace"))
