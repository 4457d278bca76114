"""The figures of ``data/DATASHEET.md``, counted from the files so that they cannot go out of date unnoticed.

``python -m course_lib.evaluation.datasheet`` brings the datasheet up to date.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from course_lib.evaluation.data_checks import Facts, Site, leak_checks, source_checks, titles_used
from course_lib.evaluation.gold import STRATA, Question, load_facts, load_questions
from course_lib.evaluation.sections import replace_section
from course_lib.files import read_json, read_jsonl
from course_lib.knowledge.snapshots import load_snapshot, snapshot_dates
from course_lib.settings import ROOT

COUNTS, BLIND_CHECK = "counts", "blind-check"
SPLITS = ("dev", "test", "train")


def datasheet_counts(data: Path) -> str:
    """Return the datasheet's tables as Markdown: the site, the splits, the training text, and checks of all of them.

    Args:
        data: the course's data folder.

    Raises:
        DataError: a data file is missing or broken.
    """
    facts = load_facts(data)
    questions = [question for split in ("dev", "test") for question in load_questions(data, split)]
    site = {date: {article.id: article for article in load_snapshot(data, date)} for date in snapshot_dates(data)}
    tables = {
        "The support site at each date": _site_table(site, facts),
        "Splits": _split_table(facts, questions),
        "Training text": _training_table(data, site),
        "Checks": _table(
            ["check", "found"],
            [*source_checks(data, site, facts, questions), *leak_checks(data, site, facts, questions)],
        ),
    }
    return "\n\n".join(f"### {title}\n\n{table}" for title, table in tables.items())


def blind_check_sentence(data: Path) -> str:
    """Return what ``blind_check.json`` says, as sentences."""
    return (
        "Readers (language models, not people) that had not seen the gold answers answered {questions} questions "
        "from the articles alone. They agreed with the gold answers on {strict_agreement} under the strict value "
        "check, and on {agreement_with_bare_counts} when a bare number is accepted for a count "
        '("3" for "3 call-outs"). Both '
        "include {unanswerable_agreement} of the {unanswerable} questions that the articles do not answer. Wordings "
        "that could be taken in two ways and were mended after that: {wordings_mended_afterwards}. The readers saw "
        "the earlier wordings."
    ).format(**read_json(data / "eval" / "blind_check.json"))


def update_datasheet(path: Path, data: Path) -> None:
    """Write counts and blind check into a datasheet.

    Raises:
        DataError: a data file is missing or broken, or the datasheet lacks its markers.
    """
    replace_section(path, COUNTS, datasheet_counts(data))
    replace_section(path, BLIND_CHECK, blind_check_sentence(data))


def _table(head: Sequence[str], rows: Iterable[Sequence]) -> str:
    return "\n".join(f"| {' | '.join(map(str, cells))} |" for cells in (head, ["---"] * len(head), *rows))


def _site_table(site: Site, facts: Facts) -> str:
    rows = []
    for former, date in zip([None, *site], site):
        now = {name: fact["values"][date] for name, fact in facts.items() if fact["values"].get(date) is not None}
        row = [date, len(site[date]), "–", "–", len(now), "–", "–"]
        if former is not None:
            row[2:4] = len(site[date].keys() - site[former].keys()), len(site[former].keys() - site[date].keys())
            both = [name for name in now if facts[name]["values"].get(former) is not None]
            changed = sum(facts[name]["values"][former] != now[name] for name in both)
            row[5:] = len(both), f"{changed} ({changed / max(1, len(both)):.0%})"
        rows.append(row)
    return _table(["date", "articles", "new", "gone", "facts", "held the date before", "of these, changed"], rows)


def _split_table(facts: Facts, questions: Sequence[Question]) -> str:
    articles = Counter(split for _, split in {(fact["article"], fact["split"]) for fact in facts.values()})
    counts = {"articles, over all dates": articles, "facts": Counter(fact["split"] for fact in facts.values())}
    for stratum in STRATA:
        counts[f"questions: {stratum}"] = Counter(each.split for each in questions if each.stratum == stratum)
    counts["all questions"] = Counter(question.split for question in questions)
    return _table(["", *SPLITS], [[name, *(count[split] for split in SPLITS)] for name, count in counts.items()])


def _training_table(data: Path, site: Site) -> str:
    sites, wordings = read_jsonl(data / "train" / "sites.jsonl"), read_jsonl(data / "train" / "wordings.jsonl")
    passages = [passage for row in sites for passage in row["passages"]]
    own = [row for row in sites if titles_used(row, site)]
    return _table(
        ["what", "count"],
        [
            [
                "`sites.jsonl`: organizations made up for training",
                len({row["name"] for row in sites if row not in own}),
            ],
            ["`sites.jsonl`: articles of the support site, with blanks for their values", len(own)],
            ["`sites.jsonl`: passages", len(passages)],
            ["`sites.jsonl`: questions with an answer", sum(len(passage["questions"]) for passage in passages)],
            ["`sites.jsonl`: questions without one", sum(len(passage["unanswerable"]) for passage in passages)],
            ["`wordings.jsonl`: facts", len(wordings)],
            ["`wordings.jsonl`: questions about them", sum(len(row["wordings"]) for row in wordings)],
        ],
    )


if __name__ == "__main__":
    update_datasheet(ROOT / "data" / "DATASHEET.md", ROOT / "data")
