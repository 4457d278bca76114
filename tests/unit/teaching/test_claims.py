"""A claim says what was measured and whether it holds, and is recorded so that no other is lost."""

from __future__ import annotations

import json
import math
import subprocess
import sys

import numpy as np
import pytest

from course_lib.errors import CourseError, DataError
from course_lib.evaluation.statistics import Interval
from course_lib.settings import ROOT
from course_lib.teaching import display
from course_lib.teaching.claims import claim, claim_row, claim_view
from course_lib.teaching.ledger import ROW, Statement

LEDGER = """
see:
  a-share: {statement: Sources help., says: "Of the answers, {measured} are right.", unit: share, notebook: 01_x}
  a-count: {statement: None is left., says: "The number left is {measured}.", unit: count, notebook: 02_y}
counter:
  a-gap: {kind: counter, statement: No gap., says: "They differ by {measured}.", unit: points, notebook: 01_x}
"""
SHARE = Statement("a-share", "see", "Sources help.", "Of the answers, {measured} are right.", "share", "01_x")
GAP = Statement("a-gap", "counter", "No gap.", "They differ by {measured}.", "points", "01_x", True)


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "claims.yaml").write_text(LEDGER, encoding="utf-8")
    monkeypatch.setenv("COURSE_DATA", str(folder))
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    for name in ("COURSE_CHAT_MODEL", "COURSE_DTYPE", "COURSE_SEED"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture(autouse=True)
def shown(monkeypatch):
    views = []
    monkeypatch.setattr(display, "display", lambda bundle, **options: views.append(bundle["text/plain"]))
    return views


def _rows(data):
    return json.loads((data / "results" / "claims.json").read_text(encoding="utf-8"))


def test_a_claim_shows_statement_sentence_verdict_and_bound_and_returns_nothing(shown):
    assert claim("a-share", Interval(0.8125, 0.75, 0.86, 240), ">=", 0.7) is None
    assert shown == [
        "Sources help.\n"
        "  Of the answers, 81.2% (95% interval 75.0% to 86.0%, n = 240) are right.\n"
        "  HOLDS. The bound: at least 70.0%."
    ]


def test_a_refuted_claim_says_so_with_the_same_sentence(shown):
    claim("a-share", 0.25, ">=", 0.7)
    assert "Of the answers, 25.0% are right." in shown[0] and "REFUTED. The bound: at least 70.0%." in shown[0]
    assert "HOLDS" not in shown[0]


def test_a_claim_is_recorded_with_exactly_the_fields_of_a_row(data):
    claim("a-share", Interval(0.8, 0.75, 0.86, 240), ">", 0.7)
    (row,) = _rows(data)
    assert tuple(row) == ROW
    assert row == {
        "id": "a-share",
        "sentence": "Of the answers, 80.0% (95% interval 75.0% to 86.0%, n = 240) are right.",
        "measured": 0.8,
        "relation": ">",
        "threshold": 0.7,
        "low": 0.75,
        "high": 0.86,
        "holds": True,
        "notebook": "01_x",
    }


def test_rows_stand_in_the_ledgers_order_and_a_new_measurement_replaces_the_old_one(data):
    claim("a-gap", 0.1, "<", 0.2)
    claim("a-count", 0, "==", 0)
    claim("a-share", 0.5, ">=", 0.7)
    claim("a-share", 0.9, ">=", 0.7)
    assert [(row["id"], row["measured"]) for row in _rows(data)] == [("a-share", 0.9), ("a-count", 0), ("a-gap", 0.1)]
    assert _rows(data)[0]["low"] is None and _rows(data)[0]["high"] is None


def test_the_row_of_a_statement_that_left_the_ledger_is_dropped(data):
    claim("a-gap", 0.1, "<", 0.2)
    (data / "claims.yaml").write_text(LEDGER.replace("a-gap", "b-gap"), encoding="utf-8")
    claim("a-count", 0, "==", 0)
    assert [row["id"] for row in _rows(data)] == ["a-count"]


def test_the_same_measurement_gives_the_same_text_and_the_same_bytes(data, shown):
    for _ in range(2):
        claim("a-share", Interval(2 / 3, 0.6, 0.7, 9), ">=", 2 / 3)
    assert shown[0] == shown[1]
    first = (data / "results" / "claims.json").read_bytes()
    claim("a-share", Interval(np.float64(0.1) * 20 / 3 + 1e-12, 0.6, 0.7, 9), ">=", 2 / 3)
    assert (data / "results" / "claims.json").read_bytes() == first, "the last digits of a float are not a result"


@pytest.mark.parametrize(
    ("relation", "below", "equal", "above"),
    [
        (">=", False, True, True),
        (">", False, False, True),
        ("<=", True, True, False),
        ("<", True, False, False),
        ("==", False, True, False),
    ],
)
def test_the_value_decides_by_the_relation(relation, below, equal, above):
    verdicts = [claim_row(SHARE, value, relation, 0.3)["holds"] for value in (0.2, 0.1 + 0.2, 0.4)]
    assert verdicts == [below, equal, above]


@pytest.mark.parametrize(
    ("interval", "relation", "doubt"),
    [
        (Interval(0.8, 0.75, 0.9, 50), ">=", False),
        (Interval(0.8, 0.65, 0.9, 50), ">=", True),
        (Interval(0.6, 0.5, 0.75, 50), ">=", True),
        (Interval(0.6, 0.5, 0.65, 50), ">=", False),
        (Interval(0.6, 0.5, 0.75, 50), "<", True),
        (Interval(0.7, 0.6, 0.8, 50), "==", True),
    ],
)
def test_an_interval_that_reaches_past_the_bound_is_pointed_out(interval, relation, doubt):
    assert ("reaches past" in claim_view(SHARE, claim_row(SHARE, interval, relation, 0.7)).plain) is doubt


def test_a_value_without_an_interval_brings_no_remark_about_one():
    assert "interval" not in claim_view(GAP, claim_row(GAP, -0.05, "<", 0)).plain


def test_both_forms_of_the_view_say_the_same_and_the_html_is_escaped():
    odd = Statement("a-share", "see", "<b>Sources</b>", "<script>{measured}</script>", "share", "01_x")
    view = claim_view(odd, claim_row(odd, 0.5, ">=", 0.7))
    assert "<script>" not in view.html and "&lt;script&gt;50.0%" in view.html and "&lt;b&gt;" in view.html
    assert "<b>REFUTED</b>" in view.html and "REFUTED" in view.plain


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("a-shore", 0.5, ">=", 0.5), "no statement 'a-shore'.*\n.*a-share"),
        (("zzz", 0.5, ">=", 0.5), "no statement 'zzz'.*\n.*claims.yaml"),
        (("a-share", 0.5, "=>", 0.5), "relation of a-share is '=>'"),
        (("a-share", math.nan, ">=", 0.5), "measured value of a-share is nan"),
        (("a-share", 0.5, ">=", math.inf), "threshold of a-share is inf"),
        (("a-share", Interval(0.5, math.nan, 1.0, 3), ">=", 0.5), "interval of a-share is nan"),
        (("a-share", None, ">=", 0.5), "which is no number"),
        (("a-share", "0.5", ">=", 0.5), "which is no number"),
        (("a-share", True, "==", 1), "which is no number"),
        (("a-share", 81.2, ">=", 0.5), "81.2, which is no share"),
        (("a-share", 0.5, ">=", 50), "50, which is no share"),
        (("a-gap", -12, "<", 0), "-12, which is no points"),
    ],
)
def test_what_cannot_be_claimed_is_an_error_with_a_remedy_and_leaves_no_row(data, shown, arguments, words):
    with pytest.raises(DataError, match=words):
        claim(*arguments)
    assert not shown and not (data / "results").exists()


