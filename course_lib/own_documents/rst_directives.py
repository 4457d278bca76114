"""Let docutils read directives that it does not know, such as those of Sphinx: their words count, whatever they do."""

from __future__ import annotations

import re
from functools import cache

from course_lib.own_documents.optional import needed

VERSIONS = {
    "versionadded": "New in version",
    "versionchanged": "Changed in version",
    "deprecated": "Deprecated since version",
    "versionremoved": "Removed in version",
}
# They steer the build or list other pages, as the navigation of a web page does.
SILENT = ("toctree", "index", "highlight", "program", "currentmodule", "tabularcolumns", "sectionauthor", "codeauthor")
CONDITIONS = ("only", "ifconfig")  # their first line says when, and what stands below is text
_NAME = re.compile(r"^\s*\.\. ([A-Za-z][\w:.+-]*)::(?:\s|$)", re.MULTILINE)


def accept(source: str) -> None:
    """Register every directive of a source that docutils does not know, for this process."""
    directives = needed("docutils.parsers.rst.directives", "docutils", "to read reStructuredText")
    known = needed("docutils.parsers.rst.languages.en", "docutils", "to read reStructuredText").directives
    for name in {name.lower() for name in _NAME.findall(source)} - set(known):
        directives.register_directive(name, _reader())


class _AnyOption(dict):
    """Options of any name, kept as they are: what they mean is for other programs."""

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, name: str):
        return str


@cache
def _reader() -> type:
    """Return a directive that gives its first line and what stands below it; made late, since docutils is optional."""
    rst = needed("docutils.parsers.rst", "docutils", "to read reStructuredText")
    nodes = needed("docutils.nodes", "docutils", "to read reStructuredText")

    class Words(rst.Directive):
        optional_arguments = 1
        final_argument_whitespace = True
        has_content = True
        option_spec = _AnyOption()

        def run(self) -> list:
            name = self.name.lower()
            if name in SILENT:
                return []
            text = "" if name in CONDITIONS else " ".join(" ".join(self.arguments).split())
            if name in VERSIONS:
                version, _, what = text.partition(" ")
                text = f"{VERSIONS[name]} {version}: {what}" if what else f"{VERSIONS[name]} {version}"
            holder = nodes.container()
            if text:
                inline, _ = self.state.inline_text(text, self.lineno)
                holder += nodes.paragraph(text, "", *inline)
            self.state.nested_parse(self.content, self.content_offset, holder)
            return [holder]

    return Words
