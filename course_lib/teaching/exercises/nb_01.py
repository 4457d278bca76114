"""Checks of the exercises in notebook 01: they say what is wrong and where to look, never the answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from numbers import Real

from course_lib.evaluation.judge import CAUSES, Judgement
from course_lib.evaluation.review_log import Review, add_review, agreement, latest_reviews, read_reviews, review_file
from course_lib.settings import load_settings
from course_lib.teaching.checks import called, not_yet, passed
from course_lib.teaching.markup import visible

Shares = tuple[float, float, float, float]
_GRIDS: tuple[Shares, ...] = ((0.1, 0.5, 0.3, 0.9), (0.0, 0.4, 0.5, 0.6), (0.25, 0.2, 0.7, 0.95))
# Wrong formulas, and what to say to each.
_MISTAKES: tuple[tuple[Callable[..., float], str], ...] = (
    (
        lambda n, r, t, b: r - n,
        "those are only the two untrained assistants. What does retrieval add to the others?",
    ),
    (lambda n, r, t, b: b - t, "those are only the two trained assistants. What does retrieval add to the others?"),
    (lambda n, r, t, b: b - n, "that is the effect of both factors together. Only one of them is asked for."),
    (lambda n, r, t, b: ((t - n) + (b - r)) / 2, "that is the effect of training: which pairs differ in retrieval?"),
    (lambda n, r, t, b: r - t, "that compares the two factors. Compare an assistant with its twin without retrieval."),
    (lambda n, r, t, b: (r - n) + (b - t), "the two gains are added up. The main effect is their average."),
    (lambda n, r, t, b: (b - t) - (r - n), "that is how much the two gains differ. The main effect is their average."),
    (lambda n, r, t, b: ((n - r) + (t - b)) / 2, "the sign is turned round: a gain should come out above zero."),
)


def check_effect(function: Callable[[float, float, float, float], float]) -> bool:
    """Check a function that returns the main effect of retrieval from the four shares of a 2x2 grid."""
    results = []
    for grid in _GRIDS:
        result, problem = called(function, *grid)
        if problem:
            return not_yet(problem)
        results.append(result)
    if any(result is None for result in results):
        return not_yet("your function returns nothing yet. Does it end with a `return` line that has a number?")
    if not all(isinstance(result, Real) and not isinstance(result, bool) for result in results):
        return not_yet(f"your function returns a {type(results[0]).__name__}. A number is needed.")
    if _same(results, _effect):
        return passed("01.1", "Your effect agrees on all the grids that were tried.")
    if said := next((says for wrong, says in _MISTAKES if _same(results, wrong)), ""):
        return not_yet(said)
    grid, result = next((grid, result) for grid, result in zip(_GRIDS, results) if not _close(result, _effect(*grid)))
    shares = ", ".join(f"{name} {share}" for name, share in zip(("neither", "retrieval", "training", "both"), grid))
    return not_yet(
        f"for these shares ({shares}) yours is {float(result):.3g}. What does retrieval add there without training, "
        "and what with it?"
    )


def _effect(neither: float, retrieval: float, training: float, both: float) -> float:
    return ((retrieval - neither) + (both - training)) / 2


def _close(result: float, right: float) -> bool:
    return math.isclose(result, right, abs_tol=1e-9)


def _same(results: Sequence[float], formula: Callable[..., float]) -> bool:
    return all(_close(result, formula(*grid)) for result, grid in zip(results, _GRIDS))


def check_labels(labels: Mapping[str, str], cases: Sequence[Judgement]) -> bool:
    """Check a reviewer's causes, write those that changed to the learner's log, and compare with the automatic ones.

    Done once every case has a cause and more than half agree with the automatic cause.
    """
    if not isinstance(labels, Mapping):
        return not_yet(f"labels is of type {type(labels).__name__}. A dictionary from question id to cause is needed.")
    by_id = {judged.question.id: judged for judged in cases}
    if strange := [name for name in labels if name not in by_id]:
        return not_yet(f"{visible(strange[0])[:40]!r} is not the id of an answer above. Copy the ids from there.")
    if wrong := [cause for cause in labels.values() if cause not in CAUSES]:
        return not_yet(f"{visible(wrong[0])[:60]!r} is not one of the causes in the list. Copy the words from there.")
    _keep(labels, by_id)
    if missing := [name for name in by_id if name not in labels]:
        return not_yet(f"{len(missing)} of {len(by_id)} answers have no cause yet. The next one is {missing[0]}.")
    same, differing = agreement(labels, {name: judged.cause for name, judged in by_id.items()})
    if same * 2 <= len(by_id):
        return not_yet(
            f"you and the program agree on {same} of {len(by_id)} answers. Go down the list again, starting with "
            f"{differing[0]}: the first cause that fits is meant, not the worst one."
        )
    rest = f" Look again at {', '.join(differing)}: you or the program is wrong there." if differing else ""
    return passed("01.2", f"You and the program agree on {same} of {len(by_id)} answers.{rest}")


def _keep(labels: Mapping[str, str], by_id: Mapping[str, Judgement]) -> None:
    path = review_file(load_settings())
    known = latest_reviews(read_reviews(path)[0])
    for name, cause in labels.items():
        answer = by_id[name].answer
        before = known.get((answer.assistant, name))
        if before is None or (before.cause, before.text) != (cause, answer.parsed.text):
            add_review(path, Review(answer.assistant, name, answer.parsed.text, cause))
