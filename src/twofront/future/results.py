"""From play at every date to outcomes: hazards, survival, weights, effects. The definitions are the interface.

A cell is a decision date. Under one policy, f is the chance that the first war begins in it; within the window W of
that, *a* is the chance that the other challenger attacks given do(first war) with the channel of the call open, *c*
the same with it closed, *b* given do(wait) with it closed. Weights w are proportional to f, v to 1 - f.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twofront.case import Case
from twofront.choose import STARTS, resolve_of
from twofront.engine.ops import Number, Series, exp, log, maximum, minimum, where
from twofront.future.dated import Dated
from twofront.future.rows import WarRows
from twofront.world import Act, Challenger

__all__ = ["WINDOW_NAMES", "Cells", "summarise"]

APART = 1e-6
"""Chances further apart than this belong to different equilibria; solutions are found to 1e-9."""
NEAR = 24
"""Months from the first decision on which a policy that changes what waiting is worth shows in hazards first."""
WINDOW_NAMES = ("", ".w3", ".w24")
"""Suffixes of outcomes for the windows of `Choices.open`: the case's own, 3 and 24 months."""


@dataclass(frozen=True)
class Cells:
    """Play at every date, by order of moves; rows run from the last date back to the first."""

    case: Case
    reads: Dated
    spans: Sequence[int]
    rows: Mapping[str, Mapping[str, Series]]
    alert: Series | None = None
    """Chance at each date that responders are deployed forward after an act short of war."""

    @property
    def dates(self) -> range:
        """Numbers of the decision dates."""
        return range(len(self.spans))

    def __call__(self, order: int, name: str, date: int) -> Number:
        """Return a number of an order of moves at a date."""
        return self.rows[str(order)][name][len(self.spans) - 1 - date]

    def challenger(self, order: int) -> Challenger:
        """Return who leads in an order of moves."""
        return self.case.world.challengers[order]

    def acts(self, order: int, *kinds: str) -> tuple[Act, ...]:
        """Return the leader's acts of these kinds."""
        return tuple(act for act in self.challenger(order).menu if act.kind in kinds)

    def resolves(self, order: int) -> range:
        """Numbers of the leader's private resolve, equally likely."""
        return range(len(resolve_of(self.reads(0), self.challenger(order).actor).numbers))

    def chance(self, order: int, date: int, *kinds: str, only: str | None = None) -> Number:
        """Chance at an opportunity that the leader takes an act of these kinds (``only`` this one), of any resolve."""
        each = self.resolves(order)
        part = 1 / len(each)
        if only is not None:
            return sum((part * self(order, f"act.{only}.{resolve}", date) for resolve in each), start=0.0)
        return sum((part * self._chance(order, date, resolve, *kinds) for resolve in each), start=0.0)

    def _chance(self, order: int, date: int, resolve: int, *kinds: str) -> Number:
        return sum((self(order, f"act.{act.name}.{resolve}", date) for act in self.acts(order, *kinds)), start=0.0)

    def rate(self, order: int, date: int, *kinds: str) -> Number:
        """Yearly hazard of the leader's acts of these kinds."""
        rate = self.reads(date)("opportunity_rate", self.challenger(order).actor)
        return rate * self.chance(order, date, *kinds)

    def mean(self, values: Sequence[Number]) -> Number:
        """Mean over time of a number that is constant between dates."""
        whole = sum(self.spans)
        return sum((value * (span / whole) for value, span in zip(values, self.spans, strict=True)), start=0.0)

    def mean_rate(self, order: int) -> Number:
        """Mean yearly hazard of the leader's wars."""
        return self.mean([self.rate(order, date, "war") for date in self.dates])

    def step_to(self, order: int, target: Number, steps: int) -> Number:
        """Change of the leader's intercept, times its precision, that brings its mean hazard of war to ``target``.

        Newton's method on the log of the hazard, with play at every date moving by its own log-odds only.
        """
        read = self.reads(0)
        rate = read("opportunity_rate", self.challenger(order).actor)
        acts = self.acts(order, "war", "blockade")
        effort = {act.name: read("act_force", act.name) for act in acts}
        each = self.resolves(order)
        shift: Number = 0.0
        for _ in range(steps):
            grown = {act.name: exp(shift * effort[act.name]) for act in acts}
            levels: list[Number] = []
            slopes: list[Number] = []
            for date in self.dates:
                taken: Number = 0.0
                growth: Number = 0.0
                for resolve in each:
                    whole = 1 - self._chance(order, date, resolve, "war", "blockade")
                    war: Number = 0.0
                    whole_slope: Number = 0.0
                    war_slope: Number = 0.0
                    for act in acts:
                        weight = self(order, f"act.{act.name}.{resolve}", date) * grown[act.name]
                        whole, whole_slope = whole + weight, whole_slope + weight * effort[act.name]
                        if act.kind == "war":
                            war, war_slope = war + weight, war_slope + weight * effort[act.name]
                    taken = taken + war / whole
                    growth = growth + (war_slope - war / whole * whole_slope) / whole
                levels.append(rate / len(each) * taken)
                slopes.append(rate / len(each) * growth)
            level, slope = maximum(self.mean(levels), 1e-290), maximum(self.mean(slopes), 1e-290)
            change = (log(target) - log(level)) * level / slope
            shift = minimum(maximum(shift + minimum(maximum(change, -8.0), 8.0), -400.0), 400.0)
        return shift


