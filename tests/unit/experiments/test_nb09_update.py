"""The update experiment of notebook 09 picks articles that changed, and times only what brought the values in."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from course_lib.errors import DataError
from course_lib.evaluation.gold import load_facts, load_questions
from course_lib.experiments import nb09_update
from course_lib.settings import ROOT, Settings
from tests.unit.evaluation.small_site import ASKED, answered

SETTINGS = Settings(data=ROOT / "data")


def test_articles_to_update_have_questions_about_values_that_changed():
    facts, questions = load_facts(SETTINGS.data), load_questions(SETTINGS.data, "test")
    chosen = nb09_update.changed_articles(questions, facts, "2025-03-01", "2026-03-01")
    assert len(chosen) == nb09_update.ARTICLES
    for name, some in chosen.items():
        for question in some:
            values = facts[question.slots[0].fact]["values"]
            assert question.cluster == name and values["2025-03-01"] != values["2026-03-01"] == question.slots[0].value


def test_training_goes_on_until_enough_questions_get_the_new_value(monkeypatch):
    tried_epochs = []

    def train(settings, talks, recipe, folder, start):
        tried_epochs.append(recipe.epochs)
        return ("$74" if recipe.epochs > 4 else "$69"), 10.0 * recipe.epochs

    monkeypatch.setattr(nb09_update, "trained_chat", train)
    monkeypatch.setattr(nb09_update, "FineTuned", lambda chat, name: SimpleNamespace(answer=lambda texts: _said(chat)))
    row = nb09_update.train_row("kb-001", [ASKED], load_facts(SETTINGS.data), "2026-03-01", SETTINGS)
    assert tried_epochs == [4, 8] and row["seconds"] == 80.0 and row["share"] == 1.0


def _said(chat):
    return [answered(chat)]


def test_a_training_that_brought_nothing_in_has_no_time():
    rows = [{"what": nb09_update.TRAINED_ON, "seconds": 9.0, "share": 0.0}]
    with pytest.raises(DataError, match="No update"):
        nb09_update.seconds_of(rows, nb09_update.TRAINED_ON)
    rows += [{"what": nb09_update.TRAINED_ON, "seconds": 7.0, "share": 0.5}]
    assert nb09_update.seconds_of(rows, nb09_update.TRAINED_ON) == 7.0
