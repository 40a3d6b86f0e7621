"""Does a run hold what its manifest says, and does evaluating it again give the same?"""

from __future__ import annotations

import math
import random
import re
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

from twofront.ensemble import store
from twofront.ensemble.engines import workers_here
from twofront.ensemble.execute import Execution, Progress
from twofront.ensemble.hashing import BLOCK
from twofront.ensemble.manifest import code_hash, versions
from twofront.ensemble.model import Model, Sampling
from twofront.ensemble.opened import Run
from twofront.ensemble.plan import plan
from twofront.ensemble.resume import layout_of
from twofront.faults import UserError

__all__ = ["Chosen", "Verification", "choose", "compare_again", "compare_stored", "verify"]

Blocks = list[tuple[int, int]]

_SAMPLE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(%?)\s*")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Units of a run that were drawn, of how many, and with which seed."""

    units: tuple[tuple[int, int], ...]
    whole: int
    seed: int


@dataclass(frozen=True, slots=True)
class Verification:
    """What was compared with the manifest of a run. Blocks are ranges of futures `lo` to `hi - 1`."""

    run: Run
    spoilt: Blocks
    """Blocks whose stored values are not those that were hashed, or cannot be read."""
    differing: Blocks | None
    """Blocks that come out otherwise when evaluated again; None if that was not asked for."""
    compared: int
    changed: tuple[str, ...]
    """What is not as it was when the run was made: the case, the code, versions."""
    chosen: Chosen | None = None
    """The units that were compared, where not all were."""

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not self.spoilt and not self.differing

    def lines(self) -> list[str]:
        """The result in words."""
        told: list[str] = []
        if self.spoilt:
            told.append(f"stored values differ from the manifest in {_ranges(self.spoilt)}")
        else:
            told.append(f"stored values: {self._all} are as they were written")
        if self.differing is not None:
            if self.differing:
                told.append(f"evaluated again, other values come out in {_ranges(self.differing)}")
                told += [f"changed since: {item}" for item in self.changed]
            else:
                told.append(f"evaluated again: {self._all} are the same, to the last bit")
        if not self.run.manifest["complete"]:
            told.append("the run is incomplete; only what it holds was compared")
        if self.chosen is not None:
            units, whole, seed = len(self.chosen.units), self.chosen.whole, self.chosen.seed
            told.append(f"compared: {units} of {whole} units, drawn with --seed {seed}; without --sample, all are")
        return told

    @property
    def _all(self) -> str:
        return f"all {self.compared} blocks" if self.chosen is None else f"{self.compared} blocks"


def choose(run: Run, sample: str, seed: int | None = None) -> Chosen:
    """Draw units of a run: `sample` is how many, or a share of them such as `5%` (rounded up to whole units)."""
    whole = [(unit["lo"], unit["hi"]) for unit in run.manifest["units"]]
    found = _SAMPLE.fullmatch(sample)
    number = float(found[1]) if found else 0.0
    if found is None or number <= 0 or (found[2] and number > 100) or (not found[2] and number != int(number)):
        raise UserError(f"a sample of `{sample}`: give a number of units, or a share of them, for instance 10 or 5%")
    count = math.ceil(len(whole) * number / 100) if found[2] else int(number)
    if count > len(whole):
        raise UserError(
            f"a sample of {count:,} units asked for; {run.folder} has {len(whole):,}: give at most as many, or a share "
            "such as 5%"
        )
    if seed is None:
        seed = secrets.randbelow(1 << 32)
    return Chosen(tuple(sorted(random.Random(seed).sample(whole, count))), len(whole), seed)


