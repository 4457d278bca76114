"""The exercises of notebook 08."""

from __future__ import annotations

from tests.notebooks.case import Case


def curve(order: str, risk: str = "wrong / count", coverage: str = "count / len(sure)", wrong: str = "not ok") -> str:
    """Return a definition of the function with these parts."""
    return f"""
def risk_coverage(sure, right):
    pairs, wrong = [], 0
    for count, (_, ok) in enumerate({order}, 1):
        wrong += {wrong}
        pairs.append(({coverage}, {risk}))
    return pairs
"""


SURE_FIRST = "sorted(zip(sure, right), key=lambda pair: -pair[0])"


def step(body: str) -> str:
    """Return a definition of the function with these lines as its body."""
    return "def next_step(checks, declined, for_person, retried):\n" + "\n".join(
        f"    {one}" for one in body.split("|")
    )


CASES = {
    "08.1": Case(
        {
            curve("zip(sure, right)"): "order in which they come",
            curve("sorted(zip(sure, right))"): "least sure",
            curve(SURE_FIRST, risk="1 - wrong / count"): "about the wrong ones",
            curve(SURE_FIRST, wrong="ok"): "about the wrong ones",
            curve(SURE_FIRST, risk="wrong / len(sure)"): "divide by all answers",
            curve(SURE_FIRST, coverage="count"): "above 1",
            curve(SURE_FIRST, coverage="(count - 1) / len(sure)"): "not that after",
            curve(SURE_FIRST, risk="wrong"): "the risk is not",
            "def risk_coverage(sure, right):\n    return [(1.0, 0.5)]": "One pair is needed",
            "def risk_coverage(sure, right):\n    return right": "list of pairs",
            "def risk_coverage(sure, right):\n    return [('a', 'b') for _ in sure]": "numbers",
            "def risk_coverage(sure, right):\n    pass": "returns nothing",
            "def risk_coverage(sure, right):\n    return sure.sorted()": "AttributeError",
            "risk_coverage = 5": "function itself",
        }
    ),
    "08.2": Case(
        {
            step("return 'send'"): "Who has to see it",
            step(
                "if for_person:|    return 'hand over'|return 'send' if all(checks.values()) else 'retry'"
            ): "all the same",
            step(
                "ok = all(checks.values()) and not declined|return 'send' if ok else 'hand over'"
            ): "whatever the checks say",
            step(
                "if for_person:|    return 'hand over'|"
                "return 'send' if all(checks.values()) and not declined else 'retry'"
            ): "for ever",
            step(
                "if for_person:|    return 'hand over'|"
                "return 'send' if all(checks.values()) and not declined else 'hand over'"
            ): "you give up",
            step("return 'hand over'"): "Nothing speaks against",
            step("return 'ask a friend\\u202e'"): "not one of the three steps",
            step("if all(checks.values()) and not (declined or for_person):|    return 'send'"): "returns nothing",
            step("return checks['format'].lower()"): "AttributeError",
            "next_step = 'send'": "function itself",
        }
    ),
}
