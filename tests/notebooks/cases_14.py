"""The exercises of notebook 14."""

from __future__ import annotations

from tests.notebooks.case import Case

PLAIN = """
def put_together(parts):
    return sum(mean for mean, count in parts) / len(parts)
"""
SUM = """
def put_together(parts):
    return sum(mean * count for mean, count in parts)
"""
BY_PARTS = """
def put_together(parts):
    return sum(mean * count for mean, count in parts) / len(parts)
"""
FIRST_ONLY = """
def put_together(parts):
    return parts[0][0]
"""
NO_EMPTY = """
def put_together(parts):
    values = [mean / count * count * count for mean, count in parts]
    return sum(values) / sum(count for mean, count in parts)
"""
CEIL = "import math\ndef how_many(per_minute, seconds, busy):\n    return "
CASES = {
    "14.1": Case(
        {
            PLAIN: "Do both parts count the same",
            SUM: "What do you divide by",
            BY_PARTS: "What do you divide by",
            FIRST_ONLY: "the mean lies in the middle",
            NO_EMPTY: "Can one of them be empty",
            "def put_together(parts):\n    return '\\u202e1'": "A number is needed",
            "def put_together(parts):\n    return None": "A number is needed",
            "def put_together():\n    return 1": "TypeError",
            "put_together = 0.5": "function itself",
        }
    ),
    "14.2": Case(
        {
            CEIL + "math.ceil(per_minute * seconds / busy)": "turn minutes around",
            CEIL + "math.ceil(per_minute / 60 * seconds)": "more machines or fewer",
            CEIL + "math.ceil(per_minute / 60 * seconds * busy)": "more machines or fewer",
            CEIL + "int(per_minute / 60 * seconds / busy)": "Half a machine",
            CEIL + "int(per_minute / 60 * seconds / busy) + 1": "one machine too many",
            CEIL + "round(per_minute / 60 * seconds / busy)": "Who does the rest",
            CEIL + "round(per_minute / 60 * seconds / busy + 0.5)": "one machine too many",
            CEIL + "per_minute / 60 * seconds / busy": "Whole machines",
            CEIL + "max(1, math.ceil(per_minute / 60 * seconds / busy))": "nobody asks anything",
            CEIL + "'many'": "Whole machines",
            "def how_many(per_minute):\n    return 1": "TypeError",
            "how_many = 3": "function itself",
        }
    ),
}
