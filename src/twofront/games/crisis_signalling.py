"""Lewis and Schultz's crisis with private payoffs: a challenge reveals something, and one belief carries it all.

State A may challenge; B may resist; A then fights or backs down. A privately knows its payoffs of war and of backing
down, B its payoff of war; each is its mean and a standard normal error. B judges A by the challenge alone, so that an
equilibrium is a root of one equation in the chance that B resists. There can be several.

Source: Lewis & Schultz (2003), Political Analysis 11, 345-367.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from twofront.engine.executor import compile_stage
from twofront.engine.ops import absolute, exp, log, maximum, minimum, normal_cdf, scan, table
from twofront.engine.stage import Kernel, Stage
from twofront.games.block import BLOCK
from twofront.games.equilibria import MOST, roots
from twofront.games.kernels import Floats

__all__ = ["CrisisSignalling", "SignallingPlay", "crisis_equilibria"]

_NODES, _SHARES = np.polynomial.legendre.leggauss(96)
_NAMES: Final = ("prize_a", "prize_b", "status_quo_a", "concession_b", "war_a", "back_down_a", "war_b")
_DENSITY: Final = 1.0 / math.sqrt(2.0 * math.pi)
_LEAST: Final = 1e-300
_REACH: Final = 9.0
"""Beyond nine standard deviations a normal tail is below 1e-18."""
_ODDS: Final = 40.0
"""Largest log-odds of resistance looked at: chances from 4e-18 to one less as much."""


@dataclass(frozen=True, slots=True)
class CrisisSignalling:
    """Payoffs, in units of the private errors' standard deviation; numbers, or arrays of one length.

    ``prize``: of the good, to A and to B who keeps it (V_A, V_B); ``status_quo_a`` (S_A); ``concession_b`` (C_B), of
    yielding; means of ``war_a``, ``back_down_a`` and ``war_b`` (W̄_A, ā, W̄_B), known to all.
    """

    prize_a: Any
    prize_b: Any
    status_quo_a: Any
    concession_b: Any
    war_a: Any
    back_down_a: Any
    war_b: Any


@dataclass(frozen=True, slots=True)
class SignallingPlay:
    """One equilibrium: chances that A challenges, that B resists a challenge, that A then fights; how far it is off."""

    challenge: Any
    resist: Any
    fight: Any
    residual: Any


def _replies(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Chances of a challenge and of a fight, and of B's resisting them, if B resists with the log-odds ``odds``.

    A challenges if the better of war and backing down is worth ``least`` to it: the value at which the gamble on
    B's yielding equals the status quo.
    """
    resist = 1.0 / (1.0 + exp(-given["odds"]))
    least = (given["status_quo_a"] - (1.0 - resist) * given["prize_a"]) / resist
    challenge = 1.0 - normal_cdf(least - given["war_a"]) * normal_cdf(least - given["back_down_a"])
    start = maximum(least - given["war_a"], -_REACH)
    half = 0.5 * maximum(_REACH - start, _REACH)
    nodes, shares = table(_NODES.tolist()), table(_SHARES.tolist())

    def body(i: Any, total: Any) -> tuple[Any, None]:
        error = start + half * (nodes[i] + 1.0)
        density = exp(-0.5 * error * error) * _DENSITY
        return total + shares[i] * density * normal_cdf(error + given["war_a"] - given["back_down_a"]), None

    fight = minimum(half * scan(body, 0.0, len(_NODES))[0] / challenge, 1.0)
    call = (given["concession_b"] - (1.0 - fight) * given["prize_b"]) / fight - given["war_b"]
    reply, rest = normal_cdf(-call), normal_cdf(call)
    error = given["odds"] - (log(maximum(reply, _LEAST)) - log(maximum(rest, _LEAST)))
    return {"error": error, "challenge": challenge, "resist": resist, "fight": fight, "off": absolute(reply - resist)}


@functools.cache
def _kernel() -> Kernel:
    return compile_stage(Stage("games.crisis_signalling", _replies, dict.fromkeys((*_NAMES, "odds"))))


def crisis_equilibria(game: CrisisSignalling) -> list[SignallingPlay]:
    """All equilibria, by rising chance of resistance; NaN where a game of the arrays has no more of them.

    Every root is bracketed in the log-odds of resistance, where even steps are logarithmic near 0 and near 1, and
    closed in to rounding; two roots within one bracket would be missed.
    """
    payoffs = [np.asarray(getattr(game, name), dtype=np.float64) for name in _NAMES]
    shape = np.broadcast_shapes(*(payoff.shape for payoff in payoffs))
    count = shape[0] if shape else 1
    every = np.stack([np.broadcast_to(payoff, (count,)) for payoff in payoffs])
    results = np.full((MOST, 4, count), np.nan)
    for lo in range(0, count, BLOCK):
        _find(every[:, lo : lo + BLOCK], results[:, :, lo : lo + BLOCK])
    found = [result for result in results if not np.isnan(result).all()]
    return [SignallingPlay(*(row if shape else row[0].item() for row in result)) for result in found]


def _find(payoffs: Floats, results: Floats) -> None:
    """Put the equilibria of a block of games where they belong."""
    kernel = _kernel()
    count = payoffs.shape[1]
    inputs = np.concatenate([payoffs, np.zeros((1, count))])
    outputs = np.empty((len(kernel.output_rows), count))

    def error(odds: Floats) -> Floats:
        found = np.empty_like(odds)
        for row, line in enumerate(odds):
            inputs[-1] = line
            kernel.run(inputs, outputs, 0, count)
            found[row] = outputs[0]
        return found

    for number, (odds, which) in enumerate(roots(error, np.full(count, _ODDS))):
        error(odds[None])
        results[number] = np.where(which, outputs[1:], np.nan)
