"""The principal branch: followed through folds, the same in any company, and never a wait."""

from __future__ import annotations

import numpy as np
import pytest

from twofront.games import Chance, Decision, Game, Node, Terminal
from twofront.games.layout import lay_out
from twofront.games.solve import prepare, solve
from twofront.games.tracking import along_branch

COUNT = 1200


def signal() -> tuple[Game, dict[str, np.ndarray]]:
    """A signalling game of two types, and payoffs for many such games, all normal."""
    source = np.random.default_rng(3)
    values: dict[str, np.ndarray] = {}

    def end() -> Terminal:
        names = (f"red{len(values)}", f"blue{len(values)}")
        values.update({name: source.normal(size=COUNT) for name in names})
        return Terminal(names)

    def answer(signal: str) -> Node:
        return Decision("blue", signal, (("yield", end()), ("resist", end()), ("ask", end())))

    def sender(kind: str) -> Node:
        return Decision("red", kind, (("quiet", answer("quiet")), ("loud", answer("loud"))))

    root = Chance((("weak", 0.4, sender("weak")), ("strong", 0.6, sender("strong"))))
    return Game("signal", ("red", "blue"), root), values


def followed(lam: float, rows: slice = slice(None)) -> tuple[Game, dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """The branch's chance of the weak type's loud signal, and the folds met, by game."""
    game, values = signal()
    values = {name: value[rows] for name, value in values.items()}
    found = solve(game, lam, values, method="tracking")
    assert found.counts == {"ok": len(found.residual)}
    assert found.residual.max() <= 1e-9
    return game, values, found.probabilities["red", 0, "loud"], found.folds


def test_every_game_is_solved_also_through_folds() -> None:
    """At λ = 20 plain replies lose many games; the branch loses none, and it does turn back in some."""
    game, values = signal()
    plain = solve(game, 20.0, values, method="fixed_point")
    assert plain.counts["unsolved"] > COUNT / 10
    _, _, _, folds = followed(20.0)
    assert (folds > 0).sum() >= 5
    assert (folds % 2 == 0).all(), "a branch that comes up to λ has turned as often down as up"


def test_small_steps_in_precision_lead_to_the_same_place() -> None:
    """Where the branch does not turn, following it λ by λ in plain NumPy ends at the same chances."""
    game, values, chances, folds = followed(6.0, slice(0, 40))
    layout = lay_out(game)
    batch = prepare(game, 6.0, values)
    block = batch.block(0, 40)
    odds = np.zeros((layout.size, 40))
    for share in np.linspace(0.0, 1.0, 1201)[1:]:
        block.precisions[:] = 6.0 * share
        for _ in range(2):
            block.odds[:] = odds
            slopes = np.empty((layout.size, layout.size, 40))
            errors = block.run(block.equations.errors).copy()
            for place in range(layout.size):
                block.odds[:] = odds
                block.odds[place] += 1e-6
                slopes[:, place] = (block.run(block.equations.errors) - errors) / 1e-6
            odds = odds - np.linalg.solve(slopes.transpose(2, 0, 1), errors.T[:, :, None])[:, :, 0].T
    block.odds[:] = odds
    straight = folds == 0
    assert straight.sum() > 30
    weak = [seen.information.player for seen in layout.sets].index("red")
    start = sum(seen.options for seen in layout.sets[:weak])
    stepped = block.run(block.equations.report)[start + 1]
    assert stepped[straight] == pytest.approx(chances[straight], abs=1e-6)


def test_derivatives_are_the_slopes_of_the_equations() -> None:
    """Where the corrections stand still, the tangent of the branch is its slope by differences in λ."""
    game, values = signal()
    lam = np.array([2.0, 2.0 + 1e-4])
    rows = {name: np.repeat(value[:1], 2) for name, value in values.items()}
    batch = prepare(game, lam, rows)
    block = batch.block(0, 2)
    tracked = along_branch(block)
    block = batch.block(0, 2)
    block.precisions[:] /= lam
    block.point[:-1] = tracked.odds
    block.point[-1] = lam
    block.level()
    point, tangent, _, _ = block.correct()
    slope = (point[:-1, 1] - point[:-1, 0]) / 1e-4
    assert tangent[:-1, 0] / tangent[-1, 0] == pytest.approx(slope, rel=1e-3, abs=1e-4)


def test_company_changes_nothing() -> None:
    """A game's chances have the same bits alone, among others, and in another order."""
    _, _, chances, _ = followed(8.0)
    _, _, turned, _ = followed(8.0, slice(None, None, -1))
    assert (chances == turned[::-1]).all()
    _, _, few, _ = followed(8.0, slice(700, 703))
    assert (chances[700:703] == few).all()


def test_a_sharp_turn_does_not_stop_the_branch() -> None:
    """In this game a point taken before Newton's method had hold of the branch once stopped every step after it."""
    game, values = signal()
    source = np.random.default_rng(3)
    drawn = [float(source.normal(size=4000)[3364]) for _ in values]
    found = solve(game, 20.0, dict(zip(values, drawn, strict=True)), method="tracking")
    assert found.status == "ok"
    assert found.residual <= 1e-9


def test_auto_never_leaves_the_principal_branch() -> None:
    """Replies find an equilibrium, but not always the branch's; what is chosen without asking must be the branch's."""
    source = np.random.default_rng(8)
    values: dict[str, np.ndarray] = {}
    rows = [[f"{a}{b}" for b in "ns"] for a in "ns"]
    for name in [name for row in rows for name in row]:
        shared = source.normal(size=4000)
        values[f"red_{name}"] = shared
        values[f"blue_{name}"] = 0.8 * shared + 0.2 * source.normal(size=4000)
    hidden = [
        Decision("blue", "hidden", tuple((name[1], Terminal((f"red_{name}", f"blue_{name}"))) for name in row))
        for row in rows
    ]
    game = Game("simultaneous", ("red", "blue"), Decision("red", "first", (("n", hidden[0]), ("s", hidden[1]))))
    span = np.max(
        [np.ptp([v for n, v in values.items() if n.startswith(who)], axis=0) for who in ("red", "blue")], axis=0
    )
    for reach, elsewhere in ((1.5, 0), (8.0, 40)):
        branch, auto, replies = (
            solve(game, reach / span, values, method=m) for m in ("tracking", "auto", "fixed_point")
        )
        key = ("red", 0, "n")
        assert np.abs(auto.probabilities[key] - branch.probabilities[key]).max() < 1e-9
        good = replies.status == "ok"
        apart = np.abs(replies.probabilities[key] - branch.probabilities[key])[good] > 1e-6
        assert apart.sum() >= elsewhere
        assert elsewhere or not apart.any()


def test_unfinished_tracking_is_a_status() -> None:
    """With too few steps a game is not done; nothing waits and nothing is invented."""
    game, values = signal()
    block = prepare(game, 20.0, values).block(0, 512)
    tracked = along_branch(block, steps=3)
    assert not tracked.done.any()
    assert np.isnan(tracked.odds).all()
    assert (tracked.steps == 3).all()


def test_precision_goes_up_in_proportion_for_all_players() -> None:
    """The branch to (λ, 2λ) from play at random is the one on which blue is always twice as precise."""
    game, values = signal()
    rows = {name: value[:20] for name, value in values.items()}
    double = solve(game, {"red": 3.0, "blue": 6.0}, rows, method="tracking")
    scaled = {name: value * (2.0 if name.startswith("blue") else 1.0) for name, value in rows.items()}
    alike = solve(game, 3.0, scaled, method="tracking")
    for key, chance in double.probabilities.items():
        assert chance == pytest.approx(alike.probabilities[key], abs=1e-12)


def test_precisions_beyond_what_numbers_resolve() -> None:
    """At λ = 1e6 rounding alone moves the replies of players who mix: those games are flagged, the others stand."""
    game, values = signal()
    found = solve(game, 1e6, {name: value[:200] for name, value in values.items()}, method="tracking")
    assert found.counts["ok"] >= 140
    good = found.status == "ok"
    assert (found.residual[good] <= 1e-9).all()
    assert not (found.residual[~good] <= 1e-9).any()
    for beliefs in found.beliefs.values():
        assert np.sum(beliefs, axis=0)[good] == pytest.approx(np.ones(good.sum()), abs=1e-12)
