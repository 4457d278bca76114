"""The report says everything, in files that need nothing else, and no text from outside can act in them."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from course_lib.own_documents.diagnosis import diagnose
from course_lib.own_documents.indexing import build_index
from course_lib.own_documents.loading import load_library
from course_lib.own_documents.questions import Asked
from course_lib.own_documents.recommendation import recommend
from course_lib.own_documents.rendering import Section, Table, as_html, as_markdown
from course_lib.own_documents.report import write_report
from tests.unit.own_documents import samples

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "[click](javascript:alert(1))",
    "![x](https://example.org/pixel.png)",
    "`code` | **bold** _it_ ~~x~~ $x$ <b>",
    "https://example.org www.example.org",
    "# heading",
    "- item",
    "1. item",
    "---",
    "===",
    "+ + item",
    "&lt;script&gt; &#60;b&#62;",
    "\u202egnp.exe \x1b[2J \u2028 end",
    "a\n\n<script>\n\n| b | c |",
    "\\[click](https://example.org)",
]
ALLOWED = "html head meta title style body main h1 h2 p ul li div table thead tbody tr th td section".split()


class Tags(HTMLParser):
    """Collects the tags and attributes of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes = set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def everywhere(text):
    return [Section(text, (text,), (text,), Table((text, "b"), [(text, None)]))]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_in_html(text):
    page = Tags(as_html(text, everywhere(text)))
    assert page.tags <= set(ALLOWED)
    assert not any(name.startswith("on") or name in ("src", "href") for name in page.attributes)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_in_markdown(text):
    markdown = as_markdown(text, everywhere(text))
    rendered = MarkdownIt("commonmark").enable("table").render(markdown)
    page = Tags(rendered)
    assert page.tags <= {"h1", "h2", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}
    assert rendered.count("<table>") == 1 and rendered.count("<td>") == 2 and rendered.count("<h2>") == 1
    assert "https://" not in markdown and "www." not in markdown
    assert "\x1b" not in markdown and "\u202e" not in markdown


def test_html_needs_nothing_else_and_fits_a_phone():
    page = as_html("Title", [Section("Numbers", table=Table(("a",), [(1,)]))])
    assert 'name="viewport"' in page and "default-src 'none'" in page and 'lang="en"' in page
    assert "overflow-x: auto" in page and 'scope="col"' in page
    assert "http" not in page.replace("http-equiv", "")


@pytest.fixture
def written(tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    samples.write_all(docs)
    (docs / "<img src=x onerror=1>.md").write_text("# <script>x</script>\n\nA bell costs $9 in the shop.")
    (docs / "a|b.docx").write_bytes(b"x")
    library = load_library(docs)
    index = build_index(library.passages(), samples.embed, tmp_path / "cache")
    asked = [
        Asked("q1", "<b>What</b> does a sack of rye flour cost?", ("$14",), "orders.md"),
        Asked("q2", "What does a bell cost?"),
    ]
    result = diagnose(library, index, asked, samples.FakeChat)
    paths = write_report(result, recommend(result), tmp_path / "out")
    return [path.read_text(encoding="utf-8") for path in paths]


def test_the_three_files_say_the_same(written):
    html, markdown, numbers = written
    for words in ("Recommendation", "What to measure next", "What was left out", "Files that end in .docx"):
        assert words in html
    assert "Files that end in .docx" in markdown
    parsed = json.loads(numbers)
    assert parsed["recommendation"]["headline"] in html
    assert {row["system"] for row in parsed["scores"]} >= {"both", "by chance", "rag", "prompt_only"}
    assert parsed["questions"][0]["said"]["rag"]["correct"] is True
    assert parsed["questions"][0]["ranks"]["both"] == 1 and parsed["questions"][1]["said"] == {}
    assert parsed["rejected"][0]["path"] == "a|b.docx"


def test_names_and_questions_of_a_real_report_cannot_act(written):
    assert Tags(written[0]).tags <= set(ALLOWED)
    assert "&lt;b&gt;What&lt;/b&gt;" in written[0]


def test_numbers_come_with_intervals_and_counts(written):
    score = next(row for row in json.loads(written[2])["scores"] if row["metric"] == "hit_at_1")
    assert score["low"] < score["value"] <= score["high"] and score["n"] == 1
    assert f"{score['value']:.3f} [{score['low']:.3f}, {score['high']:.3f}]" in written[0]
