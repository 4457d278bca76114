"""Whatever a model or a document says, it reaches the screen as text."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from matplotlib.figure import Figure

from course_lib.assistants.answer import Answer, Parsed
from course_lib.environment import Check
from course_lib.evaluation.scoreboard import Row
from course_lib.knowledge.chunking import Passage
from course_lib.retrieval.base import Hit
from course_lib.settings import ROOT
from course_lib.teaching import display
from course_lib.teaching.markup import anchor, marked, passages_view, safe, table_view, text_view, visible
from course_lib.teaching.records import answer_view, scoreboard_view, trace_view

PAYLOADS = [
    "<script>alert(1)</script>",
    "</div></details><script src=//evil.example/x.js></script>",
    '<img src=x onerror="alert(1)">',
    "<svg/onload=alert(1)>",
    "![tracker](http://evil.example/pixel.png)",
    '<a href="javascript:alert(1)">click</a>',
    "[click](javascript:alert(1))",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    "&lt;script&gt; stays as it was typed",
    "<!-- <style>*{display:none}</style>",
    "\u202egnp.exe\u202c",
    "zero\u200bwidth and \x1b[31mred\x1b[0m and \x00",
    "half a pair \ud83d",
]
TAGS = {"div", "b", "i", "a", "mark", "table", "thead", "tbody", "tr", "th", "td", "details", "summary"}
ATTRIBUTES = {"class", "style", "id", "href", "open"}


class _Reader(HTMLParser):
    """Reads HTML as a browser would, and keeps its tags, attributes and text."""

    def __init__(self, html: str):
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text, self.other, self.depth = "", "", 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self.depth += 1

    def handle_endtag(self, tag):
        self.depth -= 1
        assert self.depth >= 0

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        self.other += data

    handle_decl = handle_pi = unknown_decl = handle_comment


def _passage(text: str, id: str = "kb-001.1", title: str = "Fees") -> Passage:
    return Passage(id, id.split(".")[0], title, "", "billing", text)


def _answer(text: str = "$15", citations: tuple[str, ...] = (), hits: tuple[Hit, ...] = (), **more) -> Answer:
    parsed = Parsed(text, citations, "billing", False, True)
    return Answer("hybrid", "What does it cost?", hits, "the prompt", "the raw text", parsed, **more)


def _hostile_views(payload: str):
    hit = Hit(_passage(payload, id=payload, title=payload), 1.0)
    answer = Answer(
        payload,
        payload,
        (hit,),
        payload,
        payload,
        Parsed(payload, (payload, payload + "x"), payload),
        {payload: False},
        seconds={payload: 0.1},
    )
    return [
        text_view(payload),
        passages_view([hit, hit.passage], [payload]),
        answer_view(answer),
        trace_view(answer),
        table_view([[payload, 1]], [payload, "n"]),
        scoreboard_view([Row(payload, payload, 0.5, 0.4, 0.6, 9)], [payload]),
    ]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_payload_becomes_a_tag_an_attribute_or_a_link_in_any_view(payload):
    for view in _hostile_views(payload):
        read = _Reader(view.html)
        assert set(read.tags) <= TAGS and not read.other and read.depth == 0
        assert {name for name, _ in read.attributes} <= ATTRIBUTES
        assert all(value.startswith("#passage-") for name, value in read.attributes if name == "href")
        styles = [value for name, value in read.attributes if name == "style"]
        assert not any("evil" in style or "alert" in style for style in styles)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_every_payload_can_still_be_read_in_both_forms(payload):
    for view in _hostile_views(payload):
        assert visible(payload) in _Reader(view.html).text
        assert visible(payload) in view.plain


@pytest.mark.parametrize("payload", PAYLOADS)
def test_both_forms_can_be_written_to_a_file_and_hold_no_invisible_character(payload):
    for view in _hostile_views(payload):
        for text in view:
            text.encode()
            assert not set(text) & set("\u202e\u202c\u200b\x1b\x00\r")


def test_direction_marks_and_control_characters_are_written_as_codes():
    assert visible("a\u202eb\x1b[0m") == "a<U+202E>b<U+001B>[0m"
    assert safe("\u202e") == "&lt;U+202E&gt;"


def test_line_ends_tabs_accents_and_other_scripts_stay_as_they_are():
    assert visible("é\tß\r\n中文 😀") == "é\tß\n中文 😀"


@pytest.mark.parametrize("name", ['kb-1.1" onclick="x', "kb 1.1", "a/b", "日本.1", "x><script>"])
def test_an_anchor_cannot_break_out_of_its_attribute(name):
    assert set(anchor(name)) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


def test_different_passages_have_different_anchors():
    names = ["kb-1.2", "kb-1-2", "kb_1.2", "kb-1_2e_2", "kb-1 2"]
    assert len({anchor(name) for name in names}) == len(names)


def test_a_citation_of_a_shown_passage_links_to_it():
    hit = Hit(_passage("It costs $15."), 2.0)
    answer, shown = answer_view(_answer(citations=("kb-001.1",), hits=(hit,))), passages_view([hit])
    links = [value for name, value in _Reader(answer.html).attributes if name == "href"]
    ids = [value for name, value in _Reader(shown.html).attributes if name == "id"]
    assert links == [f"#{ids[0]}"]


def test_a_citation_of_a_passage_that_was_not_shown_is_no_link_and_is_called_out():
    view = answer_view(_answer(citations=("kb-777.1",)))
    assert "<a" not in view.html and "no such passage" in view.html and "no such passage" in view.plain


def test_a_failed_check_is_named_in_words():
    view = answer_view(_answer(verdicts={"format": True, "grounded": False}))
    assert "format passed, grounded FAILED" in view.plain and "withheld" in view.plain


def test_values_are_highlighted_where_they_stand_as_a_whole():
    assert marked("$15, not $150 or $15.50", ["$15"]).count("<mark") == 1
    assert marked("$15.", ["$15"]).count("<mark") == 1
    assert "<mark" not in marked("15 days", []) and "<mark" not in marked("15 days", [""])
    assert ">>$15<<" in passages_view([_passage("a fee of $15")], ["$15"]).plain


def test_a_value_with_special_characters_is_taken_literally():
    assert "<mark" in marked("a (b)+ c", ["(b)+"]) and "<mark" not in marked("abb", ["a.b"])


def test_passages_show_id_heading_and_score():
    view = passages_view([Hit(_passage("text"), 3.14159)])
    assert all(part in view.plain and part in view.html for part in ("kb-001.1", "Fees", "score 3.14"))
    assert "score" not in passages_view([_passage("text")]).plain


def test_no_passages_are_said_in_words():
    assert passages_view([]).plain == "No passages." and "No passages." in passages_view([]).html


def test_dollar_signs_are_kept_from_being_set_as_mathematics():
    views = text_view("$1 or $2"), table_view([["$1 or $2"]], ["$ or $"])
    assert all("mathjax_ignore" in view.html for view in views)


def test_a_table_lines_its_columns_up_and_shows_a_missing_value_as_a_dash():
    plain = table_view([["a", 5], ["bcd", None]], ["name", "n"]).plain
    assert plain.splitlines() == ["name  n", "a     5", "bcd   -"]
    assert table_view([[1, "x"], [20, "y"]], ["number", "b"]).plain.splitlines()[1:] == ["     1  x", "    20  y"]
    assert table_view([], ["a", "b"]).plain == "a  b"


def test_a_scoreboard_of_other_lines_than_metrics_says_what_they_are():
    rows = [Row("hit_at_3", "lookup", 0.5, 0.4, 0.6, 9)]
    assert scoreboard_view(rows, ["lookup"], "kind of question").plain.startswith("kind of question  hit_at_3")
    assert scoreboard_view(rows, ["lookup"]).plain.startswith("metric")


def test_a_scoreboard_shows_intervals_and_marks_what_does_not_apply():
    rows = [Row("rag", "correct", 0.5, 0.25, 0.75, 12), Row("workflow", "correct", None, None, None, 0)]
    plain = scoreboard_view(rows, ["correct", "mrr"]).plain
    assert "0.50 [0.25, 0.75]" in plain and plain.splitlines()[-1].split() == ["mrr", "-", "-"]


def test_a_trace_holds_every_layer():
    hit = Hit(_passage("It costs $15."), 2.0)
    seconds = {"retrieve": 0.01, "generate": 1.5}
    plain = trace_view(_answer(hits=(hit,), seconds=seconds, tokens_in=300, tokens_out=20)).plain
    parts = ("It costs $15.", "the prompt", "the raw text", "seconds to generate", "1.5", "300", "20")
    assert all(part in plain for part in parts)


@pytest.fixture
def displayed(monkeypatch):
    calls = []
    monkeypatch.setattr(display, "display", lambda *bundle, **options: calls.append((bundle, options)))
    return calls


def test_each_function_displays_once_returns_nothing_and_brings_both_forms(displayed):
    hit = Hit(_passage("text"), 1.0)
    for call in (
        lambda: display.show_text("x"),
        lambda: display.show_passages([hit]),
        lambda: display.show_answer(_answer()),
        lambda: display.show_trace(_answer()),
        lambda: display.show_table([["x"]], ["y"]),
        lambda: display.show_scoreboard([Row("rag", "correct", 1.0, 1.0, 1.0, 1)], ["correct"]),
        lambda: display.show_checks([Check("Python", True, "3.11")]),
    ):
        displayed.clear()
        assert call() is None
        (((bundle,), options),) = displayed
        assert set(bundle) == {"text/html", "text/plain"} and options == {"raw": True}


def test_a_figure_comes_with_alt_text_and_prints_what_it_says(displayed, capsys):
    assert display.show_figure(Figure(figsize=(1, 1)), "Rag is right\u202e most often.") is None
    (((bundle,), options),) = displayed
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert options["metadata"]["image/png"]["alt"] == bundle["text/plain"] == "Rag is right<U+202E> most often."
    assert capsys.readouterr().out == "Rag is right<U+202E> most often.\n"


def test_set_up_checks_do_not_show_where_the_folders_of_this_machine_are(displayed, monkeypatch):
    monkeypatch.setenv("HOME", "/home/someone")
    monkeypatch.setenv("USERPROFILE", "/home/someone")
    display.show_checks(
        [Check("data folder", True, f"{ROOT}/data"), Check("cache", False, "/home/someone/.cache/x", "Free space.")]
    )
    plain = displayed[0][0][0]["text/plain"]
    assert str(ROOT) not in plain and "/home/someone" not in plain
    assert "./data" in plain and "~/.cache/x" in plain and "FAIL" in plain and "Free space." in plain
