"""Signorino's three error structures: against simulation of the errors, the published fits, and what is refused."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twofront.faults import UserError
from twofront.games import Chance, Decision, Game, Terminal
from twofront.games.solve import solve

SHARED = Path(__file__).resolve().parents[4] / "shared"
DRAWS = 400_000
SURE = 4.5 * 0.5
"""Standard errors allowed for a simulated chance, times the largest standard deviation of one draw."""


def end(*payoffs: float) -> Terminal:
    """An end."""
    return Terminal(payoffs)


def egame12() -> Game:
    """1 moves, 2 answers."""
    answer = Decision("2", "answer", (("yield", end(0.2, 0.0)), ("fight", end(-0.6, 0.4))))
    return Game("egame12", ("1", "2"), Decision("1", "first", (("stay", end(0.0, 0.0)), ("go", answer))))


def egame122() -> Game:
    """1 moves, 2 answers either move."""
    left = Decision("2", "left", (("l", end(0.5, 0.1)), ("r", end(-0.4, 0.6))))
    right = Decision("2", "right", (("l", end(1.1, -0.3)), ("r", end(-0.7, 0.2))))
    return Game("egame122", ("1", "2"), Decision("1", "first", (("l", left), ("r", right))))


def egame123() -> Game:
    """1, then 2, then 3."""
    third = Decision("3", "third", (("l", end(0.9, -0.5, 0.3)), ("r", end(-1.0, 0.8, 0.5))))
    second = Decision("2", "second", (("l", end(0.4, 0.1, 0.0)), ("r", third)))
    return Game("egame123", ("1", "2", "3"), Decision("1", "first", (("l", end(0.1, 0.0, 0.0)), ("r", second))))


def three() -> Game:
    """Two moves with three options each."""
    answer = Decision("2", "answer", (("a", end(0.2, 0.0)), ("b", end(-0.6, 0.4)), ("c", end(1.0, -0.2))))
    return Game(
        "three", ("1", "2"), Decision("1", "first", (("x", end(0.0, 0.0)), ("y", answer), ("z", end(-0.1, 1.0))))
    )


def simulated(game: Game, lam: float, errors: str, link: str) -> dict[tuple[str, int, str], tuple[float, int]]:
    """Chances of options given that their node is reached, with every error drawn, and from how many draws."""
    source = np.random.default_rng(1)

    def noise() -> np.ndarray:
        return (source.normal(size=DRAWS) if link == "probit" else source.gumbel(size=DRAWS)) / lam

    found: dict[tuple[str, int, str], tuple[float, int]] = {}
    places = {(s.player, s.label): s.number for s in game.information_sets}

    def play(node: Any) -> tuple[np.ndarray, np.ndarray, list[tuple[np.ndarray, Any]]]:
        """Utilities with errors (players, draws) of what follows, its plain values, and choices (below) by node."""
        if isinstance(node, Terminal):
            plain = np.array(node.payoffs, dtype=float)[:, None]
            drawn = plain + np.stack([noise() for _ in game.players])
            return drawn, np.broadcast_to(plain, drawn.shape), []
        mover = game.players.index(node.player)
        below = [play(then) for _, then in node.options]
        if errors == "agent":
            worth = np.stack([each[1][mover] + noise() for each in below])
        else:
            worth = np.stack([each[0][mover] for each in below])
        best = worth.argmax(axis=0)
        shares = np.array([(best == k).mean() for k in range(len(below))])
        columns = np.arange(DRAWS)
        if errors == "regressor":
            drawn = np.stack([each[0] for each in below])[best, :, columns].T
        else:
            # Others see chances, not errors: the mover's own error of an option is the mean of its ends' errors.
            drawn = sum(share * each[0] for share, each in zip(shares, below, strict=True))
        plain = sum(share * each[1] for share, each in zip(shares, below, strict=True))
        choices = [(best, node)]
        for option, each in enumerate(below):
            choices += [
                (np.where(best == option, made, -1) if errors == "regressor" else made, n) for made, n in each[2]
            ]
        return np.asarray(drawn), np.asarray(plain), choices

    for made, node in play(game.root)[2]:
        reached = made >= 0
        for option, (name, _) in enumerate(node.options):
            chance = (made[reached] == option).mean()
            found[node.player, places[node.player, node.information], name] = float(chance), int(reached.sum())
    return found


@pytest.mark.parametrize(
    ("errors", "link"),
    [("agent", "logit"), ("agent", "probit"), ("private", "probit"), ("regressor", "logit"), ("regressor", "probit")],
)
@pytest.mark.parametrize("make", [egame12, egame122, egame123, three])
def test_chances_are_those_of_drawn_errors(make: Any, errors: str, link: str) -> None:
    """Every structure is what its words say, checked by drawing every error 400,000 times."""
    game = make()
    found = solve(game, 1.3, errors=errors, link=link)
    assert found.status == "ok"
    for key, (chance, draws) in simulated(game, 1.3, errors, link).items():
        assert found.probabilities[key] == pytest.approx(chance, abs=SURE / draws**0.5), key


@pytest.mark.parametrize(("errors", "link"), [("agent", "logit"), ("private", "probit"), ("regressor", "probit")])
def test_last_moves_do_not_tell_the_structures_apart(errors: str, link: str) -> None:
    """Somebody who moves last over two ends errs alike in all three; with a first mover they differ."""
    last = solve(egame12(), 0.9, errors=errors, link=link).probabilities["2", 0, "fight"]
    same = solve(egame12(), 0.9, errors="agent", link=link).probabilities["2", 0, "fight"]
    if errors != "regressor":
        assert last == pytest.approx(same, abs=1e-15)
    else:
        assert last != pytest.approx(same, abs=1e-4), "given that it is reached, its errors are selected"


def war1800() -> tuple[np.ndarray, list[list[np.ndarray]]]:
    """Complete cases: outcome (0 status quo, 1 capitulation, 2 war) and the regressors of the three utilities."""
    used = ("esc", "war", "s_wt_re1", "revis1", "regime1", "balanc", "regime2")
    with (SHARED / "data" / "war1800.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if all(row[name] not in ("", "NA") for name in used)]
    levels = sorted({row["regime1"] for row in rows})[1:]
    one = np.ones(len(rows))

    def column(name: str) -> np.ndarray:
        return np.array([float(row[name]) for row in rows])

    def dummies(name: str) -> list[np.ndarray]:
        return [np.array([float(row[name] == level) for row in rows]) for level in levels]

    outcome = np.where(column("esc") == 0, 0, np.where(column("war") == 1, 2, 1))
    regressors = [
        [one, column("s_wt_re1"), column("revis1")],
        [one, *dummies("regime1")],
        [one, column("balanc"), *dummies("regime2")],
    ]
    return outcome, regressors


@pytest.mark.skipif(
    not (SHARED / "targets" / "strategic_probit_war1800.json").exists()
    or not (SHARED / "data" / "war1800.csv").exists(),
    reason="no ../shared/data/war1800.csv or its fitted coefficients: the published fits are not here",
)
@pytest.mark.parametrize(
    ("model", "errors", "link"),
    [
        ("war1800/agent", "agent", "probit"),
        ("war1800/private", "private", "probit"),
        ("war1800/logit", "agent", "logit"),
    ],
)
def test_log_likelihood_of_the_published_fits(model: str, errors: str, link: str) -> None:
    """At the fitted coefficients the log-likelihood of 282 disputes is the published one, to 1e-10."""
    target = json.loads((SHARED / "targets" / "strategic_probit_war1800.json").read_text(encoding="utf-8"))[model]
    outcome, regressors = war1800()
    assert len(outcome) == target["n"]
    coefficients = iter(target["coef"])
    peace, war, fight = (sum(next(coefficients) * column for column in part) for part in regressors)
    answer = Decision("2", "answer", (("yield", Terminal((0.0, 0.0))), ("fight", Terminal(("war", "fight")))))
    first = Decision("1", "first", (("stay", Terminal(("peace", 0.0))), ("go", answer)))
    found = solve(
        Game("egame12", ("1", "2"), first), 1.0, {"peace": peace, "war": war, "fight": fight}, errors=errors, link=link
    ).probabilities
    goes, fights = found["1", 0, "go"], found["2", 0, "fight"]
    chances = np.stack([1 - goes, goes * (1 - fights), goes * fights])
    total = np.log(chances[outcome, np.arange(len(outcome))]).sum()
    assert total == pytest.approx(target["loglik"], abs=1e-10)


def test_what_has_no_exact_form_is_refused_with_the_reason() -> None:
    """Logit with private information; who moves twice; hidden moves; nature after a mover; no such structure."""
    again = Decision("1", "again", (("a", end(0.0, 0.0)), ("b", end(1.0, 0.0))))
    twice = Game(
        "twice",
        ("1", "2"),
        Decision("1", "first", (("x", Decision("2", "between", (("l", again), ("r", end(0, 0))))), ("y", end(0, 0)))),
    )
    hidden = Decision("2", "hidden", (("a", end(0.0, 0.0)), ("b", end(1.0, 0.0))))
    unseen = Game("unseen", ("1", "2"), Decision("1", "first", (("x", hidden), ("y", hidden))))
    lot = Chance((("heads", 0.5, end(1.0, 0.0)), ("tails", 0.5, end(0.0, 0.0))))
    lottery = Game("lottery", ("1", "2"), Decision("1", "first", (("x", lot), ("y", end(0.5, 0.0)))))
    for game, errors, link, words in (
        (egame12(), "private", "logit", "extreme-value"),
        (twice, "private", "probit", "moves again at `again`"),
        (twice, "regressor", "probit", "moves again"),
        (unseen, "agent", "probit", "where they are"),
        (lottery, "regressor", "probit", "nature moves after 1"),
        (egame12(), "privat", "probit", "did you mean `private`"),
        (egame12(), "agent", "probi", "did you mean `probit`"),
    ):
        with pytest.raises(UserError, match=words):
            solve(game, 1.0, errors=errors, link=link)
    assert solve(lottery, 1.0, errors="private", link="probit").status == "ok"
    with pytest.raises(UserError, match="concept `qre`"):
        solve(egame12(), 1.0, errors="private", link="probit", concept="sequential")
