"""How search grows with the number of passages: ``python -m tests.benchmarks.search``.

Four ways to search are built and asked at 300 to 100,000 passages: BM25 that scores every passage (rank-bm25), BM25
with stored scores (bm25s), every vector compared (exact-dense), and a neighbor graph (approximate-dense, usearch).

- **Passages** are sentences of the support site, recombined, with a fifth of the words swapped for coined ones that
  follow Zipf's law. **Vectors** are drawn in clusters, 384 numbers each: embedding so many texts would take hours.
- **build**: seconds from the passages (or their vectors) to an index. Cutting and embedding come before and are the
  same for all.
- **bytes**: what the index holds, counted from its parts; texts of passages are not among them.
- **p50**, **p95**: milliseconds for the ten best passages of one question, asked one at a time through the retriever
  that ``diagnose`` uses, after three questions to warm up. The question's own embedding is a row of its own.
- **recall**: share of the ten nearest vectors that the graph finds, too.

All times are processor time of this process, summed over its threads, so that other programs on the machine do not
count. With ``OMP_NUM_THREADS=1`` searches run on one thread, where an idle machine's clock shows the same.

The rows go to ``data/results/benchmarks.json`` as they come; all other rows are kept. It takes about ten minutes on two
cores, most of it for the largest graph. Sizes may be named: ``python -m tests.benchmarks.search 1000 10000``.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from course_lib.own_documents.indexing import VectorRetriever
from course_lib.own_documents.large import GraphRetriever, SparseBM25Retriever
from course_lib.own_documents.optional import needed
from course_lib.retrieval.base import Retriever
from course_lib.retrieval.bm25 import BM25Retriever
from course_lib.retrieval.dense import embed
from course_lib.settings import Settings, load_settings
from tests.benchmarks.rows import save
from tests.benchmarks.search_passages import made_passages, made_questions, made_vectors

GROUP = "search"
SIZES = (300, 1_000, 3_000, 10_000, 30_000, 100_000)
ASKED = 100
WARM_UP = 3
FOUND = 10
TARGET = "<=5"  # median ms, at the largest size, for the two that are recommended there
RIVAL = {"bm25s": "rank-bm25", "approximate-dense": "exact-dense"}


def main(arguments: Sequence[str] = ()) -> int:
    """Measure the sizes, print the rows as they come, and store them."""
    settings = load_settings()
    for module, package in (("bm25s", "bm25s"), ("usearch.index", "usearch")):
        needed(module, package, "for this benchmark")  # imported now, so that no build has to wait for it
    save([embedding_row(settings)], settings)
    for size in map(int, arguments or SIZES):
        for rows in measure(size, settings):
            save(rows, settings)
    return 0


def measure(size: int, settings: Settings) -> Iterator[list[dict[str, Any]]]:
    """Build and ask all four at one size; yield the rows of each."""
    passages = made_passages(size, settings)
    texts = made_questions(ASKED + WARM_UP, settings)
    vectors, asked = made_vectors(size, ASKED + WARM_UP, settings.seed)
    places = {str(number): vector for number, vector in enumerate(asked)}

    def ready(questions: Sequence[str]) -> np.ndarray:
        return np.stack([places[question] for question in questions])

    ways: dict[str, tuple[Callable[[], Retriever], list[str], Callable[[Any], int]]] = {
        "rank-bm25": (lambda: BM25Retriever(passages), texts, _counted_bytes),
        "bm25s": (lambda: SparseBM25Retriever(passages), texts, _stored_bytes),
        "exact-dense": (lambda: VectorRetriever(passages, vectors, ready), list(places), lambda one: vectors.nbytes),
        "approximate-dense": (lambda: GraphRetriever(passages, vectors, ready), list(places), _graph_bytes),
    }
    found = {}
    for name, (build, questions, bytes_of) in ways.items():
        start = time.process_time()
        retriever = build()
        seconds = time.process_time() - start
        times, found[name] = asked_one_by_one(retriever, questions)
        values = {"build": seconds, "bytes": bytes_of(retriever), "p50": _at(times, 50), "p95": _at(times, 95)}
        yield [row(name, size, measure, value) for measure, value in values.items()]
    shares = [len(one & other) / len(one) for one, other in zip(found["exact-dense"], found["approximate-dense"])]
    yield [row("approximate-dense", size, "recall", float(np.mean(shares)))]


def asked_one_by_one(retriever: Retriever, questions: Sequence[str]) -> tuple[list[float], list[set[str]]]:
    """Return milliseconds and the ids found for each question after the first few, which only warm up."""
    times, found = [], []
    for question in questions:
        start = time.process_time()
        (hits,) = retriever.search([question], FOUND)
        times.append(1000 * (time.process_time() - start))
        found.append({hit.passage.id for hit in hits})
    return times[WARM_UP:], found[WARM_UP:]


def embedding_row(settings: Settings) -> dict[str, Any]:
    """Return what embedding one question takes, whatever is searched afterwards."""
    times = []
    for text in made_questions(ASKED + WARM_UP, settings):
        start = time.process_time()
        embed([text], settings)
        times.append(1000 * (time.process_time() - start))
    return row("embed-question", 1, "p50", _at(times[WARM_UP:], 50))


def row(name: str, size: int, measure: str, value: float) -> dict[str, Any]:
    """Return one row, and print it."""
    units = {"build": "s", "bytes": "bytes", "p50": "ms", "p95": "ms", "recall": "share"}
    target = TARGET if measure == "p50" and size == max(SIZES) and name in RIVAL else None
    against = f"{GROUP}/{RIVAL[name]}/{size}/{measure}" if name in RIVAL and measure != "recall" else None
    full = f"{GROUP}/{name}/{size}/{measure}"
    print(f"{full:45} {value:,.4g} {units[measure]}", flush=True)
    value = value if measure == "bytes" else round(value, 4)
    return {
        "name": full,
        "value": value,
        "unit": units[measure],
        "target": target,
        "against": against,
        "machine": machine(),
    }


def machine() -> str:
    """Return in words what the rows were measured on."""
    threads = os.environ.get("OMP_NUM_THREADS") or "all"
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return f"{system}, threads: {threads}, Python {platform.python_version()}, numpy {np.__version__}, processor time"


def _at(times: Sequence[float], percent: float) -> float:
    return float(np.percentile(times, percent))


def _counted_bytes(retriever: BM25Retriever) -> int:
    """Return what rank-bm25 keeps: a table of words for each passage, and a weight for each word."""
    index = retriever._index
    tables = sum(sys.getsizeof(table) + sum(map(sys.getsizeof, table)) for table in index.doc_freqs)
    return tables + sys.getsizeof(index.idf) + sys.getsizeof(index.doc_len)


def _stored_bytes(retriever: SparseBM25Retriever) -> int:
    """Return what bm25s keeps: the matrix of scores, and a number for each word."""
    index = retriever._index
    matrix = sum(part.nbytes for part in index.scores.values() if isinstance(part, np.ndarray))
    words = sys.getsizeof(index.vocab_dict) + sum(map(sys.getsizeof, index.vocab_dict))
    return matrix + index.nonoccurrence_array.nbytes + words


def _graph_bytes(retriever: GraphRetriever) -> int:
    """Return the size of the graph as it would be stored, its vectors included."""
    return len(retriever._graph.save())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
