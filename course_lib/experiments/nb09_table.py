"""The eight rows of the comparison, each cell a measurement with the place that made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from course_lib.errors import DataError
from course_lib.evaluation.judge import Judgement
from course_lib.evaluation.statistics import Interval
from course_lib.experiments.nb09_measures import main_cause, traceable
from course_lib.experiments.nb09_update import INDEXED, SITE, TRAINED_ON, seconds_of
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
NO_PASSAGE = "not retrieved"  # says nothing about an assistant that retrieves nothing
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


def seconds_spent(update: Sequence[Mapping[str, Any]], settings: Settings) -> dict[str, float]:
    """Return the seconds to bring in one article and to begin from nothing, by indexing and by training.

    Args:
        update: rows of the experiment nb09_update.
        settings: where the manifests of the adapters are.

    Returns:
        ``one indexed``, ``one trained``, ``all indexed``, ``all trained`` (the adapter that knows facts by heart), and
        ``adapter trained`` (that of the embedding model, which a first index can do without).
    """
    return {
        "one indexed": seconds_of(update, INDEXED),
        "one trained": seconds_of(update, TRAINED_ON),
        "all indexed": seconds_of(update, SITE),
        "all trained": training_seconds("closed_book", settings),
        "adapter trained": training_seconds("retrieval", settings),
    }


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
    gain: Interval,
    pages: int,
    settings: Settings,
) -> list[tuple[str, str, str, str]]:
    """Return the table: for each of ``ROWS`` a cell for retrieval, one for training, and where both were measured.

    Args:
        judgements: judged answers of the published run.
        effects: as :func:`course_lib.experiments.nb09_grid.main_effects` returns them.
        seconds: as :func:`seconds_spent` returns them.
        gain: what the last increase of the examples adds.
        pages: pages of the site.
        settings: where the data is.
    """
    scores = raw_scores(judgements, settings)
    rag, trained = scores["rag"], scores["fine_tuned"]
    cells = (
        (_moves(effects, "retrieval"), _moves(effects, "training"), "Two by two"),
        (
            f"{seconds['one indexed']:.2g} s an article",
            f"{seconds['one trained']:.3g} s an article",
            "Eight rows, nb09_update",
        ),
        (f"{rag['traced']:.0%} traced", f"{trained['traced']:.0%} traced", "Eight rows, published run"),
        (f"{pages} pages", f"examples; the last step {100 * gain.value:+.1f} points", "Eight rows, nb05_curves"),
        (
            main_cause(judgements["rag"]),
            main_cause(judgements["fine_tuned"], (NO_PASSAGE,)),
            "The waterfall, published run",
        ),
        (f"{rag['seconds']:.2g} s an answer", f"{trained['seconds']:.2g} s an answer", "published run"),
        (f"{rag['upkeep']} kinds of files", f"{trained['upkeep']} kinds of files", "the files themselves"),
        (
            f"{seconds['all indexed']:.3g} s to index",
            f"{seconds['all trained']:.3g} s to train",
            "Eight rows, nb09_update, manifests",
        ),
    )
    return [(name, *cell) for name, cell in zip(ROWS, cells, strict=True)]


def _moves(effects: Mapping[str, Interval], factor: str) -> str:
    mine = {name.partition(" on ")[2]: effect for name, effect in effects.items() if name.startswith(f"{factor} on ")}
    return ", ".join(f"{score} {100 * effect.value:+.0f} points" for score, effect in mine.items())
