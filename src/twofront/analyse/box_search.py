"""The search for a box: peel, choose, give up what may be luck, search again; and judge it where it did not look."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from twofront.analyse.boxes_found import Edge, Found, Repeat, Step, Validated
from twofront.analyse.codes import THREADS, Codes
from twofront.analyse.condition import Futures
from twofront.analyse.prim import Bools, Box, Limit, Peeling, limits_of, peel, quasi_p, within
from twofront.analyse.sample import Floats
from twofront.faults import UserError

if TYPE_CHECKING:
    pass


__all__ = ["DOUBTFUL", "SEARCHES", "Wish", "box_among", "edge_of"]

DOUBTFUL = 0.01
"""A limit whose quasi-p-value is larger is given up. Bryant and Lempert (2010) look at 5%, of a limit that an analyst
proposes; ours was picked as the best among hundreds. In 200 to 1,000 futures of 200 inputs that say nothing, 5% leaves
a limit in every second box, 1% in one of twenty, and hardly a true limit is lost."""
TIES = 1.0
"""Standard errors within which two peels count as alike, so that the input that tells more goes first. In 500 futures,
slices without any future of interest are found on many of hundreds of inputs; in a million, nothing is alike."""
SEARCHES = 5
"""Times the search begins again, without the inputs whose limits were given up, before no box is reported."""
FOLDS = 10
FOLDED = 20_000
"""With more futures, two halves do for the folds: a search in half of so many is as good as in nine tenths."""
LEAST_MASS = 0.05
"""Share of the futures that a box holds at least; half the share of interest where that is smaller."""


@dataclass(frozen=True, slots=True)
class Wish:
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


def _search(codes: Codes, hits: Bools, rows: npt.NDArray[Any], wish: Wish) -> _Search:
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


def box_among(
    codes: Codes,
    futures: Futures,
    rows: npt.NDArray[Any],
    wish: Wish,
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


def _nearest(codes: Codes, hits: Bools, rows: npt.NDArray[Any], wish: Wish) -> _Search:
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
