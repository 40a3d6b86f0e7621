"""One battery for every rival structure of war: what each claims about itself, and what holds for all."""

from __future__ import annotations

import doctest
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from twofront import adjudicate
from twofront.adjudicate import (
    STRUCTURES,
    Breaking,
    Crossing,
    Elements,
    Engagement,
    Exponents,
    Front,
    Phase,
    Salvo,
    lanchester,
    race,
    salvo,
    structures,
)
from twofront.adjudicate.contract import MissingPart, Terms, WarResult
from twofront.engine.executor import EXECUTORS, Executor, Stage, compile_stage
from twofront.engine.ops import scan
from twofront.quantities import WAR_STRUCTURES

Floats = npt.NDArray[np.float64]
Draws = dict[str, Floats]
"""Terms by name, one number a war, and fields of phases by name, one row a phase."""

PHASES = 8
DRAWS = 10_000
EXACT = 1e-9
"""Two orders of the same sums over eight phases, of logs and exponentials good to 1e-14 times their argument."""
PARTS: dict[str, type] = {
    "breaking": Breaking,
    "exponents": Exponents,
    "elements": Elements,
    "front": Front,
    "salvo": Salvo,
    "crossing": Crossing,
}
PLAIN = ("attack_loss", "defence_loss", "log_skill", "decisiveness")
OVER_WATER = [f"{name} over water" for name, item in STRUCTURES.items() if "salvo" in item.needs]
NAMES = [*STRUCTURES, *OVER_WATER]
RACES = [name for name in NAMES if not name.startswith("contest")]


def of(name: str) -> structures.NamedStructure:
    return adjudicate.structure(name.split(" ")[0])


def fields_of(part: str) -> list[str]:
    return [f"{part}.{field}" for field in PARTS[part].__dataclass_fields__]


def parts_of(name: str) -> list[str]:
    return [*of(name).needs, *(["crossing"] if "water" in name else [])]


def term_names(name: str) -> list[str]:
    return [*PLAIN, *(field for part in parts_of(name) for field in fields_of(part))]


def war_of(name: str, values: Mapping[str, Any], phases: int) -> Engagement:
    """Terms and phases out of named numbers."""
    parts = {part: PARTS[part](*(values[field] for field in fields_of(part))) for part in parts_of(name)}
    terms = Terms(*(values[field] for field in PLAIN), **parts)
    return Engagement(terms, [Phase(*(values[field][n] for field in Phase._fields)) for n in range(phases)])


@cache
def stage(name: str, phases: int = PHASES, *, rolled: bool = False) -> Stage:
    """A structure as a stage; ``rolled``: its state carried through a loop that the engine knows."""
    found = of(name)

    def function(values: Mapping[str, Any]) -> dict[str, Any]:
        if not rolled:
            result = found(war_of(name, values, phases))
        else:
            terms = war_of(name, values, 0).terms

            def body(n: int, state: Any) -> Any:
                return found.step(terms, state, Phase(*(values[field][n] for field in Phase._fields))), ()

            result = found.finish(terms, scan(body, found.start(terms), phases)[0])
        return {key: value for key, value in result._asdict().items() if value is not None}

    inputs: dict[str, int | None] = dict.fromkeys(term_names(name))
    return Stage(f"{name} {phases} {rolled}", function, {**inputs, **dict.fromkeys(Phase._fields, phases)})


def run(name: str, draws: Draws, executor: Executor = "arrays", *, rolled: bool = False) -> dict[str, Floats]:
    """Adjudicate many wars."""
    phases = len(draws["attack"])
    kernel = compile_stage(stage(name, phases, rolled=rolled), executor)
    rows = [draws[field][None, :] for field in term_names(name)] + [draws[field] for field in Phase._fields]
    inputs = np.ascontiguousarray(np.concatenate(rows))
    outputs = np.empty((len(kernel.output_rows), inputs.shape[1]))
    kernel.run(inputs, outputs, 0, inputs.shape[1])
    return dict(zip(kernel.output_rows, outputs, strict=True))


