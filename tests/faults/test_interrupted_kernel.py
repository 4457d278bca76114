"""A learner stops a cell of a notebook with the stop button, and the next cell runs as if nothing had been."""

from __future__ import annotations

import time

import pytest
from jupyter_client.manager import KernelManager

from course_lib.settings import ROOT

PATIENCE = 300  # seconds for a cell; a busy machine imports torch slowly

SET_UP = """
import tempfile
from pathlib import Path
from course_lib.models.chat import ChatModel
from course_lib.own_documents.vectors import embed_all
from course_lib.training.lora import train_lora
from tests.faults.samples import directions
from tests.faults.tiny_training import RECIPE, TALK, TOKENIZER
from tests.unit.tiny_model import tiny

def said(count):
    asked = [[{"role": "user", "content": f"Question {number}?"}] for number in range(count)]
    return [answer.text for answer in chat.generate(asked, 16, say=tell)]

def losses(count):
    return [row["loss"] for row in train_lora(tiny(TOKENIZER), TOKENIZER, [TALK] * count, RECIPE, tell, 1).log]

def vectors(count):
    return embed_all([f"text {number}" for number in range(count)], directions, folder, tell, shard=4)

tell = None
folder = Path(tempfile.mkdtemp())
chat = ChatModel(tiny(TOKENIZER), TOKENIZER, batch_size=2)
before = {call.__name__: call(8) for call in (said, losses)}
tell = print
"""


@pytest.fixture(scope="module")
def kernel():
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(ROOT))
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=PATIENCE)
        reply = run(manager, client, SET_UP)
        assert reply["status"] == "ok", reply
        yield manager, client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def run(manager, client, code: str, stop_at_line: int = 0) -> dict:
    """Run a cell and return the kernel's reply; press stop once the cell has printed so many lines."""
    asked, lines = client.execute(code), 0
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        message = client.get_iopub_msg(timeout=PATIENCE)
        if message["parent_header"].get("msg_id") != asked:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == "stream" and stop_at_line:
            lines += content["text"].count("\n")
            if lines >= stop_at_line:
                manager.interrupt_kernel()
                stop_at_line = 0
        elif kind == "status" and content["execution_state"] == "idle":
            return reply_to(asked, client)
    raise TimeoutError(f"The cell did not end in {PATIENCE} seconds: {code}")


def reply_to(asked: str, client) -> dict:
    """Return the reply to a cell; earlier ones, to what was asked while the kernel started, are passed over."""
    while True:
        message = client.get_shell_msg(timeout=PATIENCE)
        if message["parent_header"].get("msg_id") == asked:
            return message["content"]


@pytest.mark.parametrize(
    ("operation", "next_cell"),
    [
        ("said(400)", "assert said(8) == before['said']"),
        ("losses(1_000)", "assert losses(8) == before['losses']"),
        ("vectors(20_000)", "assert (vectors(40) == directions([f'text {n}' for n in range(40)])).all()"),
    ],
    ids=["generation", "training", "embedding"],
)
def test_the_next_cell_runs_after_a_long_one_was_stopped(kernel, operation, next_cell):
    stopped = run(*kernel, operation, stop_at_line=2)
    assert stopped["status"] == "error" and stopped["ename"] == "KeyboardInterrupt", stopped
    reply = run(*kernel, next_cell)
    assert reply["status"] == "ok", reply
