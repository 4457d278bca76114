"""Show things in a notebook: the only way the text of a model or a document reaches the screen."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from io import BytesIO

from IPython.display import display
from matplotlib.figure import Figure

from course_lib.assistants.answer import Answer
from course_lib.environment import Check
from course_lib.evaluation.scoreboard import METRICS, Row
from course_lib.knowledge.chunking import Passage
from course_lib.retrieval.base import Hit
from course_lib.settings import ROOT
from course_lib.teaching.markup import View, passages_view, table_view, text_view, visible
from course_lib.teaching.records import answer_view, scoreboard_view, trace_view

_WORDS = {True: "OK", False: "FAIL", None: "TODO"}


def show(view: View) -> None:
    """Display a view: as HTML where there is HTML, and else as plain text."""
    display({"text/html": view.html, "text/plain": view.plain}, raw=True)


def show_text(text: str) -> None:
    """Show one text literally."""
    show(text_view(text))


def show_passages(shown: Iterable[Hit | Passage], values: Sequence[str] = ()) -> None:
    """Show passages (or hits, with their scores) and highlight the values in them."""
    show(passages_view(shown, values))


def show_answer(answer: Answer) -> None:
    """Show what an assistant answered, what it cites and what the validators said."""
    show(answer_view(answer))


def show_trace(answer: Answer) -> None:
    """Show the whole way from question to answer, layer by layer."""
    show(trace_view(answer))


def show_table(rows: Iterable[Sequence[object]], columns: Sequence[str]) -> None:
    """Show rows under column names; a missing value (None) is a dash."""
    show(table_view(rows, columns))


def show_scoreboard(rows: Sequence[Row], metrics: Sequence[str] = METRICS, heading: str = "metric") -> None:
    """Show one line a metric and one column an assistant, with 95 % intervals in brackets, under a heading."""
    show(scoreboard_view(rows, metrics, heading))


def show_checks(checks: Iterable[Check]) -> None:
    """Show the set-up checks, one a line; the course's folder appears as ``.`` and your home as ``~``."""
    rows = [(_WORDS[check.ok], check.name, _short(check.detail), _short(check.remedy)) for check in checks]
    wide = 4 if any(remedy for *_, remedy in rows) else 3
    show_table([row[:wide] for row in rows], ("", "what", "found", "what to do")[:wide])


def _short(text: str) -> str:
    home = os.path.expanduser("~")
    text = text.replace(str(ROOT), ".")
    return text.replace(home + os.sep, "~" + os.sep) if len(home) > 1 else text


def show_figure(figure: Figure, says: str) -> None:
    """Show a picture, and print the line that says what to see in it for those who cannot."""
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=90, metadata={"Software": None})
    says = visible(says)
    display({"image/png": buffer.getvalue(), "text/plain": says}, metadata={"image/png": {"alt": says}}, raw=True)
    print(says)
