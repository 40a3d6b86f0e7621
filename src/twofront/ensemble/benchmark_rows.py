"""Our own side of the benchmark: engines, structures, start and games."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from twofront.ensemble.benchmark import Sample, Setting
from twofront.ensemble.engines import ENGINES, open_engine
from twofront.ensemble.execute import Execution
from twofront.ensemble.folder import claim
from twofront.ensemble.plan import plan
from twofront.ensemble.recipe import recipe_of
from twofront.ensemble.runner import evaluate_into
from twofront.ensemble.store import FOLDER, Layout
from twofront.future import FutureModel
from twofront.parameters.sampling import Sampler

__all__ = ["Engines", "Games", "Start", "Structures"]

CACHE = "TWOFRONT_CACHE_DIR"
ALIKE = 768
"""Futures of a measurement by structure, on one thread."""
STARTED = 256
"""Futures of a run that is started to see how soon its first unit is there."""


def seconds(work: Callable[[], Any]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


class Engines:
    """Rates of the same futures by engine and number of workers, with and without paths, hashes and files."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.sampler = Sampler(setting.case, 1)
        self.one, self.every = FutureModel(setting.case, policies=[]), FutureModel(setting.case)
        for model in (self.one, self.every):
            model.prepare()
        self.recipe = recipe_of(
            setting.case,
            executor="compiled",
            policies=None,
            seed=self.sampler.seed,
            sampling="random",
            fixed={},
            structures={},
            revision=None,
            policy_files=(),
        )

    def round(self) -> Iterator[Sample]:
        """One and several threads: kernels with one policy and all, then whole runs."""
        several = self.setting.workers
        for model, unit in ((self.one, "futures/s"), (self.every, "rows/s")):
            count = len(model.policy_names)
            words = "1 policy" if count == 1 else f"{count} policies"
            rates = {n: self._kernels(model, n) * count for n in sorted({1, several})}
            for n, rate in rates.items():
                note = "all stages and digests, nothing written"
                yield Sample(f"kernels, {words}, {_counted(n)}", unit, rate, note)
            if several > 1:
                share = 100 * rates[several] / (several * rates[1])
                yield Sample(f"parallel efficiency, {words}, {several} threads", "%", share, "of as many times one")
        count = len(self.every.policy_names)
        for engine in ENGINES:
            if engine == "dask" and find_spec("distributed") is None:
                note = "not installed: pip install 'twofront[cluster]'"
                yield Sample(f"whole run, {count} policies, dask", "rows/s", float("nan"), note)
                continue
            for n in sorted({1, several}) if engine == "threads" else [several]:
                name = f"whole run, {count} policies, {_counted(n, engine)}"
                yield Sample(name, "rows/s", self._whole(engine, n) * count, "paths, hash, files; workers warm")

    def _kernels(self, model: FutureModel, threads: int) -> float:
        futures = self.setting.futures
        cut = plan(futures, len(model.policy_names), threads)
        structures = tuple(self.sampler.structure_options.items())
        layout = Layout(model.policy_names, model.outcome_names, model.status_names, structures, ())
        return futures / seconds(Execution(model, self.sampler, cut, layout, None, threads).go)

    def _whole(self, engine: str, workers: int) -> float:
        """Futures a second of a run by workers that have their kernels: that of a small run before is not counted."""
        setting = self.setting
        with open_engine(engine, workers) as crew:
            taken = 0.0
            for futures in (STARTED, setting.futures):
                with tempfile.TemporaryDirectory() as top:
                    folder = claim(Path(top) / "run", setting.case.name)
                    began = time.perf_counter()
                    evaluate_into(
                        folder,
                        self.every,
                        self.sampler,
                        futures,
                        self.recipe.to_json(),
                        workers=crew.workers,
                        engine=crew,
                        recipe=self.recipe,
                    )
                    taken = time.perf_counter() - began
        return setting.futures / taken


