"""What scenario discovery finds: boxes with their limits, how often these come back, and what a box is worth unseen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import betaincinv

from twofront.analyse.codes import Codes
from twofront.analyse.condition import Futures
from twofront.analyse.prim import Bools
from twofront.analyse.second_opinions import Logistic, Tree
from twofront.analyse.study import Factor, Study

if TYPE_CHECKING:
    import polars as pl


__all__ = [
    "HOLDS",
    "LUCK",
    "NOTHING",
    "RARELY",
    "WEAKER",
    "Discovery",
    "Edge",
    "Found",
    "Repeat",
    "Step",
    "Turned",
    "Validated",
    "interval",
]

RARELY = 0.25
"""A limit that comes back in a smaller share of the halves is told of, but not in a title."""


@dataclass(frozen=True, slots=True)
class Step:
    """A box on the way: what it holds and how many inputs it limits. `trimmed`: the box taken, after limits that may be
    luck were given up; it stands last."""

    number: int
    coverage: float
    density: float
    mass: float
    inputs: int
    inside: int
    hits: int
    pasted: bool
    trimmed: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """A limit of a chosen box in the input's own numbers.

    `side`: `low` (at least `value`), `high` (below it), or `options` (one of them). `reappears_coverage` and
    `reappears_density`: share of the repeats in random halves whose box limits the same input on the same side: the
    densest box that covers as much, and the one of most coverage that is as dense. `repeat_low` and `repeat_high`:
    between which values the limit then lay, in the boxes of like coverage.
    """

    factor: Factor
    side: str
    value: float
    options: tuple[str, ...]
    quasi_p: float
    drawn_low: float
    drawn_high: float
    drawn: tuple[str, ...] = ()
    """Options of a choice that some future drew."""
    reappears_coverage: float = float("nan")
    reappears_density: float = float("nan")
    repeat_low: float = float("nan")
    repeat_high: float = float("nan")


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same search in a random half: the box that the rule takes there, as it does in the other half."""

    inputs: tuple[str, ...]
    density: float
    coverage: float
    density_within: float
    coverage_within: float


@dataclass(frozen=True, slots=True)
class Validated:
    """What boxes are worth in futures that the search had not seen: the futures are cut in `folds`, and each is judged
    by the box found in the others.

    `inside` and `hits`: futures that such a box holds, and those of interest among them; `interest`: all of interest.
    `shared`: share of the reported box's futures that the boxes found without them hold too.
    """

    folds: int
    inside: int
    hits: int
    interest: int
    shared: float

    @property
    def density(self) -> float:
        """Share of interest among the futures in the boxes; NaN where they hold none."""
        return self.hits / self.inside if self.inside else float("nan")

    @property
    def coverage(self) -> float:
        """Share of the futures of interest that the boxes hold."""
        return self.hits / self.interest

    @property
    def density_interval(self) -> tuple[float, float]:
        """95% interval of the density (Clopper and Pearson); the searches share futures, so it is a little narrow."""
        return interval(self.hits, self.inside)


HOLDS, WEAKER, LUCK, NOTHING = "holds", "weaker", "luck", "nothing"
"""What validation says of a box: that it holds; that it holds at less than half the excess density that it shows; that
luck does as well; that there is none."""


@dataclass(frozen=True, slots=True)
class Found:
    """A chosen box.

    `step` is its number on the trajectory; `dropped` inputs were limited by limits that might be luck (quasi-p above
    `DOUBTFUL`) and are not. `inside`, `hits`: futures, and futures of interest, that it holds; `n` and `interest` what
    it was found among (all that is left, after the boxes before it), `total` all futures of interest.
    """

    edges: tuple[Edge, ...]
    step: int
    dropped: tuple[str, ...]
    inside: int
    hits: int
    n: int
    interest: int
    total: int
    trajectory: tuple[Step, ...]
    repeats: tuple[Repeat, ...]
    validated: Validated
    rows: Bools = field(repr=False)

    @property
    def density(self) -> float:
        """Share of its futures that are of interest."""
        return self.hits / self.inside

    @property
    def coverage(self) -> float:
        """Share of all futures of interest that it holds."""
        return self.hits / self.total

    @property
    def base(self) -> float:
        """Share of interest among the futures that it was found in."""
        return self.interest / self.n

    @property
    def mass(self) -> float:
        """Share of the futures that it holds."""
        return self.inside / self.n

    @property
    def density_interval(self) -> tuple[float, float]:
        """95% interval of the density from the number of futures (Clopper and Pearson); ignores that it was chosen."""
        return interval(self.hits, self.inside)

    @property
    def coverage_interval(self) -> tuple[float, float]:
        """95% interval of the coverage from the number of futures of interest."""
        return interval(self.hits, self.total)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Inputs that it limits, each once."""
        return tuple(dict.fromkeys(edge.factor.name for edge in self.edges))

    @property
    def lasting(self) -> tuple[str, ...]:
        """Those of its inputs that a title may name: limited again in at least a quarter of the halves; all of them
        where none is."""
        names = dict.fromkeys(edge.factor.name for edge in self.edges if edge.reappears_coverage >= RARELY)
        return tuple(names) or self.inputs

    @property
    def verdict(self) -> str:
        """`HOLDS`, `WEAKER`, `LUCK` or `NOTHING`: everything that is said of the box follows it."""
        if not self.edges:
            return NOTHING
        if not self.validated.inside or self.validated.density_interval[0] <= self.base:
            return LUCK
        return HOLDS if self.validated.density - self.base >= (self.density - self.base) / 2 else WEAKER

    def in_halves(self, what: str = "density") -> tuple[float, float, float]:
        """Mean, least and most over the repeats of a box's density (or coverage) in the half it was not found in."""
        values = np.array([getattr(repeat, what) for repeat in self.repeats])
        return float(values.mean()), float(values.min()), float(values.max())


