"""Nothing in the course can run what a file says: no pickle, no code from text, no shell; weights are safetensors."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from course_lib.settings import ROOT

PICKLES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
NAMES = {"eval", "exec", "__import__"}
CALLS = {"torch.load", "torch.save", "yaml.load", "yaml.full_load", "yaml.unsafe_load", "os.system", "os.popen"}
CALLS |= {"pd.read_pickle", "pandas.read_pickle", "subprocess.getoutput", "subprocess.getstatusoutput"}
SAFE_YAML = {"SafeLoader", "CSafeLoader"}
TRUE = {"shell", "allow_pickle", "trust_remote_code"}
FALSE = {"weights_only", "use_safetensors"}
# Tests that show that pickle is refused, that run exercise cells, and that feed made-up rows.
ALLOWED = {
    ("tests/notebooks/test_exercises.py", "exec"),
    ("tests/unit/experiments/test_store.py", "eval"),
    ("tests/unit/hosted/test_client.py", "import pickle"),
    ("tests/unit/models/test_chat.py", "torch.save"),
    ("tests/unit/retrieval/test_dense.py", "allow_pickle=True"),
}
PICKLED_FILES = {".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".bin", ".joblib", ".npy", ".npz", ".h5", ".dill"}
SOURCES = [*(ROOT / "course_lib").rglob("*.py"), *(ROOT / "tests").rglob("*.py"), *(ROOT / "notebooks").glob("*.ipynb")]


def code_of(path: Path) -> str:
    """Return the code in a module or in the code cells of a notebook."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    return "\n".join("".join(cell["source"]) for cell in cells)


def dotted(node: ast.expr) -> str:
    """Return a name with its dots, such as ``torch.load``; what is not a plain name counts as a question mark."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def unsafe(code: str) -> Iterator[str]:
    """Yield what in some code could run what a file or a text says."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (f"import {one.name}" for one in node.names if one.name.split(".")[0] in PICKLES)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module.split(".")[0] in PICKLES:
                yield f"import {node.module}"
            # Under a name of its own, a call could not be told from a harmless one.
            yield from (f"{node.module}.{one.name}" for one in node.names if f"{node.module}.{one.name}" in CALLS)
        elif isinstance(node, ast.Call):
            yield from unsafe_call(node)


def unsafe_call(node: ast.Call) -> Iterator[str]:
    """Yield what is unsafe about one call."""
    name = dotted(node.func)
    given = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    loader = given.get("Loader") or (node.args[1] if name == "yaml.load" and len(node.args) > 1 else None)
    safe_yaml = name == "yaml.load" and loader is not None and dotted(loader).split(".")[-1] in SAFE_YAML
    if name in NAMES | CALLS and not safe_yaml:
        yield name
    for word, value in given.items():
        said = getattr(value, "value", ...)  # ... for what is worked out at run time
        if (word in TRUE and said is not False) or (word in FALSE and said is not True):
            yield f"{word}={ast.unparse(value)}"


def found_in(path: Path) -> set[tuple[str, str]]:
    return {(path.relative_to(ROOT).as_posix(), what) for what in unsafe(code_of(path))}


def test_no_module_test_or_notebook_loads_code_or_uses_a_shell():
    assert len(SOURCES) > 300
    found = set().union(*map(found_in, SOURCES))
    assert found == ALLOWED


def test_no_file_of_the_data_is_or_could_be_a_pickle():
    files = [path for path in (ROOT / "data").rglob("*") if path.is_file()]
    assert any(path.suffix == ".safetensors" for path in files)
    assert [path.name for path in files if path.suffix in PICKLED_FILES] == []
    starts = {path.name: path.read_bytes()[:2] for path in files}
    assert [name for name, start in starts.items() if start[:1] == b"\x80" or start == b"PK"] == []


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "import numpy, joblib.numpy_pickle",
        "from dill import loads",
        "import torch\ntorch.load('x', weights_only=True)",
        "from torch import load",
        "eval('1')",
        "def f():\n    exec(text)",
        "import yaml\nyaml.load(text)",
        "import yaml\nyaml.load(text, Loader=yaml.Loader)",
        "import yaml\nyaml.unsafe_load(text)",
        "subprocess.run('ls', shell=True)",
        "subprocess.run('ls', shell=bool(1))",
        "os.system('ls')",
        "np.load('x', allow_pickle=True)",
        "AutoModel.from_pretrained('x', trust_remote_code=True)",
        "AutoModel.from_pretrained('x', use_safetensors=False)",
    ],
)
def test_unsafe_code_is_found(code):
    assert list(unsafe(code))


@pytest.mark.parametrize(
    "code",
    [
        "model.eval()",
        "import yaml\nyaml.safe_load(text)",
        "import yaml\nyaml.load(text, Loader=yaml.SafeLoader)",
        "yaml.load(text, yaml.CSafeLoader)",
        "np.load('x', allow_pickle=False)",
        "subprocess.run(['ls'])",
        "from safetensors.torch import load",
        "json.load(file)",
    ],
)
def test_safe_code_is_not_found(code):
    assert list(unsafe(code)) == []
