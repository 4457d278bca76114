"""The hand-written parts of the workshop kit, YAML files in ``workshop/``, and links to what they name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from course_lib.errors import DataError
from course_lib.settings import ROOT
from course_lib.teaching.books import Book


def load_workshop(name: str, root: Path = ROOT) -> Any:
    """Return what a file of ``workshop/`` holds, such as ``quiz`` for ``quiz.yaml``.

    Raises:
        DataError: the file is missing or is not YAML.
    """
    path = root / "workshop" / f"{name}.yaml"
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError(f"{path} is missing.", "Restore it with `git checkout`.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}", "Mend it, or restore it with `git checkout`.") from error


def find_book(number: str, books: Mapping[str, Book]) -> Book | None:
    """Return the notebook whose name begins with a number such as ``04``; None if it is not there."""
    return next((book for name, book in books.items() if number and name.startswith(f"{number}_")), None)


def cell_link(notebook: str, cell: str) -> str:
    """Return the address of a cell, from the course's folder; JupyterLab jumps to it."""
    return f"notebooks/{notebook}.ipynb#cell-id={cell}"
