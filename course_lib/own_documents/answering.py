"""Let the local model answer: without documents, with what was found, and with a right passage handed in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from course_lib.assistants.answer import Answer
from course_lib.assistants.rag import TOP_K, Rag
from course_lib.evaluation.judge import judge
from course_lib.knowledge.chunking import Passage
from course_lib.models.chat import ChatModel
from course_lib.own_documents.finding import cluster_of
from course_lib.own_documents.indexing import Index
from course_lib.own_documents.prompts import WithoutDocuments
from course_lib.own_documents.relevance import Target, as_gold
from course_lib.own_documents.scores import Score, mean, share
from course_lib.retrieval.base import Hit
from course_lib.retrieval.bm25 import words_of

PROMPT_ONLY, RAG, GIVEN = "prompt_only", "rag", "rag, right passage given"


@dataclass(frozen=True)
class Judged:
    """One answer and what it is worth.

    Attributes:
        target: the question.
        system: who answered: ``prompt_only``, ``rag`` or ``rag, right passage given``.
        answer: the record.
        correct: whether it is right; None if the expected answer is too long to be looked for word by word.
        cause: why it is wrong; empty if it is right or could not be judged.
        overlap: F1 of the words of the answer and of the expected one; None if the right answer is to decline.
    """

    target: Target
    system: str
    answer: Answer
    correct: bool | None
    cause: str
    overlap: float | None


def answer_all(
    targets: Sequence[Target],
    found: Sequence[Sequence[Hit]],
    index: Index,
    chat: ChatModel,
    say: Callable[[str], None] | None = None,
) -> list[Judged]:
    """Answer every question that has an expected answer, in each of the three ways, and judge the answers.

    Args:
        targets: all questions.
        found: what retrieval found for each, best first.
        index: the passages.
        chat: the local model.
        say: called with progress lines.
    """
    asked = [(target, list(hits)) for target, hits in zip(targets, found) if target.asked.answers]
    if not asked:
        return []
    questions = [target.asked.text for target, _ in asked]
    passages = {passage.id: passage for passage in index.passages}
    rag = Rag(chat, index.best)
    given = [(target, hits) for target, hits in asked if target.scored]
    right = [[_right(target, hits, passages)] for target, hits in given]
    answered = {
        PROMPT_ONLY: (asked, WithoutDocuments(chat).answer(questions, _named(PROMPT_ONLY, say))),
        RAG: (asked, rag.answer_from(questions, [hits[:TOP_K] for _, hits in asked], say=_named(RAG, say))),
    }
    if given:
        told = rag.answer_from([target.asked.text for target, _ in given], right, say=_named(GIVEN, say))
        answered[GIVEN] = (given, told)
    return [
        _judged(target, hits, system, answer, passages)
        for system, (pairs, answers) in answered.items()
        for (target, hits), answer in zip(pairs, answers)
    ]


def answer_scores(judged: Sequence[Judged]) -> list[Score]:
    """Return the shares of right and of declined answers and the mean overlap of words, by system."""
    scores = []
    for system in dict.fromkeys(one.system for one in judged):
        rows = [one for one in judged if one.system == system]
        right = [one for one in rows if one.correct is not None]
        told = [one for one in rows if not one.target.unanswerable]
        untold = [one for one in rows if one.target.unanswerable]
        scores += [
            share(system, "correct", [one.correct for one in right], [cluster_of(one.target) for one in right]),
            mean(system, "word_overlap", [one.overlap for one in told], [cluster_of(one.target) for one in told]),
            share(system, "false_refusal", [o.answer.abstained for o in told], [cluster_of(o.target) for o in told]),
            share(system, "abstain_recall", [o.answer.abstained for o in untold], [o.target.asked.id for o in untold]),
        ]
    return [score for score in scores if score.n]


def count_causes(judged: Sequence[Judged]) -> dict[str, dict[str, int]]:
    """Return how many wrong answers each system has by cause, most frequent first."""
    systems = dict.fromkeys(one.system for one in judged)
    counts = {name: Counter(one.cause for one in judged if one.system == name and one.cause) for name in systems}
    return {name: dict(count.most_common()) for name, count in counts.items()}


def word_overlap(text: str, expected: Sequence[str]) -> float:
    """Return the best F1 of words over the accepted answers, 0 to 1 (Rajpurkar et al., 2016)."""
    said = Counter(words_of(text))
    best = 0.0
    for one in expected:
        wanted = Counter(words_of(one))
        common = (said & wanted).total()
        best = max(best, 2 * common / (said.total() + wanted.total()) if common else 0.0)
    return best


def _right(target: Target, hits: Sequence[Hit], passages: Mapping[str, Passage]) -> Hit:
    """Return a passage that answers: the best ranked one, or else the first by name."""
    ranked = next((hit for hit in hits if hit.passage.id in target.relevant), None)
    return ranked or Hit(passages[min(target.relevant)], 1.0)


def _judged(
    target: Target, hits: Sequence[Hit], system: str, answer: Answer, passages: Mapping[str, Passage]
) -> Judged:
    question = as_gold(target, [hit.passage for hit in hits])
    judgement = judge(question, answer, passages) if question else None
    return Judged(
        target,
        system,
        answer,
        judgement.correct if judgement else None,
        judgement.cause if judgement else "",
        None if target.unanswerable else word_overlap(answer.parsed.text, target.asked.answers),
    )


def _named(system: str, say: Callable[[str], None] | None) -> Callable[[str], None] | None:
    return (lambda text: say(f"{system}: {text}")) if say else None
