"""Battle data beside the checkout, and the few fits that calibrate laws on them."""

from __future__ import annotations

import csv
import importlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Battle:
    """A battle: strengths and losses [men] (nan where unknown), and whether the attacker won (None: neither)."""

    war: str
    year: int
    attack: float
    defence: float
    attack_losses: float
    defence_losses: float
    won: bool | None


def _known(text: str) -> float:
    """A number that is above nothing; files write -1 for unknown."""
    try:
        found = float(text)
    except ValueError:
        return math.nan
    return found if found > 0 else math.nan


def cdb90(shared: Path) -> list[Battle]:
    """The CDB90 file, as patched by its maintainers."""
    with (shared / "data" / "cdb90_battles.csv").open(encoding="utf-8", newline="") as file:
        return [
            Battle(
                row["war"],
                int(row["year"]),
                _known(row["attacker_strength"]),
                _known(row["defender_strength"]),
                _known(row["attacker_losses"]),
                _known(row["defender_losses"]),
                {"1": True, "-1": False}.get(row["attacker_wins"]),
            )
            for row in csv.DictReader(file)
        ]


def decided(battles: list[Battle], first: int, last: int) -> list[Battle]:
    """Battles of a span of years that one side won, with both strengths known."""
    return [b for b in battles if b.won is not None and b.attack > 0 and b.defence > 0 and first <= b.year <= last]


@dataclass(frozen=True)
class Fit:
    """A regression on the log of the force ratio: intercept, slope, their standard errors, quality."""

    n: int
    intercept: float
    slope: float
    intercept_error: float
    slope_error: float
    quality: float
    """McFadden's R2 of a logit, R2 of a line."""
    residual: float = math.nan
    """Standard deviation of what a line leaves."""


def line(n: int, found: Floats, error: Floats, quality: float, residual: float = math.nan) -> Fit:
    """A fit out of arrays of intercept and slope."""
    return Fit(n, float(found[0]), float(found[1]), float(error[0]), float(error[1]), quality, residual)


def logit(log_ratio: Floats, won: Floats, of: Floats) -> Fit:
    """Logit of ``won`` out of ``of`` on the log of the force ratio, by Newton's method."""
    x = np.stack([np.ones_like(log_ratio), log_ratio], axis=1)
    b = np.zeros(2)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-x @ b))
        curve = x.T @ (x * (of * chance * (1 - chance))[:, None])
        b = b + np.linalg.solve(curve, x.T @ (won - of * chance))
    chance = 1 / (1 + np.exp(-x @ b))
    error = np.sqrt(np.diag(np.linalg.inv(x.T @ (x * (of * chance * (1 - chance))[:, None]))))
    mean = won.sum() / of.sum()
    best = np.sum(won * np.log(chance) + (of - won) * np.log(1 - chance))
    flat = np.sum(won * np.log(mean) + (of - won) * np.log(1 - mean))
    return line(round(float(of.sum())), b, error, float(1 - best / flat))


def outcome_fit(battles: list[Battle]) -> Fit:
    """Logit of who won on the log of the force ratio: m of contest success."""
    ratio = np.log([b.attack / b.defence for b in battles])
    return logit(ratio, np.array([float(bool(b.won)) for b in battles]), np.ones(len(battles)))


def dupuy(shared: Path) -> Fit:
    """Logit over the bins of the Dupuy Institute's table, at the bins' geometric middles."""
    with (shared / "data" / "dupuy_672_engagements.csv").open(encoding="utf-8", newline="") as file:
        rows = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]
    n = np.array([row["n"] for row in rows])
    won = n * np.array([row["attacker_win_percent"] for row in rows]) / 100
    return logit(np.log([math.sqrt(row["ratio_low"] * row["ratio_high"]) for row in rows]), won, n)


def exchange_fit(battles: list[Battle], first: int, last: int) -> Fit:
    """Line of the log of the exchange of loss shares on the log of the force ratio.

    The state law of Lanchester's family says: share lost by the attacker over share lost by the defender goes with
    the force ratio to the power -(1 + p - q): 2 for the square law, 1 for the linear, 0 for the logarithmic.
    """
    used = [
        b
        for b in battles
        if first <= b.year <= last and 0 < b.attack_losses < b.attack and 0 < b.defence_losses < b.defence
    ]
    ratio = np.log([b.attack / b.defence for b in used])
    y = np.log([(b.attack_losses / b.attack) / (b.defence_losses / b.defence) for b in used])
    x = np.stack([np.ones_like(ratio), ratio], axis=1)
    b = np.linalg.lstsq(x, y, rcond=None)[0]
    left = y - x @ b
    variance = float(left @ left) / (len(y) - 2)
    error = np.sqrt(variance * np.diag(np.linalg.inv(x.T @ x)))
    quality = 1 - float(left @ left) / float(np.sum((y - y.mean()) ** 2))
    return line(len(y), b, error, quality, math.sqrt(variance))


def skill_spread(battles: list[Battle]) -> tuple[int, float, float, float]:
    """Wars, and the standard deviation of the log of skill between them, with its 95% interval by likelihood.

    A logit whose intercept is drawn by war from a normal distribution (31 points of Gauss and Hermite).
    """
    optimize: Any = importlib.import_module("scipy.optimize")
    wars = sorted({b.war for b in battles})
    group = np.array([wars.index(b.war) for b in battles])
    ratio = np.log([b.attack / b.defence for b in battles])
    sign = np.array([1.0 if b.won else -1.0 for b in battles])
    points, weights = np.polynomial.hermite_e.hermegauss(31)
    weights = weights / weights.sum()

    def cost(line: Any, sd: float) -> float:
        score = (line[0] + line[1] * ratio)[:, None] + sd * points
        each = -np.logaddexp(0.0, -sign[:, None] * score)
        total = np.zeros((len(wars), len(points)))
        np.add.at(total, group, each)
        top = total.max(axis=1)
        return -float(np.sum(top + np.log(np.exp(total - top[:, None]) @ weights)))

    def profile(sd: float) -> float:
        return float(optimize.minimize(cost, [0.4, 0.5], args=(sd,), method="BFGS").fun)

    best = optimize.minimize_scalar(profile, bounds=(0.05, 2.0), method="bounded", options={"xatol": 1e-4})
    bound = float(best.fun) + 3.841 / 2

    def edge(inside: float, outside: float) -> float:
        return float(optimize.brentq(lambda sd: profile(sd) - bound, inside, outside, xtol=1e-4))

    return len(wars), float(best.x), edge(float(best.x), 0.01), edge(float(best.x), 4.0)


@dataclass(frozen=True)
class Fits:
    """What the battle data say; spans of years as (first, last)."""

    dupuy: Fit
    outcome: dict[tuple[int, int], Fit]
    wins: dict[tuple[int, int], float]
    exchange: dict[tuple[int, int], Fit]
    skill: dict[tuple[int, int], tuple[int, float, float, float]]


SPANS = ((1600, 1982), (1900, 1982), (1939, 1945), (1946, 1982))


@pytest.fixture(scope="session")
def fits(shared_targets: Path) -> Fits:
    """All fits, made once; skipped without the folder of battle data."""
    battles = cdb90(shared_targets)
    chosen = {span: decided(battles, *span) for span in SPANS}
    return Fits(
        dupuy(shared_targets),
        {span: outcome_fit(found) for span, found in chosen.items()},
        {span: float(np.mean([bool(b.won) for b in found])) for span, found in chosen.items()},
        {span: exchange_fit(battles, *span) for span in SPANS},
        {span: skill_spread(chosen[span]) for span in SPANS[:2]},
    )
