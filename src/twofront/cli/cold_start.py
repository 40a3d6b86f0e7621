"""From the start of a process to its first futures, phase by phase, in a process of its own.

`python -m twofront.cli.cold_start CASE` prints it. The steps are those of `twofront run`; what an earlier process
has left in the user's cache is used, so that the second of two measurements is that of a warm cache.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

from twofront.faults import UserError

__all__ = ["FUTURES", "ColdStart", "cold_start"]

_MODULE: Final = "twofront.cli.cold_start"
FUTURES: Final = 8
"""Of the first block: one vector of them on the widest processor."""


@dataclass(frozen=True, slots=True)
class ColdStart:
    """What a process took. ``phases``: seconds by name, in order."""

    phases: dict[str, float]
    processor: float
    """Processor seconds until everything was ready."""
    first_block: float
    """Seconds for the first `FUTURES` futures under every policy, kept series included."""
    warm: bool
    """Whether every stage was known: nothing was traced, nothing compiled."""

    @property
    def ready(self) -> float:
        """Seconds from the start of the process until the first futures could be evaluated."""
        return sum(self.phases.values())


def cold_start(case: str | Path, *, futures: int = FUTURES) -> ColdStart:
    """Start a process that goes as far as a first block of futures of a case. `UserError` if it fails."""
    began = time.monotonic()
    command = [sys.executable, "-m", _MODULE, str(case), repr(began), str(futures)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise UserError(f"a process that prepares {case} failed: {last[0]}")
    return ColdStart(**json.loads(done.stdout))


def _measure(case: str, began: float, futures: int) -> ColdStart:
    """Go through the steps of a run in this process, which has just begun."""
    phases: dict[str, float] = {}
    last = began

    def ended(phase: str) -> None:
        nonlocal last
        now = time.monotonic()
        phases[phase], last = now - last, now

    ended("interpreter")
    from twofront.cli.app import app

    app()
    ended("command")
    from twofront.case import load_case

    loaded = load_case(case)
    ended("case")
    import_module("twofront.ensemble.runner")  # a run loads it
    from twofront.future import FutureModel
    from twofront.parameters.sampling import Sampler

    ended("model's code")
    model = FutureModel(loaded)
    prepared = model.prepare()
    ended("kernels")
    drawn = Sampler(loaded, 1).draw(0, futures)
    ended("draws")
    processor = time.process_time()
    model.evaluate(drawn.values, drawn.structures)
    warm = prepared.cache_hit and prepared.trace_seconds == 0
    return ColdStart(phases, processor, time.monotonic() - last, warm)


def _told(found: ColdStart) -> str:
    rows = [f"{name:<14} {seconds * 1000:8.0f} ms" for name, seconds in found.phases.items()]
    rows.append(f"{'ready':<14} {found.ready * 1000:8.0f} ms ({found.processor * 1000:.0f} ms of processor)")
    rows.append(f"{'first block':<14} {found.first_block * 1000:8.0f} ms")
    rows.append("every stage was known" if found.warm else "some stage was traced or compiled")
    return "\n".join(rows)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        result = _measure(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
        print(json.dumps({name: getattr(result, name) for name in ColdStart.__slots__}))
    else:
        print(_told(cold_start(sys.argv[1] if len(sys.argv) > 1 else "rutte-2025")))
