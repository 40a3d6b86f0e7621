"""A case as the rest of the program sees it: checked, in canonical units, with nothing left to look up in files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from twofront.case.claim import Claim, ClaimsList
from twofront.case.game import CaseGame
from twofront.case.names import Entries, Reading, unit_of
from twofront.case.revision import Revision
from twofront.figures import Evidence
from twofront.world import World

__all__ = [
    "Adaptive",
    "Beside",
    "Bound",
    "Calibration",
    "Case",
    "Effect",
    "Figure",
    "Lever",
    "MovesWith",
    "Parameter",
    "Policy",
    "StructureChoice",
]


@dataclass(frozen=True, slots=True)
class Bound:
    """One end (or the mode) of a range, as the case states it."""

    value: float
    """In the unit that the parameter is written in; `Parameter.low` and so on are in the canonical one."""
    evidence: tuple[str, ...] = ()
    judgement: str = ""
    conversion: str = ""
    derive: str = ""
    """The conversion as arithmetic over ids of evidence."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What one source says about a parameter, in the unit that the parameter is written in."""

    role: str
    """``low``, ``mode``, ``high`` for a written bound, ``source`` for one of several."""
    low: float
    central: float
    high: float
    ids: tuple[str, ...]
    grade: str
    judgement: str = ""
    conversion: str = ""
    """The step from the rows to the quantity: arithmetic, words, or both."""


@dataclass(frozen=True, slots=True)
class MovesWith:
    """A rank correlation with another parameter, and what it rests on."""

    parameter: str
    value: float
    evidence: tuple[str, ...] = ()
    judgement: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A range built on evidence or judgement.

    ``low``, ``mode`` and ``high`` are in ``unit``, the canonical unit of its quantity. A shape that needs fewer
    of them has the others filled: ``fixed`` has all three equal, ``uniform`` and ``log_uniform`` the (geometric)
    middle as mode.
    """

    name: str
    means: str
    unit: str
    low: float
    mode: float
    high: float
    shape: str
    grade: str
    bounds: Mapping[str, Bound]
    """The bounds as written: ``low``, ``mode``, ``high``, as far as given."""
    written_unit: str
    moves_with: tuple[MovesWith, ...] = ()
    contrary: tuple[str, ...] = ()
    place: str = ""
    """``file:line:column`` of its name."""
    for_lever: bool = False
    """Read by levers only, not by a quantity."""
    figures: tuple[Figure, ...] = ()
    """What each source says; after a revision, what is left of them."""
    support: str = "stated"
    """``stated`` as in the case, ``derived`` again after a revision, or ``unsupported``: nothing is left."""
    pooled: bool = False
    """Whether the range is made of its sources by rule (`twofront.figures.pool`)."""

    @property
    def uncertain(self) -> bool:
        """Whether it has a range."""
        return self.shape != "fixed" and self.low < self.high

    @property
    def evidence(self) -> tuple[str, ...]:
        """Ids of all evidence that its bounds cite, in order, each once."""
        return tuple(dict.fromkeys(id_ for bound in self.bounds.values() for id_ in bound.evidence))


@dataclass(frozen=True, slots=True)
class StructureChoice:
    """Rival laws for one part of the model, and the weights with which they are drawn (they sum to 1).

    ``options`` are all that exist, in the order of `twofront.quantities.STRUCTURES`; those the case does not list
    have the weight 0.
    """

    name: str
    options: tuple[str, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a lever does to a quantity.

    ``of`` holds, for each axis of the quantity, the entries it acts on; every combination is meant.
    """

    quantity: str
    of: tuple[tuple[str, ...], ...]
    rule: str
    times: float | str
    """A number, or the name of a parameter."""


@dataclass(frozen=True, slots=True)
class Lever:
    """Something that a policy can set, with both of its sides in words."""

    name: str
    label: str
    means: str
    provocation: str
    unit: str
    low: float
    high: float
    today: float
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Adaptive:
    """A signpost and what a policy makes of it (`twofront.case.signpost`).

    In the month number ``month`` (called ``by``) the series is compared with ``limit``; where that holds the setting
    of all levers is ``then`` from the next half-year on, else ``otherwise``.
    """

    series: str
    comparison: str
    limit: float
    month: int
    by: str
    then: Mapping[str, float]
    otherwise: Mapping[str, float]
    named_then: tuple[str, ...]
    named_otherwise: tuple[str, ...]

    @property
    def condition(self) -> str:
        """The comparison as it is written."""
        return f"{self.series} {self.comparison} {self.limit:.17g}"

    def words(self) -> str:
        """Say in a line what is watched and what follows."""

        def set_to(named: tuple[str, ...], setting: Mapping[str, float]) -> str:
            return ", ".join(f"{name} {setting[name]:g}" for name in named) or "as before"

        then, otherwise = set_to(self.named_then, self.then), set_to(self.named_otherwise, self.otherwise)
        return f"in {self.by}, if {self.series} {self.comparison} {self.limit:g}: {then}; else {otherwise}"


