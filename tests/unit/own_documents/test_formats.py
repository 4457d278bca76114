"""Every format is read into the same small Markdown, and what cannot be read says why."""

from __future__ import annotations

from io import BytesIO

import pypdf
import pytest

from course_lib.errors import DataError
from course_lib.knowledge.articles import Article
from course_lib.knowledge.chunking import chunk_article
from course_lib.own_documents import html_pages, markdown_pages, optional, pages, pdf_pages, plain_pages, rst_pages
from tests.unit.own_documents import samples


def test_markdown_takes_the_title_of_its_front_matter_and_leaves_the_rest_of_it_out():
    page = markdown_pages.read(samples.MARKDOWN, "orders")
    assert page.title == "Orders of the mill"
    assert "tags" not in page.text and "A sack of rye flour costs $14" in page.text


def test_a_comment_in_a_code_block_is_no_heading():
    lines = markdown_pages.read(samples.MARKDOWN, "orders").text.split("\n")
    assert "    # this is a comment" in lines and "## Returns" in lines


def test_markdown_without_front_matter_takes_its_first_heading_also_if_it_is_underlined():
    page = markdown_pages.read(samples.BARE_MARKDOWN, "hours")
    assert page.title == "Opening hours"
    assert "See the map." in page.text and "example.org" not in page.text


def test_broken_front_matter_does_not_cost_the_page():
    page = markdown_pages.read(b"---\ntitle: [unclosed\nx: &a *a\n---\n\nText of the page.", "name")
    assert page.text == "Text of the page."


def test_a_rule_is_not_an_underlined_heading_of_a_table_or_list():
    text = markdown_pages.read(b"| a | b |\n---\n\n- item\n---\n", "x").text
    assert "##" not in text


def test_html_keeps_what_a_reader_sees():
    page = html_pages.read(samples.HTML, "delivery")
    assert page.title == "Delivery"
    assert "The cart leaves on Tuesday." in page.text
    for gone in ("Home", "alert", "secret", "p{}"):
        assert gone not in page.text


def test_html_headings_tables_items_and_code_become_markdown():
    lines = html_pages.read(samples.HTML, "delivery").text.split("\n")
    assert {"## Prices", "| Zone | Price |", "| Valley | $6 |", "- Bring a bag", "    # not a heading"} <= set(lines)


def test_html_in_a_declared_encoding_is_read_and_in_a_wrong_one_is_refused():
    text = "<html><head><meta charset='{}'></head><body><p>Caf\u00e9 in the mill</p></body></html>"
    assert "Caf\u00e9" in html_pages.read(text.format("latin-1").encode("latin-1"), "x").text
    with pytest.raises(DataError, match="klingon"):
        html_pages.read(text.format("klingon").encode("latin-1"), "x")


HTML_TABLE = b"""<main><h1>Fees</h1><table><caption>By size</caption>
<thead>
<tr><th>Sack</th> <th>Fee</th></tr>
</thead>
<tbody>
<tr><td>small</td> <td>$2</td></tr>

<tr><td>large | wide</td> <td>$5</td></tr>
</tbody></table></main>"""


def test_the_rows_of_an_html_table_follow_each_other_so_that_each_is_read_with_its_column_names():
    page = html_pages.read(HTML_TABLE, "x")
    assert "By size\n\n| Sack | Fee |\n|---|---|\n| small | $2 |\n| large / wide | $5 |" in page.text
    (passage,) = chunk_article(Article("kb-1001", "Fees", "unknown", "", "", page.text))
    assert "- Sack: small; Fee: $2\n- Sack: large / wide; Fee: $5" in passage.text


def test_a_table_that_only_lays_out_a_page_keeps_its_headings_and_paragraphs():
    data = b"<table><tr><td>Menu</td><td><h2>Milling</h2><p>Slowly.</p><p>Dry.</p></td></tr></table>"
    lines = html_pages.read(data, "x").text.split("\n")
    assert {"Menu", "## Milling", "Slowly.", "Dry."} <= set(lines)


def test_deeply_nested_html_does_not_exhaust_the_stack():
    assert "deep words" in html_pages.read(b"<div>" * 3000 + b"deep words" + b"</div>" * 3000, "x").text


def test_plain_text_has_no_headings():
    page = plain_pages.read(samples.PLAIN, "notes")
    assert page.title == "notes"
    assert not any(line.startswith("#") for line in page.text.split("\n"))


def test_rst_sections_notes_tables_and_unknown_directives_keep_their_words():
    text = rst_pages.read(samples.RST, "stones").text
    for kept in ("## Care", "Sweep it daily.", "Works with oat too.", "- First item", "Grain: Rye; Speed: slow"):
        assert kept in text
    assert "See the yard and code." in text


