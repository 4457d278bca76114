"""Embeddings of many passages, kept by digest of the text: a run that was interrupted goes on where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np
from filelock import FileLock

from course_lib.errors import CourseError, DataError
from course_lib.files import iter_files, write_atomic

SHARD = 256  # texts; a run that is killed loses at most this many
Embed = Callable[[Sequence[str]], np.ndarray]


def store_folder(cache: Path, documents: Path, model: str) -> Path:
    """Return where the embeddings of a folder of documents by one model are kept."""
    name = sha256(f"{model}\n{documents.resolve()}".encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return cache / "own_documents" / name


def embed_all(
    texts: Sequence[str], embed: Embed, folder: Path, say: Callable[[str], None] | None = None, shard: int = SHARD
) -> np.ndarray:
    """Return unit-length embeddings, shape (len(texts), dimensions), float32; texts seen before are not embedded again.

    Args:
        texts: what to embed.
        embed: gives unit-length embeddings, shape (n, dimensions), for n texts.
        folder: where shards are kept. Damaged ones are made again; those of texts that are gone are removed.
        say: called with a progress line after each shard.
        shard: texts embedded and written together.

    Raises:
        DataError: ``embed`` gives something else than one unit-length row for each text.
        CourseError: the folder cannot be written.
    """
    keys = [_key(text) for text in texts]
    with _alone(folder):
        known = _completed(dict(zip(keys, texts)), embed, folder, say, shard)
    return np.stack([known[key] for key in keys]) if keys else np.zeros((0, 0), dtype=np.float32)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder for this run: a second one waits, then finds the work done."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock")
        lock.acquire()
    except OSError as error:
        raise CourseError(
            f"Cannot write the cache {folder}: {error.strerror}.", "Set COURSE_CACHE to a folder you may write to."
        ) from error
    try:
        yield
    finally:
        lock.release()


def _completed(texts: dict[bytes, str], embed: Embed, folder: Path, say, shard: int) -> dict[bytes, np.ndarray]:
    known = _load(folder, texts.keys())
    new = [(key, text) for key, text in texts.items() if key not in known]
    if say and new:
        say(f"{len(known):,} passages are embedded already, {len(new):,} are not")
    for start in range(0, len(new), shard):
        part = new[start : start + shard]
        vectors = np.asarray(embed([text for _, text in part]), dtype=np.float32)
        if not _sound(vectors, len(part)):
            raise DataError(
                "The embedding model gave no unit-length row for each text.", "Run `python -m course_lib prepare`."
            )
        _write(folder, [key for key, _ in part], vectors)
        known.update(zip((key for key, _ in part), vectors))
        if say:
            say(f"{min(start + shard, len(new)):,} of {len(new):,} passages embedded")
    return known


def _key(text: str) -> bytes:
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:32].encode()


def _write(folder: Path, keys: list[bytes], vectors: np.ndarray) -> None:
    buffer = BytesIO()
    np.savez(buffer, keys=np.array(keys), vectors=vectors)
    write_atomic(folder / f"{sha256(b''.join(keys)).hexdigest()[:16]}.npz", buffer.getvalue())


def _load(folder: Path, wanted: AbstractSet[bytes]) -> dict[bytes, np.ndarray]:
    """Return the embeddings that are there, and remove shards that are damaged or hold nothing that is wanted."""
    known: dict[bytes, np.ndarray] = {}
    for path in folder.glob(".*.npz.*"):  # half-written by a run that was killed
        path.unlink()
    for path in iter_files(folder, ".npz"):
        kept = {key: vector for key, vector in _readable(path) if key in wanted}
        if not kept:
            path.unlink()
        known.update(kept)
    return known


def _readable(path: Path) -> list[tuple[bytes, np.ndarray]]:
    try:
        with np.load(path, allow_pickle=False) as shard:
            keys, vectors = shard["keys"], shard["vectors"]
    except Exception:  # a damaged archive fails with half a dozen types of error; its texts are embedded again
        return []
    if keys.ndim != 1 or keys.dtype.kind != "S" or not _sound(vectors, len(keys)):
        return []
    return list(zip((bytes(key) for key in keys), vectors))


def _sound(vectors: np.ndarray, n: int) -> bool:
    """Tell whether there is one finite row of length 1 for each text."""
    shaped = vectors.ndim == 2 and len(vectors) == n and vectors.dtype == np.float32
    return shaped and bool(np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3))
