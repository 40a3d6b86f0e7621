"""Which laws and outcomes a parameter reaches: against the model itself, one parameter moved at a time."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from twofront.case import Case, load_case
from twofront.engine import cache
from twofront.engine.law import Law, laws
from twofront.engine.ops import Number, index_table, number, scan, where
from twofront.engine.stage import Stage
from twofront.future import FutureModel
from twofront.future import uses as following
from twofront.future.uses import Uses, find_uses, uses_of
from twofront.parameters.sampling import Sampler


@pytest.fixture(scope="module")
def case() -> Case:
    return load_case("two-straits")


@pytest.fixture(scope="module")
def uses(case: Case) -> Uses:
    return find_uses(case)


def test_outcomes_are_those_of_the_model(case: Case, uses: Uses) -> None:
    assert tuple(uses.outcomes) == FutureModel(case, policies=[]).outcome_names


def test_what_moves_an_outcome_reaches_it(case: Case, uses: Uses) -> None:
    """Only what is reached may change, to the last bit."""
    reached = {(name, outcome) for outcome, found in uses.outcomes.items() for name in found}
    moved = _moved(case)
    assert not moved - reached
    # What is said to be reached is for the most part seen to move, so that the answer is not "everything".
    assert len(moved) > 0.7 * len(reached)
    assert len(reached) < 0.65 * len(case.parameters) * len(uses.outcomes)


@pytest.mark.parametrize("name", ["csis-2026", "baltic-2016"])
def test_what_moves_an_outcome_reaches_it_in_published_wargames(name: str) -> None:
    """Worlds that report wars in detail, with other structures and other lags."""
    case = load_case(name)
    found = find_uses(case)
    moved = _moved(case)
    assert len(moved) > 1000
    assert not {(parameter, outcome) for parameter, outcome in moved if parameter not in found.outcomes[outcome]}


def _moved(case: Case) -> set[tuple[str, str]]:
    """Parameters with the outcomes that they move by themselves, in futures of every structure and every policy."""
    model = FutureModel(case)
    names = [p.name for p in case.parameters]
    moved: set[tuple[str, str]] = set()
    for future, chosen in enumerate(_structures_in_turn(case)):
        draws = Sampler(case, 5).draw(future, future + 1)
        other = Sampler(case, 77).draw(future, future + 1)
        values = np.repeat(draws.values, len(names) + 1, axis=1)
        for place in range(len(names)):
            values[place, place + 1] = other.values[place, 0]
        structures = np.repeat(np.array(chosen)[:, np.newaxis], len(names) + 1, axis=1)
        outcomes = model.evaluate(values, structures, paths=False).outcomes.view(np.uint64)
        changed = (outcomes[:, :, 1:] != outcomes[:, :, :1]).any(axis=0)
        for row, outcome in enumerate(model.outcome_names):
            moved.update((names[place], outcome) for place in np.flatnonzero(changed[row]))
    return moved


def _structures_in_turn(case: Case) -> list[list[float]]:
    """Numbers of structures, future by future, until each option with weight has had its turn."""
    options = [[n for n, weight in enumerate(item.weights) if weight > 0] for item in case.structures]
    return [[float(each[turn % len(each)]) for each in options] for turn in range(max(map(len, options)))]


def test_a_parameter_that_a_law_is_given_is_read_by_it(uses: Uses) -> None:
    assert uses.readers["war.decided"] == {"decision_days"}
    assert uses.readers["economy.gdp"] >= {"gdp.corvana", "gdp.tessaly"}
    assert "war.success" not in uses.readers_of("gdp.corvana")
    assert "war.fill" not in uses.readers_of("gdp.corvana")  # stocks lie between, and they are made by laws
    assert "war.success" in uses.laws_of("gdp.corvana")


def test_readers_are_among_those_that_reach(uses: Uses) -> None:
    assert uses.readers.keys() == uses.laws.keys() <= laws().keys()
    assert all(found <= uses.laws[law] for law, found in uses.readers.items())
    assert any(found < uses.laws[law] for law, found in uses.readers.items())


@pytest.mark.parametrize(
    ("theatre", "war", "of_its_structures", "of_the_others"),
    [
        ("north_strait", "invade", ("attack_shots", "crossing_lift", "campaign_m"), ("front_length", "own_exponent")),
        (
            "south_strait",
            "attack",
            ("front_length", "attack_threshold", "own_exponent", "attack_elements", "campaign_m"),
            ("attack_shots", "crossing_lift"),
        ),
    ],
)
def test_every_structure_of_a_theatre_is_followed(
    uses: Uses, theatre: str, war: str, of_its_structures: tuple[str, ...], of_the_others: tuple[str, ...]
) -> None:
    """What one structure alone reads reaches the wars of the theatre that may be fought so, and those that follow."""
    alone = uses.outcomes[f"objective_chance.{theatre}.{war}.alone"]
    assert alone >= set(of_its_structures)
    assert alone.isdisjoint(of_the_others)
    later = next(
        found
        for name, found in uses.outcomes.items()
        if name.startswith(f"objective_chance.{theatre}.{war}_after_3_months.")
    )
    assert later >= {*of_its_structures, *of_the_others, "replacement_lag"}
    assert "replacement_lag" not in alone


def test_rules_of_allocation_are_followed(uses: Uses) -> None:
    """What divides a stock reaches wars in both theatres at once, and none that is alone."""
    for name in ("contested_worth", "responder_stake"):
        assert name in uses.outcomes["objective_chance.south_strait.attack_in_double.auria_and_brevia"]
        assert name in uses.outcomes["objective_chance.north_strait.invade_in_double.auria"]
        assert name not in uses.outcomes["objective_chance.south_strait.attack.auria_and_brevia"]
    assert "contested_worth" in uses.readers["allocation.minmax.level"]


def test_an_anchor_reaches_what_it_anchors(case: Case, uses: Uses) -> None:
    anchor = str(case.reading("anchor")["corvana",])
    assert "yearly_anchor.corvana" in uses.outcomes_of(anchor)
    assert "any_war_chance" in uses.outcomes_of(anchor)
    assert "unanchored.any_war_chance" not in uses.outcomes_of(anchor)


def test_a_discount_rate_moves_discounted_costs_only(uses: Uses) -> None:
    assert uses.outcomes_of("discount_rate") == ("policy_cost.discounted",)


def test_the_answer_is_kept(case: Case, uses: Uses, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWOFRONT_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(following, "find_uses", lambda _: uses)
    assert uses_of(case) == uses

    def never(_: Case) -> Uses:
        raise AssertionError("asked twice")

    monkeypatch.setattr(following, "find_uses", never)
    kept = uses_of(case)
    assert kept.laws == uses.laws
    assert kept.outcomes == uses.outcomes
    assert kept.readers == uses.readers


def test_a_damaged_entry_is_made_anew(
    case: Case, uses: Uses, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWOFRONT_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(following, "find_uses", lambda _: uses)
    uses_of(case)
    folder = cache.directory()
    assert folder is not None
    (entry,) = folder.iterdir()
    cache.save(entry.stem, b'{"names": []}')
    assert uses_of(case) == uses


def test_a_loop_hands_on_what_every_turn_of_it_reads() -> None:
    """By place where it is plain, by every place that a turn can read where it is not."""

    def function(values: Mapping[str, Any]) -> dict[str, Any]:
        x, order = values["x"], index_table([2, 1, 1])

        def step(i: int, total: Any) -> tuple[Any, Any]:
            return total + x[i], x[order[i]] * number(i)

        total, rows = scan(step, values["start"], 3)
        return {"total": total, "rows": rows, "last": x[2], "where": where(values["mask"] < 0.5, 1.0, 2.0)}

    stage = Stage("test", function, {"start": None, "mask": None, "x": 3})
    bits = {"start": 1, "mask": 2, "x[0]": 4, "x[1]": 8, "x[2]": 16}
    followed = _followed(stage, bits)
    assert followed.of("total") == 1 | 4 | 8 | 16
    assert followed.of("rows") == 8 | 16
    assert followed.of("last") == 16
    assert followed.of("where") == 2


def test_a_law_stands_between() -> None:
    """What a law makes does not count as read directly by the next; what it hands through does."""

    def function(values: Mapping[str, Any]) -> dict[str, Any]:
        grown = _grown(values["a"], values["b"])
        return {"y": _grown(grown, values["c"]), "z": _grown(values["d"], 1.0)}

    stage = Stage("test", function, dict.fromkeys("abcd"))
    bits = {"a": 1, "b": 2, "c": 4, "d": 8}
    followed = _followed(stage, bits)
    assert followed.laws == {"test.grown": 15}
    assert followed.readers == {"test.grown": 15}
    assert followed.of("y") == 7
    assert followed.of("y", direct=True) == 0
    assert followed.of("z", direct=True) == 0


def test_what_a_law_hands_through_is_still_read_directly() -> None:
    def function(values: Mapping[str, Any]) -> dict[str, Any]:
        return {"y": _same(values["a"])}

    followed = _followed(Stage("test", function, {"a": None}), {"a": 1})
    assert followed.of("y", direct=True) == 1


def _followed(stage: Stage, bits: Mapping[str, int]) -> following._Followed:
    followed = following._Followed(stage)
    followed.follow(bits, bits)
    return followed


def _grown(stock: Number, rate: Number) -> Number:
    return stock * (1 + rate)


def _same(stock: Number) -> Number:
    return stock


@pytest.fixture(autouse=True)
def known_laws(monkeypatch: pytest.MonkeyPatch) -> None:
    """The laws of the program, and two of this file."""
    held = laws()
    for name, function in (("test.grown", _grown), ("test.same", _same)):
        names = {name: name for name in inspect.signature(function).parameters}
        held = {**held, name: Law(name, "1", names, "none", (), "", function, {}, None)}
    monkeypatch.setattr(following, "laws", lambda: held)
