"""What the verifier is tried on: labeled answers to evaluation questions, each with a citation that opens a passage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from course_lib.evaluation.gold import Question
from course_lib.evaluation.judge import Judgement
from course_lib.evaluation.matching import relevant_ids
from course_lib.evaluation.verifier_pairs import Pair
from course_lib.knowledge.chunking import Passage
from course_lib.knowledge.values import contains

Fact = tuple[str, str, str]  # article, type, current value


def gold_pairs(
    questions: Iterable[Question], facts: Iterable[Mapping], site: Sequence[Passage], date: str
) -> list[Pair]:
    """Return known-good and known-bad answers to the questions of a split.

    Good is the gold answer with the passages that state it. Bad are a former value under the same citation (``stale``),
    another value of the same type from the same passage (``other line``), a value that the gold set lists as wrong
    under a page that states it (``other page``), and values of the closest page where the documents do not tell
    (``unanswerable``).

    Args:
        questions: of the dev or the test split.
        facts: rows of ``facts.jsonl``.
        site, date: the passages of a snapshot and its date.
    """
    now = [(fact["article"], fact["type"], fact["values"][date]) for fact in facts if fact["values"].get(date)]
    pairs: list[Pair] = []
    for question in questions:
        made = _answerable(question, now, site) if question.answerable else _unanswerable(question, now, site)
        pairs += [
            Pair(question.text, answer, tuple(dict.fromkeys(cited)), kind, question.id, question.cluster)
            for answer, cited, kind in made
        ]
    return pairs


Made = Iterator[tuple[str, list[Passage], str]]


def _answerable(question: Question, now: Sequence[Fact], site: Sequence[Passage]) -> Made:
    by_id = {passage.id: passage for passage in site}
    cited = [by_id[min(relevant_ids(slot, by_id))] for slot in question.slots]
    yield "; ".join(slot.value for slot in question.slots), cited, "right"
    for value in question.stale[:1]:
        yield value, cited, "stale"
    if len(question.slots) == 1:
        (slot,), (page,) = question.slots, cited
        about = [value for article, kind, value in now if (article, kind) == (slot.article, slot.type)]
        for value in [value for value in about if value != slot.value and contains(page.text, value)][:1]:
            yield value, cited, "other line"
        for value in question.wrong:
            others = [other for other in site if contains(other.text, value) and not contains(other.text, slot.value)]
            for other in others[:1]:
                yield value, [other], "other page"


def _unanswerable(question: Question, now: Sequence[Fact], site: Sequence[Passage]) -> Made:
    for value in [value for article, _, value in now if article == question.near][:2]:
        for page in [page for page in site if page.article == question.near and contains(page.text, value)][:1]:
            yield value, [page], "unanswerable"


def answer_pairs(judgements: Iterable[Judgement], site: Mapping[str, Passage]) -> list[Pair]:
    """Return the answers whose citations all exist; the judge labels them.

    The kind is ``right`` where the answer is right and a cited passage answers the question, else the cause of the
    error, or ``right by chance`` where another page happens to state the value.
    """
    return [
        Pair(
            judged.question.text,
            judged.answer.parsed.text,
            tuple(site[name] for name in dict.fromkeys(judged.answer.parsed.citations)),
            judged.cause or ("right" if judged.citation_correct else "right by chance"),
            judged.question.id,
            judged.question.cluster,
        )
        for judged in judgements
        if judged.citation_exists
    ]
