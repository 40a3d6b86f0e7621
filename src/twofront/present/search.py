"""What a search found: parallel coordinates with brushes, how it went, and each policy in words."""

from __future__ import annotations

import math
from pathlib import Path

from twofront.analyse.objectives import Asked
from twofront.analyse.outcomes import CHANCE, MONEY, describe
from twofront.analyse.search import Point, Search, amount_of, setting_words
from twofront.present.analysis_page import analysis_page
from twofront.present.charts import lines, parallel
from twofront.present.figures import Cell, Figure, Key, Panel, Spec, Table
from twofront.present.numbers import amount, plain, span
from twofront.present.palette import FIRST, NEUTRAL, SECOND

__all__ = ["found_figure", "summary", "write_page"]

FOUND, OWN, BEATEN = "found by the search", "policy of the case", "beaten on fresh draws"
COLOURS = {FOUND: FIRST, OWN: SECOND, BEATEN: NEUTRAL}
MOST_AXES = 14


def write_page(found: Search, folder: Path) -> Path:
    """Write `search.html` and `search.md` into the folder of a search and return the page."""
    text = summary(found)
    figures = [figure for figure in (found_figure(found), progress_figure(found)) if figure is not None]
    kicker = f"twofront search · case {found.case.name} · seed {found.seed}"
    page = folder / "search.html"
    page.write_text(analysis_page(f"Policies found by search: {found.case.title}", kicker, text, figures), "utf-8")
    points = [f"- **{point.policy.name}** ({point.policy.label}). {told(found, point)}" for point in found.found]
    (folder / "search.md").write_text("\n\n".join([*text, "\n".join(points)]).rstrip() + "\n", "utf-8")
    return page


def summary(found: Search) -> list[str]:
    """The result in paragraphs."""
    searched = [point for point in found.points if not point.case]
    own = [point for point in found.points if point.case]
    tried = found.history[-1][1]
    asked = "; ".join(item.text for item in found.objectives)
    within = f", holding to {'; '.join(item.text for item in found.constraints)}" if found.constraints else ""
    first = (
        f"Sought: {asked}{within}. {tried:,} settings of {len(found.axes)} levers were tried on the same "
        f"{found.futures:,} futures in {len(found.history)} generations; what was found was measured again on "
        f"{found.fresh:,} fresh futures, which the search has not seen."
    )
    if sum(found.left_out):
        first += (
            f" {sum(found.left_out):,} drawn futures were left out: no number under the present course "
            "(a failed row, or a declared prior that nothing reproduces)."
        )
    parts = [first]
    if not found.found:
        parts.append(
            f"None of the {len(searched)} policies it ended with meets every constraint on fresh futures. "
            "Loosen a constraint, search on more futures, or let more levers move."
        )
        return parts
    lost = [point for point in searched if not point.feasible]
    beaten = [point for point in searched if point.feasible and not point.best]
    kept = f"{len(found.found)} of {len(searched)} policies stand on fresh futures"
    reasons = [f"{len(lost)} break a constraint there"] if lost else []
    reasons += [f"{len(beaten)} are beaten there by another found one"] if beaten else []
    parts.append(f"{kept}{': ' + ', '.join(reasons) if reasons else ''}. {optimism(found)}")
    parts.append(_against(found, own))
    parts.append(
        "Levels of chances rest on the declared prior (an input), and the ranges of levers bound what can be found. A "
        "share or a mean over sampled futures is no probability. Each lever's provocation side is in the model, as a "
        "judgement; read it before a policy is called better."
    )
    return parts


def _against(found: Search, own: list[Point]) -> str:
    """Which of the case's own policies a found one beats in everything."""
    beats: list[str] = []
    for point in own:
        ways = [
            other
            for other in found.found
            if all(_better(item, other, point) >= 0 for item in found.objectives)
            and any(_better(item, other, point) > 0 for item in found.objectives)
        ]
        if ways:
            beats.append(f"{point.policy.label} (by {ways[0].policy.name})")
    if not beats:
        return "No found policy beats one of the case's own in everything that was sought."
    return (
        f"Of the case's own {len(own)} policies, a found one beats in everything that was sought: {', '.join(beats)}."
    )


