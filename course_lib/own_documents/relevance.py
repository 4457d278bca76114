"""Which passages answer a question: told by its source, by its answer, by both, or not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from course_lib.assistants.parsing import is_refusal
from course_lib.evaluation.gold import Question, Slot
from course_lib.knowledge.chunking import Passage
from course_lib.knowledge.values import values_in
from course_lib.own_documents.answer_search import AnswerSearch, is_long
from course_lib.own_documents.copies import copies_of
from course_lib.own_documents.loading import Library
from course_lib.own_documents.pages import one_line
from course_lib.own_documents.questions import Asked

LOOSE = 5  # passages of the source; an answer such as "3" stands in more, most of which are about something else
MOST_STATING = 20  # an answer that stands in more passages, such as "yes", does not tell which of them answers
_KINDS = ("money", "percent", "duration", "date", "time", "code", "contact")
SOURCE_AND_ANSWER, SOURCE, ANSWER, UNKNOWN = "source and answer", "source", "answer text", "nothing"


@dataclass(frozen=True)
class Target:
    """What a question should find.

    Attributes:
        asked: the question.
        basis: how the passages are known: ``source and answer``, ``source``, ``answer text`` or ``nothing``.
        relevant: ids of the passages that answer; empty if none does or if it is not known.
        problem: why the source or the answer cannot be used as given, in words; empty if it can.
    """

    asked: Asked
    basis: str
    relevant: frozenset[str] = frozenset()
    problem: str = ""

    @property
    def unanswerable(self) -> bool:
        """Whether the right answer is that the documents do not tell."""
        return bool(self.asked.answers) and all(map(is_refusal, self.asked.answers))

    @property
    def scored(self) -> bool:
        """Whether a ranking can be scored against it."""
        return bool(self.relevant) and (self.basis != ANSWER or len(self.relevant) <= MOST_STATING)


def find_targets(questions: Sequence[Asked], library: Library, passages: Sequence[Passage]) -> list[Target]:
    """Find the passages that answer each question; a copy of a passage that answers does so, too."""
    sources = _sources(library)
    rejected = {row.path: row.reason for row in library.rejected}
    of_article: dict[str, list[str]] = {}
    for passage in passages:
        of_article.setdefault(passage.article, []).append(passage.id)
    search, copies = AnswerSearch(passages), copies_of(passages)
    targets = [_target(asked, sources, rejected, of_article, search) for asked in questions]
    return [replace(one, relevant=_with_copies(one.relevant, copies)) for one in targets]


def _with_copies(ids: frozenset[str], copies: Mapping[str, frozenset[str]]) -> frozenset[str]:
    return ids.union(*(copies[name] for name in ids if name in copies))


def _sources(library: Library) -> dict[str, str]:
    """Return document ids by path, also that of a copy that was left out, and by name where only one has it."""
    by_name: dict[str, list[str]] = {}
    for document in library.documents:
        by_name.setdefault(PurePosixPath(document.path).name, []).append(document.id)
    unique = {name: ids[0] for name, ids in by_name.items() if len(ids) == 1}
    by_path = {document.path: document.id for document in library.documents}
    return unique | {copy: by_path[first] for copy, first in library.copies.items() if first in by_path} | by_path


def _target(
    asked: Asked,
    sources: Mapping[str, str],
    rejected: Mapping[str, str],
    of_article: Mapping[str, list[str]],
    search: AnswerSearch,
) -> Target:
    target = Target(asked, UNKNOWN)
    if target.unanswerable:
        return target
    stating = search.stating(asked) if asked.answers else frozenset()
    problem = ""
    if source := one_line(asked.source):
        if source in sources:
            pages = frozenset(of_article.get(sources[source], ()))
            if right := stating & pages:
                loose = f"The answer stands in {len(right)} passages of the source: give more of it."
                return Target(asked, SOURCE_AND_ANSWER, right, loose if len(right) > LOOSE else "")
            unread = " Parts of it were not read." if source in rejected else ""
            problem = f"The source does not state the answer so.{unread}" if asked.answers else ""
            return Target(asked, SOURCE, pages, problem)
        why = f"was left out: {rejected[source]}" if source in rejected else "is not among the documents."
        problem = f"The source {source} {why} "
    if not asked.answers:
        return Target(asked, UNKNOWN, problem=problem.strip())
    if not stating:
        problem += "No passage states the answer so."
    elif len(stating) > MOST_STATING:
        problem += f"The answer stands in {len(stating):,} passages, so they do not tell where it belongs."
    return Target(asked, ANSWER, stating, problem.strip())


def as_gold(target: Target, ranked: Sequence[Passage]) -> Question | None:
    """Return a question in the form that the course's judge takes; None if its answer is missing or too long.

    Args:
        target: the question and its passages.
        ranked: passages, best ranked first; the first that answers stands for the document, if no source was given.
    """
    asked = target.asked
    if target.unanswerable:
        return Question(asked.id, "test", "unanswerable", asked.text, (), (), (), asked.id)
    if not asked.answers or is_long(asked):
        return None
    first = next((one.article for one in ranked if one.id in target.relevant), "")
    article = first or next((name.rpartition(".")[0] for name in sorted(target.relevant)), asked.id)
    value = asked.answers[0]
    kind = next((kind for kind in _KINDS if len(values_in(value, kind)) == 1 and len(value.split()) <= 3), "name")
    slot = Slot(f"{article}.answer", kind, value, asked.answers[1:], "")
    return Question(asked.id, "test", "own", asked.text, (slot,), (), (), article)
