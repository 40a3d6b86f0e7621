"""From drawn parameters and a policy's levers to what the model reads."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from twofront.case import Case, Lever
from twofront.engine.ops import Number, maximum, minimum, where
from twofront.quantities import QUANTITIES, STRUCTURES, quantity
from twofront.readings import Readings

__all__ = ["LATER", "LEVER", "STRUCTURE", "drawn_readings", "later_levers", "structure_number", "with_levers"]

LEVER = "lever."
STRUCTURE = "structure."
LATER = "later."
"""Opens the names of levers as a policy sets them once it has turned to something else."""


def drawn_readings(case: Case, values: Mapping[str, Number]) -> Readings:
    """Read every quantity of the case from parameters by name, each under its most specific name."""
    found: dict[tuple[str, ...], Number] = {}
    for item in QUANTITIES:
        for entry, parameter in case.reading(item.name).items():
            if parameter is not None:
                found[item.name, *entry] = values[parameter]
    return Readings(found)


def with_levers(case: Case, readings: Readings, values: Mapping[str, Number]) -> Readings:
    """Apply the levers in the order of the case; at today's value a lever leaves every quantity as it is."""
    for lever in case.levers:
        setting = values[LEVER + lever.name]
        changed: dict[tuple[str, ...], Number] = {}
        for effect in lever.effects:
            factor = values[effect.times] if isinstance(effect.times, str) else effect.times
            for entry in product(*effect.of):
                key = (effect.quantity, *entry)
                before = changed.get(key)
                if before is None:
                    before = _now(readings, effect.quantity, entry)
                if before is not None:
                    changed[key] = _ruled(effect.rule, before, setting, lever, factor)
        readings = readings.replaced(changed)
    return readings


def later_levers(case: Case, readings: Readings, values: Mapping[str, Number]) -> Readings:
    """Apply the levers as they are set later, to the same readings as `with_levers`."""
    later = {LEVER + lever.name: values[LATER + LEVER + lever.name] for lever in case.levers}
    return with_levers(case, readings, {**values, **later})


def _now(readings: Readings, name: str, entry: tuple[str, ...]) -> Number | None:
    """The number a lever changes; None where the thing does not exist, so that no lever can change it."""
    if readings.has(name, *entry):
        return readings(name, *entry)
    return quantity(name).absent


def _ruled(rule: str, before: Number, setting: Number, lever: Lever, factor: Number) -> Number:
    change = setting - lever.today
    if rule == "add":
        after = before + factor * change
    elif rule == "scale":
        after = before * (1 + factor * change)
    elif rule == "at_least":
        after = maximum(before, factor * setting)
    elif rule == "at_most":
        after = minimum(before, factor * setting)
    elif rule == "toward":
        after = before + change * (factor - before)
    else:
        raise ValueError(f"unknown lever rule `{rule}`")
    moved = (setting < lever.today) | (setting > lever.today)
    return where(moved, after, before)


def structure_number(case: Case, name: str, values: Mapping[str, Number]) -> Number:
    """Return the drawn option of a structure as its number in `STRUCTURES`; the first where the case is silent."""
    options = STRUCTURES[name]
    choice = next((s for s in case.structures if s.name == name), None)
    if choice is None:
        return 0.0
    drawn = values[STRUCTURE + name]
    number: Number = float(options.index(choice.options[-1]))
    for place in range(len(choice.options) - 2, -1, -1):
        number = where(drawn < place + 0.5, float(options.index(choice.options[place])), number)
    return number
