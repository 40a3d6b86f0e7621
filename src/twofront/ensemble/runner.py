"""`run`: draw futures of a case, evaluate them under every policy, and leave a run folder."""

from __future__ import annotations

import hashlib
import json
import platform
import resource
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twofront.ensemble import hashing, paths
from twofront.ensemble.convergence import Convergence, Goal, Standing, to_watch
from twofront.ensemble.engines import Engine, open_engine
from twofront.ensemble.execute import CannotWrite, Execution, Progress
from twofront.ensemble.folder import RunFolder, claim, reopen
from twofront.ensemble.keeping import kept_outcomes
from twofront.ensemble.manifest import SCHEMA, code_hash, versions, write_manifest
from twofront.ensemble.model import Model, Sampling
from twofront.ensemble.opened import Run, RunWarning, open_run
from twofront.ensemble.place import locked, reason
from twofront.ensemble.plan import plan
from twofront.ensemble.recipe import recipe_from, recipe_of
from twofront.ensemble.resume import Earlier, Stock
from twofront.ensemble.store import Layout
from twofront.ensemble.units import Recipe
from twofront.faults import UserError

if TYPE_CHECKING:
    from twofront.case import Case, Revision
    from twofront.engine.executor import Executor

__all__ = ["RunInterrupted", "RunStopped", "evaluate_into", "peak_bytes", "run"]

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


def run(
    case: Case | str | Path | None = None,
    futures: int | None = None,
    policies: Sequence[str] | None = None,
    seed: int | None = None,
    out: str | Path | None = None,
    *,
    fixed: Mapping[str, float] | None = None,
    structures: Mapping[str, str] | None = None,
    sampling: str | None = None,
    until: str | None = None,
    until_for: Sequence[str] | None = None,
    revision: Revision | None = None,
    policy_files: Sequence[str | Path] = (),
    keep: Sequence[str] | None = None,
    resume: str | Path | None = None,
    engine: str = "threads",
    scheduler: str | None = None,
    workers: int | None = None,
    unit: int | None = None,
    force: bool = False,
    executor: Executor = "compiled",
    progress: Callable[[Progress], None] | None = None,
) -> Run:
    """Evaluate `futures` draws of a case (10,000 by default) under its policies and write a run folder.

    The present course is always among the policies, and every policy meets the same draws. `seed` is 1 by default.
    `fixed` holds parameters at a value and `structures` holds rival laws at one of them. `sampling` is how the draws
    are spread: random, latin or sobol (`twofront.parameters.designs`). `until` stops the run, before `futures` are
    done, with the unit that makes the 95% intervals of the watched outcomes' means and of their differences from the
    present course narrow enough: `0.5%` of the value or `0.2pp` (percentage points); see
    `twofront.ensemble.convergence`. `until_for` names the watched outcomes. `revision` strikes or regrades evidence
    before the ranges are derived; it needs the case by name or folder. `policy_files` hold policies beside those of
    the case (`twofront.case.policy_file`).

    `keep` names the outcomes that get a column (names, patterns, `core`, `all`); by default all, and the core ones of
    a run whose values would take more than about 4 GB. What is watched is kept beside them, and all are hashed. `out`
    is a folder or a URL that fsspec understands; `runs/<case>-<n>` by default.

    `resume` is the folder or URL of a run that ended early. It goes on as it was begun: case, seed and all else that
    the values depend on come from its manifest, parts that are whole are kept, and the hash is that of a run that was
    never interrupted.

    `engine` is `threads`, `processes` or `dask`, the last with the address of a `scheduler` or with workers on this
    machine. Nothing in the results depends on `engine`, `workers` or `unit`. In a script, processes and Dask need
    the call to stand under ``if __name__ == "__main__":``.

    Raises `RunInterrupted` after Ctrl-C and `RunStopped` if the folder can take no more or the workers are gone; both
    keep what is done.
    """
    if futures is not None and futures <= 0:
        raise UserError(f"{futures} futures asked for; give a number of at least 1")
    if unit is not None and unit <= 0:
        raise UserError(f"units of {unit} futures asked for; give a number of at least 1")
    if seed is not None and not 0 <= seed < 1 << 64:
        raise UserError(f"seed {seed}: give a whole number from 0 to 2**64 - 1")
    if case is None and resume is None:
        raise UserError("no case given: name one (`twofront cases` lists those bundled), or a run to resume")
    goal = None if until is None else Goal.read(until)
    crew = open_engine(engine, workers, scheduler)
    if resume is not None:
        if out is not None or force:
            raise UserError(f"{resume}: a run is resumed where it is; leave out {'--force' if force else '--out'}")
        earlier = Earlier(resume)
        earlier.check_given(
            futures=futures,
            seed=seed,
            unit=unit,
            sampling=sampling,
            until=until if goal is None else goal.text,
            watched=until_for,
            policies=policies,
            fixed=fixed,
            structures=structures,
            revision=revision.to_json() if revision else None,
            keep=keep,
            policy_files=policy_files,
        )
        earlier.check_case(case)
        with locked(earlier.folder):
            return _go_on(earlier, case, crew, progress)
    assert case is not None
    recipe = recipe_of(
        case,
        executor=executor,
        policies=policies,
        seed=1 if seed is None else seed,
        sampling="random" if sampling is None else sampling,
        fixed=fixed or {},
        structures=structures or {},
        revision=revision,
        policy_files=policy_files,
    )
    recipe.sampler()  # what is wrong with its arguments is told before anything is made
    with crew as open_crew:
        folder = claim(out, recipe.case.name, force=force)
        try:
            if open_crew.name != "threads":
                folder.check_seen_by_others()
            began = time.perf_counter()
            model, sampler = recipe()
            prepared = time.perf_counter() - began
        except BaseException:
            folder.discard_if_made()
            raise
        with locked(folder.path):
            return evaluate_into(
                folder,
                model,
                sampler,
                10_000 if futures is None else futures,
                recipe.to_json(),
                workers=open_crew.workers,
                unit=unit,
                keep=keep,
                engine=open_crew,
                recipe=recipe,
                prepared=prepared,
                progress=progress,
                goal=goal,
                watched=until_for,
            )


