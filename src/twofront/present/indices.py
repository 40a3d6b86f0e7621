"""Sensitivity indices as a reader meets them: figures, paragraphs, and the files beside a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from twofront.analyse.outcomes import CHANCE, MONEY, STAKES, describe
from twofront.analyse.sensitivity import GIVEN, INPUT, Sensitivity
from twofront.faults import UserError
from twofront.present.analysis_page import analysis_page
from twofront.present.charts import tornado, whiskers, wrapped
from twofront.present.figures import Cell, Figure, Key, Panel, Table
from twofront.present.numbers import NONE, amount, percent, plain
from twofront.present.palette import BLUE, GREEN, ORANGE, PURPLE

__all__ = ["figures", "paragraphs", "write"]

SHOWN = 10
"""Inputs in a chart."""
LISTED = 30
"""Inputs in the table behind it; the files hold all."""
PANELS = 4
"""Outcomes that are drawn."""
_ENDS = {"lowest fifth of draws": "#56b4e9", "highest fifth of draws": "#e69f00"}
_INDEX_COLOURS = {"first order": BLUE, "delta": ORANGE, "total": GREEN, "mean absolute effect": PURPLE}
_KINDS = {
    "actor": "whose number it is",
    "quantity": "what it measures",
    "grade": "the grade of its evidence",
    "law": "the law that reads it",
    "source": "the publisher behind its range",
}
Row = Mapping[str, Any]


def figures(found: Sensitivity) -> list[Figure]:
    """Tornado, indices with intervals, and groups, of the first outcomes."""
    made = [_tornado(found), _indices(found), *(_grouped(found, kind) for kind in ("actor", "grade"))]
    return [figure for figure in made if figure.panels]


def paragraphs(found: Sensitivity) -> list[str]:
    """What the indices say, in sentences, with n and intervals."""
    lines = [f"{_of_what(found)} {found.counted[0].upper()}{found.counted[1:]}."]
    for outcome in found.outcomes:
        said = _said(found, outcome)
        if said:
            lines.append(said)
    return [*lines, *found.notes]


def write(found: Sensitivity, folder: Path) -> list[Path]:
    """Write table, words and page into a folder, and return their paths."""
    import polars as pl

    name = "sensitivity" if found.method == GIVEN else f"sensitivity-{found.method}"
    paths = [folder / f"{name}.{ending}" for ending in ("parquet", "csv", "md", "html")]
    title = "What the answer hangs on"
    text = paragraphs(found)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        frame = found.table.select(
            pl.lit(found.method).alias("method"),
            pl.lit(found.policy).alias("policy"),
            pl.lit(found.versus or None, dtype=pl.String).alias("versus"),
            pl.all(),
        )
        frame.write_parquet(paths[0])
        frame.write_csv(paths[1])
        paths[2].write_text(f"# {title}\n\n" + "\n\n".join(text) + "\n", encoding="utf-8", newline="\n")
        page = analysis_page(title, f"twofront sensitivity · {found.label} · {found.counted}", text, figures(found))
        paths[3].write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UserError(f"`{folder}` cannot be written: {(error.strerror or str(error)).lower()}") from None
    return paths


# ---- words ------------------------------------------------------------------------------------------------------


def _of_what(found: Sensitivity) -> str:
    policy = found.case.policy(found.policy).label if found.case is not None else found.policy
    if not found.versus:
        return f"Outcomes under “{policy}”."
    versus = found.case.policy(found.versus).label if found.case is not None else found.versus
    return f"What “{policy}” changes against “{versus}”, in the same draws."


def _words(found: Sensitivity, outcome: str) -> str:
    return describe(found.case, outcome).words if found.case is not None else outcome


def _kind(found: Sensitivity, outcome: str) -> str:
    return describe(found.case, outcome).kind if found.case is not None else "number"


def _rows(found: Sensitivity, outcome: str, kind: str = INPUT, by: str = "first") -> list[dict[str, Any]]:
    """Rows of the table, the largest of an index first; those without it are left out."""
    rows = found.of(outcome, kind).drop_nulls(by).to_dicts() if by in found.table.columns else []
    return sorted(rows, key=lambda row: (-abs(row[by]), row["name"]))


def _share(row: Row, name: str = "first") -> str:
    """An index with its interval; shares and distances are not negative, and their noise is not shown as such."""
    low, high = (min(1.0, max(0.0, row[f"{name}_{end}"])) for end in ("low", "high"))
    return f"{percent(max(0.0, row[name]))} [{percent(low).removesuffix('%')}–{percent(high)}]"


def _input(name: str) -> str:
    return name.replace("structure.", "choice of ").replace("_", " ").replace(".", ", ")


def _said(found: Sensitivity, outcome: str) -> str:
    rows = _rows(found, outcome)
    if not rows or not any(row["first"] for row in rows):
        return ""
    kind, change = _kind(found, outcome), bool(found.versus)
    clear = [row for row in rows if row["clear"]][:3]
    if not clear:
        return f"{_words(found, outcome)}: no input's own share of the variance is clear of chance with these futures."
    parts: list[str] = []
    for row in clear:
        text = f"{_input(row['name'])} with {_share(row)} of the variance"
        if row["mean_low"] is not None and row["mean_high"] is not None:
            ends = f"{amount(row['mean_low'], kind, change=change)} → {amount(row['mean_high'], kind, change=change)}"
            text += (
                f" (mean {ends} from the fifth of futures below {plain(row['draws_low'])} to that above "
                f"{plain(row['draws_high'])} {row['unit']})"
            )
        parts.append(text)
    alone = _rows(found, outcome, "all")
    text = f"{_words(found, outcome)} ({amount(rows[0]['mean'], kind, change=change)} on average, n = {rows[0]['n']:,})"
    text += f" goes most with {_listed(parts)}."
    if alone:
        text += f" All inputs one by one explain {_share(alone[0])}; the rest is what they do together."
    grades = {row["name"]: row for row in _rows(found, outcome, "grade")}
    guessed, laws = grades.get("grade D"), grades.get("choice of law")
    said = [f"numbers of grade D (guessed) {_share(guessed)}"] if guessed else []
    said += [f"the choice among rival laws {_share(laws)}"] if laws else []
    return text + (f" Of the whole, {_listed(said)}." if said else "")


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else "; ".join(parts[:-1]) + "; and " + parts[-1]


# ---- figures ----------------------------------------------------------------------------------------------------


def _tornado(found: Sensitivity) -> Figure:
    panels: list[Panel] = []
    tables: list[Table] = []
    for outcome in found.outcomes:
        ranked = _rows(found, outcome, by="swing")
        kind, change = _kind(found, outcome), bool(found.versus)
        if not ranked or not any(row["swing"] for row in ranked):
            continue
        words = _words(found, outcome)
        tables.append(_swings(found, outcome, ranked[:LISTED]))
        if len(panels) >= PANELS:
            continue
        rows = [
            {
                "label": wrapped(f"{_input(row['name'])} ({_range(row)})", 30),
                "low": row["mean_low"],
                "high": row["mean_high"],
                "told": f"{amount(row['mean_low'], kind, change=change)} → "
                f"{amount(row['mean_high'], kind, change=change)}",
            }
            for row in ranked[:SHOWN]
        ]
        spec = tornado(rows, title=f"mean, {_axis(kind)}", form=_form(kind), overall=ranked[0]["mean"], colours=_ENDS)
        panels.append(Panel(words, spec, f"Inputs that move {words} most."))
    return Figure(
        f"tornado-{found.method.replace(' ', '-')}",
        "How far each input moves the answer, over the range that its sources leave",
        f"Mean outcome in the fifth of futures with the lowest and the highest draws of each input. {found.counted}. "
        "In brackets: the range as the case declares it.",
        tuple(panels),
        tuple(tables),
        "One input at a time, all others as drawn: correlated inputs share their effects, and interactions do not "
        "show.",
        "The draws of this run.",
        tuple(Key(label, colour) for label, colour in _ENDS.items()),
    )


def _swings(found: Sensitivity, outcome: str, ranked: Sequence[Row]) -> Table:
    kind, change = _kind(found, outcome), bool(found.versus)
    rows: list[list[str | Cell]] = [
        [
            Cell(row["name"], row["means"] or ""),
            amount(row["mean_low"], kind, change=change),
            amount(row["mean_high"], kind, change=change),
            f"below {plain(row['draws_low'])}, above {plain(row['draws_high'])}",
            _range(row),
            f"{row['rank']:+.2f}".replace("-", "−"),
            row["grade"] or NONE,
        ]
        for row in ranked
    ]
    return Table.of(
        f"{_words(found, outcome)}: the {len(rows)} inputs with the largest swing, n = {ranked[0]['n']:,}",
        ("Input", "Mean, lowest fifth", "Mean, highest fifth", "Fifths of draws", "Range", "Rank correlation", "Grade"),
        rows,
    )


def _indices(found: Sensitivity) -> Figure:
    panels: list[Panel] = []
    tables: list[Table] = []
    shown = [name for name in ("first", "delta") if name in found.table.columns]
    names = {"first": "first order", "delta": "delta"}
    for outcome in found.outcomes:
        ranked = _rows(found, outcome)
        if not ranked or not any(row["first"] for row in ranked):
            continue
        words = _words(found, outcome)
        tables.append(_index_table(found, outcome, ranked[:LISTED]))
        if len(panels) >= PANELS:
            continue
        rows = [
            {
                "label": wrapped(_input(row["name"]), 26),
                "series": names[name],
                "low": max(0.0, row[f"{name}_low"]),
                "mid": max(0.0, row[name]),
                "high": max(0.0, row[f"{name}_high"]),
                "told": _share(row, name),
            }
            for row in ranked[:SHOWN]
            for name in shown
            if row[name] is not None
        ]
        spec = whiskers(rows, title="share, distance", form="~%", colours=_INDEX_COLOURS, zero=True)
        panels.append(Panel(words, spec, f"Indices of the inputs of {words}."))
    return Figure(
        f"indices-{found.method.replace(' ', '-')}",
        "How much of the uncertainty about the answer is owed to each input",
        f"First-order share of variance, and delta (distance between distributions), with 95% intervals. "
        f"{found.counted}.",
        tuple(panels),
        tuple(tables),
        " ".join(found.notes),
        "Correlation ratio with Kelley's correction (1935); delta after Borgonovo (2007), PAWN after Pianosi and "
        "Wagener (2015), both cross-fitted; from the draws of this run.",
        tuple(Key(names[name], _INDEX_COLOURS[names[name]]) for name in shown),
    )


def _index_table(found: Sensitivity, outcome: str, ranked: Sequence[Row]) -> Table:
    rows: list[list[str | Cell]] = [
        [
            Cell(row["name"], row["means"] or ""),
            _share(row),
            _share(row, "delta") if row["delta"] is not None else NONE,
            _share(row, "pawn") if row["pawn"] is not None else NONE,
            row["grade"] or NONE,
        ]
        for row in ranked
    ]
    return Table.of(
        f"{_words(found, outcome)}: the {len(rows)} inputs with the largest share of variance, 95% intervals, "
        f"n = {ranked[0]['n']:,}",
        ("Input", "First order", "Delta", "PAWN (median)", "Grade"),
        rows,
    )


def _grouped(found: Sensitivity, kind: str) -> Figure:
    panels: list[Panel] = []
    tables: list[Table] = []
    for outcome in found.outcomes:
        ranked = _rows(found, outcome, kind)
        if not ranked or not any(row["first"] for row in ranked):
            continue
        words = _words(found, outcome)
        shown = (kind,) if kind != "grade" else ("grade", "quantity", "law", "source")
        tables += [_group_table(found, outcome, each) for each in shown]
        if len(panels) >= PANELS:
            continue
        rows = [
            {
                "label": wrapped(row["name"], 26),
                "series": "first order",
                "low": max(0.0, row["first_low"]),
                "mid": max(0.0, row["first"]),
                "high": max(0.0, row["first_high"]),
                "told": f"{_share(row)}, {row['inputs']} inputs",
            }
            for row in ranked[:SHOWN]
        ]
        spec = whiskers(rows, title="share of variance", form="~%", colours=_INDEX_COLOURS, zero=True)
        panels.append(Panel(words, spec, f"Shares of the variance of {words}, by {_KINDS[kind]}."))
    return Figure(
        f"groups-{kind}",
        {"actor": "Whose numbers the answer hangs on", "grade": "How well known are the numbers that it hangs on?"}[
            kind
        ],
        f"Sums of first-order shares by {_KINDS[kind]}, with 95% intervals. {found.counted}.",
        tuple(panels),
        tuple(tables),
        "Sums over inputs, without what they do together; correlated inputs count twice what they share. Groups by law "
        "and by source overlap.",
        "The case's own names, grades and sources; laws as they are traced.",
    )


def _group_table(found: Sensitivity, outcome: str, kind: str) -> Table:
    ranked = _rows(found, outcome, kind)[:LISTED]
    rows: list[list[str | Cell]] = [[Cell(row["name"]), f"{row['inputs']}", _share(row)] for row in ranked]
    return Table.of(
        f"{_words(found, outcome)}: first-order shares by {_KINDS[kind]}, 95% intervals",
        ("Group", "Inputs", "First order"),
        rows,
    )


def _range(row: Row) -> str:
    if row["range_low"] is None or row["range_high"] is None:
        return "laws"
    return f"{plain(row['range_low'])} to {plain(row['range_high'])} {row['unit']}".strip()


def _axis(kind: str) -> str:
    return {CHANCE: "chance", STAKES: "stakes", MONEY: "billion dollars a year"}.get(kind, kind)


def _form(kind: str) -> str:
    return {CHANCE: "~%", "rate": "~%"}.get(kind, ".2~f")
