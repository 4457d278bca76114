"""One support article: front matter and Markdown, read from a file without trusting it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from course_lib.errors import DataError

MAX_BYTES = 1_000_000
MAX_FRONT_MATTER = 4_000
MAX_BRACKETS = 100  # YAML takes seconds over thousands of them
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
        DataError: the front matter is missing or broken, or a field is missing or cannot be right.
    """
    match = _FRONT_MATTER.match(content.replace("\r\n", "\n"))
    if match is None:
        raise DataError(f"{name} has no front matter.", "Begin the file with a block between two lines of `---`.")
    fields = _front_matter(match.group(1), name)
    missing = [key for key in ("id", "title", "category", "valid_from") if fields.get(key) in (None, "")]
    if missing:
        raise DataError(f"{name}: the front matter lacks {', '.join(missing)}.", "Add the missing fields.")
    for key in ("id", "title", "supersedes"):
        if not isinstance(fields.get(key), str | None):
            raise _misread(match.group(1), key, fields[key], name)
    if not _ID.fullmatch(fields["id"]):
        raise DataError(
            f"{name}: the id {fields['id'][:70]!r} is not a plain name.", "Use letters, digits, - and _ only."
        )
    if fields["category"] not in CATEGORIES:
        raise DataError(
            f"{name}: unknown category {str(fields['category'])[:70]!r}.", f"Use one of {', '.join(CATEGORIES)}."
        )
    for part, text in {"title": fields["title"], "supersedes": fields.get("supersedes") or "", "text": content}.items():
        _check_letters(text, part, name)
    return Article(
        id=fields["id"],
        title=fields["title"],
        category=fields["category"],
        valid_from=_day(match.group(1), fields["valid_from"], name),
        supersedes=fields.get("supersedes") or "",
        text=match.group(2).strip(),
    )


def _front_matter(block: str, name: str) -> dict[str, Any]:
    remedy = "Write plain `key: value` lines."
    if len(block) > MAX_FRONT_MATTER:
        raise DataError(f"{name}: the front matter is over {MAX_FRONT_MATTER} characters.", remedy)
    try:
        if block.count("[") + block.count("{") > MAX_BRACKETS:
            raise ValueError(f"it has over {MAX_BRACKETS} opening brackets")
        if any(isinstance(token, _BOMB_PARTS) for token in yaml.scan(block)):
            raise DataError(f"{name}: the front matter uses YAML anchors, aliases or tags.", remedy)
        fields = yaml.safe_load(block)
        str(fields)  # Python refuses to write numbers of thousands of digits, and errors quote what they refuse
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:  # February 30; "\UFFFFFFFF"; - - -
        cause = str(error).splitlines()[0].split(";")[0]
        raise DataError(f"{name}: the front matter is not valid YAML: {cause}.", remedy) from error
    if not isinstance(fields, dict):
        raise DataError(f"{name}: the front matter is not a list of fields.", remedy)
    keys = Counter(key.value for key, _ in yaml.compose(block, yaml.SafeLoader).value)
    twice = [key[:70] for key, count in keys.items() if count > 1]
    if twice:  # YAML keeps the last and says nothing
        raise DataError(f"{name}: the front matter has {twice[0]!r} more than once.", "Keep one of the lines.")
    return fields


def _check_letters(text: str, part: str, name: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise DataError(
            f"{name}: the {part} holds U+{ord(text[error.start]):04X}, half of a character that no file can hold.",
            "Write the whole character.",
        ) from error


def _written(block: str, key: str, name: str) -> tuple[str, str]:
    """Return where a field stands, as file and line, and what is written there."""
    nodes = {field.value: value for field, value in yaml.compose(block, yaml.SafeLoader).value}
    if key not in nodes:  # a merge key brought it
        return name, ""
    start, end = nodes[key].start_mark, nodes[key].end_mark
    return f"{name}, line {start.line + 2}", " ".join(block[start.index : end.index].split())[:70]


def _misread(block: str, key: str, value: Any, name: str) -> DataError:
    where, written = _written(block, key, name)
    quoted = "" if '"' in written or not written.isprintable() else f': `{key}: "{written}"`'
    return DataError(
        f"{where}: {key} must be text, but YAML reads {written!r} as the {type(value).__name__} {str(value)[:70]}.",
        f"Put it in quotes{quoted}.",
    )


def _day(block: str, value: Any, name: str) -> str:
    """Return a date as YYYY-MM-DD."""
    text = str(value)
    try:
        right = date.fromisoformat(text).isoformat() == text  # 20260301 and 2026-W09-7 are dates too, but not ours
    except ValueError:
        right = False
    if not right:
        raise DataError(
            f"{_written(block, 'valid_from', name)[0]}: valid_from is {text[:70]!r}, which is not a date.",
            'Write the day from which the page holds as `valid_from: "YYYY-MM-DD"`.',
        )
    return text


def read_article(path: Path) -> Article:
    """Read one article file.

    Raises:
        DataError: the file cannot be opened, is too large, not UTF-8, or its front matter is broken.
    """
    name = shown_name(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DataError(f"{name} is over {MAX_BYTES // 1000} kB.", "Split it into several articles.")
        content = path.read_text(encoding="utf-8-sig")  # Windows editors may put a mark in front
    except OSError as error:
        raise DataError(
            f"{name} cannot be read: {error.strerror}.", "Check that the file is there and that you may read it."
        ) from error
    except UnicodeDecodeError as error:
        raise DataError(f"{name} is not UTF-8 text (byte {error.start}).", "Save it as UTF-8.") from error
    return parse_article(content, name)


def shown_name(path: Path) -> str:
    """Return a file's name, with codes where it holds what could act on a terminal or cannot be written."""
    return path.name if path.name.isprintable() else ascii(path.name)[1:-1]
