"""Do the data bear each other out, and are dev, test and training text apart?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from course_lib.evaluation.gold import Question
from course_lib.files import read_jsonl
from course_lib.knowledge.articles import Article
from course_lib.knowledge.values import contains

Site = dict[str, dict[str, Article]]  # articles by date and id
Facts = dict[str, dict]


def source_checks(data: Path, site: Site, facts: Facts, questions: Sequence[Question]) -> list[list]:
    """Count facts, gold answers and corpus entries that their articles do not bear out; one row a check.

    Args:
        data: the course's data folder.
        site: the articles at each date, oldest first.
        facts: the typed facts by id.
        questions: dev and test.
    """
    newest = list(site)[-1]
    slots = [slot for question in questions for slot in question.slots]
    outdated = [slot for slot in slots if slot.value != facts[slot.fact]["values"][newest]]
    corpus = {(row["_id"], row["title"], row["text"]) for row in read_jsonl(data / "eval" / "corpus.jsonl")}
    differing = corpus ^ {(article.id, article.title, article.text) for article in site[newest].values()}
    unfounded = [fact for fact in facts.values() if not _is_founded(fact, site)]
    return [
        ["facts not found in their article at one of their dates", len(unfounded)],
        ["gold answers that differ from the newest value of their fact", len(outdated)],
        ["articles that `corpus.jsonl` and the newest date do not share", len({row[0] for row in differing})],
    ]


def leak_checks(data: Path, site: Site, facts: Facts, questions: Sequence[Question]) -> list[list]:
    """Count what stands on both sides of a split; one row a check, arguments as for :func:`source_checks`."""
    pairs = {(fact["article"], fact["split"]) for fact in facts.values()}
    split_of = dict(pairs)
    about = [(question, {slot.article for slot in question.slots} or {question.near}) for question in questions]
    astray = [question for question, names in about if {split_of.get(name) for name in names} != {question.split}]
    sources = set().union(*(titles_used(row, site) for row in read_jsonl(data / "train" / "sites.jsonl")))
    asked, trained = [_words(question.text) for question in questions], set(_training_questions(data))
    closest = max(len(one & other) / len(one | other) for one in asked for other in trained)
    return [
        ["articles with facts in two splits", len(pairs) - len(split_of)],
        ["questions about an article of another split", len(astray)],
        ["dev or test titles in `sites.jsonl`", sum(split_of.get(name) != "train" for name in sources)],
        ["shared words / all words of the closest evaluation and training questions", f"{closest:.2f}"],
    ]


def _is_founded(fact: dict, site: Site) -> bool:
    proofs = [
        (site[date].get(fact["article"]), fact["evidence"].get(date, ""), value)
        for date, value in fact["values"].items()
        if value is not None
    ]
    return all(page and evidence in page.text and contains(evidence, value) for page, evidence, value in proofs)


def titles_used(row: dict, site: Site) -> set[str]:
    """Return ids of the support articles whose title a passage of this training entry bears."""
    titles = {passage["title"] for passage in row["passages"]}
    return {article.id for articles in site.values() for article in articles.values() if article.title in titles}


def _training_questions(data: Path) -> Iterator[frozenset[str]]:
    for row in read_jsonl(data / "train" / "wordings.jsonl"):
        yield from map(_words, row["wordings"])
    for row in read_jsonl(data / "train" / "sites.jsonl"):
        for passage in row["passages"]:
            yield from map(_words, (*(question["q"] for question in passage["questions"]), *passage["unanswerable"]))


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", re.sub(r"\{.*?\}", " ", text).lower()))
