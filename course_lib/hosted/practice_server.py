"""A small OpenAI-compatible server on this machine, for lessons and tests. It can be told to fail."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from course_lib.models.batching import Completion
from course_lib.models.chat import ChatModel

MODEL = "practice"


@dataclass(frozen=True)
class Fault:
    """What the server does once instead of answering.

    Attributes:
        status: HTTP status.
        headers: sent besides the usual ones.
        text: the body.
        seconds: pause before it.
    """

    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    text: str = '{"error": {"message": "told to fail"}}'
    seconds: float = 0.0


class PracticeServer:
    """Answers ``/chat/completions`` with a chat model, and silently ignores all settings but the limit of tokens.

    Use it in a ``with`` statement; it listens on the loopback address only.

    Args:
        chat: answers the conversations.
        faults: what to do instead with the first requests, one each.

    Attributes:
        url: its address, while it runs.
        requests: bodies that came in.
        headers: headers of these requests, in the same order.
    """

    def __init__(self, chat: ChatModel, faults: Sequence[Fault] = ()):
        self.chat, self.faults = chat, list(faults)
        self.requests: list[Any] = []
        self.headers: list[dict[str, str]] = []
        self._one_at_a_time = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> PracticeServer:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def respond(self, body: dict[str, Any]) -> Fault:
        """Return what to send for a request: the next fault, or a chat completion."""
        with self._one_at_a_time:
            if self.faults:
                return self.faults.pop(0)
            (done,) = self.chat.generate([body["messages"]], int(body.get("max_tokens", 64)))
        return Fault(200, text=json.dumps(_completion(done)))


def _completion(done: Completion) -> dict[str, Any]:
    return {
        "object": "chat.completion",
        "model": MODEL,
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": done.text}}],
        "usage": {
            "prompt_tokens": done.tokens_in,
            "completion_tokens": done.tokens_out,
            "total_tokens": done.tokens_in + done.tokens_out,
        },
    }


def _handler(owner: PracticeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            owner.requests.append(body)
            owner.headers.append(dict(self.headers))
            self._send(owner.respond(body) if self.path == "/v1/chat/completions" else Fault(404))

        def do_GET(self) -> None:
            listed = Fault(200, text=json.dumps({"object": "list", "data": [{"id": MODEL, "object": "model"}]}))
            self._send(listed if self.path == "/v1/models" else Fault(404))

        def _send(self, reply: Fault) -> None:
            time.sleep(reply.seconds)
            data = reply.text.encode()
            try:
                self.send_response(reply.status)
                for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # who asked did not wait for the answer, as after a timeout

        def log_message(self, *_arguments: object) -> None:
            """Keep quiet: a notebook compares what cells print."""

    return Handler
