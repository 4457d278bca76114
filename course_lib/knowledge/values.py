"""Find typed values in text: is ``$45`` in "it costs 45 dollars"?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
).split()
_TENS = {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90"}
_NUMBER_WORDS = {word: str(number) for number, word in enumerate(_NUMBERS)} | _TENS
_COMPOUND = re.compile(rf"\b(twenty|{'|'.join(_TENS)})[- ]({'|'.join(_NUMBERS[1:10])})\b")
_MONTHS = "january february march april may june july august september october november december".split()
_SPELLINGS = {
    "miles": ["mi"],
    "feet": ["ft", "foot"],
    "pounds": ["lb", "lbs"],
    "mph": ["mph", "miles per hour"],
    "mm": ["mm", "millimeters", "millimetres"],
    "nm": ["nm", "newton meters", "newton metres"],
    "mb": ["mb", "megabytes"],
    "gb": ["gb", "gigabytes"],
    "seconds": ["sec", "secs"],
    "minutes": ["min", "mins"],
    "hours": ["hr", "hrs"],
    "degrees f": ["\u00b0f", "degrees fahrenheit"],
}
_UNITS = {spelling: unit for unit, spellings in _SPELLINGS.items() for spelling in spellings}
_UNIT = re.compile(rf"(?<![\w.-])(\d+(?:\.\d+)?)[ -]?({'|'.join(sorted(_UNITS, key=len, reverse=True))})\b")
_MONTH = "|".join(_MONTHS)
_ABBREVIATED = re.compile(rf"\b({'|'.join(month[:3] for month in _MONTHS)})t?\.? (?=\d)")
_DAY_FIRST = re.compile(  # "3 may be kept" is no date, and "January 3 may differ" is one already
    rf"(?:\b(?P<before>{_MONTH}) )?(?<![\w$.:-])(?P<day>\d{{1,2}}) (?:of )?(?P<month>{_MONTH})\b(?! (?:be|not|have)\b)"
)
_PATTERNS = {
    "money": r"\$\d[\d.]*",
    "percent": r"\d[\d.]*%",
    "duration": r"\d[\d.]* (?:second|minute|hour|day|week|month|year|business day|working day)s?",
    "date": rf"(?:{_MONTH}) \d{{1,2}}",
    "time": r"\d{1,2}(?::\d\d)? [ap]m",
    "code": r"[a-z]{1,4}-(?:[a-z0-9]+-)*\d+[a-z]?|[a-z]\d{1,4}",
    "contact": r"(?<!\+)[\w.+-]+@[\w.-]+|\d{3}-\d{4}",
}


@lru_cache(maxsize=4096)  # the same passages are searched again and again
def normalize(text: str) -> str:
    """Bring spellings of the same value to one form: lower case, ``$45``, ``15%``, ``14 days``, ``7:30 pm``.

    Number words below 100 become digits, thousands commas and trailing ``.00`` go, hyphens between a number and a
    word become spaces, units are spelled one way (``11 ft`` is ``11 feet``), and dates read ``october 19``.
    """
    text = re.sub(r"[*_`\"]", "", re.sub(r"\s+", " ", text.lower().replace("\u2019", "'")))
    text = re.sub("[\u2010-\u2013]", "-", text)  # typographic hyphens and the dash of ranges
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    text = _COMPOUND.sub(lambda match: str(sum(int(_NUMBER_WORDS[word]) for word in match.groups())), text)
    text = re.sub(r"\b(" + "|".join(_NUMBER_WORDS) + r")\b", lambda match: _NUMBER_WORDS[match.group()], text)
    text = re.sub(r"(\d)-(?=[a-z]{3,})", r"\1 ", text)
    text = re.sub(r"(?<!\d)(\d+(?:\.\d+)?) ?(?:us )?(?:dollars?|usd)\b", r"$\1", text)
    text = re.sub(r"\$ (?=\d)", "$", text)
    text = re.sub(r"(\$\d+)\.00\b", r"\1", text)
    text = re.sub(r"(\d) ?(?:percent\b|per cent\b|%)", r"\1%", text)
    text = re.sub(r"(\d) ?([ap])\.?m\b\.?", r"\1 \2m", text)
    text = re.sub(r"(\d)(?:st|nd|rd|th)\b", r"\1", text)
    text = _plain_dates(_plain_units(text))
    return re.sub(r"\s+", " ", text).strip()


def _plain_units(text: str) -> str:
    text = _UNIT.sub(lambda match: f"{match.group(1)} {_UNITS[match.group(2)]}", text)
    return re.sub(
        r"(?<![\w.-])(\d{1,9}) hours?(?: and)? (\d{1,9}) minutes?\b",
        lambda match: f"{60 * int(match.group(1)) + int(match.group(2))} minutes",
        text,
    )


def _plain_dates(text: str) -> str:
    full = {month[:3]: month for month in _MONTHS}
    spelled = _ABBREVIATED.sub(lambda match: f"{full[match.group(1)]} ", text)
    return _DAY_FIRST.sub(
        lambda match: match.group() if match["before"] else f"{match['month']} {match['day']}", spelled
    )


def contains(text: str, value: str, accepted: tuple[str, ...] = ()) -> bool:
    """Tell whether the text states the value or one of its accepted spellings, as a whole.

    ``$4`` is not in ``$45``, and ``5 days`` is not in ``15 days`` or ``2.5 days``.
    """
    return next(mentions(text, value, accepted), None) is not None


def mentions(text: str, value: str, accepted: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Yield what stands before and after each place where the text states the value, both normalized."""
    haystack = normalize(text)
    for form in (value, *accepted):
        for match in _pattern(form).finditer(haystack):
            yield haystack[: match.start()], haystack[match.end() :]


@lru_cache(maxsize=4096)
def _pattern(form: str) -> re.Pattern[str]:
    plain = normalize(form)
    body = re.escape(plain)
    if re.search(r"^\d.* [a-z]{3,}$|[a-z]{3}s$", plain):
        body = body.removesuffix("s") + "s?"  # 14 day(s)
    body += r"(?![\w%@])(?![.,:-]\d)" + (r"(?!\.\w)" if "@" in form else "")  # a@b.example is not in a@b.example.com
    return re.compile((r"(?<![\w$@])(?<!\d[.,:-])" if form[:1].isdigit() else r"(?<![\w$@-])") + body)


def values_in(text: str, kind: str) -> set[str]:
    """Return the distinct values of a type in the text, normalized; none for types without a shape (count, name)."""
    pattern = _PATTERNS.get(kind)
    if pattern is None:
        return set()
    found = re.finditer(rf"(?<![\w$.-])(?:{pattern})", normalize(text))
    return {match.group().rstrip(".").removesuffix("s") for match in found}
