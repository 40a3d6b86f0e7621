"""Scenario discovery: where among the inputs the futures lie that meet a condition, and how far to trust the answer.

A box is found by peeling (`twofront.analyse.prim`). Which box of the trajectory is taken is a stated rule, so that the
same run gives the same box; the whole trajectory is kept for those who would choose otherwise. Two checks come with it.
Each limit has a quasi-p-value, and the search is repeated in random halves of the futures: how often each input is
limited again, how far the limit moves, and what the box found in one half is worth in the other, which it has not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

from twofront.analyse.codes import THREADS, Codes, encode, rotated
from twofront.analyse.condition import Futures, condition
from twofront.analyse.prim import Bools, Box, Limit, Peeling, limits_of, peel, quasi_p, within
from twofront.analyse.sample import Floats
from twofront.analyse.second_opinions import Logistic, Tree, grow, logistic
from twofront.analyse.study import Factor, Study
from twofront.faults import UserError

if TYPE_CHECKING:
    import polars as pl

    from twofront.ensemble import Run

__all__ = [
    "DOUBTFUL",
    "LEAST_HITS",
    "Discovery",
    "Edge",
    "Found",
    "Repeat",
    "Step",
    "Turned",
    "discover",
    "edge_of",
    "interval",
]

LEAST_FUTURES = 100
"""With fewer, a peel takes less than five futures."""
LEAST_HITS = 20
"""Futures of interest (and futures that are not) below which no box means anything."""
MOST_INPUTS = 4
"""Inputs that a chosen box may limit: more, and nobody can hold it in mind (Bryant and Lempert 2010)."""
REPEATS = 10
DOUBTFUL = 0.05
"""A limit whose quasi-p-value is larger is given up."""
LEAST_MASS = 0.05
"""Share of the futures that a box holds at least; half the share of interest where that is smaller."""
SEED = 1


@dataclass(frozen=True, slots=True)
class Step:
    """A box on the way: what it holds and how many inputs it limits."""

    number: int
    coverage: float
    density: float
    mass: float
    inputs: int
    inside: int
    hits: int
    pasted: bool


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
class Found:
    """A chosen box.

    `step` is its number on the trajectory; `dropped` inputs were limited there by limits that might be luck (quasi-p
    above `DOUBTFUL`) and are not. `inside`, `hits`: futures, and futures of interest, that it holds; `n` and `interest`
    what it was found among (all that is left, after the boxes before it), `total` all futures of interest.
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

    def held_out(self, what: str = "density") -> tuple[float, float, float]:
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
            "density_held_out": box.held_out()[0],
            "coverage": box.coverage,
            "coverage_low": box.coverage_interval[0],
            "coverage_high": box.coverage_interval[1],
            "coverage_held_out": box.held_out("coverage")[0],
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
                    "chosen": step.number == box.step,
                }
                for number, box in enumerate(self.boxes, 1)
                for step in box.trajectory
            ]
        )


