"""The shape of ``claims.yaml``: keys, types and enumerations, each with its meaning.

What can be said of a claim without looking elsewhere is said here; `twofront.case.claims` does the rest.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from twofront.case.claim import Kind
from twofront.case.schema import DateText, Identifier, Names, NameText, Number, Section, Sentence

__all__ = [
    "ClaimText",
    "ClaimedText",
    "ClaimsText",
    "FigureText",
    "FindingText",
    "Formula",
    "PointText",
    "QuoteText",
    "RuleText",
    "TestText",
    "VariantText",
]


def _formula(value: Any) -> Any:
    """A number alone is an expression too."""
    return repr(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _claimed(value: Any) -> Any:
    """A number or an expression alone stands for ``{value: …}``."""
    return {"value": value} if isinstance(value, (int, float, str)) and not isinstance(value, bool) else value


def _period(value: Any) -> Any:
    return str(value) if type(value) is int and 1000 <= value <= 9999 else value


Formula = Annotated[
    str,
    BeforeValidator(_formula, json_schema_input_type=str | float),
    StringConstraints(pattern=r"\S", max_length=2000),
]
PeriodText = Annotated[str, BeforeValidator(_period, json_schema_input_type=str | int)]


class QuoteText(Section):
    """Who said it, and where it can be read."""

    evidence: Identifier | None = Field(default=None, description="Row of evidence.csv that holds the sentence")
    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")] | None = Field(
        default=None, description="Where it can be read, if no row of evidence says so"
    )
    who: Sentence
    where: Sentence
    speaker: Literal["person", "organisation"] = "person"


class ClaimedText(Section):
    """What the sentence says in numbers."""

    value: Formula = Field(description="Number or expression in the claim's unit; may name evidence")
    computed: Sentence | None = Field(default=None, description="How the number follows from the words")


class PointText(Section):
    """A figure at a date."""

    date: DateText
    value: Formula


class FigureText(Section):
    """A public figure that the claim is held against."""

    name: NameText
    means: Sentence
    value: Formula | None = Field(default=None, description="Expression over ids of evidence")
    start: PointText | None = Field(default=None, alias="from")
    end: PointText | None = Field(default=None, alias="to")
    group: NameText | None = Field(
        default=None, description="Figures of one kind, which a rule may ask for with `over`"
    )


class FindingText(Section):
    """What a row of evidence says about a statement of fact."""

    evidence: Identifier
    holds: Literal["yes", "no", "partly"]
    means: Sentence


class TestText(Section):
    """A band, and the least share of weight or of futures that must lie in it."""

    __test__ = False  # not one of pytest's

    at_least: Formula | None = None
    above: Formula | None = None
    at_most: Formula | None = None
    below: Formula | None = None
    share: Annotated[Number, Field(gt=0, le=1)] = Field(description="Least share of weight, or of futures")
    over: Names = Field(default=(), description="Groups of figures that count; all unless given")


class RuleText(Section):
    """When a claim counts as what, fixed in advance."""

    supported: TestText
    contradicted: TestText
    revised: Sentence | None = Field(default=None, description="Why it was changed after a first computation")


class VariantText(Section):
    """The same claim by the same speaker at another date."""

    date: DateText
    sentence: Sentence
    quote: QuoteText
    claimed: Annotated[
        ClaimedText | None, BeforeValidator(_claimed, json_schema_input_type=ClaimedText | str | float | None)
    ] = None
    rule: RuleText | None = None
    holds: Sentence | None = Field(default=None, description="What is to be said of it in words")


class ClaimText(Section):
    """A sentence somebody said, what it comes down to, and how it is judged."""

    id: Identifier
    sentence: Sentence = Field(description="What was said, in one sentence of one's own")
    quote: QuoteText
    date: DateText
    kind: Kind
    reading_of: Identifier | None = Field(
        default=None, description="The claim that this is a reading of, where nobody said it in these words"
    )
    quantity: Sentence | None = Field(default=None, description="What the sentence comes down to")
    computed: Sentence | None = Field(default=None, description="How that is computed from evidence or results")
    period: PeriodText | None = Field(default=None, description="Years that the sentence is about")
    unit: str | None = Field(default=None, description="Unit of evidence in which figures and rule are written")
    claimed: Annotated[
        ClaimedText | None, BeforeValidator(_claimed, json_schema_input_type=ClaimedText | str | float | None)
    ] = None
    figures: tuple[FigureText, ...] = ()
    comparators: tuple[FigureText, ...] = ()
    findings: tuple[FindingText, ...] = ()
    outcome: Formula | None = Field(default=None, description="Expression over outcomes of a run")
    path: str | None = Field(default=None, description="A kept monthly series, in place of an outcome")
    measure: Literal["difference", "relative"] | None = None
    policy: str | None = None
    settings: dict[str, Number] = Field(default={}, alias="set", description="Levers and their values")
    why: Sentence | None = Field(default=None, description="Why it cannot be checked")
    rule: RuleText | None = None
    supporting: Names = Field(default=(), alias="for")
    against: Names = ()
    searched: Sentence | None = Field(default=None, description="Where contrary evidence was looked for in vain")
    flips: Sentence | None = Field(default=None, description="What would reverse the verdict, in words")
    variants: tuple[VariantText, ...] = ()


class ClaimsText(Section):
    """The content of ``claims.yaml``, or of a further list ``claims-NAME.yaml``."""

    version: Literal[1] = Field(alias="schema")
    title: Sentence | None = None
    claims: tuple[ClaimText, ...] = ()