def _better(item: Asked, one: Point, other: Point) -> float:
    difference = one.measured[item.name].fresh - other.measured[item.name].fresh
    return difference if item.larger else -difference


def optimism(found: Search) -> str:
    """By how much the search's own draws flattered what it found, against how they treated the case's policies."""
    words: list[str] = []
    for item in found.objectives:
        ours = [_gap(item, point) for point in found.points if not point.case]
        theirs = [_gap(item, point) for point in found.points if point.case]
        mean = math.fsum(ours) / len(ours) - math.fsum(theirs) / len(theirs)
        kind = "chance" if item.test else describe(found.case, item.outcome).kind
        unit = {CHANCE: " points", MONEY: " bn USD"}.get(kind, "") if isinstance(item.column, str) else ""
        words.append(f"{item.name} {measure(found, item, mean, change=True)}{unit}")
    return (
        "Optimism of the search (how much worse found policies come out on fresh futures than on its own, beyond what "
        f"the case's policies do): {'; '.join(words)}."
    )


def _gap(item: Asked, point: Point) -> float:
    measured = point.measured[item.name]
    return (measured.sought - measured.fresh) * (1 if item.larger else -1)


def measure(found: Search, item: Asked, value: float, *, change: bool = False) -> str:
    """A measure as the page writes it."""
    if item.test is not None:
        return amount(value, "chance", change=change)
    if not isinstance(item.column, str):
        return plain(value)
    return amount(value, describe(found.case, item.outcome).kind, change=change)


def interval(found: Search, item: Asked, point: Point) -> str:
    """A measure on fresh draws with its 95% interval."""
    measured = point.measured[item.name]
    kind = "chance" if item.test else describe(found.case, item.outcome).kind if isinstance(item.column, str) else ""
    return f"{measure(found, item, measured.fresh)} [{span(measured.low, measured.high, kind)}]"


def told(found: Search, point: Point) -> str:
    """A policy in words: what it sets, and what that gives."""
    setting = setting_words(found.case, point.policy.levers) or "nothing is changed"
    gives = "; ".join(f"{item.name} {interval(found, item, point)}" for item in found.asked)
    return f"{setting}. On {found.fresh:,} fresh futures: {gives}."


def found_figure(found: Search) -> Figure | None:
    """Parallel coordinates of objectives and levers, and the table behind them."""
    shown = [point for point in found.points if math.isfinite(sum(m.fresh for m in point.measured.values()))]
    if not shown:
        return None
    columns: list[tuple[str, list[float], list[str]]] = []
    for item in found.asked:
        values = [point.measured[item.name].fresh for point in shown]
        columns.append((item.name, values, [measure(found, item, value) for value in values]))
    moved: list[tuple[float, str, list[float], list[str]]] = []
    for axis in found.axes:
        values = [point.policy.levers[axis.lever.name] for point in shown]
        reach = (max(values) - min(values)) / (axis.high - axis.low)
        if reach > 0:
            moved.append((-reach, axis.lever.label, values, [amount_of(axis.lever, value) for value in values]))
    moved.sort(key=lambda row: row[0])
    columns += [row[1:] for row in moved[: MOST_AXES - len(columns)]]
    ends: list[tuple[str, str]] = []
    scaled: list[list[float]] = []
    for _, values, texts in columns:
        low, high = min(values), max(values)
        ends.append((texts[values.index(low)], texts[values.index(high)]))
        scaled.append([(value - low) / (high - low) if high > low else 0.5 for value in values])
    rows = [
        {
            "series": OWN if point.case else FOUND if point.feasible and point.best else BEATEN,
            "told": f"{point.policy.label}: {'; '.join(f'{n} {t[place]}' for n, _, t in columns)}",
            **{f"a{at}": round(column[place], 5) for at, column in enumerate(scaled)},
        }
        for place, point in enumerate(shown)
    ]
    names = [name for name, _, _ in columns]
    spec = parallel(rows, names, ends, colours=COLOURS)
    hidden = len(moved) + len(found.asked) - len(columns)
    left = f" {hidden} further levers that differ least are in the table alone." if hidden > 0 else ""
    return Figure(
        "found",
        "What the levers can buy, and at what price",
        f"Each line is a policy; measures on {found.fresh:,} fresh futures, levers as set. Drag up or down along axes "
        f"to keep only the lines that pass there; a double click shows all again.{left}",
        (Panel("", spec, "Parallel coordinates of found policies and of the case's own."),),
        (_table(found, shown),),
        "What no found policy beats is best among what was tried, within the ranges of the levers and the sampled "
        "futures. Axes run from the least to the greatest value shown, so near values can look far apart.",
        "Search over the case's levers; 95% intervals from resampled futures in the table.",
        tuple(Key(name, colour) for name, colour in COLOURS.items() if any(row["series"] == name for row in rows)),
        columns=1,
    )