def wars(count: int, seed: int = 1, phases: int = PHASES, *, empty: bool = True) -> Draws:
    """Admissible wars of every kind; some with nobody there at first, without effect or with empty magazines."""
    source = np.random.default_rng(seed)

    def spread(low: float, high: float, shape: Any = count) -> Floats:
        return np.exp(source.uniform(math.log(low), math.log(high), shape))

    def some(shape: Any = count, share: float = 0.1) -> Floats:
        return np.where(source.random(shape) < share, 0.0 if empty else 1.0, 1.0)

    def level() -> Floats:
        arriving = source.random((phases, count)) * spread(0.01, 5.0) * some()
        leaving = np.where(source.random((phases, count)) < 0.1, 0.7, 1.0)
        return (spread(0.1, 30.0) * some() + np.cumsum(arriving, axis=0)) * leaving

    def supply() -> Floats:
        rows = source.random((phases, count)) * spread(0.1, 50.0)
        rows[0] = spread(1.0, 5000.0)
        return rows * some(share=0.2)

    ranges = {
        "attack_loss": (0.001, 0.08),
        "defence_loss": (0.001, 0.08),
        "breaking.spread": (0.1, 8.0),
        "elements.attack": (0.1, 10.0),
        "elements.defence": (0.1, 10.0),
        "front.length": (20.0, 1000.0),
        "front.depth": (10.0, 400.0),
        "front.density": (0.005, 1.0),
        "front.speed": (1.0, 40.0),
        "salvo.attack_shots": (0.1, 10.0),
        "salvo.defence_shots": (0.1, 10.0),
        "salvo.attack_intercepts": (0.1, 10.0),
        "salvo.defence_intercepts": (0.1, 10.0),
        "salvo.attack_staying": (0.5, 20.0),
        "salvo.defence_staying": (0.5, 20.0),
        "crossing.lift": (0.01, 3.0),
        "crossing.lift_staying": (1.0, 300.0),
        "crossing.hold_ratio": (0.3, 3.0),
    }
    draws = {name: spread(*bounds) for name, bounds in ranges.items()}
    for name in ("breaking.attack", "breaking.defence"):
        draws[name] = source.uniform(0.05, 0.8, count)
    for name in ("front.attack_threshold", "front.defence_threshold"):
        draws[name] = source.uniform(0.01, 0.15, count)
    for name in ("exponents.enemy", "exponents.own", "salvo.attack_hit", "salvo.defence_hit", "salvo.attack_kill",
                 "salvo.defence_kill", "crossing.exposure"):  # fmt: skip
        draws[name] = source.random(count)
    draws["log_skill"], draws["decisiveness"] = source.normal(0.0, 1.0, count), source.uniform(0.0, 3.0, count)
    draws["attack"], draws["defence"] = level(), level()
    draws["attack_ground"] = draws["attack"] * source.random(count)
    draws["defence_ground"] = draws["defence"] * source.random(count)
    draws["days"] = np.broadcast_to(spread(1.0, 20.0), (phases, count))
    draws["decided"] = source.random((phases, count))
    for side in ("attack", "defence"):
        draws[f"{side}_effect"] = source.uniform(0.2, 2.0, (phases, count)) * some((phases, count), 0.05)
        draws[f"{side}_missiles"], draws[f"{side}_interceptors"] = supply(), supply()
    return draws


def gentle(draws: Draws) -> Draws:
    """The same wars with losses so slow that a phase never wipes a side out."""
    return {**draws, **{rate: draws[rate] / 4 for rate in ("attack_loss", "defence_loss")}}


def swapped(draws: Draws) -> Draws:
    """The same wars seen from the other side."""
    turn = {"attack": "defence", "defence": "attack"}

    def other(name: str) -> str:
        stem, _, field = name.rpartition(".")
        head, _, tail = field.partition("_")
        field = turn.get(head, head) + ("_" + tail if tail else "")
        return f"{stem}.{field}" if stem else field

    return {**{name: draws[other(name)] for name in draws}, "log_skill": -draws["log_skill"]}