@dataclass(frozen=True, slots=True)
class Policy:
    """A setting of every lever."""

    name: str
    label: str
    means: str
    levers: Mapping[str, float]
    """The value of every lever; those the case does not name are at today's value."""
    named: tuple[str, ...]
    """The levers that the case names."""
    adaptive: Adaptive | None = None
    """What it turns to later, if it watches a signpost."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What somebody else says of a chance, in the measure of the comparison."""

    kind: str
    """``survey``, ``forecast``, ``market`` or ``record``."""
    ids: tuple[str, ...]
    low: float
    central: float
    high: float
    grade: str
    years: float | None
    """Horizon of a chance that was made a yearly hazard; ``None`` where the figure is a rate or conditional."""
    derive: str = ""
    conversion: str = ""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A chance that the model implies, and what is set beside it."""

    outcome: str
    against: str
    """Outcome or parameter by which it is divided; nothing if it stands alone."""
    means: str
    measure: str
    """``1/year`` (a yearly hazard), ``share`` (a chance given something) or ``ratio``."""
    beside: tuple[Beside, ...]


@dataclass(frozen=True)
class Case:
    """A situation with its numbers, rival laws, levers, policies, evidence and claims."""

    name: str
    title: str
    question: str
    folder: Path
    world: World
    clock_labels: tuple[str, ...]
    """``"2025-07"`` and so on, one for each simulated month."""
    threshold: float
    """Yearly hazard of a double war above which a month belongs to the window of vulnerability."""
    parameters: tuple[Parameter, ...]
    structures: tuple[StructureChoice, ...]
    levers: tuple[Lever, ...]
    policies: tuple[Policy, ...]
    """The first is the present course."""
    evidence: Mapping[str, Evidence]
    claims: tuple[Claim, ...]
    claim_lists: tuple[ClaimsList, ...]
    paths: tuple[str, ...]
    labels: Mapping[str, Mapping[str, str]]
    """Labels by section (``actors``, ``theatres``, ``capabilities``, ``munitions``, ``acts``, ``responders``,
    ``levers``, ``policies``) and name."""
    class_units: Mapping[str, str]
    """Unit of each capability and munition class."""
    hash: str
    """SHA-256 of the content of case, evidence and claims; comments and layout do not enter."""
    readings: Mapping[str, Reading] = field(repr=False)
    entries: Entries = field(repr=False)
    calibration: tuple[Calibration, ...] = ()
    """Implied chances and what others say of them, for comparison only."""
    games: tuple[CaseGame, ...] = ()
    """Games on the quantities of the case, in its order."""
    revision: Revision | None = None
    """What was done to the evidence before the ranges were derived."""
    struck: Mapping[str, Evidence] = field(default_factory=dict[str, Evidence], repr=False)
    """Rows that the revision took out."""
    added: tuple[str, ...] = ()
    """Names of policies that come from another file than the case's (`twofront.case.policy_file`)."""

    def reading(self, quantity: str) -> Reading:
        """Return, for every entry of ``quantity``, the name of the parameter that gives it, or ``None``.

        An entry is a tuple with one name per axis. The axis ``actor`` runs over those for whom the quantity has
        a meaning: challengers for their stakes, responders (by their own name) for theirs, both for
        ``precision``, every actor for anything else. ``KeyError`` if there is no such quantity.
        """
        return self.readings[quantity]

    def parameter(self, name: str) -> Parameter:
        """Return the parameter called ``name``; ``KeyError`` if there is none."""
        return self._by_name[name]

    def policy(self, name: str) -> Policy:
        """Return the policy called ``name``; ``KeyError`` if there is none."""
        for item in self.policies:
            if item.name == name:
                return item
        raise KeyError(name)

    def lever(self, name: str) -> Lever:
        """Return the lever called ``name``; ``KeyError`` if there is none."""
        for item in self.levers:
            if item.name == name:
                return item
        raise KeyError(name)

    def game(self, name: str) -> CaseGame:
        """Return the game called ``name``; ``KeyError`` if there is none."""
        for item in self.games:
            if item.name == name:
                return item
        raise KeyError(name)

    def unit(self, quantity: str, entry: tuple[str, ...]) -> str:
        """Return the canonical unit of an entry of a quantity."""
        return unit_of(quantity, entry, self.class_units)

    def label(self, name: str) -> str:
        """Return the label of whatever is called ``name``, or the name itself."""
        for section in self.labels.values():
            if name in section:
                return section[name]
        return name

    @cached_property
    def _by_name(self) -> dict[str, Parameter]:
        return {item.name: item for item in self.parameters}
