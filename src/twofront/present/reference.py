"""What a referee looks things up in: parameters with their sources, evidence, laws, levers, and how to run it again."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from twofront.case import Case, Evidence, Parameter
from twofront.case.policy_file import FILE as POLICIES
from twofront.engine.law import Law, laws
from twofront.evidence import Provenance, provenance
from twofront.present.facts import Facts
from twofront.present.formulas import mathml
from twofront.present.numbers import plain

__all__ = [
    "LawRow",
    "LeverRow",
    "ParameterRow",
    "Reproduce",
    "cited",
    "law_rows",
    "lever_rows",
    "parameter_rows",
    "reproduce",
]

BOUNDS = {"low": "low", "mode": "mode", "high": "high"}


@dataclass(frozen=True, slots=True)
class BoundRow:
    """One end of a range as the case writes it."""

    name: str
    value: str
    evidence: tuple[str, ...]
    judgement: str
    conversion: str
    derive: str


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """A parameter as the report lists it."""

    name: str
    means: str
    low: str
    mode: str
    high: str
    unit: str
    shape: str
    grade: str
    bounds: tuple[BoundRow, ...]
    contrary: tuple[str, ...]
    used: str
    moves_with: str
    pooled: bool
    support: str
    dots: int
    """Number of sources that can be shown on the range."""


def parameter_rows(case: Case) -> list[ParameterRow]:
    """Every parameter, in the order of the case."""
    return [_parameter(found) for found in provenance(case)]


def _parameter(found: Provenance) -> ParameterRow:
    parameter: Parameter = found.parameter
    entries = list(found.entries)
    used = "; ".join(entries[:3]) + (f"; and {len(entries) - 3} more" if len(entries) > 3 else "")
    if found.levers:
        used = "; ".join([part for part in (used, f"lever {', '.join(found.levers)}") if part])
    moves = "; ".join(
        f"{m.parameter} {m.value:+g}{f' ({m.judgement})' if m.judgement else ''}" for m in parameter.moves_with
    )
    return ParameterRow(
        parameter.name,
        parameter.means,
        plain(parameter.low),
        plain(parameter.mode),
        plain(parameter.high),
        parameter.unit,
        parameter.shape.replace("_", " "),
        parameter.grade,
        tuple(
            BoundRow(
                s.bound,
                f"{plain(s.value)} {parameter.written_unit}",
                tuple(row.id for row in s.rows),
                s.judgement,
                s.conversion,
                parameter.bounds[s.bound].derive,
            )
            for s in found.sources
        ),
        tuple(row.id for row in found.contrary),
        used,
        moves,
        parameter.pooled,
        parameter.support,
        sum(bool(figure.ids and not figure.judgement) for figure in parameter.figures),
    )


def cited(case: Case) -> list[Evidence]:
    """Evidence that a parameter, its contrary figures or a claim cites, in the order of the file."""
    wanted = {id_ for p in case.parameters for id_ in (*p.evidence, *p.contrary)}
    wanted |= {id_ for p in case.parameters for m in p.moves_with for id_ in m.evidence}
    wanted |= {id_ for claim in case.claims for id_ in claim.cited}
    return [row for row in case.evidence.values() if row.id in wanted]


def figure_of(row: Evidence) -> str:
    """A row's figure with its range."""
    ends = [plain(v) for v in (row.low, row.high) if v is not None]
    middle = plain(row.central) if row.central is not None else ""
    around = "–".join(ends) if len(ends) == 2 else "".join(ends)
    if middle and around:
        return f"{middle} ({around})"
    return middle or around


@dataclass(frozen=True, slots=True)
class LawRow:
    """A law as the report lists it."""

    id: str
    summary: str
    formulas: tuple[str, ...]
    symbols: tuple[tuple[str, str, str], ...]
    """Symbol, argument in words, unit."""
    unit: str
    source: str
    holds: tuple[str, ...]
    fails: str


def law_rows() -> list[LawRow]:
    """Every law of the model."""
    for package in ("adjudicate", "choose", "simulate"):
        import_module(f"twofront.{package}")

    return [_law(record) for record in laws().values()]


