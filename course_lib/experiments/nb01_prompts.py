"""What a prompt alone gets out of the model, and what the prompt and the training add when passages are shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from course_lib.assistants.answer import Answer
from course_lib.assistants.hybrid import Hybrid, before_validation
from course_lib.assistants.prompt_only import MAX_TOKENS, SYSTEM, generate_answers, messages_for
from course_lib.assistants.rag import TOP_K, Rag
from course_lib.assistants.team import Team, build_team
from course_lib.evaluation.gold import Question, load_questions
from course_lib.evaluation.invented import invented_values, site_values
from course_lib.evaluation.judge import judge
from course_lib.experiments.sources import READING_ADAPTER, SITE_DATA
from course_lib.models.prompts import Message
from course_lib.settings import Settings

NAME = "nb01_prompts"
USES = (*SITE_DATA, *READING_ADAPTER)
WITHOUT, WITH = 4, 3  # every so-manieth test question is asked without and with passages; they lie in order of stratum
Say = Callable[[str], None]


def bare_messages(question: str) -> list[Message]:
    """Return the question and nothing else; the model's chat template adds its own greeting."""
    return [{"role": "user", "content": question}]


def instructed_messages(question: str) -> list[Message]:
    """Return the instruction of ``prompt_only`` without its worked examples, and the question."""
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": f"Question: {question}"}]


PROMPTS: dict[str, Callable[[str], list[Message]]] = {
    "question": bare_messages,
    "instruction": instructed_messages,
    "examples": messages_for,
}


def run(settings: Settings, say: Say) -> list[dict[str, Any]]:
    """Ask slices of the test set under each prompt.

    Returns:
        One row an answer: ``variant`` is ``question``, ``instruction`` or ``examples`` (no passages), ``base`` (the
        untrained model reads the passages under a plain instruction) or ``trained`` (the model that was trained to
        read gets the same passages, and no check follows).
    """
    team = build_team(settings)
    questions = load_questions(settings.data, "test")
    known = site_values(settings.data)
    rows: list[dict[str, Any]] = []
    for variant, answers, asked in [*_without(team, questions, say), *_with(team, questions, say)]:
        rows += [_row(variant, question, answer, team, known) for question, answer in zip(asked, answers)]
    return rows


def _without(team: Team, questions: Sequence[Question], say: Say) -> list[tuple[str, list[Answer], list[Question]]]:
    asked = questions[::WITHOUT]
    texts = [question.text for question in asked]
    done = []
    for variant, prompt in PROMPTS.items():
        conversations = [prompt(text) for text in texts]
        answers = generate_answers(team.chat, variant, texts, conversations, None, MAX_TOKENS, _named(variant, say))
        done.append((variant, answers, asked))
    return done


def _with(team: Team, questions: Sequence[Question], say: Say) -> list[tuple[str, list[Answer], list[Question]]]:
    asked = questions[::WITH]
    texts = [question.text for question in asked]
    base = Rag(team.chat, team.retriever, TOP_K, example=False).answer(texts, _named("base", say))
    trained = Hybrid(team.chat, team.retriever, top_k=TOP_K).answer(texts, _named("trained", say))
    return [("base", base, asked), ("trained", [before_validation(answer) for answer in trained], asked)]


def _named(variant: str, say: Say) -> Say:
    return lambda text: say(f"{variant}: {text}")


def _row(variant: str, question: Question, answer: Answer, team: Team, known: Mapping[str, set[str]]) -> dict[str, Any]:
    judged = judge(question, answer, {passage.id: passage for passage in team.passages})
    made_up = invented_values(answer.parsed.text, question.text, known)
    return {
        "variant": variant,
        "question": question.id,
        "cluster": question.cluster,
        "raw": answer.raw,
        "text": answer.parsed.text,
        "right": judged.correct,
        "declines": answer.abstained,
        "agreed form": answer.parsed.valid,
        "makes up": bool(made_up),
        "invented": [list(pair) for pair in made_up],
    }
