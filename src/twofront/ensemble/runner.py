"""`run`: draw futures of a case, evaluate them under every policy, and leave a run folder."""

from __future__ import annotations

import hashlib
import json
import platform
import resource
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twofront.ensemble import hashing, paths
from twofront.ensemble.engines import Engine, open_engine
from twofront.ensemble.execute import CannotWrite, Execution, Progress
from twofront.ensemble.folder import RunFolder, claim, reopen
from twofront.ensemble.keeping import kept_outcomes
from twofront.ensemble.manifest import SCHEMA, code_hash, versions, write_manifest
from twofront.ensemble.model import Model, Sampling
from twofront.ensemble.opened import Run, RunWarning, open_run
from twofront.ensemble.place import locked, reason
from twofront.ensemble.plan import plan
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


@dataclass(frozen=True)
class _CaseRecipe:
    """How a worker makes the model and the sampler of a run of a case."""

    case: Case
    executor: Executor
    policies: tuple[str, ...] | None
    seed: int
    fixed: Mapping[str, float]
    structures: Mapping[str, str]

    def sampler(self) -> Sampling:
        from twofront.parameters.sampling import Sampler

        return Sampler(self.case, self.seed, fixed=self.fixed, structures=self.structures)

    def __call__(self) -> tuple[Model, Sampling]:
        from twofront.future import FutureModel

        model = FutureModel(self.case, executor=self.executor, policies=self.policies)
        sampler = self.sampler()
        model.prepare()
        model.prepare_for(self.structures)
        return model, sampler


