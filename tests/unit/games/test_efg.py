"""Gambit's files: what is read, that a round trip is exact, and that a malformed file says where it is malformed."""

from __future__ import annotations

import contextlib
import importlib
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twofront.faults import UserError
from twofront.games.checks import BadGame
from twofront.games.efg import _adding_to_one, read_efg, write_efg
from twofront.games.game import Chance, Decision, Game, Node, Terminal, walk

POKER = """EFG 2 R "A game of \\"cards\\"" { "Fred" "Alice" }
"One card,
two players"

c "deal" 1 "(0,1)" { "red" 1/2 "black" 0.5 } 0
p "" 1 1 "red card" { "raise" "fold" } 0
p "" 2 1 "" { "meet" "pass" } 0
t "" 1 "big win" { 2, -2 }
t "won" 2 "small win" { 1 -1 }
t "" 2
p "" 1 2 "black card" { "raise" "fold" } 0
p "" 2 1 0
t "" 3 "big loss" { -20e-1, 2 }
t "" 2 "small win" { 1, -1 }
t "" 0
"""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return tmp_path / "game.efg"


def read(text: str, path: Path) -> Game:
    path.write_text(text, encoding="utf-8")
    return read_efg(path)


def test_a_game_is_read(written: Path) -> None:
    game = read(POKER, written)
    assert game.title == 'A game of "cards"'
    assert game.comment == "One card,\ntwo players"
    assert game.players == ("Fred", "Alice")
    root = game.root
    assert isinstance(root, Chance)
    assert root.label == "deal"
    assert [(name, chance) for name, chance, _ in root.branches] == [("red", 0.5), ("black", 0.5)]
    sets = [(each.player, each.number, each.label, each.options, each.nodes) for each in game.information_sets]
    assert sets == [
        ("Fred", 0, "red card", ("raise", "fold"), 1),
        ("Fred", 1, "black card", ("raise", "fold"), 1),
        ("Alice", 0, "1", ("meet", "pass"), 2),
    ]
    ends = [(node.payoffs, node.label) for node in walk(root) if isinstance(node, Terminal)]
    assert ends == [
        ((2.0, -2.0), "big win"),
        ((1.0, -1.0), "small win"),
        ((1.0, -1.0), "small win"),
        ((-2.0, 2.0), "big loss"),
        ((1.0, -1.0), "small win"),
        ((0.0, 0.0), ""),
    ]


def test_payoffs_on_the_way_are_added_to_those_at_the_end(written: Path) -> None:
    text = """EFG 2 D "" { "a" "b" }
p "" 1 1 "" { "x" "y" } 1 "toll" { -0.1 0 }
t "" 2 "" { 0.3 1 }
t "" 0
"""
    game = read(text, written)
    ends = [node.payoffs for node in walk(game.root) if isinstance(node, Terminal)]
    assert ends == [(0.2, 1.0), (-0.1, 0.0)]  # and not 0.19999999999999998: added before rounding


def test_missing_and_repeated_names_are_numbered_as_gambit_does(written: Path) -> None:
    text = 'EFG 2 R "" { "" "" }\np "" 1 1 "" { "" "x" "x" } 0\nt "" 0\nt "" 0\np "" 2 1 "" { "go" } 0\nt "" 0\n'
    game = read(text, written)
    assert game.players == ("_1", "_2")
    assert game.information_sets[0].options == ("_1", "x_1", "x_2")


OUT_OF_ORDER = """EFG 2 R "" { "a" "b" }
p "" 1 1 "" { "l" "r" } 0
p "" 2 7 "late" { "x" "y" } 0
t "" 0
t "" 0
p "" 2 3 "" { "x" "y" } 0
t "" 0
t "" 0
"""


def test_sets_are_numbered_in_the_order_in_which_the_file_comes_to_them(written: Path) -> None:
    game = read(OUT_OF_ORDER, written)
    assert [(each.number, each.label) for each in game.information_sets if each.player == "b"] == [
        (0, "late"),
        (1, "3"),
    ]
    write_efg(game, written)
    assert read_efg(written) == game


