"""Worker processes on this machine, with Dask (Rocklin 2015): the same calls reach the workers of a cluster."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeVar

from course_lib.errors import CourseError

if TYPE_CHECKING:
    from distributed import Client, Future

INSTALL = "python -m pip install -r requirements-extra.txt"
SECONDS = 300  # a slow machine takes that long to start two processes and load a model in each
Item = TypeVar("Item")
# The progress bars of several processes would write over each other. Read when a model library is first imported, and
# passed on to every worker.
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")


def dask_installed() -> bool:
    """Tell whether the optional package is there that runs functions on workers."""
    return find_spec("distributed") is not None


def parts_of(items: Sequence[Item], size: int) -> list[list[Item]]:
    """Cut items into parts of a size, in their order; the last one may be shorter.

    Raises:
        ValueError: the size is below 1.
    """
    if size < 1:
        raise ValueError(f"A part needs at least one item, not {size}.")
    return [list(items[start : start + size]) for start in range(0, len(items), size)]


def start_workers(count: int = 2, memory: str = "1GB") -> Client:
    """Start worker processes with one thread each, which nobody outside this machine can reach.

    Args:
        count: how many.
        memory: limit of each; a worker that comes near it is ended and started again.

    Returns:
        A client that hands work to them; end them with :func:`stop_workers`.

    Raises:
        CourseError: the optional package is missing, or the workers did not start.
    """
    if not dask_installed():
        raise CourseError("The package distributed is not installed.", f"Run `{INSTALL}`.")
    import logging
    import warnings

    import dask
    from distributed import Client, LocalCluster

    # A slow machine needs longer to start a process, or to answer while it loads a model, than the defaults allow.
    patience = {
        "distributed.comm.timeouts.connect": f"{SECONDS}s",
        "distributed.comm.timeouts.tcp": f"{SECONDS}s",
        "distributed.scheduler.worker-ttl": f"{10 * SECONDS}s",
    }
    dask.config.set(patience)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as: a firewall hides the address of this machine, not needed here
            cluster = LocalCluster(
                n_workers=count,
                threads_per_worker=1,
                memory_limit=memory,
                host="127.0.0.1",
                dashboard_address=None,
                death_timeout=SECONDS,
                silence_logs=logging.CRITICAL,  # a worker that is killed on purpose is no news
            )
        client = Client(cluster)
        client.wait_for_workers(count, timeout=SECONDS)
    except (OSError, TimeoutError, RuntimeError) as error:
        raise CourseError(
            f"The workers did not start: {error}.", "Free some memory, then restart the kernel and run all cells."
        ) from error
    return client


def stop_workers(client: Client) -> None:
    """End the workers of a client and everything that was started with them."""
    cluster = client.cluster
    client.close()
    cluster.close()


def warm_up(client: Client, function: Callable, *given: object) -> None:
    """Run a function once on every worker, so that each has loaded what it needs."""
    client.gather([client.submit(function, *given, workers=[one], pure=False) for one in process_ids(client)])


def process_ids(client: Client) -> dict[str, int]:
    """Return the process of each worker, by the worker's address."""
    return client.run(os.getpid)


def memory_of(client: Client) -> dict[str, int]:
    """Return the resident memory of each worker in bytes, by the worker's address."""
    import psutil

    return {address: psutil.Process(pid).memory_info().rss for address, pid in process_ids(client).items()}


def kill_busy_worker(client: Client, futures: Sequence[Future], seconds: float = SECONDS) -> dict[str, int]:
    """Wait until a worker has finished something and is at work again, and end its process as a crash would.

    Args:
        client: whose worker.
        futures: the work that was handed out.
        seconds: longest wait.

    Returns:
        ``killed``: its process; ``finished``: how many of the futures were done at that moment, on any worker;
        ``lost``: how many results went down with the worker.

    Raises:
        CourseError: there was no such moment, such as when everything was done at once.
    """
    import psutil

    processes, until = process_ids(client), time.monotonic() + seconds
    while time.monotonic() < until and any(not future.done() for future in futures):
        held: dict[str, int] = {}
        for addresses in client.who_has(list(futures)).values():
            for address in addresses:
                held[address] = held.get(address, 0) + 1
        busy = [address for address, keys in client.processing().items() if keys and held.get(address)]
        if busy:
            finished = sum(future.done() for future in futures)
            psutil.Process(processes[busy[0]]).kill()
            return {"killed": processes[busy[0]], "finished": finished, "lost": held[busy[0]]}
        time.sleep(0.01)
    raise CourseError("No worker could be ended in the middle of its work.", "Hand out more parts, or smaller ones.")
