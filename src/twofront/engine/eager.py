"""What the float and the array executor share: feeding a stage numbers and finding out its output rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twofront.engine.graph import Series
from twofront.engine.real import Real
from twofront.engine.stage import Stage, output_rows

__all__ = ["arrange", "flat_outputs", "probe"]


def arrange(stage: Stage, values: Sequence[Any], uniform: Sequence[Any]) -> dict[str, Any]:
    """The stage's inputs by name, from values in the order of its input and uniform rows."""
    inputs: dict[str, Any] = {}
    place = 0
    uniform_place = 0
    for name, length in stage.inputs.items():
        size = 1 if length is None else length
        if name in stage.uniform:
            part = uniform[uniform_place : uniform_place + size]
            uniform_place += size
        else:
            part = values[place : place + size]
            place += size
        inputs[name] = part[0] if length is None else Series(part)
    return inputs


def flat_outputs(outputs: Mapping[str, Any]) -> list[Any]:
    """Output values in the order of the output rows."""
    flat: list[Any] = []
    for value in outputs.values():
        if isinstance(value, Series):
            flat.extend(value[i] for i in range(len(value)))
        else:
            flat.append(value)
    return flat


def probe(stage: Stage) -> tuple[str, ...]:
    """Output rows of a stage, found by running it once with every input 1, each a number of its own."""
    ones = [Real(1.0) for _ in stage.input_rows]
    return output_rows(stage, stage.function(arrange(stage, ones, [Real(1.0) for _ in stage.uniform_rows])))
