"""What the notebooks claim, the ledger and the recorded results tell the same story."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from course_lib.evaluation.statistics import Interval
from course_lib.settings import ROOT
from course_lib.teaching.claims import claim_row
from course_lib.teaching.ledger import claim_calls, load_ledger, load_rows
from course_lib.teaching.ledger_page import bound_cells, page_text

DATA = ROOT / "data"
LEDGER = load_ledger(DATA)
ROWS = load_rows(DATA)
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CALLS = [(path.stem, name, cell) for path in PATHS for name, cell in claim_calls(path)]
BOUND = {name for _, name, _ in CALLS}
NOT_YET = (DATA / "claims_unbound.txt").read_text(encoding="utf-8").split()


def shown_text(notebook: str, cell_id: str) -> tuple[list[str], str]:
    """Return the tags of a cell and the plain text of what it showed."""
    book = json.loads((ROOT / "notebooks" / f"{notebook}.ipynb").read_text(encoding="utf-8"))
    (cell,) = [cell for cell in book["cells"] if cell.get("id") == cell_id]
    plain = ["".join(output.get("data", {}).get("text/plain", "")) for output in cell["outputs"]]
    return cell["metadata"].get("tags", []), "\n".join(plain)


def told(sentence: str) -> tuple[list[str], list[float]]:
    """Return the words of a sentence and its numbers."""
    number = r"-?\d[\d,]*(?:\.\d+)?"
    found = re.findall(number, sentence)
    return re.split(number, sentence), [float(some.replace(",", "")) for some in found]


def test_every_claim_writes_out_an_id_of_the_ledger_in_the_notebook_that_the_ledger_names():
    assert [call for call in CALLS if call[1] not in LEDGER or LEDGER[call[1]].notebook != call[0]] == []


def test_no_statement_is_claimed_twice():
    assert [name for name, count in Counter(name for _, name, _ in CALLS).items() if count > 1] == []


def test_the_list_of_statements_that_no_notebook_binds_can_only_shrink():
    assert set(LEDGER) - BOUND - set(NOT_YET) == set(), "A statement lost its claim: bind it again."
    assert BOUND & set(NOT_YET) == set(), "These are bound now: take them out of data/claims_unbound.txt."
    assert set(NOT_YET) <= set(LEDGER) and len(NOT_YET) == len(set(NOT_YET))


def test_every_recorded_result_belongs_to_a_claim_of_its_notebook():
    claimed = {(notebook, name) for notebook, name, _ in CALLS}
    assert [row["id"] for row in ROWS.values() if (row["notebook"], row["id"]) not in claimed] == []


@pytest.mark.parametrize(("notebook", "name", "cell"), CALLS or [("none", "none", "none")])
def test_a_claim_that_was_run_is_recorded_with_the_sentence_that_was_shown(notebook, name, cell):
    if not CALLS:
        assert not ROWS
        return
    tags, text = shown_text(notebook, cell)
    assert not text or name in ROWS, "The cell was run, and nothing is recorded. Run the notebook again."
    if "nbval-check-output" in tags:
        assert ROWS[name]["sentence"] in text
        assert f"{'HOLDS' if ROWS[name]['holds'] else 'REFUTED'}. The bound:" in text


@pytest.mark.parametrize("name", ROWS)
def test_the_numbers_recorded_for_a_claim_are_those_of_its_sentence_and_give_its_verdict(name):
    row, items = dict(ROWS[name]), re.search(r"n = ([\d,]+)", ROWS[name]["sentence"])
    measured = row["measured"]
    if row["low"] is not None:
        count = int(items[1].replace(",", "")) if items else 0
        measured = Interval(measured, row["low"], row["high"], count)
    again = claim_row(LEDGER[name], measured, row["relation"], row["threshold"])
    words, numbers = told(row.pop("sentence"))
    assert told(again.pop("sentence")) == (words, pytest.approx(numbers, abs=0.11))  # rounded from rounded numbers
    assert again == row


def test_the_page_of_all_statements_is_up_to_date():
    page = (DATA / "results" / "CLAIMS.md").read_text(encoding="utf-8")
    assert page == page_text(LEDGER, ROWS, bound_cells(ROOT / "notebooks")), (
        "Run `python -m course_lib.teaching.ledger_page`."
    )
