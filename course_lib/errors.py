"""Errors that a learner can act on: each names the likely cause and the command that mends it."""


class CourseError(Exception):
    """Base class of every error the course raises on purpose.

    Args:
        cause: what went wrong, in one sentence.
        remedy: what to do about it, in one sentence.
    """

    def __init__(self, cause: str, remedy: str):
        self.cause, self.remedy = cause, remedy
        super().__init__(f"{cause}\n  What to do: {remedy}")


class WeightsError(CourseError):
    """Model weights are missing, damaged or cannot be written."""


class DataError(CourseError):
    """A data file is missing, malformed or inconsistent."""


class QuestionError(CourseError):
    """A question is empty or too long to answer."""
