"""The files that build the course's image on Binder fit the course and do what they are for."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from course_lib.settings import ROOT

BINDER = ROOT / "binder"
OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE")
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "COURSE_THREADS")
SHELL = shutil.which("sh")
CPU_INDEX = "--extra-index-url https://download.pytorch.org/whl/cpu"

needs_shell = pytest.mark.skipif(SHELL is None, reason="Binder runs on Linux; this machine has no POSIX shell")


def _lines(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _run(script: str, *arguments: str, **options) -> subprocess.CompletedProcess[str]:
    command = [str(SHELL), str(BINDER / script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, **options)


def _pretended_python(folder: Path, fails: str) -> dict[str, str]:
    """Make a ``python`` that writes down how it was called, and fails if the call holds a word."""
    program = folder / "python"
    program.write_text(f'#!/bin/sh\necho "$*" >> "{folder}/calls"\ncase "$*" in *{fails}*) exit 3;; esac\n')
    program.chmod(0o755)
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def test_the_pins_are_those_of_the_course_with_the_cpu_build_of_torch():
    options = [line for line in _lines(BINDER / "requirements.txt") if line.startswith("-")]
    pins = [line for line in _lines(BINDER / "requirements.txt") if not line.startswith("-")]
    torch = [pin for pin in pins if pin.startswith("torch==")]
    assert [pin.removesuffix("+cpu") for pin in pins] == _lines(ROOT / "requirements.txt")
    assert [pin.endswith("+cpu") for pin in torch] == [True]
    assert options == [CPU_INDEX]


def test_the_cpu_index_is_named_for_binder_only():
    for name in ("requirements.txt", "Makefile"):
        assert "download.pytorch.org" not in (ROOT / name).read_text(encoding="utf-8")


def test_python_is_the_version_of_the_published_figures():
    assert (BINDER / "runtime.txt").read_text(encoding="utf-8") == "python-3.11\n"


@needs_shell
@pytest.mark.parametrize("script", ["postBuild", "start"])
def test_the_scripts_can_be_run_and_are_plain_sh(script):
    path = BINDER / script
    assert path.read_bytes().startswith(b"#!/bin/sh\n") and b"\r" not in path.read_bytes()
    assert os.access(path, os.X_OK)
    assert subprocess.run([str(SHELL), "-n", str(path)], timeout=30).returncode == 0


@needs_shell
def test_start_sets_the_offline_variables_and_caps_the_threads():
    env = {name: value for name, value in os.environ.items() if name not in (*OFFLINE, *THREADS)}
    found = dict(line.split("=", 1) for line in _run("start", "env", env=env).stdout.splitlines() if "=" in line)
    assert [found.get(name) for name in (*OFFLINE, *THREADS)] == ["1"] * len((*OFFLINE, *THREADS))


@needs_shell
def test_start_becomes_the_command_and_hands_its_arguments_and_status_on():
    assert _lines(BINDER / "start")[-1] == 'exec "$@"'
    assert _run("start", "printf", "%s|", "two words", "$HOME", "*").stdout == "two words|$HOME|*|"
    assert _run("start", str(SHELL), "-c", "exit 7").returncode == 7


@needs_shell
@pytest.mark.parametrize(("fails", "calls"), [("pip", 1), ("prepare", 2), ("ask", 3)])
def test_a_step_of_the_build_that_fails_stops_the_build(tmp_path, fails, calls):
    result = _run("postBuild", env=_pretended_python(tmp_path, fails))
    assert result.returncode == 3
    assert len((tmp_path / "calls").read_text().splitlines()) == calls


@needs_shell
def test_the_build_prepares_the_models_with_the_course_and_ends_well(tmp_path):
    assert _run("postBuild", env=_pretended_python(tmp_path, "nothing-fails")).returncode == 0
    steps = (tmp_path / "calls").read_text().splitlines()
    assert "-m course_lib prepare" in steps and any(step.startswith("-m course_lib ask ") for step in steps)
