"""Which draft answers a person has to see before a customer does, and why: rules in code, no model.

A rule fires on words of the question, words of the answer, or both, or on a typed trigger: the model's own flag, a
missing citation, low confidence, private data in the answer. The word rules are data, in
``data/operations/approval_rules.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from course_lib.assistants.answer import Answer, is_refusal
from course_lib.errors import DataError
from course_lib.operations.approval_rules import KINDS, Rule
from course_lib.operations.redaction import find_private

PRIVATE_IN_ANSWERS = ("card", "iban", "birth date", "account")  # depots have public addresses, phones and e-mail


@dataclass(frozen=True)
class Draft:
    """What an assistant would like to send.

    Attributes:
        question, text: what was asked, and the answer as the customer would read it.
        category: the answer's category; empty if none was given.
        citations: ids of the passages it cites.
        needs_human: the model's own flag; None if it did not say.
        confidence: least log-probability of a generated token (0 is certain); None without a model.
    """

    question: str
    text: str
    category: str = ""
    citations: tuple[str, ...] = ()
    needs_human: bool | None = None
    confidence: float | None = None


@dataclass(frozen=True)
class Reason:
    """Why a draft waits: the rule, the kind of risk, the sentence for the reviewer, and the words that fired it."""

    rule: str
    kind: str
    text: str
    found: str = ""


def draft_of(answer: Answer) -> Draft:
    """Return what an assistant's record would send."""
    parsed = answer.parsed
    return Draft(answer.question, parsed.text, parsed.category, parsed.citations, parsed.needs_human, answer.confidence)


def approval_reasons(draft: Draft, rules: Sequence[Rule], least_confidence: float | None = None) -> list[Reason]:
    """Return every reason for which a person has to see a draft first; an empty list means that it may be sent.

    Args:
        draft: question and answer with what is known of them.
        rules: word rules to apply, from :func:`~course_lib.operations.approval_rules.load_rules`.
        least_confidence: drafts below this log-probability wait; None applies no such limit. A draft without a
            confidence is not held for it.
    """
    found = (word_reason(rule, draft) for rule in rules)
    return [reason for reason in found if reason] + list(_typed_reasons(draft, least_confidence))


def word_reason(rule: Rule, draft: Draft) -> Reason | None:
    """Return the reason that one word rule gives for a draft, or None if the rule does not fire."""
    question, text = _plain(draft.question), _plain(draft.text)
    both = f"{question}\n{text}"
    if rule.unless and rule.unless.search(both):
        return None
    asked = [(rule.question, question), (rule.answer, text), (rule.either, both)]
    matches = [pattern.search(where) for pattern, where in asked if pattern]
    if not all(matches):
        return None
    return Reason(rule.id, rule.kind, rule.reason, " ... ".join(match.group(0).strip() for match in matches))


def _typed_reasons(draft: Draft, least_confidence: float | None) -> Iterable[Reason]:
    if draft.needs_human:
        yield Reason("flag", "process", "The assistant itself asks for a person.")
    if not draft.citations and not is_refusal(draft.text):
        yield Reason("no-citation", "process", "The answer cites no passage, so nobody can check it quickly.")
    if least_confidence is not None and draft.confidence is not None and draft.confidence < least_confidence:
        yield Reason("unsure", "process", "The model was unsure of at least one word.", f"{draft.confidence:.2f}")
    leaked = [item.kind for item in find_private(draft.text) if item.kind in PRIVATE_IN_ANSWERS]
    if leaked:
        yield Reason("private-data", "security", "The answer contains private data.", ", ".join(leaked))


def _plain(text: str) -> str:
    return text.replace("\u2019", "'")


@dataclass(frozen=True)
class Trial:
    """How rules did on labelled cases.

    Attributes:
        caught, leaked: ids of harmful cases that were held, and of those that would have been sent.
        false_alarms, passed: ids of harmless cases that were held, and of those that would have been sent.
    """

    caught: tuple[str, ...]
    leaked: tuple[str, ...]
    false_alarms: tuple[str, ...]
    passed: tuple[str, ...]


def try_rules(cases: Iterable[dict], rules: Sequence[Rule]) -> Trial:
    """Apply the word rules to labelled cases (rows of ``data/operations/approval_cases.jsonl``).

    Typed triggers stay out, so that the score is about the words: a missing citation would catch every case.

    Raises:
        DataError: a case lacks a field or names an unknown kind.
    """
    groups: dict[tuple[bool, bool], list[str]] = {(harm, held): [] for harm in (True, False) for held in (True, False)}
    for case in cases:
        missing = {"id", "question", "answer", "category", "harmful", "kind"} - set(case)
        if missing or case["kind"] not in KINDS:
            raise DataError(
                f"Approval case {case.get('id', '?')} lacks {sorted(missing) or 'a known kind'}.",
                "Mend the line in data/operations/approval_cases.jsonl.",
            )
        draft = Draft(case["question"], case["answer"], case["category"])
        held = any(word_reason(rule, draft) for rule in rules)
        groups[case["harmful"], held].append(case["id"])
    return Trial(*(tuple(groups[key]) for key in ((True, True), (True, False), (False, True), (False, False))))