def _table(found: Search, shown: list[Point]) -> Table:
    head = ["Policy", *(item.name for item in found.asked), "Stands", "Sets"]
    rows: list[list[str | Cell]] = []
    for point in shown:
        stands = "of the case" if point.case else "yes" if point.feasible and point.best else "no"
        if not point.feasible:
            stands = f"{'of the case, ' if point.case else ''}breaks a constraint"
        cells = [
            Cell(interval(found, item, point), f"in search {point.measured[item.name].sought:.5g}")
            for item in found.asked
        ]
        words = setting_words(found.case, point.policy.levers) or "nothing"
        rows.append([Cell(point.policy.label, point.policy.name), *cells, stands, words])
    caption = f"Measures on {found.fresh:,} fresh futures with 95% intervals"
    return Table.of(caption, head, rows)


def progress_figure(found: Search) -> Figure | None:
    """Hypervolume and epsilon-progress by generation."""
    if len(found.history) < 2:
        return None
    volume: list[dict[str, object]] = [
        {"x": row[0], "y": row[4], "series": "hypervolume"} for row in found.history if not math.isnan(row[4])
    ]
    won: list[dict[str, object]] = [{"x": row[0], "y": row[3], "series": "boxes won"} for row in found.history]
    panels = [
        Panel(
            "ε-progress",
            _by_generation(won, "boxes won so far", "d"),
            "Boxes of the archive won by generation.",
        )
    ]
    if volume:
        spec = _by_generation(volume, "share of the box", ".3f")
        panels.insert(0, Panel("Hypervolume", spec, "Hypervolume of the archive by generation."))
    rows = [
        [str(number), f"{tried:,}", str(size), str(progress), plain(share)]
        for number, tried, size, progress, share in found.history
    ]
    sizes = zip(found.objectives, found.epsilon, strict=True)
    epsilons = ", ".join(f"{item.name} {size:.3g}" for item, size in sizes)
    head = ("Generation", "Settings tried", "In the archive", "Boxes won", "Hypervolume")
    return Figure(
        "progress",
        "Had the search come to rest?",
        "Both curves should be flat at the end; if they still rise, more generations will find better policies. "
        "Measured on the search's own futures.",
        tuple(panels),
        (Table.of("By generation", head, rows),),
        "A flat curve says that this search finds nothing more, not that there is nothing more.",
        f"Epsilon by objective: {epsilons}.",
    )


def _by_generation(rows: list[dict[str, object]], title: str, form: str) -> Spec:
    colours = {str(row["series"]): FIRST for row in rows}
    return lines(rows, x_title="generation", y_title=title, x_form="d", y_form=form, colours=colours)
