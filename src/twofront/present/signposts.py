"""Signposts: how well each series tells futures apart, date by date."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from twofront.analyse.signposts import Signpost, Signposts
from twofront.faults import UserError
from twofront.present.analysis_page import analysis_page
from twofront.present.charts import lines
from twofront.present.figures import Figure, Key, Panel, Table
from twofront.present.numbers import percent, plain
from twofront.present.palette import assigned

if TYPE_CHECKING:
    from twofront.present.facts import Facts

__all__ = ["LEAD", "TITLE", "in_report", "separation", "text_of", "write"]

NAME = "signposts"
SHOWN = 6
TITLE = "What to watch"
LEAD = (
    "Which of the series that can be observed tells early whether a future is of the kind that is asked for "
    "(`twofront signposts RUN`, as it was last asked of this run)."
)


def in_report(facts: Facts) -> list[Figure]:
    """What an earlier `twofront signposts` left in the run's folder, the words before the chart; else nothing, for
    series are computed again for it."""
    found = Signposts.read(facts.run.folder / f"{NAME}.parquet", facts.study)
    return [] if found is None else [replace(separation(found), text=tuple(text_of(found)))]


def write(found: Signposts, folder: str | Path) -> list[Path]:
    """Write `signposts.parquet`, `.csv`, `.md` and `.html` into a folder and return the paths."""
    folder = Path(folder)
    text = text_of(found)
    kicker = f"twofront signposts · {found.study.label} · {found.study.counted}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / f"{NAME}{ending}" for ending in (".parquet", ".csv", ".md", ".html")]
        found.frame.write_parquet(paths[0])
        found.frame.write_csv(paths[1])
        paths[2].write_text("\n\n".join(text) + "\n", encoding="utf-8")
        paths[3].write_text(analysis_page("Signposts", kicker, text, [separation(found)]), encoding="utf-8")
    except OSError as error:
        raise UserError(f"`{folder}` cannot be written: {(error.strerror or str(error)).lower()}") from None
    return paths


def text_of(found: Signposts) -> list[str]:
    """The result in paragraphs."""
    label = found.study.run.case.label(found.policy) if found.study.run is not None else found.policy
    first = (
        f"Futures in which `{found.where}` holds under {label}: {found.meant:,}; in which it does not: "
        f"{found.others:,}. {found.study.counted}."
    )
    if found.undefined:
        first += f" {found.undefined:,} have no value and are left out."
    if found.passed_over:
        first += f" The {found.passed_over:,} futures beyond the first 50,000 were not looked at."
    clear = [item for item in found.found if item.first is not None]
    if not clear:
        best = max(found.found, key=lambda item: float(item.strength.max()))
        place = int(best.strength.argmax())
        nothing = (
            f"No series tells them apart: none has an area (AUC) of which the 95% interval lies beyond "
            f"{found.strong:g} at any date. The best is {best.series} in {found.months[place]}, with "
            f"{_area(best, place)}. Other signposts would have to be watched than those that the case declares "
            "under `paths`."
        )
        return [first, nothing]
    parts = [f"{item.series} from {found.months[item.first or 0]} on ({_told(found, item)})" for item in clear[:SHOWN]]
    limits = (
        "An area (AUC) is the chance that, of two futures of either kind, the series ranks them rightly; a half is no "
        "information. Intervals hold for all series and dates together. A signpost goes with what is meant in the "
        "sampled futures; it need not cause it, and it is read here without error or delay."
    )
    return [
        first,
        f"{len(clear)} of {len(found.found)} series tell them apart; earliest first: {'; '.join(parts)}.",
        limits,
    ]


def _area(item: Signpost, place: int) -> str:
    return f"AUC {item.area[place]:.2f} [{item.low[place]:.2f}–{item.high[place]:.2f}]"


def _told(found: Signposts, item: Signpost) -> str:
    place = len(found.months) - 1 if item.first is None else item.first
    side = "at least" if item.above else "at most"
    return (
        f"{_area(item, place)}; {side} {plain(item.threshold)} in {percent(item.hits)} of the meant and "
        f"{percent(item.alarms)} of the others, checked on the other half of the futures"
    )


def separation(found: Signposts) -> Figure:
    """Areas by date for the series that tell earliest, and a table of all."""
    shown = found.found[:SHOWN]
    rows = [
        {
            "x": int(month[:4]) + int(month[5:]) / 12,
            "y": float(item.strength[place]),
            "low": float(min(max(_ends(item, place)[0], 0.5), 1.0)),
            "high": float(_ends(item, place)[1]),
            "series": item.series,
        }
        for item in shown
        for place, month in enumerate(found.months)
    ]
    colours = assigned([item.series for item in shown])
    spec = lines(
        rows, x_title="", y_title="area (AUC)", x_form="d", y_form=".2f", colours=colours, domain=(0.5, 1.0), band=True
    )
    head = ("Series", "Clear from", "AUC there (or at the end)", "Best AUC", "Reads")
    table: list[list[str]] = []
    for item in found.found:
        place = len(found.months) - 1 if item.first is None else item.first
        best = int(item.strength.argmax())
        clear = "never" if item.first is None else found.months[item.first]
        reads = f"{'≥' if item.above else '≤'} {plain(item.threshold)}: {percent(item.hits)} / {percent(item.alarms)}"
        table.append([item.series, clear, _area(item, place), f"{item.area[best]:.2f} in {found.months[best]}", reads])
    return Figure(
        "signposts",
        "Which series tells futures apart, and how early",
        "Area under the receiver's curve by date, turned to lie above one half, with intervals that hold for all "
        f"series and dates together; {found.meant:,} futures that are meant against {found.others:,}.",
        (Panel("", spec, "Areas under the curve by date."),),
        (Table.of(f"All series, for `{found.where}`; last column: hits / false alarms", head, table),),
        "Series are those that the case declares, read without error or delay; going with is not causing.",
        "Series computed again from the run's draws; DeLong intervals with Bonferroni's correction.",
        tuple(Key(name, colour) for name, colour in colours.items()),
        columns=1,
    )


def _ends(item: Signpost, place: int) -> tuple[float, float]:
    low, high = float(item.low[place]), float(item.high[place])
    return (low, high) if item.area[place] >= 0.5 else (1 - high, 1 - low)
