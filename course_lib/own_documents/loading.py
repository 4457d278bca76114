"""Load a folder of documents: keep what can be read, and say of everything else why it was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from course_lib.errors import DataError
from course_lib.knowledge.articles import Article
from course_lib.knowledge.chunking import Passage, chunk_article
from course_lib.models.prompts import UNKNOWN_CATEGORY
from course_lib.own_documents import html_pages, markdown_pages, pdf_pages, plain_pages, rst_pages
from course_lib.own_documents.duplicates import Copy, Seen
from course_lib.own_documents.pages import Page, file_title, one_line
from course_lib.own_documents.walking import Found, Rejection, walk

MAX_BYTES = 20_000_000
SAID_EVERY = 500  # files
FEW_WORDS = 8  # a page with fewer is a stub, or its words stand where no reader of files can see them
_CHECK = "Open it: if it shows more, its text is in pictures, in scripts or in other files."
FIRST_NUMBER = 1001  # above the ids of the worked examples in the prompt, which must not be cited by chance
_READERS = {
    ending: module
    for module in (markdown_pages, html_pages, plain_pages, pdf_pages, rst_pages)
    for ending in module.ENDINGS
}


@dataclass(frozen=True)
class Document:
    """One file that was read.

    Attributes:
        id: name that citations use, ``kb-1001`` and up in path order.
        path: its place below the folder, as text that can be shown.
        page: title and text.
    """

    id: str
    path: str
    page: Page


@dataclass(frozen=True)
class Library:
    """A folder's documents.

    Attributes:
        documents: in path order.
        rejected: what was left out, in the order found; parts of files that were read are among them.
        formats: how many files have each ending, read or not; ``none`` for files without one.
        copies: for a file that was left out because another has the same text, that other one.
    """

    documents: tuple[Document, ...]
    rejected: tuple[Rejection, ...]
    formats: dict[str, int]
    copies: dict[str, str] = field(default_factory=dict)

    def passages(self) -> list[Passage]:
        """Cut every document into passages at its headings and paragraphs."""
        return [passage for document in self.documents for passage in chunk_article(_article(document))]


def load_library(folder: Path, skip: Path | None = None, say: Callable[[str], None] | None = None) -> Library:
    """Read every document below a folder.

    Args:
        folder: where the documents are, in folders of any depth.
        skip: a folder that is left out, because this program writes into it.
        say: called with a progress line now and then.

    Raises:
        DataError: there is no such folder.
    """
    if not folder.is_dir():
        raise DataError(f"{one_line(folder)} is not a folder.", "Name the folder that holds your documents.")
    documents: list[Document] = []
    rejected: list[Rejection] = []
    formats: Counter[str] = Counter()
    copies: dict[str, str] = {}
    seen = Seen()
    for number, item in enumerate(walk(folder, skip), 1):
        if say and number % SAID_EVERY == 0:
            say(f"{number:,} files looked at")
        if isinstance(item, Rejection):
            rejected.append(item)
            continue
        formats[one_line(item.path.suffix.lower()) or "none"] += 1
        try:
            page = _read(item, seen)
        except DataError as error:
            rejected.append(Rejection(item.name, error.cause, error.remedy))
            if isinstance(error, Copy):
                copies[item.name] = error.first
            continue
        documents.append(Document(f"kb-{FIRST_NUMBER + len(documents)}", item.name, page))
        if page.missing:
            rejected.append(Rejection(item.name, page.missing, page.remedy))
        if len(page.text.split()) < FEW_WORDS:
            rejected.append(Rejection(item.name, f"It was read, but has fewer than {FEW_WORDS} words.", _CHECK))
    return Library(tuple(documents), tuple(rejected), dict(sorted(formats.items())), copies)


def _read(item: Found, seen: Seen) -> Page:
    data = _bytes_of(item)
    reader = pdf_pages if data.startswith(pdf_pages.MAGIC) else _READERS.get(item.path.suffix.lower())
    if reader is None:
        raise DataError(
            f"Files that end in {one_line(item.path.suffix)} are not read.",
            "Convert it to Markdown, HTML, reStructuredText, PDF or plain text if it holds answers.",
        )
    seen.check(data, item.name, "It is the same file as")
    try:
        page = reader.read(data, file_title(item.path))
    except DataError:
        raise
    except Exception as error:  # parsers meet damaged and hostile files here, and may fail with anything
        raise DataError(
            f"It cannot be parsed ({type(error).__name__}: {one_line(error)[:100]}).", "Open it and save it again."
        ) from error
    seen.check(page.text.encode(), item.name, "It has the same text as")
    return page


def _bytes_of(item: Found) -> bytes:
    if item.size > MAX_BYTES:
        raise DataError(f"It is over {MAX_BYTES // 1_000_000} MB.", "Split it into smaller files.")
    try:
        data = item.path.read_bytes()
    except OSError as error:
        raise DataError(f"It cannot be read: {error.strerror}.", "Check its rights.") from error
    if not data.strip():
        raise DataError("It is empty.", "Fill it, or take it away.")
    return data


def _article(document: Document) -> Article:
    return Article(document.id, document.page.title, UNKNOWN_CATEGORY, "", "", document.page.text)
