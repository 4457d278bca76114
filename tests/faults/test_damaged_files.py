"""Files that were cut short, or in which one bit flipped: a clear error with a remedy, or what is damaged is made anew.

Each test prints how many damaged files it tried. Places come from a seed.
"""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from course_lib.errors import CourseError, DataError, WeightsError
from course_lib.experiments import resume
from course_lib.experiments.store import digest_path, load_experiment, result_file
from course_lib.files import sha256_of, write_json
from course_lib.models.batching import Completion
from course_lib.models.weights import ADAPTER_WEIGHTS, STAMP, chat_folder, verify, verify_adapter
from course_lib.operations.database import Database
from course_lib.operations.price_table import load_offers, load_prices
from course_lib.operations.review_queue import ReviewQueue
from course_lib.operations.trace_log import TraceLog
from course_lib.own_documents.remembering import RememberingChat
from course_lib.own_documents.vectors import embed_all
from course_lib.retrieval import dense
from course_lib.settings import ROOT, Settings
from course_lib.teaching import progress
from course_lib.teaching.ledger import load_ledger, load_rows
from tests.faults.damage import cut_short, flipped
from tests.faults.samples import DRAFT, REASONS, directions, numbered_answer

CUTS, FLIPS = 20, 60
TEXTS = [f"text {number}" for number in range(12)]


def read_damaged(path: Path, read, cuts: int = CUTS, flips: int = FLIPS) -> Counter:
    """Damage a file again and again, read it, and put it right; anything but a value or a clear error is raised.

    Returns:
        How often the value was the right one, how often there was a clear error, and how often another value.
    """
    good, right, found = path.read_bytes(), read(), Counter()
    for content in (*cut_short(good, cuts), *flipped(good, flips)):
        path.write_bytes(content)
        try:
            found["right" if np.array_equal(read(), right) else "other"] += 1
        except CourseError as error:
            assert error.remedy
            assert str(path.parent) in str(error) or path.name in str(error) or "ow " in error.cause, error
            found["error"] += 1
    path.write_bytes(good)
    print(f"{path.name}: {cuts} times cut short, {flips} bits flipped, {dict(found)}")
    return found


# Weights and adapters


def test_no_damage_to_weights_is_accepted(tmp_path):
    settings = Settings(cache=tmp_path)
    folder = chat_folder(settings)
    folder.mkdir()
    rng = np.random.default_rng(7)
    (folder / "model.safetensors").write_bytes(rng.bytes(20_000))
    (folder / "config.json").write_text('{"hidden_size": 64, "num_hidden_layers": 2}')
    write_json(folder / STAMP, {path.name: sha256_of(path) for path in folder.iterdir()})
    for name in ("model.safetensors", "config.json"):
        found = read_damaged(folder / name, lambda: verify(folder))
        assert found == {"error": CUTS + FLIPS}
    assert read_damaged(folder / STAMP, lambda: verify(folder))["error"] >= CUTS + FLIPS // 2


@pytest.mark.parametrize("name", ["adapter_model.safetensors", "adapter_config.json"])
def test_an_adapter_that_cannot_be_read_is_an_error_with_a_remedy(name, tmp_path):
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import LlamaConfig, LlamaForCausalLM

    from course_lib.models.chat import ChatModel
    from course_lib.training.lora import save_adapter

    def model():
        torch.manual_seed(7)
        sizes = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
        return LlamaForCausalLM(LlamaConfig(**sizes, num_key_value_heads=1, vocab_size=50))

    class Tokenizer:
        pad_token = "<pad>"

    lora = LoraConfig(task_type="CAUSAL_LM", r=2, target_modules=["q_proj"])
    save_adapter(get_peft_model(model(), lora), tmp_path, "tiny")
    good = (tmp_path / name).read_bytes()
    for content in cut_short(good, CUTS):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(WeightsError, match="cannot be loaded") as caught:
            ChatModel(model(), Tokenizer()).load_adapter("tiny", tmp_path)
        assert "retrain" in caught.value.remedy and str(tmp_path) in caught.value.cause


def test_every_flipped_bit_of_an_adapter_is_noticed_by_its_manifest(tmp_path):
    shutil.copytree(ROOT / "data" / "adapters" / "tiny", tmp_path / "tiny")
    found = read_damaged(tmp_path / "tiny" / ADAPTER_WEIGHTS, lambda: verify_adapter(tmp_path / "tiny"))
    assert found == {"error": CUTS + FLIPS}


# Caches: what is damaged is made anew


def test_damaged_shards_of_embeddings_are_made_anew(tmp_path):
    embed_all(TEXTS, directions, tmp_path, shard=12)
    (path,) = tmp_path.glob("*.npz")
    assert read_damaged(path, lambda: embed_all(TEXTS, directions, tmp_path, shard=12)) == {"right": CUTS + FLIPS}


def test_damaged_embeddings_of_passages_are_made_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(dense, "embed", directions)
    settings = Settings(cache=tmp_path, retrieval_adapter="")
    dense._cached(TEXTS, settings)
    (path,) = (tmp_path / "embeddings").glob("*.npz")
    assert read_damaged(path, lambda: dense._cached(TEXTS, settings), flips=1000) == {"right": CUTS + 1000}


