"""Find typed values in text: is ``$45`` in "it costs 45 dollars"?"""

from __future__ import annotations

import re

_NUMBERS = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
            "seventeen eighteen nineteen twenty").split()
_TENS = {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90"}
_NUMBER_WORDS = {word: str(number) for number, word in enumerate(_NUMBERS)} | _TENS
_PATTERNS = {
    "money": r"\$\d[\d.]*",
    "percent": r"\d[\d.]*%",
    "duration": r"\d[\d.]* (?:second|minute|hour|day|week|month|year|business day|working day)s?",
    "date": r"(?:january|february|march|april|may|june|july|august|september|october|november|december) \d{1,2}",
    "time": r"\d{1,2}(?::\d\d)? [ap]m",
    "code": r"[a-z]{1,4}-(?:[a-z0-9]+-)*\d+[a-z]?|[a-z]\d{1,4}",
    "contact": r"[\w.+-]+@[\w.-]+|\d{3}-\d{4}",
}


def normalize(text: str) -> str:
    """Bring spellings of the same value to one form: lower case, ``$45``, ``15%``, ``14 days``, ``7:30 pm``.

    Number words up to twenty and whole tens become digits, thousands commas and trailing ``.00`` go, and hyphens
    between a number and a word become spaces.
    """
    text = re.sub(r"[*_`\"]", "", re.sub(r"\s+", " ", text.lower()))
    text = re.sub("[\u2010-\u2013]", "-", text)  # typographic hyphens and the dash of ranges
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    text = re.sub(r"\b(" + "|".join(_NUMBER_WORDS) + r")\b", lambda match: _NUMBER_WORDS[match.group()], text)
    text = re.sub(r"(\d)-(?=[a-z]{3,})", r"\1 ", text)
    text = re.sub(r"(\d+(?:\.\d+)?) ?(?:us )?(?:dollars|usd)\b", r"$\1", text)
    text = re.sub(r"\$ (?=\d)", "$", text)
    text = re.sub(r"(\$\d+)\.00\b", r"\1", text)
    text = re.sub(r"(\d) ?(?:percent\b|per cent\b|%)", r"\1%", text)
    text = re.sub(r"(\d) ?([ap])\.?m\b\.?", r"\1 \2m", text)
    text = re.sub(r"(\d)(?:st|nd|rd|th)\b", r"\1", text)
    return re.sub(r"\s+", " ", text).strip()


def contains(text: str, value: str, accepted: tuple[str, ...] = ()) -> bool:
    """Tell whether the text states the value or one of its accepted spellings, as a whole.

    ``$4`` is not in ``$45``, and ``5 days`` is not in ``15 days`` or ``2.5 days``.
    """
    haystack = normalize(text)
    return any(_pattern(form).search(haystack) for form in (value, *accepted))


def _pattern(form: str) -> re.Pattern[str]:
    body = re.escape(normalize(form))
    if re.search(r"[a-z]{3,}s$", normalize(form)):
        body = body[:-1] + "s?"  # 14 day(s)
    body += r"(?![\w%@])(?![.,:-]\d)" + (r"(?!\.\w)" if "@" in form else "")  # a@b.example is not in a@b.example.com
    return re.compile((r"(?<![\w$@])(?<!\d[.,:-])(?<!\d )" if form[:1].isdigit() else r"(?<![\w$@-])") + body)


def values_in(text: str, kind: str) -> set[str]:
    """Return the distinct values of a type in the text, normalized; empty for types with no fixed shape (count, name, measure)."""
    pattern = _PATTERNS.get(kind)
    if pattern is None:
        return set()
    return {match.group().rstrip(".").removesuffix("s") for match in re.finditer(rf"(?<![\w$.-])(?:{pattern})", normalize(text))}
