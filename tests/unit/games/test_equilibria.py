"""Several equilibria: all roots of one equation, starts and branches otherwise, and what they mean for an outcome."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from twofront.faults import UserError
from twofront.games import Chance, Decision, Game, Terminal
from twofront.games.crisis_signalling import CrisisSignalling, crisis_equilibria
from twofront.games.equilibria import Equilibria, equilibria
from twofront.games.layout import lay_out
from twofront.games.solve import solve

LEWIS_SCHULTZ = (0.251104615976, 0.594722829455, 0.813321720327)


def test_the_three_equilibria_of_lewis_and_schultz() -> None:
    """GAMES: exactly three, to 1e-10 (the published digits are twelve)."""
    found = crisis_equilibria(CrisisSignalling(1.0, 1.0, 0.0, 0.0, -1.9, -1.2, -2.9))
    assert [play.resist for play in found] == pytest.approx(LEWIS_SCHULTZ, abs=1e-10)
    assert all(play.residual < 1e-12 for play in found)


@pytest.mark.parametrize("place", range(3))
def test_the_crisis_against_integration_over_the_errors(place: int) -> None:
    """Each equilibrium replies to itself when A's and B's types are integrated over by SciPy."""
    play = crisis_equilibria(CrisisSignalling(1.0, 1.0, 0.0, 0.0, -1.9, -1.2, -2.9))[place]
    least = -(1 - play.resist) / play.resist
    fights, _ = integrate.quad(
        lambda war: stats.norm.pdf(war + 1.9) * stats.norm.cdf(war + 1.2), least, math.inf, epsabs=1e-13
    )
    challenges = 1 - stats.norm.cdf(least + 1.9) * stats.norm.cdf(least + 1.2)
    assert play.challenge == pytest.approx(challenges, abs=1e-12)
    assert play.fight == pytest.approx(fights / challenges, abs=1e-10)
    assert play.resist == pytest.approx(1 - stats.norm.cdf(-(1 - play.fight) / play.fight + 2.9), abs=1e-10)


def test_crises_in_arrays() -> None:
    """Many games at once are the same games one at a time; games with fewer equilibria show NaN."""
    wars = np.linspace(-3.5, -1.0, 300)
    found = crisis_equilibria(CrisisSignalling(1.0, 1.0, 0.0, 0.0, -1.9, -1.2, wars))
    counts = np.sum([~np.isnan(play.resist) for play in found], axis=0)
    assert set(counts.tolist()) == {1, 3}
    for row in (0, 72, 299):
        alone = crisis_equilibria(CrisisSignalling(1.0, 1.0, 0.0, 0.0, -1.9, -1.2, float(wars[row])))
        assert [play.resist for play in alone] == [play.resist[row] for play in found[: len(alone)]]
        assert counts[row] == len(alone)


def entry(worth: float) -> Game:
    """Two types may challenge or stay out; who is challenged resists or yields: one belief carries everything."""

    def challenged(weak: bool) -> Decision:
        fight = Terminal((-2.0, 1.0)) if weak else Terminal((0.5, -2.0))
        return Decision("defender", "challenged", (("yield", Terminal((worth, 0.0))), ("resist", fight)))

    def type_of(weak: bool) -> Decision:
        name = "weak" if weak else "strong"
        out = Terminal((0.0, 2.0) if weak else (0.45, 2.0))
        return Decision("challenger", name, (("out", out), ("challenge", challenged(weak))))

    return Game(
        "entry", ("challenger", "defender"), Chance((("weak", 0.5, type_of(True)), ("strong", 0.5, type_of(False))))
    )


def test_a_signal_through_one_belief_has_every_root_bracketed() -> None:
    """The system shrinks to the defender's one unknown; roots are those of a fine scan in plain NumPy."""
    game = entry(1.0)
    assert lay_out(game).size == 1
    for lam in (1.0, 5.0, 30.0):
        found = equilibria(game, lam)
        assert found.complete
        resist = np.sort(found.of(("defender", 0, "resist"))[: found.count[0], 0])
        assert resist == pytest.approx(scanned(lam), abs=1e-9)
        assert found.residual[0] <= 1e-9


