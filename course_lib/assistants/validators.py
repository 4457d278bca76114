"""Checks between the model's text and the customer: form, sources, grounding."""

from __future__ import annotations

import re
from collections.abc import Sequence

from course_lib.assistants.answer import Parsed, is_refusal
from course_lib.knowledge.values import normalize
from course_lib.retrieval.base import Hit


def validate(parsed: Parsed, hits: Sequence[Hit]) -> dict[str, bool]:
    """Check one answer against the passages it was made from.

    Returns:
        ``format``: it is one object of the house format; ``cites``: it cites something, and only passages shown;
        ``grounded``: each of its values stands in a cited passage. A refusal needs no source.
    """
    if is_refusal(parsed.text):
        return {"format": parsed.valid, "cites": not parsed.citations, "grounded": True}
    texts = {hit.passage.id: hit.passage.indexed for hit in hits}
    cites = bool(parsed.citations) and all(name in texts for name in parsed.citations)
    cited = normalize(" ".join(texts.get(name, "") for name in parsed.citations))
    grounded = all(_stated(value, cited) for value in parsed.text.split(";"))
    return {"format": parsed.valid, "cites": cites, "grounded": grounded}


def _stated(value: str, text: str) -> bool:
    form = normalize(value)
    return bool(form) and re.search(rf"(?<![\w$.]){re.escape(form)}(?![\w%]|\.\d)", text) is not None
