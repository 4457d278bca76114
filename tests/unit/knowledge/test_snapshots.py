"""Behavior of snapshots of the support site."""

from __future__ import annotations

import pytest

from course_lib.errors import DataError
from course_lib.knowledge.snapshots import load_snapshot, snapshot_dates


def add(data, date: str, name: str, text: str = "Some text.", file: str | None = None) -> None:
    folder = data / "kb" / date
    folder.mkdir(parents=True, exist_ok=True)
    front = f'---\nid: {name}\ntitle: Page\ncategory: plans\nvalid_from: "{date}"\n---\n'
    (folder / (file or f"{name}.md")).write_text(front + text, encoding="utf-8")


@pytest.fixture
def data(tmp_path):
    for date in ("2025-09-01", "2026-03-01", "2025-03-01"):
        for name in ("kb-002", "kb-010", "kb-001"):
            add(tmp_path, date, name, f"{name} on {date}")
    return tmp_path


def test_dates_are_given_oldest_first(data):
    assert snapshot_dates(data) == ["2025-03-01", "2025-09-01", "2026-03-01"]


def test_only_folders_named_by_a_date_are_snapshots(data):
    (data / "kb" / "2027-01-01").write_text("a file", encoding="utf-8")
    for name in ("drafts", "2027-1-1", "2027-01-01.bak"):
        (data / "kb" / name).mkdir()
    assert snapshot_dates(data) == ["2025-03-01", "2025-09-01", "2026-03-01"]


def test_no_snapshot_at_all_is_an_error_with_a_remedy(tmp_path):
    for _ in range(2):  # without the folder, and with an empty one
        with pytest.raises(DataError, match="holds no snapshot") as caught:
            snapshot_dates(tmp_path)
        assert "git checkout" in caught.value.remedy
        (tmp_path / "kb").mkdir(exist_ok=True)


def test_articles_come_in_id_order_with_the_text_of_their_date(data):
    found = load_snapshot(data, "2025-09-01")
    assert [(article.id, article.text) for article in found] == [
        (name, f"{name} on 2025-09-01") for name in ("kb-001", "kb-002", "kb-010")
    ]


def test_the_newest_snapshot_is_the_default(data):
    assert load_snapshot(data) == load_snapshot(data, "2026-03-01")


@pytest.mark.parametrize("date", ["2025-03-02", "", ".", "..", "../kb/2025-03-01", "2025-03-01/", "latest"])
def test_an_unknown_date_is_refused_and_the_known_ones_are_named(data, date):
    with pytest.raises(DataError, match="There is no snapshot") as caught:
        load_snapshot(data, date)
    assert "2025-03-01, 2025-09-01, 2026-03-01" in caught.value.remedy


def test_an_id_that_comes_twice_is_refused_by_name(data):
    add(data, "2026-03-01", "kb-002", file="copy.md")
    with pytest.raises(DataError, match="2026-03-01 has kb-002 more than once"):
        load_snapshot(data)
    assert len(load_snapshot(data, "2025-09-01")) == 3


def test_a_broken_article_stops_the_snapshot_and_is_named(data):
    (data / "kb" / "2026-03-01" / "kb-005.md").write_text("no front matter", encoding="utf-8")
    with pytest.raises(DataError, match=r"kb-005\.md has no front matter"):
        load_snapshot(data)


def test_files_that_are_not_articles_are_passed_over(data):
    (data / "kb" / "2026-03-01" / "notes.txt").write_text("not an article", encoding="utf-8")
    (data / "kb" / "2026-03-01" / ".kb-001.md.swp").write_text("not an article", encoding="utf-8")
    assert len(load_snapshot(data)) == 3
