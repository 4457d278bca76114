"""Build the views of an Answer: what was said and why, and the whole way from question to text."""

from __future__ import annotations

from collections.abc import Sequence

from course_lib.assistants.answer import Answer
from course_lib.evaluation.differences import text_of
from course_lib.evaluation.scoreboard import METRICS, Row
from course_lib.teaching.markup import View, anchor, boxed, passages_view, safe, table_view, visible

_RAW = '<div style="white-space:pre-wrap;font-family:monospace">{}</div>'


def answer_view(answer: Answer) -> View:
    """Show a question, its answer, what the answer cites and what the validators said."""
    shown = {hit.passage.id for hit in answer.hits}
    links = ", ".join(
        f'<a href="#{anchor(name)}">{safe(name)}</a>' if name in shown else safe(_unseen(name))
        for name in answer.parsed.citations
    )
    cited = ", ".join(visible(name if name in shown else _unseen(name)) for name in answer.parsed.citations)
    lines = {"Question": answer.question, "Answer": answer.parsed.text}
    html = "".join(_line(name, safe(text)) for name, text in lines.items())
    html += _line("Cites", links or "nothing") + _line("Checks", safe(_verdicts(answer)))
    plain = [f"{name}: {visible(text)}" for name, text in lines.items()]
    plain += [f"Cites: {cited or 'nothing'}", f"Checks: {visible(_verdicts(answer))}"]
    return View(
        boxed(f"<div><b>{safe(answer.assistant)}</b></div>{html}"), "\n  ".join([visible(answer.assistant), *plain])
    )


def _line(name: str, html: str) -> str:
    return f'<div style="white-space:pre-wrap"><i>{name}:</i> {html}</div>'


def _unseen(name: str) -> str:
    return f"{name} (it was shown no such passage)"


def _verdicts(answer: Answer) -> str:
    said = ", ".join(f"{name} {'passed' if passed else 'FAILED'}" for name, passed in answer.verdicts.items())
    withheld = "" if all(answer.verdicts.values()) else "; the model's text was withheld"
    return said + withheld or "none, this assistant has no validators"


def trace_view(answer: Answer) -> View:
    """Show everything that led to an answer: passages, prompt, raw text, parsed fields, tokens and seconds."""
    fields = answer.parsed
    human = {True: "yes", False: "no", None: "not said"}[fields.needs_human]
    parsed = [
        ("answer", fields.text),
        ("citations", ", ".join(fields.citations) or "nothing"),
        ("category", fields.category or "none"),
        ("needs a human", human),
        ("house format", "yes" if fields.valid else "no"),
        ("checks", _verdicts(answer)),
    ]
    cost = [
        *((f"seconds to {name}", round(seconds, 3)) for name, seconds in answer.seconds.items()),
        ("tokens read", answer.tokens_in),
        ("tokens written", answer.tokens_out),
    ]
    parts = [
        ("1. Passages retrieved", passages_view(answer.hits)),
        ("2. Prompt: the text that the model was given", _raw(answer.prompt)),
        ("3. Raw text: what the model wrote", _raw(answer.raw)),
        ("4. Parsed fields: what left the assistant", table_view(parsed, ("field", "value"))),
        ("5. Cost by layer", table_view(cost, ("what", "amount"))),
    ]
    html = "".join(
        f"<details{' open' if number > 1 else ''}><summary><b>{title}</b></summary>{view.html}</details>"
        for number, (title, view) in enumerate(parts)
    )
    head = boxed(f"<b>{safe(answer.assistant)}</b>: {safe(answer.question)}")
    plain = "\n\n".join(f"{title}\n{view.plain}" for title, view in parts)
    return View(head + html, f"{visible(answer.assistant)}: {visible(answer.question)}\n\n{plain}")


def _raw(text: str) -> View:
    shown = text or "nothing: this assistant uses no model"
    return View(boxed(_RAW.format(safe(shown))), visible(shown))


def scoreboard_view(rows: Sequence[Row], metrics: Sequence[str] = METRICS, heading: str = "metric") -> View:
    """Show one line a metric and one column an assistant, with 95 % intervals in brackets.

    Args:
        rows: the scores.
        metrics: the lines, in this order.
        heading: what stands above the names of the lines, where these are not metrics.
    """
    names = list(dict.fromkeys(row.assistant for row in rows))
    cells = {(row.assistant, row.metric): row for row in rows}
    return table_view(
        [[metric, *(_score(cells.get((name, metric))) for name in names)] for metric in metrics], [heading, *names]
    )


def _score(row: Row | None) -> str | None:
    if row is None or row.value is None:
        return None
    if row.metric in ("tokens_in", "tokens_out"):
        return f"{row.value:.0f}"
    return text_of(row)
