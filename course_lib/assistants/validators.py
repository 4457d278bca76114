"""Checks between the model's text and the customer: form, sources, grounding, and whether it fits the question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from course_lib.assistants.kinds import fits
from course_lib.assistants.parsing import Parsed, is_refusal
from course_lib.knowledge.chunking import Passage
from course_lib.knowledge.values import normalize
from course_lib.models.prompts import HUMAN_CATEGORIES
from course_lib.retrieval.base import Hit


def validate(question: str, parsed: Parsed, hits: Sequence[Hit]) -> dict[str, bool]:
    """Check one answer against the question and the passages it was made from.

    Returns:
        ``format``: it is one object of the house format; ``cites``: it cites something, and only passages shown;
        ``grounded``: each of its values stands in a cited passage; ``fits``: it is of the kind that the question asks
        for. A refusal needs no source, and fits every question.
    """
    if is_refusal(parsed.text):
        return {"format": parsed.valid, "cites": not parsed.citations, "grounded": True, "fits": True}
    texts = {hit.passage.id: hit.passage.indexed for hit in hits}
    cites = bool(parsed.citations) and all(name in texts for name in parsed.citations)
    cited = normalize(" ".join(texts.get(name, "") for name in parsed.citations))
    grounded = all(_stated(value, cited) for value in parsed.text.split(";"))
    return {"format": parsed.valid, "cites": cites, "grounded": grounded, "fits": fits(question, parsed.text)}


def mend_citations(parsed: Parsed, hits: Sequence[Hit]) -> Parsed:
    """Cite for each value a shown passage that states it: one the answer names if it can be, else the best ranked.

    A small model often copies the right value and then the wrong id. Which passage states a value is a question for
    code, and so are the category of that passage and whether a person has to see it. A text that is malformed or
    declines, or that has a value that no shown passage states, is returned as it is.
    """
    if not parsed.valid or is_refusal(parsed.text):
        return parsed
    ranked = sorted(hits, key=lambda hit: hit.passage.id not in parsed.citations)  # stable: by rank within each
    sources = [_source(value, ranked) for value in parsed.text.split(";")]
    if None in sources:
        return parsed
    category = sources[0].category
    return replace(
        parsed,
        citations=tuple(dict.fromkeys(source.id for source in sources)),
        category=category,
        needs_human=category in HUMAN_CATEGORIES,
    )


def _source(value: str, ranked: Sequence[Hit]) -> Passage | None:
    return next((hit.passage for hit in ranked if _stated(value, normalize(hit.passage.indexed))), None)


def _stated(value: str, text: str) -> bool:
    form = normalize(value)
    return bool(form) and re.search(rf"(?<![\w$.]){re.escape(form)}(?![\w%]|\.\d)", text) is not None
