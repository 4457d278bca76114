"""Helps the causal experiments and notebook 04: ask, change what was shown, and ask again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from course_lib.assistants.answer import Answer
from course_lib.assistants.hybrid import Hybrid, before_validation
from course_lib.assistants.rag import Rag
from course_lib.assistants.team import Team, build_team
from course_lib.evaluation.causal import Probe, can_be_probed, decoys_by_type, outcome, probes
from course_lib.evaluation.gold import Question, load_facts, load_questions
from course_lib.evaluation.judge import Judgement, judge
from course_lib.evaluation.matching import relevant_ids
from course_lib.knowledge.chunking import Passage
from course_lib.knowledge.snapshots import snapshot_dates
from course_lib.knowledge.values import contains
from course_lib.retrieval.base import Retriever
from course_lib.settings import Settings

Say = Callable[[str], None]


def run_probes(name: str, count: int, settings: Settings, say: Say) -> list[dict]:
    """Ask one assistant ``count`` test questions, and those it answers well again under each of the four tests.

    Args:
        name: ``rag`` or ``hybrid``.
        count: questions asked intact.
        settings: paths, model and seed.
        say: called with progress lines.
    """
    team = build_team(settings)
    site = {passage.id: passage for passage in team.passages}
    questions = load_questions(settings.data, "test")
    return probe(
        team, name, pick_questions(questions, team.retriever, team.assistants[name].top_k, count, site), settings, say
    )


def probe(
    team: Team, name: str, questions: Sequence[Question], settings: Settings, say: Say | None = None
) -> list[dict]:
    """Ask one assistant some questions, and those it answers well again under each test; first the intact rows.

    Args:
        team: the assistants, over the newest snapshot.
        name: ``rag`` or ``hybrid``.
        questions: each asks one value.
        settings: paths and seed.
        say: called with progress lines.
    """
    assistant, site = team.assistants[name], {passage.id: passage for passage in team.passages}
    judgements = first_round(assistant, questions, site, say)
    decoys = decoys_by_type(load_facts(settings.data).values(), team.passages, snapshot_dates(settings.data)[-1])
    return [*map(intact_row, judgements), *ask_again(assistant, judgements, decoys, settings.seed, say)]


def pick_questions(
    questions: Sequence[Question], retriever: Retriever, k: int, count: int, site: Mapping[str, Passage]
) -> list[Question]:
    """Return evenly spaced questions that ask one value with a shape and whose passage is among the ``k`` best."""
    single = [question for question in questions if len(question.slots) == 1 and question.slots[0].type != "name"]
    found = retriever.search([question.text for question in single], k)
    pool = [
        question
        for question, hits in zip(single, found)
        if relevant_ids(question.slots[0], site) & {hit.passage.id for hit in hits}
    ]
    count = min(count, len(pool))
    return [pool[index * len(pool) // count] for index in range(count)]


def first_round(
    assistant: Hybrid | Rag, questions: Sequence[Question], site: Mapping[str, Passage], say: Say | None = None
) -> list[Judgement]:
    """Ask with the passages as retrieved, and judge what the model wrote, before any check could withhold it."""
    texts = [question.text for question in questions]
    answers = assistant.answer_from(texts, assistant.retriever.search(texts, assistant.top_k), say=say)
    return [judge(question, before_validation(answer), site) for question, answer in zip(questions, answers)]


def ask_again(
    assistant: Hybrid | Rag,
    judgements: Sequence[Judgement],
    decoys: Mapping[str, Sequence[Passage]],
    seed: int,
    say: Say | None = None,
) -> list[dict]:
    """Ask again from changed passages, and return one row for each answer that can be probed and each test.

    A row has ``assistant``, ``question``, ``article``, ``type``, ``test``, ``old`` (the value asked), ``new`` (what a
    swap put in its place), ``text`` and ``cites`` (what the model wrote), ``withheld`` (a check kept it back),
    ``outcome``, and ``elsewhere`` (an uncited passage states the old value too, before any change).
    """
    tried = [
        (judged, probe) for judged in judgements if can_be_probed(judged) for probe in probes(judged, decoys, seed)
    ]
    texts = [judged.question.text for judged, _ in tried]
    answers = assistant.answer_from(texts, [list(probe.hits) for _, probe in tried], say=say) if tried else []
    return [_row(judged, probe, answer) for (judged, probe), answer in zip(tried, answers)]


def _row(judged: Judgement, probe: Probe, answer: Answer) -> dict:
    wrote = before_validation(answer)
    return {
        **intact_row(judged),
        "test": probe.test,
        "new": probe.new,
        "text": wrote.parsed.text,
        "cites": list(wrote.parsed.citations),
        "withheld": not all(answer.verdicts.values()),
        "outcome": outcome(judged.question, probe, wrote),
    }


def intact_row(judged: Judgement) -> dict:
    """Return the row of an answer from unchanged passages; its outcome is ``keeps`` or ``not probed``."""
    question, answer = judged.question, judged.answer
    uncited = [hit.passage.indexed for hit in answer.hits if hit.passage.id not in answer.parsed.citations]
    return {
        "assistant": answer.assistant,
        "question": question.id,
        "article": question.cluster,
        "type": question.slots[0].type,
        "test": "intact",
        "old": question.slots[0].value,
        "new": "",
        "text": answer.parsed.text,
        "cites": list(answer.parsed.citations),
        "withheld": not all(answer.verdicts.values()),
        "outcome": "keeps" if can_be_probed(judged) else "not probed",
        "elsewhere": any(contains(text, question.slots[0].value) for text in uncited),
    }
