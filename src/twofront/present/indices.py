"""Sensitivity indices as a reader meets them: figures, paragraphs, and the files beside a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twofront.analyse.estimates import too_few
from twofront.analyse.outcomes import CHANCE, MONEY, STAKES, describe, leading
from twofront.analyse.sensitivity import GIVEN, INPUT, Sensitivity, sensitivity
from twofront.faults import UserError
from twofront.present.analysis_page import analysis_page
from twofront.present.charts import tornado, whiskers, wrapped
from twofront.present.figures import Cell, Figure, Key, Panel, Table
from twofront.present.numbers import NONE, amount, percent, plain, span
from twofront.present.palette import BLUE, GREEN, ORANGE, PURPLE

if TYPE_CHECKING:
    from twofront.present.facts import Facts

__all__ = ["figures", "in_report", "paragraphs", "write"]

SHOWN = 10
"""Inputs in a chart."""
LISTED = 30
"""Inputs in the table behind it; the files hold all."""
MOST_IN_REPORT = 50_000
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
    made = [_indices(found)]
    if found.method == GIVEN:
        made = [_tornado(found), *made, *(_grouped(found, kind) for kind in ("actor", "grade"))]
    return [figure for figure in made if figure.panels]


def in_report(facts: Facts) -> list[Figure]:
    """Indices and groups of the leading outcomes on the present course; none where the run has too few futures for
    them, or so many that the report would wait for their inputs (`twofront sensitivity` does not mind)."""
    if facts.sample.n > MOST_IN_REPORT:
        return []
    names = [*leading(facts.case)[:2], "second_front_chance.fixed", "double_war_chance"]
    held = [name for name in names if facts.sample.has(name)]
    try:
        found = sensitivity(facts.study, held, groupings=("all", "actor", "grade", "source"))
    except UserError:
        return []
    made = figures(found)[1:]
    said = tuple(text for text in (_said(found, outcome) for outcome in held) if text)
    return [replace(made[0], text=said), *made[1:]] if made else []


def paragraphs(found: Sensitivity) -> list[str]:
    """What the indices say, in sentences, with n and intervals."""
    say = {GIVEN: _said, "morris": _screened, "sobol": _split}[found.method]
    said = [text for text in (say(found, outcome) for outcome in found.outcomes) if text]
    return [_of_what(found), *said, *found.notes]


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
        return f"Outcomes under “{policy}”; {found.counted}."
    versus = found.case.policy(found.versus).label if found.case is not None else found.versus
    return f"What “{policy}” changes against “{versus}”, in the same draws; {found.counted}."


def _words(found: Sensitivity, outcome: str) -> str:
    return describe(found.case, outcome).words if found.case is not None else outcome


def _kind(found: Sensitivity, outcome: str) -> str:
    return describe(found.case, outcome).kind if found.case is not None else "number"


def _rows(found: Sensitivity, outcome: str, kind: str = INPUT, by: str = "first") -> list[dict[str, Any]]:
    """Rows of the table, the largest of an index first; those without it are left out."""
    rows = found.of(outcome, kind).drop_nulls(by).to_dicts() if by in found.table.columns else []
    return sorted(rows, key=lambda row: (-abs(row[by]), row["name"]))


def _share(row: Row, name: str = "first") -> str:
    """An index with its interval; shares and distances lie between 0 and 1, and noise beyond is not shown as such."""
    value, low, high = (min(1.0, max(0.0, row[name + end])) for end in ("", "_low", "_high"))
    few = too_few(row[f"{name}_low"], row[f"{name}_high"], row["n"]) if row.get("n") else ""
    if few:
        return f"{percent(value)} [{few}]"
    return f"{percent(value)} [{percent(low).removesuffix('%')}–{percent(high)}]"


def _input(name: str) -> str:
    return _shortened(name).replace("structure.", "choice of ").replace("_", " ").replace(".", ", ")


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
                f" (mean {ends} from the fifth of futures below {_value(row['draws_low'], row['unit'])} to that "
                f"above {_value(row['draws_high'], row['unit'])} {row['unit']})"
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


def _split(found: Sensitivity, outcome: str) -> str:
    """Sobol indices of an outcome in a sentence."""
    rows = _factors(found, outcome, "total")
    if not rows or not rows[0]["total"]:
        return ""
    kind, change = _kind(found, outcome), bool(found.versus)
    parts = [
        f"{_input(row['name'])} with a total of {_share(row, 'total')} (by itself {_share(row)})"
        for row in rows[:3]
        if row["total_low"] > 0
    ]
    text = f"{_words(found, outcome)} ({amount(rows[0]['mean'], kind, change=change)} on average) hangs most on "
    laws = _rows(found, outcome, "all", "total")
    more = f" The choice among all rival laws together has a total of {_share(laws[0], 'total')}." if laws else ""
    return f"{text}{_listed(parts)}.{more}" if parts else ""


def _screened(found: Sensitivity, outcome: str) -> str:
    """Elementary effects of an outcome in a sentence."""
    rows = _factors(found, outcome, "mu_star")
    if not rows or not rows[0]["mu_star"]:
        return ""
    kind = _kind(found, outcome)
    parts = [
        f"{_input(row['name'])} ({_told(row, 'mu_star', kind)})"
        for row in rows[:5]
        if row["mu_star"] >= rows[0]["mu_star"] / 100
    ]
    small = sum(row["mu_star"] < rows[0]["mu_star"] / 100 for row in rows)
    text = f"{_words(found, outcome)} moves most when these cross their ranges: {_listed(parts)}."
    return f"{text} {small:,} of {len(rows):,} factors move it by less than a hundredth of what the first does."


def _factors(found: Sensitivity, outcome: str, by: str) -> list[dict[str, Any]]:
    """Rows of a design's factors, without those for several of them together."""
    kinds = [kind for kind in found.table["of"].unique().to_list() if kind != "all"]
    return _rows(found, outcome, kinds[0], by) if kinds else []


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else "; ".join(parts[:-1]) + "; and " + parts[-1]