def test_sets_that_share_a_name_are_told_apart(written: Path) -> None:
    text = """EFG 2 R "" { "a" }
c "" 1 "" { "l" 1/2 "r" 1/2 } 0
p "" 1 1 "move" { "x" } 0
t "" 0
p "" 1 2 "move" { "x" } 0
t "" 0
"""
    game = read(text, written)
    assert len(game.information_sets) == 2
    write_efg(game, written)
    assert read_efg(written) == game


def test_the_round_trip_is_exact(written: Path) -> None:
    game = read(POKER, written)
    again = written.with_name("again.efg")
    write_efg(game, again)
    assert read_efg(again) == game
    text = again.read_text(encoding="utf-8")
    assert text.count("{ 1, -1 }") == 1, "an outcome is defined once"
    assert '\nt "" 2\n' in text


def test_a_windows_file_with_a_byte_order_mark_is_read(written: Path) -> None:
    written.write_bytes(b"\xef\xbb\xbf" + POKER.replace("\n", "\r\n").encode())
    assert len(read_efg(written).information_sets) == 3


def test_a_deep_tree_is_read_and_written(written: Path) -> None:
    lines = ['EFG 2 R "centipede" { "a" "b" }']
    for step in range(3000):
        lines += [f'p "" {1 + step % 2} {step + 1} "" {{ "take" "pass" }} 0', f't "" {step + 1} "" {{ {step}, 1 }}']
    game = read("\n".join([*lines, 't "" 0']), written)
    assert sum(isinstance(node, Terminal) for node in walk(game.root)) == 3001
    again = written.with_name("again.efg")
    write_efg(game, again)
    assert [type(node) for node in walk(read_efg(again).root)] == [type(node) for node in walk(game.root)]


# ---- any game ----------------------------------------------------------------------------------------------------

LABELS = st.text(alphabet=st.sampled_from("ab \"'{}\n,é1_"), max_size=6)
PAYOFFS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False), st.integers(-5, 5).map(float), st.sampled_from([1e6, 1e-12, -0.0])
)


@st.composite
def games(draw: st.DrawFn) -> Game:
    """A game of perfect information over three players, with chance, of at most four moves in a row."""
    players = ("red", "blue", 'gr"een')
    count = iter(range(1000))

    def node(depth: int) -> Node:
        kind = draw(st.integers(0, 2)) if depth < 4 else 0
        if kind == 0:
            return Terminal(tuple(draw(PAYOFFS) for _ in players), draw(LABELS))
        names = [f"o{place}" for place in range(draw(st.integers(1, 3)))]
        if kind == 1:
            information = f"s{next(count)}"
            options = tuple((name, node(depth + 1)) for name in names)
            return Decision(draw(st.sampled_from(players)), information, options)
        weights = [Fraction(draw(st.floats(1e-6, 1.0))) for _ in names]
        chances = [float(weight / sum(weights)) for weight in weights]
        return Chance(
            tuple((name, chance, node(depth + 1)) for name, chance in zip(names, chances, strict=True)), draw(LABELS)
        )

    return Game(draw(LABELS), players, node(0), draw(LABELS))


@given(game=games())
@settings(max_examples=60)
def test_any_game_survives_the_round_trip(game: Game, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.efg"
    write_efg(game, path)
    again = read_efg(path)
    assert again == game


@given(weights=st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=9))
def test_written_chances_add_up_to_exactly_one_and_read_back_as_they_were(weights: list[float]) -> None:
    exact = [Fraction(weight) for weight in weights]
    chances = [float(weight / sum(exact)) for weight in exact]
    texts = _adding_to_one(chances)
    assert sum(map(Fraction, texts)) == 1
    assert [float(Fraction(text)) for text in texts] == chances


