"""Behaviour of the set-up check: what it says about a machine, and what stops the course."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import psutil
import pytest

from course_lib import environment
from course_lib.environment import Check, check_environment, print_checks
from course_lib.errors import WeightsError
from course_lib.files import sha256_of, write_json
from course_lib.models.weights import ADAPTER_WEIGHTS, MANIFEST, STAMP, chat_folder, embedder_folder
from course_lib.settings import Settings

Memory = namedtuple("Memory", "available")
Disk = namedtuple("Disk", "free")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a machine where everything is in place and both models are prepared."""
    settings = Settings(cache=tmp_path / "cache", data=tmp_path / "data")
    for name in ("kb", "eval"):
        (settings.data / name).mkdir(parents=True)
    for name in ("one", "two"):
        folder = settings.data / "adapters" / name
        folder.mkdir(parents=True)
        (folder / ADAPTER_WEIGHTS).write_bytes(name.encode())
        write_json(folder / MANIFEST, {"adapter_sha256": sha256_of(folder / ADAPTER_WEIGHTS)})
    for folder in (chat_folder(settings), embedder_folder(settings)):
        folder.mkdir(parents=True)
        (folder / "model.bin").write_bytes(b"weights")
        write_json(folder / STAMP, {"model.bin": sha256_of(folder / "model.bin")})
    return settings


@pytest.fixture(autouse=True)
def roomy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: Memory(8e9))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Disk(50e9))


def found(settings: Settings, name: str) -> Check:
    [check] = [check for check in check_environment(settings) if check.name == name]
    return check


def requirements(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "requirements.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_ready_machine_has_no_failure_and_nothing_to_do(settings):
    checks = check_environment(settings)
    assert [check for check in checks if check.ok is not True] == []
    assert {check.name for check in checks} == {
        "Python",
        "packages",
        "data folder",
        "adapters",
        "cache folder",
        "memory",
        "disk",
        "chat model",
        "embedding model",
    }


def test_a_damaged_adapter_fails_by_its_name_and_says_how_to_restore_it(settings):
    assert found(settings, "adapters").ok and "2 as" in found(settings, "adapters").detail
    (settings.data / "adapters" / "two" / ADAPTER_WEIGHTS).write_bytes(b"twp")
    (settings.data / "adapters" / "one" / MANIFEST).write_text("{}", encoding="utf-8")
    checks = {check.name: check for check in check_environment(settings) if check.ok is False}
    assert set(checks) == {"adapter one", "adapter two"}
    assert MANIFEST in checks["adapter one"].detail and "SHA-256" in checks["adapter two"].detail
    assert all("git checkout" in check.remedy and "retrain" in check.remedy for check in checks.values())


def test_adapters_that_are_not_there_fail(settings):
    shutil.rmtree(settings.data / "adapters")
    assert found(settings, "adapters").ok is False


@pytest.mark.parametrize(
    ("version", "ok"),
    [
        ((3, 10, 13), False),
        ((3, 11, 0), True),
        ((3, 13, 9), True),
        ((3, 14, 0), False),
    ],
)
def test_python_must_be_one_the_pinned_packages_support(version, ok):
    check = environment.check_python(version)
    assert check.ok is ok
    assert bool(check.remedy) is not ok


def test_every_line_of_the_requirements_file_is_an_exact_pin_that_the_check_reads():
    path = environment.ROOT / "requirements.txt"
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    [check] = environment.check_packages(path)
    assert check.detail.startswith(f"{len(lines)} ")


def test_a_package_at_another_version_fails_and_names_both_versions(tmp_path):
    path = requirements(tmp_path, f"pytest==0.0.1\npsutil=={psutil.__version__}\n")
    [check] = environment.check_packages(path)
    assert check.ok is False
    assert pytest.__version__ in check.detail and "0.0.1" in check.detail


def test_the_cpu_build_of_a_package_counts_as_the_pinned_version(tmp_path, monkeypatch):
    monkeypatch.setattr(environment.metadata, "version", lambda name: "2.13.0+cpu")
    [check] = environment.check_packages(requirements(tmp_path, "torch==2.13.0\n"))
    assert check.ok


def test_a_missing_package_fails_before_anything_is_imported_from_it(settings, tmp_path, monkeypatch):
    requirements(tmp_path, "no-such-package==1.0  # a comment\n")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.delattr(psutil, "virtual_memory")
    checks = check_environment(settings)
    assert [check.name for check in checks if check.ok is False] == ["package no-such-package"]


@pytest.mark.parametrize(("free", "ok"), [(1.9e9, False), (2.0e9, True)])
def test_memory_needs_two_gigabytes(settings, monkeypatch, free, ok):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: Memory(free))
    assert found(settings, "memory").ok is ok


def test_a_nearly_full_disk_is_fine_once_the_models_are_prepared(settings, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Disk(0.4e9))
    assert found(settings, "disk").ok is True
    shutil.rmtree(settings.cache)
    assert found(settings, "disk").ok is False


def test_models_not_yet_prepared_are_to_do_and_do_not_fail(settings):
    shutil.rmtree(settings.cache)
    checks = check_environment(settings)
    assert [check.name for check in checks if check.ok is None] == ["chat model", "embedding model"]
    assert print_checks(checks, lambda line: None)
    assert not settings.cache.exists()


@pytest.mark.parametrize("folder_of", [chat_folder, embedder_folder])
def test_a_damaged_model_fails_and_says_how_to_mend_it(settings, folder_of):
    (folder_of(settings) / "model.bin").write_bytes(b"weighty")
    [check] = [check for check in check_environment(settings) if check.ok is False]
    assert "model.bin" in check.detail
    assert "prepare" in check.remedy


def test_a_model_of_the_learners_own_is_not_checked(settings):
    own = Settings(chat_model="somebody/some-model", cache=settings.cache, data=settings.data)
    shutil.rmtree(chat_folder(settings))
    assert found(own, "chat model").ok is True


def test_a_missing_data_folder_fails(settings):
    shutil.rmtree(settings.data / "eval")
    check = found(settings, "data folder")
    assert check.ok is False
    assert "eval" in check.detail and "kb" not in check.detail


def test_a_cache_that_cannot_be_written_fails(settings, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    check = environment.check_cache(Settings(cache=tmp_path / "file" / "cache"))
    assert check.ok is False
    assert "COURSE_CACHE" in check.remedy


def test_print_checks_writes_a_line_each_and_reports_failure():
    lines: list[str] = []
    checks = [
        Check("Python", True, "3.11.7"),
        Check("chat model", None, "is not prepared yet", "Run it."),
        Check("memory", False, "0.5 GB free", "Close other programs."),
    ]
    assert print_checks(checks, lines.append) is False
    assert lines == [
        "OK    Python 3.11.7",
        "TODO  chat model is not prepared yet: Run it.",
        "FAIL  memory 0.5 GB free: Close other programs.",
    ]


def test_an_error_of_verify_becomes_a_line_and_not_a_crash(settings, monkeypatch):
    def refuse(folder: Path) -> None:
        raise WeightsError("It is broken.", "Mend it.")

    monkeypatch.setattr("course_lib.machine.verify", refuse)
    assert str(found(settings, "chat model")) == "FAIL  chat model is damaged. It is broken: Mend it."
