"""What an answer to a behavior target is worth: is its form valid, which of its fields are right, is it all right?"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from course_lib.assistants.parsing import is_refusal, parse_house
from course_lib.evaluation.records_form import score_record
from course_lib.evaluation.voice import facts_kept, obeyed
from course_lib.evaluation.workflow_choice import parse_choice, read_object, score_choice
from course_lib.knowledge.values import contains
from course_lib.models.prompts import NOT_TOLD
from course_lib.training.targets import Item, Target

FACTS = "facts kept"


@dataclass(frozen=True)
class Verdict:
    """What one answer is worth.

    Attributes:
        valid: it has the agreed form, and nothing stands before or after.
        exact: it is valid and every field is right.
        fields: by field, whether it is right; None where a rule has no bearing. A broken form does not make a field
            wrong if the field can still be read.
        label: what the answer was read as, for a confusion table; empty if there is none.
    """

    valid: bool
    exact: bool
    fields: dict[str, bool | None]
    label: str = ""

    @property
    def share(self) -> float:
        """Return the share of right fields among those that have a bearing, 0 to 1."""
        known = [right for right in self.fields.values() if right is not None]
        return sum(known) / len(known)


def score(target: Target, item: Item, raw: str) -> Verdict:
    """Score what a model wrote for an item of a target."""
    return _SCORERS[target.name](target, item, raw)


def macro_f1(gold: Sequence[str], given: Sequence[str]) -> float:
    """Return the mean over the labels in ``gold`` of the harmonic mean of precision and recall, 0 to 1.

    A label that is never given has an F1 of 0.

    Raises:
        ValueError: the lengths differ, or there is nothing to score.
    """
    if not gold or len(gold) != len(given):
        raise ValueError(f"Macro-F1 needs as many labels given ({len(given)}) as gold ones ({len(gold)}), and some.")
    scores = []
    for label in sorted(set(gold)):
        right = sum(one == other == label for one, other in zip(gold, given))
        claimed = sum(one == label for one in given)
        scores.append(2 * right / (list(gold).count(label) + claimed))
    return sum(scores) / len(scores)


def label_in(text: str, labels: Sequence[str]) -> str:
    """Return the label that a text names first (of two that start together, the longer one); empty if it names none."""
    plain = _plain(text)
    found = [
        (match.start(), -len(label), label)
        for label in labels
        if (match := re.search(rf"\b{re.escape(_plain(label))}\b", plain))
    ]
    return min(found)[2] if found else ""


def _plain(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text.lower())


def _score_label(target: Target, item: Item, raw: str) -> Verdict:
    named = label_in(raw, target.form.value)
    right = named == item.wanted
    return Verdict(raw in target.form.value, raw == item.wanted, {"category": right}, named)


def _score_voice(target: Target, item: Item, raw: str) -> Verdict:
    rules = obeyed(raw)
    kept = facts_kept(item.text, raw)
    whole = bool(re.fullmatch(target.form.value, raw, re.DOTALL))
    return Verdict(whole, kept and all(right is not False for right in rules.values()), {**rules, FACTS: kept})


def _score_workflow(target: Target, item: Item, raw: str) -> Verdict:
    workflows = {one["id"]: one["arguments"] for one in target.definitions["workflows"]}
    judged = score_choice(object_in(raw), json.loads(item.wanted), workflows)
    valid = judged.valid and is_object(raw)
    fields = {"workflow": judged.workflow, **judged.arguments}
    return Verdict(valid, judged.exact and valid, fields, parse_choice(object_in(raw), workflows).workflow)


def _score_record(target: Target, item: Item, raw: str) -> Verdict:
    form = {one["field"]: one for one in target.definitions}
    judged = score_record(object_in(raw), json.loads(item.wanted), form)
    valid = judged.valid and is_object(raw)
    return Verdict(valid, judged.exact and valid, dict(judged.fields))


def _score_house(target: Target, item: Item, raw: str) -> Verdict:
    wanted, given = json.loads(item.wanted), read_object(object_in(raw))[0] or {}
    text, cited = given.get("answer"), given.get("citations")
    told = wanted["answer"] != NOT_TOLD
    fields = {
        "citations": isinstance(cited, list) and sorted(map(str, cited)) == sorted(wanted["citations"]),
        "answer": isinstance(text, str)
        and (all(contains(text, part) for part in wanted["answer"].split("; ")) if told else is_refusal(text)),
        "category": given.get("category") == wanted["category"],
        "needs_human": given.get("needs_human") is wanted["needs_human"],
    }
    valid = parse_house(raw).valid
    return Verdict(valid, valid and all(fields.values()), fields)


def is_object(raw: str) -> bool:
    """Tell whether a text is one JSON object and nothing else."""
    return read_object(raw)[0] is not None


def object_in(raw: str) -> str:
    """Return the first JSON object that stands in a text, as text; the whole text if there is none."""
    for start in (match.start() for match in re.finditer(r"\{", raw)):
        try:
            _, end = json.JSONDecoder().raw_decode(raw, start)
        except (ValueError, RecursionError):
            continue
        return raw[start:end]
    return raw


_SCORERS: dict[str, Callable[[Target, Item, str], Verdict]] = {
    "routing": _score_label,
    "voice": _score_voice,
    "workflow": _score_workflow,
    "records": _score_record,
    "schema": _score_house,
}
