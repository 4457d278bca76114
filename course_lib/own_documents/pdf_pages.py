"""Read the text of PDF files; a scan has none, and reading pictures of letters is left to other programs."""

from __future__ import annotations

import logging
import re
from io import BytesIO

from course_lib.errors import DataError
from course_lib.own_documents.optional import needed
from course_lib.own_documents.pages import Page, page_of

ENDINGS = (".pdf",)
MAGIC = b"%PDF-"
MAX_PAGES = 3_000
LEAST_WORDS = 3  # a page with fewer is a picture, or blank
NAMED_PAGES = 10


def read(data: bytes, name: str) -> Page:
    """Read one PDF file; each page is a section, named by its number.

    Raises:
        DataError: it is locked, damaged, too long or has no text, or the PDF package is not installed.
    """
    pypdf = needed("pypdf", "pypdf", "to read PDF")
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it warns of ends up in the report, by file
    try:
        reader = pypdf.PdfReader(BytesIO(data))
        _unlock(reader)
        count = len(reader.pages)
        if count > MAX_PAGES:
            raise DataError(f"It has {count:,} pages; {MAX_PAGES:,} are read.", "Split it.")
        pages = [_tidy(page.extract_text()) for page in reader.pages]
        title = reader.metadata.title if reader.metadata else None
    except pypdf.errors.DependencyError as error:
        raise DataError("It is encrypted.", "Save a copy without a password.") from error
    except pypdf.errors.PyPdfError as error:
        raise DataError(f"It is damaged: {str(error)[:100]}", "Open it and save it again.") from error
    blank = [number for number, text in enumerate(pages, 1) if len(text.split()) < LEAST_WORDS]
    if len(blank) == len(pages):
        raise DataError("It has no text: it is a scan, or its pages are blank.", "Run text recognition (OCR) over it.")
    text = "\n\n".join(f"## Page {number}\n\n{text}" for number, text in enumerate(pages, 1) if number not in blank)
    title = title if isinstance(title, str) and title.strip() else name
    return page_of(title, text, _missing(blank, count), "Run text recognition (OCR) over these pages.")


def _unlock(reader) -> None:
    """Open a PDF that only restricts what may be done with it; that one has an empty password."""
    if reader.is_encrypted and not reader.decrypt(""):
        raise DataError("It is encrypted.", "Save a copy without a password.")


def _tidy(text: str) -> str:
    """Join words that a line end cut, and keep a ``#`` from becoming a heading."""
    text = re.sub(r"(?<=[a-z])-\n(?=[a-z])", "", text)
    return re.sub(r"^(?=#{1,6}\s)", " ", text, flags=re.MULTILINE).strip()


def _missing(blank: list[int], count: int) -> str:
    if not blank:
        return ""
    named = ", ".join(map(str, blank[:NAMED_PAGES])) + (" and more" if len(blank) > NAMED_PAGES else "")
    return f"{len(blank)} of {count} pages have no text (page {named}): scans or blank pages."
