"""What a search left in a run's folder, for the report of the run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twofront.analyse.outcomes import CHANCE, describe
from twofront.analyse.search_folder import MANIFEST
from twofront.present.charts import parallel
from twofront.present.figures import Figure, Key, Panel, Table
from twofront.present.numbers import amount, plain, span
from twofront.present.search import BEATEN, COLOURS, FOUND, OWN

if TYPE_CHECKING:
    import polars as pl

    from twofront.present.facts import Facts

__all__ = ["LEAD", "TITLE", "in_report"]

TITLE = "Policies found by search"
LEAD = (
    "Settings of the levers that no other found one beats in everything that was sought, beside the case's own "
    "policies (`twofront search CASE --out RUN/search`)."
)


def in_report(facts: Facts) -> list[Figure]:
    """One figure for each finished search of the same case in a folder within the run's; none where there is none."""
    made: list[Figure] = []
    for manifest in sorted(facts.run.folder.glob(f"*/{MANIFEST}")):
        held = _read(manifest.parent)
        if held is None or held[0].get("case_hash") != facts.case.hash:
            continue
        made.append(_figure(facts, manifest.parent, *held, number=len(made)))
    return made


def _read(folder: Path) -> tuple[dict[str, Any], pl.DataFrame] | None:
    import polars as pl

    try:
        return json.loads((folder / MANIFEST).read_text("utf-8")), pl.read_parquet(folder / "search.parquet")
    except Exception:  # whatever the readers raise, the report can do without it
        return None


def _figure(facts: Facts, folder: Path, about: dict[str, Any], table: pl.DataFrame, *, number: int) -> Figure:
    names = [name.removeprefix("fresh.") for name in table.columns if name.startswith("fresh.")]
    whole = [row for row in table.iter_rows(named=True) if all(_finite(row[f"fresh.{name}"]) for name in names)]
    columns = {name: [float(row[f"fresh.{name}"]) for row in whole] for name in names}
    ends = [(_told(facts, name, min(values)), _told(facts, name, max(values))) for name, values in columns.items()]
    rows: list[dict[str, object]] = [
        {
            "series": _kind(row),
            "told": "; ".join(
                [row["label"], *(f"{name} {_told(facts, name, row[f'fresh.{name}'])}" for name in names)]
            ),
            **{f"a{at}": _scaled(columns[name], place) for at, name in enumerate(names)},
        }
        for place, row in enumerate(whole)
    ]
    cells = [[row["label"], *(_interval(facts, name, row) for name in names), _stands(row)] for row in whole]
    stand = sum(row["feasible"] and row["best"] and not row["of_case"] for row in whole)
    tried = about["history"][-1]["evaluations"] if about.get("history") else 0
    within = f", holding to {'; '.join(about['constraints'])}" if about["constraints"] else ""
    stopped = "" if about["complete"] else " The search was stopped before its end."
    text = (
        f"Sought: {'; '.join(about['objectives'])}{within}. {tried:,} settings were tried on {about['futures']:,} "
        f"futures; {stand:,} of {sum(not row['of_case'] for row in whole):,} policies stand on {about['fresh']:,} "
        f"fresh ones, which the search had not seen.{stopped}"
    )
    return Figure(
        f"search-{number}",
        "What the levers can buy, and at what price",
        f"Each line is a policy; means on {about['fresh']:,} fresh futures. Drag along axes to keep only the lines "
        "that pass there; a double click shows all again.",
        (Panel("", parallel(rows, names, ends, colours=COLOURS), "Parallel coordinates of found and own policies."),),
        (
            Table.of(
                f"Measures on {about['fresh']:,} fresh futures, 95% intervals", ("Policy", *names, "Stands"), cells
            ),
        ),
        "What no found policy beats is best among what was tried, within the ranges of the levers and the sampled "
        "futures. Axes run from the least to the greatest value shown, so near values can look far apart.",
        f"Search in the folder {folder.name} of this run, seed {about['seed']}; its own page names every lever.",
        tuple(Key(name, colour) for name, colour in COLOURS.items() if any(row["series"] == name for row in rows)),
        columns=1,
        text=(text,),
    )


def _kind(row: dict[str, Any]) -> str:
    return OWN if row["of_case"] else FOUND if row["feasible"] and row["best"] else BEATEN


def _stands(row: dict[str, Any]) -> str:
    if not row["feasible"]:
        return "breaks a constraint"
    return "of the case" if row["of_case"] else "yes" if row["best"] else "no"


def _told(facts: Facts, name: str, value: float) -> str:
    kind = _kind_of(facts, name)
    return amount(value, kind) if kind else plain(value)


def _interval(facts: Facts, name: str, row: dict[str, Any]) -> str:
    ends = row[f"fresh_low.{name}"], row[f"fresh_high.{name}"]
    return f"{_told(facts, name, row[f'fresh.{name}'])} [{span(*ends, _kind_of(facts, name))}]"


def _kind_of(facts: Facts, name: str) -> str:
    """What a measure (`p90 any_war_chance`, `share any_war_chance < 0.2`) is counted in; empty for any other number."""
    _, outcome, *test = name.split(" ")
    if test:
        return CHANCE
    return describe(facts.case, outcome).kind if facts.sample.has(outcome) else ""


def _scaled(values: list[float], place: int) -> float:
    low, high = min(values), max(values)
    return round((values[place] - low) / (high - low), 5) if high > low else 0.5


def _finite(value: object) -> bool:
    return isinstance(value, float) and value - value == 0
