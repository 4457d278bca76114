"""Helps notebook 10: make things stale, in memory only, and see whether the check that watches each notices."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256

from course_lib.evaluation.gold import Slot, load_questions
from course_lib.experiments.nb02_shared import editable
from course_lib.files import read_json, sha256_of
from course_lib.knowledge.articles import Article
from course_lib.knowledge.chunking import chunk_article
from course_lib.knowledge.edits import with_value
from course_lib.knowledge.snapshots import load_snapshot
from course_lib.knowledge.values import contains
from course_lib.models.weights import chat_folder
from course_lib.operations.price_table import expired, load_prices
from course_lib.settings import Settings


def planted(settings: Settings) -> list[tuple[str, str, bool, bool]]:
    """Make some artifacts stale, in memory only, and return whether the check that watches each notices.

    Returns:
        The artifact, what was done to it, whether its check fired before, and whether it fired afterwards.
    """
    trials: tuple[tuple[str, str, Callable[[Settings, bool], bool]], ...] = (
        ("index", "one value of a page was edited", _index_is_old),
        ("frozen questions", "one value of a page was edited", _gold_is_old),
        ("reading adapter", "another base model was put in", _base_is_other),
        ("prices", "the calendar was set past the last date", _prices_are_old),
    )
    return [(name, what, check(settings, False), check(settings, True)) for name, what, check in trials]


def _asked_page(settings: Settings, edit: bool) -> tuple[Slot, Article, Article]:
    """Return an amount that is asked, the page that states it in one place, and that page afterwards."""
    pages = load_snapshot(settings.data)
    slot = editable(load_questions(settings.data, "test"), pages)[0].slots[0]
    page = next(page for page in pages if page.id == slot.article)
    return slot, page, with_value(page, slot.evidence, slot.value, "$9999") if edit else page


def _index_is_old(settings: Settings, edit: bool) -> bool:
    _, page, now = _asked_page(settings, edit)
    return {passage.text for passage in chunk_article(page)} != {passage.text for passage in chunk_article(now)}


def _gold_is_old(settings: Settings, edit: bool) -> bool:
    slot, _, now = _asked_page(settings, edit)
    return not contains(now.text, slot.value)


def _base_is_other(settings: Settings, change: bool) -> bool:
    digest = sha256_of(chat_folder(settings) / "model.safetensors")
    found = sha256(b"another model").hexdigest() if change else digest
    return found != read_json(settings.data / "adapters" / "reading" / "manifest.json")["base_sha256"]


def _prices_are_old(settings: Settings, late: bool) -> bool:
    rows = load_prices(settings.data)
    last = max(date.fromisoformat(row.expires_on) for row in rows)
    first = min(date.fromisoformat(row.read_on) for row in rows)
    return bool(expired(rows, last + timedelta(days=1) if late else first))
