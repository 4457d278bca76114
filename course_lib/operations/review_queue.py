"""Drafts that wait for a person: claimed by one reviewer at a time, decided once, sent at most once."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from course_lib.errors import DataError
from course_lib.files import write_jsonl
from course_lib.operations.approval import Draft, Reason
from course_lib.operations.database import Database
from course_lib.operations.draft_items import DECISIONS, Item, item_of
from course_lib.operations.redaction import redact
from course_lib.operations.trace_log import now, storable

CLAIM_MINUTES = 30.0


class ReviewQueue:
    """The queue in an open database.

    Args:
        database: the file.
        clock: gives seconds since 1970; replaced in tests.
        claim_minutes: a claim older than this may be taken over, so that a closed laptop blocks nothing. So may one
            that lies further ahead: it was made while the clock was wrong.
    """

    def __init__(
        self, database: Database, clock: Callable[[], float] = time.time, claim_minutes: float = CLAIM_MINUTES
    ):
        self.database, self.clock, self.claim_seconds = database, clock, 60 * claim_minutes

    def add(self, draft: Draft, reasons: Sequence[Reason], trace: int | None = None, public: str = "") -> int:
        """Put a draft into the queue; return its number.

        Args:
            draft: question and answer; the question is redacted, the answer is kept as it would be sent.
            reasons: why it waits.
            trace: number of the answer in the trace log.
            public: text of the passages shown; what stands there is not redacted.

        Raises:
            DataError: there is no reason to wait, or the trace is not in the log.
        """
        if not reasons:
            raise DataError("A draft without a reason needs no review.", "Send it.")
        with self.database.transaction() as connection:
            if trace is not None and not connection.execute("SELECT 1 FROM traces WHERE id = ?", (trace,)).fetchone():
                raise DataError(f"There is no answer {trace} in the log.", "Log the answer first.")
            kept = [{**asdict(reason), "found": redact(storable(reason.found), public)} for reason in reasons]
            cursor = connection.execute(
                "INSERT INTO drafts (trace, at, question, text, reasons, state) VALUES (?, ?, ?, ?, ?, 'waiting')",
                (trace, now(), redact(storable(draft.question), public), storable(draft.text), json.dumps(kept)),
            )
        return cursor.lastrowid

    def items(self, states: Sequence[str] = ("waiting", "claimed")) -> list[Item]:
        """Return the drafts in these states, oldest first."""
        marks = ", ".join("?" * len(states))
        return [
            item_of(row)
            for row in self.database.rows(f"SELECT * FROM drafts WHERE state IN ({marks}) ORDER BY id", states)
        ]

    def get(self, number: int) -> Item:
        """Return one draft.

        Raises:
            DataError: there is none with this number.
        """
        rows = self.database.rows("SELECT * FROM drafts WHERE id = ?", (number,))
        if not rows:
            raise DataError(f"There is no draft {number}.", "List the drafts that wait.")
        return item_of(rows[0])

    def claim(self, number: int, reviewer: str) -> Item:
        """Take a draft for one reviewer, and start the clock; claiming it again keeps the clock running.

        Raises:
            DataError: it is decided, another reviewer has it, or the reviewer has no name.
        """
        if not reviewer.strip():
            raise DataError("A reviewer needs a name.", "Give --reviewer NAME.")
        moment = self.clock()
        with self.database.transaction() as connection:
            taken = connection.execute(
                "UPDATE drafts SET "
                "claimed = CASE WHEN state = 'claimed' AND reviewer = :who THEN claimed ELSE :now END, "
                "state = 'claimed', reviewer = :who WHERE id = :id AND (state = 'waiting' "
                "OR (state = 'claimed' AND (reviewer = :who OR abs(claimed - :now) > :long)))",
                {"who": reviewer, "now": moment, "id": number, "long": self.claim_seconds},
            ).rowcount
        item = self.get(number)
        if not taken:
            raise DataError(f"Draft {number} is {item.state} by {item.reviewer}.", "Choose one that waits.")
        return item

    def decide(self, number: int, reviewer: str, decision: str, text: str = "", note: str = "") -> Item:
        """Approve, edit or reject a draft; one that was not claimed is claimed first and has no minutes.

        Nor has one whose claim lies ahead of the clock: how long it took cannot be known.

        Args:
            number: the draft.
            reviewer: who decides.
            decision: one of ``DECISIONS``.
            text: the new answer, for ``edited`` only.
            note: why; a rejection needs one.

        Raises:
            DataError: the draft is someone else's or decided, or the decision is incomplete.
        """
        if decision not in DECISIONS or (decision == "edited") != bool(text.strip()):
            raise DataError(
                f"{decision!r} is no decision, or it does not go with {'a' if text.strip() else 'no'} new text.",
                f"Use one of: {', '.join(DECISIONS)}; only an edit has a new text.",
            )
        if decision == "rejected" and not note.strip():
            raise DataError("A rejection needs a note.", "Say in --note what was wrong.")
        seen = self.get(number).state == "claimed"
        self.claim(number, reviewer)
        moment = self.clock()
        with self.database.transaction() as connection:
            row = connection.execute(
                "SELECT * FROM drafts WHERE id = ? AND state = 'claimed' AND reviewer = ?", (number, reviewer)
            ).fetchone()
            if row is None:
                raise DataError(f"Draft {number} was taken over meanwhile.", "Look at it again.")
            kept = storable(text) if decision == "edited" else row["text"]
            connection.execute(
                "UPDATE drafts SET state = ?, text = ?, note = ?, minutes = ?, decided_at = ? WHERE id = ?",
                (
                    decision,
                    redact(kept) if decision == "rejected" else kept,
                    redact(storable(note)),
                    (moment - row["claimed"]) / 60 if seen and moment >= row["claimed"] else None,
                    now(),
                    number,
                ),
            )
        return self.get(number)

    def take_to_send(self, number: int) -> str:
        """Return the text of a decided draft for sending, once: it is marked as sent before it is handed out.

        If delivery then fails, the customer gets nothing rather than the same twice, and a person has to look.

        Raises:
            DataError: it is not approved or edited, or was handed out before.
        """
        with self.database.transaction() as connection:
            row = connection.execute("SELECT * FROM drafts WHERE id = ?", (number,)).fetchone()
            if row is None or row["state"] not in ("approved", "edited"):
                raise DataError(f"Draft {number} is {row['state'] if row else 'missing'}.", "Approve or edit it first.")
            if row["sent_at"]:
                raise DataError(f"Draft {number} was sent at {row['sent_at']}.", "Nothing is sent twice.")
            connection.execute(
                "UPDATE drafts SET sent_at = ?, text = ? WHERE id = ?", (now(), redact(row["text"]), number)
            )
        return row["text"]

    def export(self, path: Path) -> int:
        """Write all drafts as JSON lines, atomically and redacted; return the number of lines."""
        found = [asdict(item) for item in self.items(("waiting", "claimed", *DECISIONS))]
        write_jsonl(path, [{**row, "text": redact(row["text"])} for row in found])
        return len(found)
