"""A report holds every answer with its verdict, and is written whole or not at all."""

from __future__ import annotations

import json
import os
from collections import Counter

import pytest

from course_lib.assistants.answer import Answer
from course_lib.assistants.parsing import Parsed, abstention
from course_lib.assistants.team import Team
from course_lib.errors import CourseError
from course_lib.evaluation.causes import CAUSES
from course_lib.evaluation.gold import Question, Slot
from course_lib.evaluation.report import answer_row, run_report, same_answers, write_report
from course_lib.evaluation.scoreboard import METRICS
from course_lib.files import read_json, read_jsonl
from course_lib.knowledge.chunking import Passage
from course_lib.retrieval.base import Hit
from course_lib.settings import Settings

PRICE = Passage("kb-001.1", "kb-001", "Classic", "", "plans", "Classic costs $74 per month.")
NOTICE = Passage("kb-002.1", "kb-002", "Leaving", "", "plans", "Notice: 12 days")
QUESTIONS = [
    Question(
        "t-1", "test", "lookup", "What does Classic cost?", (Slot("kb-001.price", "money", "$74", (), ""),), (), (), ""
    ),
    Question(
        "t-2", "test", "lookup", "How much notice?", (Slot("kb-002.notice", "duration", "12 days", (), ""),), (), (), ""
    ),
    Question("t-3", "test", "unanswerable", "What does Classic cost in Rome?", (), (), (), "kb-001"),
]
FILES = {"scoreboard.json", "causes.json", "answers.jsonl", "run.json"}


class FakeRetriever:
    def __init__(self):
        self.depths = []

    def search(self, questions, k):
        self.depths.append(k)
        return [[Hit(PRICE, 1.23456), Hit(NOTICE, 0.5)] for _ in questions]


class FakeAssistant:
    def __init__(self, name, texts):
        self.name, self.texts = name, texts

    def answer(self, questions, say=None):
        if say:
            say(f"{len(questions)} of {len(questions)} answered")
        return [
            Answer(
                self.name,
                question,
                (Hit(PRICE, 1.23456),),
                f"prompt for {question}",
                text,
                Parsed(text, ("kb-001.1",), "plans", False, True) if text else abstention(),
                {"format": True},
                -0.123456,
                7,
                3,
                {"generate": 0.25},
            )
            for question, text in zip(questions, self.texts)
        ]


@pytest.fixture
def team():
    names = {"workflow": ["$74", "$74", ""], "rag": ["$74", "", "$74"], "hybrid": ["$74", "12 days", ""]}
    assistants = {name: FakeAssistant(name, texts) for name, texts in names.items()}
    return Team([PRICE, NOTICE], FakeRetriever(), None, assistants)


@pytest.fixture
def report(team):
    return run_report(team, QUESTIONS)


def test_every_assistant_answers_every_question_and_is_judged(report):
    assert {name: [judged.correct for judged in judgements] for name, judgements in report.judgements.items()} == {
        "workflow": [True, False, True],
        "rag": [True, False, False],
        "hybrid": [True, True, True],
    }
    assert all([judged.question for judged in judgements] == QUESTIONS for judgements in report.judgements.values())


def test_the_scoreboard_has_a_row_for_each_assistant_and_metric(report):
    assert [(row.assistant, row.metric) for row in report.rows] == [
        (name, metric) for name in ("workflow", "rag", "hybrid") for metric in METRICS
    ]


def test_only_assistants_that_retrieve_have_ranking_scores_and_the_ranking_is_ten_deep(team):
    rows = {(row.assistant, row.metric): row for row in run_report(team, QUESTIONS).rows}
    assert team.retriever.depths == [10]
    assert rows["workflow", "mrr"].value is None
    assert rows["rag", "mrr"].value == rows["hybrid", "mrr"].value == 0.75  # first and second place


def test_causes_sum_to_each_assistant_s_errors(report):
    errors = {name: sum(causes.values()) for name, causes in report.causes.items()}
    assert errors == {"workflow": 1, "rag": 2, "hybrid": 0}
    assert all(tuple(causes) == CAUSES for causes in report.causes.values())


def test_progress_names_the_assistant(team):
    lines = []
    run_report(team, QUESTIONS, lines.append)
    assert lines == [f"{name}: 3 of 3 answered" for name in ("workflow", "rag", "hybrid")]


def test_the_written_report_is_complete(report, tmp_path):
    write_report(report, tmp_path / "results", Settings())
    assert {path.name for path in (tmp_path / "results").iterdir()} == FILES
    answers = read_jsonl(tmp_path / "results" / "answers.jsonl")
    assert Counter(row["assistant"] for row in answers) == dict.fromkeys(("workflow", "rag", "hybrid"), 3)
    assert [row["question"] for row in answers] == ["t-1", "t-2", "t-3"] * 3
    assert read_json(tmp_path / "results" / "scoreboard.json") == [row.as_dict() for row in report.rows]
    assert read_json(tmp_path / "results" / "causes.json") == report.causes
    wrong = Counter((row["assistant"], row["cause"]) for row in answers if not row["correct"])
    assert wrong == {(name, cause): n for name, causes in report.causes.items() for cause, n in causes.items() if n}


def test_an_answer_row_keeps_what_was_asked_said_and_retrieved(report):
    row = answer_row(report.judgements["rag"][0])
    assert json.loads(json.dumps(row)) == row
    prompt = row.pop("prompt")
    assert len(prompt) == 16 and "Classic" not in prompt, "a digest, not the text"
    assert row == {
        "assistant": "rag",
        "question": "t-1",
        "stratum": "lookup",
        "text": "$74",
        "citations": ["kb-001.1"],
        "raw": "$74",
        "format_valid": True,
        "passages": [["kb-001.1", 1.2346]],
        "verdicts": {"format": True},
        "confidence": -0.1235,
        "correct": True,
        "stale": False,
        "citation_supports": True,
        "citation_correct": True,
        "cause": "",
        "tokens_in": 7,
        "tokens_out": 3,
    }


def test_the_run_says_what_its_figures_depend_on(report, tmp_path):
    write_report(report, tmp_path, Settings(chat_model="some/model", batch_size=3))
    run = read_json(tmp_path / "run.json")
    assert (run["chat_model"], run["dtype"], run["batch_size"]) == ("some/model", "float32", 3)
    assert {"torch", "transformers", "peft"} <= set(run["packages"])
    assert str(tmp_path) not in json.dumps(run), "no path of this machine"


@pytest.mark.parametrize("allowed", range(4))
def test_a_crash_while_writing_leaves_each_file_old_or_new_and_never_a_part(report, tmp_path, monkeypatch, allowed):
    for name in FILES:
        (tmp_path / name).write_text("old")
    replaced, replace = [], os.replace

    def failing(source, target):
        if len(replaced) == allowed:
            raise OSError(28, "No space left on device")
        replaced.append(target)
        replace(source, target)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(CourseError, match="What to do"):
        write_report(report, tmp_path, Settings())
    assert {path.name for path in tmp_path.iterdir()} == FILES, "nothing half-written lies about"
    assert sum((tmp_path / name).read_text() == "old" for name in FILES) == 4 - allowed
    for name in (path.name for path in map(tmp_path.__truediv__, FILES) if path.read_text() != "old"):
        assert read_jsonl(tmp_path / name) if name.endswith("jsonl") else read_json(tmp_path / name)


def test_answers_equal_to_the_published_ones_are_counted(report):
    answers = [judged.answer for judged in report.judgements["hybrid"]]
    assert same_answers(answers, {"t-1": "$74", "t-2": "11 days"}, ["t-1", "t-2", "t-3"]) == 1
