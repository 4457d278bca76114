"""What is left in a container counts, and the memory of other notebooks is found."""

from __future__ import annotations

import subprocess
import sys
import time

import psutil
import pytest

from course_lib.memory import free_memory, other_kernels

GB = 10**9


@pytest.fixture(autouse=True)
def machine(monkeypatch):
    memory = type("Memory", (), {"available": 8 * GB})
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)


def _write(folder, **files):
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


def test_without_a_container_the_machine_tells(tmp_path):
    assert free_memory(tmp_path / "none") == 8


@pytest.mark.parametrize(("limit", "left"), [(str(2 * GB), 1.0), (str(100 * GB), 8.0), ("max", 8.0)])
def test_the_smaller_of_machine_and_container_counts(tmp_path, limit, left):
    stat = f"anon {GB}\ninactive_file {GB // 2}\n"
    _write(tmp_path, memory__max=limit, memory__current=str(GB + GB // 2), memory__stat=stat)
    assert free_memory(tmp_path) == left


def test_the_older_form_of_the_limits_counts_too(tmp_path):
    folder = tmp_path / "memory"
    _write(folder, memory__limit_in_bytes=str(2 * GB), memory__usage_in_bytes=str(GB), memory__stat="cache 5\n")
    assert free_memory(tmp_path) == 1


def test_another_notebook_is_found_by_what_it_holds():
    code = (
        "import time; held = bytearray(400_000_000); held[::4096] = b'x' * len(held[::4096]); print(); time.sleep(60)"
    )
    kernel = subprocess.Popen([sys.executable, "-c", code, "ipykernel_launcher"], stdout=subprocess.PIPE)
    try:
        kernel.stdout.readline()
        time.sleep(0.1)
        found = other_kernels()
        assert any(0.4 <= size < 0.6 for size in found) and found == sorted(found, reverse=True)
        assert all(size >= 100 for size in other_kernels(100))
    finally:
        kernel.kill()
        kernel.communicate()
