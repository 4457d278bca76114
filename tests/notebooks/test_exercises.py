"""Every exercise: the stub fails with a message that helps, a plausible mistake too, and the solution passes."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from course_lib.settings import ROOT
from course_lib.teaching.progress import done, kept

EXERCISE = re.compile(r"^#+ +Exercise (\d+)\b", re.MULTILINE)


@dataclass
class Exercise:
    """The cells of one exercise, and the imports of all cells before them."""

    imports: str
    stub: str = ""
    check: str = ""
    solution: str = ""


@dataclass(frozen=True)
class Case:
    """What a test needs to know about an exercise that its cells do not say.

    Attributes:
        wrong: plausible wrong answers, each with words that its message must have.
        context: makes the variables that earlier cells leave behind.
    """

    wrong: dict[str, str]
    context: Callable[[], dict[str, Any]] = field(default=dict)


def read_exercises() -> dict[str, Exercise]:
    """Return the exercises of all notebooks by name, such as ``00.2``."""
    found: dict[str, Exercise] = {}
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        imports, current = [], None
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            text = "".join(cell["source"])
            if cell["cell_type"] == "markdown" and (heading := EXERCISE.search(text)):
                current = found[f"{path.name[:2]}.{heading.group(1)}"] = Exercise("\n".join(imports))
            for tag in set(cell["metadata"].get("tags", [])) & {"stub", "check", "solution"}:
                setattr(current, tag, text)
            if cell["cell_type"] == "code":
                imports += [
                    ast.unparse(node) for node in ast.parse(text).body if isinstance(node, (ast.Import, ast.ImportFrom))
                ]
    return found


def some_judgements():
    """Return judged answers of two assistants: right ones, wrong ones, and causes that come more than once."""

    def judged(*causes: str) -> list[SimpleNamespace]:
        return [SimpleNamespace(correct=not cause, cause=cause) for cause in causes]

    first, second = judged("not retrieved", "", "not retrieved", "stale"), judged("", "misread", "", "")
    return {"report": SimpleNamespace(judgements={"prompt_only": first, "rag": second})}


COUNT_ALL = """
def causes_of(judgements):
    counts = {}
    for judged in judgements:
        counts[judged.cause] = counts.get(judged.cause, 0) + 1
    return counts
"""
COUNT_ONCE = """
def causes_of(judgements):
    return {judged.cause: 1 for judged in judgements if not judged.correct}
"""
CASES = {
    "00.1": Case(
        {
            'my_guess = "RAG"': "small letters",
            'my_guess = "fine-tuned"': "not in the table",
            "my_guess = 3": "int",
            'my_guess = "<b>rag\\u202e"': "not in the table",
        }
    ),
    "00.2": Case(
        {
            COUNT_ALL: "right answers too",
            COUNT_ONCE: "add up to",
            "def causes_of(judgements):\n    pass": "return",
            "def causes_of(judgements):\n    return [1]": "dictionary",
            "def causes_of(judgements):\n    return {'stale': 'a'}": "whole number",
            "def causes_of(judgements):\n    return {'nonsense': 1}": "not the cause",
            "def causes_of(judgements):\n    return judgements.cause": "AttributeError",
            "causes_of = 5": "function itself",
        },
        some_judgements,
    ),
}
EXERCISES = read_exercises()


@pytest.fixture(autouse=True)
def fresh_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))


def run(name: str, answer: str, capsys) -> str:
    """Run an answer and its check after the imports of earlier cells; return what the check prints."""
    exercise = EXERCISES[name]
    variables = CASES[name].context()
    exec(exercise.imports, variables)
    exec(answer, variables)
    capsys.readouterr()
    exec(exercise.check, variables)
    return capsys.readouterr().out


def gives_away(message: str, solution: str) -> list[str]:
    """Return the lines of a solution that a message repeats; one-word lines say nothing."""
    lines = (line.split("#")[0].strip() for line in solution.splitlines())
    return [line for line in lines if len(line) > 12 and line in message]


def test_every_exercise_has_a_case_here_and_every_case_its_exercise():
    assert set(EXERCISES) == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_the_stub_fails_its_check_and_says_what_is_missing(name, capsys):
    message = run(name, EXERCISES[name].stub, capsys)
    assert message.startswith("Not yet: ") and len(message.split()) > 8
    assert not gives_away(message, EXERCISES[name].solution) and name not in done()


@pytest.mark.parametrize("name", CASES)
def test_the_solution_passes_and_is_noted_as_done(name, capsys):
    assert run(name, EXERCISES[name].solution, capsys).startswith("Right.")
    assert name in done()


@pytest.mark.parametrize(("name", "wrong"), [(name, wrong) for name, case in CASES.items() for wrong in case.wrong])
def test_a_plausible_mistake_gets_a_message_that_helps_and_does_not_give_the_answer(name, wrong, capsys):
    message = run(name, wrong, capsys)
    assert message.startswith("Not yet: ") and CASES[name].wrong[wrong] in message
    assert not gives_away(message, EXERCISES[name].solution) and name not in done()
    assert "\u202e" not in message


def test_the_prediction_is_kept_for_later_cells(capsys):
    run("00.1", 'my_guess = "hybrid"', capsys)
    assert kept("00.guess") == "hybrid"
