"""The README's scoreboard says what the published results say, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from course_lib import settings
from course_lib.assistants.hybrid import TOP_K
from course_lib.errors import CourseError, DataError
from course_lib.evaluation import readme
from course_lib.evaluation.readme import MEANINGS, PLACEHOLDER, SECTION, readme_scoreboard, update_readme
from course_lib.evaluation.scoreboard import METRICS
from course_lib.evaluation.sections import read_section
from course_lib.files import read_json, write_json
from course_lib.settings import ROOT

BEGIN, END = f"<!-- {SECTION}:begin -->", f"<!-- {SECTION}:end -->"
README = f"# Title\n\nBefore.\n\n{BEGIN}\nold\n{END}\n\nAfter.\n"


def row(assistant: str, metric: str, value: float | None, low=None, high=None, n: int = 0) -> dict:
    return {"assistant": assistant, "metric": metric, "value": value, "low": low, "high": high, "n": n}


ROWS = [
    row("plain", "correct", 0.0208, 0.0, 0.05, 240),
    row("plain", "mrr", None),
    row("plain", "tokens_in", 81.4, 80.6, 82.3, 240),
    row("both", "correct", 0.9542, 0.921, 0.9833, 240),
    row("both", "mrr", 0.9, 0.85, 0.9501, 208),
    row("both", "tokens_in", 700, 690.2, 711.7, 240),
]
CAUSES = {"plain": {"stale": 5, "misread": 230}, "both": {"stale": 4, "misread": 4}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A results folder."""
    write_json(tmp_path / "results" / "scoreboard.json", ROWS)
    write_json(tmp_path / "results" / "causes.json", CAUSES)
    return tmp_path / "results"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A README with markers."""
    (tmp_path / "README.md").write_text(README, encoding="utf-8")
    return tmp_path / "README.md"


def test_the_table_has_a_line_a_metric_and_a_column_an_assistant_with_intervals_and_n():
    lines = readme_scoreboard(ROWS, CAUSES).splitlines()
    assert lines[0] == "| metric | `plain` | `both` |"
    cells = {line.split("**")[1]: [cell.strip() for cell in line.split("|")[2:-1]] for line in lines[2:5]}
    assert cells == {
        "correct": ["0.021 [0.000, 0.050]<br>n = 240", "0.954 [0.921, 0.983]<br>n = 240"],
        "mrr": ["–", "0.900 [0.850, 0.950]<br>n = 208"],
        "tokens_in": ["81 [81, 82]<br>n = 240", "700 [690, 712]<br>n = 240"],
    }


def test_a_score_that_is_absent_is_a_dash_not_a_zero():
    text = readme_scoreboard([row("one", "correct", 0.5, 0.4, 0.6, 10), row("two", "mrr", 0.5, 0.4, 0.6, 10)], CAUSES)
    assert re.search(r"\*\*correct\*\*.*n = 10 \| – \|$", text, flags=re.MULTILINE)


def test_every_metric_of_the_scoreboard_is_explained():
    assert list(MEANINGS) == list(METRICS)


def test_the_hybrid_is_said_to_read_as_many_passages_as_it_does():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    line = next(line for line in lines if line.startswith("| `hybrid` |"))
    assert f"the {TOP_K} passages that fit it best" in line


def test_each_picture_has_alt_text_and_a_sentence_built_from_the_values():
    text = readme_scoreboard(ROWS, CAUSES)
    pictures = dict(re.findall(r"!\[([^\]]+)\]\((\S+)\)", text))
    assert list(pictures.values()) == ["data/results/scoreboard.png", "data/results/causes.png"]
    assert "`both` is right most often, on 95.4% of 240 questions; `plain` is right least often, on 2.1%." in text
    assert "misread for `plain` (230 of 235); stale and misread for `both` (4 of 8 each)." in text
    assert "95.4%" in list(pictures)[0] and "230 of 235" in list(pictures)[1]


def test_assistants_that_are_equally_right_are_named_together():
    rows = [row(name, "correct", value, 0, 1, 9) for name, value in (("a", 0.5), ("b", 0.5), ("c", 0.1))]
    assert "`a` and `b` are right most often, on 50.0% of 9 questions; `c` is right least" in readme_scoreboard(
        rows, CAUSES
    )
    assert "least often" not in readme_scoreboard(rows[:2], CAUSES)


def test_an_assistant_that_is_never_wrong_has_no_common_cause():
    assert "none for `a` (never wrong)" in readme_scoreboard(ROWS, {"a": {"stale": 0, "misread": 0}})


@pytest.mark.parametrize("rows", [[], [row("a", "correct", None)], [row("a", "mrr", 0.5, 0.4, 0.6, 9)]])
def test_a_scoreboard_without_a_correct_score_is_refused(rows):
    with pytest.raises(DataError, match="no value for `correct`"):
        readme_scoreboard(rows, CAUSES)


def test_only_the_text_between_the_markers_is_replaced(path, folder):
    update_readme(path, folder)
    text = path.read_text(encoding="utf-8")
    assert text == README.replace("\nold\n", f"\n{readme_scoreboard(ROWS, CAUSES)}\n")
    assert read_section(path, SECTION) == readme_scoreboard(ROWS, CAUSES)


def test_a_second_update_changes_nothing(path, folder):
    update_readme(path, folder)
    once = path.read_bytes()
    update_readme(path, folder)
    assert path.read_bytes() == once


@pytest.mark.parametrize(
    "broken",
    [
        "no markers",
        BEGIN,
        END,
        f"{END}\n{BEGIN}",
        f"{BEGIN}\n{BEGIN}\n{END}",
        f"{BEGIN}\n{END}\n{END}",
        README.replace(f"{SECTION}:end", "other:end"),
    ],
)
def test_missing_doubled_or_swapped_markers_are_named_and_nothing_is_written(path, folder, broken):
    path.write_text(broken, encoding="utf-8")
    with pytest.raises(DataError, match=f"README.md does not have the markers {BEGIN} and {END}") as caught:
        update_readme(path, folder)
    assert "git checkout" in caught.value.remedy
    assert path.read_text(encoding="utf-8") == broken


def test_a_missing_readme_or_result_is_an_error(path, folder):
    with pytest.raises(DataError, match="NONE.md is missing"):
        update_readme(path.with_name("NONE.md"), folder)
    (folder / "causes.json").unlink()
    with pytest.raises(DataError, match=r"causes\.json is missing"):
        update_readme(path, folder)
    assert path.read_text(encoding="utf-8") == README


def test_a_failed_write_leaves_the_old_readme(path, folder, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("course_lib.files.os.replace", full)
    with pytest.raises(CourseError, match="No space left"):
        update_readme(path, folder)
    assert path.read_text(encoding="utf-8") == README
    assert sorted(file.name for file in path.parent.iterdir()) == ["README.md", "results"]


def test_the_readme_of_the_course_shows_the_published_results():
    results = ROOT / "data" / "results"
    published = (results / "scoreboard.json").is_file()  # until then, only the placeholder may stand there
    expected = (
        readme_scoreboard(read_json(results / "scoreboard.json"), read_json(results / "causes.json"))
        if published
        else PLACEHOLDER
    )
    assert read_section(ROOT / "README.md", SECTION) == expected, f"Run `python -m {readme.__name__}`."


def test_the_readme_of_the_course_names_each_setting_and_each_notebook():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    variables = set(re.findall(r"COURSE_[A-Z_]+", Path(settings.__file__).read_text(encoding="utf-8")))
    assert variables == set(re.findall(r"^\| `(COURSE_[A-Z_]+)` \|", text, flags=re.MULTILINE))
    assert [path.name for path in (ROOT / "notebooks").glob("*.ipynb") if path.name not in text] == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CODE_OF_CONDUCT.md", "data/DATASHEET.md"])
def test_every_link_to_a_file_of_the_course_leads_somewhere(name):
    page = ROOT / name
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []
