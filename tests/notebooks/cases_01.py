"""The exercises of notebook 01."""

from __future__ import annotations

from typing import Any

from course_lib.assistants.answer import Answer, Parsed
from course_lib.evaluation.gold import Question, Slot
from course_lib.evaluation.judge import Judgement
from tests.notebooks.case import Case


def some_answers() -> dict[str, Any]:
    """Return judged answers of rag: five wrong ones of four causes, and a right one."""

    def judged(number: int, cause: str) -> Judgement:
        slots = () if cause == "should have refused" else (Slot("kb-001.price", "money", "$74", (), ""),)
        question = Question(f"test-{number:03d}", "test", "lookup", "Cost?", slots, ("$69",), (), "kb-001")
        answer = Answer("rag", question.text, (), "", "", Parsed("$69"))
        return Judgement(question, answer, not cause, cause == "stale", None, None, None, cause)

    causes = ("stale", "not retrieved", "", "misread", "should have refused", "not retrieved")
    judgements = [judged(number, cause) for number, cause in enumerate(causes, 1)]
    wrong = [one for one in judgements if not one.correct]
    return {"published": {"rag": judgements}, "cases": wrong}


def returning(formula: str) -> str:
    return f"def effect_of_retrieval(neither, retrieval, training, both):\n    return {formula}"


CASES = {
    "01.1": Case(
        {
            returning("retrieval - neither"): "two untrained",
            returning("both - training"): "two trained",
            returning("both - neither"): "both factors together",
            returning("retrieval - training"): "twin",
            returning("(training - neither + both - retrieval) / 2"): "effect of training",
            returning("retrieval - neither + both - training"): "added up",
            returning("(both - training) - (retrieval - neither)"): "how much the two gains differ",
            returning("(neither - retrieval + training - both) / 2"): "sign",
            returning("0.5"): "yours is 0.5",
            returning("'0.5'"): "str",
            returning("True"): "bool",
            returning("retrieved - neither"): "NameError",
            "def effect_of_retrieval(neither, retrieval, training, both):\n    retrieval - neither": "returns nothing",
            "effect_of_retrieval = 0.5": "function itself",
        }
    ),
    "01.2": Case(
        {
            'labels = {"test-001": "hallucination"}': "'hallucination' is not one of the causes",
            'labels = {"test-001": "<b>\\u202e"}': "is not one of the causes",
            'labels = {"test-003": "stale"}': "'test-003' is not the id",
            'labels = {"test-001": "stale", "test-002": "not retrieved"}': "3 of 5 answers have no cause yet",
            'labels = ["stale"]': "list",
            "labels = {case.question.id: 'retrieved but not used' for case in cases}": "agree on 0 of 5",
        },
        some_answers,
    ),
}
