"""The other side of the benchmark: what the same future costs in other people's tools."""

from __future__ import annotations

import multiprocessing
import os
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from typing import Any, Final

import numpy as np

from twofront.engine.arrays import ArrayKernel
from twofront.engine.cplusplus import SourceKernel, compiler
from twofront.engine.executor import Kernel
from twofront.ensemble.benchmark import Sample, Setting
from twofront.ensemble.benchmark_rows import seconds
from twofront.future import FutureModel
from twofront.future.stage_calls import StageCalls, stage_calls
from twofront.parameters.sampling import Sampler

__all__ = ["CPlusPlus", "OnArrays", "Peers"]

NAN: Final = float("nan")
BLOCK: Final = 192
"""Futures of a block, as in a run."""
SUB_MODEL: Final = "forces"
TOGETHER: Final = 4096
"""Futures of a NumPy array: temporaries stay within a processor's caches."""
A_PROCESS: Final = 1
"""Futures that each process of the EMA workbench gets in a round; a plain future takes many seconds."""


class Peers:
    """The whole chain as a plain Python function of one future, alone and driven by the EMA workbench.

    Few futures: the time of each is the same, so the rate of many is that of these.
    """

    def __init__(self, setting: Setting) -> None:
        self.workers = setting.workers
        self.model = FutureModel(setting.case, policies=[], executor="floats")
        self.model.prepare()
        self.sampler = Sampler(setting.case, 1)
        self.draws = self.sampler.draw(0, 1)
        try:
            import ema_workbench  # pyright: ignore
        except ImportError:
            self.peer: Any = None
        else:
            self.peer = ema_workbench
            self.wrapped = self._wrapped()

    def future(self) -> Any:
        """One future under the present course."""
        return self.model.evaluate(self.draws.values, self.draws.structures, paths=False)

    def round(self) -> Iterator[Sample]:
        """One future by itself; one by one evaluator, some by the other."""
        yield Sample("plain Python", "futures/s", 1 / seconds(self.future), "1 policy, 1 future, 1 process")
        names = ("EMA workbench, sequential", "EMA workbench, multiprocessing")
        if self.peer is None:
            for name in names:
                yield Sample(name, "futures/s", NAN, "not installed: pip install 'twofront[peers]'")
            return
        version = metadata.version("ema_workbench")
        rate = 1 / seconds(lambda: self.peer.perform_experiments(self.wrapped, scenarios=1))
        yield Sample(names[0], "futures/s", rate, f"{version}, the same Python future, 1 experiment")
        if multiprocessing.get_start_method() != "fork":
            yield Sample(names[1], "futures/s", NAN, "needs processes that are forked; not on this system")
            return
        count = A_PROCESS * self.workers
        with self.peer.MultiprocessingEvaluator(self.wrapped, n_processes=self.workers) as evaluator:
            rate = count / seconds(lambda: evaluator.perform_experiments(scenarios=count))
        yield Sample(names[1], "futures/s", rate, f"{version}, {self.workers} processes, {count} experiments")

    def _wrapped(self) -> Any:
        """The model as a user of the workbench writes it: a Python function from uncertainties to outcomes."""
        names, model, draws = self.sampler.parameter_names, self.model, self.draws
        outcomes = ("first", "second")

        def function(**given: float) -> dict[str, float]:
            values = draws.values.copy()
            for place in range(len(names)):
                values[place] = given.get(f"p{place}", values[place, 0])
            found = model.evaluate(values, draws.structures, paths=False).outcomes[0, :2, 0]
            return dict(zip(outcomes, map(float, found), strict=True))

        wrapped = self.peer.Model("peer", function=function)
        wrapped.uncertainties = [
            # About the same future: its draw, and so little beside it that no branch is another.
            self.peer.RealParameter(f"p{place}", value, value + abs(value) * 1e-6 + 1e-9)
            for place in self.sampler.uncertain
            for value in (float(draws.values[place, 0]),)
        ]
        wrapped.outcomes = [self.peer.ScalarOutcome(name) for name in outcomes]
        return wrapped


