"""The quiz before and after a workshop: read it, score it, and see what people learned.

``python -m course_lib.teaching.quiz answers.csv`` scores a table with the columns person, form (pre or post) and one
for each question, such as q1, with the letter that was chosen.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from course_lib.errors import CourseError, DataError
from course_lib.settings import ROOT
from course_lib.teaching.workshop_files import load_workshop

FORMS = ("pre", "post")
LETTERS = "abcde"
DO_NOT_KNOW = "I do not know"


@dataclass(frozen=True)
class Question:
    """One question, in a form for before and an equally hard one for after.

    Attributes:
        id: such as ``q1``.
        concept: what it tests.
        notebook: number of the notebook that teaches it.
        forms: by form, the text, the options, the place of the right one, and why it is right.
    """

    id: str
    concept: str
    notebook: str
    forms: Mapping[str, tuple[str, tuple[str, ...], int, str]]

    def letter(self, form: str) -> str:
        """Return the letter of the right option."""
        return LETTERS[self.forms[form][2]]


def load_quiz(root: Path = ROOT) -> list[Question]:
    """Read ``workshop/quiz.yaml``.

    Raises:
        DataError: the file is missing or broken, or a right answer is not among the options.
    """
    questions = []
    for entry in load_workshop("quiz", root):
        try:
            forms = {}
            for form in FORMS:
                part = entry[form]
                options = (*part["options"], DO_NOT_KNOW)
                forms[form] = (part["text"], options, options.index(part["right"]), part["why"])
            questions.append(Question(entry["id"], entry["concept"], entry["notebook"], forms))
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"A question of workshop/quiz.yaml is not whole: {error}", "Mend the file.") from error
    return questions


def score(questions: Sequence[Question], form: str, answers: Mapping[str, str]) -> int:
    """Return the points of one person: one for each right answer, none for a wrong one, a blank or "I do not know"."""
    return sum(answers.get(one.id, "").strip().lower() == one.letter(form) for one in questions)


def gain(before: int, after: int, most: int) -> float | None:
    """Return the normalized gain (Hake 1998): the share that was learned of what there was to learn.

    None if there was nothing left to learn. It is negative for someone who lost points.
    """
    return (after - before) / (most - before) if before < most else None


def read_answers(path: Path) -> dict[str, dict[str, dict[str, str]]]:
    """Return the answers of a table by form and person.

    Raises:
        DataError: the table is missing, lacks a column, or names another form.
    """
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read.", "Save the table as CSV in UTF-8.") from error
    found: dict[str, dict[str, dict[str, str]]] = {form: {} for form in FORMS}
    for number, row in enumerate(rows, 2):
        if row.get("form") not in FORMS or not row.get("person"):
            remedy = "Each line needs a person and a form, pre or post."
            raise DataError(f"{path}, line {number}: no such form or no person.", remedy)
        found[row["form"]][row["person"]] = {key: value or "" for key, value in row.items() if isinstance(key, str)}
    return found


def report(questions: Sequence[Question], answers: Mapping[str, Mapping[str, Mapping[str, str]]]) -> list[str]:
    """Return the lines of the result: points, the share right for each concept, and the gain of those who did both."""
    most = len(questions)
    points = {form: {who: score(questions, form, row) for who, row in answers[form].items()} for form in FORMS}
    lines = [
        f"{form}: {mean(points[form].values()):.1f} of {most} points, {len(points[form])} people"
        for form in FORMS
        if points[form]
    ]
    for one in questions:
        shares = [f"{form} {_share_right(one, form, answers[form].values()):.0%}" for form in FORMS if answers[form]]
        lines.append(f"{one.id} {one.concept}: {', '.join(shares)} right")
    both = sorted(set(points["pre"]) & set(points["post"]))
    gains = [gain(points["pre"][who], points["post"][who], most) for who in both]
    known = [value for value in gains if value is not None]
    if known:
        lines.append(
            f"Mean normalized gain of the {len(known)} who did both and had something to learn: {mean(known):.2f}"
        )
    return lines


def _share_right(question: Question, form: str, rows: Iterable[Mapping[str, str]]) -> float:
    return mean(row.get(question.id, "").strip().lower() == question.letter(form) for row in rows)


if __name__ == "__main__":
    try:
        print("\n".join(report(load_quiz(), read_answers(Path(sys.argv[1] if len(sys.argv) > 1 else "answers.csv")))))
    except CourseError as failure:
        sys.exit(f"Error: {failure}")
