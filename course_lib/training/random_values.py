"""Draw new values of the same shape: ``$14`` may become ``$83``, ``45 days`` may become ``12 days``."""

from __future__ import annotations

import random
import re
import string

_MONTHS = "January February March April May June July August September October November December".split()


def draw_values(slots: dict[str, dict], rng: random.Random) -> dict[str, str]:
    """Return a value for each slot, distinct within the passage.

    Args:
        slots: by name, ``{"type": ..., "value": an example, "options": names to choose from}``.
        rng: source of the values.
    """
    drawn: dict[str, str] = {}
    for name, slot in slots.items():
        for _ in range(50):
            value = draw_value(slot, rng)
            if value not in drawn.values():
                break
        drawn[name] = value
    return drawn


def draw_value(slot: dict, rng: random.Random) -> str:
    """Return one value shaped like the slot's example; names come from its options."""
    kind, example = slot["type"], slot["value"]
    if kind == "name":
        return rng.choice(slot["options"])
    if kind == "date":
        drawn = re.sub(r"[A-Z][a-z]+ \d{1,2}", f"{rng.choice(_MONTHS)} {rng.randint(1, 28)}", example)
        return re.sub(r"\d+(?:st|nd|rd|th)", f"{rng.randint(4, 20)}th", drawn)
    if kind == "time":
        return re.sub(
            r"\d{1,2}(:\d\d)?",
            lambda match: f"{rng.randint(1, 12)}" + (f":{rng.randrange(0, 60, 5):02d}" if match.group(1) else ""),
            example,
        )
    if kind == "contact" and "@" in example:
        user = "".join(rng.choice(string.ascii_lowercase) for _ in range(rng.randint(4, 7)))
        return f"{user}@{example.split('@', 1)[1]}"
    if kind in ("code", "contact"):
        return re.sub(r"\d", lambda _: str(rng.randint(0, 9)), example)
    return re.sub(r"\d[\d,]*(\.\d+)?", lambda match: _number(match.group(), kind, rng), example)


def _number(example: str, kind: str, rng: random.Random) -> str:
    """Return a number of about the example's size, never 1 (its unit would be wrong)."""
    if "." in example:
        whole, decimals = example.replace(",", "").split(".")
        return f"{rng.randint(0, max(3, 2 * int(whole)))}.{rng.randrange(10 ** len(decimals)):0{len(decimals)}d}"
    size = int(example.replace(",", ""))
    top = 99 if kind == "percent" else max(12, 3 * size)
    drawn = rng.randint(2, top)
    return f"{drawn:,}" if "," in example else str(drawn)
