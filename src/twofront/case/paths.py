"""Check the declared monthly series (``paths``): each is a series of something that this case has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from twofront.case.schema import CaseText
from twofront.case.tree import Tree
from twofront.faults import Fault, listed, nearest
from twofront.world import World

__all__ = ["check_paths", "existing_series"]

_BY_ACTOR = ("spending", "core", "related", "burden", "infrastructure")
Readings = Mapping[str, Mapping[tuple[str, ...], str | None]]
"""For each quantity the parameter that gives each of its entries, None where the case leaves it out."""


def check_paths(text: CaseText, tree: Tree, world: World, readings: Readings) -> list[Fault]:
    """Faults of series that stand twice, name nobody the case knows, or that nothing of the case has."""
    faults: list[Fault] = []
    known = [*world.actors, *dict(world.groups), *world.capabilities, *world.munitions]
    known += [item.name for item in world.theatres] + [item.name for item in world.responders]
    existing = list(dict.fromkeys(existing_series(world, readings)))
    seen: set[str] = set()
    for place, path in enumerate(text.paths):
        route = ("paths", place)
        kind, *names = path.split(".")
        if path in seen:
            faults.append(tree.fault(route, f"`{path}` stands here twice", found=path, remedy="remove one"))
        seen.add(path)
        strangers = [name for name in names if name not in known]
        for name in strangers:
            close = nearest(name, known)
            whole = path.replace(f".{name}", f".{close}", 1) if close else ""
            faults.append(
                tree.fault(
                    route,
                    f"`{name}` in `{path}` is nobody and nothing of this case",
                    found=path,
                    allowed=listed(known, most=30),
                    nearest=whole,
                )
            )
        if not strangers and path not in existing:
            like = [name for name in existing if name.split(".")[0] == kind]
            kinds = dict.fromkeys(name.split(".")[0] for name in existing)
            faults.append(
                tree.fault(
                    route,
                    f"this case has no series `{path}`",
                    found=path,
                    allowed=listed(like, most=30) if like else f"series of {listed(kinds, most=30)}",
                    nearest=nearest(path, like or existing) or "",
                )
            )
    return faults


def existing_series(world: World, readings: Readings) -> Iterator[str]:
    """Names of every series that the path without war of a case holds, for actors and for groups of them."""
    for name, members in ({actor: (actor,) for actor in world.actors} | dict(world.groups)).items():
        if any(member in world.actors for member in members):
            yield from (f"{kind}.{name}" for kind in _BY_ACTOR)
        for munition in world.munitions:
            held = {kind for member in members for kind in _of_munition(world, readings, munition, member)}
            yield from (f"{kind}.{munition}.{name}" for kind in sorted(held))
        for capability in world.capabilities:
            if any(_given(readings, "strength", capability, member) for member in members):
                yield from (f"available.{capability}.{name}", f"power.{capability}.{name}")


def _of_munition(world: World, readings: Readings, munition: str, actor: str) -> Iterator[str]:
    """Kinds of series that an actor has of a class of munitions."""
    flows = [flow for flow in world.flows if flow.munition == munition]
    gives = any(flow.giver == actor for flow in flows) and _given(readings, "delivery", munition, actor)
    takes = actor == world.client or any(flow.taker == actor for flow in flows)
    makes, uses, donates = (
        _given(readings, quantity, munition, actor) for quantity in ("capacity", "war_use", "donation")
    )
    if makes:
        yield from ("output", "value")
    if makes or uses or gives or takes or _given(readings, "stock", munition, actor):
        yield "stock"
        if uses:
            yield "used"
        if gives:
            yield "sent"
        if donates and actor != world.client:
            yield "donated"
        if uses or gives or takes or donates:
            yield "received"


def _given(readings: Readings, quantity: str, *entry: str) -> bool:
    return readings.get(quantity, {}).get(entry) is not None
