"""Policies from a file of their own, beside those of the case: what a search has found, or what a reader proposes.

```yaml
schema: 1
case: two-straits
policies:
  both: {label: Both, means: Build-up and assurances, levers: {core_floor: 0.03, reassurance: 0.5}}
```

The content of the case stays as it is, so its hash does; a run keeps the added policies in its manifest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twofront.case.model import Adaptive, Case, Policy
from twofront.case.tree import Tree, read_text, read_tree
from twofront.faults import Fault, Faults, UserError

if TYPE_CHECKING:
    from twofront.case.schema import PoliciesText, PolicyText

__all__ = ["FILE", "added_policies", "policies_from_json", "policies_to_json", "read_policies", "with_policies"]

FILE = "policies.yaml"
"""What a file of policies is called where somebody names its folder."""


def read_policies(path: str | Path, case: Case) -> tuple[Policy, ...]:
    """Read policies for a case from a file, or from the ``policies.yaml`` of a folder.

    Raises `twofront.faults.Faults` with everything that is wrong, as for a case, and `twofront.faults.UserError` if
    there is no such file.
    """
    from twofront.case.claims import version_fault
    from twofront.case.schema import PoliciesText
    from twofront.case.shape import fit

    path = Path(path)
    path = path / FILE if path.is_dir() else path
    if not path.exists():
        raise UserError(
            f"{path}: there is no such file; `twofront search CASE` writes one, and docs/case-format.md says how"
        )
    text, faults = read_text(path, str(path))
    if faults:
        raise Faults(faults)
    tree, faults = read_tree(text, str(path))
    if tree.value is None:
        raise Faults(faults)
    version = version_fault(tree)
    if version is not None:
        raise Faults([*faults, version])
    content, misfits = fit(PoliciesText, tree)
    faults = [*faults, *misfits]
    if content is None:
        raise Faults(faults)
    found, problems = _checked(content, case, tree)
    if faults or problems:
        raise Faults([*faults, *problems])
    return found


def _checked(content: PoliciesText, case: Case, tree: Tree) -> tuple[tuple[Policy, ...], list[Fault]]:
    faults: list[Fault] = []
    if content.case is not None and content.case != case.name:
        message = f"these are policies for `{content.case}`, and the case is `{case.name}`"
        remedy = "name the other case, or remove `case:` if its levers are meant"
        faults.append(tree.fault(("case",), message, found=content.case, allowed=case.name, remedy=remedy))
        return (), faults
    taken = {policy.name for policy in case.policies}
    result: list[Policy] = []
    for name, item in content.policies.items():
        if name in taken:
            message = f"`{name}` is a policy of {case.name} already"
            faults.append(
                tree.fault(("policies", name), message, key=True, found=name, remedy="give this one another name")
            )
        policy, problems = _checked_policy(name, item, case, tree)
        faults += problems
        result.append(policy)
    return tuple(result), faults


def _checked_policy(name: str, item: PolicyText, case: Case, tree: Tree) -> tuple[Policy, list[Fault]]:
    from twofront.case.policies import check_policy

    levers = {lever.name: lever for lever in case.levers}
    return check_policy(name, item, levers, case.paths, case.world.clock, tree, present=False)


def with_policies(case: Case, added: Iterable[Policy]) -> Case:
    """Return the case with policies after its own."""
    more = tuple(added)
    labels = {**case.labels, "policies": {**case.labels["policies"], **{item.name: item.label for item in more}}}
    names = (*case.added, *(item.name for item in more))
    return replace(case, policies=(*case.policies, *more), labels=labels, added=names)


def added_policies(case: Case) -> tuple[Policy, ...]:
    """Return the policies that are not of the case's own file."""
    return tuple(policy for policy in case.policies if policy.name in case.added)


def policies_to_json(policies: Sequence[Policy]) -> dict[str, Any]:
    """Return policies as the plain data that stands under ``policies`` in a file of them."""
    return {
        item.name: {
            "label": item.label,
            "means": item.means,
            "levers": {name: item.levers[name] for name in item.named},
        }
        | ({} if item.adaptive is None else {"adaptive": _adaptive_to_json(item.adaptive)})
        for item in policies
    }


def _adaptive_to_json(item: Adaptive) -> dict[str, Any]:
    found = {"if": item.condition, "by": item.by, "then": {name: item.then[name] for name in item.named_then}}
    if item.named_otherwise:
        found["else"] = {name: item.otherwise[name] for name in item.named_otherwise}
    return found


def policies_from_json(data: Mapping[str, Any] | None, case: Case) -> tuple[Policy, ...]:
    """Read what `policies_to_json` wrote; raises `twofront.faults.Faults` if the case has changed under them."""
    if not data:
        return ()
    from twofront.case.schema import PolicyText

    tree = Tree(str(case.folder), None)
    found = [PolicyText.model_validate(item) for item in data.values()]
    checked = [_checked_policy(name, item, case, tree) for name, item in zip(data, found, strict=True)]
    faults = [fault for _, problems in checked for fault in problems]
    if faults:
        raise Faults(faults)
    return tuple(policy for policy, _ in checked)
