"""One support article: front matter and Markdown, read from a file without trusting it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from course_lib.errors import DataError

MAX_BYTES = 1_000_000
MAX_FRONT_MATTER = 4_000
CATEGORIES = ("billing", "plans", "orders", "repairs", "safety", "account", "legal", "privacy")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_BOMB_PARTS = (yaml.AnchorToken, yaml.AliasToken, yaml.TagToken)  # small text that unfolds to gigabytes, or runs code
_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)


@dataclass(frozen=True)
class Article:
    """One version of one support page.

    Attributes:
        id: name that citations use, the same at every date.
        title: headline.
        category: one of ``CATEGORIES``.
        valid_from: date (YYYY-MM-DD) from which this version holds.
        supersedes: version that it replaced, as ``id@date``; empty if none.
        text: Markdown body without front matter.
    """

    id: str
    title: str
    category: str
    valid_from: str
    supersedes: str
    text: str


def parse_article(content: str, name: str = "article") -> Article:
    """Read front matter and body of one article.

    Args:
        content: the file's text.
        name: what to call the file in errors.

    Raises:
        DataError: the front matter is missing, broken or lacks a field.
    """
    match = _FRONT_MATTER.match(content.replace("\r\n", "\n"))
    if match is None:
        raise DataError(f"{name} has no front matter.", "Begin the file with a block between two lines of `---`.")
    fields = _front_matter(match.group(1), name)
    missing = [key for key in ("id", "title", "category", "valid_from") if not fields.get(key)]
    if missing:
        raise DataError(f"{name}: the front matter lacks {', '.join(missing)}.", "Add the missing fields.")
    if not _ID.fullmatch(str(fields["id"])):
        raise DataError(
            f"{name}: the id {str(fields['id'])[:70]!r} is not a plain name.", "Use letters, digits, - and _ only."
        )
    if fields["category"] not in CATEGORIES:
        raise DataError(
            f"{name}: unknown category {str(fields['category'])[:70]!r}.", f"Use one of {', '.join(CATEGORIES)}."
        )
    return Article(
        id=str(fields["id"]),
        title=str(fields["title"]),
        category=fields["category"],
        valid_from=str(fields["valid_from"]),
        supersedes=str(fields.get("supersedes") or ""),
        text=match.group(2).strip(),
    )


def _front_matter(block: str, name: str) -> dict[str, Any]:
    remedy = "Write plain `key: value` lines."
    if len(block) > MAX_FRONT_MATTER:
        raise DataError(f"{name}: the front matter is over {MAX_FRONT_MATTER} characters.", remedy)
    try:
        if any(isinstance(token, _BOMB_PARTS) for token in yaml.scan(block)):
            raise DataError(f"{name}: the front matter uses YAML anchors, aliases or tags.", remedy)
        fields = yaml.safe_load(block)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: February 30; RecursionError: [[[[...
        raise DataError(f"{name}: the front matter is not valid YAML: {str(error).splitlines()[0]}.", remedy) from error
    if not isinstance(fields, dict):
        raise DataError(f"{name}: the front matter is not a list of fields.", remedy)
    return fields


def read_article(path: Path) -> Article:
    """Read one article file.

    Raises:
        DataError: the file is too large, not UTF-8, or its front matter is broken.
    """
    if path.stat().st_size > MAX_BYTES:
        raise DataError(f"{path.name} is over {MAX_BYTES // 1000} kB.", "Split it into several articles.")
    try:
        content = path.read_text(encoding="utf-8-sig")  # Windows editors may put a mark in front
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name} is not UTF-8 text (byte {error.start}).", "Save it as UTF-8.") from error
    return parse_article(content, path.name)
