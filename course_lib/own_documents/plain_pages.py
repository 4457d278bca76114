"""Read plain text."""

from __future__ import annotations

import re

from course_lib.own_documents.pages import Page, decode, page_of

ENDINGS = (".txt", ".text", ".log", "")


def read(data: bytes, name: str) -> Page:
    """Read one text file; its name is its title, and a ``#`` at the start of a line is no heading.

    Raises:
        DataError: it is not text, or is empty.
    """
    return page_of(name, re.sub(r"^(?=#{1,6}\s)", " ", decode(data), flags=re.MULTILINE))
