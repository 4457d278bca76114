"""Windows of words slide over a page and lose none of its words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.knowledge.articles import Article
from course_lib.knowledge.windows import whole_pages, window_passages, windows

PAGE = Article("kb-001", "A page", "orders", "2026-03-01", "", "# Bells\n\nA bell costs $9.\nHorns are out of stock.")


@pytest.mark.parametrize(
    ("size", "overlap", "pieces"),
    [
        (4, 0, ["a b c d", "e f g h", "i j"]),
        (4, 1, ["a b c d", "d e f g", "g h i j"]),
        (4, 3, ["a b c d", "b c d e", "c d e f", "d e f g", "e f g h", "f g h i", "g h i j"]),
        (5, 0, ["a b c d e", "f g h i j"]),
        (10, 2, ["a b c d e f g h i j"]),
        (99, 98, ["a b c d e f g h i j"]),
    ],
)
def test_pieces_worked_out_by_hand(size, overlap, pieces):
    assert windows("a b c d\ne f g h i j", size, overlap) == pieces


@given(st.integers(0, 60), st.integers(1, 20), st.data())
def test_no_word_is_lost_no_piece_is_too_long_and_none_only_repeats(count, size, data):
    overlap = data.draw(st.integers(0, size - 1))
    words = [f"w{number}" for number in range(count)]
    pieces = [piece.split() for piece in windows(" ".join(words), size, overlap)]
    rebuilt = [word for number, piece in enumerate(pieces) for word in piece[overlap if number else 0 :]]
    assert rebuilt == words
    assert all(len(piece) <= size for piece in pieces)
    assert all(len(piece) > overlap for piece in pieces[1:])


def test_a_text_without_words_has_no_pieces():
    assert windows(" \n", 5) == []


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (4, 4), (4, -1)])
def test_sizes_that_make_no_sense_are_errors(size, overlap):
    with pytest.raises(ValueError, match="overlap"):
        windows("a b", size, overlap)


def test_passages_are_numbered_within_their_article_and_carry_its_title():
    first, second = window_passages([PAGE], 6)
    assert (first.id, first.article, first.heading, first.text) == (
        "kb-001.1",
        "kb-001",
        "A page",
        "# Bells A bell costs $9.",
    )
    assert (second.id, second.category, second.text) == ("kb-001.2", "orders", "Horns are out of stock.")


def test_a_whole_page_is_one_passage_with_all_its_text():
    (passage,) = whole_pages([PAGE])
    assert (passage.id, passage.text) == ("kb-001.1", PAGE.text)
