"""The shape of a case: all of it that the code of its stages depends on.

No range, weight or policy does. Cases of one shape share kernels within a process, and a shape together with the
source of the model says which stages are known from an earlier one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from twofront.engine import source
from twofront.future.stages import Stages

__all__ = ["identity_of", "shape_of"]


def shape_of(stages: Stages) -> str:
    """Digest of what the stages read of their case and are told beside it."""
    case = stages.case
    drawn = [(item.name, item.options, [weight > 0 for weight in item.weights]) for item in case.structures]
    names = [item.name for item in case.parameters]
    parts = (case.name, case.world, names, case.readings, case.levers, drawn, case.threshold)
    told = (stages.paths, stages.path_months, stages.switching)
    spelled: list[str] = []
    _spell((parts, told), spelled)
    return hashlib.sha256("\0".join(spelled).encode()).hexdigest()


def identity_of(stages: Stages) -> str:
    """The stages' shape and the source that they come from; empty where the source has changed meanwhile."""
    code = source.model_digest()
    return f"{code}.{shape_of(stages)}" if code else ""


def _spell(value: Any, into: list[str]) -> None:
    """Add all that a value holds, so that different values never spell alike; `TypeError` for what has no order."""
    if value is None or isinstance(value, (bool, int, float, str)):
        into.append(f"{type(value).__name__} {value!r}")
    elif isinstance(value, Mapping):
        into.append("{")
        for key, inner in value.items():  # pyright: ignore[reportUnknownVariableType]
            _spell(key, into)
            _spell(inner, into)
        into.append("}")
    elif isinstance(value, (tuple, list)):
        into.append("[")
        for inner in value:  # pyright: ignore[reportUnknownVariableType]
            _spell(inner, into)
        into.append("]")
    elif is_dataclass(value) and not isinstance(value, type):
        into.append(f"{type(value).__name__} (")
        for item in fields(value):
            into.append(item.name)
            _spell(getattr(value, item.name), into)
        into.append(")")
    else:
        raise TypeError(f"{type(value).__name__} has no place in the shape of a case")
