"""From measured costs of one unit to the machines that a load needs; every assumption is a field to change."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

from course_lib.errors import DataError
from course_lib.files import read_json
from course_lib.knowledge.chunking import chunk_all
from course_lib.knowledge.snapshots import load_snapshot
from course_lib.models.batching import answered_together
from course_lib.operations.price_table import Price
from course_lib.own_documents.growth import Curve
from course_lib.settings import Settings

CORES = 2  # of the machine on which everything here was measured
BYTES = 1e9  # in a gigabyte


@dataclass(frozen=True)
class Plan:
    """What you expect and what you are willing to assume.

    Attributes:
        articles: to be searched.
        questions_per_minute: in the busiest minute that has to be served.
        busy: share of a machine's time that you plan to use, above 0 and at most 1; the rest is for bursts.
        machine_gb: memory of a machine that the index may take, in units of 10^9 bytes.
        machine_hour: price of a machine with two cores for an hour; yours, since the course has no price for it.
        indexing_hours: how long you are willing to wait for the first index.
    """

    articles: float = 1_000_000
    questions_per_minute: float = 10_000
    busy: float = 0.7
    machine_gb: float = 4.0
    machine_hour: float = 0.1
    indexing_hours: float = 8.0


@dataclass(frozen=True)
class Units:
    """What one of each costs, measured on a machine with two cores.

    Attributes:
        passages: of an article.
        index_article: seconds until one article can be found.
        embed_question: processor seconds.
        answer_alone: seconds to answer a question if nothing else runs.
        answer_in_batch: seconds of an answer as its share of a batch.
        batch: answers in a batch.
        tokens_in, tokens_out: of an answer.
    """

    passages: float
    index_article: float
    embed_question: float
    answer_alone: float
    answer_in_batch: float
    batch: int
    tokens_in: float
    tokens_out: float


def measured_units(settings: Settings, latency: Sequence[Mapping], assistant: str = "hybrid") -> Units:
    """Collect the stored measurements of one assistant: of the scoreboard, the benchmarks and an experiment.

    Args:
        settings: where the data are.
        latency: the stored rows of the experiment ``nb10_latency``.
        assistant: which one.

    Raises:
        DataError: a measurement is missing.
    """
    alone = [row["generate"] for row in latency if row.get("assistant") == assistant]
    indexed = [row["seconds"] for row in latency if row["kind"] == "index"]
    results = settings.data / "results"
    scored = {
        row["metric"]: row["value"] for row in read_json(results / "scoreboard.json") if row["assistant"] == assistant
    }
    benchmarks = {row["name"]: row["value"] for row in read_json(results / "benchmarks.json")}
    articles = load_snapshot(settings.data)
    try:
        return Units(
            passages=len(chunk_all(articles)) / len(articles),
            index_article=mean(indexed),
            embed_question=benchmarks["search/embed-question/1/p50"] / 1000,
            answer_alone=mean(alone),
            answer_in_batch=scored["seconds_p50"],
            batch=answered_together(read_json(results / "run.json")["batch_size"], round(scored["tokens_in"])),
            tokens_in=scored["tokens_in"],
            tokens_out=scored["tokens_out"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"A measurement of {assistant!r} is missing ({error}).", "Name one of the assistants with a model."
        ) from error


def machines(per_minute: float, seconds: float, busy: float) -> int:
    """Return how many machines serve a load.

    The busy machines are arrivals per second times the seconds that each takes (Little 1961); more are needed, because
    a machine that is busy all the time has a queue that never ends.

    Args:
        per_minute: questions a minute.
        seconds: that one machine works on a question.
        busy: share of its time that a machine may be busy, above 0 and at most 1.

    Raises:
        ValueError: a number is negative, or ``busy`` is out of its range.
    """
    if per_minute < 0 or seconds < 0 or not 0 < busy <= 1:
        raise ValueError("Questions and seconds must be at least 0, and busy above 0 and at most 1.")
    return math.ceil(round(per_minute / 60 * seconds / busy, 9))  # rounded, so that a full machine is not two


def extended(curve: Sequence[tuple[int, float]], size: float) -> float:
    """Return the value of a curve at a size: between two measured ones, or beyond them, by the last power law.

    A power law is a straight line where both axes are logarithmic. Beyond the measured sizes this is a guess.

    Raises:
        ValueError: there are fewer than two points, or a number is not above 0.
    """
    if len(curve) < 2 or size <= 0 or min(value for _, value in curve) <= 0:
        raise ValueError("A power law needs two points, and numbers above 0.")
    after = next((place for place, (here, _) in enumerate(curve) if here >= size), len(curve) - 1)
    (left, low), (right, high) = curve[max(after, 1) - 1], curve[max(after, 1)]
    steepness = math.log(high / low) / math.log(right / left)
    return high * (size / right) ** steepness


@dataclass(frozen=True)
class Line:
    """One line of an estimate: what for, how many machines, and from which numbers it follows."""

    what: str
    machines: int
    because: str


def estimate(units: Units, growth: Mapping[str, Mapping[str, Curve]], plan: Plan) -> list[Line]:
    """Return the machines that a plan needs, part by part.

    Args:
        units: what one of each costs.
        growth: how search grows, as :func:`~course_lib.own_documents.growth.load_growth` returns it.
        plan: the load and the assumptions.
    """
    passages = plan.articles * units.passages
    size = sum(extended(growth["bytes"][way], passages) for way in ("bm25s", "approximate-dense"))
    shards = max(1, math.ceil(size / (plan.machine_gb * BYTES)))
    search = units.embed_question + sum(
        extended(growth["p50"][way], passages / shards) / 1000 for way in ("bm25s", "approximate-dense")
    )
    build = shards * extended(growth["build"]["approximate-dense"], passages / shards) / CORES
    indexing = plan.articles / (plan.indexing_hours * 60)  # articles a minute
    load = plan.questions_per_minute
    return [
        Line(
            "first index",
            machines(indexing, units.index_article + build / max(plan.articles, 1), plan.busy),
            f"{units.index_article:.2f} s an article and {build / 3600:.1f} hours for the graphs, "
            f"within {plan.indexing_hours:g} hours",
        ),
        Line(
            "search",
            shards * machines(load, search / CORES, plan.busy),
            f"{1000 * search:.1f} ms of a core a question; the index of {size / BYTES:.1f} GB lies on {shards}",
        ),
        Line(
            "answers, one at a time",
            machines(load, units.answer_alone, plan.busy),
            f"{units.answer_alone:.2f} s an answer",
        ),
        Line(
            "answers, in batches",
            machines(load, units.answer_in_batch, plan.busy),
            f"{units.answer_in_batch:.2f} s an answer, as its share of a batch of {units.batch}",
        ),
    ]


def hosted_hour(units: Units, prices: Sequence[Price], model: str, load: float) -> float:
    """Return what an hour of a load costs if the tokens are bought, in dollars.

    Args:
        units: tokens of one answer.
        prices: the price table.
        model: name of the hosted model in the table.
        load: questions a minute.

    Raises:
        DataError: the table has not exactly one price for its input, or for its output.
    """
    each = 0.0
    for way, tokens in (("input", units.tokens_in), ("output", units.tokens_out)):
        found = [row.value for row in prices if f"{row.item}, ".startswith(f"{model} {way}, ")]
        if len(found) != 1:
            raise DataError(f"There are {len(found)} prices for {model} {way}.", "Check data/prices/prices.json.")
        each += tokens * found[0] / 1e6
    return each * load * 60


def serving_rows(settings: Settings, latency: Sequence[Mapping]) -> list[tuple[str, ...]]:
    """Return for each assistant with a model: answers a minute and the wait, one at a time and in batches."""
    rows = []
    for name in dict.fromkeys(row["assistant"] for row in latency if row.get("generate")):
        one = measured_units(settings, latency, name)
        waits = (one.answer_alone, one.answer_in_batch * one.batch)
        rates = (60 / one.answer_alone, 60 / one.answer_in_batch)
        rows.append((name, f"{rates[0]:.0f}", f"{waits[0]:.1f}", f"{rates[1]:.0f}", f"{waits[1]:.1f}"))
    return rows
