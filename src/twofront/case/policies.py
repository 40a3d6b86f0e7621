"""Check structures, levers and policies, and turn them into what the model reads."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from twofront.case.model import Effect, Lever, Policy, StructureChoice
from twofront.case.names import Entries, Reading
from twofront.case.schema import CaseText, EffectText, LeverText, PolicyText
from twofront.case.signpost import check_adaptive
from twofront.case.tree import Route, Tree
from twofront.faults import Fault, listed, nearest
from twofront.quantities import ASSUMED, BY_THEATRE, QUANTITIES, STRUCTURES, Quantity
from twofront.units import UNITS
from twofront.world import Clock

__all__ = [
    "check_levers",
    "check_policies",
    "check_policy",
    "check_structures",
    "parameters_read",
    "setting_faults",
]

_QUANTITIES = {item.name: item for item in QUANTITIES}


def parameters_read(text: CaseText) -> frozenset[str]:
    """Names of the parameters that levers read."""
    return frozenset(e.times for item in text.levers.values() for e in item.effects if isinstance(e.times, str))


def check_structures(text: CaseText, tree: Tree) -> tuple[tuple[StructureChoice, ...], list[Fault]]:
    """Every structure is there, its laws exist, and its weights can be drawn with.

    A structure that is chosen by theatre gives one choice for each of them, ``war.<theatre>``: from the weights under
    that name, else from those for all theatres.
    """
    faults: list[Fault] = []
    weighed: dict[str, tuple[float, ...]] = {}
    for name, weights in text.structures.items():
        found = _structure_fault(name, text, tree)
        if found is not None:
            faults.append(found)
            continue
        laws = STRUCTURES[name.split(".")[0]]
        problems = _weight_faults(name, weights, laws, tree)
        faults += problems
        total = sum(weight for law, weight in weights.items() if law in laws)
        # Faulty weights are drawn with as far as they go, so that later checks can go on.
        weighed[name] = tuple(max(weights.get(law, 0.0), 0.0) / total if total > 0 else 0.0 for law in laws)
    result: list[StructureChoice] = []
    for name, laws in STRUCTURES.items():
        if name not in BY_THEATRE:
            if name in weighed:
                result.append(StructureChoice(name, laws, weighed[name]))
            elif name in ASSUMED and name not in text.structures:
                result.append(StructureChoice(name, laws, tuple(float(law == laws[0]) for law in laws)))
            elif name not in text.structures:
                faults.append(_unchosen(name, laws, tree))
            continue
        for theatre in text.theatres:
            own = f"{name}.{theatre}"
            chosen = weighed.get(own, weighed.get(name))
            if chosen is not None:
                result.append(StructureChoice(own, laws, chosen))
            elif own not in text.structures and name not in text.structures:
                faults.append(_unchosen(own, laws, tree))
    return tuple(result), faults


def _structure_fault(name: str, text: CaseText, tree: Tree) -> Fault | None:
    """What is wrong with the name of a structure, if anything."""
    kind, _, theatre = name.partition(".")
    route: Route = ("structures", name)
    if kind not in STRUCTURES:
        close = nearest(kind, STRUCTURES)
        return tree.fault(
            route,
            f"`{name}` is not a structure",
            key=True,
            found=name,
            allowed=listed(STRUCTURES),
            nearest=f"{close}.{theatre}" if close and theatre else close,
        )
    if theatre and kind not in BY_THEATRE:
        message = f"`{kind}` is one choice for the whole case; only {_named(BY_THEATRE)} is chosen by theatre"
        return tree.fault(route, message, key=True, found=name, allowed=kind, remedy=f"remove `.{theatre}`")
    if theatre and theatre not in text.theatres:
        close = nearest(theatre, text.theatres)
        return tree.fault(
            route,
            f"`{theatre}` in `{name}` is not a theatre",
            key=True,
            found=theatre,
            allowed=listed(text.theatres),
            nearest=f"{kind}.{close}" if close else "",
        )
    return None


def _weight_faults(name: str, weights: Mapping[str, float], laws: tuple[str, ...], tree: Tree) -> list[Fault]:
    route: Route = ("structures", name)
    faults: list[Fault] = []
    for law, weight in weights.items():
        if law not in laws:
            message = f"`{law}` is not a law of `{name}`"
            faults.append(
                tree.fault(
                    (*route, law), message, key=True, found=law, allowed=listed(laws), nearest=nearest(law, laws)
                )
            )
        if weight < 0:
            message = f"the weight of `{law}` is {weight:g}"
            faults.append(
                tree.fault((*route, law), message, found=f"{weight:g}", allowed="0 or more", remedy="mend the sign")
            )
    total = sum(weights.values())
    if not weights or (total <= 0 and all(weight >= 0 for weight in weights.values())):
        message = f"no law of `{name}` has any weight"
        remedy = "give at least one of them a weight above 0"
        faults.append(tree.fault(route, message, key=True, allowed=listed(laws), remedy=remedy))
    return faults


def _unchosen(name: str, laws: tuple[str, ...], tree: Tree) -> Fault:
    message = f"`structures` does not say which law to use for `{name}`"
    remedy = f"add `{name}: {{{laws[0]}: 1}}`, or weights for several"
    return tree.fault(("structures",), message, key=True, allowed=listed(laws), remedy=remedy)


def _named(names: Sequence[str]) -> str:
    return listed(f"`{name}`" for name in names)


def check_levers(
    text: CaseText, tree: Tree, entries: Entries, readings: Mapping[str, Reading]
) -> tuple[tuple[Lever, ...], list[Fault]]:
    """Levers act on entries that exist, today's value lies in their range, their factors are parameters."""
    checker = _Levers(text, tree, entries, readings)
    return tuple(checker.levers()), checker.faults


