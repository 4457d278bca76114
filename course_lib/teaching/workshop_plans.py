"""The plans by the minute and the cut list, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_lib.errors import DataError
from course_lib.settings import ROOT
from course_lib.teaching.books import Book
from course_lib.teaching.workshop_files import cell_link, find_book, load_workshop


@dataclass(frozen=True)
class Step:
    """Some minutes of a plan: when they begin (minutes after midnight), what is done, with which cells."""

    block: str
    notebook: str
    begins: int
    minutes: int
    do: str
    cells: tuple[str, ...]
    cut: int | None


def load_plans(root: Path = ROOT) -> dict[str, dict[str, Any]]:
    """Read ``workshop/plans.yaml`` and check that its minutes add up.

    Raises:
        DataError: the file is missing or broken, or minutes do not add up.
    """
    plans = load_workshop("plans", root)
    for name, plan in plans.items():
        for block in plan["blocks"]:
            _check(f"{name}, {block['title']}", block["minutes"], block["steps"])
        _check(name, plan["minutes"], plan["blocks"])
    return plans


def _check(where: str, whole: int, parts: Sequence[Mapping[str, Any]]) -> None:
    total = sum(part["minutes"] for part in parts)
    if total != whole:
        raise DataError(f"{where}: the parts take {total} minutes, not {whole}.", "Mend workshop/plans.yaml.")


def steps_of(plan: Mapping[str, Any]) -> Iterator[Step]:
    """Yield the steps of a plan with the minute at which each begins."""
    hours, _, minutes = plan["starts"].partition(":")
    now = 60 * int(hours) + int(minutes)
    for block in plan["blocks"]:
        for step in block["steps"]:
            cells = tuple(step.get("cells", ()))
            notebook = block.get("notebook", "")
            yield Step(block["title"], notebook, now, step["minutes"], step["do"], cells, step.get("cut"))
            now += step["minutes"]


def plans_text(plans: Mapping[str, Any], books: Mapping[str, Book], timings: Mapping[str, Mapping[str, Any]]) -> str:
    """Return all plans: a heading and a table of clock time, minutes, what is done, and the cells.

    Args:
        plans: what :func:`load_plans` returned.
        books: the notebooks by name.
        timings: measured rows by notebook name.
    """
    parts = []
    for plan in plans.values():
        hours, rest = divmod(plan["minutes"], 60)
        parts.append(f"### {plan['title']}: {hours} hours{f' {rest} minutes' if rest else ''}\n\n{plan['for']}")
        lines, block = ["| time | minutes | what | cells |", "|---|---|---|---|"], ""
        for step in steps_of(plan):
            if step.block != block:
                block = step.block
                lines.append(f"| **{_clock(step.begins)}** | | **{_block_title(step, books, timings)}** | |")
            lines.append(f"| {_clock(step.begins)} | {step.minutes} | {step.do} | {_cells(step, books)} |")
        end = step.begins + step.minutes
        parts.append("\n".join([*lines, f"| **{_clock(end)}** | | **End** | |"]))
    note = "Computing is the time of running all cells of the notebook once, where it was measured."
    return "\n\n".join([*parts, note])


def cuts_text(plans: Mapping[str, Any]) -> str:
    """Return for each plan what to cut first, and how many minutes are saved in all."""
    parts = []
    for plan in plans.values():
        lines, saved = [], 0
        for step in sorted((step for step in steps_of(plan) if step.cut is not None), key=lambda step: step.cut):
            saved += step.minutes
            lines.append(f"| {step.cut} | {step.block} | {step.do} | {step.minutes} | {saved} |")
        head = ["| order | block | what goes | minutes | saved so far |", "|---|---|---|---|---|"]
        parts.append("\n".join([f"**{plan['title']}**\n", *head, *lines]))
    return "\n\n".join(parts)


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"


def _block_title(step: Step, books: Mapping[str, Book], timings: Mapping[str, Mapping[str, Any]]) -> str:
    book = find_book(step.notebook, books)
    if book is None:
        return step.block
    link = f"[{book.title}](notebooks/{book.name}.ipynb)"
    named = link if book.title.endswith(step.block) else f"{step.block}: {link}"
    took = timings.get(book.name)
    return f"{named}, {took['minutes']:g} min of computing" if took else named


def _cells(step: Step, books: Mapping[str, Book]) -> str:
    book = find_book(step.notebook, books)
    if book is None:
        return ""
    return ", ".join(f"[{cell}]({cell_link(book.name, cell)})" for cell in step.cells)
