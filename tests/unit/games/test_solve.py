"""Solving games: against plain NumPy, hand-made results, and what theory says must not change anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twofront.faults import UserError
from twofront.games import Chance, Decision, Game, Node, Terminal
from twofront.games.layout import lay_out
from twofront.games.solve import Solution, solve

Draw = Callable[[], Terminal]


def drawn(seed: int, players: int, scale: float = 1.0) -> Draw:
    """Ends with normal payoffs."""
    source = np.random.default_rng(seed)
    return lambda: Terminal(tuple(float(v) for v in scale * source.normal(size=players)))


def crisis(end: Draw) -> Game:
    """Wait or attack, yield or resist, back down or fight; everybody sees everything."""
    fight = Decision("red", "last", (("back down", end()), ("fight", end())))
    answer = Decision("blue", "answer", (("yield", end()), ("resist", fight), ("ask", end())))
    return Game("crisis", ("red", "blue"), Decision("red", "first", (("wait", end()), ("attack", answer))))


def typed(end: Draw, prior: float | str = 0.4) -> Game:
    """A signalling game: two types, two signals, three answers."""

    def answer(signal: str) -> Node:
        return Decision("blue", signal, (("yield", end()), ("resist", end()), ("ask", end())))

    def sender(kind: str) -> Node:
        return Decision("red", kind, (("quiet", answer("quiet")), ("loud", answer("loud"))))

    rest = 1 - prior if isinstance(prior, float) else f"1 - {prior}"
    return Game("typed", ("red", "blue"), Chance((("weak", prior, sender("weak")), ("strong", rest, sender("strong")))))


def named(game: Game) -> tuple[Game, dict[str, float]]:
    """The same tree with a name for every payoff, and the payoffs by name."""
    values: dict[str, float] = {}

    def renamed(node: Node) -> Node:
        if isinstance(node, Terminal):
            names = tuple(f"u{len(values) + place}" for place in range(len(node.payoffs)))
            values.update(zip(names, (float(v) for v in node.payoffs), strict=True))
            return Terminal(names)
        if isinstance(node, Chance):
            return Chance(tuple((name, chance, renamed(then)) for name, chance, then in node.branches))
        return Decision(node.player, node.information, tuple((name, renamed(then)) for name, then in node.options))

    return Game(game.title, game.players, renamed(game.root)), values


def replies(game: Game, solution: Solution, lam: Mapping[str, float]) -> float:
    """Largest difference between a solution's chances and the replies to them, in plain NumPy, node by node."""
    numbers = {(s.player, s.label): s for s in game.information_sets}
    values: dict[tuple[str, str], list[tuple[float, list[float]]]] = {}

    def chance(player: str, label: str, option: str) -> float:
        return solution.probabilities[player, numbers[player, label].number, option]

    def worth(node: Node) -> np.ndarray:
        if isinstance(node, Terminal):
            return np.array(node.payoffs, dtype=float)
        if isinstance(node, Chance):
            return sum((float(share) * worth(then) for _, share, then in node.branches), np.zeros(len(game.players)))
        return sum(
            (chance(node.player, node.information, name) * worth(then) for name, then in node.options),
            np.zeros(len(game.players)),
        )

    def visit(node: Node, reach: float) -> None:
        if isinstance(node, Chance):
            for _, share, then in node.branches:
                visit(then, reach * float(share))
        elif isinstance(node, Decision):
            place = game.players.index(node.player)
            found = values.setdefault((node.player, node.information), [])
            found.append((reach, [float(worth(then)[place]) for _, then in node.options]))
            for name, then in node.options:
                visit(then, reach * chance(node.player, node.information, name))

    visit(game.root, 1.0)
    worst = 0.0
    for (player, label), nodes in values.items():
        whole = sum(reach for reach, _ in nodes)
        expected = sum(reach / whole * np.array(worths) for reach, worths in nodes)
        weights = np.exp(lam[player] * (expected - np.max(expected)))
        for option, share in zip(numbers[player, label].options, weights / weights.sum(), strict=True):
            worst = max(worst, abs(chance(player, label, option) - share))
    return worst


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("make", [crisis, typed])
@pytest.mark.parametrize("lam", [0.3, 1.0, 3.0])
def test_replies_to_a_solution_are_the_solution(make: Callable[[Draw], Game], seed: int, lam: float) -> None:
    """Recomputed node by node in plain NumPy, every set's chances are the logit reply to all others'."""
    game = make(drawn(seed, 2))
    precision = {"red": lam, "blue": 2 * lam}
    found = solve(game, precision)
    assert found.status == "ok"
    assert replies(game, found, precision) < 1e-12


