"""Read HTML: what a reader of the page would see, without scripts and navigation."""

from __future__ import annotations

import re

from course_lib.own_documents.optional import needed
from course_lib.own_documents.pages import Page, decode, indented, page_of

ENDINGS = (".html", ".htm", ".xhtml")
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_UNSEEN = ("script", "style", "noscript", "template", "nav", "header", "footer", "aside", "form", "svg", "iframe")
_BLOCKS = ("p", "div", "section", "article", "blockquote", "ul", "ol", "dl", "dd", "dt", "table", "figure", "main")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def read(data: bytes, name: str) -> Page:
    """Read one HTML file.

    Raises:
        DataError: it is not text, it is empty, or the HTML package is not installed.
    """
    soup_of = needed("bs4", "beautifulsoup4", "to read HTML").BeautifulSoup
    declared = _DECLARED.search(data[:4096])
    text = decode(data, None if _is_utf8(data) else declared.group(1).decode("ascii") if declared else None)
    soup = soup_of(text, "html.parser")
    for tag in soup(lambda tag: tag.name in _UNSEEN or tag.has_attr("hidden")):
        if not tag.decomposed:
            tag.decompose()
    body = soup.find("main") or soup.find("article") or soup.body or soup
    heading = body.find("h1") or soup.title
    title = heading.get_text(" ", strip=True) if heading else name
    if soup.title:
        soup.title.decompose()
    return page_of(title or name, _as_markdown(body))


def _is_utf8(data: bytes) -> bool:
    """Tell whether the bytes are UTF-8: a page may declare what its server sent long ago."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _as_markdown(body) -> str:
    """Write marks of blocks into the tree, then take its text."""
    for words in body.find_all(string=True):
        if type(words).__name__ != "NavigableString":  # a comment or a declaration
            words.extract()
        elif not words.find_parent("pre"):
            words.replace_with(re.sub(r"\s+", " ", words))
    for tag in body.find_all("br"):
        tag.replace_with("\n")
    for tag in body.find_all("pre"):
        tag.replace_with(f"\n\n{indented(tag.get_text())}\n\n")
    for table in body.find_all("table"):
        if table.find(_HEADINGS):  # it lays out a page: its cells are no data
            for cell in table.find_all(["td", "th"]):
                cell.append("\n\n")
        else:
            _pipe(table)
    for tag in body.find_all(_HEADINGS):
        tag.replace_with(f"\n\n{'#' * int(tag.name[1])} {' '.join(tag.get_text().split())}\n\n")
    for tag in body.find_all("li"):
        tag.insert(0, "\n- ")
    for tag in body.find_all(_BLOCKS):
        if tag.find_parent("li") is None:
            tag.insert(0, "\n\n")
            tag.append("\n\n")
    lines = (line if line.startswith("    ") else line.strip() for line in body.get_text().split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def _pipe(table) -> None:
    """Write a table as piped lines without a gap; a table inside a cell becomes words of that cell."""
    caption = table.find("caption")
    lines = [" ".join(caption.get_text(" ").split()), ""] if caption else []
    for number, row in enumerate(row for row in table.find_all("tr") if row.find_parent("table") is table):
        cells = [" ".join(cell.get_text(" ").split()).replace("|", "/") for cell in row.find_all(["td", "th"])]
        lines.append(f"| {' | '.join(cells)} |")
        if number == 0 and row.find("th"):
            lines.append(f"|{'---|' * len(cells)}")
    table.replace_with("\n\n" + "\n".join(lines) + "\n\n")
