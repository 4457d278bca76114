"""Whose value does an answer state, now that the right one has changed?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from course_lib.assistants.parsing import is_refusal
from course_lib.evaluation.gold import Question
from course_lib.evaluation.matching import states_all
from course_lib.knowledge.values import contains

CURRENT, STALE, BLENDED, OTHER, ABSTAINED = KINDS = ("current", "stale", "blended", "other", "abstained")
FIT = ("lookup", "paraphrase", "code", "near_duplicate")  # strata whose wording fits every date


@dataclass(frozen=True)
class Asked:
    """A question about one value that has been there at every date.

    Attributes:
        question: with the gold value of the newest date.
        values: its value by date, oldest first.
        aliases: other ways to write a value.
    """

    question: Question
    values: Mapping[str, str]
    aliases: Mapping[str, Sequence[str]]

    @property
    def pattern(self) -> str:
        """A letter a date, the same letter for the same value: ``AAB`` has changed at the third date."""
        distinct = list(dict.fromkeys(self.values.values()))
        return "".join("ABC"[distinct.index(value)] for value in self.values.values())

    def changed(self, old: str, new: str) -> bool:
        """Tell whether the value is another at two dates."""
        return self.values[old] != self.values[new]

    def kind(self, text: str, date: str) -> str:
        """Return whose value a text states at a date: one of ``KINDS``.

        ``current``: the value of that date and no former one; ``stale``: a former one only; ``blended``: both;
        ``other``: neither; ``abstained``: it declines.
        """
        if is_refusal(text):
            return ABSTAINED
        former = {value for day, value in self.values.items() if day < date} - {self.values[date]}
        now, before = self._states(text, self.values[date]), any(self._states(text, value) for value in former)
        return {(True, False): CURRENT, (False, True): STALE, (True, True): BLENDED}.get((now, before), OTHER)

    def _states(self, text: str, value: str) -> bool:
        accepted = tuple(self.aliases.get(value, ()))
        slot = replace(self.question.slots[0], value=value, accepted=accepted)
        alone = replace(self.question, slots=(slot,), stale=(), wrong=())
        return contains(text, value, accepted) or states_all(alone, text)  # the second knows "3" for "3 visits"


def asked_at_every_date(
    questions: Sequence[Question], facts: Mapping[str, Mapping[str, Any]], dates: Sequence[str]
) -> list[Asked]:
    """Return the questions that ask one value which every date has, and whose wording fits every date."""
    single = [question for question in questions if question.stratum in FIT and len(question.slots) == 1]
    return [
        Asked(question, {date: fact["values"][date] for date in dates}, fact["aliases"])
        for question, fact in ((question, facts[question.slots[0].fact]) for question in single)
        if all(fact["values"][date] for date in dates)
    ]


def sliced(asked: Sequence[Asked], count: int) -> list[Asked]:
    """Return at most so many questions of each pattern, spread over its articles, in the order given."""
    chosen: set[str] = set()
    for pattern in {one.pattern for one in asked}:
        group = [one for one in asked if one.pattern == pattern]
        few = min(count, len(group))
        chosen |= {group[place * len(group) // few].question.id for place in range(few)}
    return [one for one in asked if one.question.id in chosen]
