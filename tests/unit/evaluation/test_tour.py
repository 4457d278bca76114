"""The tour and the full report print what a person needs to see."""

from __future__ import annotations

import shutil

import pytest

from course_lib.assistants.answer import Answer
from course_lib.assistants.parsing import Parsed, abstention
from course_lib.assistants.team import NAMES, Team
from course_lib.evaluation import tour
from course_lib.evaluation.causes import CAUSES
from course_lib.evaluation.gold import load_questions
from course_lib.evaluation.scoreboard import METRICS, Row
from course_lib.evaluation.slices import tour_slice
from course_lib.evaluation.tour import causes_text, run_full_report, run_tour, scoreboard_text
from course_lib.files import read_jsonl, write_jsonl
from course_lib.knowledge.chunking import chunk_all
from course_lib.knowledge.snapshots import load_snapshot
from course_lib.retrieval.base import Hit
from course_lib.settings import ROOT, Settings

TEST = load_questions(ROOT / "data", "test")
PASSAGES = chunk_all(load_snapshot(ROOT / "data"))


class FakeRetriever:
    def search(self, questions, k):
        return [[Hit(passage, 1.0) for passage in PASSAGES[:k]] for _ in questions]


class FakeAssistant:
    """Knows every value (hybrid), or nothing at all."""

    def __init__(self, name):
        self.name = name

    def answer(self, questions, say=None):
        known = {question.text: "; ".join(slot.value for slot in question.slots) for question in TEST}
        texts = [known[question] if self.name == "hybrid" else "" for question in questions]
        return [
            Answer(self.name, question, (), "", text, Parsed(text, valid=True) if text else abstention())
            for question, text in zip(questions, texts)
        ]


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Settings over a copy of the evaluation data, with a team that needs no model."""
    shutil.copytree(ROOT / "data" / "eval", tmp_path / "eval")
    shutil.copy(ROOT / "data" / "facts.jsonl", tmp_path)
    team = Team(PASSAGES, FakeRetriever(), None, {name: FakeAssistant(name) for name in NAMES})
    monkeypatch.setattr(tour, "build_team", lambda settings: team)
    return Settings(data=tmp_path)


def test_the_scoreboard_has_a_line_for_each_metric_and_a_column_for_each_assistant():
    rows = [Row(name, metric, 0.5, 0.25, 0.75, 24) for name in NAMES for metric in METRICS]
    header, *lines = scoreboard_text(rows).splitlines()
    assert header.split() == ["metric", *NAMES]
    assert [line.split()[0] for line in lines] == list(METRICS)
    assert len({len(line) for line in (header, *lines)}) == 1, "columns line up"


def test_a_missing_score_is_a_dash_and_times_and_tokens_have_no_share_brackets():
    scores = {"correct": (0.876, 0.8, 0.951), "seconds_p50": (1.234, 1.0, 2.0), "tokens_in": (812.4, 700.0, 900.0)}
    rows = [Row("rag", metric, *scores.get(metric, (None, None, None)), 24) for metric in METRICS]
    cells = {line.split(maxsplit=1)[0]: line.split(maxsplit=1)[1] for line in scoreboard_text(rows).splitlines()}
    assert cells["correct"] == "0.88 [0.80, 0.95]"
    assert (cells["seconds_p50"], cells["tokens_in"]) == ("1.23", "812")
    assert cells["mrr"] == "-"


def test_causes_are_a_table_of_counts_with_a_total():
    counts = {"rag": dict.fromkeys(CAUSES, 0) | {"stale": 2, "misread": 3}, "hybrid": dict.fromkeys(CAUSES, 0)}
    header, *lines = causes_text(counts).splitlines()
    assert header.split()[-2:] == ["rag", "hybrid"]
    table = {line[:26].strip(): line[26:].split() for line in lines}
    assert list(table) == [*CAUSES, "all wrong answers"]
    assert table["stale"] == ["2", "0"] and table["all wrong answers"] == ["5", "0"]


def test_the_tour_shows_scores_causes_and_its_time(settings, capsys):
    report = run_tour(settings)
    shown = capsys.readouterr().out
    assert scoreboard_text(report.rows) in shown and causes_text(report.causes) in shown
    assert "No published run to compare with." in shown
    assert "The tour took" in shown
    assert not (settings.data / "results").exists(), "a tour changes no published result"


def test_the_full_report_writes_all_answers_and_a_later_tour_is_compared_with_them(settings, capsys):
    report = run_full_report(settings)
    results = settings.data / "results"
    assert {path.name for path in results.iterdir()} == {
        "scoreboard.json",
        "causes.json",
        "answers.jsonl",
        "run.json",
        "scoreboard.png",
        "causes.png",
    }
    answers = read_jsonl(results / "answers.jsonl")
    assert len(answers) == len(NAMES) * len(TEST)
    scores = {row.assistant: row.value for row in report.rows if row.metric == "correct"}
    refusals = sum(not question.answerable for question in TEST) / len(TEST)
    assert scores["hybrid"] == 1 and scores["workflow"] == pytest.approx(refusals, abs=1e-4)

    live = len(NAMES) * len(tour_slice(TEST))
    changed = tour_slice(TEST)[0].id
    run_tour(settings)
    assert f"{live} of {live} live answers are word for word" in capsys.readouterr().out
    write_jsonl(results / "answers.jsonl", [row for row in answers if row["question"] != changed])
    run_tour(settings)
    assert f"{live - len(NAMES)} of {live} live answers are word for word" in capsys.readouterr().out


def test_a_limited_report_writes_nothing(settings, capsys):
    report = run_full_report(settings, limit=24)
    assert len(report.judgements["hybrid"]) == len(tour_slice(TEST, 24))
    assert not (settings.data / "results").exists()
