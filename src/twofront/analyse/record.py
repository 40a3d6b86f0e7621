"""Where results contradict the record, and which of them only restate an input.

The bounds lie in `record.csv` with their sources. Nothing is ever retuned to them: a contradiction is a notice on the
report's front page.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from twofront.analyse.sample import Floats, Sample
from twofront.analyse.second_front import mechanisms

if TYPE_CHECKING:
    from twofront.ensemble import Run

__all__ = ["CONSISTENT", "CONTRADICTS", "INPUT", "Bounds", "Flag", "bounds", "check_record"]

CONSISTENT = "consistent"
CONTRADICTS = "contradicts the record"
INPUT = "input"
NOT_FOUND = "not computed"
RESTATED = 0.02
"""A level whose median differs from its declared prior's by less than this part of it restates the prior."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the record allows, and where that comes from."""

    rule: str
    low: float | None
    high: float | None
    unit: str
    subject: str
    source: str
    url: str


@dataclass(frozen=True, slots=True)
class Flag:
    """A rule, what was found, and the verdict."""

    rule: str
    subject: str
    outcome: str
    found: float
    low: float | None
    high: float | None
    unit: str
    verdict: str
    note: str
    source: str
    url: str = ""

    @property
    def contradicts(self) -> bool:
        """Whether the report's front page must say so."""
        return self.verdict == CONTRADICTS


def bounds() -> dict[str, Bounds]:
    """The bounds shipped with the program, by rule."""
    text = files("twofront.analyse").joinpath("record.csv").read_text(encoding="utf-8")
    return {
        row["rule"]: Bounds(
            row["rule"],
            float(row["low"]) if row["low"] else None,
            float(row["high"]) if row["high"] else None,
            row["unit"],
            row["subject"],
            row["source"],
            row["url"],
        )
        for row in csv.DictReader(text.splitlines())
    }


def judge(found: float, rule: Bounds) -> str:
    """The verdict on a value; the bounds themselves are within."""
    if np.isnan(found):
        return NOT_FOUND
    below = rule.low is not None and found < rule.low
    above = rule.high is not None and found > rule.high
    return CONTRADICTS if below or above else CONSISTENT


def check_record(run: Run | Sample) -> list[Flag]:
    """Check the present course against the record; contradictions first, then inputs, then what is consistent."""
    sample = run if isinstance(run, Sample) else Sample(run)
    rules = bounds()
    movers = sample.case.world.challengers
    flags: list[Flag] = []
    hazards = [_median(sample, f"yearly_hazard.{mover.actor}.war") for mover in movers]
    for mover, found, rule in zip(movers, hazards, ("first_mover_hazard", "second_mover_hazard"), strict=True):
        outcome = f"yearly_hazard.{mover.actor}.war"
        flags.append(_flag(rules[rule], found, outcome, f"median over futures; {sample.case.label(mover.actor)}"))
        flags += _restates(sample, mover.actor, outcome, found)
    flags.append(_order(sample, movers[0].actor, movers[1].actor, hazards))
    flags += _blockade(sample, movers[0].actor, hazards[0])
    if sample.has("second_front_chance", "second_front_alone"):
        split = mechanisms(sample)
        ratio = split.opened / split.alone if split.alone > 0 else float("nan")
        flags.append(
            _flag(
                rules["distraction_ratio"],
                ratio,
                "second_front_chance / second_front_alone",
                "ratio of the chances over the whole ensemble, weighted by the chance of the first war",
            )
        )
        flags.append(
            _flag(
                rules["second_front_ceiling"],
                _median(sample, "second_front_chance"),
                "second_front_chance",
                "median over futures",
            )
        )
    place = {CONTRADICTS: 0, INPUT: 1, CONSISTENT: 2, NOT_FOUND: 3}
    return sorted(flags, key=lambda flag: place[flag.verdict])


def _median(sample: Sample, name: str) -> float:
    if not sample.has(name):
        return float("nan")
    values = sample.of(sample.present, name)
    values = values[~np.isnan(values)]
    return float(np.median(values)) if len(values) else float("nan")


def _flag(rule: Bounds, found: float, outcome: str, note: str) -> Flag:
    return Flag(
        rule.rule,
        rule.subject,
        outcome,
        found,
        rule.low,
        rule.high,
        rule.unit,
        judge(found, rule),
        note,
        rule.source,
        rule.url,
    )


def _restates(sample: Sample, actor: str, outcome: str, found: float) -> list[Flag]:
    declared = _median(sample, f"yearly_anchor.{actor}")
    if np.isnan(declared) or np.isnan(found) or abs(found - declared) > RESTATED * declared:
        return []
    return [
        Flag(
            "restates_the_anchor",
            f"Yearly hazard of war by {sample.case.label(actor)} on the present course",
            outcome,
            found,
            None,
            None,
            "1/year",
            INPUT,
            "is set to the declared prior and so an input; chances of war follow from it",
            f"anchor.{actor} of the case",
        )
    ]


def _order(sample: Sample, first: str, second: str, hazards: list[float]) -> Flag:
    rule = "first_above_second"
    one, other = sample.case.label(first), sample.case.label(second)
    subject = f"The first mover's yearly hazard ({one}) is above the second's ({other})"
    verdict = NOT_FOUND if np.isnan(hazards).any() else CONSISTENT if hazards[0] > hazards[1] else CONTRADICTS
    return Flag(
        rule,
        subject,
        f"yearly_hazard.{first}.war, yearly_hazard.{second}.war",
        hazards[0],
        hazards[1],
        None,
        "1/year",
        verdict,
        "medians over futures; the lower bound is the second mover's median",
        "Surveys and forecasts of 2022 to 2026 put a war over Taiwan above an attack on NATO",
    )


def _blockade(sample: Sample, first: str, invasion: float) -> list[Flag]:
    name = f"yearly_hazard.{first}.blockade"
    found = _median(sample, name)
    if np.isnan(found):
        return []
    verdict = NOT_FOUND if np.isnan(invasion) else CONSISTENT if found >= invasion else CONTRADICTS
    return [
        Flag(
            "blockade_at_least_invasion",
            f"The yearly hazard of a blockade by {sample.case.label(first)} is at least that of an invasion",
            name,
            found,
            invasion,
            None,
            "1/year",
            verdict,
            "medians over futures; the lower bound is the median hazard of invasion",
            "Surveys of experts put quarantine or blockade ahead of invasion; lesser acts were always more frequent",
        )
    ]


def ratios(sample: Sample) -> Floats:
    """Second-front chance with a first war against without one, future by future."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return sample.of(sample.present, "second_front_chance") / sample.of(sample.present, "second_front_alone")
