"""What the shipped adapters are trained on, and how: one plan an adapter, of one or more stages."""

from __future__ import annotations

import random

from course_lib.errors import DataError
from course_lib.files import read_jsonl
from course_lib.knowledge.chunking import chunk_all
from course_lib.knowledge.snapshots import load_snapshot, snapshot_dates
from course_lib.settings import Settings
from course_lib.training.closed_book import closed_book_examples
from course_lib.training.contrastive import ContrastiveRecipe, contrastive_batches
from course_lib.training.examples import Message
from course_lib.training.lora import Recipe
from course_lib.training.reading import Mix, reading_examples
from course_lib.training.stages import Plan, Stage
from course_lib.training.target_plans import TARGET_PLANS

# Rows of sites.jsonl: the company's own train articles are 64 to 79, and each stage came with new organizations.
FIRST_SITES, TARNWHEEL_FROM, SECOND_SITES, THIRD_SITES = 80, 64, 255, 615
SEARCHED, ALIKE = (1, 2, 2, 2, 3), 0.7  # passages shown, and how often they are much alike, in the later stages
JOINS = (" And also: ", " Also, ", " And ", " Plus: ", " Another thing: ", " While I am here: ", "\n")
CLOSED_BOOK_WORDINGS = 4


def _reading_first(settings: Settings) -> list[list[Message]]:
    return list(reading_examples(_sites(settings)[:FIRST_SITES], 28, settings.seed))


def _reading_wider(settings: Settings) -> list[list[Message]]:
    """More organizations, and more passages at a time: eighty organizations were soon known by heart."""
    rows = _sites(settings)[TARNWHEEL_FROM:SECOND_SITES]
    return list(reading_examples(rows, 12, settings.seed + 1, Mix((2, 3, 3, 4))))


def _reading_alike(settings: Settings) -> list[list[Message]]:
    """Again more organizations, and two passages that are much alike, as search finds them: the reader must choose."""
    rows = _sites(settings)
    new = reading_examples(rows[SECOND_SITES:THIRD_SITES], 6, settings.seed + 2, Mix(SEARCHED, ALIKE))
    old = reading_examples(rows[:SECOND_SITES], 1, settings.seed + 3, Mix((2, 2, 3), ALIKE))
    return [*new, *old]


def _reading_further(settings: Settings) -> list[list[Message]]:
    """Still more organizations, and more of what the reader was worst at: to decline, and to answer two questions."""
    rows = _sites(settings)
    mix = Mix(SEARCHED, ALIKE, untold=0.28, lost=0.14, paired=0.18, joins=JOINS)
    new = reading_examples(rows[THIRD_SITES:], 5, settings.seed + 4, mix)
    old = reading_examples(rows[:THIRD_SITES], 1, settings.seed + 5, mix)
    return [*new, *old]


def _retrieval(settings: Settings) -> list[dict]:
    rows = _sites(settings)
    first, later = rows[:FIRST_SITES], rows[FIRST_SITES:SECOND_SITES]
    random.Random(settings.seed).shuffle(later)
    return list(contrastive_batches(first + later, rounds=4, sites=4, questions=3, seed=settings.seed))


def _sites(settings: Settings) -> list[dict]:
    return read_jsonl(settings.data / "train" / "sites.jsonl")


def _closed_book(settings: Settings) -> list[list[Message]]:
    gold = read_jsonl(settings.data / "eval" / "gold.jsonl")
    asked = {answer["fact"] for row in gold if row["split"] == "test" for answer in row["answers"]}
    facts = {row["id"]: row for row in read_jsonl(settings.data / "facts.jsonl") if row["id"] in asked}
    wordings = {row["fact"]: row["wordings"] for row in read_jsonl(settings.data / "train" / "wordings.jsonl")}
    first = snapshot_dates(settings.data)[0]
    passages = chunk_all(load_snapshot(settings.data, first))
    return list(closed_book_examples(facts, wordings, passages, first, CLOSED_BOOK_WORDINGS, settings.seed))


def _tiny(settings: Settings) -> list[list[Message]]:
    return _closed_book(settings)[:4]


PLANS = {
    "reading": Plan(
        "reads retrieved passages and answers in the house format, or declines",
        (
            Stage(_reading_first, Recipe(rank=16, alpha=32, learning_rate=1.5e-3, batch_size=1, first_layer=10), 65),
            Stage(_reading_wider, Recipe(rank=16, alpha=32, learning_rate=1.2e-3, batch_size=1, first_layer=10), 75),
            Stage(_reading_alike, Recipe(rank=16, alpha=32, learning_rate=1.2e-3, batch_size=2, first_layer=10), 65),
            Stage(_reading_further, Recipe(rank=16, alpha=32, learning_rate=1.2e-3, batch_size=2, first_layer=10), 65),
        ),
    ),
    "retrieval": Plan(
        "brings customers' questions near the passages that answer them",
        (Stage(_retrieval, ContrastiveRecipe(), 10),),
        model="embedder",
    ),
    "closed_book": Plan(
        "knows by heart what the facts asked about were at the first date",
        (
            Stage(
                _closed_book,
                Recipe(rank=16, alpha=32, learning_rate=2e-3, epochs=7, batch_size=1, first_layer=10),
                12,
            ),
        ),
    ),
    **TARGET_PLANS,
    "tiny": Plan(
        "is so small that a test can rebuild it",
        (
            Stage(
                _tiny,
                Recipe(2, 4, ("q_proj", "v_proj"), learning_rate=2e-3, epochs=3, batch_size=1, dtype="float32"),
                0.5,
            ),
        ),
    ),
}


def plan_for(name: str) -> Plan:
    """Return the plan of an adapter.

    Raises:
        DataError: there is no such adapter.
    """
    if name not in PLANS:
        raise DataError(f"There is no adapter {name!r}.", f"Use one of {', '.join(PLANS)}.")
    return PLANS[name]
