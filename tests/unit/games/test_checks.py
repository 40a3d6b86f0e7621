"""Every fault of a game is told at once, with the way to it and what is allowed; sound games have none."""

from __future__ import annotations

import pytest

from twofront.faults import Faults, UserError
from twofront.games.checks import BadGame, check, faults_of
from twofront.games.game import Chance, Decision, Game, Node, Terminal
from twofront.games.numbers import numbers

END = Terminal((0.0, 0.0))


def told(root: Node, players: tuple[str, ...] = ("red", "blue")) -> list[str]:
    return [str(fault) for fault in faults_of(Game("a game", players, root))]


def only(root: Node) -> str:
    """The single fault of a game."""
    (text,) = told(root)
    assert text.startswith("game `a game`: ")
    return text


def move(player: str, information: str, *names: str, then: Node = END) -> Decision:
    return Decision(player, information, tuple((name, then) for name in names))


def test_a_sound_game_with_types_and_a_hidden_move_has_no_fault() -> None:
    hidden = move("blue", "sees nothing", "yield", "resist")
    root = Chance(
        (
            ("hard", 0.25, Decision("red", "sees hard", (("wait", hidden), ("attack", hidden)))),
            ("soft", "1 - 0.25", Decision("red", "sees soft", (("wait", hidden), ("attack", hidden)))),
        )
    )
    assert told(root) == []
    check(Game("a game", ("red", "blue"), root))


def test_chance_with_a_single_branch_is_fine() -> None:
    assert told(Chance((("only", 1.0, END),))) == []


@pytest.mark.parametrize(
    ("root", "says"),
    [
        (Terminal((1.0,)), "the end at the start has 1 payoffs for 2 players; allowed: one for each of red, blue"),
        (Terminal((1.0, float("nan"))), "the payoff of blue at the end at the start is nan"),
        (Terminal((1.0, "a +")), "the payoff of blue at the end at the start is `a +`: `a +` is not arithmetic"),
        (Terminal((1.0, "mean(a)")), "`mean` is no function here"),
        (Decision("red", "r", ()), "the node of red at the start has no options"),
        (move("red", "r", "x", "x"), "the node of red at the start has 2 options `x`; rename all but one"),
        (move("red", "r", "x", ""), "one option of the node of red at the start has no name"),
        (move("rde", "r", "x"), "`rde` moves at the start and is no player of the game; allowed: red, blue; "),
        (Chance(()), "the move of chance at the start has no branches"),
        (Chance((("h", 0.5, END), ("t", 0.4, END))), "add up to 0.9 (0.5 + 0.4); allowed: 1"),
        (Chance((("h", 0.5, END), ("t", 0.5 + 2e-9, END))), "add up to 1.000000002"),
        (Chance((("h", 1.5, END), ("t", "q", END))), "are numbers add up to 1.5; allowed: 1 at most"),
        (Chance((("h", 0.5, END), ("t", float("inf"), END))), "the chance of `t` at the move of chance at the start"),
    ],
)
def test_a_single_fault_says_what_and_where(root: Node, says: str) -> None:
    assert says in only(root)


def test_the_nearest_player_is_named() -> None:
    assert "did you mean `red`?" in only(move("rde", "r", "x"))


def test_negative_chances_are_told_even_where_they_add_up() -> None:
    text = only(Chance((("h", 1.5, END), ("t", -0.5, END))))
    assert "the chance of `t` at the move of chance at the start is -0.5; allowed: 0 to 1" in text


def test_a_set_whose_nodes_offer_different_options() -> None:
    root = Decision("red", "r", (("left", move("blue", "b", "x", "y")), ("right", move("blue", "b", "y", "x"))))
    text = only(root)
    assert "the information set `b` of blue offers different options: the nodes after `left` and after `right`" in text
    assert "have x, y and y, x; allowed: the same options in the same order" in text


def test_a_set_that_its_player_tells_apart_by_its_own_choice() -> None:
    later = move("red", "later", "x", "y")
    text = only(Decision("red", "first", (("left", later), ("right", later))))
    assert "holds nodes that red can tell apart: at the nodes after `left` and after `right`" in text
    assert "it had chosen `left` and `right` in `first`; allowed: nodes with the same past of their player" in text


def test_a_set_that_its_player_tells_apart_by_what_it_knew() -> None:
    later = move("red", "later", "x", "y")
    root = Chance(
        (("h", 0.5, move("red", "saw h", "go", then=later)), ("t", 0.5, move("red", "saw t", "go", then=later)))
    )
    assert "it had moved before in `saw h` and in `saw t`" in only(root)


def test_a_set_one_of_whose_nodes_comes_after_moving_and_the_other_does_not() -> None:
    later = move("red", "later", "x", "y")
    root = Chance((("h", 0.5, move("red", "first", "go", then=later)), ("t", 0.5, later)))
    assert "it had moved 1 and 0 times before" in only(root)


