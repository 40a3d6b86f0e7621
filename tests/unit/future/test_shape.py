"""The shape of a case: everything that the code of its stages depends on, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from twofront.case import Case, load_case
from twofront.engine import source
from twofront.engine.compiled import trace
from twofront.engine.stage import Buffer, Stage, Statistics
from twofront.future import shape
from twofront.future.kernels import make_ready, structures_of_war
from twofront.future.shape import identity_of, shape_of
from twofront.future.stages import Stages

CASE = load_case("baltic-2016")
MONTHS = (5, 11)


def shaped(case: Case, **told: Any) -> str:
    return shape_of(Stages(case, told.pop("paths", case.paths), told.pop("months", MONTHS), **told))


class Watched:
    """Stands for something of a case, and notes what is asked of it."""

    def __init__(self, real: Any, name: str, asked: set[str]) -> None:
        self._real, self._name, self._asked = real, name, asked

    def __getattr__(self, name: str) -> Any:
        self._asked.add(f"{self._name}.{name}")
        found = getattr(self._real, name)
        return [Watched(each, name, self._asked) for each in found] if name in PARTLY else found


PARTLY = ("parameters", "structures")
"""Of these not everything is in the shape."""

IN_SHAPE = {
    *("case.name", "case.world", "case.parameters", "case.reading", "case.levers", "case.structures"),
    *("case.threshold", "parameters.name", "structures.name", "structures.options", "structures.weights"),
}


class OnlyTraced:
    """In the place of a kernel: the stage's graph."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.statistics = stage, Statistics()
        self.input_rows, self.uniform_rows = stage.input_rows, stage.uniform_rows
        graph, self.outputs, self.output_rows = trace(stage)
        self.nodes = graph.nodes

    def run(self, inputs: Buffer, outputs: Buffer, lo: int, hi: int, uniform: Buffer | None = None) -> None:
        raise NotImplementedError


def graphs(case: Any, paths: Sequence[str]) -> list[Any]:
    """The graphs of all stages of a case."""
    found: list[OnlyTraced] = []

    def ready(stage: Stage) -> OnlyTraced:
        found.append(OnlyTraced(stage))
        return found[-1]

    kernels = make_ready(Stages(case, tuple(paths), MONTHS), ready)
    for reserve in (kernels.longer, *kernels.harder):
        reserve()
    return [(each.stage.name, each.nodes, each.outputs) for each in found]


def test_the_stages_read_nothing_of_a_case_that_is_not_in_its_shape() -> None:
    """`weights` count as far as they are above zero: the next test but one."""
    asked: set[str] = set()
    graphs(Watched(CASE, "case", asked), CASE.paths)
    assert asked <= IN_SHAPE, sorted(asked - IN_SHAPE)
    assert {"case.world", "case.reading", "parameters.name"} <= asked


def other_lever(case: Case) -> Case:
    (effect, *rest), lever = case.levers[0].effects, case.levers[0]
    times = effect.times * 2 if isinstance(effect.times, float) else 2.0
    return replace(case, levers=(replace(lever, effects=(replace(effect, times=times), *rest)), *case.levers[1:]))


def without_a_structure(case: Case) -> Case:
    theatre, drawn = next((t, d) for t, d in structures_of_war(case).items() if len(d) > 1)
    gone = next(iter(drawn))

    def changed(item: Any) -> Any:
        if item.name != f"war.{theatre}":
            return item
        left = [0.0 if option == gone else w for option, w in zip(item.options, item.weights, strict=True)]
        return replace(item, weights=tuple(w / sum(left) for w in left))

    return replace(case, structures=tuple(map(changed, case.structures)))


def another_reading(case: Case) -> Case:
    """The first quantity that has a parameter no longer does."""
    readings = {name: dict(entries) for name, entries in case.readings.items()}
    name, entry = next((n, e) for n, entries in readings.items() for e, parameter in entries.items() if parameter)
    readings[name][entry] = None
    return replace(case, readings=readings)


DIFFERENT: dict[str, Callable[[Case], Case]] = {
    "spacing": lambda c: replace(c, world=replace(c.world, clock=replace(c.world.clock, spacing=6))),
    "lags": lambda c: replace(c, world=replace(c.world, lags=(*c.world.lags, 24))),
    "window": lambda c: replace(c, world=replace(c.world, war_window=c.world.war_window + 1)),
    "order of actors": lambda c: replace(c, world=replace(c.world, actors=c.world.actors[::-1])),
    "kind of theatre": lambda c: replace(
        c, world=replace(c.world, theatres=(replace(c.world.theatres[0], kind="x"), *c.world.theatres[1:]))
    ),
    "detail": lambda c: replace(c, world=replace(c.world, detail=not c.world.detail)),
    "a parameter's name": lambda c: replace(
        c, parameters=(replace(c.parameters[0], name="other"), *c.parameters[1:])
    ),
    "order of parameters": lambda c: replace(c, parameters=c.parameters[::-1]),
    "a lever's effect": other_lever,
    "today's lever": lambda c: replace(c, levers=(replace(c.levers[0], today=-1.0), *c.levers[1:])),
    "a structure without weight": without_a_structure,
    "a reading": another_reading,
    "threshold": lambda c: replace(c, threshold=c.threshold * 2),
}  # fmt: skip


@pytest.mark.parametrize("what", DIFFERENT)
def test_what_the_code_depends_on_is_another_shape(what: str) -> None:
    assert shaped(DIFFERENT[what](CASE)) != shaped(CASE)


def test_what_the_stages_are_told_is_another_shape() -> None:
    told = [{}, {"paths": ("spending.x",)}, {"months": (5,)}, {"switching": True}]
    assert len({shaped(CASE, **each) for each in told}) == len(told)


def narrower(case: Case) -> Case:
    ranges = tuple(replace(p, low=p.mode, high=p.mode, shape="fixed", grade="D") for p in case.parameters)
    weights = tuple(
        replace(item, weights=tuple(w / 2 if place else w for place, w in enumerate(item.weights)))
        for item in case.structures
    )
    policies = tuple(replace(p, levers={name: value / 2 for name, value in p.levers.items()}) for p in case.policies)
    return replace(
        case, parameters=ranges, structures=weights, policies=policies[:1], evidence={}, claims=(), hash="other"
    )


def test_ranges_weights_and_policies_move_neither_shape_nor_code() -> None:
    assert shaped(narrower(CASE)) == shaped(CASE)
    assert graphs(narrower(CASE), CASE.paths) == graphs(CASE, CASE.paths)


def test_without_a_digest_of_the_source_there_is_no_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    stages = Stages(CASE, (), ())
    found = {identity_of(stages)}
    for code in ("one", "other"):
        monkeypatch.setattr(source, "model_digest", lambda code=code: code)
        found.add(identity_of(stages))
    assert len(found) == 3
    monkeypatch.setattr(source, "model_digest", lambda: "")
    assert identity_of(stages) == ""


def test_something_without_an_order_is_refused() -> None:
    """A set is spelled in another order in another process, and an object by its address."""
    for value in ({1, 2}, object(), print):
        with pytest.raises(TypeError, match="no place in the shape"):
            shape._spell((value,), [])


def test_values_that_look_alike_are_spelled_apart() -> None:
    def spelled(value: Any) -> str:
        into: list[str] = []
        shape._spell(value, into)
        return "\0".join(into)

    different: list[Any] = [
        1,
        1.0,
        True,
        "1",
        None,
        "None",
        (1,),
        ((1,),),
        {},
        (),
        {1: 2},
        (1, 2),
        ("1, 2",),
        0.0,
        -0.0,
    ]
    assert len({spelled(each) for each in different}) == len(different)
