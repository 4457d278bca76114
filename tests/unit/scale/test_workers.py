"""Parts are handed to worker processes, and a worker that dies costs no result."""

from __future__ import annotations

import time

import pytest

from course_lib.errors import CourseError
from course_lib.scale import workers
from course_lib.scale.clock import Clock

needs_dask = pytest.mark.skipif(not workers.dask_installed(), reason="needs requirements-extra.txt")


def doubled(numbers):
    time.sleep(0.2)
    return [2 * number for number in numbers]


def test_parts_hold_every_item_once_and_in_order():
    assert workers.parts_of([1, 2, 3, 4, 5], 2) == [[1, 2], [3, 4], [5]]
    assert workers.parts_of([], 2) == []
    with pytest.raises(ValueError, match="at least one item"):
        workers.parts_of([1], 0)


def test_without_the_package_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(workers, "find_spec", lambda name: None)
    with pytest.raises(CourseError, match="requirements-extra.txt"):
        workers.start_workers()


def test_a_clock_keeps_the_jobs_in_order_and_none_that_failed():
    clock = Clock()
    with clock("first"):
        time.sleep(0.01)
    with pytest.raises(ValueError), clock("failed"):
        int("x")
    with clock("second"):
        pass
    assert [job for job, _ in clock.rows()] == ["first", "second"] and clock.seconds["first"] >= 0.01


@needs_dask
def test_all_results_come_though_a_worker_is_killed_and_nothing_is_left_running():
    import operator

    import psutil

    client = workers.start_workers(2, "500MB")
    try:
        workers.warm_up(client, operator.add, 1, 1)
        before = workers.process_ids(client)
        assert len(before) == 2 and all(size > 1e6 for size in workers.memory_of(client).values())
        parts = workers.parts_of(list(range(24)), 2)
        futures = client.map(doubled, parts)
        died = workers.kill_busy_worker(client, futures)
        assert client.gather(futures) == [[2 * number for number in part] for part in parts]
        assert died["killed"] in before.values() and 0 < died["lost"] <= died["finished"] < len(parts)
        client.wait_for_workers(2, timeout=workers.SECONDS)
        after = workers.process_ids(client)
        assert died["killed"] not in after.values()
        with pytest.raises(CourseError, match="in the middle"):
            workers.kill_busy_worker(client, futures)  # everything is done
    finally:
        workers.stop_workers(client)
    assert not any(psutil.pid_exists(pid) for pid in after.values())
