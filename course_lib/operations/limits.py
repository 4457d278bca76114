"""Limits on what goes in and what comes out, each with a message that says which limit and what to do."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from course_lib.assistants.answer import MAX_QUESTION, check_questions
from course_lib.errors import CourseError, QuestionError
from course_lib.retrieval.base import Hit


class LimitError(CourseError):
    """An answer took too long, is too long, or was made from too much."""


@dataclass(frozen=True)
class Limits:
    """What is allowed.

    Attributes:
        question: characters of a question.
        marks: accents and other combining marks on one letter; languages need up to about four.
        unseen: share of the question's characters that may be control or other invisible characters, 0 to 1.
        answer: characters of an answer.
        passages: passages put before the model.
        seconds: time for one answer, in seconds.
    """

    question: int = MAX_QUESTION
    marks: int = 4
    unseen: float = 0.1
    answer: int = 1_200
    passages: int = 10
    seconds: float = 60.0


def check_question(text: str, limits: Limits = Limits()) -> str:  # noqa: B008 (frozen)
    """Return a question that may be answered, cleaned of characters that act unseen.

    Raises:
        QuestionError: it is empty, too long, mostly invisible, or piles marks on one letter.
    """
    if len(text) > limits.question:  # before any work on it
        raise QuestionError(
            f"The question has {len(text):,} characters; {limits.question:,} are allowed.",
            "Shorten it to what you want to know.",
        )
    (cleaned,) = check_questions([text])
    dropped = len(text.strip()) - len(cleaned)
    if dropped > limits.unseen * len(text):
        raise QuestionError(
            f"{dropped} of the question's {len(text)} characters are control characters or invisible.",
            "Type the question instead of pasting it.",
        )
    if _longest_pile(cleaned) > limits.marks:
        raise QuestionError(
            f"The question piles more than {limits.marks} marks on one letter.", "Write it in plain letters."
        )
    return cleaned


def _longest_pile(text: str) -> int:
    longest = run = 0
    for letter in unicodedata.normalize("NFC", text):
        run = run + 1 if unicodedata.combining(letter) else 0
        longest = max(longest, run)
    return longest


def check_passages(hits: Sequence[Hit], limits: Limits = Limits()) -> None:  # noqa: B008
    """Raise a LimitError if there are more passages than a prompt may hold."""
    if len(hits) > limits.passages:
        raise LimitError(
            f"{len(hits)} passages were to be put into one prompt; {limits.passages} are allowed.", "Lower top_k."
        )


def check_answer(text: str, limits: Limits = Limits()) -> None:  # noqa: B008
    """Raise a LimitError if an answer is too long to be one."""
    if len(text) > limits.answer:
        raise LimitError(
            f"The answer has {len(text):,} characters; {limits.answer:,} are allowed.",
            "Hand the question to a person: an answer this long is likely to be a repetition.",
        )


class Deadline:
    """The time that one answer may take, checked between layers.

    Args:
        limits: with the seconds allowed.
        clock: gives seconds; replaced in tests.
    """

    def __init__(self, limits: Limits = Limits(), clock: Callable[[], float] = time.perf_counter):  # noqa: B008
        self.seconds, self._clock, self._began = limits.seconds, clock, clock()

    @property
    def left(self) -> float:
        """Seconds that are left; negative if the time is over."""
        return self.seconds - (self._clock() - self._began)

    def check(self, layer: str) -> None:
        """Raise a LimitError that names the layer if the time is over."""
        if self.left < 0:
            raise LimitError(
                f"The answer took longer than {self.seconds:g} seconds, up to and including: {layer}.",
                "Use a smaller model or fewer passages, or raise Limits.seconds.",
            )
