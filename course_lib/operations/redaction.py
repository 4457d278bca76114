"""Private data out of a text before it is stored: each find is replaced by a mark that names its type.

Patterns find candidates, and a check decides where a pattern cannot: the Luhn sum of card numbers (ISO/IEC 7812-1),
the remainder of IBANs (ISO 13616). Prices, article ids, part codes and plain dates stay. Rules of this kind miss what
has no form, such as a name without "my name is".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_SUFFIXES = r"(?:street|st|road|rd|lane|ln|avenue|ave|drive|dr|court|ct|boulevard|blvd|way|place|square|terrace)"
_NO_STREET = (
    r"(?!(?:the|an?|my|your|this|that|in|on|at|down|up|of|off|from|to|by|and|per|miles?|bikes?|days?|weeks?|hours?"
    r"|minutes?|feet|km|mph|meters?|times?|more|other)\b)"
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = rf"(?:\d{{4}}-\d\d?-\d\d?|\d\d?[./-]\d\d?[./-]\d{{2,4}}|\d\d? {_MONTH},? \d{{4}}|{_MONTH} \d\d?,? \d{{4}})"
_WORD = r"[^\W\d_]+(?:[-'\u2019.][^\W\d_]+)*\.?"
_AFTER_NAME = r"(?!(?:and|but|or|i|my|the|from|on|in|at|with|is|was|not|so|because|you|your|please|can|who|for)\b)"


@dataclass(frozen=True)
class Private:
    """One find: its type, and where it stands in the text (characters ``start`` to ``end``)."""

    kind: str
    start: int
    end: int


def _luhn(text: str) -> bool:
    digits = [int(letter) for letter in text if letter.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return 13 <= len(digits) <= 19 and len(set(digits)) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _iban(text: str) -> bool:
    plain = re.sub(r"\s", "", text).upper()
    moved = plain[4:] + plain[:4]
    return 15 <= len(plain) <= 34 and int("".join(str(int(letter, 36)) for letter in moved)) % 97 == 1


def _any(_text: str) -> bool:
    return True


# Each row: type, pattern (group "value" if only a part is private), check. Earlier rows win where two overlap.
_FINDERS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE), check)
    for kind, pattern, check in (
        ("email", r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}\b", _any),
        ("iban", r"\b[a-z]{2}\d\d(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,3})?\b", _iban),
        ("card", r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])", _luhn),
        (
            "birth date",
            r"\b(?:born|birth ?day|date of birth|birth ?date|dob)\b(?: is| was|:)?(?: on)?(?: the)?[ :]{1,3}"
            rf"(?P<value>{_DATE})",
            _any,
        ),
        (
            "name",
            rf"\b(?:my (?:full )?name(?: is|'s|\u2019s|:)|i am called)\s{{1,3}}(?P<value>{_AFTER_NAME}{_WORD}"
            rf"(?: {_AFTER_NAME}{_WORD}){{0,2}})",
            _any,
        ),
        (
            "account",
            r"\b(?:order|account|member(?:ship)?|customer|invoice|booking|claim|case|ticket|policy|contract|bike|frame"
            r"|serial)\s?(?:(?:id|no\.?|nr\.?|number|#)(?: is|:)?\s?#?(?P<value>[a-z]{0,4}-?\d{4,}[\w-]*)"
            r"|:?\s?#?(?P<bare>[a-z]{0,4}-?\d{5,}[\w-]*))",
            _any,
        ),
        ("account", r"(?<![\w-])tw-\d{4,}\b", _any),
        (
            "address",
            rf"(?<![\w$.,/-])\d{{1,5}}[a-z]? (?:{_NO_STREET}[a-z][a-z'.-]{{0,30}} ){{1,3}}{_SUFFIXES}\b\.?"
            r"(?:,? (?:apt|apartment|unit|flat|suite)\.? ?\w{1,6})?",
            _any,
        ),
        ("address", r"\b[^\W\d_]{2,30}(?:stra(?:\u00df|ss)e|gasse|platz|allee) \d{1,4}[a-z]?\b", _any),
        ("address", r"\bp\.? ?o\.? box \d{1,6}\b", _any),
        (
            "phone",
            r"(?<![\w$.+-])(?:\+\d{1,3}(?:[ ()./-]{0,2}\d){6,13}|00\d{1,3}(?:[ ()./-]{0,2}\d){6,13}"
            r"|\(?\d{3}\)?[ .-]{1,2}\d{3}[ .-]\d{4}|\d{3}-\d{4}|\(?0\d{2,5}\)?[ /-]{1,2}\d{4,8}|0\d(?: \d\d){4}"
            r"|0\d{9,10}|[2-9]\d{9})(?![\w-]|\.\d)",
            _any,
        ),
    )
)


def find_private(text: str) -> list[Private]:
    """Return the private data in a text, in order, without overlaps."""
    taken: list[Private] = []
    for find in _candidates(text):
        if all(find.end <= other.start or find.start >= other.end for other in taken):
            taken.append(find)
    return sorted(taken, key=lambda find: find.start)


def _candidates(text: str) -> Iterator[Private]:
    names: list[str] = []
    for kind, pattern, check in _FINDERS:
        for match in pattern.finditer(text):
            group = next((name for name in ("value", "bare") if match.groupdict().get(name)), 0)
            if check(match.group(group)):
                yield Private(kind, *match.span(group))
                names += match.group(group).split() if kind == "name" else []
    for name in {name for name in names if len(name) > 2 and name[0].isupper()}:  # said once, it may be said again
        for match in re.finditer(rf"\b{re.escape(name)}\b", text):
            yield Private("name", *match.span())


def redact(text: str, public: str = "") -> str:
    """Return a text with each piece of private data replaced by its mark, such as ``[EMAIL]``.

    Args:
        text: a question, an answer or a note.
        public: text that is public anyway, such as the cited passages; what stands there word for word stays, so
            that a depot's phone number is not taken for a customer's.
    """
    parts, position = [], 0
    for find in find_private(text):
        value = text[find.start : find.end]
        mark = value if public and value in public else f"[{find.kind.upper()}]"
        parts += [text[position : find.start], mark]
        position = find.end
    return "".join(parts) + text[position:]
