"""The README's scoreboard, generated from the published results so that no figure is typed by hand.

``python -m course_lib.evaluation.readme`` brings the README up to date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from course_lib.errors import DataError
from course_lib.evaluation.sections import replace_section
from course_lib.files import read_json
from course_lib.settings import ROOT

SECTION = "scoreboard"
PLACEHOLDER = "No results yet. `python -m course_lib report` measures them."
MEANINGS = {
    "correct": "states every value asked and no wrong one, or declines where the documents do not tell",
    "stale": "gives the value of an earlier date, of questions that have one (lower is better)",
    "hit_at_3": "a passage that tells is among the first three retrieved, for every value asked",
    "mrr": "1 / rank of the first passage that tells, averaged",
    "ndcg_at_10": "how high the passages that tell are ranked among the first ten",
    "format_valid": "what the model wrote, before any check, is exactly one object of the house format",
    "citation_exists": "cites, and each cited passage exists, of answers that do not decline",
    "citation_supports": "what it says stands in the cited passages, of answers that do not decline",
    "citation_correct": "cites a passage that tells, for every value asked, of answers that rightly do not decline",
    "abstain_recall": "declines, of questions that the documents do not answer",
    "false_refusal": "declines, of questions that the documents do answer (lower is better)",
    "seconds_p50": "median seconds for an answer, as its share of a batch; depends on the machine (lower is better)",
    "tokens_in": "mean tokens of the prompt (lower is cheaper)",
    "tokens_out": "mean tokens of the answer (lower is cheaper)",
}
_DIGITS = {"tokens_in": 0, "tokens_out": 0}


def readme_scoreboard(rows: Sequence[Mapping], causes: Mapping[str, Mapping[str, int]]) -> str:
    """Return the scoreboard as Markdown: a table with 95% intervals and n, then the two pictures with what they show.

    Args:
        rows: rows of ``scoreboard.json``: assistant, metric, value, low, high, n.
        causes: ``causes.json``: for each assistant, how many wrong answers have each cause.

    Raises:
        DataError: no row gives a value for ``correct``.
    """
    right, wrong = _best_and_worst(rows), _common_causes(causes)
    points = f"Points with intervals, one group for each metric. {right}".replace("`", "")
    bars = f"Stacked bars of wrong answers by cause, one for each assistant. {wrong}".replace("`", "")
    return "\n".join(
        [
            *_table(rows),
            "",
            "Each cell: the value, its 95% interval in brackets, and the number of items (n) it is taken over. "
            "A dash means that the metric does not apply.",
            "",
            f"![{points}](data/results/scoreboard.png)",
            "",
            f"What to see: {right}",
            "",
            f"![{bars}](data/results/causes.png)",
            "",
            f"What to see: {wrong}",
        ]
    )


def update_readme(path: Path, folder: Path) -> None:
    """Replace the scoreboard of a README with the one of a results folder, in one step.

    Args:
        path: the README.
        folder: holds ``scoreboard.json`` and ``causes.json``.

    Raises:
        DataError: a results file is missing or broken, or the README lacks its markers.
    """
    text = readme_scoreboard(read_json(folder / "scoreboard.json"), read_json(folder / "causes.json"))
    replace_section(path, SECTION, text)


def _table(rows: Sequence[Mapping]) -> list[str]:
    names = list(dict.fromkeys(row["assistant"] for row in rows))
    metrics = list(dict.fromkeys(row["metric"] for row in rows))
    cells = {(row["assistant"], row["metric"]): _cell(row) for row in rows}
    lines = ["| metric | " + " | ".join(f"`{name}`" for name in names) + " |", "|---|" + "---|" * len(names)]
    for metric in metrics:
        meaning = f"<br>{MEANINGS[metric]}" if metric in MEANINGS else ""
        lines.append(f"| **{metric}**{meaning} | {' | '.join(cells.get((name, metric), '–') for name in names)} |")
    return lines


def _cell(row: Mapping) -> str:
    if row["value"] is None:
        return "–"
    digits = _DIGITS.get(row["metric"], 3)
    return f"{row['value']:.{digits}f} [{row['low']:.{digits}f}, {row['high']:.{digits}f}]<br>n = {row['n']}"


def _best_and_worst(rows: Sequence[Mapping]) -> str:
    shares = {row["assistant"]: row for row in rows if row["metric"] == "correct" and row["value"] is not None}
    if not shares:
        raise DataError("The scoreboard has no value for `correct`.", "Run `python -m course_lib report`.")
    values = [row["value"] for row in shares.values()]
    most, least = max(values), min(values)
    text = f"{_named(shares, most)} right most often, on {most:.1%} of {next(iter(shares.values()))['n']} questions"
    return f"{text}." if most == least else f"{text}; {_named(shares, least)} right least often, on {least:.1%}."


def _named(shares: Mapping[str, Mapping], value: float) -> str:
    names = [f"`{name}`" for name, row in shares.items() if row["value"] == value]
    return " and ".join(names) + (" is" if len(names) == 1 else " are")


def _common_causes(causes: Mapping[str, Mapping[str, int]]) -> str:
    parts = []
    for name, counts in causes.items():
        total, most = sum(counts.values()), max(counts.values(), default=0)
        common = [cause for cause, count in counts.items() if count == most]
        share = f"{most} of {total}{' each' if len(common) > 1 else ''}"
        parts.append(f"{' and '.join(common)} for `{name}` ({share})" if total else f"none for `{name}` (never wrong)")
    return f"The most common cause of a wrong answer is {'; '.join(parts)}."


if __name__ == "__main__":
    update_readme(ROOT / "README.md", ROOT / "data" / "results")
