"""Perfect retrieval, a missing article and an untrained reader, each alone, on the questions of nb03_faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from course_lib.assistants.hybrid import TOP_K
from course_lib.assistants.team import build_team
from course_lib.evaluation.contexts import DEPTH, oracle, run_contexts
from course_lib.evaluation.gold import Question
from course_lib.evaluation.judge import judge
from course_lib.evaluation.outcomes import outcome
from course_lib.experiments import nb03_faults
from course_lib.knowledge.chunking import Passage
from course_lib.retrieval.faults import drop_articles
from course_lib.settings import Settings

NAME = "nb03_layers"
ORACLE, MISSING, MISREADING = "oracle", "article missing", "untrained reader"
USES = nb03_faults.USES


def run(settings: Settings, say: Callable[[str], None]) -> list[dict]:
    """Answer every question in the three conditions; one row an answer.

    The oracle shows the right passages alone to the hybrid, and the untrained reader sees the same ones. The missing
    article is taken out of the ranking, and the next passages move up; those answers are judged against a site that
    does not have it, so that the documents do not tell.
    """
    questions, team = nb03_faults.asked(settings), build_team(settings)
    site = {passage.id: passage for passage in team.passages}
    right = [oracle(question, site) for question in questions]
    ranked = team.retriever.search([question.text for question in questions], DEPTH)
    missing = [
        drop_articles(hits, {slot.article for slot in question.slots}, TOP_K)
        for question, hits in zip(questions, ranked)
    ]
    rows = []
    for name, found, assistant in ((ORACLE, right, "hybrid"), (MISREADING, right, "rag")):
        say(f"{name}: {len(questions)} questions")
        rows += run_contexts({name: found}, questions, team.assistants[assistant].answer_from, site)
    say(f"{MISSING}: {len(questions)} questions")
    answers = team.assistants["hybrid"].answer_from([question.text for question in questions], missing)
    judged = [judge(question, answer, without(site, question)) for question, answer in zip(questions, answers)]
    return rows + [outcome(MISSING, one) for one in judged]


def without(site: Mapping[str, Passage], question: Question) -> dict[str, Passage]:
    """Return a site without the articles that answer a question."""
    gone = {slot.article for slot in question.slots}
    return {name: passage for name, passage in site.items() if passage.article not in gone}
