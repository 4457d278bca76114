"""The experiments of notebook 03 ask what they say, with a team that needs no model."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import pytest

from course_lib.assistants.answer import Answer
from course_lib.assistants.hybrid import TOP_K
from course_lib.assistants.parsing import parse_house
from course_lib.evaluation.contexts import FAULTS, INTACT
from course_lib.evaluation.retrieved import tells
from course_lib.experiments import nb03_chunks, nb03_faults, nb03_layers
from course_lib.knowledge.chunking import chunk_all
from course_lib.knowledge.snapshots import load_snapshot, snapshot_dates
from course_lib.models.prompts import house_answer
from course_lib.retrieval.bm25 import BM25Retriever
from course_lib.retrieval.fusion import ScoreFusion
from course_lib.settings import ROOT, Settings

SETTINGS = Settings(data=ROOT / "data")


class Parrot:
    """An assistant that says one thing, and remembers what it was shown."""

    def __init__(self, name):
        self.name, self.calls = name, []

    def answer_from(self, questions, found):
        self.calls.append((list(questions), found))
        raw = house_answer(["$74"], [found[0][0].passage.id], "billing")
        return [Answer(self.name, text, tuple(hits), "", raw, parse_house(raw)) for text, hits in zip(questions, found)]


@pytest.fixture
def team(monkeypatch):
    """A team over the whole site with keyword retrieval and two parrots."""
    passages = chunk_all(load_snapshot(SETTINGS.data))
    assistants = {name: Parrot(name) for name in ("hybrid", "rag")}
    built = SimpleNamespace(
        passages=passages, retriever=ScoreFusion([BM25Retriever(passages)], [1.0]), assistants=assistants
    )
    for module in (nb03_faults, nb03_layers):
        monkeypatch.setattr(module, "build_team", lambda settings: built)
    return built


def test_the_slice_has_only_answerable_test_questions_and_every_stratum_that_has_them():
    questions = nb03_faults.asked(SETTINGS)
    assert len(questions) == nb03_faults.QUESTIONS
    assert all(question.answerable and question.split == "test" for question in questions)
    assert len({question.stratum for question in questions}) == 7


def test_the_question_that_the_notebook_asks_live_is_in_the_slice():
    assert "test-168" in {question.id for question in nb03_faults.asked(SETTINGS)}


def test_the_old_passages_are_those_of_the_last_date_but_one():
    before = chunk_all(load_snapshot(SETTINGS.data, snapshot_dates(SETTINGS.data)[-2]))
    assert nb03_faults.old_passages(SETTINGS) == before


def test_every_question_is_answered_once_under_every_fault(team):
    said = []
    rows = nb03_faults.run(SETTINGS, said.append)
    asked = [question.id for question in nb03_faults.asked(SETTINGS)]
    assert [(row["condition"], row["question"]) for row in rows] == [
        (name, question) for name in (INTACT, *FAULTS) for question in asked
    ]
    assert len(said) == 6 and not team.assistants["rag"].calls


def test_the_layers_show_the_right_passages_the_rest_of_the_site_and_the_right_passages_again(team):
    rows = nb03_layers.run(SETTINGS, lambda text: None)
    questions = nb03_faults.asked(SETTINGS)
    assert Counter(row["condition"] for row in rows) == dict.fromkeys(
        ("oracle", "untrained reader", "article missing"), len(questions)
    )
    (_, right), (_, missing) = team.assistants["hybrid"].calls
    assert all(tells(question, hits) for question, hits in zip(questions, right))
    for question, hits in zip(questions, missing):
        assert len(hits) == TOP_K
        assert not {slot.article for slot in question.slots} & {hit.passage.article for hit in hits}
    assert team.assistants["rag"].calls == [([question.text for question in questions], right)]
    wrong = [row for row in rows if row["condition"] == "article missing" and row["cause"] != "stale"]
    assert wrong and {row["cause"] for row in wrong if not row["correct"]} == {"not in the documents"}


def test_the_sweep_has_a_row_for_each_size_and_reads_more_in_larger_passages(monkeypatch):
    monkeypatch.setattr(nb03_chunks, "SIZES", (20, 160))
    said = []
    small, large = nb03_chunks.sweep("bm25", SETTINGS, said.append)
    assert (small["words"], large["words"], len(said)) == (20, 160, 2)
    assert small["passages"] > large["passages"] and small["first"][0] < large["first"][0]
    for row in (small, large):
        for value, low, high, n in (row["first"], row["budget"]):
            assert 0 <= low <= value <= high <= 1 and n == 104


def test_three_passages_of_80_words_and_the_same_number_of_words_are_the_same_text(monkeypatch):
    monkeypatch.setattr(nb03_chunks, "SIZES", (nb03_chunks.BUDGET // nb03_chunks.FIRST,))
    (row,) = nb03_chunks.sweep("bm25", SETTINGS, lambda text: None)
    assert row["budget"][0] >= row["first"][0]  # short last pieces of a page leave room for one more


ROWS = [
    {"retriever": name, "words": words, "passages": 9, "first": [first, 0.0, 1.0, 4], "budget": [budget, 0.0, 1.0, 4]}
    for name, words, first, budget in (("bm25", 20, 0.2, 0.6), ("bm25", 80, 0.8, 0.4), ("dense", 20, 0.9, 0.1))
]


def test_a_picture_has_a_line_for_each_retriever_and_way_to_ask():
    lines = nb03_chunks.sweep_series(ROWS)
    assert list(lines) == ["bm25, first 3", "bm25, 240 words", "dense, first 3", "dense, 240 words"]
    assert [(words, interval.value) for words, interval in lines["bm25, 240 words"]] == [(20, 0.6), (80, 0.4)]


def test_the_best_sizes_are_named_for_both_ways_to_ask():
    says = nb03_chunks.best_sizes(ROWS, "bm25")
    assert says == "bm25 does best at 80 words a passage if 3 are read, at 20 if 240 words are read"
