"""The exercises of notebook 13."""

from __future__ import annotations

from tests.notebooks.case import Case

HEAD = "def may_call(spent, ceiling, tokens_in, most_out, price_in, price_out):\n"
BOTH = "(tokens_in * price_in + most_out * price_out)"
CASES = {
    "13.1": Case(
        {
            'my_guess = "all"': "without quotes",
            "my_guess = True": "plain number",
            "my_guess = 101": "not possible",
            "my_guess = -1": "not possible",
            "my_guess = 0.5": "looks like a share",
            'my_guess = float("inf")': "plain number",
            'my_guess = "\\u202e5"': "plain number",
        }
    ),
    "13.2": Case(
        {
            HEAD + "    return spent + tokens_in * price_in / 1e6 <= ceiling": "What can the answer cost",
            HEAD + "    return spent + most_out * price_out / 1e6 <= ceiling": "What does the prompt cost",
            f"{HEAD}    return {BOTH} / 1e6 <= ceiling": "What is left of the ceiling",
            f"{HEAD}    return spent + {BOTH} / 1e6 < ceiling": "exactly what is left",
            f"{HEAD}    return spent + {BOTH} / 1e3 <= ceiling": "a small call",
            HEAD + "    return spent <= ceiling": "What can the answer cost",
            HEAD + "    return False": "a small call",
            HEAD + "    return most_out * price_out": "float",
            HEAD + "    pass": "return",
            "def may_call(spent, ceiling):\n    return True": "TypeError",
            "may_call = True": "function itself",
        },
        right=(
            HEAD + "    return ceiling - spent - tokens_in * price_in / 1e6 - most_out * price_out / 1e6 >= 0",
            HEAD + "    return spent + tokens_in / 1e6 * price_in + most_out / 1e6 * price_out <= ceiling",
            HEAD + "    return spent + tokens_in * (price_in / 1e6) + most_out * (price_out / 1e6) <= ceiling",
            HEAD + "    return spent * 1e6 + tokens_in * price_in + most_out * price_out <= ceiling * 1e6",
        ),
    ),
}
