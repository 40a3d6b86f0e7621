"""Policies that turn to something else: each branch is exact, and each future keeps the branch of its own signpost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from twofront.case import Adaptive, Case, Policy, load_case
from twofront.engine.executor import Stage, compile_stage
from twofront.future import FutureModel
from twofront.future.inputs import LEVER, STRUCTURE, drawn_readings, structure_number, with_levers
from twofront.future.stages import SWITCH_DATE, SWITCH_STEP, Stages
from twofront.parameters.sampling import Sampler
from twofront.simulate import simulate

CASE = load_case("two-straits")
FUTURES = 24
DRAWS = Sampler(CASE, 5).draw(0, FUTURES)
SERIES = "stock.interceptor.auria"
MONTH, BY = 24, "2032-01"
"""The signpost: read in the fourth half-year of the clock, which begins in 2030-01."""
STEP = MONTH // 6
ALWAYS, NEVER = (">", -1.0), ("<", -1.0)


def setting(**levers: float) -> dict[str, float]:
    return {lever.name: levers.get(lever.name, lever.today) for lever in CASE.levers}


def policy(name: str, levers: dict[str, float], adaptive: Adaptive | None = None) -> Policy:
    return Policy(name, name, name, levers, tuple(levers), adaptive)


def adaptive(
    then: dict[str, float], otherwise: dict[str, float], test: tuple[str, float] = ALWAYS, month: int = MONTH
) -> Adaptive:
    by = CASE.clock_labels[month]
    return Adaptive(SERIES, *test, month, by, then, otherwise, tuple(then), tuple(otherwise))


def evaluated(*policies: Policy, executor: Any = "compiled", draws: Any = DRAWS, of: Case = CASE) -> Any:
    """Outcomes, statuses and paths by policy, and names."""
    case: Case = replace(of, policies=(of.policies[0], *policies))
    model = FutureModel(case, executor=executor)
    found = model.evaluate(draws.values, draws.structures)
    assert found.paths is not None
    return SimpleNamespace(
        outcomes=dict(zip(model.policy_names, found.outcomes, strict=True)),
        status=dict(zip(model.policy_names, found.status, strict=True)),
        paths=dict(zip(model.policy_names, found.paths, strict=True)),
        series=list(model.path_names),
        names=list(model.outcome_names),
        dates=model.stages.dates,
        months=model.path_months,
    )


def same(found: Any, one: str, other: str) -> None:
    """Two policies are the same to the last bit in everything that a run holds."""
    for kind in ("outcomes", "status", "paths"):
        mine, theirs = getattr(found, kind)[one], getattr(found, kind)[other]
        assert np.array_equal(mine, theirs, equal_nan=True), kind


BASE = setting(presence=0.05)
STRONG = setting(core_floor=0.035, munitions_plan=2.0, coproduction=0.3, presence=0.1)
CALM = setting(presence=0.05, reassurance=0.8)


@pytest.fixture(scope="module")
def median() -> float:
    found = evaluated(policy("base", BASE))
    return float(np.median(found.paths["base"][found.series.index(SERIES), STEP - 1]))


def test_a_branch_from_the_first_day_is_a_policy_that_does_not_adapt() -> None:
    start = adaptive(STRONG, BASE, month=CASE.world.clock.cutoff)
    found = evaluated(policy("strong", STRONG), policy("turned", BASE, start))
    same(found, "strong", "turned")


def test_a_branch_that_changes_nothing_is_the_policy_itself() -> None:
    found = evaluated(
        policy("base", BASE),
        policy("unmet", BASE, adaptive(STRONG, BASE, NEVER)),
        policy("met", BASE, adaptive(BASE, STRONG, ALWAYS)),
    )
    same(found, "base", "unmet")
    same(found, "base", "met")


def test_every_future_keeps_the_branch_of_its_own_signpost(median: float) -> None:
    found = evaluated(
        policy("base", BASE),
        policy("then", BASE, adaptive(STRONG, CALM, ALWAYS)),
        policy("otherwise", BASE, adaptive(STRONG, CALM, NEVER)),
        policy("either", BASE, adaptive(STRONG, CALM, ("<", median))),
    )
    shown = found.paths["base"][found.series.index(SERIES), STEP - 1]
    holds = shown < median
    assert 0 < holds.sum() < FUTURES
    for kind in ("outcomes", "status", "paths"):
        by = getattr(found, kind)
        assert np.array_equal(by["either"], np.where(holds, by["then"], by["otherwise"]), equal_nan=True), kind
    war = found.names.index("any_war_chance")
    assert not np.allclose(found.outcomes["then"][war], found.outcomes["otherwise"][war])


def stepwise(conditions: Any, decide: Callable[[list[dict[Any, Any]]], None]) -> Callable[..., Any]:
    """A loop over steps that stops before the step of the switch, looks at what has been, and decides."""

    def scan(advance: Any, state: Any, count: int) -> Any:
        rows: list[dict[Any, Any]] = []
        for step in range(count):
            if step == STEP:
                decide(rows)
            state, row = advance(step, state)
            rows.append(row)
        conditions["rows"] = rows
        return state, {}

    return scan


def test_the_path_is_that_of_a_step_by_step_evaluation(monkeypatch: pytest.MonkeyPatch, median: float) -> None:
    """Each future is walked half-year by half-year in plain Python; at the switch the decision is taken on what the
    series shows by then, and other levers are read from there on. No kernel of an adaptive policy takes part."""
    case, held = CASE, {}
    names = [item.name for item in case.parameters] + [STRUCTURE + item.name for item in case.structures]
    _, kind, whose = SERIES.split(".")

    def function(values: Any) -> dict[str, Any]:
        before = drawn_readings(case, values)
        now = {
            branch: with_levers(case, before, {**values, **{LEVER + k: v for k, v in levers.items()}})
            for branch, levers in (("base", BASE), ("then", STRONG), ("otherwise", CALM))
        }
        laws = [structure_number(case, name, values) for name in ("spending_path", "deflator")]
        conditions = SimpleNamespace(
            before=before, after=now["base"], spending_path=laws[0], deflator=laws[1], later=None, switch=0.0
        )
        decided: list[bool] = []

        def decide(rows: list[dict[Any, Any]]) -> None:
            decided.append(bool(rows[-1]["stock", kind, whose] < median))
            conditions.after = now["then" if decided[-1] else "otherwise"]

        monkeypatch.setattr("twofront.simulate.path.scan", stepwise(held, decide))
        simulate(case.world, conditions)  # pyright: ignore[reportArgumentType]
        shown = {f"{step}": row["stock", kind, whose] for step, row in enumerate(held["rows"])}
        return {**shown, "decided": 1.0 if decided[0] else 0.0}

    kernel = compile_stage(Stage("walk", function, dict.fromkeys(names)), executor="floats")
    drawn = np.ascontiguousarray(np.concatenate([DRAWS.values, DRAWS.structures]))
    walked = np.empty((len(kernel.output_rows), FUTURES))
    kernel.run(drawn, walked, 0, FUTURES)
    monkeypatch.undo()
    found = evaluated(policy("base", BASE), policy("either", BASE, adaptive(STRONG, CALM, ("<", median))))
    place = found.series.index(SERIES)
    assert np.array_equal(found.paths["either"][place], walked[:-1])
    assert np.array_equal(found.paths["either"][place, :STEP], found.paths["base"][place, :STEP])
    assert 0 < walked[-1].sum() < FUTURES
    moved = (found.paths["either"][place, STEP:] != found.paths["base"][place, STEP:]).any(axis=0)
    assert np.array_equal(moved, walked[-1] == 1)  # reassurance, the other branch, makes no interceptors


@pytest.mark.parametrize("waiting", ["forward", "myopic"])
def test_choice_turns_at_its_date(waiting: str) -> None:
    """Where reassurance costs nothing it touches choice alone, so that at dates after the switch play is that of a
    policy that always reassured. Before it, those who look no further play as if nothing were to come; those who look
    ahead foresee it.
    """
    # Acts short of war and overheard bluffs before the switch would keep responders forward after it: left out here.
    fixed = {p.name: 0.0 for p in CASE.parameters if p.name.startswith(("act_alert.", "call_intercepted"))}
    draws = Sampler(CASE, 5, fixed=fixed, structures={"waiting": waiting}).draw(0, FUTURES)
    lever = CASE.lever("reassurance")
    free = replace(lever, effects=tuple(effect for effect in lever.effects if effect.quantity == "reassurance"))
    case = replace(CASE, levers=tuple(free if item is lever else item for item in CASE.levers))
    turned = policy("turned", BASE, adaptive(CALM, BASE, ALWAYS))
    found = evaluated(policy("base", BASE), policy("calm", CALM), turned, draws=draws, of=case)
    first = next(number for number, month in enumerate(found.dates.months) if month >= MONTH)
    edge = CASE.world.clock.cutoff + sum(found.dates.spans[:first])
    later = found.months >= edge
    assert later.any()
    assert not later.all()
    for series in ("hazard.corvana.war", "hazard.morwen.war", "hazard.double", "second_front.north_strait_first"):
        row = found.series.index(series)
        base, calm, turned = (found.paths[name][row] for name in ("base", "calm", "turned"))
        assert np.array_equal(turned[later], calm[later])
        if waiting == "myopic":
            assert np.array_equal(turned[~later], base[~later])
        else:
            assert (turned[~later] != base[~later]).any()
    war = found.names.index("any_war_chance")
    base, calm, turned = (found.outcomes[name][war] for name in ("base", "calm", "turned"))
    assert ((np.minimum(base, calm) <= turned) & (turned <= np.maximum(base, calm))).all()


def test_wars_at_a_date_are_fought_under_the_levers_of_that_date() -> None:
    found = evaluated(
        policy("base", BASE), policy("turned", BASE, adaptive(STRONG, BASE, ALWAYS)), policy("strong", STRONG)
    )
    row = found.series.index("objective_chance.north_strait.invade.auria")
    first = next(number for number, month in enumerate(found.dates.months) if month >= MONTH)
    edge = CASE.world.clock.cutoff + sum(found.dates.spans[:first])
    before, after = found.months < edge, found.months >= edge
    base, turned, strong = (found.paths[name][row] for name in ("base", "turned", "strong"))
    assert np.array_equal(turned[before], base[before])
    assert (turned[after] != base[after]).all()
    # Lines and stocks follow with their lags, so that late wars are nearer to those of the strong than early ones.
    assert (np.abs(turned - strong)[after][-1] < np.abs(base - strong)[after][-1]).mean() > 0.9


def test_sanctions_that_tighten_later_bite_from_then_on() -> None:
    """Substitution counts from the day of the tightening, not from the beginning of the policy."""
    case = load_case("rutte-2025")
    draws = Sampler(case, 2, structures={"spending_path": "linear"}).draw(0, 8)
    today = {lever.name: lever.today for lever in case.levers}
    tight = {**today, "sanctions_on_inputs": 1.0}
    series, month = "output.long_range_strike.russia", 60
    label = case.clock_labels[month]
    turned = Adaptive("spending.russia", ">", -1.0, month, label, tight, today, ("sanctions_on_inputs",), ())
    whole = replace(case, policies=(case.policies[0], policy("tight", tight), policy("turned", today, turned)))
    model = FutureModel(whole)
    paths = model.evaluate(draws.values, draws.structures).paths
    assert paths is not None
    row, step = model.path_names.index(series), month // 6
    none, tightened, later = (paths[place, row] for place in range(3))
    assert np.array_equal(later[:step], none[:step])
    assert (later[step] <= tightened[step]).all()  # fresh sanctions deny more than old ones
    assert (later[step] < tightened[step]).any()


@pytest.mark.parametrize("part", ["arsenals", "forces", "series"])
def test_all_executors_give_the_same_bits(part: str) -> None:
    """Of a path that turns on the way. What follows it, the wars and the choices, reads nothing but such rows; under
    arrays, the search for the anchor alone would take a quarter of an hour."""
    model = FutureModel(CASE)
    turning = Stages(CASE, CASE.paths, model.stages.path_months, switching=True)
    kernels = [compile_stage(turning.path(part), executor) for executor in ("compiled", "arrays")]
    drawn = np.ascontiguousarray(np.concatenate([DRAWS.values, DRAWS.structures]))
    now, then = CASE.policies[0].levers, STRONG
    values = {f"lever.{name}": value for name, value in now.items()}
    values |= {f"later.lever.{name}": value for name, value in then.items()} | {
        SWITCH_STEP: float(STEP),
        SWITCH_DATE: 1.0,
    }
    found: dict[tuple[str, float], Any] = {}
    for kernel, name in zip(kernels, ("compiled", "arrays"), strict=True):
        assert kernel.input_rows == (
            *(p.name for p in CASE.parameters),
            *(f"structure.{s.name}" for s in CASE.structures),
        )
        for step in (float(STEP), 1000.0):
            uniform = np.array([{**values, SWITCH_STEP: step}[row] for row in kernel.uniform_rows])
            found[name, step] = np.full((len(kernel.output_rows), FUTURES), np.nan)
            kernel.run(drawn, found[name, step], 0, FUTURES, uniform)
    for step in (float(STEP), 1000.0):
        assert np.array_equal(found["compiled", step], found["arrays", step])
    assert not np.array_equal(found["compiled", float(STEP)], found["compiled", 1000.0])  # and it does turn


def test_other_policies_keep_their_bits_beside_an_adaptive_one(median: float) -> None:
    alone = evaluated(policy("base", BASE))
    beside = evaluated(policy("either", BASE, adaptive(STRONG, CALM, ("<", median))), policy("base", BASE))
    for name in (CASE.policies[0].name, "base"):
        assert np.array_equal(alone.outcomes[name], beside.outcomes[name], equal_nan=True)
