"""Pages are changed in one place, and planted pages say what they are told to."""

from __future__ import annotations

import random

import pytest

from course_lib.errors import DataError
from course_lib.knowledge.articles import Article
from course_lib.knowledge.chunking import Passage, chunk_article
from course_lib.knowledge.edits import HIGHEST, LOWEST, fresh_amount, misleading_page, with_value

PAGE = Article(
    "kb-001", "Bells", "orders", "2026-03-01", "", "A bell costs $9.\n\n| Horn | $12 |\n\nMounting costs $9 too."
)


def test_one_value_is_replaced_where_its_evidence_stands_and_nowhere_else():
    edited = with_value(PAGE, "A bell costs $9.", "$9", "$77")
    assert edited.text == PAGE.text.replace("A bell costs $9.", "A bell costs $77.")
    assert "Mounting costs $9 too." in edited.text and PAGE.text.startswith("A bell costs $9.")
    assert with_value(PAGE, "| Horn | $12 |", "$12", "$13").text.count("| Horn | $13 |") == 1


@pytest.mark.parametrize(
    ("evidence", "old"),
    [("A gong costs $9.", "$9"), ("$9", "$9"), ("A bell costs $9.", "$8"), ("A bell costs $9.", "l")],
)
def test_an_edit_that_would_not_be_one_place_is_an_error(evidence, old):
    with pytest.raises(DataError, match="exactly once"):
        with_value(PAGE, evidence, old, "$1")


def test_a_fresh_amount_is_not_taken_and_comes_from_the_seed():
    taken = {f"${number}" for number in range(LOWEST, HIGHEST + 1)} - {"$40", "$90"}
    drawn = {fresh_amount(taken, random.Random(seed)) for seed in range(20)}
    assert drawn == {"$40", "$90"}
    assert fresh_amount(set(), random.Random(3)) == fresh_amount(set(), random.Random(3))


def test_no_free_amount_is_an_error():
    with pytest.raises(DataError, match="taken"):
        fresh_amount({f"${number}" for number in range(LOWEST, HIGHEST + 1)}, random.Random(1))


def test_a_misleading_page_answers_in_the_words_of_the_truth_with_the_wrong_value():
    truth = Passage("kb-001.1", "kb-001", "Bells", "", "orders", "A bell costs $9.")
    page = misleading_page("kb-099", "2026-03-01", "What does\na bell cost?", truth, "$9", "$77")
    (passage,) = chunk_article(page)
    assert (passage.id, passage.section, passage.text) == ("kb-099.1", "What does a bell cost?", "A bell costs $77.")
    with pytest.raises(DataError, match="does not state"):
        misleading_page("kb-099", "2026-03-01", "q", truth, "$8", "$77")
