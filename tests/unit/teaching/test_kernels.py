"""A notebook that does not fit beside the open ones says so before it loads a model."""

from __future__ import annotations

import pytest

from course_lib.errors import CourseError
from course_lib.files import write_json
from course_lib.teaching import kernels, timings


@pytest.fixture
def room(monkeypatch):
    def set_up(free: float, *others: float) -> None:
        monkeypatch.setattr(kernels, "free_memory", lambda: free)
        monkeypatch.setattr(kernels, "other_kernels", lambda: list(others))

    return set_up


def test_an_open_notebook_that_leaves_too_little_is_named_with_its_size(room):
    room(0.6, 1.3)
    with pytest.raises(CourseError, match=r"needs 1\.5 GB, 0\.6 GB are free.*hold 1\.3 GB.*\n.*Shut Down Kernel"):
        kernels.check_room(1.5)


@pytest.mark.parametrize(("free", "others"), [(1.6, [1.3]), (0.6, [])])
def test_a_notebook_that_fits_or_stands_alone_goes_on(room, free, others):
    room(free, *others)
    kernels.check_room(1.5)


def test_every_notebook_checks_with_what_it_was_measured_to_need(room, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    write_json(tmp_path / "results" / "timings.json", [{"notebook": "03_x", "minutes": 1.0, "peak_gb": 1.5}])
    room(1.4, 0.9)
    with pytest.raises(CourseError, match=r"1\.5 GB"):
        timings.print_timing("03_x")
    room(1.6, 0.9)
    timings.print_timing("03_x")
    assert "1.5 GB of memory" in capsys.readouterr().out