def test_chances_that_miss_one_by_more_than_their_rounding_are_moved_by_the_rest() -> None:
    texts = _adding_to_one([0.5, 0.25, 0.25 - 1e-12])
    assert sum(map(Fraction, texts)) == 1
    assert [float(Fraction(text)) for text in texts] == [0.5 + 1e-12, 0.25, 0.25 - 1e-12]


def test_simple_chances_are_written_simply() -> None:
    assert _adding_to_one([1 / 3, 1 / 3, 1 / 3]) == ["1/3", "1/3", "1/3"]
    assert _adding_to_one([0.7, 0.3]) == ["0.7", "0.3"]


# ---- what cannot be written --------------------------------------------------------------------------------------


def test_names_are_written_with_the_numbers_they_are_given(written: Path) -> None:
    game = Game("g", ("a",), Chance((("h", "q", Terminal(("x / 2",))), ("t", "1 - q", Terminal((0.0,))))))
    write_efg(game, written, {"q": 0.25, "x": 3.0})
    again = read_efg(written).root
    assert isinstance(again, Chance)
    assert [chance for _, chance, _ in again.branches] == [0.25, 0.75]
    assert again.branches[0][2] == Terminal((1.5,))
    with pytest.raises(UserError, match="the name `q` has no number"):
        write_efg(game, written, {"x": 3.0})
    with pytest.raises(UserError, match="a file holds one game"):
        write_efg(game, written, {"q": 0.25, "x": np.array([1.0, 2.0])})  # pyright: ignore[reportArgumentType]


def test_a_backslash_before_a_quotation_mark_is_refused(written: Path) -> None:
    with pytest.raises(UserError, match="cannot be written"):
        write_efg(Game("ends in \\", ("a",), Terminal((0.0,))), written)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_efg(tmp_path)
    with pytest.raises(UserError, match="cannot be written"):
        write_efg(Game("g", ("a",), Terminal((0.0,))), tmp_path)


# ---- malformed files ---------------------------------------------------------------------------------------------

