"""The shape of ``case.yaml``: keys, types and enumerations, each with its meaning.

What can be said without looking elsewhere is said here; other modules of this package do the rest. The same
models give the JSON Schema that ``twofront schema`` prints for editors; those of ``claims.yaml`` are in
`twofront.case.claim_schema`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

__all__ = [
    "ActKind",
    "ActText",
    "ActorText",
    "AdaptiveText",
    "BesideKind",
    "BesideText",
    "BoundText",
    "CalibrationText",
    "CapabilityText",
    "CaseText",
    "ChallengerText",
    "EffectText",
    "FlowText",
    "GameText",
    "GameValueText",
    "Grade",
    "LeverRule",
    "LeverText",
    "MunitionText",
    "ParameterText",
    "PoliciesText",
    "PolicyText",
    "ResponderText",
    "Shape",
    "TheatreText",
    "json_schema",
]

Shape = Literal["fixed", "uniform", "triangular", "log_uniform", "log_triangular", "normal"]
Grade = Literal["A", "B", "C", "D"]
ActKind = Literal["wait", "pressure", "blockade", "war"]
BesideKind = Literal["survey", "forecast", "market", "record"]
LeverRule = Literal["add", "scale", "at_least", "at_most", "toward"]
SHAPES: tuple[str, ...] = get_args(Shape)

_NAME = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"
_ID = r"^[A-Za-z][A-Za-z0-9_.-]*$"
_MONTH = r"^[0-9]{4}-(0[1-9]|1[0-2])$"
_DATE = r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"

NameText = Annotated[str, StringConstraints(pattern=_NAME)]
Identifier = Annotated[str, StringConstraints(pattern=_ID)]
Sentence = Annotated[str, StringConstraints(pattern=r"\S")]
MonthText = Annotated[str, StringConstraints(pattern=_MONTH)]


def _year(value: Any) -> Any:
    """A year alone is a number to YAML and a date to us."""
    return str(value) if type(value) is int and 1000 <= value <= 9999 else value


DateText = Annotated[str, BeforeValidator(_year, json_schema_input_type=str | int), StringConstraints(pattern=_DATE)]
Number = Annotated[float, Field(allow_inf_nan=False)]


def _listed(value: Any) -> Any:
    """One text stands for a list of one."""
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[Identifier, ...], BeforeValidator(_listed, json_schema_input_type=str | tuple[str, ...])]
"""One name or a list of names."""


class Section(BaseModel):
    """What all parts of the file have in common: exact types, no unknown keys."""

    # Only the two files themselves are validated: building each part by itself would double the time to start.
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)


class ClockText(Section):
    """Months that are simulated."""

    start: MonthText = Field(description="First month, as YYYY-MM")
    end: MonthText = Field(description="Last month, as YYYY-MM")
    evidence_cutoff: MonthText = Field(description="Month from which on decisions are taken; earlier months are run-in")
    date_spacing: int = Field(ge=1, description="Months between dates of decision")


class WarText(Section):
    """How wars are divided into time."""

    phases: tuple[Annotated[Number, Field(gt=0)], ...] = Field(
        min_length=1, description="Last day of each phase, rising; the last is the horizon"
    )
    step: Annotated[Number, Field(gt=0)] | None = Field(
        default=None, description="Longest step in time [day]; longer phases are divided into equal steps"
    )
    detail: bool = Field(default=False, description="Whether results hold columns of detail (see docs/outcomes.md)")
    lags: tuple[Annotated[int, Field(ge=0)], ...] = Field(
        min_length=1, description="Ages of a first war, in months, at which a second may begin; 0 first"
    )
    window: Annotated[Number, Field(gt=0)] = Field(description="Months within which a second war counts")
    threshold: Annotated[Number, Field(gt=0, lt=1)] = Field(
        description="Yearly hazard of a double war above which a month belongs to the window of vulnerability"
    )


class ActorText(Section):
    """A state, or states taken as one."""

    label: Sentence
    groups: Annotated[tuple[NameText, ...], BeforeValidator(_listed, json_schema_input_type=str | tuple[str, ...])] = ()


class CapabilityText(Section):
    """A class of forces."""

    label: Sentence
    unit: str = Field(description="What one of it is called: brigade, squadron, ship, …")
    domain: Literal["land", "sea", "air", "support"] | None = Field(
        default=None, description="Where it fights; structures with salvoes or a landing need to know"
    )


class MunitionText(Section):
    """A class of munitions."""

    label: Sentence
    unit: str = "round"
    role: Literal["fires", "strike", "interceptor"] = Field(
        description="fires support forces in contact, strikes reach rear areas, interceptors stop strikes"
    )
    salvo: bool = Field(default=False, description="Whether it is fired in salvoes at ships and aircraft")


class TheatreText(Section):
    """Where a war may be fought."""

    label: Sentence
    challenger: NameText
    hosts: Names = Field(min_length=1, description="Actors who fight whenever they are attacked")
    companions: dict[str, Names] = Field(default={}, description="Actors who come with a responder")
    kind: Literal["land", "sea", "air", "strait"] = Field(
        default="land", description="What decides there: forces on land, at sea or in the air, or a landing over water"
    )
    objective: Sentence = Field(description="What the attacker must hold on the last day to have succeeded")


class ActText(Section):
    """One option of a challenger."""

    label: Sentence
    kind: ActKind


class ChallengerText(Section):
    """A potential challenger and what it can do."""

    actor: NameText
    theatre: NameText
    menu: dict[NameText, ActText] = Field(min_length=2, description="Acts; the first is of kind wait")


class ResponderText(Section):
    """Somebody who decides whether to fight."""

    label: Sentence | None = None
    members: Names = Field(min_length=1)
    theatres: Names = Field(min_length=1, max_length=2)
    needs: NameText | None = Field(default=None, description="Responder without whom this one stays out")
    options: dict[NameText, Literal["none", "basing", "combat"]] = Field(
        default={}, description="For a responder in one theatre: its options in rising order, the first of kind none"
    )


class FlowText(Section):
    """A standing delivery of munitions."""

    giver: NameText = Field(alias="from")
    taker: NameText = Field(alias="to")
    munition: NameText
    lasts: Literal["war", "always"] = Field(alias="while")


class BoundText(Section):
    """A number with what it rests on."""

    value: Number
    evidence: Names = ()
    judgement: Sentence | None = None
    conversion: Sentence | None = Field(default=None, description="How the value follows from what is cited")
    derive: Sentence | None = Field(
        default=None, description="The same as arithmetic over ids of evidence, which must reproduce the value"
    )


class SourceText(Section):
    """One of several sources of which a range is made: a row of evidence, arithmetic over rows, or a judgement."""

    evidence: Names = Field(default=(), max_length=1)
    derive: Sentence | None = Field(default=None, description="Arithmetic over ids of evidence")
    value: Number | None = Field(default=None, description="A judgement, in the parameter's unit")
    judgement: Sentence | None = None
    conversion: Sentence | None = Field(default=None, description="The step from the row to the quantity, in words")


class ParameterText(Section):
    """A range for a quantity."""

    means: Sentence
    unit: str
    low: BoundText | None = None
    mode: BoundText | None = None
    high: BoundText | None = None
    sources: tuple[SourceText, ...] = Field(
        default=(), description="Instead of low, mode and high: the sources of which the range is made by rule"
    )
    across: Sentence | None = Field(
        default=None, description="Why sources that follow different definitions may be pooled"
    )
    shape: Shape
    moves_with: dict[str, BoundText] = Field(default={}, description="Rank correlations with other parameters")
    grade: Grade
    contrary: Names = Field(default=(), description="Evidence that contradicts the range")
    reader: Literal["quantity", "lever"] = Field(
        default="quantity", alias="for", description="`lever` for a number that only a lever reads"
    )


class EffectText(Section):
    """What a lever does to a quantity."""

    quantity: str
    of: Any = Field(default=(), description="One entry per axis of the quantity; a name, a list of names, or `all`")
    rule: LeverRule
    times: Annotated[Number | str, Field(union_mode="left_to_right")] = Field(
        default=1.0, description="A number or the name of a parameter"
    )


class LeverText(Section):
    """Something that a policy can set."""

    label: Sentence
    means: Sentence = Field(description="What it means in the world")
    provocation: Sentence = Field(description="How the other side may read it")
    unit: str
    low: Number
    high: Number
    today: Number
    effects: tuple[EffectText, ...] = Field(min_length=1)


class AdaptiveText(Section):
    """What a policy turns to once a signpost has been read."""

    condition: Sentence = Field(alias="if", description="A kept series, a comparison (< <= > >=) and a number")
    by: MonthText = Field(description="Month in which it is read: what the last half-year that has ended shows")
    then: dict[str, Number] = Field(description="Levers from the next half-year on, where it holds")
    otherwise: dict[str, Number] = Field(default={}, alias="else", description="Levers where it does not hold")


class PolicyText(Section):
    """A setting of levers."""

    label: Sentence
    means: Sentence
    levers: dict[str, Number]
    adaptive: AdaptiveText | None = Field(default=None, description="A signpost, and what the policy makes of it")


class BesideText(Section):
    """What somebody else says of a chance: a row of evidence, or arithmetic over rows."""

    evidence: Names = Field(default=(), max_length=1)
    derive: Sentence | None = Field(default=None, description="Arithmetic over ids of evidence")
    kind: BesideKind = Field(description="Where it comes from: a survey, forecasters, a market, or the record")
    years: Annotated[Number, Field(gt=0)] | None = Field(
        default=None, description="Horizon of a chance in years; left out where the figure is a rate or conditional"
    )
    conversion: Sentence | None = Field(default=None, description="The step from the row to the quantity, in words")


class CalibrationText(Section):
    """A chance that the model implies, and what is set beside it in the report. Nothing is tuned to it."""

    outcome: str = Field(description="A chance or yearly hazard among the outcomes (docs/outcomes.md)")
    against: str | None = Field(
        default=None, description="An outcome or a yearly rate among the parameters by which it is divided"
    )
    means: Sentence | None = Field(default=None, description="The quantity in words; the outcome's own if left out")
    beside: tuple[BesideText, ...] = Field(min_length=1)


def _expression(value: Any) -> Any:
    """A number alone is an expression too."""
    return repr(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _valued(value: Any) -> Any:
    """A number or an expression alone stands for ``{value: …}``."""
    return {"value": value} if isinstance(value, (int, float, str)) and not isinstance(value, bool) else value


def _alike(value: Any) -> Any:
    """One expression alone holds for every role."""
    return {"all": value} if isinstance(value, (int, float, str)) and not isinstance(value, bool) else value


Arithmetic = Annotated[
    str,
    BeforeValidator(_expression, json_schema_input_type=str | float),
    StringConstraints(pattern=r"\S", max_length=2000),
]


class GameValueText(Section):
    """What a quantity of a form stands for."""

    value: Arithmetic = Field(description="Arithmetic over parameters and outcomes of the case, or a number")
    judgement: Sentence | None = Field(default=None, description="Why, where it is no more than a number of one's own")


ValueOfGame = Annotated[GameValueText, BeforeValidator(_valued, json_schema_input_type=GameValueText | str | float)]


class GameText(Section):
    """A game on the quantities of the case: a form, who plays its roles, and what its quantities stand for."""

    means: Sentence
    form: str | dict[str, Any] = Field(description="Name of a bundled form, or a form written out")
    parts: Names = Field(default=(), description="Optional parts of the form that are in")
    cast: dict[str, Sentence] = Field(min_length=1, description="Who plays each role: a name of the case, or any label")
    asks: dict[str, Names] = Field(
        default={},
        max_length=1,
        description="The move and those of its options that are asked about; otherwise the first move's last",
    )
    policy: NameText | None = Field(
        default=None, description="Policy under which outcomes are read; the present course"
    )
    precision: Annotated[
        dict[str, ValueOfGame], BeforeValidator(_alike, json_schema_input_type=dict[str, ValueOfGame] | str | float)
    ] = Field(min_length=1, description="Logit precision of choice: one expression, or one by role or player")
    values: dict[str, ValueOfGame] = Field(
        default={}, description="By quantity of the form; `{role}` and `{move}` stand for each of their kind"
    )


class CaseText(Section):
    """The content of ``case.yaml``."""

    version: Literal[1] = Field(alias="schema")
    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")] = Field(
        description="Small letters, digits and hyphens"
    )
    title: Sentence
    question: Sentence
    clock: ClockText
    war: WarText
    actors: dict[NameText, ActorText] = Field(min_length=1)
    capabilities: dict[NameText, CapabilityText] = Field(min_length=1)
    munitions: dict[NameText, MunitionText] = Field(min_length=1)
    theatres: dict[NameText, TheatreText] = Field(min_length=1)
    challengers: tuple[ChallengerText, ...] = Field(min_length=2, max_length=2)
    responders: dict[NameText, ResponderText] = {}
    flows: tuple[FlowText, ...] = ()
    client: NameText | None = None
    partners: Names = ()
    rivals: dict[str, Names] = {}
    parameters: dict[str, ParameterText]
    structures: dict[str, dict[str, Number]]
    levers: dict[NameText, LeverText] = {}
    policies: dict[NameText, PolicyText] = Field(min_length=1)
    paths: tuple[str, ...] = ()
    calibration: tuple[CalibrationText, ...] = Field(
        default=(), description="Implied chances beside surveys, forecasts, markets and the record"
    )
    game: dict[NameText, GameText] = Field(default={}, description="Games on the quantities of this case, by name")


class PoliciesText(Section):
    """The content of a file of policies beside those of a case."""

    version: Literal[1] = Field(alias="schema")
    case: str | None = Field(default=None, description="Name of the case whose levers the policies set")
    policies: dict[NameText, PolicyText] = Field(min_length=1)


def json_schema(file: Literal["case", "claims"]) -> dict[str, Any]:
    """The JSON Schema of ``case.yaml`` or ``claims.yaml``."""
    from twofront.case.claim_schema import ClaimsText

    model = CaseText if file == "case" else ClaimsText
    schema = model.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": f"{file}.yaml of twofront"}
