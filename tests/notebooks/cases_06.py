"""The exercises of notebook 06."""

from __future__ import annotations

from tests.notebooks.case import Case

NO_REFUSAL = """
def kind(text, current, former):
    now, before = contains(text, current), any(contains(text, value) for value in former)
    if now and before:
        return "blended"
    return "current" if now else "stale" if before else "other"
"""
REFUSAL_LAST = """
def kind(text, current, former):
    now, before = contains(text, current), any(contains(text, value) for value in former)
    if now and before:
        return "blended"
    return "current" if now else "stale" if before else "abstained" if is_refusal(text) else "other"
"""
NO_BLEND = """
def kind(text, current, former):
    if is_refusal(text):
        return "abstained"
    if contains(text, current):
        return "current"
    return "stale" if any(contains(text, value) for value in former) else "other"
"""
FIRST_ONLY = """
def kind(text, current, former):
    if is_refusal(text):
        return "abstained"
    now, before = contains(text, current), bool(former) and contains(text, former[0])
    if now and before:
        return "blended"
    return "current" if now else "stale" if before else "other"
"""
LAST_ONLY = """
def kind(text, current, former):
    if is_refusal(text):
        return "abstained"
    now, before = contains(text, current), bool(former) and contains(text, former[-1])
    if now and before:
        return "blended"
    return "current" if now else "stale" if before else "other"
"""
CURRENT_FIRST = """
def kind(text, current, former):
    now, before = contains(text, current), any(contains(text, value) for value in former)
    if is_refusal(text) and not now:
        return "abstained"
    if now and before:
        return "blended"
    return "current" if now else "stale" if before else "other"
"""
PLAIN_IN = """
def kind(text, current, former):
    if is_refusal(text):
        return "abstained"
    now, before = current in text, any(value in text for value in former)
    if now and before:
        return "blended"
    return "current" if now else "stale" if before else "other"
"""
LAST_DAY_TOO = """
def holds(start, end, day):
    return start <= day and (end is None or day <= end)
"""
LATER_WITHOUT_END = """
def holds(start, end, day):
    return start < day if end is None else start <= day < end
"""
CASES = {
    "06.1": Case(
        {
            NO_REFUSAL: "that declines",
            REFUSAL_LAST: "may still name a value",
            NO_BLEND: "with both values",
            FIRST_ONLY: "some of the former values",
            LAST_ONLY: "some of the former values",
            CURRENT_FIRST: "may still name a value",
            PLAIN_IN: "another spelling",
            "def kind(text, current, former):\n    pass": "return",
            "def kind(text, current, former):\n    return 'old'": "Use one of these",
            "def kind(text, current):\n    return 'current'": "TypeError",
            "kind = 'current'": "function itself",
        }
    ),
    "06.2": Case(
        {
            "def holds(start, end, day):\n    return start <= day": "after its end",
            "def holds(start, end, day):\n    return start <= day < end": "TypeError",
            LAST_DAY_TOO: "version begins",
            LATER_WITHOUT_END: "also without an end",
            "def holds(start, end, day):\n    return start < day and (end is None or day < end)": "first day itself",
            "def holds(start, end, day):\n    return end is None or day < end": "before its first day",
            "def holds(start, end, day):\n    return end is None and start <= day": "between its first day",
            "def holds(start, end, day):\n    pass": "True or False",
            "holds = True": "function itself",
        }
    ),
}
