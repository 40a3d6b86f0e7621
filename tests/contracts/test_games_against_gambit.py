"""Agent quantal response equilibria against Gambit's: stored solutions of three typed games, and pygambit itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twofront.games import Chance, Decision, Game, Node, Terminal, read_efg, write_efg
from twofront.games.solve import Solution, solve

TARGETS = Path(__file__).resolve().parents[3] / "shared" / "targets"
CLOSE = 1e-8
"""What Gambit's own tracing leaves at these precisions is below 1e-10; the issue asks for this."""


def targets() -> list[dict[str, Any]]:
    """Stored solutions, by file and λ."""
    path = TARGETS / "gambit_agent_qre.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


@pytest.mark.skipif(not targets(), reason=f"no {TARGETS}/gambit_agent_qre.json: the stored solutions are not here")
@pytest.mark.parametrize("method", ["auto", "tracking"])
@pytest.mark.parametrize("target", targets(), ids=lambda t: f"{t['efg'][:-4]}-{t['lam']:g}")
def test_stored_solutions(target: dict[str, Any], method: Any) -> None:
    """The principal branch is Gambit's, to 1e-8, at every stored λ."""
    game = read_efg(TARGETS / target["efg"])
    found = solve(game, target["lam"], method=method)
    assert found.status == "ok"
    assert found.residual <= 1e-9
    assert len(found.probabilities) == len(target["labels"])
    for label, chance in zip(target["labels"], target["prob"], strict=True):
        player, number, option = label
        assert found.probabilities[player, number, option] == pytest.approx(chance, abs=CLOSE)


def signalling(seed: int) -> Game:
    """Two senders' types, a signal, an answer: payoffs drawn, one tree."""
    draw = np.random.default_rng(seed)

    def end() -> Terminal:
        return Terminal(tuple(float(v) for v in draw.normal(size=2).round(3)))

    def answer(signal: str) -> Node:
        return Decision("receiver", signal, (("yield", end()), ("resist", end()), ("strike", end())))

    def sender(kind: str) -> Node:
        return Decision("sender", kind, (("quiet", answer("quiet")), ("loud", answer("loud"))))

    return Game(
        "signal", ("sender", "receiver"), Chance((("weak", 0.4, sender("weak")), ("strong", 0.6, sender("strong"))))
    )


@pytest.mark.parametrize("seed", range(4))
def test_the_same_as_pygambit(seed: int, tmp_path: Path) -> None:
    """Where pygambit is installed, its own tracing of a game it has read gives the same chances."""
    gambit = pytest.importorskip("pygambit", reason="pygambit is not installed: pip install pygambit==16.7.0")
    game = signalling(seed)
    write_efg(game, tmp_path / "game.efg")
    theirs = gambit.read_efg(str(tmp_path / "game.efg"))
    for lam in (0.7, 2.5):
        profile = gambit.qre.logit_solve_lambda(theirs, lam=lam)[0]
        ours = solve(game, lam, method="tracking")
        assert ours.status == "ok"
        assert [profile[place] for place in range(len(profile))] == pytest.approx(flat(ours), abs=1e-7)


def flat(solution: Solution) -> list[float]:
    """Chances in the order of players, sets, options."""
    return list(solution.probabilities.values())
