"""A hosted model's limits hold: time, attempts, pauses, money; and the key is seen by the server only."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import socket
import threading
import time
import traceback
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from course_lib.errors import CourseError
from course_lib.hosted.ceiling import Ceiling, CeilingError, most_tokens
from course_lib.hosted.client import Refused, seconds_of
from course_lib.hosted.endpoint import Endpoint, EndpointError, Key, load_endpoint
from course_lib.hosted.practice_server import Fault
from course_lib.hosted.wire import MOST_BYTES, Unanswered
from tests.unit.hosted.fakes import ASKED, CANARY, Time, client, server

FREE = Ceiling(0.0, 0.0, 0.0)


def test_an_answer_comes_back_with_what_it_cost():
    ceiling = Ceiling(1.0, 2.0, 10.0)
    with server() as there:
        answer, seconds = client(there.url, ceiling).ask(ASKED, 8)
    assert answer["choices"][0]["message"]["content"] == "Say hello." and seconds > 0
    assert ceiling.spent == pytest.approx((10 * 2.0 + 2 * 10.0) / 1e6)
    sent = there.requests[0]
    assert (sent["model"], sent["max_tokens"], sent["temperature"]) == ("practice", 8, 0.0)
    assert there.headers[0]["Authorization"] == f"Bearer {CANARY}"


def test_settings_that_a_model_refuses_can_be_renamed_or_left_out():
    with server() as there:
        client(there.url, FREE, limit_name="max_completion_tokens", temperature=None).ask(ASKED, 8)
    assert there.requests[0]["max_completion_tokens"] == 8
    assert not {"max_tokens", "temperature"} & set(there.requests[0])


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503, 529])
def test_what_may_pass_is_tried_again_with_longer_and_longer_pauses(status):
    time = Time()
    with server(Fault(status), Fault(status)) as there:
        answer, _ = client(there.url, time=time).ask(ASKED, 8)
    assert answer["choices"] and time.slept == [1.0, 2.0] and len(there.requests) == 3


def test_the_server_says_how_long_to_wait():
    time = Time()
    with server(Fault(429, {"Retry-After": "7"})) as there:
        client(there.url, time=time).ask(ASKED, 8)
    assert time.slept == [7.0]


def test_a_wait_beyond_the_patience_is_an_error_at_once():
    time = Time()
    with server(Fault(429, {"Retry-After": "3600"})) as there:
        with pytest.raises(Refused, match="429"):
            client(there.url, time=time).ask(ASKED, 8)
    assert time.slept == [] and len(there.requests) == 1


def test_it_gives_up_after_the_last_attempt():
    with server(*[Fault(500)] * 9) as there:
        with pytest.raises(Refused, match="500"):
            client(there.url, tries=3).ask(ASKED, 8)
    assert len(there.requests) == 3


@pytest.mark.parametrize(
    ("status", "remedy"), [(400, "Read"), (401, "KEY"), (403, "KEY"), (404, "MODEL"), (302, "Read")]
)
def test_what_would_fail_again_is_not_tried_again(status, remedy):
    with server(Fault(status, {"Location": "http://127.0.0.1:9/"})) as there:
        with pytest.raises(Refused) as caught:
            client(there.url).ask(ASKED, 8)
    assert len(there.requests) == 1 and caught.value.status == status and remedy in caught.value.remedy


def test_a_silent_server_is_left_after_the_time_allowed_and_may_have_charged():
    ceiling = Ceiling(1.0, 1.0, 1.0)
    with server(Fault(200, seconds=1.0), Fault(200, seconds=1.0)) as there:
        with pytest.raises(Unanswered, match="within 0.1 seconds"):
            client(there.url, ceiling, tries=2, seconds=0.1).ask(ASKED, 8)
    body = {**ASKED, "model": "practice", "max_tokens": 8}
    assert ceiling.spent == pytest.approx(2 * ceiling.cost(most_tokens(body), 8))


@pytest.mark.parametrize(
    "start",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: ", b"HTT"],
    ids=["body", "headers", "status"],
)
def test_a_server_that_trickles_is_left_too(start):
    def trickle(listening: socket.socket) -> None:
        line, _ = listening.accept()
        with line, suppress(OSError):  # the client has gone
            line.recv(65_536)
            line.sendall(start)
            for _ in range(100):
                if stop.wait(0.05):
                    return
                line.sendall(b" ")

    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=trickle, args=(listening,))
        thread.start()
        began = time.monotonic()
        with pytest.raises(Unanswered, match="within"):
            client(f"http://127.0.0.1:{listening.getsockname()[1]}/v1", tries=1, seconds=0.3).ask(ASKED, 8)
        assert time.monotonic() - began < 3, "left long before the five seconds that the server talks"
        stop.set()
        thread.join()


def test_nothing_is_charged_where_nothing_listens():
    ceiling = Ceiling(1.0, 1.0, 1.0)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unanswered, match="Nothing listens"):
        client(f"http://127.0.0.1:{port}/v1", ceiling, tries=2).ask(ASKED, 8)
    assert ceiling.spent == 0


@pytest.mark.parametrize("text", ["<html>busy</html>", "[]", "{}", '{"choices": []}', '{"choices": 1}', "null"])
def test_an_answer_of_another_kind_is_named_and_not_tried_again(text):
    with server(Fault(200, text=text)) as there:
        with pytest.raises(EndpointError, match="not a chat completion"):
            client(there.url).ask(ASKED, 8)
    assert len(there.requests) == 1


def test_an_endless_answer_is_cut_off():
    with server(Fault(200, text=" " * (MOST_BYTES + 1))) as there:
        with pytest.raises(EndpointError, match="longer than"):
            client(there.url).ask(ASKED, 8)


def test_requests_are_spaced():
    time = Time()
    with server() as there:
        asks = client(there.url, time=time, spacing=2.0)
        for _ in range(3):
            asks.ask(ASKED, 8)
    assert time.slept == [2.0, 2.0]


def test_the_ceiling_stops_before_the_call():
    with server() as there:
        with pytest.raises(CeilingError, match="can cost"):
            client(there.url, Ceiling(0.0001, 1.0, 1000.0)).ask(ASKED, 8)
    assert there.requests == []


def test_the_ceiling_stops_in_the_middle_of_a_run_and_counts_what_was_spent():
    body = {**ASKED, "model": "practice", "max_tokens": 8}
    ceiling = Ceiling(0.0, 1.0, 1.0)
    ceiling.usd = ceiling.cost(most_tokens(body), 8) + 2 * ceiling.cost(10, 2)
    with server() as there:
        asks = client(there.url, ceiling)
        for _ in range(3):
            asks.ask(ASKED, 8)
        with pytest.raises(CeilingError):
            asks.ask(ASKED, 8)
    assert len(there.requests) == 3 and ceiling.spent == pytest.approx(3 * ceiling.cost(10, 2))
    assert ceiling.spent <= ceiling.usd


def test_the_bound_on_tokens_counts_bytes_and_tools():
    plain = most_tokens({"messages": [{"role": "user", "content": "é" * 100}]})
    assert plain >= 200
    assert most_tokens({"messages": [], "tools": [{"x": "y" * 50}]}) >= 50


def test_the_key_is_in_no_log_no_error_and_no_record(caplog, capfd):
    caplog.set_level(logging.DEBUG)
    echo = json.dumps({"error": {"message": f"Incorrect API key provided: {CANARY}"}})
    seen = [repr(Key(CANARY)), f"{Endpoint('https://a.example/v1', 'm', Key(CANARY))}"]
    for fault, settings in [
        (Fault(401, text=echo), {}),
        (Fault(500, text=echo), {"tries": 2}),
        (Fault(200, text=echo), {}),
        (Fault(200, seconds=0.5), {"seconds": 0.1, "tries": 1}),
    ]:
        with server(fault, fault) as there:
            with pytest.raises(CourseError) as caught:
                client(there.url, **settings).ask(ASKED, 8)
        seen += traceback.format_exception(caught.value)
        seen += [frame.line or "" for frame in traceback.extract_tb(caught.value.__traceback__)]
        if fault.status == 401:
            assert "[KEY]" in caught.value.cause
    written = capfd.readouterr()
    assert caplog.records  # the pauses are logged
    assert CANARY not in "\n".join([*seen, caplog.text, written.out, written.err])


def test_the_key_does_not_get_into_files():
    for write in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="not written"):
            write(Key(CANARY))


@pytest.mark.parametrize(
    ("env", "match"),
    [
        ({"COURSE_ENDPOINT": "ftp://a.example", "COURSE_ENDPOINT_MODEL": "m"}, "no web address"),
        ({"COURSE_ENDPOINT": "https://a.example/v1?key=x", "COURSE_ENDPOINT_MODEL": "m"}, "no web address"),
        ({"COURSE_ENDPOINT": f"https://me:{CANARY}@a.example/v1", "COURSE_ENDPOINT_MODEL": "m"}, "password"),
        ({"COURSE_ENDPOINT": "https://a.example/v1"}, "no name"),
        (
            {
                "COURSE_ENDPOINT": "http://a.example/v1",
                "COURSE_ENDPOINT_MODEL": "m",
                "COURSE_ENDPOINT_KEY": CANARY,
            },
            "not encrypted",
        ),
        (
            {
                "COURSE_ENDPOINT": "https://a.example/v1",
                "COURSE_ENDPOINT_MODEL": "m",
                "COURSE_ENDPOINT_KEY": f"{CANARY}\r\nX-Other: 1",
            },
            "line end",
        ),
    ],
)
def test_an_address_or_a_key_that_is_not_safe_is_refused_without_showing_it(env, match):
    with pytest.raises(EndpointError, match=match) as caught:
        load_endpoint(env)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("change", [{"tries": 0}, {"seconds": 0.0}])
def test_an_endpoint_has_at_least_one_attempt_and_some_time(change):
    with pytest.raises(EndpointError, match="no attempt or no time"):
        Endpoint("https://a.example/v1", "m", **change)


def test_the_endpoint_comes_from_the_environment_and_only_from_there():
    assert load_endpoint({}) is None
    env = {
        "COURSE_ENDPOINT": "https://a.example/v1 ",
        "COURSE_ENDPOINT_MODEL": "big",
        "COURSE_ENDPOINT_KEY": f"{CANARY}\n",
    }
    endpoint = load_endpoint(env)
    assert (endpoint.url, endpoint.model, endpoint.key.reveal()) == ("https://a.example/v1", "big", CANARY)
    assert (
        load_endpoint({"COURSE_ENDPOINT": "http://localhost:8000/v1", "COURSE_ENDPOINT_MODEL": "m"}).key.reveal() == ""
    )
    assert replace(endpoint, spacing=1.0).key is endpoint.key


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30.0),
        ("soon", 0.0),
        ("", 0.0),
        ("nan", 0.0),
    ],
)
def test_a_wait_is_read_from_seconds_or_a_date(header, seconds):
    assert seconds_of(header, datetime(2026, 11, 22, 12, 0, tzinfo=UTC)) == seconds