SPHINX = b"""Grinding
========

.. contents::

.. only:: html

   .. toctree::
      :maxdepth: 2

      hidden/page

.. versionadded:: 3.18

.. mill:option:: --coarse <size>
   :unknown: yes

   .. versionchanged:: 3.19  Takes ``two`` sizes.

   Grinds *coarsely*.

   .. code-block:: sh
      :caption: an option that docutils does not know

      grind --coarse 4

   * first
   * second

.. include:: shared/WARNING.txt

Cleaning
--------

Brush it.
"""


def test_directives_of_sphinx_are_read_like_any_other_text():
    text = rst_pages.read(SPHINX, "x").text
    for kept in (
        "New in version 3.18",
        "--coarse <size>",
        "Changed in version 3.19: Takes two sizes.",
        "Grinds coarsely.",
        "grind --coarse 4",
        "- second",
        "## Cleaning",
    ):
        assert kept in text
    assert text.count("Cleaning") == 1, "the table of contents repeats the headings"
    for left_out in ("hidden/page", "html", "WARNING", "maxdepth", "``"):
        assert left_out not in text


def test_rst_names_what_it_takes_in_from_elsewhere():
    page = rst_pages.read(SPHINX + b"\n.. autoclass:: mill.Stone\n", "x")
    assert "shared/WARNING.txt, mill.Stone" in page.missing and "HTML" in page.remedy
    assert rst_pages.read(samples.RST, "x").missing.endswith("/etc/hostname.")
    assert rst_pages.read(b"Title\n=====\n\nWords.\n", "x").missing == ""


def test_rst_takes_its_title_and_reads_no_other_file():
    page = rst_pages.read(samples.RST, "stones")
    assert page.title == "Millstones"
    with open("/etc/hostname") as stream:
        name = stream.read().strip()
    assert not name or name not in page.text


def test_rst_prints_nothing_about_mistakes(capsys):
    rst_pages.read(b"Title\n==\n\n.. unknown::\n\n   Words.\n\n`open", "x")
    assert capsys.readouterr() == ("", "")


def test_each_pdf_page_is_a_section():
    page = pdf_pages.read(samples.pdf("The hopper holds 40 kg.", "Oil it every 6 months."), "manual")
    assert page.title == "manual"
    assert "## Page 1\n\nThe hopper holds 40 kg." in page.text and "## Page 2" in page.text
    assert page.missing == ""


def test_a_pdf_without_text_is_called_a_scan():
    with pytest.raises(DataError, match="scan"):
        pdf_pages.read(samples.pdf("", ""), "scan")


def test_pages_without_text_are_named():
    page = pdf_pages.read(samples.pdf("", "Oil it every 6 months."), "half")
    assert "1 of 2 pages" in page.missing and "page 1" in page.missing


@pytest.mark.parametrize("password", ["key", ""])
def test_a_locked_pdf_is_refused_and_one_with_an_empty_password_is_read(password):
    writer = pypdf.PdfWriter(clone_from=BytesIO(samples.pdf("The hopper holds 40 kg.")))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")
    locked = BytesIO()
    writer.write(locked)
    if password:
        with pytest.raises(DataError, match="encrypted"):
            pdf_pages.read(locked.getvalue(), "x")
    else:
        assert "hopper" in pdf_pages.read(locked.getvalue(), "x").text


def test_a_cut_pdf_is_called_damaged():
    with pytest.raises(DataError, match="damaged"):
        pdf_pages.read(b"%PDF-1.4\nnothing follows", "x")


@pytest.mark.parametrize("module", [html_pages, pdf_pages, rst_pages])
def test_a_missing_package_is_named_with_the_command_that_installs_it(module, monkeypatch):
    def absent(name):
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(optional, "import_module", absent)
    with pytest.raises(DataError) as caught:
        module.read(b"%PDF-1.4 text", "x")
    assert "is needed to read" in caught.value.cause and "requirements-extra.txt" in caught.value.remedy


@pytest.mark.parametrize("data", ["\ufeffwords".encode(), "words".encode("utf-16")])
def test_byte_order_marks_are_understood(data):
    assert plain_pages.read(data, "x").text == "words"


@pytest.mark.parametrize(("data", "words"), [(b"ab\0cd", "binary"), (b"caf\xe9", "not UTF-8"), (b"-- ..", "no word")])
def test_what_is_no_text_is_refused(data, words):
    with pytest.raises(DataError, match=words):
        plain_pages.read(data, "x")


def test_very_long_words_are_broken_and_half_characters_are_replaced():
    page = pages.page_of("t", "x" * 1000 + " \ud800")
    assert max(map(len, page.text.split())) <= pages.LONGEST_WORD
    page.text.encode()


def test_hidden_characters_become_codes():
    assert pages.one_line("a\x1b[31m\u202eb\nc") == "a<U+001B>[31m<U+202E>b<U+000A>c"
