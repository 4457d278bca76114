"""The eight rows of the comparison, each cell a measurement with the place that made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from course_lib.errors import DataError
from course_lib.evaluation.judge import Judgement
from course_lib.evaluation.statistics import Interval
from course_lib.experiments.nb09_curves import Step, last_gain
from course_lib.experiments.nb09_measures import main_cause, traceable
from course_lib.experiments.nb09_update import INDEXED, SITE, TRAINED_ON, seconds_of
from course_lib.experiments.nb10_seconds import seconds_of as latency_of
from course_lib.experiments.nb10_upkeep import HYBRID, PROMPT, RAG, TUNED, WORKFLOW, behind
from course_lib.experiments.store import load_experiment
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
TECHNIQUE = {"prompt_only": PROMPT, "workflow": WORKFLOW, "rag": RAG, "fine_tuned": TUNED, "hybrid": HYBRID}


def things_behind(name: str) -> int:
    """Return how many parts have to be kept in shape behind an assistant: those of the list in notebook 10.

    Raises:
        DataError: there is no such assistant.
    """
    if name not in TECHNIQUE:
        raise DataError(f"There is no assistant {name!r}.", f"Use one of {', '.join(TECHNIQUE)}.")
    return len(behind(TECHNIQUE[name]))


def seconds_p50(settings: Settings) -> dict[str, float]:
    """Return the median seconds of an answer by assistant, asked one at a time, from the experiment on latency."""
    rows = load_experiment("nb10_latency", settings)
    return {name: median(latency_of(rows, name, "total")) for name in TECHNIQUE}


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
    """Return five measured criteria of each assistant: right, traced, form, seconds and parts to keep in shape."""
    wait = seconds_p50(settings)
    return {
        name: {
            "right": sum(judged.correct for judged in some) / len(some),
            "traced": sum(map(traceable, some)) / len(some),
            "form": sum(judged.answer.parsed.valid for judged in some) / len(some),
            "seconds": wait[name],
            "upkeep": things_behind(name),
        }
        for name, some in judgements.items()
    }


def eight_rows(
    judgements: Mapping[str, Sequence[Judgement]],
    effects: Mapping[str, Interval],
    seconds: Mapping[str, float],
    steps: Sequence[Step],
    pages: int,
    settings: Settings,
) -> list[tuple[str, str, str, str]]:
    """Return the table: for each of ``ROWS`` a cell for retrieval, one for training, and where both were measured.

    Args:
        judgements: judged answers of the published run.
        effects: as :func:`course_lib.experiments.nb09_grid.main_effects` returns them.
        seconds: as :func:`seconds_spent` returns them.
        steps: the last step of each learning curve.
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
        (f"{pages} pages", _examples(steps), "Eight rows, nb05_curves"),
        (
            main_cause(judgements["rag"]),
            main_cause(judgements["fine_tuned"], (NO_PASSAGE,)),
            "The waterfall, published run",
        ),
        (f"{rag['seconds']:.2g} s an answer", f"{trained['seconds']:.2g} s an answer", "notebook 10, nb10_latency"),
        (f"{rag['upkeep']} parts", f"{trained['upkeep']} parts", "notebook 10, nb10_upkeep"),
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


def _examples(steps: Sequence[Step]) -> str:
    sizes = ", ".join(f"{step.target} {step.after}" for step in steps)
    return f"examples ({sizes}); the last step {100 * last_gain(steps).value:+.1f} points over all items"