def scanned(lam: float) -> list[float]:
    """Equilibrium chances of resistance in `entry(1.0)` from sign changes on a fine grid of log-odds."""

    def error(odds: np.ndarray) -> np.ndarray:
        resist = 1 / (1 + np.exp(-odds))
        weak = 1 / (1 + np.exp(-lam * (resist * -2.0 + (1 - resist) * 1.0)))
        strong = 1 / (1 + np.exp(-lam * (resist * 0.5 + (1 - resist) * 1.0 - 0.45)))
        belief = weak / (weak + strong)
        return odds - lam * (belief * 1.0 + (1 - belief) * -2.0)

    grid = np.linspace(-2.5 * lam, 2.5 * lam, 2_000_001)
    values = error(grid)
    places = np.flatnonzero(np.sign(values[1:]) != np.sign(values[:-1]))
    odds = grid[places] - values[places] * (grid[places + 1] - grid[places]) / (values[places + 1] - values[places])
    return (1 / (1 + np.exp(-odds))).tolist()


def coordination() -> Game:
    """Both move without seeing the other: three equilibria once players are precise enough."""
    second = tuple(
        Decision(
            "column",
            "unseen",
            tuple(
                (b, Terminal((2.0, 2.0) if a == b == "north" else (1.0, 1.0) if a == b else (0.0, 0.0)))
                for b in ("north", "south")
            ),
        )
        for a in ("north", "south")
    )
    return Game("coordination", ("row", "column"), Decision("row", "row", (("north", second[0]), ("south", second[1]))))


def test_three_equilibria_of_a_game_of_coordination() -> None:
    """The principal branch leads to the payoff-dominant one; least and most span the others."""
    found = coordination().equilibria(5.0)
    assert found.count[0] == 3
    assert found.principal[0]
    assert found.share_of_several == 1.0
    chosen = solve(coordination(), 5.0, method="tracking")
    key = ("row", 0, "north")
    assert found.of(key)[0, 0] == pytest.approx(chosen.probabilities[key], abs=1e-12)
    assert found.least(key)[0] < 0.05 < 0.95 < found.most(key)[0]
    assert found.least("row")[0] == pytest.approx(np.nanmin(found.of("row")[:, 0]))
    both = found.most(lambda chances: chances[key] * chances["column", 0, "north"])
    assert both[0] == pytest.approx(np.nanmax(found.of(key)[:, 0] ** 2), abs=1e-9)
    assert equilibria(coordination(), 0.5).count[0] == 1


def typed(count: int) -> Equilibria:
    """Equilibria of drawn signalling games with two answers' sets: no single equation."""
    source = np.random.default_rng(3)
    values: dict[str, np.ndarray] = {}

    def end() -> Terminal:
        names = (f"red{len(values)}", f"blue{len(values)}")
        values.update({name: source.normal(size=count) for name in names})
        return Terminal(names)

    def answer(signal: str) -> Decision:
        return Decision("blue", signal, (("yield", end()), ("resist", end())))

    def sender(kind: str) -> Decision:
        return Decision("red", kind, (("quiet", answer("quiet")), ("loud", answer("loud"))))

    root = Chance((("weak", 0.4, sender("weak")), ("strong", 0.6, sender("strong"))))
    return equilibria(Game("signal", ("red", "blue"), root), 12.0, values)


def test_counts_are_odd_and_every_solution_is_its_own_reply() -> None:
    """All but exceptional games have an odd number of equilibria: an even count would mean one was missed."""
    found = typed(300)
    assert not found.complete
    assert (found.count >= 1).all()
    assert (found.count > 1).sum() >= 20
    assert (found.count % 2 == 1).mean() >= 0.98
    assert found.residual.max() <= 1e-9
    assert 0.05 < found.share_of_several < 0.4


def test_without_beliefs_there_is_one() -> None:
    """Backward induction leaves nothing to choose."""
    game = Game("one", ("red",), Decision("red", "a", (("no", Terminal((0.0,))), ("yes", Terminal((1.0,))))))
    found = equilibria(game, np.array([1.0, 2.0]))
    assert found.count.tolist() == [1, 1]
    assert found.most(("red", 0, "yes")) == pytest.approx(1 / (1 + np.exp([-1.0, -2.0])), abs=1e-15)
    with pytest.raises(UserError, match="no outcome"):
        found.of(("red", 0, "ye"))
