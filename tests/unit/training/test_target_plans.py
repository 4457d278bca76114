"""The plans of the ticket targets train on their train split, under the short prompt, within the time they say."""

from __future__ import annotations

import pytest

from course_lib.settings import load_settings
from course_lib.training.target_plans import TARGET_PLANS
from course_lib.training.ticket_targets import TICKET_TARGETS, ticket_target

SETTINGS = load_settings({})
CHARACTERS_A_SECOND = 540 * 3  # tokens a second on two cores, and a low estimate of the characters of a token


def test_every_ticket_target_has_a_plan():
    assert tuple(TARGET_PLANS) == TICKET_TARGETS


@pytest.mark.parametrize("name", TARGET_PLANS)
def test_a_plan_learns_every_train_item_once_an_epoch_and_no_other(name):
    (stage,) = TARGET_PLANS[name].stages
    talks, target = stage.examples(SETTINGS), ticket_target(name, SETTINGS)
    learned = [message["content"] for talk in talks for message in talk if message["role"] == "user"]
    assert sorted(learned) == sorted(item.text for item in target.items["train"])
    assert {talk[0]["content"] for talk in talks} == {target.short}
    assert talks == stage.examples(SETTINGS), "the manifest's digest has to come out the same every time"


@pytest.mark.parametrize("name", TARGET_PLANS)
def test_the_minutes_said_are_at_most_eight_and_fit_the_size_of_the_data(name):
    plan = TARGET_PLANS[name]
    (stage,) = plan.stages
    characters = sum(len(message["content"]) + 15 for talk in stage.examples(SETTINGS) for message in talk)
    guess = stage.recipe.epochs * characters / CHARACTERS_A_SECOND / 60
    assert plan.minutes <= 8 and 0.5 * guess <= plan.minutes <= 2 * guess
