"""What every reader of a file format gives back, and the care that any text from outside needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from course_lib.errors import DataError
from course_lib.visible import visible

LONGEST_WORD = 200  # characters; base64 and minified code would make passages that no prompt can hold
LONGEST_TITLE = 120
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Page:
    """What a file says, in the small part of Markdown that the course cuts into passages.

    Attributes:
        title: headline.
        text: paragraphs, ``#`` headings, ``-`` items and piped tables.
        missing: parts that could not be read, such as scanned pages, in words; empty if none.
        remedy: what to do about them.
    """

    title: str
    text: str
    missing: str = ""
    remedy: str = ""


def one_line(text: object) -> str:
    """Return a text on one line, with hidden characters written as codes; line ends and tabs are hidden here too."""
    return visible(text).replace("\n", "<U+000A>").replace("\t", "<U+0009>")


def file_title(path: Path) -> str:
    """Return a file's name as words: the title of a page that has no other."""
    return " ".join(one_line(path.stem).replace("_", " ").replace("-", " ").split()) or one_line(path.name)


def whole_letters(text: str) -> str:
    """Return a text without halves of surrogate pairs, which can neither be written as UTF-8 nor tokenized."""
    return text.encode("utf-8", "replace").decode("utf-8")


def decode(data: bytes, declared: str | None = None) -> str:
    """Decode a file's bytes: UTF-8, UTF-16 where a byte order mark says so, or the encoding that the file declares.

    No encoding is guessed: a wrong guess gives readable nonsense that nobody notices.

    Raises:
        DataError: the bytes do not fit the encoding, or are no text at all.
    """
    if data.startswith(_UTF16):
        encoding = "utf-16"
    elif b"\0" in data[:8192]:
        raise DataError("It is a binary file, not text.", "Convert it to Markdown, HTML, PDF or plain text.")
    else:
        encoding = declared or "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        name = encoding.upper().removesuffix("-SIG")
        raise DataError(f"It is not {name} text: byte {error.start:,} does not fit.", "Save it as UTF-8.") from error
    except LookupError as error:
        raise DataError(f"It declares the unknown encoding {one_line(declared)!r}.", "Save it as UTF-8.") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def page_of(title: str, text: str, missing: str = "", remedy: str = "") -> Page:
    """Return a page with its title on one line and with no word so long that a passage could not hold it.

    Raises:
        DataError: there is not a single word.
    """
    text = re.sub(rf"([^\s]{{{LONGEST_WORD}}})(?=\S)", r"\1 ", text.replace("\0", " "))
    text = whole_letters(text)
    if not any(letter.isalnum() for letter in text):
        raise DataError("There is no word in it.", "Fill the file, or take it away.")
    title = " ".join(visible(title).split())[:LONGEST_TITLE]
    return Page(title or "Untitled", text.strip(), missing, remedy if missing else "")


def indented(block: str) -> str:
    """Indent lines, so that a ``#`` at the start of a line of code is not taken for a heading."""
    return "\n".join(f"    {line}" for line in block.splitlines())
