"""Behavior of cutting articles into passages."""

from __future__ import annotations

from collections import Counter
from dataclasses import astuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.files import digest_of
from course_lib.knowledge.articles import Article
from course_lib.knowledge.chunking import (
    LONGEST_HEADING,
    MAX_WORDS,
    Passage,
    chunk_all,
    chunk_article,
    sentences_of,
)
from course_lib.knowledge.snapshots import load_snapshot, snapshot_dates
from course_lib.knowledge.tables import LONGEST_NAME
from course_lib.settings import ROOT

WORDS = st.text(alphabet="abcXYZ019$%.,:;()'-*", min_size=1, max_size=8)
LINES = st.lists(WORDS, max_size=30).map(" ".join)  # now and then empty, or a list item
CELLS = st.text(alphabet="abc019$.", min_size=1, max_size=6)
SECTIONS = st.lists(st.tuples(CELLS, st.lists(LINES, max_size=8)), min_size=1, max_size=5)  # heading and lines


def article(text: str, name: str = "kb-001") -> Article:
    return Article(name, "Title", "plans", "2026-03-01", "", text)


def texts(text: str, **options) -> list[str]:
    return [passage.text for passage in chunk_article(article(text), **options)]


def numbered(count: int, start: int = 0) -> str:
    return " ".join(f"w{number}" for number in range(start, start + count))


def table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def test_every_heading_starts_a_passage_that_carries_it():
    text = "Before.\n\n# One\nFirst.\n## Two words \nSecond.\nStill second.\n###### Six\nThird."
    found = chunk_article(article(text))
    assert [(passage.section, passage.text) for passage in found] == [
        ("", "Before."),
        ("One", "First."),
        ("One > Two words", "Second. Still second."),
        ("One > Two words > Six", "Third."),
    ]


def test_a_heading_without_text_of_its_own_is_kept_above_the_headings_under_it():
    text = "## Fees\n### Late\nFirst.\n### Lost\nSecond.\n## Terms\nThird.\n#### Deep\nFourth.\n### Less deep\nFifth."
    assert [(passage.section, passage.text) for passage in chunk_article(article(text))] == [
        ("Fees > Late", "First."),
        ("Fees > Lost", "Second."),
        ("Terms", "Third."),
        ("Terms > Deep", "Fourth."),
        ("Terms > Less deep", "Fifth."),
    ]


def test_a_heading_that_repeats_the_title_and_one_without_words_are_left_out():
    found = chunk_article(article("# Title\nFirst.\n## \nSecond.\n### Late\nThird."))
    assert [passage.heading for passage in found] == ["Title", "Title", "Title > Late"]


def test_passages_carry_the_article_and_count_from_1():
    found = chunk_article(article("Before.\n## A\nText.", name="kb-014"))
    assert found[0] == Passage("kb-014.1", "kb-014", "Title", "", "plans", "Before.")
    assert found[1] == Passage("kb-014.2", "kb-014", "Title", "A", "plans", "Text.")


def test_retrieval_sees_title_and_section_above_the_text():
    before, after = chunk_article(article("Before.\n## A\nText."))
    assert (before.heading, after.heading) == ("Title", "Title > A")
    assert (before.indexed, after.indexed) == ("Title\nBefore.", "Title > A\nText.")


@pytest.mark.parametrize("line", ["#no-space", "####### seven", "C# is a language", "Part #4", "    # indented"])
def test_a_number_sign_that_is_no_heading_stays_text(line):
    found = chunk_article(article(f"Before.\n\n{line}"))
    assert [passage.section for passage in found] == [""]
    assert line.strip() in found[0].text


def test_an_empty_article_has_no_passages():
    assert texts("") == texts("\n \n") == texts("# Title") == texts("## ") == []


