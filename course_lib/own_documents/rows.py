"""The numbers of a diagnosis as rows: for the report's tables, for notebooks, and as plain values to compute with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from course_lib.own_documents.diagnosis import Diagnosis
from course_lib.own_documents.finding import CUTS
from course_lib.own_documents.recommendation import Recommendation
from course_lib.own_documents.scores import Score
from course_lib.visible import visible

METRICS = {
    **{f"hit_at_{cut}": f"a passage that answers is among the first {cut}" for cut in CUTS},
    "mrr": "1 / rank of the first passage that answers, averaged",
    "correct": "states the expected answer, or declines where the documents do not tell",
    "word_overlap": "words shared with the expected answer (F1)",
    "false_refusal": "declines although the documents tell (lower is better)",
    "abstain_recall": "declines where the documents do not tell",
}
SCORE_COLUMNS = ("system", "metric", "meaning", "value", "n")


def score_rows(scores: Sequence[Score]) -> list[tuple[str, str, str, str, int]]:
    """Return system, metric, meaning, value with its interval, and n, for all that was measured."""
    return [
        (score.system, score.metric, METRICS[score.metric], in_words(score), score.n) for score in scores if score.n
    ]


def cause_rows(causes: Mapping[str, Mapping[str, int]]) -> list[tuple[str, str, int]]:
    """Return system, cause and the number of wrong answers."""
    return [(name, cause, n) for name, counts in causes.items() for cause, n in counts.items()]


def in_words(score: Score) -> str:
    """Return a value with its interval, where there is one."""
    if score.low is None:
        return f"{score.value:.3f}"
    return f"{score.value:.3f} [{score.low:.3f}, {score.high:.3f}]"


def numbers_of(diagnosis: Diagnosis, recommendation: Recommendation) -> dict[str, Any]:
    """Return everything as plain JSON values: numbers, one row for each question, and all that was left out."""
    return {
        "recommendation": asdict(recommendation),
        "documents": len(diagnosis.library.documents),
        "passages": len(diagnosis.index.passages),
        "formats": diagnosis.library.formats,
        "scores": [asdict(score) for score in diagnosis.scores],
        "causes": diagnosis.causes,
        "notes": diagnosis.notes,
        "questions": question_rows(diagnosis),
        "rejected": [asdict(row) for row in diagnosis.library.rejected],
    }


def question_rows(diagnosis: Diagnosis) -> list[dict[str, Any]]:
    """Return one row a question: how its passages are known, what was found, and what was said."""
    paths = {document.id: document.path for document in diagnosis.library.documents}
    answers: dict[str, dict[str, Any]] = {}
    for one in diagnosis.judged:
        row = {"text": visible(one.answer.parsed.text), "correct": one.correct, "cause": one.cause}
        answers.setdefault(one.target.asked.id, {})[one.system] = {**row, "word_overlap": one.overlap}
    rows = []
    for place, (target, hits) in enumerate(zip(diagnosis.targets, diagnosis.finding.hits)):
        asked = target.asked
        rows.append(
            {
                **asdict(asked),
                "known_by": target.basis,
                "problem": target.problem,
                "scored": target.scored,
                "ranks": {name: ranks[place] for name, ranks in diagnosis.finding.ranks.items()},
                "found": [
                    {"path": paths[hit.passage.article], "heading": visible(hit.passage.heading), "score": hit.score}
                    for hit in hits[:3]
                ],
                "said": answers.get(asked.id, {}),
            }
        )
    return rows
