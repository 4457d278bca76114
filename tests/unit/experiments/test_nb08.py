"""The experiments of notebook 08 ask what they say, and their rows are read as they should be; no model is needed."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from course_lib.assistants.answer import Answer, abstention, parse_house
from course_lib.assistants.hybrid import LEAST_CONFIDENCE, TOP_K, Hybrid
from course_lib.evaluation.gold import load_questions
from course_lib.evaluation.judge import judge
from course_lib.evaluation.published import published_judgements
from course_lib.evaluation.scoreboard import Row
from course_lib.evaluation.voice import obeyed
from course_lib.experiments import nb08_one_passage, nb08_repair, nb08_steps
from course_lib.experiments.nb08_checks import CHECKS, check_rows, is_good, policy_counts, spoken
from course_lib.experiments.nb08_log import cause_from_log, named_from_log
from course_lib.experiments.nb08_scores import (
    PARTS,
    gain_rows,
    given,
    mended_rows,
    mended_with_cause,
    risk_coverage,
    risk_series,
    unneeded,
    worth_retrying,
)
from course_lib.experiments.nb08_voice import draft, framed, house_style, row_of
from course_lib.knowledge.chunking import chunk_all
from course_lib.knowledge.snapshots import load_snapshot
from course_lib.models.chat import Completion
from course_lib.models.prompts import house_answer
from course_lib.operations.trace_log import trace_of
from course_lib.retrieval.base import Hit
from course_lib.retrieval.bm25 import BM25Retriever
from course_lib.settings import ROOT, Settings
from tests.unit.evaluation.small_site import ASKED, NOTICE, OTHER, PRICE, SITE, UNTOLD

SETTINGS = Settings(data=ROOT / "data")
GOOD = house_answer(["$74"], ["kb-001.1"], "plans")


def record(raw: str, shown=(PRICE, NOTICE), confidence: float = -0.1) -> Answer:
    """Return what the hybrid makes of a text that its model wrote from these passages."""
    chat = SimpleNamespace(render=str, generate=lambda *_: [Completion(raw, 9, 9, 0.1, confidence, confidence)])
    return Hybrid(chat, None).answer_from(["?"], [[Hit(passage, 1.0) for passage in shown]])[0]


def judged(raw: str, question=ASKED, **options):
    return judge(question, record(raw, **options), SITE)


class Parrot:
    """A chat model that says one thing, and remembers what it was asked and with which adapter."""

    def __init__(self, raw=GOOD):
        self.raw, self.asked = raw, []

    def render(self, messages):
        return json.dumps(list(messages))

    def generate(self, conversations, max_new_tokens=64, adapter=None, say=None):
        self.asked.append((list(conversations), adapter))
        return [Completion(self.raw, 9, 9, 0.1, -0.1, -0.1) for _ in conversations]


@pytest.fixture
def team(monkeypatch):
    """A team over the whole site with keyword retrieval and a parrot."""
    passages, chat = chunk_all(load_snapshot(SETTINGS.data)), Parrot()
    retriever = BM25Retriever(passages)
    built = SimpleNamespace(
        passages=passages, retriever=retriever, chat=chat, assistants={"hybrid": Hybrid(chat, retriever)}
    )
    monkeypatch.setattr(nb08_steps, "QUESTIONS", 24)
    for module in (nb08_steps, nb08_one_passage, nb08_repair):
        monkeypatch.setattr(module, "build_team", lambda settings: built)
    return built


def test_with_all_checks_made_a_record_is_what_the_hybrid_said():
    for raw in (
        GOOD,
        house_answer(["$74"], ["kb-002.1"], "plans"),
        house_answer(["$80"], ["kb-001.1"], "plans"),
        "$74",
    ):
        answer = record(raw)
        assert spoken(answer).parsed == answer.parsed


def test_every_published_answer_of_the_hybrid_is_made_again_from_its_raw_text_and_its_verdicts():
    site = {passage.id: passage for passage in chunk_all(load_snapshot(SETTINGS.data))}
    questions = load_questions(SETTINGS.data, "test")
    for one in published_judgements(SETTINGS, questions, site)["hybrid"]:
        again = spoken(one.answer).parsed
        assert (again.text, again.citations, again.valid) == (
            one.answer.parsed.text,
            one.answer.parsed.citations,
            one.answer.parsed.valid,
        )


def test_leaving_a_check_out_lets_through_what_only_this_check_stopped():
    unsure = record(GOOD, confidence=LEAST_CONFIDENCE - 1)
    assert unsure.abstained and spoken(unsure, ("confident",)).parsed.text == "$74"
    assert spoken(unsure, ("grounded",)).abstained
    with pytest.raises(KeyError, match="polite"):
        spoken(unsure, ("polite",))


def test_a_check_is_charged_with_the_right_answers_that_it_alone_stops():
    answers = [judged(GOOD), judged(GOOD, confidence=-9.0), judged(house_answer(["$99"], ["kb-001.1"], "plans"))]
    rows = {name: rest for name, *rest in check_rows(answers)}
    assert list(rows) == list(CHECKS)
    assert rows["confident"] == [1, 1, 0, 1]
    assert rows["grounded"] == [1, 1, 1, 0]
    assert rows["format"] == [0, 0, 0, 0]


def test_an_answer_about_safety_is_marked_by_code_where_the_model_forgot():
    brakes = replace(PRICE, category="safety")
    forgot = house_answer(["$74"], ["kb-001.1"], "plans")
    one = judge(ASKED, record(forgot, shown=(brakes,)), {brakes.id: brakes})
    assert list(policy_counts([one, judged(GOOD)]).values()) == [1, 0, 1]


def test_a_good_answer_is_right_and_well_formed_and_has_a_source_that_tells():
    assert is_good(judged(GOOD))
    assert is_good(judged(house_answer([], [], ""), question=UNTOLD))
    assert not is_good(judged(house_answer([], [], "")))
    elsewhere = replace(record(GOOD), parsed=parse_house(house_answer(["$74"], ["kb-003.1"], "plans")))
    assert not is_good(judge(ASKED, elsewhere, SITE))


def test_each_step_is_taken_away_alone(team, monkeypatch):
    mute = Parrot(json.dumps({"answer": "$74", "category": "plans", "needs_human": False}))
    monkeypatch.setattr(nb08_steps, "constrained", lambda chat, grammar: mute)
    rows = nb08_steps.run(SETTINGS, lambda text: None)
    count = len(nb08_steps.asked(SETTINGS))
    variants = [nb08_steps.NO_RETRIEVAL, nb08_steps.LOOSE, nb08_steps.CODE_CITES, nb08_steps.UNCITED]
    assert [row["variant"] for row in rows] == [name for name in variants for _ in range(count)]
    (blind, _), (loose, adapter) = team.chat.asked
    assert all(talk[-1]["content"].startswith("\n\nQuestion:") for talk in blind)
    assert all("passages" not in talk[0]["content"] and "[kb-" in talk[-1]["content"] for talk in loose)
    assert adapter == "reading" and len(mute.asked) == 1
    assert all(row["declined"] for row in rows if row["variant"] == nb08_steps.NO_RETRIEVAL)
    free = [row for row in rows if row["variant"] == nb08_steps.UNCITED]
    assert any(row["right"] for row in free) and not any(row["good"] for row in free)


def test_the_five_steps_are_compared_on_the_questions_of_the_slice_and_the_log_changes_no_answer():
    unsure = replace(record(GOOD, confidence=-9.0), question="?")
    judgements = [judge(replace(ASKED, id=name), answer, SITE) for name, answer in (("t-1", unsure), ("t-9", unsure))]
    stored = [{"variant": name, "question": "t-1"} for name in nb08_steps.REMOVED.values()]
    groups = nb08_steps.five_steps(stored, judgements, SITE)
    assert [len(rows) for rows in groups.values()] == [1] * 6
    good = {name: groups[name][0]["good"] for name in (nb08_steps.WHOLE, "validate", "log")}
    assert good == {nb08_steps.WHOLE: False, "validate": True, "log": False}


def test_without_pointing_first_the_form_is_whole_and_its_list_is_empty(monkeypatch):
    monkeypatch.setattr(nb08_steps, "constrained", lambda chat, grammar: chat)
    form = ["citations", *nb08_steps.UNCITED_FORM["properties"]]
    assert form == list(json.loads(GOOD)) and nb08_steps.UNCITED_FORM["required"] == form[1:]
    mute = nb08_steps.Unpointed(Parrot(json.dumps({"answer": "$74", "category": "plans", "needs_human": False})))
    (done,) = mute.generate([[]], 9, "reading")
    assert parse_house(done.text) == replace(parse_house(GOOD), citations=())


def test_the_control_of_the_second_technique_is_shown_one_passage(team):
    rows = nb08_one_passage.run(SETTINGS, lambda text: None)
    ((talks, adapter),) = team.chat.asked
    assert adapter == "reading" and {talk[-1]["content"].count("[kb-") for talk in talks} == {1}
    assert len(rows) == 240 and all(bool(row["cause"]) != row["right"] for row in rows)


def test_a_retry_asks_the_withheld_questions_from_more_later_and_random_passages(team, monkeypatch):
    questions = load_questions(SETTINGS.data, "test")[:3]
    site = {passage.id: passage for passage in team.passages}
    texts = [GOOD, house_answer([], [], ""), "nonsense"]
    old = [
        judge(question, replace(record(text, confidence=-9.0), question=question.text), site)
        for question, text in zip(questions, texts)
    ]
    monkeypatch.setattr(nb08_repair, "published_judgements", lambda *_: {"hybrid": old})
    rows = nb08_repair.run(SETTINGS, lambda text: None)
    assert [row["retry"] for row in rows] == [
        name for name in (nb08_repair.MORE, nb08_repair.NEXT, nb08_repair.CHANCE) for _ in questions
    ]
    assert [row["why"] for row in rows[:3]] == ["confident", "declined", "format"]
    more, later, chance = ([talk[-1]["content"] for talk in talks] for talks, _ in team.chat.asked)
    assert {text.count("[kb-") for text in more} == {2 * TOP_K}
    assert all(text.partition("\n\nQuestion")[0] in whole for text, whole in zip(later, more))
    assert not any(text[:11] in whole for text, whole in zip(chance, more))


REPAIRED = [
    {"retry": "more", "question": "t-1", "answerable": True, "answered": True, "right": True},
    {"retry": "more", "question": "t-2", "answerable": True, "answered": False, "right": False},
    {"retry": "more", "question": "t-3", "answerable": False, "answered": True, "right": False},
]


def test_what_a_retry_mends_is_set_against_what_it_spoils():
    assert nb08_repair.repair_table(REPAIRED) == [["more", 3, 1, 1, 1, 1]]
    held = replace(record(GOOD), parsed=abstention())
    before = [judge(one, held, SITE) for one in (ASKED, replace(ASKED, id="t-2"), UNTOLD)]
    right, wrong = nb08_repair.gains(REPAIRED, before)
    assert (right.value, wrong.value) == (0.0, pytest.approx(1 / 3))


def test_risk_is_counted_over_the_surest_answers():
    assert risk_coverage([-3.0, -1.0, -2.0], [False, True, False]) == [(1 / 3, 0.0), (2 / 3, 0.5), (1.0, 2 / 3)]


def test_the_picture_of_risk_ends_at_the_same_point_in_any_order():
    answers = given(
        [judged(GOOD), judged(GOOD, confidence=-9.0), judged(house_answer(["$32"], ["kb-001.1"], "plans"))], SITE
    )
    assert [right for _, right, _ in answers] == [True, True, False]
    series = risk_series(answers * 10)
    assert [points[-1][1].value for points in series.values()] == [pytest.approx(1 / 3)] * 2
    assert all([part for part, _ in points] == list(PARTS) for points in series.values())
    ((coverage, risk),) = risk_series(answers, min(sure for sure, *_ in answers))["the course's threshold"]
    assert coverage == 1 and risk.value == pytest.approx(1 / 3)


def test_a_retry_is_worth_it_if_it_adds_more_right_than_wrong_answers():
    def change(retry, right, wrong):
        return [Row(retry, "right", right, 0, 0, 9), Row(retry, "wrong and sent", wrong, 0, 0, 9)]

    assert worth_retrying([*change("more", 0.2, 0.1), *change("next", 0.1, 0.1)]) == ["more"]


def test_mended_answers_are_counted_by_the_cause_that_they_had():
    first = [judged(GOOD), judged(house_answer(["$32"], ["kb-001.1"], "plans")), judged(GOOD, shown=(NOTICE, OTHER))]
    assert mended_rows(first, [True, True, False], [True] * 3) == [["not retrieved", 1, 0, 1], ["misread", 1, 1, 1]]
    assert mended_with_cause(first, [False, True, True], {"misread"}).value == 0.5
    with pytest.raises(ValueError, match="at least one"):
        mended_with_cause(first, [True, False, False], {"misread"})


def test_the_kind_of_question_that_gains_least_stands_first():
    right, wrong = judged(GOOD), judged(house_answer(["$32"], ["kb-001.1"], "plans"))
    other = replace(wrong, question=replace(ASKED, stratum="code"))
    rows = gain_rows([right, other], [wrong, replace(right, question=other.question)])
    assert rows == [["lookup", 1, "-1.00 [-1.00, -1.00]", 0, 1], ["code", 1, "1.00 [1.00, 1.00]", 1, 0]]


def test_the_log_names_the_cause_and_a_log_without_passages_names_another():
    one = judged(house_answer(["$32"], ["kb-001.1"], "plans"))
    row = trace_of(one.answer)
    assert cause_from_log(ASKED, row, SITE) == one.cause == "misread"
    assert cause_from_log(ASKED, {**row, "passages": []}, SITE) == "not retrieved"
    assert cause_from_log(ASKED, trace_of(judged(GOOD).answer), SITE) == ""
    named = named_from_log([one, judged(GOOD)], [row, trace_of(judged(GOOD).answer)], SITE)
    assert [rest for _, *rest in named] == [[1, 1], [1, 0]]


def test_tasks_that_did_not_ask_for_it_are_compared_with_what_was_there_before():
    general = {arm: [{"question": "p", "cluster": "p", "right": arm == "base"}] for arm in ("base", "reading")}
    declined, right = judged(house_answer([], [], "")), judged(GOOD)
    first, second = unneeded(general, [right, declined], [right, right])
    assert (first[1].value, second[1].value, second[1].n) == (-1.0, 0.0, 1)


@pytest.mark.parametrize(
    "value", ["$74", "6 days", "9:05 am", "TW-14", "15%", "March 3", "3 business days", "555-0176", "2 visits"]
)
def test_a_frame_of_code_keeps_the_voice_and_the_value(value):
    question = replace(
        ASKED, slots=(replace(ASKED.slots[0], value=value, accepted=(), type="name"),), wrong=(), stale=()
    )
    answer = replace(record(GOOD), parsed=parse_house(house_answer([value], ["kb-001.1"], "plans")))
    reply = framed(judge(question, answer, SITE))
    assert [rule for rule, kept in obeyed(reply).items() if kept is False] == []
    assert judge(question, replace(answer, parsed=replace(answer.parsed, text=reply)), SITE).correct


def test_a_frame_of_code_declines_in_the_voice():
    declined = judged(house_answer([], [], ""), question=UNTOLD)
    reply = framed(declined)
    assert all(kept is not False for kept in obeyed(reply).values())
    for text in (reply, draft(declined)):
        assert judge(UNTOLD, replace(declined.answer, parsed=replace(declined.answer.parsed, text=text)), SITE).correct


def test_small_numbers_inside_other_values_stay_as_they_are():
    assert house_style("$6; 12 days; 6 mph; A-6 x") == "$6 and 12 days and 6 mph and A-6 x"


def test_all_at_once_needs_every_part():
    one = judged(GOOD)
    row = row_of("arm", one, True, framed(one))
    assert row["all"] and row["voice"] and row["cited"] and row["formed"]
    assert not row_of("arm", one, False, framed(one))["all"]
    bare = row_of("arm", one, True, "$74")
    assert not bare["all"] and {"sign-off", "step-last"} <= set(bare["broken"])
