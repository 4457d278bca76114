"""A small folder as people have them: readable pages in five formats, and files that nothing can be read from."""

from __future__ import annotations

import shutil
from pathlib import Path

EXAMPLE = Path("own_documents_example")  # below the course's data: readable documents, and questions about them
OLD_ENCODING = "latin-1"
CLEANING = (
    "Cleaning\n\nBring a tool back clean. If we have to clean it, you pay $8. Ask for oil at the caf\u00e9 corner.\n"
)
TRAILER = "Trailer\n\nYou may take the trailer up to 60 miles from the desk. It carries 500 kg.\n"


def example_questions(data: Path) -> Path:
    """Return the file with questions, answers and sources."""
    return data / EXAMPLE / "questions.csv"


def make_example(data: Path, folder: Path) -> Path:
    """Copy the example's documents into a folder, spoil it as time does, and return it.

    Args:
        data: the course's data.
        folder: where to write; what is there already is replaced.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(data / EXAMPLE / "documents", folder)
    (folder / "minutes").mkdir()
    shutil.copy(folder / "tools" / "batteries.md", folder / "notes" / "batteries (copy).md")
    spoiled = {
        "notes/cleaning.txt": CLEANING.encode(OLD_ENCODING),
        "notes/to-do.md": b"\n",
        "logo.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        "tools/catalog.xlsx": b"PK\x03\x04\x14\0\0\0",
    }
    for name, content in spoiled.items():
        (folder / name).write_bytes(content)
    return folder


def mend_example(folder: Path) -> None:
    """Do for two files what a person would: save one in UTF-8, and type what a scan shows."""
    text = (folder / "notes" / "cleaning.txt").read_bytes().decode(OLD_ENCODING)
    (folder / "notes" / "cleaning.txt").write_text(text, encoding="utf-8")
    (folder / "scans" / "trailer.txt").write_text(TRAILER, encoding="utf-8")
