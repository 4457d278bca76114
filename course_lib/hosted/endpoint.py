"""Where a hosted model is, which one it is, and the key that opens it: read from the environment, never shown."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from course_lib.errors import CourseError

URL, MODEL, KEY = "COURSE_ENDPOINT", "COURSE_ENDPOINT_MODEL", "COURSE_ENDPOINT_KEY"
HIDDEN = "[KEY]"


class EndpointError(CourseError):
    """An endpoint is not set up, cannot be reached, or does not answer as it should."""


class Key:
    """A secret that its own text does not give away: it prints as a mark, and has to be asked for by ``reveal``."""

    def __init__(self, secret: str = ""):
        """Keep the secret; empty where an endpoint wants none.

        Raises:
            EndpointError: it has characters that no key has, such as a line end from copying.
        """
        if not secret.isascii() or any(letter.isspace() or not letter.isprintable() for letter in secret):
            raise EndpointError(f"{KEY} has a space, a line end or an accented letter in it.", "Copy the key again.")
        self._secret = secret

    def __bool__(self) -> bool:
        return bool(self._secret)

    def __repr__(self) -> str:
        return f"Key({'hidden' if self else 'none'})"

    def __reduce__(self):
        raise TypeError("A key is not written to files.")

    def reveal(self) -> str:
        """Return the secret, for the one header that carries it."""
        return self._secret

    def hide(self, text: str) -> str:
        """Return a text in which the secret is replaced by a mark; a server may repeat it in its error message."""
        return text.replace(self._secret, HIDDEN) if self else text


@dataclass(frozen=True)
class Endpoint:
    """One model on one server, and how to treat it.

    Attributes:
        url: address up to and with the version, such as ``https://api.example.com/v1``.
        model: the server's name for the model.
        key: secret for the ``Authorization`` header.
        seconds: longest wait for an answer, in seconds.
        tries: attempts at one answer, the first included.
        patience: longest pause before another attempt, in seconds; a server that asks for more is given up on.
        spacing: least seconds between the starts of two requests.
        limit_name: what the server calls the limit of an answer's tokens: ``max_tokens``, or, on newer models,
            ``max_completion_tokens``.
        temperature: 0 for the likeliest token; None to leave it to the server, where a model refuses the setting.
    """

    url: str
    model: str
    key: Key = Key()
    seconds: float = 60.0
    tries: int = 4
    patience: float = 30.0
    spacing: float = 0.0
    limit_name: str = "max_tokens"
    temperature: float | None = 0.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise EndpointError(
                f"{URL} is no web address.", "Give the address up to the version, such as https://api.example.com/v1."
            )
        if parts.username or parts.password:
            raise EndpointError(f"{URL} has a name or a password in it.", f"Put the secret into {KEY} instead.")
        if self.key and parts.scheme == "http" and not is_loopback(parts.hostname):
            raise EndpointError(
                f"{URL} is not encrypted, so anybody on the way could read the key.", "Use its https address."
            )
        if self.tries < 1 or self.seconds <= 0:
            raise EndpointError("The endpoint has no attempt or no time.", "Give it at least one try and some seconds.")
        if not self.model.strip():
            raise EndpointError("The endpoint's model has no name.", f"Set {MODEL} to the server's name for it.")


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def load_endpoint(env: Mapping[str, str] | None = None) -> Endpoint | None:
    """Read the endpoint from ``COURSE_ENDPOINT``, ``COURSE_ENDPOINT_MODEL`` and ``COURSE_ENDPOINT_KEY``.

    Args:
        env: variables to read; the process environment if None.

    Returns:
        The endpoint; None if ``COURSE_ENDPOINT`` is not set.

    Raises:
        EndpointError: a value cannot be used.
    """
    env = os.environ if env is None else env
    if not env.get(URL):
        return None
    return Endpoint(env[URL].strip(), env.get(MODEL, ""), Key(env.get(KEY, "").strip()))
