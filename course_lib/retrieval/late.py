"""Retrieval by the meaning of single words: every word of a question looks for the word most like it in a passage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from course_lib.files import digest_of
from course_lib.knowledge.chunking import Passage
from course_lib.retrieval.base import ScoringRetriever
from course_lib.retrieval.dense import DIMENSIONS, adapter_mark, cache_file, keep, kept, load_embedder, some
from course_lib.settings import Settings

# Counted from the end. The vectors of the last layer are made to be averaged over a text; those of the layer before it
# keep more of the single word. Chosen among the last three on the dev questions.
LAYER = -2
TOGETHER, AT_ONCE = 32, 8  # texts embedded together; questions compared with all passages at once


@dataclass(frozen=True)
class Tokens:
    """The tokens of a text: their ids in the vocabulary, shape (n,), and their unit vectors, shape (n, 384)."""

    ids: np.ndarray
    vectors: np.ndarray


TokenEmbedder = Callable[[list[str]], list[Tokens]]


class LateRetriever(ScoringRetriever):
    """Late interaction (Khattab and Zaharia 2020), with a model that was not made for it.

    A passage scores the mean, over the question's tokens, of the cosine with the most similar token of the passage.
    Rare tokens count more: each is weighted by how few passages have it (Sparck Jones 1972).
    """

    def __init__(self, passages: Sequence[Passage], settings: Settings, embedder: TokenEmbedder | None = None):
        """Embed and index the tokens of the passages.

        Args:
            passages: what to search, n passages.
            settings: where the embedding model and the cache are.
            embedder: gives the passages' tokens instead of the cache.

        Raises:
            DataError: there are no passages.
        """
        self.passages, self.settings = some(passages), settings
        self.texts = [passage.indexed for passage in self.passages]
        tokens = embedder(self.texts) if embedder else _cached(self.texts, settings)
        self.ids = [one.ids for one in tokens]
        self.vectors = np.concatenate([one.vectors for one in tokens])  # (tokens of all passages, 384)
        self._starts = _starts(tokens)
        self._counts = Counter(number for ids in self.ids for number in set(ids.tolist()))

    @property
    def tokens(self) -> list[Tokens]:
        """The tokens of each passage."""
        return [Tokens(*pair) for pair in zip(self.ids, np.split(self.vectors, self._starts[1:]))]

    def scores(self, questions: Sequence[str]) -> np.ndarray:
        """Return weighted mean cosines, shape (questions, passages)."""
        rows = [np.zeros((0, len(self.passages)), dtype=np.float32)]
        for start in range(0, len(questions), AT_ONCE):
            asked = embed_tokens(questions[start : start + AT_ONCE], self.settings)
            pairs = np.concatenate([one.vectors for one in asked]) @ self.vectors.T  # all tokens asked with all told
            best = np.maximum.reduceat(pairs, self._starts, axis=1)  # (tokens of all questions, passages)
            weights = np.concatenate([self._weights(one.ids) for one in asked])
            rows.append(np.add.reduceat(weights[:, None] * best, _starts(asked), axis=0))
        return np.concatenate(rows)

    def _weights(self, ids: np.ndarray) -> np.ndarray:
        """Return the weights of a question's tokens, shape (n,); they add up to 1."""
        having = np.array([self._counts[number] for number in ids.tolist()], dtype=np.float32)
        raw = np.log1p(len(self.passages) / (1 + having))
        return raw / raw.sum()


def _starts(texts: Sequence[Tokens]) -> np.ndarray:
    """Return where the tokens of each text begin when all are put in a row, shape (texts,)."""
    return np.cumsum([0, *(len(one.ids) for one in texts[:-1])])


def embed_tokens(texts: Sequence[str], settings: Settings) -> list[Tokens]:
    """Return the tokens of each text with their vectors; a text without any has its start mark.

    Vectors are rounded to half precision, as they are kept, so that an index from the cache ranks as a new one does.
    """
    import torch

    model = load_embedder(settings)
    done: dict[int, Tokens] = {}
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    for start in range(0, len(order), TOGETHER):
        batch = order[start : start + TOGETHER]
        tokens = model.tokenizer(
            [texts[index] for index in batch],
            padding=True,
            truncation=True,
            max_length=model.max_seq_length,
            return_special_tokens_mask=True,
            return_tensors="pt",
        )
        wanted = ~tokens.pop("special_tokens_mask").bool()  # (texts, length)
        wanted[:, 0] |= ~wanted.any(1)
        with torch.inference_mode():
            states = model[0].auto_model(**tokens, output_hidden_states=True).hidden_states[LAYER]
            unit = torch.nn.functional.normalize(states, dim=-1).half().float()  # (texts, length, 384)
        for row, index in enumerate(batch):
            ids = tokens["input_ids"][row][wanted[row]]
            done[index] = Tokens(ids.numpy(), unit[row][wanted[row]].numpy())
    return [done[index] for index in range(len(texts))]


def _cached(texts: list[str], settings: Settings) -> list[Tokens]:
    path = cache_file(settings, digest_of(["tokens", LAYER, adapter_mark(settings), texts]))
    if (arrays := kept(path, ("vectors", "ids", "counts"))) is not None and _fit(arrays, len(texts)):
        bounds = np.cumsum(arrays["counts"])[:-1]
        vectors = np.split(arrays["vectors"].astype(np.float32), bounds)
        return [Tokens(*pair) for pair in zip(np.split(arrays["ids"], bounds), vectors)]
    tokens = embed_tokens(texts, settings)
    keep(
        path,
        vectors=np.concatenate([one.vectors for one in tokens]).astype(np.float16),
        ids=np.concatenate([one.ids for one in tokens]),
        counts=np.array([len(one.ids) for one in tokens]),
    )
    return tokens


def _fit(arrays: dict[str, np.ndarray], texts: int) -> bool:
    counts, ids, vectors = (arrays[name] for name in ("counts", "ids", "vectors"))
    return counts.shape == (texts,) and ids.shape == (counts.sum(),) and vectors.shape == (len(ids), DIMENSIONS)
