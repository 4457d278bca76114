"""Read reStructuredText, also that of Sphinx, whose own directives and roles docutils does not know."""

from __future__ import annotations

import re

from course_lib.own_documents.optional import needed
from course_lib.own_documents.pages import Page, decode, indented, one_line, page_of
from course_lib.own_documents.rst_directives import accept

ENDINGS = (".rst", ".rest")
_ROLE = re.compile(r":[A-Za-z][\w:+.-]{0,40}:`([^`]{1,500})`")
_ELSEWHERE = re.compile(r"^\s*\.\. (?:include|literalinclude|auto[a-z]+)::[ \t]*(\S+)", re.MULTILINE)
NAMED_PLACES = 5
_TARGET = re.compile(r"\s*<[^<>]*>$")
_CLOSED = {  # a document must not read other files, and its mistakes are not ours to print
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "report_level": 5,
    "halt_level": 5,
    "_disable_config": True,
    "syntax_highlight": "none",
}


def read(data: bytes, name: str) -> Page:
    """Read one reStructuredText file; what it takes from other files or from source code is named as missing.

    Raises:
        DataError: it is not text, it is empty, or docutils is not installed.
    """
    core = needed("docutils.core", "docutils", "to read reStructuredText")
    source = _ROLE.sub(lambda match: _TARGET.sub("", match.group(1)).lstrip("~!"), decode(data))
    accept(source)
    tree = core.publish_doctree(source, source_path=name, settings_overrides=_CLOSED)
    text = "\n\n".join(_blocks(tree))
    return page_of(tree.get("title") or name, text, _missing(source), "Build the documentation as HTML, and read that.")


def _missing(source: str) -> str:
    places = list(dict.fromkeys(one_line(place) for place in _ELSEWHERE.findall(source)))
    if not places:
        return ""
    named = ", ".join(places[:NAMED_PLACES]) + (" and more" if len(places) > NAMED_PLACES else "")
    return f"It takes in what stands elsewhere, and that was not inserted: {named}."


def _blocks(tree) -> list[str]:
    nodes = needed("docutils.nodes", "docutils", "to read reStructuredText")
    wanted = (nodes.title, nodes.subtitle, nodes.paragraph, nodes.literal_block, nodes.row, nodes.term)
    blocks = []
    for node in tree.findall(lambda node: isinstance(node, wanted)):
        above = _ancestors(node)
        if any(isinstance(one, nodes.comment | nodes.substitution_definition) for one in above):
            continue
        if any(isinstance(one, nodes.topic) and "contents" in one["classes"] for one in above):
            continue  # a list of the headings below
        failed = any(isinstance(one, nodes.system_message) for one in above)
        if isinstance(node, nodes.literal_block):
            blocks.append(_unread(node.astext()) if failed else indented(node.astext()))
        elif failed or (any(isinstance(one, nodes.row) for one in above)):
            continue  # the message's own words; or a cell, which its row has written
        elif isinstance(node, nodes.title):
            depth = sum(isinstance(one, nodes.section) for one in above) + 1
            blocks.append(f"{'#' * min(depth, 6)} {' '.join(node.astext().split())}")
        elif isinstance(node, nodes.row):
            blocks.append(_row(node, nodes))
        else:
            item = any(isinstance(one, nodes.list_item) for one in above)
            blocks.append(("- " if item else "") + " ".join(node.astext().split()))
    return [block for block in blocks if block.strip()]


def _ancestors(node) -> list:
    above = []
    while (node := node.parent) is not None:
        above.append(node)
    return above


def _unread(source: str) -> str:
    """Return the words of a directive that docutils could not read, without its options; nothing of an include."""
    if _ELSEWHERE.match(source):
        return ""
    first, _, rest = source.partition("\n")
    title = first.partition("::")[2].strip()
    kept = [line.strip() for line in rest.split("\n") if not re.match(r"\s*:[\w-]+:", line)]
    return "\n".join([title, *kept]).strip()


def _row(row, nodes) -> str:
    """Write a table's row so that it can be read on its own: ``- column: cell; column: cell``."""
    cells = [" ".join(cell.astext().split()) for cell in row.children]
    group = row.parent.parent
    heads = [head for head in group.children if isinstance(head, nodes.thead)]
    if not heads or row.parent is heads[0]:
        return "" if heads else "- " + "; ".join(cell for cell in cells if cell)
    names = [" ".join(cell.astext().split()) for cell in heads[0].children[-1].children]
    pairs = zip(names, cells) if len(names) == len(cells) else (("", cell) for cell in cells)
    return "- " + "; ".join(f"{name}: {cell}" if name else cell for name, cell in pairs if cell)
