"""What the verifier looks at: seven numbers about a question, an answer, and the passages cited for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from course_lib.evaluation.matching import is_supported
from course_lib.evaluation.verifier_pairs import Pair
from course_lib.knowledge.chunking import sentences_of
from course_lib.retrieval.bm25 import words_of

Embed = Callable[[Sequence[str]], np.ndarray]  # n texts -> unit vectors, shape (n, d)
FEATURES = {
    "stated": "every value of the answer stands in the cited passages: 1 or 0",
    "claim fits passage": "cosine of question with answer and the closest cited passage",
    "claim fits sentence": "cosine of question with answer and the closest sentence under its heading",
    "question fits value": "cosine of the question and the closest sentence that states a value of the answer",
    "value in best sentence": "the sentence closest to the question states a value of the answer: 1 or 0",
    "words in passage": "share of the question's words that the cited passages have",
    "words beside value": "largest share of the question's words in a sentence, with heading, that states a value",
}


def features_of(pairs: Sequence[Pair], embed: Embed) -> np.ndarray:
    """Return the features of pairs, shape (n, 7), in the order of ``FEATURES``.

    Args:
        pairs: each with at least one passage.
        embed: embeds texts; each text is embedded once, however many pairs share it.

    Raises:
        ValueError: a pair cites no passage.
    """
    if any(not pair.passages for pair in pairs):
        raise ValueError("A pair cites no passage: nothing can support it.")
    pieces = [_pieces(pair) for pair in pairs]
    texts = sorted({text for pair, found in zip(pairs, pieces) for text in _texts(pair, found)})
    vectors = dict(zip(texts, embed(texts)))
    rows = [_row(pair, found, vectors) for pair, found in zip(pairs, pieces)]
    return np.array(rows, dtype=float).reshape(len(pairs), len(FEATURES))


def _claim(pair: Pair) -> str:
    return f"{pair.question} {pair.answer}"


def _pieces(pair: Pair) -> list[tuple[str, bool]]:
    """Return each sentence under its heading, and whether it states a value of the answer."""
    parts = [part for part in pair.answer.split(";") if part.strip()]
    return [
        (f"{passage.heading}: {text}", any(is_supported(part, [replace(passage, text=text)]) for part in parts))
        for passage in pair.passages
        for text in sentences_of(passage.text)
    ]


def _texts(pair: Pair, pieces: list[tuple[str, bool]]) -> list[str]:
    return [pair.question, _claim(pair), *(p.indexed for p in pair.passages), *(text for text, _ in pieces)]


def _row(pair: Pair, pieces: list[tuple[str, bool]], vectors: dict[str, np.ndarray]) -> list[float]:
    question, claim = vectors[pair.question], vectors[_claim(pair)]
    wanted, stating = set(words_of(pair.question)), [text for text, states in pieces if states]
    closest = max(pieces, key=lambda piece: float(question @ vectors[piece[0]]))

    def words(text: str) -> float:
        return len(wanted & set(words_of(text))) / max(1, len(wanted))

    return [
        float(is_supported(pair.answer, pair.passages)),
        max(float(claim @ vectors[passage.indexed]) for passage in pair.passages),
        max(float(claim @ vectors[text]) for text, _ in pieces),
        max((float(question @ vectors[text]) for text in stating), default=0.0),
        float(closest[1]),
        words(" ".join(passage.indexed for passage in pair.passages)),
        max(map(words, stating), default=0.0),
    ]
