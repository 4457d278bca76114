"""Embeddings are kept in shards by digest: nothing is embedded twice, and a killed run goes on where it stopped."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from course_lib.errors import CourseError, DataError
from course_lib.own_documents.vectors import embed_all, store_folder
from course_lib.settings import ROOT
from tests.unit.own_documents.samples import embed

TEXTS = [f"passage number {number}" for number in range(20)]
KILLED = """
import os, sys
from pathlib import Path
import numpy as np
from course_lib.own_documents.vectors import embed_all

calls = []

def embed(texts):
    if len(calls) == 3:
        os._exit(9)  # like a kill: nothing is cleaned up
    calls.append(texts)
    return np.eye(8, dtype=np.float32)[[len(text) % 8 for text in texts]]

embed_all([f"passage number {number}" for number in range(20)], embed, Path(sys.argv[1]), shard=4)
"""


class Counting:
    """Embeds and remembers what it was given."""

    def __init__(self):
        self.seen = []

    def __call__(self, texts):
        self.seen += texts
        return embed(texts)


def test_rows_are_in_the_order_of_the_texts_and_repeated_texts_are_embedded_once(tmp_path):
    counting = Counting()
    vectors = embed_all(["b words", "a words", "b words"], counting, tmp_path)
    assert np.array_equal(vectors, embed(["b words", "a words", "b words"]))
    assert sorted(counting.seen) == ["a words", "b words"]


def test_a_second_run_embeds_only_what_is_new(tmp_path):
    embed_all(TEXTS, embed, tmp_path, shard=4)
    counting = Counting()
    vectors = embed_all([*TEXTS[5:], "new text"], counting, tmp_path, shard=4)
    assert counting.seen == ["new text"]
    assert np.array_equal(vectors, embed([*TEXTS[5:], "new text"]))


def test_a_run_that_is_killed_goes_on_after_the_shards_it_wrote(tmp_path):
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, capture_output=True)
    assert done.returncode == 9
    assert len(list(tmp_path.glob("*.npz"))) == 3
    given = []

    def embed_rest(texts):
        given.extend(texts)
        return np.eye(8, dtype=np.float32)[[len(text) % 8 for text in texts]]

    vectors = embed_all(TEXTS, embed_rest, tmp_path, shard=4)
    assert given == TEXTS[12:]
    assert np.array_equal(vectors, np.eye(8)[[len(text) % 8 for text in TEXTS]])


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 cut short", None])
def test_a_damaged_shard_is_made_again_and_the_others_are_kept(tmp_path, damage):
    embed_all(TEXTS, embed, tmp_path, shard=4)
    path = sorted(tmp_path.glob("*.npz"))[0]
    if damage is None:
        with np.load(path) as shard:
            keys = shard["keys"]
        np.savez(path, keys=keys, vectors=np.zeros((len(keys), 64), dtype=np.float32))
    else:
        path.write_bytes(damage)
    counting = Counting()
    vectors = embed_all(TEXTS, counting, tmp_path, shard=4)
    assert len(counting.seen) == 4 and np.array_equal(vectors, embed(TEXTS))


def test_what_a_killed_run_left_and_shards_of_texts_that_are_gone_are_removed(tmp_path):
    embed_all(TEXTS[:4], embed, tmp_path, shard=4)
    (tmp_path / ".abc.npz.xyz").write_bytes(b"half")
    embed_all(TEXTS[4:8], embed, tmp_path, shard=4)
    assert len(list(tmp_path.glob("*.npz"))) == 1 and not list(tmp_path.glob(".*.npz.*"))


@pytest.mark.parametrize("rows", [np.zeros((2, 8)), np.full((2, 8), np.nan), np.eye(8)[:1]])
def test_embeddings_that_cannot_be_right_are_an_error_and_are_not_kept(tmp_path, rows):
    with pytest.raises(DataError, match="unit-length"):
        embed_all(["a", "b"], lambda texts: rows, tmp_path)
    assert not list(tmp_path.glob("*.npz"))


def test_a_cache_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CourseError, match="Cannot write the cache"):
        embed_all(TEXTS, embed, tmp_path / "file" / "below")


def test_folders_and_models_do_not_share_a_store(tmp_path):
    stores = {store_folder(tmp_path, tmp_path / docs, model) for docs in "ab" for model in "xy"}
    assert len(stores) == 4


def test_progress_is_said(tmp_path):
    said = []
    embed_all(TEXTS, embed, tmp_path, said.append, shard=16)
    assert said[-1] == "20 of 20 passages embedded" and len(said) == 3
