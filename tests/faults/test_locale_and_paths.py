"""Other languages, terminals, folders and fonts: every command still says what it found, and every picture is drawn."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from matplotlib import rc_context

from course_lib.evaluation.statistics import Interval
from course_lib.operations.approval import Draft
from course_lib.operations.database import Database
from course_lib.operations.review_queue import ReviewQueue
from course_lib.settings import ROOT
from course_lib.teaching.plots import bars_figure, dots_figure
from tests.faults.samples import REASONS

ODD = "a folder – für Ünïcode 文"
PLAIN = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
TERMINALS = {
    "plain C": PLAIN,
    "C without a choice of encoding": {key: PLAIN[key] for key in PLAIN if key != "PYTHONIOENCODING"},
    "Western Europe": {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"},
    "UTF-8": {"PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"},
}

# Runs a command with stand-ins for the models; ASCII only, as a plain terminal passes it. argv: command and options.
COMMAND = r"""
import runpy, sys
sys.path.insert(0, "")
from course_lib.evaluation import tour
from course_lib.evaluation.report import Report
from course_lib.evaluation.scoreboard import METRICS, Row
from course_lib.models import chat
from course_lib.retrieval import dense
from tests.unit.own_documents import samples

dense.embed = lambda texts, settings: samples.embed(texts)
chat.load_chat = lambda settings: samples.FakeChat()
tour.build_team = lambda settings: None

def run_report(team, questions, say):
    say("rag: \u201egr\u00f6\u00dfer\u201c \u2192 \u6587")
    return Report([Row("rag", name, 0.5, 0.4, 0.6, 2) for name in METRICS], {"rag": {"stale": 1}}, {"rag": []})

tour.run_report = run_report
sys.argv = ["course_lib", *sys.argv[1:]]
runpy.run_module("course_lib", run_name="__main__")
"""


def run(arguments: list[str], terminal: dict[str, str], folder: Path, whole: bool = False):
    """Run a command in a terminal; with the models' stand-ins, or ``whole`` as it is."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "PYTHON"))}
    env |= {"COURSE_CACHE": str(folder / "cache"), "PYTHONDONTWRITEBYTECODE": "1", **terminal}
    start = ["-m", "course_lib"] if whole else ["-c", COMMAND]
    done = subprocess.run([sys.executable, *start, *arguments], cwd=ROOT, env=env, capture_output=True, timeout=300)
    assert b"Traceback" not in done.stderr, done.stderr.decode("utf-8", "replace")
    return done


@pytest.fixture
def folder(tmp_path):
    (tmp_path / ODD / "docs").mkdir(parents=True)
    text = "# Größe – „Mühle“\n\nEin Sack Mehl kostet 14 € am Schalter. 文字\n"
    (tmp_path / ODD / "docs" / "Größe 文.md").write_text(text, encoding="utf-8")
    asked = "question,answer,source\nWas kostet ein Sack Mehl – „heute“?,14 €,Größe 文.md\n"
    (tmp_path / ODD / "fragen für alle.csv").write_text(asked, encoding="utf-8")
    return tmp_path / ODD


@pytest.mark.parametrize("terminal", TERMINALS)
def test_check_env_says_what_it_found(folder, terminal):
    done = run(["check-env"], TERMINALS[terminal], folder, whole=True)
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    assert any(line.startswith("OK    cache folder") for line in lines)
    assert any(line.startswith("TODO  chat model is not prepared yet") for line in lines)


@pytest.mark.parametrize("terminal", list(TERMINALS)[:2])
def test_diagnose_writes_its_report(folder, terminal):
    options = ["--docs", folder / "docs", "--questions", folder / "fragen für alle.csv", "--out", folder / "aus gabe"]
    done = run(["diagnose", *map(str, options)], TERMINALS[terminal], folder)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    assert b"1 documents read, 0 things left out" in done.stdout
    for name in ("report.html", "report.md", "numbers.json"):
        assert "Größe 文" in (folder / "aus gabe" / name).read_text(encoding="utf-8")


def test_the_tour_shows_its_scoreboard(folder):
    done = run(["tour"], PLAIN, folder)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    assert b"hit_at_3" in done.stdout and b"The tour took" in done.stdout


def test_drafts_in_any_language_are_listed_on_a_plain_terminal(folder):
    with Database(folder / "cache" / "operations.sqlite3") as database:
        ReviewQueue(database).add(Draft("Darf ich – „bitte“ – 文?", "Wir erstatten 12 €."), REASONS)
    done = run(["review", "list"], PLAIN, folder, whole=True)
    assert done.returncode == 0 and b"Darf ich" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="folders have other rights on Windows")
def test_a_home_that_is_read_only_is_named_and_the_checks_go_on(tmp_path):
    home = tmp_path / "home"
    (home / ".cache").mkdir(parents=True)
    for place in (home / ".cache", home):
        place.chmod(0o555)
    env = {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache"), "COURSE_CACHE": ""}
    start = [sys.executable, "-c", AS_ANYBODY, sys.executable, "-m", "course_lib"]
    checked, prepared = (
        subprocess.run([*start, command], cwd=ROOT, env=os.environ | env, capture_output=True, text=True, timeout=120)
        for command in ("check-env", "prepare")
    )
    assert checked.returncode == prepared.returncode == 1
    assert "FAIL  cache folder" in checked.stdout and "set COURSE_CACHE" in checked.stdout
    assert "Cannot write the model cache" in prepared.stderr and "set COURSE_CACHE" in prepared.stderr
    assert "Traceback" not in checked.stderr + prepared.stderr


# Gives up root's right to write everywhere, if this is root, and runs a command.
AS_ANYBODY = """
import ctypes, os, sys
if os.geteuid() == 0:
    DROP, OVERRIDE = 24, 1  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE: linux/prctl.h, linux/capability.h
    assert ctypes.CDLL(None).prctl(DROP, OVERRIDE, 0, 0, 0) == 0
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.mark.parametrize("family", [["No Such Font"], ["No Such Font", "nor this one"]])
def test_a_picture_is_drawn_without_the_font_that_was_asked_for(family, caplog):
    caplog.set_level(logging.CRITICAL, "matplotlib.font_manager")
    with rc_context({"font.family": family, "font.sans-serif": family}):
        for figure in (
            dots_figure([("rag – 文", Interval(0.5, 0.4, 0.6, 10))], "A title – „größer“", "share"),
            bars_figure({"group": {"one": 1.0, "two": 2.0}}, "Bars", "share"),
        ):
            picture = io.BytesIO()
            figure.savefig(picture, format="png")
            assert picture.getvalue().startswith(b"\x89PNG") and len(picture.getvalue()) > 2000
