"""What several tests of faults write and read."""

from __future__ import annotations

import numpy as np

from course_lib.assistants.answer import Answer
from course_lib.assistants.parsing import Parsed
from course_lib.operations.approval import Draft, Reason

DRAFT = Draft("May I have a refund?", "We will refund $12.")
REASONS = [Reason("money-promise", "money", "The answer promises money.", "will refund")]


def numbered_answer(number: int) -> Answer:
    """Return an answer that can be told from others."""
    return Answer("rag", f"question {number}", (), "prompt", "", Parsed("x" * 2000))


def directions(texts: list[str], *_: object) -> np.ndarray:
    """Return a unit-length row for each text, shape (n, 384), and another one for another text."""
    numbers = [np.random.default_rng(list(text.encode())).normal(size=384) for text in texts]
    return np.array([row / np.linalg.norm(row) for row in numbers], dtype=np.float32)