HEAD = 'EFG 2 R "g" { "a" "b" }\n'
MALFORMED = {
    "empty": ("", "1:1", "the file is empty; allowed: `EFG 2 R`"),
    "another format": ("NFG 1 R", "1:1", "the file begins with `NFG`; allowed: `EFG 2 R`"),
    "version": ("EFG 1 R", "1:5", "this is version 1 of the format; allowed: 2"),
    "kind": ('EFG 2 Q "g"', "1:7", "the numbers are of kind `Q`; allowed: `R` or `D`"),
    "no title": ('EFG 2 R { "a" }', "1:9", "found `{` where the game's title is expected; allowed: text in quotes"),
    "open text": ('EFG 2 R "g', "1:9", "a quotation mark opens text that is never closed"),
    "no players": ('EFG 2 R "g" { }', "1:13", "the list of players is empty"),
    "players": (
        'EFG 2 R "g" { "a" b }',
        "1:19",
        "found `b` where a player's name or the end of their list is expected",
    ),
    "no tree": (HEAD, "2:1", "the file ends before the tree does; allowed: `c`, `p` or `t`"),
    "node": (HEAD + 'q "" 0', "2:1", "found `q` where a node is expected; allowed: `c`, `p` or `t`"),
    "node name": (HEAD + "t 0", "2:3", "found `0` where the node's name is expected"),
    "who moves": (HEAD + 'p "" 3 1 "" { "x" } 0', "2:6", "player 3 moves; allowed: 1 to 2"),
    "player": (HEAD + 'p "" -1 1', "2:6", "found `-1` where the number of the player who moves is expected"),
    "set": (HEAD + 'p "" 1 1 0', "2:8", "the information set 1 of a is not defined before it is used"),
    "chance set": (HEAD + 'c "" 4 0', "2:6", "the information set 4 of chance is not defined before it is used"),
    "no branches": (HEAD + 'p "" 1 1 "" { } 0', "2:15", "found `}` where a branch's name is expected"),
    "branch": (HEAD + 'p "" 1 1 "" { x } 0', "2:15", "found `x` where a branch's name is expected"),
    "chance": (HEAD + 'c "" 1 "" { "x" "y" 1 } 0', "2:17", 'found `"y"` where the chance of `x` is expected'),
    "no number": (HEAD + 'c "" 1 "" { "x" 1..2 } 0', "2:17", "found `1..2` where the chance of `x` is expected"),
    "by zero": (HEAD + 'c "" 1 "" { "x" 1/0 } 0', "2:17", "the chance of `x` is `1/0`, which divides by zero"),
    "great": (HEAD + 't "" 1 "" { 1e999, 0 }', "2:13", "the payoff of a is `1e999`"),
    "too great": (
        HEAD + 't "" 1 "" { 1, 1e309 }',
        "2:16",
        "the payoff of b is `1e309`; allowed: numbers below 1.8e308",
    ),
    "sum": (
        HEAD + 'c "" 1 "" { "x" 1/2 "y" 1/3 } 0\nt "" 0\nt "" 0',
        "2:1",
        "the chances at the move of chance at the start add up to 0.833333333333 (0.5 + 0.333333); allowed: 1",
    ),
    "outcome": (HEAD + 't "" x', "2:6", "found `x` where the outcome of the node `` (0 for none) is expected"),
    "later": (HEAD + 't "" 2', "2:6", "the outcome 2 is not defined before it is used"),
    "none": (HEAD + 't "" 0 "" { 1, 2 }', "2:6", "outcome 0 stands for none and has payoffs"),
    "few": (
        HEAD + 't "" 1 "" { 1 }',
        "2:15",
        "the outcome 1 has 1 payoffs for 2 players; allowed: one for each of a, b",
    ),
    "many": (HEAD + 't "" 1 "" { 1, 2, 3 }', "2:21", "the outcome 1 has 3 payoffs for 2 players"),
    "payoff": (HEAD + 't "" 1 "" { 1, much }', "2:16", "found `much` where a payoff or the end of their list"),
    "again": (
        HEAD + 'p "" 1 1 "" { "x" "y" } 0\nt "" 1 "" { 1, 2 }\nt "" 1 "" { 1, 3 }',
        "4:6",
        "the outcome 1 is defined a second time, and differently",
    ),
    "set again": (
        HEAD + 'c "" 1 "" { "x" 1/2 "y" 1/2 } 0\np "" 1 1 "" { "l" "r" } 0\nt "" 0\nt "" 0\np "" 1 1 "" { "l" "q" } 0',
        "6:8",
        "the information set 1 of a is defined a second time with other branches; allowed: `` with l, r",
    ),
    "cut short": (HEAD + 'p "" 1 1 "" { "x" "y" } 0\nt "" 0\n', "4:1", "the file ends before the tree does"),
    "too long": (HEAD + 't "" 0\nt "" 0', "3:1", "found `t` after the last end of the tree"),
    "forgets": (
        HEAD + 'p "" 1 1 "" { "x" "y" } 0\np "" 1 2 "" { "l" } 0\nt "" 0\np "" 1 2 0\nt "" 0',
        "5:1",
        "the information set `2` of a holds nodes that a can tell apart",
    ),
}