# ---- figures ----------------------------------------------------------------------------------------------------


def _tornado(found: Sensitivity) -> Figure:
    panels: list[Panel] = []
    tables: list[Table] = []
    drawn = _drawn(found)
    for outcome in found.outcomes:
        ranked = _rows(found, outcome, by="swing")
        kind, change = _kind(found, outcome), bool(found.versus)
        if not ranked or not any(row["swing"] for row in ranked):
            continue
        words = _words(found, outcome)
        tables.append(_swings(found, outcome, ranked[:LISTED]))
        if outcome not in drawn:
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
            f"below {_value(row['draws_low'], row['unit'])}, above {_value(row['draws_high'], row['unit'])}",
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


_MEASURES = {"first": "first order", "delta": "delta", "total": "total", "mu_star": "mean absolute effect"}
_SHOWN = {GIVEN: ("first", "delta"), "sobol": ("total", "first"), "morris": ("mu_star",)}
_TITLES = {
    GIVEN: "How much of the uncertainty about the answer is owed to each input",
    "sobol": "How much of the uncertainty is owed to each factor, by itself and with others",
    "morris": "Which factors matter at all",
}
_SAID = {
    GIVEN: "First-order share of variance, and delta (distance between distributions), with 95% intervals",
    "sobol": "Total and first-order Sobol indices, with 95% intervals by bootstrap",
    "morris": "Mean absolute elementary effect over a factor's range, with 95% intervals",
}
_AFTER = {
    GIVEN: "Correlation ratio with Kelley's correction (1935); delta after Borgonovo (2007), PAWN after Pianosi and "
    "Wagener (2015), both cross-fitted; from the draws of this run.",
    "sobol": "Saltelli et al. (2010) for the first order, Jansen (1999) for the total, on SALib's design.",
    "morris": "Morris (1991), groups after Campolongo et al. (2007), on SALib's trajectories.",
}


