"""Read the lists of claims of a case, ``claims.yaml`` and ``claims-NAME.yaml``, and check what they refer to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from twofront.case.claim import Claim, ClaimsList
from twofront.case.claim_checks import Situation, check_claim
from twofront.case.claim_schema import ClaimsText
from twofront.case.shape import fit
from twofront.case.tree import Tree, Value, read_text, read_tree
from twofront.faults import Fault, nearest
from twofront.figures import Evidence

__all__ = ["FILE", "ClaimFiles", "check_claims", "read_claim_files", "version_fault"]

FILE = "claims.yaml"


@dataclass(slots=True)
class ClaimFiles:
    """The lists of a case as they are written, and what is wrong with their shape."""

    trees: list[tuple[ClaimsList, Tree, ClaimsText]] = field(default_factory=list)
    values: dict[str, Value] = field(default_factory=dict)
    """Plain content by file, for the case's hash."""
    faults: list[Fault] = field(default_factory=list)

    @property
    def content(self) -> Value:
        """What enters the case's hash."""
        return self.values.get(FILE) if set(self.values) <= {FILE} else dict(self.values)

    @property
    def lists(self) -> tuple[ClaimsList, ...]:
        """The lists that could be read, ``claims.yaml`` first."""
        return tuple(found for found, _, _ in self.trees)


def version_fault(tree: Tree) -> Fault | None:
    """The fault of a file whose ``schema`` is not the one that is read here."""
    if not isinstance(tree.value, dict):
        message = "the file is not a mapping of keys to values"
        return tree.fault(
            (), message, allowed="`schema: 1` and the keys of the format", remedy="see docs/case-format.md"
        )
    if "schema" not in tree.value:
        return tree.fault(
            (),
            "the file does not say which version of the format it follows",
            allowed="schema: 1",
            remedy="add `schema: 1`",
        )
    found = tree.value["schema"]
    if found == 1 and not isinstance(found, bool) and isinstance(found, int):
        return None
    newer = isinstance(found, (int, float)) and not isinstance(found, bool) and found > 1
    remedy = "install a newer twofront that reads it" if newer else "write `schema: 1`"
    return tree.fault(
        ("schema",), f"version `{found}` of the format is not known here", found=str(found), allowed="1", remedy=remedy
    )


def read_claim_files(folder: Path, shown: Callable[[str], str]) -> ClaimFiles:
    """Read every list of claims in a case's folder; ``shown``: how messages call a file of it."""
    found = ClaimFiles()
    further = sorted(path for path in folder.glob("claims-*.yaml") if path.is_file())
    for path in (folder / FILE, *further):
        if path.name == FILE and not path.exists():
            continue
        text, faults = read_text(path, shown(path.name))
        found.faults += faults
        if faults:
            continue
        tree, faults = read_tree(text, shown(path.name))
        found.faults += faults
        found.values[path.name] = tree.value
        if faults and tree.value is None:
            continue
        version = version_fault(tree)
        if version is not None:
            found.faults.append(version)
            continue
        content, faults = fit(ClaimsText, tree)
        found.faults += faults
        if content is not None:
            name = path.stem.removeprefix("claims").removeprefix("-")
            found.trees.append((ClaimsList(name, content.title or "Claims", path.name), tree, content))
    return found


def check_claims(
    files: ClaimFiles, evidence: Mapping[str, Evidence] | None, situation: Situation | None
) -> tuple[tuple[Claim, ...], list[Fault]]:
    """Return the claims of all lists and every fault, those of shape included.

    Without ``evidence`` or ``situation``, where they cannot be read, what hangs on them is passed over.
    """
    claims: list[Claim] = []
    faults = list(files.faults)
    seen: dict[str, str] = {}
    for found, tree, content in files.trees:
        for place, item in enumerate(content.claims):
            claim, problems = check_claim(item, tree, ("claims", place), found.name, evidence, situation)
            faults += problems
            claims.append(claim)
            line, _ = tree.at("claims", place, "id")
            if item.id in seen:
                message = f"the id `{item.id}` stands here for the second time; first at {seen[item.id]}"
                remedy = "give one of the two another id"
                faults.append(tree.fault(("claims", place, "id"), message, found=item.id, remedy=remedy))
            seen.setdefault(item.id, f"line {line}" if len(files.trees) == 1 else f"{tree.file}:{line}")
    for _, tree, content in files.trees:
        for place, item in enumerate(content.claims):
            if item.reading_of is not None and (item.reading_of not in seen or item.reading_of == item.id):
                message = f"`{item.id}` is a reading of `{item.reading_of}`, which is no other claim of the case"
                close = nearest(item.reading_of, [id_ for id_ in seen if id_ != item.id])
                route = ("claims", place, "reading_of")
                remedy = "name the claim that was made"
                faults.append(tree.fault(route, message, found=item.reading_of, nearest=close, remedy=remedy))
    return tuple(claims), faults
