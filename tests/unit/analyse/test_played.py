"""A case's game over futures: numbers by hand for one of them, statuses, the median future, labels in other roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from twofront.analyse.played import NO_NUMBER, OUT_OF_RANGE, PlayedGame, play_game, played
from twofront.case import Case, load_case
from twofront.case.game import CaseGame, GameValue
from twofront.faults import UserError
from twofront.games.expression import parse
from twofront.games.form import form

Floats = npt.NDArray[np.float64]


class Futures:
    """Draws and outcomes by name, made up at random between 0 and 1, or as given."""

    def __init__(self, n: int, given: dict[str, Floats] | None = None) -> None:
        self.n = n
        self.given = given or {}

    def number(self, name: str) -> Floats:
        seed = sum(n * ord(letter) for n, letter in enumerate(name, 1))
        return self.given.get(name, np.random.default_rng(seed).uniform(0.1, 0.9, self.n))

    def has(self, name: str) -> bool:
        return "nowhere" not in name

    def of(self, policy: str, name: str) -> Floats:
        assert policy == "present_course"
        return self.number(name)

    def parameters(self, names: Sequence[str]) -> Floats:
        return np.stack([self.number(name) for name in names])


@pytest.fixture(scope="module")
def case() -> Case:
    return load_case("two-straits")


def play(case: Case, name: str, futures: Futures) -> PlayedGame:
    return played(case, case.game(name), futures, "present_course")


def read_in(case: Case, futures: Futures, name: str) -> Floats:
    """What the game reads: a parameter without a range is what the case says, whatever a source holds."""
    fixed = {item.name: item.mode for item in case.parameters if not item.uncertain}
    return np.full(futures.n, fixed[name]) if name in fixed else futures.number(name)


def logit(first: float, second: float, precision: float) -> float:
    """Chance of the second of two."""
    return 1 / (1 + np.exp(precision * (first - second)))


def test_one_theatre_by_hand(case: Case) -> None:
    """Backward induction written out from the case's parameters, for every one of a few futures."""
    futures = Futures(5)
    found = play(case, "north_strait_alone", futures)
    for n in range(5):
        at = {name: float(read_in(case, futures, name)[n]) for name in case.game("north_strait_alone").reads}
        won = {who: at[f"objective_chance.north_strait.invade.{who}"] for who in ("alone", "auria")}
        prize = at["act_prize.invade"] + at["loss_cost"] * at["act_force.invade"]
        cost = at["act_cost.invade"] + (at["war_cost"] + at["loss_cost"]) * at["act_force.invade"]
        nuclear = at["escalation_chance"] * at["escalation_loss"]
        unopposed = prize * won["alone"] - cost
        opposed = prize * won["auria"] - cost - at["act_force.invade"] * nuclear
        yields = -at["responder_stake"] * won["alone"] - at["honour"]
        fights = -at["responder_stake"] * won["auria"] - at["responder_cost"] - nuclear
        resists = [logit(yields, fights + sign * at["resolve_spread.auria"], at["precision"]) for sign in (-1, 1)]
        chance = sum(resists) / 2
        attacks = logit(at["status_quo"], chance * opposed + (1 - chance) * unopposed, at["precision"])
        assert found.main[n] == pytest.approx(attacks, rel=1e-10)
        answer = next(each for each in found.moves if each.move == "answer")
        assert answer.chances["resist"][n] == pytest.approx(chance, rel=1e-10)
        assert answer.reached[n] == pytest.approx(attacks, rel=1e-10)
        assert answer.after["resist"][n] == pytest.approx(chance, rel=1e-10)
    assert found.counts == {"ok": 5}
    assert found.several.share == 0
    assert found.several.complete


def test_an_act_of_war_is_worth_what_the_main_model_says(case: Case) -> None:
    """The form's prize * won - cost is the law of choice with what goes on of the status quo."""
    from twofront.choose import laws

    futures = Futures(3)
    found = play(case, "both_straits", futures)

    def v(name: str) -> list[float]:
        return read_in(case, futures, name).tolist()

    won, prize, force, base = 0.37, v("act_prize.seize")[0], v("act_force.seize")[0], v("status_quo")[0]
    named = {name: float(each[0]) for name, each in found.values.items()}
    worth = named["prize.morwen.seize"] * won - named["cost.morwen.seize"]
    gain = laws.attack_value(
        prize, won, v("act_cost.seize")[0], v("war_cost")[0], force, v("loss_cost")[0], 1 - won, 0.0
    )
    assert worth == pytest.approx(laws.force_value(gain, 0.0, force, prize, base), rel=1e-12)
    blockade = named["prize.corvana.blockade"] * won - named["cost.corvana.blockade"]
    prize = v("act_prize.blockade")[0]
    assert blockade == pytest.approx(
        laws.force_value(prize * won - v("act_cost.blockade")[0], 0.0, 1.0, prize * won, base), rel=1e-12
    )


