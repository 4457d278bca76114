"""Three passages, the questions about them, and answers to judge: what the tests of judging share."""

from __future__ import annotations

from hypothesis import strategies as st

from course_lib.assistants.answer import Answer
from course_lib.assistants.parsing import Parsed
from course_lib.evaluation.gold import Question, Slot
from course_lib.knowledge.chunking import Passage
from course_lib.retrieval.base import Hit

PRICE = Passage("kb-001.1", "kb-001", "Classic", "", "plans", "Classic costs $74 per month. Joining costs $32.")
NOTICE = Passage("kb-002.1", "kb-002", "Leaving", "Notice", "plans", "- Plan: Classic; Notice: 12 days")
OTHER = Passage("kb-003.1", "kb-003", "Plus", "", "plans", "Plus costs $99 per month.")
SITE = {passage.id: passage for passage in (PRICE, NOTICE, OTHER)}
COST = Slot("kb-001.price", "money", "$74", ("74 dollars",), "Classic costs $74 per month.")
DAYS = Slot("kb-002.notice", "duration", "12 days", (), "| Classic | 12 days |")
ASKED = Question("t-1", "test", "lookup", "What does Classic cost?", (COST,), ("$69",), ("$99",), "")
BOTH = Question("t-2", "test", "multi_passage", "Price and notice?", (COST, DAYS), ("$69",), (), "")
UNTOLD = Question("t-3", "test", "unanswerable", "What does Classic cost in Rome?", (), (), (), "kb-001")


def answered(text: str, cited: tuple[str, ...] = ("kb-001.1",), shown=(PRICE, NOTICE), raw: str = "") -> Answer:
    """Return the record of an answer from these passages; ``raw`` is what the model wrote, if not the same."""
    hits = tuple(Hit(passage, 1.0) for passage in shown)
    return Answer("fake", "?", hits, "", raw, Parsed(text, cited, valid=not raw))


PARTS = ["$74", "$69", "$99", "$80", "12 days", "9 days", "not", "or", "not in the documents", ""]
TEXTS = st.lists(st.sampled_from(PARTS), max_size=4).map("; ".join)
ANSWERS = st.builds(
    answered,
    TEXTS,
    st.lists(st.sampled_from([*SITE, "kb-999.1"]), max_size=2).map(tuple),
    st.lists(st.sampled_from(list(SITE.values())), unique=True).map(tuple),
    TEXTS,
)