def run(
    case: Case | str | Path | None = None,
    futures: int | None = None,
    policies: Sequence[str] | None = None,
    seed: int | None = None,
    out: str | Path | None = None,
    *,
    fixed: Mapping[str, float] | None = None,
    structures: Mapping[str, str] | None = None,
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
    `fixed` holds parameters at a value and `structures` holds rival laws at one of them. `revision` strikes or
    regrades evidence before the ranges are derived; it needs the case by name or folder. `policy_files` hold policies
    beside those of the case (`twofront.case.policy_file`). `keep` names the outcomes that get a column (names,
    patterns, `core`, `all`); by default all, and the core ones of a run whose values would take more than about 4 GB.
    All are hashed. `out` is a folder or a URL that fsspec understands; `runs/<case>-<n>` by default.

    `resume` is the folder or URL of a run that ended early. It goes on as it was begun: case, seed and all else that
    the values depend on come from its manifest, parts that are whole are kept, and the hash is that of a run that was
    never interrupted.

    `engine` is `threads`, `processes` or `dask`, the last with the address of a `scheduler` or with workers on this
    machine. Nothing in the results depends on `engine`, `workers` or `unit`. In a script, processes and Dask need
    the call to stand under ``if __name__ == "__main__":``.

    Raises `RunInterrupted` after Ctrl-C and `RunStopped` if the folder can take no more; both keep what is done.
    """
    for name, number in (("futures", futures), ("unit", unit)):
        if number is not None and number <= 0:
            what = f"{number} futures asked for" if name == "futures" else f"units of {number} futures asked for"
            raise UserError(f"{what}; give a number of at least 1")
    if seed is not None and not 0 <= seed < 1 << 64:
        raise UserError(f"seed {seed}: give a whole number from 0 to 2**64 - 1")
    if case is None and resume is None:
        raise UserError("no case given: name one (`twofront cases` lists those bundled), or a run to resume")
    crew = open_engine(engine, workers, scheduler)
    if resume is not None:
        if out is not None or force:
            raise UserError(f"{resume}: a run is resumed where it is; leave out {'--force' if force else '--out'}")
        earlier = Earlier(resume)
        earlier.check("futures", futures, earlier.manifest["futures"])
        earlier.check("seed", seed, earlier.manifest["seed"])
        earlier.check("units of futures", unit, earlier.manifest["unit"])
        _check_same(earlier, case, policies, fixed, structures, revision, policy_files, keep)
        with crew as open_crew, locked(earlier.folder):
            return _go_on(earlier, case, open_crew, progress)
    assert case is not None
    recipe = _recipe(case, executor, policies, seed, fixed, structures, revision, policy_files)
    sampler = recipe.sampler()  # what is wrong with its arguments is told before anything is made
    with crew as open_crew:
        folder = claim(out, recipe.case.name, force=force)
        try:
            if open_crew.name != "threads":
                folder.check_seen_by_others()
            model, prepared = _prepared(recipe)
        except BaseException:
            folder.discard_if_made()
            raise
        with locked(folder.path):
            return evaluate_into(
                folder,
                model,
                sampler,
                10_000 if futures is None else futures,
                _about(recipe, model),
                workers=open_crew.workers,
                unit=unit,
                keep=keep,
                engine=open_crew,
                recipe=recipe,
                prepared=prepared,
                progress=progress,
            )


def _recipe(
    case: Case | str | Path,
    executor: Executor,
    policies: Sequence[str] | None,
    seed: int | None,
    fixed: Mapping[str, float] | None,
    structures: Mapping[str, str] | None,
    revision: Revision | None,
    policy_files: Sequence[str | Path],
) -> _CaseRecipe:
    from twofront.case import load_case, read_policies, with_policies
    from twofront.future import FutureModel

    if isinstance(case, str | Path):
        case = load_case(case, revision=revision)
    elif revision:
        raise UserError("a revision needs the case by its name or folder, or a case that was loaded with it")
    for path in policy_files:
        case = with_policies(case, read_policies(path, case))
    names = FutureModel(case, executor=executor, policies=policies).policy_names
    return _CaseRecipe(case, executor, names, 1 if seed is None else seed, dict(fixed or {}), dict(structures or {}))


def _prepared(recipe: _CaseRecipe) -> tuple[Model, float]:
    began = time.perf_counter()
    model, _ = recipe()
    return model, time.perf_counter() - began


def _about(recipe: _CaseRecipe, model: Model) -> dict[str, Any]:
    """What opens the manifest of a run of a case."""
    from twofront.case import added_policies, policies_to_json

    case = recipe.case
    return {
        "case": case.name,
        "case_hash": case.hash,
        "case_source": _source(case),
        "revision": case.revision.to_json() if case.revision else None,
        "added_policies": policies_to_json(added_policies(case)),
        "seed": recipe.seed,
        "fixed": dict(recipe.fixed),
        "fixed_structures": dict(recipe.structures),
        "weights": {item.name: list(item.weights) for item in case.structures},
        "levers": {name: dict(case.policy(name).levers) for name in model.policy_names},
        "executor": recipe.executor,
    }


def _check_same(
    earlier: Earlier,
    case: Case | str | Path | None,
    policies: Sequence[str] | None,
    fixed: Mapping[str, float] | None,
    structures: Mapping[str, str] | None,
    revision: Revision | None,
    policy_files: Sequence[str | Path],
    keep: Sequence[str] | None,
) -> None:
    """Raise `UserError` if what is given beside the run to resume is not what it was begun with."""
    from twofront.case import Revision

    manifest = earlier.manifest
    if policy_files:
        raise UserError(f"{earlier.folder}: its policies are in its manifest; leave the files of policies out to go on")
    earlier.check("the revision", revision.to_json() if revision else None, manifest["revision"])
    earlier.check("fixed parameters", fixed, manifest["fixed"])
    earlier.check("fixed structures", structures, manifest["fixed_structures"])
    if policies is not None:
        recorded = tuple(manifest["policies"])
        earlier.check("the policies", tuple(dict.fromkeys([recorded[0], *policies])), recorded)
    if keep is not None:
        every = manifest.get("hashed_outcomes", manifest["outcomes"])
        kept = kept_outcomes(keep, every, 0)
        earlier.check("the outcomes", tuple(every if kept is None else kept), tuple(manifest["outcomes"]))
    if case is not None:
        from twofront.case import load_case

        held = Revision.from_json(manifest["revision"])
        given = load_case(case, revision=held) if isinstance(case, str | Path) else case
        recorded = f"{manifest['case']} ({manifest['case_hash'][:12]})"
        earlier.check("the case", f"{given.name} ({given.hash[:12]})", recorded)


def _go_on(
    earlier: Earlier, given: Case | str | Path | None, crew: Engine, progress: Callable[[Progress], None] | None
) -> Run:
    """Finish an earlier run, with the case as given or found again."""
    from twofront.case import Case, Revision, load_case, policies_from_json, with_policies

    manifest, folder = earlier.manifest, earlier.folder
    stock = earlier.stock()
    if manifest["complete"] and not stock.missing and not stock.spoilt:
        warnings.warn(f"{folder}: is complete; nothing is left to do", RunWarning, stacklevel=3)
        return open_run(folder)
    earlier.check_code()
    case = given
    if not isinstance(case, Case):
        held = Revision.from_json(manifest["revision"])
        case = load_case(manifest["case_source"] if case is None else case, revision=held)
        case = with_policies(case, policies_from_json(manifest["added_policies"], case))
    if case.hash != manifest["case_hash"]:
        raise UserError(
            f"{folder}: was begun with the case {manifest['case']} as {manifest['case_hash'][:12]}, and it is "
            f"{case.hash[:12]} now; restore the case to go on, or start again: --out DIR"
        )
    for name, why in stock.spoilt.items():
        warnings.warn(f"{folder}/{name}: done again, since {why}; all others are kept", RunWarning, stacklevel=3)
    recipe = _CaseRecipe(
        case,
        manifest["executor"],
        tuple(manifest["policies"]),
        manifest["seed"],
        manifest["fixed"],
        manifest["fixed_structures"],
    )
    reopened = reopen(folder)
    if crew.name != "threads":
        reopened.check_seen_by_others()
    model, prepared = _prepared(recipe)
    return evaluate_into(
        reopened,
        model,
        recipe.sampler(),
        manifest["futures"],
        _about(recipe, model),
        workers=crew.workers,
        unit=manifest["unit"],
        keep=manifest["outcomes"],
        stock=stock,
        engine=crew,
        recipe=recipe,
        prepared=prepared,
        progress=progress,
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
) -> Run:
    """Evaluate the futures 0 to `futures - 1` of any model into `folder`; `about` opens the manifest.

    With a `stock`, the folder holds an earlier run, and only what that lacks is evaluated.
    """
    began = time.perf_counter()
    uncertain = tuple(sampler.parameter_names[row] for row in sampler.uncertain)
    stored = futures * len(model.policy_names) * len(uncertain) <= _MOST_STORED_INPUTS
    try:
        kept = kept_outcomes(keep, model.outcome_names, futures * len(model.policy_names))
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
        unit=unit,
        block=block,
        only=None if stock is None else stock.missing,
    )
    stamp = _stamp({**about, "code_hash": code_hash(), "policies": layout.policies, "kept": layout.stored})
    work = Execution(model, sampler, cut, layout, folder.path, workers, engine=engine, recipe=recipe, stamp=stamp)
    for written in stock.whole if stock else ():
        work.already(written)

    def manifest(*, finished: bool) -> dict[str, Any]:
        whole = finished and sum(unit.hi - unit.lo for unit in work.units) == futures
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
            "futures": futures,
            "unit": cut.unit,
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
        write_manifest(folder.path, manifest(finished=False))
        work.go(progress)
    except UserError as error:  # the folder can take no more, or the workers are gone
        stopped = error
    except OSError as error:
        stopped = CannotWrite(f"{folder.path}: cannot write ({reason(error)})")
    kept_futures = sum(unit.hi - unit.lo for unit in work.units)
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
    if work.interrupted and kept_futures < futures:
        raise RunInterrupted(finished, f"interrupted; {told}{f'; {again}' if again else ''}")
    assert finished is not None
    return finished


def _stamp(identity: Mapping[str, Any]) -> str:
    """One text for all that the values of a run depend on; not where its case lies."""
    named = {name: value for name, value in identity.items() if name != "case_source"}
    return hashlib.sha256(json.dumps(named, sort_keys=True, default=list).encode()).hexdigest()


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
