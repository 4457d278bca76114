"""Find examples whose label is probably wrong: by what other examples predict, and by what their neighbors say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

_NEAR = 1e-6  # as cleanlab: a probability that misses its threshold by less has reached it


def confident_suspects(probabilities: np.ndarray, names: Sequence[str], labels: Sequence[str]) -> list[int]:
    """Return the positions of examples that confidently belong to another label (Northcutt et al. 2021).

    A label's threshold is the mean probability that its own examples give it. An example is suspect if its label is not
    the likeliest one, and not the only one that reaches its threshold, and some label does reach it. These are the
    examples that cleanlab finds with ``filter_by="confident_learning"``.

    Args:
        probabilities: out-of-fold, shape (n, labels).
        names: the labels in the order of the columns.
        labels: the label given to each example.
    """
    given = np.array([list(names).index(label) for label in labels])
    thresholds = np.array([probabilities[given == column, column].mean() for column in range(len(names))])
    sure = probabilities >= thresholds - _NEAR
    likeliest = probabilities.argmax(axis=1)
    only_given = (sure.sum(axis=1) == 1) & sure[np.arange(len(given)), given]
    return [int(row) for row in np.flatnonzero(sure.any(axis=1) & ~only_given & (likeliest != given))]


def conflicts(vectors: np.ndarray, labels: Sequence[str], neighbors: int = 5, agree: int = 3) -> list[int]:
    """Return the positions of examples that contradict the examples most like them.

    Args:
        vectors: unit-length embeddings of the examples, shape (n, size).
        labels: the label given to each.
        neighbors: how many of the most similar others are asked.
        agree: how many of them have to share one other label.
    """
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -np.inf)
    nearest = np.argsort(-similarity, axis=1, kind="stable")[:, :neighbors]
    found = []
    for row, others in enumerate(nearest):
        label, votes = Counter(labels[other] for other in others).most_common(1)[0]
        if label != labels[row] and votes >= agree:
            found.append(row)
    return found
