"""Does an answer keep to what it was shown, and do its citations open what the model read?"""

from __future__ import annotations

import math
from collections.abc import Mapping

from course_lib.assistants.answer import Answer
from course_lib.evaluation.matching import is_supported
from course_lib.knowledge.chunking import Passage


def is_unsupported(answer: Answer) -> bool:
    """Tell whether an answer states something that no passage it was shown states; one that declines does not."""
    return not answer.abstained and not is_supported(answer.parsed.text, [hit.passage for hit in answer.hits])


def citation_steps(answer: Answer, store: Mapping[str, Passage]) -> dict[str, bool | None]:
    """Follow an answer's citations into a store of passages; all None if it declines, since then it needs none.

    Args:
        answer: the record.
        store: passages by id, as the page behind the link would look them up.

    Returns:
        ``exists``: it cites something; ``resolves``: besides, every id is in the store; ``opens``: besides, under
        every id stands the very text that the model was shown.
    """
    if answer.abstained:
        return {"exists": None, "resolves": None, "opens": None}
    cited, shown = answer.parsed.citations, {hit.passage.id: hit.passage.text for hit in answer.hits}
    exists = bool(cited)
    resolves = exists and all(name in store for name in cited)
    opens = resolves and all(shown.get(name) == store[name].text for name in cited)
    return {"exists": exists, "resolves": resolves, "opens": opens}


def names_its_sources(answer: Answer) -> bool:
    """Tell whether the record alone says what the answer was made from.

    It has the prompt, at least one passage, and each passage stands in the prompt, with its id, its text and a score.
    """
    return bool(answer.prompt and answer.hits) and all(
        hit.passage.id in answer.prompt and hit.passage.text in answer.prompt and math.isfinite(hit.score)
        for hit in answer.hits
    )