def halved(draws: Draws) -> Draws:
    """Every phase cut in two, with the rounds that arrive in it and what it decides shared out."""
    twice = {name: np.repeat(draws[name], 2, axis=0) if name in Phase._fields else draws[name] for name in draws}
    twice["days"] = twice["days"] / 2
    twice["decided"] = 1 - np.sqrt(1 - twice["decided"])
    for side, kind in itertools.product(("attack", "defence"), ("missiles", "interceptors")):
        twice[f"{side}_{kind}"] = twice[f"{side}_{kind}"] / 2
    return twice


# ---- for every structure -----------------------------------------------------------------------------------------


def test_the_table_says_the_same_as_the_table_of_quantities() -> None:
    assert {name: (item.kinds, item.needs) for name, item in STRUCTURES.items()} == WAR_STRUCTURES


def test_the_example_of_the_table_runs() -> None:
    found = doctest.testmod(structures)
    assert found.attempted >= 4
    assert found.failed == 0


@pytest.mark.parametrize("name", NAMES)
def test_any_admissible_war_has_an_outcome(name: str) -> None:
    draws = wars(DRAWS)
    result = run(name, draws)
    assert ("ground" in result) is of(name).ground
    assert all(np.all(np.isfinite(row)) for row in result.values())
    for what in ("objective", "stalemate", "attack_losses", "defence_losses"):
        assert -1e-12 <= result[what].min() <= result[what].max() <= 1 + 1e-12, what
    assert np.max(result["objective"] + result["stalemate"]) <= 1 + 1e-12
    assert np.all((result["days"] >= 0) & (result["days"] <= draws["days"].sum(axis=0) * (1 + 1e-12)))
    if of(name).ground:
        assert np.all((result["ground"] >= 0) & (result["ground"] <= draws["front.depth"]))
    # Draws that all end alike would show nothing.
    assert np.std(result["objective"]) > 0.1


@pytest.mark.parametrize("name", NAMES)
def test_every_executor_gives_the_same_bits_rolled_or_not(name: str) -> None:
    draws = wars(64, seed=2)
    found = [run(name, draws, executor) for executor in EXECUTORS]
    found += [run(name, draws, executor, rolled=True) for executor in EXECUTORS]
    for other, (what, row) in itertools.product(found[1:], found[0].items()):
        assert np.array_equal(other[what].view(np.uint64), row.view(np.uint64)), what


@pytest.mark.parametrize("name", NAMES)
def test_plain_python_floats_do(name: str) -> None:
    draws = wars(64, seed=2)
    wanted = run(name, draws)
    for column in range(64):
        values = {field: row[..., column].tolist() for field, row in draws.items()}
        result = of(name)(war_of(name, values, PHASES))
        for what, row in wanted.items():
            assert float(getattr(result, what)) == row[column], what


@pytest.mark.parametrize("name", NAMES)
def test_more_defence_never_helps_the_attacker_where_that_is_claimed(name: str) -> None:
    draws = wars(DRAWS, seed=3)
    more = {**draws, "defence": draws["defence"] * 1.2, "defence_ground": draws["defence_ground"] * 1.2}
    change = run(name, more)["objective"] - run(name, draws)["objective"]
    if of(name).monotone:
        assert change.max() <= EXACT
    else:
        # Why: docs/calibration.md. Rare, and seldom large; and there, or the structure should claim more.
        assert np.mean(change > EXACT) < 0.08
        assert np.quantile(change, 0.999) < 0.1
        assert change.max() > EXACT
    assert np.mean(change) < 0.0


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("salvo")])
def test_magazines_are_why_more_defence_can_help_the_attacker_in_a_salvo(name: str) -> None:
    draws = wars(DRAWS, seed=3)
    for side, kind in itertools.product(("attack", "defence"), ("missiles", "interceptors")):
        draws[f"{side}_{kind}"] = np.full_like(draws["attack"], 1e9)
    more = {**draws, "defence": draws["defence"] * 1.2, "defence_ground": draws["defence_ground"] * 1.2}
    change = run(name, more)["objective"] - run(name, draws)["objective"]
    # Missile by missile the luck of the draw is left, which the weaker side needs.
    assert change.max() <= (EXACT if "hughes" in name else 2e-3)