@pytest.mark.parametrize(("text", "place", "says"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_file_says_what_is_wrong_and_where(text: str, place: str, says: str, written: Path) -> None:
    with pytest.raises(UserError) as raised:
        read(text, written)
    assert isinstance(raised.value, BadGame)
    message = str(raised.value)
    assert message.startswith(f"{written}:{place}: ")
    assert says in message


@given(cut=st.integers(0, len(POKER) - 12), put=st.sampled_from(["", '"', "{", "}", "9/0", "1e400", "\x00", "p", "é"]))
@settings(max_examples=150)
def test_no_damage_ends_in_anything_but_a_user_error(
    cut: int, put: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.efg"
    for text in (POKER[:cut] + put, POKER[:cut] + put + POKER[cut + 1 :]):
        path.write_text(text, encoding="utf-8")
        with contextlib.suppress(UserError):  # anything else fails
            assert read_efg(path).players


# ---- against the reference ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(3))
def test_reference_games_are_read_with_the_published_numbering(
    number: int, shared_targets: Path, written: Path
) -> None:
    path = shared_targets / "targets" / f"two_theatre_typed_{number}.efg"
    game = read_efg(path)
    expected = json.loads((shared_targets / "targets" / "gambit_agent_qre.json").read_text(encoding="utf-8"))
    for entry in (entry for entry in expected if entry["efg"] == path.name):
        labels = [[each.player, each.number, option] for each in game.information_sets for option in each.options]
        assert labels == entry["labels"]
    write_efg(game, written)
    assert read_efg(written) == game


def gambit() -> Any:
    """Gambit's own reader, where it is installed."""
    try:
        return importlib.import_module("pygambit")
    except ImportError:
        pytest.skip("Gambit is not installed, so files are not compared with its reader: pip install 'twofront[peers]'")


def as_gambit_has_it(node: Any, players: list[Any]) -> Any:
    """A tree as plain values, as Gambit holds it."""
    if node.is_terminal:
        try:
            return tuple(float(node.outcome[player]) for player in players)
        except KeyError:  # no outcome is attached
            return tuple(0.0 for _ in players)
    branches = list(zip(node.infoset.actions, node.children, strict=True))
    if node.player.is_chance:
        return "chance", [(a.label, float(a.prob), as_gambit_has_it(then, players)) for a, then in branches]
    who = (node.player.label, node.infoset.number)
    return who, [(action.label, as_gambit_has_it(then, players)) for action, then in branches]


def as_we_have_it(node: Node, numbers: dict[tuple[str, str], int]) -> Any:
    if isinstance(node, Terminal):
        return tuple(node.payoffs)
    if isinstance(node, Chance):
        return "chance", [(name, chance, as_we_have_it(then, numbers)) for name, chance, then in node.branches]
    who = (node.player, numbers[node.player, node.information])
    return who, [(name, as_we_have_it(then, numbers)) for name, then in node.options]


@pytest.mark.parametrize("text", [POKER, OUT_OF_ORDER], ids=["poker", "out of order"])
def test_gambit_reads_the_same_game_from_what_we_write(text: str, written: Path) -> None:
    pygambit = gambit()
    game = read(text, written)
    numbers = {(each.player, each.label): each.number for each in game.information_sets}
    ours = as_we_have_it(game.root, numbers)
    for _ in range(2):
        theirs = pygambit.read_efg(str(written))
        assert theirs.title == game.title
        assert [player.label for player in theirs.players] == list(game.players)
        assert as_gambit_has_it(theirs.root, list(theirs.players)) == ours
        write_efg(game, written)


def test_gambit_reads_chances_that_only_nearly_add_up(written: Path) -> None:
    pygambit = gambit()
    weights = [0.1, 0.7, 0.13, 0.99, 0.41, 1 / 3, 0.77]
    chances = [weight / sum(weights) for weight in weights]
    branches = tuple((f"b{place}", chance, Terminal((0.0,))) for place, chance in enumerate(chances))
    write_efg(Game("g", ("a",), Chance(branches)), written)
    found = [float(action.prob) for action in pygambit.read_efg(str(written)).root.infoset.actions]
    assert found == pytest.approx(chances, rel=0, abs=2.3e-16)


@pytest.mark.parametrize("number", range(3))
def test_gambit_reads_the_reference_games_as_we_do(number: int, shared_targets: Path) -> None:
    pygambit = gambit()
    path = shared_targets / "targets" / f"two_theatre_typed_{number}.efg"
    game = read_efg(path)
    numbers = {(each.player, each.label): each.number for each in game.information_sets}
    theirs = pygambit.read_efg(str(path))
    assert as_gambit_has_it(theirs.root, list(theirs.players)) == as_we_have_it(game.root, numbers)
