"""Slides load nothing, give no solution away, and keep what a room has to see."""

from __future__ import annotations

import json

import pytest

from course_lib.errors import CourseError, DataError
from course_lib.settings import ROOT
from course_lib.teaching.site_check import Page, problems
from course_lib.teaching.slide_text import split_notes
from course_lib.teaching.slides import deck, slides_of, write_slides

NOTEBOOKS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "notebooks").glob("*.ipynb")}


def source(cell: dict) -> str:
    return "".join(cell["source"])


@pytest.mark.parametrize("name", sorted(NOTEBOOKS))
def test_the_slides_of_a_notebook_keep_its_outputs_and_leave_solutions_and_checks_out(name):
    cells = NOTEBOOKS[name]["cells"]
    slides = list(slides_of(cells))
    assert all(len(slide) == 1 and slide[0]["metadata"]["slide_title"] for slide in slides)
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    shown = [slide[0]["id"] for slide in slides if slide[0]["cell_type"] == "code"]
    hidden = [cell["id"] for cell in code if {"solution", "check"} & set(cell["metadata"].get("tags", []))]
    assert shown == [cell["id"] for cell in code[1:] if cell["id"] not in hidden]
    assert sum("<summary>Answer</summary>" in source(slide[0]) for slide in slides) == 3  # one for each quiz question


def test_a_page_has_its_slides_and_its_script_and_loads_nothing(tmp_path):
    name = min(NOTEBOOKS)
    html = deck(NOTEBOOKS[name])
    assert html.count("<section") == html.count("</section>") == len(list(slides_of(NOTEBOOKS[name]["cells"])))
    page = Page()
    page.feed(html)
    assert [address for address in page.loads if not address.startswith("data:")] == [] == page.remote_styles
    assert "<script>" in html and 'class="code"' in html and "base64" in html
    assert "['<div" not in html and "[&#39;" not in html  # the lines of an output are joined, not shown as a list


def test_the_slides_are_whole_and_a_second_run_gives_the_same(tmp_path):
    name = min(NOTEBOOKS)
    assert write_slides(tmp_path, [name]) == [name]
    before = (tmp_path / f"{name}.html").read_bytes()
    write_slides(tmp_path, [name])
    assert (tmp_path / f"{name}.html").read_bytes() == before
    assert list(problems(tmp_path)) == []


def test_a_foreign_file_is_not_overwritten_and_an_unknown_notebook_is_named(tmp_path):
    with pytest.raises(DataError, match="99_nowhere"):
        write_slides(tmp_path, ["99_nowhere"])
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(CourseError, match="index.html"):
        write_slides(tmp_path, [min(NOTEBOOKS)])


def test_running_text_is_spoken_and_lists_tables_and_predictions_are_shown():
    long = "word " * 80
    text = f"## Head\n\n{long}\n\n**Predict** what comes. {long}\n\nThree things:\n\n- one\n- two\n\n{long}end"
    shown, notes = split_notes(text)
    assert shown.startswith("## Head") and "**Predict**" in shown and "Three things:" in shown and "- two" in shown
    assert notes.count("word") == 160 and "end" in notes and "Predict" not in notes


def test_hints_and_answers_stay_folded_and_no_word_is_lost():
    fold = "<details><summary>Answer</summary>\n\nBecause.\n\nIndeed.\n\n</details>"
    text = f"**1.** Why?\n\n{fold}\n\nAfterwards."
    shown, notes = split_notes(text)
    assert fold in shown and "**1.** Why?" in shown
    assert sorted((shown + " " + notes).split()) == sorted(text.split())


def test_a_slide_is_never_only_a_heading_and_shows_how_its_text_begins():
    sentence = "This sentence says one thing and not two. "
    shown, notes = split_notes(f"## Head\n\n{sentence * 20}end.")
    assert shown.startswith("## Head\n\nThis sentence") and len(shown) < 300
    assert (shown + " " + notes).split()[2:] == (sentence * 20 + "end.").split()


@pytest.mark.parametrize("name", sorted(NOTEBOOKS))
def test_no_slide_of_a_notebook_is_empty(name):
    for (slide,) in slides_of(NOTEBOOKS[name]["cells"]):
        text = source(slide)
        assert slide["cell_type"] == "code" or [line for line in text.splitlines() if line and line[0] != "#"], text
