"""Write sections as one HTML file or as Markdown; whatever comes from documents, names or models cannot act."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from course_lib.own_documents.pages import one_line
from course_lib.visible import visible

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1, h2 { line-height: 1.2; }
.lead { border-left: .3rem solid #0072B2; padding-left: .8rem; font-size: 1.1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; min-width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .7rem; border-bottom: 1px solid #8888; }
td { min-width: 5rem; }
"""
# Belt and braces: even if something slipped through the escaping, the page may load and run nothing.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True)
class Table:
    """Rows under column names; None is shown as a dash."""

    columns: tuple[str, ...]
    rows: list[Sequence[object]]


@dataclass(frozen=True)
class Section:
    """A heading with what stands below it.

    Attributes:
        title: the heading.
        paragraphs: shown first.
        items: shown as a list.
        table: shown last.
        lead: whether the paragraphs are the one thing to read.
    """

    title: str
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    table: Table | None = None
    lead: bool = field(default=False)


def as_html(title: str, sections: Sequence[Section]) -> str:
    """Return a page that needs no other file and no network, and can be read on a phone."""
    body = "\n".join(map(_html_section, sections))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{_html(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{_html(title)}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _html(text: object) -> str:
    return escape(visible(text), quote=True)


def _html_section(section: Section) -> str:
    mark = ' class="lead"' if section.lead else ""
    parts = [f"<h2>{_html(section.title)}</h2>"]
    parts += [f"<p{mark}>{_html(text)}</p>" for text in section.paragraphs]
    if section.items:
        parts.append("<ul>" + "".join(f"<li>{_html(text)}</li>" for text in section.items) + "</ul>")
    if section.table:
        head = "".join(f'<th scope="col">{_html(name)}</th>' for name in section.table.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{_html(_cell(cell))}</td>" for cell in row) + "</tr>\n" for row in section.table.rows
        )
        # A region that scrolls has to be reachable from the keyboard.
        region = f'<div class="wide" tabindex="0" role="region" aria-label="{_html(section.title)}">'
        parts.append(f"{region}<table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>")
    return f"<section>{''.join(parts)}</section>"


def as_markdown(title: str, sections: Sequence[Section]) -> str:
    """Return the same as Markdown in which no text from outside is markup."""
    parts = [f"# {_markdown(title)}"]
    for section in sections:
        parts.append(f"## {_markdown(section.title)}")
        parts += [_markdown(text) for text in section.paragraphs]
        if section.items:
            parts.append("\n".join(f"- {_markdown(text)}" for text in section.items))
        if section.table:
            parts.append("\n".join(_markdown_rows(section.table)))
    return "\n\n".join(parts) + "\n"


def _markdown_rows(table: Table) -> list[str]:
    rows = [table.columns, ("---",) * len(table.columns), *table.rows]
    return [
        f"| {' | '.join(str(cell) if number == 1 else _markdown(_cell(cell)) for cell in row)} |"
        for number, row in enumerate(rows)
    ]


def _markdown(text: object) -> str:
    """Return a text on one line, with everything that Markdown or HTML would act on made literal."""
    plain = one_line(" ".join(str(text).split()))
    plain = re.sub(r"([\\`*_\[\]{}()#!|~$])", r"\\\1", plain).replace("&", "&amp;")
    plain = plain.replace("<", "&lt;").replace(">", "&gt;")
    # Many viewers turn bare addresses into links; an entity inside the scheme prevents it.
    plain = re.sub(r"(?i)\b(https?|ftp|mailto|javascript|data):", r"\1&#58;", plain).replace("www.", "www&#46;")
    plain = re.sub(r"^([-+=])", r"\\\1", plain)  # an item, a rule, or the line below a heading
    return re.sub(r"^(\d+)([.])(?=\s)", r"\1\\\2", plain)


def _cell(value: object) -> str:
    return "-" if value is None or value == "" else str(value)
