"""Check the declared monthly series (``paths``): the names after the first dot are known."""

from __future__ import annotations

from twofront.case.schema import CaseText
from twofront.case.tree import Tree
from twofront.faults import Fault, listed, nearest
from twofront.world import World

__all__ = ["check_paths"]


def check_paths(text: CaseText, tree: Tree, world: World) -> list[Fault]:
    """Faults of series that name nobody the case knows; which series exist is for the run to say."""
    faults: list[Fault] = []
    known = [*world.actors, *dict(world.groups), *world.capabilities, *world.munitions]
    known += [item.name for item in world.theatres] + [item.name for item in world.responders]
    seen: set[str] = set()
    for place, path in enumerate(text.paths):
        route = ("paths", place)
        _, *names = path.split(".")
        if path in seen:
            faults.append(tree.fault(route, f"`{path}` stands here twice", found=path, remedy="remove one"))
        seen.add(path)
        for name in names:
            if name not in known:
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
    return faults
