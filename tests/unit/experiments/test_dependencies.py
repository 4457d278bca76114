"""The modules that an experiment depends on are found from its imports, and only what they do counts."""

from __future__ import annotations

import pytest

from course_lib.experiments.dependencies import code_digest, modules_used
from course_lib.experiments.registry import find_experiments
from course_lib.experiments.sources import SITE_DATA


@pytest.fixture
def course(tmp_path):
    """A small course: a chain of imports, one inside a function, one module that nobody uses, and plumbing."""
    modules = {
        "files.py": "import json\n",
        "knowledge/values.py": "import re\n",
        "knowledge/unused.py": "",
        "retrieval/dense.py": "from course_lib.knowledge.values import contains\nimport numpy as np\n",
        "retrieval/best.py": "from course_lib.retrieval import dense\nfrom course_lib.files import read_json\n",
        "evaluation/late.py": "import course_lib.evaluation.circle\n",
        "evaluation/circle.py": "from course_lib.evaluation import late\n",
        "experiments/one.py": (
            "from course_lib.retrieval.best import best as good\n"
            "def run(settings, say):\n"
            "    from course_lib.evaluation.late import score\n"
        ),
    }
    for name, text in modules.items():
        path = tmp_path / "course_lib" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_imports_are_followed_through_all_modules_wherever_they_stand(course):
    found = modules_used(course / "course_lib" / "experiments" / "one.py", course)
    assert list(found) == [
        "course_lib/evaluation/circle.py",
        "course_lib/evaluation/late.py",
        "course_lib/knowledge/values.py",
        "course_lib/retrieval/best.py",
        "course_lib/retrieval/dense.py",
    ]
    assert all(path.is_file() for path in found.values())


def test_modules_that_import_each_other_do_not_name_themselves(course):
    assert list(modules_used(course / "course_lib" / "evaluation" / "late.py", course)) == [
        "course_lib/evaluation/circle.py"
    ]


@pytest.mark.parametrize("name", [name for name in find_experiments() if name[:4] in ("nb01", "nb02", "nb03", "nb04")])
def test_an_experiment_that_asks_questions_of_the_site_depends_on_how_both_are_read(name):
    experiment = find_experiments()[name]
    needed = {"knowledge/articles", "knowledge/chunking", "knowledge/tables", "knowledge/values", "evaluation/gold"}
    assert {f"course_lib/{module}.py" for module in needed} <= set(modules_used(experiment.source))
    assert set(SITE_DATA) <= set(experiment.uses)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ('"""Says this."""\nx = 1\n', '"""Says that,\nat length."""\nx = 1\n'),
        ("x = 1\n", "# why\nx = 1  # and how\n"),
        ('def f(x: int):\n    """One."""\n    return x\n', "def f(x: int):\n    return x\n"),
        ('class A:\n    """One."""\n\n    x = 1\n', 'class A:\n    """Two\n    lines."""\n\n    x = 1\n'),
    ],
)
def test_docstrings_and_comments_do_not_count(tmp_path, text, other):
    (tmp_path / "one.py").write_text(text)
    (tmp_path / "other.py").write_text(other)
    assert code_digest(tmp_path / "one.py") == code_digest(tmp_path / "other.py")


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("x = 1\n", "x = 2\n"),
        ('x = "a # b"\n', 'x = "a # c"\n'),
        ('PROMPT = """One\n\n# two"""\n', 'PROMPT = """One\n\n# three"""\n'),
        ('"""Doc."""\nx = "text"\n', '"""Doc."""\nx = "other"\n'),
        ('def f(): "doc"\n', 'def g(): "doc"\n'),
    ],
)
def test_whatever_decides_what_a_module_does_counts(tmp_path, text, other):
    (tmp_path / "one.py").write_text(text)
    (tmp_path / "other.py").write_text(other)
    assert code_digest(tmp_path / "one.py") != code_digest(tmp_path / "other.py")