def test_chances_add_up_and_given_an_invasion(case: Case) -> None:
    found = play(case, "both_straits", Futures(20))
    for each in found.moves:
        assert np.allclose(sum(each.chances.values()), 1, atol=1e-12)
        if each.after:
            assert np.allclose(sum(each.after.values()), 1, atol=1e-12)
    answer = next(each for each in found.moves if each.move == "answer")
    for option, whole in answer.chances.items():
        parts = found.main * answer.after[option] + (1 - found.main) * answer.otherwise[option]
        assert np.allclose(parts, whole, atol=1e-12)
    assert found.several.searched == 20
    assert found.several.least <= found.main.mean() + 1e-9 <= found.several.most + 2e-9


def test_the_median_future_is_the_one_drawn(case: Case) -> None:
    found = play(case, "both_straits", Futures(21))
    median = found.median
    assert median.chance == np.sort(found.main)[10]
    assert median.chance == pytest.approx(median.solution.probabilities["corvana", 0, "invade"], rel=1e-9)
    assert "invade" in median.picture().text


def test_futures_that_make_no_game_are_counted(case: Case) -> None:
    name = "objective_chance.north_strait.invade.alone"
    futures = Futures(6, {"call_received": np.array([0.5, 1.5, 0.5, 0.5, -0.1, 0.5])})
    futures.given[name] = np.array([0.5, 0.5, np.nan, 0.5, 0.5, 0.5])
    futures.given["precision"] = np.array([2.0, 2.0, 2.0, 0.0, 2.0, 2.0])
    found = play(case, "both_straits", futures)
    assert found.counts == {"ok": 2, NO_NUMBER: 1, OUT_OF_RANGE: 3}
    assert found.futures.tolist() == [0, 5]
    assert found.n == 2
    assert any("`received` leaves 0 to 1 in 2 futures" in text for text in found.troubles)
    futures.given["precision"] = np.zeros(6)
    with pytest.raises(UserError, match=r"cannot be played in any of 6 futures: .*`precision of corvana`"):
        play(case, "both_straits", futures)


def test_an_outcome_that_no_future_has_is_told(case: Case) -> None:
    game = case.game("north_strait_alone")
    values = {**game.values, "status_quo.corvana": GameValue(parse("objective_chance.nowhere"))}
    with pytest.raises(UserError, match=r"case.yaml:\d+:\d+: .*reads objective_chance.nowhere, which no future"):
        played(case, replace(game, values=values), Futures(2), "present_course")


def test_exchanged_players_do_what_the_others_did(case: Case) -> None:
    """With players' names and the names of their numbers exchanged, everybody does what the other did, to the bit."""

    def swapped(name: str) -> str:
        return ".".join({"one": "two", "two": "one"}.get(part, part) for part in name.split("."))

    def game(first: str, second: str) -> CaseGame:
        cast = {"first": first, "second": second, "third": "three", "outside": "four"}
        numbers = np.random.default_rng(5)
        values: dict[str, GameValue] = {}
        plain = replace(case.games[0], form=form("three_theatres"), cast={**cast, "first": "one", "second": "two"})
        for name in plain.game.parameters:
            value = GameValue(parse(repr(float(numbers.uniform(0.1, 0.9)))))
            values[name if first == "one" else swapped(name)] = value
        precision = {player: GameValue(parse("3.0")) for player in cast.values()}
        return CaseGame("g", "a game", form("three_theatres"), "", cast, "act_one", ("attack",), "", precision, values)

    one, two = (played(case, game(*pair), Futures(1), "present_course") for pair in (("one", "two"), ("two", "one")))
    assert one.main == two.main
    for before, after in zip(one.moves, two.moves, strict=True):
        assert (swapped(before.player), before.move) == (after.player, after.move)
        assert {option: chance.tolist() for option, chance in before.chances.items()} == {
            option: chance.tolist() for option, chance in after.chances.items()
        }


def test_wrong_names_are_told(case: Case) -> None:
    with pytest.raises(UserError, match="did you mean `both_straits`"):
        play_game(case, "both_strait")
    with pytest.raises(UserError, match=r"no policy `buildup`.*did you mean `build_up`"):
        play_game(case, "both_straits", policy="buildup")
    with pytest.raises(UserError, match="0 futures are too few"):
        play_game(case, "both_straits", futures=0)
    with pytest.raises(UserError, match="declares no game"):
        play_game(replace(case, games=()))


def test_the_model_s_own_futures(case: Case) -> None:
    """The same draws and outcomes as any ensemble of the case: a policy moves the play, the seed repeats it."""
    plain = play_game(case, "north_strait_alone", futures=24, seed=3)
    again = play_game(case, "north_strait_alone", futures=24, seed=3)
    built_up = play_game(case, "north_strait_alone", futures=24, seed=3, policy="build_up")
    assert plain.main.tolist() == again.main.tolist()
    assert (built_up.main != plain.main).any()
    assert sum(plain.counts.values()) == 24