def test_everybody_knows_means_a_closed_form() -> None:
    """Backward induction has no unknowns, no residual, and says so; the typed game has some."""
    game = crisis(drawn(0, 2))
    assert lay_out(game).size == 0
    found = solve(game, 1.0)
    assert (found.method, found.residual) == ("closed form", 0.0)
    assert lay_out(typed(drawn(0, 2))).size == 2


def test_nodes_that_lead_on_alike_need_no_belief() -> None:
    """A set of two nodes with the same continuations is solved in closed form, with beliefs by Bayes' rule."""
    end = drawn(3, 2)
    answer = Decision("blue", "answer", (("yield", end()), ("resist", end())))
    first = Decision("red", "first", (("north", answer), ("south", answer), ("wait", end())))
    found = solve(Game("alike", ("red", "blue"), first), 1.5)
    assert found.method == "closed form"
    north, south = found.probabilities["red", 0, "north"], found.probabilities["red", 0, "south"]
    assert found.beliefs["blue", 0] == pytest.approx((north / (north + south), south / (north + south)), abs=1e-15)


@pytest.mark.parametrize("make", [crisis, typed])
def test_a_million_is_one_at_a_time(make: Callable[[Draw], Game]) -> None:
    """Rows of a batch have the bits of the same game solved alone, whatever the threads."""
    game, base = named(make(drawn(1, 2)))
    source = np.random.default_rng(5)
    count = 1400
    values = {name: value + source.normal(size=count) for name, value in base.items()}
    lam = source.uniform(0.2, 4.0, size=count)
    one, two = (solve(game, lam, values, threads=threads) for threads in (1, 2))
    assert one.counts == {"ok": count}
    for place in (0, 511, 512, 1399):
        alone = solve(game, float(lam[place]), {name: float(value[place]) for name, value in values.items()})
        assert alone.method == one.method[place]
        for key, chance in alone.probabilities.items():
            assert chance == one.probabilities[key][place] == two.probabilities[key][place]
        assert alone.values["red"] == one.values["red"][place]
        assert alone.residual == one.residual[place]


@pytest.mark.parametrize("scale", [1e6, 1e-12])
@pytest.mark.parametrize("make", [crisis, typed])
def test_payoffs_scaled_with_precision_inversely_are_the_same_game(make: Callable[[Draw], Game], scale: float) -> None:
    """Only λ times payoffs matters: no overflow at 1e6, no loss at 1e-12."""
    plain = solve(make(drawn(2, 2)), 1.7, method="auto")
    scaled = solve(make(drawn(2, 2, scale)), 1.7 / scale)
    assert scaled.status == "ok"
    assert list(scaled.probabilities.values()) == pytest.approx(list(plain.probabilities.values()), abs=1e-12)


@pytest.mark.parametrize("make", [crisis, typed])
def test_great_and_small_payoffs_at_precision_one(make: Callable[[Draw], Game]) -> None:
    """Payoffs of 1e6 give play without error, payoffs of 1e-12 play at random."""
    great = solve(make(drawn(2, 2, 1e6)), 1.0)
    assert great.status == "ok"
    assert np.isfinite(list(great.probabilities.values())).all()
    small = solve(make(drawn(2, 2, 1e-12)), 1.0)
    assert small.status == "ok"
    for (player, number, _), chance in small.probabilities.items():
        options = [key for key in small.probabilities if key[:2] == (player, number)]
        assert chance == pytest.approx(1 / len(options), abs=1e-11)


