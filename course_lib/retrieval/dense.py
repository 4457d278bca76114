"""Retrieval by meaning: sentence embeddings and exact cosine search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import numpy as np

from course_lib.errors import DataError, WeightsError
from course_lib.files import digest_of, sha256_of, write_atomic
from course_lib.knowledge.chunking import Passage
from course_lib.models.weights import embedder_folder, verify, verify_adapter
from course_lib.retrieval.base import ScoringRetriever
from course_lib.settings import Settings

DIMENSIONS = 384
Embedder = Callable[[list[str]], np.ndarray]  # n texts -> unit-length embeddings, shape (n, 384)


@lru_cache(maxsize=2)
def load_embedder(settings: Settings):
    """Load all-MiniLM-L6-v2 (Reimers and Gurevych 2019) from the cache, with the course's adapter merged in.

    Raises:
        WeightsError: the weights or the adapter are missing or damaged.
    """
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # two seconds need none, and in a notebook it would stay
    folder = embedder_folder(settings)
    verify(folder)
    try:
        model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    except (OSError, ValueError) as error:
        raise WeightsError(
            f"The embedding model in {folder} cannot be loaded: {error}.", "Run `python -m course_lib prepare`."
        ) from error
    if settings.retrieval_adapter:
        model[0].auto_model = _merged(model[0].auto_model, adapter_folder(settings))
    return model


def adapter_folder(settings: Settings) -> Path:
    """Return where the embedding model's adapter is."""
    return settings.data / "adapters" / settings.retrieval_adapter


def _merged(encoder, folder: Path):
    from peft import PeftModel
    from safetensors import SafetensorError

    if not (folder / "adapter_model.safetensors").is_file():
        raise WeightsError(f"The adapter {folder} is missing.", "Restore it with `git checkout data/adapters`.")
    verify_adapter(folder)
    try:
        return PeftModel.from_pretrained(encoder, str(folder)).merge_and_unload()
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise WeightsError(
            f"The adapter {folder} cannot be loaded: {error}.", "Restore it with `git checkout data/adapters`."
        ) from error


def embed(texts: Sequence[str], settings: Settings) -> np.ndarray:
    """Return unit-length embeddings, shape (len(texts), 384), float32."""
    if not texts:
        return np.zeros((0, DIMENSIONS), dtype=np.float32)
    model = load_embedder(settings)
    return model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False, batch_size=64)


class DenseRetriever(ScoringRetriever):
    """Exact search by cosine similarity; the passages' embeddings are kept in the cache."""

    def __init__(self, passages: Sequence[Passage], settings: Settings, embedder: Embedder | None = None):
        """Embed and index the passages.

        Args:
            passages: what to search, n passages.
            settings: where the embedding model and the cache are.
            embedder: gives the passages' embeddings instead of the cache.

        Raises:
            DataError: there are no passages.
        """
        self.passages, self.settings = some(passages), settings
        self.texts = [passage.indexed for passage in self.passages]
        self.vectors = embedder(self.texts) if embedder else _cached(self.texts, settings)  # (n, 384)

    def scores(self, questions: Sequence[str]) -> np.ndarray:
        """Return cosines, shape (questions, passages)."""
        return embed(questions, self.settings) @ self.vectors.T


def some(passages: Sequence[Passage]) -> list[Passage]:
    """Return the passages as a list.

    Raises:
        DataError: there are none.
    """
    if not passages:
        raise DataError("There are no passages to index.", "Load a snapshot with at least one article.")
    return list(passages)


def _cached(texts: list[str], settings: Settings) -> np.ndarray:
    path = cache_file(settings, digest_of([adapter_mark(settings), texts]))
    if (arrays := kept(path, ("vectors",))) is not None and arrays["vectors"].shape == (len(texts), DIMENSIONS):
        return arrays["vectors"]
    vectors = embed(texts, settings)
    keep(path, vectors=vectors)
    return vectors


def cache_file(settings: Settings, digest: str) -> Path:
    """Return where embeddings with this digest are kept."""
    return settings.cache / "embeddings" / f"{digest}.npz"


def adapter_mark(settings: Settings) -> str:
    """Return what changes when the embeddings do: the digest of the adapter's weights, or nothing without one."""
    weights = adapter_folder(settings) / "adapter_model.safetensors"
    return sha256_of(weights) if settings.retrieval_adapter and weights.is_file() else ""


def keep(path: Path, **arrays: np.ndarray) -> None:
    """Write arrays to the cache, each under its name."""
    buffer = BytesIO()
    np.savez(buffer, **arrays)
    write_atomic(path, buffer.getvalue())


def kept(path: Path, names: Sequence[str]) -> dict[str, np.ndarray] | None:
    """Return cached arrays; None if they are missing or damaged, in which case they are computed again.

    Args:
        path: the file.
        names: what it should hold, ``vectors`` among it: the rows of that one have length 1.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            if archive.zip.testzip() is not None:  # numpy alone checks no sum where a damaged header shortens the array
                return None
            arrays = {name: archive[name] for name in names}
            lengths = np.linalg.norm(arrays["vectors"].astype(np.float32), axis=1)
    except Exception:  # a damaged archive fails with half a dozen types of error
        return None
    return arrays if np.allclose(lengths, 1, atol=1e-3) else None