class _Levers:
    def __init__(self, text: CaseText, tree: Tree, entries: Entries, readings: Mapping[str, Reading]) -> None:
        self.text = text
        self.tree = tree
        self.entries = entries
        self.readings = readings
        self.faults: list[Fault] = []

    def fault(self, route: Route, message: str, **more: Any) -> None:
        self.faults.append(self.tree.fault(("levers", *route), message, **more))

    def levers(self) -> list[Lever]:
        result: list[Lever] = []
        for name, item in self.text.levers.items():
            if item.unit not in UNITS:
                self.fault(
                    (name, "unit"),
                    f"`{item.unit}` is not a unit",
                    found=item.unit,
                    allowed=listed(UNITS, most=60),
                    nearest=nearest(item.unit, UNITS),
                )
            if item.low > item.high:
                self.fault(
                    (name, "low"),
                    f"`low` ({item.low:g}) of `{name}` is above `high` ({item.high:g})",
                    found=f"{item.low:g}",
                    allowed="low ≤ today ≤ high",
                    remedy="exchange them",
                )
            elif not item.low <= item.today <= item.high:
                self.fault(
                    (name, "today"),
                    f"`today` ({item.today:g}) of `{name}` is outside its range",
                    found=f"{item.today:g}",
                    allowed=f"{item.low:g} to {item.high:g}",
                    remedy="widen the range or mend the value",
                )
            effects = [self._effect(effect, (name, "effects", place)) for place, effect in enumerate(item.effects)]
            result.append(
                Lever(
                    name=name,
                    label=item.label,
                    means=item.means,
                    provocation=item.provocation,
                    unit=item.unit,
                    low=item.low,
                    high=item.high,
                    today=item.today,
                    effects=tuple(effect for effect in effects if effect is not None),
                )
            )
        return result

    def _effect(self, item: EffectText, route: Route) -> Effect | None:
        quantity = _QUANTITIES.get(item.quantity)
        if isinstance(item.times, str) and item.times not in self.text.parameters:
            close = nearest(item.times, self.text.parameters)
            message = f"`times` is `{item.times}`, which is not a parameter of the case"
            self.fault(
                (*route, "times"),
                message,
                found=item.times,
                allowed="a number or the name of a parameter",
                nearest=close,
                remedy="declare it with `for: lever`",
            )
        if quantity is None:
            close = nearest(item.quantity, _QUANTITIES)
            self.fault(
                (*route, "quantity"),
                f"no law reads a quantity `{item.quantity}`",
                found=item.quantity,
                allowed="names of the table of quantities",
                nearest=close,
            )
            return None
        of = self._of(quantity, item.of, (*route, "of"))
        if of is None:
            return None
        self._moves_something(quantity, of, item.rule, route)
        return Effect(quantity.name, of, item.rule, item.times)

    def _moves_something(self, quantity: Quantity, of: tuple[tuple[str, ...], ...], rule: str, route: Route) -> None:
        """An effect on things that do not exist would pass in silence."""
        reading = self.readings[quantity.name]
        if any(reading.get(entry) is not None for entry in itertools.product(*of)):
            return
        names = listed(("/".join(part) for part in of), most=4)
        who = f"`{quantity.name}` of {names}" if of else f"`{quantity.name}`"
        if quantity.absent is None:
            self.fault(route, f"the effect changes nothing: the case does not give {who}", remedy="add the parameter")
        elif rule in {"scale", "at_most"} and quantity.absent == 0:
            message = f"the effect changes nothing: {who} is 0, which `{rule}` leaves as it is"
            self.fault(
                route, message, allowed="add, at_least or toward", remedy="choose another rule or add the parameter"
            )

    def _of(self, quantity: Quantity, of: Any, route: Route) -> tuple[tuple[str, ...], ...] | None:
        """The entries on each axis; a quantity with one axis takes a plain list of names."""
        axes = quantity.axes
        pattern = f"[{', '.join(f'<{axis}>' for axis in axes)}]"
        parts: tuple[Any, ...]
        if not axes:
            if of not in ((), None, "all"):
                self.fault(
                    route,
                    f"`{quantity.name}` is one number for the case, so `of` names nothing",
                    key=True,
                    remedy="remove `of`",
                )
                return None
            return ()
        if of == ():
            self.fault(
                route[:-1],
                f"the effect on `{quantity.name}` does not say on whom",
                allowed=f"of: {pattern}",
                remedy="add `of:`, or `of: all`",
            )
            return None
        if of == "all":
            parts = tuple("all" for _ in axes)
        elif isinstance(of, str):
            parts = (of,)
        elif isinstance(of, tuple):
            parts = (of,) if len(axes) == 1 and all(isinstance(part, str) for part in of) else of
        else:
            self.fault(route, "`of` is neither a name nor a list of names", allowed=pattern)
            return None
        if len(parts) != len(axes):
            entries = f"{len(parts)} entr{'y' if len(parts) == 1 else 'ies'}"
            message = f"`of` has {entries}, and `{quantity.name}` varies by {' and '.join(axes)}"
            self.fault(route, message, found=str(of), allowed=pattern, remedy="give one entry per axis, in this order")
            return None
        result: list[tuple[str, ...]] = []
        sound = True
        for place, (axis, part) in enumerate(zip(axes, parts, strict=True)):
            where = (*route, place) if ("levers", *route, place) in self.tree.values and len(axes) > 1 else route
            found: dict[str, None] = {}
            for inner, name in enumerate(part if isinstance(part, tuple) else (part,)):
                spot = (
                    (*where, inner)
                    if ("levers", *where, inner) in self.tree.values and isinstance(part, tuple)
                    else where
                )
                members = self.entries.expand(quantity, axis, name) if isinstance(name, str) else None
                if not members:
                    known = self.entries.spellings(quantity, axis)
                    self.fault(
                        spot,
                        f"`{name}` is not an entry of `{quantity.name}` by {axis}",
                        found=str(name),
                        allowed=listed([*known, "all"], most=30),
                        nearest=nearest(str(name), known),
                    )
                    sound = False
                    continue
                found.update(dict.fromkeys(members))
            result.append(tuple(found))
        return tuple(result) if sound else None


