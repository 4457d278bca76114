"""The exercises of notebook 00."""

from __future__ import annotations

from types import SimpleNamespace

from tests.notebooks.case import Case


def some_judgements():
    """Return judged answers of two assistants: right ones, wrong ones, and causes that come more than once."""

    def judged(*causes: str) -> list[SimpleNamespace]:
        return [SimpleNamespace(correct=not cause, cause=cause) for cause in causes]

    first, second = judged("not retrieved", "", "not retrieved", "stale"), judged("", "misread", "", "")
    return {"report": SimpleNamespace(judgements={"prompt_only": first, "rag": second})}


COUNT_ALL = """
def causes_of(judgements):
    counts = {}
    for judged in judgements:
        counts[judged.cause] = counts.get(judged.cause, 0) + 1
    return counts
"""
COUNT_ONCE = """
def causes_of(judgements):
    return {judged.cause: 1 for judged in judgements if not judged.correct}
"""
CASES = {
    "00.1": Case(
        {
            'my_guess = "RAG"': "small letters",
            'my_guess = "fine-tuned"': "not in the table",
            "my_guess = 3": "int",
            'my_guess = "<b>rag\\u202e"': "not in the table",
        }
    ),
    "00.2": Case(
        {
            COUNT_ALL: "right answers too",
            COUNT_ONCE: "add up to",
            "def causes_of(judgements):\n    pass": "return",
            "def causes_of(judgements):\n    return [1]": "dictionary",
            "def causes_of(judgements):\n    return {'stale': 'a'}": "whole number",
            "def causes_of(judgements):\n    return {'nonsense': 1}": "not the cause",
            "def causes_of(judgements):\n    return judgements.cause": "AttributeError",
            "causes_of = 5": "function itself",
        },
        some_judgements,
    ),
}
