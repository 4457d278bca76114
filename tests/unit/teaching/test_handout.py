"""The handout runs without the course's folder, gives nothing away, and never touches a learner's files."""

from __future__ import annotations

import ast
import json
import re

import pytest

from course_lib.errors import CourseError
from course_lib.settings import ROOT
from course_lib.teaching.books import read_books
from course_lib.teaching.handout import handout_files, without_solutions, write_handout
from course_lib.teaching.own_files import MANIFEST, write_own_files

NOTEBOOKS = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "notebooks").glob("*.ipynb")}
every_notebook = pytest.mark.parametrize("name", sorted(NOTEBOOKS))


def source(cell: dict) -> str:
    return "".join(cell["source"])


@every_notebook
def test_a_notebook_of_the_handout_has_no_solution_no_answer_and_no_output(name):
    book = without_solutions(NOTEBOOKS[name])
    text = json.dumps(book, ensure_ascii=False)
    assert not [cell for cell in book["cells"] if "solution" in cell["metadata"].get("tags", [])]
    assert "<summary>Answer</summary>" not in text
    for _, answer in read_books(ROOT / "notebooks")[name.removesuffix(".ipynb")].quiz:
        assert json.dumps(answer, ensure_ascii=False)[1:-1] not in text
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in book["cells"] if "outputs" in cell)


@every_notebook
def test_hints_stubs_checks_and_questions_stay(name):
    before, after = NOTEBOOKS[name]["cells"], without_solutions(NOTEBOOKS[name])["cells"]
    whole = "\n".join(map(source, after))
    hints = sum(source(cell).count("<summary>Hint</summary>") for cell in before)
    assert whole.count("<summary>Hint</summary>") == hints > 0
    kept = [tag for cell in after for tag in cell["metadata"].get("tags", []) if tag in ("stub", "check")]
    assert kept == ["stub", "check"] * hints
    assert len(re.findall(r"^\*\*\d\.\*\* ", source(after[-1]), re.MULTILINE)) == 3
    assert whole.count("<details>") == whole.count("</details>")


@every_notebook
def test_a_notebook_of_the_handout_is_a_valid_notebook(name):
    import nbformat

    book = without_solutions(NOTEBOOKS[name])
    nbformat.validate(nbformat.from_dict(book))
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            ast.parse(source(cell))


def test_the_course_itself_is_not_changed_by_making_a_handout():
    name = min(NOTEBOOKS)
    before = json.dumps(NOTEBOOKS[name])
    without_solutions(NOTEBOOKS[name])
    assert json.dumps(NOTEBOOKS[name]) == before


def test_the_handout_holds_what_the_course_needs_and_nothing_for_instructors():
    names = [name for name, _ in handout_files()]
    assert len(names) == len(set(names))
    for needed in ("Makefile", "requirements.txt", "course_lib/__main__.py", "data/facts.jsonl", "README.md"):
        assert needed in names
    assert {f"notebooks/{name}" for name in NOTEBOOKS} <= set(names)
    assert not [name for name in names if name.startswith(("workshop/", "tests/")) or name == "INSTRUCTORS.md"]
    assert not [name for name in names if "__pycache__" in name or ".ipynb_checkpoints" in name]


def small_course(folder):
    """Make a course of a few files."""
    for name in ("course_lib", "data", "notebooks"):
        (folder / name).mkdir(parents=True)
        (folder / name / "a.txt").write_text(name)
    for name in ("CITATION.cff", "LICENSE", "Makefile", "pyproject.toml", "requirements-extra.txt", "requirements.txt"):
        (folder / name).write_text(name)
    cells = [{"cell_type": "code", "metadata": {"tags": ["solution"]}, "source": "x = 1", "outputs": []}]
    (folder / "notebooks" / "00_a.ipynb").write_text(json.dumps({"cells": cells}))
    return folder


def test_a_second_run_changes_nothing_and_a_third_follows_the_course(tmp_path):
    course, target = small_course(tmp_path / "course"), tmp_path / "out"
    first = write_handout(target, course)
    assert first["written"] > 0 and write_handout(target, course) == {
        "written": 0,
        "unchanged": first["written"],
        "removed": 0,
    }
    (course / "data" / "a.txt").write_text("new")
    (course / "course_lib" / "a.txt").unlink()
    assert write_handout(target, course) == {"written": 1, "unchanged": first["written"] - 2, "removed": 1}
    assert (target / "data" / "a.txt").read_text() == "new" and not (target / "course_lib" / "a.txt").exists()


@pytest.mark.parametrize("name", ["README.md", "notebooks/00_a.ipynb"])
def test_a_file_of_somebody_else_stops_it_before_anything_is_written(tmp_path, name):
    course, target = small_course(tmp_path / "course"), tmp_path / "out"
    (target / name).parent.mkdir(parents=True)
    (target / name).write_text("mine")
    with pytest.raises(CourseError, match=name):
        write_handout(target, course)
    assert [path for path in target.rglob("*") if path.is_file()] == [target / name]
    assert (target / name).read_text() == "mine"


def test_a_file_that_a_learner_changed_is_not_overwritten(tmp_path):
    course, target = small_course(tmp_path / "course"), tmp_path / "out"
    write_handout(target, course)
    (target / "notebooks" / "00_a.ipynb").write_text("my work")
    with pytest.raises(CourseError, match="were changed since: notebooks/00_a.ipynb"):
        write_handout(target, course)
    assert (target / "notebooks" / "00_a.ipynb").read_text() == "my work"


def test_files_beside_the_handout_are_left_alone(tmp_path):
    course, target = small_course(tmp_path / "course"), tmp_path / "out"
    write_handout(target, course)
    (target / "notes.txt").write_text("mine")
    write_handout(target, course)
    assert (target / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("inside", ["data", "notebooks/x", "course_lib/deep/er"])
def test_it_refuses_a_folder_that_would_be_copied_into_itself(tmp_path, inside):
    course = small_course(tmp_path / "course")
    with pytest.raises(CourseError, match="is copied"):
        write_handout(course / inside, course)


def test_a_run_that_was_cut_off_is_completed(tmp_path):
    files = {"a": b"1", "b/c": b"2"}
    write_own_files(tmp_path, files, "x")
    (tmp_path / MANIFEST).unlink()
    (tmp_path / "a").unlink()
    assert write_own_files(tmp_path, files, "x") == {"written": 1, "unchanged": 1, "removed": 0}


def test_a_damaged_manifest_is_an_error_and_not_a_crash(tmp_path):
    (tmp_path / MANIFEST).write_text("[]")
    with pytest.raises(CourseError, match="is damaged"):
        write_own_files(tmp_path, {"a": b"1"}, "x")
