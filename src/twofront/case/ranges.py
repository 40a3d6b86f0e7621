"""Check parameters: names, units, bounds, what they rest on, how they move together, and what is missing."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from twofront.case.derivation import definition_of, figure_of, pooled, remaining, reproduces
from twofront.case.model import Bound, Figure, MovesWith, Parameter
from twofront.case.names import Entries, Entry, Misnamed, Name, Reading, parse, pattern_of, resolve, spell, unit_of
from twofront.case.needs import is_needed
from twofront.case.schema import SHAPES, BoundText, CaseText, ParameterText, SourceText
from twofront.case.tree import Route, Tree
from twofront.faults import Fault, listed, nearest
from twofront.figures import Evidence, ExpressionError
from twofront.figures import parse as parse_expression
from twofront.quantities import QUANTITIES, Quantity
from twofront.units import UNITS, convert, nearest_unit
from twofront.world import World

__all__ = ["Ranges", "check_parameters"]

BOUNDS: Final = ("low", "mode", "high")
NEEDED_BOUNDS: Final[Mapping[str, tuple[str, ...]]] = {
    "fixed": ("mode",),
    "uniform": ("low", "high"),
    "triangular": BOUNDS,
    "log_uniform": ("low", "high"),
    "log_triangular": BOUNDS,
    "normal": BOUNDS,
}
SIGNED: Final = frozenset(
    [
        "gdp_growth",
        "investment_growth",
        "wartime_trend",
        "reconstitution_gain",
        "skill",
        "status_quo",
        "act_cost",
        "war_cost",
        "loss_cost",
        "responder_stake",
        "responder_cost",
        "honour",
        "call_payment",
        "call_cost",
        "escalation_loss",
        "provocation",
        "goodwill",
        "posture",
        "reassurance",
        "free_riding",
        "price_response",
        "ongoing_war_end",
    ]
)
"""Quantities that may be below zero: growth, scores and payoffs. Nothing else may: a stock, a rate, a price."""

POSITIVE: Final = frozenset(
    [
        "gdp",
        "price_level_gdp",
        "price_level_military",
        "plan_years",
        "service_life",
        "declining_balance",
        "delivery_lag",
        "build_lag",
        "input_ratio",
        "input_lag",
        "surge_limit",
        "price",
        "learning_rate",
        "shelf_life",
        "substitution_half_life",
        "redeployment_lag",
        "reconstitution_lag",
        "closure_lag",
        "defence_advantage",
        "decision_days",
        "war_months",
        "loss_rate",
        "replacement_lag",
        "contested_worth",
        "attack_break",
        "defence_break",
        "outcome_spread",
        "attack_elements",
        "defence_elements",
        "front_length",
        "front_depth",
        "force_density",
        "advance_speed",
        "attack_threshold",
        "defence_threshold",
        "attack_staying",
        "defence_staying",
        "lift_staying",
        "hold_ratio",
    ]
)
"""Quantities by which something is divided, or of which a logarithm is taken."""


@dataclass(frozen=True)
class Ranges:
    """What the check of parameters yields."""

    parameters: tuple[Parameter, ...]
    readings: Mapping[str, Reading]
    faults: list[Fault]


def check_parameters(
    text: CaseText,
    tree: Tree,
    world: World,
    entries: Entries,
    class_units: Mapping[str, str],
    evidence: Mapping[str, Evidence] | None,
    lever_reads: frozenset[str],
    struck: Mapping[str, Evidence] | None = None,
) -> Ranges:
    """Check every parameter; ``evidence`` is ``None`` where the table could not be read at all.

    ``struck``: rows of ``evidence`` that a revision takes out: they exist, and support nothing.
    """
    checker = _Checker(text, tree, world, entries, class_units, evidence, lever_reads, struck or {})
    checker.run()
    return Ranges(tuple(checker.parameters), checker.readings, checker.faults)


class _Checker:
    def __init__(
        self,
        text: CaseText,
        tree: Tree,
        world: World,
        entries: Entries,
        class_units: Mapping[str, str],
        evidence: Mapping[str, Evidence] | None,
        lever_reads: frozenset[str],
        struck: Mapping[str, Evidence],
    ) -> None:
        self.text = text
        self.tree = tree
        self.world = world
        self.entries = entries
        self.class_units = class_units
        self.evidence = evidence
        self.lever_reads = lever_reads
        self.struck = struck
        self.faults: list[Fault] = []
        self.parameters: list[Parameter] = []
        self.readings: dict[str, Reading] = {}
        self.names: dict[str, Name] = {}
        self.said: dict[tuple[str, tuple[str | None, ...]], str] = {}

    def run(self) -> None:
        for name, item in self.text.parameters.items():
            parsed = self._name(name, item)
            self._parameter(name, item, parsed)
        self._resolve()
        self._missing()

    def fault(self, route: Route, message: str, *, key: bool = False, **more: str) -> None:
        self.faults.append(self.tree.fault(("parameters", *route), message, key=key, **more))  # pyright: ignore[reportArgumentType]

    # ---- one parameter ------------------------------------------------------------------------------------

    def _name(self, name: str, item: ParameterText) -> Name | None:
        if item.reader == "lever":
            if name not in self.lever_reads:
                close = nearest(name, self.lever_reads)
                remedy = "use it as `times:` of a lever's effect, or remove it"
                self.fault(
                    (name,),
                    f"no lever reads the parameter `{name}`",
                    key=True,
                    found=name,
                    nearest=close,
                    remedy=remedy,
                )
            return None
        parsed = parse(name, self.entries)
        if isinstance(parsed, Misnamed):
            self.fault(
                (name,),
                parsed.message,
                key=True,
                found=name,
                allowed=parsed.allowed,
                nearest=parsed.nearest,
                remedy=parsed.remedy,
            )
            return None
        first = self.said.setdefault((parsed.quantity.name, parsed.parts), name)
        if first != name:
            self.fault(
                (name,), f"`{name}` says the same as `{first}`", key=True, found=name, remedy="keep one of the two"
            )
            return None
        self.names[name] = parsed
        return parsed

    def _parameter(self, name: str, item: ParameterText, parsed: Name | None) -> None:
        canonical = self._unit(name, item, parsed)
        if item.sources:
            bounds, figures, support = self._from_sources(name, item)
        else:
            bounds, figures, support = self._from_bounds(name, item)
        converted = {
            key: convert(bound.value, item.unit, canonical) if canonical else bound.value
            for key, bound in bounds.items()
        }
        self._order(name, bounds)
        self._within(name, item, parsed, converted, canonical)
        for place, id_ in enumerate(item.contrary):
            self._cited(id_, (name, "contrary", place))
        moves = self._moves_with(name, item)
        if not bounds:
            return
        low, mode, high = _filled(item.shape, converted)
        line, column = self.tree.key_at("parameters", name)
        self.parameters.append(
            Parameter(
                name=name,
                means=item.means,
                unit=canonical or item.unit,
                low=low,
                mode=mode,
                high=high,
                shape=item.shape,
                grade=item.grade,
                bounds=bounds,
                written_unit=item.unit,
                moves_with=moves,
                contrary=item.contrary,
                place=f"{self.tree.file}:{line}:{column}",
                for_lever=item.reader == "lever",
                figures=tuple(f for f in figures if not any(id_ in self.struck for id_ in f.ids)),
                support=support,
                pooled=bool(item.sources),
            )
        )

    def _from_bounds(self, name: str, item: ParameterText) -> tuple[dict[str, Bound], tuple[Figure, ...], str]:
        """Bounds as written, less what a revision takes from them."""
        bounds: dict[str, Bound] = {}
        figures: dict[str, Figure] = {}
        for key in BOUNDS:
            bound: BoundText | None = getattr(item, key)
            if bound is None:
                continue
            cited = (*bound.evidence, *(i for i in self._derived_from(bound) if i not in bound.evidence))
            bounds[key] = Bound(bound.value, cited, bound.judgement or "", bound.conversion or "", bound.derive or "")
            self._rests(bound, (name, key), key)
            figure = self._figure(key, bound, item, (name, key))
            if figure is not None:
                figures[key] = figure
                self._follows(bound, item.unit, (name, key))
        for key in NEEDED_BOUNDS[item.shape]:
            if key not in bounds:
                message = f"`{name}` is {item.shape} and has no `{key}`"
                self.fault(
                    (name,),
                    message,
                    key=True,
                    found="",
                    allowed=listed(NEEDED_BOUNDS[item.shape]),
                    remedy=f"add `{key}:`, or give `sources:`",
                )
        if item.shape == "fixed":
            for key in ("low", "high"):
                if key in bounds:
                    self.fault(
                        (name, key),
                        f"`{name}` is fixed and has a `{key}`",
                        key=True,
                        remedy="give `mode` alone, or another shape",
                    )
        left, support = remaining(bounds, figures, self.struck, item.shape, item.grade, item.unit)
        return left, tuple(figures.values()), support

    def _from_sources(self, name: str, item: ParameterText) -> tuple[dict[str, Bound], tuple[Figure, ...], str]:
        """Bounds that the pool makes of the sources."""
        for key in BOUNDS:
            if getattr(item, key) is not None:
                message = f"`{name}` has `sources`, of which its range is made, and a `{key}`"
                self.fault((name, key), message, key=True, remedy="keep one of the two")
        if item.shape in {"fixed", "normal"}:
            allowed = listed(shape for shape in SHAPES if shape not in {"fixed", "normal"})
            message = f"`{name}` has `sources`, which give a range, and is {item.shape}"
            self.fault((name, "shape"), message, found=item.shape, allowed=allowed)
        sound: list[SourceText] = []
        for place, source in enumerate(item.sources):
            route = (name, "sources", place)
            given = [key for key in ("evidence", "derive", "value") if getattr(source, key) not in (None, ())]
            if len(given) != 1 or (source.value is not None and not source.judgement):
                self.fault(
                    route,
                    f"a source of `{name}` must say one thing",
                    allowed="`evidence: ID`, `derive: EXPRESSION`, or `value:` with `judgement:`",
                    remedy="make each a source of its own",
                )
                continue
            for number, id_ in enumerate(source.evidence):
                self._cited(id_, (*route, "evidence", number))
            if self._figure("source", source, item, route) is not None:
                sound.append(source)
        if self.evidence is None or not sound:
            return {}, (), "stated"
        self._spliced(name, item, sound)
        found = pooled(sound, item.unit, self.evidence, self.struck, item.grade)
        return found.bounds, found.figures, found.support

    def _spliced(self, name: str, item: ParameterText, sources: Sequence[SourceText]) -> None:
        """Sources that follow different definitions are pooled only where the case says why."""
        assert self.evidence is not None
        names = sorted({found for source in sources if (found := definition_of(source, self.evidence))})
        if len(names) > 1 and item.across is None:
            self.fault(
                (name, "sources"),
                f"the sources of `{name}` follow different definitions: {listed(names)}",
                key=True,
                allowed="sources of one definition",
                remedy="keep one of them, or say in `across:` why they may be pooled",
            )
        if len(names) < 2 and item.across is not None:
            self.fault((name, "across"), f"the sources of `{name}` follow one definition", key=True, remedy="remove it")

    def _figure(self, role: str, text: BoundText | SourceText, item: ParameterText, route: Route) -> Figure | None:
        """What a bound or source says; a fault where its arithmetic does not hold."""
        if self.evidence is None or item.unit not in UNITS or any(id_ not in self.evidence for id_ in text.evidence):
            return None
        cited = (self.evidence.get(id_) for id_ in (*text.evidence, *self._derived_from(text)))
        if any(row is not None and not row.unit for row in cited):
            return None  # a row with a fault of its own, which has been told
        try:
            return figure_of(role, text, item.unit, self.evidence, item.grade)
        except ExpressionError as error:
            where = (*route, "derive") if text.derive is not None else route
            found, close = error.found or (text.derive or ""), error.nearest
            self.fault(where, str(error), found=found, allowed=error.allowed, nearest=close, remedy=error.remedy)
            return None

    def _follows(self, bound: BoundText, unit: str, route: Route) -> None:
        """A bound that cites evidence says what a cited row says, or gives the step, or names the judgement."""
        why = reproduces(bound, unit, self.evidence or {})
        if not why:
            return
        name, key = route
        message = f"`{key}` of `{name}` is {bound.value:g} {unit}, but {why}"
        remedy = (
            "write that, or mend `derive`"
            if bound.derive
            else "add `derive:` with the step from the rows to the value, or say the `judgement:` that lies between"
        )
        self.fault((*route, "value"), message, found=f"{bound.value:g}", remedy=remedy)

    @staticmethod
    def _derived_from(text: BoundText | SourceText) -> tuple[str, ...]:
        if text.derive is None:
            return ()
        try:
            return parse_expression(text.derive).ids
        except ExpressionError:
            return ()  # `_figure` tells it

    def _unit(self, name: str, item: ParameterText, parsed: Name | None) -> str | None:
        """The canonical unit, or ``None`` after a fault."""
        if item.unit not in UNITS:
            wanted = unit_of(parsed.quantity.name, parsed.parts, self.class_units) if parsed else ""
            close = nearest(item.unit, UNITS) or (wanted if wanted in UNITS else "")
            self.fault(
                (name, "unit"),
                f"`{item.unit}` is not a unit",
                found=item.unit,
                allowed=self._units_like(wanted),
                nearest=close,
            )
            return None
        if parsed is None:
            return item.unit
        wanted = unit_of(parsed.quantity.name, parsed.parts, self.class_units)
        if wanted == "class":
            classes = {self.class_units[c] for c in self.world.capabilities}
            if len(classes) != 1:
                message = f"`{name}` would give one number to classes counted in {listed(sorted(classes))}"
                self.fault(
                    (name,),
                    message,
                    key=True,
                    found=name,
                    remedy=f"write one parameter for each class, such as `{self.world.capabilities[0]}_{name}`",
                )
                return None
            wanted = next(iter(classes))
        if wanted not in UNITS:
            return None
        if UNITS[item.unit].dimension != UNITS[wanted].dimension:
            message = f"`{item.unit}` does not measure `{parsed.quantity.name}`, which is in `{wanted}`"
            self.fault(
                (name, "unit"),
                message,
                found=item.unit,
                allowed=self._units_like(wanted),
                nearest=nearest_unit(item.unit, wanted),
            )
            return None
        return wanted

    @staticmethod
    def _units_like(wanted: str) -> str:
        if wanted not in UNITS:
            return listed(UNITS, most=60)
        return listed((u.name for u in UNITS.values() if u.dimension == UNITS[wanted].dimension), most=20)

    def _rests(self, bound: BoundText, route: Route, what: str) -> None:
        """A number cites evidence or says that it is a judgement, and why."""
        if not bound.evidence and not bound.judgement and not bound.derive:
            message = f"`{what}` of `{route[0]}` says neither where it comes from nor why"
            self.fault(
                route,
                message,
                found=f"{bound.value:g}",
                allowed="`evidence: ID`, `derive: EXPRESSION` or `judgement: reason`",
                remedy="add one of them",
            )
        for place, id_ in enumerate(bound.evidence):
            self._cited(id_, (*route, "evidence", place))

    def _cited(self, id_: str, route: Route) -> None:
        if self.evidence is None or id_ in self.evidence:
            return
        close = nearest(id_, self.evidence)
        where = route if ("parameters", *route) in self.tree.values else route[:-1]
        self.fault(
            where,
            f"`{id_}` is not in evidence.csv",
            found=id_,
            allowed=f"{len(self.evidence)} ids",
            nearest=close,
            remedy="add the row or mend the id",
        )

    def _order(self, name: str, bounds: Mapping[str, Bound]) -> None:
        given = [(key, bounds[key].value) for key in BOUNDS if key in bounds]
        for (first, a), (second, b) in itertools.pairwise(given):
            if a > b:
                message = f"`{first}` ({a:g}) of `{name}` is above `{second}` ({b:g})"
                self.fault(
                    (name, first, "value"),
                    message,
                    found=f"{a:g}",
                    allowed="low ≤ mode ≤ high",
                    remedy="exchange or mend them",
                )

    def _within(
        self, name: str, item: ParameterText, parsed: Name | None, values: Mapping[str, float], unit: str | None
    ) -> None:
        """Shares between 0 and 1, nothing negative that cannot be, logarithms of positive numbers only."""
        quantity = parsed.quantity.name if parsed else ""
        for key, value in values.items():
            route = (name, key, "value")
            written: BoundText | None = getattr(item, key)
            if written is None:  # made of sources: the place is theirs
                route = (name, "sources")
            shown = f"{value:g}" if written is None else f"{written.value:g}"
            if unit == "share" and not 0 <= value <= 1:
                whole = item.unit == "percent"
                remedy = "" if whole or not 1 < value <= 100 else f"write {value / 100:g}, or `unit: percent`"
                limit = "0 to 100" if whole else "0 to 1"
                message = (
                    f"`{key}` of `{name}` is {shown}, which no {'percentage of a whole' if whole else 'share'} can be"
                )
                self.fault(route, message, found=shown, allowed=limit, remedy=remedy)
            elif value < 0 and unit is not None and parsed and quantity not in SIGNED:
                message = f"`{key}` of `{name}` is {shown}: `{quantity}` cannot be below zero"
                self.fault(route, message, found=shown, allowed="0 or more", remedy="mend the sign")
            elif item.shape == "normal" and (unit == "share" or (parsed and quantity not in SIGNED)):
                if key == "low":
                    message = f"`{name}` is normal, which has no ends, and `{quantity or name}` cannot take every value"
                    remedy = "choose triangular, or log_triangular above zero"
                    self.fault((name, "shape"), message, found="normal", allowed=listed(SHAPES), remedy=remedy)
            elif value == 0 and quantity in POSITIVE:
                message = f"`{key}` of `{name}` is 0: the model divides by `{quantity}`"
                self.fault(
                    route,
                    message,
                    found=shown,
                    allowed="more than 0",
                    remedy="give the smallest value that is plausible",
                )
            elif value <= 0 and item.shape.startswith("log_"):
                message = f"`{key}` of `{name}` is {shown}: `{item.shape}` needs numbers above zero"
                self.fault(
                    route, message, found=shown, allowed="more than 0", remedy="choose another shape or another bound"
                )

    def _moves_with(self, name: str, item: ParameterText) -> tuple[MovesWith, ...]:
        result: list[MovesWith] = []
        for other, bound in item.moves_with.items():
            route = (name, "moves_with", other)
            self._rests(bound, route, other)
            if other not in self.text.parameters:
                close = nearest(other, self.text.parameters)
                message = f"`{name}` moves with `{other}`, which is not a parameter of the case"
                self.fault(
                    route,
                    message,
                    key=True,
                    found=other,
                    nearest=close,
                    remedy="name a parameter exactly as it is spelled here",
                )
            elif other == name:
                self.fault(route, f"`{name}` moves with itself", key=True, found=other, remedy="remove it")
            elif not -1 < bound.value < 1:
                self.fault(
                    (*route, "value"),
                    f"the correlation of `{name}` with `{other}` is {bound.value:g}",
                    found=f"{bound.value:g}",
                    allowed="between -1 and 1, both excluded",
                )
            else:
                result.append(MovesWith(other, bound.value, bound.evidence, bound.judgement or ""))
        return tuple(result)

    # ---- all parameters -------------------------------------------------------------------------------------

    def _resolve(self) -> None:
        by_quantity: dict[str, dict[tuple[str | None, ...], str]] = defaultdict(dict)
        for name, parsed in self.names.items():
            by_quantity[parsed.quantity.name][parsed.parts] = name
        for item in QUANTITIES:
            reading, ties = resolve(item, by_quantity.get(item.name, {}), self.entries)
            self.readings[item.name] = reading
            told: set[tuple[str, str]] = set()
            for tie in ties:
                if tie.names in told:
                    continue
                told.add(tie.names)
                settle = spell(item, tie.entry)
                message = f"`{tie.names[0]}` and `{tie.names[1]}` have equal right to give `{settle}`"
                self.fault(
                    (tie.names[0],),
                    message,
                    key=True,
                    found=tie.names[0],
                    remedy=f"add a parameter `{settle}`, or drop one of the two",
                )
            read = set(reading.values())
            for name in by_quantity.get(item.name, {}).values():
                if name not in read:
                    self._unread(name, item)
        self._without_effect()

    def _unread(self, name: str, item: Quantity) -> None:
        parsed = self.names[name]
        covered = [e for e in self.entries.of(item) if self._covers(item, parsed, e)]
        if covered:
            others = sorted({self.readings[item.name][e] or "" for e in covered})
            message = (
                f"no law reads `{name}`: more specific parameters give all of its entries ({listed(others, most=4)})"
            )
            self.fault((name,), message, key=True, found=name, remedy="remove it")
            return
        message = f"no law reads `{name}`: `{item.name}` has no entry that it could give"
        self.fault((name,), message, key=True, found=name, allowed=pattern_of(item), remedy="remove it")

    def _covers(self, item: Quantity, parsed: Name, entry: Entry) -> bool:
        for axis, part, name in zip(item.axes, parsed.parts, entry, strict=True):
            if part is not None and name not in (self.entries.expand(item, axis, part) or ()):
                return False
        return True

    def _without_effect(self) -> None:
        """Deliveries without a flow, flows without a delivery, gifts without a client."""
        world = self.world
        flowing = {(flow.munition, flow.giver) for flow in world.flows}
        deliveries = self.readings["delivery"]
        for name in dict.fromkeys(n for n in deliveries.values() if n is not None):
            if not any(deliveries[e] == name for e in flowing if e in deliveries):
                giver = next(e for e, n in deliveries.items() if n == name)
                message = f"no law reads `{name}`: there is no flow of `{giver[0]}` from `{giver[1]}`"
                self.fault(
                    (name,), message, key=True, found=name, remedy="add the flow to `flows`, or remove the parameter"
                )
        sound = {(flow.giver, flow.taker, flow.munition) for flow in world.flows}
        for place, flow in enumerate(self.text.flows):
            if (flow.giver, flow.taker, flow.munition) not in sound:
                continue
            if deliveries[flow.munition, flow.giver] is None:
                wanted = f"{flow.munition}_delivery.{flow.giver}"
                message = f"nothing flows from `{flow.giver}` to `{flow.taker}`: no parameter says how much"
                self.faults.append(
                    self.tree.fault(
                        ("flows", place), message, allowed=f"`{wanted}`", remedy=f"add the parameter `{wanted}`"
                    )
                )
        if world.client is None:
            for name in dict.fromkeys(n for n in self.readings["donation"].values() if n is not None):
                message = f"no law reads `{name}`: the case has no `client` to receive it"
                self.fault((name,), message, key=True, found=name, remedy="add `client:`, or remove the parameter")

    def _missing(self) -> None:
        """One fault for every quantity that lacks something, with the names that would do."""
        for item in QUANTITIES:
            reading = self.readings[item.name]
            lacking = [
                e for e, name in reading.items() if name is None and is_needed(item, e, self.readings, self.world)
            ]
            if not lacking:
                continue
            names = [spell(item, entry) for entry in lacking]
            every = len(lacking) == len(reading)
            unit = unit_of(item.name, lacking[0], self.class_units)
            what = (
                f"`{item.name}`"
                if not item.axes
                else f"`{item.name}` for {listed((_worded(e) for e in lacking), most=6)}"
            )
            remedy = f"add `{item.name}` for all" + (
                f", or one by one: {listed((f'`{n}`' for n in names), most=4)}" if item.axes else ""
            )
            if not every:
                remedy = f"add {listed((f'`{n}`' for n in names), most=4)}, or `{item.name}` for all that have none"
            if not item.axes:
                remedy = f"add the parameter `{item.name}`"
            if item.unit == "class":
                remedy = f"add {listed((f'`{n}`' for n in names), most=4)}"
            message = f"the case does not give {what} ({_lower(item.meaning)}; in {unit})"
            self.fault((), message, key=True, found="", allowed=pattern_of(item), remedy=remedy)


def _filled(shape: str, values: Mapping[str, float]) -> tuple[float, float, float]:
    if shape == "fixed":
        mode = values.get("mode", next(iter(values.values())))
        return mode, mode, mode
    mode = values.get("mode")
    low = values.get("low", mode if mode is not None else values.get("high", 0.0))
    high = values.get("high", mode if mode is not None else low)
    if mode is None:
        geometric = shape == "log_uniform" and low > 0 and high > 0
        mode = math.sqrt(low * high) if geometric else (low + high) / 2
    return low, mode, high


def _worded(entry: Entry) -> str:
    return "/".join(entry)


def _lower(text: str) -> str:
    return text if text[1:2].isupper() else text[0].lower() + text[1:]
