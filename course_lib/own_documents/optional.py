"""Packages that only some documents need: imported when they are needed, and named when they are not there."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from course_lib.errors import DataError

INSTALL = "Run `python -m pip install -r requirements-extra.txt`."


def needed(module: str, package: str, purpose: str) -> ModuleType:
    """Import a module of an optional package.

    Args:
        module: what to import.
        package: its name for pip.
        purpose: what it is for, as in "to read PDF".

    Raises:
        DataError: it is not installed or does not load.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise DataError(f"The package {package} is needed {purpose}, and does not load ({error}).", INSTALL) from error
