"""The course's weights behind a real server: what it honors, and whether it answers as the local model does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

from course_lib.assistants.answer import Answer
from course_lib.assistants.team import build_team
from course_lib.evaluation.gold import Question, load_questions
from course_lib.evaluation.judge import judge
from course_lib.experiments.resume import Rows
from course_lib.experiments.sources import READING_ADAPTER, SITE_DATA
from course_lib.hosted.ceiling import Ceiling
from course_lib.hosted.chat import EndpointChat, hosted_assistants
from course_lib.hosted.client import Client
from course_lib.hosted.probe import probe
from course_lib.hosted.served import served
from course_lib.knowledge.chunking import Passage
from course_lib.settings import Settings

NAME = "nb13_server"
USES = (*SITE_DATA, *READING_ADAPTER)
EVERY = 30  # of the 240 test questions
PROBE, ANSWERS = "probe", "answers"


def run(settings: Settings, say: Callable[[str], None]) -> Rows:
    """Return a row for each finding of the probe, and one for each question and assistant.

    The second kind has whether the hosted assistant and the local one are right, and whether they say the same.
    """
    questions = load_questions(settings.data, "test")[::EVERY]
    team = build_team(settings)
    with served(settings) as endpoint:
        client = Client(replace(endpoint, tries=1), Ceiling(0.0, 0.0, 0.0))
        rows: Rows = [{"part": PROBE, **asdict(finding)} for finding in probe(client)]
        say("the server is probed")
        for name, hosted in hosted_assistants(EndpointChat(client), team.retriever).items():
            texts = [question.text for question in questions]
            there = hosted.answer(texts)
            here = [team.assistants[name].answer([text])[0] for text in texts]
            rows += answer_rows(name, questions, here, there, team.passages)
            say(f"{name}: {len(texts)} answered here and there")
    return [{**row, "seen": _without_paths(row["seen"], settings)} if "seen" in row else row for row in rows]


def answer_rows(
    name: str,
    questions: Sequence[Question],
    here: Sequence[Answer],
    there: Sequence[Answer],
    passages: Sequence[Passage],
) -> Rows:
    """Return a row for each question: were both assistants right, did they say the same, and what did it take?"""
    site = {passage.id: passage for passage in passages}
    return [
        {
            "part": ANSWERS,
            "assistant": name,
            "question": question.id,
            "cluster": question.cluster,
            "correct_here": judge(question, local, site).correct,
            "correct_there": judge(question, hosted, site).correct,
            "same": local.raw == hosted.raw,
            "tokens_in_here": local.tokens_in,
            "tokens_in_there": hosted.tokens_in,
            "seconds_here": round(local.seconds["generate"], 2),
            "seconds_there": round(hosted.seconds["generate"], 2),
        }
        for question, local, hosted in zip(questions, here, there)
    ]


def _without_paths(text: str, settings: Settings) -> str:
    return text.replace(str(settings.cache), "CACHE")