def summarise(case: Case, cells: Cells, wars: WarRows, present: Sequence[Series]) -> dict[str, Number | Series]:
    """Compute the outcomes of choice, by their published names, and rows by date (``date.*``, ``weight.*``).

    ``present``: the present course's weights of the cells, by order of moves.
    """
    orders = (0, 1)
    dates = cells.dates
    years = [span / 12 for span in cells.spans]
    rates = [
        [cells.rate(o, d, "war") + cells.reads(d)("accident_rate", cells.challenger(o).theatre) for d in dates]
        for o in orders
    ]
    blockades = [[cells.rate(o, d, "blockade") for d in dates] for o in orders]
    alive: Number = 1.0
    calm: Number = 1.0
    first: list[list[Number]] = [[], []]
    for d in dates:
        hazard = rates[0][d] + rates[1][d]
        begins = alive * (1 - exp(-hazard * years[d]))
        share = where(hazard > 0.0, 1 / where(hazard > 0.0, hazard, 1.0), 0.0)
        for o in orders:
            first[o].append(begins * rates[o][d] * share)
        alive = alive * exp(-hazard * years[d])
        calm = calm * exp(-(hazard + blockades[0][d] + blockades[1][d]) * years[d])
    result: dict[str, Number | Series] = {}
    for o in orders:
        name = f".{cells.challenger(o).theatre}_first"
        weights = _effects(cells, o, first[o], present[o], result, name)
        for d in dates:
            result[f"weight.{o}.{d}"] = weights[d]
        if o == 0:
            for key in [k for k in result if k.endswith(name)]:
                result[key.removesuffix(name)] = result[key]
    for name in ("residual", "apart"):
        worst: Number = 0.0
        for o in orders:
            for d in dates:
                worst = maximum(worst, cells(o, name, d))
        result[f"check.{name}"] = worst
    second = [[cells(o, "double", d) for d in dates] for o in orders]
    both = [sum((rates[o][d] * second[o][d] for o in orders), start=0.0) for d in dates]
    result["any_war_chance"] = 1 - alive
    result["any_war_chance.with_blockade"] = 1 - calm
    result["double_war_chance"] = sum((first[o][d] * second[o][d] for o in orders for d in dates), start=0.0)
    _windows(case, cells, both, wars, result)
    for o in orders:
        actor, other = cells.challenger(o).actor, cells.challenger(1 - o).actor
        margins = [cells(o, "margin", d) for d in dates]
        result[f"deterrence_margin.{actor}.alone"] = cells.mean(margins)
        result[f"deterrence_margin.{actor}.alone.lowest"] = _least(margins)
        result[f"deterrence_margin.{other}.after_first"] = cells.mean([cells(o, "margin_after", d) for d in dates])
        result[f"yearly_hazard.{actor}.war"] = cells.mean_rate(o)
        result[f"check.anchor.{actor}"] = log(maximum(cells.mean_rate(o), 1e-300) / cells.reads(0)("anchor", actor))
        result[f"yearly_hazard.{actor}.war.near"] = _near(cells, [cells.rate(o, d, "war") for d in dates])
        if cells.acts(o, "blockade"):
            result[f"yearly_hazard.{actor}.blockade"] = cells.mean(blockades[o])
        result[f"join_chance.{cells.challenger(o).theatre}"] = cells.mean([cells(o, "joins", d) for d in dates])
    rows: dict[str, list[Number]] = {"hazard.double": both}
    if cells.alert is not None:
        rows["alert"] = [cells.alert[d] for d in dates]
    for o in orders:
        actor, theatre = cells.challenger(o).actor, cells.challenger(o).theatre
        rows[f"hazard.{actor}.war"] = [cells.rate(o, d, "war") for d in dates]
        if cells.acts(o, "blockade"):
            rows[f"hazard.{actor}.blockade"] = blockades[o]
        rows[f"waiting.{actor}"] = [cells(o, "waiting", d) for d in dates]
        rows[f"margin.{actor}"] = [cells(o, "margin", d) for d in dates]
        rows[f"second_front.{theatre}_first"] = [cells(o, "open0", d) for d in dates]
        rows[f"second_front_closed.{theatre}_first"] = [cells(o, "closed0", d) for d in dates]
        rows[f"second_front_alone.{theatre}_first"] = [cells(o, "alone0", d) for d in dates]
    for name, row in rows.items():
        for d in dates:
            result[f"date.{name}.{d}"] = row[d]
    return result


