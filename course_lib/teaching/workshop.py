"""Write the instructor's page and the hub's files: ``python -m course_lib.teaching.workshop``.

The words are in ``workshop/``. Figures, links, objectives, solutions and verdicts are read from the notebooks and from
``data/results``, so the page is out of date as soon as one of them changes; a test says so.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from course_lib.errors import CourseError, DataError
from course_lib.files import write_atomic
from course_lib.settings import ROOT, Settings, load_settings
from course_lib.teaching.books import read_books
from course_lib.teaching.hub import memory_of, nbgitpuller_link, sizing_text
from course_lib.teaching.ledger import load_ledger, load_rows
from course_lib.teaching.ledger_page import bound_cells
from course_lib.teaching.quiz import FORMS, LETTERS, Question, load_quiz
from course_lib.teaching.timings import load_timings
from course_lib.teaching.workshop_files import load_workshop
from course_lib.teaching.workshop_notes import answers_text, misconceptions_text, notebooks_text, notes_text
from course_lib.teaching.workshop_plans import cuts_text, load_plans, plans_text

HUB, REPOSITORY = "https://hub.example.org", "https://example.org/you/handout"


def generated(settings: Settings, root: Path = ROOT) -> dict[str, str]:
    """Return the text of each generated file by its path in the course.

    Raises:
        DataError: a hand-written file, a notebook or a results file is missing, broken, or names what does not exist.
    """
    timings = load_timings(settings)
    guarantee, limit = memory_of(timings)
    hub = {
        "guarantee": f"{guarantee:g}",
        "limit": f"{limit:g}",
        "sizing": sizing_text(timings),
        "link": nbgitpuller_link(HUB, REPOSITORY),
    }
    return {
        "INSTRUCTORS.md": _filled(root / "workshop" / "INSTRUCTORS.template.md", _parts(settings, root)),
        "workshop/hub/README.md": _filled(root / "workshop" / "hub" / "README.template.md", hub),
        "workshop/hub/values.yaml": _filled(root / "workshop" / "hub" / "values.template.yaml", hub),
    }


def _parts(settings: Settings, root: Path) -> dict[str, str]:
    books, timings = read_books(root / "notebooks"), load_timings(settings)
    ledger, rows, plans = load_ledger(settings.data), load_rows(settings.data), load_plans(root)
    cells = bound_cells(root / "notebooks")
    refuted = sum(not row["holds"] for row in rows.values())
    return {
        "counts": f"Of the {len(rows)} statements of the course that have been measured, {refuted} were refuted.",
        "notebooks": notebooks_text(books, timings, rows),
        "plans": plans_text(plans, books, timings),
        "cuts": cuts_text(plans),
        "notes": notes_text(load_workshop("notes", root), books),
        "misconceptions": misconceptions_text(load_workshop("misconceptions", root), ledger, rows, cells, books),
        "quiz": quiz_text(load_quiz(root)),
        "points": str(len(load_quiz(root))),
        "answers": answers_text(books),
    }


def quiz_text(questions: Sequence[Question]) -> str:
    """Return both forms of the quiz, the key, and the key."""
    parts = []
    for form, when in zip(FORMS, ("before", "after")):
        lines = [f"### Form for {when}\n"]
        for number, one in enumerate(questions, 1):
            text, options, _, _ = one.forms[form]
            choices = "\n".join(f"   - {letter}) {option}" for letter, option in zip(LETTERS, options))
            lines.append(f"{number}. {text}\n\n{choices}\n")
        parts.append("\n".join(lines))
    key = ["| | idea | notebook | before | why | after | why |", "|---|---|---|---|---|---|---|"]
    for one in questions:
        shown = " | ".join(f"{one.letter(form)} | {one.forms[form][3]}" for form in FORMS)
        key.append(f"| {one.id} | {one.concept} | {one.notebook} | {shown} |")
    return "\n\n".join([*parts, "### Key", "\n".join(key)])


def _filled(path: Path, parts: Mapping[str, str]) -> str:
    """Return a template with each ``<!-- name -->`` (in YAML ``{name}``) replaced by its part."""
    if not path.is_file():
        raise DataError(f"{path} is missing.", "Restore it with `git checkout`.")
    text = path.read_text(encoding="utf-8")
    for name, part in parts.items():
        mark = f"{{{name}}}" if path.suffix == ".yaml" else f"<!-- {name} -->"
        text = text.replace(mark, part)
    return text


def write_workshop(settings: Settings, root: Path = ROOT) -> list[str]:
    """Write the generated files; return the paths of those that changed. Errors as for :func:`generated`."""
    changed = []
    for name, text in generated(settings, root).items():
        path = root / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            write_atomic(path, text)
            changed.append(name)
    return changed


if __name__ == "__main__":
    try:
        print("\n".join(write_workshop(load_settings())) or "Everything is up to date.")
    except CourseError as failure:
        sys.exit(f"Error: {failure}")
