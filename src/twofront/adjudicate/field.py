"""Who can meet in a theatre, what may have gone before, and how commitments are numbered."""

from __future__ import annotations

from dataclasses import dataclass

from twofront.world import Act, Responder, Theatre, World

__all__ = [
    "MODES",
    "STATES",
    "Field",
    "companions",
    "field_of",
    "local_fights",
    "local_lends",
    "outside_responder",
]

STATES = ("quiet", "received", "known", "lost")
"""What preceded a war: nothing known; a call received; received and intercepted; intercepted only."""
MODES = ("none", "full", "shared")
"""How the outside responder helps: not, with its full reach, or with what two theatres share."""


@dataclass(frozen=True, slots=True)
class Field:
    """Who can meet in a theatre, and how their commitments are numbered."""

    theatre: Theatre
    acts: tuple[Act, ...]
    outside: Responder
    local: Responder | None
    before: tuple[Act, ...]
    """Acts of war in the other theatre: what may have begun before."""
    claimed: tuple[str, ...]
    """Actors who come with the outside responder wherever it helps, so that both theatres claim their forces."""

    @property
    def levels(self) -> int:
        """Number of the local responder's options."""
        return 1 if self.local is None else len(self.local.options)

    @property
    def commitments(self) -> tuple[tuple[int, int], ...]:
        """Pairs of (mode, level) that can occur: who needs the outside responder stays out without it."""
        return tuple(
            (mode, level)
            for mode in range(len(MODES))
            for level in range(self.levels)
            if not (MODES[mode] == "none" and level and self.local is not None and self.local.needs is not None)
        )

    @property
    def helped(self) -> tuple[tuple[int, int], ...]:
        """Commitments in which the outside responder fights: those that another war before changes."""
        return tuple(pair for pair in self.commitments if MODES[pair[0]] != "none")

    @property
    def everybody(self) -> int:
        """The local responder's last level: all that it would bring."""
        return self.levels - 1


def outside_responder(world: World) -> Responder:
    """The responder who may help in more than one theatre."""
    (found,) = (r for r in world.responders if len(r.theatres) > 1)
    return found


def field_of(world: World, theatre: Theatre) -> Field:
    """Describe a theatre's field."""
    (challenger,) = (c for c in world.challengers if c.theatre == theatre.name)
    acts = tuple(act for act in challenger.menu if act.kind == "war")
    local = next((r for r in world.responders if r.theatres == (theatre.name,)), None)
    others = (c for c in world.challengers if c.theatre != theatre.name)
    before = tuple(act for other in others for act in other.menu if act.kind == "war")
    outside = outside_responder(world)
    everywhere = [outside.members + dict(t.companions).get(outside.name, ()) for t in world.theatres]
    claimed = tuple(actor for actor in everywhere[0] if all(actor in there for there in everywhere))
    return Field(theatre, acts, outside, local, before, claimed)


def companions(field: Field, responder: Responder) -> tuple[str, ...]:
    return responder.members + dict(field.theatre.companions).get(responder.name, ())


def local_fights(field: Field, level: int) -> float:
    """Whether the local responder's own forces fight at this level."""
    return 0.0 if field.local is None else float(field.local.options[level][1] == "combat")


def local_lends(field: Field, level: int) -> float:
    """Whether outside forces have the local responder's bases at this level."""
    return 1.0 if field.local is None else float(field.local.options[level][1] != "none")
