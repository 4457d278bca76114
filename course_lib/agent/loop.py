"""Wait for a run of the package's loop, and turn a guardrail that stops it from an exception into a value."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from agents import InputGuardrailTripwireTriggered, OutputGuardrailTripwireTriggered

Result = TypeVar("Result")


async def guarded(run: Awaitable[Any]) -> tuple[Any, str]:
    """Return a run's result and an empty text, or None and which guardrail stopped it, and why."""
    try:
        return await run, ""
    except (InputGuardrailTripwireTriggered, OutputGuardrailTripwireTriggered) as error:
        found = error.guardrail_result
        return None, f"{found.guardrail.get_name()}: {found.output.output_info}"


def finish(run: Coroutine[Any, Any, Result]) -> Result:
    """Wait for a run; in a thread of its own, because a notebook's thread has a loop already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, run).result()
