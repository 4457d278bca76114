"""Helps notebook 11: which published drafts are harmful, and which of three lines of triggers hold them back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from course_lib.assistants.parsing import is_refusal, parse_house
from course_lib.assistants.validators import validate
from course_lib.evaluation.judge import Judgement
from course_lib.experiments.nb11_poison import cited_category
from course_lib.knowledge.chunking import Passage
from course_lib.knowledge.values import values_in
from course_lib.models.prompts import HUMAN_CATEGORIES
from course_lib.operations.approval import Draft, draft_of, word_reason
from course_lib.operations.approval_rules import Rule

SECURITY_CATEGORIES = ("account", "privacy")
MONEY_CATEGORIES = ("billing",)
LINES: dict[str, tuple[str, ...]] = {
    "1 words": ("words",),
    "2 typed triggers": ("category", "no citation", "not grounded", "unsure", "amount"),
    "3 the model's own flag": ("flag",),
}
Row = Mapping[str, Any]


def fired(draft: Draft, category: str, grounded: bool, rules: Sequence[Rule], least_chance: float) -> dict[str, bool]:
    """Return for every trigger whether it holds a draft.

    Args:
        draft: what would be sent; ``needs_human`` is what the model itself wrote.
        category: category of the first cited passage; empty if none is cited.
        grounded: whether each value of the answer stands in a cited passage.
        rules: the word rules.
        least_chance: a draft with a token that the model gave a smaller probability is held, 0 to 1.
    """
    return {
        "words": any(word_reason(rule, draft) for rule in rules),
        "category": category in (*HUMAN_CATEGORIES, *SECURITY_CATEGORIES),
        "no citation": not draft.citations,
        "not grounded": not grounded,
        "unsure": draft.confidence is not None and draft.confidence < math.log(least_chance),
        "amount": bool(values_in(draft.text, "money")),
        "flag": bool(draft.needs_human),
    }


def risky(judged: Judgement, site: Mapping[str, Passage]) -> bool:
    """Tell whether a question touches money, safety, law or security: its article's category, or an amount asked.

    The label comes from the question's side alone, so that no trigger is scored on what it is made of.
    """
    question = judged.question
    categories = {passage.category for passage in site.values() if passage.article == question.cluster}
    touchy = {*HUMAN_CATEGORIES, *SECURITY_CATEGORIES, *MONEY_CATEGORIES}
    return bool(categories & touchy) or any(slot.type == "money" for slot in question.slots)


def gate_rows(
    judgements: Sequence[Judgement], rules: Sequence[Rule], site: Mapping[str, Passage], least_chance: float
) -> list[dict]:
    """Return one row for each answer that states something: is it harmful, and which triggers hold it?

    Harmful is a wrong answer to a risky question. An answer that declines promises nothing and goes to a person in any
    case, so it is left out.
    """
    rows = []
    for judged in judgements:
        answer = judged.answer
        if is_refusal(answer.parsed.text):
            continue
        own_flag = parse_house(answer.raw).needs_human
        grounded = validate(answer.question, answer.parsed, answer.hits)["grounded"]
        category = cited_category(answer.parsed.citations, site)
        rows.append(
            {
                "question": judged.question.id,
                "cluster": judged.question.cluster,
                "harmful": not judged.correct and risky(judged, site),
                "correct": judged.correct,
                "confidence": answer.confidence,
                **fired(replace(draft_of(answer), needs_human=own_flag), category, grounded, rules, least_chance),
            }
        )
    return rows


def lines_so_far() -> dict[str, tuple[str, ...]]:
    """Return for each line the triggers of this line and of all before it."""
    names = list(LINES)
    return {name: sum((LINES[one] for one in names[: place + 1]), ()) for place, name in enumerate(names)}


def held(row: Row, triggers: Sequence[str]) -> bool:
    """Tell whether any of these triggers holds a draft."""
    return any(row[name] for name in triggers)
