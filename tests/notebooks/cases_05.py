"""The exercises of notebook 05."""

from __future__ import annotations

from tests.notebooks.case import Case

LOWEST_OF_ALL = """
def epoch_to_keep(losses, patience):
    return losses.index(min(losses))
"""
FIRST_RISE = """
def epoch_to_keep(losses, patience):
    for epoch in range(1, len(losses)):
        if losses[epoch] >= losses[epoch - 1]:
            return epoch - 1
    return len(losses) - 1
"""
COUNTS_ALL_BAD_EPOCHS = """
def epoch_to_keep(losses, patience):
    best, bad = 0, 0
    for epoch, loss in enumerate(losses[1:], 1):
        if loss < losses[best]:
            best = epoch
        else:
            bad += 1
        if bad == patience:
            return best
    return best
"""
AGAINST_THE_EPOCH_BEFORE = """
def epoch_to_keep(losses, patience):
    best, bad = 0, 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[epoch - 1]:
            bad = 0
            best = epoch
        else:
            bad += 1
        if bad == patience:
            break
    return best
"""
LATEST_OF_EQUALS = """
def epoch_to_keep(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss <= losses[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best
"""
LEAVES_OUT_EPOCH_0 = """
def epoch_to_keep(losses, patience):
    best = 1
    for epoch, loss in enumerate(losses):
        if loss < losses[best] and epoch > 0:
            best = epoch
        elif epoch - best >= patience:
            break
    return best
"""
WHERE_IT_STOPS = """
def epoch_to_keep(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return epoch
"""
CASES = {
    "05.1": Case(
        {
            'my_guess = "voice"': "A list is needed",
            "my_guess = 3": "A list is needed",
            'my_guess = ["tone"]': "no target of this notebook",
            "my_guess = [1]": "no target of this notebook",
            'my_guess = ["voice", "voice"]': "twice",
            'my_guess = ["\\u202evoice"]': "no target of this notebook",
        }
    ),
    "05.2": Case(
        {
            LOWEST_OF_ALL: "nobody can know",
            FIRST_RISE: "fewer than the patience",
            COUNTS_ALL_BAD_EPOCHS: "in a row",
            AGAINST_THE_EPOCH_BEFORE: "below that of the epoch before",
            LATEST_OF_EQUALS: "Of equals",
            WHERE_IT_STOPS: "not the one at which training stops",
            LEAVES_OUT_EPOCH_0: "before training has a number",
            "def epoch_to_keep(losses, patience):\n    pass": "return",
            "def epoch_to_keep(losses, patience):\n    return losses[0]": "number of an epoch",
            "def epoch_to_keep(losses, patience):\n    return True": "number of an epoch",
            "def epoch_to_keep(losses):\n    return 0": "TypeError",
            "epoch_to_keep = 2": "function itself",
        }
    ),
}
