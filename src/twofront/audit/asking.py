"""Which futures a claim about the model is asked of: a run's for chances and policies, a small ensemble's otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from twofront.audit.futures import FUTURES, Futures, RunFutures, SmallEnsemble, setting_name
from twofront.case import Case, Claim
from twofront.faults import UserError

if TYPE_CHECKING:
    from twofront.analyse.sample import Sample
    from twofront.ensemble import Run

__all__ = ["futures_for_run", "futures_of_sample", "small_futures"]


def small_futures(case: Case, asked: Sequence[Claim], futures: int, seed: int = 1) -> Mapping[str, Futures]:
    """Return one small ensemble for all claims that need the model; nothing where none does."""
    if not asked:
        return {}
    made = SmallEnsemble(
        case,
        futures,
        seed=seed,
        policies=tuple(dict.fromkeys(claim.policy for claim in asked if claim.policy)),
        settings={setting_name(claim): claim.settings for claim in asked if claim.kind == "counterfactual"},
        series=any(claim.path for claim in asked),
    )
    return {claim.kind: made for claim in asked}


def futures_for_run(
    run: Run | str | Path, case: Case, asked: Sequence[Claim], futures: int = 0
) -> Mapping[str, Futures]:
    """Return the futures of a run, and for counterfactuals an ensemble on the first of its draws.

    Raises `UserError` for a run of another case.
    """
    from twofront.analyse.sample import Sample
    from twofront.ensemble import open_run

    opened = open_run(run) if isinstance(run, str | Path) else run
    if opened.manifest["case"] != case.name:
        raise UserError(
            f"{opened.folder} is a run of {opened.manifest['case']}, not of {case.name}; name one of its runs"
        )
    return futures_of_sample(Sample(opened), asked, futures)


def futures_of_sample(sample: Sample, asked: Sequence[Claim], futures: int = 0) -> Mapping[str, Futures]:
    """Return the same for a run that is open already."""
    if not asked:
        return {}
    own = RunFutures(sample)
    found: dict[str, Futures] = {claim.kind: own for claim in asked if claim.kind != "counterfactual"}
    changed = [claim for claim in asked if claim.kind == "counterfactual"]
    if changed:
        manifest = sample.run.manifest
        found["counterfactual"] = SmallEnsemble(
            sample.case,
            min(futures or FUTURES, sample.run.futures),
            seed=sample.run.seed,
            settings={setting_name(claim): claim.settings for claim in changed},
            series=any(claim.path for claim in changed),
            fixed=manifest.get("fixed", {}),
            drawn_from=manifest.get("fixed_structures", {}),
        )
    return found
