"""A folder is read as a whole: what cannot be read is named with its reason, and the rest is kept."""

from __future__ import annotations

import os

import pytest

from course_lib.errors import DataError
from course_lib.knowledge.collect import collect
from course_lib.knowledge.snapshots import load_snapshot, snapshot_dates
from course_lib.settings import ROOT

PAGE = '---\nid: {}\ntitle: "A page"\ncategory: orders\nvalid_from: "2026-03-01"\n---\n\nA bell costs $9.\n'


def test_readable_pages_are_kept_and_every_other_file_gets_a_reason(tmp_path):
    (tmp_path / "a.md").write_text(PAGE.format("kb-001"), encoding="utf-8")
    (tmp_path / "b.md").write_text("No front matter.", encoding="utf-8")
    (tmp_path / "c.md").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "d.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "e.md").write_text(PAGE.format("kb-001"), encoding="utf-8")
    (tmp_path / "NOTES").write_text("x", encoding="utf-8")
    found = collect(tmp_path)
    assert [article.id for article in found.articles] == ["kb-001"]
    assert found.formats == {".md": 4, ".pdf": 1, "none": 1}
    assert set(found.rejected) == {"b.md", "c.md", "d.pdf", "e.md", "NOTES"}
    assert "front matter" in found.rejected["b.md"] and "UTF-8" in found.rejected["c.md"]
    assert ".md files" in found.rejected["d.pdf"] and "taken" in found.rejected["e.md"]


def test_what_is_no_file_and_what_has_an_odd_name_gets_a_reason_too(tmp_path):
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "link.md").symlink_to(tmp_path / "gone.md")
    (tmp_path / "a\x1b[2J.md").write_text("No front matter.", encoding="utf-8")
    found = collect(tmp_path)
    assert set(found.rejected) == {"pipe.md", "link.md", "a\\x1b[2J.md"}
    assert "no file" in found.rejected["pipe.md"] and "no file" in found.rejected["link.md"]


def test_folders_inside_are_not_entered_and_an_empty_folder_is_no_error(tmp_path):
    (tmp_path / "inside").mkdir()
    found = collect(tmp_path)
    assert (found.articles, found.formats, found.rejected) == ((), {}, {})


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(DataError, match="is not a folder"):
        collect(tmp_path / "gone")


def test_the_newest_site_is_collected_whole():
    date = snapshot_dates(ROOT / "data")[-1]
    found = collect(ROOT / "data" / "kb" / date)
    assert list(found.articles) == load_snapshot(ROOT / "data", date)
    assert found.rejected == {}
