"""Load a folder of documents: keep what can be read, and say of everything else why it was left out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from course_lib.errors import DataError
from course_lib.knowledge.articles import Article
from course_lib.knowledge.chunking import Passage, chunk_article
from course_lib.models.prompts import UNKNOWN_CATEGORY
from course_lib.own_documents import html_pages, markdown_pages, pdf_pages, plain_pages, rst_pages
from course_lib.own_documents.pages import Page, one_line
from course_lib.own_documents.walking import Found, Rejection, walk

MAX_BYTES = 20_000_000
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
    """

    documents: tuple[Document, ...]
    rejected: tuple[Rejection, ...]
    formats: dict[str, int]

    def passages(self) -> list[Passage]:
        """Cut every document into passages at its headings and paragraphs."""
        return [passage for document in self.documents for passage in chunk_article(_article(document))]


def load_library(folder: Path, skip: Path | None = None) -> Library:
    """Read every document below a folder.

    Args:
        folder: where the documents are, in folders of any depth.
        skip: a folder that is left out, because this program writes into it.

    Raises:
        DataError: there is no such folder.
    """
    if not folder.is_dir():
        raise DataError(f"{one_line(folder)} is not a folder.", "Name the folder that holds your documents.")
    documents: list[Document] = []
    rejected: list[Rejection] = []
    formats: Counter[str] = Counter()
    seen: dict[str, str] = {}  # digest of bytes or of text -> the file that had it first
    for item in walk(folder, skip):
        if isinstance(item, Rejection):
            rejected.append(item)
            continue
        formats[one_line(item.path.suffix.lower()) or "none"] += 1
        try:
            page = _read(item, seen)
        except DataError as error:
            rejected.append(Rejection(item.name, error.cause, error.remedy))
            continue
        documents.append(Document(f"kb-{FIRST_NUMBER + len(documents)}", item.name, page))
        if page.missing:
            rejected.append(Rejection(item.name, page.missing, "Run text recognition (OCR) over these pages."))
    return Library(tuple(documents), tuple(rejected), dict(sorted(formats.items())))


def _read(item: Found, seen: dict[str, str]) -> Page:
    data = _bytes_of(item)
    reader = pdf_pages if data.startswith(pdf_pages.MAGIC) else _READERS.get(item.path.suffix.lower())
    if reader is None:
        raise DataError(
            f"Files that end in {one_line(item.path.suffix)} are not read.",
            "Convert it to Markdown, HTML, reStructuredText, PDF or plain text if it holds answers.",
        )
    _first(sha256(data).hexdigest(), item.name, seen, "It is the same file as")
    try:
        page = reader.read(data, one_line(item.path.stem))
    except DataError:
        raise
    except Exception as error:  # parsers meet damaged and hostile files here, and may fail with anything
        raise DataError(
            f"It cannot be parsed ({type(error).__name__}: {one_line(error)[:100]}).", "Open it and save it again."
        ) from error
    _first(sha256(page.text.encode()).hexdigest(), item.name, seen, "It has the same text as")
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


def _first(digest: str, name: str, seen: dict[str, str], words: str) -> None:
    if (first := seen.setdefault(digest, name)) != name:  # a plain text has the digest of its own file
        raise DataError(f"{words} {first}.", "Nothing: one of them is enough.")


def _article(document: Document) -> Article:
    return Article(document.id, document.page.title, UNKNOWN_CATEGORY, "", "", document.page.text)
