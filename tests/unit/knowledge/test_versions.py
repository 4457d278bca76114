"""Passages of several dates are kept with the time in which they hold, and none is lost."""

from __future__ import annotations

import pytest

from course_lib.knowledge.chunking import Passage, chunk_all
from course_lib.knowledge.snapshots import load_snapshot, snapshot_dates
from course_lib.knowledge.versions import Version, append_all
from course_lib.settings import ROOT

ONE, TWO, THREE = "2025-03-01", "2025-09-01", "2026-03-01"


def passage(text: str, name: str = "kb-001.1") -> Passage:
    return Passage(name, name.split(".")[0], "Bells", "", "orders", text)


def spans(versions):
    return [(v.passage.id, v.passage.text, v.valid_from, v.valid_until) for v in versions]


@pytest.mark.parametrize(
    ("until", "day", "holds"),
    [(None, ONE, False), (None, TWO, True), (None, THREE, True), (THREE, TWO, True), (THREE, THREE, False)],
)
def test_a_version_holds_from_its_first_day_to_the_day_before_its_end(until, day, holds):
    assert Version(passage("A bell costs $9."), TWO, until).holds(day) is holds


def test_a_new_text_closes_the_old_one_and_what_stays_is_kept_once():
    bell, dearer = passage("A bell costs $9."), passage("A bell costs $12.")
    horn = passage("A horn is loud.", "kb-002.1")
    versions = append_all({ONE: [bell, horn], TWO: [dearer, horn], THREE: [dearer]})
    assert spans(versions) == [
        ("kb-001.1", "A bell costs $9.", ONE, TWO),
        ("kb-002.1", "A horn is loud.", ONE, THREE),
        ("kb-001.2", "A bell costs $12.", TWO, None),
    ]


def test_a_text_that_comes_back_is_a_version_of_its_own():
    bell, dearer = passage("A bell costs $9."), passage("A bell costs $12.")
    versions = append_all({ONE: [bell], TWO: [dearer], THREE: [bell]})
    assert [v.passage.text for v in versions if v.holds(TWO)] == ["A bell costs $12."]
    assert [v.passage.id for v in versions if v.holds(THREE)] == ["kb-001.3"]


def test_what_holds_at_each_date_is_the_site_of_that_date_and_later_dates_change_no_id():
    site = {date: chunk_all(load_snapshot(ROOT / "data", date)) for date in snapshot_dates(ROOT / "data")}
    versions = append_all(site)
    assert len({version.passage.id for version in versions}) == len(versions)
    for date, passages in site.items():
        held = {(v.passage.article, v.passage.indexed) for v in versions if v.holds(date)}
        assert held == {(p.article, p.indexed) for p in passages}
    early = append_all(dict(list(site.items())[:2]))
    assert [v.passage for v in early] == [v.passage for v in versions[: len(early)]]
