"""The guard against network access bites, and the built-in models load under it."""

from __future__ import annotations

import http.client
import os
import socket
import threading
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from course_lib.models.weights import chat_folder
from course_lib.settings import DEFAULT_CHAT_MODEL, Settings, load_settings

OUTSIDE = ("192.0.2.1", 80)  # an address reserved for documentation (RFC 5737): nothing answers there


def built_in() -> Settings:
    """Return this machine's settings (its cache may be elsewhere) with the built-in chat model."""
    return replace(load_settings(), chat_model=DEFAULT_CHAT_MODEL)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: socket.create_connection(OUTSIDE, timeout=5),
        lambda: socket.socket().connect(OUTSIDE),
        lambda: socket.socket().connect_ex(OUTSIDE),
        lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"question", OUTSIDE),
        lambda: socket.socket(socket.AF_INET6).connect(("2001:db8::1", 80)),
        lambda: socket.getaddrinfo("example.invalid", 443),
        lambda: socket.gethostbyname("example.invalid"),
        lambda: http.client.HTTPConnection("example.invalid", timeout=5).request("GET", "/"),
    ],
    ids=["create_connection", "connect", "connect_ex", "sendto", "IPv6", "getaddrinfo", "gethostbyname", "http"],
)
def test_every_way_out_is_blocked_and_recorded(attempt, network_attempts):
    with pytest.raises(ConnectionError, match="tests run without a network"):
        attempt()
    assert len(network_attempts) == 1
    network_attempts.clear()


def test_the_attempt_is_recorded_even_where_a_library_wraps_the_error(network_attempts):
    with pytest.raises(urllib.error.URLError):
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open("http://example.invalid", timeout=5)
    assert network_attempts == ["example.invalid"]
    network_attempts.clear()


def test_loopback_works():
    with socket.create_server(("127.0.0.1", 0)) as server:
        accepting = threading.Thread(target=lambda: server.accept()[0].sendall(b"hello"))
        accepting.start()
        with socket.create_connection(("localhost", server.getsockname()[1]), timeout=5) as client:
            assert client.recv(5) == b"hello"
        accepting.join()


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="this system has no Unix sockets")
def test_unix_sockets_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)  # a Unix socket's path may have 100 characters only
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind("socket")
        server.listen()
        client.connect("socket")


def test_the_hugging_face_libraries_are_told_to_stay_offline():
    import datasets
    import huggingface_hub

    assert os.environ["TRANSFORMERS_OFFLINE"] == "1"
    assert huggingface_hub.constants.HF_HUB_OFFLINE
    assert datasets.config.HF_DATASETS_OFFLINE


def test_the_embedder_loads_and_embeds_without_a_network():
    from course_lib.retrieval.dense import embed

    vectors = embed(["How do I reset the router?", "Restart the router."], built_in())
    assert vectors.shape == (2, 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_the_chat_tokenizer_loads_without_a_network():
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(chat_folder(built_in()))
    text = tokenizer.apply_chat_template([{"role": "user", "content": "Hello"}], tokenize=False)
    assert "<|im_start|>user\nHello" in text
