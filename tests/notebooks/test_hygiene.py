"""Every notebook keeps the form that the course promises, and its committed outputs are whole."""

from __future__ import annotations

import ast
import json
import re
from statistics import median, quantiles

import pytest

from course_lib.settings import ROOT

PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NOTEBOOKS = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in PATHS}
ABSOLUTE = re.compile(r"(?<![\w.~-])/(?:work|root|home|tmp|Users|mnt|opt|srv)/|\b[A-Z]:\\")
RAW_DISPLAY = re.compile(
    r"IPython\.display|from IPython|import IPython|get_ipython|_repr_\w+_|ipywidgets|pyplot"
    r"|\b(?:HTML|Markdown|display|publish_display_data)\(|^\s*%%?\w",
    re.MULTILINE,
)
RICH = {"text/html", "text/markdown", "text/latex", "image/svg+xml", "application/javascript"}
HTML_TAG = re.compile(r"</?([a-zA-Z]\w*)[^>]*>")
MEASURED = re.compile(
    r"\d\s?%|\d\.\d|\b\d+ (?:out )?of (?:the )?\d|\b\d+[x×](?!\w)"
    r"|\b\d+ (?:percent|points?|times|milliseconds?|ms|seconds?|minutes?|[GMk]B|right|wrong|correct|errors?|answers?"
    r"|questions)\b"
)
# Not a result: how wide every interval of the course is.
CONFIDENCE = re.compile(r"\b95(?: percent|\s?%)(?= (?:confidence )?interval| of the scores)")
INLINE_CODE = re.compile(r"`[^`]*`")
FUNCTION_LINES = 15
PRINTS = re.compile(r"^(?:print|show\w*|check_\w+)\(", re.MULTILINE)
EXERCISE = re.compile(r"^#+ +Exercise \d+\b", re.MULTILINE)

every_notebook = pytest.mark.parametrize("name", NOTEBOOKS)


def source(cell: dict) -> str:
    return "".join(cell["source"])


def cells(name: str, kind: str) -> list[dict]:
    return [cell for cell in NOTEBOOKS[name]["cells"] if cell["cell_type"] == kind]


def tags(cell: dict) -> list[str]:
    return cell["metadata"].get("tags", [])


def output_text(cell: dict) -> str:
    """Return all text of a cell's outputs; pictures are left out."""
    parts = []
    for output in cell["outputs"]:
        data = {kind: value for kind, value in output.get("data", {}).items() if not kind.startswith("image/")}
        parts += [output.get("text", []), *data.values()]
    return "\n".join("".join(part) if isinstance(part, list) else str(part) for part in parts)


def typed_result(text: str) -> re.Match | None:
    """Find the first number in a text that looks like something measured; inline code is passed over."""
    return MEASURED.search(CONFIDENCE.sub("", INLINE_CODE.sub("", text)))


def test_there_are_notebooks():
    assert NOTEBOOKS


@every_notebook
def test_cells_were_run_once_from_top_to_bottom(name):
    counts = [cell["execution_count"] for cell in cells(name, "code")]
    assert counts == list(range(1, len(counts) + 1)), "Restart the kernel, run all cells, and save."


@every_notebook
def test_cells_that_print_or_show_have_their_outputs(name):
    bare = [source(cell) for cell in cells(name, "code") if PRINTS.search(source(cell)) and not cell["outputs"]]
    assert not bare


@every_notebook
def test_no_output_is_an_error_or_a_warning(name):
    for cell in cells(name, "code"):
        for output in cell["outputs"]:
            assert output["output_type"] != "error", source(cell)
            assert output.get("name") != "stderr", f"{source(cell)}\n{''.join(output['text'])[:500]}"


@every_notebook
def test_compared_cells_have_an_output_to_compare(name):
    assert all(cell["outputs"] for cell in cells(name, "code") if "nbval-check-output" in tags(cell))


@every_notebook
def test_no_path_of_one_machine_is_in_a_source_or_an_output(name):
    for cell in NOTEBOOKS[name]["cells"]:
        text = source(cell) + (output_text(cell) if cell["cell_type"] == "code" else "")
        assert not ABSOLUTE.search(text), text[:200]


@every_notebook
def test_text_reaches_the_screen_through_the_escaping_helpers_only(name):
    found = [source(cell) for cell in cells(name, "code") if RAW_DISPLAY.search(source(cell))]
    assert not found, "Use the show_... functions of course_lib.teaching.display."


@every_notebook
def test_a_notebook_is_short_and_so_are_its_cells(name):
    lines = [len(source(cell).splitlines()) for cell in cells(name, "code")]
    assert 15 <= len(NOTEBOOKS[name]["cells"]) <= 30
    assert median(lines) <= 5 and quantiles(lines, n=10)[-1] <= 13, lines


