"""The published answers come back as the judgements they were, and only for the questions and the site they fit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from course_lib.assistants.answer import Answer, Parsed, abstention, parse_house
from course_lib.errors import DataError
from course_lib.evaluation.gold import Question, Slot, load_questions
from course_lib.evaluation.judge import judge
from course_lib.evaluation.published import published_judgements
from course_lib.evaluation.report import answer_row
from course_lib.evaluation.scoreboard import METRICS, count_causes, rows_for
from course_lib.files import read_json, read_jsonl, write_jsonl
from course_lib.knowledge.chunking import Passage, chunk_all
from course_lib.knowledge.snapshots import load_snapshot
from course_lib.models.prompts import house_answer
from course_lib.retrieval.base import Hit
from course_lib.settings import ROOT, Settings

RESULTS = ROOT / "data" / "results"
PRICE = Passage("kb-001.1", "kb-001", "Classic", "", "plans", "Classic costs $74 per month.")
NOTICE = Passage("kb-002.1", "kb-002", "Leaving", "", "plans", "Notice: 12 days")
SITE = {passage.id: passage for passage in (PRICE, NOTICE)}
QUESTIONS = [
    Question(
        "t-1",
        "test",
        "lookup",
        "What does Classic cost?",
        (Slot("kb-001.price", "money", "$74", (), ""),),
        ("$69",),
        (),
        "",
    ),
    Question("t-2", "test", "unanswerable", "What does Classic cost in Rome?", (), (), (), "kb-001"),
]
HITS = (Hit(PRICE, 1.5), Hit(NOTICE, 0.25))
RIGHT = house_answer(["$74"], ["kb-001.1"], "plans")


def _answer(name: str, raw: str, parsed: Parsed, hits=HITS, **more) -> Answer:
    return Answer(name, "", hits, "a prompt", raw, parsed, tokens_in=9, tokens_out=4, seconds={"generate": 1}, **more)


ANSWERS = {
    "hybrid": [
        _answer("hybrid", RIGHT, parse_house(RIGHT), verdicts={"format": True}, confidence=-0.5),
        _answer("hybrid", RIGHT, abstention(), verdicts={"format": True, "confident": False}, confidence=-4.0),
    ],
    "prompt_only": [
        _answer("prompt_only", "It is $69 [kb-9.9]", parse_house("It is $69 [kb-9.9]"), ()),
        _answer("prompt_only", "I cannot say.", parse_house("I cannot say."), ()),
    ],
    "workflow": [
        _answer("workflow", "", Parsed("$74", ("kb-001.1",), "plans", False, True), HITS[:1]),
        _answer("workflow", "", abstention(), ()),
    ],
}
JUDGED = {
    name: [
        judge(question, replace(answer, question=question.text), SITE) for question, answer in zip(QUESTIONS, answers)
    ]
    for name, answers in ANSWERS.items()
}


@pytest.fixture
def settings(tmp_path):
    rows = [answer_row(judged) for judged_list in JUDGED.values() for judged in judged_list]
    write_jsonl(tmp_path / "results" / "answers.jsonl", rows)
    return Settings(data=tmp_path)


def test_every_verdict_and_cause_comes_back(settings):
    verdicts = ("correct", "stale", "citation_exists", "citation_supports", "citation_correct", "cause")
    found = published_judgements(settings, QUESTIONS, SITE)
    assert list(found) == list(JUDGED)
    for name, judgements in found.items():
        for judged, original in zip(judgements, JUDGED[name], strict=True):
            assert judged.question == original.question
            assert [getattr(judged, key) for key in verdicts] == [getattr(original, key) for key in verdicts]


def test_the_made_up_answers_cover_right_stale_and_withheld_ones():
    assert {judged.cause for judgements in JUDGED.values() for judged in judgements} >= {"", "stale"}
    assert JUDGED["hybrid"][1].correct and JUDGED["prompt_only"][0].stale


def test_the_record_is_whole_but_for_the_prompt_and_the_times(settings):
    found = published_judgements(settings, QUESTIONS, SITE)
    for name in ("hybrid", "prompt_only"):
        for judged, original in zip(found[name], JUDGED[name], strict=True):
            assert judged.answer == replace(original.answer, prompt="", seconds={})


def test_what_a_check_withheld_comes_back_as_the_abstention_that_the_customer_saw(settings):
    withheld = published_judgements(settings, QUESTIONS, SITE)["hybrid"][1].answer
    assert withheld.abstained and withheld.raw == RIGHT and withheld.verdicts == {"format": True, "confident": False}


def test_passages_may_come_as_a_list(settings):
    assert published_judgements(settings, QUESTIONS, [PRICE, NOTICE]) == published_judgements(settings, QUESTIONS, SITE)


def test_some_of_the_questions_can_be_asked_for_in_any_order(settings):
    found = published_judgements(settings, QUESTIONS[::-1], SITE)
    assert [judged.question.id for judged in found["hybrid"]] == ["t-2", "t-1"]
    assert [len(judged) for judged in published_judgements(settings, QUESTIONS[1:], SITE).values()] == [1, 1, 1]


def test_answers_are_judged_again_and_not_read_off(settings):
    path = settings.data / "results" / "answers.jsonl"
    write_jsonl(path, [row | {"correct": True, "cause": "misread"} for row in read_jsonl(path)])
    stale = published_judgements(settings, QUESTIONS, SITE)["prompt_only"][0]
    assert not stale.correct and stale.cause == "stale"


def test_without_a_published_run_the_command_that_makes_one_is_named(tmp_path):
    with pytest.raises(DataError, match="no published run") as caught:
        published_judgements(Settings(data=tmp_path), QUESTIONS, SITE)
    assert "course_lib report" in caught.value.remedy


def test_a_run_over_other_questions_is_named(settings):
    other = replace(QUESTIONS[0], id="t-9")
    with pytest.raises(DataError, match="no answer of hybrid to t-9"):
        published_judgements(settings, [other], SITE)


def test_a_run_over_another_site_is_named(settings):
    with pytest.raises(DataError, match="shown kb-002.1, which the site does not have"):
        published_judgements(settings, QUESTIONS, [PRICE])


@pytest.fixture(scope="module")
def shipped():
    """Return the passages of the site and the shipped answers, judged again."""
    if not (RESULTS / "answers.jsonl").is_file():
        pytest.skip("there is no published run yet")
    site = {passage.id: passage for passage in chunk_all(load_snapshot(ROOT / "data"))}
    return site, published_judgements(Settings(), load_questions(ROOT / "data", "test"), site)


def test_the_shipped_run_is_what_judging_it_again_gives(shipped):
    _, found = shipped
    rows = {(row["assistant"], row["question"]): row for row in read_jsonl(RESULTS / "answers.jsonl")}
    assert len(rows) == sum(map(len, found.values()))
    for name, judgements in found.items():
        for judged in judgements:
            row = rows[name, judged.question.id]
            assert (row["correct"], row["stale"], row["cause"]) == (judged.correct, judged.stale, judged.cause), row


def test_the_shipped_scoreboard_and_causes_are_those_of_the_shipped_answers(shipped):
    site, found = shipped
    board = {(row["assistant"], row["metric"]): row for row in read_json(RESULTS / "scoreboard.json")}
    assert set(board) == {(name, metric) for name in found for metric in METRICS}
    # The answers do not tell how long they took, nor what retrieval ranked below the passages shown.
    elsewhere = {"seconds_p50", "hit_at_3", "mrr", "ndcg_at_10"}
    again = [row.as_dict() for name in found for row in rows_for(name, found[name], None, site)]
    compared = [row for row in again if row["metric"] not in elsewhere]
    assert len(compared) == len(found) * (len(METRICS) - len(elsewhere))
    assert [row for row in compared if row != board[row["assistant"], row["metric"]]] == []
    assert read_json(RESULTS / "causes.json") == {name: count_causes(judged) for name, judged in found.items()}
