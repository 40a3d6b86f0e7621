"""Every registered law: its printed form, its bits in every executor, and each sentence under *Holds*."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import twofront.adjudicate
import twofront.choose
import twofront.simulate
from twofront.engine.executor import EXECUTORS, Stage, compile_stage
from twofront.engine.law import Law, check_form, laws

assert twofront.adjudicate
assert twofront.choose
assert twofront.simulate
LAWS = dict(laws())
CLOSE = 1e-12
"""A handful of operations and an exponential good to 1e-14, relative."""


def arguments(record: Law) -> list[str]:
    """Names of the arguments of a law of plain numbers."""
    return list(record.symbols)


def flat(record: Law) -> tuple[list[str], Callable[[Mapping[str, Any]], dict[str, Any]]]:
    """A law as the function of a stage: every number an input and an output of its own."""
    sizes = {n: None if isinstance(symbol, str) else len(symbol) for n, symbol in record.symbols.items()}
    inputs = [m for n, size in sizes.items() for m in ([n] if size is None else [f"{n}{k}" for k in range(size)])]

    def function(values: Mapping[str, Any]) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for n, size in sizes.items():
            given[n] = values[n] if size is None else tuple(values[f"{n}{k}"] for k in range(size))
        found = record.function(**given)
        results: tuple[Any, ...] = found if isinstance(found, tuple) else (found,)
        return {f"result{k}": result for k, result in enumerate(results)}

    return inputs, function


@pytest.mark.parametrize("name", LAWS)
def test_the_printed_form_is_the_body(name: str) -> None:
    check_form(LAWS[name])


@pytest.mark.parametrize("name", LAWS)
def test_a_law_says_where_it_comes_from_and_where_it_fails(name: str) -> None:
    record = LAWS[name]
    assert record.source
    assert record.holds
    assert record.fails
    assert record.summary.endswith(".")
    assert set(record.units) | {"return"} >= {n for n in record.symbols if n not in UNITLESS}, record.units


UNITLESS = {
    "lift", "price", "rate", "stages", "target",
    "before", "now", "strength", "density", "length", "depth", "speed", "withdrawal", "fastest", "variance",
}  # fmt: skip
"""Arguments in units that types do not spell (share a day, money a round, kilometres, strength of any unit)."""


@pytest.mark.parametrize("name", LAWS)
def test_every_executor_gives_the_same_bits(name: str) -> None:
    names, function = flat(LAWS[name])
    source = np.random.default_rng(5)
    edges = [0.0, -0.0, 1.0, -1.0, 0.5, math.inf, math.nan, 1e-300, 1e300]
    inputs = np.concatenate(
        [
            source.uniform(0.0, 1.0, (len(names), 24)),
            np.exp(source.uniform(-8.0, 12.0, (len(names), 24))),
            -source.uniform(0.0, 2.0, (len(names), 6)),
            source.choice(edges, (len(names), 24)),
        ],
        axis=1,
    )
    inputs = np.ascontiguousarray(inputs)
    found: list[Any] = []
    for executor in EXECUTORS:
        kernel = compile_stage(Stage(name, function, dict.fromkeys(names)), executor)
        outputs = np.empty((len(kernel.output_rows), inputs.shape[1]))
        kernel.run(inputs, outputs, 0, inputs.shape[1])
        found.append(outputs.view(np.uint64))
    assert np.any(np.isfinite(found[0].view(np.float64)))
    for other in found[1:]:
        assert np.array_equal(found[0], other)


# ---- what holds --------------------------------------------------------------------------------------------------

RANGES: dict[str, tuple[float, float]] = {
    "share": (0.0, 1.0), "goal": (0.0, 1.0), "growth": (-0.2, 0.3), "step": (0.01, 24.0), "years": (0.0, 30.0),
    "years_since": (-5.0, 30.0), "steps_left": (-5.0, 200.0), "log_skill": (-3.0, 3.0), "log_ratio": (-8.0, 8.0),
    "score": (-30.0, 30.0), "trend": (-0.5, 0.5), "slippage": (0.0, 1.0), "denied": (0.0, 1.0), "tied": (0.0, 1.0),
    "residual": (0.0, 1.0), "contention": (0.0, 1.0), "closed": (0.0, 1.0), "met": (0.0, 1.0), "lost": (0.0, 1.0),
    "enemy": (0.0, 1.0), "strikes": (0.0, 1.0), "suppression": (0.0, 1.0), "interception": (0.0, 1.0),
    "magazines": (0.0, 1.0), "effect": (0.0, 1.0), "tightening": (0.0, 1.0), "learning_rate": (0.6, 1.0),
    "depreciation": (0.0, 0.5), "investment_growth": (0.0, 0.1), "readiness": (0.0, 1.0), "exponent": (0.2, 2.0),
    "patience": (0.0, 1.0), "early": (0.0, 1.0), "late": (0.0, 1.0), "gain": (0.0, 1.0), "now": (0.0, 1.0),
    "following": (0.0, 1.0), "won": (0.0, 1.0), "prize": (0.05, 1.0), "training": (0.0, 0.2),
    "response": (0.0, 1.0), "decisiveness": (0.0, 3.0),
}  # fmt: skip
POSITIVE = (0.01, 100.0)
SHARE, DAILY = (0.01, 0.99), (0.001, 0.15)
OWN_RANGES: dict[str, dict[str, tuple[float, float]]] = {
    "war.race.chance": {"spread": (0.1, 8.0)},
    "war.race.typical": {"chance": SHARE, "spread": (0.1, 8.0)},
    "war.race.breaking": {"share": SHARE},
    "war.race.spread": {"spread": (0.1, 8.0)},
    "war.lanchester.square": {"attack": (50.0, 60.0), "defence": (50.0, 60.0), "loss": DAILY, "kill": DAILY,
                              "days": (0.1, 5.0)},
    "war.lanchester.duration": {"attack": (50.0, 60.0), "defence": (5.0, 10.0), "loss": DAILY, "kill": (0.1, 0.15)},
    "war.lanchester.chance": {"attack": (4.0, 60.0), "defence": (4.0, 60.0), "loss": DAILY, "kill": DAILY},
    "war.lanchester.luck": {"breaking": SHARE, "elements": (1.0, 100.0)},
    "war.reinforced": {"lost": (0.0, 1.0)},
    **{f"war.lanchester.{what}": {"enemy": SHARE, "own": SHARE, "left": SHARE, "enemy_exponent": (0.0, 1.0),
                                  "own_exponent": (0.0, 1.0)}
       for what in ("loss.square", "loss.linear", "loss.logarithmic", "loss.mixed", "toll.square", "toll.linear",
                    "toll.logarithmic", "toll.mixed")},
    "war.epstein.withdrawal": {"withdrawal": (0.0, 10.0), "fastest": (10.0, 40.0), "loss": (0.0, 0.5),
                               "threshold": DAILY},
    "war.epstein.prosecution": {"pressing": (0.0, 0.03), "threshold": (0.03, 0.15), "loss": (0.001, 0.03)},
    "war.epstein.tempered": {"pressing": DAILY, "withdrawal": (0.0, 10.0), "fastest": (10.0, 40.0)},
    "war.epstein.remaining": {"loss": (0.0, 0.9)},
    "war.epstein.exchange": {"log_skill": (-2.0, 2.0)},
    "war.closure.depth": {"pressed": SHARE, "covered": SHARE},
    "war.salvo.leakers": {"kill": SHARE, "salvo": (0.0, 100.0)},
    "war.salvo.leak": {"kill": SHARE},
    "war.salvo.missile": {"launched": SHARE, "kill": SHARE, "interceptors": (0.0, 4.0), "terminal": SHARE,
                          "miss": SHARE},
    "war.salvo.variance": {"chance": SHARE},
    "war.salvo.hits": {"hits": (0.0, 50.0), "capacity": (0.0, 50.0), "width": (1e-3, 5.0)},
    "allocation.proportional": {"stake": (0.01, 1.0), "stakes": (1.0, 10.0)},
}  # fmt: skip
"""Ranges of arguments whose names mean something else in other laws, by law."""


def point(record: Law, source: random.Random, **fixed: float) -> dict[str, float]:
    """Random admissible arguments."""
    values: dict[str, float] = {}
    for name in arguments(record):
        low, high = OWN_RANGES.get(record.id, {}).get(name, RANGES.get(name, POSITIVE))
        values[name] = source.uniform(low, high)
    return {**values, **fixed}


Check = Callable[[Law, random.Random], None]


def call(record: Law, values: Mapping[str, float]) -> float:
    return float(record.function(**values))


def near(a: float, b: float) -> None:
    assert a == pytest.approx(b, rel=CLOSE, abs=CLOSE)


def within(low: float, high: float) -> Check:
    def check(record: Law, source: random.Random) -> None:
        assert low - CLOSE <= call(record, point(record, source)) <= high + CLOSE

    return check


def halves(state: str, time: str) -> Check:
    """Two halves of the time give what the whole does, the first's result being the second's start."""

    def check(record: Law, source: random.Random) -> None:
        values = point(record, source)
        half = {**values, time: values[time] / 2}
        near(call(record, {**half, state: call(record, half)}), call(record, values))

    return check


def between(state: str, goal: str) -> Check:
    def check(record: Law, source: random.Random) -> None:
        values = point(record, source)
        low, high = sorted((values[state], values[goal]))
        assert low - CLOSE * (1 + high) <= call(record, values) <= high + CLOSE * (1 + high)

    return check


def rising(name: str, sign: int = 1, *, strictly: bool = False, **fixed: float) -> Check:
    def check(record: Law, source: random.Random) -> None:
        values = point(record, source, **fixed)
        more = {**values, name: values[name] * 1.25 + 0.01}
        before, after = call(record, values), call(record, more)
        if not math.isfinite(before + after):
            return
        change = sign * (after - before)
        assert change > 0.0 if strictly else change >= -CLOSE * max(1.0, abs(before))

    return check


def equals(wanted: str | float, **fixed: float) -> Check:
    """The result is an argument or a number where some arguments are fixed."""

    def check(record: Law, source: random.Random) -> None:
        values = point(record, source, **fixed)
        near(call(record, values), values[wanted] if isinstance(wanted, str) else wanted)

    return check


def of(expected: Callable[[Callable[..., float], dict[str, float]], tuple[float, float]], **fixed: float) -> Check:
    """Two numbers computed from the law and a point agree."""

    def check(record: Law, source: random.Random) -> None:
        values = point(record, source, **fixed)
        near(*expected(lambda **changed: call(record, {**values, **changed}), values))

    return check


def least(record: Law, source: random.Random) -> None:
    values = point(record, source)
    limits = (values["assembly"], values["inputs"] * (1 - values["denied"]), values["funded"])
    assert call(record, values) <= min(limits) + CLOSE


def falls_with_every_cost(record: Law, source: random.Random) -> None:
    for cost in ("act_cost", "war_cost", "loss_cost", "nuclear"):
        rising(cost, -1, strictly=True)(record, source)


def grows_with_research(record: Law, source: random.Random) -> None:
    for kind in ("research", "partners", "shared"):
        rising(kind)(record, source)


def line(record: Law, stages: tuple[float, ...], target: float, lag: float, step: float) -> tuple[float, ...]:
    found = record.function(stages=stages, target=target, mean_lag=lag, step=step)
    return tuple(float(stage) for stage in found)


def line_point(source: random.Random) -> tuple[tuple[float, ...], float, float, float]:
    stages = (source.uniform(0, 10), source.uniform(0, 10), source.uniform(0, 10))
    return stages, source.uniform(0, 10), source.uniform(0.5, 60), source.uniform(0.1, 24)


def line_halves(record: Law, source: random.Random) -> None:
    stages, target, lag, step = line_point(source)
    half = line(record, line(record, stages, target, lag, step / 2), target, lag, step / 2)
    for one, two in zip(half, line(record, stages, target, lag, step), strict=True):
        near(one, two)


def line_between(record: Law, source: random.Random) -> None:
    stages, target, lag, step = line_point(source)
    for stage in line(record, stages, target, lag, step):
        assert min(*stages, target) - CLOSE * 10 <= stage <= max(*stages, target) + CLOSE * 10


def line_closed(record: Law, source: random.Random) -> None:
    lag = source.uniform(0.5, 60)
    assert round(line(record, (0.0, 0.0, 0.0), 1.0, lag, lag)[2], 5) == 0.57681


def stable(record: Law, source: random.Random) -> None:
    """Two who answer each other settle where the fatigues outweigh the responses, and only there."""
    for fatigue, settles in ((0.3, True), (0.1, False)):
        x, y = 0.02, 0.03
        for _ in range(40):
            values = {"response": 0.2, "fatigue": fatigue, "grievance": 0.001, "step": 24.0}
            x, y = (
                call(record, {"share": x, "rivals_share": y, **values}),
                call(record, {"share": y, "rivals_share": x, **values}),
            )
        assert (abs(x - y) < 1e-6 and x < 0.1) is settles


def mirrored_ratio(record: Law, source: random.Random) -> None:
    values = point(record, source)
    swapped = {**values, "log_skill": -values["log_skill"], "log_ratio": -values["log_ratio"]}
    near(call(record, values), -call(record, swapped))


def mirrored_difference(record: Law, source: random.Random) -> None:
    values = point(record, source)
    swapped = {**values, "log_skill": -values["log_skill"], "share": 1 - values["share"]}
    near(call(record, values), -call(record, swapped))


def bounded(record: Law, source: random.Random) -> None:
    values = point(record, source)
    assert abs(call(record, values) - values["log_skill"]) <= 2 * values["decisiveness"] + CLOSE


def both(record: Law, values: Mapping[str, float]) -> tuple[float, float]:
    one, other = record.function(**values)
    return float(one), float(other)


def square_halves(record: Law, source: random.Random) -> None:
    values = point(record, source)
    attack, defence = both(record, {**values, "days": values["days"] / 2})
    half = both(record, {**values, "days": values["days"] / 2, "attack": attack, "defence": defence})
    for one, two in zip(half, both(record, values), strict=True):
        assert one == pytest.approx(two, rel=1e-10, abs=1e-10)


def keeps_the_state_law(record: Law, source: random.Random) -> None:
    values = point(record, source)
    after = both(record, values)
    kept = [values["kill"] * a * a - values["loss"] * d * d for a, d in (after, (values["attack"], values["defence"]))]
    assert kept[0] == pytest.approx(kept[1], abs=1e-9 * (values["kill"] * values["attack"] ** 2))


def gone_by_then(record: Law, source: random.Random) -> None:
    values = point(record, source)
    left = both(LAWS["war.lanchester.square"], {**values, "days": call(record, values)})
    assert left[1] == pytest.approx(0.0, abs=1e-9)
    assert left[0] > 0.0


def between_the_named(record: Law, source: random.Random) -> None:
    """Square, linear and logarithmic laws are its corners, and it lies between the least and the greatest."""
    values = point(record, source)
    plain = {name: values[name] for name in ("rate", "enemy", "own")}
    named = {
        (1.0, 0.0): call(LAWS["war.lanchester.loss.square"], plain),
        (1.0, 1.0): call(LAWS["war.lanchester.loss.linear"], plain),
        (0.0, 1.0): call(LAWS["war.lanchester.loss.logarithmic"], plain),
        (0.0, 0.0): values["rate"],
    }
    for (p, q), wanted in named.items():
        assert call(record, {**values, "enemy_exponent": p, "own_exponent": q}) == pytest.approx(wanted, rel=1e-10)
    assert min(named.values()) * (1 - 1e-10) <= call(record, values) <= max(named.values()) * (1 + 1e-10)


def recursion_of_withdrawal(record: Law, source: random.Random) -> None:
    v = point(record, source, step=1.0)
    daily = v["withdrawal"] + (v["fastest"] - v["withdrawal"]) / (1 - v["threshold"]) * (v["loss"] - v["threshold"])
    assert call(record, v) == pytest.approx(daily if v["loss"] > v["threshold"] else 0.0, rel=1e-10)


def recursion_of_prosecution(record: Law, source: random.Random) -> None:
    v = point(record, source, step=1.0)
    daily = v["pressing"] - (v["threshold"] - v["pressing"]) / v["threshold"] * (v["loss"] - v["threshold"])
    assert call(record, v) == pytest.approx(daily, rel=1e-10)


def withdraws_within(record: Law, source: random.Random) -> None:
    values = point(record, source)
    assert -CLOSE <= call(record, values) <= values["fastest"] + CLOSE


def inverted_exchange(record: Law, source: random.Random) -> None:
    v = point(record, source)
    swapped = {
        "attack_loss": v["defence_loss"], "defence_loss": v["attack_loss"], "attack_effect": v["defence_effect"],
        "defence_effect": v["attack_effect"], "log_skill": -v["log_skill"],
    }  # fmt: skip
    near(call(record, v) * call(record, swapped), 1.0)


HOLDS: dict[tuple[str, str], Check] = {
    ("economy.buying_power", "equal to spending at market rates where the price level is one"): equals(
        "spending", price_level=1.0
    ),
    ("economy.capital", "never negative"): within(0.0, math.inf),
    ("economy.capital", "two half steps equal one for a constant flow"): halves("capital", "step"),
    ("economy.depreciation", "positive"): within(1e-12, math.inf),
    ("economy.gdp", "two half spans equal one"): halves("gdp", "years"),
    ("economy.initial_capital", "ten times investment at growth .03 and depreciation .07"): of(
        lambda law, v: (law(), 10 * v["investment"]), growth=0.03, depreciation=0.07
    ),
    ("economy.share.error_correction", "stays between the share and its goal"): between("share", "goal"),
    ("economy.share.error_correction", "two half steps equal one"): halves("share", "step"),
    ("economy.share.free_riding", "never above the share"): of(lambda law, v: (max(law(), v["share"]), v["share"])),
    ("economy.share.free_riding", "never negative"): within(0.0, math.inf),
    ("economy.share.linear", "stays between the share and its goal"): between("share", "goal"),
    ("economy.share.linear", "reaches the goal in the last step"): equals("goal", steps_left=1.0),
    ("economy.share.richardson", "two half steps equal one for constant rivals"): halves("share", "step"),
    ("economy.share.richardson", "stable where the product of fatigues exceeds that of responses"): stable,
    ("forces.closure", "between 0 and 1"): within(0.0, 1.0),
    ("forces.closure", "never falls with time"): rising("days"),
    ("forces.contested", "one where nothing is contested"): equals(1.0, contention=0.0),
    # What one does not get of the claimed part the other does: f (1 - m) s and f (1 - m)(1 - s) are f (1 - m).
    ("forces.contested", "what both get is what there is"): of(
        lambda law, v: (
            law() + law(part=1 - v["part"]),
            2 * (1 - v["contention"]) + v["contention"] * (1 - v["missing"]),
        )
    ),
    ("forces.infrastructure", "between 0 and 1"): within(0.0, 1.0),
    ("forces.infrastructure", "unchanged at today's infrastructure"): equals("closed", infrastructure=1.0),
    ("forces.readiness", "between 0 and 1"): within(0.0, 1.0),
    ("forces.readiness", "unchanged while spending keeps pace with the force"): equals("readiness", operations=1.0),
    ("forces.reconstitution", "one while the war lasts"): equals(1.0, years_since=-1.0),
    ("forces.reconstitution", "rises to one plus the gain"): of(
        lambda law, v: (law(years_since=1e6), 1 + v["gain"]), years_since=1.0
    ),
    ("forces.tied", "never above the wartime share"): of(lambda law, v: (max(law(), v["tied"]), v["tied"])),
    ("forces.tied", "falls after the war's end"): rising("years_since", -1),
    ("forces.wartime", "one without a trend"): equals(1.0, trend=0.0),
    ("forces.wartime", "constant after the war"): of(
        lambda law, v: (law(years=v["war_years"] + 1), law(years=v["war_years"] + 9))
    ),
    ("industry.input", "stays between both capacities"): between("capacity", "target"),
    ("industry.input", "two half steps equal one"): halves("capacity", "step"),
    ("industry.input_goal", "never above the line's target where the input is scarce"): of(
        lambda law, v: (max(law(ratio=min(v["ratio"] / 100, 1.0)), v["target"]), v["target"])
    ),
    ("industry.line", "two half steps equal one"): line_halves,
    ("industry.line", "stays between the stages and the target"): line_between,
    ("industry.line", ".57681 of a step is closed after the mean lag"): line_closed,
    ("industry.need", "never negative"): within(0.0, math.inf),
    ("industry.need", "replacement alone once the target is reached"): of(
        lambda law, v: (
            law(),
            v["stock"] * (1 / v["shelf_life"] + v["training"]) / 12 + v["leaving"],
        ),
        stock=100.0,
        stock_years=0.5,
        planned=10.0,
    ),
    ("choice.attack", "rises with the chance to win"): rising("won", strictly=True),
    ("choice.attack", "falls with every cost"): falls_with_every_cost,
    ("choice.force", "the gain alone where all is at stake and nothing is anchored"): equals(
        "gain", staked=1.0, intercept=0.0
    ),
    ("choice.status_quo", "falls with hostile posture"): rising("posture", -1, strictly=True),
    ("choice.status_quo", "rises with reassurance"): rising("reassurance", strictly=True),
    ("choice.waiting", "the status quo where nothing changes"): of(lambda law, v: (law(following=v["now"]), v["now"])),
    ("choice.waiting", "between both values"): between("now", "following"),
    ("choice.still", "between 0 and 1"): within(0.0, 1.0),
    ("choice.still", "one at once"): equals(1.0, months=0.0),
    ("choice.window", "between 0 and 1"): within(0.0, 1.0),
    ("choice.agreement", "even where nothing ties them"): equals(0.5, loading=0.0),
    ("choice.agreement", "certain where the factor says all"): equals(1.0, loading=1.0, alike=1.0),
    ("choice.posterior", "even where what was seen says nothing"): of(lambda law, v: (law(other=v["this"]), 0.5)),
    ("choice.posterior", "between 0 and 1"): within(0.0, 1.0),
    ("choice.alert", "the same at once"): of(lambda law, v: (law(years=0.0), v["before"])),
    ("choice.alert", "none where there is none and none comes"): equals(0.0, before=0.0, rate=0.0),
    ("choice.window", "zero where no opportunity is taken"): equals(0.0, exposure=0.0),
    ("industry.output", "never above any of its limits"): least,
    ("industry.output", "never negative"): within(0.0, math.inf),
    ("industry.plan", "today's capacity where nothing more is planned, ordered or charged"): equals(
        "capacity", planned=0.0, orders=1.0, price=1.0
    ),
    ("industry.price", "one at the start while capacity covers orders"): equals(
        1.0, orders=0.5, baseline=1.0, capacity=1.0, cumulative=1.0
    ),
    ("industry.price", ".22706 at a hundredfold output on an 80% curve"): of(
        lambda law, v: (round(law(), 5), 0.22706),
        orders=1.0,
        baseline=1.0,
        capacity=1.0,
        cumulative=100.0,
        learning_rate=0.8,
    ),
    ("industry.price", "rises with orders"): rising("orders"),
    ("industry.sanctions", "between 0 and the effect"): of(lambda law, v: (max(law(), v["effect"]), v["effect"])),
    ("industry.sanctions", "halves with each half-life"): of(
        lambda law, v: (law(years=v["years"] + v["half_life"]), law() / 2)
    ),
    ("industry.stock", "never negative"): within(0.0, math.inf),
    ("industry.stock", "two half steps equal one"): halves("stock", "step"),
    ("industry.value", "zero without output"): equals(0.0, output=0.0),
    ("innovation.quality", "never negative"): within(0.0, math.inf),
    ("innovation.quality", "grows with one's own and with shared research"): grows_with_research,
    ("allocation.first_come", "never above the need"): of(lambda law, v: (max(law(), v["need"]), v["need"])),
    ("allocation.first_come", "never above what is left"): of(
        lambda law, v: (max(law(), max(v["stock"] - v["taken"], 0.0)), max(v["stock"] - v["taken"], 0.0))
    ),
    ("allocation.minmax.level", "falls with the stock"): rising("stock", -1, strictly=True),
    ("allocation.minmax.level", "the stake itself of one site without a stock"): equals(
        "stakes", stock=0.0, sites=1.0
    ),
    ("allocation.minmax.need", "never negative"): within(0.0, math.inf),
    ("allocation.minmax.need", "nothing for a stake below the level"): of(
        lambda law, v: (law(level=v["stake"] * 1.5), 0.0)
    ),
    ("allocation.minmax.need", "vulnerability brings a defended site to the level"): of(
        lambda law, v: (v["stake"] / (1 + law(level=v["stake"] / 3)), v["stake"] / 3)
    ),
    ("allocation.proportional", "between 0 and 1"): within(0.0, 1.0),
    ("allocation.proportional", "all shares add up to one"): of(
        lambda law, v: (law() + law(stake=v["stakes"] - v["stake"]), 1.0)
    ),
    ("war.closure.covered", "between 0 and 1"): within(0.0, 1.0),
    ("war.closure.covered", "a full front takes no more"): of(
        lambda law, v: (law(strength=2 * v["density"] * v["length"]), 1.0)
    ),
    ("war.closure.depth", "never falls"): of(lambda law, v: (min(law(), v["depth"]), v["depth"])),
    ("war.closure.depth", "unchanged where the front is held"): equals("depth", covered=1.0),
    ("war.closure.depth", "two half steps equal one"): halves("depth", "step"),
    ("war.epstein.exchange", "the loss rates' ratio between equals"): of(
        lambda law, v: (law(defence_effect=v["attack_effect"]), v["defence_loss"] / v["attack_loss"]), log_skill=0.0
    ),
    ("war.epstein.exchange", "inverted when the sides are swapped"): inverted_exchange,
    ("war.epstein.prosecution", "never above the threshold from below"): of(
        lambda law, v: (max(law(), v["threshold"]), v["threshold"])
    ),
    ("war.epstein.prosecution", "unchanged at the threshold"): of(
        lambda law, v: (law(loss=v["threshold"]), v["pressing"])
    ),
    ("war.epstein.prosecution", "the daily recursion at one day"): recursion_of_prosecution,
    ("war.epstein.remaining", "between 0 and 1"): within(0.0, 1.0),
    ("war.epstein.remaining", "two half steps equal one"): of(
        lambda law, v: (law(step=v["step"] / 2) * law(step=v["step"] / 2), law())
    ),
    ("war.epstein.tempered", "between 0 and the pressing rate"): of(
        lambda law, v: (min(max(law(), 0.0), v["pressing"]), law())
    ),
    ("war.epstein.tempered", "nothing at the fastest withdrawal"): of(
        lambda law, v: (law(withdrawal=v["fastest"]), 0.0)
    ),
    ("war.epstein.withdrawal", "between 0 and the fastest"): withdraws_within,
    ("war.epstein.withdrawal", "nothing at losses below the threshold"): equals(0.0, loss=0.0005),
    ("war.epstein.withdrawal", "the daily recursion at one day"): recursion_of_withdrawal,
    ("war.lanchester.chance", "between 0 and 1"): within(0.0, 1.0),
    ("war.lanchester.chance", "one half at equal fighting strength"): equals(
        0.5, attack=20.0, defence=10.0, loss=0.4, kill=0.1
    ),
    ("war.lanchester.chance", "what both sides have adds up to one"): of(
        lambda law, v: (
            law() + law(attack=v["defence"], defence=v["attack"], loss=v["kill"], kill=v["loss"]),
            1.0,
        )
    ),
    ("war.lanchester.duration", "the defence is gone by then"): gone_by_then,
    ("war.lanchester.loss.linear", "the rate at full strength"): equals("rate", enemy=1.0, own=1.0),
    ("war.lanchester.loss.linear", "in proportion to the enemy"): of(
        lambda law, v: (law(), v["enemy"] * law(enemy=1.0))
    ),
    ("war.lanchester.loss.logarithmic", "the rate at full strength"): equals("rate", enemy=1.0, own=1.0),
    ("war.lanchester.loss.logarithmic", "whatever the enemy"): of(lambda law, v: (law(), law(enemy=0.01))),
    ("war.lanchester.loss.mixed", "the rate at full strength"): equals("rate", enemy=1.0, own=1.0),
    ("war.lanchester.loss.mixed", "between the named laws"): between_the_named,
    ("war.lanchester.loss.square", "the rate at full strength"): equals("rate", enemy=1.0, own=1.0),
    ("war.lanchester.loss.square", "in proportion to the enemy"): of(
        lambda law, v: (law(), v["enemy"] * law(enemy=1.0))
    ),
    ("war.lanchester.luck", "4/3 over the number of elements where they fight to the last"): of(
        lambda law, v: (law(), 4 / 3 / v["elements"]), breaking=1.0
    ),
    ("war.lanchester.luck", "falls with the number of elements"): rising("elements", -1, strictly=True),
    ("war.lanchester.square", "two half steps equal one"): square_halves,
    ("war.lanchester.square", "fighting strengths keep their difference"): keeps_the_state_law,
    ("war.lanchester.strength", "twice the numbers are worth four times the quality"): of(
        lambda law, v: (law(force=2 * v["force"]), law(rate=4 * v["rate"]))
    ),
    ("war.lanchester.survivors", "all of the force where there is no enemy"): equals("force", enemy=0.0),
    ("war.lanchester.survivors", "none at equal fighting strength"): of(
        # A root of a rounding error: compared as squares.
        lambda law, v: (law(enemy=v["force"], loss=v["kill"]) ** 2 / v["force"] ** 2, 0.0)
    ),
    **{
        (f"war.lanchester.toll.{kind}", sentence): check
        for kind in ("square", "linear", "logarithmic", "mixed")
        for sentence, check in (
            ("never rises with what is left", rising("left", -1)),
            ("0 where nobody was lost", equals(0.0, left=1.0)),
        )
    },
    ("war.race.allowed", "never falls with the defence's progress"): rising("progress"),
    ("war.race.allowed", "never above the crossing"): of(lambda law, v: (max(law(), v["crossing"]), v["crossing"])),
    ("war.race.breaking", "never below the share"): of(lambda law, v: (min(law(), v["share"]), v["share"])),
    ("war.race.breaking", "losses in a row add up"): of(
        lambda law, v: (law(share=1 - (1 - v["share"]) * (1 - 0.2)), law() + law(share=0.2))
    ),
    ("war.race.chance", "between 0 and 1"): within(0.0, 1.0),
    ("war.race.chance", "one half at a factor of one"): equals(0.5, factor=1.0),
    ("war.race.chance", "what lies above and below adds up to one"): of(
        lambda law, v: (law() + law(factor=1 / v["factor"]), 1.0)
    ),
    ("war.race.crossing", "one where both are equally far"): of(lambda law, v: (law(attack=v["defence"]), 1.0)),
    ("war.race.crossing", "inverted when the sides are swapped"): of(
        lambda law, v: (law() * law(attack=v["defence"], defence=v["attack"]), 1.0)
    ),
    ("war.race.needed", "never rises with the attacker's progress"): rising("progress", -1),
    ("war.race.needed", "never below the crossing"): of(lambda law, v: (min(law(), v["crossing"]), v["crossing"])),
    ("war.race.spread", "the spread itself without luck"): equals("spread", variance=0.0),
    ("war.race.spread", "never below the spread"): of(lambda law, v: (min(law(), v["spread"]), v["spread"])),
    ("war.race.typical", "one at a chance of one half"): equals(1.0, chance=0.5),
    ("war.race.typical", "exceeded with the chance it was asked for"): of(
        lambda law, v: (
            call(LAWS["war.race.chance"], {"factor": law(), "spread": v["spread"]}),
            v["chance"],
        )
    ),
    ("war.reinforced", "between 0 and 1"): within(0.0, 1.0),
    ("war.reinforced", "the number lost is kept where forces arrive"): of(
        lambda law, v: (law(now=3 * v["before"]) * 3 * v["before"], v["lost"] * v["before"])
    ),
    ("war.reinforced", "kept where forces leave"): of(lambda law, v: (law(now=v["before"] / 3), v["lost"])),
    ("war.salvo.hits", "never above the hits, nor above what the target can take"): of(
        lambda law, v: (min(law(), v["hits"], v["capacity"]), law())
    ),
    ("war.salvo.hits", "the smaller of both without luck"): of(
        lambda law, v: (law(), min(v["hits"], v["capacity"])), width=1e-300
    ),
    ("war.salvo.leak", "between 0 and 1"): within(0.0, 1.0),
    ("war.salvo.leak", "one without interceptors"): equals(1.0, each=0.0),
    ("war.salvo.leak", "two shots leak the square of one"): of(lambda law, v: (law(each=2.0), law(each=1.0) ** 2)),
    ("war.salvo.leakers", "between 0 and the salvo"): of(
        lambda law, v: (min(max(law(), 0.0), v["salvo"]), law())
    ),
    ("war.salvo.leakers", "none where the defence can stop them all"): of(
        lambda law, v: (law(interceptors=v["salvo"] / v["kill"] * 1.01), 0.0)
    ),
    ("war.salvo.luck", "between 0 and 1"): within(0.0, 1.0),
    ("war.salvo.luck", "falls with the number of hits"): rising("hits", -1),
    ("war.salvo.missile", "between 0 and 1"): within(0.0, 1.0),
    ("war.salvo.missile", ".020655 for .85, two of .7, .7 and .1"): equals(
        0.020655, launched=0.85, kill=0.7, interceptors=2.0, terminal=0.7, miss=0.1
    ),
    ("war.salvo.variance", "never negative"): within(0.0, math.inf),
    ("war.salvo.variance", "nothing where every missile hits"): equals(0.0, chance=1.0),
    ("war.attrition", "between 0 and 1"): within(0.0, 1.0),
    ("war.attrition", "never falls"): of(lambda law, v: (min(law(), v["lost"]), v["lost"])),
    ("war.contest.difference", "mirrored when the sides are swapped"): mirrored_difference,
    ("war.contest.difference", "bounded: great odds never make success sure"): bounded,
    ("war.contest.ratio", "scale invariant"): of(
        lambda law, v: (law() - law(log_ratio=0.0), v["decisiveness"] * v["log_ratio"])
    ),
    ("war.contest.ratio", "mirrored when the sides are swapped"): mirrored_ratio,
    ("war.decided", "between 0 and 1"): within(0.0, 1.0),
    ("war.decided", "two half phases equal one"): of(
        lambda law, v: (1 - (1 - law(days=v["days"] / 2)) ** 2, law())
    ),
    ("forces.overlap", "never above the contention"): of(
        lambda law, v: (max(law(), v["contention"]), v["contention"])
    ),
    ("forces.overlap", "the same amount seen from either theatre"): of(
        lambda law, v: (v["here"] * law(), v["there"] * law(here=v["there"], there=v["here"]))
    ),
    ("war.losses.by_class", "between 0 and 1"): within(0.0, 1.0),
    ("war.losses.by_class", "the whole force's losses for a class of the mean rate"): of(
        lambda law, v: (law(rate=v["mean_rate"]), v["lost"])
    ),
    ("war.unreplaced", "between 0 and 1"): within(0.0, 1.0),
    ("war.unreplaced", "one at once"): equals(1.0, months=0.0),
    ("war.exhaustion", "never beyond the horizon"): of(lambda law, v: (max(law(), v["horizon"]), v["horizon"])),
    ("war.exhaustion", "the horizon where output meets need"): of(lambda law, v: (law(output=v["need"]), v["horizon"])),
    ("war.fill", "between 0 and 1"): within(0.0, 1.0),
    ("war.fill", "one with infinite stocks"): equals(1.0, supply=math.inf),
    ("war.magazines", "one where all needs are met"): equals(1.0, met=1.0),
    ("war.success", "between 0 and 1"): within(0.0, 1.0),
    ("war.suppression", "between 0 and 1"): within(0.0, 1.0),
    ("war.suppression", "one without strikes or with perfect interception"): equals(1.0, strikes=0.0),
}  # fmt: skip
SENTENCES = [(name, sentence) for name, record in LAWS.items() for sentence in record.holds]


@pytest.mark.parametrize(("name", "sentence"), SENTENCES)
def test_what_a_law_holds_is_tested(name: str, sentence: str) -> None:
    assert (name, sentence) in HOLDS, "write a test of this sentence"


def test_nothing_is_tested_that_no_law_says() -> None:
    assert set(HOLDS) <= set(SENTENCES), set(HOLDS) - set(SENTENCES)


@pytest.mark.parametrize(("name", "sentence"), [pair for pair in HOLDS if pair in SENTENCES])
@settings(max_examples=40)
@given(seed=st.integers(0, 2**32))
def test_a_law_holds(name: str, sentence: str, seed: int) -> None:
    HOLDS[name, sentence](LAWS[name], random.Random(seed))
