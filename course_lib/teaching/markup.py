"""Turn text that nobody vouches for into HTML and plain text that can be read but cannot act.

A notebook runs the scripts of whatever HTML or Markdown it shows, so every text of a model or a document is
escaped here. Each view is built twice: as HTML, and as the plain text that people see where there is no HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from course_lib.knowledge.chunking import Passage
from course_lib.retrieval.base import Hit
from course_lib.visible import visible as with_codes

# Without the classes, JupyterLab would set "$69 or $74" as mathematics.
_BOX = (
    '<div class="tex2jax_ignore mathjax_ignore" style="max-width:60em;margin:4px 0;padding:2px 10px;'
    'border-left:4px solid var(--jp-border-color1,#8888)">{}</div>'
)
_MARK = '<mark style="background:#F0E442;color:#000000">{}</mark>'
_CELL = "padding:2px 10px;vertical-align:top;white-space:pre-wrap;text-align:{}"


class View(NamedTuple):
    """One thing to show, as HTML and as plain text."""

    html: str
    plain: str


def visible(text: object) -> str:
    """Return a text in which characters that cannot be seen are written as codes; Windows line ends are line ends."""
    return with_codes(str(text).replace("\r\n", "\n"))


def safe(text: object) -> str:
    """Return a text as HTML that shows it literally, in element content and in quoted attributes."""
    return escape(visible(text), quote=True)


def anchor(passage_id: str) -> str:
    """Return the HTML id of a passage, its own, made of letters, digits, hyphens and underscores only."""
    return "passage-" + re.sub(r"[^A-Za-z0-9-]", lambda match: f"_{ord(match.group()):x}_", passage_id)


def marked(text: str, values: Sequence[str]) -> str:
    """Return a text as HTML in which the values are highlighted."""
    return "".join(_MARK.format(safe(piece)) if found else safe(piece) for piece, found in _split(text, values))


def _split(text: str, values: Sequence[str]) -> Iterable[tuple[str, bool]]:
    """Yield the pieces of a text and whether each is one of the values; ``$4`` is not in ``$45``."""
    forms = sorted((re.escape(value) for value in values if value), key=len, reverse=True)
    pattern = rf"(?<![\w$.])({'|'.join(forms)})(?![\w%]|[.,]\d)"
    pieces = re.split(pattern, text, flags=re.IGNORECASE) if forms else [text]
    return ((piece, index % 2 == 1) for index, piece in enumerate(pieces))


def boxed(html: str) -> str:
    """Return HTML that is already escaped inside the frame that all views share."""
    return _BOX.format(html)


def text_view(text: str) -> View:
    """Show one text literally."""
    return View(boxed(f'<div style="white-space:pre-wrap">{safe(text)}</div>'), visible(text))


def passages_view(shown: Iterable[Hit | Passage], values: Sequence[str] = ()) -> View:
    """Show passages under their ids and headings, with scores where they have one.

    Args:
        shown: passages, or hits with their scores.
        values: what to highlight, such as the values that a right answer states.
    """
    html, plain = [], []
    for item in shown:
        passage, score = (item.passage, f"score {item.score:.2f}") if isinstance(item, Hit) else (item, "")
        head = f"<b>{safe(passage.id)}</b> {safe(passage.heading)} <i>{score}</i>"
        html.append(
            boxed(
                f'<div id="{anchor(passage.id)}">{head}</div>'
                f'<div style="white-space:pre-wrap">{marked(passage.text, values)}</div>'
            )
        )
        pieces = [(visible(piece), found) for piece, found in _split(passage.text, values)]
        body = "".join(f">>{piece}<<" if found else piece for piece, found in pieces)
        plain.append(f"[{visible(passage.id)}] {visible(passage.heading)}  {score}".rstrip() + f"\n{body}")
    return View("".join(html) or boxed("No passages."), "\n\n".join(plain) or "No passages.")


def table_view(rows: Iterable[Sequence[object]], columns: Sequence[str]) -> View:
    """Show rows under column names; columns of numbers to the right, a missing value (None) as a dash."""
    rows = [list(row) for row in rows]
    numeric = [bool(rows) and all(_is_number(row[place]) for row in rows) for place in range(len(columns))]
    sides = ["right" if numbers else "left" for numbers in numeric]
    cells = [["-" if value is None else visible(value) for value in row] for row in rows]
    body = "".join(_row("td", row, sides) for row in cells)
    html = (
        f'<table style="border-collapse:collapse"><thead>{_row("th", columns, sides)}</thead>'
        f"<tbody>{body}</tbody></table>"
    )
    return View(boxed(html), _aligned([[visible(name) for name in columns], *cells], sides))


def _is_number(value: object) -> bool:
    return value is None or isinstance(value, (int, float)) and not isinstance(value, bool)


def _row(tag: str, texts: Sequence[str], sides: Sequence[str]) -> str:
    cells = (f'<{tag} style="{_CELL.format(side)}">{safe(text)}</{tag}>' for text, side in zip(texts, sides))
    return f"<tr>{''.join(cells)}</tr>"


def _aligned(grid: list[list[str]], sides: list[str]) -> str:
    """Return a plain-text table; line breaks inside a cell become spaces."""
    grid = [[" ".join(text.split()) for text in row] for row in grid]
    widths = [max(map(len, column)) for column in zip(*grid)]
    lines = [
        "  ".join(
            text.rjust(width) if side == "right" else text.ljust(width) for text, width, side in zip(row, widths, sides)
        )
        for row in grid
    ]
    return "\n".join(line.rstrip() for line in lines)