def discover(
    run: Run | Study | str | Path,
    where: str,
    *,
    policy: str | None = None,
    boxes: int = 1,
    most_inputs: int | None = MOST_INPUTS,
    density: float | None = None,
    coverage: float | None = None,
    step: int | None = None,
    without: Sequence[str] = (),
    rotate: Sequence[str] = (),
    repeats: int = REPEATS,
    seed: int = SEED,
    told: Callable[[str, float], None] = lambda *_: None,
) -> Discovery:
    """Find the box (or `boxes`, one after the other) in which the futures that meet `where` gather.

    `where` is a condition over outcomes under `policy` (the present course by default); see
    `twofront.analyse.condition`. The box taken is the one whose coverage and excess density have the highest harmonic
    mean, or with `density` the one of most coverage that is at least so dense, with `coverage` the densest that covers
    at least so much, with `step` that of the trajectory. `without` leaves inputs out (`anchor.*` leaves out all of a
    family); `rotate` turns these inputs together so that boxes may be slanted. `told` hears what is going on, and
    the share done. Raises `UserError` for names that do not exist, conditions that divide nothing, and too few futures.
    """
    _check_wishes(density, coverage, step, boxes, repeats)
    study = Study.of(run)
    futures = condition(where).of(study, policy)
    study.need(LEAST_FUTURES, "scenario discovery", futures.n)
    for count, what in ((futures.hits, "meet"), (futures.n - futures.hits, "do not meet")):
        if count < LEAST_HITS:
            raise UserError(
                f"{study.label}: scenario discovery needs at least {LEAST_HITS} futures that {what} `{where}`; there "
                f"are {count:,} of {futures.n:,}. Run the case with more futures, or ask for less"
            )
    names = _inputs(study, without)
    codes, turned = _encoded(study, names, rotate, futures, lambda share: told("reading inputs", share))
    wish = _Wish(density, coverage, step, most_inputs)
    left = np.flatnonzero(futures.defined)
    found: list[Found] = []
    for number in range(boxes):
        hits = int(futures.met[left].sum())
        if number and (hits < LEAST_HITS or len(left) - hits < LEAST_HITS or len(left) < LEAST_FUTURES):
            break
        name = "peeling" if boxes == 1 else f"peeling box {number + 1}"
        box = _box(codes, futures, left, wish, repeats, seed + number, lambda share, name=name: told(name, share))
        if number and not box.edges:
            break
        found.append(box)
        left = left[~box.rows[left]]
    told("second opinions", 0.0)
    used = np.flatnonzero(futures.defined)
    tree = grow(codes, futures.met, used, seed=seed)
    told("second opinions", 0.7)
    return Discovery(
        where=where,
        policy=policy or study.present,
        n=futures.n,
        interest=futures.hits,
        undefined=futures.undefined,
        left_out=study.left_out,
        counted=study.counted,
        thresholds=futures.thresholds,
        inputs=len(names),
        without=tuple(without),
        rule=wish.words,
        boxes=tuple(found),
        turned=turned,
        tree=tree,
        logistic=logistic(codes, futures.met, used, seed=seed),
        study=study,
        codes=codes,
        futures=futures,
    )


def interval(hits: int, n: int) -> tuple[float, float]:
    """95% interval of a share (Clopper and Pearson 1934)."""
    low = float(betaincinv(hits, n - hits + 1, 0.025)) if hits else 0.0
    high = float(betaincinv(hits + 1, n - hits, 0.975)) if hits < n else 1.0
    return low, high


def _check_wishes(density: float | None, coverage: float | None, step: int | None, boxes: int, repeats: int) -> None:
    if sum(wish is not None for wish in (density, coverage, step)) > 1:
        raise UserError("give one of density, coverage and step: each of them alone chooses the box")
    for name, share in (("density", density), ("coverage", coverage)):
        if share is not None and not 0 < share <= 1:
            raise UserError(f"{name} {share:g}: give a share above 0 and up to 1")
    if boxes < 1:
        raise UserError(f"boxes {boxes}: give a number of at least 1")
    if repeats < 2:
        raise UserError(f"repeats {repeats}: give a number of at least 2, or nothing can be said of stability")


def _inputs(study: Study, without: Sequence[str]) -> list[str]:
    """Names of the inputs that are searched."""
    gone: set[str] = set()
    for pattern in without:
        found = [name for name in study.inputs if fnmatchcase(name, pattern)]
        if not found:
            study.factor(pattern)
        gone.update(found)
    names = [name for name in study.inputs if name not in gone]
    if not names:
        raise UserError(f"{study.label}: no input is left to search")
    return names


def _encoded(
    study: Study, names: list[str], rotate: Sequence[str], futures: Futures, told: Callable[[float], None]
) -> tuple[Codes, tuple[Turned, ...]]:
    if not rotate:
        return encode(study, names, told=told), ()
    for name in rotate:
        if study.factor(name).is_choice:
            raise UserError(f"{study.label}: `{name}` is a choice and cannot be rotated; only numbers can")
        if name not in names:
            raise UserError(f"{study.label}: `{name}` is both rotated and left out")
    if len(set(rotate)) < 2:
        raise UserError("a rotation needs at least two inputs")
    turned_names = list(dict.fromkeys(rotate))
    scores, axes = rotated(study.matrix(turned_names), futures.met)
    turned = tuple(
        Turned(f"turned.{place + 1}", tuple(zip(turned_names, (float(w) for w in axes[:, place]), strict=True)))
        for place in range(len(turned_names))
    )
    rest = [name for name in names if name not in turned_names]
    told(0.5)
    columns: dict[str, Any] = {item.name: row for item, row in zip(turned, scores, strict=True)}
    factors = [
        Factor(item.name, means=_weighted(item), unit="standard deviations", grade=_worst(study, turned_names))
        for item in turned
    ]
    columns |= {name: study.values(name) for name in rest}
    made = Study.of_arrays(
        columns,
        {"any": np.zeros(study.n)},
        factors=[*factors, *(study.factor(name) for name in rest)],
        label=study.label,
    )
    return encode(made, told=told), turned


