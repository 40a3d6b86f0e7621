"""Names of parameters: what they say, whom a quantity is read for, and which name wins.

A name is spelled ``[<class>_]<quantity>[.<actor or group>][.<theatre>]``. `parse` takes one apart, `Entries` knows
for whom each quantity has a meaning in a world, and `resolve` finds, for every entry, the most specific parameter:
the name that names more axes wins; of two that name as many, an actor is preferred to its group and a smaller
group to a larger one. A tie that this leaves undecided is reported rather than broken.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from twofront.faults import listed, nearest
from twofront.quantities import QUANTITIES, Quantity, quantity
from twofront.world import World

__all__ = ["ALL", "Entries", "Entry", "Misnamed", "Name", "Reading", "Tie", "parse", "resolve", "spell", "unit_of"]

Entry: TypeAlias = "tuple[str, ...]"
Reading: TypeAlias = "dict[Entry, str | None]"

ALL: Final = "all"
"""Stands for every entry of an axis, where leaving it out would be unclear (``commitment.all.north_strait``)."""

CHALLENGERS_ONLY: Final = frozenset(
    ["opportunity_rate", "status_quo", "patience", "war_cost", "loss_cost", "anchor", "provocation", "goodwill"]
)
"""Quantities by actor that only potential challengers have."""

RESPONDERS_ONLY: Final = frozenset(["responder_stake", "responder_cost", "honour"])
"""Quantities by actor whose entries are responders, by the responder's own name."""

PLAYERS_ONLY: Final = frozenset(["precision"])
"""Quantities by actor whose entries are challengers and responders."""

_NAMES: Final = tuple(item.name for item in QUANTITIES)
_BY_NAME: Final = {item.name: item for item in QUANTITIES}
_PREFIX_AXES: Final = ("capability", "munition")


@dataclass(frozen=True, slots=True)
class Name:
    """A parameter's name taken apart: one entry per axis of the quantity, ``None`` where it names nothing."""

    quantity: Quantity
    parts: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Misnamed:
    """Why a name cannot be taken apart."""

    message: str
    allowed: str = ""
    nearest: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Tie:
    """Two names that claim an entry with equal right."""

    quantity: str
    entry: Entry
    names: tuple[str, str]


@dataclass(frozen=True)
class Entries:
    """For whom each quantity is read in a world."""

    world: World
    by_axis: dict[str, tuple[str, ...]] = field(init=False)
    members: dict[str, tuple[str, ...]] = field(init=False)
    """Members of each group."""

    def __post_init__(self) -> None:
        world = self.world
        challengers = tuple(dict.fromkeys(item.actor for item in world.challengers))
        responders = tuple(item.name for item in world.responders)
        axes = {
            "capability": world.capabilities,
            "munition": world.munitions,
            "act": tuple(act.name for item in world.challengers for act in item.menu),
            "actor": world.actors,
            "theatre": tuple(item.name for item in world.theatres),
            "challenger": challengers,
            "responder": responders,
            "player": tuple(dict.fromkeys([*challengers, *responders])),
        }
        object.__setattr__(self, "by_axis", axes)
        object.__setattr__(self, "members", dict(world.groups))

    def axis(self, item: Quantity, axis: str) -> tuple[str, ...]:
        """The entries along one axis of a quantity."""
        if axis == "actor":
            if item.name in CHALLENGERS_ONLY:
                return self.by_axis["challenger"]
            if item.name in RESPONDERS_ONLY:
                return self.by_axis["responder"]
            if item.name in PLAYERS_ONLY:
                return self.by_axis["player"]
        return self.by_axis[axis]

    def of(self, item: Quantity) -> list[Entry]:
        """Every entry of a quantity, the last axis running fastest."""
        return list(itertools.product(*(self.axis(item, axis) for axis in item.axes)))

    def groups(self, item: Quantity, axis: str) -> dict[str, tuple[str, ...]]:
        """Groups that may stand on an axis, with those of their members that the quantity is read for."""
        if axis != "actor":
            return {}
        here = set(self.axis(item, axis))
        return {name: tuple(m for m in members if m in here) for name, members in self.members.items()}

    def spellings(self, item: Quantity, axis: str) -> list[str]:
        """Everything that may stand on an axis of a name."""
        groups = [name for name, members in self.groups(item, axis).items() if members]
        return list(dict.fromkeys([*self.axis(item, axis), *groups]))

    def expand(self, item: Quantity, axis: str, name: str) -> tuple[str, ...] | None:
        """The entries that an actor, group, class … or ``all`` stands for; ``None`` if nothing is called so."""
        here = self.axis(item, axis)
        if name == ALL:
            return here
        if name in here:
            return (name,)
        return self.groups(item, axis).get(name)