def test_a_heading_with_nothing_under_it_is_text_because_its_words_would_be_lost():
    found = chunk_article(article("## Fees\n### Late fees are $5\n### Lost\n\nThird.\n## Closed on Mondays"))
    assert [(passage.section, passage.text) for passage in found] == [
        ("Fees", "Late fees are $5"),
        ("Fees > Lost", "Third."),
        ("", "Closed on Mondays"),
    ]
    (found,) = chunk_article(article("## Closed on Mondays\n|---|"))
    assert (found.section, found.text) == ("", "Closed on Mondays")


def test_a_heading_as_long_as_a_paragraph_is_text():
    (kept,) = chunk_article(article(f"# {'h' * LONGEST_HEADING}\nText."))
    assert (kept.section, kept.text) == ("h" * LONGEST_HEADING, "Text.")
    (read,) = chunk_article(article(f"# {'h' * (LONGEST_HEADING + 1)}\nText."))
    assert (read.section, read.text) == ("", f"# {'h' * (LONGEST_HEADING + 1)} Text.")


def test_lines_of_a_paragraph_are_joined_and_paragraphs_are_not():
    assert texts("One\ntwo.\n\nThree.") == ["One two.\nThree."]


def test_each_list_item_is_a_line_with_its_continuation():
    found = texts("Do:\n1. First\n   and more\n2. Second\n- dash\n* star")
    assert found == ["Do:\n1. First and more\n2. Second\n- dash\n* star"]


def test_each_table_row_carries_its_header():
    found = texts(table(["Plan", "Price", "Term"], [["Classic", "$74", "5 months"], ["Plus", "$99", "6 months"]]))
    assert found == ["- Plan: Classic; Price: $74; Term: 5 months\n- Plan: Plus; Price: $99; Term: 6 months"]


def test_a_row_keeps_its_header_when_the_table_is_cut():
    rows = [[f"name{number}", f"${number}"] for number in range(30)]
    found = texts(table(["Plan", "Price"], rows), max_words=12)
    assert len(found) > 5
    lines = [line for text in found for line in text.split("\n")]
    assert lines == [f"- Plan: {name}; Price: {price}" for name, price in rows]


@settings(deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=4), st.data())
def test_every_cell_stands_behind_its_own_header(names, data):
    rows = data.draw(st.lists(st.lists(CELLS, min_size=len(names), max_size=len(names)), min_size=1, max_size=5))
    (found,) = texts("Before:\n" + table(names, rows), max_words=500)
    expected = ["- " + "; ".join(f"{name}: {cell}" for name, cell in zip(names, row)) for row in rows]
    assert found.split("\n")[1:] == expected


@pytest.mark.parametrize("rows", ["| | $74 |", "|| $74 |", "|  |$74|"])
def test_an_empty_cell_does_not_shift_the_headers(rows):
    assert texts(f"| Plan | Price |\n|---|---|\n{rows}") == ["- Price: $74"]


@pytest.mark.parametrize("rule", ["|---|---|", "| --- | --- |", "|:---|---:|", "|:-:|:-:|", " |---|---| "])
def test_rules_of_every_style_are_left_out(rule):
    assert texts(f"| Plan | Price |\n{rule}\n| Plus | $99 |")[0].endswith("- Plan: Plus; Price: $99")


def test_cells_beyond_the_header_and_a_missing_end_mark_are_kept():
    assert texts("| Plan | Price |\n|---|---|\n| Plus | $99 | new\n| Cargo | $139") == [
        "- Plan: Plus; Price: $99; new\n- Plan: Cargo; Price: $139"
    ]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("| Plan | Price |\n|---|---|", "- Plan; Price"),
        ("| Plan |\n|---|\n|---|\n\nAfter.", "- Plan\nAfter."),
        ("Plan | Price\n--- | ---\nAfter.", "- Plan; Price After."),
        ("| Plan | Price |\n--- | ---\n| Plus | $99 |", "- Plan; Price\n--- | ---\n- Plus; $99"),
    ],
)
def test_a_header_without_a_row_is_kept_as_a_line(text, kept):
    assert texts(text) == [kept]