@every_notebook
def test_a_notebook_fits_under_a_megabyte_and_no_output_takes_half_of_it(name):
    assert (ROOT / "notebooks" / name).stat().st_size < 1_000_000
    sizes = [len(json.dumps(output)) for cell in cells(name, "code") for output in cell["outputs"]]
    assert max(sizes, default=0) < 500_000


@every_notebook
def test_functions_are_short_and_classes_live_in_the_library(name):
    nodes = [node for cell in cells(name, "code") for node in ast.walk(ast.parse(source(cell)))]
    assert not [node.name for node in nodes if isinstance(node, ast.ClassDef)]
    functions = [node for node in nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    assert not [node.name for node in functions if node.end_lineno - node.lineno >= FUNCTION_LINES]


@every_notebook
def test_a_value_left_on_the_last_line_is_shown_as_plain_text_only(name):
    shown = [output for cell in cells(name, "code") for output in cell["outputs"] if "data" in output]
    rich = [output for output in shown if output["output_type"] == "execute_result" and set(output["data"]) & RICH]
    assert not rich, "Use the show_... functions of course_lib.teaching.display."


@every_notebook
def test_every_picture_can_be_read_by_those_who_cannot_see_it(name):
    for cell in cells(name, "code"):
        for output in cell["outputs"]:
            if "image/png" in output.get("data", {}):
                assert len(output["metadata"]["image/png"]["alt"].split()) > 3, source(cell)


@every_notebook
def test_the_text_uses_no_html_but_the_folds_of_hints_and_answers(name):
    for cell in cells(name, "markdown"):
        tags_used = HTML_TAG.findall(INLINE_CODE.sub("", source(cell)))
        assert set(tags_used) <= {"details", "summary"}, source(cell)[:200]


@every_notebook
def test_no_result_is_typed_into_the_text(name):
    book = NOTEBOOKS[name]["cells"]
    first_code = next(index for index, cell in enumerate(book) if cell["cell_type"] == "code")
    for cell in book[first_code:]:
        if cell["cell_type"] == "markdown":
            found = typed_result(source(cell))
            assert not found, f"Render {found.group()!r} from the value: {source(cell)[:200]}"


@pytest.mark.parametrize(
    ("text", "caught"),
    [
        ("right in 83 % of all", True),
        ("a score of 0.75", True),
        ("48 of 240 were wrong", True),
        ("48 out of the 240", True),
        ("it is 3× as fast", True),
        ("after 12 seconds", True),
        ("it got 17 questions right", True),
        ("in 95 % of the cases", True),
        ("a 95% interval", False),
        ("see notebook 04 and exercise 2", False),
        ("hit@3 and nDCG@10", False),
        ("the 2x2 grid", False),
        ("set `top_k=3`", False),
    ],
)
def test_what_counts_as_a_typed_result(text, caught):
    assert bool(typed_result(text)) is caught


@every_notebook
def test_code_cells_are_valid_python(name):
    for cell in cells(name, "code"):
        ast.parse(source(cell))


@every_notebook
def test_the_header_and_the_footer_are_complete(name):
    text = [source(cell) for cell in cells(name, "markdown")]
    assert text[0].startswith(f"# {name[:2]} ") and "You need" in text[0]
    assert len(re.findall(r"^- ", text[0].partition("**You will learn to**")[2], re.MULTILINE)) >= 2
    assert f'print_timing("{name.removesuffix(".ipynb")}")' in source(cells(name, "code")[0])
    assert NOTEBOOKS[name]["cells"][0]["cell_type"] == NOTEBOOKS[name]["cells"][-1]["cell_type"] == "markdown"
    assert all(f"## {part}" in text[-1] for part in ("Take-aways", "Quiz", "Next"))
    assert text[-1].count("<details><summary>Answer</summary>") == 3 == text[-1].count("</details>")


@every_notebook
def test_every_exercise_has_a_hint_a_stub_a_check_and_a_collapsed_solution_in_this_order(name):
    kinds, hints = [], 0
    for cell in NOTEBOOKS[name]["cells"]:
        if cell["cell_type"] == "markdown" and EXERCISE.search(source(cell)):
            kinds.append([])
            hints += "<details><summary>Hint</summary>" in source(cell)
        marks = [tag for tag in tags(cell) if tag in ("stub", "check", "solution")]
        if marks:
            kinds[-1] += marks
        if "solution" in marks:
            assert cell["metadata"]["jupyter"]["source_hidden"] is True
    assert 2 <= len(kinds) <= 3 and all(kind == ["stub", "check", "solution"] for kind in kinds)
    assert hints == len(kinds)


@every_notebook
def test_the_metadata_say_nothing_about_the_machine_that_ran_it(name):
    assert NOTEBOOKS[name]["metadata"]["kernelspec"]["name"] == "python3"
    assert not any("execution" in cell["metadata"] for cell in cells(name, "code"))
