"""The review queue on the command line: list, show, approve, reject, export."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from course_lib.settings import Settings

if TYPE_CHECKING:
    from course_lib.operations.review_queue import Item, ReviewQueue


def add_review_parser(commands: argparse._SubParsersAction) -> argparse.ArgumentParser:
    """Add ``review`` with its actions to a command line; ``run(settings, options)`` is set as everywhere.

    Args:
        commands: what ``ArgumentParser.add_subparsers`` returned.
    """
    text = "work through the drafts that wait for a person"
    review = commands.add_parser("review", help=text, description=text)
    review.add_argument("--database", type=Path, help="the file; by default the one in your cache folder")
    actions = review.add_subparsers(metavar="ACTION", required=True)

    def add(name: str, run: Callable, help_text: str, numbered: bool = True) -> argparse.ArgumentParser:
        action = actions.add_parser(name, help=help_text, description=help_text)
        action.set_defaults(run=run)
        if numbered:
            action.add_argument("number", type=int, metavar="N", help="number of the draft")
            action.add_argument("--reviewer", default="", help="your name; by default your login name")
        return action

    add("list", _list, "list the drafts that wait", numbered=False)
    add("show", _show, "claim a draft, show it, and start the clock")
    approve = add("approve", _approve, "approve a draft, or a corrected text")
    approve.add_argument("--text", default="", help="the corrected answer; without it the draft is approved as it is")
    approve.add_argument("--note", default="", help="anything to remember")
    add("reject", _reject, "reject a draft").add_argument("--note", required=True, help="what was wrong")
    add("export", _export, "write all drafts as JSON lines", numbered=False).add_argument("path", type=Path)
    return review


@contextmanager
def _queue(settings: Settings, options: argparse.Namespace) -> Iterator[ReviewQueue]:
    # Imported here: every command of the course builds this parser, and few of them need the queue.
    from course_lib.operations.database import Database
    from course_lib.operations.review_queue import ReviewQueue
    from course_lib.operations.trace_log import database_file

    with Database(options.database or database_file(settings)) as database:
        yield ReviewQueue(database)


def _reviewer(options: argparse.Namespace) -> str:
    return options.reviewer or getpass.getuser()


def _list(settings: Settings, options: argparse.Namespace) -> int:
    with _queue(settings, options) as queue:
        items = queue.items()
    for item in items:
        by = f" by {item.reviewer}" if item.reviewer else ""
        kinds = ", ".join(dict.fromkeys(reason.kind for reason in item.reasons))
        print(f"{item.id:5}  {item.state}{by}  {kinds}  {_line(item.question)}")
    print(f"{len(items)} open.")
    return 0


def _show(settings: Settings, options: argparse.Namespace) -> int:
    with _queue(settings, options) as queue:
        item = queue.claim(options.number, _reviewer(options))
    print(f"Question: {_line(item.question, 2_000)}\nDraft:    {_line(item.text, 2_000)}")
    for reason in item.reasons:
        print(f"  {reason.kind}: {reason.text}" + (f" ({_line(reason.found)})" if reason.found else ""))
    return 0


def _approve(settings: Settings, options: argparse.Namespace) -> int:
    decision = "edited" if options.text else "approved"
    return _decide(settings, options, decision, options.text)


def _reject(settings: Settings, options: argparse.Namespace) -> int:
    return _decide(settings, options, "rejected", "")


def _decide(settings: Settings, options: argparse.Namespace, decision: str, text: str) -> int:
    with _queue(settings, options) as queue:
        item = queue.decide(options.number, _reviewer(options), decision, text, options.note)
    print(f"Draft {item.id} is {item.state}{_took(item)}.")
    return 0


def _took(item: Item) -> str:
    return "" if item.minutes is None else f" after {item.minutes:.1f} minutes"


def _export(settings: Settings, options: argparse.Namespace) -> int:
    with _queue(settings, options) as queue:
        count = queue.export(options.path)
    print(f"{count} drafts written to {options.path}.")
    return 0


def _line(text: str, limit: int = 90) -> str:
    """Return a text on one line without control characters: a terminal would obey them."""
    plain = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return plain if len(plain) <= limit else plain[: limit - 3] + "..."