def test_a_column_name_as_long_as_a_paragraph_stands_once_and_is_not_repeated():
    rows = [["Plus", "$99"], ["Cargo", "$139"]]
    name = "n" * LONGEST_NAME
    assert texts(table(["Plan", name], rows)) == [f"- Plan: Plus; {name}: $99\n- Plan: Cargo; {name}: $139"]
    assert texts(table(["Plan", name + "n"], rows)) == [f"- Plan; {name}n\n- Plus; $99\n- Cargo; $139"]


def test_two_tables_each_use_their_own_header():
    text = table(["A", "B"], [["1", "2"]]) + "\n\nBetween.\n\n" + table(["C"], [["3"]])
    assert texts(text) == ["- A: 1; B: 2\nBetween.\n- C: 3"]


def test_a_table_without_a_header_rule_keeps_its_cells():
    assert texts("| Plus | $99 |\n| Cargo | $139 |") == ["- Plus; $99\n- Cargo; $139"]


BARE = "Plan | Price\n--- | ---\nPlus | $99\nCargo | $139"


@pytest.mark.parametrize("rule", ["--- | ---", "---|---", ":-- | --:", "-|-", "  --- | ---  ", "--- | --- |"])
def test_a_table_without_outer_pipes_is_read_like_one_with_them(rule):
    assert texts(BARE.replace("--- | ---", rule)) == ["- Plan: Plus; Price: $99\n- Plan: Cargo; Price: $139"]


def test_a_table_without_outer_pipes_ends_at_a_line_without_a_pipe():
    assert texts(f"Before.\n\n{BARE}\nAfter.\n\nOne | two.") == [
        "Before.\n- Plan: Plus; Price: $99\n- Plan: Cargo; Price: $139 After.\nOne | two."
    ]


@pytest.mark.parametrize(
    "text",
    ["One | two.", "Plan | Price\nPlus | $99", "One | two\n---", "One\n--- | ---", "A | B | C\n--- | ---\nD | E"],
)
def test_a_pipe_in_a_sentence_makes_no_table(text):
    assert [found.split() for found in texts(text)] == [text.split()]


def test_rows_without_outer_pipes_are_blocks_of_their_own_even_if_tables_stay():
    assert texts(BARE, linearize=False) == ["| Plan | Price |\n| --- | --- |\n| Plus | $99 |\n| Cargo | $139 |"]


def test_tables_stay_as_written_when_asked():
    rows = table(["Plan", "Price"], [["Plus", "$99"]])
    assert texts(rows, linearize=False) == [rows]


def test_whole_paragraphs_fill_a_passage_up_to_the_limit():
    blocks = [numbered(4), numbered(6, 4), numbered(1, 10)]
    assert texts("\n\n".join(blocks), max_words=10) == [f"{blocks[0]}\n{blocks[1]}", blocks[2]]


def test_a_paragraph_longer_than_a_passage_is_cut_at_words():
    assert texts(numbered(25), max_words=10) == [numbered(10), numbered(10, 10), numbered(5, 20)]


def test_overlap_repeats_the_end_of_the_passage_before():
    first, second, third = texts("\n\n".join(numbered(7, start) for start in (0, 7, 14)), max_words=10, overlap=3)
    assert first == numbered(7)
    assert second.split() == numbered(10, 4).split()
    assert third.split() == numbered(10, 11).split()


def test_overlap_does_not_reach_into_another_section():
    assert texts(f"{numbered(7)}\n## Next\n{numbered(7, 7)}", max_words=10, overlap=3) == [numbered(7), numbered(7, 7)]


@settings(max_examples=50, deadline=None)
@given(SECTIONS, st.integers(10, 60))
def test_no_word_of_a_text_without_tables_is_lost_or_moved(sections, max_words):
    text = "\n".join(f"## {heading}\n" + "\n".join(lines) for heading, lines in sections)
    found = chunk_article(article(text), max_words=max_words)
    kept = [(passage.section, word) for passage in found for word in passage.text.split()]
    words = [(heading, " ".join(lines).split()) for heading, lines in sections]
    expected = [pair for heading, own in words for pair in ([(heading, word) for word in own] or [("", heading)])]
    assert Counter(kept) == Counter(expected)
    assert kept == expected, "the words are all there, in another order"


