"""The published run as judged answers, rebuilt from its file, so that a notebook need not ask the models again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from course_lib.assistants.answer import Answer, Parsed, abstention, parse_house
from course_lib.errors import DataError
from course_lib.evaluation.gold import Question
from course_lib.evaluation.judge import Judgement, judge
from course_lib.files import read_jsonl
from course_lib.knowledge.chunking import Passage
from course_lib.retrieval.base import Hit
from course_lib.settings import Settings

REMEDY = "Run `python -m course_lib report`, or restore data/results with `git checkout`."


def published_judgements(
    settings: Settings, questions: Sequence[Question], passages: Mapping[str, Passage] | Iterable[Passage]
) -> dict[str, list[Judgement]]:
    """Rebuild the published answers to these questions, and judge them again.

    The file keeps a digest of each prompt and no times, so ``prompt`` and ``seconds`` of the answers are empty.
    ``category`` and ``needs_human`` are known where the model's own text left the assistant unchanged.

    Args:
        settings: where the data is.
        questions: questions of the frozen test set, all or some.
        passages: the current site's passages, by id or as they come.

    Returns:
        For each assistant, its judged answers in the questions' order.

    Raises:
        DataError: there is no published run, or it was made from other questions or other passages.
    """
    path = settings.data / "results" / "answers.jsonl"
    if not path.is_file():
        raise DataError("There is no published run: data/results/answers.jsonl is missing.", REMEDY)
    site = passages if isinstance(passages, Mapping) else {passage.id: passage for passage in passages}
    rows: dict[str, dict[str, dict[str, Any]]] = {}
    for row in read_jsonl(path):
        rows.setdefault(row["assistant"], {})[row["question"]] = row
    return {
        name: [
            judge(question, _rebuilt(question, _row(name, question, answered), site), site) for question in questions
        ]
        for name, answered in rows.items()
    }


def _row(name: str, question: Question, answered: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    if question.id not in answered:
        raise DataError(f"The published run has no answer of {name} to {question.id}.", REMEDY)
    return answered[question.id]


def _rebuilt(question: Question, row: Mapping[str, Any], site: Mapping[str, Passage]) -> Answer:
    if gone := [name for name, _ in row["passages"] if name not in site]:
        raise DataError(f"The published run was shown {gone[0]}, which the site does not have.", REMEDY)
    return Answer(
        row["assistant"],
        question.text,
        tuple(Hit(site[name], score) for name, score in row["passages"]),
        "",
        row["raw"],
        _parsed(row),
        dict(row["verdicts"]),
        row["confidence"],
        row["tokens_in"],
        row["tokens_out"],
    )


def _parsed(row: Mapping[str, Any]) -> Parsed:
    """Return what left the assistant: the parsed text or the abstention where one of them is what the row says."""
    plain = Parsed(row["text"], tuple(row["citations"]), valid=row["format_valid"])
    for fields in (parse_house(row["raw"]), abstention()):
        if (fields.text, fields.citations, fields.valid) == (plain.text, plain.citations, plain.valid):
            return fields
    return plain