def _weighted(item: Turned) -> str:
    """A turned input in words: its largest weights."""
    largest = sorted(item.weights, key=lambda pair: -abs(pair[1]))[:4]
    return " ".join(f"{weight:+.2f} × {name}" for name, weight in largest).replace("-", "− ").replace("+", "+ ")


def _worst(study: Study, names: Sequence[str]) -> str:
    return max((study.factor(name).grade for name in names), default="")


@dataclass(frozen=True, slots=True)
class _Wish:
    """Which box of a trajectory is taken."""

    density: float | None
    coverage: float | None
    step: int | None
    most_inputs: int | None

    @property
    def words(self) -> str:
        most = "" if self.most_inputs is None else f" (at most {self.most_inputs} inputs)"
        if self.step is not None:
            return f"box {self.step} of the trajectory{most}"
        if self.density is not None:
            return f"the box with the most coverage among those at least {self.density:.0%} dense{most}"
        if self.coverage is not None:
            return f"the densest box that covers at least {self.coverage:.0%}{most}"
        return f"the highest harmonic mean of coverage and excess density, (density − base) / (1 − base){most}"

    def choose(self, peeling: Peeling) -> int:
        boxes = peeling.boxes
        density = np.array([box.density for box in boxes])
        coverage = np.array([peeling.coverage(box) for box in boxes])
        if self.step is not None:
            if not 0 <= self.step < len(boxes):
                raise UserError(f"step {self.step}: the trajectory has the boxes 0 to {len(boxes) - 1}")
            return self.step
        if self.density is not None:
            if density.max() < self.density:
                raise UserError(
                    f"no box is {self.density:.0%} dense; the densest is {density.max():.1%}, with a coverage of "
                    f"{coverage[density.argmax()]:.1%}"
                )
            return int(np.where(density >= self.density, coverage, -1.0).argmax())
        if self.coverage is not None:
            return int(np.where(coverage >= self.coverage, density, -1.0).argmax())
        base = density[0]
        excess = np.maximum(0.0, (density - base) / (1.0 - base))
        return int((2 * coverage * excess / np.maximum(coverage + excess, 1e-300)).argmax())


