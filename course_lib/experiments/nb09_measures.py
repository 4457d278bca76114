"""Measurements behind the comparison of notebook 09, from judged answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from course_lib.evaluation.causes import CAUSES
from course_lib.evaluation.judge import Judgement
from course_lib.evaluation.scoreboard import Row, count_causes
from course_lib.evaluation.statistics import Interval, cluster_bootstrap, paired_difference

# The causes of each layer: what one piece of work would mend.
LAYERS: dict[str, tuple[str, ...]] = {
    "documents": ("not in the documents",),
    "retrieval": ("not retrieved",),
    "old values": ("stale",),
    "reading": ("retrieved but not used", "misread"),
    "form": ("wrong format",),
    "declining": ("wrongly refused", "should have refused"),
}
# A wrong answer that retrieval explains, or the context that it put before the model. A value that stands nowhere in
# the passages ("retrieved but not used") is the model's own.
BY_RETRIEVAL_OR_CONTEXT = ("not in the documents", "not retrieved", "misread")


def traceable(judged: Judgement) -> bool:
    """Tell whether an answer cites passages that exist and that state what it says."""
    return bool(judged.citation_supports)


def share_by_cause(judgements: Sequence[Judgement], causes: Collection[str]) -> Interval:
    """Return, of the wrong answers, the share with one of the causes, by article.

    Raises:
        ValueError: no answer is wrong.
    """
    wrong = [judged for judged in judgements if not judged.correct]
    return cluster_bootstrap([one.cause in causes for one in wrong], [one.question.cluster for one in wrong])


def waterfall_rows(judgements: Mapping[str, Sequence[Judgement]]) -> list[list[str | int]]:
    """Return how many answers are left as the wrong ones go, cause by cause, until only the right ones remain.

    Args:
        judgements: by assistant, its judged answers to the same questions. Each is a column.
    """
    left = {name: len(some) for name, some in judgements.items()}
    rows: list[list[str | int]] = [["all questions", *left.values()]]
    counts = {name: count_causes(some) for name, some in judgements.items()}
    for cause in CAUSES:
        left = {name: number - counts[name][cause] for name, number in left.items()}
        rows.append([f"without: {cause}", *left.values()])
    return [*rows, ["right", *(sum(judged.correct for judged in some) for some in judgements.values())]]


def cause_of_most(judgements: Sequence[Judgement], apart: Collection[str] = ()) -> str:
    """Return the most frequent cause of wrong answers, apart from some."""
    counts = count_causes(judgements)
    return max((cause for cause in CAUSES if cause not in apart), key=lambda cause: counts[cause])


def main_cause(judgements: Sequence[Judgement], apart: Collection[str] = ()) -> str:
    """Return the most frequent cause of wrong answers, apart from some, with its share of all of them, in words."""
    counts, cause = count_causes(judgements), cause_of_most(judgements, apart)
    return f"{cause}: {counts[cause] / max(1, sum(counts.values())):.0%} of the wrong answers"


def retrieval_by_reader(cells: Sequence[Row]) -> str:
    """Return what passages add to the knowledge score of each reader of the 2x2 grid, in words.

    Args:
        cells: as :func:`course_lib.experiments.nb09_grid.cell_scores` returns them.
    """
    known = {row.assistant: row.value for row in cells if row.metric == "knowledge"}
    gains = {reader: known[f"{reader}, passages"] - known[f"{reader}, no passages"] for reader in ("base", "adapter")}
    return ", ".join(f"reader {reader} {100 * gain:+.0f}" for reader, gain in gains.items())


def layer_rows(judgements: Mapping[str, Sequence[Judgement]]) -> list[list[str | int]]:
    """Return how many answers each layer of ``LAYERS`` makes wrong, one number for each assistant."""
    counts = [count_causes(some) for some in judgements.values()]
    return [[layer, *(sum(one[cause] for cause in causes) for one in counts)] for layer, causes in LAYERS.items()]


def largest_losses(judgements: Mapping[str, Sequence[Judgement]]) -> str:
    """Return which assistants lose most answers in which layer, in words, such as ``reading (rag, hybrid)``."""
    lost: dict[str, list[str]] = {}
    for name, some in judgements.items():
        layer, _ = max(layer_rows({name: some}), key=lambda row: row[1])
        lost.setdefault(str(layer), []).append(name)
    return "; ".join(f"{layer} ({', '.join(names)})" for layer, names in lost.items())


def against_best(
    right: Mapping[str, Sequence[bool]], name: str, asked: Sequence[bool], articles: Sequence[str]
) -> tuple[str, Interval]:
    """Compare one assistant with the best of the others on some of the questions.

    Args:
        right: by assistant, whether it is right, shape (n,).
        name: the one to compare.
        asked: which questions count, shape (n,).
        articles: the article of each question, shape (n,).

    Returns:
        Who is best of the others there, and by how much ``name`` is ahead of it.
    """
    part = {one: [ok for ok, use in zip(some, asked) if use] for one, some in right.items()}
    best = max((one for one in part if one != name), key=lambda one: sum(part[one]))
    about = [article for article, use in zip(articles, asked) if use]
    return best, paired_difference(part[best], part[name], about)


def workflow_of(judgements: Mapping[str, Sequence[Judgement]]) -> dict[str, float | None]:
    """Return what share of the questions the workflow answers, and what share of these answers is wrong."""
    given = [judged.correct for judged in judgements["workflow"] if not judged.answer.abstained]
    wrong = 1 - sum(given) / len(given) if given else None
    return {"workflow_covers": len(given) / len(judgements["workflow"]), "workflow_wrong": wrong}
