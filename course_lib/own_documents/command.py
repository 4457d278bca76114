"""The command ``diagnose``: your documents and questions in, a report out."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from course_lib.errors import DataError
from course_lib.settings import Settings

OUT = Path("diagnosis-report")
PROPOSED = 20  # questions to end with when they are proposed and no limit is given
HELP = "diagnose your own documents and questions: what is found, what fails and why; writes an HTML report"


def add_parser(subparsers) -> argparse.ArgumentParser:
    """Add the command to the course's commands.

    Args:
        subparsers: what ``ArgumentParser.add_subparsers`` returned. The command's ``run`` takes settings and options.
    """
    parser = subparsers.add_parser("diagnose", help=HELP, description=HELP)
    parser.add_argument("--docs", type=Path, required=True, metavar="FOLDER", help="the documents, in any folders")
    parser.add_argument(
        "--questions",
        type=Path,
        metavar="FILE",
        help="CSV or JSON lines: question, and answer and source where known; without it, questions are proposed",
    )
    parser.add_argument("--out", type=Path, default=OUT, metavar="FOLDER", help=f"where the report goes ({OUT})")
    parser.add_argument("--limit", type=_positive, default=None, metavar="N", help="only so many questions")
    parser.set_defaults(run=lambda settings, options: run(options, settings))
    return parser


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Diagnose, write the report and print the recommendation; return the exit status.

    Raises:
        CourseError: nothing could be read, the questions are wrong, models are missing, or a folder cannot be written.
    """
    from course_lib.models.chat import load_chat
    from course_lib.own_documents.diagnosis import diagnose
    from course_lib.own_documents.indexing import index_folder
    from course_lib.own_documents.loading import load_library
    from course_lib.own_documents.recommendation import recommend
    from course_lib.own_documents.remembering import RememberingChat
    from course_lib.own_documents.report import write_report
    from course_lib.own_documents.vectors import store_folder
    from course_lib.visible import visible

    library = load_library(options.docs, options.out, _say)
    _say(f"{len(library.documents):,} documents read, {len(library.rejected):,} things left out")
    passages = library.passages()
    if not passages:
        raise _nothing(options.docs, library.rejected)
    questions, notes = _questions(options, library, passages, settings.seed)
    index = index_folder(passages, options.docs, settings, _say)
    kept = store_folder(settings.cache, options.docs, settings.chat_model) / "answers.jsonl"
    mark = f"{settings.chat_model} {settings.dtype}"
    diagnosis = diagnose(
        library, index, questions, lambda: RememberingChat(load_chat(settings), mark, kept), _say, notes
    )
    recommendation = recommend(diagnosis)
    paths = write_report(diagnosis, recommendation, options.out)
    print(f"\n{visible(recommendation.headline)}")
    print("\n".join(f"- {visible(reason)}" for reason in recommendation.reasons))
    print(f"Written: {', '.join(visible(path) for path in paths)}")
    return 0


def _questions(options: argparse.Namespace, library, passages, seed: int):
    """Return the questions, and what to say about them."""
    from course_lib.own_documents.proposing import propose
    from course_lib.own_documents.questions import read_questions
    from course_lib.own_documents.reviewing import review

    if options.questions:
        asked, notes = read_questions(options.questions)
        if options.limit and options.limit < len(asked):
            notes.append(f"Only the first {options.limit} of {len(asked)} questions were asked (--limit).")
        return asked[: options.limit], notes
    if not sys.stdin.isatty():
        raise DataError(
            "There is no --questions file, and nobody at a terminal to judge proposed questions.",
            "Give a file with --questions, or run this in a terminal.",
        )
    paths = {document.id: document.path for document in library.documents}
    _say("No --questions file: judge proposed questions. Each decision is saved at once; run again to go on.")
    return review(propose(passages, paths, seed), options.limit or PROPOSED, options.out, input), []


def _nothing(folder: Path, rejected) -> DataError:
    from course_lib.own_documents.pages import one_line

    reasons = Counter(row.reason for row in rejected).most_common(5)
    listed = " ".join(f"{reason} ({count:,})" for reason, count in reasons)
    return DataError(
        f"There is no document to read in {one_line(folder)}. {listed}".strip(),
        "Put Markdown, HTML, reStructuredText, PDF or plain text files there.",
    )


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _say(text: str) -> None:
    print(f"  {text}", flush=True)
