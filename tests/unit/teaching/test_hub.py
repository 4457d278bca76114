"""The hub's sizes follow from measured memory, and its values and links are usable."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from course_lib.errors import CourseError, DataError
from course_lib.settings import ROOT, Settings
from course_lib.teaching import hub
from course_lib.teaching.timings import load_timings


def test_one_person_gets_what_the_largest_notebook_needs_and_some_room():
    guarantee, limit = hub.memory_of({"a": {"peak_gb": 1.2}, "b": {"peak_gb": 1.9}})
    assert guarantee == pytest.approx(2.2) and limit == 3.0


def test_nothing_measured_is_an_error():
    with pytest.raises(DataError):
        hub.memory_of({})


def test_more_people_need_more_and_nobody_is_left_without_a_place():
    sizes = [hub.sizing(people, 2.2) for people in (1, 30, 100, 300)]
    assert [size.nodes for size in sizes] == sorted(size.nodes for size in sizes)
    for size in sizes:
        usable = size.nodes - 1  # one is a spare
        assert usable * hub.NODE_GB * hub.NODE_USABLE >= size.memory_gb
        assert usable * hub.NODE_CORES * hub.NODE_USABLE >= size.cores


def test_memory_that_no_machine_has_is_an_error():
    with pytest.raises(DataError):
        hub.sizing(30, 100.0)


def test_the_values_are_yaml_and_fit_what_was_measured():
    values = yaml.safe_load((ROOT / "workshop" / "hub" / "values.yaml").read_text(encoding="utf-8"))
    memory = values["singleuser"]["memory"]
    peak = max(row["peak_gb"] for row in load_timings(Settings()).values())
    assert peak < float(memory["guarantee"].rstrip("G")) < float(memory["limit"].rstrip("G"))
    assert values["singleuser"]["cpu"] == {"guarantee": hub.CORES_EACH, "limit": hub.CORES_LIMIT}
    assert values["singleuser"]["storage"]["homeMountPath"] != "/home/jovyan"


def test_a_link_copies_the_repository_and_opens_the_first_notebook_of_the_copy():
    link = hub.nbgitpuller_link("https://hub.example.org/", "https://git.example.org/me/my course.git", "day 1")
    parts = urlsplit(link)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert parts.path == "/hub/user-redirect/git-pull"
    assert query["repo"] == "https://git.example.org/me/my course.git" and query["branch"] == "day 1"
    assert query["targetPath"] == "work/my course"
    assert query["urlpath"] == "lab/tree/work/my%20course/notebooks/00_start_here.ipynb"
    assert (ROOT / "notebooks" / "00_start_here.ipynb").is_file()


@pytest.mark.parametrize("address", ["hub.example.org", "javascript:alert(1)", ""])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(CourseError):
        hub.nbgitpuller_link(address, "https://git.example.org/a/b")