def _box(
    codes: Codes,
    futures: Futures,
    rows: npt.NDArray[Any],
    wish: _Wish,
    repeats: int,
    seed: int,
    told: Callable[[float], None],
) -> Found:
    hits = futures.met
    among = np.zeros(codes.n, dtype=bool)
    among[rows] = True
    base = float(hits[rows].mean())
    least_mass = min(LEAST_MASS, base / 2)

    def search(part: npt.NDArray[Any]) -> Peeling:
        return peel(codes, hits, rows=part, least_mass=least_mass, most_inputs=wish.most_inputs)

    rng = np.random.default_rng(seed)
    halves = [np.sort(rng.permutation(rows)[: len(rows) // 2]) for _ in range(repeats)]
    done = 0
    peelings: list[Peeling] = []
    with ThreadPoolExecutor(THREADS) as pool:
        for peeling in pool.map(search, [rows, *halves]):
            peelings.append(peeling)
            done += 1
            told(done / (repeats + 1))
    whole, others = peelings[0], peelings[1:]
    place = wish.choose(whole)
    limits, dropped = _significant(codes, hits, among, limits_of(whole, whole.boxes[place]))
    inside = within(codes, limits) & among
    edges = [edge_of(codes, limit) for limit in limits]
    count, hit = int(inside.sum()), int((inside & hits).sum())
    own = float(hit / hits[rows].sum()), float(hit / count)
    return Found(
        edges=tuple(_repeated(codes, edge, limit, others, own) for edge, limit in zip(edges, limits, strict=True)),
        step=place,
        dropped=tuple(dict.fromkeys(codes.names[row] for row in dropped)),
        inside=count,
        hits=hit,
        n=len(rows),
        interest=int(hits[rows].sum()),
        total=futures.hits,
        trajectory=tuple(_step(number, whole, box) for number, box in enumerate(whole.boxes)),
        repeats=tuple(
            _repeat(codes, hits, among, half, other, wish) for half, other in zip(halves, others, strict=True)
        ),
        rows=inside,
    )


def _step(number: int, peeling: Peeling, box: Box) -> Step:
    return Step(
        number,
        peeling.coverage(box),
        box.density,
        peeling.mass(box),
        len(peeling.restricted(box)),
        box.inside,
        box.hits,
        box.pasted,
    )


def _significant(codes: Codes, hits: Bools, among: Bools, limits: list[Limit]) -> tuple[list[Limit], list[int]]:
    """The limits that are hardly luck, and the inputs given up: the most doubtful limit goes first, one at a time."""
    among_limits = quasi_p(codes, hits, limits, among)
    gone: list[int] = []
    while among_limits:
        worst = max(among_limits, key=lambda limit: limit.quasi_p)
        if worst.quasi_p <= DOUBTFUL:
            break
        gone.append(worst.place)
        among_limits = quasi_p(codes, hits, [limit for limit in among_limits if limit is not worst], among)
    kept = {limit.place for limit in among_limits}
    return among_limits, [row for row in gone if row not in kept]


def edge_of(codes: Codes, limit: Limit) -> Edge:
    """A limit in the input's own numbers."""
    factor = codes.factors[limit.place]
    drawn = set(np.unique(codes.codes[limit.place]).tolist()) if factor.is_choice else set[int]()
    options = tuple(factor.options[option] for option in sorted(limit.options) if option in drawn)
    return Edge(
        factor,
        limit.side,
        _value(codes, limit.place, limit.side, limit.code),
        options,
        limit.quasi_p,
        float("nan") if factor.is_choice else float(codes.lowest[limit.place]),
        float("nan") if factor.is_choice else float(codes.highest[limit.place]),
    )


def _value(codes: Codes, place: int, side: str, code: int) -> float:
    if side == "options":
        return float("nan")
    return codes.at_least(place, code) if side == "low" else codes.at_most(place, code)


def _repeated(codes: Codes, edge: Edge, limit: Limit, others: list[Peeling], own: tuple[float, float]) -> Edge:
    """A limit with how often it came back in the repeats, and where."""
    again = [0, 0]
    values: list[float] = []
    for peeling in others:
        coverage = np.array([peeling.coverage(box) for box in peeling.boxes])
        density = np.array([box.density for box in peeling.boxes])
        for measure, place in enumerate((_like(coverage, density, own[0]), _like(density, coverage, own[1]))):
            for other in limits_of(peeling, peeling.boxes[place]):
                if other.place == limit.place and other.side == limit.side:
                    again[measure] += 1
                    if measure == 0:
                        values.append(_value(codes, other.place, other.side, other.code))
    known = [value for value in values if not np.isnan(value)]
    return replace(
        edge,
        reappears_coverage=again[0] / len(others),
        reappears_density=again[1] / len(others),
        repeat_low=min(known, default=float("nan")),
        repeat_high=max(known, default=float("nan")),
    )


def _like(measure: Floats, other: Floats, mine: float) -> int:
    """The box that has at least as much of a measure, and the most of the other; that with the most if none has."""
    enough = measure >= mine
    return int(np.where(enough, other, -1.0).argmax() if enough.any() else measure.argmax())


def _repeat(codes: Codes, hits: Bools, among: Bools, half: npt.NDArray[Any], peeling: Peeling, wish: _Wish) -> Repeat:
    """What the rule takes in a half, there and in the other half."""
    own = np.zeros(codes.n, dtype=bool)
    own[half] = True
    try:
        box = peeling.boxes[wish.choose(peeling)]
    except UserError:  # this half has no box that is dense enough: its last one is the nearest
        box = peeling.boxes[-1]
    limits, _ = _significant(codes, hits, own, limits_of(peeling, box))
    inside = within(codes, limits)
    measured: list[float] = []
    for part in (among & ~own, own):
        held, hit = int((inside & part).sum()), int((inside & part & hits).sum())
        measured += [hit / held if held else 0.0, hit / max(1, int((part & hits).sum()))]
    names = tuple(dict.fromkeys(codes.names[limit.place] for limit in limits))
    return Repeat(names, *measured)