class Structures:
    """Rates with every structure of war alike likely, and with one of them everywhere."""

    def __init__(self, setting: Setting) -> None:
        self.case = setting.case
        self.model = FutureModel(setting.case, policies=[])
        self.model.prepare()
        self.draws = Sampler(setting.case, 1).draw(0, ALIKE)

    def round(self) -> Iterator[Sample]:
        """All alike; contest success everywhere; then one theatre's wars under each structure that it can draw."""
        note = "1 policy, processor time of 1 thread"
        yield Sample("every structure alike", "futures/s", self._rate({}), note)
        contest = self._rate({row: "contest_ratio" for row, _ in self._rows()})
        yield Sample("contest_ratio everywhere", "futures/s", contest, note)
        for row, drawn in self._rows():
            choice = self.case.structures[row]
            for place in drawn:
                law = choice.options[place]
                laws = {other: "contest_ratio" for other, _ in self._rows()} | {row: law}
                if law != "contest_ratio":
                    yield Sample(f"{choice.name} {law}", "futures/s", self._rate(laws), "contest_ratio elsewhere")

    def _rows(self) -> list[tuple[int, list[int]]]:
        return [
            (row, [place for place, weight in enumerate(choice.weights) if weight > 0])
            for row, choice in enumerate(self.case.structures)
            if choice.name.startswith("war.")
        ]

    def _rate(self, laws: dict[int, str]) -> float:
        structures = self.draws.structures.copy()
        for row, drawn in self._rows():
            options = self.case.structures[row].options
            dealt = np.array(drawn)[np.arange(ALIKE) * (row + 1) % len(drawn)]
            structures[row] = options.index(laws[row]) if row in laws else dealt
        began = time.thread_time()
        self.model.evaluate(self.draws.values, structures, paths=False)
        return ALIKE / (time.thread_time() - began)


class Start:
    """Fresh processes that run the case: how soon the first unit is there, and the most memory they held."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.cold = True

    def round(self) -> Iterator[Sample]:
        """With nothing cached in the first round only, since that compiles everything; with a cache in all."""
        name = "first unit on disk, nothing cached"
        with tempfile.TemporaryDirectory() as cache:
            if self.cold:
                self.cold = False
                taken, _ = self._start({**os.environ, CACHE: cache}, STARTED)
                yield Sample(name, "s", taken, f"a new process, {STARTED} futures, present course; once")
        self._start(dict(os.environ), STARTED)
        taken, _ = self._start(dict(os.environ), STARTED)
        yield Sample("first unit on disk, cached", "s", taken, "a new process; imports, case, kernels, files")
        futures = self.setting.futures
        _, memory = self._start(dict(os.environ), futures, "--workers", str(self.setting.workers))
        yield Sample("most memory of a run", "MB", memory, f"{futures:,} futures, {self.setting.workers} workers")

    def _start(self, environment: dict[str, str], futures: int, *more: str) -> tuple[float, float]:
        """Seconds to the first part, and the most megabytes held until the end."""
        case = self.setting.case
        with tempfile.TemporaryDirectory() as top, (Path(top) / "said").open("w+b") as said:
            out = Path(top) / "run"
            command = [
                sys.executable,
                "-m",
                "twofront",
                "run",
                str(case.folder),
                "--futures",
                str(futures),
                "--no-report",
            ]
            command += ["--futures", str(futures), "--policy", case.policies[0].name, "--out", str(out), *more]
            began = time.perf_counter()
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=said)
            taken = memory = float("nan")
            while process.returncode is None:
                if taken != taken and any((out / FOLDER).glob("*.parquet")):
                    taken = time.perf_counter() - began
                time.sleep(0.005)
                done, status, usage = os.wait4(process.pid, os.WNOHANG)
                if done:
                    process.returncode = os.waitstatus_to_exitcode(status)
                    memory = usage.ru_maxrss * (1.0 if sys.platform == "darwin" else 1024.0) / 1e6
            if process.returncode:
                said.seek(0)
                raise RuntimeError(f"{' '.join(command)} failed:\n{said.read().decode(errors='replace')[-2000:]}")
            return taken, memory


class Games:
    """A few rows of the benchmark of games (`twofront.games.benchmark`), which has rounds of its own."""

    def __init__(self, setting: Setting) -> None:
        from twofront.games.benchmark import measure

        self.rounds = iter(measure(rounds=setting.rounds, threads=setting.workers, games=1024, told=setting.told))

    def round(self) -> Iterator[Sample]:
        """Every family and solver once, and the peer."""
        for each in next(self.rounds):
            name = f"{each.family}: {each.how}" if each.family else each.how
            yield Sample(name, "games/s", each.rate, each.note)


def _counted(count: int, engine: str = "threads") -> str:
    one, more = {
        "threads": ("thread", "threads"),
        "processes": ("process", "processes"),
        "dask": ("process of Dask", "processes of Dask"),
    }[engine]
    return f"1 {one}" if count == 1 else f"{count} {more}"
