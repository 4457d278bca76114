"""Change a page on purpose, for experiments: a new value in its place, or a page that states a wrong one."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import replace

from course_lib.errors import DataError
from course_lib.knowledge.articles import Article
from course_lib.knowledge.chunking import Passage
from course_lib.knowledge.values import normalize

LOWEST, HIGHEST = 11, 499


def with_value(article: Article, evidence: str, old: str, new: str) -> Article:
    """Return the article with one value replaced in the sentence or table row that states it.

    Raises:
        DataError: the evidence does not stand in the article exactly once, or does not state the old value once.
    """
    if article.text.count(evidence) != 1 or evidence.count(old) != 1:
        raise DataError(
            f"{article.id}: {old!r} does not stand exactly once in a sentence that is there once.",
            "Name the evidence as facts.jsonl has it for this date.",
        )
    return replace(article, text=article.text.replace(evidence, evidence.replace(old, new)))


def fresh_amount(taken: Collection[str], rng: random.Random) -> str:
    """Draw an amount of money, such as ``$83``, that is not taken.

    Args:
        taken: amounts that the site states, normalized as :func:`course_lib.knowledge.values.values_in` gives them.
        rng: source of the amount.

    Raises:
        DataError: every amount in range is taken.
    """
    free = [f"${number}" for number in range(LOWEST, HIGHEST + 1) if normalize(f"${number}") not in taken]
    if not free:
        raise DataError("Every amount is taken.", "Widen the range of amounts.")
    return rng.choice(free)


def misleading_page(name: str, date: str, question: str, truth: Passage, old: str, new: str) -> Article:
    """Return a page that answers a question as a passage does, but with a wrong value.

    Args:
        name: id of the new page.
        date: from when it holds, YYYY-MM-DD.
        question: the customer's words, which become the heading, as on a page of frequent questions.
        truth: the passage that states the right value.
        old: the right value.
        new: the value that the page states instead.

    Raises:
        DataError: the passage does not state the right value.
    """
    if old not in truth.text:
        raise DataError(f"{truth.id} does not state {old!r}.", "Choose the passage that answers the question.")
    text = f"## {' '.join(question.split())}\n\n{truth.text.replace(old, new)}"
    return Article(name, truth.title, truth.category, date, "", text)
