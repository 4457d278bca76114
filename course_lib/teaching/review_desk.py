"""A desk for reviewers in the notebook: with ipywidgets, drafts are decided by buttons; without, a table lists them."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from course_lib.operations.draft_items import Item
from course_lib.operations.review_commands import add_review_parser
from course_lib.operations.review_queue import ReviewQueue
from course_lib.settings import Settings
from course_lib.teaching.display import show
from course_lib.teaching.markup import View, table_view, text_view

_LISTED = 5


def review_desk(queue: ReviewQueue, reviewer: str) -> None:
    """Show the drafts that wait; with ipywidgets installed, one at a time and with buttons.

    Args:
        queue: the review queue.
        reviewer: the name under which drafts are claimed and decided.
    """
    if find_spec("ipywidgets") is None:
        print("The buttons need the package ipywidgets, which is not installed. The command line does the same.")
        show(waiting_view(queue))
        return
    from course_lib.teaching.review_buttons import review_buttons

    show(text_view("Decide with the buttons. They work while the notebook is running."))
    review_buttons(queue, reviewer)


def review_command(words: Sequence[str], path: Path, settings: Settings) -> int:
    """Run a command of the review queue as a terminal would, and return its exit status.

    Args:
        words: the action and what it needs, such as ``["show", "1"]``.
        path: the database file.
        settings: as for every command.

    Raises:
        CourseError: the command cannot be done, and why.
    """
    parser = ArgumentParser()
    add_review_parser(parser.add_subparsers())
    options = parser.parse_args(["review", "--database", str(path), *words])
    return options.run(settings, options)


def waiting_view(queue: ReviewQueue, most: int = _LISTED) -> View:
    """Show the oldest drafts that wait, with the reasons why they do."""
    rows = [(item.id, item.question, item.text, reasons_of(item)) for item in queue.items()[:most]]
    return table_view(rows, ("draft", "question", "answer", "why it waits"))


def draft_view(item: Item) -> View:
    """Show one draft as a reviewer needs it."""
    rows = [("asked", item.question), ("draft", item.text), ("why it waits", reasons_of(item))]
    return table_view(rows, (f"draft {item.id}", ""))


def reasons_of(item: Item) -> str:
    """Return the reasons for which a draft waits, with the words that were found."""
    return " ".join(f"{reason.text} ({reason.found})" if reason.found else reason.text for reason in item.reasons)