@dataclass(frozen=True, slots=True)
class Turned:
    """An input made of others by rotation: weights of their standard scores."""

    name: str
    weights: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Discovery:
    """What scenario discovery says.

    `n` futures in which the condition means something, `interest` of them meet it; `undefined` and `left_out` were
    not used. `tree` and `logistic` are second opinions on the same futures.
    """

    where: str
    policy: str
    n: int
    interest: int
    undefined: int
    left_out: int
    counted: str
    thresholds: dict[str, float]
    inputs: int
    without: tuple[str, ...]
    rule: str
    boxes: tuple[Found, ...]
    turned: tuple[Turned, ...]
    tree: Tree
    logistic: Logistic
    study: Study = field(repr=False)
    codes: Codes = field(repr=False)
    futures: Futures = field(repr=False)

    @property
    def base(self) -> float:
        """Share of the futures that meet the condition."""
        return self.interest / self.n

    @property
    def coverage(self) -> float:
        """Share of all futures of interest that the boxes hold together."""
        return sum(box.hits for box in self.boxes) / self.interest

    @property
    def frame(self) -> pl.DataFrame:
        """One row for each limit of each box."""
        import polars as pl

        return pl.DataFrame(
            [self._row(number, box, edge) for number, box in enumerate(self.boxes, 1) for edge in box.edges]
        )

    def _row(self, number: int, box: Found, edge: Edge) -> dict[str, Any]:
        return {
            "box": number,
            "input": edge.factor.name,
            "side": edge.side,
            "limit": edge.value,
            "options": ";".join(edge.options),
            "unit": edge.factor.unit,
            "grade": edge.factor.grade,
            "drawn_low": edge.drawn_low,
            "drawn_high": edge.drawn_high,
            "quasi_p": edge.quasi_p,
            "reappears_coverage": edge.reappears_coverage,
            "reappears_density": edge.reappears_density,
            "repeat_low": edge.repeat_low,
            "repeat_high": edge.repeat_high,
            "box_futures": box.inside,
            "box_hits": box.hits,
            "density": box.density,
            "density_low": box.density_interval[0],
            "density_high": box.density_interval[1],
            "density_validated": box.validated.density,
            "density_validated_low": box.validated.density_interval[0],
            "density_validated_high": box.validated.density_interval[1],
            "coverage": box.coverage,
            "coverage_low": box.coverage_interval[0],
            "coverage_high": box.coverage_interval[1],
            "coverage_validated": box.validated.coverage,
            "shared_validated": box.validated.shared,
            "verdict": box.verdict,
            "where": self.where,
            "policy": self.policy,
            "n": self.n,
            "interest": self.interest,
            "undefined": self.undefined,
            "left_out": self.left_out,
        }

    @property
    def trajectory(self) -> pl.DataFrame:
        """One row for each box that was passed on the way."""
        import polars as pl

        return pl.DataFrame(
            [
                {
                    "box": number,
                    "step": step.number,
                    "coverage": step.coverage,
                    "density": step.density,
                    "mass": step.mass,
                    "inputs": step.inputs,
                    "futures": step.inside,
                    "hits": step.hits,
                    "pasted": step.pasted,
                    "trimmed": step.trimmed,
                    "chosen": step.number == box.step,
                }
                for number, box in enumerate(self.boxes, 1)
                for step in box.trajectory
            ]
        )


def interval(hits: int, n: int) -> tuple[float, float]:
    """95% interval of a share (Clopper and Pearson 1934); everything where nothing was counted."""
    if not n:
        return 0.0, 1.0
    low = float(betaincinv(hits, n - hits + 1, 0.025)) if hits else 0.0
    high = float(betaincinv(hits + 1, n - hits, 0.975)) if hits < n else 1.0
    return low, high
