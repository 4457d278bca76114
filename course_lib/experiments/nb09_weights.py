"""Weigh measured scores by priorities: what comes out on top, and how far a priority must move before it flips.

A weighted sum of min-max scores is the plainest method for a choice with several criteria. Its order can be reversed by
taking away a choice that nobody would have made; Belton and Gear (1983) showed this for a method with other scales.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from course_lib.errors import DataError

Scores = Mapping[str, Mapping[str, float]]  # by choice, the score on each criterion


@dataclass(frozen=True)
class Flip:
    """The nearest weight of one criterion beyond which another choice is on top; None if there is none.

    Attributes:
        criterion: whose weight moves; the others keep their proportions.
        weight: where it stands now, 0 to 1.
        at: where the choice flips, 0 to 1.
        rival: who is ahead beyond it.
    """

    criterion: str
    weight: float
    at: float | None
    rival: str


def scaled(raw: Scores, lower_is_better: Collection[str] = ()) -> dict[str, dict[str, float]]:
    """Bring every criterion to 0 (the worst choice at hand) to 1 (the best).

    Args:
        raw: measured scores, the same criteria for every choice.
        lower_is_better: criteria such as seconds, which are turned round. If all choices are equal, all get 1.

    Raises:
        DataError: the choices have different criteria, or there are none.
    """
    criteria = list(next(iter(raw.values()), {}))
    if not criteria or any(set(scores) != set(criteria) for scores in raw.values()):
        raise DataError("The choices are not scored on the same criteria.", "Give every choice every score.")
    result: dict[str, dict[str, float]] = {name: {} for name in raw}
    for criterion in criteria:
        values = [scores[criterion] for scores in raw.values()]
        low, spread = min(values), max(values) - min(values)
        for name, scores in raw.items():
            share = (scores[criterion] - low) / spread if spread else 1.0
            result[name][criterion] = 1 - share if spread and criterion in lower_is_better else share
    return result


def totals(scores: Scores, weights: Mapping[str, float]) -> dict[str, float]:
    """Return the weighted mean score of each choice, the best first.

    Raises:
        DataError: a weight is negative, all are 0, or they are not about the criteria of the scores.
    """
    _check(scores, weights)
    whole = sum(weights.values())
    found = {name: sum(weights[key] * value for key, value in mine.items()) / whole for name, mine in scores.items()}
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def crossing(first: tuple[float, float], second: tuple[float, float]) -> float | None:
    """Return the weight of one criterion at which two choices are level.

    Args:
        first, second: for each choice, its score on the criterion and its mean score on all others.

    Returns:
        A weight from 0 to 1; None if they are level nowhere in between, or everywhere.
    """
    ahead_on_it, ahead_on_rest = first[0] - second[0], first[1] - second[1]
    if ahead_on_it == ahead_on_rest:
        return None
    weight = ahead_on_rest / (ahead_on_rest - ahead_on_it)
    return weight if 0 <= weight <= 1 else None


def flips(scores: Scores, weights: Mapping[str, float]) -> list[Flip]:
    """Return for each criterion how far its weight has to move before another choice is on top.

    Args:
        scores: as :func:`scaled` returns them.
        weights: priorities. What a criterion with all the weight gives up goes to the others in equal parts.

    Raises:
        DataError: as for :func:`totals`.
    """
    best, whole, found = next(iter(totals(scores, weights))), sum(weights.values()), []
    for criterion, weight in weights.items():
        parts = {name: (mine[criterion], _rest(mine, weights, criterion)) for name, mine in scores.items()}
        now = weight / whole
        levels = {rival: crossing(parts[best], part) for rival, part in parts.items() if rival != best}
        # At an end of the scale they only tie.
        inside = {rival: at for rival, at in levels.items() if at is not None and 1e-9 < at < 1 - 1e-9}
        near = sorted((abs(at - now), rival, at) for rival, at in inside.items())
        found.append(Flip(criterion, now, near[0][2], near[0][1]) if near else Flip(criterion, now, None, ""))
    return found


def _rest(mine: Mapping[str, float], weights: Mapping[str, float], criterion: str) -> float:
    others = {key: weight for key, weight in weights.items() if key != criterion}
    if not sum(others.values()):
        others = dict.fromkeys(others, 1.0)
    if not others:
        return 0.0
    return sum(weight * mine[key] for key, weight in others.items()) / sum(others.values())


def reversals(
    raw: Scores, weights: Mapping[str, float], lower_is_better: Collection[str] = ()
) -> list[tuple[str, list[str], list[str]]]:
    """Return each choice whose removal changes the order of the others: its name, and their order before and after."""
    order = list(totals(scaled(raw, lower_is_better), weights))
    found = []
    for gone in order if len(order) > 1 else ():
        before = [name for name in order if name != gone]
        fewer = scaled({name: scores for name, scores in raw.items() if name != gone}, lower_is_better)
        after = list(totals(fewer, weights))
        if after != before:
            found.append((gone, before, after))
    return found


def _check(scores: Scores, weights: Mapping[str, float]) -> None:
    for mine in scores.values():
        if wrong := set(mine) ^ set(weights):
            raise DataError(
                f"The weights do not fit the criteria: {', '.join(sorted(wrong))}.",
                f"Give a weight to each of {', '.join(mine)}, and to nothing else.",
            )
    if any(not weight >= 0 for weight in weights.values()) or not sum(weights.values()) > 0:
        raise DataError("A weight is negative, or all are 0.", "Give weights of at least 0, and one above 0.")
