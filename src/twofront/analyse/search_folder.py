"""A search as a folder: tables of what was found, how it went, and policies that `twofront run` takes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twofront.analyse.search import Search
from twofront.case.policy_file import FILE as POLICIES
from twofront.faults import UserError

if TYPE_CHECKING:
    import polars as pl

    from twofront.case import Policy

__all__ = ["claim_folder", "policies_text", "table", "write_search"]

SEARCHES = Path("searches")
MANIFEST = "search.json"
SCHEMA = 1


def claim_folder(out: str | Path | None, case: str, *, force: bool = False) -> Path:
    """Take ``out``, or the next free ``searches/<case>-<n>``. A folder that holds anything is refused unless it is a
    search and ``force`` is given."""
    try:
        if out is None:
            number = 1
            while (path := SEARCHES / f"{case}-{number}").exists():
                number += 1
            path.mkdir(parents=True)
            return path
        path = Path(out)
        path.mkdir(parents=True, exist_ok=True)
        held = sorted(item.name for item in path.iterdir())
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(f"{out or SEARCHES}: cannot write here ({reason}); name another folder: --out DIR") from None
    if MANIFEST in held and not force:
        raise UserError(f"{path}: already holds a search; add --force to replace it, or name another folder: --out DIR")
    if held and MANIFEST not in held:
        raise UserError(f"{path}: holds {held[0]} and no search; name a new or empty folder: --out DIR")
    return path


def write_search(found: Search, folder: Path) -> None:
    """Write `search.parquet`, `search.csv`, `search.json` and, where anything was found, `policies.yaml`."""
    frame = table(found)
    frame.write_parquet(folder / "search.parquet")
    frame.write_csv(folder / "search.csv")
    (folder / MANIFEST).write_text(json.dumps(_manifest(found), indent=1, ensure_ascii=False) + "\n", "utf-8")
    policies = folder / POLICIES
    policies.unlink(missing_ok=True)
    if found.policies:
        policies.write_text(policies_text(found.case.name, found.policies), "utf-8")


def table(found: Search) -> pl.DataFrame:
    """One row per policy: found ones and, to compare with, the case's own.

    ``lever.*``; for every measure its value on the draws of the search (``sought.*``), on fresh ones (``fresh.*``)
    and there the ends of its 95% interval (``fresh_low.*``, ``fresh_high.*``); ``feasible``, ``best``, ``left_out``.
    """
    import polars as pl

    rows: list[dict[str, Any]] = []
    for point in found.points:
        row: dict[str, Any] = {"policy": point.policy.name, "label": point.policy.label, "of_case": point.case}
        row |= {"feasible": point.feasible, "best": point.best, "left_out": point.left_out}
        row |= {f"lever.{name}": value for name, value in point.policy.levers.items()}
        for item in found.asked:
            measured = point.measured[item.name]
            row |= {
                f"sought.{item.name}": measured.sought,
                f"fresh.{item.name}": measured.fresh,
                f"fresh_low.{item.name}": measured.low,
                f"fresh_high.{item.name}": measured.high,
            }
        rows.append(row)
    return pl.DataFrame(rows, infer_schema_length=None)


def _manifest(found: Search) -> dict[str, Any]:
    keys = ("generation", "evaluations", "archive", "progress", "hypervolume")
    return {
        "schema": SCHEMA,
        "case": found.case.name,
        "case_hash": found.case.hash,
        "objectives": [item.text for item in found.objectives],
        "constraints": [item.text for item in found.constraints],
        "epsilon": list(found.epsilon),
        "levers": {axis.lever.name: [axis.low, axis.high] for axis in found.axes},
        "seed": found.seed,
        "futures": found.futures,
        "fresh": found.fresh,
        "left_out": list(found.left_out),
        "complete": not found.interrupted,
        "history": [dict(zip(keys, row, strict=True)) for row in found.history],
    }


def policies_text(case: str, policies: Sequence[Policy]) -> str:
    """A file of policies (`twofront.case.policy_file`). Text is written as JSON, which YAML reads as it is."""
    lines = ["schema: 1", f"case: {case}", "policies:"]
    for policy in policies:
        levers = ", ".join(f"{name}: {policy.levers[name]!r}" for name in policy.named)
        lines += [
            f"  {policy.name}:",
            f"    label: {json.dumps(policy.label, ensure_ascii=False)}",
            f"    means: {json.dumps(policy.means, ensure_ascii=False)}",
            f"    levers: {{{levers}}}",
        ]
    return "\n".join(lines) + "\n"