class OnArrays:
    """The path of forces without war, as equations over NumPy arrays of futures and as our kernel."""

    def __init__(self, setting: Setting) -> None:
        calls = _calls(setting)[SUB_MODEL]
        self.compiled = calls.kernel
        self.arrays = ArrayKernel(calls.kernel.stage)
        repeats = -(-TOGETHER // calls.inputs.shape[1])
        self.inputs = np.ascontiguousarray(np.tile(calls.inputs, repeats)[:, :TOGETHER])
        self.calls = calls

    def round(self) -> Iterator[Sample]:
        """Both, and how many times the one is as fast as the other."""
        found = np.empty((len(self.compiled.output_rows), TOGETHER))
        took = seconds(lambda: self.arrays.run(self.inputs, found, 0, TOGETHER, self.calls.uniform))
        name = f"{SUB_MODEL}, NumPy arrays"
        note = f"the law's own text on arrays of {TOGETHER:,} futures, as a user writes it; 1 thread"
        yield Sample(name, "futures/s", TOGETHER / took, note)
        block = np.empty((len(self.compiled.output_rows), self.calls.inputs.shape[1]))
        ours = seconds(lambda: self.calls.replay(self.compiled, block))
        yield Sample(f"{SUB_MODEL}, compiled", "futures/s", self.calls.futures / ours, "1 thread")
        yield Sample(f"{SUB_MODEL}, compiled by NumPy", "times", self.calls.futures / ours * took / TOGETHER)


class CPlusPlus:
    """Every stage's calls of one block under the present course, by our kernels and by a C++ compiler's."""

    def __init__(self, setting: Setting) -> None:
        self.calls: dict[str, StageCalls] = {}
        if compiler() is None:
            return
        self.calls = _calls(setting)
        jobs = [(name, fast) for name in self.calls for fast in (False, True)]

        def build(job: tuple[str, bool]) -> Kernel:
            return SourceKernel(self.calls[job[0]].kernel.stage, fast=job[1])

        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            kernels: list[Kernel] = []
            for (name, fast), kernel in zip(jobs, pool.map(build, jobs), strict=True):
                setting.told(f"c++: {name}, {'fast-math' if fast else 'strict'}")
                kernels.append(kernel)
        self.built = dict(zip(jobs, kernels, strict=True))

    def round(self) -> Iterator[Sample]:
        """By stage, C++'s time by ours (above 100%: ours is faster), and so for the whole chain."""
        if not self.calls:
            yield Sample("kernels by C++", "%", NAN, "no g++ on the path: install GNU C++ to measure it here")
            return
        whole: defaultdict[str, float] = defaultdict(float)
        ours: list[Sample] = []
        for name, calls in self.calls.items():
            kernels = {"ours": calls.kernel, "strict": self.built[name, False], "fast": self.built[name, True]}
            found = np.empty((len(calls.kernel.output_rows), calls.inputs.shape[1]))
            took: dict[str, float] = {}
            for kind, kernel in kernels.items():
                took[kind] = seconds(lambda kernel=kernel, calls=calls, found=found: calls.replay(kernel, found))
                whole[kind] += took[kind]
            ours.append(Sample(f"{name}, speed of strict C++", "%", 100 * took["strict"] / took["ours"]))
        note = "all stages, 1 policy, 1 thread"
        for kind, words in (("ours", "our kernels"), ("strict", "C++ strict"), ("fast", "C++ fast-math")):
            yield Sample(f"{words}, whole chain", "futures/s", BLOCK / whole[kind], note)
        for kind, words in (("strict", "strict"), ("fast", "fast-math")):
            share = 100 * whole[kind] / whole["ours"]
            yield Sample(f"whole chain, speed of {words} C++", "%", share, "above 100: ours is faster")
        yield from ours


def _calls(setting: Setting) -> dict[str, StageCalls]:
    draws = Sampler(setting.case, 1).draw(0, BLOCK)
    return stage_calls(FutureModel(setting.case, policies=[]), draws.values, draws.structures)
