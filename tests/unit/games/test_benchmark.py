"""The benchmark's games are what it says, and measuring them says what became of every game."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest

from twofront.games.benchmark import PEER, complete_game, measure, typed_game
from twofront.games.layout import lay_out
from twofront.games.solve import solve


def test_shapes_of_the_families() -> None:
    """50 ends with nothing hidden; 120 ends, types of three players, ten unknown log-odds."""
    complete, values = complete_game(3)
    assert (lay_out(complete).leaves, lay_out(complete).size) == (50, 0)
    assert len(values) == 150
    typed, values = typed_game(3)
    assert (lay_out(typed).leaves, lay_out(typed).size) == (120, 10)
    assert len(values) == 360
    assert len([s for s in typed.information_sets if s.player == "alliance"]) == 10


def test_seeds_are_fixed() -> None:
    """The same games every time, and the first of many are the few."""
    _, once = typed_game(4)
    _, again = typed_game(4)
    assert all((once[name] == again[name]).all() for name in once)


def test_a_round_measures_every_method_and_the_peer_or_says_why_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine rows of ours with all games accounted for; without pygambit a row that says how to get it."""
    monkeypatch.setitem(__import__("sys").modules, "pygambit", None)
    (rows,) = measure(rounds=1, threads=2, games=64)
    ours = [row for row in rows if row.how != PEER]
    assert len(ours) == 8
    assert all(row.rate > 0 for row in ours)
    assert ["64 ok" in row.note for row in ours[2:]] == [True] * 6
    (theirs,) = [row for row in rows if row.how == PEER]
    assert math.isnan(theirs.rate)
    assert "pip install" in theirs.note


def test_memory_beside_the_results_does_not_grow_with_the_games() -> None:
    """Sixteen times the games take sixteen times the results, and no more beside them."""
    beside: list[float] = []
    for count in (2048, 32768):
        game, values = complete_game(count)
        solve(game, 1.0, values, threads=2)
        tracemalloc.start()
        found = solve(game, 1.0, values, threads=2)
        results = sum(chance.nbytes for chance in found.probabilities.values())
        results += sum(value.nbytes for value in found.values.values()) + found.residual.nbytes + found.folds.nbytes
        beside.append(tracemalloc.get_traced_memory()[1] - results)
        tracemalloc.stop()
    per_block = 2048 * 8 * (150 + 100) * 2
    assert max(beside) < 3 * per_block
    assert np.diff(beside)[0] < 1.5 * per_block
