"""The decision rules: small scenarios with known answers, and reasons that name the number that fired them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from course_lib.errors import DataError
from course_lib.operations.decision import recommend
from course_lib.operations.task import (
    BOTH,
    ENOUGH_EXAMPLES,
    FINE_TUNE,
    FIXES,
    NEITHER,
    PROMPT,
    RAG,
    WORKFLOW,
    Task,
)

SCENARIOS = {
    "greeting writer that is nearly always right": (Task(200, {"behavior": 0.02}, prompt_tuned=True), PROMPT),
    "small behavior failures, prompt untouched": (Task(200, {"wrong format": 0.3}, examples=900), PROMPT),
    "opening hours by depot": (Task(200, {"misread": 0.2}, workflow_covers=0.97, workflow_wrong=0.0), WORKFLOW),
    "a table that covers everything and is often wrong": (
        Task(200, {"not retrieved": 0.6}, True, workflow_covers=0.97, workflow_wrong=0.3),
        RAG,
    ),
    "a workflow for a fifth of the questions": (
        Task(200, {"not retrieved": 0.6}, True, workflow_covers=0.2, workflow_wrong=0.0),
        RAG,
    ),
    "nobody wrote the documents": (Task(200, {"not in the documents": 0.5, "misread": 0.1}, True), NEITHER),
    "ten questions tried": (Task(10, {"stale": 0.5}, True), NEITHER),
    "prices that change, no index": (Task(240, {"not retrieved": 0.8}, True, prompt_tuned=True), RAG),
    "stale values from training": (Task(240, {"stale": 0.4}, True, True, examples=900), RAG),
    "labels in the house style": (Task(300, {"behavior": 0.3}, prompt_tuned=True, examples=900), FINE_TUNE),
    "labels in the house style, 40 examples": (Task(300, {"behavior": 0.3}, prompt_tuned=True, examples=40), NEITHER),
    "facts are missing and the form breaks": (
        Task(240, {"not retrieved": 0.4, "wrong format": 0.3}, True, True, examples=900),
        BOTH,
    ),
    "the same with an untuned prompt": (
        Task(240, {"not retrieved": 0.4, "wrong format": 0.3}, True, False, examples=900),
        RAG,
    ),
    "the same with few examples": (
        Task(240, {"not retrieved": 0.4, "wrong format": 0.3}, True, True, examples=20),
        RAG,
    ),
    "behavior first, and some stale answers": (
        Task(240, {"behavior": 0.4, "stale": 0.2}, False, True, examples=900),
        BOTH,
    ),
    "behavior first, nothing to train on, some knowledge fails": (
        Task(240, {"behavior": 0.4, "stale": 0.2}, False, True, examples=3),
        RAG,
    ),
    "all is well with an index": (Task(240, {"misread": 0.01}, True, True, has_index=True), RAG),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_scenario_gets_its_known_answer(name):
    task, expected = SCENARIOS[name]
    advice = recommend(task)
    assert advice.choice == expected
    assert advice.reasons and all(reason.name and reason.text for reason in advice.reasons)
    assert advice.measure_next


def test_a_reason_carries_the_number_that_fired_it():
    (reason,) = recommend(Task(200, {"not in the documents": 0.5}, True)).reasons
    assert (reason.name, reason.value) == ("not in the documents", 0.5)
    advice = recommend(SCENARIOS["the same with few examples"][0])
    assert ("examples", 20) in [(reason.name, reason.value) for reason in advice.reasons]


@pytest.mark.parametrize("failure", sorted(FIXES[RAG]))
def test_a_second_technique_is_never_added_for_what_the_first_fixes(failure):
    for share in (0.1, 0.5, 0.9):
        task = Task(240, {failure: share}, True, True, examples=5000, risk="high")
        assert recommend(task).choice == RAG


def test_the_second_technique_comes_in_when_what_is_left_passes_what_the_risk_allows():
    task = Task(240, {"not retrieved": 0.4, "misread": 0.04}, True, True, examples=900)
    assert recommend(replace(task, risk="medium")).choice == RAG
    assert recommend(replace(task, risk="high")).choice == BOTH


def test_no_technique_fixes_two_kinds_of_failure_and_none_writes_documents():
    assert not FIXES[RAG] & FIXES[FINE_TUNE]
    assert all("not in the documents" not in fixed for fixed in FIXES.values())


def test_training_starts_at_the_stated_number_of_examples():
    task = Task(300, {"behavior": 0.3}, prompt_tuned=True, examples=ENOUGH_EXAMPLES)
    assert recommend(task).choice == FINE_TUNE
    assert recommend(replace(task, examples=ENOUGH_EXAMPLES - 1)).choice == NEITHER


def test_a_workflow_that_nobody_measured_is_not_recommended():
    assert recommend(Task(200, {"not retrieved": 0.5}, True, workflow_covers=1.0)).choice == RAG


def test_an_index_that_misses_is_to_be_mended():
    advice = recommend(Task(240, {"not retrieved": 0.4}, True, True, has_index=True))
    assert "not retrieved + stale" in [reason.name for reason in advice.reasons]


@pytest.mark.parametrize(
    "task",
    [
        Task(240, {"stale": 1.2}),
        Task(240, {"stale": 0.6, "misread": 0.6}),
        Task(240, {"bad luck": 0.1}),
        Task(240, {}, risk="huge"),
        Task(240, {}, workflow_covers=-0.1),
        Task(240, {"stale": float("nan")}),
    ],
)
def test_numbers_that_cannot_be_are_refused(task):
    with pytest.raises(DataError):
        recommend(task)
