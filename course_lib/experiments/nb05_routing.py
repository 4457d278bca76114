"""Sort messages into categories: prompts, constrained decoding, an adapter, and embeddings with logistic regression."""

from __future__ import annotations

from course_lib.evaluation.target_scores import score
from course_lib.experiments.nb05_arms import Say, adapter_files, compare_arms, row_of
from course_lib.experiments.nb05_slices import with_fewer_tests
from course_lib.experiments.resume import Kept, Rows
from course_lib.models.batching import Completion
from course_lib.retrieval.dense import embed
from course_lib.settings import Settings
from course_lib.training.classifier import classify_one_by_one, fit_classifier
from course_lib.training.targets import Target
from course_lib.training.ticket_targets import ticket_target

NAME = "nb05_routing"
USES = (
    *adapter_files("routing"),
    *adapter_files("retrieval"),
    "data/tickets/routing.jsonl",
    "data/tickets/routing_categories.json",
)
ASKED = 112  # eight of each category
CLASSICAL = "embeddings and regression"


def run(settings: Settings, say: Say) -> Rows:
    """Return one row for each arm and ``ASKED`` test items, as :func:`nb05_arms.row_of` says.

    The classical rival is the last arm. Its ``ms`` is the time of each message on its own, embedding included; it has
    no prompt and no tokens.
    """
    target, kept = with_fewer_tests(ticket_target("routing", settings), ASKED, settings), Kept(NAME, settings, say)
    rows = compare_arms(NAME, target, settings, say)
    return rows + kept.rows(CLASSICAL, lambda: classical_rows(target, settings))


def classical_rows(target: Target, settings: Settings) -> Rows:
    """Train the classical rival on the train split and answer the test split."""
    train, test = target.items["train"], target.items["test"]
    vectors = embed([item.text for item in train], settings)
    classifier = fit_classifier(vectors, [item.wanted for item in train], settings.seed)
    answers = classify_one_by_one(classifier, [item.text for item in test], lambda texts: embed(texts, settings))
    return [
        row_of(CLASSICAL, item, score(target, item, label), Completion(label, 0, 0, seconds, 0.0, 0.0), seconds)
        for item, (label, seconds) in zip(test, answers)
    ]
