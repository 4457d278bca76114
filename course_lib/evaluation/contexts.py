"""What reaches the model when retrieval works, when it is broken in one way, and when it is perfect."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from course_lib.assistants.answer import Answer
from course_lib.assistants.hybrid import TOP_K
from course_lib.evaluation.gold import Question
from course_lib.evaluation.judge import judge
from course_lib.evaluation.matching import relevant_ids
from course_lib.evaluation.outcomes import outcome
from course_lib.knowledge.chunking import Passage
from course_lib.retrieval import faults
from course_lib.retrieval.base import Hit
from course_lib.retrieval.bm25 import words_of
from course_lib.retrieval.fusion import ScoreFusion

INTACT = "intact"
FAULTS = ("gold dropped", "sibling swapped in", "order shuffled", "wrong embedder", "stale copy")
DEPTH = 40
Found = list[list[Hit]]


def fault_contexts(
    questions: Sequence[Question], retriever: ScoreFusion, old: Sequence[Passage], k: int = TOP_K, seed: int = 7
) -> dict[str, Found]:
    """Return what is shown for each question, intact and under each of the five faults.

    Args:
        questions: answerable questions.
        retriever: the retriever that works.
        old: passages of an older snapshot, for the stale copy.
        k: passages shown.
        seed: seed of the shuffled order and of the wrong embedder.
    """
    site = {passage.id: passage for passage in retriever.passages}
    texts = [question.text for question in questions]
    ranked = retriever.search(texts, DEPTH)
    intact = [hits[:k] for hits in ranked]
    broken: tuple[Found, ...] = (
        [faults.drop_passages(hits, gold_ids(question, site), k) for question, hits in zip(questions, ranked)],
        [faults.swap_passages(hits, siblings(question, hits, site)) for question, hits in zip(questions, intact)],
        [faults.shuffle(hits, seed) for hits in intact],
        faults.scramble(retriever, seed).search(texts, k),
        [faults.serve_old_text(hits, old) for hits in intact],
    )
    return {INTACT: intact, **dict(zip(FAULTS, broken))}


def gold_ids(question: Question, site: Mapping[str, Passage]) -> set[str]:
    """Return the ids of all passages that state a value asked."""
    return {name for slot in question.slots for name in relevant_ids(slot, site)}


def siblings(question: Question, hits: Sequence[Hit], site: Mapping[str, Passage]) -> dict[str, Passage]:
    """Return, by id of each hit that answers, the closest passage of another article with another value of the type."""
    found: dict[str, Passage | None] = {}
    for slot in question.slots:
        right = relevant_ids(slot, site)
        for hit in hits:
            if hit.passage.id in right:
                found[hit.passage.id] = faults.sibling_of(hit.passage, list(site.values()), slot.value, slot.type)
    return {name: sibling for name, sibling in found.items() if sibling is not None}


def oracle(question: Question, site: Mapping[str, Passage]) -> list[Hit]:
    """Return the right passages and no other: for each value asked, the one closest to the sentence that states it."""
    chosen: dict[str, Passage] = {}
    for slot in question.slots:
        wanted = set(words_of(slot.evidence))
        right = [site[name] for name in relevant_ids(slot, site)]
        best = max(right, key=lambda passage: (len(wanted & set(words_of(passage.text))), passage.id))
        chosen[best.id] = best
    return [Hit(passage, 1.0) for passage in chosen.values()]


def run_contexts(
    contexts: Mapping[str, Found],
    questions: Sequence[Question],
    answer_from: Callable[[Sequence[str], Found], list[Answer]],
    site: Mapping[str, Passage],
) -> list[dict]:
    """Let an assistant answer from given passages, judge the answers, and return one row each (see :func:`outcome`)."""
    texts = [question.text for question in questions]
    return [
        outcome(name, judge(question, answer, site))
        for name, found in contexts.items()
        for question, answer in zip(questions, answer_from(texts, found))
    ]
