"""Run assistants over frozen questions and write down what came out."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from course_lib.assistants.answer import Answer
from course_lib.assistants.team import Team
from course_lib.evaluation.gold import Question
from course_lib.evaluation.judge import Judgement, judge
from course_lib.evaluation.scoreboard import Row, count_causes, rows_for
from course_lib.files import digest_of, write_json, write_jsonl
from course_lib.settings import Settings

RANKED = ("rag", "hybrid")


@dataclass(frozen=True)
class Report:
    """Scores of one run.

    Attributes:
        rows: the scoreboard.
        causes: for each assistant, how many wrong answers have each cause.
        judgements: for each assistant, its judged answers in the questions' order.
    """

    rows: list[Row]
    causes: dict[str, dict[str, int]]
    judgements: dict[str, list[Judgement]]


def run_report(team: Team, questions: Sequence[Question], say: Callable[[str], None] | None = None) -> Report:
    """Let every assistant of the team answer every question, and judge the answers.

    Args:
        team: the assistants.
        questions: what to ask.
        say: called with progress lines.
    """
    passages = {passage.id: passage for passage in team.passages}
    rankings = {
        question.id: [hit.passage.id for hit in hits]
        for question, hits in zip(questions, team.retriever.search([question.text for question in questions], 10))
    }
    rows: list[Row] = []
    judgements: dict[str, list[Judgement]] = {}
    for name, assistant in team.assistants.items():
        progress = None if say is None else lambda text, name=name: say(f"{name}: {text}")
        answers = assistant.answer([question.text for question in questions], progress)
        judgements[name] = [judge(question, answer, passages) for question, answer in zip(questions, answers)]
        rows += rows_for(name, judgements[name], rankings if name in RANKED else None, passages)
    return Report(rows, {name: count_causes(judged) for name, judged in judgements.items()}, judgements)


def write_report(report: Report, folder: Path, settings: Settings) -> None:
    """Write scoreboard, causes and every single answer, atomically.

    Writes ``scoreboard.json``, ``causes.json``, ``answers.jsonl`` and ``run.json`` (what the figures were made with).
    """
    write_json(folder / "scoreboard.json", [row.as_dict() for row in report.rows])
    write_json(folder / "causes.json", report.causes)
    write_jsonl(
        folder / "answers.jsonl",
        [answer_row(judged) for judged_list in report.judgements.values() for judged in judged_list],
    )
    write_json(folder / "run.json", run_details(settings))


def answer_row(judged: Judgement) -> dict:
    """Return one answer as plain JSON values: what was asked, said and retrieved, and the verdict."""
    answer, question = judged.answer, judged.question
    return {
        "assistant": answer.assistant,
        "question": question.id,
        "stratum": question.stratum,
        "text": answer.parsed.text,
        "citations": list(answer.parsed.citations),
        "raw": answer.raw,
        "format_valid": answer.parsed.valid,
        "passages": [[hit.passage.id, round(hit.score, 4)] for hit in answer.hits],
        "verdicts": answer.verdicts,
        "confidence": None if answer.confidence is None else round(answer.confidence, 4),
        "correct": judged.correct,
        "stale": judged.stale,
        "citation_supports": judged.citation_supports,
        "citation_correct": judged.citation_correct,
        "cause": judged.cause,
        "prompt": digest_of(answer.prompt),
        "tokens_in": answer.tokens_in,
        "tokens_out": answer.tokens_out,
    }


def run_details(settings: Settings) -> dict:
    """Return what a run's figures depend on: model, number type, packages, processor."""
    packages = ("torch", "transformers", "peft", "sentence-transformers", "rank-bm25")
    return {
        "chat_model": settings.chat_model,
        "dtype": settings.dtype,
        "batch_size": settings.batch_size,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "packages": {name: version(name).split("+")[0] for name in packages},
    }


def same_answers(answers: Sequence[Answer], published: Mapping[str, str], ids: Sequence[str]) -> int:
    """Count answers whose raw text equals the published one of the same question."""
    return sum(published.get(name) == answer.raw for name, answer in zip(ids, answers))
