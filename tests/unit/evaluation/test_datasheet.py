"""The datasheet's figures are those of the files it describes."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from course_lib.errors import DataError
from course_lib.evaluation import datasheet
from course_lib.evaluation.datasheet import (
    BLIND_CHECK,
    COUNTS,
    blind_check_sentence,
    datasheet_counts,
    update_datasheet,
)
from course_lib.evaluation.gold import load_questions
from course_lib.evaluation.sections import read_section
from course_lib.files import read_json, read_jsonl, write_json, write_jsonl
from course_lib.settings import ROOT

DATA = ROOT / "data"
OLD, NEW = "2025-01-01", "2026-01-01"


def fact(name: str, split: str, values: dict, evidence: str) -> dict:
    proofs = {date: evidence.format(value) for date, value in values.items() if value is not None}
    return {
        "id": name,
        "article": name.split(".")[0],
        "split": split,
        "category": "plans",
        "type": "money",
        "subject": name,
        "values": values,
        "aliases": {},
        "evidence": proofs,
    }


def article(data: Path, date: str, name: str, text: str) -> None:
    path = data / "kb" / date / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'---\nid: {name}\ntitle: Page {name}\ncategory: plans\nvalid_from: "{date}"\n---\n{text}\n', encoding="utf-8"
    )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A tiny data folder without faults: three articles at two dates, two questions, two training entries."""
    for date, price in ((OLD, "$10"), (NEW, "$12")):
        article(tmp_path, date, "kb-1", f"It costs {price}.")
    article(tmp_path, OLD, "kb-2", "The fee is $5.")
    article(tmp_path, NEW, "kb-3", "The rent is $7.")
    write_jsonl(
        tmp_path / "facts.jsonl",
        [
            fact("kb-1.price", "test", {OLD: "$10", NEW: "$12"}, "It costs {}."),
            fact("kb-2.fee", "train", {OLD: "$5", NEW: None}, "The fee is {}."),
            fact("kb-3.rent", "dev", {OLD: None, NEW: "$7"}, "The rent is {}."),
        ],
    )
    queries = [
        ("test-1", "test", "lookup", "What does it cost now?"),
        ("dev-1", "dev", "unanswerable", "Who owns the place?"),
    ]
    write_jsonl(
        tmp_path / "eval" / "queries.jsonl",
        [
            {"_id": name, "text": text, "metadata": {"split": split, "stratum": stratum}}
            for name, split, stratum, text in queries
        ],
    )
    answer = {"fact": "kb-1.price", "type": "money", "value": "$12", "accepted": []}
    write_jsonl(
        tmp_path / "eval" / "gold.jsonl",
        [
            {
                "id": name,
                "split": split,
                "stratum": stratum,
                "answers": [answer] if name == "test-1" else [],
                "stale": [],
                "wrong": [],
                "near": "" if name == "test-1" else "kb-3",
            }
            for name, split, stratum, _ in queries
        ],
    )
    write_jsonl(
        tmp_path / "eval" / "corpus.jsonl",
        [
            {"_id": "kb-1", "title": "Page kb-1", "text": "It costs $12."},
            {"_id": "kb-3", "title": "Page kb-3", "text": "The rent is $7."},
        ],
    )
    passage = {"section": "", "category": "plans", "text": "", "slots": {}, "unanswerable": ["Is it open?"]}
    write_jsonl(
        tmp_path / "train" / "sites.jsonl",
        [
            {
                "name": "Zoo",
                "passages": [{**passage, "title": "Tickets", "questions": [{"q": "What does it take?", "slots": []}]}],
            },
            {"name": "Own", "passages": [{**passage, "title": "Page kb-2", "questions": []}]},
        ],
    )
    write_jsonl(
        tmp_path / "train" / "wordings.jsonl", [{"fact": "kb-1.price", "wordings": ["Price please", "How much"]}]
    )
    return tmp_path


def cells(data: Path) -> dict[str, list[str]]:
    """Return the tables' lines by their first cell."""
    lines = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in datasheet_counts(data).splitlines()
        if "|" in line
    ]
    return {line[0]: line[1:] for line in lines}


def edit(path: Path, row: int, **changes) -> None:
    rows = read_jsonl(path)
    rows[row].update(changes)
    write_jsonl(path, rows)


def checks(data: Path) -> dict[str, str]:
    """Return the results of the checks that are not as they should be."""
    found = cells(data)
    names = list(found)[list(found).index("check") + 1 :]
    return {name: found[name][0] for name in names if found[name][0] not in ("0", "0.50")}


def test_articles_and_facts_are_counted_at_each_date(data):
    found = cells(data)
    assert found[OLD] == ["2", "–", "–", "2", "–", "–"]
    assert found[NEW] == ["2", "1", "1", "2", "1", "1 (100%)"]


