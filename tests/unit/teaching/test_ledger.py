"""The ledger is complete and well-formed, and its page lists every statement with what came out."""

from __future__ import annotations

import json
import re

import pytest

from course_lib.errors import DataError
from course_lib.evaluation.statistics import Interval
from course_lib.settings import ROOT
from course_lib.teaching.ledger import Statement, claim_calls, load_ledger, load_rows
from course_lib.teaching.ledger_page import HEADINGS, bound_cells, page_text
from course_lib.teaching.units import written

SHIPPED = load_ledger(ROOT / "data")
ENTRY = "{statement: S., says: 'It is {measured}.', unit: share, notebook: 01_x}"


def _ledger(tmp_path, text: str):
    (tmp_path / "claims.yaml").write_text(text, encoding="utf-8")
    return load_ledger(tmp_path)


def _notebook(folder, name: str, *sources: str):
    folder.mkdir(exist_ok=True)
    cells = [
        {"cell_type": "code", "id": f"cell-{number}", "source": source.splitlines(keepends=True)}
        for number, source in enumerate(sources)
    ]
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": "claim('a')"}, *cells]}))
    return path


def test_the_shipped_ledger_has_seventy_statements_and_a_heading_for_each_group():
    assert len(SHIPPED) == 70
    assert list(dict.fromkeys(statement.group for statement in SHIPPED.values())) == list(HEADINGS)


def test_counterclaims_are_marked_as_such():
    assert {name for name, statement in SHIPPED.items() if statement.counter} == {
        name for name in SHIPPED if name.startswith("x-")
    }


@pytest.mark.parametrize("name", SHIPPED)
def test_a_sentence_reads_as_one_and_asserts_no_number(name):
    statement = SHIPPED[name]
    sentence = statement.says.replace("{measured}", "")
    assert not re.search(r"\d", sentence.replace("BM25", "").replace("F1", "")), "a number is rendered, not typed"
    assert statement.says.endswith(".") and statement.statement.endswith(".")
    assert statement.says[0].isupper() and not statement.says.startswith("{measured}")
    assert "{" not in sentence and "}" not in sentence


@pytest.mark.parametrize("name", SHIPPED)
def test_every_statement_names_a_notebook_of_the_course(name):
    assert re.fullmatch(r"(0[1-9]|1[0-4])_[a-z_]+", SHIPPED[name].notebook)


def test_statements_of_one_number_are_in_one_notebook():
    stems = {statement.notebook for statement in SHIPPED.values()}
    assert len({stem[:2] for stem in stems}) == len(stems)
    there = {path.stem[:2]: path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert {stem for stem in stems if there.get(stem[:2], stem) != stem} == set()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("see: [", "cannot be read"),
        ("see: 3", "cannot be read"),
        ("just text", "cannot be read"),
        ("see:\n  a: 3", "entry a needs a text"),
        (f"see:\n  a: {ENTRY.replace('statement: S., ', '')}", "entry a needs a text"),
        (f"see:\n  a: {ENTRY.replace('{measured}', 'x')}", "sentence of a must have {measured} exactly once"),
        (f"see:\n  a: {ENTRY.replace('unit: share', 'unit: miles')}", "unit of a is 'miles'"),
        (f"see:\n  a: {ENTRY}\nwhen:\n  a: {ENTRY}", "an id more than once"),
    ],
)
def test_a_broken_ledger_is_named_with_a_remedy(tmp_path, text, words):
    with pytest.raises(DataError, match=words):
        _ledger(tmp_path, text)


def test_a_missing_ledger_is_named(tmp_path):
    with pytest.raises(DataError, match="claims.yaml is missing"):
        load_ledger(tmp_path)


def test_without_results_there_are_no_rows(tmp_path):
    assert load_rows(tmp_path) == {}


def test_claims_are_found_wherever_they_stand_in_a_notebook(tmp_path):
    path = _notebook(
        tmp_path / "books",
        "01_x",
        "from course_lib.teaching.claims import claim\nclaim('a', 1, '>', 0)",
        "if True:\n    claims.claim('b', 1, '>', 0)\nname = 'c'\nclaim(name, 1, '>', 0)",
        "# claim('d', 1, '>', 0)\nclaim_of = 'e'",
        "this is not Python",
        "claim()",
    )
    assert sorted(claim_calls(path)) == [("", "cell-1"), ("", "cell-4"), ("a", "cell-0"), ("b", "cell-1")]


def test_links_lead_to_the_cell_and_a_broken_notebook_takes_none_away(tmp_path):
    _notebook(tmp_path / "books", "01_x", "x = 1", "claim('a', 1, '>', 0)")
    (tmp_path / "books" / "02_broken.ipynb").write_text("{", encoding="utf-8")
    (tmp_path / "books" / "03_odd.ipynb").write_text('{"cells": [1]}', encoding="utf-8")
    assert bound_cells(tmp_path / "books") == {"a": ("01_x", "cell-1")}


def test_the_page_lists_every_statement_with_value_bound_verdict_and_link():
    ledger = {
        "a": Statement("a", "see", "A | B.", "It is {measured}.", "share", "01_x"),
        "b": Statement("b", "see", "Two.", "It is {measured}.", "count", "01_x"),
        "c": Statement("c", "counter", "Three.", "It is {measured}.", "ratio", "02_y", True),
    }
    row = {"sentence": "It is 20.0%.", "relation": ">=", "threshold": 0.5, "holds": False}
    page = page_text(ledger, {"a": row, "b": row | {"holds": True, "threshold": 2}}, {"a": ("01_x", "cell-7")})
    lines = page.splitlines()
    assert "3 statements: 1 hold, 1 are refuted, 1 are not yet measured." in lines
    link = "[01_x](../../notebooks/01_x.ipynb#cell-id=cell-7)"
    assert f"| A \\| B. | It is 20.0%. | at least 50.0% | **refuted** | {link} |" in lines
    assert "| Two. | It is 20.0%. | at least 2 | holds | 01_x |" in lines
    assert "| Three. |  |  | not yet measured | 02_y |" in lines
    assert [line for line in lines if line.startswith("## ")] == [f"## {HEADINGS[name]}" for name in ("see", "counter")]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.8125, "share", "81.2%"),
        (1, "share", "100.0%"),
        (0.123, "points", "12.3 percentage points"),
        (-0.05, "points", "-5.0 percentage points"),
        (-0.00001, "points", "0.0 percentage points"),
        (0.00012, "seconds", "0.00012 seconds"),
        (1.5, "seconds", "1.5 seconds"),
        (1234.5, "seconds", "1,234 seconds"),
        (3.14159, "ratio", "3.14 times"),
        (0, "count", "0"),
        (-0.0, "count", "0"),
        (42, "count", "42"),
        (12345, "count", "12,345"),
    ],
)
def test_a_value_is_written_in_its_unit(value, unit, text):
    assert written(value, unit) == text


def test_an_interval_is_written_with_its_ends_and_n():
    assert written(0.5, "points", Interval(0.5, 0.25, 0.75, 8)) == (
        "50.0 percentage points (95% interval 25.0 to 75.0, n = 8)"
    )
    assert written(2, "seconds", Interval(2, 1, 3, 4)) == "2 seconds (95% interval 1 to 3, n = 4)"
