"""Read Markdown, with or without front matter."""

from __future__ import annotations

import re

from course_lib.own_documents.pages import Page, decode, indented, page_of

ENDINGS = (".md", ".markdown", ".mdx", ".qmd", ".rmd")
_FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[ \t]*\n(.*?\n)?\1[ \t]*(?:\n|\Z)", re.DOTALL)
# Only the title is wanted, so no YAML parser runs over a file that nobody vouches for.
_TITLE = re.compile(r"^title\s*[:=]\s*(.+)$", re.MULTILINE)
_FENCE = re.compile(r"^\s{0,3}(`{3,}|~{3,})")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LINK = re.compile(r"!?\[([^\[\]\n]{0,500})\]\([^()\n]{0,2000}\)")


def read(data: bytes, name: str) -> Page:
    """Read one Markdown file; the title is that of the front matter, or the first heading, or the file's name.

    Raises:
        DataError: it is not text, or is empty.
    """
    text = decode(data)
    front = _FRONT_MATTER.match(text)
    body = _plain(_COMMENT.sub("", text[front.end() :] if front else text))
    named = _TITLE.search(front.group(2) or "") if front else None
    heading = re.search(r"^#{1,6}\s+(.+)$", body, re.MULTILINE)
    title = named.group(1).strip().strip("\"'") if named else heading.group(1) if heading else name
    return page_of(title, body)


def _plain(text: str) -> str:
    """Write code blocks indented, headings with ``#``, and links as their words."""
    lines: list[str] = []
    fence = ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark.group(1).startswith(fence):
                fence = ""
            else:
                lines.append(indented(line))
        elif mark:
            fence = mark.group(1)
        elif lines and lines[-1].strip() and re.fullmatch(r"\s{0,3}(=+|-{2,})\s*", line) and _can_head(lines):
            lines[-1] = f"{'#' if '=' in line else '##'} {lines[-1].strip()}"
        else:
            lines.append(_LINK.sub(r"\1", line))
    return "\n".join(lines)


def _can_head(lines: list[str]) -> bool:
    """Tell whether the last line is a lone one that a row of ``=`` or ``-`` can underline."""
    alone = len(lines) == 1 or not lines[-2].strip()
    return alone and not lines[-1].lstrip().startswith(("|", "#", "-", "*", ">")) and "|" not in lines[-1]
