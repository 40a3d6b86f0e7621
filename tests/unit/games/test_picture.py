"""Pictures of trees: what is drawn, what stays closed and is counted, and that the chart can be rendered."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

import twofront.games as games
from twofront.faults import UserError
from twofront.games.game import Chance, Decision, Game, Node, Terminal
from twofront.games.picture import _percent

VALUES = {
    "status_quo.red": 0.4,
    "concession.red": 1.0,
    "conflict.red": -0.6,
    "status_quo.blue": 0.0,
    "concession.blue": -1.0,
    "conflict.blue.soft": -2.0,
    "conflict.blue.hard": -0.5,
    "hard.blue": 0.37,
}


def deterrence() -> Game:
    return games.build(games.form("one_theatre"), {"challenger": "Red", "defender": "Blue"})


def drawn(spec: dict[str, Any], mark: str) -> list[dict[str, Any]]:
    """Everything that is drawn with a mark."""
    return [row for layer in spec["layer"] if layer["mark"]["type"] == mark for row in layer["data"]["values"]]


def labels(spec: dict[str, Any]) -> list[str]:
    return [row["label"] for row in drawn(spec, "text")]


def test_branches_carry_chances_and_ends_payoffs() -> None:
    game = deterrence()
    picture = game.picture(game.solve(5.0, VALUES), VALUES)
    found = labels(picture.spec)
    assert "soft 63%" in found
    assert "hard 37%" in found
    assert found.count("0.4") == 2
    assert {"Red", "Blue"} <= set(found)
    waits = [label for label in found if label.startswith("wait")]
    assert len(waits) == 2
    assert waits[0] == waits[1], "the challenger cannot tell the types apart"


def test_without_numbers_expressions_are_shown() -> None:
    spec = deterrence().picture().spec
    assert "hard [hard.blue]" in labels(spec)
    assert "conflict.blue.soft" in labels(spec)


def test_nodes_of_a_set_are_joined_and_only_those() -> None:
    game = deterrence()
    rules = [row for layer in game.picture().spec["layer"][:2] for row in layer["data"]["values"]]
    assert {(row["mover"], row["branch"]) for row in rules} == {("Red", "act")}
    joins = [row for row in rules if row["x"] == row["x2"]]
    assert len(joins) == 1


def test_the_text_says_the_same() -> None:
    game = deterrence()
    text = str(game.picture(game.solve(5.0, VALUES), VALUES))
    assert "├─ soft [63%]: Red (act)" in text
    assert "│  ├─ wait" in text
    assert ": (-0.6, -0.5)" in text
    assert text.splitlines()[1].startswith("worth 0.4257 to Red")


def test_no_two_labels_of_branches_overlap() -> None:
    game = games.build(games.form("two_theatres"))
    rows = [row for layer in game.picture().spec["layer"] for row in layer["data"]["values"] if "branch" in row]
    names = [row for row in rows if "label" in row]
    assert len(names) > 60
    for one, other in itertools.combinations(names, 2):
        apart = abs(one["y"] - other["y"]) >= 20
        left, right = sorted((one, other), key=lambda row: row["x"])
        assert apart or left["x"] + 6.4 * len(left["label"]) <= right["x"], (one, other)


def test_what_stays_closed_is_counted_and_is_the_unlikeliest() -> None:
    game = games.build(games.form("two_theatres"))
    picture = game.picture(most_ends=20)
    rows = [row for row in labels(picture.spec) if row.endswith(" ends")]
    closed = sum(int(row.split()[0]) for row in rows)
    assert f"left out: {closed} of 99 ends, in {len(rows)} branches" in labels(picture.spec)[-1]
    random = np.random.default_rng(1)
    ranges = {name: (low, high) for name, low, high in game.ranges}
    values = {name: float(random.uniform(*ranges.get(name, (0.0, 1.0)))) for name in game.parameters}
    solved = game.picture(game.solve(5.0, values), values, most_ends=20)
    assert "reached with a chance of " in labels(solved.spec)[-1]
    share = float(labels(solved.spec)[-1].split("a chance of ")[1].split("%")[0].strip("<"))
    assert share < 5.0, "with a solution, what is likely is open"
    assert len([row for row in drawn(solved.spec, "text") if row["x"] > 0]) > 0


@pytest.mark.parametrize("most", [2, 10, 60, 1000])
def test_rows_are_kept_within_what_is_readable(most: int) -> None:
    game = games.build(games.form("two_theatres_with_call"))
    picture = game.picture(most_ends=most)
    assert picture.spec["height"] <= 22 * max(3, most) + 80  # the three acts at least
    found = labels(picture.spec)
    assert found[-1].startswith("left out: ") == (most < 451)


def test_branches_that_lead_to_the_same_are_one() -> None:
    end = Terminal((1.0,))
    game = Game("g", ("a",), Decision("a", "x", (("left", end), ("right", end), ("up", Terminal((2.0,))))))
    picture = game.picture(game.solve(1.0))
    share = 2 * math.e / (2 * math.e + math.e**2)
    assert f"left or right {_percent(share)}" in labels(picture.spec)


def test_a_solution_of_many_games_is_refused() -> None:
    game = deterrence()
    solution = game.solve(5.0, VALUES | {"hard.blue": np.array([0.2, 0.4])})
    with pytest.raises(UserError, match="the solution is of several"):
        game.picture(solution)
    with pytest.raises(UserError, match="one number for every name"):
        game.picture(None, VALUES | {"hard.blue": np.array([0.2, 0.4])})  # pyright: ignore[reportArgumentType]


def test_a_notebook_gets_the_chart_and_the_text() -> None:
    game = deterrence()
    for shown in (game, game.picture()):
        bundle = shown._repr_mimebundle_()
        assert bundle["application/vnd.vegalite.v5+json"]["title"]["text"] == "Deterrence in one theatre"
        assert bundle["text/plain"].startswith("Deterrence in one theatre: Red, Blue")


@pytest.mark.parametrize("name", ["one_theatre", "two_theatres", "three_theatres"])
def test_the_chart_is_rendered(name: str) -> None:
    import vl_convert

    spec = games.build(games.form(name)).picture().spec
    svg: str = vl_convert.vegalite_to_svg(spec)  # pyright: ignore[reportUnknownVariableType, reportCallIssue]
    assert svg.startswith("<svg")
    assert "attack" in svg


def test_a_game_that_is_only_an_end_is_drawn() -> None:
    assert Game("g", ("a", "b"), Terminal((1.0, 2.0))).picture().text == "g: a, b\n(1, 2)"


def test_a_deep_tree_is_drawn() -> None:
    root: Node = Terminal((0.0,))
    for depth in range(600):
        root = Chance((("on", 0.5, root), ("out", 0.5, Terminal((float(depth),)))))
    text = Game("deep", ("a",), root).picture(most_ends=40).text
    assert "left out: 562 of 601 ends, in 1 branches" in text


@pytest.mark.parametrize(
    ("chance", "words"),
    [(0.0, "0%"), (0.0004, "<0.1%"), (0.07, "7%"), (0.071, "7.1%"), (0.5, "50%"), (0.9234, "92.3%"), (1.0, "100%")],
)
def test_chances_in_words(chance: float, words: str) -> None:
    assert _percent(chance) == words
    assert _percent(0.9999) == ">99.9%"
