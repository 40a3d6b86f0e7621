"""Read a case: every file, every check, and one report of all faults."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twofront.case.bundled import CASES
from twofront.case.calibration import check_calibration
from twofront.case.claim_checks import Situation
from twofront.case.claims import ClaimFiles, check_claims, read_claim_files, version_fault
from twofront.case.correlation import check_correlations
from twofront.case.evidence_table import HEADER, read_evidence
from twofront.case.game_checks import check_games
from twofront.case.model import Case
from twofront.case.names import Entries
from twofront.case.outcome_names import outcome_names, series_names
from twofront.case.paths import check_paths
from twofront.case.policies import check_levers, check_policies, check_structures, parameters_read
from twofront.case.ranges import check_parameters
from twofront.case.revision import Revision
from twofront.case.schema import CaseText
from twofront.case.shape import fit
from twofront.case.situation import build_world, month_labels
from twofront.case.tree import Tree, Value, read_text, read_tree
from twofront.case.wars import check_wars
from twofront.faults import Fault, Faults
from twofront.figures import Evidence
from twofront.world import World

__all__ = ["read_case"]


def read_case(folder: Path, *, revision: Revision | None = None) -> Case:
    """Read and check all files of a case's folder; ``revision`` strikes or regrades evidence.

    Raises `twofront.faults.Faults` with everything that is wrong in all of them at once.
    """
    faults: list[Fault] = []
    evidence, problems, whole = read_evidence(folder / "evidence.csv", _shown(folder, "evidence.csv"))
    faults += problems
    struck: dict[str, Evidence] = {}
    if revision and whole:
        kept, struck = revision.apply(evidence)
        evidence = {id_: kept.get(id_, row) for id_, row in evidence.items()}
    rows = evidence if whole else None
    files = read_claim_files(folder, lambda name: _shown(folder, name))
    tree, content, problems = _read_case(folder)
    faults += problems
    if tree is None or content is None:
        raise Faults([*faults, *check_claims(files, rows, None)[1]])
    case, problems = _assemble(content, tree, folder, evidence, whole, files, revision or None, struck)
    faults += problems
    if faults:
        raise Faults(faults)
    return case


def _shown(folder: Path, name: str) -> str:
    """How messages call a file: by its path as it was asked for, or within a bundled case."""
    return str(Path(folder.name) / name) if folder.parent == CASES else str(folder / name)


def _read_case(folder: Path) -> tuple[Tree | None, CaseText | None, list[Fault]]:
    """Read ``case.yaml`` as far as it can be read."""
    text, faults = read_text(folder / "case.yaml", _shown(folder, "case.yaml"))
    if faults:
        return None, None, faults
    tree, faults = read_tree(text, _shown(folder, "case.yaml"))
    if tree.value is None:
        return None, None, faults
    version = version_fault(tree)
    if version is not None:
        return None, None, [*faults, version]
    content, misfits = fit(CaseText, tree)
    return tree, content, faults + misfits


def _assemble(
    text: CaseText,
    tree: Tree,
    folder: Path,
    evidence: Mapping[str, Evidence],
    whole: bool,
    files: ClaimFiles,
    revision: Revision | None,
    struck: Mapping[str, Evidence],
) -> tuple[Case, list[Fault]]:
    world, faults = build_world(text, tree)
    situation = None if faults else _situation(text, world)
    claims, of_claims = check_claims(files, evidence if whole else None, situation)
    entries = Entries(world)
    class_units = {name: item.unit for name, item in [*text.capabilities.items(), *text.munitions.items()]}
    ranges = check_parameters(
        text, tree, world, entries, class_units, evidence if whole else None, parameters_read(text), struck
    )
    structures, of_structures = check_structures(text, tree)
    levers, of_levers = check_levers(text, tree, entries, ranges.readings)
    policies, of_policies = check_policies(text, tree, world.clock)
    faults += ranges.faults + check_correlations(ranges.parameters, tree)
    faults += of_structures + of_levers + of_policies + check_paths(text, tree, world, ranges.readings) + of_claims
    faults += check_wars(text, tree, world, structures, ranges.parameters, ranges.readings)
    calibration, of_calibration = check_calibration(
        text, tree, world, ranges.parameters, evidence if whole else None, struck
    )
    faults += of_calibration
    # What games read are names of the situation: while that is faulty, they would only repeat it.
    games, of_games = check_games(text, tree, world, ranges.parameters) if not faults else ((), [])
    faults += of_games
    case = Case(
        name=text.name,
        title=text.title,
        question=text.question,
        folder=folder,
        world=world,
        clock_labels=month_labels(world.clock.start, world.clock.months),
        threshold=text.war.threshold,
        parameters=ranges.parameters,
        structures=structures,
        levers=levers,
        policies=policies,
        evidence={id_: row for id_, row in evidence.items() if id_ not in struck},
        claims=claims,
        claim_lists=files.lists,
        paths=text.paths,
        labels=_labels(text),
        class_units=class_units,
        hash=_hash(tree.value, evidence, files.content, revision),
        readings=ranges.readings,
        entries=entries,
        calibration=calibration,
        games=games,
        revision=revision,
        struck=struck,
    )
    return case, faults


def _situation(text: CaseText, world: World) -> Situation:
    """What claims may name."""
    return Situation(
        outcomes=outcome_names(world),
        series=series_names(world, text.paths),
        policies=tuple(text.policies),
        levers={name: (item.low, item.high, item.today) for name, item in text.levers.items()},
    )


def _labels(text: CaseText) -> dict[str, dict[str, str]]:
    labels: dict[str, dict[str, str]] = {}
    for section in ("actors", "theatres", "capabilities", "munitions", "levers", "policies"):
        labels[section] = {name: item.label for name, item in getattr(text, section).items()}
    labels["acts"] = {name: act.label for item in text.challengers for name, act in item.menu.items()}
    labels["responders"] = {
        name: item.label or labels["actors"].get(name, name) for name, item in text.responders.items()
    }
    return labels


def _hash(value: Value, evidence: Mapping[str, Evidence], claims: Value, revision: Revision | None) -> str:
    """SHA-256 of what the files say and a revision does to it; order counts, comments and layout do not."""
    rows = [[getattr(row, column) for column in HEADER] for row in evidence.values()]
    content = {"case": _canonical(value), "evidence": _canonical(rows), "claims": _canonical(claims)}
    if revision is not None:
        content["revision"] = revision.to_json()
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _canonical(value: Any) -> Any:
    """Numbers in one spelling: 1e6, 1000000 and 1000000.0 are the same content."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return repr(float(value))
    if isinstance(value, dict):
        return {key: _canonical(inner) for key, inner in value.items()}
    return [_canonical(inner) for inner in value]
