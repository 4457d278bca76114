"""The lock file names every pin of the course at the same version, and a hash for each package; nothing else."""

from __future__ import annotations

import re

import pytest

from course_lib.settings import ROOT
from tests.security.audit import LOCK, PIN, normalized

HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}(?: \\)?")
OPTIONS = re.compile(r"^\s*-(?!-hash=)|https?:|file:", re.MULTILINE)


def read(text: str) -> dict[str, tuple[str, int]]:
    """Return version and number of hashes of each package; lines of any other kind are an error."""
    found: dict[str, tuple[str, int]] = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        if pin := PIN.match(line):
            name = normalized(pin[1])
            assert name not in found, f"{name} is named twice"
            found[name] = (pin[2], 0)
        else:
            assert HASH.fullmatch(line.strip()), line
            found[name] = (found[name][0], found[name][1] + 1)
    return found


LOCKED = read(LOCK.read_text(encoding="utf-8"))
PINS = dict(PIN.findall((ROOT / "requirements.txt").read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", PINS)
def test_every_pin_is_locked_at_the_same_version(name):
    assert LOCKED[normalized(name)][0] == PINS[name] + ("+cpu" if name == "torch" else ""), "Run `make lock`."


def test_every_locked_package_has_a_hash():
    assert [name for name, (_, hashes) in LOCKED.items() if not hashes] == []


def test_what_the_pins_need_is_locked_too():
    assert {"huggingface-hub", "tokenizers", "jinja2", "tornado"} <= LOCKED.keys()


def test_no_gpu_package_is_locked():
    assert not [name for name in LOCKED if name.startswith(("nvidia-", "cuda-", "triton"))]


def test_the_lock_names_no_index_and_no_folder():
    assert not OPTIONS.search(LOCK.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("text", "hashes"), [("numpy==1.0\n", 0), ("numpy==1.0 \\\n    --hash=sha256:" + "a" * 64 + "\n", 1)]
)
def test_hashes_are_counted(text, hashes):
    assert read(text) == {"numpy": ("1.0", hashes)}


@pytest.mark.parametrize(
    "text",
    [
        "--index-url https://example.org\n",
        "numpy==1.0 \\\n    --hash=sha256:aa\n",
        "numpy>=1.0\n",
        "numpy==1.0\nNumPy==1.0\n",
    ],
)
def test_any_other_line_is_an_error(text):
    with pytest.raises((AssertionError, UnboundLocalError)):
        read(text)