def test_payoffs_that_overflow_are_a_status() -> None:
    """Twice 1.7e308 is more than a number holds: the row says so, its neighbour stands."""
    ends = tuple((name, Terminal((name,))) for name in ("low", "high", "higher"))
    game = Game("overflow", ("red",), Decision("red", "only", ends))
    values = {"low": [0.0, -1.7e308], "high": [1.0, 1.7e308], "higher": [2.0, 1.7e308]}
    found = solve(game, 1.0, {name: np.array(value) for name, value in values.items()})
    assert found.status.tolist() == ["ok", "undefined"]
    assert found.counts == {"ok": 1, "undefined": 1}


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_precision_moves_play_towards_the_best_reply(seed: int) -> None:
    """At the last move the better option's chance grows with λ, and ends at 1."""
    game = crisis(drawn(seed, 2))
    ladder = [0.1, 0.5, 2.0, 8.0, 1e4]
    chances = [solve(game, lam).probabilities["red", 1, "fight"] for lam in ladder]
    steps = np.diff(chances)
    assert (steps >= 0).all() or (steps <= 0).all()
    perfect = solve(game, concept="subgame_perfect")
    assert chances[-1] == pytest.approx(perfect.probabilities["red", 1, "fight"], abs=0.2)


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_swapped_labels_mirror_the_result(seed: int) -> None:
    """Names of players carry nothing: with the names exchanged, the chances are exchanged."""
    game = typed(drawn(seed, 2))

    def swapped(node: Node) -> Node:
        if isinstance(node, Terminal):
            return Terminal(node.payoffs)
        if isinstance(node, Chance):
            return Chance(tuple((name, chance, swapped(then)) for name, chance, then in node.branches))
        other = {"red": "blue", "blue": "red"}[node.player]
        return Decision(other, node.information, tuple((name, swapped(then)) for name, then in node.options))

    mirrored = Game(game.title, ("blue", "red"), swapped(game.root))
    ours, theirs = solve(game, 1.2), solve(mirrored, 1.2)
    for (player, number, option), chance in ours.probabilities.items():
        other = {"red": "blue", "blue": "red"}[player]
        assert theirs.probabilities[other, number, option] == chance


def test_an_option_twice_lifts_it_but_not_behind_its_own_node() -> None:
    """The trap of flat menus: an option twice is played more often; behind a binary node of its own it is not."""
    end = Terminal((0.0, 0.0))
    worse = Terminal((-3.5, 1.0))

    def attack(*options: tuple[str, Node]) -> float:
        found = solve(Game("menu", ("red", "blue"), Decision("red", "first", (("wait", end), *options))), 1.1)
        return 1 - found.probabilities["red", 0, "wait"]

    alone = attack(("attack", worse))
    flat = attack(("attack", worse), ("attack and call", worse))
    behind = attack(("attack", Decision("red", "call", (("call", worse), ("quiet", worse)))))
    assert behind == pytest.approx(alone, abs=1e-15)
    assert flat > 1.9 * alone


def test_subgame_perfection() -> None:
    """Deterrence by a threat that is carried out: solved by hand; a tie is not decided silently."""
    fight = Terminal((-1.0, 2.0))
    answer = Decision("blue", "answer", (("yield", Terminal((3.0, 1.0))), ("resist", fight)))
    game = Game(
        "threat", ("red", "blue"), Decision("red", "first", (("wait", Terminal((0.0, 3.0))), ("attack", answer)))
    )
    found = solve(game, concept="subgame_perfect")
    assert found.probabilities["blue", 0, "resist"] == 1.0
    assert found.probabilities["red", 0, "wait"] == 1.0
    assert (found.status, found.values) == ("ok", {"red": 0.0, "blue": 3.0})
    tied = Decision("blue", "answer", (("yield", Terminal((3.0, 2.0))), ("resist", fight)))
    root = Decision("red", "first", (("wait", Terminal((0.0, 3.0))), ("attack", tied)))
    several = solve(Game("tie", ("red", "blue"), root), concept="subgame_perfect")
    assert several.status == "several"
    assert several.probabilities["blue", 0, "yield"] == 0.5