def _effects(
    cells: Cells,
    order: int,
    first: Sequence[Number],
    present: Series,
    result: dict[str, Number | Series],
    suffix: str,
) -> list[Number]:
    """Second-front chance and its three parts for one order of moves; return the weights of the cells."""
    dates = cells.dates
    whole = sum(first, start=0.0)
    defined = whole > 0.0
    # Without any first war the weights are undefined, and so is what they weigh: NaN, not zero.
    weights = [where(defined, f / whole, math.nan) for f in first]
    rest = [1 - f for f in first]
    rest_whole = sum(rest, start=0.0)

    def over(chosen: Sequence[Number], name: str) -> Number:
        return sum((weight * cells(order, name, d) for d, weight in zip(dates, chosen, strict=True)), start=0.0)

    for place, window in enumerate(WINDOW_NAMES):
        opened, closed = over(weights, f"open{place}"), over(weights, f"closed{place}")
        result[f"second_front_chance{window}{suffix}"] = opened
        if window:
            continue
        alone = over(weights, "alone0")
        at_rest = _at_rest(cells, order, first, rest_whole)
        result[f"opportunism_effect{suffix}"] = over(weights, "closed0") - alone
        result[f"coordination_effect{suffix}"] = opened - closed
        result[f"common_cause_effect{suffix}"] = alone - at_rest
        result[f"second_front_alone{suffix}"] = alone
        result[f"second_front_at_rest{suffix}"] = at_rest
        result[f"second_front_chance.unweighted{suffix}"] = cells.mean([cells(order, "open0", d) for d in dates])
        fixed = [present[d] for d in dates]
        result[f"second_front_chance.fixed{suffix}"] = over(fixed, "open0")
        result[f"call_chance{suffix}"] = over(weights, "call")
        result[f"call_and_attack_chance{suffix}"] = over(weights, "open_called")
        result[f"diversion_chance{suffix}"] = over(weights, "diverts")
        result[f"pinned_share{suffix}"] = over(weights, "pinned")
        result[f"first_war_chance{suffix}"] = whole
        if cells.reads(0).has("bluff_cost"):
            actor = cells.challenger(order).actor
            rates = [cells.reads(d)("opportunity_rate", actor) * cells(order, "bluff", d) for d in dates]
            result[f"bluff_rate{suffix}"] = cells.mean(rates)
            result[f"call_credence{suffix}"] = over(weights, "credence")
    _range_over_solutions(cells, order, weights, result, suffix)
    return weights


