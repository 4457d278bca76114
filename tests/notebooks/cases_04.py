"""The exercises of notebook 04."""

from __future__ import annotations

from tests.notebooks.case import Case

PLAIN = """
def swapped(text, old, new):
    return text.replace(old, new)
"""
ONCE = """
def swapped(text, old, new):
    return re.sub(r"(?<![\\w$.])" + re.escape(old) + r"(?![\\w%]|[.,:-]\\d)", lambda match: new, text, count=1)
"""
WORD_BOUNDS = """
def swapped(text, old, new):
    return re.sub(r"\\b" + re.escape(old) + r"\\b", lambda match: new, text)
"""
NOTHING_AFTER = """
def swapped(text, old, new):
    return re.sub(r"(?<![\\w$.])" + re.escape(old) + r"(?![\\w%.,:-])", lambda match: new, text)
"""
DECIMALS_AFTER = """
def swapped(text, old, new):
    return re.sub(r"(?<![\\w$.])" + re.escape(old) + r"(?!\\w)", lambda match: new, text)
"""
DECIMALS_BEFORE = """
def swapped(text, old, new):
    return re.sub(r"(?<![\\w$])" + re.escape(old) + r"(?![\\w%]|[.,:-]\\d)", lambda match: new, text)
"""
COMMAS_AFTER = """
def swapped(text, old, new):
    return re.sub(r"(?<![\\w$.])" + re.escape(old) + r"(?![\\w%]|[.:-]\\d)", lambda match: new, text)
"""
CASES = {
    "04.1": Case(
        {
            'my_guess = "ten"': "without quotes",
            "my_guess = True": "plain number",
            "my_guess = 130": "of a hundred",
            "my_guess = -1": "of a hundred",
            "my_guess = 0.2": "looks like a share",
            'my_guess = float("nan")': "plain number",
            'my_guess = "\\u202e5"': "plain number",
        }
    ),
    "04.2": Case(
        {
            PLAIN: "15 days has become another value",
            ONCE: "states the value twice",
            WORD_BOUNDS: "as it was",
            NOTHING_AFTER: "as it was",
            DECIMALS_AFTER: "start of a decimal number",
            COMMAS_AFTER: "number with a comma",
            DECIMALS_BEFORE: "end of a decimal number",
            "def swapped(text, old, new):\n    pass": "return",
            "def swapped(text, old, new):\n    return [text]": "list",
            "def swapped(text, old, new):\n    return new": "plain swap",
            "def swapped(text, old):\n    return text": "TypeError",
            "swapped = 'text'": "function itself",
        }
    ),
}
