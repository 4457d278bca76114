"""What of a notebook's text goes on a slide, and what the speaker says."""

from __future__ import annotations

import re
from collections.abc import Iterator

SHORT = 240  # characters of running text that a room can read at a glance
HEADING = re.compile(r"^(#{1,3}) +(.+)$", re.MULTILINE)
_NEW_SLIDE = re.compile(r"^(?=#{1,3} |\*\*\d\.\*\* )", re.MULTILINE)
_FOLD = re.compile(r"<details>.*?</details>", re.DOTALL)
_LISTED = re.compile(r"[-*] |\d+\. |\|")
_NOT_RUNNING = re.compile(r"#|[-*] |\d+\. |\||\*\*\d\.\*\*|```")
_SENTENCE_END = re.compile(r"(?<=[.?!:]) +(?=[A-Z`*\"])")


def parts_of(text: str) -> Iterator[str]:
    """Yield the text of each slide of a cell: every heading and every quiz question starts one.

    A heading with nothing under it goes with what comes next.
    """
    before = ""
    for part in filter(str.strip, _NEW_SLIDE.split(text)):
        before += part
        if HEADING.sub("", before).strip():
            yield before
            before = ""
    if before:
        yield before


def split_notes(text: str) -> tuple[str, str]:
    """Return what of a Markdown text goes on the slide, and what goes into the notes.

    Headings, lists, tables, folds, questions of the quiz and predictions are shown. A paragraph is shown if it is
    short and the first, or introduces a list; the others are what the speaker says. A slide is never only a heading.
    """
    folds = _FOLD.findall(text)
    blocks = [block.strip() for block in _FOLD.sub("\n\n", text).split("\n\n") if block.strip()]
    shown, notes, paragraphs = [], [], 0
    for place, block in enumerate(blocks):
        is_running = not _NOT_RUNNING.match(block)
        leads = place + 1 < len(blocks) and _LISTED.match(blocks[place + 1]) and len(block) <= SHORT
        short_first = paragraphs == 0 and len(block) <= SHORT
        paragraphs += is_running
        keep = not is_running or leads or short_first or "**Predict" in block or block.startswith("Predict")
        (shown if keep else notes).append(block)
    if notes and all(block.startswith("#") for block in shown):
        first, rest = _opening(notes[0])
        shown, notes = [*shown, first], [rest, *notes[1:]] if rest else notes[1:]
    return "\n\n".join(shown + folds), "\n\n".join(notes)


def _opening(paragraph: str) -> tuple[str, str]:
    """Return the first sentences of a paragraph, as many as a room can read at a glance, and the rest of it."""
    sentences = _SENTENCE_END.split(paragraph)
    count = 1
    while count < len(sentences) and len(" ".join(sentences[: count + 1])) <= SHORT:
        count += 1
    return " ".join(sentences[:count]), " ".join(sentences[count:])