def _at_rest(cells: Cells, order: int, first: Sequence[Number], whole: Number) -> Number:
    """Σ v·b, v ∝ 1 - f: in every cell all that is left of the leader's resolve once its war is taken out."""
    left = [
        cells(order, "at_rest0", date) - f * cells(order, "alone0", date)
        for date, f in zip(cells.dates, first, strict=True)
    ]
    return sum(left, start=0.0) / whole


def _range_over_solutions(
    cells: Cells, order: int, weights: Sequence[Number], result: dict[str, Number | Series], suffix: str
) -> None:
    """The least and the most over all equilibria found, with the weights of the one that counts."""
    starts = range(1, len(STARTS)) if "solution.1.open" in cells.rows[str(order)] else ()

    def over(start: int, name: str) -> Number:
        row = f"solution.{start}.{name}" if start else f"{name}0"
        return sum((weight * cells(order, row, d) for d, weight in zip(cells.dates, weights, strict=True)), start=0.0)

    parts = {
        "second_front_chance": lambda start: over(start, "open"),
        "opportunism_effect": lambda start: over(start, "closed") - over(start, "alone"),
        "coordination_effect": lambda start: over(start, "open") - over(start, "closed"),
    }
    apart: Number = 0.0
    for name, of in parts.items():
        principal = of(0)
        least = most = principal
        for start in starts:
            value = of(start)
            least, most = minimum(least, value), maximum(most, value)
        result[f"{name}.least{suffix}"], result[f"{name}.most{suffix}"] = least, most
        apart = maximum(apart, most - least)
    result[f"several_equilibria{suffix}"] = where(apart > APART, 1.0, 0.0)


def _near(cells: Cells, values: Sequence[Number]) -> Number:
    """Mean over the first `NEAR` months of a number that is constant between dates."""
    left = [max(min(NEAR, sum(cells.spans[: d + 1])) - sum(cells.spans[:d]), 0) for d in cells.dates]
    return sum((value * (months / sum(left)) for value, months in zip(values, left, strict=True)), start=0.0)


def _least(values: Sequence[Number]) -> Number:
    least = values[0]
    for value in values[1:]:
        least = minimum(least, value)
    return least


def _windows(
    case: Case,
    cells: Cells,
    both: Sequence[Number],
    wars: WarRows,
    result: dict[str, Number | Series],
) -> None:
    """Months above the threshold of a double war's hazard, and months in which both wars could be won."""
    clock = case.world.clock
    months: Number = 0.0
    begins: Number = float(clock.months)
    ends: Number = -1.0
    military: Number = 0.0
    start = clock.cutoff
    for d, span in enumerate(cells.spans):
        above = 1 - exp(-both[d]) > case.threshold
        months = months + where(above, float(span), 0.0)
        begins = where(above, minimum(begins, float(start)), begins)
        ends = where(above, float(start + span - 1), ends)
        winning: Number = 1.0
        for theatre in case.world.theatres:
            best: Number = 0.0
            for name in wars.starting(f"war.objective_chance.{theatre.name}."):
                if name.split(".")[3].endswith("_in_double"):
                    best = maximum(best, wars(name, d))
            winning = minimum(winning, best)
        military = military + where(winning > 0.5, float(span), 0.0)
        start += span
    result["window_months"] = months
    result["window_months.first"] = where(months > 0.0, begins, -1.0)
    result["window_months.last"] = ends
    result["military_window_months"] = military
