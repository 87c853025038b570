"""Many processes for one task, on this machine or on a Dask cluster."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from importlib.util import find_spec
from typing import Any

import dask
from dask.distributed import Client, LocalCluster
from joblib import parallel_config

from model.errors import InvalidInput

#: Seconds until a scheduler must have answered, and then until its first worker must be there.
PATIENCE, FIRST_WORKER = 30, 30


@contextmanager
def cluster(scheduler: str | None = None, workers: int = 2) -> Iterator[Client]:
    """Open a cluster and yield its client; within, `joblib.Parallel()` runs on the cluster too.

    Parameters
    ----------
    scheduler
        Its address, such as `tcp://host:8786`. If left out, a cluster is started
        on this machine and stopped at the end.
    workers
        Processes of the cluster on this machine, one thread each.

    Raises
    ------
    InvalidInput
        If no scheduler answers, it has no worker, or one of them cannot import us.
    """
    # Dask logs the traceback of every mistake, three times over; ours is one sentence.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with _local(workers) if scheduler is None else nullcontext(scheduler) as address, _client(address) as client:
        _must_know_us({str(scheduler): client.run_on_scheduler(_has_us)})
        try:
            client.wait_for_workers(1, timeout=FIRST_WORKER)
        except TimeoutError as error:
            start = f"`python -m dask worker {scheduler} --nthreads 1`"
            raise InvalidInput(f"The scheduler at {scheduler} has no workers: start some with {start}.") from error
        _must_know_us(client.run(_has_us))
        with parallel_config(backend="dask", client=client, n_jobs=-1):
            yield client


# Travels as it stands: by its name, it could be found only where it says yes.
_has_us = lambda: find_spec("training") is not None  # noqa: E731


def _must_know_us(found: Mapping[str, bool]) -> None:
    """Refuse a cluster on which some process cannot import Belowline."""
    for place, known in found.items():
        if not known:
            raise InvalidInput(
                f"Belowline was not found at {place}: start schedulers and workers in its folder, "
                "with `python -m dask`."
            )


@contextmanager
def joblib_on(scheduler: str | None) -> Iterator[None]:
    """Run joblib on a scheduler's cluster, or as usual if none is named."""
    if scheduler is None:
        yield
        return
    with cluster(scheduler):
        yield


@contextmanager
def _local(workers: int) -> Iterator[LocalCluster]:
    """Start a Dask cluster on this machine, one process a worker."""
    # Dask has each freed array given back to the system at once; the page faults cost as much as the scoring.
    keep_memory = dask.config.set({"distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": None})
    with (
        keep_memory,
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            dashboard_address=None,
            # Whoever can talk to a scheduler can run code: other users of this machine must not.
            security=True,
            silence_logs=logging.CRITICAL,
        ) as found,
    ):
        yield found


@contextmanager
def _client(address: Any) -> Iterator[Client]:
    """Connect to a Dask scheduler."""
    try:
        client: Any = Client(address, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        raise InvalidInput(f"No Dask scheduler answers at {address!r}: {error}.") from error
    with client:
        yield client