def _law(record: Law) -> LawRow:
    forms = (record.form,) if isinstance(record.form, str) else record.form
    symbols: list[tuple[str, str, str]] = []
    for argument, symbol in record.symbols.items():
        names = (symbol,) if isinstance(symbol, str) else symbol
        symbols.append(
            (
                mathml(", ".join(names)) if len(names) == 1 else ", ".join(names),
                argument.replace("_", " "),
                record.units.get(argument, ""),
            )
        )
    return LawRow(
        record.id,
        _sentence(record.summary),
        tuple(mathml(form) for form in forms),
        tuple(symbols),
        record.unit or "",
        record.source,
        record.holds,
        record.fails,
    )


def _sentence(summary: str) -> str:
    """A docstring's first line as a reader of no code would like it."""
    text = summary.replace("``", "").removeprefix("Return ")
    return text[:1].upper() + text[1:]


@dataclass(frozen=True, slots=True)
class LeverRow:
    """A lever with both of its sides, and who sets it."""

    label: str
    means: str
    provocation: str
    span: str
    effects: tuple[str, ...]
    set_by: tuple[str, ...]


def lever_rows(case: Case) -> list[LeverRow]:
    """Every lever, in the order of the case."""
    rows: list[LeverRow] = []
    for lever in case.levers:
        effects: list[str] = []
        for effect in lever.effects:
            where = ", ".join("/".join(names) if len(names) <= 4 else f"{len(names)} entries" for names in effect.of)
            factor = "" if effect.times == 1 else f" × {effect.times}"
            effects.append(
                f"{effect.quantity}{f' of {where}' if where else ''}: {effect.rule.replace('_', ' ')}{factor}"
            )
        users = tuple(
            f"{policy.label} ({plain(policy.levers[lever.name])})"
            for policy in case.policies
            if policy.levers.get(lever.name, lever.today) != lever.today
        )
        span = f"{plain(lever.low)}–{plain(lever.high)} {lever.unit}; today {plain(lever.today)}"
        rows.append(LeverRow(lever.label, lever.means, lever.provocation, span, tuple(effects), users))
    return rows


@dataclass(frozen=True, slots=True)
class Reproduce:
    """How to get the same numbers again."""

    command: str
    rows: tuple[tuple[str, str], ...]
    statuses: tuple[str, ...]
    counts: tuple[tuple[str, tuple[str, ...]], ...]
    changed: bool


def reproduce(facts: Facts) -> Reproduce:
    """The command, the hashes, the versions, and the counts by status."""
    run, manifest = facts.run, facts.run.manifest
    every = len(run.policies) == len(facts.case.policies)
    chosen = "" if every else "".join(f" --policy {name}" for name in run.policies[1:])
    if facts.case.added:
        # The file is not kept with the run; the manifest holds what it said, under `added_policies`.
        chosen = f" --policies {POLICIES}{chosen}"
    revised = "" if facts.case.revision is None else facts.case.revision.options()
    command = f"twofront run {manifest['case']} --futures {run.futures} --seed {run.seed}{chosen}{revised}"
    rows = [
        ("Case", f"{manifest['case']}, content hash {manifest['case_hash']}"),
        ("Seed", str(run.seed)),
        (
            "Futures",
            f"{run.futures:,} asked for, {sum(hi - lo for lo, hi in run.ranges):,} held, {facts.sample.n:,} analysed",
        ),
        ("Output hash", run.hash or "none: the run is not complete"),
        ("Code hash", str(manifest.get("code_hash", "not recorded"))),
        ("Versions", ", ".join(f"{name} {version}" for name, version in manifest.get("versions", {}).items())),
        ("Executor", str(manifest.get("executor", "not recorded"))),
    ]
    statuses = tuple(manifest["statuses"])
    counted = manifest.get("status_counts", {})
    counts = tuple(
        (facts.policy_label(policy), tuple(f"{counted[policy].get(status, 0):,}" for status in statuses))
        for policy in run.policies
        if policy in counted
    )
    return Reproduce(command, tuple(rows), statuses, counts, facts.case.hash != manifest["case_hash"])
