"""Score the layers of one answer apart: retrieval, generation, format, citation, latency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from course_lib.assistants.answer import Answer
from course_lib.assistants.hybrid import before_validation
from course_lib.evaluation.judge import Judgement, relevant_ids, states_all
from course_lib.knowledge.chunking import Passage

LAYERS = ("retrieval", "generation", "format", "citation")


@dataclass(frozen=True)
class Layers:
    """What each layer of one answer did; None where a layer had nothing to do.

    Attributes:
        retrieval: the passages put before the model tell every value asked; None if nothing was put there or the
            documents do not tell.
        generation: what the model wrote is right, before any check could replace it; None if retrieval had failed,
            which no wording can mend, or if no model was used.
        format: what the model wrote is exactly one object of the house format; None if no model was used.
        citation: for every value asked, a passage that tells is cited; None if it declines or the documents do not
            tell.
        seconds: the time of all layers; None where it was not kept.
    """

    retrieval: bool | None
    generation: bool | None
    format: bool | None
    citation: bool | None
    seconds: float | None

    def row(self) -> list[str | float | None]:
        """Return the five as words and a number, in order, for a table."""
        words = {True: "ok", False: "failed", None: None}
        return [*(words[getattr(self, name)] for name in LAYERS), self.seconds and round(self.seconds, 2)]

    @property
    def sound(self) -> bool:
        """Whether at least one layer had something to do and did it."""
        return any(getattr(self, name) for name in LAYERS)


def score_layers(judged: Judgement, passages: Mapping[str, Passage]) -> Layers:
    """Score the layers of one judged answer, from its record alone.

    Args:
        judged: the answer with its verdict.
        passages: the current site's passages by id.
    """
    question, answer = judged.question, judged.answer
    shown = {hit.passage.id for hit in answer.hits}
    found = all(relevant_ids(slot, passages) & shown for slot in question.slots)
    retrieval = found if shown and question.answerable else None
    wrote = before_validation(answer)
    right = states_all(question, wrote.parsed.text) if question.answerable else wrote.abstained
    return Layers(
        retrieval,
        right if answer.raw and retrieval is not False else None,
        wrote.parsed.valid if answer.raw else None,
        judged.citation_correct,
        sum(answer.seconds.values()) if answer.seconds else None,
    )


def missing_parts(answer: Answer) -> list[str]:
    """Return what a record lacks of the parts from which the five layers are scored; empty if it is whole.

    Retrieval is scored from the passages with their scores, generation and format from the prompt and the raw text,
    citation from the parsed fields, and latency from the seconds of each layer that ran.
    """
    model = bool(answer.prompt or answer.raw)
    ran = {"retrieve": bool(answer.hits), "generate": model, "validate": bool(answer.verdicts)}
    lacking = [f"seconds to {layer}" for layer, used in ran.items() if used and layer not in answer.seconds]
    if model and not (answer.prompt and answer.tokens_in and answer.tokens_out):
        lacking.append("prompt and tokens")
    if any(hit.score is None for hit in answer.hits):
        lacking.append("scores of the passages")
    return lacking or ([] if answer.seconds else ["seconds"])
