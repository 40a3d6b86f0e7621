"""A claim as the rest of the program sees it: a sentence somebody said, what it comes down to, and the rule that was
fixed beforehand.

``Claim`` holds what ``claims.yaml`` says, checked and parsed; the verdict is for `twofront.audit` to compute.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from twofront.figures import Expression

__all__ = [
    "COUNTED",
    "EVIDENCE_KINDS",
    "FASTEST",
    "HOLDS",
    "MODEL_KINDS",
    "Claim",
    "Claimed",
    "ClaimedFigure",
    "ClaimsList",
    "Finding",
    "Kind",
    "Point",
    "Quote",
    "Rule",
    "Test",
    "Variant",
]

Kind = Literal[
    "ratio", "level", "trend", "counterfactual", "conditional_chance", "policy_effect", "fact", "not_checkable"
]
COUNTED: Final[tuple[Kind, ...]] = ("ratio", "level", "trend")
"""Kinds that are held against figures."""
EVIDENCE_KINDS: Final[tuple[Kind, ...]] = (*COUNTED, "fact")
"""Kinds that need evidence and no run."""
MODEL_KINDS: Final[tuple[Kind, ...]] = ("counterfactual", "conditional_chance", "policy_effect")
"""Kinds that need a run."""
FASTEST: Final = "fastest comparator"
"""What stands for the claimed growth where it is the fastest of the comparators'."""
HOLDS: Final[Mapping[str, float]] = {"yes": 1.0, "partly": 0.5, "no": 0.0}
"""The value of a finding."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Who said it, and where it can be read."""

    who: str
    where: str
    url: str
    evidence: str = ""
    """The row that holds the sentence, if one does."""
    speaker: Literal["person", "organisation"] = "person"


@dataclass(frozen=True, slots=True)
class Claimed:
    """What the sentence says in numbers, in the claim's unit, and how it follows from the words."""

    text: str
    expression: Expression | None
    """None for `FASTEST`."""
    computed: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """A figure at a date."""

    date: str
    value: Expression


@dataclass(frozen=True, slots=True)
class ClaimedFigure:
    """One public figure that the claim is held against: a value, or for a trend two points in time."""

    name: str
    means: str
    group: str = ""
    value: Expression | None = None
    start: Point | None = None
    end: Point | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of all rows that it rests on, each once."""
        parts = (self.value, self.start and self.start.value, self.end and self.end.value)
        return tuple(dict.fromkeys(id_ for part in parts if part is not None for id_ in part.ids))


@dataclass(frozen=True, slots=True)
class Finding:
    """What a row says about a statement of fact."""

    evidence: str
    holds: Literal["yes", "no", "partly"]
    means: str


@dataclass(frozen=True, slots=True)
class Test:
    """A band and the least share of weight (or of futures) that must lie in it. Ends are in the claim's unit and may
    name ``claimed``."""

    __test__ = False  # not one of pytest's

    share: float
    at_least: Expression | None = None
    above: Expression | None = None
    at_most: Expression | None = None
    below: Expression | None = None
    over: tuple[str, ...] = ()
    """Groups of figures that count; all if empty."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When the claim counts as what."""

    supported: Test
    contradicted: Test
    revised: str = ""
    """Why it was changed after a first computation; nothing if it stands as it was first written."""


@dataclass(frozen=True, slots=True)
class Variant:
    """The same claim, said by the same speaker at another date, with its own number or its own rule."""

    date: str
    sentence: str
    quote: Quote
    claimed: Claimed | None = None
    rule: Rule | None = None
    holds: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence somebody said, what it comes down to, and how it is judged."""

    id: str
    sentence: str
    quote: Quote
    date: str
    kind: Kind
    reading_of: str = ""
    """The claim that it is a reading of: a narrower, wider or implied sentence that nobody said in these words."""
    quantity: str = ""
    computed: str = ""
    unit: str = "ratio"
    """Of the figures, of ``claimed`` and of the rule's ends."""
    period: str = ""
    claimed: Claimed | None = None
    figures: tuple[ClaimedFigure, ...] = ()
    comparators: tuple[ClaimedFigure, ...] = ()
    findings: tuple[Finding, ...] = ()
    outcome: Expression | None = None
    path: str = ""
    measure: Literal["difference", "relative"] = "difference"
    """How a counterfactual compares: with the change less without it, or that in parts of without it."""
    policy: str = ""
    settings: Mapping[str, float] = field(default_factory=dict[str, float])
    """Levers that a counterfactual sets; the others stay as they are today."""
    why: str = ""
    rule: Rule | None = None
    supporting: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    searched: str = ""
    flips: str = ""
    variants: tuple[Variant, ...] = ()
    list: str = ""
    """Name of the list that holds it: nothing for ``claims.yaml``, ``NAME`` for ``claims-NAME.yaml``."""
    place: str = ""
    """``file:line:column``."""

    @property
    def rows(self) -> tuple[str, ...]:
        """Ids of all rows that its figures or findings rest on, each once."""
        found = [id_ for figure in (*self.figures, *self.comparators) for id_ in figure.ids]
        found += [finding.evidence for finding in self.findings]
        if self.claimed is not None and self.claimed.expression is not None:
            found += self.claimed.expression.ids
        return tuple(dict.fromkeys(found))

    @property
    def cited(self) -> tuple[str, ...]:
        """Ids of all rows that it names anywhere, each once."""
        quotes = [quote.evidence for quote in (self.quote, *(v.quote for v in self.variants)) if quote.evidence]
        return tuple(dict.fromkeys([*self.rows, *self.supporting, *self.against, *quotes]))


@dataclass(frozen=True, slots=True)
class ClaimsList:
    """A list of claims: ``claims.yaml``, or ``claims-NAME.yaml``."""

    name: str
    title: str
    file: str
