"""Index passages: exactly where there are few, with faster structures where there are many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from course_lib.errors import DataError
from course_lib.knowledge.chunking import Passage
from course_lib.models.wheels import EMBEDDER
from course_lib.own_documents.large import GraphRetriever, SparseBM25Retriever
from course_lib.own_documents.ranking import QuickRetriever
from course_lib.own_documents.vectors import Embed, embed_all, store_folder
from course_lib.retrieval import dense
from course_lib.retrieval.base import Retriever, ScoringRetriever
from course_lib.retrieval.bm25 import BM25Retriever, words_of
from course_lib.retrieval.fusion import FusionRetriever, ScoreFusion
from course_lib.settings import Settings

# The largest sizes measured by tests/benchmarks/search.py at which the median question takes less than 5 ms: scoring
# every passage, and comparing every vector. Stored keyword scores change no result. A graph does: it misses some of the
# nearest, and ranks have to be combined instead of scores, since it gives no score to most passages.
EXACT_KEYWORDS = 1_000
EXACT_VECTORS = 30_000
WEIGHTS = (1.0, 0.5)  # meaning, keywords


@dataclass(frozen=True)
class Index:
    """Retrievers over the same passages.

    Attributes:
        passages: what they rank.
        best: the retriever to use.
        parts: what it is made of, by name: ``meaning``, and ``keywords`` where the passages have words to search for.
        built: how each was built, as sentences for the report.
        notes: what did not work as it should have.
    """

    passages: list[Passage]
    best: Retriever
    parts: dict[str, Retriever]
    built: tuple[str, ...]
    notes: tuple[str, ...] = field(default=())


class VectorRetriever(QuickRetriever):
    """Exact search by cosine similarity over embeddings that are there already."""

    def __init__(self, passages: Sequence[Passage], vectors: np.ndarray, embed: Embed):
        self.passages, self.vectors, self._embed = list(passages), vectors, embed

    def scores(self, questions: Sequence[str]) -> np.ndarray:
        """Return cosines, shape (questions, passages)."""
        return np.asarray(self._embed(questions)) @ self.vectors.T


def index_folder(
    passages: Sequence[Passage], documents: Path, settings: Settings, say: Callable[[str], None] | None = None
) -> Index:
    """Index the passages of a folder with the course's embedding model; see :func:`build_index`.

    Args:
        passages: what to search.
        documents: the folder they come from: its embeddings are kept apart from those of other folders.
        settings: where the model and the cache are.
        say: called with progress lines.
    """
    store = store_folder(settings.cache, documents, EMBEDDER.requirement)
    return build_index(passages, lambda texts: dense.embed(texts, settings), store, say)


def build_index(
    passages: Sequence[Passage], embed: Embed, folder: Path, say: Callable[[str], None] | None = None
) -> Index:
    """Index passages by meaning and by keywords.

    Args:
        passages: what to search.
        embed: unit-length embeddings of texts, shape (n, dimensions).
        folder: where embeddings are kept between runs.
        say: called with progress lines.

    Raises:
        DataError: there are no passages, or the embeddings are not usable.
    """
    if not passages:
        raise DataError("There are no passages to index.", "Add at least one document with words in it.")
    passages, notes = list(passages), []
    vectors = embed_all([passage.indexed for passage in passages], embed, folder, say)
    meaning, how = _meaning(passages, vectors, embed, notes, say)
    parts: dict[str, Retriever] = {"meaning": meaning}
    built = [how]
    if any(words_of(passage.indexed) for passage in passages):
        parts["keywords"], how = _keywords(passages, notes)
        built.append(how)
    else:
        notes.append("Keyword search is off: it knows the letters a to z only, and the documents have none.")
    return Index(passages, _together(list(parts.values())), parts, tuple(built), tuple(notes))


def _meaning(passages, vectors: np.ndarray, embed: Embed, notes: list[str], say) -> tuple[Retriever, str]:
    if len(passages) > EXACT_VECTORS:
        try:
            return GraphRetriever(passages, vectors, embed, say), "By meaning: an approximate graph (usearch)."
        except DataError as error:
            notes.append(f"{error.cause} Every passage is compared instead, which is slower. {error.remedy}")
    return VectorRetriever(passages, vectors, embed), "By meaning: every passage is compared."


def _keywords(passages, notes: list[str]) -> tuple[Retriever, str]:
    if len(passages) > EXACT_KEYWORDS:
        try:
            return SparseBM25Retriever(passages), "By keywords: BM25+ with stored scores (bm25s)."
        except DataError as error:
            notes.append(f"{error.cause} Every passage is scored instead, which is slower. {error.remedy}")
    return BM25Retriever(passages), "By keywords: BM25+, every passage is scored (rank-bm25)."


def _together(parts: list[Retriever]) -> Retriever:
    """Add scores where every passage has one, and else the ranks."""
    if len(parts) == 1:
        return parts[0]
    if all(isinstance(part, ScoringRetriever) for part in parts):
        return ScoreFusion(parts, WEIGHTS)
    return FusionRetriever(parts, WEIGHTS)
