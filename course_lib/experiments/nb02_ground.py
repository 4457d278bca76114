"""One model, five prompts: with and without grounding, with and without worked examples, and the right passages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from course_lib.assistants.answer import Answer
from course_lib.assistants.rag import Rag
from course_lib.assistants.ungrounded import Ungrounded
from course_lib.evaluation.contexts import oracle
from course_lib.evaluation.differences import text_of
from course_lib.evaluation.gold import Question, load_questions
from course_lib.evaluation.grounding import citation_steps, is_unsupported, names_its_sources
from course_lib.evaluation.judge import judge
from course_lib.evaluation.outcomes import by_condition, share
from course_lib.evaluation.slices import tour_slice
from course_lib.experiments.sources import SITE_DATA
from course_lib.knowledge.chunking import Passage, chunk_all
from course_lib.knowledge.snapshots import load_snapshot
from course_lib.models.chat import load_chat
from course_lib.retrieval.fusion import best_retriever
from course_lib.settings import Settings

NAME = "nb02_ground"
USES = SITE_DATA
QUESTIONS, RECUT = 48, 60
FULL, PLAIN = "grounded, worked examples", "grounded, no examples"
LOOSE, BARE = "not grounded, worked examples", "not grounded, no examples"
ORACLE = "grounded, worked examples, right passages only"
GRID = {FULL: (True, True), PLAIN: (True, False), LOOSE: (False, True), BARE: (False, False)}
COLUMNS = (
    "prompt",
    "correct",
    "unsupported",
    "declines though told",
    "declines when not told",
    "citation opens",
    "opens after another cut",
)


def run(settings: Settings, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Return one row for each prompt and question of a slice of the test set."""
    questions = tour_slice(load_questions(settings.data, "test"), QUESTIONS)
    pages = load_snapshot(settings.data)
    stores = [{passage.id: passage for passage in chunk_all(pages, **cut)} for cut in ({}, {"max_words": RECUT})]
    retriever, chat = best_retriever(list(stores[0].values()), settings), load_chat(settings)
    rows: list[dict[str, Any]] = []
    for name, (grounded, example) in GRID.items():
        rag = Rag(chat if grounded else Ungrounded(chat), retriever, example=example)
        answers = rag.answer([question.text for question in questions], lambda text, name=name: say(f"{name}: {text}"))
        rows += [row_of(name, *pair, *stores) for pair in zip(questions, answers)]
    told = [question for question in questions if question.answerable]
    right = [oracle(question, stores[0]) for question in told]
    answers = Rag(chat, retriever).answer_from([question.text for question in told], right)
    return rows + [row_of(ORACLE, *pair, *stores) for pair in zip(told, answers)]


def row_of(
    condition: str, question: Question, answer: Answer, store: Mapping[str, Passage], recut: Mapping[str, Passage]
) -> dict[str, Any]:
    """Return what one answer is worth, as plain JSON values.

    Args:
        condition: name of the prompt.
        question, answer: what was asked and said.
        store: the site's passages by id, from which the answer was made.
        recut: the same site cut into shorter passages, in which the same ids stand for other texts.
    """
    judged, steps = judge(question, answer, store), citation_steps(answer, store)
    return {
        "condition": condition,
        "question": question.id,
        "cluster": question.cluster,
        "passages": [[hit.passage.id, round(hit.score, 4)] for hit in answer.hits],
        "raw": answer.raw,
        "correct": judged.correct,
        "unsupported": is_unsupported(answer),
        "false_refusal": answer.abstained if question.answerable else None,
        "abstains": None if question.answerable else answer.abstained,
        **steps,
        "opens_recut": citation_steps(answer, recut)["opens"],
        "traced": names_its_sources(answer),
    }


def table(rows: Sequence[dict[str, Any]]) -> list[list[Any]]:
    """Return a line for each prompt; a score that does not apply to a prompt is missing."""
    keys = ("correct", "unsupported", "false_refusal", "abstains", "opens", "opens_recut")
    return [[name, *(_cell(group, key) for key in keys)] for name, group in by_condition(rows).items()]


def _cell(rows: Sequence[dict[str, Any]], key: str) -> str | None:
    return text_of(share(rows, key)) if any(row[key] is not None for row in rows) else None
