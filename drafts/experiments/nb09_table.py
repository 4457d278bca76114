"""The eight rows of the comparison, each cell a measurement with the place that made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from course_lib.errors import DataError
from course_lib.evaluation.judge import Judgement
from course_lib.evaluation.statistics import Interval
from course_lib.experiments.nb09_measures import main_cause, traceable
from course_lib.files import read_json
from course_lib.settings import Settings

ROWS = (
    "best for",
    "updates",
    "traceability",
    "data needed",
    "failure mode",
    "latency",
    "upkeep",
    "first prototype",
)
# What has to be made again, or checked, when it changes; each is a place under data/.
UPKEEP = {
    "prompt_only": (),
    "workflow": ("facts.jsonl",),
    "rag": ("kb", "adapters/retrieval"),
    "fine_tuned": ("facts.jsonl", "train/wordings.jsonl", "adapters/closed_book"),
    "hybrid": ("kb", "adapters/retrieval", "train/sites.jsonl", "adapters/reading"),
}


def things_behind(name: str, settings: Settings) -> int:
    """Return how many kinds of files the answers of an assistant hang on, beside the model and the code.

    Raises:
        DataError: one of them is not there.
    """
    for place in UPKEEP[name]:
        if not (settings.data / place).exists():
            raise DataError(f"data/{place} is missing.", "Restore it, or mend UPKEEP in nb09_table.")
    return len(UPKEEP[name])


def seconds_p50(settings: Settings) -> dict[str, float]:
    """Return the median seconds of an answer by assistant, from the published scoreboard."""
    rows = read_json(settings.data / "results" / "scoreboard.json")
    return {row["assistant"]: row["value"] for row in rows if row["metric"] == "seconds_p50"}


def training_seconds(adapter: str, settings: Settings) -> float:
    """Return how long a shipped adapter was trained, from its manifest."""
    return float(read_json(settings.data / "adapters" / adapter / "manifest.json")["seconds"])


def raw_scores(judgements: Mapping[str, Sequence[Judgement]], settings: Settings) -> dict[str, dict[str, float]]:
    """Return five measured criteria of each assistant: right, traced, form, seconds and things to keep up."""
    wait = seconds_p50(settings)
    return {
        name: {
            "right": sum(judged.correct for judged in some) / len(some),
            "traced": sum(map(traceable, some)) / len(some),
            "form": sum(judged.answer.parsed.valid for judged in some) / len(some),
            "seconds": wait[name],
            "upkeep": things_behind(name, settings),
        }
        for name, some in judgements.items()
    }


def eight_rows(
    judgements: Mapping[str, Sequence[Judgement]],
    effects: Mapping[str, Interval],
    seconds: Mapping[str, float],
    doubling: Interval,
    pages: int,
    settings: Settings,
) -> list[tuple[str, str, str, str]]:
    """Return the table: for each of ``ROWS`` a cell for retrieval, one for training, and where both were measured.

    Args:
        judgements: judged answers of the published run.
        effects: as :func:`course_lib.experiments.nb09_grid.main_effects` returns them.
        seconds: of ``one indexed``, ``one trained``, ``all indexed`` and ``all trained``.
        doubling: what the last doubling of the examples adds.
        pages: pages of the site.
        settings: where the data is.
    """
    scores = raw_scores(judgements, settings)
    rag, trained = scores["rag"], scores["fine_tuned"]
    cells = (
        (_moves(effects, "retrieval"), _moves(effects, "training"), "nb09_grid"),
        (f"{seconds['one indexed']:.2g} s an article", f"{seconds['one trained']:.3g} s an article", "nb09_update"),
        (f"{rag['traced']:.0%} traced", f"{trained['traced']:.0%} traced", "published run"),
        (f"{pages} pages", f"examples; last doubling {100 * doubling.value:+.1f} points", "nb05_curves"),
        (main_cause(judgements["rag"]), main_cause(judgements["fine_tuned"]), "published run"),
        (f"{rag['seconds']:.2g} s an answer", f"{trained['seconds']:.2g} s an answer", "published run"),
        (f"{rag['upkeep']} kinds of files", f"{trained['upkeep']} kinds of files", "the files themselves"),
        (f"{seconds['all indexed']:.3g} s", f"{seconds['all trained']:.3g} s", "nb09_update, adapter's manifest"),
    )
    return [(name, *cell) for name, cell in zip(ROWS, cells, strict=True)]


def _moves(effects: Mapping[str, Interval], factor: str) -> str:
    mine = {name.partition(" on ")[2]: effect for name, effect in effects.items() if name.startswith(f"{factor} on ")}
    return ", ".join(f"{score} {100 * effect.value:+.0f} points" for score, effect in mine.items())
