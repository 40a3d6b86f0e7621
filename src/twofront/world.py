"""The shape of a situation: who and what there is, without a single number of the world.

A case is turned into a `World` once; the model packages see only this. Names are the case's own; the order of
every tuple is the order of the case file and fixes the layout of results.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Act", "Challenger", "Clock", "Flow", "Responder", "Theatre", "World"]


@dataclass(frozen=True, slots=True)
class Clock:
    """Months are counted from ``start`` (``"2025-07"`` is month 0); decisions begin at ``cutoff``."""

    start: str
    months: int
    cutoff: int
    spacing: int
    """Months between decision dates."""

    @property
    def first_year(self) -> float:
        """The start as a decimal calendar year."""
        year, month = self.start.split("-")
        return int(year) + (int(month) - 1) / 12


@dataclass(frozen=True, slots=True)
class Act:
    """One option of a challenger.

    ``kind``: ``wait`` (nothing new), ``pressure`` (below war: intensify, coerce), ``blockade`` (in between) or
    ``war`` (adjudicated: limited seizure, invasion, major attack).
    """

    name: str
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class Theatre:
    """A theatre with its potential challenger and those it would attack.

    ``hosts`` fight whenever they are attacked; ``companions`` maps a responder to actors who come with it.
    """

    name: str
    label: str
    challenger: str
    hosts: tuple[str, ...]
    objective: str
    companions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    kind: str = "land"
    """What decides there: ``land``, ``sea``, ``air`` or ``strait`` (a landing over water)."""


@dataclass(frozen=True, slots=True)
class Responder:
    """Somebody who decides separately whether to fight.

    ``theatres``: where it may. With two, its options are neither, either or both; with one, the ``options``
    (name, share of its forces that it commits, whether it only lends bases) in rising order, the first being to
    stand aside. ``needs`` names a responder without whom it stays out.
    """

    name: str
    label: str
    members: tuple[str, ...]
    theatres: tuple[str, ...]
    options: tuple[tuple[str, str], ...] = ()
    needs: str | None = None


@dataclass(frozen=True, slots=True)
class Challenger:
    """A potential challenger and its menu of acts, ``wait`` first."""

    actor: str
    theatre: str
    menu: tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """A standing delivery of a munition class from one actor to another.

    ``while_war``: only while the ongoing war lasts.
    """

    giver: str
    taker: str
    munition: str
    while_war: bool


@dataclass(frozen=True, slots=True)
class World:
    """Everything that shapes the model of a case."""

    clock: Clock
    actors: tuple[str, ...]
    groups: tuple[tuple[str, tuple[str, ...]], ...]
    capabilities: tuple[str, ...]
    munitions: tuple[str, ...]
    strikers: tuple[str, ...]
    """Munition classes that strike rear areas."""
    interceptors: tuple[str, ...]
    """Munition classes that stop strikes."""
    theatres: tuple[Theatre, ...]
    challengers: tuple[Challenger, ...]
    """First mover, then second mover; swapping them swaps the roles."""
    responders: tuple[Responder, ...]
    flows: tuple[Flow, ...]
    client: str | None
    """Who receives donations while the ongoing war lasts."""
    partners: tuple[str, ...]
    """Industrial partners whose capacity can be licensed and whose research can be shared."""
    rivals: tuple[tuple[str, tuple[str, ...]], ...]
    """For each actor that responds to threats, whose spending it answers."""
    phases: tuple[float, ...]
    """Last day of each step in which a war is adjudicated; the last one is the horizon."""
    lags: tuple[int, ...]
    """Ages of a first war, in months, at which a second may begin."""
    war_window: float
    """Months after the first war's start within which a second counts (W)."""
    ground: tuple[str, ...] = ()
    """Capability classes of land forces."""
    salvo: tuple[str, ...] = ()
    """Munition classes fired in salvoes at ships and aircraft."""
    detail: bool = False
    """Whether results hold columns of detail."""

    def theatre(self, name: str) -> Theatre:
        """The theatre called ``name``; ``KeyError`` if there is none."""
        for item in self.theatres:
            if item.name == name:
                return item
        raise KeyError(name)

    def groups_of(self, actor: str) -> tuple[str, ...]:
        """The groups that hold ``actor``, in the order of the case."""
        return tuple(name for name, members in self.groups if actor in members)
