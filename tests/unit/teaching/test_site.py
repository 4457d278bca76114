"""The web edition's source links to its own pages, folds solutions, and holds everything that was promised."""

from __future__ import annotations

import json
import re

import pytest

from course_lib.settings import ROOT, Settings
from course_lib.teaching.site import site_files, site_notebook
from course_lib.teaching.site_check import problems
from course_lib.teaching.site_links import site_links

FILES = dict(site_files(Settings()))
NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))


def texts() -> dict[str, str]:
    """Return the Markdown of all pages, that of the notebooks too."""
    found = {name: content.decode() for name, content in FILES.items() if name.endswith(".md")}
    for name, content in FILES.items():
        if name.endswith(".ipynb"):
            cells = json.loads(content)["cells"]
            found[name] = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return found


def test_every_notebook_and_every_page_of_results_is_there():
    assert {f"notebooks/{name}.ipynb" for name in NOTEBOOKS} <= set(FILES)
    assert {"conf.py", "index.md", "claims.md", "scoreboard.md", "datasheet.md", "instructors.md"} <= set(FILES)


def test_every_link_leads_to_a_page_or_a_cell_of_the_site():
    pages = texts()
    targets = {mark for text in pages.values() for mark in re.findall(r"^\(([\w-]+)\)=$", text, re.MULTILINE)}
    count = 0
    for name, text in pages.items():
        plain = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
        for address in re.findall(r"(?<!!)\[[^\]]*\]\((?!https?:|mailto:)([^)\s]+)\)", plain):
            count += 1
            if address.startswith("#"):
                assert address[1:] in targets, (name, address)
            else:
                assert address.lstrip("/") in FILES, (name, address)
    assert count > 50


def test_every_picture_of_a_page_is_there():
    pictures = [name for text in texts().values() for name in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text)]
    assert pictures and set(pictures) <= set(FILES)


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("[a](notebooks/04_x.ipynb#cell-id=one-two)", "[a](#04_x-one-two)"),
        ("[a](../../notebooks/04_x.ipynb#cell-id=b)", "[a](#04_x-b)"),
        ("[a](notebooks/04_x.ipynb)", "[a](/notebooks/04_x.ipynb)"),
        ("[a](data/DATASHEET.md)", "[a](/datasheet.md)"),
        ("[`a`](workshop/notes.yaml) b", "`a` b"),
        ("[a](https://example.org/x)", "[a](https://example.org/x)"),
        ("```sh\n[a](b)\n```\n[c](d)", "```sh\n[a](b)\n```\nc"),
        ("[a](notebooks/99_gone.ipynb) [b](#Some-heading) [c](#No-heading)", "a [b](#04_x-here) c"),
        ("![a](data/results/x.png)", "![a](data/results/x.png)"),
    ],
)
def test_a_link_of_the_repository_becomes_one_of_the_site(text, becomes):
    assert site_links(text, {"04_x"}, {"Some-heading": "04_x-here"}) == becomes


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_solutions_are_folded_and_pictures_have_their_text(name):
    cells = json.loads(FILES[f"notebooks/{name}.ipynb"])["cells"]
    for cell in cells:
        if "solution" in cell["metadata"].get("tags", []):
            assert "hide-input" in cell["metadata"]["tags"]
        pictures = [one for one in cell.get("outputs", []) if "image/png" in one.get("data", {})]
        if pictures:
            assert cell["metadata"]["mystnb"]["image"]["alt"]


def test_the_notebook_itself_is_not_changed():
    book = json.loads((ROOT / "notebooks" / f"{NOTEBOOKS[0]}.ipynb").read_text(encoding="utf-8"))
    before = json.dumps(book)
    site_notebook(NOTEBOOKS[0], book, NOTEBOOKS)
    assert json.dumps(book) == before


def test_links_within_a_notebook_lead_to_cells_and_dead_citations_are_no_links():
    shown = {"output_type": "display_data", "metadata": {}}
    html = ['<p id="passage-a">x</p> <a href="#passage-a">a</a> ', '<a href="#passage-b">b</a>']
    cells = [
        {"cell_type": "markdown", "id": "one", "metadata": {}, "source": ["# 00 A\n", "\n", "[down](#The-end, here)"]},
        {
            "cell_type": "code",
            "id": "two",
            "metadata": {},
            "source": "1",
            "outputs": [{**shown, "data": {"text/html": html}}],
        },
        {"cell_type": "markdown", "id": "six", "metadata": {}, "source": "## The end\n\n[up](#00-A)"},
    ]
    first, anchor, code, last = site_notebook("00_a", {"cells": cells}, {"00_a"})["cells"]
    assert last["source"].endswith("[up](#00_a-one)") and last["source"].startswith("(00_a-six)=\n## The end")
    assert anchor["source"] == "(00_a-two)=\n" and first["source"].startswith("(00_a-one)=\n# 00 A")
    assert code["outputs"][0]["data"]["text/html"].endswith('<a href="#passage-a">a</a> <a>b</a>')


def test_the_settings_execute_nothing_and_read_no_mathematics_into_prices():
    text = FILES["conf.py"].decode()
    assert 'nb_execution_mode = "off"' in text and "myst_enable_extensions = []" in text and "https://" not in text


def page(folder, name: str, body: str) -> None:
    (folder / name).write_text(f"<html><body>{body}</body></html>")


def test_a_whole_site_has_no_problems(tmp_path):
    (tmp_path / "a.png").write_bytes(b"x")
    (tmp_path / "a.css").write_text("body { background: url(a.png) }")
    page(
        tmp_path,
        "a.html",
        '<link rel="stylesheet" href="a.css"><a id="x" href="b.html#y">b</a><img src="a.png" alt="a">',
    )
    page(
        tmp_path,
        "b.html",
        '<p id="y"><a href="a.html#x">a</a> <a href="https://example.org">out</a> <a href="#">top</a>',
    )
    assert list(problems(tmp_path)) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('<a href="nowhere.html">x</a>', "nowhere.html, which is missing"),
        ('<a href="#nowhere">x</a>', "no such place"),
        ('<img src="no.png" alt="x">', "no.png, which is missing"),
        ('<img src="data:image/png;base64,x">', "a picture without text"),
        ('<script src="https://cdn.example.org/x.js"></script>', "from a network"),
        ('<script src="//cdn.example.org/x.js"></script>', "from a network"),
        ('<link rel="stylesheet" href="https://fonts.example.org/x.css">', "from a network"),
        ("<style>@import url('https://fonts.example.org/x.css')</style>", "a style loads"),
        ('<p style="background: url(//example.org/x.png)">', "a style loads"),
        ('<iframe src="http://example.org"></iframe>', "from a network"),
    ],
)
def test_what_is_broken_or_would_be_loaded_from_a_network_is_named(tmp_path, body, words):
    page(tmp_path, "a.html", body)
    (found,) = problems(tmp_path)
    assert words in found and found.startswith("a.html: ")


def test_a_style_sheet_that_loads_from_a_network_is_named(tmp_path):
    page(tmp_path, "a.html", "")
    (tmp_path / "a.css").write_text("@font-face { src: url('https://fonts.example.org/x.woff2') }")
    assert [line.split(":")[0] for line in problems(tmp_path)] == ["a.css"]


def test_an_empty_folder_is_no_site(tmp_path):
    assert list(problems(tmp_path))
