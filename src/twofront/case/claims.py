"""Read ``claims.yaml`` and check what its claims refer to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from twofront.case.model import Claim, Variant
from twofront.case.schema import ClaimsText
from twofront.case.shape import fit
from twofront.case.tree import Tree, Value, read_text, read_tree
from twofront.faults import Fault, nearest
from twofront.figures import Evidence

__all__ = ["read_claims", "version_fault"]


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


def read_claims(
    path: Path, name: str, evidence: Mapping[str, Evidence] | None
) -> tuple[tuple[Claim, ...], Value, list[Fault]]:
    """Return the claims, the file's plain content (for the hash), and every fault."""
    text, faults = read_text(path, name)
    if faults:
        return (), None, faults
    tree, faults = read_tree(text, name)
    if faults and tree.value is None:
        return (), None, faults
    version = version_fault(tree)
    if version is not None:
        return (), tree.value, [*faults, version]
    content, misfits = fit(ClaimsText, tree)
    faults += misfits
    if content is None:
        return (), tree.value, faults
    result: list[Claim] = []
    seen: dict[str, int] = {}
    for place, item in enumerate(content.claims):
        route = ("claims", place)
        line, column = tree.at(*route)
        if item.id in seen:
            message = f"the id `{item.id}` stands here for the second time; first at line {seen[item.id]}"
            faults.append(tree.fault((*route, "id"), message, found=item.id, remedy="give one of the two another id"))
        seen.setdefault(item.id, tree.at(*route, "id")[0])
        for key, ids in (("for", item.supporting), ("against", item.against)):
            for number, id_ in enumerate(ids):
                if evidence is not None and id_ not in evidence:
                    close = nearest(id_, evidence)
                    where = (*route, key, number) if (*route, key, number) in tree.values else (*route, key)
                    faults.append(
                        tree.fault(
                            where,
                            f"`{id_}` is not in evidence.csv",
                            found=id_,
                            allowed=f"{len(evidence)} ids",
                            nearest=close,
                            remedy="add the row or mend the id",
                        )
                    )
        result.append(
            Claim(
                id=item.id,
                sentence=item.sentence,
                quote_of=item.quote_of,
                date=item.date,
                quantity=item.quantity,
                computed=item.computed,
                supporting=item.supporting,
                against=item.against,
                supported_if=item.rule.supported,
                contradicted_if=item.rule.contradicted,
                flips=item.flips,
                variants=tuple(Variant(v.date, v.sentence, v.quote_of) for v in item.variants),
                place=f"{name}:{line}:{column}",
            )
        )
    return tuple(result), tree.value, faults
