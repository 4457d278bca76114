"""A person accepts, edits or rejects each proposed question; every decision is on disk before the next is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from course_lib.assistants.answer import check_questions
from course_lib.errors import DataError, QuestionError
from course_lib.files import read_jsonl, write_jsonl
from course_lib.own_documents.pages import one_line
from course_lib.own_documents.proposing import Proposal
from course_lib.own_documents.questions import SPELLINGS, Asked
from course_lib.visible import visible

STATE = "reviewed-questions.jsonl"
KEYS = {"a": "accepted", "e": "edited", "r": "rejected", "q": "quit"}
MENU = "[a]ccept, [e]dit, [r]eject, [q]uit and go on with what is accepted: "
_FIELDS = {"proposed", "decision", "question", "answer", "source"}


def review(
    proposals: Iterable[Proposal],
    wanted: int,
    folder: Path,
    ask: Callable[[str], str] = input,
    say: Callable[[str], None] = print,
) -> list[Asked]:
    """Show proposals one by one until so many are accepted; decisions of an earlier run are not asked again.

    Args:
        proposals: what to show.
        wanted: how many questions to end with, those of earlier runs included.
        folder: where decisions are kept.
        ask: gives a prompt and returns the person's line; an EOFError counts as quit.
        say: shows a line.

    Raises:
        DataError: the kept decisions are damaged, or nothing was accepted.
    """
    path = folder / STATE
    rows = _kept(path)
    done = {row["proposed"] for row in rows}
    for proposal in proposals:
        if sum(row["decision"] != "rejected" for row in rows) >= wanted:
            break
        if proposal.question in done:
            continue
        row = _decide(proposal, ask, say)
        if row is None:
            break
        rows.append(row)
        done.add(proposal.question)
        write_jsonl(path, rows)
    kept = [row for row in rows if row["decision"] != "rejected"][:wanted]
    if not kept:
        raise DataError("No question was accepted.", "Accept or edit at least one, or give a file with --questions.")
    return [
        Asked(f"q{number}", row["question"], _spellings(row["answer"]), row["source"], row["decision"])
        for number, row in enumerate(kept, 1)
    ]


def _decide(proposal: Proposal, ask, say) -> dict[str, Any] | None:
    """Return one decision as plain values; None if the person stops."""
    say(f"\n{one_line(proposal.source)} > {one_line(proposal.passage.heading)}\n{visible(proposal.passage.text)}\n")
    say(f"Question: {proposal.question}\nAnswer:   {proposal.answer or '(none: only retrieval can be scored)'}")
    try:
        decision = _choice(ask, say)
        question, answer = proposal.question, proposal.answer
        if decision == "edited":
            question = _question(ask, say) or question
            answer = one_line(ask("Answer (empty keeps it, - for none): ")).strip() or answer
            answer = "" if answer == "-" else answer
    except EOFError:
        return None
    if decision == "quit":
        return None
    return {
        "proposed": proposal.question,
        "decision": decision,
        "question": question,
        "answer": answer,
        "source": proposal.source,
    }


def _choice(ask, say) -> str:
    while (key := ask(MENU).strip().lower()[:1]) not in KEYS:
        say("Type a, e, r or q.")
    return KEYS[key]


def _question(ask, say) -> str:
    """Return a new question, or an empty text to keep the old one."""
    while line := ask("Question (empty keeps it): ").strip():
        try:
            return check_questions([line])[0]
        except QuestionError as error:
            say(str(error))
    return ""


def _kept(path: Path) -> list[dict[str, Any]]:
    rows = read_jsonl(path) if path.exists() else []
    for number, row in enumerate(rows, 1):
        right = isinstance(row, dict) and set(row) == _FIELDS and all(isinstance(one, str) for one in row.values())
        if not right or row["decision"] not in ("accepted", "edited", "rejected"):
            raise DataError(f"{one_line(path)}, line {number} is no decision.", "Mend the line, or delete the file.")
    return rows


def _spellings(answer: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in answer.split(SPELLINGS) if one.strip())
