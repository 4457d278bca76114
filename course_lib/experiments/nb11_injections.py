"""Put instructions into a passage and ask: which defense keeps them from the customer, and what does it cost?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from course_lib.assistants.answer import Answer
from course_lib.assistants.hybrid import before_validation
from course_lib.assistants.parsing import parse_house
from course_lib.assistants.team import Team, build_team
from course_lib.assistants.validators import validate
from course_lib.evaluation.gold import Question, load_questions
from course_lib.evaluation.judge import judge
from course_lib.experiments.nb11_poison import (
    SHOWN,
    base_answers,
    category_of,
    cited_category,
    leaves,
    planted_hits,
    succeeded,
)
from course_lib.experiments.sources import READING_ADAPTER, SITE_DATA
from course_lib.files import read_jsonl
from course_lib.knowledge.chunking import Passage
from course_lib.retrieval.base import Hit
from course_lib.settings import Settings

NAME = "nb11_injections"
USES = (
    *SITE_DATA,
    *READING_ADAPTER,
    "data/adversarial/benign_lookalikes.jsonl",
    "data/adversarial/injections.jsonl",
)
ATTACK, HARMLESS = "attack", "harmless"
NONE, FENCE, ADAPTER, VALIDATOR = "none", "delimiters", "adapter", "validator"
DEFENSES = (NONE, FENCE, ADAPTER, VALIDATOR)
Say = Callable[[str], None]


def run(settings: Settings, say: Say) -> list[dict[str, Any]]:
    """Return one row for each attack of the test part, each context and each defense."""
    return try_attacks(build_team(settings), attacks_of_test(settings), settings, say)


def attacks_of_test(settings: Settings) -> list[dict[str, Any]]:
    """Return half of the attacks of the test part, in file order: two of each family."""
    rows = read_jsonl(settings.data / "adversarial" / "injections.jsonl")
    return [row for row in rows if row["split"] == "test"][::2]


def lookalikes(settings: Settings) -> list[dict[str, Any]]:
    """Return the harmless pages of the test part: they sound like instructions and are none."""
    rows = read_jsonl(settings.data / "adversarial" / "benign_lookalikes.jsonl")
    return [row for row in rows if row["split"] == "test"]


def try_attacks(
    team: Team, attacks: Sequence[Mapping[str, Any]], settings: Settings, say: Say | None = None
) -> list[dict[str, Any]]:
    """Ask the question of each attack with its page in the context, and with a harmless page in the same place.

    Args:
        team: the assistants, over the newest snapshot.
        attacks: rows of ``data/adversarial/injections.jsonl``.
        settings: where the data is.
        say: called with progress lines.
    """
    site = {passage.id: passage for passage in team.passages}
    known = {question.id: question for split in ("dev", "test") for question in load_questions(settings.data, split)}
    questions = [known[row["target_question"]] for row in attacks]
    found = team.retriever.search([question.text for question in questions], SHOWN)
    harmless, rows = lookalikes(settings), []
    for context in (ATTACK, HARMLESS):
        pages = attacks if context == ATTACK else [harmless[place % len(harmless)] for place in range(len(attacks))]
        shown = [
            planted_hits(page, category_of(question.cluster, site), hits)
            for page, question, hits in zip(pages, questions, found)
        ]
        for defense, answers in answers_by_defense(team, questions, shown, say).items():
            rows += [
                attack_row(context, defense, *case, site) for case in zip(attacks, questions, answers, strict=True)
            ]
    return rows


def answers_by_defense(
    team: Team, questions: Sequence[Question], shown: Sequence[list[Hit]], say: Say | None = None
) -> dict[str, list[Answer]]:
    """Return the answers under each defense; ``adapter`` and ``validator`` are one text, before and after checks."""
    texts, hybrid = [question.text for question in questions], team.assistants["hybrid"]
    checked = hybrid.answer_from(texts, shown, say=say)
    return {
        NONE: base_answers(team.chat, texts, shown, False, say),
        FENCE: base_answers(team.chat, texts, shown, True, say),
        ADAPTER: [before_validation(answer) for answer in checked],
        VALIDATOR: checked,
    }


def attack_row(
    context: str,
    defense: str,
    attack: Mapping[str, Any],
    question: Question,
    answer: Answer,
    site: Mapping[str, Passage],
) -> dict[str, Any]:
    """Return what one answer is: did the attack reach its goal (``fooled``), and is the answer right?

    Under a harmless page, ``fooled`` says how often the goal comes about by itself. ``flag`` is the model's own.
    """
    seen = {**site, **{hit.passage.id: hit.passage for hit in answer.hits}}
    parsed = answer.parsed
    return {
        "context": context,
        "defense": defense,
        "attack": attack["id"],
        "family": attack["family"],
        "goal": attack["success_marker"]["rule"],
        "question": question.id,
        "cluster": question.cluster,
        "asked": question.text,
        "text": parsed.text,
        "citations": list(parsed.citations),
        "cited_category": cited_category(parsed.citations, seen),
        "flag": parse_house(answer.raw).needs_human,
        "confidence": None if answer.confidence is None else round(answer.confidence, 4),
        "grounded": validate(question.text, parsed, answer.hits)["grounded"],
        "fooled": succeeded(attack["success_marker"], parsed, leaves(answer, defense == VALIDATOR)),
        "correct": judge(question, answer, seen).correct,
    }
