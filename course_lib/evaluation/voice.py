"""Does a reply keep the rules of the company's voice, and does a rewrite keep the facts of its draft?"""

from __future__ import annotations

import re

from course_lib.evaluation.voice_rules import RULES
from course_lib.evaluation.voice_words import MONTHS, WEEKDAYS
from course_lib.knowledge.values import normalize, values_in

_KINDS = ("money", "percent", "duration", "date", "time", "code", "contact")
_NUMBER = re.compile(r"(?<![\w$.-])\d+(?:\.\d+)?(?![\w%])")
_NUMERIC_DATE = re.compile(r"(?<![\w/])(0?[1-9]|1[0-2])/(0?[1-9]|[12]\d|3[01])(?![\w/])")
_CLOCK = re.compile(r"\b([01]?\d|2[0-3]):([0-5]\d)(?: ?([ap])\.?m\b\.?)?", re.I)
_MONTH_NAMES = MONTHS.split("|")
_SHORT_MONTH = re.compile(rf"\b({'|'.join(name[:3] for name in _MONTH_NAMES if name != 'May')})t?\b\.?")


def obeyed(text: str) -> dict[str, bool | None]:
    """Say of each rule of the voice whether a reply keeps it; None where the rule has no bearing on the reply.

    Args:
        text: the whole reply, sign-off included.

    Returns:
        One verdict a rule, by rule id, in the order of ``data/tickets/voice_guide.json``.
    """
    straight = text.replace("\u2019", "'")
    return {rule: check(straight) for rule, check in RULES.items()}


def facts_of(text: str) -> frozenset[tuple[str, str]]:
    """Return the values that a reply states, each as its kind and its normalized form.

    Kinds are those of :func:`course_lib.knowledge.values.values_in`, ``weekday``, and ``number`` for every bare number.
    The bare number 1 is left out, since "one" is mostly a pronoun.
    """
    plain = _NUMERIC_DATE.sub(_in_words, _CLOCK.sub(_on_twelve_hours, text))
    plain = _SHORT_MONTH.sub(_in_full, plain)
    plain = re.sub(r"(?i)\busd ?(?=\d)", "$", plain)
    found = {(kind, value) for kind in _KINDS for value in values_in(plain, kind)}
    found |= {("number", number) for number in _NUMBER.findall(normalize(plain)) if number != "1"}
    found |= {("weekday", day.lower()) for day in re.findall(rf"\b({WEEKDAYS})s?\b", plain, re.I)}
    return frozenset(found)


def facts_kept(draft: str, rewrite: str) -> bool:
    """Tell whether a rewrite states every value of its draft and no other."""
    return facts_of(draft) == facts_of(rewrite)


def _on_twelve_hours(match: re.Match[str]) -> str:
    """Write ``17:30`` as ``5:30 pm`` and ``9:00 AM`` as ``9 am``."""
    hour, minute, half = int(match.group(1)), match.group(2), match.group(3)
    half = half.lower() if half else ("p" if hour >= 12 else "a")
    hour = (hour - 1) % 12 + 1 if hour else 12
    return f"{hour}{'' if minute == '00' else ':' + minute} {half}m"


def _in_words(match: re.Match[str]) -> str:
    """Write ``3/14`` as ``March 14``."""
    return f"{_MONTH_NAMES[int(match.group(1)) - 1]} {int(match.group(2))}"


def _in_full(match: re.Match[str]) -> str:
    """Write ``Sept.`` as ``September``."""
    return next(name for name in _MONTH_NAMES if name.startswith(match.group(1)))
