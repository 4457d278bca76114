"""Ctrl-C in a long operation stops it at once, and what it worked on can be used afterwards."""

from __future__ import annotations

import signal
import sqlite3
import threading
import time

import numpy as np
import pytest
import torch

from course_lib.errors import DataError
from course_lib.experiments import resume
from course_lib.experiments.store import load_experiment, run_experiment
from course_lib.files import sha256_of
from course_lib.models import batching
from course_lib.models.chat import ChatModel
from course_lib.operations.database import Database
from course_lib.operations.trace_log import TraceLog
from course_lib.own_documents.vectors import embed_all
from course_lib.training.adapters import train_adapter
from course_lib.training.lora import ADAPTER_FILES, save_adapter, train_lora
from tests.faults.samples import directions, numbered_answer
from tests.faults.tiny_training import RECIPE, TALK, TOKENIZER, tiny_plan, tiny_settings
from tests.faults.toy_experiment import ROWS, toy_experiment, toy_settings
from tests.unit.tiny_model import tiny

TALKS = [[{"role": "user", "content": f"Question {number}?"}] for number in range(6)]


class CtrlC:
    """Calls a function, and lets the person press Ctrl-C during one of the calls."""

    def __init__(self, function, call: int):
        self.function, self.left = function, call

    def __call__(self, *arguments, **options):
        self.left -= 1
        if self.left == 0:
            signal.raise_signal(signal.SIGINT)
        return self.function(*arguments, **options)


def texts(completions) -> list[str]:
    return [said.text for said in completions]


@pytest.fixture(scope="module")
def adapter(tmp_path_factory):
    folder = tmp_path_factory.mktemp("adapter")
    trained = train_lora(tiny(TOKENIZER), TOKENIZER, [TALK] * 4, RECIPE)
    save_adapter(trained.model, folder, "tiny")
    return folder


@pytest.mark.parametrize("asked", [None, "trained"])
@pytest.mark.parametrize("call", [1, 5, 12])
def test_a_model_answers_as_before_after_ctrl_c_in_the_middle_of_a_batch(adapter, monkeypatch, asked, call):
    chat = ChatModel(tiny(TOKENIZER), TOKENIZER, batch_size=2)
    chat.load_adapter("trained", adapter)
    before = {name: texts(chat.generate(TALKS, 6, name)) for name in (None, "trained")}
    with monkeypatch.context() as patch:
        patch.setattr(batching, "_step", CtrlC(batching._step, call))  # called once for each token of a batch
        with pytest.raises(KeyboardInterrupt):
            chat.generate(TALKS, 6, asked)
    assert {name: texts(chat.generate(TALKS, 6, name)) for name in (None, "trained")} == before
    assert not torch.is_inference_mode_enabled()


@pytest.mark.parametrize("step", [1, 2, 3])
def test_training_that_was_stopped_is_done_again_to_the_same_adapter(tmp_path, monkeypatch, step):
    tiny_plan(tmp_path, monkeypatch)
    train_adapter("tiny", tiny_settings(tmp_path, 1), say=None)
    settings = tiny_settings(tmp_path, 2)
    said = []
    with pytest.raises(KeyboardInterrupt):  # the lines tell of the first stage, its two steps, and so on
        train_adapter("tiny", settings, say=CtrlC(said.append, step + 1))
    assert not (settings.data / "adapters" / "tiny").exists()
    assert not torch.is_autocast_enabled("cpu") and torch.is_grad_enabled()
    train_adapter("tiny", settings, say=None)
    first, second = (tiny_settings(tmp_path, number).data / "adapters" / "tiny" for number in (1, 2))
    assert sha256_of(first / ADAPTER_FILES[0]) == sha256_of(second / ADAPTER_FILES[0])


@pytest.mark.parametrize("call", [1, 3])
def test_embedding_goes_on_after_the_shards_that_were_done(tmp_path, call):
    asked = [f"text {number}" for number in range(20)]
    with pytest.raises(KeyboardInterrupt):
        embed_all(asked, CtrlC(directions, call), tmp_path, shard=4)
    again = []
    vectors = embed_all(asked, lambda part: again.extend(part) or directions(part), tmp_path, shard=4)
    assert np.array_equal(vectors, directions(asked)) and again == asked[4 * (call - 1) :]


@pytest.mark.parametrize("part", [1, 4])
def test_an_experiment_goes_on_after_the_parts_that_were_done(tmp_path, monkeypatch, part):
    toy_experiment(tmp_path, monkeypatch)
    settings = toy_settings(tmp_path)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(resume, "write_json", CtrlC(resume.write_json, part))
        run_experiment("toy", settings, lambda line: None)
    with pytest.raises(DataError, match="no stored results"):
        load_experiment("toy", settings)
    said = []
    assert run_experiment("toy", settings, said.append) == ROWS
    assert sum("kept from an earlier run" in line for line in said) == part - 1


def test_ctrl_c_while_waiting_for_a_lock_leaves_no_transaction_open(tmp_path):
    path = tmp_path / "log.sqlite3"

    def let_go():
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)  # it is acted on once SQLite returns
        time.sleep(0.1)
        other.execute("COMMIT")

    with Database(path, patience=20) as database:
        log = TraceLog(database)
        log.add(numbered_answer(1))
        other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        waiting = threading.Timer(0.3, let_go)
        waiting.start()
        with pytest.raises(KeyboardInterrupt):
            log.add(numbered_answer(2))
        waiting.join()
        other.execute("BEGIN IMMEDIATE")  # nobody holds the lock
        other.execute("ROLLBACK")
        other.close()
        log.add(numbered_answer(3))
        assert [row["question"] for row in log.rows()] == ["question 1", "question 3"]
