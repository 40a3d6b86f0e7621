"""The engine of Dask: units go to the workers of a scheduler, or of a cluster of processes on this machine."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

from twofront.ensemble.engines.engine import Listener, as_finished
from twofront.ensemble.engines.worker import OtherVersion, packed, unit_of
from twofront.ensemble.manifest import code_hash
from twofront.ensemble.model import Model, Sampling
from twofront.ensemble.place import is_url, reason
from twofront.ensemble.store import FOLDER, part_name
from twofront.ensemble.units import CannotWrite, Job, Range, Report
from twofront.faults import UserError

__all__ = ["Cluster", "open_cluster"]

_CONNECT_SECONDS = 10.0
_WORKERS_SECONDS = 60.0
"""How long to wait for a first worker, and for another one after the last has gone."""


class Cluster:
    """The workers of a Dask scheduler. Dask itself gives the units of a worker that is gone to another."""

    name = "dask"

    def __init__(self, client: Any, where: str, patience: float = _WORKERS_SECONDS) -> None:
        self._client = client
        self._where = where
        self._patience = patience
        self._lonely_since: float | None = None

    @property
    def workers(self) -> int:
        """Threads of all workers there are now."""
        return sum(self._client.nthreads().values())

    def evaluate(self, job: Job, ready: tuple[Model, Sampling], units: Iterable[Range], listener: Listener) -> None:
        """See `Engine`."""
        message = packed(job)
        started = time.monotonic()
        known = [started, max(1, self.workers)]

        def width() -> int:
            if listener.enough():
                return 0
            if time.monotonic() - known[0] > 1.0:  # clusters grow and shrink
                known[:] = time.monotonic(), max(1, self.workers)
            return 2 * int(known[1])

        def submit(unit: Range) -> Any:
            return self._client.submit(unit_of, *message, *unit, pure=False)

        def waiting() -> None:
            listener.waiting()
            self._check_company()

        under_way: dict[Range, Any] = {}
        try:
            for (lo, hi), future in as_finished(_noted(submit, under_way), units, width, waiting):
                del under_way[lo, hi]
                report = self._report(job, lo, hi, future)
                listener.advanced(hi - lo)
                listener.finished(report)
        finally:
            if under_way and self._client.status == "running":
                self._client.cancel(list(under_way.values()), force=True)

    def check_versions(self) -> None:
        """Raise `UserError` unless every worker has this version of twofront."""
        import twofront

        mine = (twofront.__version__, code_hash())
        others = {address: found for address, found in self._client.run(_asker()).items() if tuple(found) != mine}
        if others:
            address, (version, code) = next(iter(others.items()))
            has = "no twofront" if version is None else f"twofront {version} with code {code[:12]}"
            more = f" (and {len(others) - 1} more like it)" if len(others) > 1 else ""
            raise UserError(
                f"{self._where}: the worker {address} has {has}{more}, and here it is twofront {mine[0]} with code "
                f"{mine[1][:12]}; results would not be the same: install one version everywhere"
            )

    def _report(self, job: Job, lo: int, hi: int, future: Any) -> Report:
        from distributed import CancelledError, KilledWorker

        try:
            report: Report = future.result()
        except CannotWrite:
            raise
        except OtherVersion as error:
            raise UserError(
                f"{self._where}: {error}; install one version everywhere, then go on with --resume"
            ) from None
        except KilledWorker as error:
            why = f"futures {lo} to {hi - 1}: the workers that evaluate them die ({error}); too little memory?"
            return Report(lo, hi, error=why)
        except (CancelledError, OSError) as error:
            raise UserError(
                f"{self._where}: the connection to the scheduler was lost ({reason(error)}); "
                "what is finished is kept: go on with --resume"
            ) from None
        except Exception as error:  # the worker could not even begin: another Python, a library that lacks
            return Report(lo, hi, error=f"futures {lo} to {hi - 1}: {type(error).__name__}: {error}")
        if report.done is not None and job.folder is not None:
            part = job.folder / FOLDER / part_name(lo, hi)
            if not part.exists():
                shared = "a URL that both can reach" if is_url(part) else "a folder that all machines share, or a URL"
                raise CannotWrite(f"{part}: a worker has written it, but it is not to be seen here; name {shared}")
        return report

    def _check_company(self) -> None:
        """Raise `UserError` if there has been no worker for too long."""
        if self._client.status not in ("running", "connecting"):
            raise UserError(
                f"{self._where}: the connection to the scheduler was lost; what is finished is kept: "
                "go on with --resume"
            )
        now = time.monotonic()
        if self._client.scheduler_info(n_workers=-1)["workers"]:
            self._lonely_since = None
        elif self._lonely_since is None:
            self._lonely_since = now
        elif now - self._lonely_since > self._patience:
            raise UserError(
                f"{self._where}: no worker for {self._patience:.0f} s; what is finished is kept: "
                "start workers and go on with --resume"
            )


@contextmanager
def open_cluster(scheduler: str | None, workers: int, *, patience: float = _WORKERS_SECONDS) -> Generator[Cluster]:
    """Connect to a scheduler, or start one with so many processes. Raises `UserError` where that fails."""
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise UserError("the engine dask is not installed; install it: pip install 'twofront[cluster]'") from None
    with ExitStack() as stack, _quiet():
        if scheduler is None:
            where = "Dask on this machine"
            start: Any = LocalCluster
            cluster = start(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address=None,
                memory_limit=None,
                silence_logs=logging.CRITICAL,
            )
            stack.enter_context(cluster)
            client = stack.enter_context(Client(cluster, set_as_default=False))
        else:
            where = scheduler
            client = stack.enter_context(_connected(Client, scheduler))
            if not client.scheduler_info()["workers"]:
                try:
                    client.wait_for_workers(1, timeout=patience)
                except TimeoutError:
                    raise UserError(
                        f"{scheduler}: the scheduler has no workers (waited {patience:.0f} s); start some: "
                        f"dask worker {scheduler}"
                    ) from None
        found = Cluster(client, where, patience)
        found.check_versions()
        yield found


def _connected(client: Any, scheduler: str) -> Any:
    try:
        # In a thread, for a notebook has an event loop of its own.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, _answer(scheduler)).result()
        return client(scheduler, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        why = f" ({error})" if str(error) else ""
        raise UserError(
            f"{scheduler}: no Dask scheduler answers within {_CONNECT_SECONDS:.0f} s{why}; is it running, and is the "
            "address such as tcp://host:8786? `dask scheduler` starts one"
        ) from None


async def _answer(scheduler: str) -> None:
    """Return when a scheduler answers at this address. Dask's client waits for ever on a port that says nothing."""
    from distributed import rpc
    from distributed.security import Security

    async with asyncio.timeout(_CONNECT_SECONDS):
        asked: Any = rpc(scheduler, connection_args=Security().get_connection_args("client"))
        try:
            await asked.identity()
        finally:
            await asked.close_rpc()


def _noted(submit: Callable[[Range], Any], under_way: dict[Range, Any]) -> Callable[[Range], Any]:
    def noting(unit: Range) -> Any:
        future = under_way[unit] = submit(unit)
        return future

    return noting


def _asker() -> Callable[[], tuple[str | None, str]]:
    """A question that travels by value, so that a worker with another twofront, or none, can answer it."""

    def asked() -> tuple[str | None, str]:
        try:
            import twofront
        except ImportError:
            return None, ""
        try:
            from twofront.ensemble.manifest import code_hash as theirs
        except ImportError:
            return twofront.__version__, "unknown"
        return twofront.__version__, theirs()

    return asked


@contextmanager
def _quiet() -> Generator[None]:
    """Dask logs what is said here in a sentence."""
    logger = logging.getLogger("distributed")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
