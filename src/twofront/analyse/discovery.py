"""Scenario discovery: where among the inputs the futures lie that meet a condition, and how far to trust the answer.

A box is found by peeling (`twofront.analyse.prim`). Which box of the trajectory is taken is a stated rule, so that the
same run gives the same box; the whole trajectory is kept for those who would choose otherwise. Limits that may be luck
by their quasi-p-values are given up, and their places searched again.

Two checks come with it, which answer different questions. *What is the box worth?* Every future is judged by a box
found without it (cross-validation): how dense such boxes are, how much they cover, and how much of the reported box
they share. *Which of its limits are steady?* The search is repeated in random halves, complementary in pairs (Shah and
Samworth 2013): how often each input is limited again, and how far the limit moves. A search in half of few futures is
much the weaker one, so that halves say little about what the box is worth.
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
from twofront.analyse.weights import Belief, thinned
from twofront.faults import UserError

if TYPE_CHECKING:
    import polars as pl

    from twofront.ensemble import Run

__all__ = [
    "DOUBTFUL",
    "HOLDS",
    "LEAST_HITS",
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
DOUBTFUL = 0.01
"""A limit whose quasi-p-value is larger is given up. Bryant and Lempert (2010) look at 5%, of a limit that an analyst
proposes; ours was picked as the best among hundreds. In 200 to 1,000 futures of 200 inputs that say nothing, 5% leaves
a limit in every second box, 1% in one of twenty, and hardly a true limit is lost."""
TIES = 1.0
"""Standard errors within which two peels count as alike, so that the input that tells more goes first. In 500 futures,
slices without any future of interest are found on many of hundreds of inputs; in a million, nothing is alike."""
SEARCHES = 5
"""Times the search begins again, without the inputs whose limits were given up, before no box is reported."""
RARELY = 0.25
"""A limit that comes back in a smaller share of the halves is told of, but not in a title."""
FOLDS = 10
FOLDED = 20_000
"""With more futures, two halves do for the folds: a search in half of so many is as good as in nine tenths."""
LEAST_MASS = 0.05
"""Share of the futures that a box holds at least; half the share of interest where that is smaller."""
SEED = 1


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
    priors: Sequence[Belief | str] = (),
    told: Callable[[str, float], None] = lambda *_: None,
) -> Discovery:
    """Find the box (or `boxes`, one after the other) in which the futures that meet `where` gather.

    `where` is a condition over outcomes under `policy` (the present course by default); see
    `twofront.analyse.condition`. The box taken is the one whose coverage and excess density have the highest harmonic
    mean, or with `density` the one of most coverage that is at least so dense, with `coverage` the densest that covers
    at least so much, with `step` that of the trajectory, as it stands. `without` leaves inputs out (`anchor.*` leaves
    out all of a family); `rotate` turns these inputs together so that boxes may be slanted. `priors`: other
    beliefs than those of the case, to which the futures are thinned (`twofront.analyse.weights`). `told` hears what is
    going on, and the share done. Raises `UserError` for names that do not exist, conditions that divide nothing, and
    too few futures.
    """
    _check_wishes(density, coverage, step, boxes, repeats)
    study = thinned(Study.of(run), priors)
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
    """95% interval of a share (Clopper and Pearson 1934); everything where nothing was counted."""
    if not n:
        return 0.0, 1.0
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
        if self.step is not None:
            if not 0 <= self.step < len(boxes):
                raise UserError(f"step {self.step}: the trajectory has the boxes 0 to {len(boxes) - 1}")
            return self.step
        if self.density is not None:
            densest = max(boxes, key=lambda box: box.density)
            if densest.density < self.density:
                raise UserError(
                    f"no box is {self.density:.0%} dense; the densest is {densest.density:.1%}, with a coverage of "
                    f"{peeling.coverage(densest):.1%}"
                )
        worth = [self.worth(box.density, peeling.coverage(box), boxes[0].density) for box in boxes]
        return max(range(len(boxes)), key=lambda place: worth[place])

    def worth(self, density: float, coverage: float, base: float) -> tuple[bool, float]:
        """How well a box meets the wish: whether at all, and how much of what is left to choose by."""
        if self.density is not None:
            return density >= self.density, coverage
        if self.coverage is not None:
            return coverage >= self.coverage, density
        excess = max(0.0, (density - base) / (1.0 - base))
        return True, 2 * coverage * excess / max(coverage + excess, 1e-300)


@dataclass(frozen=True)
class _Search:
    """A finished search among some futures: the last trajectory, which of its boxes was chosen, the limits that stand
    and the inputs whose limits were given up."""

    peeling: Peeling
    place: int
    limits: list[Limit]
    dropped: tuple[int, ...]


def _search(codes: Codes, hits: Bools, rows: npt.NDArray[Any], wish: _Wish) -> _Search:
    """Peel, choose, give up limits that may be luck, and search again without their inputs, so that others can take
    their places: until none is given up, or the box gets no better. A box asked for by its number is left as it is."""
    among = np.zeros(codes.n, dtype=bool)
    among[rows] = True
    base = float(hits[rows].mean())
    gone: list[int] = []
    best: _Search | None = None
    best_worth = (False, -1.0)
    for _ in range(SEARCHES):
        peeling = peel(
            codes,
            hits,
            rows=rows,
            least_mass=min(LEAST_MASS, base / 2),
            most_inputs=wish.most_inputs,
            ties=TIES,
            without=gone,
        )
        try:
            place = wish.choose(peeling)
        except UserError:
            if best is None:
                raise
            break
        limits = limits_of(peeling, peeling.boxes[place])
        if wish.step is not None:
            return _Search(peeling, place, quasi_p(codes, hits, limits, among), ())
        limits, given_up = _significant(codes, hits, among, limits)
        inside = within(codes, limits) & among
        hit = int((inside & hits).sum())
        worth = wish.worth(hit / int(inside.sum()), hit / peeling.hits, base)
        gone += given_up
        if best is not None and best.limits and worth <= best_worth:
            break
        best, best_worth = _Search(peeling, place, limits, tuple(dict.fromkeys(gone))), worth
        if not given_up:
            break
    assert best is not None, "the first search ends in a box or in a refusal"
    if not best_worth[0]:
        # Without the doubtful limits it is not what was wished for: it is given with them, and they are named.
        limits = limits_of(best.peeling, best.peeling.boxes[best.place])
        return _Search(best.peeling, best.place, quasi_p(codes, hits, limits, among), ())
    return best


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
    rng = np.random.default_rng(seed)
    halves: list[npt.NDArray[Any]] = []
    while len(halves) < repeats:
        order = rng.permutation(rows)
        halves += [np.sort(order[: len(rows) // 2]), np.sort(order[len(rows) // 2 :])]
    few = len(rows) <= FOLDED
    folds = [np.sort(part) for part in np.array_split(rng.permutation(rows), FOLDS)] if few else halves[1::-1]
    learned = [np.setdiff1d(rows, fold, assume_unique=True) for fold in folds] if few else []
    parts = [rows, *halves[:repeats], *learned]
    searches: list[_Search] = []
    with ThreadPoolExecutor(THREADS) as pool:
        waiting = [pool.submit(_search if part is rows else _nearest, codes, hits, part, wish) for part in parts]
        for done, each in enumerate(waiting, 1):
            searches.append(each.result())
            told(done / len(parts))
    whole, others, without = searches[0], searches[1 : 1 + repeats], searches[1 + repeats :] or searches[1:3]
    limits = whole.limits
    inside = within(codes, limits) & among
    edges = [edge_of(codes, limit) for limit in limits]
    count, hit = int(inside.sum()), int((inside & hits).sum())
    own = float(hit / hits[rows].sum()), float(hit / count)
    trajectory = [_step(number, whole.peeling, box) for number, box in enumerate(whole.peeling.boxes)]
    step = whole.place if limits else 0
    if limits and len(limits) < len(limits_of(whole.peeling, whole.peeling.boxes[step])):
        step = len(trajectory)
        limited = len({limit.place for limit in limits})
        trajectory.append(Step(step, own[0], own[1], count / len(rows), limited, count, hit, False, trimmed=True))
    return Found(
        edges=tuple(
            _repeated(codes, edge, limit, [other.peeling for other in others], own)
            for edge, limit in zip(edges, limits, strict=True)
        ),
        step=step,
        dropped=tuple(dict.fromkeys(codes.names[row] for row in whole.dropped)),
        inside=count,
        hits=hit,
        n=len(rows),
        interest=int(hits[rows].sum()),
        total=futures.hits,
        trajectory=tuple(trajectory),
        repeats=tuple(_repeat(codes, hits, among, half, other) for half, other in zip(halves, others, strict=False)),
        validated=_validated(codes, hits, folds, without, inside),
        rows=inside,
    )


def _nearest(codes: Codes, hits: Bools, rows: npt.NDArray[Any], wish: _Wish) -> _Search:
    """A search in a part of the futures, where no box may be what was wished for: its last one is then the nearest."""
    try:
        return _search(codes, hits, rows, wish)
    except UserError:
        return _search(codes, hits, rows, replace(wish, density=None, step=None))


def _validated(
    codes: Codes, hits: Bools, folds: list[npt.NDArray[Any]], searches: list[_Search], reported: Bools
) -> Validated:
    """Judge each fold by the box found without it; a search that found no limits holds nothing."""
    inside = np.zeros(codes.n, dtype=bool)
    everything = np.concatenate(folds)
    for fold, search in zip(folds, searches, strict=True):
        if search.limits:
            inside[fold] = within(codes, search.limits)[fold]
    return Validated(
        len(folds),
        int(inside.sum()),
        int((inside & hits).sum()),
        int(hits[everything].sum()),
        float(inside[reported].mean()),
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
    drawn = np.unique(codes.codes[limit.place]).tolist() if factor.is_choice else []
    options = tuple(factor.options[option] for option in sorted(limit.options) if option in drawn)
    return Edge(
        factor,
        limit.side,
        _value(codes, limit.place, limit.side, limit.code),
        options,
        limit.quasi_p,
        float("nan") if factor.is_choice else float(codes.lowest[limit.place]),
        float("nan") if factor.is_choice else float(codes.highest[limit.place]),
        tuple(factor.options[option] for option in drawn),
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


def _repeat(codes: Codes, hits: Bools, among: Bools, half: npt.NDArray[Any], found: _Search) -> Repeat:
    """What was found in a half, there and in the other half."""
    own = np.zeros(codes.n, dtype=bool)
    own[half] = True
    inside = within(codes, found.limits)
    measured: list[float] = []
    for part in (among & ~own, own):
        held, hit = int((inside & part).sum()), int((inside & part & hits).sum())
        measured += [hit / held if held else 0.0, hit / max(1, int((part & hits).sum()))]
    names = tuple(dict.fromkeys(codes.names[limit.place] for limit in found.limits))
    return Repeat(names, *measured)
