"""Do the models fit on this machine, and are they prepared? These checks need the packages; environment.py does not."""

from __future__ import annotations

import shutil
from pathlib import Path

from course_lib.environment import OTHER_CACHE, Check, existing_folder
from course_lib.errors import WeightsError
from course_lib.memory import free_memory
from course_lib.models.weights import (
    CHAT,
    EMBEDDER,
    MANIFEST,
    STAMP,
    chat_folder,
    embedder_folder,
    verify,
    verify_adapter,
)
from course_lib.settings import DEFAULT_CHAT_MODEL, Settings

MEMORY_GB = 2.0
WORKING_GB = 0.2  # embeddings and logs, once the models are prepared
PREPARE = "Run `python -m course_lib prepare`."


def check_memory() -> Check:
    """Check that answering and training fit in the memory that is free now."""
    free = free_memory()
    remedy = "" if free >= MEMORY_GB else f"Close other programs until {MEMORY_GB:.0f} GB are free."
    return Check("memory", not remedy, f"{free:.1f} GB free", remedy)


def check_disk(settings: Settings) -> Check:
    """Check that there is room for the models that are not prepared yet."""
    needs = WORKING_GB + sum(gb for _, folder, gb in _built_in(settings) if not _prepared(folder))
    free = shutil.disk_usage(existing_folder(settings.cache)).free / 1e9
    remedy = "" if free >= needs else f"{needs:.1f} GB are needed. {OTHER_CACHE}"
    return Check("disk", not remedy, f"{free:.1f} GB free for the cache", remedy)


def check_models(settings: Settings) -> list[Check]:
    """Check that the models are prepared and undamaged; reads every byte, which takes a second or two."""
    checks = [_check_folder(name, folder) for name, folder, _ in _built_in(settings)]
    if settings.chat_model != DEFAULT_CHAT_MODEL:
        checks.append(Check("chat model", True, f"{settings.chat_model} (your own choice, not checked)"))
    return checks


def check_adapters(settings: Settings) -> list[Check]:
    """Check that the shipped adapters are what their manifests say: one check if all are, else one for each other."""
    shipped, damaged = settings.data / "adapters", []
    names = sorted(path.parent.name for path in shipped.glob(f"*/{MANIFEST}"))
    for name in names:
        try:
            verify_adapter(shipped / name)
        except WeightsError as error:
            damaged.append(Check(f"adapter {name}", False, f"is damaged. {error.cause.rstrip('.')}", error.remedy))
    if not names:
        return [Check("adapters", False, f"are not in {shipped}", "Restore them with `git checkout`.")]
    return damaged or [Check("adapters", True, f"{len(names)} as their manifests say")]


def _built_in(settings: Settings) -> list[tuple[str, Path, float]]:
    """Return name, folder and gigabytes to prepare it, of each model that `prepare` makes."""
    models = [("embedding model", embedder_folder(settings), EMBEDDER.needs_gb)]
    if settings.chat_model == DEFAULT_CHAT_MODEL:
        models.insert(0, ("chat model", chat_folder(settings), CHAT.needs_gb))
    return models


def _prepared(folder: Path) -> bool:
    return (folder / STAMP).is_file()


def _check_folder(name: str, folder: Path) -> Check:
    if not _prepared(folder):
        return Check(name, None, "is not prepared yet", PREPARE)
    try:
        verify(folder)
    except WeightsError as error:
        return Check(name, False, f"is damaged. {error.cause.rstrip('.')}", error.remedy)
    return Check(name, True, f"in {folder}")
