"""A small verifier: does a cited passage say that this is the answer to this question?

It weighs the features of :mod:`course_lib.evaluation.verifier_features`, cosines of sentence embeddings (Reimers and
Gurevych 2019) and shares of words, with logistic regression. What it has learned is eight numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from course_lib.errors import DataError
from course_lib.evaluation.statistics import Interval, cluster_bootstrap
from course_lib.evaluation.verifier_features import FEATURES
from course_lib.files import read_json, write_json

WEIGHTS = "weights.json"


@dataclass(frozen=True)
class Verifier:
    """A logistic regression over ``FEATURES``.

    Attributes:
        mean, scale: of each feature in training; a feature is brought to mean 0 and spread 1.
        weights: what each scaled feature counts.
        bias: what is added.
        threshold: probability below which an answer is flagged.
    """

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float
    threshold: float = 0.5

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """Return the probability that each pair is supported, shape (n,), from features of shape (n, 7)."""
        scaled = (features - np.array(self.mean)) / np.array(self.scale)
        return 1 / (1 + np.exp(-(scaled @ np.array(self.weights) + self.bias)))


def fit_verifier(features: np.ndarray, labels: Sequence[bool]) -> Verifier:
    """Fit a verifier; both labels weigh the same, and numbers are rounded so that they can be kept as text.

    Args:
        features: shape (n, 7).
        labels: whether each pair is supported, shape (n,).

    Raises:
        ValueError: the labels are all the same.
    """
    from sklearn.linear_model import LogisticRegression

    mean, spread = features.mean(axis=0), features.std(axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    fitted = LogisticRegression(class_weight="balanced", max_iter=1000).fit((features - mean) / scale, labels)
    rounded = [tuple(round(float(number), 6) for number in row) for row in (mean, scale, fitted.coef_[0])]
    return Verifier(*rounded, bias=round(float(fitted.intercept_[0]), 6))


def with_threshold(verifier: Verifier, features: np.ndarray, labels: Sequence[bool]) -> Verifier:
    """Return the verifier with the threshold that parts dev pairs best: the highest J (Youden 1950).

    J is the share of wrong answers flagged less the share of right ones flagged, so it does not depend on how many
    answers are wrong. The lowest of equally good thresholds is taken, which flags least.

    Args:
        verifier: its own threshold does not matter.
        features, labels: of the dev pairs, shapes (n, 7) and (n,).

    Raises:
        ValueError: the labels are all the same.
    """
    right = np.asarray(labels, dtype=bool)
    if right.all() or not right.any():
        raise ValueError("A threshold needs right and wrong pairs.")
    probabilities = verifier.probabilities(features)
    tried = [round(step / 100, 2) for step in range(1, 100)]
    return replace(verifier, threshold=max(tried, key=lambda bound: _youden(probabilities < bound, right)))


def _youden(flagged: np.ndarray, right: np.ndarray) -> float:
    return round(float(flagged[~right].mean() - flagged[right].mean()), 9)


def precision_recall(
    flagged: Sequence[bool], wrong: Sequence[bool], clusters: Sequence[str]
) -> tuple[Interval | None, Interval | None]:
    """Return how many of the flagged answers are wrong, and how many of the wrong ones are flagged.

    Args:
        flagged, wrong, clusters: for each answer; clusters are its article, by which intervals are resampled.

    Returns:
        Precision, or None if nothing is flagged; recall, or None if nothing is wrong.
    """
    rows = list(zip(flagged, wrong, clusters, strict=True))
    of_flagged = [(bad, cluster) for flag, bad, cluster in rows if flag]
    of_wrong = [(flag, cluster) for flag, bad, cluster in rows if bad]
    return tuple(cluster_bootstrap(*zip(*items)) if items else None for items in (of_flagged, of_wrong))


def save_verifier(verifier: Verifier, folder: Path) -> None:
    """Write the verifier as JSON."""
    write_json(folder / WEIGHTS, {"features": list(FEATURES), **asdict(verifier)})


def load_verifier(folder: Path) -> Verifier:
    """Read a verifier.

    Raises:
        DataError: the file is missing, damaged, or of other features.
    """
    stored = read_json(folder / WEIGHTS)
    remedy = "Run `python -m course_lib experiment nb04_verifier`, or restore it with `git checkout`."
    if not isinstance(stored, dict) or stored.pop("features", None) != list(FEATURES):
        raise DataError(f"{folder / WEIGHTS} is not a verifier with the course's features.", remedy)
    try:
        return Verifier(**{name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()})
    except TypeError as error:
        raise DataError(f"{folder / WEIGHTS} is damaged: {error}.", remedy) from error
