"""The citation ladder: six questions about the citations of an answer, each of which asks for more than the last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from course_lib.evaluation.judge import Judgement
from course_lib.evaluation.matching import is_supported, relevant_ids
from course_lib.evaluation.statistics import Interval, cluster_bootstrap
from course_lib.knowledge.chunking import Passage
from course_lib.knowledge.values import contains

RUNGS = {
    "exists": "It cites something.",
    "resolves": "Every id it cites opens a passage of the current site.",
    "quoted": "Every value it states stands in a passage that it was shown.",
    "supports": "Every value it states stands in a passage that it cites.",
    "relevant": "What it cites answers the question, and not one like it.",
    "causal": "Another value in the cited passage, and the answer follows.",
}


def climb(judged: Judgement, follows: bool | None = None) -> dict[str, bool | None]:
    """Return the verdict of each rung by itself; all are None if the answer declines, because it then cites nothing.

    Args:
        judged: the judged answer. ``resolves``, ``supports`` and ``relevant`` are the judge's ``citation_exists``,
            ``citation_supports`` and ``citation_correct``; an unanswerable question has no relevant citation.
        follows: what the swap test said (:mod:`course_lib.evaluation.causal`); None if it was not made.
    """
    answer = judged.answer
    if answer.abstained:
        return dict.fromkeys(RUNGS)
    return {
        "exists": bool(answer.parsed.citations),
        "resolves": bool(judged.citation_exists),
        "quoted": is_supported(answer.parsed.text, [hit.passage for hit in answer.hits]),
        "supports": bool(judged.citation_supports),
        "relevant": bool(judged.citation_correct),
        "causal": follows,
    }


def reaches(rungs: Mapping[str, bool | None], rung: str) -> bool:
    """Tell whether an answer passes a rung and all rungs below it.

    Raises:
        ValueError: there is no such rung.
    """
    if rung not in RUNGS:
        raise ValueError(f"{rung!r} is not a rung: use one of {', '.join(RUNGS)}.")
    order = list(RUNGS)
    return all(rungs[name] for name in order[: order.index(rung) + 1])


def standing(judgements: Iterable[Judgement], rung: str) -> list[Judgement]:
    """Return the answers that pass a rung and all rungs below it."""
    return [judged for judged in judgements if reaches(climb(judged), rung)]


def wrong_by_rung(published: Mapping[str, Sequence[Judgement]]) -> list[tuple[str, ...]]:
    """Return one row a rung that can be read off a stored answer: how many stand there, and how many are wrong.

    Args:
        published: judged answers by assistant; each has its column, such as ``7 of 180``.
    """
    table = []
    for rung in list(RUNGS)[:-1]:
        columns = [standing(judgements, rung) for judgements in published.values()]
        table.append((rung, *(f"{sum(not one.correct for one in found)} of {len(found)}" for found in columns)))
    return table


def rung_points(published: Mapping[str, Sequence[Judgement]], names: Iterable[str]) -> list[tuple[str, Interval]]:
    """Return the share of wrong answers on each rung that an assistant reaches, labeled for a picture."""
    places = [(name, rung, standing(published[name], rung)) for name in names for rung in list(RUNGS)[:-1]]
    return [(f"{name}: {rung}", wrong_share(found)) for name, rung, found in places if found]


def share(judgements: Sequence[Judgement], marks: Sequence[bool]) -> Interval:
    """Return the share of marked answers, with an interval from resampling articles.

    Raises:
        ValueError: there are no answers, or not one mark for each.
    """
    return cluster_bootstrap(marks, [judged.question.cluster for judged in judgements])


def wrong_share(judgements: Sequence[Judgement]) -> Interval:
    """Return the share of wrong answers, with its interval."""
    return share(judgements, [not judged.correct for judged in judgements])


def support_rate(judgements: Iterable[Judgement]) -> Interval:
    """Return how many of the answers that do not decline are supported by what they cite, with an interval."""
    told = [judged for judged in judgements if not judged.answer.abstained]
    return share(told, [bool(judged.citation_supports) for judged in told])


def is_refutable(judged: Judgement, passages: Mapping[str, Passage]) -> bool:
    """Tell whether someone who sees a wrong answer and its passages, and knows nothing else, can see that it is wrong.

    That is so if a stated value stands in no cited passage, or if a shown passage states a value that was asked and is
    missing from the answer. A value that stands on a page about something else is not counted, though a careful
    reader may notice.

    Args:
        judged: a judged answer; False if it is right or came with no passages.
        passages: the current site's passages by id.
    """
    answer, slots = judged.answer, judged.question.slots
    if judged.correct or not answer.hits:
        return False
    if not answer.abstained and not judged.citation_supports:
        return True
    shown = {hit.passage.id for hit in answer.hits}
    missing = [slot for slot in slots if not contains(answer.parsed.text, slot.value, slot.accepted)] or slots
    return any(relevant_ids(slot, passages) & shown for slot in missing)