def _go_on(
    earlier: Earlier,
    given: Case | str | Path | None,
    crew: AbstractContextManager[Engine],
    progress: Callable[[Progress], None] | None,
) -> Run:
    """Finish an earlier run, with the case as given or found again."""
    manifest, folder = earlier.manifest, earlier.folder
    stock = earlier.stock()
    if manifest["complete"] and not stock.missing and not stock.spoilt:
        warnings.warn(f"{folder}: is complete; nothing is left to do", RunWarning, stacklevel=3)
        return open_run(folder)
    earlier.check_code()
    recipe = recipe_from(manifest, given)
    if recipe.case.hash != manifest["case_hash"]:
        raise UserError(
            f"{folder}: was begun with the case {manifest['case']} as {manifest['case_hash'][:12]}, and it is "
            f"{recipe.case.hash[:12]} now; restore the case to go on, or start again: --out DIR"
        )
    for name, why in stock.spoilt.items():
        warnings.warn(f"{folder}/{name}: done again, since {why}; all others are kept", RunWarning, stacklevel=3)
    until = manifest["until"]
    reopened = reopen(folder)
    with crew as open_crew:
        if open_crew.name != "threads":
            reopened.check_seen_by_others()
        began = time.perf_counter()
        model, sampler = recipe()
        return evaluate_into(
            reopened,
            model,
            sampler,
            manifest["futures"] if until is None else until["most_futures"],
            recipe.to_json(),
            workers=open_crew.workers,
            unit=manifest["unit"],
            keep=manifest["outcomes"],
            stock=stock,
            engine=open_crew,
            recipe=recipe,
            prepared=time.perf_counter() - began,
            progress=progress,
            goal=None if until is None else Goal.read(until["asked"]),
            watched=manifest["watched"],
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
    keep: Sequence[str] | None = None,
    stock: Stock | None = None,
    engine: Engine | None = None,
    recipe: Recipe | None = None,
    prepared: float = 0.0,
    progress: Callable[[Progress], None] | None = None,
    goal: Goal | None = None,
    watched: Sequence[str] | None = None,
) -> Run:
    """Evaluate the futures 0 to `futures - 1` of any model into `folder`; `about` opens the manifest.

    With a `goal`, fewer where enough; units are then one hash block each, so that the stop is the same for any
    number of workers. With a `stock`, the folder holds an earlier run, and only what that lacks is evaluated.
    """
    began = time.perf_counter()
    uncertain = tuple(sampler.parameter_names[row] for row in sampler.uncertain)
    stored = futures * len(model.policy_names) * len(uncertain) <= _MOST_STORED_INPUTS
    try:
        names = to_watch(model.outcome_names, watched, goal)
        kept = kept_outcomes(keep, model.outcome_names, futures * len(model.policy_names), beside=names)
    except UserError:
        folder.discard_if_made()
        raise
    layout = Layout(
        tuple(model.policy_names),
        tuple(model.outcome_names),
        tuple(model.status_names),
        tuple((name, tuple(options)) for name, options in sampler.structure_options.items()),
        uncertain if stored else (),
        kept,
    )
    path_values = len(layout.policies) * len(model.path_names) * len(model.path_months)
    cut = plan(
        futures,
        len(layout.policies),
        workers,
        path_values=path_values,
        outcomes=len(layout.outcomes),
        unit=hashing.BLOCK if goal is not None and unit is None else unit,
        block=block,
        only=None if stock is None else stock.missing,
    )
    watch = Convergence(layout, watched=names, design=about.get("sampling", "random"), goal=goal)
    stamp = _stamp({**about, "code_hash": code_hash(), "policies": layout.policies, "kept": layout.stored})
    work = Execution(model, sampler, cut, layout, folder.path, workers, watch, engine, recipe, stamp)

    def manifest(*, finished: bool) -> dict[str, Any]:
        wanted = watch.stop_at or futures
        whole = finished and work.kept == wanted
        digests = [digest for unit in work.units for digest in unit.digests]
        sampled = cut.path_futures if finished and (folder.path / paths.FILE).exists() else 0
        return {
            "schema": SCHEMA,
            **about,
            "complete": whole,
            "output_hash": hashing.output_hash(digests) if whole else None,
            "hash_block": hashing.BLOCK,
            "code_hash": code_hash(),
            "stamp": stamp,
            "versions": versions(),
            "futures": wanted,
            "unit": cut.unit,
            "until": None if goal is None else _until(goal, watch.standing, futures),
            "watched": names,
            "convergence": watch.standing.to_json(),
            "policies": list(layout.policies),
            "outcomes": list(layout.stored),
            **({} if layout.kept is None else {"hashed_outcomes": list(layout.outcomes)}),
            "parameters": list(uncertain),
            "inputs": "stored" if stored else "drawn again when read",
            "structures": {name: list(options) for name, options in layout.structures},
            "statuses": list(layout.statuses),
            "status_counts": {policy: dict(counts) for policy, counts in work.statuses.items()},
            "paths": {
                "names": list(model.path_names),
                "months": [int(month) for month in model.path_months],
                "futures": sampled,
            },
            "failed": [{"lo": item.lo, "hi": item.hi, "error": item.error} for item in work.failures],
            "remarks": list(work.remarks),
            "engine": engine.name if engine else "threads",
            "workers": workers,
            "seconds": {
                "prepare": round(prepared, 4),
                "run": round(time.perf_counter() - began, 4),
                "processor": {name: round(value, 4) for name, value in sorted(work.seconds.items())},
            },
            "stored_bytes": work.stored_bytes,
            "peak_bytes": peak_bytes(),
            "units": [item.to_json() for item in work.units],
        }

    stopped: UserError | None = None
    try:
        if stock is None:
            folder.empty()
        else:
            folder.clear(stock.spoilt)
            work.take_up(stock.whole)
        write_manifest(folder.path, manifest(finished=False))
        work.go(progress)
    except UserError as error:  # the folder can take no more, or the workers are gone
        stopped = error
    except OSError as error:
        stopped = CannotWrite(f"{folder.path}: cannot write ({reason(error)})")
    kept_futures = work.kept
    finished: Run | None = None
    if kept_futures or not (work.interrupted or stopped):
        try:
            write_manifest(folder.path, manifest(finished=True))
        except OSError as error:
            stopped = stopped or CannotWrite(f"{folder.path}: cannot write ({reason(error)})")
        finished = open_run(folder.path)
    else:
        folder.discard()
    for text in work.remarks:
        warnings.warn(text, RunWarning, stacklevel=3)
    told = (
        f"{kept_futures:,} of {futures:,} futures kept in {folder.path}"
        if kept_futures
        else "nothing was finished to keep"
    )
    again = f"`twofront run --resume {folder.path}` goes on" if kept_futures else ""
    if isinstance(stopped, CannotWrite):
        remedy = f"free some space there{f', then {again}' if again else ''}, or name another folder: --out DIR"
        raise RunStopped(finished, f"{stopped}; {told}; {remedy}") from stopped
    if stopped is not None:
        raise RunStopped(finished, f"{stopped}; {told}") from stopped
    if work.interrupted and kept_futures < (watch.stop_at or futures):
        raise RunInterrupted(finished, f"interrupted; {told}{f'; {again}' if again else ''}")
    assert finished is not None
    return finished


def _stamp(identity: Mapping[str, Any]) -> str:
    """One text for all that the values of a run depend on; not where its case lies."""
    named = {name: value for name, value in identity.items() if name != "case_source"}
    return hashlib.sha256(json.dumps(named, sort_keys=True, default=list).encode()).hexdigest()


def _until(goal: Goal, standing: Standing, most: int) -> dict[str, Any]:
    """What became of a goal, for the manifest."""
    return {
        "asked": goal.text,
        "most_futures": most,
        "reached": standing.reached,
        "widest": None if standing.widest is None else standing.widest.to_json(),
        "needed_futures": standing.needed,
    }


def peak_bytes() -> int:
    """The most memory that this process has held."""
    status = Path("/proc/self/status")
    if status.exists():
        # What `getrusage` says on Linux, a process takes over from the one that started it.
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if platform.system() == "Darwin" else peak * 1024
