"""Behavior of reading articles that nobody has checked."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.errors import DataError
from course_lib.knowledge.articles import CATEGORIES, MAX_BYTES, Article, parse_article, read_article

FIELDS = {"id": "kb-001", "title": '"Classic: price"', "category": "plans", "valid_from": '"2026-03-01"'}


def page(body: str = "Some text.", **changes: str | None) -> str:
    """Write an article with some front matter fields changed, added or (None) left out."""
    fields = {key: value for key, value in (FIELDS | changes).items() if value is not None}
    return "---\n" + "".join(f"{key}: {value}\n" for key, value in fields.items()) + f"---\n{body}\n"


def block(text: str) -> str:
    return f"---\n{text}\n---\nSome text.\n"


def test_all_fields_are_read():
    article = parse_article(page(supersedes="kb-001@2025-09-01"))
    assert article == Article("kb-001", "Classic: price", "plans", "2026-03-01", "kb-001@2025-09-01", "Some text.")


def test_an_article_that_replaces_nothing_has_an_empty_supersedes():
    assert parse_article(page()).supersedes == ""
    assert parse_article(page(supersedes="")).supersedes == ""


def test_a_date_without_quotes_stays_text():
    assert parse_article(page(valid_from="2026-03-01")).valid_from == "2026-03-01"


@pytest.mark.parametrize(
    "value",
    [
        "tomorrow",
        '"2026-02-30"',
        '"2026-13-01"',
        "2026-3-1",
        "20260301",
        '"2026-W09-7"',
        "2026-03-01 10:00:00",
        "March 1, 2026",
        "0",
        "no",
        "[]",
        "[2026-03-01]",
        '"2026-03-01\\n"',
        '" 2026-03-01"',
        '"\u0662\u0660\u0662\u0666-\u0660\u0663-\u0660\u0661"',
    ],
)
def test_a_valid_from_that_is_no_date_is_refused_with_its_line_and_the_way_to_write_it(value):
    with pytest.raises(DataError, match=r"^page\.md, line 5: valid_from is .*not a date") as caught:
        parse_article(page(valid_from=value), "page.md")
    assert 'valid_from: "YYYY-MM-DD"' in caught.value.remedy


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("007", "int 7"),
        ("010", "int 8"),
        ("42", "int 42"),
        ("0", "int 0"),
        ("1.50", "float 1.5"),
        ("12:30", "int 750"),
        ("no", "bool False"),
        ("On", "bool True"),
        ("2026-03-01", "date 2026-03-01"),
        ("[a, b]", r"list \['a', 'b'\]"),
    ],
)
@pytest.mark.parametrize(("key", "line"), [("id", 2), ("title", 3), ("supersedes", 6)])
def test_text_that_yaml_reads_as_something_else_is_refused_with_its_line_and_how_to_quote_it(key, line, value, read):
    with pytest.raises(DataError, match=rf"^page\.md, line {line}: {key} must be text, .* as the {read}\.") as caught:
        parse_article(page(**{key: value}), "page.md")
    assert f'{key}: "{value}"' in caught.value.remedy


@pytest.mark.parametrize("key", ["id", "title", "supersedes"])
def test_a_remedy_for_text_that_has_quotes_itself_shows_no_broken_line(key):
    with pytest.raises(DataError, match="must be text") as caught:
        parse_article(page(**{key: '["a"]'}))
    assert caught.value.remedy == "Put it in quotes."


def test_a_field_from_a_merge_key_is_refused_too_without_a_line():
    with pytest.raises(DataError, match=r"^page\.md: id must be text"):
        parse_article(page(id=None, **{"<<": "{id: 7}"}), "page.md")


@pytest.mark.parametrize("name", ['"007"', "'010'", '"42"'])
def test_a_number_in_quotes_is_an_id_as_it_is_written(name):
    assert parse_article(page(id=name)).id == name[1:-1]


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_is_accepted(category):
    assert parse_article(page(category=category)).category == category


def test_a_rule_inside_the_body_does_not_end_the_front_matter():
    assert parse_article(page("Above.\n\n---\n\nBelow.")).text == "Above.\n\n---\n\nBelow."


@pytest.mark.parametrize("title", ["'Refunds: *all* of them'", "'Terms: & conditions'", "'Wait: !important'"])
def test_marks_inside_quotes_are_text_and_not_yaml(title):
    assert parse_article(page(title=title)).title == title.strip("'")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\n",
        "Just text.",
        "id: kb-001\n",
        "---",
        "---\n",
        "---\n---\n",
        " " + page(),
        "\n" + page(),
        page()[4:],
        "--\n" + page()[4:],
        "---\nid: kb-001\ntitle: T\n\nNo end mark.\n",
        page().replace("---\n", "----\n"),
        page().replace("---\n", "+++\n"),
    ],
)
def test_a_file_without_front_matter_is_refused(content):
    with pytest.raises(DataError, match="page.md has no front matter") as caught:
        parse_article(content, "page.md")
    assert "---" in caught.value.remedy


@pytest.mark.parametrize("field", ["id", "title", "category", "valid_from"])
@pytest.mark.parametrize("value", [None, "", '""', "null", "~"])
def test_a_missing_or_empty_field_is_named(field, value):
    with pytest.raises(DataError, match=f"page.md: the front matter lacks {field}"):
        parse_article(page(**{field: value}), "page.md")


def test_all_missing_fields_are_named_together():
    with pytest.raises(DataError, match="lacks id, title, category, valid_from"):
        parse_article(block("author: me"))


@pytest.mark.parametrize(
    "text",
    [
        "title: one: two",
        "title: 'no end",
        'title: "no end',
        "title: [a, b",
        "title: {a: b",
        "\tid: kb-001",
        "title: @home",
        "title: `code`",
        "title: %x",
        "id: kb-001\n  title: T\n title: T",
        "title: \x00",
        "title: \x07",
        "id kb-001\ntitle: T",
        "id: kb-001\n--- \nid: kb-002",
        "? [a, b]\n: c",
        "valid_from: 2026-02-30",
        "valid_from: 2026-13-01",
        "x: 1\n...\ny: 2",
    ],
)
def test_front_matter_that_is_not_yaml_is_refused(text):
    with pytest.raises(DataError, match="page.md: the front matter is not valid YAML"):
        parse_article(block(text), "page.md")


@pytest.mark.parametrize("text", ["just words", "- id\n- title", "42", "# only a comment", "[id, title]", "2026-03-01"])
def test_front_matter_that_is_not_a_list_of_fields_is_refused(text):
    with pytest.raises(DataError, match="is not a list of fields"):
        parse_article(block(text))


@pytest.mark.parametrize(
    "text",
    [
        "title: &a word\nid: *a",
        "title: [&a x, *a]",
        "title: {a: &a x}",
        "- &a x\n- *a",
        "*a",
        "&a id: kb-001",
        "title: [&a [*a]]",
        "title: !!str x",
        "title: !custom x",
        "title: [!!python/object/apply:os.system [echo]]",
        "!!map {id: kb-001}",
        "title: !!python/object/apply:os.system ['echo']",
        "base: &b {id: kb-001}\n<<: *b",
        "title:   &a x",
        "? &a x\n: y",
    ],
)
def test_anchors_aliases_and_tags_are_refused_wherever_they_stand(text):
    with pytest.raises(DataError, match="anchors, aliases or tags"):
        parse_article(block(text))


def test_a_yaml_bomb_is_refused_before_it_unfolds():
    levels = [f"- &{chr(98 + depth)} [{', '.join(['*' + chr(97 + depth)] * 9)}]" for depth in range(9)]
    bomb = "\n".join(["title:", "- &a [x, x, x, x, x, x, x, x, x]", *levels])
    started = time.process_time()
    with pytest.raises(DataError, match="anchors, aliases or tags"):
        parse_article(page(title=None).replace("id:", bomb + "\nid:", 1))
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "text",
    [
        "title: " + "[" * 900 + "]" * 900,
        "title:\n" + "- " * 1900,
        "{a: " * 790 + "b" + "}" * 790,
    ],
)
def test_deep_nesting_is_an_error_and_not_a_crash(text):
    with pytest.raises(DataError, match="not valid YAML"):
        parse_article(block(text))


@pytest.mark.parametrize("text", ["title: " + "[" * 101, "title: " + "{a: " * 101, "title: '" + "[" * 101 + "'"])
def test_more_brackets_than_plain_fields_need_are_refused_before_yaml_takes_seconds(text):
    with pytest.raises(DataError, match="page.md: .* it has over 100 opening brackets"):
        parse_article(block(text), "page.md")


@pytest.mark.parametrize("value", ["0x" + "f" * 3600, "[0x" + "f" * 3600 + "]", "1:" * 1200 + "1.5", '"\\UFFFFFFFF"'])
@pytest.mark.parametrize("key", ["id", "title", "category", "valid_from", "supersedes", "extra"])
def test_numbers_that_python_cannot_write_are_refused(key, value):
    with pytest.raises(DataError, match="page.md: the front matter is not valid YAML: [^;\n]+\\.\n"):
        parse_article(page(**{key: value}), "page.md")


@pytest.mark.parametrize("again", ["id: kb-002", '"id": kb-001', "title: Another"])
def test_a_field_given_twice_is_refused_and_named(again):
    with pytest.raises(DataError, match="page.md: the front matter has '(id|title)' more than once"):
        parse_article(page(valid_from=f'"2026-03-01"\n{again}'), "page.md")


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (page(title='"Bell \\uD800"'), "title"),
        (page(supersedes='"\\uDFFF"'), "supersedes"),
        (page("A bell \ud800."), "text"),
    ],
)
def test_half_a_character_is_refused_because_no_file_can_hold_it(content, part):
    with pytest.raises(DataError, match=rf"page.md: the {part} holds U\+D[8F]"):
        parse_article(content, "page.md")


def test_a_remedy_shows_no_hidden_characters():
    with pytest.raises(DataError, match="must be text") as caught:
        parse_article(page(title="[\u202eb]"))
    assert str(caught.value).replace("\n", "").isprintable()


def test_long_front_matter_is_refused():
    with pytest.raises(DataError, match="the front matter is over 4000 characters"):
        parse_article(page(title="x" * 4000))
    assert len(parse_article(page(title="x" * 3900)).title) == 3900


@pytest.mark.parametrize(
    "name",
    [
        "../secrets",
        "..",
        ".",
        "a/b",
        "/etc/passwd",
        "a\\b",
        "C:kb",
        ".hidden",
        "-rf",
        "_x",
        "kb.001",
        "kb 001",
        "kb\u2024001",
        "caf\u00e9",
        "kb-001;rm",
        "<b>kb</b>",
        "kb%2e%2e",
        "kb\u0000",
        "a" * 65,
        "kb-001\n",
        "$(id)",
        "kb-001'",
    ],
)
def test_an_id_that_is_not_a_plain_name_is_refused(name):
    quoted = '"' + name.replace("\\", "\\\\").replace("\n", "\\n").replace("\0", "\\0") + '"'
    with pytest.raises(DataError, match="is not a plain name"):
        parse_article(page(id=quoted))


@pytest.mark.parametrize("name", ["kb-001", "A", "9lives", "under_score", "a" * 64])
def test_plain_ids_are_accepted(name):
    assert parse_article(page(id=name)).id == name


def test_a_long_bad_id_is_not_repeated_in_full():
    with pytest.raises(DataError) as caught:
        parse_article(page(id="/" * 1000))
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("category", ["Plans", "plan", "other", "[plans]", "{plans: 1}", "7", "true"])
def test_an_unknown_category_is_refused_and_the_known_ones_are_listed(category):
    with pytest.raises(DataError, match="unknown category") as caught:
        parse_article(page(category=category))
    assert all(known in caught.value.remedy for known in CATEGORIES)


def test_windows_line_ends_give_the_same_article(tmp_path):
    content = page("First line.\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    (tmp_path / "unix.md").write_bytes(content.encode())
    (tmp_path / "windows.md").write_bytes(content.replace("\n", "\r\n").encode())
    assert read_article(tmp_path / "windows.md") == read_article(tmp_path / "unix.md") == parse_article(content)
    assert parse_article(content.replace("\n", "\r\n")) == parse_article(content)


def test_a_byte_order_mark_is_no_part_of_the_article(tmp_path):
    (tmp_path / "page.md").write_bytes(b"\xef\xbb\xbf" + page().encode())
    assert read_article(tmp_path / "page.md") == parse_article(page())


def test_letters_beyond_ascii_are_kept(tmp_path):
    (tmp_path / "page.md").write_bytes(page("Caf\u00e9 \u20ac 5", title="Caf\u00e9").encode())
    article = read_article(tmp_path / "page.md")
    assert (article.title, article.text) == ("Caf\u00e9", "Caf\u00e9 \u20ac 5")


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_file_that_is_not_utf8_is_refused(tmp_path, encoding):
    (tmp_path / "page.md").write_bytes(page("Caf\u00e9").encode(encoding))
    with pytest.raises(DataError, match=r"page\.md is not UTF-8 text \(byte \d+\)"):
        read_article(tmp_path / "page.md")


def test_an_oversize_file_is_refused_unread(tmp_path):
    path = tmp_path / "page.md"
    path.write_bytes(page().encode().ljust(MAX_BYTES, b"x"))
    assert len(read_article(path).text) > MAX_BYTES - 200
    with path.open("ab") as stream:
        stream.write(b"\xff")
    with pytest.raises(DataError, match=r"page\.md is over 1000 kB"):
        read_article(path)


def test_a_file_that_cannot_be_opened_is_refused(tmp_path):
    (tmp_path / "folder.md").mkdir()
    for name in ("gone.md", "folder.md"):
        with pytest.raises(DataError, match=rf"{name} cannot be read: \w"):
            read_article(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "shown"), [("a\x1b[2J.md", "a\\x1b[2J.md"), ("\u202egpj.md", "\\u202egpj.md"), ("\udcff.md", "\\udcff.md")]
)
def test_a_file_name_is_shown_without_acting(tmp_path, name, shown):
    (tmp_path / name).write_text("no front matter", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_article(tmp_path / name)
    assert caught.value.cause.startswith(f"{shown} has no front matter")


def test_errors_of_a_file_name_the_file(tmp_path):
    (tmp_path / "kb-009.md").write_text("no front matter", encoding="utf-8")
    with pytest.raises(DataError, match=r"kb-009\.md has no front matter"):
        read_article(tmp_path / "kb-009.md")


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_front_matter_is_either_read_or_refused_with_a_data_error(text):
    for content in (text, block(text), page(title=text), page(id=text), page(supersedes=text)):
        try:
            article = parse_article(content)
        except DataError:
            continue
        assert article.category in CATEGORIES
        assert article.id.replace("-", "").replace("_", "").isalnum()


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_either_read_or_refused_with_a_data_error(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.md"
    path.write_bytes(content)
    with pytest.raises(DataError):
        read_article(path)
