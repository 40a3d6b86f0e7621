"""Speed of every executor on the same futures in one sitting, so that the ratios mean something.

Numbers of seconds belong to the machine and its moment; ratios between rows measured side by side travel better.
Rounds are interleaved: a disturbance meets all rows alike.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from twofront.ensemble.execute import Execution
from twofront.ensemble.folder import claim
from twofront.ensemble.plan import plan
from twofront.ensemble.runner import evaluate_into, peak_bytes
from twofront.ensemble.store import Layout

if TYPE_CHECKING:
    from twofront.case import Case
    from twofront.future import FutureModel
    from twofront.parameters.sampling import Sampler

__all__ = ["Measurement", "measure"]

ARRAY_FUTURES = 256
CACHE = "TWOFRONT_CACHE_DIR"


@dataclass
class Measurement:
    """One row: a rate or a time, measured some times."""

    name: str
    unit: str
    values: list[float] = field(default_factory=list)
    note: str = ""

    @property
    def least(self) -> float:
        """The smallest value."""
        return min(self.values)

    @property
    def median(self) -> float:
        """The middle value."""
        return statistics.median(self.values)

    @property
    def most(self) -> float:
        """The largest value."""
        return max(self.values)


class _Bench:
    def __init__(self, case: Case, futures: int, threads: int) -> None:
        self.case = case
        self.futures = futures
        self.threads = threads
        self.rows: dict[str, Measurement] = {}

    def add(self, name: str, unit: str, value: float, note: str = "") -> None:
        self.rows.setdefault(name, Measurement(name, unit, note=note)).values.append(value)

    def compiled(self, model: FutureModel, sampler: Sampler, threads: int) -> float:
        """Futures a second through the whole schedule, digests included, nothing written."""
        count = len(model.policy_names)
        cut = plan(self.futures, count, threads)
        structures = tuple(sampler.structure_options.items())
        layout = Layout(model.policy_names, model.outcome_names, model.status_names, structures, ())
        work = Execution(model, sampler, cut, layout, None, threads)
        return self.futures / _seconds(work.go)

    def written(self, model: FutureModel, sampler: Sampler) -> float:
        """Futures a second of a whole run: paths, hashing, writing."""
        with tempfile.TemporaryDirectory() as top:
            folder = claim(Path(top) / "run", self.case.name)
            about = {"case": self.case.name, "case_hash": self.case.hash, "case_source": "", "seed": sampler.seed}
            return self.futures / _seconds(
                lambda: evaluate_into(folder, model, sampler, self.futures, about, workers=self.threads)
            )

    def structures(self, model: FutureModel, sampler: Sampler, futures: int) -> tuple[float, float]:
        """Futures a second on one thread with every structure of war alike likely, and with contest success alone."""
        draws = sampler.draw(0, futures)
        rates: list[float] = []
        for mixed in (True, False):
            laws = draws.structures.copy()
            for row, choice in enumerate(self.case.structures):
                if choice.name.startswith("war."):
                    drawn = [place for place, weight in enumerate(choice.weights) if weight > 0]
                    number = np.arange(futures) * (row + 1) % len(drawn)
                    laws[row] = np.array(drawn)[number] if mixed else choice.options.index("contest_ratio")
            began = time.thread_time()
            model.evaluate(draws.values, laws, paths=False)
            rates.append(futures / (time.thread_time() - began))
        return rates[0], rates[1]

    def blocks(self, model: FutureModel, sampler: Sampler, futures: int) -> float:
        """Futures a second of one evaluation on one thread."""
        draws = sampler.draw(0, futures)
        return futures / _seconds(lambda: model.evaluate(draws.values, draws.structures, paths=False))


def measure(
    case: Case,
    *,
    futures: int = 4096,
    rounds: int = 3,
    threads: int = 2,
    told: Callable[[str], None] = lambda _: None,
) -> tuple[list[Measurement], dict[str, float]]:
    """Measure, and give the rows and the expanded operations per stage (and in total, a row of results)."""
    from twofront.future import FutureModel
    from twofront.parameters.sampling import Sampler

    bench = _Bench(case, futures, threads)
    sampler = Sampler(case, 1)
    with _own_cache():
        for cold in (True, False, False):
            told("compiling" if cold else "loading what was compiled")
            model = FutureModel(case)
            taken = _seconds(model.prepare)
            bench.add("prepare, nothing cached" if cold else "prepare, cached", "s", taken)
    every, one = FutureModel(case), FutureModel(case, policies=[])
    arrays, floats = (FutureModel(case, policies=[], executor=name) for name in ("arrays", "floats"))
    for ready in (every, one, arrays, floats):
        ready.prepare()
    policies = len(every.policy_names)
    peer = _workbench(floats, sampler)
    for number in range(rounds):
        told(f"round {number + 1} of {rounds}")
        for threads_now in sorted({1, threads}):
            word = "thread" if threads_now == 1 else "threads"
            rate = bench.compiled(one, sampler, threads_now)
            bench.add(f"compiled, 1 policy, {threads_now} {word}", "futures/s", rate)
            rate = bench.compiled(every, sampler, threads_now) * policies
            bench.add(f"compiled, {policies} policies, {threads_now} {word}", "rows/s", rate)
        rate = bench.written(every, sampler) * policies
        bench.add(f"whole run, {policies} policies, {threads} threads", "rows/s", rate, "paths, hash, files")
        bench.add("compiled, one call of 1024", "futures/s", bench.blocks(one, sampler, 1024), "1 policy, 1 thread")
        drawn, contest = bench.structures(one, sampler, 1024)
        bench.add("every structure of war alike", "futures/s", drawn, "1 policy, processor time of 1 thread")
        bench.add("contest success alone", "futures/s", contest, "the same futures")
        bench.add("cost of drawing structures", "times", contest / drawn, "of contest success alone")
        rate = bench.blocks(arrays, sampler, ARRAY_FUTURES)
        bench.add("NumPy executor, 1 thread", "futures/s", rate, f"1 policy, {ARRAY_FUTURES} futures")
        bench.add("plain Python, 1 thread", "futures/s", bench.blocks(floats, sampler, 1), "1 policy, 1 future")
        if peer is not None:
            version = metadata.version("ema_workbench")
            bench.add("EMA workbench, plain Python", "futures/s", 1 / _seconds(peer), f"{version}, 1 process")
    bench.add("most memory", "MB", peak_bytes() / 1e6, "of this process, all of the above")
    preparation = every.prepare()
    operations = {**preparation.operations, "a row": preparation.expanded_operations}
    return list(bench.rows.values()), operations


def _seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@contextmanager
def _own_cache() -> Generator[None]:
    """An empty cache of compiled stages for a while."""
    before = os.environ.get(CACHE)
    with tempfile.TemporaryDirectory() as folder:
        os.environ[CACHE] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ[CACHE]
            else:
                os.environ[CACHE] = before


def _workbench(model: FutureModel, sampler: Sampler) -> Callable[[], Any] | None:
    """One experiment of the EMA workbench on the plain Python model, as its users write it; None without it."""
    try:
        import ema_workbench  # pyright: ignore
    except ImportError:
        return None
    peer: Any = ema_workbench
    draws = sampler.draw(0, 1)
    named = dict(zip(sampler.parameter_names, draws.values[:, 0], strict=True))
    safe = {f"p{place}": (name, value) for place, (name, value) in enumerate(named.items())}

    def function(**given: float) -> dict[str, float]:
        values = draws.values.copy()
        for place, key in enumerate(safe):
            values[place] = given.get(key, values[place, 0])
        results = model.evaluate(values, draws.structures, paths=False)
        return dict(zip(("first", "second"), map(float, results.outcomes[0, :2, 0]), strict=True))

    wrapped = peer.Model("peer", function=function)
    wrapped.uncertainties = [
        peer.RealParameter(key, value, value + abs(value) * 1e-6 + 1e-9)
        for place, (key, (_, value)) in enumerate(safe.items())
        if place in sampler.uncertain
    ]
    wrapped.outcomes = [peer.ScalarOutcome("first"), peer.ScalarOutcome("second")]
    return lambda: peer.perform_experiments(wrapped, scenarios=1)
