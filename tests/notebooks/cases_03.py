"""The exercises of notebook 03."""

from __future__ import annotations

from course_lib.evaluation.gold import Question, Slot
from course_lib.evaluation.retrieved import tells
from course_lib.knowledge.chunking import Passage
from course_lib.retrieval.base import Hit
from tests.notebooks.case import Case


def stale_site():
    """Return two questions, the present passages, and a stale copy of what was found for each question."""

    def passage(name: str, text: str) -> Passage:
        return Passage(name, name.split(".")[0], "Fees", "", "billing", text)

    present = [
        passage("kb-001.1", "It costs $74."),
        passage("kb-002.1", "Notice: 12 days."),
        passage("kb-003.1", "Open."),
    ]
    old = [passage("kb-001.1", "It costs $69."), passage("kb-002.1", "Notice: 12 days."), passage("kb-003.1", "Shut.")]
    price, notice = (
        Slot("kb-001.price", "money", "$74", (), ""),
        Slot("kb-002.notice", "duration", "12 days", (), ""),
    )
    stale = [
        [Hit(old[0], 3.0), Hit(old[1], 2.0), Hit(old[2], 1.0)],
        [Hit(old[1], 5.0), Hit(old[0], 4.0)],
    ]
    return {
        "answerable": [
            Question("t-1", "test", "lookup", "Price?", (price,), (), (), ""),
            Question("t-2", "test", "lookup", "Notice?", (notice,), (), (), ""),
        ],
        "site": {page.id: page for page in present},
        "contexts": {"stale copy": stale},
        "tells": tells,
        "Hit": Hit,
    }


def rank(body: str) -> str:
    return f"def reciprocal_rank(ranking, relevant):\n    {body}"


def refresh(body: str) -> str:
    return f"def refreshed(hits, site):\n    {body}"


LOOP = """for place, name in enumerate(ranking, {start}):
        if name in relevant:
            return {value}
    return 0"""
CASES = {
    "03.1": Case(
        {
            rank("pass"): "returns nothing",
            rank("return 'first'"): "a number is needed",
            rank(LOOP.format(start=1, value="place")): "the rank itself",
            rank(LOOP.format(start=0, value="1 / place")): "ZeroDivisionError",
            rank(LOOP.format(start=0, value="1 / max(place, 1)")): "rank 1",
            rank("return sum(1 / (ranking.index(name) + 1) for name in relevant if name in ranking)"): "add up",
            rank("return float(ranking[0] in relevant) if ranking else 0"): "every place",
            rank("return 1 / (min(map(ranking.index, relevant)) + 1)"): "ValueError",
            rank(
                "return max([1 / (ranking.index(n) + 1) for n in relevant if n in ranking], default=1)"
            ): "never helps",
            "reciprocal_rank = 5": "function itself",
        }
    ),
    "03.2": Case(
        {
            refresh("pass"): "returns nothing",
            refresh("return list(hits)"): "still the old one",
            refresh("return [site[hit.passage.id] for hit in hits]"): "Hit objects",
            refresh("return [Hit(site[hit.passage.id], hit.score) for hit in hits]"): "withdrawn",
            refresh(
                "return [Hit(site.get(hit.passage.id, hit.passage), hit.score) for hit in hits]"
            ): "no longer exists",
            refresh("return [Hit(site[hit.passage.id], hit.score) for hit in reversed(hits)]"): "order",
            refresh("return [Hit(site[hit.passage.id], 0.0) for hit in hits if hit.passage.id in site]"): "scores",
            "refreshed = 5": "function itself",
        },
        stale_site,
    ),
}
