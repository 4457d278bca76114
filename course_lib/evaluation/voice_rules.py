"""The 20 rules of the company's voice as code: each check says kept, broken, or None where the rule has no bearing."""

from __future__ import annotations

import re
from collections.abc import Callable

from course_lib.evaluation import voice_words as words

SIGN_OFF = "Ride on, Tarnwheel"
MOST_WORDS_IN_A_SENTENCE = 18
MOST_WORDS_IN_A_REPLY = 40

Check = Callable[[str], bool | None]
# A full stop ends a sentence if a capital follows; "9 a.m. Monday" goes on.
_END = re.compile(rf"(?<=[.!?])\s+(?=[\"'(]?[A-Z0-9])(?!(?:{words.MONTHS}|{words.WEEKDAYS})\b)|\s*\n\s*")


def body_of(text: str) -> str:
    """Return a reply without the fixed sign-off."""
    return re.sub(rf"\s*{re.escape(SIGN_OFF)}\.?\s*$", "", text).strip()


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a reply without the fixed sign-off."""
    return [part for part in _END.split(body_of(text)) if re.search(r"\w", part)]


def _count(text: str) -> int:
    return sum(bool(re.search(r"\w", token)) for token in text.split())


def _never(pattern: str) -> Check:
    """A rule about text that must not stand anywhere."""
    search = re.compile(pattern, re.IGNORECASE).search
    return lambda text: not search(body_of(text))


def _not_but(wrong: str, right: str, flags: int = re.IGNORECASE) -> Check:
    """A rule about the right and the wrong way to say one thing; None where it is not said at all."""
    is_wrong, is_right = re.compile(wrong, flags).search, re.compile(right, flags).search

    def check(text: str) -> bool | None:
        body = body_of(text)
        if is_wrong(body):
            return False
        return True if is_right(body) else None

    return check


def _answers_first(text: str) -> bool:
    opening = (sentences_of(text) or [""])[0]
    return bool(opening) and not re.match(words.PREAMBLES, opening, re.I) and not re.search(words.THANKS, opening, re.I)


def _is_in_short_sentences(text: str) -> bool:
    return max(map(_count, sentences_of(text)), default=0) <= MOST_WORDS_IN_A_SENTENCE


def _ends_with_a_step(text: str) -> bool:
    last = (sentences_of(text) or [""])[-1]
    first_word = re.match(r"[\W_]*(\w+)", last)
    return bool(first_word) and first_word.group(1).lower() in words.STEPS


def _is_active(text: str) -> bool:
    found = re.finditer(words.PASSIVE, body_of(text), re.I)
    return all(match.group(1).lower() in words.NOT_PASSIVE for match in found)


def _is_short(text: str) -> bool:
    return _count(body_of(text)) <= MOST_WORDS_IN_A_REPLY


def _is_signed(text: str) -> bool:
    return text.rstrip().endswith(SIGN_OFF)


def _has_small_numbers_in_words(text: str) -> bool | None:
    rest = re.sub(words.NUMBERS_IN_DIGITS, " ", body_of(text))
    if re.search(words.SMALL_DIGIT, rest) or re.search(words.LARGE_IN_WORDS, rest, re.I):
        return False
    return True if re.search(words.SMALL_IN_WORDS, rest, re.I) else None


def _names_models_well(text: str) -> bool | None:
    found = list(re.finditer(words.MODEL, body_of(text), re.I))
    if not found:
        return None
    return all(match.group(1) and match.group(2)[0].isupper() and match.group(2)[1:].islower() for match in found)


RULES: dict[str, Check] = {  # in the order of data/tickets/voice_guide.json
    "answer-first": _answers_first,
    "short-sentences": _is_in_short_sentences,
    "you": _not_but(words.THIRD_PERSON, r"\byou(?:r|rs|'\w+)?\b"),
    "contractions": _not_but(words.UNCONTRACTED, words.CONTRACTED),
    "step-last": _ends_with_a_step,
    "active": _is_active,
    "no-stock-apology": _never(words.STOCK_APOLOGIES),
    "no-filler": _never(words.FILLERS),
    "short-reply": _is_short,
    "sign-off": _is_signed,
    "no-exclamation": _never("!"),
    "plain-words": _never(words.STIFF_WORDS),
    "signs": _not_but(words.SIGN_SPELLED_OUT, r"\$\d|\d%"),
    "small-numbers": _has_small_numbers_in_words,
    "model-names": _names_models_well,
    "we": _not_but(words.NOT_WE, r"\b(?:[Ww]e|[Uu]s|[Oo]urs?|[Ll]et's)\b", 0),
    "dates": _not_but(words.WRONG_DATE, words.RIGHT_DATE, 0),
    "times": _not_but(words.WRONG_TIME, words.RIGHT_TIME),
    "house-words": _not_but(words.FOREIGN_WORDS, r"\b(?:bikes?|app|rider desk)\b"),
    "no-empty-adverbs": _never(words.EMPTY_ADVERBS),
}
