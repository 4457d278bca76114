"""How long a changed article takes to reach the answers: by indexing it, and by training on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from course_lib.assistants.fine_tuned import FineTuned
from course_lib.errors import DataError
from course_lib.evaluation.gold import Question, load_facts, load_questions
from course_lib.evaluation.matching import states_all
from course_lib.experiments.nb02_hot_swap import STRATA
from course_lib.experiments.sources import SITE_DATA
from course_lib.files import read_jsonl
from course_lib.knowledge.articles import Article
from course_lib.knowledge.chunking import Passage, chunk_all
from course_lib.knowledge.snapshots import load_snapshot, snapshot_dates
from course_lib.models.chat import ChatModel
from course_lib.retrieval.bm25 import BM25Retriever
from course_lib.retrieval.dense import DenseRetriever, embed
from course_lib.retrieval.late import LateRetriever, embed_tokens
from course_lib.retrieval.updatable import UpdatableIndex
from course_lib.settings import Settings
from course_lib.training.closed_book import closed_book_examples
from course_lib.training.plans import CLOSED_BOOK_WORDINGS, PLANS
from course_lib.training.runs import TRAINED, trained_chat

NAME = "nb09_update"
USES = (
    *SITE_DATA,
    "data/adapters/closed_book/adapter_config.json",
    "data/adapters/closed_book/adapter_model.safetensors",
    "data/train/wordings.jsonl",
)
SITE, INDEXED, TRAINED_ON = "index the whole site", "index one article", "train on one article"
ARTICLES, EPOCHS = 2, (4, 8, 16)
ENOUGH = 0.5  # share of an article's questions that have to get the new value before it counts as brought in
REPEATS = 5


def run(settings: Settings, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Return rows with ``what``, ``article``, ``seconds`` and ``share`` (of the questions that get the new value).

    Loading a model counts on neither side. Training goes on from the shipped adapter and stops at the fewest epochs
    that bring the new values in; runs that were too short do not count, so the time of training is the least possible.
    """
    pages, dates = load_snapshot(settings.data), snapshot_dates(settings.data)
    embed(["warm"], settings)
    rows = [{"what": SITE, "article": "", "seconds": site_seconds(chunk_all(pages), settings), "share": None}]
    facts = load_facts(settings.data)
    chosen = changed_articles(load_questions(settings.data, "test"), facts, dates[0], dates[-1])
    index = UpdatableIndex(pages, settings)
    for page in [page for page in pages if page.id in chosen]:
        rows.append({"what": INDEXED, "article": page.id, "seconds": put_seconds(index, page), "share": None})
    for name, questions in chosen.items():
        rows.append(train_row(name, questions, facts, dates[-1], settings))
        say(f"{name}: {rows[-1]['seconds']} seconds, {rows[-1]['share']:.0%} of its questions")
    return rows


def changed_articles(
    questions: Sequence[Question], facts: Mapping[str, dict], old: str, new: str
) -> dict[str, list[Question]]:
    """Return the articles with most questions about values that changed between two dates, and these questions.

    A question counts if it asks one value and its wording fits both dates.
    """
    fit: dict[str, list[Question]] = {}
    for question in questions:
        values = facts[question.slots[0].fact]["values"] if len(question.slots) == 1 else {}
        if question.stratum in STRATA and values.get(old) and values.get(new) and values[old] != values[new]:
            fit.setdefault(question.cluster, []).append(question)
    most = sorted(fit, key=lambda name: (-len(fit[name]), name))[:ARTICLES]
    return {name: fit[name] for name in most}


def site_seconds(passages: Sequence[Passage], settings: Settings) -> float:
    """Return how long it takes to build the course's retriever with nothing in the cache."""
    began = time.perf_counter()
    DenseRetriever(passages, settings, lambda texts: embed(texts, settings))
    LateRetriever(passages, settings, lambda texts: embed_tokens(texts, settings))
    BM25Retriever(passages)
    return round(time.perf_counter() - began, 3)


def put_seconds(index: UpdatableIndex, page: Article) -> float:
    """Return the median time from handing in an edited page to a search in the new index; the page is put back."""
    spent = []
    for number in range(REPEATS):  # a new wording every time, or the embeddings would be remembered
        edited = replace(page, text=f"{page.text}\n\nEdited, version {number}: the values above hold from today.")
        began = time.perf_counter()
        index.put(edited)
        index.search([page.title], 1)
        spent.append(time.perf_counter() - began)
    index.put(page)
    return round(median(spent), 3)


def train_row(
    name: str, questions: Sequence[Question], facts: Mapping[str, dict], date: str, settings: Settings
) -> dict[str, Any]:
    """Train on an article's facts until enough of its questions get the new value, or the epochs are used up."""
    mine = {key: fact for key, fact in facts.items() if fact["article"] == name}
    wordings = {row["fact"]: row["wordings"] for row in read_jsonl(settings.data / "train" / "wordings.jsonl")}
    passages = chunk_all(load_snapshot(settings.data, date))
    talks = list(closed_book_examples(mine, wordings, passages, date, CLOSED_BOOK_WORDINGS, settings.seed))
    recipe, start = PLANS["closed_book"].stages[0].recipe, settings.data / "adapters" / "closed_book"
    for epochs in EPOCHS:
        with TemporaryDirectory() as folder:
            chat, seconds = trained_chat(settings, talks, replace(recipe, epochs=epochs), Path(folder), start)
        share = share_new(chat, questions)
        if share >= ENOUGH:
            break
    return {
        "what": TRAINED_ON,
        "article": name,
        "seconds": round(seconds, 3),
        "share": round(share, 4),
        "epochs": epochs,
    }


def share_new(chat: ChatModel, questions: Sequence[Question]) -> float:
    """Return the share of questions that get their present value from a model that has learned it by heart."""
    answers = FineTuned(chat, TRAINED).answer([question.text for question in questions])
    right = [states_all(question, answer.parsed.text) for question, answer in zip(questions, answers)]
    return sum(right) / len(right)


def seconds_of(rows: Sequence[Mapping[str, Any]], what: str) -> float:
    """Return the median seconds of one kind of update; trainings that did not bring the values in do not count.

    Raises:
        DataError: there is none to count.
    """
    kept = [row["seconds"] for row in rows if row["what"] == what and (row["share"] is None or row["share"] >= ENOUGH)]
    if not kept:
        raise DataError(f"No update was brought in by this: {what}.", "Raise EPOCHS in nb09_update and run it again.")
    return float(median(kept))
