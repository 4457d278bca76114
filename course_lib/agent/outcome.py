"""How far a run of the agent came, and an interrupted run as a file that is used once."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path

from course_lib.agent.desk import Call, Desk, described
from course_lib.assistants.answer import Answer, abstention, parse_house
from course_lib.assistants.parsing import Parsed
from course_lib.assistants.validators import mend_citations
from course_lib.errors import CourseError, DataError
from course_lib.files import read_json, write_json

NAME = "agent"


@dataclass(frozen=True)
class Saved:
    """An interrupted run.

    Attributes:
        question: the customer's message.
        waiting: the call that a person has to approve.
        state: the run as the package writes it, with all that was said in it.
    """

    question: str
    waiting: Call
    state: str


@dataclass(frozen=True)
class Outcome:
    """How far a run came.

    Attributes:
        calls: the tools that the model called, in order.
        saved: the interrupted run; None if it is over.
        text: the last message; empty while a call waits and where a guardrail stopped the run.
        stopped: the guardrail that stopped the run, and why; empty if none did.
        done: calls whose work was noted in this part of the run.
        answer: the run as the record that every other assistant gives.
    """

    calls: tuple[Call, ...]
    saved: Saved | None
    text: str
    stopped: str
    done: tuple[Call, ...]
    answer: Answer

    @property
    def waiting(self) -> Call | None:
        """The call that a person has to approve; None if none waits."""
        return self.saved.waiting if self.saved else None

    @property
    def status(self) -> str:
        """How the run stands, in one line."""
        if self.waiting:
            return f"waits for approval: {described(self.waiting)}"
        return f"stopped by a guardrail ({self.stopped})" if self.stopped else self.answer.parsed.text


def outcome_of(desk: Desk, waiting: str | None, state: str, text: str, stopped: str) -> Outcome:
    """Put an outcome together.

    Args:
        desk: what the run noted.
        waiting: id of the call that waits; None if none does.
        state, text, stopped: as in :class:`Saved` and :class:`Outcome`.
    """
    saved = None
    if waiting is not None:
        saved = Saved(desk.question, next(call for call in desk.calls if call.id == waiting), state)
    spoken = abstention() if saved or stopped else _spoken(desk, text)
    answer = Answer(
        NAME,
        desk.question,
        desk.hits,
        desk.prompt,
        desk.written.text if desk.written else "",
        spoken,
        dict(desk.verdicts),
        desk.written.min_logprob if desk.written else None,
        desk.tokens_in,
        desk.tokens_out,
        dict(desk.seconds),
    )
    return Outcome(tuple(desk.calls), saved, text, stopped, tuple(desk.done), answer)


def _spoken(desk: Desk, text: str) -> Parsed:
    """Return what the customer reads: the model's answer with its citations mended, or what a workflow's tool said."""
    return mend_citations(parse_house(text), desk.hits) if desk.written else Parsed(text)


def save(saved: Saved, path: Path) -> None:
    """Write an interrupted run to a file that only this user can read: it holds the customer's words.

    Raises:
        CourseError: the file cannot be written.
    """
    write_json(path, asdict(saved))
    path.chmod(0o600)


def take(path: Path) -> Saved:
    """Read an interrupted run, once: the file is moved aside first, so that no work is done twice.

    Whoever can write this file decides what will be done. Keep it where no customer can.

    Raises:
        DataError: it is missing, was taken before, or is damaged.
    """
    used = path.with_name(f"{path.name}.taken")
    try:
        os.replace(path, used)
    except FileNotFoundError as error:
        cause = f"{path.name} was taken before." if used.exists() else f"{path.name} is missing."
        raise DataError(cause, "Each interrupted run is decided once; look for its outcome.") from error
    except OSError as error:
        raise CourseError(f"{path} cannot be moved: {error.strerror}.", "Check the rights of its folder.") from error
    try:
        row = read_json(used)
        return Saved(row["question"], Call(**row["waiting"]), row["state"])
    except (KeyError, TypeError) as error:
        raise DataError(f"{path.name} is not a saved run.", "Ask the agent again.") from error
