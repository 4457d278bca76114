"""Each planted fault breaks one thing and leaves the rest as it was."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from course_lib.knowledge.chunking import Passage
from course_lib.retrieval import dense, faults
from course_lib.retrieval.base import Hit
from course_lib.retrieval.bm25 import BM25Retriever
from course_lib.retrieval.dense import DenseRetriever
from course_lib.retrieval.fusion import ScoreFusion
from course_lib.retrieval.late import LateRetriever, Tokens


def passage(name: str, text: str = "It costs $45.", title: str = "Fees") -> Passage:
    return Passage(name, name.split(".")[0], title, "", "billing", text)


HITS = [Hit(passage(f"kb-00{number}.1"), 1.0 / number) for number in range(1, 7)]


def ids(hits) -> list[str]:
    return [hit.passage.id for hit in hits]


def test_a_random_ranking_is_repeatable_and_does_not_depend_on_the_question():
    pages = [hit.passage for hit in HITS]
    first, second = (faults.RandomRetriever(pages, 7).search(texts, 3) for texts in (["a", "b"], ["c", "d"]))
    assert [ids(hits) for hits in first] == [ids(hits) for hits in second]
    assert ids(first[0]) != ids(first[1])
    assert ids(faults.RandomRetriever(pages, 8).search(["a"], 6)[0]) != ids(
        faults.RandomRetriever(pages, 7).search(["a"], 6)[0]
    )


def test_over_many_questions_a_random_ranking_finds_a_passage_as_often_as_chance_says():
    pages = [passage(f"kb-{number:03}.1") for number in range(20)]
    found = faults.RandomRetriever(pages, 7).search([""] * 2000, 3)
    assert np.mean(["kb-005.1" in ids(hits) for hits in found]) == pytest.approx(3 / 20, abs=0.03)


def test_dropped_passages_are_gone_and_the_next_ones_move_up_in_order():
    dropped = faults.drop_passages(HITS, {"kb-001.1", "kb-003.1"}, 3)
    assert dropped == [HITS[1], HITS[3], HITS[4]]


def test_nothing_changes_if_the_dropped_passages_were_not_found():
    assert faults.drop_passages(HITS, {"kb-099.1"}, 4) == HITS[:4]


def test_a_dropped_article_takes_all_its_passages_along():
    hits = [Hit(passage(name), 1.0) for name in ("kb-001.1", "kb-002.1", "kb-001.2", "kb-003.1")]
    assert ids(faults.drop_articles(hits, {"kb-001"}, 3)) == ["kb-002.1", "kb-003.1"]


def test_a_swapped_passage_takes_the_place_and_the_score_of_the_right_one():
    sibling = passage("kb-050.1", "It costs $60.")
    swapped = faults.swap_passages(HITS[:3], {"kb-002.1": sibling})
    assert swapped == [HITS[0], Hit(sibling, HITS[1].score), HITS[2]]


@pytest.mark.parametrize(
    ("gold", "expected"),
    [("kb-001.1", ["kb-003.1", "kb-002.1", "kb-004.1"]), ("kb-004.1", ["kb-001.1", "kb-002.1", "kb-003.1"])],
)
def test_a_sibling_that_was_found_as_well_is_shown_once_at_its_better_place(gold, expected):
    assert ids(faults.swap_passages(HITS[:4], {gold: HITS[2].passage})) == expected


def test_shuffling_keeps_the_hits_and_changes_their_order_in_the_same_way_each_time():
    shuffled = faults.shuffle(HITS, 7)
    assert sorted(ids(shuffled)) == sorted(ids(HITS)) and shuffled != HITS
    assert shuffled == faults.shuffle(HITS, 7) != faults.shuffle(HITS, 8)


def test_different_hits_are_not_all_shuffled_in_the_same_way():
    places = {faults.shuffle(HITS[start : start + 3], 7).index(HITS[start]) for start in range(4)}
    assert len(places) > 1


def test_a_stale_copy_has_the_old_text_under_the_present_id_in_the_same_order():
    now = [Hit(passage("kb-001.2", "Late fees are $15 a day."), 2.0), Hit(passage("kb-002.1", "Keys cost $8."), 1.0)]
    old = [
        passage("kb-001.1", "Late fees are $12 a day."),
        passage("kb-001.2", "Call the desk."),
        passage("kb-002.1", "Keys cost $9."),
    ]
    served = faults.serve_old_text(now, old)
    assert [(hit.passage.id, hit.passage.text, hit.score) for hit in served] == [
        ("kb-001.2", "Late fees are $12 a day.", 2.0),
        ("kb-002.1", "Keys cost $9.", 1.0),
    ]


def test_a_page_that_is_younger_than_the_stale_copy_is_not_in_it():
    assert faults.serve_old_text(HITS[:2], [HITS[1].passage]) == [HITS[1]]


@pytest.fixture
def fusion(monkeypatch):
    """A fusion over three passages whose embeddings, and those of the questions a, b and c, are known."""
    pages = [passage("kb-001.1", "alpha"), passage("kb-002.1", "beta"), passage("kb-003.1", "gamma")]
    vectors = np.linalg.qr(np.random.default_rng(1).standard_normal((60, 60)))[0][:3]
    monkeypatch.setattr(dense, "embed", lambda texts, settings: vectors[["abc".index(text) for text in texts]])
    whole = object.__new__(DenseRetriever)
    whole.__dict__.update(passages=pages, settings=SimpleNamespace(), vectors=vectors)
    words = LateRetriever(pages, SimpleNamespace(), lambda texts: [Tokens(np.array([0]), row[None]) for row in vectors])
    return ScoreFusion([whole, words, BM25Retriever(pages)], (1.0, 1.0, 0.5))


def test_the_wrong_embedder_has_similarities_that_mean_nothing_and_raises_no_error(fusion):
    right, broken = fusion.retrievers[0], faults.scramble(fusion, 7).retrievers[0]
    assert np.allclose(right.scores(list("abc")), np.eye(3), atol=1e-6)
    assert np.abs(np.diag(broken.scores(list("abc")))).max() < 0.6
    assert np.allclose(np.linalg.norm(broken.vectors, axis=1), 1, atol=1e-6)


def test_the_wrong_embedder_breaks_every_embedding_and_leaves_keywords_and_weights_alone(fusion):
    before = [part.vectors.copy() for part in fusion.retrievers[:2]]
    broken = faults.scramble(fusion, 7)
    assert all(not np.allclose(part.vectors, old) for part, old in zip(broken.retrievers, before))
    assert all(np.array_equal(part.vectors, old) for part, old in zip(fusion.retrievers, before))
    assert broken.retrievers[2] is fusion.retrievers[2] and broken.weights == fusion.weights
    assert [type(part) for part in broken.retrievers] == [type(part) for part in fusion.retrievers]


def test_the_sibling_is_the_most_similar_passage_of_another_article_with_another_value():
    gold = passage("kb-001.1", "The late fee for a Wren is $15 a day in Harbor.")
    rivals = [
        passage("kb-001.2", "The late fee for a Wren is $99 a day in Harbor."),  # the same article
        passage("kb-002.1", "The late fee for a Wren is $15 a day in Lakeside."),  # the right value
        passage("kb-003.1", "The late fee for a Wren is due each day in Harbor."),  # no value
        passage("kb-004.1", "Keys cost $8."),
        passage("kb-005.1", "The late fee for a Wren is $11 a day in Valley."),
    ]
    assert faults.sibling_of(gold, [gold, *rivals], "$15", "money").id == "kb-005.1"
    assert faults.sibling_of(gold, [gold, *rivals[:3]], "$15", "money") is None


def test_likeness_runs_from_0_to_1_and_reads_headings_too():
    first, second = passage("kb-001.1", "wren heron"), passage("kb-002.1", "wren heron", "Rules")
    assert faults.likeness(first, first) == 1
    assert 0 < faults.likeness(first, second) < 1
    assert faults.likeness(passage("kb-001.1", "wren", "heron"), passage("kb-002.1", "key", "desk")) == 0


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("money", "It is $15", True),
        ("money", "It is 15 days", False),
        ("duration", "within 15 days", True),
        ("count", "3", True),
        ("count", "none", False),
        ("measure", "11 feet", True),
        ("name", "Tanner Hill", True),
        ("name", " ", False),
    ],
)
def test_whether_a_text_states_a_value_of_a_type(kind, text, expected):
    assert faults.states_a(kind, text) is expected
