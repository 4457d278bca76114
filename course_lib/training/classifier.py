"""The classical rival for sorting messages: sentence embeddings and logistic regression."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from course_lib.errors import DataError

STRENGTH = 10.0  # inverse of the regularization: embeddings have unit length, so the default of 1 would be too strict
Embedder = Callable[[Sequence[str]], np.ndarray]  # n texts -> unit-length embeddings, shape (n, size)


@dataclass(frozen=True)
class Classifier:
    """A trained classifier of embeddings.

    Attributes:
        regression: the fitted model.
        seconds: time to fit it, embedding left out.
    """

    regression: LogisticRegression
    seconds: float

    def labels(self, vectors: np.ndarray) -> list[str]:
        """Return the likeliest label of each embedding, shape (n, size)."""
        return [str(label) for label in self.regression.predict(vectors)]


def fit_classifier(vectors: np.ndarray, labels: Sequence[str], seed: int = 7) -> Classifier:
    """Fit a multinomial logistic regression on embeddings.

    Args:
        vectors: shape (n, size).
        labels: one a vector, at least two different ones.
        seed: seed of the solver.

    Raises:
        DataError: there are fewer than two different labels.
    """
    if len(set(labels)) < 2:
        raise DataError("A classifier needs at least two different labels.", "Give it more of the examples.")
    began = time.perf_counter()
    regression = LogisticRegression(C=STRENGTH, max_iter=1000, random_state=seed).fit(vectors, list(labels))
    return Classifier(regression, time.perf_counter() - began)


def classify_one_by_one(classifier: Classifier, texts: Sequence[str], embedder: Embedder) -> list[tuple[str, float]]:
    """Return the label of each text and the seconds it took, embedding included, each text on its own.

    Args:
        classifier: trained on embeddings of the same embedder.
        texts: what to sort.
        embedder: gives the embeddings; called once before, so that loading it is not counted.
    """
    if texts:
        embedder(texts[:1])
    answers = []
    for text in texts:
        began = time.perf_counter()
        (label,) = classifier.labels(embedder([text]))
        answers.append((label, time.perf_counter() - began))
    return answers


def out_of_fold(
    vectors: np.ndarray, labels: Sequence[str], folds: int = 5, seed: int = 7
) -> tuple[np.ndarray, list[str]]:
    """Return what classifiers that have not seen an example think of it.

    Args:
        vectors: shape (n, size).
        labels: the labels given, right or wrong.
        folds: parts; each is judged by a classifier trained on the others. A label that has fewer examples lowers it.
        seed: seed of the parts.

    Returns:
        Probabilities, shape (n, labels), and the labels in the order of the columns.

    Raises:
        DataError: a label has one example only, or there are fewer than two labels.
    """
    names = sorted(set(labels))
    fewest = min((list(labels).count(name) for name in names), default=0)
    if len(names) < 2 or fewest < 2:
        raise DataError("Out-of-fold judgement needs two labels with two examples each.", "Give it more examples.")
    given, probabilities = np.array(labels), np.zeros((len(labels), len(names)))
    parts = StratifiedKFold(min(folds, fewest), shuffle=True, random_state=seed)
    for train, held_out in parts.split(vectors, given):
        regression = fit_classifier(vectors[train], list(given[train]), seed).regression
        columns = [names.index(name) for name in regression.classes_]
        probabilities[np.ix_(held_out, columns)] = regression.predict_proba(vectors[held_out])
    return probabilities, names
