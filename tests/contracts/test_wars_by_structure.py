"""Wars in the ensemble: each future by its own structure in each theatre, in steps, with what another war has cost."""

from __future__ import annotations

import dataclasses
import itertools
import random
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from twofront import adjudicate
from twofront.adjudicate import RULES, field_of, sharing
from twofront.adjudicate.arrival import Geometry, Worn, overlap_of
from twofront.adjudicate.magazines import Magazines
from twofront.case import Case, load_case
from twofront.ensemble import run
from twofront.faults import UserError
from twofront.future import FutureModel
from twofront.future.inputs import drawn_readings
from twofront.parameters.sampling import Draws, Sampler
from twofront.quantities import STRUCTURES, WAR_PARTS, WAR_STRUCTURES, war_parts
from twofront.readings import Readings

Floats = npt.NDArray[np.float64]

EXACT = 1e-12
MONTHS = 24
"""Months of the shortened case: two decision dates."""


@cache
def short(detail: bool = False, step: float | None = None) -> Case:
    """The invented case with two decision dates."""
    case = load_case("two-straits")
    world = replace(case.world, clock=replace(case.world.clock, months=MONTHS), detail=detail)
    if step is not None:
        count = round(world.phases[-1] / step)
        world = replace(world, phases=tuple(world.phases[-1] * place / count for place in range(1, count + 1)))
    return replace(case, world=world)


@cache
def model(detail: bool = False, step: float | None = None) -> FutureModel:
    return FutureModel(short(detail, step), policies=[])


def held(case: Case, draws: Draws, chosen: Mapping[str, str]) -> Draws:
    """Draws in which some structures are the same in every future."""
    laws = draws.structures.copy()
    for row, choice in enumerate(case.structures):
        if choice.name in chosen:
            laws[row] = choice.options.index(chosen[choice.name])
    return Draws(draws.values, laws)


def outcomes(found: FutureModel, draws: Draws) -> dict[str, Floats]:
    """Outcomes on the present course, by name."""
    results = found.evaluate(draws.values, draws.structures, paths=False).outcomes[0]
    return dict(zip(found.outcome_names, results, strict=True))


# ---- what there is -----------------------------------------------------------------------------------------------


def test_what_a_case_may_ask_for_is_what_there_is() -> None:
    """The check of a case knows of structures only what the table of quantities says."""
    assert STRUCTURES["war"] == tuple(WAR_STRUCTURES) == tuple(adjudicate.STRUCTURES)
    for name, (kinds, parts) in WAR_STRUCTURES.items():
        found = adjudicate.structure(name)
        assert (set(kinds), set(parts)) == (set(found.kinds), set(found.needs)), name
    assert STRUCTURES["allocation"] == RULES
    parts = {field.name: field.type for field in dataclasses.fields(adjudicate.Terms) if field.name in WAR_PARTS}
    assert set(parts) == set(WAR_PARTS)
    for part, quantities in WAR_PARTS.items():
        fields = dataclasses.fields(getattr(adjudicate, part.capitalize()))
        assert len(fields) == len(quantities), part