def check_policies(text: CaseText, tree: Tree, clock: Clock) -> tuple[tuple[Policy, ...], list[Fault]]:
    """Policies set levers that exist, within their ranges; the first one leaves all at today's value."""
    found = [
        check_policy(name, item, text.levers, text.paths, clock, tree, present=place == 0)
        for place, (name, item) in enumerate(text.policies.items())
    ]
    return tuple(policy for policy, _ in found), [fault for _, faults in found for fault in faults]


def check_policy(
    name: str,
    item: PolicyText,
    levers: Mapping[str, LeverText] | Mapping[str, Lever],
    series: Sequence[str],
    clock: Clock,
    tree: Tree,
    *,
    present: bool,
) -> tuple[Policy, list[Fault]]:
    """A policy sets levers that exist, within their ranges; as the ``present`` course it leaves them as they are.

    ``series``: those that the case keeps, which a signpost may watch.
    """
    route: Route = ("policies", name)
    faults = setting_faults(name, item.levers, levers, tree, (*route, "levers"), present=present)
    today = {lever: known.today for lever, known in levers.items()}
    values = {**today, **{k: v for k, v in item.levers.items() if k in today}}
    adaptive = None
    if item.adaptive is not None:
        if present:
            message = "the first policy is the present course, and it does not adapt"
            remedy = "put the signpost into another policy"
            faults.append(tree.fault((*route, "adaptive"), message, key=True, remedy=remedy))
        for key, setting in (("then", item.adaptive.then), ("else", item.adaptive.otherwise)):
            faults += setting_faults(name, setting, levers, tree, (*route, "adaptive", key))
        adaptive, problems = check_adaptive(name, item.adaptive, values, levers, series, clock, tree)
        faults += problems
    return Policy(name, item.label, item.means, values, tuple(item.levers), adaptive), faults


def setting_faults(
    name: str,
    setting: Mapping[str, float],
    levers: Mapping[str, LeverText] | Mapping[str, Lever],
    tree: Tree,
    route: Route,
    *,
    present: bool = False,
) -> list[Fault]:
    """What is wrong with a setting of levers that stands at ``route`` and belongs to the policy ``name``."""
    faults: list[Fault] = []
    for lever, value in setting.items():
        at: Route = (*route, lever)
        known = levers.get(lever)
        if known is None:
            faults.append(
                tree.fault(
                    at,
                    f"`{lever}` is not a lever",
                    key=True,
                    found=lever,
                    allowed=listed(levers, most=30),
                    nearest=nearest(lever, levers),
                )
            )
        elif known.low <= known.high and not known.low <= value <= known.high:
            message = f"`{name}` sets `{lever}` to {value:g}, outside the lever's range"
            allowed = f"{known.low:g} to {known.high:g} {known.unit}"
            faults.append(tree.fault(at, message, found=f"{value:g}", allowed=allowed))
        elif present and value != known.today:
            message = f"the first policy is the present course, yet `{name}` sets `{lever}` to {value:g}"
            message += f" where today has {known.today:g}"
            remedy = "remove it, or mend the lever's `today`"
            faults.append(tree.fault(at, message, found=f"{value:g}", allowed=f"{known.today:g}", remedy=remedy))
    return faults
