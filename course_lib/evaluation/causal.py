"""Does an answer come from the passage that it cites? Change what is shown, ask again, and see what the answer does.

Sources are taken away as in ContextCite (Cohen-Wang et al. 2024), and values are swapped as in Longpre et al. 2021.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from course_lib.assistants.answer import Answer
from course_lib.errors import DataError
from course_lib.evaluation.gold import Question, Slot
from course_lib.evaluation.judge import Judgement
from course_lib.evaluation.matching import states_all
from course_lib.knowledge.chunking import Passage
from course_lib.knowledge.values import contains
from course_lib.retrieval.base import Hit
from course_lib.training.random_values import draw_value

TESTS = {
    "swap": "The cited passage states another value. The answer should follow it.",
    "ablation": "The cited passage is taken away. The answer should be withdrawn.",
    "decoy": "Another passage comes first, under the heading of the cited one. The answer should stay.",
    "placebo": "Every digit in the passages that it does not cite is another. The answer should stay.",
}
RIGHT_OUTCOME = {"swap": "follows", "ablation": "declines", "decoy": "keeps", "placebo": "keeps"}


@dataclass(frozen=True)
class Probe:
    """One changed view of the passages.

    Attributes:
        test: one of ``TESTS``.
        hits: what is shown instead, best first.
        new: the value that the cited passage now states; empty where it was not changed.
    """

    test: str
    hits: tuple[Hit, ...]
    new: str = ""


def can_be_probed(judged: Judgement) -> bool:
    """Tell whether an answer is right, cites the right passage of those shown, and one value with a shape was asked."""
    slots, answer = judged.question.slots, judged.answer
    seen = {hit.passage.id for hit in answer.hits} >= set(answer.parsed.citations)
    return len(slots) == 1 and slots[0].type != "name" and judged.correct and bool(judged.citation_correct) and seen


def probes(judged: Judgement, decoys: Mapping[str, Sequence[Passage]], seed: int) -> list[Probe]:
    """Return the changed views for an answer that :func:`can_be_probed`, without those that would change nothing.

    Where every shown passage is cited, there is no placebo.

    Args:
        judged: the judged answer, with the passages it was made from.
        decoys: passages about other things by the type of a value that they state (:func:`decoys_by_type`).
        seed: with the question's id, the seed of every choice; other questions make no difference.

    Raises:
        ValueError: the answer cannot be probed.
    """
    if not can_be_probed(judged):
        raise ValueError(f"The answer to {judged.question.id} cannot be probed: see can_be_probed.")
    question, hits = judged.question, judged.answer.hits
    cited, slot = set(judged.answer.parsed.citations), question.slots[0]
    rng = random.Random(f"{seed}/{question.id}")
    new = other_value(question, hits, rng)
    pool = decoys.get(slot.type) or sorted({p for found in decoys.values() for p in found}, key=lambda p: p.id)
    tried = [
        Probe("swap", _changed(hits, cited, lambda passage: swap_value(passage, slot, new)), new),
        Probe("ablation", tuple(hit for hit in hits if hit.passage.id not in cited)),
        Probe("decoy", with_decoy(hits, cited, rng.choice(pool))),
        Probe("placebo", _changed(hits, {hit.passage.id for hit in hits} - cited, lambda p: scramble_digits(p, rng))),
    ]
    return [probe for probe in tried if probe.hits != hits]


def swap_value(passage: Passage, slot: Slot, new: str) -> Passage:
    """Return the passage with another value wherever it states the slot's, as a whole: ``$4`` is not in ``$45``."""
    pattern = rf"(?<![\w$.]){re.escape(slot.value)}(?![\w%]|[.,:-]\d)"
    heading = {part: re.sub(pattern, lambda _: new, getattr(passage, part)) for part in ("title", "section")}
    return replace(passage, text=re.sub(pattern, lambda _: new, passage.text), **heading)


def other_value(question: Question, hits: Sequence[Hit], rng: random.Random) -> str:
    """Draw a value of the same type and shape that no shown passage states and that has to do with no other answer.

    Raises:
        DataError: none was found.
    """
    slot = question.slots[0]
    known = [question.text, slot.value, *slot.accepted, *question.stale, *question.wrong]
    seen = "\n".join([*known, *(hit.passage.indexed for hit in hits)])
    for _ in range(200):
        new = draw_value({"type": slot.type, "value": slot.value}, rng)
        if not contains(seen, new):
            return new
    raise DataError(f"No other value like {slot.value!r} was found.", "Leave the question out, or mend its fact.")


def with_decoy(hits: Sequence[Hit], cited: set[str], decoy: Passage) -> tuple[Hit, ...]:
    """Put a passage first, under the heading of the first cited one, in place of the last that is not cited."""
    first = next(hit for hit in hits if hit.passage.id in cited)
    dressed = replace(decoy, title=first.passage.title, section=first.passage.section, category=first.passage.category)
    last = next((hit for hit in reversed(hits) if hit.passage.id not in cited), None)
    return (Hit(dressed, hits[0].score), *(hit for hit in hits if hit is not last))


def scramble_digits(passage: Passage, rng: random.Random) -> Passage:
    """Return the passage with every digit of its text drawn anew."""
    return replace(passage, text=re.sub(r"\d", lambda _: str(rng.randint(2, 9)), passage.text))


def _changed(hits: Sequence[Hit], ids: set[str], change) -> tuple[Hit, ...]:
    return tuple(replace(hit, passage=change(hit.passage)) if hit.passage.id in ids else hit for hit in hits)


def decoys_by_type(facts: Iterable[Mapping], passages: Iterable[Passage], date: str) -> dict[str, list[Passage]]:
    """Return passages of the train articles by the type of a value that they state; no question asks about them.

    Args:
        facts: rows of ``facts.jsonl``.
        passages, date: the site's passages at one of its dates.
    """
    site, found = list(passages), {}
    for fact in facts:
        value = fact["values"].get(date)
        if fact["split"] == "train" and value is not None:
            stating = [p for p in site if p.article == fact["article"] and contains(p.text, value)]
            found.setdefault(fact["type"], {}).update({passage.id: passage for passage in stating})
    return {kind: list(by_id.values()) for kind, by_id in found.items() if by_id}


def outcome(question: Question, probe: Probe, answer: Answer) -> str:
    """Return what the answer did: ``follows`` the new value, ``keeps`` the old one, ``declines``, or says ``other``.

    Args:
        question: with the value that was right before the change.
        probe: the changed view.
        answer: what the model wrote, before any check could withhold it.
    """
    if answer.abstained:
        return "declines"
    (slot,) = question.slots
    swapped = replace(question, slots=(replace(slot, value=probe.new, accepted=()),), stale=(slot.value,), wrong=())
    if probe.new and states_all(swapped, answer.parsed.text):
        return "follows"
    return "keeps" if states_all(question, answer.parsed.text) else "other"