def spell(item: Quantity, parts: Iterable[str | None]) -> str:
    """Spell the name for a quantity and its parts."""
    head, tail = item.name, ""
    for axis, part in zip(item.axes, parts, strict=True):
        if part is None:
            continue
        if axis in _PREFIX_AXES:
            head = f"{part}_{head}"
        else:
            tail += f".{part}"
    return head + tail


def unit_of(name: str, entry: Iterable[str | None], class_units: Mapping[str, str]) -> str:
    """The canonical unit of an entry; of all entries if they share one, else ``"class"``."""
    item = quantity(name)
    if item.unit != "class":
        return item.unit
    for axis, part in zip(item.axes, entry, strict=True):
        if axis == "capability" and part is not None:
            return class_units[part]
    return "class"


def parse(name: str, entries: Entries) -> Name | Misnamed:
    """Take a parameter's name apart, or say what is wrong with it."""
    head, *tail = name.split(".")
    found = _head(head, entries)
    if isinstance(found, Misnamed):
        return found
    item, prefix = found
    axes = [axis for axis in item.axes if axis not in _PREFIX_AXES]
    pattern = pattern_of(item)
    if len(tail) > len(axes):
        what = f"`{item.name}` varies by {_by(item)}" if item.axes else f"`{item.name}` is one number for the case"
        extra = ".".join(tail[len(axes) :])
        return Misnamed(f"the parameter `{name}` names too much: {what}", pattern, remedy=f"remove `.{extra}`")
    placed = _suffixes(name, item, axes, tail, entries)
    if isinstance(placed, Misnamed):
        return placed
    parts = [prefix if axis in _PREFIX_AXES else placed.get(axis) for axis in item.axes]
    return Name(item, tuple(parts))


def pattern_of(item: Quantity) -> str:
    """How names of a quantity are spelled, for a message."""
    text = item.name
    for axis in item.axes:
        if axis in _PREFIX_AXES:
            text = f"[<{axis} class>_]{text}"
        else:
            words = {"actor": "actor or group"}.get(axis, axis)
            text += f"[.<{words}>]"
    return text


def _by(item: Quantity) -> str:
    return " and ".join(item.axes)


def _head(head: str, entries: Entries) -> tuple[Quantity, str | None] | Misnamed:
    if head in _BY_NAME:
        return _BY_NAME[head], None
    fitting = [item for item in QUANTITIES if head.endswith("_" + item.name)]
    classed = [item for item in fitting if item.axes and item.axes[0] in _PREFIX_AXES]
    for item in classed:
        prefix = head[: -len(item.name) - 1]
        if prefix in entries.by_axis[item.axes[0]]:
            return item, prefix
    if classed:
        item = max(classed, key=lambda q: len(q.name))
        prefix = head[: -len(item.name) - 1]
        known = entries.by_axis[item.axes[0]]
        close = nearest(prefix, known)
        whole = f"{close}_{item.name}" if close else nearest(head, _heads(entries), cutoff=0.75)
        message = f"`{prefix}` is not a {item.axes[0]} class (`{item.name}` varies by {_by(item)})"
        return Misnamed(message, listed(known), whole, "declare the class or mend its name")
    close = nearest(head, _heads(entries), cutoff=0.7)
    if fitting and not close:
        close = max(fitting, key=lambda q: len(q.name)).name
    message = f"no quantity reads `{head}`"
    return Misnamed(
        message, "names of the table of quantities", close, "or declare `for: lever` if only a lever reads it"
    )


def _heads(entries: Entries) -> list[str]:
    heads = list(_NAMES)
    for item in QUANTITIES:
        if item.axes and item.axes[0] in _PREFIX_AXES:
            heads += [f"{name}_{item.name}" for name in entries.by_axis[item.axes[0]]]
    return heads


