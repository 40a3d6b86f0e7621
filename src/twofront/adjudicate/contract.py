"""The contract that every structure of adjudication fulfils, so that rivals can stand in for each other.

A war is a sequence of *phases* under *terms* that do not change. A structure carries a state from phase to phase::

    state = structure.start(terms)
    for phase in phases:
        state = structure.step(terms, state, phase)
    result = structure.finish(terms, state)

which is what ``structure(Engagement(terms, phases))`` does. States, phases and results are named tuples of numbers, so
that `twofront.engine.ops.scan` can carry them through a rolled loop; the number of phases is the caller's affair.

*Levels, not arrivals*: ``attack`` and ``defence`` of a phase are what would stand there had nobody been lost; what
arrives or leaves shows as a change of the level, arrives whole, and leaves in proportion. *Strength, not effect*:
shortage of munitions, strikes on bases and prepared ground go into ``attack_effect`` and ``defence_effect``; they
scale what a side's fire does, and are no losses. The parts of the terms beyond the first four are needed by some
structures only (`Structure.needs`); a structure that lacks a part says so when it is built, not while it runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from twofront.engine.ops import Number

__all__ = [
    "Breaking",
    "Crossing",
    "Elements",
    "Engagement",
    "Exponents",
    "Front",
    "MissingPart",
    "Phase",
    "Salvo",
    "Structure",
    "Terms",
    "WarResult",
    "part_of",
]


@dataclass(frozen=True, slots=True)
class Breaking:
    """When a side gives up, and what is left open.

    ``attack``, ``defence``: share of the committed force lost at which the side breaks, above 0 and below 1;
    ``spread``: scale of the logistic distribution of the log of relative skill about ``log_skill`` within one war
    [ratio], above 0: what no structure explains. A square law with spread s is a contest with m about 2/s.
    """

    attack: Number
    defence: Number
    spread: Number


@dataclass(frozen=True, slots=True)
class Exponents:
    """A Lanchester law between the named ones: losses go as enemy^``enemy`` times own^``own``; both from 0 to 1."""

    enemy: Number
    own: Number


@dataclass(frozen=True, slots=True)
class Elements:
    """How many elements that fight and die by themselves a unit of strength consists of [1/force], above 0."""

    attack: Number
    defence: Number


@dataclass(frozen=True, slots=True)
class Front:
    """A land front.

    ``length``: its length [km]; ``depth``: ground the attacker must take to hold its objective [km];
    ``density``: strength that a kilometre needs to be held or to be pressed [force/km]; ``speed``: greatest rate of
    advance [km/day]; ``attack_threshold``, ``defence_threshold``: loss rates that the sides bear before they slow down
    or give ground [1/day], above 0 and below 1. All above 0.
    """

    length: Number
    depth: Number
    density: Number
    speed: Number
    attack_threshold: Number
    defence_threshold: Number


@dataclass(frozen=True, slots=True)
class Salvo:
    """Missiles and interceptors, for either side.

    ``…_shots``: missiles that a unit of strength can fire in a day [round/force/day]; ``…_hit``: chance that a missile
    which nobody intercepts hits; ``…_intercepts``: interceptors that a unit of strength can fire in a day
    [round/force/day]; ``…_kill``: chance that an interceptor of that side stops its missile; ``…_staying``: hits that
    put a unit of strength of that side out of action [round/force], above 0.
    """

    attack_shots: Number
    defence_shots: Number
    attack_hit: Number
    defence_hit: Number
    attack_intercepts: Number
    defence_intercepts: Number
    attack_kill: Number
    defence_kill: Number
    attack_staying: Number
    defence_staying: Number


@dataclass(frozen=True, slots=True)
class Crossing:
    """Lift over water.

    ``lift``: strength of land forces that intact lift carries over in a day [force/day]; ``exposure``: share of the
    defender's hits that fall on lift, from 0 to 1; ``lift_staying``: hits that put all lift out of action [round],
    above 0; ``hold_ratio``: the attacker holds its objective where the force landed, times its effect, is at least this
    multiple of the land force that holds the shore, times its effect; above 0.
    """

    lift: Number
    exposure: Number
    lift_staying: Number
    hold_ratio: Number


@dataclass(frozen=True, slots=True)
class Terms:
    """What does not change during a war.

    ``attack_loss``, ``defence_loss``: share of a side lost in a day at parity [1/day];
    ``log_skill``: log of the attacker's relative skill, drawn by future; ``decisiveness``: exponent m of the force
    ratio in contest success. The parts: `Breaking` for everything but contest success, `Exponents` for the mixed and
    `Elements` for the stochastic Lanchester law, `Front` for Epstein's model and the closure race, `Salvo` for salvoes,
    `Crossing` for a strait.
    """

    attack_loss: Number
    defence_loss: Number
    log_skill: Number
    decisiveness: Number
    breaking: Breaking | None = None
    exponents: Exponents | None = None
    elements: Elements | None = None
    front: Front | None = None
    salvo: Salvo | None = None
    crossing: Crossing | None = None


class Phase(NamedTuple):
    """A span of the war.

    ``attack``, ``defence``: combat strength in the theatre before attrition, any common unit, not negative;
    ``days``: length [day]; ``decided``: share of undecided campaigns that such a span decides (contest success only);
    ``…_effect``: what munitions, strikes and ground leave or make of a side's effect, not negative;
    ``…_ground``: the part of its strength that is land force (salvoes only: it does not fire, it crosses or holds);
    ``…_missiles``, ``…_interceptors``: rounds that become usable in this span: the stock in the first, the output
    after (salvoes only; the structure keeps the magazines).
    """

    attack: Number
    defence: Number
    days: Number
    decided: Number
    attack_effect: Number = 1.0
    defence_effect: Number = 1.0
    attack_ground: Number = 0.0
    defence_ground: Number = 0.0
    attack_missiles: Number = 0.0
    defence_missiles: Number = 0.0
    attack_interceptors: Number = 0.0
    defence_interceptors: Number = 0.0


@dataclass(frozen=True, slots=True)
class Engagement:
    """One theatre's war under one commitment: its terms and its phases from first to last, at least one."""

    terms: Terms
    phases: Sequence[Phase]


class WarResult(NamedTuple):
    """What a war brings by its horizon.

    ``objective``: chance that the attacker holds its objective; ``stalemate``: chance that nothing is decided;
    ``days``: mean length up to the horizon [day]; losses as shares of the largest force committed;
    ``ground``: ground taken [km], or None where the structure has none.
    """

    objective: Number
    stalemate: Number
    days: Number
    attack_losses: Number
    defence_losses: Number
    ground: Number | None = None


class MissingPart(ValueError):
    """A structure was asked for without a part of the terms that it needs."""


class Structure(Protocol):
    """A rival law of war outcomes. Its functions never raise once built, nor give NaN for admissible numbers."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Names of the parts of `Terms` that must be there."""
        ...

    def start(self, terms: Terms) -> Any:
        """The state before the first phase; raises `MissingPart`."""
        ...

    def step(self, terms: Terms, state: Any, phase: Phase) -> Any:
        """The state after a phase."""
        ...

    def finish(self, terms: Terms, state: Any) -> WarResult:
        """What the war has brought by the end of the last phase."""
        ...

    def __call__(self, engagement: Engagement) -> WarResult:
        """Start, step through every phase, finish."""
        ...


def part_of(terms: Terms, name: str, structure: str) -> Any:
    """The part of the terms called ``name``; raises `MissingPart`."""
    found = getattr(terms, name)
    if found is None:
        raise MissingPart(f"structure `{structure}` needs `Terms.{name}`, which is not given")
    return found