def verify(
    run: Run,
    *,
    workers: int | None = None,
    again: bool = True,
    sample: str | None = None,
    seed: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Verification:
    """Compare the stored values with the manifest, and (with `again`) evaluate the run once more.

    With `sample`, only units drawn by `seed` (any, unless given): see `choose`.
    """
    chosen = None if sample is None else choose(run, sample, seed)
    only = None if chosen is None else chosen.units
    spoilt = compare_stored(run, only)
    differing: Blocks | None = None
    changed: list[str] = []
    if again:
        from twofront.future import FutureModel

        manifest, case = run.manifest, run.case
        changed = _changed(run)
        model = FutureModel(case, executor=manifest["executor"], policies=run.policies)
        model.prepare()
        sampler = run.sampler(unchanged=False)
        differing = compare_again(run, model, sampler, workers=workers, only=only, progress=progress)
    blocks = sum(len(unit["digests"]) for unit in _units(run, only))
    return Verification(run, spoilt, differing, blocks, tuple(changed), chosen)


def compare_stored(run: Run, only: Collection[tuple[int, int]] | None = None) -> Blocks:
    """The blocks (of all units, or of `only` these) whose stored values do not have the digest of the manifest."""
    found = run.recomputed_digests(only)
    differing: Blocks = []
    for unit in _units(run, only):
        lo, hi = unit["lo"], unit["hi"]
        stored = found.get(store.part_name(lo, hi), [])
        differing += _differing(lo, hi, unit.get("stored", unit["digests"]), stored)
    return differing


def compare_again(
    run: Run,
    model: Model,
    sampler: Sampling,
    *,
    workers: int | None = None,
    only: Collection[tuple[int, int]] | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Blocks:
    """The blocks (of all units, or of `only` these) that come out otherwise by `model` on the draws of `sampler`."""
    layout = layout_of(run.manifest)
    for what, mine, theirs in (
        ("policies", tuple(model.policy_names), run.policies),
        ("outcomes", tuple(model.outcome_names), layout.outcomes),
    ):
        if mine != theirs:
            raise UserError(
                f"{run.folder}: its {what} are not those of the case today, so its values cannot be compared; "
                "restore the case, or the version of twofront that made the run"
            )
    units = [(unit["lo"], unit["hi"]) for unit in _units(run, only)]
    threads = workers or workers_here()
    cut = plan(sum(hi - lo for lo, hi in units), len(run.policies), threads, only=units)
    work = Execution(model, sampler, cut, replace(layout, parameters=()), None, threads)
    work.go(progress)
    if work.interrupted:
        raise KeyboardInterrupt
    found = {unit.lo: unit.digests for unit in work.units}
    differing: Blocks = []
    for unit in _units(run, only):
        differing += _differing(unit["lo"], unit["hi"], unit["digests"], list(found.get(unit["lo"], ())))
    return differing


def _units(run: Run, only: Collection[tuple[int, int]] | None) -> list[dict[str, Any]]:
    units = run.manifest["units"]
    return units if only is None else [unit for unit in units if (unit["lo"], unit["hi"]) in only]


def _differing(lo: int, hi: int, wanted: list[str], found: list[str]) -> Blocks:
    padded = [*found, *[""] * (len(wanted) - len(found))]
    return [
        (lo + place * BLOCK, min(lo + (place + 1) * BLOCK, hi))
        for place, (one, other) in enumerate(zip(wanted, padded, strict=False))
        if one != other
    ]


def _changed(run: Run) -> list[str]:
    manifest = run.manifest
    changed: list[str] = []
    if run.case.hash != manifest["case_hash"]:
        changed.append(f"the case {manifest['case']}")
    if code_hash() != manifest["code_hash"]:
        changed.append("the code of twofront")
    now = versions()
    changed += [
        f"{name} {old} -> {now.get(name)}" for name, old in manifest["versions"].items() if now.get(name) != old
    ]
    return changed


def _ranges(blocks: Blocks) -> str:
    shown = ", ".join(f"{lo}-{hi - 1}" for lo, hi in blocks[:5])
    more = f" and {len(blocks) - 5} more" if len(blocks) > 5 else ""
    return f"{len(blocks)} block{'' if len(blocks) == 1 else 's'} (futures {shown}{more})"
