"""Sets of points none of which is better than another in everything. All objectives are minimised here."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["Archive", "Floats", "nondominated"]

Floats = npt.NDArray[np.float64]


def nondominated(points: Floats) -> npt.NDArray[np.bool_]:
    """Which of the points (points, objectives) no other one dominates: at least as good in all, better in one.

    Of equal points all are kept. Points that are not finite are never kept.
    """
    kept: npt.NDArray[np.bool_] = np.logical_and.reduce(np.isfinite(points), axis=1)
    for place in np.flatnonzero(kept):
        if not kept[place]:
            continue
        others = points[kept]
        better = (others <= points[place]).all(axis=1) & (others < points[place]).any(axis=1)
        kept[place] = not better.any()
    return kept


class Archive:
    """The best found so far, one point to each box of the size ``epsilon``: an epsilon-dominance archive.

    Laumanns, Thiele, Deb and Zitzler 2002, "Combining convergence and diversity in evolutionary multiobjective
    optimization". ``progress`` counts boxes that were won (Hadka and Reed 2013): while it grows, the search finds
    something that is better by more than epsilon. A point that breaks constraints is kept only as long as nothing
    better in that respect is known.
    """

    def __init__(self, epsilon: Floats) -> None:
        self.epsilon = np.asarray(epsilon, dtype=np.float64)
        self.inputs: Floats = np.empty((0, 0))
        self.points: Floats = np.empty((0, len(self.epsilon)))
        self.violation = np.inf
        """How far the archive's points break constraints; 0 if they meet all."""
        self.progress = 0

    def __len__(self) -> int:
        return len(self.points)

    def add(self, inputs: Floats, points: Floats, violations: Floats) -> None:
        """Offer points (points, objectives) with their inputs and the sums by which they break constraints."""
        for item, point, violation in zip(inputs, points, violations, strict=True):
            if np.isfinite(point).all() and np.isfinite(violation):
                self._offer(item, point, float(max(violation, 0.0)))

    def _offer(self, item: Floats, point: Floats, violation: float) -> None:
        if violation > self.violation:
            return
        if violation < self.violation or not len(self.points):
            self.inputs, self.points, self.violation = item[None].copy(), point[None].copy(), violation
            self.progress += 1
            return
        if violation > 0:
            return
        boxes, box = np.floor(self.points / self.epsilon), np.floor(point / self.epsilon)
        if ((boxes <= box).all(axis=1) & (boxes < box).any(axis=1)).any():
            return
        same = (boxes == box).all(axis=1)
        if same.any():
            # Within a box: the one that dominates, else the one nearer to the box's best corner.
            here = int(np.flatnonzero(same)[0])
            old = self.points[here]
            if (old <= point).all():
                return
            corner = box * self.epsilon
            near = np.linalg.norm((point - corner) / self.epsilon) < np.linalg.norm((old - corner) / self.epsilon)
            if not (point <= old).all() and not near:
                return
        else:
            self.progress += 1
        kept = ~same & ~((box <= boxes).all(axis=1) & (box < boxes).any(axis=1))
        self.inputs = np.vstack([self.inputs[kept], item])
        self.points = np.vstack([self.points[kept], point])
