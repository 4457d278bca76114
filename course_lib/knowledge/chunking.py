"""Cut articles into passages: at headings first, then at paragraphs, never inside a table row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from course_lib.knowledge.articles import Article
from course_lib.knowledge.tables import linearize_tables, piped_tables

MAX_WORDS = 110
LONGEST_HEADING = 200  # characters; every passage under it repeats it, so a longer one is read as text
_HEADING = re.compile(r"^(#{1,6})\s+(.*)$")


@dataclass(frozen=True)
class Passage:
    """A piece of an article, short enough to put into a prompt.

    Attributes:
        id: article id, a dot, and the piece's number from 1: ``kb-014.2``.
        article: id of the article.
        title: the article's title.
        section: headings above the piece, outermost first, as ``Billing > Late fees``; empty before the first.
        category: the article's category.
        text: the piece, with tables written as ``column: value`` lines.
    """

    id: str
    article: str
    title: str
    section: str
    category: str
    text: str

    @property
    def heading(self) -> str:
        """Title and section, as shown above the passage."""
        return f"{self.title} > {self.section}" if self.section else self.title

    @property
    def indexed(self) -> str:
        """The text that retrieval sees: a passage without its headings often does not say what it is about."""
        return f"{self.heading}\n{self.text}"


def chunk_article(
    article: Article, max_words: int = MAX_WORDS, overlap: int = 0, linearize: bool = True
) -> list[Passage]:
    """Cut one article into passages.

    Args:
        article: the page to cut.
        max_words: longest passage in words; one paragraph or table row that is longer is cut at words.
        overlap: words repeated from the end of the previous passage of the same section.
        linearize: write each table row as ``column: value`` pairs, so that a row can be read on its own.

    Raises:
        ValueError: ``max_words`` is below 10, or ``overlap`` is not below ``max_words``.
    """
    if max_words < 10 or not 0 <= overlap < max_words:
        raise ValueError(f"max_words ({max_words}) must be at least 10, and overlap ({overlap}) from 0 to below it.")
    pieces = []
    for above, lines, deeper in _sections(article.text):
        tables = piped_tables(lines)
        blocks = _blocks(linearize_tables(tables) if linearize else tables)
        if not blocks and above and not deeper and above[-1] not in ("", article.title):
            above, blocks = above[:-1], above[-1:]  # nothing stands under this heading, so its words would be lost
        section = " > ".join(words for words in above if words and words != article.title)
        pieces += [(section, text) for text in _packed(blocks, max_words, overlap)]
    return [
        Passage(f"{article.id}.{number}", article.id, article.title, section, article.category, text)
        for number, (section, text) in enumerate(pieces, 1)
    ]


def chunk_all(articles: Iterable[Article], **options) -> list[Passage]:
    """Cut every article; options as for :func:`chunk_article`."""
    return [passage for article in articles for passage in chunk_article(article, **options)]


def _sections(text: str) -> Iterator[tuple[list[str], list[str], bool]]:
    """Yield each part between headings: the headings above it, its lines, and whether a deeper heading follows."""
    above: list[tuple[int, str]] = []  # depth and words of the headings that hold here
    lines: list[str] = []
    for line in text.splitlines():
        match = _HEADING.match(line)
        if match and len(match.group(2)) <= LONGEST_HEADING:
            depth, words = len(match.group(1)), match.group(2).strip()
            yield [name for _, name in above], lines, bool(above) and depth > above[-1][0]
            above, lines = [*((outer, name) for outer, name in above if outer < depth), (depth, words)], []
        else:
            lines.append(line)
    yield [name for _, name in above], lines, False


def _blocks(lines: list[str]) -> list[str]:
    """Group lines into paragraphs; each list item or table row is a block of its own."""
    blocks: list[list[str]] = []
    fresh = True
    for line in lines:
        item = re.match(r"^\s*([-*|]|\d+\.)\s*", line)
        if not line.strip():
            fresh = True
        elif fresh or item or not blocks:
            blocks.append([line.strip()])
            fresh = False
        else:
            blocks[-1].append(line.strip())
    return [" ".join(block) for block in blocks]


def _packed(blocks: list[str], max_words: int, overlap: int) -> list[str]:
    """Fill passages with whole blocks, up to ``max_words`` each."""
    passages: list[list[str]] = []
    count = max_words
    for block in (part for whole in blocks for part in _cut(whole, max_words - overlap)):
        size = len(block.split())
        if count + size > max_words:
            tail = " ".join("\n".join(passages[-1]).split()[-overlap:]) if passages and overlap else ""
            passages.append([tail] if tail else [])
            count = len(tail.split())
        passages[-1].append(block)
        count += size
    return ["\n".join(passage) for passage in passages]


def _cut(block: str, max_words: int) -> Iterator[str]:
    words = block.split()
    if len(words) <= max_words:
        yield block
        return
    for start in range(0, len(words), max_words):
        yield " ".join(words[start : start + max_words])


def sentences_of(text: str) -> list[str]:
    """Split a passage into sentences and lines of at least three words; a text with none of these stays whole."""
    pieces = [
        piece for line in text.split("\n") for piece in re.split(r"(?<=[.!?])\s+", line) if len(piece.split()) > 2
    ]
    return pieces or [text]