def _suffixes(
    name: str, item: Quantity, axes: list[str], tail: list[str], entries: Entries
) -> dict[str, str | None] | Misnamed:
    """Assign the suffixes to axes, in order; an axis may be left out."""
    placings = [dict(zip(chosen, tail, strict=True)) for chosen in itertools.combinations(axes, len(tail))]
    fits: list[dict[str, str | None]] = [
        {axis: None if part == ALL else part for axis, part in placing.items()}
        for placing in placings
        if all(entries.expand(item, axis, part) is not None for axis, part in placing.items())
    ]
    distinct = [fit for place, fit in enumerate(fits) if fit not in fits[:place]]
    named = [{axis: part for axis, part in fit.items() if part is not None} for fit in distinct]
    if len(distinct) == 1 or (distinct and all(fit == named[0] for fit in named)):
        return distinct[0]
    if distinct:
        spelled = [f"{item.name}" + "".join(f".{fit.get(axis) or ALL}" for axis in axes) for fit in distinct]
        message = f"the parameter `{name}` can be read in {len(distinct)} ways"
        return Misnamed(message, listed(f"`{text}`" for text in spelled), remedy="write the one that is meant")
    for order in itertools.permutations(tail):
        for chosen in itertools.combinations(axes, len(tail)):
            if all(entries.expand(item, axis, part) is not None for axis, part in zip(chosen, order, strict=True)):
                close = ".".join([name.split(".")[0], *order])
                return Misnamed(f"the parts of `{name}` stand in the wrong order", pattern_of(item), close)
    for axis, part in zip(axes, tail, strict=False):
        known = entries.spellings(item, axis)
        every = known if len(tail) == len(axes) else [s for a in axes for s in entries.spellings(item, a)]
        if part in every or part == ALL:
            continue
        close = nearest(part, every)
        suggestion = name.replace(f".{part}", f".{close}", 1) if close else ""
        who = "an actor or a group" if axis == "actor" else f"{'an' if axis == 'act' else 'a'} {axis}"
        note = ""
        if axis == "actor" and part in {*entries.by_axis["actor"], *entries.members}:
            kind = "responders" if item.name in RESPONDERS_ONLY else "challengers"
            kind = "challengers and responders" if item.name in PLAYERS_ONLY else kind
            note = f"; `{item.name}` is read for {kind} only"
        return Misnamed(f"`{part}` in `{name}` is not {who} of `{item.name}`{note}", listed(every), suggestion)
    return Misnamed(f"`{name}` names the same axis twice", pattern_of(item))


def resolve(item: Quantity, names: Mapping[tuple[str | None, ...], str], entries: Entries) -> tuple[Reading, list[Tie]]:
    """Find the parameter for every entry of a quantity; ``names`` maps the parts of a name to the name."""
    if not names:
        return dict.fromkeys(entries.of(item)), []
    used = [set(parts) for parts in zip(*names, strict=True)]
    above = [_ranks(item, axis, entries, used[place]) for place, axis in enumerate(item.axes)]
    reading: Reading = {}
    ties: list[Tie] = []
    for entry in entries.of(item):
        best: list[tuple[tuple[float, ...], str]] = []
        for combination in itertools.product(*(above[place][part] for place, part in enumerate(entry))):
            found = names.get(tuple(part for part, _ in combination))
            if found is None:
                continue
            ranks = tuple(rank for _, rank in combination)
            best.append(((sum(1 for rank in ranks if rank > 0), *sorted(ranks, reverse=True)), found))
        if not best:
            reading[entry] = None
            continue
        best.sort(key=lambda pair: pair[0], reverse=True)
        reading[entry] = best[0][1]
        if len(best) > 1 and best[0][0] == best[1][0]:
            ties.append(Tie(item.name, entry, (best[0][1], best[1][1])))
    return reading, ties


def _ranks(
    item: Quantity, axis: str, entries: Entries, used: set[str | None]
) -> dict[str, list[tuple[str | None, float]]]:
    """For each entry of an axis, what a name may call it and how specific that is (2 itself, below 2 a group).

    Only what the case's names do use.
    """
    result: dict[str, list[tuple[str | None, float]]] = {}
    groups = entries.groups(item, axis)
    sizes = {name: len(entries.members[name]) for name in groups}
    for name in entries.axis(item, axis):
        callings: list[tuple[str | None, float]] = [(name, 2.0)]
        callings += [(g, 1 + 1 / (1 + sizes[g])) for g, members in groups.items() if name in members and g != name]
        callings.append((None, 0.0))
        result[name] = [calling for calling in callings if calling[0] in used]
    return result
