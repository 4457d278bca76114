"""The one cause of a wrong answer: which layer to mend."""

from __future__ import annotations

from collections.abc import Mapping

from course_lib.assistants.answer import Answer
from course_lib.assistants.parsing import is_refusal, parse_house
from course_lib.evaluation.gold import Question
from course_lib.evaluation.matching import is_supported, relevant_ids, states_all
from course_lib.knowledge.chunking import Passage

CAUSES = (
    "not in the documents",
    "not retrieved",
    "retrieved but not used",
    "stale",
    "misread",
    "wrong format",
    "wrongly refused",
    "should have refused",
)


def find_cause(question: Question, answer: Answer, passages: Mapping[str, Passage], stale: bool) -> str:
    """Return the one cause of a wrong answer: the first that applies, in the order in which you would mend them.

    1. *should have refused*: the documents do not tell, and the answer does.
    2. *stale*: it gives a value of an earlier date, from wherever.
    3. *not in the documents*: no current passage states a value asked.
    4. *not retrieved*: no such passage was put before the model.
    5. *wrong format*: the model wrote every value asked, but not in the house format, and so they did not arrive.
    6. *wrongly refused*: the answer says that it cannot tell, because the model said so or a check withheld its text.
    7. *misread*: it says what stands in the passages it was shown, but not what was asked.
    8. *retrieved but not used*: it says what does not stand there.

    A form that is broken around a wrong value is not the cause: mending the form would not make the answer right.
    """
    if not question.answerable:
        return "should have refused"
    if stale:
        return "stale"
    shown = {hit.passage.id for hit in answer.hits}
    needed = [relevant_ids(slot, passages) for slot in question.slots]
    if not all(needed):
        return "not in the documents"
    if not all(ids & shown for ids in needed):
        return "not retrieved"
    if _is_lost_to_its_form(question, answer.raw):
        return "wrong format"
    if answer.abstained:
        return "wrongly refused"
    return (
        "misread"
        if is_supported(answer.parsed.text, [hit.passage for hit in answer.hits])
        else "retrieved but not used"
    )


def _is_lost_to_its_form(question: Question, raw: str) -> bool:
    """Tell whether a model's text states what was asked in another form than the house format.

    The text itself is read, because an assistant that checks its answers has put an abstention in its place.
    """
    return not is_refusal(raw) and not parse_house(raw).valid and states_all(question, raw)
