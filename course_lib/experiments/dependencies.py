"""On which modules of the course an experiment's rows depend: its imports tell, so that none can be forgotten."""

from __future__ import annotations

import ast
import hashlib
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path

from course_lib.settings import ROOT

# These report, store and look at the machine. No row depends on them, and they change for many other reasons.
PLUMBING = {f"course_lib/{name}.py" for name in ("environment", "errors", "files", "machine", "memory", "results")} | {
    f"course_lib/experiments/{name}.py" for name in ("confirmed", "dependencies", "registry", "resume", "store")
}
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def modules_used(source: Path, root: Path = ROOT) -> dict[str, Path]:
    """Return the modules of ``course_lib`` that a module imports, directly or through others, wherever in its code.

    Args:
        source: the module's file; it is not among the result.
        root: the folder that holds ``course_lib``.

    Returns:
        Files by path, such as ``course_lib/retrieval/bm25.py``, in the order of the paths. A module that only reports,
        stores or looks at the machine is left out.
    """
    found: dict[str, Path] = {}
    waiting = [source]
    while waiting:
        for path in _imported(waiting.pop(), root):
            name = path.relative_to(root).as_posix()
            if name not in found and name not in PLUMBING and path != source:
                found[name] = path
                waiting.append(path)
    return dict(sorted(found.items()))


def _imported(source: Path, root: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            path = root.joinpath(*name.split(".")).with_suffix(".py")
            if name.startswith("course_lib.") and path.is_file():
                yield path


def code_digest(path: Path) -> str:
    """Return the SHA-256 of what a module does, as 64 hex digits: its docstrings and comments do not count."""
    return hashlib.sha256(code_of(path.read_text(encoding="utf-8")).encode()).hexdigest()


def code_of(text: str) -> str:
    """Return a module's text without its docstrings and comments; the lines that held nothing else go with them."""
    lines = text.split("\n")
    gone: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
            gone |= set() if lines[row - 1] else {row}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            doc = node.body[0]
            if not lines[doc.lineno - 1][: doc.col_offset].strip():  # it begins its line
                gone |= set(range(doc.lineno, doc.end_lineno + 1))
    return "\n".join(line for row, line in enumerate(lines, 1) if row not in gone)
