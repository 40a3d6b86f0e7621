"""A game solves itself, after it and its numbers have been checked; T13's threshold comes out of the bundled form."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

import twofront as tf
from twofront import games
from twofront.games.checks import BadGame
from twofront.games.game import Decision, Game, Terminal

DETERRENCE = {
    "status_quo.challenger": 0.4,
    "concession.challenger": 1.0,
    "conflict.challenger": -0.6,
    "status_quo.defender": 0.0,
    "concession.defender": -1.0,
    "conflict.defender.soft": -2.0,
    "conflict.defender.hard": -0.5,
}


@pytest.mark.parametrize("number", range(3))
def test_a_file_is_read_and_solved_as_published(number: int, shared_targets: Path) -> None:
    path = shared_targets / "targets" / f"two_theatre_typed_{number}.efg"
    targets = json.loads((shared_targets / "targets" / "gambit_agent_qre.json").read_text(encoding="utf-8"))
    game = tf.games.read_efg(path)  # pyright: ignore[reportAttributeAccessIssue]
    for target in (target for target in targets if target["efg"] == path.name):
        found = game.solve(lam=target["lam"])
        for (player, set_, option), chance in zip(target["labels"], target["prob"], strict=True):
            assert found.probabilities[player, set_, option] == pytest.approx(chance, abs=1e-8)


def test_the_threshold_of_asymmetric_deterrence_comes_out() -> None:
    # T13: a challenger attacks if the chance that the defender is hard lies below (1 - .4)/(1 + .6) = .375.
    game = games.build(games.form("one_theatre"))
    hard = np.array([0.374, 0.375, 0.376])
    found = game.solve(2000.0, DETERRENCE | {"hard.defender": hard})
    attack = found.probabilities["challenger", 0, "attack"]
    assert attack[0] > 0.96
    assert attack[1] == pytest.approx(0.5, abs=1e-9)
    assert attack[2] < 0.04


def test_a_worse_status_quo_moves_the_threshold() -> None:
    game = games.build(games.form("one_theatre"))
    quo = np.array([0.2, 0.4, 0.6])
    for hard, wanted in ((0.5, 1.0 - 1.6 * 0.5), (0.25, 1.0 - 1.6 * 0.25)):
        # Indifferent where the status quo is worth 1 - 1.6 times the chance of a hard defender.
        found = game.solve(500.0, DETERRENCE | {"hard.defender": hard, "status_quo.challenger": quo})
        attack = found.probabilities["challenger", 0, "attack"]
        assert list(attack > 0.5) == [bool(value < wanted - 1e-12) for value in quo] or wanted in quo


@pytest.mark.parametrize("name", ["two_theatres", "three_theatres"])
def test_swapping_labels_mirrors_results(name: str) -> None:
    form = games.form(name)
    one = games.build(form, {"first": "Red", "second": "Blue"})
    other = games.build(form, {"first": "Blue", "second": "Red"})
    random = np.random.default_rng(3)
    ranges = {label: (low, high) for label, low, high in one.ranges}
    values = {label: float(random.uniform(*ranges.get(label, (0.0, 1.0)))) for label in one.parameters}

    def mirrored(label: str) -> str:
        return ".".join({"red": "blue", "blue": "red"}.get(part, part) for part in label.split("."))

    found = one.solve(3.0, values)
    swapped = other.solve(3.0, {mirrored(label): value for label, value in values.items()})
    names = {"Red": "Blue", "Blue": "Red"}
    for (player, set_, option), chance in found.probabilities.items():
        assert swapped.probabilities[names.get(player, player), set_, option] == chance
    assert all(swapped.values[names.get(player, player)] == value for player, value in found.values.items())


def test_who_moves_first_matters_and_not_who_is_called_first() -> None:
    game = games.build(games.form("commitment"), {"defender": "Red", "challenger": "Blue"})
    values = {
        "status_quo.red": 0.0,
        "concession.red": -1.0,
        "conflict.red": -1.2,
        "price.red": 0.05,
        "audience.red": 0.5,
        "status_quo.blue": 0.0,
        "provocation.blue": 0.1,
        "concession.blue": 1.0,
        "conflict.blue": -0.6,
    }
    bound = game.solve(concept="subgame_perfect", values=values)
    # It would yield if free; tied hands make it resist (1.2 < 1 + .5), so that the challenger waits.
    assert bound.probabilities["Red", 0, "commit"] == pytest.approx(1.0)
    assert bound.probabilities["Blue", 1, "wait"] == pytest.approx(1.0)
    cheap = game.solve(concept="subgame_perfect", values=values | {"audience.red": 0.1})
    assert cheap.probabilities["Red", 0, "keep_free"] == pytest.approx(1.0)


def test_help_for_one_draws_attacks_elsewhere() -> None:
    game = games.build(games.form("three_theatres"))
    values = dict.fromkeys(game.parameters, 0.0)
    for place in ("first", "second", "third"):
        values |= {f"prize.{place}": 1.0, f"cost.{place}": 0.4, f"win.{place}.alone": 0.9, f"win.{place}.helped": 0.1}
        values[f"stake.outside.{place}"] = 1.0
    values["fight.outside"] = 0.1
    found = game.solve(concept="subgame_perfect", values=values)
    after = {each.label: each.number for each in game.information_sets if each.player == "third"}
    calm, busy = after["act_three: act_one wait, act_two wait"], after["act_three: act_one attack, act_two wait"]
    # Alone it meets the whole help; beside another attack the outside power is indifferent and may be elsewhere.
    assert found.probabilities["third", calm, "attack"] == pytest.approx(0.0, abs=1e-9)
    assert found.probabilities["third", busy, "attack"] > 0.4


def test_an_unsound_game_and_numbers_out_of_range_are_refused_before_solving() -> None:
    bad = Game("bad", ("a",), Decision("a", "x", (("l", Terminal((1.0, 2.0))), ("l", Terminal((0.0,))))))
    with pytest.raises(BadGame) as raised:
        bad.solve(1.0)
    assert len(raised.value.faults) == 2
    game = games.build(games.form("one_theatre"))
    with pytest.raises(BadGame, match=r"`hard\.defender` is 1\.5 at place 1; allowed: 0 to 1"):
        game.solve(1.0, DETERRENCE | {"hard.defender": np.array([0.5, 1.5])})


def test_information_sets_are_numbered_by_player_along_the_walk() -> None:
    game = games.build(games.form("one_theatre"))
    assert [(each.player, each.number) for each in game.information_sets] == [
        ("challenger", 0),
        ("defender", 0),
        ("defender", 1),
    ]
    assert not [pair for pair in itertools.pairwise(game.information_sets) if pair[0] == pair[1]]