def test_damaged_results_are_not_overwritten(data):
    path = data / "results" / "claims.json"
    path.parent.mkdir()
    for content in ("{", "[1]", '[{"id": "a-share"}]'):
        path.write_text(content, encoding="utf-8")
        with pytest.raises(DataError, match="claims.json"):
            claim("a-share", 0.5, ">=", 0.5)
        assert path.read_text(encoding="utf-8") == content


@pytest.mark.parametrize(
    ("name", "value"), [("COURSE_CHAT_MODEL", "other"), ("COURSE_DTYPE", "bfloat16"), ("COURSE_SEED", "8")]
)
def test_a_measurement_with_other_settings_is_shown_and_not_recorded(data, shown, capsys, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    claim("a-share", 0.5, ">=", 0.5)
    assert "HOLDS" in shown[0] and "Not recorded" in capsys.readouterr().out
    assert not (data / "results").exists()


def test_the_page_of_all_statements_follows_each_claim(data):
    claim("a-share", 0.5, ">=", 0.7)
    page = (data / "results" / "CLAIMS.md").read_text(encoding="utf-8")
    assert "3 statements: 0 hold, 1 are refuted, 2 are not yet measured." in page
    assert "Of the answers, 50.0% are right." in page


def test_a_cache_that_cannot_be_written_is_an_error_with_a_remedy(data, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "file"))
    with pytest.raises(CourseError, match="COURSE_CACHE"):
        claim("a-share", 0.5, ">=", 0.5)


def test_notebooks_that_run_at_once_lose_no_row(data):
    many = "\n".join(
        f"  id-{number}: {{statement: S, says: '{{measured}}', unit: count, notebook: 01_x}}" for number in range(40)
    )
    (data / "claims.yaml").write_text(f"see:\n{many}\n", encoding="utf-8")
    code = (
        "import sys\n"
        "from course_lib.settings import load_settings\n"
        "from course_lib.teaching.claims import _record, claim_row\n"
        "from course_lib.teaching.ledger import load_ledger\n"
        "settings = load_settings()\n"
        "ledger = load_ledger(settings.data)\n"
        "for number in range(int(sys.argv[1]), 40, 2):\n"
        "    _record(claim_row(ledger[f'id-{number}'], number, '>=', 0), ledger, settings)\n"
    )
    runs = [subprocess.Popen([sys.executable, "-c", code, str(first)], cwd=ROOT) for first in (0, 1)]
    assert [run.wait(timeout=100) for run in runs] == [0, 0]
    assert [row["id"] for row in _rows(data)] == [f"id-{number}" for number in range(40)]
    assert sorted(path.name for path in (data / "results").iterdir()) == ["CLAIMS.md", "claims.json"]
