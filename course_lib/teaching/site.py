"""Write the source of the web edition: ``python -m course_lib.teaching.site build/site-source``.

Sphinx builds the pages from it (``make site``). Notebooks come with their outputs; solutions are folded; links to cells
and pages become links of the site, so that Sphinx finds the broken ones.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from course_lib.errors import CourseError
from course_lib.evaluation.readme import readme_scoreboard
from course_lib.files import iter_files, read_json
from course_lib.settings import ROOT, Settings, load_settings
from course_lib.teaching.ledger import load_ledger, load_rows
from course_lib.teaching.ledger_page import bound_cells, page_text
from course_lib.teaching.own_files import write_own_files
from course_lib.teaching.site_links import anchors_of, headings_of, site_links, target, without_dead_links

PICTURES = ("scoreboard.png", "causes.png")

Cell = dict[str, Any]


def site_files(settings: Settings, root: Path = ROOT) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of each file of the site's source.

    Raises:
        DataError: a notebook, a page or a results file is missing or broken.
    """
    for path in sorted((root / "site").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(root / "site").as_posix(), path.read_bytes()
    books = {path.stem for path in iter_files(root / "notebooks", ".ipynb")}
    for path in iter_files(root / "notebooks", ".ipynb"):
        book = site_notebook(path.stem, read_json(path), books)
        yield f"notebooks/{path.name}", json.dumps(book, ensure_ascii=False).encode()
    claims = page_text(load_ledger(settings.data), load_rows(settings.data), bound_cells(root / "notebooks"))
    results = settings.data / "results"
    board = readme_scoreboard(read_json(results / "scoreboard.json"), read_json(results / "causes.json"))
    pages = {
        "claims.md": claims,
        "scoreboard.md": f"# Scoreboard\n\nEach assistant answers the whole frozen test set.\n\n{board}",
        "datasheet.md": (root / "data" / "DATASHEET.md").read_text(encoding="utf-8"),
        "instructors.md": (root / "INSTRUCTORS.md").read_text(encoding="utf-8"),
        "hub.md": _hub_page(root / "workshop" / "hub"),
    }
    for name, text in pages.items():
        yield name, site_links(text, books).replace("](data/results/", "](").encode()
    for name in PICTURES:
        yield name, (results / name).read_bytes()


def _hub_page(folder: Path) -> str:
    values = (folder / "values.yaml").read_text(encoding="utf-8")
    return f"{(folder / 'README.md').read_text(encoding='utf-8')}\n## values.yaml\n\n```yaml\n{values}```\n"


def site_notebook(name: str, book: dict[str, Any], books: Collection[str]) -> dict[str, Any]:
    """Return a notebook for the site: every cell can be linked, solutions are folded, pictures have their text.

    Args:
        name: file name without suffix.
        book: the notebook as JSON.
        books: names of all notebooks of the site.
    """
    headings, anchors = headings_of(name, book["cells"]), anchors_of(book["cells"])
    cells = []
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            cells += _code_cells(name, cell, anchors)
        else:
            text = site_links("".join(cell["source"]), books, headings)
            cells.append({**cell, "source": _mark(name, cell) + text})
    return {**book, "cells": cells}


def _mark(name: str, cell: Cell) -> str:
    return f"({target(name, cell['id'])})=\n"


def _code_cells(name: str, cell: Cell, anchors: Collection[str]) -> list[Cell]:
    """Return a code cell behind an empty one that carries its anchor."""
    metadata = dict(cell["metadata"])
    settings: dict[str, Any] = {}
    if "solution" in metadata.get("tags", []):
        metadata["tags"] = [*metadata["tags"], "hide-input"]
        settings |= {"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
    if alt := _picture_text(cell):
        settings["image"] = {"alt": alt}
    anchor = {"cell_type": "markdown", "id": f"{cell['id']}-at"[:64], "metadata": {}, "source": _mark(name, cell)}
    outputs = [without_dead_links(output, anchors) for output in cell["outputs"]]
    metadata |= {"mystnb": settings} if settings else {}
    return [anchor, {**cell, "source": "".join(cell["source"]), "metadata": metadata, "outputs": outputs}]


def _picture_text(cell: Cell) -> str:
    found = [output.get("metadata", {}).get("image/png", {}).get("alt", "") for output in cell["outputs"]]
    return next(filter(None, found), "")


def main(arguments: Sequence[str]) -> int:
    """Write the source into the folder named, or into ``build/site-source``."""
    folder = Path(arguments[0] if arguments else "build/site-source")
    counts = write_own_files(folder, dict(site_files(load_settings())), remedy="Name another folder.")
    print(f"{folder}: " + ", ".join(f"{count} files {what}" for what, count in counts.items()))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CourseError as failure:
        sys.exit(f"Error: {failure}")
