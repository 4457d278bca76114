"""The exercises of notebook 10."""

from __future__ import annotations

from tests.notebooks.case import Case


def percentile(body: str) -> str:
    return f"import math\n\n\ndef percentile_of(values, share):\n    {body}"


def meeting(body: str) -> str:
    lines = body.replace("|", "\n")
    return f"def meeting_point(fixed_a, each_a, fixed_b, each_b):\n    {lines}"


CASES = {
    "10.1": Case(
        {
            percentile("pass"): "returns nothing",
            percentile("return 'slow'"): "a number is needed",
            percentile("return sum(values) / len(values)"): "the mean",
            percentile("return (max(values) + 0.5) * share / 100"): "nobody waited",
            percentile("return max(values)"): "too large",
            percentile("return min(values)"): "too small",
            percentile("return sorted(values)[max(0, math.floor(len(values) * share / 100) - 1)]"): "too small",
            percentile("return sorted(values)[int(len(values) * share / 100)]"): "too large",
            percentile("return sorted(values)[round(len(values) * share / 100) + 1]"): "end of the list",
            percentile("return values[max(0, math.ceil(len(values) * share / 100) - 1)]"): "in no order",
            "percentile_of = 5": "function itself",
        }
    ),
    "10.2": Case(
        {
            meeting("pass"): "do meet",
            meeting("return 'later'"): "a number or None",
            meeting("return (fixed_b - fixed_a) / (each_a - each_b)"): "divides by zero",
            meeting("return (fixed_a - fixed_b) / (each_a - each_b)"): "wrong sign",
            meeting("return fixed_a + fixed_b"): "they are equal",
            meeting(
                "q = (fixed_b - fixed_a) / (each_a - each_b) if each_a != each_b else None|    return q if q else None"
            ): "That is a number, too",
            meeting(
                "q = (fixed_b - fixed_a) / (each_a - each_b) if each_a != each_b else None|"
                "    return None if q is None or q < 0 else round(q)"
            ): "they are equal",
            meeting(
                "if fixed_a == fixed_b:|        return 0|"
                "    q = (fixed_b - fixed_a) / (each_a - each_b) if each_a != each_b else None|"
                "    return None if q is None or q < 0 else q"
            ): "the same everywhere",
            meeting(
                "return None if each_a == each_b else (fixed_b - fixed_a) / (each_a - each_b)"
            ): "fewer than no questions",
            meeting("return abs(fixed_b - fixed_a) / (abs(each_a - each_b) or 1)"): "never cost the same",
            "meeting_point = 5": "function itself",
        }
    ),
}
