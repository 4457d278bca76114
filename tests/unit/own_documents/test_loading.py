"""A folder is read whatever is in it, and whatever is left out is a row with a reason and a remedy."""

from __future__ import annotations

import os

import pytest

from course_lib.errors import DataError
from course_lib.own_documents import loading
from course_lib.own_documents.loading import load_library
from tests.unit.own_documents import samples


def reasons(folder, **options):
    return {row.path: row.reason for row in load_library(folder, **options).rejected}


def test_every_format_is_read_in_any_folder(tmp_path):
    samples.write_all(tmp_path)
    library = load_library(tmp_path)
    assert [row.path for row in library.rejected] == ["deep/stones.rst"], "it includes another file"
    assert {document.path for document in library.documents} == {
        "orders.md",
        "hours.markdown",
        "web/delivery.html",
        "deep/er/notes.txt",
        "deep/stones.rst",
        "manual.pdf",
    }
    assert library.formats[".md"] == 1


def test_passages_have_ids_that_the_prompt_examples_do_not_use_and_headings(tmp_path):
    samples.write_all(tmp_path)
    library = load_library(tmp_path)
    passages = library.passages()
    assert len({passage.id for passage in passages}) == len(passages)
    assert all(int(passage.article.removeprefix("kb-")) > 1000 for passage in passages)
    assert any(passage.heading == "Orders of the mill > Orders > Returns" for passage in passages)


def test_the_same_folder_gives_the_same_library(tmp_path):
    samples.write_all(tmp_path)
    assert load_library(tmp_path) == load_library(tmp_path)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.md", b"", "is empty"),
        ("a.md", b" \n\t\n", "is empty"),
        ("a.md", b"PK\x03\x04\0\0binary", "binary"),
        ("a.txt", b"caf\xe9 au lait", "not UTF-8"),
        ("a.docx", b"anything", "end in .docx"),
        ("a.pdf", b"%PDF-1.7 rubbish", "damaged"),
        ("a.html", b"<p></p>", "no word"),
        (".hidden.md", b"words", "hidden"),
    ],
)
def test_what_cannot_be_read_is_a_row(tmp_path, name, data, words):
    (tmp_path / name).write_bytes(data)
    (row,) = load_library(tmp_path).rejected
    assert row.path == name and words in row.reason and row.remedy


def test_a_pdf_with_another_ending_is_read_as_a_pdf(tmp_path):
    (tmp_path / "manual.txt").write_bytes(samples.pdf("The hopper holds 40 kg."))
    assert "hopper" in load_library(tmp_path).documents[0].page.text


def test_duplicates_are_rows_whether_the_bytes_or_only_the_words_are_the_same(tmp_path):
    (tmp_path / "a.md").write_bytes(b"The same words.")
    (tmp_path / "b.md").write_bytes(b"The same words.")
    (tmp_path / "c.txt").write_bytes(b"The same words.\r\n")
    found = reasons(tmp_path)
    assert "same file as a.md" in found["b.md"] and "same text as a.md" in found["c.txt"]


def test_a_copy_that_was_left_out_is_told_apart_from_what_could_not_be_read(tmp_path):
    (tmp_path / "a.md").write_bytes(b"The same words in two files of one folder.")
    (tmp_path / "b.md").write_bytes(b"The same words in two files of one folder.")
    (tmp_path / "c.md").write_bytes(b"")
    assert load_library(tmp_path).copies == {"b.md": "a.md"}


def test_a_page_with_hardly_a_word_is_read_and_named(tmp_path):
    (tmp_path / "app.html").write_text("<div id=app>Please wait</div><script>draw()</script>")
    library = load_library(tmp_path)
    assert [document.path for document in library.documents] == ["app.html"]
    assert "fewer than" in library.rejected[0].reason and "scripts" in library.rejected[0].remedy


def test_a_page_without_a_title_is_called_by_the_words_of_its_file_name(tmp_path):
    (tmp_path / "opening-hours_2024.txt").write_text("Open from nine to five on all days of the week.")
    assert load_library(tmp_path).documents[0].page.title == "opening hours 2024"


