"""Is a message a question to the help pages, or does it ask for something to be done? A small classifier decides.

The adapter that chooses a workflow has learned from requests only, and finds one in every message. So something else
has to come first: logistic regression on the embedding of the message, learned from training texts only.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from course_lib.agent.desk import NO_WORKFLOW
from course_lib.errors import DataError
from course_lib.files import digest_of, read_json, read_jsonl, sha256_of, write_json
from course_lib.retrieval.dense import DIMENSIONS, adapter_folder, embed
from course_lib.settings import Settings, load_settings
from course_lib.training.classifier import fit_classifier
from course_lib.training.reading import fill_site
from course_lib.training.ticket_targets import ticket_target

FILE = Path("router") / "router.json"
SITE_QUESTIONS = 1000  # chosen on the dev split
QUESTION, WORK = "question", "work"
Embedder = Callable[[Sequence[str]], np.ndarray]  # n texts -> unit-length embeddings, shape (n, 384)


class Router:
    """Tells questions from requests.

    Args:
        weights: shape (384,), of the embedding; the sum is above 0 for a request.
        bias: added to the sum.
        embedder: gives the embeddings.
    """

    def __init__(self, weights: Sequence[float], bias: float, embedder: Embedder):
        self._weights, self._bias, self._embedder = np.asarray(weights), bias, embedder

    def is_work(self, text: str) -> bool:
        """Tell whether a message asks for something to be done."""
        return bool(self._embedder([text])[0] @ self._weights + self._bias > 0)


def training_texts(settings: Settings) -> list[tuple[str, str]]:
    """Return the texts that the router learns from, each with its label; nothing of a dev or test article.

    Questions: about facts of the train split, about made-up organizations, and messages that want nothing done.
    Work: messages of the train split that want a workflow.
    """
    split = {row["id"]: row["split"] for row in read_jsonl(settings.data / "facts.jsonl")}
    asked = [
        text
        for row in read_jsonl(settings.data / "train" / "wordings.jsonl")
        if split[row["fact"]] == "train"
        for text in row["wordings"]
    ]
    rng = random.Random(settings.seed)
    sites = [fill_site(row, rng) for row in read_jsonl(settings.data / "train" / "sites.jsonl")]
    asked += rng.sample([one.text for site in sites for one in site.asked], SITE_QUESTIONS)
    messages = ticket_target("workflow", settings).items["train"]
    return [(text, QUESTION) for text in asked] + [
        (item.text, QUESTION if item.group == NO_WORKFLOW else WORK) for item in messages
    ]


def made_from(settings: Settings) -> str:
    """Return the digest of what the router is made from: its texts and the embedding model's adapter."""
    return digest_of([training_texts(settings), sha256_of(adapter_folder(settings) / "adapter_model.safetensors")])


def make_router(settings: Settings) -> None:
    """Train the router and write ``data/router/router.json``: a minute on two processor cores."""
    texts, labels = zip(*training_texts(settings))
    regression = fit_classifier(embed(texts, settings), labels, settings.seed).regression
    weights = [round(float(weight), 5) for weight in regression.coef_[0]]  # classes are sorted: above 0 is work
    row = {"made_from": made_from(settings), "bias": round(float(regression.intercept_[0]), 5), "weights": weights}
    write_json(settings.data / FILE, row)


def load_router(settings: Settings) -> Router:
    """Return the shipped router.

    Raises:
        DataError: its file is missing or damaged.
    """
    row = read_json(settings.data / FILE)
    try:
        weights, bias = [float(weight) for weight in row["weights"]], float(row["bias"])
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{FILE} is not a router.", "Restore it with `git checkout data/router`.") from error
    if len(weights) != DIMENSIONS:
        raise DataError(f"{FILE} has {len(weights)} weights.", "Restore it with `git checkout data/router`.")
    return Router(weights, bias, lambda texts: embed(texts, settings))


if __name__ == "__main__":
    make_router(load_settings())
