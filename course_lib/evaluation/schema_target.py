"""The fifth behavior target: the house format itself, asked of passages that hold the answer if there is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from course_lib.evaluation.gold import Question, load_questions
from course_lib.evaluation.matching import relevant_ids
from course_lib.files import read_jsonl
from course_lib.knowledge.articles import CATEGORIES
from course_lib.knowledge.chunking import Passage, chunk_all
from course_lib.knowledge.snapshots import load_snapshot
from course_lib.models.prompts import HOUSE_SYSTEM, NOT_TOLD, UNKNOWN_CATEGORY, house_answer, reading_messages
from course_lib.retrieval.base import Retriever
from course_lib.retrieval.fusion import best_retriever
from course_lib.settings import Settings
from course_lib.training.reading import Mix, reading_examples
from course_lib.training.targets import JSON, Form, Item, Target

NAME = "schema"
TOP_K, QUESTIONS = 3, 120  # questions a split, spread evenly over the file, which lies in order of stratum
TASK = "Answer the customer from the passages. Reply with one JSON object: citations, answer, category, needs_human."
RULES = (
    '"citations" is the list of the ids of the passages that state the answer, such as ["kb-901.2"].\n'
    '"answer" is the value that was asked and nothing else; several values are joined by "; ".\n'
    '"category" is the category of the first cited passage, which stands after its id.\n'
    '"needs_human" is true if the category is safety or legal, otherwise false.\n'
    f'If the passages do not tell: citations [], answer "{NOT_TOLD}", category "{UNKNOWN_CATEGORY}", needs_human true.'
)
SCHEMA = {
    "type": "object",
    "properties": {
        "citations": {"type": "array", "items": {"type": "string", "pattern": r"^kb-\d{3}\.\d{1,2}$"}, "maxItems": 3},
        "answer": {"type": "string", "minLength": 1, "maxLength": 120},
        "category": {"enum": [*CATEGORIES, UNKNOWN_CATEGORY]},
        "needs_human": {"type": "boolean"},
    },
    "required": ["citations", "answer", "category", "needs_human"],
    "additionalProperties": False,
}


def schema_target(settings: Settings) -> Target:
    """Return the target whose adapter is ``reading``; dev and test questions are of articles it was not trained on."""
    site = chunk_all(load_snapshot(settings.data))
    retriever = best_retriever(site, settings)
    items = {split: _items(load_questions(settings.data, split), site, retriever) for split in ("dev", "test")}
    rows = read_jsonl(settings.data / "train" / "sites.jsonl")
    talks = reading_examples(rows, 1, settings.seed, Mix((2,)))
    train = [Item(f"site-{number}", talk[1]["content"], talk[2]["content"]) for number, talk in enumerate(talks)]
    return Target(NAME, TASK, RULES, HOUSE_SYSTEM, items | {"train": train}, Form(JSON, SCHEMA), 80, 2, "reading")


def _items(questions: Sequence[Question], site: Sequence[Passage], retriever: Retriever) -> list[Item]:
    chosen = [questions[round(at * len(questions) / QUESTIONS)] for at in range(min(QUESTIONS, len(questions)))]
    found = retriever.search([question.text for question in chosen], TOP_K)
    by_id = {passage.id: passage for passage in site}
    return [item_of(question, [hit.passage for hit in hits], by_id) for question, hits in zip(chosen, found)]


def item_of(question: Question, shown: Sequence[Passage], site: Mapping[str, Passage]) -> Item:
    """Return a question with passages that state its answer, and that answer in the house format.

    Args:
        question: what is asked.
        shown: the retrieved passages. One that is needed and missing takes the place of the last that is not needed.
        site: all passages by id.
    """
    view, cited = list(shown), []
    for slot in question.slots:
        right = relevant_ids(slot, site)
        if not any(passage.id in right for passage in view):
            spare = [passage for passage in view if passage.id not in cited]
            view = [passage for passage in view if not spare or passage is not spare[-1]] + [site[min(right)]]
        cited.append(next(passage.id for passage in view if passage.id in right))
    wanted = [slot.value for slot in question.slots]
    category = site[cited[0]].category if cited else ""
    answer = house_answer(wanted, list(dict.fromkeys(cited)), category)
    return Item(question.id, reading_messages(question.text, view)[1]["content"], answer, question.stratum)
