"""Who evaluates the units of a run: threads, processes, or the workers of a Dask cluster. Nothing in the results
depends on it.

An engine is opened, given a job and its units, and tells a listener what became of each. Workers write their own
parts.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from twofront.ensemble.engines.engine import Engine, Listener, workers_here
from twofront.ensemble.engines.threads import Threads
from twofront.faults import UserError, listed, nearest

__all__ = ["ENGINES", "Engine", "Listener", "open_engine", "workers_here"]

ENGINES = ("threads", "processes", "dask")


def open_engine(
    name: str = "threads", workers: int | None = None, scheduler: str | None = None
) -> AbstractContextManager[Engine]:
    """The engine of that name with so many workers (one per processor by default).

    `scheduler` is the address of a Dask scheduler; without one, Dask starts workers of its own on this machine.
    Raises `UserError` for a name that is none and for a scheduler that cannot be used.
    """
    if workers is not None and workers <= 0:
        raise UserError(f"{workers} workers asked for; give a number of at least 1")
    if name not in ENGINES:
        near = nearest(name, ENGINES)
        raise UserError(
            f"no engine `{name}`; " + (f"did you mean `{near}`?" if near else f"there are {listed(ENGINES)}")
        )
    if scheduler is not None and name != "dask":
        raise UserError(f"a scheduler is for the engine dask, and the engine is {name}; add --engine dask")
    if name == "threads":
        return Threads(workers or workers_here())
    if name == "processes":
        from twofront.ensemble.engines.processes import Processes

        return Processes(workers or workers_here())
    if scheduler is not None and workers is not None:
        raise UserError(
            f"{workers} workers asked for beside the scheduler {scheduler}; a cluster has the workers that it has"
        )
    from twofront.ensemble.engines.cluster import open_cluster

    return open_cluster(scheduler, workers or workers_here())
