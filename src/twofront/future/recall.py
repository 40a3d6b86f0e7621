"""One future again, on plain numbers, with everything that its players weighed: the ground of an explanation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twofront.choose import Choices
from twofront.engine.graph import Series
from twofront.engine.real import Real
from twofront.future.inputs import LEVER
from twofront.future.kernels import Floats
from twofront.future.model import FutureModel
from twofront.future.rows import WarRows
from twofront.readings import Readings

__all__ = ["Recalled", "recall"]


@dataclass(frozen=True)
class Recalled:
    """A future under one policy: every number that its players' choices rest on.

    ``numbers``: inputs of the game by name; ``rows``: what the stage of choices gives; ``outcomes`` by name.
    """

    model: FutureModel
    numbers: dict[str, float]
    wars: WarRows
    rows: dict[str, float]
    outcomes: dict[str, float]
    spans: tuple[int, ...]

    @property
    def dates(self) -> range:
        """Numbers of the decision dates."""
        return range(len(self.spans))

    def row(self, name: str, date: int) -> float:
        """A number by date, such as ``hazard.china.war``."""
        return self.rows[f"date.{name}.{date}"]

    def war(self, name: str, date: int) -> float:
        """A number of the wars at a date, such as ``objective_chance.taiwan.invade.alone``."""
        return float(self.wars(f"war.{name}", date))

    def readings(self) -> Readings:
        """What the game reads, under the policy and the future's structures."""
        return self.model.stages.reading({name: Real(value) for name, value in self.numbers.items()})

    def play(self, order: int, date: int) -> Choices:
        """Solve one order of moves at one date once more, keeping all of it."""
        numbers = {name: Real(value) for name, value in self.numbers.items()}
        now = {name: self.wars(name, date) for name in self.wars.starting("pair.")}
        actors = [challenger.actor for challenger in self.model.case.world.challengers]
        deployed = self.rows.get(f"date.alert.{date}")
        return self.model.stages.occasion(
            numbers,
            now,
            order,
            {actor: Real(self.row(f"waiting.{actor}", date)) for actor in actors},
            None if deployed is None else Real(deployed),
        )


def recall(model: FutureModel, values: Floats, structures: Floats, policy: str) -> Recalled:
    """Evaluate one future under a policy of the model; ``values``, ``structures``: its column of draws."""
    kernels, layout = model.ready()
    block = model.block(1, paths=False)
    block.load(values.reshape(-1, 1), structures.reshape(-1, 1))
    number = model.policy_names.index(policy)
    settings = [model.case.policy(name).levers for name in model.policy_names]
    for each in dict.fromkeys((0, number)):
        block.policy(each, model.setting(settings[each]))
    numbers = {name: float(block.game_in[place, 0]) for name, place in kernels.choices.inputs.items()}
    numbers.update({LEVER + name: float(value) for name, value in settings[number].items()})
    width, count = len(kernels.pairs.outputs), len(model.stages.dates.spans)
    first = kernels.choices.inputs["wars[0]"]
    rows = Series([Real(float(value)) for value in block.game_in[first : first + count * width, 0]])
    return Recalled(
        model,
        numbers,
        WarRows(rows, tuple(kernels.pairs.outputs)),
        {name: float(block.choice_out[place, 0]) for name, place in kernels.choices.outputs.items()},
        dict(zip(layout.outcomes, _floats(block.outcomes[:, 0]), strict=True)),
        tuple(model.stages.dates.spans),
    )


def _floats(values: Floats) -> Sequence[float]:
    return [float(value) for value in np.asarray(values)]
