"""Is an answer of the kind that its question asks for? Thirty-six hours are no answer to "how many bikes"."""

from __future__ import annotations

import re

from course_lib.knowledge.values import normalize

_UNITS = {
    "time": "second sec minute min hour hr day week month year yr",
    "length": "inch inche foot feet mile yard meter metre millimeter mm centimeter cm kilometer km",
    "weight": "pound lb kilo kg kilogram gram ounce oz ton tonne",
    "data": "kb mb gb tb megabyte gigabyte",
    "share": "percent",
    "money": "dollar cent buck",
}
_KIND_OF = {unit: kind for kind, units in _UNITS.items() for unit in units.split()}
_OF_A_COUNT = {"times", "more", "other"}  # "how many times a month" is asked for in many ways, and left alone
_HOW_MANY = re.compile(r"\bhow many (\w+)(?: (\w+))?")
_QUANTITY = re.compile(r"\bhow (?:many|long|far|heavy|old|fast|tall|deep|wide|big)\b|\bheaviest\b")
_TWO = re.compile(r"\b(?:how|what|which|when|where|who)\b")


def fits(question: str, answer: str) -> bool:
    """Tell whether an answer can be one to a question, going by kinds of values; in doubt, it can.

    Looked at are questions for a number of something (how many weeks, how many bikes, how long), for an email address,
    and for a code or form. A question that asks two things, and an answer that gives two values, are left alone.

    Args:
        question: as the customer wrote it.
        answer: a bare value, such as ``36 hours``.
    """
    asked = normalize(question)
    if ";" in answer or len(_TWO.findall(asked)) != 1:
        return True
    value = normalize(answer)
    has_digit, kinds = bool(re.search(r"\d", value)), _kinds(value)
    if re.search(r"\b(?:which|what) e-?mail\b", asked):
        return "@" in value
    if re.search(r"\b(?:which|what) (?:\w+ )?(?:code|form|part number)\b", asked):
        return has_digit and not kinds
    if not has_digit and _QUANTITY.search(asked):
        return False
    if re.search(r"\bhow long\b", asked):
        return not kinds or bool(kinds & {"time", "length"})
    wanted = _counted(asked)
    if wanted is None:
        return True
    return wanted in kinds or not re.search(r"[a-z$%]", value) if wanted else kinds <= {"data"}


def _kinds(value: str) -> set[str]:
    """Return the kinds of quantities that a value names, by their units; a bare number has none."""
    words = [word for pair in re.findall(r"\d ([a-z]+)(?: ([a-z]+))?", value) for word in pair]  # "2 business days"
    kinds = {_KIND_OF[stem] for word in words if (stem := _stem(word)) in _KIND_OF}
    return kinds | ({"money"} if "$" in value else set()) | ({"share"} if "%" in value else set())


def _counted(question: str) -> str | None:
    """Return the kind of unit that "how many" asks for; an empty text for things, and None where it cannot be told."""
    match = _HOW_MANY.search(question)
    if match is None or match[1] in {"a", "an", "per", "can", "do", "does", "is", "are", "of"} | _OF_A_COUNT:
        return None
    stems = [_stem(word) for word in match.groups() if word]
    return next((_KIND_OF[stem] for stem in stems if stem in _KIND_OF), "")


def _stem(word: str) -> str:
    return word.removesuffix("s") if len(word) > 2 else word
