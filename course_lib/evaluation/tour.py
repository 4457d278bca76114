"""The tour and the full report, as a person at a terminal sees them."""

from __future__ import annotations

import time
from collections.abc import Sequence

from course_lib.assistants.team import build_team
from course_lib.evaluation.differences import text_of
from course_lib.evaluation.figures import draw_figures
from course_lib.evaluation.gold import load_questions
from course_lib.evaluation.readme import update_readme
from course_lib.evaluation.report import Report, run_report, write_report
from course_lib.evaluation.scoreboard import METRICS, Row
from course_lib.evaluation.slices import tour_slice
from course_lib.files import read_jsonl
from course_lib.settings import ROOT, Settings

_PLAIN = {"seconds_p50", "tokens_in", "tokens_out"}


def run_tour(settings: Settings) -> Report:
    """Ask a slice of the test set live, print its scoreboard and causes, and compare with the published run."""
    began = time.perf_counter()
    questions = tour_slice(load_questions(settings.data, "test"))
    print(f"The tour: {len(questions)} of the frozen test questions, five assistants, about a minute ...", flush=True)
    team = build_team(settings)
    report = run_report(team, questions, lambda text: print(f"  {text}", flush=True))
    print(f"\nLive, {len(questions)} questions (wide intervals: the whole test set is `python -m course_lib report`)\n")
    print(scoreboard_text(report.rows))
    print(causes_text(report.causes))
    print(_agreement(report, settings))
    print(f"The tour took {time.perf_counter() - began:.0f} seconds.")
    return report


def run_full_report(settings: Settings, limit: int = 0) -> Report:
    """Ask the whole frozen test set, print the scores, and write results and figures.

    Args:
        settings: paths and model.
        limit: if above 0, only a slice of so many questions, and nothing is written.
    """
    questions = load_questions(settings.data, "test")
    if limit:
        questions = tour_slice(questions, limit)
    report = run_report(build_team(settings), questions, lambda text: print(f"  {text}", flush=True))
    print(scoreboard_text(report.rows))
    print(causes_text(report.causes))
    if not limit:
        write_report(report, settings.data / "results", settings)
        draw_figures(report.rows, report.causes, settings.data / "results")
        print(f"Written to {settings.data / 'results'}")
        if settings.data == ROOT / "data":  # the README shows the course's own results and no others
            update_readme(ROOT / "README.md", settings.data / "results")
            print("README.md shows them now.")
    return report


def scoreboard_text(rows: Sequence[Row]) -> str:
    """Return the scoreboard as a table: one line a metric, one column an assistant, 95 % intervals in brackets."""
    names = list(dict.fromkeys(row.assistant for row in rows))
    cells = {(row.assistant, row.metric): _cell(row) for row in rows}
    lines = ["metric".ljust(18) + "".join(name.rjust(20) for name in names)]
    lines += [metric.ljust(18) + "".join(cells[name, metric].rjust(20) for name in names) for metric in METRICS]
    return "\n".join(lines) + "\n"


def _cell(row: Row) -> str:
    if row.value is None:
        return "-"
    if row.metric in _PLAIN:
        return f"{row.value:.2f}" if row.metric == "seconds_p50" else f"{row.value:.0f}"
    return text_of(row)


def causes_text(causes: dict[str, dict[str, int]]) -> str:
    """Return the causes of wrong answers as a table of counts."""
    names = list(causes)
    kinds = list(next(iter(causes.values())))
    lines = ["cause of wrong answers".ljust(26) + "".join(name.rjust(14) for name in names)]
    lines += [kind.ljust(26) + "".join(str(causes[name][kind]).rjust(14) for name in names) for kind in kinds]
    lines.append("all wrong answers".ljust(26) + "".join(str(sum(causes[name].values())).rjust(14) for name in names))
    return "\n".join(lines) + "\n"


def _agreement(report: Report, settings: Settings) -> str:
    path = settings.data / "results" / "answers.jsonl"
    if not path.is_file():
        return "No published run to compare with."
    published = {(row["assistant"], row["question"]): row["text"] for row in read_jsonl(path)}
    pairs = [
        (judged.answer.parsed.text, published.get((name, judged.question.id)))
        for name, judgements in report.judgements.items()
        for judged in judgements
    ]
    same = sum(live == stored for live, stored in pairs)
    return f"{same} of {len(pairs)} live answers are word for word those of the published run."
