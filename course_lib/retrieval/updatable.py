"""An index over a site that changes: a page is put or removed, and only texts not seen before are embedded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from course_lib.errors import DataError
from course_lib.knowledge.articles import Article
from course_lib.knowledge.chunking import Passage, chunk_all, chunk_article
from course_lib.retrieval import dense, late
from course_lib.retrieval.base import Hit, ScoringRetriever
from course_lib.retrieval.bm25 import BM25Retriever
from course_lib.retrieval.dense import DIMENSIONS, DenseRetriever
from course_lib.retrieval.fusion import ScoreFusion, best_retriever
from course_lib.retrieval.late import LateRetriever, Tokens
from course_lib.settings import Settings


class EmbeddingMemory:
    """Embeddings by text, of the whole and of its tokens, so that no text is embedded twice."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self._known: dict[str, np.ndarray] = {}
        self._tokens: dict[str, Tokens] = {}

    def __len__(self) -> int:
        return len(self._known)

    def learn(self, texts: Sequence[str], vectors: np.ndarray) -> None:
        """Take over embeddings that are there already, shape (len(texts), 384)."""
        self._known.update(zip(texts, vectors, strict=True))

    def learn_tokens(self, texts: Sequence[str], tokens: Sequence[Tokens]) -> None:
        """Take over tokens that are embedded already, for each text."""
        self._tokens.update(zip(texts, tokens, strict=True))

    def of(self, texts: Sequence[str]) -> np.ndarray:
        """Return unit-length embeddings, shape (len(texts), 384); new texts are embedded first."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self.learn(new, dense.embed(new, self.settings))
        return np.stack([self._known[text] for text in texts]) if texts else np.zeros((0, DIMENSIONS), np.float32)

    def of_tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """Return the embedded tokens of each text; those of new texts are embedded first."""
        new = [text for text in dict.fromkeys(texts) if text not in self._tokens]
        self.learn_tokens(new, late.embed_tokens(new, self.settings))
        return [self._tokens[text] for text in texts]


def learn_from(best: ScoreFusion, memory: EmbeddingMemory) -> None:
    """Put the embeddings of a finished retriever into the memory."""
    for part in best.retrievers:
        if isinstance(part, DenseRetriever):
            memory.learn(part.texts, part.vectors)
        elif isinstance(part, LateRetriever):
            memory.learn_tokens(part.texts, part.tokens)


def retriever_like(best: ScoreFusion, passages: Sequence[Passage], memory: EmbeddingMemory) -> ScoreFusion:
    """Return a retriever over other passages with the parts and weights of a finished one.

    Raises:
        DataError: there are no passages.
        TypeError: a part is of a kind that cannot be built from embeddings by text.
    """
    if not passages:
        raise DataError("There are no passages to index.", "Keep at least one article.")
    return ScoreFusion([_like(part, passages, memory) for part in best.retrievers], best.weights)


def _like(part: ScoringRetriever, passages: Sequence[Passage], memory: EmbeddingMemory) -> ScoringRetriever:
    if isinstance(part, BM25Retriever):
        return BM25Retriever(passages)
    if isinstance(part, DenseRetriever):
        return DenseRetriever(passages, memory.settings, memory.of)
    if isinstance(part, LateRetriever):
        return LateRetriever(passages, memory.settings, memory.of_tokens)
    raise TypeError(f"{type(part).__name__} cannot be built again over other passages.")


class UpdatableIndex:
    """The course's best retriever over pages that come, change and go; it ranks as one built from scratch would."""

    def __init__(self, articles: Iterable[Article], settings: Settings):
        """Index the articles.

        Raises:
            DataError: there are none.
        """
        self._pages = {article.id: article for article in articles}
        self._best = best_retriever(self.passages, settings)
        self._memory = EmbeddingMemory(settings)
        learn_from(self._best, self._memory)
        self._current: ScoreFusion | None = self._best

    @property
    def articles(self) -> list[Article]:
        """The pages, in id order."""
        return [self._pages[name] for name in sorted(self._pages)]

    @property
    def passages(self) -> list[Passage]:
        """The pages' passages, in id order of the pages."""
        return chunk_all(self.articles)

    def put(self, article: Article) -> list[str]:
        """Add a page, or replace the one with the same id; return the ids of its passages."""
        self._pages[article.id] = article
        self._current = None
        return [passage.id for passage in chunk_article(article)]

    def remove(self, name: str) -> Article:
        """Take a page out and return it.

        Raises:
            DataError: there is no such page.
        """
        if name not in self._pages:
            raise DataError(f"The index holds no page {name!r}.", "Use the id before the dot of a passage's id.")
        self._current = None
        return self._pages.pop(name)

    def search(self, questions: Sequence[str], k: int) -> list[list[Hit]]:
        """Return the ``k`` best passages for each question, best first; after a change, the index is built first."""
        if self._current is None:
            self._current = retriever_like(self._best, self.passages, self._memory)
        return self._current.search(questions, k)