def test_questions_are_counted_by_stratum_and_split(data):
    found = cells(data)
    assert found["articles, over all dates"] == found["facts"] == ["1", "1", "1"]
    assert found["questions: lookup"] == ["0", "1", "0"] and found["questions: unanswerable"] == ["1", "0", "0"]
    assert found["all questions"] == ["1", "1", "0"]


def test_training_text_is_counted_and_articles_of_the_site_are_told_from_made_up_organizations(data):
    names = (
        "organizations made up for training",
        "articles of the support site, with blanks for their values",
        "passages",
        "questions with an answer",
        "questions without one",
    )
    assert [cells(data)[f"`sites.jsonl`: {name}"] for name in names] == [["1"], ["1"], ["2"], ["1"], ["2"]]
    assert [cells(data)[f"`wordings.jsonl`: {name}"] for name in ("facts", "questions about them")] == [["1"], ["2"]]


def test_a_sound_data_folder_passes_every_check(data):
    assert checks(data) == {}


@pytest.mark.parametrize(
    "path, row, changes, check",
    [
        (
            "facts.jsonl",
            0,
            {"evidence": {OLD: "It costs $10.", NEW: "It costs $10."}},
            "facts not found in their article at one of their dates",
        ),
        ("facts.jsonl", 1, {"values": {OLD: "$6"}}, "facts not found in their article at one of their dates"),
        (
            "facts.jsonl",
            2,
            {"values": {OLD: "$7", NEW: "$7"}},
            "facts not found in their article at one of their dates",
        ),
        (
            "eval/gold.jsonl",
            0,
            {"answers": [{"fact": "kb-1.price", "type": "money", "value": "$10", "accepted": []}]},
            "gold answers that differ from the newest value of their fact",
        ),
        (
            "eval/corpus.jsonl",
            0,
            {"text": "It costs $10."},
            "articles that `corpus.jsonl` and the newest date do not share",
        ),
        ("eval/gold.jsonl", 1, {"near": "kb-1"}, "questions about an article of another split"),
        (
            "train/sites.jsonl",
            1,
            {"passages": [{"title": "Page kb-1", "questions": [], "unanswerable": []}]},
            "dev or test titles in `sites.jsonl`",
        ),
    ],
)
def test_a_fault_in_the_data_shows_in_its_check(data, path, row, changes, check):
    edit(data / path, row, **changes)
    assert checks(data)[check] == "1"


def test_an_article_in_two_splits_shows_in_its_check(data):
    rows = read_jsonl(data / "facts.jsonl")
    write_jsonl(data / "facts.jsonl", [*rows, {**rows[0], "id": "kb-1.again", "split": "train"}])
    assert checks(data)["articles with facts in two splits"] == "1"


def test_an_evaluation_question_among_the_training_questions_shows_as_full_overlap(data):
    edit(data / "train" / "wordings.jsonl", 0, wordings=["what does it cost NOW"])
    assert checks(data) == {"shared words / all words of the closest evaluation and training questions": "1.00"}


def test_the_blind_check_is_rendered_from_its_file(data):
    figures = {
        "questions": 50,
        "strict_agreement": 41,
        "agreement_with_bare_counts": 43,
        "unanswerable": 9,
        "unanswerable_agreement": 8,
        "wordings_mended_afterwards": 2,
    }
    write_json(data / "eval" / "blind_check.json", figures)
    assert re.findall(r"\d+", blind_check_sentence(data).replace('"3" for "3 call-outs"', "")) == [
        "50",
        "41",
        "43",
        "8",
        "9",
        "2",
    ]


def test_the_blind_check_claims_no_more_questions_than_there_are():
    questions = [question for split in ("dev", "test") for question in load_questions(DATA, split)]
    figures = read_json(DATA / "eval" / "blind_check.json")
    assert (
        figures["strict_agreement"] <= figures["agreement_with_bare_counts"] <= figures["questions"] <= len(questions)
    )
    unanswerable = sum(not question.answerable for question in questions)
    assert figures["unanswerable_agreement"] <= figures["unanswerable"] <= unanswerable


def test_an_update_needs_the_markers(tmp_path, data):
    (tmp_path / "sheet.md").write_text("no markers", encoding="utf-8")
    with pytest.raises(DataError, match="counts:begin"):
        update_datasheet(tmp_path / "sheet.md", data)


def test_the_datasheet_of_the_course_is_current(tmp_path):
    committed = DATA / "DATASHEET.md"
    shutil.copy(committed, tmp_path / "sheet.md")
    update_datasheet(tmp_path / "sheet.md", DATA)
    for section in (COUNTS, BLIND_CHECK):
        assert read_section(committed, section) == read_section(tmp_path / "sheet.md", section), (
            f"Run `python -m {datasheet.__name__}`."
        )
    assert (tmp_path / "sheet.md").read_text(encoding="utf-8") == committed.read_text(encoding="utf-8")
