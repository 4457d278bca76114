"""Each layer of an answer is scored apart, from the record alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from course_lib.assistants.answer import Answer, abstention, parse_house
from course_lib.evaluation.gold import Question, Slot
from course_lib.evaluation.judge import judge
from course_lib.evaluation.layers import LAYERS, Layers, missing_parts, score_layers
from course_lib.knowledge.chunking import Passage
from course_lib.models.prompts import house_answer
from course_lib.retrieval.base import Hit

PRICE = Passage("kb-001.1", "kb-001", "Classic", "", "plans", "Classic costs $74 per month.")
OTHER = Passage("kb-003.1", "kb-003", "Plus", "", "plans", "Plus costs $99 per month.")
SITE = {passage.id: passage for passage in (PRICE, OTHER)}
ASKED = Question("t-1", "test", "lookup", "Cost?", (Slot("kb-001.price", "money", "$74", (), ""),), (), (), "")
UNTOLD = Question("t-2", "test", "unanswerable", "Cost in Rome?", (), (), (), "kb-001")
SECONDS = {"retrieve": 0.01, "generate": 1.0}


def record(raw: str, shown=(PRICE,), parsed=None, seconds=SECONDS) -> Answer:
    hits = tuple(Hit(passage, 1.0) for passage in shown)
    return Answer("rag", "Cost?", hits, "prompt", raw, parsed or parse_house(raw), {}, -0.5, 100, 20, dict(seconds))


def layers(question: Question, answer: Answer) -> tuple:
    scored = score_layers(judge(question, answer, SITE), SITE)
    return tuple(getattr(scored, name) for name in LAYERS)


GOOD = house_answer(["$74"], ["kb-001.1"], "plans")


@pytest.mark.parametrize(
    ("raw", "shown", "expected"),
    [
        (GOOD, (PRICE,), (True, True, True, True)),
        (GOOD[:-1], (PRICE,), (True, True, False, True)),
        (house_answer(["$99"], ["kb-001.1"], "plans"), (PRICE,), (True, False, True, True)),
        (house_answer(["$74"], ["kb-003.1"], "plans"), (PRICE, OTHER), (True, True, True, False)),
        (house_answer([], [], ""), (PRICE,), (True, False, True, None)),
        (house_answer(["$99"], ["kb-003.1"], "plans"), (OTHER,), (False, None, True, False)),
        (house_answer(["$50"], [], "plans"), (), (None, False, True, False)),
    ],
)
def test_each_layer_fails_on_its_own(raw, shown, expected):
    assert layers(ASKED, record(raw, shown)) == expected


@pytest.mark.parametrize(
    ("raw", "expected"), [(house_answer([], [], ""), (None, True, True, None)), (GOOD, (None, False, True, None))]
)
def test_where_the_documents_do_not_tell_only_declining_is_right(raw, expected):
    assert layers(UNTOLD, record(raw)) == expected


def test_generation_is_scored_before_a_check_replaced_it():
    assert layers(ASKED, record(GOOD, parsed=abstention())) == (True, True, True, None)


def test_an_assistant_without_a_model_has_no_generation_and_no_format():
    looked_up = Answer("workflow", "Cost?", (Hit(PRICE, 1.0),), "", "", parse_house(GOOD), seconds={"retrieve": 0.001})
    assert layers(ASKED, looked_up) == (True, None, None, True)


def test_seconds_are_added_up_and_missing_where_they_were_not_kept():
    assert score_layers(judge(ASKED, record(GOOD), SITE), SITE).seconds == pytest.approx(1.01)
    assert score_layers(judge(ASKED, record(GOOD, seconds={}), SITE), SITE).seconds is None


def test_a_row_has_a_word_for_each_layer_and_then_the_seconds():
    assert Layers(True, False, None, True, 1.234).row() == ["ok", "failed", None, "ok", 1.23]
    assert Layers(None, None, None, None, None).row() == [None] * 5


def test_one_layer_that_worked_is_sound_and_none_is_not():
    assert Layers(True, False, False, False, 1.0).sound
    assert not Layers(False, None, False, None, 1.0).sound


def test_a_whole_record_lacks_nothing():
    assert missing_parts(record(GOOD)) == []


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"seconds": {}}, "seconds to generate"),
        ({"seconds": {"generate": 1.0}}, "seconds to retrieve"),
        ({"prompt": ""}, "prompt and tokens"),
        ({"tokens_out": 0}, "prompt and tokens"),
        ({"verdicts": {"format": True}}, "seconds to validate"),
    ],
)
def test_a_record_without_a_part_says_which(change, missing):
    assert missing in missing_parts(replace(record(GOOD), **change))


def test_a_look_up_needs_its_seconds_and_no_prompt():
    looked_up = Answer("workflow", "Cost?", (), "", "", abstention(), seconds={"retrieve": 0.001})
    assert missing_parts(looked_up) == []
    assert missing_parts(replace(looked_up, seconds={})) == ["seconds"]
