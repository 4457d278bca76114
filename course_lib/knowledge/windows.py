"""The simplest way to cut a page: a window of so many words that slides over it, whatever the page's structure."""

from __future__ import annotations

from collections.abc import Iterable

from course_lib.knowledge.articles import Article
from course_lib.knowledge.chunking import Passage


def windows(text: str, size: int, overlap: int = 0) -> list[str]:
    """Cut a text into pieces of ``size`` words, of which the first ``overlap`` repeat the end of the piece before.

    The last piece may be shorter; it is never a mere repetition of the piece before. A text without words has none.

    Raises:
        ValueError: ``size`` is below 1, or ``overlap`` is not from 0 to below ``size``.
    """
    if size < 1 or not 0 <= overlap < size:
        raise ValueError(f"size ({size}) must be at least 1, and overlap ({overlap}) from 0 to below it.")
    words = text.split()
    starts = range(0, max(1, len(words) - overlap), size - overlap) if words else ()
    return [" ".join(words[start : start + size]) for start in starts]


def window_passages(articles: Iterable[Article], size: int, overlap: int = 0) -> list[Passage]:
    """Cut articles into windows; headings and tables are words like all others."""
    return [
        Passage(f"{article.id}.{number}", article.id, article.title, "", article.category, piece)
        for article in articles
        for number, piece in enumerate(windows(article.text, size, overlap), 1)
    ]


def whole_pages(articles: Iterable[Article]) -> list[Passage]:
    """Return each article as one passage: no cutting at all."""
    return [
        Passage(f"{article.id}.1", article.id, article.title, "", article.category, article.text)
        for article in articles
    ]
