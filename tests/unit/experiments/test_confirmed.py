"""Changed code is accepted once enough experiments gave the same rows with it, and never if one gave others."""

from __future__ import annotations

import sys

import pytest

from course_lib import experiments
from course_lib.__main__ import main
from course_lib.errors import DataError
from course_lib.experiments import confirmed, dependencies, store
from course_lib.experiments.confirmed import Change, Changes, same_rows
from course_lib.experiments.store import load_experiment, problems, result_file, run_experiment, to_confirm
from course_lib.files import read_json, write_json
from course_lib.settings import load_settings

TOY = '''"""Count."""
from course_lib.shared import VALUE
NAME = "{name}"
USES = ("data/one.txt",)

def run(settings, say):
    return [{{"value": {value}, "seconds": {seconds}}}]
'''
SHARED = "course_lib/shared.py"
NAMES = ("toy_a", "toy_b", "toy_c", "toy_d", "toy_e")


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Five experiments that all depend on one module, run once; the last takes no time, the first the most."""
    room = tmp_path / "course_lib" / "experiments"
    room.mkdir(parents=True)
    (tmp_path / "course_lib" / "shared.py").write_text("VALUE = 1\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "one.txt").write_text("a\n")
    monkeypatch.setattr(experiments, "__path__", [str(room)])
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))
    shared = type(sys)("course_lib.shared")
    shared.VALUE = 1
    monkeypatch.setitem(sys.modules, "course_lib.shared", shared)
    monkeypatch.setattr(store, "modules_used", lambda source: dependencies.modules_used(source, tmp_path))
    for name in NAMES:
        (room / f"{name}.py").write_text(TOY.format(name=name, value=1, seconds=0))
    found = load_settings()
    for number, name in enumerate(NAMES):
        run_experiment(name, found, str)
        path = result_file(name, found)
        write_json(path, {**read_json(path), "seconds": 10.0 - number})
    yield found
    for name in NAMES:
        sys.modules.pop(f"course_lib.experiments.{name}", None)


def change_shared(settings, text):
    (settings.data.parent / SHARED).write_text(text)


def change_rows(settings, monkeypatch, name, rows):
    """Let an experiment give other rows, as if the shared module did it."""
    monkeypatch.setattr(sys.modules[f"course_lib.experiments.{name}"], "run", lambda settings, say: rows)


def test_a_change_is_accepted_for_the_others_after_three_gave_the_same_rows(settings):
    change_shared(settings, "VALUE = 1 + 0\n")
    assert all(problems(name, settings) == [f"{name}: {SHARED} has changed since"] for name in NAMES)
    assert to_confirm(settings) == ["toy_e", "toy_d", "toy_c"]  # the quickest
    for name in to_confirm(settings)[:2]:
        run_experiment(name, settings, str)
    assert problems("toy_a", settings) and to_confirm(settings) == ["toy_c"]
    run_experiment("toy_c", settings, str)
    assert [problems(name, settings) for name in NAMES] == [[]] * 5 and to_confirm(settings) == []
    (record,) = read_json(settings.data / "results" / "confirmed.json")
    assert (record["path"], record["same"], record["other"]) == (SHARED, ["toy_e", "toy_d", "toy_c"], [])


def test_the_command_runs_the_drawn_ones_and_no_others(settings, monkeypatch, capsys):
    for name in ("COURSE_CHAT_MODEL", "COURSE_DTYPE", "COURSE_SEED"):
        monkeypatch.delenv(name, raising=False)
    assert main(["experiment", "--confirm"]) == 0 and capsys.readouterr().out == ""
    change_shared(settings, "VALUE = 1 + 0\n")
    assert main(["experiment", "--confirm"]) == 0
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == ["toy_e", "toy_d", "toy_c"]
    assert problems("toy_a", settings) == []


def test_changes_one_after_the_other_are_followed(settings):
    for text in ("VALUE = 2 - 1\n", "VALUE = 3 - 2\n"):
        change_shared(settings, text)
        for name in to_confirm(settings):
            run_experiment(name, settings, str)
    assert problems("toy_a", settings) == []
    change_shared(settings, "VALUE = 4 - 3\n")
    assert problems("toy_a", settings) == [f"toy_a: {SHARED} has changed since"]


def test_one_experiment_with_other_rows_keeps_all_out_of_date(settings, monkeypatch):
    change_shared(settings, "VALUE = 1 + 0\n")
    change_rows(settings, monkeypatch, "toy_b", [{"value": 2, "seconds": 0}])
    for name in ("toy_e", "toy_d", "toy_c", "toy_b"):
        run_experiment(name, settings, str)
    assert problems("toy_a", settings) == [f"toy_a: {SHARED} has changed since"]
    assert to_confirm(settings) == []  # nothing more to learn: it has to be measured again
    run_experiment("toy_a", settings, str)
    assert all(problems(name, settings) == [] for name in NAMES)


def test_other_data_or_another_experiment_of_its_own_say_nothing_of_shared_code(settings, monkeypatch):
    change_shared(settings, "VALUE = 1 + 0\n")
    (settings.data / "one.txt").write_text("b\n")
    change_rows(settings, monkeypatch, "toy_b", [{"value": 2, "seconds": 0}])
    run_experiment("toy_b", settings, str)
    run_experiment("toy_c", settings, str)
    assert not (settings.data / "results" / "confirmed.json").exists()
    assert len(problems("toy_a", settings)) == 2


def test_a_module_that_is_new_or_gone_is_a_change_too(settings):
    extra = settings.data.parent / "course_lib" / "extra.py"
    extra.write_text("MORE = 0\n")
    change_shared(settings, "import course_lib.extra\nVALUE = 1\n")
    assert f"toy_a: {'course_lib/extra.py'} was not recorded" in problems("toy_a", settings)
    for name in to_confirm(settings):
        run_experiment(name, settings, str)
    assert problems("toy_a", settings) == []
    change_shared(settings, "VALUE = 1\n")  # back where it was: known, because a change may be undone
    assert problems("toy_a", settings) == []
    assert problems("toy_e", settings) == [
        "toy_e: course_lib/extra.py is no longer used",
        f"toy_e: {SHARED} has changed since",
    ]


def test_what_a_clock_gave_does_not_count():
    one = [{"right": True, "seconds": 1.0, "seconds_there": 2.0, "ms": 3}]
    other = [{"right": True, "seconds": 9.0, "seconds_there": 9.0, "ms": 9}]
    assert same_rows(one, other)
    assert not same_rows(one, [{**other[0], "right": False}]) and not same_rows(one, one * 2)


def test_an_experiment_that_only_takes_times_is_no_witness(settings, monkeypatch):
    monkeypatch.setattr(sys.modules["course_lib.experiments.toy_e"], "ONLY_TIMES", True, raising=False)
    change_shared(settings, "VALUE = 2\n")
    assert "toy_e" not in to_confirm(settings) and len(to_confirm(settings)) == 3
    change_rows(settings, monkeypatch, "toy_e", [{"value": 9}])
    run_experiment("toy_e", settings, str)
    assert not confirmed.load_changes(settings).changes


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (0.2679, 0.268, True),
        (499 / 1000, 500 / 1000, False),  # one right answer more
        (0.5, 0.5006, False),
        (1, 1.0, True),
        (1, 2, False),
        (1.0, True, False),
        (1, True, False),
        ("7 days", "7 days", True),
        ("7 days", "8 days", False),
        ([0.1, "a"], [0.10001, "a"], True),
        ([0.1, "a"], [0.1], False),
        ({"p": 0.1}, {"p": 0.1, "q": 0.1}, False),
        (None, 0.0, False),
    ],
)
def test_the_last_digits_of_real_numbers_do_not_count_and_everything_else_does(one, other, same):
    assert same_rows([{"value": one}], [{"value": other}]) is same
    assert same_rows([{"value": other}], [{"value": one}]) is same


def test_an_experiment_says_one_thing_of_a_change_its_last():
    changes = Changes()
    for same in (False, True, False):
        changes.see("x", "a.py", "1", "2", 1, same)
        (change,) = changes.changes
        assert (change.same, change.other) == ((["x"], []) if same else ([], ["x"]))


def test_few_dependents_all_have_to_see_a_change():
    alone = Change("a.py", "1", "2", dependents=1, same=["x"])
    assert alone.accepted and not Change("a.py", "1", "2", dependents=2, same=["x"]).accepted
    assert Changes([alone]).accept("a.py", "1", "2") and not Changes([alone]).accept("b.py", "1", "2")


def test_a_damaged_record_is_an_error(settings):
    (settings.data / "results" / "confirmed.json").write_text('[{"path": "x"}]')
    with pytest.raises(DataError, match="confirmed.json"):
        problems("toy_a", settings)
    assert load_experiment("toy_a", settings)
