"""The preflight finds what stops people on the day, says what to do, and sums many laptops up."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from course_lib.__main__ import main
from course_lib.errors import DataError
from course_lib.files import sha256_of
from course_lib.settings import ROOT, load_settings
from course_lib.teaching import preflight_checks as checks
from course_lib.teaching.preflight import Finding, json_line, preflight
from course_lib.teaching.preflight_collect import collect, print_collected
from course_lib.teaching.preflight_weights import check_weights


def tensors(path, values: bytes = b"12345678"):
    header = json.dumps({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, len(values)]}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + values)


@pytest.fixture
def model(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    tensors(folder / "model.safetensors")
    (folder / "config.json").write_text("{}")
    stamp = {name: sha256_of(folder / name) for name in ("model.safetensors", "config.json")}
    (folder / "prepared.json").write_text(json.dumps(stamp))
    return folder


def test_whole_weights_pass_and_missing_ones_name_the_command(model, tmp_path):
    assert check_weights("chat model", model).ok is True
    absent = check_weights("chat model", tmp_path / "nowhere")
    assert absent.ok is False and "prepare" in absent.remedy


def test_a_file_that_was_changed_or_lost_is_named(model):
    (model / "config.json").write_text("[]")
    assert "config.json" in check_weights("chat model", model).detail
    (model / "config.json").unlink()
    assert check_weights("chat model", model).ok is False


@pytest.mark.parametrize("cut", [1, 5, 30])
def test_a_large_file_that_was_cut_off_is_found_without_reading_it(model, monkeypatch, cut):
    monkeypatch.setattr("course_lib.teaching.preflight_weights.HASHED_BELOW", 3)
    whole = (model / "model.safetensors").read_bytes()
    assert check_weights("chat model", model).ok is True
    (model / "model.safetensors").write_bytes(whole[:-cut])
    assert check_weights("chat model", model).ok is False


@pytest.mark.parametrize("stamp", ["{", "[]", "{}", "3"])
def test_a_damaged_stamp_is_a_finding_and_not_a_crash(model, stamp):
    (model / "prepared.json").write_text(stamp)
    assert check_weights("chat model", model).ok is False


def test_a_short_python_or_one_of_the_whole_machine_is_named(monkeypatch):
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    assert checks.check_interpreter(32, "/a", "/b").ok is False
    assert checks.check_interpreter(64, "/usr", "/usr").ok is None
    assert checks.check_interpreter(64, "/course/.venv", "/usr").ok is True


def test_a_port_in_use_is_a_warning_and_a_free_one_is_fine():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert checks.check_port(port).ok is None
    assert checks.check_port(port).ok is True


def test_a_kernel_of_another_python_is_found(monkeypatch):
    assert checks.check_kernel(sys.executable).ok is True
    from jupyter_client.kernelspec import KernelSpecManager

    class Spec:
        argv, display_name = [os.path.realpath(os.__file__)], "other"

    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", lambda self, name: Spec)
    other = checks.check_kernel(sys.executable)
    assert other.ok is False and "ipykernel install" in other.remedy


def test_a_clock_behind_the_files_is_found():
    assert checks.check_clock(time.time()).ok is True
    assert checks.check_clock(time.time(), now=0).ok is False


@pytest.mark.parametrize(("names", "ok"), [(("UTF-8", "utf-8", "utf8"), True), (("cp1252", "utf-8", "utf-8"), None)])
def test_an_encoding_that_loses_letters_is_named(names, ok):
    assert checks.check_encoding(*names).ok is ok


@pytest.mark.parametrize(
    ("path", "system", "ok"),
    [
        ("C:\\course", "win32", True),
        ("C:\\Users\\somebody\\Documents\\a long name of a folder\\and another one in it", "win32", False),
        ("/home/me/OneDrive/course", "linux", None),
        ("/home/jos\u00e9/course", "linux", None),
        ("/home/me/with spaces/course", "linux", True),
    ],
)
def test_a_path_that_makes_trouble_is_named(path, system, ok):
    assert checks.check_path(path, system).ok is ok


@pytest.mark.parametrize(
    ("env", "ok"),
    [
        ({}, True),
        ({"HTTPS_PROXY": "http://proxy:3128"}, None),
        ({"https_proxy": "http://proxy:3128", "no_proxy": "localhost,127.0.0.1"}, True),
        ({"HTTP_PROXY": "http://proxy:3128", "NO_PROXY": "*"}, True),
    ],
)
def test_a_proxy_for_this_machines_own_addresses_is_named(env, ok):
    assert checks.check_proxy(env).ok is ok


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="rights do not bind this user")
def test_a_progress_file_without_rights_is_found(tmp_path):
    (tmp_path / "progress.json").write_text("{}")
    (tmp_path / "progress.json").chmod(0o400)
    assert checks.check_progress(replace(load_settings(), cache=tmp_path)).ok is False


def test_the_whole_preflight_takes_a_few_seconds_and_every_failure_has_a_remedy(tmp_path):
    began = time.perf_counter()
    findings = preflight(replace(load_settings(), cache=tmp_path / "empty"))
    assert time.perf_counter() - began < 10
    assert {"Python", "chat model", "port", "kernel", "memory", "disk"} <= {finding.name for finding in findings}
    assert all(finding.remedy for finding in findings if finding.word != "OK")
    assert [finding.word for finding in findings if "model" in finding.name] == ["FAIL", "FAIL"]


def test_the_command_fails_when_something_is_missing_and_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "empty"))
    assert main(["preflight"]) == 1
    printed = capsys.readouterr().out
    assert "FAIL  chat model: is not prepared yet" in printed and "Not ready" in printed


def test_the_json_is_one_line_with_everything_and_no_home_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "empty"))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert main(["preflight", "--json", "--name", "Ad\u00e9"]) == 1
    line = capsys.readouterr().out
    assert line.count("\n") == 1 and str(tmp_path) not in line
    row = json.loads(line)
    assert row["machine"] == "Ad\u00e9" and row["ready"] is False and row["findings"]


def line_of(machine: str, *words: str, at: str = "2026-01-01T00:00:00Z") -> str:
    findings = [Finding(word, f"thing {place}", "broken", "mend it") for place, word in enumerate(words)]
    return json.dumps(json.loads(json_line(findings, machine)) | {"at": at})


def test_lines_of_many_laptops_become_a_table(tmp_path, capsys):
    (tmp_path / "a.txt").write_text("Ada, 9:31\n" + line_of("ada", "OK") + "\n\n" + line_of("bob", "FAIL", "WARN"))
    (tmp_path / "b.json").write_bytes(b"\xef\xbb\xbf" + line_of("cy", "FAIL").encode())
    assert print_collected(tmp_path) is False
    printed = capsys.readouterr().out
    assert "1 of 3 machines are ready." in printed and "FAIL    2 x thing 0: mend it" in printed
    assert [line.split()[0] for line in printed.splitlines()[1:4]] == ["ada", "bob", "cy"]


def test_the_latest_line_of_a_machine_counts(tmp_path):
    later = line_of("ada", "OK", at="2026-02-02T00:00:00Z")
    (tmp_path / "a.jsonl").write_text(later + "\n" + line_of("ada", "FAIL"))
    rows, broken = collect(tmp_path)
    assert [row["ready"] for row in rows] == [True] and not broken


@pytest.mark.parametrize("bad", ['{"machine": "x"', '{"machine": 3}', '{"findings": []}'])
def test_a_line_that_cannot_be_read_is_named_and_the_others_count(tmp_path, bad, capsys):
    (tmp_path / "a.txt").write_text(bad + "\n" + line_of("ada", "OK"))
    assert print_collected(tmp_path) is False
    assert "Cannot be read: a.txt, line 1" in capsys.readouterr().out


def test_what_comes_from_other_machines_cannot_steer_the_terminal(tmp_path, capsys):
    (tmp_path / "a.txt").write_text(line_of("evil\u001b[2J\u202e", "OK"))
    print_collected(tmp_path)
    printed = capsys.readouterr().out
    assert "\u001b" not in printed and "\u202e" not in printed


@pytest.mark.parametrize("make", [lambda folder: folder / "nowhere", lambda folder: folder])
def test_a_folder_without_lines_is_an_error_with_a_remedy(tmp_path, make):
    with pytest.raises(DataError):
        collect(make(tmp_path))


def test_a_python_without_the_packages_is_told_which_one_to_use():
    code = "import runpy, sys; sys.modules['platformdirs'] = None; runpy.run_module('course_lib', run_name='__main__')"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert run.returncode == 1 and "Traceback" not in run.stderr
    assert sys.executable in run.stderr and "has no platformdirs" in run.stderr and ".venv/bin/python" in run.stderr