def test_a_node_on_the_way_to_another_of_its_set() -> None:
    root = move("red", "lost", "on", "off", then=move("red", "lost", "on", "off"))
    text = only(root)
    assert "holds a node on the way to another of its nodes: the nodes at the start and after `on`" in text


def test_all_faults_are_told_at_once_and_each_only_once() -> None:
    bad = Chance((("h", 0.5, Terminal((1.0,))), ("t", 0.6, move("gren", "g", "x"))))
    found = told(Decision("red", "r", (("left", bad), ("right", bad))))
    assert len(found) == 3
    with pytest.raises(BadGame) as raised:
        check(Game("a game", ("red", "blue"), bad))
    assert isinstance(raised.value, Faults)
    assert isinstance(raised.value, UserError)
    assert len(str(raised.value).splitlines()) == 3


def test_faults_of_the_game_as_a_whole() -> None:
    game = Game("a game", ("red", "red"), END, ranges=(("q", 1.0, 0.0),))
    found = [str(fault) for fault in faults_of(game)]
    assert any("the player `red` is named twice" in text for text in found)
    assert any("the range of `q` runs from 1.0 to 0.0" in text for text in found)
    assert any("no players" in text for text in told(Terminal(()), ()))


def test_a_long_way_is_shortened_and_a_deep_tree_is_walked() -> None:
    root: Node = Terminal((1.0,))
    for depth in range(5000):
        root = Decision("red", f"r{depth}", ((f"on{depth}", root),))
    assert "after `on4999`, `on4998`, `on4997`, `on4996`, …, `on2`, `on1`, `on0` has 1 payoffs" in only(root)


# ---- numbers for names -------------------------------------------------------------------------------------------

COIN = Game(
    "a coin",
    ("red", "blue"),
    Chance((("heads", "q", Terminal(("win.red", 0.0))), ("tails", "1 - q", Terminal((0.0, "win.red / 2"))))),
    ranges=(("q", 0.0, 1.0),),
)


def complaint(values: dict[str, object]) -> str:
    with pytest.raises(BadGame) as raised:
        numbers(COIN, values)
    return str(raised.value)


def test_numbers_of_every_payoff_and_chance() -> None:
    found = numbers(COIN, {"q": [0.25, 0.5], "win.red": 8})
    assert found["win.red / 2"] == 4.0
    assert found[0.0] == 0.0
    assert list(found["1 - q"]) == [0.75, 0.5]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"q": 0.5, "win.rde": 1.0}, "`win.rde` is given a number, and the game has no such name; allowed: q, win.red"),
        ({"q": 0.5, "win.rde": 1.0}, "the name `win.red` has no number; `win.rde` is given"),
        ({"q": 0.5}, "the name `win.red` has no number; give it in `values={'win.red': …}`"),
        ({"q": 1.5, "win.red": 1.0}, "`q` is 1.5; allowed: 0 to 1"),
        ({"q": [0.5, 1.5, -1.0], "win.red": 1.0}, "`q` is 1.5 at place 1 and wrong in 2 of 3; allowed: 0 to 1"),
        ({"q": 0.5, "win.red": float("inf")}, "`win.red` is inf; allowed: finite numbers"),
        ({"q": 0.5, "win.red": "much"}, "what is given for `win.red` is no number"),
        ({"q": [0.5, 0.5], "win.red": [1.0, 2.0, 3.0]}, "arrays are of different lengths: q 2, win.red 3"),
        ({"q": [[0.5]], "win.red": 1.0}, "`q` has 2 dimensions"),
        ({"q": [], "win.red": 1.0}, "the array of `q` is empty"),
    ],
)
def test_wrong_numbers_are_told(values: dict[str, object], says: str) -> None:
    assert says in complaint(values)


def test_several_wrong_numbers_are_told_at_once() -> None:
    assert len(complaint({"q": 1.5, "win.rde": 1.0}).splitlines()) == 3


def test_named_chances_that_do_not_add_up_are_told() -> None:
    game = Game("a die", ("red",), Chance((("a", "p", Terminal((0.0,))), ("b", "q", Terminal((1.0,))))))
    with pytest.raises(BadGame, match=r"the chances of a, b at a move of chance add up to 0\.9; allowed: 1"):
        numbers(game, {"p": 0.5, "q": 0.4})
    with pytest.raises(BadGame, match=r"the chance of `b` at a move of chance, `q`, is -0\.5; allowed: 0 to 1"):
        numbers(game, {"p": 1.5, "q": -0.5})


def test_a_division_by_zero_is_told() -> None:
    game = Game("a ratio", ("red",), Terminal(("a / b",)))
    with pytest.raises(BadGame, match="`a / b` comes out as inf; allowed: finite numbers"):
        numbers(game, {"a": 1.0, "b": 0.0})
