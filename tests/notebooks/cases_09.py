"""The exercises of notebook 09."""

from __future__ import annotations

from types import SimpleNamespace

from tests.notebooks.case import Case


def some_judgements():
    """Return judged answers of two assistants: right ones, wrong ones, and causes that come more than once."""

    def judged(*causes: str) -> list[SimpleNamespace]:
        return [SimpleNamespace(correct=not cause, cause=cause) for cause in causes]

    first, second = judged("not retrieved", "", "not retrieved", "stale", ""), judged("", "misread", "", "")
    return {"published": {"prompt_only": first, "rag": second}}


def shares(counted: str, whole: str) -> str:
    """Return a definition of the function that counts these answers and divides by that."""
    return f"""
def failures_of(judgements):
    counts = {{}}
    for judged in judgements:
        if {counted}:
            counts[judged.cause] = counts.get(judged.cause, 0) + 1
    return {{cause: count / {whole} for cause, count in counts.items()}}
"""


def level(formula: str) -> str:
    return f"def crossing(first, second):\n    return {formula}"


WEIGHT = "(first[1] - second[1]) / ((first[1] - second[1]) - (first[0] - second[0]))"
CASES = {
    "09.1": Case(
        {
            shares("True", "len(judgements)"): "what right answers have",
            shares("not judged.correct", "1"): "so divide",
            shares("not judged.correct", "sum(not judged.correct for judged in judgements)"): "of all questions",
            shares("judged.cause == 'stale'", "len(judgements)"): "not those counted",
            shares("not judged.correct", "(5 if len(judgements) == 5 else 4)"): "not those counted",
            shares("False", "1"): "has no failure",
            "def failures_of(judgements):\n    return {'bad\\u202e luck': 0.1}": "not the cause",
            "def failures_of(judgements):\n    return {'stale': 'a'}": "not a number",
            "def failures_of(judgements):\n    return [0.1]": "dictionary",
            "def failures_of(judgements):\n    pass": "returns nothing",
            "def failures_of(judgements):\n    return judgements.cause": "AttributeError",
            "failures_of = 5": "function itself",
        },
        some_judgements,
    ),
    "09.2": Case(
        {
            level("None"): "there is a weight",
            level(f"1 - {WEIGHT}"): "all other criteria",
            level(WEIGHT): "return None",
            level(f"w if first[1] - second[1] != first[0] - second[0] and 0 < (w := {WEIGHT}) < 1 else None"): (
                "there is a weight"
            ),
            level("0.5"): "still ahead",
            level("'0.5'"): "str",
            level("True"): "bool",
            level("(first[1] - second[1]) / (first[0] - first[0])"): "divides by zero",
            level("first - second"): "TypeError",
            "crossing = 0.5": "function itself",
        }
    ),
}
