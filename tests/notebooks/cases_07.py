"""The exercises of notebook 07."""

from __future__ import annotations

from tests.notebooks.case import Case

OF_ALL = """
def inherited_share(said, gold, planted):
    return sum(one == fault != right for one, right, fault in zip(said, gold, planted)) / len(said)
"""
NEVER_MISSING = """
def inherited_share(said, gold, planted):
    wrong = [(one, fault) for one, right, fault in zip(said, gold, planted) if one != right]
    return sum(one == fault for one, fault in wrong) / len(wrong)
"""
ZERO = """
def inherited_share(said, gold, planted):
    wrong = [(one, fault) for one, right, fault in zip(said, gold, planted) if one != right]
    return sum(one == fault for one, fault in wrong) / max(1, len(wrong))
"""
RIGHT_TOO = """
def inherited_share(said, gold, planted):
    wrong = sum(one != right for one, right in zip(said, gold))
    return sum(one == fault for one, fault in zip(said, planted)) / wrong if wrong else None
"""
ERRORS = """
def inherited_share(said, gold, planted):
    return sum(one != right for one, right in zip(said, gold)) / len(said)
"""
MOST_DIFFER = """
def contradicted(label, neighbors):
    return sum(other != label for other in neighbors) >= 3
"""
NEAREST = """
def contradicted(label, neighbors):
    return neighbors[0] != label
"""
TWO = """
def contradicted(label, neighbors):
    other, votes = Counter(neighbors).most_common(1)[0]
    return other != label and votes >= 2
"""
FOUR = """
def contradicted(label, neighbors):
    other, votes = Counter(neighbors).most_common(1)[0]
    return other != label and votes > 3
"""
OWN_TOO = """
def contradicted(label, neighbors):
    return Counter(neighbors).most_common(1)[0][1] >= 3
"""
CASES = {
    "07.1": Case(
        {
            "my_guess = 3": "no fault has this name",
            'my_guess = "typo"': "no fault has this name",
            'my_guess = ["typos"]': "no fault has this name",
            'my_guess = "\\u202etypos"': "no fault has this name",
        }
    ),
    "07.2": Case(
        {
            OF_ALL: "of four answers three are wrong",
            ERRORS: "of four answers three are wrong",
            RIGHT_TOO: "it is also right",
            NEVER_MISSING: "share of nothing",
            ZERO: "The share is missing",
            "def inherited_share(said, gold, planted):\n    pass": "A number from 0 to 1",
            "def inherited_share(said, gold):\n    return 0": "TypeError",
            "inherited_share = 0.5": "function itself",
        }
    ),
    "07.3": Case(
        {
            MOST_DIFFER: "no three of them agree",
            NEAREST: "no three of them agree",
            TWO: "no three of them agree",
            FOUR: "three of five neighbors",
            OWN_TOO: "most neighbors have",
            'def contradicted(label, neighbors):\n    return "yes"': "True or False",
            "def contradicted(label):\n    return True": "TypeError",
            "contradicted = True": "function itself",
        }
    ),
}
