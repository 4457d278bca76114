"""Every context is what its name says, and a perfect one holds the right passages and no others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from course_lib.assistants.answer import Answer
from course_lib.assistants.parsing import parse_house
from course_lib.evaluation.contexts import (
    FAULTS,
    INTACT,
    fault_contexts,
    gold_ids,
    oracle,
    run_contexts,
    siblings,
)
from course_lib.evaluation.gold import Question, Slot
from course_lib.evaluation.retrieved import tells
from course_lib.knowledge.chunking import Passage
from course_lib.models.prompts import house_answer
from course_lib.retrieval import faults
from course_lib.retrieval.base import Hit
from course_lib.retrieval.bm25 import BM25Retriever
from course_lib.retrieval.fusion import ScoreFusion


def passage(name: str, text: str) -> Passage:
    return Passage(name, name.split(".")[0], "Fees", "", "billing", text)


PASSAGES = [
    passage("kb-001.1", "In Harbor the late fee for a Wren is $15 a day."),
    passage("kb-001.2", "A $15 voucher does not pay a late fee."),
    passage("kb-002.1", "In Valley the late fee for a Wren is $11 a day."),
    *(passage(f"kb-01{number}.1", f"Trailer {number} weighs {number} pounds.") for number in range(6)),
]
OLD = [passage("kb-001.1", "In Harbor the late fee for a Wren is $12 a day."), *PASSAGES[1:3]]
SITE = {page.id: page for page in PASSAGES}
FEE = Slot("kb-001.wren", "money", "$15", (), "In Harbor the late fee for a Wren is $15 a day.")
QUESTION = Question("t-1", "test", "lookup", "What is the late fee for a Wren in Harbor?", (FEE,), ("$12",), (), "")
WEIGHT = Slot("kb-013.weight", "measure", "3 pounds", (), "Trailer 3 weighs 3 pounds.")
TWO = replace(QUESTION, id="t-2", text="Late fee for a Wren in Harbor, and trailer 3?", slots=(FEE, WEIGHT))


@pytest.fixture
def contexts(monkeypatch):
    """All contexts of one question; the embeddings' place is taken by a retriever that can be scrambled."""
    retriever = ScoreFusion([BM25Retriever(PASSAGES)], [1.0])
    reversed_order = ScoreFusion([BM25Retriever(PASSAGES)], [-1.0])
    monkeypatch.setattr(faults, "scramble", lambda working, seed: reversed_order)
    return fault_contexts([QUESTION], retriever, OLD, k=4)


def shown(contexts, name) -> list[str]:
    return [hit.passage.id for hit in contexts[name][0]]


def test_there_is_one_context_for_each_fault_after_the_intact_one(contexts):
    assert list(contexts) == [INTACT, *FAULTS]
    assert all(len(found) == 1 and 0 < len(found[0]) <= 4 for found in contexts.values())


def test_the_intact_context_is_the_ranking_cut_off(contexts):
    assert shown(contexts, INTACT)[:1] == ["kb-001.1"] and len(shown(contexts, INTACT)) == 4


def test_the_faults_that_hide_the_right_value_do_and_the_shuffled_order_does_not(contexts):
    told = {name: tells(QUESTION, found[0]) for name, found in contexts.items()}
    assert told == {
        "intact": True,
        "gold dropped": False,
        "sibling swapped in": False,
        "order shuffled": True,
        "wrong embedder": False,
        "stale copy": True,  # the voucher's page was not changed, and states the value by chance
    }


def test_dropping_takes_out_every_passage_that_states_the_value_and_fills_up(contexts):
    assert gold_ids(QUESTION, SITE) == {"kb-001.1", "kb-001.2"}
    assert not {"kb-001.1", "kb-001.2"} & set(shown(contexts, "gold dropped"))
    assert len(shown(contexts, "gold dropped")) == 4


def test_the_sibling_stands_where_the_right_passage_stood(contexts):
    assert shown(contexts, "sibling swapped in")[0] == "kb-002.1"
    assert siblings(QUESTION, contexts[INTACT][0], SITE)["kb-001.1"].id == "kb-002.1"


def test_a_right_passage_that_was_not_found_is_not_swapped():
    assert siblings(QUESTION, [Hit(SITE["kb-002.1"], 1.0)], SITE) == {}


def test_the_stale_copy_serves_the_old_text_in_the_intact_order(contexts):
    (stale,) = contexts["stale copy"]
    assert stale[0].passage.id == "kb-001.1" and "$12" in stale[0].passage.text


def test_the_oracle_prefers_the_passage_that_holds_the_evidence():
    assert [hit.passage.id for hit in oracle(QUESTION, SITE)] == ["kb-001.1"]


def test_the_oracle_of_two_values_shows_a_passage_for_each():
    assert [hit.passage.id for hit in oracle(TWO, SITE)] == ["kb-001.1", "kb-013.1"]
    assert tells(TWO, oracle(TWO, SITE))


def test_a_passage_that_tells_both_values_is_shown_once():
    both = replace(FEE, fact="kb-001.voucher", evidence="A $15 voucher does not pay a late fee.")
    same = replace(both, evidence=FEE.evidence)
    assert len(oracle(replace(QUESTION, slots=(FEE, same)), SITE)) == 1


def test_running_contexts_gives_one_judged_row_for_each_question_and_context():
    calls = []

    def answer_from(texts, found):
        calls.append((list(texts), found))
        raw = house_answer(["$15"], ["kb-001.1"], "billing")
        return [Answer("fake", text, tuple(hits), "", raw, parse_house(raw)) for text, hits in zip(texts, found)]

    contexts = {"right": [oracle(QUESTION, SITE)], "wrong": [[Hit(SITE["kb-002.1"], 1.0)]]}
    rows = run_contexts(contexts, [QUESTION], answer_from, SITE)
    assert [(row["condition"], row["tells"], row["correct"]) for row in rows] == [
        ("right", True, True),
        ("wrong", False, True),
    ]
    assert calls == [([QUESTION.text], found) for found in contexts.values()]