@pytest.mark.parametrize("name", NAMES)
def test_only_ratios_of_forces_matter_where_that_is_claimed(name: str) -> None:
    draws = gentle(wars(2000, seed=4, empty=False))
    grown = {n: row * 3 if n in ("attack", "defence", "attack_ground", "defence_ground") else row
             for n, row in draws.items()}  # fmt: skip
    change = np.abs(run(name, grown)["objective"] - run(name, draws)["objective"]).max()
    assert change < EXACT if of(name).scale_free else change > 0.01


@pytest.mark.parametrize("name", NAMES)
def test_swapped_sides_mirror_where_that_is_claimed(name: str) -> None:
    draws = gentle(wars(2000, seed=5, empty=False))
    result, mirror = run(name, draws), run(name, swapped(draws))
    failed = 1 - result["objective"] - result["stalemate"]
    apart = np.abs(mirror["objective"] - failed).max()
    if "water" in name or not of(name).symmetric:
        assert apart > 0.01
        return
    assert apart < EXACT
    assert np.allclose(result["stalemate"], mirror["stalemate"], rtol=0, atol=EXACT)
    assert np.allclose(result["days"], mirror["days"], rtol=EXACT)
    assert np.allclose(result["attack_losses"], mirror["defence_losses"], rtol=0, atol=EXACT)


@pytest.mark.parametrize("name", NAMES)
def test_without_attackers_or_weapons_nothing_is_attained(name: str) -> None:
    draws = wars(500, seed=6)
    none = np.zeros_like(draws["attack"])
    nobody = run(name, {**draws, "attack": none, "attack_ground": none})
    harmless = run(name, {**draws, "attack_effect": none})
    if name == "contest_difference":
        # A force of nothing keeps a chance: the law says so of itself.
        assert nobody["objective"].max() > 0.1
        return
    assert nobody["objective"].max() < 1e-6
    assert harmless["objective"].max() < 1e-6 or "water" in name
    if name.startswith("salvo") and "water" not in name:
        disarmed = run(name, {**draws, "attack_missiles": none})
        assert disarmed["objective"].max() < 1e-6
        assert disarmed["defence_losses"].max() == 0.0


@pytest.mark.parametrize("name", NAMES)
def test_without_a_defence_the_attacker_does_not_fail(name: str) -> None:
    draws = wars(500, seed=7, empty=False)
    draws["decisiveness"] = draws["decisiveness"] + 0.2  # at nothing, forces do not matter to a contest
    none = np.zeros_like(draws["attack"])
    result = run(name, {**draws, "defence": none, "defence_ground": none})
    failed = 1 - result["objective"] - result["stalemate"]
    if name == "contest_difference":
        assert failed.max() > 0.1
    elif name == "epstein":
        # An attacker presses until the first withdrawal, whoever is there, and can wear itself out.
        assert np.mean(failed) < 0.1
    else:
        assert failed.max() < 1e-6
    assert np.mean(result["objective"]) > np.mean(run(name, draws)["objective"])


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("salvo")])
def test_magazines_are_finite_and_keep_their_rounds(name: str) -> None:
    draws = wars(300, seed=8)
    found, engagement = of(name), war_of(name, draws, PHASES)
    state = found.start(engagement.terms)
    with np.errstate(all="ignore"):
        for n, phase in enumerate(engagement.phases):
            state = found.step(engagement.terms, state, phase)
            for kind in ("attack_missiles", "defence_missiles", "attack_interceptors", "defence_interceptors"):
                left = getattr(state, kind)
                # To the rounding of sums of up to 5,000 rounds.
                assert np.all((left >= -1e-9) & (left <= draws[kind][: n + 1].sum(axis=0) + 1e-9))
            # Nobody hits with more missiles than there were.
            for side in ("attack", "defence"):
                given = draws[f"{side}_missiles"][: n + 1].sum(axis=0)
                assert np.all(getattr(state, f"{side}_hits") <= given + 1e-9)
            if "water" in name:
                assert np.all(state.sent <= draws["attack_ground"][: n + 1].max(axis=0) * (1 + 1e-12) + 1e-12)
                assert np.all(state.ashore <= state.sent + 1e-12)
    # Beyond what can be fired, more rounds change nothing.
    full, fuller = ({**draws, **{f"{s}_{k}": np.full_like(draws["attack"], rounds)
                                 for s in ("attack", "defence") for k in ("missiles", "interceptors")}}
                    for rounds in (1e9, 1e15))  # fmt: skip
    for what, row in run(name, full).items():
        assert np.array_equal(row, run(name, fuller)[what]), what
    short = np.mean(run(name, draws)["objective"] != run(name, full)["objective"])
    assert short > 0.3


