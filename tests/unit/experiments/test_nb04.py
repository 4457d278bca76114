"""The causal experiments ask what they say, count what came out, and the shipped verifier is the one described."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from course_lib.assistants.hybrid import LEAST_CONFIDENCE, Hybrid
from course_lib.assistants.rag import Rag
from course_lib.evaluation.causal import TESTS
from course_lib.evaluation.verifier import WEIGHTS, load_verifier
from course_lib.evaluation.verifier_pairs import Pair, training_pairs
from course_lib.experiments.nb04_probing import ask_again, first_round, intact_row, pick_questions
from course_lib.experiments.nb04_scores import (
    by_set,
    flag_rates,
    flags_by_kind,
    outcome_counts,
    outcome_points,
    right_share,
    tried_tests,
    when_withheld,
)
from course_lib.experiments.nb04_verifier import FOLDER, MANIFEST, training_manifest
from course_lib.files import read_json, read_jsonl, sha256_of
from course_lib.knowledge.chunking import Passage
from course_lib.models.chat import Completion
from course_lib.models.prompts import house_answer
from course_lib.retrieval.base import Hit
from course_lib.settings import Settings
from tests.unit.evaluation.small_site import ASKED, BOTH, COST, NOTICE, OTHER, PRICE, SITE

DECOYS = {"money": [Passage("kb-009.1", "kb-009", "Bells", "", "orders", "A bell costs $9.")]}
PAIR = Pair("What?", "$74", (PRICE,), "right")


class ReadingChat:
    """Answers with the first price of the passage about Classic, or declines where it is not shown."""

    def render(self, messages):
        return json.dumps(list(messages))

    def generate(self, conversations, max_new_tokens=64, adapter=None, say=None):
        return [
            Completion(self.text(talk[-1]["content"]), 100, 10, 0.5, -0.1, LEAST_CONFIDENCE + 1)
            for talk in conversations
        ]

    def text(self, prompt: str) -> str:
        found = prompt.partition("Classic costs ")[2].split()
        return house_answer([found[0]], ["kb-001.1"], "plans") if found else house_answer([], [], "")


class StubbornChat(ReadingChat):
    """Knows the price by heart, and cites the page all the same."""

    def text(self, prompt: str) -> str:
        return house_answer(["$74"], ["kb-001.1"], "plans")


class FixedRetriever:
    def search(self, questions, k):
        return [[Hit(passage, 1.0) for passage in (NOTICE, PRICE, OTHER)][:k] for _ in questions]


class PriceFirst:
    def search(self, questions, k):
        return [[Hit(PRICE, 1.0)][:k] for _ in questions]


def rows_of(chat, kind=Hybrid) -> list[dict]:
    assistant = kind(chat, FixedRetriever(), top_k=3)
    return ask_again(assistant, first_round(assistant, [ASKED], SITE), DECOYS, 7)


@pytest.mark.parametrize("kind", [Hybrid, Rag])
def test_an_assistant_that_reads_passes_every_test(kind):
    rows = rows_of(ReadingChat(), kind)
    assert [row["test"] for row in rows] == list(TESTS)
    assert [row["outcome"] for row in rows] == ["follows", "declines", "keeps", "keeps"]
    assert all(right_share(rows, test).value == 1 for test in TESTS)
    assert rows[0]["text"] == rows[0]["new"] != rows[0]["old"] == "$74"


def test_an_assistant_that_answers_from_memory_is_found_out_though_its_citation_is_right():
    rows = rows_of(StubbornChat())
    assert [row["outcome"] for row in rows] == ["keeps"] * 4
    assert right_share(rows, "swap").value == right_share(rows, "ablation").value == 0
    assert [row["withheld"] for row in rows] == [True, True, False, False], "its checks would have caught the first two"


def test_an_assistant_that_is_shown_one_passage_has_no_placebo():
    assistant = Rag(ReadingChat(), PriceFirst(), top_k=1)
    rows = ask_again(assistant, first_round(assistant, [ASKED], SITE), DECOYS, 7)
    assert [(row["test"], row["outcome"]) for row in rows] == [
        ("swap", "follows"),
        ("ablation", "declines"),
        ("decoy", "keeps"),
    ]


def test_the_outcome_is_that_of_the_model_before_the_checks():
    assert not any(row["withheld"] for row in rows_of(StubbornChat(), Rag))
    assert [row["outcome"] for row in rows_of(StubbornChat(), Rag)] == ["keeps"] * 4


def test_answers_that_are_not_perfect_are_counted_and_not_asked_again():
    assistant = Hybrid(StubbornChat(), FixedRetriever())
    wrong = replace(ASKED, slots=(replace(COST, value="$99", fact="kb-003.price", accepted=()),), wrong=())
    judgements = first_round(assistant, [wrong, ASKED], SITE)
    assert [intact_row(judged)["outcome"] for judged in judgements] == ["not probed", "keeps"]
    assert len(ask_again(assistant, judgements, DECOYS, 7)) == len(TESTS)
    assert ask_again(assistant, judgements[:1], DECOYS, 7) == []


def test_a_row_says_where_else_the_old_value_stands():
    assistant = Hybrid(StubbornChat(), FixedRetriever())
    (judged,) = first_round(assistant, [ASKED], SITE)
    assert intact_row(judged)["elsewhere"] is False
    twice = replace(judged.answer, hits=(*judged.answer.hits, Hit(replace(OTHER, text="Also $74."), 0.1)))
    assert intact_row(replace(judged, answer=twice))["elsewhere"] is True


def test_questions_are_picked_evenly_among_those_that_ask_one_value_and_find_its_passage():
    asked = [replace(ASKED, id=f"t-{number}") for number in range(10)]
    named = replace(ASKED, id="n-1", slots=(replace(COST, type="name"),))
    lost = replace(ASKED, id="l-1", slots=(replace(COST, fact="kb-003.price", value="$99"),))
    picked = pick_questions([named, BOTH, lost, *asked], FixedRetriever(), 2, 5, SITE)
    assert [question.id for question in picked] == ["t-0", "t-2", "t-4", "t-6", "t-8"]
    assert len(pick_questions(asked, FixedRetriever(), 2, 99, SITE)) == 10
    assert pick_questions(asked, FixedRetriever(), 1, 5, SITE) == []


# Counting


def row(**fields) -> dict:
    base = {"set": "a", "kind": "right", "supported": True, "stated": True, "flagged": False, "shuffled": True}
    return {**base, "article": "kb-001", "test": "swap", "outcome": "follows", **fields}


def test_outcomes_are_counted_by_test_in_the_order_of_the_tests():
    rows = [row(test="placebo", outcome="keeps"), row(), row(outcome="other"), row(test="intact", outcome="keeps")]
    assert tried_tests(rows) == ["swap", "placebo"]
    assert outcome_counts(rows) == [("swap", 1, 0, 0, 1), ("placebo", 0, 1, 0, 0)]
    assert (right_share(rows, "swap").value, right_share(rows, "swap").n) == (0.5, 2)
    points = outcome_points({"rag": rows, "none": []})
    assert [(name, interval.value) for name, interval in points] == [("rag: swap", 0.5), ("rag: placebo", 1.0)]


def test_rates_are_counted_by_set_and_check():
    rows = [
        row(),
        row(kind="misread", supported=False, flagged=True, article="kb-002"),
        row(kind="made up", supported=False, stated=False, article="kb-003"),
        row(set="b", flagged=True),
    ]
    assert {name: len(some) for name, some in by_set(rows).items()} == {"a": 3, "b": 1}
    rates = {(name, check): (precision, recall) for name, check, precision, recall in flag_rates(rows)}
    assert [rate.value for rate in rates["a", "string check"]] == [1, 0.5]
    assert [rate.value for rate in rates["a", "verifier"]] == [1, 0.5]
    assert [rate.value for rate in rates["a", "verifier, shuffled labels"]] == [pytest.approx(2 / 3), 1]
    assert rates["b", "verifier"][0].value == 0 and rates["b", "verifier"][1] is None
    assert rates["b", "string check"] == (None, None)
    assert flags_by_kind(rows) == [("right", 2, 0, 1), ("misread", 1, 0, 1), ("made up", 1, 1, 0)]


def test_withholding_flagged_answers_costs_right_ones():
    rows = [
        row(),
        row(kind="right by chance", supported=False, flagged=True),
        row(kind="misread", supported=False, flagged=True),
        row(kind="stale", supported=False),
    ]
    assert when_withheld(rows) == (4, 2, 2, 1, 1)


# The shipped verifier


def test_the_manifest_tells_when_the_training_pairs_change():
    manifest = training_manifest([PAIR], Settings())
    assert manifest == training_manifest([PAIR], Settings()) and (manifest["pairs"], manifest["supported"]) == (1, 1)
    for other in (replace(PAIR, answer="$75"), replace(PAIR, kind="made up"), replace(PAIR, passages=(OTHER,))):
        assert training_manifest([other], Settings())["data_digest"] != manifest["data_digest"]


def test_the_shipped_verifier_was_trained_on_the_pairs_that_the_data_gives_now():
    settings = Settings()
    folder = settings.data / FOLDER
    pairs = training_pairs(read_jsonl(settings.data / "train" / "sites.jsonl"), settings.seed)
    manifest = read_json(folder / MANIFEST)
    assert manifest == training_manifest(pairs, settings) | {"weights_sha256": sha256_of(folder / WEIGHTS)}
    assert 0 < load_verifier(folder).threshold < 1
