"""Dominance and the archive of epsilon-boxes."""

import numpy as np

from twofront.analyse.evolution import Problem, evolve, hypervolume
from twofront.analyse.pareto import Archive, nondominated


def test_nondominated_agrees_with_the_definition() -> None:
    points = np.random.default_rng(3).integers(0, 6, (80, 3)).astype(float)
    points[5] = np.nan
    kept = nondominated(points)
    for place, point in enumerate(points):
        dominated = any((other <= point).all() and (other < point).any() for other in points)
        assert kept[place] == (not dominated and np.isfinite(point).all())
    assert not kept[5]


def test_an_archive_holds_one_point_a_box_and_forgets_the_beaten() -> None:
    archive = Archive(np.array([0.1, 0.1]))

    def offer(*point: float, broken: float = 0.0) -> None:
        archive.add(np.array([[0.0]]), np.array([point]), np.array([broken]))

    offer(0.55, 0.55, broken=1.0)
    assert archive.violation == 1.0
    offer(0.1, 0.9, broken=1.0)  # breaks them as much: one such point is enough
    assert len(archive) == 1
    offer(0.9, 0.9)  # worse, but it meets the constraints
    assert archive.points.tolist() == [[0.9, 0.9]]
    offer(0.1, 0.1, broken=0.5)
    assert archive.points.tolist() == [[0.9, 0.9]]
    offer(0.55, 0.55)
    assert archive.points.tolist() == [[0.55, 0.55]]
    won = archive.progress
    offer(0.52, 0.54)  # the same box, better: no progress
    assert archive.points.tolist() == [[0.52, 0.54]]
    assert archive.progress == won
    offer(0.25, 0.75)
    assert len(archive) == 2
    assert archive.progress == won + 1
    offer(0.59, 0.75)  # its box is beaten
    offer(np.nan, 0.0)
    assert len(archive) == 2


def test_hypervolume_of_a_staircase() -> None:
    points = np.array([[0.0, 0.5], [0.5, 0.0], [2.0, -1.0]])
    assert abs(hypervolume(points, np.zeros(2), np.ones(2)) - 0.75) < 1e-12


def test_the_same_seed_gives_the_same_search_and_another_does_not() -> None:
    def run(seed: int) -> np.ndarray:
        problem = Problem(
            np.zeros(2),
            np.ones(2),
            2,
            0,
            lambda x: (np.stack([x[:, 0], 1 - x[:, 0] + x[:, 1]], 1), np.empty((len(x), 0))),
        )
        *_, now = evolve(problem, np.empty((0, 2)), population=12, generations=12, epsilon=np.full(2, 0.01), seed=seed)
        return now.archive.inputs

    assert np.array_equal(run(1), run(1))
    assert not np.array_equal(run(1), run(2))