ORDERS = {
    "contest_ratio": (0.8, 1.3),
    "contest_difference": (0.8, 1.3),
    "lanchester_square": (1.8, 2.3),
    "lanchester_linear": (1.8, 2.3),
    "lanchester_mixed": (1.8, 2.3),
    "lanchester_stochastic": (1.8, 2.3),
    "epstein": (0.7, 1.4),
    "closure_race": (0.7, 1.4),
}
"""Order of convergence of each continuous law under finer phases: midpoint rule 2, others 1. (A salvo is no continuous
law, and the logarithmic law is exact.)"""


def refined(name: str, times: int) -> list[dict[str, Floats]]:
    """Results with phases cut in two again and again, for wars that end at their own skill long after the horizon."""
    draws = gentle(wars(400, seed=9, phases=4, empty=False))
    draws["breaking.attack"] = draws["breaking.defence"] = np.full(400, 0.95)
    found = [run(name, draws)]
    for _ in range(times):
        draws = halved(draws)
        found.append(run(name, draws))
    return found


@pytest.mark.parametrize("name", ORDERS)
def test_finer_phases_converge_at_the_order_of_the_method(name: str) -> None:
    found = [result["objective"] for result in refined(name, 4)]
    one, two = np.abs(found[-2] - found[-3]), np.abs(found[-1] - found[-2])
    seen = two > 1e-10
    assert np.sum(seen) > 50
    # The median war: thresholds that move from one day to another put a kink into some.
    order = math.log2(np.median(one[seen] / two[seen]))
    low, high = ORDERS[name]
    assert low <= order <= high, order


def test_the_logarithmic_law_is_exact_at_any_step() -> None:
    coarse, fine = refined("lanchester_log", 1)
    assert np.abs(coarse["objective"] - fine["objective"]).max() < 1e-12


ERRORS = {
    "lanchester_square": (0.05, 0.2),
    "lanchester_linear": (0.03, 0.15),
    "lanchester_log": (0.03, 0.15),
    "lanchester_mixed": (0.04, 0.15),
    "epstein": (0.06, 0.35),
    "closure_race": (0.1, 0.5),
    "salvo_hughes": (0.05, 0.3),
    "salvo_hughes over water": (0.05, 0.2),
}
"""Error of the two thresholds against running every skill by itself: root mean square, and largest."""


@pytest.mark.parametrize("name", ERRORS)
def test_the_thresholds_stand_for_all_skills(name: str) -> None:
    count, nodes = 60, 400
    draws = halved(halved(wars(count, seed=10, empty=False)))
    draws["breaking.spread"] = 0.3 + draws["breaking.spread"] / 4
    once = run(name, draws)
    quantiles = (np.arange(nodes) + 0.5) / nodes
    shift = np.log(quantiles / (1 - quantiles))
    every = {field: np.repeat(row, nodes, axis=-1) for field, row in draws.items()}
    every["log_skill"] = (draws["log_skill"][:, None] + draws["breaking.spread"][:, None] * shift).ravel()
    every["breaking.spread"] = np.full(count * nodes, 1e-3)
    each = run(name, every)
    mean, largest = ERRORS[name]
    for what in ("objective", "stalemate"):
        error = once[what] - each[what].reshape(count, nodes).mean(axis=1)
        assert np.sqrt(np.mean(error**2)) < mean
        assert np.abs(error).max() < largest