def _indices(found: Sensitivity) -> Figure:
    panels: list[Panel] = []
    tables: list[Table] = []
    shown = _SHOWN[found.method]
    drawn = _drawn(found)
    for outcome in found.outcomes:
        ranked = _factors(found, outcome, shown[0]) if found.method != GIVEN else _rows(found, outcome)
        if not ranked or not any(row[shown[0]] for row in ranked):
            continue
        words, kind = _words(found, outcome), _kind(found, outcome)
        tables.append(_index_table(found, outcome, ranked[:LISTED]))
        if outcome not in drawn:
            continue
        rows = [
            {
                "label": wrapped(_input(row["name"]), 26),
                "series": _MEASURES[name],
                "low": max(0.0, row[f"{name}_low"]),
                "mid": max(0.0, row[name]),
                "high": max(0.0, row[f"{name}_high"]),
                "told": _told(row, name, kind),
            }
            for row in ranked[:SHOWN]
            for name in shown
            if row[name] is not None
        ]
        shares = found.method != "morris"
        title = "share, distance" if found.method == GIVEN else "share of variance" if shares else _axis(kind)
        spec = whiskers(rows, title=title, form="~%" if shares else _form(kind), colours=_INDEX_COLOURS, zero=True)
        panels.append(Panel(words, spec, f"Indices of the inputs of {words}."))
    return Figure(
        f"indices-{found.method.replace(' ', '-')}",
        _TITLES[found.method],
        f"{_SAID[found.method]}. {found.counted}.",
        tuple(panels),
        tuple(tables),
        " ".join(found.notes),
        _AFTER[found.method],
        tuple(Key(_MEASURES[name], _INDEX_COLOURS[_MEASURES[name]]) for name in shown),
    )


def _index_table(found: Sensitivity, outcome: str, ranked: Sequence[Row]) -> Table:
    kind = _kind(found, outcome)
    columns = {
        GIVEN: ("first", "delta", "pawn"),
        "sobol": ("total", "first"),
        "morris": ("mu_star", "mu", "sigma"),
    }[found.method]
    heads = {**_MEASURES, "pawn": "PAWN (median)", "mu": "mean effect", "sigma": "sigma"}
    rows: list[list[str | Cell]] = [
        [
            Cell(_shortened(row["name"]), row.get("members") or row["means"] or ""),
            *(_told(row, name, kind) if row[name] is not None else NONE for name in columns),
            row["grade"] or NONE,
        ]
        for row in ranked
    ]
    return Table.of(
        f"{_words(found, outcome)}: the {len(rows)} that come first, 95% intervals, n = {ranked[0]['n']:,}",
        ("Input", *(heads[name][0].upper() + heads[name][1:] for name in columns), "Grade"),
        rows,
    )


def _told(row: Row, name: str, kind: str) -> str:
    """An index with its interval, in the outcome's own unit for effects."""
    if name in ("mu", "sigma"):
        return amount(row[name], kind, change=name == "mu")
    if name == "mu_star":
        low, high = max(0.0, row["mu_star_low"]), row["mu_star_high"]
        return f"{amount(row[name], kind)} [{span(low, high, kind)}]"
    return _share(row, name)


def _drawn(found: Sensitivity) -> list[str]:
    """The outcomes that get a panel; of many, one of each pair that differs by its order alone."""
    varied = [name for name in found.outcomes if found.of_any(name)]
    if len(varied) > PANELS:
        varied = [name for name in varied if not name.endswith(".after_first")] or varied
    return varied[:PANELS]


def _shortened(name: str) -> str:
    parts = name.split(" + ")
    return name if len(parts) <= 2 else f"{parts[0]} and {len(parts) - 1} more"


def _grouped(found: Sensitivity, kind: str) -> Figure:
    panels: list[Panel] = []
    tables: list[Table] = []
    drawn = _drawn(found)
    for outcome in found.outcomes:
        ranked = _rows(found, outcome, kind)
        if not ranked or not any(row["first"] for row in ranked):
            continue
        words = _words(found, outcome)
        shown = (kind,) if kind != "grade" else ("grade", "quantity", "law", "source")
        tables += [_group_table(found, outcome, each) for each in shown if found.of(outcome, each).height]
        if outcome not in drawn:
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
    return f"{_value(row['range_low'], row['unit'])} to {_value(row['range_high'], row['unit'])} {row['unit']}".strip()


def _value(value: float, unit: str) -> str:
    """A value of an input, without zeros that say nothing; a calendar year as such."""
    if unit == "year" and 1900 <= value <= 2100:
        return f"{value:.1f}".removesuffix(".0")
    text = plain(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _axis(kind: str) -> str:
    return {CHANCE: "chance", STAKES: "stakes", MONEY: "billion dollars a year"}.get(kind, kind)


def _form(kind: str) -> str:
    return {CHANCE: "~%", "rate": "~%"}.get(kind, ".2~f")
