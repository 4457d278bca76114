"""The failure explorer shows what each assistant did with a question, whatever the texts say, with menus or without."""

from __future__ import annotations

import sys

import pytest

from course_lib.assistants.answer import Answer, Parsed, abstention
from course_lib.errors import DataError
from course_lib.evaluation.gold import Question, Slot
from course_lib.evaluation.judge import Judgement
from course_lib.knowledge.chunking import Passage
from course_lib.retrieval.base import Hit
from course_lib.teaching import display, explorer
from course_lib.teaching.explorer import choose, explore, explorer_view, failures_view, menu_entries
from course_lib.teaching.markup import visible
from tests.unit.teaching.test_display import ATTRIBUTES, PAYLOADS, TAGS, _Reader

PRICE = Passage("kb-001.1", "kb-001", "Classic", "", "plans", "Classic costs $74 per month.")
NOTICE = Passage("kb-002.1", "kb-002", "Leaving", "", "plans", "Notice: 12 days")


def _question(id: str, stratum: str = "lookup", text: str = "What does Classic cost?", value: str = "$74") -> Question:
    slots = (Slot("kb-001.price", "money", value, (), ""),) if value else ()
    return Question(id, "test", stratum, text, slots, ("$69",), ("$80",), "")


def _judged(
    name: str, question: Question, text: str, cause: str = "", hits=(), cited=(), worth=(None,) * 3
) -> Judgement:
    parsed = Parsed(text, tuple(cited)) if text else abstention()
    answer = Answer(name, question.text, tuple(hits), "the prompt", text, parsed)
    return Judgement(question, answer, not cause, False, *worth, cause)


ONE, TWO, THREE = _question("t-1"), _question("t-2", "code"), _question("t-3", "unanswerable", value="")
JUDGED = {
    "rag": [
        _judged("rag", ONE, "$80", "misread", [Hit(PRICE, 2), Hit(NOTICE, 1)], ["kb-001.1"], (True, False, True)),
        _judged("rag", TWO, "", "not retrieved", [Hit(NOTICE, 1)]),
        _judged("rag", THREE, "$5", "should have refused"),
    ],
    "hybrid": [
        _judged("hybrid", ONE, "$74", "", [Hit(PRICE, 2)], ["kb-001.1"], (True, True, True)),
        _judged("hybrid", TWO, "$69", "stale"),
        _judged("hybrid", THREE, ""),
    ],
}


@pytest.fixture
def shown(monkeypatch):
    views = []
    monkeypatch.setattr(display, "display", lambda bundle, **options: views.append(bundle["text/plain"]))
    return views


def test_the_view_holds_question_gold_answers_verdicts_causes_and_passages():
    view = explorer_view(JUDGED, "t-1")
    for text in (view.plain, _Reader(view.html).text):
        for part in ("t-1", "What does Classic cost?", "lookup", "$74", "$69", "$80", "misread", "right", "NO"):
            assert part in text
        assert "kb-001.1" in text and "Notice: 12 days" in text
    lines = view.plain.splitlines()
    assert next(line for line in lines if line.startswith("rag ")).split()[:2] == ["rag", "$80"]
    assert next(line for line in lines if line.startswith("hybrid ")).split()[1:3] == ["$74", "right"]


def test_a_passage_that_two_assistants_saw_is_shown_once_and_the_right_value_is_marked():
    view = explorer_view(JUDGED, "t-1")
    assert view.html.count('id="passage-kb-001_2e_1"') == 1 and "costs >>$74<< per month" in view.plain


def test_where_the_documents_do_not_tell_the_right_answer_is_to_decline():
    assert "to decline" in explorer_view(JUDGED, "t-3").plain and "No passages." in explorer_view(JUDGED, "t-3").plain


def test_an_assistant_that_was_not_asked_is_left_out_and_an_unknown_question_is_an_error():
    only = {"rag": JUDGED["rag"][:1], "hybrid": []}
    assert "hybrid" not in explorer_view(only, "t-1").plain
    with pytest.raises(DataError, match="'t-9'"):
        explorer_view(JUDGED, "t-9")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_of_a_question_an_answer_or_a_passage_can_act(payload):
    passage = Passage(payload, payload, payload, payload, "plans", payload)
    question = Question(payload, "test", payload, payload, (Slot("kb", "name", payload, (), ""),), (payload,), (), "")
    judged = _judged(payload, question, payload or "x", payload, [Hit(passage, 1)], [payload], (True, False, None))
    for view in (explorer_view({payload: [judged]}, payload), failures_view({payload: [judged]})):
        read = _Reader(view.html)
        assert set(read.tags) <= TAGS and not read.other and read.depth == 0
        assert {name for name, _ in read.attributes} <= ATTRIBUTES
        assert not [value for name, value in read.attributes if name == "href"]
        assert visible(payload) in read.text
        for text in view:
            text.encode()
            assert not set(text) & set("\u202e\u202c\u200b\x1b\x00\r")


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({}, ["t-1", "t-2", "t-3"]),
        ({"stratum": "code"}, ["t-2"]),
        ({"cause": "stale"}, ["t-2"]),
        ({"cause": "right"}, ["t-1", "t-3"]),
        ({"cause": "right", "assistant": "rag"}, []),
        ({"assistant": "rag", "cause": "misread"}, ["t-1"]),
        ({"assistant": "hybrid", "cause": "misread"}, []),
        ({"assistant": "hybrid", "cause": "stale", "stratum": "lookup"}, []),
    ],
)
def test_questions_are_chosen_by_kind_assistant_and_cause_of_the_same_answer(filters, ids):
    assert choose(JUDGED, **filters) == ids


def test_the_menus_offer_what_there_is():
    assert menu_entries(JUDGED) == {
        "stratum": ["any", "lookup", "code", "unanswerable"],
        "assistant": ["any", "rag", "hybrid"],
        "cause": ["any", "right", "not retrieved", "stale", "misread", "should have refused"],
    }


def test_without_the_widgets_package_it_says_so_and_shows_the_wrong_answers(shown, monkeypatch, capsys):
    monkeypatch.setattr(explorer, "find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    assert explore(JUDGED) is None
    assert "ipywidgets, which is not installed" in capsys.readouterr().out
    (table,) = shown
    assert len(table.splitlines()) == 5 and "misread" in table and "$74" not in table


def test_the_table_of_wrong_answers_is_cut_to_a_length():
    assert len(failures_view(JUDGED, 2).plain.splitlines()) == 3


def test_the_menus_narrow_the_questions_down_and_show_the_picked_one(shown):
    pytest.importorskip("ipywidgets", reason="the menus are optional")
    from course_lib.teaching.explorer_menus import explorer_menus

    box = explorer_menus(JUDGED)
    filters, question, _ = box.children
    stratum, assistant, cause = filters.children
    assert [value for _, value in question.options] == ["t-1", "t-2", "t-3"] and "t-1" in shown[-1]
    cause.value = "stale"
    assert [value for _, value in question.options] == ["t-2"] and "t-2" in shown[-1]
    stratum.value = "lookup"
    assert question.value is None and "No answer fits" in shown[-1]
    stratum.value = cause.value = "any"
    question.value = "t-3"
    assert "t-3" in shown[-1] and assistant.value == "any"
