"""The instructor's page is up to date, its plans add up, and everything that it names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from course_lib.errors import DataError
from course_lib.settings import ROOT, Settings
from course_lib.teaching.books import Book, Exercise, read_books
from course_lib.teaching.ledger import Statement, load_ledger
from course_lib.teaching.ledger_page import bound_cells
from course_lib.teaching.quiz import load_quiz
from course_lib.teaching.timings import load_timings
from course_lib.teaching.workshop import generated
from course_lib.teaching.workshop_files import find_book, load_workshop
from course_lib.teaching.workshop_notes import answers_text, misconceptions_text, notes_text
from course_lib.teaching.workshop_plans import cuts_text, load_plans, plans_text, steps_of

BOOKS = read_books(ROOT / "notebooks")
PLANS = load_plans()
LEDGER = load_ledger(ROOT / "data")
NUMBERS = {name[:2] for name in BOOKS} | {statement.notebook[:2] for statement in LEDGER.values()}
every_plan = pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
STATEMENT = Statement("x", "see", "Water is dry.", "Of the water, {measured} is dry.", "share", "00_a")
ROW = {
    "measured": 0.0,
    "sentence": "Of the water, 0.0% is dry.",
    "relation": ">=",
    "threshold": 0.5,
    "low": 0.0,
    "high": 0.6,
    "holds": False,
}


@pytest.mark.parametrize("name", ["INSTRUCTORS.md", "workshop/hub/README.md", "workshop/hub/values.yaml"])
def test_a_generated_file_is_up_to_date(name):
    text = generated(Settings())[name]
    assert (ROOT / name).read_text(encoding="utf-8") == text, "Run `python -m course_lib.teaching.workshop`."


def test_nothing_is_left_to_fill_in():
    for name, text in generated(Settings()).items():
        assert not re.search(r"<!-- \w+ -->|\{(?:guarantee|limit|sizing|link)\}", text), name


def test_every_link_of_the_page_leads_to_a_file_and_to_a_cell_of_it():
    links = re.findall(r"\]\((?!https?:)([^)\s]+)\)", (ROOT / "INSTRUCTORS.md").read_text(encoding="utf-8"))
    assert len(links) > 20
    for link in links:
        path, _, cell = link.partition("#cell-id=")
        assert (ROOT / path).is_file(), link
        assert not cell or cell in BOOKS[Path(path).stem].cells, link


@every_plan
def test_a_plan_begins_on_time_has_no_gap_and_ends_after_its_minutes(plan):
    steps = list(steps_of(plan))
    hours, minutes = map(int, plan["starts"].split(":"))
    assert steps[0].begins == 60 * hours + minutes
    assert all(step.minutes > 0 for step in steps)
    assert all(one.begins + one.minutes == two.begins for one, two in zip(steps, steps[1:]))
    assert steps[-1].begins + steps[-1].minutes - steps[0].begins == plan["minutes"]


@every_plan
def test_nobody_sits_for_more_than_two_hours_without_a_break(plan):
    sitting = 0
    for block in plan["blocks"]:
        sitting = 0 if block["title"] in ("Break", "Lunch") else sitting + block["minutes"]
        assert sitting <= 120, block["title"]


@every_plan
def test_the_notebook_of_a_block_runs_within_its_minutes(plan):
    timings = load_timings(Settings())
    for block in plan["blocks"]:
        book = find_book(block.get("notebook", ""), BOOKS)
        if book and book.name in timings:
            assert timings[book.name]["minutes"] <= block["minutes"], book.name


@every_plan
def test_the_notebooks_and_cells_of_a_plan_exist_and_come_in_their_order(plan):
    assert {block["notebook"] for block in plan["blocks"] if "notebook" in block} <= NUMBERS
    for block in plan["blocks"]:
        book = find_book(block.get("notebook", ""), BOOKS)
        cells = [cell for step in block["steps"] for cell in step.get("cells", ())]
        assert book or block.get("notebook") or not cells
        if book:
            assert set(cells) <= set(book.cells)
            assert cells == sorted(cells, key=book.cells.index), block["title"]


@every_plan
def test_the_cuts_are_in_order_and_leave_the_quiz_and_the_predictions(plan):
    cuts = sorted(step.cut for step in steps_of(plan) if step.cut is not None)
    assert cuts == list(range(1, len(cuts) + 1)) and len(cuts) >= 4
    assert not [step.do for step in steps_of(plan) if step.cut is not None and "quiz" in step.do.lower()]


def test_minutes_that_do_not_add_up_are_an_error(tmp_path):
    (tmp_path / "workshop").mkdir()
    text = "p: {minutes: 5, blocks: [{title: a, minutes: 5, steps: [{minutes: 4, do: x}]}]}"
    (tmp_path / "workshop" / "plans.yaml").write_text(text)
    with pytest.raises(DataError, match="p, a: the parts take 4 minutes, not 5"):
        load_plans(tmp_path)


def test_a_plan_is_shown_with_clock_times_links_and_measured_minutes():
    blocks = [
        {"title": "One", "notebook": "00", "steps": [{"minutes": 65, "do": "look", "cells": ["b"], "cut": 1}]},
        {"title": "Two", "notebook": "77", "steps": [{"minutes": 5, "do": "talk", "cells": ["c"]}]},
    ]
    plan = {"title": "Plan", "for": "All.", "minutes": 70, "starts": "09:00", "blocks": blocks}
    books = {"00_a": Book("00_a", "00 A", (), "", (), (), (), ("b",))}
    text = plans_text({"p": plan}, books, {"00_a": {"minutes": 2.5}})
    assert "| 9:00 | 65 | look | [b](notebooks/00_a.ipynb#cell-id=b) |" in text
    assert "One: [00 A](notebooks/00_a.ipynb), 2.5 min of computing" in text
    assert "| 10:05 | 5 | talk |  |" in text and "| **10:10** | | **End** | |" in text
    assert "| 1 | One | look | 65 | 65 |" in cuts_text({"p": plan})


def test_every_misconception_names_a_statement_or_a_cell_that_exists():
    entries = load_workshop("misconceptions")
    cells = bound_cells(ROOT / "notebooks")
    assert len(entries) >= 20
    for entry in entries:
        assert set(entry) in ({"says", "claim", "refuted_if", "reply"}, {"says", "cell", "reply"}), entry["says"]
        if "claim" in entry:
            assert entry["claim"] in LEDGER and entry["refuted_if"] in ("holds", "refuted")
            assert entry["claim"] in cells or LEDGER[entry["claim"]].notebook not in BOOKS
        else:
            assert entry["cell"][:2] in NUMBERS


def verdict_on(refuted_if: str, row: dict | None) -> str:
    entry = {"says": "Water is dry!", "claim": "x", "refuted_if": refuted_if, "reply": "Touch it."}
    return misconceptions_text([entry], {"x": STATEMENT}, {"x": row} if row else {}, {"x": ("00_a", "wet")}, {})


def test_a_refuted_statement_of_the_course_is_said_to_be_refuted():
    text = verdict_on("refuted", ROW)
    assert (
        "**REFUTED.** The bound: at least 50.0%. The interval reaches past it" in text
        and "went against the course's own statement" in text
    )
    assert "speaks against the belief" in text and "notebooks/00_a.ipynb#cell-id=wet" in text


def test_a_belief_that_the_measurement_does_not_refute_is_not_said_to_be_refuted():
    assert "does not speak against the belief" in verdict_on("refuted", ROW | {"holds": True})
    assert "does not speak against the belief" in verdict_on("holds", ROW)
    assert "went against" not in verdict_on("holds", ROW | {"holds": True})


def test_what_is_not_measured_is_said_to_be_not_measured():
    text = verdict_on("holds", None)
    assert "not measured yet" in text and "belief" not in text.split("What to say")[1]


def test_a_statement_or_a_cell_that_does_not_exist_is_an_error():
    entry = {"says": "a", "claim": "nothing-like-it", "refuted_if": "holds", "reply": "b"}
    with pytest.raises(DataError, match="nothing-like-it"):
        misconceptions_text([entry], {}, {}, {}, {})
    book = Book("00_a", "00 A", (), "", (), (), (), ("b",))
    with pytest.raises(DataError, match="no cell 'zz'"):
        misconceptions_text([{"says": "a", "cell": "00#zz", "reply": "b"}], {}, {}, {}, {"00_a": book})
    note = {"00": {"predictions": [{"cell": "zz", "look": "b", "expect": "x", "why": "y"}]}}
    with pytest.raises(DataError, match="no cell 'zz'"):
        notes_text(note, {"00_a": book})


def test_the_hand_written_parts_hold_no_measured_number():
    figure = re.compile(r"\d\s?%|\d\.\d|\b\d+ (?:percent|points?|times)\b")
    for name in ("notes", "misconceptions"):
        text = (ROOT / "workshop" / f"{name}.yaml").read_text(encoding="utf-8")
        assert not figure.search(text), (name, figure.search(text))


@pytest.mark.parametrize("name", BOOKS)
def test_a_notebook_yields_objectives_prerequisites_exercises_and_quiz(name):
    book = BOOKS[name]
    assert book.title.startswith(f"{name[:2]} ") and book.needs
    assert len(book.objectives) >= 2 and len(book.exercises) in (2, 3) and len(book.quiz) == 3
    assert all(one.solution.strip() and one.title for one in book.exercises)


@pytest.mark.parametrize("name", BOOKS)
def test_every_notebook_has_notes_with_a_point_and_prompts(name):
    note = load_workshop("notes")[name[:2]]
    assert note["point"] and note["prompts"]


def test_the_answer_key_marks_what_later_cells_need():
    exercise = Exercise("1", "Do it", "e", "x = 1", ("x",))
    text = answers_text({"00_a": Book("00_a", "00 A", (), "", (exercise,), (("Why?", "Because."),), (), ("e",))})
    assert "```python\nx = 1\n```" in text and "Later cells use `x`" in text and "> Because." in text


def test_names_that_later_cells_read_are_found(tmp_path):
    import json

    def code(source, *tags):
        return {
            "cell_type": "code",
            "id": source[:3],
            "metadata": {"tags": list(tags)},
            "source": source,
            "outputs": [],
        }

    def text(source):
        return {"cell_type": "markdown", "id": source[:2], "metadata": {}, "source": source}

    cells = [text("# 00 A"), text("## Exercise 1: Do"), code("def f():\n    return 1\ny = 2", "solution"), code("f(3)")]
    (tmp_path / "00_a.ipynb").write_text(json.dumps({"cells": [*cells, text("end")]}))
    (exercise,) = read_books(tmp_path)["00_a"].exercises
    assert exercise.used_later == ("f",) and exercise.number == "1" and exercise.title == "Do"


def test_the_quiz_of_the_page_does_not_give_the_key_away_before_it_is_asked():
    page = (ROOT / "INSTRUCTORS.md").read_text(encoding="utf-8")
    forms = page.split("### Form for before")[1].split("### Key")[0]
    for question in load_quiz():
        assert question.forms["pre"][3] not in forms and question.forms["post"][3] not in forms
