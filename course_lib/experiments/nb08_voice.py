"""The hybrid's answers as replies to customers: as they are, in a frame of code, prompted, and by the voice adapter."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from course_lib.assistants.answer import Answer
from course_lib.evaluation.gold import load_questions
from course_lib.evaluation.judge import Judgement, judge
from course_lib.evaluation.published import published_judgements
from course_lib.evaluation.slices import tour_slice
from course_lib.evaluation.voice import obeyed
from course_lib.experiments.nb05_arms import adapter_files
from course_lib.experiments.nb08_checks import is_good
from course_lib.experiments.sources import SITE_DATA
from course_lib.knowledge.chunking import chunk_all
from course_lib.knowledge.snapshots import load_snapshot
from course_lib.models.chat import load_chat
from course_lib.settings import Settings
from course_lib.training.targets import SHORT, STRONG, Item
from course_lib.training.ticket_targets import SIGN_OFF, ticket_target

NAME = "nb08_voice"
USES = (
    *SITE_DATA,
    *adapter_files("voice"),
    "data/results/answers.jsonl",
    "data/tickets/voice.jsonl",
    "data/tickets/voice_guide.json",
)
QUESTIONS = 48
BARE, FRAME, PROMPT, TRAINED = "as it is", "frame of code", "strong prompt", "voice adapter"
_SMALL = "zero one two three four five six seven eight nine".split()


def run(settings: Settings, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Return one row for each arm and question of a slice of the test set: see :func:`row_of`."""
    site = {passage.id: passage for passage in chunk_all(load_snapshot(settings.data))}
    questions = tour_slice(load_questions(settings.data, "test"), QUESTIONS)
    judgements = published_judgements(settings, questions, site)["hybrid"]
    target, chat = ticket_target("voice", settings), load_chat(settings)
    chat.load_adapter(target.adapter, settings.data / "adapters" / target.adapter)
    drafts = [Item(one.question.id, draft(one), "") for one in judgements]
    replies = {BARE: [one.answer.parsed.text for one in judgements], FRAME: [framed(one) for one in judgements]}
    for arm, prompt, adapter in ((PROMPT, STRONG, None), (TRAINED, SHORT, target.adapter)):
        say(f"{arm}: {len(drafts)} replies")
        asked = [target.messages(item, prompt) for item in drafts]
        replies[arm] = [done.text for done in chat.generate(asked, target.max_new_tokens, adapter)]
    return [
        row_of(arm, one, judge(one.question, with_text(one, text), site).correct, text)
        for arm, texts in replies.items()
        for one, text in zip(judgements, texts)
    ]


def draft(judged: Judgement) -> str:
    """Return the answer as the stiff draft of a clerk, which is what the voice was trained to rewrite."""
    if judged.answer.abstained:
        return (
            "Thank you for contacting us. Unfortunately we cannot tell from our documents what you asked. "
            "Kindly contact the Rider Desk via the app."
        )
    return (
        f"Thank you for contacting us. Please be advised that the answer to your question is "
        f"{judged.answer.parsed.text}. Kindly check the page in the app."
    )


def framed(judged: Judgement) -> str:
    """Return the answer in a fixed frame that keeps the voice, its values written as the house writes them."""
    if judged.answer.abstained:
        return f"We can't tell from our documents. Ask the Rider Desk in the app.\n{SIGN_OFF}"
    value = house_style(judged.answer.parsed.text).rstrip(".")  # "9 a.m." at the end has its point already
    return f"It's {value}. Check the page in the app.\n{SIGN_OFF}"


def house_style(value: str) -> str:
    """Write small bare numbers out, and times with points: ``6 days`` as ``six days``, ``9:05 am`` as ``9:05 a.m.``."""
    timed = re.sub(r"\b(\d{1,2}(?::\d\d)?) ?([ap])m\b\.?", r"\1 \2.m.", value)
    words = re.sub(
        r"(?<![\w$.,:/-])[1-9](?= [a-z])(?! (?:[ap]\.m|percent|dollars|miles|mph|mm|feet|pounds|inch|degrees))",
        lambda match: _SMALL[int(match.group())],
        timed,
    )
    return words.replace("; ", " and ")


def with_text(judged: Judgement, text: str) -> Answer:
    """Return the record with another text and everything else as it was."""
    return replace(judged.answer, parsed=replace(judged.answer.parsed, text=text))


def row_of(arm: str, judged: Judgement, right: bool, reply: str) -> dict[str, Any]:
    """Return what one reply is worth, as plain JSON values.

    ``right``: the reply still says what is right; ``cited`` and ``formed``: the answer behind it names a passage that
    tells (or rightly declines), and has the house format; ``voice``: no rule of the voice is broken; ``broken``: the
    rules that are.
    """
    verdicts = obeyed(reply)
    broken = [rule for rule, kept in verdicts.items() if kept is False]
    return {
        "arm": arm,
        "question": judged.question.id,
        "cluster": judged.question.cluster,
        "reply": reply,
        "right": right,
        "cited": judged.citation_correct is True or (judged.answer.abstained and judged.correct),
        "formed": judged.answer.parsed.valid,
        "voice": not broken,
        "all": right and is_good(judged) and not broken,
        "broken": broken,
    }