def test_damaged_answers_that_were_kept_are_asked_for_again(tmp_path):
    class Chat:
        def render(self, messages):
            return messages[0]["content"]

        def generate(self, conversations, *_):
            return [Completion(talk[0]["content"].upper(), 1, 2, 0.5, -0.1, -0.2) for talk in conversations]

    path = tmp_path / "answers.jsonl"
    asked = [[{"role": "user", "content": text}] for text in TEXTS]

    def answers():
        return [said.text for said in RememberingChat(Chat(), "model", path).generate(asked)]

    answers()
    assert read_damaged(path, answers) == {"right": CUTS + FLIPS}


ROWS = [{"part": number, "score": number / 7} for number in range(20)]


def test_damaged_parts_of_experiments_are_measured_again(tmp_path, monkeypatch):
    settings = Settings(cache=tmp_path)
    monkeypatch.setattr(resume, "get_experiment", lambda name: None)
    monkeypatch.setattr(resume, "digests", lambda experiment, settings: {})
    kept = resume.Kept("toy", settings, lambda line: None)
    kept.rows("part", lambda: ROWS)
    (path,) = kept.folder.glob("*.json")
    assert read_damaged(path, lambda: kept.rows("part", lambda: ROWS)) == {"right": CUTS + FLIPS}


# What a person wrote or measured: an error that names the file


def test_results_of_experiments_that_were_cut_short_are_named(tmp_path):
    settings = Settings(cache=tmp_path, data=tmp_path / "data")
    results = result_file("toy", settings)
    write_json(results, {"name": "toy", "rows": ROWS, "made_with": {}, "seconds": 1.0})
    assert read_damaged(results, lambda: load_experiment("toy", settings), flips=0)["error"] >= CUTS - 1


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("prices/prices.json", load_prices),
        ("prices/availability.json", load_offers),
        ("results/claims.json", load_rows),
    ],
)
def test_damaged_tables_are_named(name, read, tmp_path):
    path = tmp_path / name
    path.parent.mkdir()
    path.write_bytes((ROOT / "data" / name).read_bytes())
    digest = digest_path(path)
    found = read_damaged(path, lambda: read(tmp_path))
    assert found["error"] >= CUTS
    assert all(changed != digest for changed in digests_of_damaged(path)), "stored experiments would not notice it"


def digests_of_damaged(path: Path):
    for content in flipped(path.read_bytes(), FLIPS):
        path.write_bytes(content)
        yield digest_path(path)


def test_a_damaged_ledger_is_named_or_read_as_far_as_it_goes(tmp_path):
    (tmp_path / "claims.yaml").write_bytes((ROOT / "data" / "claims.yaml").read_bytes())
    assert read_damaged(tmp_path / "claims.yaml", lambda: load_ledger(tmp_path), cuts=6, flips=10)["error"] >= 3


def test_damaged_progress_starts_again_and_never_stops_a_lesson(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    for number in range(4):
        progress.mark_done(f"00.{number}")
    progress.keep("00.guess", "rag")
    path = tmp_path / "progress.json"
    good, again = path.read_bytes(), 0
    for content in (*cut_short(good, CUTS), *flipped(good, FLIPS)):
        path.write_bytes(content)
        (tmp_path / "progress.damaged.json").unlink(missing_ok=True)
        progress.mark_done("01.1")
        assert "01.1" in progress.done()
        if (tmp_path / "progress.damaged.json").exists():
            assert (tmp_path / "progress.damaged.json").read_bytes() == content, "nothing is thrown away"
            again += 1
    assert again >= CUTS - 1


# Databases


@pytest.fixture
def database_path(tmp_path):
    path = tmp_path / "operations.sqlite3"
    with Database(path) as database:
        log, queue = TraceLog(database), ReviewQueue(database)
        for number in range(20):
            queue.add(DRAFT, REASONS, log.add(numbered_answer(number)))
    return path


def read_database(path: Path) -> list:
    with Database(path) as database:
        database.check()
        return [*TraceLog(database).rows(), *ReviewQueue(database).items()]


def test_a_damaged_database_is_an_error_or_is_read_row_by_row(database_path):
    found = read_damaged(database_path, lambda: read_database(database_path), flips=3 * FLIPS)
    assert found["error"] >= CUTS
    # SQLite keeps no checksums: a bit inside a text that was stored is read as it stands.
    assert found["right"] + found["error"] + found["other"] == CUTS + 3 * FLIPS


@pytest.mark.parametrize("column", ["passages", "citations", "verdicts", "seconds"])
def test_a_column_that_is_no_json_names_the_row(database_path, column):
    with Database(database_path) as database:
        with database.transaction() as connection:
            connection.execute(f"UPDATE traces SET {column} = '[\"cut' WHERE id = 3")
        with pytest.raises(DataError, match="[Rr]ow 3 .* damaged"):
            list(TraceLog(database).rows())


@pytest.mark.parametrize("reasons", ["[", '[{"rule": "x"}]', "[3]", "3"])
def test_damaged_reasons_name_the_draft(database_path, reasons):
    with Database(database_path) as database:
        with database.transaction() as connection:
            connection.execute("UPDATE drafts SET reasons = ? WHERE id = 3", (reasons,))
        with pytest.raises(DataError, match="3 .*damaged"):
            ReviewQueue(database).items()


def test_a_stored_text_that_is_no_utf8_is_damage(database_path):
    with Database(database_path) as database:
        with database.transaction() as connection:
            connection.execute("UPDATE traces SET text = CAST(x'ff00ff' AS TEXT) WHERE id = 3")
        with pytest.raises(DataError, match="damaged") as caught:
            list(TraceLog(database).rows())
        assert "Move it aside" in caught.value.remedy
