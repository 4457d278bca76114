"""The hybrid without retrieval, without its narrow instruction, and without citations, on a slice of the test set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from course_lib.assistants.answer import Answer, abstention
from course_lib.assistants.hybrid import TOP_K, Hybrid, before_validation
from course_lib.assistants.team import build_team
from course_lib.assistants.ungrounded import Ungrounded
from course_lib.evaluation.differences import difference_of
from course_lib.evaluation.gold import Question, load_questions
from course_lib.evaluation.judge import Judgement, judge
from course_lib.evaluation.slices import tour_slice
from course_lib.evaluation.statistics import Interval
from course_lib.experiments.nb08_checks import is_good
from course_lib.experiments.sources import READING_ADAPTER, SITE_DATA
from course_lib.knowledge.articles import CATEGORIES
from course_lib.knowledge.chunking import Passage
from course_lib.models.chat import ChatModel, Completion
from course_lib.models.constrained import constrained, json_grammar
from course_lib.models.prompts import UNKNOWN_CATEGORY, Message
from course_lib.settings import Settings

NAME = "nb08_steps"
USES = (*SITE_DATA, *READING_ADAPTER)
QUESTIONS = 72
NO_RETRIEVAL, LOOSE, UNCITED, CODE_CITES = (
    "without retrieval",
    "with a loose instruction",
    "without citations",
    "citations by code alone",
)
WHOLE = "all five"
REMOVED = {"retrieve": NO_RETRIEVAL, "instruct narrowly": LOOSE, "answer with citations": UNCITED}
# The house format without its first part. An empty list there would not do: the model has learned to decline after it.
UNCITED_FORM = {
    "type": "object",
    "properties": {
        "answer": {"type": "string", "minLength": 1},
        "category": {"enum": [*CATEGORIES, UNKNOWN_CATEGORY]},
        "needs_human": {"type": "boolean"},
    },
    "required": ["answer", "category", "needs_human"],
    "additionalProperties": False,
}


class Unpointed:
    """A chat model that answers without pointing first; an empty list of citations completes the form afterwards."""

    def __init__(self, chat: ChatModel):
        self.chat = constrained(chat, json_grammar(UNCITED_FORM))

    def render(self, messages: Sequence[Message]) -> str:
        """Return the text that the model is given."""
        return self.chat.render(messages)

    def generate(self, conversations: Sequence[Sequence[Message]], *arguments: Any, **options: Any) -> list[Completion]:
        """Answer conversations as the chat model does."""
        done = self.chat.generate(conversations, *arguments, **options)
        return [replace(one, text='{"citations": [], ' + one.text.removeprefix("{")) for one in done]


def asked(settings: Settings) -> list[Question]:
    """Return the test questions that are asked, every stratum in proportion."""
    return tour_slice(load_questions(settings.data, "test"), QUESTIONS)


def run(settings: Settings, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Return one row for each question and variant: see :func:`row_of`."""
    team, questions = build_team(settings), asked(settings)
    site, texts = {passage.id: passage for passage in team.passages}, [question.text for question in questions]
    found = team.retriever.search(texts, TOP_K)
    loose = Hybrid(Ungrounded(team.chat), team.retriever)
    mute = Hybrid(Unpointed(team.chat), team.retriever)
    say(f"{NO_RETRIEVAL}: {len(texts)} questions")
    answers = {NO_RETRIEVAL: team.assistants["hybrid"].answer_from(texts, [[] for _ in texts])}
    say(f"{LOOSE}: {len(texts)} questions")
    answers[LOOSE] = loose.answer_from(texts, found)
    say(f"{UNCITED}: {len(texts)} questions")
    answers[CODE_CITES] = mute.answer_from(texts, found)  # the hybrid's own check adds the citations
    answers[UNCITED] = [without_citations(answer) for answer in answers[CODE_CITES]]
    return [
        row_of(variant, judge(question, answer, site))
        for variant, some in answers.items()
        for question, answer in zip(questions, some)
    ]


def without_citations(answer: Answer) -> Answer:
    """Return the record as it would be if nobody asked for sources: two checks have nothing left to look at."""
    passed = answer.verdicts["format"] and answer.verdicts["confident"]
    return replace(answer, parsed=before_validation(answer).parsed if passed else abstention())


def row_of(variant: str, judged: Judgement) -> dict[str, Any]:
    """Return what one answer is worth, as plain JSON values.

    ``right`` and ``good`` are about what leaves the assistant, after all checks that were made; ``declined``: it does
    not answer; ``raw``: what the model wrote.
    """
    return {
        "variant": variant,
        "question": judged.question.id,
        "cluster": judged.question.cluster,
        "right": judged.correct,
        "good": is_good(judged),
        "declined": judged.answer.abstained,
        "raw": judged.answer.raw,
    }


def five_steps(
    stored: Sequence[dict[str, Any]], judgements: Sequence[Judgement], site: Mapping[str, Passage]
) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of the hybrid with all five steps, and those without each of them, on the slice that was asked.

    Without the log every answer is the same: it is written down after the answer is sent.

    Args:
        stored: as :func:`run` returns them.
        judgements: the hybrid's judged answers to all test questions.
        site: the current passages by id.
    """
    asked = {row["question"] for row in stored}
    part = [one for one in judgements if one.question.id in asked]
    unchecked = [judge(one.question, before_validation(one.answer), site) for one in part]
    removed = {step: [row for row in stored if row["variant"] == variant] for step, variant in REMOVED.items()}
    return {
        WHOLE: [row_of(WHOLE, one) for one in part],
        **removed,
        "validate": [row_of("validate", one) for one in unchecked],
        "log": [row_of("log", one) for one in part],
    }


def changes(groups: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Interval]:
    """Return how the share of good answers changes without each step; below zero, the step was worth something."""
    return {
        f"without {step}": difference_of(groups[WHOLE], rows, "good") for step, rows in groups.items() if step != WHOLE
    }
