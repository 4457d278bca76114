"""Every exercise: the stub fails with a message that helps, a plausible mistake too, and the solution passes."""

from __future__ import annotations

import ast
import importlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from course_lib.settings import ROOT
from course_lib.teaching.progress import done, kept
from tests.notebooks.case import Case

EXERCISE = re.compile(r"^#+ +Exercise (\d+)\b", re.MULTILINE)


@dataclass
class Exercise:
    """The cells of one exercise, and the imports of all cells before them."""

    imports: str
    stub: str = ""
    check: str = ""
    solution: str = ""


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


def read_cases() -> dict[str, Case]:
    """Return the cases of all ``cases_NN.py`` beside this file, by exercise; each holds those of its own notebook."""
    found: dict[str, Case] = {}
    for path in sorted(Path(__file__).parent.glob("cases_*.py")):
        cases = importlib.import_module(f"tests.notebooks.{path.stem}").CASES
        number = path.stem.removeprefix("cases_")
        assert all(name.startswith(f"{number}.") for name in cases), f"{path.name} holds a case of another notebook"
        found |= cases
    return found


CASES = read_cases()
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


def test_every_exercise_has_a_case_and_every_case_its_exercise():
    assert set(EXERCISES) == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_every_exercise_is_tried_with_a_mistake_that_a_learner_could_make(name):
    assert CASES[name].wrong and all(words.strip() for words in CASES[name].wrong.values())


@pytest.mark.parametrize("name", CASES)
def test_the_stub_fails_its_check_and_says_what_is_missing(name, capsys):
    message = run(name, EXERCISES[name].stub, capsys)
    assert message.startswith("Not yet: ") and len(message.split()) > 8
    assert not gives_away(message, EXERCISES[name].solution) and name not in done()


@pytest.mark.parametrize("name", CASES)
def test_the_solution_passes_and_is_noted_as_done(name, capsys):
    assert run(name, EXERCISES[name].solution, capsys).startswith(("Right.", "Noted."))
    assert name in done()


@pytest.mark.parametrize(("name", "right"), [(name, right) for name, case in CASES.items() for right in case.right])
def test_another_right_answer_passes_too(name, right, capsys):
    assert run(name, right, capsys).startswith("Right.")


@pytest.mark.parametrize(("name", "wrong"), [(name, wrong) for name, case in CASES.items() for wrong in case.wrong])
def test_a_plausible_mistake_gets_a_message_that_helps_and_does_not_give_the_answer(name, wrong, capsys):
    message = run(name, wrong, capsys)
    assert message.startswith("Not yet: ") and CASES[name].wrong[wrong] in message
    assert not gives_away(message, EXERCISES[name].solution) and name not in done()
    assert "\u202e" not in message


def test_the_prediction_is_kept_for_later_cells(capsys):
    run("00.1", 'my_guess = "hybrid"', capsys)
    assert kept("00.guess") == "hybrid"
