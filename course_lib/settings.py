"""Paths, seeds and the choice of model, read once from environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from course_lib.errors import CourseError

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_CHAT_MODEL = "smollm2-135m-instruct"
DEFAULT_EMBEDDER = "all-MiniLM-L6-v2"
DTYPES = ("float32", "bfloat16")


@dataclass(frozen=True)
class Settings:
    """Everything that may differ between two machines that run the course.

    Attributes:
        chat_model: the built-in model's name, a hub id, or a local folder (``COURSE_CHAT_MODEL``).
        cache: folder for converted weights and embeddings (``COURSE_CACHE``).
        dtype: ``float32`` (published figures) or ``bfloat16`` (``COURSE_DTYPE``).
        threads: processor threads, 0 for torch's own choice (``COURSE_THREADS``).
        batch_size: questions answered together (``COURSE_BATCH``).
        seed: seed of everything random (``COURSE_SEED``).
        data: folder with the course's data (``COURSE_DATA``).
        retrieval_adapter: adapter of the embedding model below ``data/adapters``; empty for the model as published.
    """

    chat_model: str = DEFAULT_CHAT_MODEL
    cache: Path = field(default_factory=lambda: Path(platformdirs.user_cache_dir("rag-or-fine-tuning")))
    dtype: str = "float32"
    threads: int = 0
    batch_size: int = 32
    seed: int = 7
    data: Path = ROOT / "data"
    retrieval_adapter: str = "retrieval"


def load_settings(env: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from environment variables.

    Args:
        env: variables to read; the process environment if None.

    Raises:
        CourseError: a variable holds a value that cannot be used.
    """
    env = os.environ if env is None else env
    base = Settings()
    dtype = env.get("COURSE_DTYPE") or base.dtype
    if dtype not in DTYPES:
        raise CourseError(f"COURSE_DTYPE is {dtype!r}.", f"Set it to one of {', '.join(DTYPES)}, or unset it.")
    return Settings(
        chat_model=env.get("COURSE_CHAT_MODEL") or base.chat_model,
        cache=Path(env.get("COURSE_CACHE") or base.cache).expanduser(),
        dtype=dtype,
        threads=_whole("COURSE_THREADS", env, base.threads, least=0),
        batch_size=_whole("COURSE_BATCH", env, base.batch_size, least=1),
        seed=_whole("COURSE_SEED", env, base.seed, least=0),
        data=Path(env.get("COURSE_DATA") or base.data).expanduser(),
    )


def _whole(name: str, env: Mapping[str, str], default: int, least: int) -> int:
    text = env.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or int(text) < least:
        raise CourseError(f"{name} is {text!r}.", f"Set it to a whole number of at least {least}, or unset it.")
    return int(text)
