"""Links of the repository's pages and notebooks, turned into links of the web edition."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

PAGES = {  # what a link of the course's own pages becomes
    "README.md": "index.md",
    "INSTRUCTORS.md": "instructors.md",
    "data/DATASHEET.md": "datasheet.md",
    "data/results/CLAIMS.md": "claims.md",
    "workshop/hub/README.md": "hub.md",
}
_LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\((?!https?://|mailto:)([^()\s]+)\)")
_BOOK = re.compile(r"(?:\.\./)*(?:notebooks/)?([\w-]+)\.ipynb(?:#cell-id=([\w-]+))?")
_FENCE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
_PASSAGE_LINK = re.compile(r' href="#([\w-]+)"')
_ID = re.compile(r'\bid="([\w-]+)"')

Cell = dict[str, Any]


def target(notebook: str, cell: str) -> str:
    """Return the name under which a cell can be linked from every page."""
    return f"{notebook}-{cell}".lower()


def site_links(text: str, books: Collection[str], headings: Mapping[str, str] | None = None) -> str:
    """Return a Markdown text whose links lead to pages of the site; a link to anything else becomes plain text.

    Args:
        text: a page of the repository, or the text of a cell.
        books: names of the notebooks of the site.
        headings: for a cell, where the headings of its notebook are, by the name that JupyterLab gives them.
    """

    def replaced(match: re.Match[str]) -> str:
        label, address = match.groups()
        if book := _BOOK.fullmatch(address):
            name, cell = book.groups()
            goal = f"#{target(name, cell)}" if cell else f"/notebooks/{name}.ipynb"
            return f"[{label}]({goal})" if name in books else label
        if address.startswith("#"):
            goal = (headings or {}).get(address[1:])
            return f"[{label}](#{goal})" if goal else label
        return f"[{label}](/{PAGES[address]})" if address in PAGES else label

    parts = _FENCE.split(text)
    return "".join(part if part.startswith("```") else _LINK.sub(replaced, part) for part in parts)


def headings_of(name: str, cells: Sequence[Cell]) -> dict[str, str]:
    """Return the target of the cell of each heading, by the name that JupyterLab gives the heading."""
    return {
        heading.replace(" ", "-"): target(name, cell["id"])
        for cell in cells
        if cell["cell_type"] == "markdown"
        for heading in _HEADING.findall("".join(cell["source"]))
    }


def anchors_of(cells: Sequence[Cell]) -> set[str]:
    """Return the ids inside the outputs of a notebook, such as those of passages."""
    return {anchor for cell in cells for output in cell.get("outputs", []) for anchor in _ID.findall(_html(output))}


def without_dead_links(output: dict[str, Any], anchors: Collection[str]) -> dict[str, Any]:
    """Return an output in which a citation of a passage that the notebook does not show is no link."""
    html = _html(output)
    if not html:
        return output
    kept = _PASSAGE_LINK.sub(lambda match: match.group() if match.group(1) in anchors else "", html)
    return {**output, "data": {**output["data"], "text/html": kept}}


def _html(output: dict[str, Any]) -> str:
    return "".join(output.get("data", {}).get("text/html", ""))
