"""What outcomes are called in words, in what they are counted, and which of them only restate an input."""

from __future__ import annotations

from dataclasses import dataclass

from twofront.case import Case

__all__ = [
    "CHANCE",
    "DAYS",
    "MONEY",
    "MONTHS",
    "STAKES",
    "Described",
    "describe",
    "headline_outcomes",
    "kind_of",
    "leading",
]

CHANCE, STAKES, MONTHS, DAYS, MONEY, RATE, NUMBER = "chance", "stakes", "months", "days", "money", "rate", "number"

_WORDS = {
    "any_war_chance": ("Chance of any war", CHANCE, "input"),
    "any_war_chance.with_blockade": ("Chance of any war or blockade", CHANCE, "input"),
    "double_war_chance": ("Chance of war in both theatres at once", CHANCE, "input"),
    "second_front_chance": ("Chance of a second front, given the first war", CHANCE, "input"),
    "second_front_chance.fixed": (
        "Chance of a second front, given the first war at the times of the present course",
        CHANCE,
        "input",
    ),
    "second_front_alone": (
        "Chance of the second mover's attack in the same months without a first war",
        CHANCE,
        "input",
    ),
    "call_chance": ("Chance of a call, given the first war", CHANCE, "output"),
    "call_and_attack_chance": ("Chance of a call and an attack, given the first war", CHANCE, "input"),
    "diversion_chance": ("Chance of anything but nothing new, given the first war", CHANCE, "output"),
    "opportunism_effect": ("Opportunism: what the first war adds by itself", CHANCE, "output"),
    "coordination_effect": ("Coordination: what a call adds", CHANCE, "output"),
    "common_cause_effect": ("Common cause: what the times of a first war add", CHANCE, "output"),
    "window_months": ("Months in a window of vulnerability", MONTHS, "input"),
    "military_window_months": ("Months in which both wars could be won", MONTHS, "output"),
    "policy_cost": ("Yearly cost against the present course", MONEY, "output"),
}


_ANCHORED = ("first_war_chance", "any_war_chance", "double_war_chance", "second_front_chance", "call_and_attack_chance")
"""Chances, of any order and window, whose level follows from the declared prior."""


@dataclass(frozen=True, slots=True)
class Described:
    """An outcome in words. `kind` is what it is counted in; `label` is `input` where its level rests on the anchor."""

    name: str
    words: str
    kind: str
    label: str


def describe(case: Case, name: str) -> Described:
    """Put an outcome's name in words."""
    if name in _WORDS:
        words, kind, label = _WORDS[name]
        return Described(name, words, kind, label)
    if name.startswith("unanchored."):
        found = describe(case, name.removeprefix("unanchored."))
        return Described(name, f"{found.words} (without the declared prior)", found.kind, "output")
    stem, *rest = name.split(".")
    said = {part: case.label(part) for part in rest}
    if stem == "deterrence_margin":
        when = "after the other's war has begun" if "after_first" in rest else "alone"
        least = ", lowest date" if "lowest" in rest else ""
        return Described(name, f"Deterrence margin of {said[rest[0]]}, {when}{least}", STAKES, "output")
    if stem == "yearly_hazard":
        return Described(
            name, f"Yearly hazard of {'war' if rest[-1] == 'war' else 'blockade'} by {said[rest[0]]}", RATE, "input"
        )
    if stem == "policy_cost":
        who = f"paid by {said[rest[-1]]}" if rest[0] == "by" else rest[0]
        return Described(name, f"Yearly cost against the present course, {who}", MONEY, "output")
    if stem.endswith("_chance"):
        label = "input" if stem in _ANCHORED else "output"
        return Described(name, f"{stem.replace('_', ' ').capitalize()}: {', '.join(said.values())}", CHANCE, label)
    if stem in ("war_days", "exhaustion_day"):
        return Described(name, f"{stem.replace('_', ' ').capitalize()}: {', '.join(said.values())}", DAYS, "output")
    return Described(name, name, NUMBER, "output")


def kind_of(case: Case | None, name: str) -> str:
    """What an outcome is counted in; by its name alone where there is no case."""
    if case is not None:
        return describe(case, name).kind
    stem = name.removeprefix("unanchored.").split(".")[0]
    if stem in _WORDS:
        return _WORDS[stem][1]
    return STAKES if stem == "deterrence_margin" else CHANCE if stem.endswith("_chance") else NUMBER


def leading(case: Case) -> tuple[str, ...]:
    """The outcomes that lead: deterrence margins, alone and after the other's war has begun."""
    first, second = case.world.challengers
    return (
        f"deterrence_margin.{first.actor}.alone",
        f"deterrence_margin.{second.actor}.alone",
        f"deterrence_margin.{second.actor}.after_first",
        f"deterrence_margin.{first.actor}.after_first",
    )


def headline_outcomes(case: Case) -> tuple[str, ...]:
    """The outcomes of the headline table, margins first."""
    return (
        *leading(case),
        "second_front_chance.fixed",
        "any_war_chance",
        "double_war_chance",
        "window_months",
        "policy_cost",
    )
