"""Diagnose documents and questions: what is found, what is answered, what fails and where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from course_lib.assistants.rag import TOP_K
from course_lib.models.chat import ChatModel
from course_lib.own_documents.answering import Judged, answer_all, answer_scores, count_causes
from course_lib.own_documents.copies import copies_note
from course_lib.own_documents.finding import Finding, find
from course_lib.own_documents.indexing import Index
from course_lib.own_documents.loading import Library
from course_lib.own_documents.questions import Asked
from course_lib.own_documents.relevance import Target, find_targets
from course_lib.own_documents.scores import Score

NOT_LATIN = 0.3  # share of letters outside a to z from which the built-in models are out of their depth


@dataclass(frozen=True)
class Diagnosis:
    """Everything the report is made of.

    Attributes:
        library: documents, and what was left out.
        index: passages and how they are searched.
        targets: questions, and the passages that answer them.
        finding: what retrieval found.
        judged: answers; empty if no question has an expected answer.
        scores: all numbers, of retrieval first.
        causes: wrong answers by system and cause.
        notes: what the reader of the numbers has to know.
    """

    library: Library
    index: Index
    targets: list[Target]
    finding: Finding
    judged: list[Judged]
    scores: list[Score]
    causes: dict[str, dict[str, int]]
    notes: list[str]

    def score(self, system: str, metric: str) -> Score | None:
        """Return one number; None if it was not measured."""
        return next(
            (one for one in self.scores if (one.system, one.metric) == (system, metric) and one.value is not None), None
        )


def diagnose(
    library: Library,
    index: Index,
    questions: Sequence[Asked],
    load_chat: Callable[[], ChatModel],
    say: Callable[[str], None] | None = None,
    notes: Sequence[str] = (),
) -> Diagnosis:
    """Search, answer and judge.

    Args:
        library: the documents.
        index: their passages, indexed.
        questions: what to ask; at least one.
        load_chat: loads the local model; called only if a question has an expected answer.
        say: called with progress lines.
        notes: what is to stand above the notes of the diagnosis itself.
    """
    targets = find_targets(questions, library, index.passages)
    finding = find(targets, index)
    judged: list[Judged] = []
    if any(target.asked.answers for target in targets):
        judged = answer_all(targets, finding.hits, index, load_chat(), say)
    scores = [*finding.scores, *answer_scores(judged)]
    said = [*notes, *index.notes, *_notes(library, index, targets)]
    if judged:
        said.append(f"rag puts {TOP_K} passage before the model; what is found further down does not reach it.")
    return Diagnosis(library, index, targets, finding, judged, scores, count_causes(judged), said)


def _notes(library: Library, index: Index, targets: Sequence[Target]) -> list[str]:
    paths = {document.id: document.path for document in library.documents}
    notes = [note] if (note := copies_note(index.passages, paths)) else []
    origins = [target.asked.origin for target in targets]
    if accepted := origins.count("accepted"):
        notes.append(
            f"{accepted} of {len(targets)} questions were proposed from the documents and taken over unchanged. They "
            "use the documents' own words, so they are easier to find than your users' questions."
        )
    letters = [letter for document in library.documents for letter in document.page.text[:5000] if letter.isalpha()]
    strange = sum(not letter.isascii() for letter in letters)
    if letters and strange > NOT_LATIN * len(letters):
        notes.append(
            f"{strange / len(letters):.0%} of the letters are not a to z. The built-in models and the keyword search "
            "were made for English: take these numbers as those of a wrong tool, not of your documents."
        )
    return notes
