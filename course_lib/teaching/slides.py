"""Slides from the notebooks: one HTML file for each, with everything in it, so that it can be shown without a network.

What is for the room stays on the slide: headings, lists, tables, predictions, code and outputs. Running text goes to
the speaker's notes. Solutions, checks of exercises and the set-up cell are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

from course_lib.errors import CourseError, DataError
from course_lib.files import iter_files, read_json
from course_lib.settings import ROOT
from course_lib.teaching.own_files import write_own_files
from course_lib.teaching.slide_text import HEADING, parts_of, split_notes

_LEFT_OUT = {"solution", "check"}

Cell = dict[str, Any]


def write_slides(target: Path, names: Sequence[str] = (), notebooks: Path = ROOT / "notebooks") -> list[str]:
    """Write the slides of the notebooks, and a page that lists them, into a folder.

    Args:
        target: the folder; files in it that were not made by this command stop it.
        names: notebooks by name without suffix; all if none is named.
        notebooks: the folder of the notebooks.

    Returns:
        The names of the notebooks.

    Raises:
        DataError: there is no such notebook, or one cannot be read.
        CourseError: a file is in the way, or nbconvert is not installed.
    """
    known = {path.stem: path for path in iter_files(notebooks, ".ipynb")}
    if unknown := [name for name in names if name not in known]:
        raise DataError(f"There is no notebook {unknown[0]!r}.", f"Use one of {', '.join(known)}.")
    chosen = list(names or known)
    books = {name: read_json(known[name]) for name in chosen}
    files = {f"{name}.html": deck(book).encode() for name, book in books.items()}
    links = [f'<li><a href="{name}.html">{escape(title_of(book))}</a></li>' for name, book in books.items()]
    files["index.html"] = _INDEX.format("\n".join(links)).encode()
    write_own_files(target, files, remedy="Choose another folder with --to.")
    return chosen


_INDEX = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Slides</title>
<style>body {{ font: 18px/1.6 system-ui, sans-serif; margin: 2em; color-scheme: light dark }}</style>
</head><body><h1>Slides</h1><ul>
{}
</ul></body></html>
"""


def deck(book: dict[str, Any]) -> str:
    """Return the slides of a notebook as one HTML page that loads nothing.

    Raises:
        CourseError: nbconvert is not installed.
    """
    try:
        import nbformat
        from nbconvert import HTMLExporter
    except ModuleNotFoundError as error:
        raise CourseError(f"{error.name} is not installed.", "Run `make course`.") from error
    cells = [cell for slide in slides_of(book["cells"]) for cell in slide]
    metadata = {**book["metadata"], "title": title_of(book)}
    # Reading it as a file joins the lines of texts that notebooks keep as lists.
    notebook = nbformat.reads(json.dumps({**book, "metadata": metadata, "cells": cells}), as_version=4)
    exporter = HTMLExporter(template_name="deck", extra_template_basedirs=[str(Path(__file__).parent)])
    return exporter.from_notebook_node(notebook)[0]


def title_of(book: dict[str, Any]) -> str:
    """Return the first heading of a notebook."""
    text = "\n".join("".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "markdown")
    heading = HEADING.search(text)
    return heading.group(2) if heading else "Slides"


def slides_of(cells: Sequence[Cell]) -> Iterator[list[Cell]]:
    """Yield the cells of each slide: every heading and every quiz question starts one, and so does every code cell."""
    above, seen_code = "", False
    for cell in cells:
        if cell["cell_type"] == "markdown":
            for number, part in enumerate(parts_of("".join(cell["source"]))):
                heading = HEADING.search(part)
                above = heading.group(2) if heading else above
                yield [_text_cell(f"{cell['id']}-{number}", part, above, "" if heading else above)]
        elif cell["cell_type"] == "code":
            set_up, seen_code = not seen_code, True
            if not set_up and not _LEFT_OUT & set(cell["metadata"].get("tags", [])):
                marks = {"slide_start": True, "slide_end": True, "slide_title": above, "slide_above": above}
                yield [{**cell, "source": "".join(cell["source"]), "metadata": {**cell["metadata"], **marks}}]


def _text_cell(name: str, text: str, title: str, above: str) -> Cell:
    shown, notes = split_notes(text)
    marks = {"slide_start": True, "slide_end": True, "slide_title": title, "slide_above": above, "slide_notes": notes}
    return {"cell_type": "markdown", "id": name, "metadata": marks, "source": shown}
