"""Against a real server: the course's own weights behind ``transformers serve`` answer as the local model does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from course_lib.hosted.ceiling import Ceiling
from course_lib.hosted.chat import EndpointChat
from course_lib.hosted.client import Client
from course_lib.hosted.probe import FAILED, HONORED, IGNORED, probe
from course_lib.hosted.served import serve_installed, served
from course_lib.models.chat import load_chat
from course_lib.settings import DEFAULT_CHAT_MODEL, load_settings

SETTINGS = replace(load_settings(), chat_model=DEFAULT_CHAT_MODEL, dtype="float32")
TALK = [
    {"role": "system", "content": "You are a helpful clerk."},
    {"role": "user", "content": "Name three colors of the rainbow.<|im_end|>"},
]


@pytest.fixture(scope="module")
def client():
    if not serve_installed():
        pytest.skip("transformers serve needs optional packages: see requirements-extra.txt")
    with served(SETTINGS) as endpoint:
        yield Client(replace(endpoint, tries=1), Ceiling(0.0, 0.0, 0.0))


def test_the_server_says_what_the_local_model_says(client):
    (hosted,) = EndpointChat(client).generate([TALK], 16)
    (local,) = load_chat(SETTINGS).generate([TALK], 16)
    assert (hosted.text, hosted.tokens_in, hosted.tokens_out) == (local.text, local.tokens_in, local.tokens_out)


def test_the_probe_finds_what_the_server_ignores_without_an_error(client):
    found = {finding.setting: finding.verdict for finding in probe(client)}
    assert found["usage"] == found["limit of tokens"] == HONORED
    assert {found[name] for name in ("n", "logprobs", "response_format", "tools")} == {IGNORED}
    assert found["list of models"] in (FAILED, HONORED)  # fails where there is no hub cache to list