@settings(max_examples=50, deadline=None)
@given(SECTIONS, st.integers(10, 60), st.data())
def test_no_passage_is_longer_than_max_words_with_any_overlap(sections, max_words, data):
    overlap = data.draw(st.integers(0, max_words - 1))
    text = "\n".join(f"## {heading}\n" + "\n".join(lines) for heading, lines in sections)
    found = chunk_article(article(text), max_words=max_words, overlap=overlap)
    assert all(0 < len(passage.text.split()) <= max_words for passage in found)
    expected = Counter(word for _, lines in sections for line in lines for word in line.split())
    assert not expected - Counter(word for passage in found for word in passage.text.split())


@pytest.mark.parametrize(
    "options",
    [
        {"max_words": 9},
        {"max_words": 0},
        {"max_words": -5},
        {"overlap": -1},
        {"max_words": 20, "overlap": 20},
        {"max_words": 20, "overlap": 21},
        {"overlap": MAX_WORDS},
    ],
)
def test_bad_sizes_are_refused(options):
    with pytest.raises(ValueError, match="max_words .* overlap"):
        chunk_article(article("Text."), **options)


@pytest.mark.parametrize("options", [{"max_words": 10}, {"max_words": 10, "overlap": 9}, {"overlap": 0}])
def test_the_smallest_and_largest_sizes_are_accepted(options):
    assert texts("Text.", **options) == ["Text."]


def test_chunk_all_cuts_every_article_in_order_with_the_same_options():
    articles = [article(numbered(15), "kb-002"), article(numbered(5), "kb-001")]
    assert [passage.id for passage in chunk_all(articles, max_words=10)] == ["kb-002.1", "kb-002.2", "kb-001.1"]
    assert [passage.id for passage in chunk_all(articles)] == ["kb-002.1", "kb-001.1"]
    assert chunk_all([]) == []


PASSAGES = {"2025-03-01": "52da2cbf66de0534", "2025-09-01": "4e86cc9d015ce228", "2026-03-01": "311e0a2fa20ec3a7"}


@pytest.mark.parametrize("date", PASSAGES)
def test_the_passages_of_the_support_site_are_those_that_adapters_and_questions_were_made_with(date):
    found = chunk_all(load_snapshot(ROOT / "data", date))
    assert digest_of([astuple(passage) for passage in found]) == PASSAGES[date], (
        "Other passages need other adapters and scores: train and measure again, and put the new digest here."
    )


@pytest.mark.parametrize("date", snapshot_dates(ROOT / "data"))
def test_the_support_site_gives_passages_that_fit_a_prompt(date):
    articles = load_snapshot(ROOT / "data", date)
    found = chunk_all(articles)
    assert len({passage.id for passage in found}) == len(found)
    assert {passage.article for passage in found} == {page.id for page in articles}
    assert max(len(passage.text.split()) for passage in found) <= MAX_WORDS
    assert not [passage.id for passage in found if "|" in passage.text], "table rows are left unread"


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("One two three. Four five six!", ["One two three.", "Four five six!"]),
        ("- Plan: Plus; Price: $99\n- Plan: Ox; Price: $139", ["- Plan: Plus; Price: $99", "- Plan: Ox; Price: $139"]),
        ("It costs $0.11 per mile", ["It costs $0.11 per mile"]),
        ("Yes. It costs five dollars.", ["It costs five dollars."]),
        ("Too short", ["Too short"]),
        ("", [""]),
    ],
)
def test_sentences_are_lines_and_sentences_of_three_words_or_more(text, pieces):
    assert sentences_of(text) == pieces
