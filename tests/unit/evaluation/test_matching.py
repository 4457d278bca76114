"""The answer checker agrees with people; values and words are found in passages or not."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from course_lib.assistants.answer import Answer
from course_lib.assistants.parsing import Parsed
from course_lib.evaluation.gold import STRATA, Slot, load_questions
from course_lib.evaluation.judge import judge
from course_lib.evaluation.matching import is_supported, relevant_ids, states_all
from course_lib.evaluation.statistics import wilson
from course_lib.files import read_jsonl
from course_lib.settings import ROOT
from tests.unit.evaluation.small_site import ASKED, BOTH, COST, NOTICE, OTHER, SITE

DATA = ROOT / "data"
CASES = read_jsonl(DATA / "eval" / "checker_cases.jsonl")
QUESTIONS = {question.id: question for split in ("dev", "test") for question in load_questions(DATA, split)}
MOST_ERRORS = 0.03


def verdict(case: dict) -> str:
    spoken = Answer("person", "?", (), "", "", Parsed(case["text"]))
    return "correct" if judge(QUESTIONS[case["question"]], spoken, {}).correct else "wrong"


def disagreements(cases: list[dict]) -> list[str]:
    return [
        f"{case['question']}: {case['text']!r} is {case['verdict']} ({case['kind']}); the checker says otherwise"
        for case in cases
        if verdict(case) != case["verdict"]
    ]


# The checker against people


@pytest.mark.parametrize(("judged", "name"), [("wrong", "false accepts"), ("correct", "false rejects")])
def test_checker_agrees_with_people_on_at_least_97_percent(judged, name, capsys):
    for number, title in ((0, "all cases"), (2, "second round, written after the checker was mended for the first")):
        cases = [case for case in CASES if case["verdict"] == judged and (not number or case["round"] == number)]
        wrong = disagreements(cases)
        rate = wilson(len(wrong), len(cases))
        with capsys.disabled():
            print(f"\n{name}, {title}: {len(wrong)} of {rate.n} = {rate.value:.1%} [{rate.low:.1%}, {rate.high:.1%}]")
        assert rate.value <= MOST_ERRORS, "\n".join(wrong)
    with capsys.disabled():
        print("".join(f"  {line}\n" for line in disagreements([case for case in CASES if case["verdict"] == judged])))


def test_cases_cover_every_stratum_and_type_both_ways():
    for judged in ("correct", "wrong"):
        cases = [QUESTIONS[case["question"]] for case in CASES if case["verdict"] == judged]
        strata = Counter(question.stratum for question in cases)
        kinds = Counter(slot.type for question in cases for slot in question.slots)
        assert len(cases) >= 80
        assert min(strata[name] for name in STRATA) >= 10, strata
        assert set(kinds) == {slot.type for question in QUESTIONS.values() for slot in question.slots}
        assert min(kinds.values()) >= 3, kinds


def test_no_case_comes_twice():
    assert len({(case["question"], case["text"]) for case in CASES}) == len(CASES)


@pytest.mark.parametrize(
    "question", [question for question in QUESTIONS.values() if question.answerable], ids=lambda question: question.id
)
def test_every_gold_value_is_correct_and_every_former_or_sibling_value_is_wrong(question):
    assert states_all(question, "; ".join(slot.value for slot in question.slots))
    for value in (*question.stale, *question.wrong):
        assert not states_all(question, value)
        assert not states_all(question, "; ".join([value, *(slot.value for slot in question.slots)]))


# States every value asked, and none that is wrong


@pytest.mark.parametrize(
    "text",
    [
        "$74",
        "It is 74 dollars.",
        "$74, up from $69",
        "It was $69 and is $74",
        "not $99 but $74",
        "Others pay $99, you pay $74",
        "$99 is wrong, it is $74",
        "$74; joining costs $32",
    ],
)
def test_a_right_value_counts_even_beside_one_that_is_set_aside(text):
    assert states_all(ASKED, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "$7",
        "$740",
        "74",
        "74%",
        "74 days",
        "$69",
        "$74 or $69",
        "$69, now $74",
        "$99 or $74",
        "not $74",
        "rather than $74 it is $80",
        "$74 or $80",
        "$80 or $74",
        "$74, $80, $90",
    ],
)
def test_a_value_that_is_denied_doubled_or_drowned_does_not_count(text):
    assert not states_all(ASKED, text)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("$74; 12 days", True),
        ("12 days and $74", True),
        ("$74", False),
        ("12 days", False),
        ("$74; 12 weeks", False),
        ("$69; 12 days", False),
    ],
)
def test_a_question_for_two_values_needs_both_in_any_order(text, right):
    assert states_all(BOTH, text) is right


def test_a_count_may_stand_without_its_noun_or_with_the_question_s_but_not_with_another_unit():
    slot = Slot("kb-001.visits", "count", "3 call-outs", (), "")
    text = "How many free visits a year do I get?"
    asked = replace(ASKED, text=text, slots=(slot,), stale=("4 call-outs",), wrong=())
    assert all(states_all(asked, text) for text in ("3", "three", "3 call-outs", "3 visits", "3 times", "You have 3."))
    assert not any(states_all(asked, text) for text in ("3 years", "3 days", "$3", "3%", "13", "not 3", "4 call-outs"))


# Stated in passages


@pytest.mark.parametrize("text", ["12 days", "twelve days", "within 12 days", "Leaving"])
def test_values_and_words_of_a_cited_passage_are_supported(text):
    assert is_supported(text, [NOTICE])


@pytest.mark.parametrize("text", ["12 weeks", "2 days", "Plus", "Leaving and arriving"])
def test_values_and_words_that_no_cited_passage_has_are_not_supported(text):
    assert not is_supported(text, [NOTICE])


def test_nothing_is_supported_without_a_source():
    assert not is_supported("12 days", [])


def test_relevant_passages_are_those_of_the_article_that_state_the_value():
    copy = replace(OTHER, text="Classic costs $74.")
    assert relevant_ids(COST, {**SITE, copy.id: copy}) == {"kb-001.1"}
    assert relevant_ids(replace(COST, value="$75"), SITE) == set()
