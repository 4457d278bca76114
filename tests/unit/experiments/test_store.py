"""Stored experiments can be listed, run and read, and are called out when something they depend on has changed."""

from __future__ import annotations

import json
import sys

import pytest

from course_lib import experiments
from course_lib.__main__ import main
from course_lib.errors import CourseError, DataError
from course_lib.experiments.registry import find_experiments, get_experiment
from course_lib.experiments.store import digest_path, load_experiment, problems, result_file, run_experiment
from course_lib.settings import ROOT, Settings, load_settings

TOY = '''"""Count the lines of a text.

More is said here."""
NAME = "toy"
USES = ("data/texts", "data/one.txt")

def run(settings, say):
    say("counting")
    return [{"file": "one", "lines": len((settings.data / "one.txt").read_text().splitlines())}]
'''


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A room with one experiment and one module that only helps others."""
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "toy_lines.py").write_text(TOY)
    (folder / "helping.py").write_text("VALUE = 1\n")
    monkeypatch.setattr(experiments, "__path__", [str(folder)])
    yield folder
    for path in folder.glob("*.py"):
        sys.modules.pop(f"course_lib.experiments.{path.stem}", None)


@pytest.fixture
def settings(tmp_path, monkeypatch, package):
    data = tmp_path / "data"
    (data / "texts" / "below").mkdir(parents=True)
    (data / "one.txt").write_text("a\nb\n")
    (data / "texts" / "below" / "two.md").write_text("c\n")
    monkeypatch.setenv("COURSE_DATA", str(data))
    for name in ("COURSE_CHAT_MODEL", "COURSE_DTYPE", "COURSE_SEED"):
        monkeypatch.delenv(name, raising=False)
    return load_settings()


def test_experiments_are_found_by_looking_and_helpers_are_left_out(package):
    found = find_experiments()
    assert list(found) == ["toy"]
    assert found["toy"].says == "Count the lines of a text."
    assert found["toy"].uses == ("data/texts", "data/one.txt") and found["toy"].source.name == "toy_lines.py"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('NAME = "half"\n', "half_made has no USES and no run"),
        ("def run(settings, say): ...\nUSES = ()\n", "half_made has no NAME"),
        (TOY, "Two experiments are named 'toy'"),
    ],
)
def test_a_module_that_is_half_an_experiment_is_an_error(package, text, words):
    (package / "half_made.py").write_text(text)
    with pytest.raises(DataError, match=words):
        find_experiments()


def test_an_unknown_experiment_is_named_with_the_known_ones(package):
    with pytest.raises(DataError, match="'mystery'.*\n.*toy"):
        get_experiment("mystery")


def test_a_run_is_stored_with_what_it_was_made_from_and_read_back(settings):
    lines = []
    assert run_experiment("toy", settings, lines.append) == [{"file": "one", "lines": 2}]
    assert lines == ["counting"]
    stored = json.loads(result_file("toy", settings).read_text())
    assert set(stored) == {"name", "rows", "made_with", "seconds"} and stored["name"] == "toy"
    assert set(stored["made_with"]) == {"data/texts", "data/one.txt", "course_lib/experiments/toy_lines.py"}
    assert all(len(digest) == 64 for digest in stored["made_with"].values()) and stored["seconds"] >= 0
    assert load_experiment("toy", settings) == [{"file": "one", "lines": 2}]
    assert problems("toy", settings) == []
    assert [path.name for path in result_file("toy", settings).parent.iterdir()] == ["toy.json"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data, package: (data / "one.txt").write_text("a\n"), "data/one.txt has changed"),
        (lambda data, package: (data / "texts" / "new.md").write_text("x"), "data/texts has changed"),
        (
            lambda data, package: (data / "texts" / "below").rename(data / "texts" / "above"),
            "data/texts has changed",
        ),
        (
            lambda data, package: (package / "toy_lines.py").write_text(TOY.replace('"one"', '"the first"')),
            "course_lib/experiments/toy_lines.py has changed",
        ),
    ],
)
def test_whatever_changes_afterwards_is_called_out(settings, package, change, words):
    run_experiment("toy", settings, str)
    change(settings.data, package)
    (problem,) = problems("toy", settings)
    assert words in problem


def test_other_words_in_a_docstring_or_a_comment_do_not_make_a_result_stale(settings, package):
    run_experiment("toy", settings, str)
    (package / "toy_lines.py").write_text(TOY.replace("Count the lines", "Tell the lines") + "# said otherwise\n")
    assert problems("toy", settings) == []


def test_a_module_that_is_imported_from_now_on_is_called_out(settings, package):
    run_experiment("toy", settings, str)
    (package / "toy_lines.py").write_text(TOY.replace("NAME =", "from course_lib.knowledge import windows\nNAME ="))
    said = problems("toy", settings)
    assert "toy: course_lib/experiments/toy_lines.py has changed since" in said
    assert "toy: course_lib/knowledge/windows.py was not recorded" in said


def test_a_file_that_changes_during_the_run_makes_the_result_stale(settings, package):
    (package / "toy_lines.py").write_text(TOY.replace('say("counting")', '(settings.data / "one.txt").write_text("")'))
    run_experiment("toy", settings, str)
    assert problems("toy", settings) == ["toy: data/one.txt has changed since"]


def test_paths_that_come_to_or_leave_uses_are_called_out(settings, package):
    run_experiment("toy", settings, str)
    sys.modules["course_lib.experiments.toy_lines"].USES = ("data/texts", "data/texts/below")
    assert problems("toy", settings) == [
        "toy: data/one.txt is no longer used",
        "toy: data/texts/below was not recorded",
    ]


@pytest.mark.parametrize(
    "path", ["data/gone.txt", "course_lib/files.py", "/etc/hosts", "data/../README.md", "data/", "data"]
)
def test_an_experiment_may_name_only_data_that_is_there(settings, package, path):
    (package / "toy_lines.py").write_text(TOY.replace("data/one.txt", path))
    with pytest.raises(DataError, match="USES"):
        run_experiment("toy", settings, str)


def test_results_that_are_missing_name_the_command_that_makes_them(settings):
    with pytest.raises(DataError, match="no stored results") as caught:
        load_experiment("toy", settings)
    assert "python -m course_lib experiment toy" in caught.value.remedy
    assert problems("toy", settings) == ["The experiment toy has no stored results."]


@pytest.mark.parametrize("content", ["{", "[]", '{"name": "toy", "rows": []}', '{"rows": [1]}'])
def test_damaged_results_are_refused(settings, content):
    result_file("toy", settings).parent.mkdir(parents=True)
    result_file("toy", settings).write_text(content)
    with pytest.raises(DataError):
        load_experiment("toy", settings)
    assert len(problems("toy", settings)) == 1


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("[]", "no list of rows"),
        ("None", "no list of rows"),
        ("[1]", "no list of rows"),
        ('[{"score": float("nan")}]', "cannot be kept as JSON"),
        ('[{"score": object()}]', "cannot be kept as JSON"),
        ('[{"score": __import__("numpy").float32(1)}]', "cannot be kept as JSON"),
    ],
)
def test_rows_that_cannot_be_kept_are_an_error_and_the_old_ones_stay(settings, package, rows, words):
    run_experiment("toy", settings, str)
    before = result_file("toy", settings).read_bytes()
    module = sys.modules["course_lib.experiments.toy_lines"]
    module.run = lambda settings, say: eval(rows)
    with pytest.raises(DataError, match=words):
        run_experiment("toy", settings, str)
    assert result_file("toy", settings).read_bytes() == before


@pytest.mark.parametrize(
    "change", [{"chat_model": "some/model"}, {"dtype": "bfloat16"}, {"seed": 8}], ids=lambda change: next(iter(change))
)
def test_other_settings_than_the_courses_own_write_nothing(settings, change):
    other = Settings(**{"data": settings.data, **change})
    with pytest.raises(DataError, match="built-in model"):
        run_experiment("toy", other, str)
    assert not result_file("toy", settings).exists()


def test_a_digest_is_the_same_with_the_line_ends_of_either_system(tmp_path):
    for folder, end in (("unix", b"\n"), ("windows", b"\r\n")):
        (tmp_path / folder / "b").mkdir(parents=True)
        (tmp_path / folder / "a.md").write_bytes(b"one" + end + b"two" + end)
        (tmp_path / folder / "b" / "c.txt").write_bytes(b"three" + end)
    assert digest_path(tmp_path / "unix") == digest_path(tmp_path / "windows")
    assert digest_path(tmp_path / "unix" / "a.md") == digest_path(tmp_path / "windows" / "a.md")
    assert digest_path(tmp_path / "unix" / "a.md") != digest_path(tmp_path / "unix" / "b" / "c.txt")


def test_the_digest_of_a_file_without_windows_line_ends_is_its_sha256(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"abc\n")
    expected = "edeaaff3f1774ad2888673770c6d64097e391bc362d7d6fb34982ddf0efd18cb"
    assert digest_path(tmp_path / "a.txt") == expected


def test_bytes_that_are_no_text_are_taken_as_they_are(tmp_path):
    (tmp_path / "a.bin").write_bytes(b"\0\r\n")
    (tmp_path / "b.bin").write_bytes(b"\0\n")
    assert digest_path(tmp_path / "a.bin") != digest_path(tmp_path / "b.bin")


def test_what_running_leaves_behind_does_not_change_a_digest(tmp_path):
    (tmp_path / "a.py").write_text("x = 1\n")
    before = digest_path(tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_bytes(b"\0")
    (tmp_path / ".hidden").write_text("x")
    assert digest_path(tmp_path) == before
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    assert digest_path(tmp_path) != before, "a name is part of what a folder holds"


def test_the_command_runs_lists_and_names_what_is_unknown(settings, capsys):
    assert main(["experiment", "--list"]) == 0
    assert "no stored results" in capsys.readouterr().out
    assert main(["experiment", "toy"]) == 0
    printed = capsys.readouterr().out
    assert "toy: counting" in printed and "toy: 1 rows in" in printed
    assert main(["experiment"]) == 0
    assert "toy                      fits\n    Count the lines of a text." in capsys.readouterr().out
    assert main(["experiment", "mystery"]) == 1
    assert "no experiment 'mystery'" in capsys.readouterr().err


def test_all_runs_every_experiment_and_stale_only_those_that_do_not_fit(settings, package, capsys):
    (package / "other.py").write_text(TOY.replace('"toy"', '"another"'))
    assert main(["experiment", "all"]) == 0
    assert "another: 1 rows" in (printed := capsys.readouterr().out) and "toy: 1 rows" in printed
    (package / "other.py").write_text(TOY.replace('"toy"', '"another"') + "CHANGED = True\n")
    assert main(["experiment", "all", "--stale"]) == 0
    assert "another: 1 rows" in (printed := capsys.readouterr().out) and "toy" not in printed


def test_a_result_that_cannot_be_written_is_an_error_with_a_remedy(settings):
    (settings.data / "results").write_text("in the way")
    with pytest.raises(CourseError, match="What to do"):
        run_experiment("toy", settings, str)


def test_every_experiment_is_shipped_with_results_that_fit_the_files_of_the_course():
    shipped = Settings()
    assert [problem for name in find_experiments() for problem in problems(name, shipped)] == []


def test_every_shipped_result_has_its_experiment():
    known = find_experiments()
    stored = (ROOT / "data" / "results" / "experiments").glob("*.json")
    assert [path.name for path in stored if path.stem not in known] == []
