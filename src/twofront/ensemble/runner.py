"""`run`: draw futures of a case, evaluate them under every policy, and leave a run folder."""

from __future__ import annotations

import os
import platform
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twofront.ensemble import hashing
from twofront.ensemble.convergence import Convergence, Goal, Standing, to_watch
from twofront.ensemble.execute import CannotWrite, Execution, Progress
from twofront.ensemble.folder import RunFolder, claim
from twofront.ensemble.manifest import SCHEMA, code_hash, versions, write_manifest
from twofront.ensemble.model import Model, Sampling
from twofront.ensemble.opened import Run, open_run
from twofront.ensemble.plan import plan
from twofront.ensemble.store import Layout
from twofront.faults import UserError

if TYPE_CHECKING:
    from twofront.case import Case, Revision
    from twofront.engine.executor import Executor

__all__ = ["RunInterrupted", "RunStopped", "evaluate_into", "peak_bytes", "run", "workers_here"]

_MOST_STORED_INPUTS = 40_000_000
"""Input values up to which they are stored in every row; beyond, they are drawn again when read."""


class RunInterrupted(KeyboardInterrupt):
    """Ctrl-C was pressed. `run` holds what was finished, or None if nothing was."""

    def __init__(self, run: Run | None, message: str) -> None:
        self.run = run
        super().__init__(message)


class RunStopped(CannotWrite):
    """The folder could take no more. `run` holds what was finished, or None if nothing was."""

    def __init__(self, run: Run | None, message: str) -> None:
        self.run = run
        super().__init__(message)


def workers_here() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run(
    case: Case | str | Path,
    futures: int = 10_000,
    policies: Sequence[str] | None = None,
    seed: int = 1,
    out: str | Path | None = None,
    *,
    fixed: Mapping[str, float] | None = None,
    structures: Mapping[str, str] | None = None,
    sampling: str = "random",
    until: str | None = None,
    until_for: Sequence[str] | None = None,
    revision: Revision | None = None,
    policy_files: Sequence[str | Path] = (),
    workers: int | None = None,
    unit: int | None = None,
    force: bool = False,
    executor: Executor = "compiled",
    progress: Callable[[Progress], None] | None = None,
) -> Run:
    """Evaluate `futures` draws of a case under its policies and write a run folder.

    The present course is always among the policies, and every policy meets the same draws. `fixed` holds
    parameters at a value and `structures` holds rival laws at one of them. `sampling` is how the draws are spread:
    random, latin or sobol (`twofront.parameters.designs`). `until` stops the
    run, before `futures` are done, with the unit that makes the 95% intervals of the watched outcomes' means and of
    their differences from the present course narrow enough: `0.5%` of the value or `0.2pp` (percentage points); see
    `twofront.ensemble.convergence`. `until_for` names the watched outcomes. `revision` strikes or regrades evidence
    before the ranges are derived; it needs the case by name or folder. `policy_files` hold policies beside those of
    the case (`twofront.case.policy_file`). Without `out`, the folder is `runs/<case>-<n>`. Nothing in the results
    depends on `workers` or `unit`.

    Raises `RunInterrupted` after Ctrl-C and `RunStopped` if the folder can take no more; both keep what is done.
    """
    from twofront.case import added_policies, load_case, policies_to_json, read_policies, with_policies
    from twofront.future import FutureModel
    from twofront.parameters.sampling import Sampler

    if futures <= 0:
        raise UserError(f"{futures} futures asked for; give a number of at least 1")
    if workers is not None and workers <= 0:
        raise UserError(f"{workers} workers asked for; give a number of at least 1")
    if unit is not None and unit <= 0:
        raise UserError(f"units of {unit} futures asked for; give a number of at least 1")
    if not 0 <= seed < 1 << 64:
        raise UserError(f"seed {seed}: give a whole number from 0 to 2**64 - 1")
    goal = None if until is None else Goal.read(until)
    if isinstance(case, str | Path):
        case = load_case(case, revision=revision)
    elif revision:
        raise UserError("a revision needs the case by its name or folder, or a case that was loaded with it")
    for path in policy_files:
        case = with_policies(case, read_policies(path, case))
    model = FutureModel(case, executor=executor, policies=policies)
    sampler = Sampler(case, seed, fixed=fixed, structures=structures, design=sampling)
    if goal is not None or until_for is not None:
        to_watch(model.outcome_names, until_for, goal)
    folder = claim(out, case.name, force=force)
    try:
        began = time.perf_counter()
        model.prepare()
        model.prepare_for(structures or {})
        prepared = time.perf_counter() - began
    except BaseException:
        folder.discard_if_made()
        raise
    about = {
        "case": case.name,
        "case_hash": case.hash,
        "case_source": _source(case),
        "revision": case.revision.to_json() if case.revision else None,
        "added_policies": policies_to_json(added_policies(case)),
        "seed": seed,
        "sampling": sampling,
        "fixed": dict(fixed or {}),
        "fixed_structures": dict(structures or {}),
        "weights": {item.name: list(item.weights) for item in case.structures},
        "levers": {name: dict(case.policy(name).levers) for name in model.policy_names},
        "executor": executor,
    }
    return evaluate_into(
        folder,
        model,
        sampler,
        futures,
        about,
        workers=workers or workers_here(),
        unit=unit,
        prepared=prepared,
        progress=progress,
        goal=goal,
        watched=until_for,
    )


