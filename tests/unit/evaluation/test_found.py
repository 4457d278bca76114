"""A value counts as found within so many words only if it stands there, on its own page; luck is counted apart."""

from __future__ import annotations

import pytest

from course_lib.evaluation.found import found_within, stated_anywhere
from course_lib.evaluation.gold import Question, Slot
from course_lib.knowledge.chunking import Passage
from course_lib.retrieval.base import Hit


def hit(article: str, text: str) -> Hit:
    return Hit(Passage(f"{article}.1", article, "page", "", "orders", text), 1.0)


BELL = Slot("kb-001.price", "money", "$9", (), "A bell costs $9.")
HORN = Slot("kb-002.price", "money", "$12", (), "A horn costs $12.")
ONE = Question("t-1", "test", "lookup", "Bell?", (BELL,), (), (), "")
BOTH = Question("t-2", "test", "multi_passage", "Bell and horn?", (BELL, HORN), (), (), "")
HITS = [
    hit("kb-003", "Some other page says $9 too."),
    hit("kb-001", "A bell costs $9."),
    hit("kb-002", "A horn costs $12."),
]


@pytest.mark.parametrize(
    ("words", "one", "both"),
    [(6, False, False), (9, False, False), (10, True, False), (13, True, False), (14, True, True), (99, True, True)],
)
def test_words_are_counted_down_the_ranking_and_the_last_passage_is_cut(words, one, both):
    assert (found_within(ONE, HITS, words), found_within(BOTH, HITS, words)) == (one, both)


def test_a_value_is_not_put_together_from_two_passages():
    assert not found_within(ONE, [hit("kb-001", "It costs $"), hit("kb-001", "9 of them")], 50)


def test_a_lucky_passage_of_another_article_counts_as_stated_but_not_as_found():
    lucky = HITS[:1]
    assert stated_anywhere(ONE, lucky) and not found_within(ONE, lucky, 50)
    assert not stated_anywhere(BOTH, lucky) and stated_anywhere(BOTH, HITS)
    assert not stated_anywhere(ONE, [])
