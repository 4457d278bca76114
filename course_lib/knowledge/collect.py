"""Collect a folder of pages: keep what can be read, and say of every other file why it cannot."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from course_lib.errors import DataError
from course_lib.knowledge.articles import Article, read_article, shown_name

PAGE = ".md"


@dataclass(frozen=True)
class Collection:
    """What a folder held.

    Attributes:
        articles: the pages that could be read, in file-name order.
        formats: how many files have each ending, such as ``.md``.
        rejected: why a file was left out, by file name.
    """

    articles: tuple[Article, ...]
    formats: dict[str, int]
    rejected: dict[str, str]


def collect(folder: Path) -> Collection:
    """Read every page of a folder; a file that cannot be read is named and left out, and the rest goes on.

    Args:
        folder: where the files are; folders inside it are not entered.

    Raises:
        DataError: there is no such folder.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder.", "Name the folder that holds the pages.")
    paths = sorted(path for path in folder.iterdir() if not path.is_dir())
    articles: dict[str, Article] = {}
    rejected: dict[str, str] = {}
    for path in paths:
        try:
            article = _read(path)
        except DataError as error:
            rejected[shown_name(path)] = error.cause
            continue
        if article.id in articles:
            rejected[shown_name(path)] = f"The id {article.id} is taken by a file before it."
        else:
            articles[article.id] = article
    formats = Counter(path.suffix or "none" for path in paths)
    return Collection(tuple(articles.values()), dict(sorted(formats.items())), rejected)


def _read(path: Path) -> Article:
    if not path.is_file():
        raise DataError("It is no file but a pipe, a device or a broken link.", "Put the file itself there.")
    if path.suffix != PAGE:
        raise DataError(f"Only {PAGE} files are read.", "Convert the file to Markdown.")
    return read_article(path)