def test_empty_and_hidden_folders_are_rows(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config.txt").write_text("words")
    found = reasons(tmp_path)
    assert "empty" in found["empty"] and "hidden" in found[".git"] and len(found) == 2


def test_links_are_never_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text("Secret words.")
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "page.md").write_text("Public words.")
    for name, target in {
        "out.md": outside / "secret.md",
        "outdir": outside,
        "loop": docs,
        "again.md": docs / "page.md",
        "gone.md": docs / "nowhere",
    }.items():
        (docs / name).symlink_to(target)
    (docs / "self").symlink_to(docs / "self")
    library = load_library(docs)
    assert [document.path for document in library.documents] == ["page.md"]
    found = {row.path: row.reason for row in library.rejected}
    assert "leads out" in found["out.md"] and "leads out" in found["outdir"]
    assert "another place" in found["loop"] and "another place" in found["again.md"]
    assert "not exist" in found["gone.md"] and "self" in found


def test_a_pipe_is_a_row_and_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "pipe.md")
    assert "pipe" in reasons(tmp_path)["pipe.md"]


def test_a_file_over_the_limit_is_a_row(tmp_path, monkeypatch):
    monkeypatch.setattr(loading, "MAX_BYTES", 10)
    (tmp_path / "big.md").write_text("more than ten bytes")
    assert "is over" in reasons(tmp_path)["big.md"]


def test_a_file_that_cannot_be_opened_is_a_row(tmp_path, monkeypatch):
    def locked(path):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "locked.md").write_text("words")
    monkeypatch.setattr("pathlib.Path.read_bytes", locked)
    assert "Permission denied" in reasons(tmp_path)["locked.md"]


def test_a_folder_that_cannot_be_listed_is_a_row(tmp_path, monkeypatch):
    (tmp_path / "closed").mkdir()
    (tmp_path / "page.md").write_text("words")
    scandir = os.scandir

    def listing(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("os.scandir", listing)
    assert "cannot be listed" in reasons(tmp_path)["closed"]


def test_a_parser_that_fails_is_a_row_and_the_rest_is_read(tmp_path, monkeypatch):
    def fails(data, name):
        raise RecursionError("too deep\x1b[31m")

    (tmp_path / "bad.html").write_text("<p>words</p>")
    (tmp_path / "good.md").write_text("words")
    monkeypatch.setattr("course_lib.own_documents.html_pages.read", fails)
    library = load_library(tmp_path)
    assert [document.path for document in library.documents] == ["good.md"]
    assert "RecursionError" in library.rejected[0].reason and "\x1b" not in library.rejected[0].reason


def test_pages_of_a_pdf_without_text_are_a_row_beside_the_document(tmp_path):
    (tmp_path / "half.pdf").write_bytes(samples.pdf("", "Oil it every 6 months."))
    library = load_library(tmp_path)
    assert len(library.documents) == 1 and "1 of 2 pages" in library.rejected[0].reason


def test_hostile_names_are_shown_without_acting(tmp_path):
    for name in (b"a\x1b[2Jb.md", "c\u202egpj.md".encode(), b"line\nbreak.md", b"bad\xffbytes.md"):
        with open(os.fsencode(tmp_path) + b"/" + name, "wb") as stream:
            stream.write(b"Words of " + name.hex().encode())
    paths = {document.path for document in load_library(tmp_path).documents}
    assert paths == {"a<U+001B>[2Jb.md", "c<U+202E>gpj.md", "line<U+000A>break.md", "bad\\xffbytes.md"}
    for path in paths:
        path.encode()


def test_folders_nested_deeper_than_python_recurses_are_read(tmp_path):
    folder = tmp_path
    for _ in range(300):
        folder = folder / "d"
    folder.mkdir(parents=True)
    (folder / "page.md").write_text("words")
    assert len(load_library(tmp_path).documents) == 1


def test_the_report_folder_is_left_out(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "report.md").write_text("words of the report")
    (tmp_path / "page.md").write_text("words")
    library = load_library(tmp_path, skip=tmp_path / "out")
    assert len(library.documents) == 1 and "report is written" in library.rejected[0].reason


def test_a_large_folder_says_how_far_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(loading, "SAID_EVERY", 2)
    for number in range(5):
        (tmp_path / f"{number}.md").write_text(f"Page {number} of a folder that has some.")
    said = []
    load_library(tmp_path, say=said.append)
    assert said == ["2 files looked at", "4 files looked at"]


def test_no_folder_is_an_error(tmp_path):
    with pytest.raises(DataError, match="not a folder"):
        load_library(tmp_path / "nowhere")
