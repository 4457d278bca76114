"""The exercises of notebook 12."""

from __future__ import annotations

from tests.notebooks.case import Case

ANY_SIZE = """
def last_fast(curve, limit):
    return max((size for size, ms in curve if ms <= limit), default=None)
"""
BELOW = """
def last_fast(curve, limit):
    found = None
    for size, ms in curve:
        if ms >= limit:
            break
        found = size
    return found
"""
FIRST_SLOW = """
def last_fast(curve, limit):
    for size, ms in curve:
        if ms > limit:
            return size
"""
NEVER_NONE = """
def last_fast(curve, limit):
    found = 0
    for size, ms in curve:
        if ms > limit:
            break
        found = size
    return found
"""
TIME = """
def last_fast(curve, limit):
    return max(ms for size, ms in curve if ms <= limit)
"""
CASES = {
    "12.1": Case(
        {
            'my_guess = "ten"': "without quotes",
            "my_guess = 2.5": "whole number",
            "my_guess = True": "whole number",
            "my_guess = 15": "cannot be read",
            "my_guess = -1": "cannot be read",
            'my_guess = "\\u202e5"': "whole number",
        },
        context=lambda: {"files": list(range(13))},
    ),
    "12.2": Case(
        {
            ANY_SIZE: "lucky time",
            BELOW: "exactly the limit",
            FIRST_SLOW: "the limit lies between",
            NEVER_NONE: "even the smallest size is too slow",
            TIME: "A size is needed",
            "def last_fast(curve, limit):\n    return 'large'": "A size is needed",
            "def last_fast(curve):\n    return 1": "TypeError",
            "last_fast = 3": "function itself",
        }
    ),
}
