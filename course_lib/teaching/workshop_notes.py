"""Notes, misconceptions and the answer key, as Markdown: hand-written words with links and verdicts looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from course_lib.errors import DataError
from course_lib.teaching.books import Book
from course_lib.teaching.claims import claim_view
from course_lib.teaching.ledger import Statement
from course_lib.teaching.workshop_files import cell_link, find_book


def notebooks_text(
    books: Mapping[str, Book], timings: Mapping[str, Mapping[str, Any]], rows: Mapping[str, Mapping[str, Any]]
) -> str:
    """Return the table of notebooks: measured time and memory, exercises, and how many statements held."""
    lines = ["| notebook | minutes | GB | exercises | statements that hold | refuted |", "|---|---|---|---|---|---|"]
    for book in books.values():
        mine = [row for row in rows.values() if row["notebook"] == book.name]
        held = sum(bool(row["holds"]) for row in mine)
        took = timings.get(book.name)
        cells = [f"{took[key]:g}" if took else "not measured" for key in ("minutes", "peak_gb")]
        link = f"[{book.title}](notebooks/{book.name}.ipynb)"
        lines.append(f"| {link} | {cells[0]} | {cells[1]} | {len(book.exercises)} | {held} | {len(mine) - held} |")
    note = (
        "Minutes and memory are those of running all cells once, where they were measured. They are not teaching time."
    )
    return "\n".join([*lines, "", note])


def notes_text(notes: Mapping[str, Mapping[str, Any]], books: Mapping[str, Book]) -> str:
    """Return a section for each notebook: objectives, what it needs, the point, predictions, prompts, stumbling."""
    parts = []
    for book in books.values():
        mine = notes.get(book.name[:2], {})
        lines = [f"### {book.title}\n"]
        if mine.get("point"):
            lines.append(f"**The point.** {mine['point']}\n")
        lines += ["**Objectives.** People learn to\n", *(f"- {text}" for text in book.objectives), ""]
        lines.append(f"**Prerequisites.** {book.needs}\n")
        lines += _predictions(mine.get("predictions", []), book)
        lines += _listed("Discuss", mine.get("prompts", [])) + _listed(
            "Where people get stuck", mine.get("stumbling", [])
        )
        parts.append("\n".join(lines).rstrip())
    return "\n\n".join(parts)


def _predictions(entries: Sequence[Mapping[str, str]], book: Book) -> list[str]:
    asked = {entry["cell"] for entry in entries}
    for cell in {*asked, *(entry["look"] for entry in entries)} - set(book.cells):
        raise DataError(f"{book.name} has no cell {cell!r}.", "Mend workshop/notes.yaml.")
    lines = []
    if entries:
        lines += ["**Expected wrong predictions**\n", "| asked in | what people say | why | the answer is in |"]
        lines.append("|---|---|---|---|")
        for entry in entries:
            asks, looks = (f"[{entry[key]}]({cell_link(book.name, entry[key])})" for key in ("cell", "look"))
            lines.append(f"| {asks} | {entry['expect']} | {entry['why']} | {looks} |")
        lines.append("")
    others = [f"[{cell}]({cell_link(book.name, cell)})" for cell in book.predictions if cell not in asked]
    if others:
        too = ", too" if entries else ""
        lines.append(f"Predictions are asked for in these cells{too}: {', '.join(others)}.\n")
    return lines


def _listed(heading: str, texts: Sequence[str]) -> list[str]:
    return [f"**{heading}**\n", *(f"- {text}" for text in texts), ""] if texts else []


def misconceptions_text(
    entries: Sequence[Mapping[str, str]],
    ledger: Mapping[str, Statement],
    rows: Mapping[str, Mapping[str, Any]],
    cells: Mapping[str, tuple[str, str]],
    books: Mapping[str, Book],
) -> str:
    """Return each misconception with the cell that speaks to it, the verdict, and what that means for the belief.

    Args:
        entries: what ``workshop/misconceptions.yaml`` holds.
        ledger: the statements by id.
        rows: recorded results by id.
        cells: by id of a statement, the notebook and the cell that bind it.
        books: the notebooks by name.

    Raises:
        DataError: an entry names a statement or a cell that does not exist.
    """
    parts = []
    for entry in entries:
        if "claim" in entry:
            if entry["claim"] not in ledger:
                raise DataError(f"There is no statement {entry['claim']!r}.", "Mend workshop/misconceptions.yaml.")
            found = _verdict(entry, ledger[entry["claim"]], rows.get(entry["claim"]), cells.get(entry["claim"]))
        else:
            found = _shown(entry["cell"], books)
        parts.append(f'**"{entry["says"]}"**\n\n- What to say: {entry["reply"]}\n{found}')
    return "\n\n".join(parts)


def _shown(place: str, books: Mapping[str, Book]) -> str:
    number, _, cell = place.partition("#")
    book = find_book(number, books)
    if book is not None and cell not in book.cells:
        raise DataError(f"{book.name} has no cell {cell!r}.", "Mend workshop/misconceptions.yaml.")
    where = f"[{book.title}, cell {cell}]({cell_link(book.name, cell)})" if book else f"notebook {number}"
    return f"- The cell that shows it: {where}. It is a table to look at; no statement is bound to it."


def _verdict(
    entry: Mapping[str, str], statement: Statement, row: Mapping[str, Any] | None, cell: tuple[str, str] | None
) -> str:
    where = f"[{cell[0]}, cell {cell[1]}]({cell_link(*cell)})" if cell else statement.notebook
    head = f"- The cell that speaks to it: {where}.\n- The course says: *{statement.statement}*"
    if row is None:
        return f"{head} This is not measured yet."
    verdict = "holds" if row["holds"] else "refuted"
    _, measured, judged = claim_view(statement, dict(row)).plain.split("\n  ")
    own = "" if row["holds"] else " The measurement went against the course's own statement. Say so."
    against = (
        "The measurement speaks against the belief."
        if verdict == entry["refuted_if"]
        else ("The measurement does not speak against the belief. Tell the room, and discuss what would.")
    )
    return f"{head}\n- Measured: {measured} **{judged.replace('. ', '.** ', 1)}{own} {against}"


def answers_text(books: Mapping[str, Book]) -> str:
    """Return the answer key, a fold for each notebook: solutions of the exercises and answers of the quiz."""
    parts = []
    for book in books.values():
        lines = [f"<details><summary>{book.title}</summary>\n"]
        for one in book.exercises:
            lines.append(f"**Exercise {one.number}: {one.title}** ([cell]({cell_link(book.name, one.cell)}))\n")
            if one.used_later:
                names = ", ".join(f"`{name}`" for name in one.used_later)
                lines.append(f"Later cells use {names}. Make sure that everyone has an answer before you go on.\n")
            lines.append(f"```python\n{one.solution}\n```\n")
        for number, (question, answer) in enumerate(book.quiz, 1):
            quoted = "\n".join(f"> {line}".rstrip() for line in answer.splitlines())
            lines.append(f"**Quiz {number}.** {question}\n\n{quoted}\n")
        parts.append("\n".join([*lines, "</details>"]))
    return "\n\n".join(parts)
