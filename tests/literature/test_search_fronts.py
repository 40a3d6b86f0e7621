"""Search finds fronts that are known: DTLZ problems in closed form, and the shallow lake by trying every setting."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from twofront.analyse.evolution import Generation, Problem, evolve, hypervolume
from twofront.analyse.pareto import nondominated

Floats = npt.NDArray[np.float64]
NOTHING = np.empty((0, 0))


def last(problem: Problem, *, population: int, generations: int, epsilon: Floats, seed: int = 1) -> Generation:
    start = np.empty((0, len(problem.low)))
    *_, found = evolve(problem, start, population=population, generations=generations, epsilon=epsilon, seed=seed)
    return found


def dtlz2(inputs: Floats, objectives: int) -> Floats:
    """Deb, Thiele, Laumanns and Zitzler 2005, DTLZ2: the front is the part of the unit sphere with no negative."""
    g = ((inputs[:, objectives - 1 :] - 0.5) ** 2).sum(axis=1)
    angles = inputs[:, : objectives - 1] * np.pi / 2
    columns: list[Floats] = []
    for place in range(objectives):
        value = (1 + g) * np.cos(angles[:, : objectives - 1 - place]).prod(axis=1)
        columns.append(value * np.sin(angles[:, objectives - 1 - place]) if place else value)
    return np.stack(columns, axis=1)


def test_dtlz2_front_with_three_objectives() -> None:
    problem = Problem(np.zeros(7), np.ones(7), 3, 0, lambda x: (dtlz2(x, 3), np.empty((len(x), 0))))
    found = last(problem, population=60, generations=100, epsilon=np.full(3, 0.05))
    distance = np.linalg.norm(found.archive.points, axis=1) - 1
    assert distance.min() > -1e-12  # nothing lies within the sphere
    assert distance.max() < 0.05
    # Whole volume up to 1.1 less an eighth of the unit ball. The archive's boxes are 0.05 wide, so that it stays up
    # to about 0.05 times the front's area (pi/2) below it.
    volume = hypervolume(found.archive.points, np.zeros(3), np.full(3, 1.1)) * 1.1**3
    exact = 1.1**3 - np.pi / 6
    assert exact - 0.05 * np.pi / 2 < volume < exact


def test_dtlz1_front_with_two_objectives_and_a_constraint() -> None:
    """DTLZ1: f1 + f2 = 1/2 on the front; the constraint f1 >= 0.2 cuts it."""

    def evaluate(inputs: Floats) -> tuple[Floats, Floats]:
        rest = inputs[:, 1:] - 0.5
        g = 100 * (rest.shape[1] + (rest**2 - np.cos(20 * np.pi * rest)).sum(axis=1))
        first, second = inputs[:, 0] * (1 + g) / 2, (1 - inputs[:, 0]) * (1 + g) / 2
        return np.stack([first, second], axis=1), (0.2 - first)[:, None]

    problem = Problem(np.zeros(4), np.ones(4), 2, 1, evaluate)
    found = last(problem, population=60, generations=150, epsilon=np.full(2, 0.01))
    points = found.archive.points
    assert found.archive.violation == 0
    assert points[:, 0].min() >= 0.2
    assert np.abs(points.sum(axis=1) - 0.5).max() < 0.02
    assert points[:, 0].min() < 0.22
    assert points[:, 0].max() > 0.48


def lake(inputs: Floats, scenarios: int = 100, years: int = 100) -> Floats:
    """The shallow lake (Carpenter, Ludwig and Brock 1999; as in Quinn et al. 2017): b 0.42, q 2, natural inflows
    log-normal with mean 0.02 and deviation 0.0017; releases of phosphorus before and after year 20.

    Objectives: highest mean phosphorus, discounted benefit (alpha 0.4, delta 0.98; its negative), share of years below
    the critical level (its negative).
    """
    b, q, alpha, delta = 0.42, 2.0, 0.4, 0.98
    critical = (1 - np.sqrt(1 - 4 * b**2)) / (2 * b)  # the unstable equilibrium: x**2 / (1 + x**2) = b x
    spread = np.sqrt(np.log(1 + (0.0017 / 0.02) ** 2))
    normal = np.random.default_rng(7).standard_normal((years, scenarios))
    natural = np.exp(np.log(0.02) - spread**2 / 2 + spread * normal)
    stock = np.zeros((len(inputs), scenarios))
    highest = np.zeros(len(inputs))
    benefit = np.zeros(len(inputs))
    below = np.zeros(len(inputs))
    for year in range(years):
        release = inputs[:, 0 if year < 20 else 1]
        stock = (1 - b) * stock + stock**q / (1 + stock**q) + release[:, None] + natural[year]
        highest = np.maximum(highest, stock.mean(axis=1))
        benefit += alpha * release * delta**year
        below += (stock < critical).mean(axis=1) / years
    return np.stack([highest, -benefit, -below], axis=1)


def test_lake_front_against_every_setting() -> None:
    """The whole front of two releases, from a grid of 101 x 101 settings, and the search's share of its volume."""
    steps = np.linspace(0, 0.1, 101)
    grid = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    whole = lake(grid)
    front = whole[nondominated(whole)]
    best, worst = whole.min(axis=0), whole.max(axis=0)
    problem = Problem(
        np.zeros(2), np.full(2, 0.1), 3, 0, lambda x: (lake(x), np.empty((len(x), 0))), lambda x: np.round(x, 3)
    )
    found = last(problem, population=40, generations=40, epsilon=(worst - best) / 200)
    exact = hypervolume(front, best, worst)
    assert 0.97 * exact < hypervolume(found.archive.points, best, worst) <= exact + 1e-9
    assert found.evaluations < 0.2 * len(grid)
    # Rounded to the grid, nothing found can lie beyond what the grid allows.
    both = np.vstack([front, found.archive.points])
    assert nondominated(both)[: len(front)].all()
