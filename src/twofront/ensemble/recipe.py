"""What a run of a case is, all of it: enough for another process to make its model, and for a manifest to say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twofront.ensemble.model import Model, Sampling
from twofront.faults import UserError

if TYPE_CHECKING:
    from twofront.case import Case, Revision
    from twofront.engine.executor import Executor

__all__ = ["CaseRecipe", "recipe_from", "recipe_of"]


@dataclass(frozen=True)
class CaseRecipe:
    """Makes the model and the sampler of a run of a case."""

    case: Case
    executor: Executor
    policies: tuple[str, ...]
    seed: int
    sampling: str
    fixed: Mapping[str, float]
    structures: Mapping[str, str]

    def sampler(self) -> Sampling:
        """The draws; `UserError` for a parameter, structure or way of sampling that there is not."""
        from twofront.parameters.sampling import Sampler

        return Sampler(self.case, self.seed, fixed=self.fixed, structures=self.structures, design=self.sampling)

    def __call__(self) -> tuple[Model, Sampling]:
        from twofront.future import FutureModel

        model = FutureModel(self.case, executor=self.executor, policies=self.policies)
        sampler = self.sampler()
        model.prepare()
        model.prepare_for(self.structures)
        return model, sampler

    def to_json(self) -> dict[str, Any]:
        """What opens the manifest."""
        from twofront.case import added_policies, policies_to_json

        case = self.case
        return {
            "case": case.name,
            "case_hash": case.hash,
            "case_source": _source(case),
            "revision": case.revision.to_json() if case.revision else None,
            "added_policies": policies_to_json(added_policies(case)),
            "seed": self.seed,
            "sampling": self.sampling,
            "fixed": dict(self.fixed),
            "fixed_structures": dict(self.structures),
            "weights": {item.name: list(item.weights) for item in case.structures},
            "levers": {name: dict(case.policy(name).levers) for name in self.policies},
            "executor": self.executor,
        }


def recipe_of(
    case: Case | str | Path,
    *,
    executor: Executor,
    policies: Sequence[str] | None,
    seed: int,
    sampling: str,
    fixed: Mapping[str, float],
    structures: Mapping[str, str],
    revision: Revision | None,
    policy_files: Sequence[str | Path],
) -> CaseRecipe:
    """The recipe that somebody asks for. Raises `UserError` and `twofront.faults.Faults`."""
    from twofront.case import load_case, read_policies, with_policies
    from twofront.future import FutureModel

    if isinstance(case, str | Path):
        case = load_case(case, revision=revision)
    elif revision:
        raise UserError("a revision needs the case by its name or folder, or a case that was loaded with it")
    for path in policy_files:
        case = with_policies(case, read_policies(path, case))
    names = FutureModel(case, executor=executor, policies=policies).policy_names
    return CaseRecipe(case, executor, names, seed, sampling, dict(fixed), dict(structures))


def recipe_from(manifest: Mapping[str, Any], given: Case | str | Path | None) -> CaseRecipe:
    """The recipe of a manifest, with the case as it is given or where the manifest says it is."""
    from twofront.case import Revision, added_policies, load_case, policies_from_json, with_policies

    case = manifest["case_source"] if given is None else given
    if isinstance(case, str | Path):
        case = load_case(case, revision=Revision.from_json(manifest["revision"]))
    if not added_policies(case):
        case = with_policies(case, policies_from_json(manifest["added_policies"], case))
    return CaseRecipe(
        case,
        manifest["executor"],
        tuple(manifest["policies"]),
        manifest["seed"],
        manifest["sampling"],
        manifest["fixed"],
        manifest["fixed_structures"],
    )


def _source(case: Case) -> str:
    """How to find the case again: a bundled one by its name, any other by its folder."""
    from twofront.case import bundled_cases

    for name, folder in bundled_cases().items():
        if Path(folder).resolve() == case.folder.resolve():
            return name
    return str(case.folder.resolve())