@pytest.mark.parametrize("name", WAR_STRUCTURES)
def test_every_structure_gives_chances_in_the_ensemble(name: str) -> None:
    """In the theatre of the invented case whose kind it suits; also where its weight there is nothing."""
    case = short()
    theatre = next(t for t in reversed(case.world.theatres) if t.kind in WAR_STRUCTURES[name][0])
    draws = held(case, Sampler(case, 3).draw(0, 64), {f"war.{theatre.name}": name})
    found = outcomes(model(), draws)
    others = [act.name for c in case.world.challengers if c.theatre == theatre.name for act in c.menu]
    moved = 0.0
    for act in others:
        for outcome in [n for n in found if n.startswith(f"objective_chance.{theatre.name}.{act}")]:
            assert np.all((found[outcome] >= 0.0) & (found[outcome] <= 1.0)), outcome
            moved = max(moved, float(np.std(found[outcome])))
        for outcome in [n for n in found if n.startswith(f"stalemate_chance.{theatre.name}.{act}")]:
            whole = outcome.replace("stalemate", "objective")
            both = [n for n in found if n.startswith(f"{whole}.")][-1]
            assert np.all(found[outcome] + found[both] <= 1.0 + EXACT), outcome
    assert moved > 0.01


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("epstein", "`epstein` cannot be used in `taiwan` of rutte-2025, a theatre of kind strait"),
        ("lanchester_mixed", "in `europe` needs what rutte-2025 does not give: enemy_exponent, own_exponent"),
    ],
)
def test_a_structure_without_weight_that_does_not_fit_is_refused_by_name(
    name: str, message: str, tmp_path: Path
) -> None:
    case = load_case("rutte-2025")
    theatre = message.split("in `")[1].split("`")[0]
    draws = held(case, Sampler(case, 1).draw(0, 2), {f"war.{theatre}": name})
    with pytest.raises(UserError, match=message):
        FutureModel(case, policies=[]).evaluate(draws.values, draws.structures, paths=False)
    with pytest.raises(UserError, match=message):
        run(case, futures=2, policies=["present_course"], structures={f"war.{theatre}": name}, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_the_bits_of_a_future_do_not_depend_on_its_group() -> None:
    case = short()
    draws = Sampler(case, 5).draw(0, 60)
    rows = [row for row, choice in enumerate(case.structures) if choice.name.startswith("war.")]
    assert all(len(set(draws.structures[row])) > 3 for row in rows)
    whole = model().evaluate(draws.values, draws.structures, paths=True)
    order = np.random.default_rng(1).permutation(60)
    mixed = model().evaluate(draws.values[:, order], draws.structures[:, order], paths=True)
    alone = model().evaluate(draws.values[:, 17:18], draws.structures[:, 17:18], paths=True)
    assert whole.paths is not None
    assert mixed.paths is not None
    assert alone.paths is not None
    assert np.array_equal(whole.outcomes[:, :, order], mixed.outcomes, equal_nan=True)
    assert np.array_equal(whole.status[:, order], mixed.status)
    assert np.array_equal(whole.paths[..., order], mixed.paths, equal_nan=True)
    assert np.array_equal(whole.outcomes[:, :, 17:18], alone.outcomes, equal_nan=True)
    assert np.array_equal(whole.paths[..., 17:18], alone.paths, equal_nan=True)


def test_a_structure_in_one_theatre_leaves_the_other_theatres_own_war_alone() -> None:
    case = short()
    draws = Sampler(case, 5).draw(0, 40)
    one, two = (
        outcomes(model(), held(case, draws, {"war.south_strait": name})) for name in ("epstein", "closure_race")
    )
    own = [n for n in one if n.startswith("objective_chance.north_strait.invade.")]
    assert len(own) == 2
    assert all(np.array_equal(one[name], two[name]) for name in own)
    assert not np.array_equal(
        one["objective_chance.south_strait.attack.auria"], two["objective_chance.south_strait.attack.auria"]
    )


# ---- steps -------------------------------------------------------------------------------------------------------


HEADLINES = (
    "objective_chance.north_strait.invade.auria",
    "objective_chance.south_strait.attack.auria_and_brevia",
    "objective_chance.south_strait.attack_later.auria_and_brevia",
    "second_front_chance",
    "deterrence_margin.corvana.alone",
)
LAWS = [
    {"war.north_strait": north, "war.south_strait": south}
    for north, south in (
        ("contest_ratio", "contest_difference"),
        ("salvo_stochastic", "lanchester_square"),
        ("salvo_hughes", "epstein"),
        ("contest_ratio", "closure_race"),
    )
]


@pytest.mark.parametrize("chosen", LAWS, ids=lambda laws: "-".join(laws.values()))
def test_half_the_step_moves_headlines_little_and_less_each_time(chosen: dict[str, str]) -> None:
    """Steps of 10, 5 and 2.5 days: the second change is smaller than the first, which is first order or better.

    Between steps forces close and magazines empty as in the middle of each; salvoes and races end on a day within one.
    """
    draws = held(short(), Sampler(short(), 9).draw(0, 96), chosen)
    coarse, half, quarter = (outcomes(model(step=step), draws) for step in (10.0, 5.0, 2.5))
    for name in HEADLINES:
        first, second = (
            float(np.mean(np.abs(fine[name] - rough[name]))) for rough, fine in ((coarse, half), (half, quarter))
        )
        assert first < 0.02, (name, first)
        assert second < 0.75 * first + 1e-4, (name, first, second)


# ---- one war after another ---------------------------------------------------------------------------------------


def test_what_the_first_war_costs_is_missing_in_the_second() -> None:
    """Losses that are never replaced leave the second theatre's attacker more; replaced at once they leave nothing."""
    case = short()
    draws = Sampler(case, 8).draw(0, 64)
    row = [item.name for item in case.parameters].index("replacement_lag")

    def lasting(months: float) -> dict[str, Floats]:
        values = draws.values.copy()
        values[row] = months
        return outcomes(model(), held(case, Draws(values, draws.structures), {"war.south_strait": "contest_ratio"}))

    never, at_once = lasting(1e9), lasting(1e-3)
    for age in ("after_3_months", "after_6_months", "later"):
        name = f"objective_chance.south_strait.attack_{age}.auria_and_brevia"
        assert np.all(never[name] >= at_once[name] - EXACT), name
        assert np.median(never[name] - at_once[name]) > 1e-4, name
    for name in ("objective_chance.south_strait.attack.auria_and_brevia", "losses.north_strait.invade.defender"):
        assert np.array_equal(never[name], at_once[name]), name


# ---- shared stocks -----------------------------------------------------------------------------------------------


def readings(case: Case, number: int) -> Readings:
    """Readings of one future on floats."""
    draws = Sampler(case, 4).draw(number, number + 1)
    return drawn_readings(
        case, dict(zip((p.name for p in case.parameters), map(float, draws.values[:, 0]), strict=True))
    )


@pytest.mark.parametrize("rule", range(len(RULES)))
def test_what_one_theatre_does_not_get_the_other_does(rule: int) -> None:
    case, source = short(), random.Random(rule)
    names = [theatre.name for theatre in case.world.theatres]
    base = readings(case, 0)
    for _ in range(500):
        stakes = {("responder_stake", "auria", name): source.uniform(-0.1, 2.0) for name in names}
        worth = {("contested_worth",): source.uniform(0.05, 5.0)}
        found = sharing(case.world, base.replaced({**stakes, **worth}), float(rule))
        if RULES[rule] == "first_come":
            # The first keeps the other's part, so that a second gets nothing.
            assert list(found.parts.values()) == [0.0, 0.0]
            assert found.keeps == 1.0
        else:
            one, two = found.parts.values()
            assert one + two == 1.0
            assert min(one, two) >= 0.0
            assert found.keeps == 0.0


def test_minmax_gives_a_stake_too_small_to_matter_nothing_and_equal_stakes_half() -> None:
    case = short()
    base = readings(case, 0).replaced({("contested_worth",): 1.0})

    def parts(north: float, south: float, rule: str) -> list[float]:
        stakes = {"north_strait": north, "south_strait": south}
        read = base.replaced({("responder_stake", "auria", name): stake for name, stake in stakes.items()})
        return [float(part) for part in sharing(case.world, read, float(RULES.index(rule))).parts.values()]

    # Vulnerability 1/(1 + r) and a stock of 1: all of it brings the greater stake to a half of itself.
    assert parts(1.0, 0.4, "minmax") == pytest.approx([1.0, 0.0], abs=1e-15)
    assert parts(1.0, 1.0, "minmax") == pytest.approx([0.5, 0.5], abs=1e-15)
    assert parts(1.0, 0.4, "proportional") == pytest.approx([1 / 1.4, 0.4 / 1.4], abs=1e-15)


@pytest.mark.parametrize("number", range(6))
def test_shared_stocks_are_conserved(number: int) -> None:
    """Two theatres at war have of the outside responder what there is: all it can reach, what both claim once."""
    case = short()
    world = case.world
    rule = float(number % 2) * 2  # proportional, minmax
    source = random.Random(number)
    # The case gives one reach for both theatres; here each has its own.
    unlike = {
        (quantity, c, "auria", theatre.name): source.uniform(0.1, 0.9)
        for quantity, classes in (("reach", world.capabilities), ("stock_reach", world.munitions))
        for c in classes
        for theatre in world.theatres
    }
    read = readings(case, number).replaced(unlike)
    parts = sharing(world, read, rule).parts
    now: dict[tuple[str, ...], float] = {}
    for k in world.munitions:
        for actor in world.actors:
            now["stock", k, actor], now["output", k, actor] = source.uniform(10, 5000), source.uniform(0, 300)
    geometries = {t.name: Geometry(world, field_of(world, t), read) for t in world.theatres}
    magazines = {name: Magazines(geometry, now, {}) for name, geometry in geometries.items()}
    shared, full, nobody = 2, 1, 0
    for k in world.munitions:
        for place in (0, 1):  # stock, output
            got, reached, pool = 0.0, 0.0, 0.0
            for name, store in magazines.items():
                worn = Worn(None, {}, parts[name])
                of = {mode: store.defenders(k, mode, 0, worn)[place] for mode in (nobody, full, shared)}
                got += of[shared] - of[nobody]
                reached += of[full] - of[nobody]
                for actor in store.geometry.field.claimed:
                    own = (store.held(k, actor), store.made(k, actor))[place]
                    pool = own * store.overlap(k, actor)[0]  # the same amount from either theatre
            assert got == pytest.approx(reached - pool, rel=1e-14, abs=1e-11), k
            assert pool > 0.0
    for c in world.capabilities:
        left = {
            t.name: (read("reach", c, "auria", t.name), overlap_of(world, t, read, "auria", c)) for t in world.theatres
        }
        missing = {c: 0.3}
        got = 0.0
        for name, (reach, overlap) in left.items():
            got += reach * Worn(6.0, missing, parts[name]).left(c, overlap, "shared")
        pools = [reach * overlap for reach, overlap in left.values()]
        assert pools[0] == pytest.approx(pools[1], rel=1e-14)
        # What is left of the pool after losses is divided; the rest of each reach stays where it is.
        there = sum(reach for reach, _ in left.values()) - 2 * pools[0] + 0.7 * pools[0]
        assert got == pytest.approx(there, rel=0, abs=1e-15)


# ---- detail ------------------------------------------------------------------------------------------------------


def test_detail_stands_behind_the_cases_own_request() -> None:
    plain, full = model().outcome_names, model(True).outcome_names
    more = set(full) - set(plain)
    assert set(plain) <= set(full)
    kinds = {name.split(".")[0] for name in more}
    assert kinds == {"decided_chance", "losses", "ground_taken", "exhaustion_day"}
    assert not any(name.startswith(("decided_chance.", "ground_taken.")) for name in plain)
    assert len(more) > 100


def test_detail_says_what_it_says() -> None:
    case = short(True)
    draws = Sampler(case, 8).draw(0, 64)
    contest, ground = (
        outcomes(model(True), held(case, draws, {"war.south_strait": name})) for name in ("contest_ratio", "epstein")
    )
    stem = "south_strait.attack"
    for found in (contest, ground):
        days = [found[f"decided_chance.{stem}.day{day}"] for day in (7, 14, 30, 60)]
        for early, late in itertools.pairwise(days):
            assert np.all(late >= early - EXACT)
        assert np.all(days[-1] <= 1 - found[f"stalemate_chance.{stem}"] + EXACT)
        # Each class loses in proportion to its own rate; in this case all rates are one.
        for side in ("attacker", "defender"):
            for c in ("land", "air", "sea"):
                name = f"losses.{stem}.{side}.{c}"
                assert np.allclose(found[name], found[f"losses.{stem}.{side}"], rtol=0, atol=0.05), name
        pooled = found["exhaustion_day.south_strait.shell.defender"]
        assert np.all((pooled > 0.0) & (pooled <= 90.0))
    assert np.all(contest[f"ground_taken.{stem}"] == 0.0)
    assert np.all(ground[f"ground_taken.{stem}"] >= 0.0)
    assert np.any(ground[f"ground_taken.{stem}"] > 1.0)


def test_parts_of_the_terms_over_a_strait_hold_a_landing() -> None:
    assert war_parts("salvo_hughes", "strait") == ("breaking", "salvo", "crossing")
    assert war_parts("salvo_hughes", "sea") == ("breaking", "salvo")
