"""Read the size ladder: the grid of each model, conclusions written down beforehand, and which of them flip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from course_lib.errors import DataError
from course_lib.evaluation.statistics import Interval, cluster_bootstrap, paired_difference
from course_lib.experiments import nb14_ladder as ladder_of_one
from course_lib.experiments.nb09_grid import CELLS, grid_of
from course_lib.experiments.nb14_rows import COMMAND, Ladder
from course_lib.models.other_gguf import COMMAND as CONVERT
from course_lib.models.other_gguf import GEMMA
from course_lib.settings import DEFAULT_CHAT_MODEL

Rows = Sequence[Mapping[str, Any]]
NEITHER, RETRIEVAL, TRAINING, BOTH = CELLS
KNOWLEDGE, FORM = "knowledge", "behavior"
YES, NO, OPEN = "yes", "no", "not decided"
LEAST, HALF = 0.1, 0.5  # ten points: less could be chance on so few questions; half: fewer right answers help nobody
LARGER = "a larger chat model"
# The models that the ladder is meant to have: what each is, and the commands that measure it.
RUNGS = {
    DEFAULT_CHAT_MODEL: ("trained to chat", f"python -m course_lib experiment {ladder_of_one.NAME}"),
    GEMMA: ("a base model: never trained to chat", f"{CONVERT}, then {COMMAND} FOLDER with the folder that it names"),
    LARGER: ("your own choice", f"{COMMAND} NAME with a hub name or a local folder"),
}


@dataclass(frozen=True)
class Conclusion:
    """A statement about the grid of one model that a measurement can decide.

    Attributes:
        says: the statement.
        score: ``knowledge`` or ``behavior``.
        cell: the cell that it is about.
        beyond: the cell that it is compared with; None if the score itself counts.
        least: the difference, or the score, from which on the statement is true.
    """

    says: str
    score: str
    cell: str
    beyond: str | None = None
    least: float = LEAST


CONCLUSIONS = (
    Conclusion("A plain prompt is enough", KNOWLEDGE, NEITHER, None, HALF),
    Conclusion("Retrieval alone is enough", KNOWLEDGE, RETRIEVAL, None, HALF),
    Conclusion("Both together are enough", KNOWLEDGE, BOTH, None, HALF),
    Conclusion("Retrieval adds right answers", KNOWLEDGE, RETRIEVAL, NEITHER),
    Conclusion("Training alone adds right answers", KNOWLEDGE, TRAINING, NEITHER),
    Conclusion("Training adds right answers to retrieval", KNOWLEDGE, BOTH, RETRIEVAL),
    Conclusion("Retrieval adds right answers to training", KNOWLEDGE, BOTH, TRAINING),
    Conclusion("Retrieval adds the agreed form", FORM, RETRIEVAL, NEITHER),
    Conclusion("Training adds the agreed form", FORM, TRAINING, NEITHER),
    Conclusion("Training adds the agreed form to retrieval", FORM, BOTH, RETRIEVAL),
)


def measured(conclusion: Conclusion, rows: Rows) -> Interval:
    """Return the score or the difference that a conclusion is about, on one model, with an interval by article.

    Raises:
        ValueError: the cells are not about the same questions.
    """
    scores, clusters = grid_of(rows, conclusion.score)
    cells = dict(zip(CELLS, scores))
    if conclusion.beyond is None:
        return cluster_bootstrap(cells[conclusion.cell], clusters)
    return paired_difference(cells[conclusion.beyond], cells[conclusion.cell], clusters)


def outcome(interval: Interval, least: float) -> str:
    """Return ``yes`` if the whole interval reaches the bound, ``no`` if all of it is below, else ``not decided``."""
    if interval.low >= least:
        return YES
    return NO if interval.high < least else OPEN


def outcomes(rows_by_model: Mapping[str, Rows]) -> dict[str, dict[str, str]]:
    """Return for every conclusion what each model says to it."""
    return {
        one.says: {model: outcome(measured(one, rows), one.least) for model, rows in rows_by_model.items()}
        for one in CONCLUSIONS
    }


def flips(ladder: Ladder) -> list[str]:
    """Return the conclusions that are true of one model and false of another; where one is not decided, none flips.

    Raises:
        DataError: fewer than two models were measured, so that nothing can flip.
    """
    if len(ladder.rows) < 2:
        raise DataError(
            f"Conclusions flip between models, and {len(ladder.rows)} is stored.",
            f"Run {'; or '.join(command for _, _, command in missing(ladder))}.",
        )
    return [says for says, by_model in outcomes(ladder.rows).items() if {YES, NO} <= set(by_model.values())]


def missing(ladder: Ladder) -> list[tuple[str, str, str]]:
    """Return the rungs without a row that counts: the model, why it has none, and how to measure it."""
    own = [model for model in (*ladder.rows, *ladder.outdated) if model not in RUNGS]
    rungs = {model: rung for model, rung in RUNGS.items() if model != LARGER or not own}
    why = {model: ladder.outdated.get(model, "not measured") for model in (*rungs, *own) if model not in ladder.rows}
    how = {model: rung[1] for model, rung in rungs.items()}
    return [(model, reason, how.get(model, f"{COMMAND} {model}")) for model, reason in why.items()]


def ladder_table(ladder: Ladder) -> list[tuple[str | None, ...]]:
    """Return a line for each model: its name, what it is, its size, and right answers and agreed form in every cell.

    A rung that was not measured has a line, too: it says so, and its cells are None.
    """
    lines: list[tuple[str | None, ...]] = []
    for model, rows in ladder.rows.items():
        grids = [grid_of(rows, score)[0] for score in (KNOWLEDGE, FORM)]
        cells = (
            " / ".join(f"{sum(some) / len(some):.0%}" for some in (grid[place] for grid in grids))
            for place in range(len(CELLS))
        )
        size = f"{rows[0]['parameters'] / 1e6:.0f} million"
        lines.append((model, RUNGS.get(model, RUNGS[LARGER])[0], size, *cells))
    return lines + [
        (model, f"{reason}: {command}", None, *(None for _ in CELLS)) for model, reason, command in missing(ladder)
    ]


def conclusion_table(ladder: Ladder) -> list[tuple[str, ...]]:
    """Return a line for each conclusion: its bound, and for every model the outcome and what was measured."""
    return [
        (one.says, f"{100 * one.least:.0f} {'%' if one.beyond is None else 'points'}", *_verdicts(one, ladder.rows))
        for one in CONCLUSIONS
    ]


def _verdicts(one: Conclusion, rows_by_model: Mapping[str, Rows]) -> list[str]:
    found = [measured(one, rows) for rows in rows_by_model.values()]
    return [
        f"{outcome(some, one.least)}: {100 * some.value:.0f} [{100 * some.low:.0f}, {100 * some.high:.0f}]"
        for some in found
    ]
