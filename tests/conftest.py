"""No test may reach the network: every connection that would leave this machine fails and is reported."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Callable, Iterator

import pytest
from hypothesis import settings

# Set on import: the Hugging Face libraries read these once, when the first test module imports them.
os.environ.update(
    HF_HUB_OFFLINE="1",
    TRANSFORMERS_OFFLINE="1",
    HF_DATASETS_OFFLINE="1",
    HF_HUB_DISABLE_TELEMETRY="1",
    TOKENIZERS_PARALLELISM="false",
)

# A shared machine may stop a test for longer than any deadline; a test that hangs is caught by the whole run's limit.
settings.register_profile("course", deadline=None)
settings.load_profile("course")

_ATTEMPTS: list[str] = []


class NetworkBlocked(ConnectionError):
    """A test tried to leave the machine; an OSError, as without a network."""


def _is_local(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in (None, "", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(str(host).partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _refuse(host: object) -> None:
    if not _is_local(host):
        _ATTEMPTS.append(str(host))
        raise NetworkBlocked(f"A test tried to reach {host!r}; tests run without a network.")


def _guard_connection(original: Callable) -> Callable:
    def guarded(self: socket.socket, *arguments):
        address = arguments[-1]  # the last argument of connect(address) and of sendto(data[, flags], address)
        if self.family != getattr(socket, "AF_UNIX", None):
            _refuse(address[0])
        return original(self, *arguments)

    return guarded


def _guard_lookup(original: Callable) -> Callable:
    def guarded(host, *arguments, **options):
        _refuse(host)
        return original(host, *arguments, **options)

    return guarded


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Guard the whole session, so that the fixtures of modules and sessions are covered too."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, _guard_connection(getattr(socket.socket, name)))
        for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
            patch.setattr(socket, name, _guard_lookup(getattr(socket, name)))
        yield


@pytest.fixture(autouse=True)
def network_attempts(no_network: None) -> Iterator[list[str]]:
    """List the blocked hosts; fail the test if any is left, even where a library swallowed the error."""
    yield _ATTEMPTS
    left = list(_ATTEMPTS)
    _ATTEMPTS.clear()
    assert not left, f"The test tried to reach {', '.join(left)}."
