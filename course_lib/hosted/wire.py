"""One request to a server and its answer: a limit on time and size, no redirects, and the key in one header only."""

from __future__ import annotations

import http.client
import io
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from course_lib.hosted.endpoint import Endpoint, EndpointError, is_loopback

MOST_BYTES = 4_000_000
_BLOCK = 65_536


class Unanswered(EndpointError):
    """No whole answer came back: nothing listens, the line broke, or it took too long.

    Args:
        cause, remedy: as for every error of the course.
        sent: whether the server may have worked on the request, and may charge for it.
    """

    def __init__(self, cause: str, remedy: str, sent: bool):
        super().__init__(cause, remedy)
        self.sent = sent


@dataclass(frozen=True)
class Reply:
    """What a server sent.

    Attributes:
        status: HTTP status.
        text: the body.
        retry_after: its ``Retry-After`` header, as it came; empty if there was none.
        seconds: from the request to the end of the body.
    """

    status: int
    text: str = field(repr=False)
    retry_after: str = ""
    seconds: float = 0.0


class _Bounded(io.RawIOBase):
    """What comes from a socket until a moment; the socket's own limit would start anew with every byte."""

    def __init__(self, line: Any, until: float):
        self._line, self._stream, self._until = line, line.makefile("rb", buffering=0), until

    def readable(self) -> bool:
        return True

    def readinto(self, block: Any) -> int | None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._line.settimeout(left)
        return self._stream.readinto(block)

    def close(self) -> None:
        self._stream.close()
        super().close()

    def makefile(self, *_arguments: Any) -> io.BufferedReader:  # what an answer asks its socket for
        return io.BufferedReader(self)


class _Timed(urllib.request.HTTPHandler, urllib.request.HTTPSHandler):
    """Opens connections whose answers, headers included, have come by a moment."""

    def __init__(self, until: float):
        super().__init__()
        self._until = until

    def http_open(self, request: urllib.request.Request) -> Any:
        return self.do_open(self._connected(http.client.HTTPConnection), request)

    def https_open(self, request: urllib.request.Request) -> Any:
        return self.do_open(self._connected(http.client.HTTPSConnection), request)

    def _connected(self, kind: type[http.client.HTTPConnection]) -> Any:
        def connect(host: str, **options: Any) -> http.client.HTTPConnection:
            line = kind(host, **options)
            line.response_class = lambda sock, **more: http.client.HTTPResponse(_Bounded(sock, self._until), **more)
            return line

        return connect


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the key would be sent on to an address that nobody has checked."""

    def redirect_request(self, *_arguments: Any) -> None:
        return None


def send(endpoint: Endpoint, path: str, body: Mapping[str, Any] | None = None) -> Reply:
    """Send one request: POST with a body, GET without.

    The answer has to be whole when the time is over, however slowly it trickles in.

    Args:
        endpoint: where to, with the key and the seconds allowed.
        path: what follows the address, such as ``/chat/completions``.
        body: JSON values.

    Raises:
        Unanswered: no whole answer came back.
        EndpointError: the answer is larger than any answer should be.
    """
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(endpoint.url.rstrip("/") + path, data, {"Content-Type": "application/json"})
    if endpoint.key:
        request.add_unredirected_header("Authorization", f"Bearer {endpoint.key.reveal()}")
    local = is_loopback(urlsplit(endpoint.url).hostname or "")
    began = time.monotonic()
    until = began + endpoint.seconds
    opener = urllib.request.build_opener(_Stay, _Timed(until), *([urllib.request.ProxyHandler({})] if local else []))
    try:
        try:
            response = opener.open(request, timeout=endpoint.seconds)
        except urllib.error.HTTPError as error:
            response = error  # an answer, too: its status says what to do
        with response:
            text = _read(response)
            return Reply(response.status, text, response.headers.get("Retry-After") or "", time.monotonic() - began)
    except (OSError, http.client.HTTPException) as error:
        raise _unanswered(endpoint, error) from None  # the original holds the request with the key


def _read(response: Any) -> str:
    blocks, size = [], 0
    while block := response.read1(_BLOCK):
        blocks.append(block)
        size += len(block)
        if size > MOST_BYTES:
            raise EndpointError(
                f"The answer is longer than {MOST_BYTES:,} bytes.", "Check the address of the endpoint."
            )
    return b"".join(blocks).decode("utf-8", "replace")


def _unanswered(endpoint: Endpoint, error: Exception) -> Unanswered:
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError):
        cause = f"The endpoint did not answer within {endpoint.seconds:g} seconds."
        return Unanswered(cause, "Ask for less, raise Endpoint.seconds, or try again later.", True)
    if isinstance(reason, ConnectionRefusedError):
        return Unanswered("Nothing listens at the endpoint.", "Start the server, or check COURSE_ENDPOINT.", False)
    said = endpoint.key.hide(f"{type(reason).__name__}: {reason}")[:200]
    sent = not isinstance(error, urllib.error.URLError)  # that one comes before the request has left
    return Unanswered(f"The endpoint cannot be reached ({said}).", "Check the network and COURSE_ENDPOINT.", sent)
