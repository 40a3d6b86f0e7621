"""Scenario discovery as a reader meets it: the figures of a box, the section of the report, and the files of a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from twofront.analyse.box_search import edge_of
from twofront.analyse.boxes_found import LUCK, NOTHING, Discovery, Edge, Found, Step
from twofront.analyse.boxes_in_words import (
    NAME,
    amount,
    bound,
    clause,
    markdown,
    opinions,
    ranked,
    reading,
    sentence,
    short,
)
from twofront.analyse.discovery import discover
from twofront.faults import UserError
from twofront.present.analysis_page import analysis_page
from twofront.present.charts import sources, trajectory, wrapped
from twofront.present.figures import Cell, Figure, Key, Panel, Table
from twofront.present.numbers import NONE, percent
from twofront.present.palette import BLACK, BLUE, GREEN, ORANGE, PURPLE, VERMILION
from twofront.present.policies import listed

if TYPE_CHECKING:
    from twofront.present.facts import Facts

__all__ = ["LEAD", "TITLE", "figures", "headline", "write"]

TITLE = "Where it goes wrong: scenario discovery"
LEAD = (
    "On which few inputs do the futures lie in which an outcome is worst? A box is a set of limits. Its density is "
    "the share of its futures that are of interest, its coverage the share of those that it holds."
)
_COUNTS = (BLACK, BLUE, ORANGE, GREEN, PURPLE, VERMILION)
"""By number of inputs limited; five and more share the last."""
_GRADES = {"A": BLUE, "B": GREEN, "C": ORANGE, "D": VERMILION, "": BLACK}


def headline(facts: Facts) -> list[Figure]:
    """The boxes that the report shows: the worst tenth of the second-front chance, and the thinnest deterrence margins,
    whose level needs no declared prior. Empty where the run has too few futures for either."""
    second = facts.second.actor
    asked = {
        "second-front-boxes": "top(second_front_chance, 0.1)",
        "margin-boxes": f"bottom(deterrence_margin.{second}.after_first, 0.1)",
    }
    found: list[Figure] = []
    for id_, where in asked.items():
        try:
            found += figures(discover(facts.study, where), id_=id_)
        except UserError:  # too few futures, or an outcome that this case does not have
            continue
    return found


def figures(found: Discovery, *, id_: str = "boxes", in_words: bool = True) -> list[Figure]:
    """One figure for each box: the trajectory and the limits, with every number in the tables behind them, and its
    words before them if they do not stand elsewhere."""
    made = [_figure(found, box, number, id_) for number, box in enumerate(found.boxes, 1)]
    return made if in_words else [replace(figure, text=()) for figure in made]


def write(found: Discovery, folder: str | Path) -> list[Path]:
    """Write into a folder: `discover.parquet` and `.csv` (limits), `discover-trajectory.parquet` and `.csv`, and the
    words and charts as `discover.md` and `discover.html`. Returns the paths."""
    folder = Path(folder)
    page = analysis_page(
        "Scenario discovery",
        f"twofront discover · {found.study.label} · {found.counted}",
        _text(found),
        figures(found, in_words=False),
    )
    texts = {f"{NAME}.md": markdown(found), f"{NAME}.html": page}
    paths: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, frame in ((NAME, found.frame), (f"{NAME}-trajectory", found.trajectory)):
            saved: tuple[tuple[str, Callable[[Path], object]], ...] = (
                (".parquet", frame.write_parquet),
                (".csv", frame.write_csv),
            )
            for ending, save in saved:
                paths.append(folder / f"{name}{ending}")
                save(paths[-1])
        for name, text in texts.items():
            paths.append(folder / name)
            paths[-1].write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UserError(f"`{folder}` cannot be written: {(error.strerror or str(error)).lower()}") from None
    return paths


def _text(found: Discovery) -> list[str]:
    """The paragraphs of the page: every box, then the second opinions."""
    texts: list[str] = []
    for box in found.boxes:
        texts += [_plain(sentence(found, box)), _plain(" ".join(reading(found, box)))]
    return [text for text in [*texts, *map(_plain, opinions(found))] if text]


def _figure(found: Discovery, box: Found, number: int, id_: str) -> Figure:
    text = [_plain(sentence(found, box)), _plain(" ".join(reading(found, box)))]
    if number == 1:
        text += [_plain(line) for line in opinions(found)]
    panels = [
        Panel("Every box on the way", _trajectory(box), f"Coverage against density of {len(box.trajectory)} boxes.")
    ]
    if box.edges:
        panels.append(
            Panel(
                "The limits of the box taken", _limits(found, box), "Limits of the box within the draws of each input."
            )
        )
    colours = {
        name: colour
        for name, colour in _series_colours().items()
        if name in {_series(s.inputs) for s in box.trajectory}
    }
    return Figure(
        id_ if number == 1 else f"{id_}-{number}",
        _finding(found, box),
        _measures(found),
        tuple(panels),
        tuple(_tables(found, box, first=number == 1)),
        "A box says where such futures gather under the ranges and laws of the case; it is no cause and no forecast. "
        "Peeling is greedy: another box may do as well. The interval of the box's own density ignores that the box was "
        "chosen; that of the boxes found without the futures that they are judged by does not. A quasi-p-value "
        "compares the box with the same box without the limit; the limit was chosen to look good.",
        "PRIM (Friedman and Fisher 1999; Bryant and Lempert 2010), with the objective of the EMA workbench; draws of "
        "this run.",
        tuple(Key(name, colour) for name, colour in colours.items()),
        tuple(line for line in text if line),
    )


def _measures(found: Discovery) -> str:
    """What is shown, of how many futures."""
    text = (
        f"Share of futures in which {_plain(clause(found))}, in boxes peeled from the whole space. Ring: the box "
        f"taken, by rule ({found.rule}); dashed: share in all futures. {found.counted}, {found.interest:,} of "
        f"interest; {found.inputs:,} inputs searched"
    )
    if found.without:
        text += f", without {', '.join(found.without)}"
    if found.undefined:
        text += f"; undefined in {found.undefined:,} futures, which were not used"
    return f"{text}."


def _finding(found: Discovery, box: Found) -> str:
    """The title: what gathers where, no more than the text below says of it."""
    what = _subject(found)
    if box.verdict == NOTHING:
        return f"{what}: no box"
    if box.verdict == LUCK:
        return f"{what}: no box that stands up to other futures"
    said: list[str] = []
    for name in box.lasting:
        edges = [edge for edge in box.edges if edge.factor.name == name]
        words = f"“{edges[0].factor.words}”"
        if edges[0].side == "options":
            said.append(f"{words} is {bound(edges[0])}")
        elif len(edges) > 1:
            said.append(f"{words} is neither low nor high")
        else:
            said.append(f"{words} is {'high' if edges[0].side == 'low' else 'low'}")
    gather = "gather mostly" if box.validated.density >= 0.5 else "are more frequent than elsewhere"
    return f"{what} {gather} where {listed(said)}"


def _subject(found: Discovery) -> str:
    """What is looked for, in words where the condition is one of the plain ones."""
    plain = ranked(found)
    if plain is None:
        return f"Futures with {found.where}"
    words, which, share = plain
    return f"{words}: futures with the {which} {share:.3g}%"


def _series(inputs: int) -> str:
    if inputs >= len(_COUNTS) - 1:
        return "5 inputs or more limited"
    return "nothing limited" if not inputs else f"{inputs} input{'' if inputs == 1 else 's'} limited"


def _series_colours() -> dict[str, str]:
    return {_series(inputs): colour for inputs, colour in enumerate(_COUNTS)}


def _trajectory(box: Found) -> dict[str, object]:
    rows = [
        {
            "coverage": step.coverage,
            "density": step.density,
            "series": _series(step.inputs),
            "step": step.number,
            "chosen": step.number == box.step,
            "told": f"{step.number}: coverage {percent(step.coverage)}, density {percent(step.density)}, "
            f"{step.inside:,} futures, {step.inputs} inputs{_how(step)}",
        }
        for step in box.trajectory
    ]
    return trajectory(rows, base=box.base, colours=_series_colours())


def _how(step: Step) -> str:
    """How a box came about, if not by peeling."""
    return ", pasted" if step.pasted else ", less the limits given up" if step.trimmed else ""


def _limits(found: Discovery, box: Found) -> dict[str, object]:
    """Limits as bars over the draws of each input: from which to which share of its draws."""
    ranges: list[dict[str, object]] = []
    rows: list[dict[str, object]] = []
    for name in box.inputs:
        edges = [edge for edge in box.edges if edge.factor.name == name]
        codes = found.codes.codes[found.codes.place(name)]
        label = wrapped(name.replace("_", " ").replace(".", ", "), 24)
        told = "; ".join(bound(edge) for edge in edges)
        low, high = 0.0, 1.0
        for edge in edges:
            if edge.side == "options":
                kept = [edge.factor.options.index(option) for option in edge.options]
                high = float(np.isin(codes, kept).mean())
                continue
            share = float(_below(found, name, edge.value))
            low, high = (share, high) if edge.side == "low" else (low, share)
        drawn = edges[0]
        span = (
            f"drawn {amount(drawn.drawn_low, drawn.factor.unit)} to {amount(drawn.drawn_high, drawn.factor.unit)}"
            if drawn.side != "options"
            else f"{len(drawn.factor.options)} options"
        )
        ranges.append({"label": label, "low": 0.0, "mode": 0.5, "high": 1.0, "told": span})
        grade = drawn.factor.grade
        rows.append(
            {"label": label, "low": low, "value": low if low > 0 else high, "high": high, "series": grade, "told": told}
        )
    return sources(rows, ranges, title="share of the input's draws", form="~%", colours=_GRADES)


def _below(found: Discovery, name: str, value: float) -> float:
    """Share of an input's draws below a value that is a limit."""
    place = found.codes.place(name)
    cuts = found.codes.cuts[place]
    code = int(np.searchsorted(cuts, value, side="right"))
    return float((found.codes.codes[place] < code).mean())