def test_subgame_perfection_needs_players_who_know_where_they_are() -> None:
    """Where beliefs matter it is refused, with what to ask for instead."""
    with pytest.raises(UserError, match=r"concept `sequential`"):
        solve(typed(drawn(0, 2)), concept="subgame_perfect")


def test_sequential_play_is_the_end_of_the_branch() -> None:
    """In the beer and quiche kind of game the traced branch ends in a pooling equilibrium; short of it: unsettled."""
    game = typed(drawn(4, 2))
    far = solve(game, 1e4, concept="sequential")
    assert far.status == "ok"
    assert all(min(chance, 1 - chance) < 1e-6 for chance in far.probabilities.values())
    assert solve(game, 1.0, concept="sequential").status == "unsettled"


@pytest.mark.parametrize(
    ("lam", "words"),
    [
        (0.0, "above 0"),
        (-1.0, "above 0"),
        (float("nan"), "above 0"),
        ({"red": 1.0}, "no λ for blue"),
        ({"red": 1.0, "blue": 1.0, "blu": 2.0}, "did you mean `blue`"),
        (np.ones((2, 2)), "2 dimensions"),
        (np.array([1.0, 0.0]), "above 0"),
        (None, "no λ"),
    ],
)
def test_precisions_that_are_none(lam: Any, words: str) -> None:
    """λ must be a number above 0, for every player and nobody else."""
    with pytest.raises(UserError, match=words):
        solve(crisis(drawn(0, 2)), lam)


def test_arguments_that_are_no_choice() -> None:
    """Unknown concepts and methods are refused with the nearest; the closed form where there is none, with why."""
    game = typed(drawn(0, 2))
    with pytest.raises(UserError, match="sequential"):
        solve(game, 1.0, concept="sequentia")  # pyright: ignore[reportArgumentType]
    with pytest.raises(UserError, match="tracking"):
        solve(game, 1.0, method="trackin")  # pyright: ignore[reportArgumentType]
    with pytest.raises(UserError, match="blue must infer"):
        solve(game, 1.0, method="closed_form")


def test_values_that_do_not_fit() -> None:
    """Missing and misspelt names, arrays of two lengths, chances that do not sum to one."""
    game, values = named(crisis(drawn(0, 2)))
    with pytest.raises(UserError, match="u0"):
        solve(game, 1.0, {name: value for name, value in values.items() if name != "u0"})
    with pytest.raises(UserError, match="lengths"):
        solve(game, 1.0, {**values, "u0": np.zeros(3), "u1": np.zeros(4)})
    with pytest.raises(UserError, match="λ has 3 entries"):
        solve(game, np.ones(3), {**values, "u0": np.zeros(4)})
    typed_game = typed(drawn(0, 2), prior="weak")
    with pytest.raises(UserError, match="0 to 1"):
        solve(typed_game, 1.0, {"weak": np.array([0.3, 1.2])})


def test_a_prior_given_by_name_is_the_prior() -> None:
    """A chance by name gives the bits of the same chance written in the tree."""
    by_name = solve(typed(drawn(6, 2), prior="weak"), 1.3, {"weak": np.array([0.4, 0.7])})
    for place, prior in enumerate((0.4, 0.7)):
        written = solve(typed(drawn(6, 2), prior=prior), 1.3)
        for key, chance in written.probabilities.items():
            assert by_name.probabilities[key][place] == pytest.approx(chance, abs=1e-13)


def test_too_many_unknowns_are_refused_not_waited_for() -> None:
    """Sixty hidden simultaneous choices are more than are solved together: said at once, with what to do."""
    options = tuple(str(place) for place in range(61))
    hidden = tuple(
        (a, Decision("blue", "hidden", tuple((b, Terminal((float(a == b), float(a != b)))) for b in options)))
        for a in options
    )
    with pytest.raises(UserError, match="60 log-odds to be found together; at most 48"):
        solve(Game("large", ("red", "blue"), Decision("red", "first", hidden)), 1.0)
