"""Behavior of keyword retrieval."""

from __future__ import annotations

import numpy as np
import pytest
from rank_bm25 import BM25Okapi, BM25Plus

from course_lib.errors import DataError
from course_lib.knowledge.chunking import Passage, chunk_all
from course_lib.knowledge.snapshots import load_snapshot
from course_lib.retrieval.base import top_k
from course_lib.retrieval.bm25 import BM25Retriever, words_of
from course_lib.settings import ROOT


def passages(*texts: str) -> list[Passage]:
    return [
        Passage(f"kb-{number:03}.1", f"kb-{number:03}", "page", "", "plans", text)
        for number, text in enumerate(texts, 1)
    ]


def ids(hits) -> list[str]:
    return [hit.passage.id for hit in hits]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Part TW-BAT-360 fits.", ["part", "tw-bat-360", "fit"]),
        ("form TW-F-218, please", ["form", "tw-f-218", "please"]),
        ("(E-12)", ["e-12"]),
        ("error E-12: hot!", ["error", "e-12", "hot"]),
        ("mail kb-014.2 now", ["mail", "kb-014.2", "now"]),
        ("call 555-0196.", ["call", "555-0196"]),
        ("$45 or $0.11", ["$45", "$0.11"]),
        ("code `PL-624`/**CG-837**", ["code", "pl-624", "cg-837"]),
    ],
)
def test_codes_and_numbers_stay_whole_and_lose_their_punctuation(text, words):
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Fees FEE fee", ["fee"] * 3),
        ("batteries", ["batterie"]),
        ("class", ["class"]),
        ("bus gas", ["bus", "gas"]),
        ("the Heron's range", ["heron", "range"]),
        ("What is the", []),
        ("", []),
        ("...", []),
        ("can't", ["cant"]),
    ],
)
def test_words_are_lower_case_singular_and_without_stop_words(text, words):
    assert words_of(text) == words


def test_a_code_is_not_found_through_its_parts():
    found = passages("We sell TW-BAT-361.", "TW BAT 360 is spelled out", "Order TW-BAT-360 here.", "Other.")
    found = BM25Retriever(found).search(["TW-BAT-360"], 4)[0]
    assert found[0].passage.id == "kb-003.1"
    assert len({hit.score for hit in found[1:]}) == 1, "only the whole code counts"


def test_a_word_in_half_of_the_passages_counts_though_the_classic_form_gives_it_0():
    texts = ["red door open", "blue door open", "red bike open", "blue bike open"]
    retriever = BM25Retriever(passages(*texts))
    found = retriever.search(["bike"], 4)[0]
    assert ids(found)[:2] == ["kb-003.1", "kb-004.1"]
    assert found[1].score > found[2].score
    classic = BM25Okapi([words_of(passage.indexed) for passage in passages(*texts)])
    assert classic.get_scores(["bike"]) == pytest.approx([0, 0, 0, 0])


def test_a_word_in_both_of_two_passages_does_not_turn_a_match_into_a_penalty():
    retriever = BM25Retriever(passages("open door", "shut door, blue", "shut bike"))
    assert ids(retriever.search(["shut door"], 3)[0])[0] == "kb-002.1"
    assert all(hit.score >= 0 for hit in retriever.search(["page"], 3)[0])


def test_scores_are_those_of_bm25_plus_over_headings_and_text():
    found = chunk_all(load_snapshot(ROOT / "data"))
    questions = ["How much is the Classic plan?", "TW-BAT-360", "late fee in Harbor"]
    reference = BM25Plus([words_of(f"{passage.heading}\n{passage.text}") for passage in found])
    expected = np.array([reference.get_scores(words_of(question)) for question in questions])
    retriever = BM25Retriever(found)
    for hits, row in zip(retriever.search(questions, 10), expected):
        assert ids(hits) == [found[index].id for index in np.argsort(-row, kind="stable")[:10]]
        assert [hit.score for hit in hits] == pytest.approx(sorted(row, reverse=True)[:10])


def test_title_and_section_are_searched_too():
    found = [
        Passage("kb-001.1", "kb-001", "Cargo plan", "Deposit", "plans", "It is $5."),
        Passage("kb-002.1", "kb-002", "Plus plan", "Deposit", "plans", "It is $6."),
        Passage("kb-003.1", "kb-003", "Plus plan", "Term", "plans", "It is long."),
    ]
    assert ids(BM25Retriever(found).search(["deposit on Plus"], 1)[0]) == ["kb-002.1"]


def test_equal_scores_keep_the_order_of_the_passages():
    retriever = BM25Retriever(passages("same words", "same words", "same words", "rare thing"))
    assert ids(retriever.search(["same"], 3)[0]) == ["kb-001.1", "kb-002.1", "kb-003.1"]
    assert ids(retriever.search(["nothing known"], 2)[0]) == ["kb-001.1", "kb-002.1"]


def test_each_question_is_answered_on_its_own():
    retriever = BM25Retriever(passages("red door", "blue bike", "green hat"))
    found = retriever.search(["bike", "hat", ""], 1)
    assert [ids(hits) for hits in found] == [["kb-002.1"], ["kb-003.1"], ["kb-001.1"]]
    assert retriever.search([], 3) == []


def test_fewer_passages_than_asked_for_are_all_given():
    assert len(BM25Retriever(passages("one word", "two words")).search(["word"], 10)[0]) == 2


def test_no_passages_is_an_error_with_a_remedy():
    with pytest.raises(DataError, match="no passages to index"):
        BM25Retriever([])


def test_top_k_orders_by_score_then_by_position():
    found = top_k(passages("a", "b", "c", "d"), [0.5, 2.0, 0.5, -1.0], 3)
    assert [(hit.passage.id, hit.score) for hit in found] == [("kb-002.1", 2.0), ("kb-001.1", 0.5), ("kb-003.1", 0.5)]
    assert all(type(hit.score) is float for hit in found)
    assert top_k(passages("a"), [1.0], 0) == []