def test_a_war_that_is_decided_stays_decided() -> None:
    """The tide turns: first the attacker breaks at any skill below 1, then the defence would break at any above .01."""
    lost = race.advanced(race.begun(), 0.5, 2.0, 10.0, 1.0, 1.0)
    assert (lost.needed, lost.allowed) == (4.0, 1.0)
    turned = race.advanced(lost, 100.0, 2.0, 10.0, 1.0, 0.01)
    # What skill below 1 has lost is not won back; what lay open is won, and nothing is left to happen.
    assert (turned.needed, turned.allowed) == (1.0, 1.0)
    assert float(turned.is_open) == 0.0
    # Open: 1/2 - 1/5 after the first span, half of which counts in either; all of the war before it.
    assert float(turned.days) == pytest.approx(10 * (1 + 0.3) / 2 + 10 * 0.3 / 2)


# ---- stochastic laws against exact ones ----------------------------------------------------------------------------


def test_the_chance_of_the_stochastic_square_law_is_that_of_its_exact_chain() -> None:
    """Within .035 from 4 elements a side and .02 from 12, at rates of kill from a quarter to four times."""
    for least, bound in ((4, 0.035), (12, 0.02)):
        worst = 0.0
        for attack, defence in itertools.product(range(least, 41, 4), repeat=2):
            for kill in (0.25, 0.5, 1.0, 2.0, 4.0):
                exact = float(lanchester.exact_chance(attack, defence, 1.0, kill))
                worst = max(worst, abs(exact - float(lanchester.square_chance(attack, defence, 1.0, kill))))
        assert bound / 4 < worst < bound


@pytest.mark.parametrize(
    ("attack", "defence"), [(10, 8), (8, 10), (20, 16), (16, 20), (12, 12), (30, 20), (6, 10), (40, 50)]
)
def test_the_stochastic_structure_has_the_chance_of_the_exact_chain(attack: int, defence: int) -> None:
    # Fought until one side has lost half, however long that takes, with hardly any spread of skill. A logistic stands
    # for a normal distribution (.023 at most), the normal one for the chain and the thresholds for its paths.
    terms = Terms(0.02, 0.02, 0.0, 1.0, breaking=Breaking(0.5, 0.5, 1e-3), elements=Elements(1.0, 1.0))
    war = Engagement(terms, [Phase(float(attack), float(defence), 2.0, 0.0)] * 400)
    exact = float(lanchester.exact_chance(attack, defence, 1.0, 1.0, attack // 2, defence // 2))
    assert float(adjudicate.structure("lanchester_stochastic")(war).objective) == pytest.approx(exact, abs=0.04)
    # With many elements, the deterministic law again.
    many = replace(terms, elements=Elements(1e9, 1e9))
    square = adjudicate.structure("lanchester_square")(Engagement(terms, war.phases)).objective
    assert float(adjudicate.structure("lanchester_stochastic")(Engagement(many, war.phases)).objective) == (
        pytest.approx(float(square), abs=1e-6)
    )


def test_hits_that_count_are_those_of_the_exact_distribution() -> None:
    """Missile by missile, mean of what a target can lose: within a tenth of a hit from two expected, .17 below."""
    for salvo_size, chance, capacity in itertools.product((1, 5, 20, 60), (0.05, 0.2, 0.5, 0.9), (0.5, 2.0, 8.0, 30.0)):
        hits = salvo_size * chance
        width = math.sqrt(salvo.hits_variance(salvo_size, chance)) * math.sqrt(3) / math.pi
        found = float(salvo.expected_hits(hits, capacity, width))
        exact = salvo.exact_hits(salvo_size, chance, capacity)
        assert found == pytest.approx(exact, abs=0.17 if hits < 2 else 0.1), (salvo_size, chance, capacity)


# ---- asking wrongly ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RACES)
def test_a_missing_part_is_named(name: str) -> None:
    for part in of(name).needs:
        values: dict[str, Any] = dict.fromkeys(term_names(name), 0.5)
        terms = replace(war_of(name, values, 0).terms, **{part: None})
        with pytest.raises(MissingPart, match=part):
            of(name).start(terms)


def test_an_unknown_structure_names_the_nearest() -> None:
    with pytest.raises(KeyError, match="lanchester_square"):
        adjudicate.structure("lanchester_sqare")


def test_results_are_named_tuples_that_loops_can_carry() -> None:
    empty: Sequence[Any] = WarResult(0.0, 1.0, 0.0, 0.0, 0.0)
    assert empty[-1] is None
