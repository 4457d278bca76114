"""Behavior of reading and writing files."""

from __future__ import annotations

import hashlib
import os
import stat
import threading

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from course_lib.errors import CourseError, DataError
from course_lib.files import (
    digest_of,
    iter_files,
    read_json,
    read_jsonl,
    sha256_of,
    write_atomic,
    write_json,
    write_jsonl,
)

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("files")


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1])
@pytest.mark.parametrize("old_python", [False, True])
def test_sha256_of_agrees_with_hashlib(tmp_path, monkeypatch, size, old_python):
    if old_python:
        monkeypatch.delattr(hashlib, "file_digest", raising=False)
    path = tmp_path / "file"
    path.write_bytes(b"x" * size)
    assert sha256_of(path) == hashlib.sha256(b"x" * size).hexdigest()


def test_digest_of_does_not_depend_on_the_order_of_keys():
    assert digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1})


@pytest.mark.parametrize("other", [[2, 1], [1, 2, 3], ["1", "2"], [[1, 2]], {"1": 2}, []])
def test_digest_of_tells_different_values_apart(other):
    assert digest_of([1, 2]) != digest_of(other)


def test_digest_of_is_16_hex_digits_and_stays_the_same_between_runs():
    assert digest_of(["caf\u00e9"]) == hashlib.sha256('["caf\u00e9"]'.encode()).hexdigest()[:16]


def test_write_atomic_makes_missing_folders_and_replaces_old_content(tmp_path):
    path = tmp_path / "a" / "b" / "file.txt"
    write_atomic(path, "old")
    write_atomic(path, "new \u20ac")
    assert path.read_bytes() == "new \u20ac".encode()
    write_atomic(path, b"\x00\xff")
    assert path.read_bytes() == b"\x00\xff"


def test_write_atomic_leaves_nothing_else_in_the_folder(tmp_path):
    write_atomic(tmp_path / "file", "text")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such file modes")
def test_written_files_can_be_read_by_everyone(tmp_path):
    write_atomic(tmp_path / "file", "text")
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o644


@pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
def test_a_failure_at_any_step_keeps_the_old_content_and_removes_the_part_written(tmp_path, monkeypatch, step):
    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    path = tmp_path / "file"
    write_atomic(path, "old")
    monkeypatch.setattr(os, step, full)
    with pytest.raises(CourseError, match="No space left on device") as caught:
        write_atomic(path, "new")
    assert str(path) in caught.value.cause
    assert "Free some space" in caught.value.remedy
    assert path.read_text(encoding="utf-8") == "old"
    assert [left.name for left in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_turns_read_only_while_it_is_written_to_is_a_course_error(tmp_path, monkeypatch):
    def denied(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", denied)
    monkeypatch.setattr(os, "unlink", denied)
    with pytest.raises(CourseError, match="Cannot write .*Permission denied"):
        write_atomic(tmp_path / "file", "text")


def test_a_write_that_is_interrupted_removes_its_part(tmp_path, monkeypatch):
    def interrupted(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomic(tmp_path / "file", "text")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_write_left_is_removed_by_the_next_write_of_the_same_file(tmp_path):
    old = {".a.json.0123abc_": True, ".b.json.0123abc_": False, ".a.json.backup": False, "a.json.0123abc_": False}
    for name in old:
        (tmp_path / name).write_text("part", encoding="utf-8")
        os.utime(tmp_path / name, (0, 0))
    (tmp_path / ".a.json.zyxw9876").write_text("a write that goes on now", encoding="utf-8")
    write_atomic(tmp_path / "a.json", "whole")
    kept = {name for name, removed in old.items() if not removed}
    assert {path.name for path in tmp_path.iterdir()} == {"a.json", ".a.json.zyxw9876", *kept}


def test_a_folder_that_cannot_be_made_is_a_course_error(tmp_path):
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    with pytest.raises(CourseError, match="Cannot write"):
        write_atomic(tmp_path / "file" / "below", "text")


def test_a_reader_sees_the_old_content_or_the_new_and_never_a_part(tmp_path):
    path, seen = tmp_path / "file", set()
    contents = {b"a" * 300_000, b"b" * 300_000}
    write_atomic(path, b"a" * 300_000)
    done = threading.Event()

    def read():
        while not done.is_set():
            seen.add(path.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for round_number in range(40):
            write_atomic(path, (b"b" if round_number % 2 else b"a") * 300_000)
    finally:
        done.set()
        reader.join()
    assert seen and seen <= contents


@settings(max_examples=40, deadline=None)
@given(VALUES)
def test_json_comes_back_as_written(scratch, value):
    write_json(scratch / "value.json", value)
    assert read_json(scratch / "value.json") == value


@settings(max_examples=40, deadline=None)
@given(st.lists(VALUES, max_size=5))
@example([{"text": "line separator \u2028 and next line \u0085 inside a string"}])
def test_json_lines_come_back_as_written(scratch, rows):
    write_jsonl(scratch / "rows.jsonl", rows)
    assert read_jsonl(scratch / "rows.jsonl") == rows


def test_json_lines_are_one_row_a_line_and_keep_their_letters(tmp_path):
    write_jsonl(tmp_path / "rows.jsonl", iter([{"a": "caf\u00e9\n"}, [1]]))
    assert (tmp_path / "rows.jsonl").read_bytes() == '{"a": "caf\u00e9\\n"}\n[1]\n'.encode()


def test_read_jsonl_passes_over_blank_lines_and_takes_windows_line_ends(tmp_path):
    (tmp_path / "rows.jsonl").write_bytes(b'\n{"a": 1}\r\n   \r\n\r\n{"a": 2}')
    assert read_jsonl(tmp_path / "rows.jsonl") == [{"a": 1}, {"a": 2}]


def test_a_broken_line_is_named_by_its_number_in_the_file(tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"a": 1}\n\n{"a": }\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"rows\.jsonl, line 3 is not valid JSON: .* at column 7"):
        read_jsonl(tmp_path / "rows.jsonl")


@pytest.mark.parametrize("read", [read_json, read_jsonl])
def test_a_missing_file_is_named_with_a_remedy(tmp_path, read):
    with pytest.raises(DataError, match=r"gone\.json is missing") as caught:
        read(tmp_path / "gone.json")
    assert "git checkout" in caught.value.remedy


@pytest.mark.parametrize("read", [read_json, read_jsonl])
def test_a_file_that_is_not_utf8_is_named_with_the_place(tmp_path, read):
    (tmp_path / "latin.json").write_bytes('["caf\u00e9"]'.encode("latin-1"))
    with pytest.raises(DataError, match=r"latin\.json is not UTF-8 text .* at byte 5"):
        read(tmp_path / "latin.json")


@pytest.mark.parametrize("read", [read_json, read_jsonl])
def test_what_cannot_be_read_is_an_error_with_a_remedy(tmp_path, read):
    with pytest.raises(DataError, match="cannot be read: ") as caught:
        read(tmp_path)
    assert "may read it" in caught.value.remedy


@pytest.mark.parametrize("content", ["", "{", "[1,]", "{'a': 1}"])
def test_a_file_that_is_not_json_is_refused(tmp_path, content):
    (tmp_path / "broken.json").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=r"broken\.json is not valid JSON"):
        read_json(tmp_path / "broken.json")


def test_iter_files_gives_files_of_the_suffix_in_name_order(tmp_path):
    for name in ("b.md", "a.md", "c.txt", "a10.md", "a2.md"):
        (tmp_path / name).touch()
    (tmp_path / "folder.md").mkdir()
    assert [path.name for path in iter_files(tmp_path, ".md")] == ["a.md", "a10.md", "a2.md", "b.md"]
