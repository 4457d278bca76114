"""Serve the course's own weights with ``transformers serve``: a real server that somebody else wrote."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from course_lib.errors import DataError
from course_lib.hosted.endpoint import Endpoint, EndpointError
from course_lib.hosted.wire import Unanswered, send
from course_lib.models.weights import chat_folder, verify
from course_lib.settings import Settings

NEEDS = ("fastapi", "uvicorn", "openai")
# Without these, the server would ask the network for newer versions, and the cache for other models.
OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "HF_HUB_DISABLE_UPDATE_CHECK")


def serve_installed() -> bool:
    """Tell whether the optional packages are there that ``transformers serve`` needs."""
    return all(find_spec(name) for name in NEEDS)


@contextmanager
def served(settings: Settings, seconds: float = 120.0) -> Iterator[Endpoint]:
    """Start the server on a free port of this machine, yield its endpoint, and end it.

    Args:
        settings: where the prepared weights are, and their number type.
        seconds: longest wait for the start.

    Raises:
        DataError: the optional packages are not installed.
        EndpointError: the server did not start; its last lines are in the error.
    """
    if not serve_installed():
        raise DataError(
            f"transformers serve needs {', '.join(NEEDS)}.", "Run `python -m pip install -r requirements-extra.txt`."
        )
    folder = chat_folder(settings)
    verify(folder)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", str(folder), "--host", "127.0.0.1"]
    command += ["--port", str(port), "--device", "cpu", "--dtype", settings.dtype]
    offline = dict.fromkeys(OFFLINE, "1")
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, env={**os.environ, **offline}, stdout=output, stderr=subprocess.STDOUT)
        try:
            endpoint = Endpoint(f"http://127.0.0.1:{port}/v1", str(folder), seconds=seconds)
            _wait(endpoint, process, output, time.monotonic() + seconds)
            yield endpoint
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(endpoint: Endpoint, process: subprocess.Popen, output, until: float) -> None:
    health = Endpoint(endpoint.url.removesuffix("/v1"), endpoint.model, seconds=2.0)
    while process.poll() is None and time.monotonic() < until:
        try:
            if send(health, "/health").status == 200:
                return
        except Unanswered:
            time.sleep(0.3)
    output.seek(0)
    said = output.read().decode("utf-8", "replace")[-300:].replace(str(Path.home()), "~")
    raise EndpointError(f"transformers serve did not start: {said}", "Free some memory, or use another server.")
