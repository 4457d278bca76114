"""Ask an endpoint politely: spaced requests, a few retries that wait as long as the server says, and a ceiling."""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from course_lib.hosted.ceiling import Ceiling, most_tokens
from course_lib.hosted.endpoint import KEY, MODEL, Endpoint, EndpointError
from course_lib.hosted.wire import Reply, Unanswered, send
from course_lib.visible import visible

AGAIN = (408, 409, 425, 429)  # and all of 500 and above
CHAT = "/chat/completions"
log = logging.getLogger(__name__)


class Refused(EndpointError):
    """The server turned a request away; ``status`` is its HTTP status."""

    def __init__(self, cause: str, remedy: str, status: int):
        super().__init__(cause, remedy)
        self.status = status


class Client:
    """Asks one endpoint under one ceiling.

    Args:
        endpoint: whom to ask.
        ceiling: what may be spent; shared by all who are given it.
        sleep, clock, chance: replaced in tests; ``chance`` gives numbers from 0 to 1.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        ceiling: Ceiling,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ):
        self.endpoint, self.ceiling = endpoint, ceiling
        self._sleep, self._clock, self._chance = sleep, clock, chance
        self._next = 0.0

    def ask(self, body: Mapping[str, Any], tokens_out: int) -> tuple[dict[str, Any], float]:
        """Ask for a chat completion.

        Args:
            body: the request without the model's name, the temperature and the limit of tokens.
            tokens_out: the most tokens that the answer may have.

        Returns:
            The server's answer, and the seconds that it took without the waiting.

        Raises:
            CeilingError: it could cost more than is left; then nothing was sent.
            Refused: the server does not take the request.
            EndpointError: no usable answer came after all attempts.
        """
        endpoint = self.endpoint
        full = {"model": endpoint.model, endpoint.limit_name: tokens_out, **body}
        if endpoint.temperature is not None:
            full["temperature"] = endpoint.temperature
        for attempt in range(1, endpoint.tries + 1):
            reserved = self.ceiling.reserve(most_tokens(full), tokens_out * int(body.get("n", 1)))
            self._wait_for_turn()
            try:
                reply = send(endpoint, CHAT, full)
            except Unanswered as error:
                if not error.sent:
                    self.ceiling.release(reserved)
                self._pause(attempt, error, "")
                continue
            if reply.status == 200:
                return self._settled(reply, reserved), reply.seconds
            self.ceiling.release(reserved)
            problem = self._problem(reply)
            if reply.status not in AGAIN and reply.status < 500:
                raise problem
            self._pause(attempt, problem, reply.retry_after)
        raise AssertionError("the last attempt returns or raises")

    def _wait_for_turn(self) -> None:
        early = self._next - self._clock()
        if early > 0:
            self._sleep(early)
        self._next = max(self._next, self._clock()) + self.endpoint.spacing

    def _pause(self, attempt: int, problem: EndpointError, retry_after: str) -> None:
        """Wait before the next attempt, or raise the problem if there is none or the wait is too long."""
        asked = seconds_of(retry_after)
        wait = max(asked, min(self.endpoint.patience, 2.0 ** (attempt - 1)) * (0.5 + self._chance() / 2))
        if attempt == self.endpoint.tries or asked > self.endpoint.patience:
            raise problem
        log.info("Attempt %d of %d: %s Waiting %.1f s.", attempt, self.endpoint.tries, problem.cause, wait)
        self._sleep(wait)

    def _settled(self, reply: Reply, reserved: float) -> dict[str, Any]:
        """Return the answer, and count what it cost; without a count of tokens, the most it can have cost stands."""
        try:
            answer = json.loads(reply.text)
            choices, usage = answer["choices"], answer.get("usage") or {}
            if not isinstance(choices, list) or not choices:
                raise TypeError("no choices")
            if usage:
                self.ceiling.settle(reserved, int(usage["prompt_tokens"]), int(usage["completion_tokens"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise EndpointError(
                f"The endpoint's answer is not a chat completion ({type(error).__name__}).",
                "Check that COURSE_ENDPOINT is an OpenAI-compatible address and ends with its version, such as /v1.",
            ) from None
        return answer

    def _problem(self, reply: Reply) -> Refused:
        said = visible(self.endpoint.key.hide(reply.text))[:200]
        remedy = {
            401: f"Set {KEY} to a key that is good for this endpoint.",
            403: f"Set {KEY} to a key that is good for this endpoint.",
            404: f"Check COURSE_ENDPOINT and {MODEL}: the server knows no such address or model.",
            429: "Raise Endpoint.spacing, or look at the limits of your account.",
        }.get(reply.status, "Read what the server says; a setting of the endpoint may not suit this model.")
        return Refused(f"The endpoint answered {reply.status}: {said}", remedy, reply.status)


def seconds_of(retry_after: str, now: datetime | None = None) -> float:
    """Return the seconds that a ``Retry-After`` header asks for; 0 if it says nothing that can be read (RFC 9110).

    Args:
        retry_after: a number of seconds, or a date.
        now: replaced in tests.
    """
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - (now or datetime.now(UTC))).total_seconds())
    except (TypeError, ValueError):
        return 0.0
