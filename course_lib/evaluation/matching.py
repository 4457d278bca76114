"""Does a text state the values that a question asks for, and do passages state what a text says?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from course_lib.evaluation.gold import Question, Slot
from course_lib.knowledge.chunking import Passage
from course_lib.knowledge.values import contains, mentions, normalize, values_in

_NOT = r"\b(?:not|isn't|wasn't|never|rather than|instead of|no longer)\s+"
_DENIED = re.compile(_NOT + r"(?:the |a |your )?$")
_UNITS_OF_TIME = {
    f"{unit}{ending}" for unit in "second minute hour day week month year".split() for ending in ("", "s")
}
# What takes back a value that would be wrong: it is denied, it was the former one, or it is for other customers.
_SET_ASIDE_BEFORE = re.compile(
    _NOT + r"(?:\w+\s+){0,2}$"
    r"|\b(?:was|were|used to be|previously|formerly|(?:up|down|raised|lowered|changed) from)\s+(?:\w+\s+){0,2}$"
    r"|\b(?:others?|usual|usually|normally|ordinary|otherwise|whereas|unlike|everyone else)\b[^,;.:]*$"
)
_SET_ASIDE_AFTER = re.compile(
    r"(?: [\w']+){0,3}? (?:not|never|isn't|wasn't|no longer|wrong|incorrect|mistaken|outdated|too)\b"
    r"|[^;.]*\bfor (?:the )?other"
)


def states_all(question: Question, text: str) -> bool:
    """Tell whether a text states every value asked, no listed wrong or former one, and at most one other of its type.

    For counts and measures, the number alone will do if it is the whole of its part of the answer; for counts also
    if a word of the question follows it, or nothing ("How many visits?" "You have 3."). A wrong value may be named to
    set it aside ("not $31 but $15"), a right one may not, nor may it be offered as one of two ("$15 or $31").
    """
    if not all(
        _is_number_alone(slot, text) or _is_counted(question, slot, text) or _is_stated(slot, text)
        for slot in question.slots
    ):
        return False
    if any(asserts(text, value) for value in (*question.wrong, *question.stale)):
        return False
    known = {value for slot in question.slots for value in _known(slot)}
    others = [values_in(text, slot.type) - known for slot in question.slots]
    return all(sum(asserts(text, value) for value in found) <= 1 for found in others)


def _forms(slot: Slot) -> tuple[str, ...]:
    """Return the spellings of a value, those of "A and B" in either order."""
    forms = (slot.value, *slot.accepted)
    return forms + tuple(" and ".join(reversed(form.split(" and "))) for form in forms if " and " in form)


def _known(slot: Slot) -> set[str]:
    return {value for form in _forms(slot) for value in values_in(form, slot.type)}


def _is_number_alone(slot: Slot, text: str) -> bool:
    return slot.type in ("count", "measure") and normalize(slot.value).split()[0] in [
        normalize(part) for part in text.split(";")
    ]


def _is_counted(question: Question, slot: Slot, text: str) -> bool:
    if slot.type != "count":
        return False
    asked = {None, "times", *re.findall(r"[a-z]+", normalize(question.text))} - _UNITS_OF_TIME
    number = normalize(slot.value).split()[0]
    return any(
        not _DENIED.search(before) and re.match(r"(?: ([a-z]+))?", after).group(1) in asked
        for before, after in mentions(text, number)
    )


def _is_stated(slot: Slot, text: str) -> bool:
    return any(
        not _DENIED.search(before) and not _is_one_of_two(before, after, slot)
        for before, after in mentions(text, slot.value, _forms(slot))
    )


def _is_one_of_two(before: str, after: str, slot: Slot) -> bool:
    """Tell whether another value of the same type stands beside an "or"."""
    beside = [re.search(r"(.{1,25}) or (?:\w+ )?$", before), re.match(r" or (.{1,25})", after)]
    return any(match and values_in(match.group(1), slot.type) - _known(slot) for match in beside)


def asserts(text: str, value: str) -> bool:
    """Tell whether a text states a value at least once without setting it aside."""
    return any(
        not _SET_ASIDE_BEFORE.search(before) and not _SET_ASIDE_AFTER.match(after)
        for before, after in mentions(text, value)
    )


def is_supported(text: str, cited: Sequence[Passage]) -> bool:
    """Tell whether every typed value of a text, or else every part of it, stands in the cited passages."""
    source = " ".join(f"{passage.heading} {passage.text}" for passage in cited)
    stated = [part for part in (part.strip(" .") for part in re.split(r";|, and | and ", text)) if part]
    kinds = ("money", "percent", "duration", "date", "time", "code", "contact")
    typed = [value for kind in kinds for value in values_in(text, kind)]
    return bool(cited) and all(contains(source, value) for value in (typed or stated))


def relevant_ids(slot: Slot, passages: Mapping[str, Passage]) -> set[str]:
    """Return the passages of the slot's article that state its value: those that answer the question."""
    article = slot.article
    return {
        name for name, passage in passages.items() if passage.article == article and contains(passage.text, slot.value)
    }