def evaluate_into(
    folder: RunFolder,
    model: Model,
    sampler: Sampling,
    futures: int,
    about: Mapping[str, Any],
    *,
    workers: int,
    unit: int | None = None,
    block: int | None = None,
    prepared: float = 0.0,
    progress: Callable[[Progress], None] | None = None,
    goal: Goal | None = None,
    watched: Sequence[str] | None = None,
) -> Run:
    """Evaluate the futures 0 to `futures - 1` of any model into `folder`; `about` opens the manifest.

    With a `goal`, fewer where enough; units are then one hash block each, so that the stop is the same for any
    number of workers.
    """
    began = time.perf_counter()
    uncertain = tuple(sampler.parameter_names[row] for row in sampler.uncertain)
    stored = futures * len(model.policy_names) * len(uncertain) <= _MOST_STORED_INPUTS
    layout = Layout(
        tuple(model.policy_names),
        tuple(model.outcome_names),
        tuple(model.status_names),
        tuple((name, tuple(options)) for name, options in sampler.structure_options.items()),
        uncertain if stored else (),
    )
    path_values = len(layout.policies) * len(model.path_names) * len(model.path_months)
    unit = hashing.BLOCK if goal is not None and unit is None else unit
    cut = plan(futures, len(layout.policies), workers, path_values=path_values, unit=unit, block=block)
    try:
        watch = Convergence(layout, watched=watched, design=about.get("sampling", "random"), goal=goal)
    except UserError:
        folder.discard_if_made()
        raise
    work = Execution(model, sampler, cut, layout, folder.path, workers, watch)

    def manifest(*, finished: bool) -> dict[str, Any]:
        wanted = watch.stop_at or futures
        whole = finished and sum(unit.hi - unit.lo for unit in work.units) == wanted
        digests = [digest for unit in work.units for digest in unit.digests]
        return {
            "schema": SCHEMA,
            **about,
            "complete": whole,
            "output_hash": hashing.output_hash(digests) if whole else None,
            "hash_block": hashing.BLOCK,
            "code_hash": code_hash(),
            "versions": versions(),
            "futures": wanted,
            "until": None if goal is None else _until(goal, watch.standing, futures),
            "convergence": watch.standing.to_json(),
            "policies": list(layout.policies),
            "outcomes": list(layout.outcomes),
            "parameters": list(uncertain),
            "inputs": "stored" if stored else "drawn again when read",
            "structures": {name: list(options) for name, options in layout.structures},
            "statuses": list(layout.statuses),
            "status_counts": {policy: dict(counts) for policy, counts in work.statuses.items()},
            "paths": {
                "names": list(model.path_names),
                "months": [int(month) for month in model.path_months],
                "futures": work.path_futures,
            },
            "failed": [{"lo": item.lo, "hi": item.hi, "error": item.error} for item in work.failures],
            "workers": workers,
            "seconds": {
                "prepare": round(prepared, 4),
                "run": round(time.perf_counter() - began, 4),
                "processor": {name: round(value, 4) for name, value in sorted(work.seconds.items())},
            },
            "stored_bytes": work.stored_bytes,
            "peak_bytes": peak_bytes(),
            "units": [{"lo": item.lo, "hi": item.hi, "digests": list(item.digests)} for item in work.units],
        }

    stopped: CannotWrite | None = None
    try:
        folder.empty()
        write_manifest(folder.path, manifest(finished=False))
        work.go(progress)
    except CannotWrite as error:
        stopped = error
    except OSError as error:
        stopped = CannotWrite(f"{folder.path}: cannot write ({error.strerror or error})")
    kept = sum(unit.hi - unit.lo for unit in work.units)
    finished: Run | None = None
    if kept or not (work.interrupted or stopped):
        try:
            write_manifest(folder.path, manifest(finished=True))
        except OSError as error:
            stopped = stopped or CannotWrite(f"{folder.path}: cannot write ({error.strerror or error})")
        finished = open_run(folder.path)
    else:
        folder.discard()
    told = f"{kept:,} of {futures:,} futures kept in {folder.path}" if kept else "nothing was finished to keep"
    if stopped is not None:
        remedy = "free some space there or name another folder: --out DIR"
        raise RunStopped(finished, f"{stopped}; {told}; {remedy}") from stopped
    if work.interrupted and kept < (watch.stop_at or futures):
        raise RunInterrupted(finished, f"interrupted; {told}")
    assert finished is not None
    return finished


def _until(goal: Goal, standing: Standing, most: int) -> dict[str, Any]:
    """What became of a goal, for the manifest."""
    return {
        "asked": goal.text,
        "most_futures": most,
        "reached": standing.reached,
        "widest": None if standing.widest is None else standing.widest.to_json(),
        "needed_futures": standing.needed,
    }


def _source(case: Case) -> str:
    """How to find the case again: a bundled one by its name, any other by its folder."""
    from twofront.case import bundled_cases

    for name, folder in bundled_cases().items():
        if Path(folder).resolve() == case.folder.resolve():
            return name
    return str(case.folder.resolve())


def peak_bytes() -> int:
    """The most memory that this process has held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if platform.system() == "Darwin" else peak * 1024