def _tables(found: Discovery, box: Found, *, first: bool) -> list[Table]:
    tables: list[Table] = []
    if box.edges:
        tables.append(
            Table.of(
                f"Limits of the box: {box.hits:,} of {box.inside:,} futures",
                (
                    "Input",
                    "Limit",
                    "Drawn from",
                    "Quasi-p",
                    f"Reappears in {len(box.repeats)} halves (like coverage, like density)",
                    "Limit in the halves",
                    "Grade",
                ),
                [_edge_row(edge) for edge in box.edges],
            )
        )
    tables.append(
        Table.of(
            f"The trajectory: {len(box.trajectory)} boxes; the one taken is {box.step}",
            ("Box", "Coverage", "Density", "Futures", "Of interest", "Inputs"),
            [
                [
                    f"{step.number}{' (taken)' if step.number == box.step else ''}{_how(step)}",
                    percent(step.coverage),
                    percent(step.density),
                    f"{step.inside:,}",
                    f"{step.hits:,}",
                    f"{step.inputs}",
                ]
                for step in box.trajectory
            ],
        )
    )
    if first:
        tables += _opinions(found)
    return tables


def _edge_row(edge: Edge) -> Sequence[str | Cell]:
    unit = edge.factor.unit
    if edge.side == "options":
        limit, drawn, moved = " or ".join(edge.options), " or ".join(edge.factor.options), NONE
    else:
        limit = f"{'≥' if edge.side == 'low' else '<'} {amount(edge.value, unit)}"
        drawn = f"{amount(edge.drawn_low, unit)} to {amount(edge.drawn_high, unit)}"
        moved = (
            NONE
            if np.isnan(edge.repeat_low)
            else f"{amount(edge.repeat_low, unit)} to {amount(edge.repeat_high, unit)}"
        )
    again = f"{edge.reappears_coverage:.0%}, {edge.reappears_density:.0%}"
    return [
        Cell(edge.factor.name, edge.factor.means),
        limit,
        drawn,
        f"{edge.quasi_p:.1e}",
        again,
        moved,
        edge.factor.grade or NONE,
    ]


def _opinions(found: Discovery) -> list[Table]:
    leaves = [
        [
            "; ".join(short(edge_of(found.codes, limit)) for limit in leaf.limits),
            f"{leaf.inside:,}",
            percent(leaf.density),
        ]
        for leaf in found.tree.leaves
    ]
    terms = [
        [
            Cell(term.name + (f": {term.option}" if term.option else "")),
            f"{term.weight:+.2f}".replace("-", "−"),
            f"{term.error:.2f}",
            f"{term.p:.1e}",
        ]
        for term in found.logistic.terms[:15]
    ]
    tables: list[Table] = []
    if leaves:
        tables.append(
            Table.of("Second opinion: leaves of a classification tree", ("Leaf", "Futures", "Density"), leaves)
        )
    tables.append(
        Table.of(
            f"Second opinion: logistic regression, n = {found.logistic.n:,}; p times the number of inputs",
            ("Input", "Change of the log odds per standard deviation", "Standard error", "p × inputs"),
            terms,
        )
    )
    return tables


def _plain(text: str) -> str:
    """Words without the marks of Markdown."""
    return text.replace("`", "")
