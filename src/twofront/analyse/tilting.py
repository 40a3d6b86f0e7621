"""How far must assumptions move before a mean changes its sign? A search over shifts, by re-weighting one sample.

The quantity that decides, `lead`, is positive on average; an assumption change flips it when the average falls to zero.
An uncertain number is changed by shifting its whole range: its normal score, which is N(0, 1) by construction, becomes
N(δ, 1), so that δ counts standard units of its evidence range. Within one sample that is a weight exp(λ·z − λ²/2) on
each future (an exponential tilt; importance sampling with a shifted mean). A rival law is changed by holding it, which
leaves the futures that drew it.

Both are measured alike, by information: a shift of δ stands δ²/2 nats from what the evidence says, a law of weight p
stands ln(1/p). The distance of a set of changes is √(2 × nats), in standard units.

Tilts leave e^(−λ²) of the futures in effect, so a sample reaches only so far: `reach`. Nothing here knows the model;
what it finds is to be confirmed by evaluating the changed setting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Final

import numba as nb
import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from twofront.analyse.codes import Codes
from twofront.analyse.sample import Floats

__all__ = ["FARTHEST", "FEWEST", "LEAST", "Flip", "Law", "Search", "Shift", "reach_of"]

LEAST: Final = 1000
"""Futures that the search needs: fewer carry no shift of a whole standard unit in three numbers."""
FEWEST: Final = 50
"""Effective futures below which a tilt is not followed."""
FARTHEST: Final = 3.0
"""Standard units beyond which no shift is looked for: the range's own thousandth."""
LARGEST: Final = 3
"""Changes in a set."""
LAWS: Final = 8
"""Rival laws that are held, alone and in pairs: those that lower the lead most for their distance."""
MOVING: Final = 40
"""Numbers whose effects are followed under each law: those that can move the lead most."""
NEARLY: Final = 0.9
"""Part of the way to zero that a single effect must go on the grid to be computed exactly."""
CANDIDATES: Final = 16
"""Numbers that sets are put together from: those that move the lead most by themselves."""
MOST_FUTURES: Final = 200_000
"""The first so many futures are tilted when sets are refined; single effects use all."""
KEPT: Final = 8
"""Sets of each size that are wanted; what cannot be among them is not computed."""
RINGS: Final = 14
"""Distances of the grid on which sets are first ranked."""
STEPS: Final = 60
CLOSE: Final = 1e-4
RELAXED: Final = 0.9
"""Part of each step that is taken, since the mean bends."""
SMALL: Final = 0.1
"""A change that makes up less than this part of a set's distance is not worth naming: the set is a smaller one."""
SLACK: Final = 1.3
"""A set is computed if its distance by single effects is at most this many times that of the last one wanted."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A number's range moved by `by` standard units of its normal scores."""

    input: str
    by: float


@dataclass(frozen=True, slots=True)
class Law:
    """A structure held at one of its laws, which has the weight `weight`."""

    structure: str
    law: str
    weight: float

    @property
    def units(self) -> float:
        """Distance in standard units."""
        return float(np.sqrt(2 * np.log(1 / self.weight)))


@dataclass(frozen=True, slots=True)
class Flip:
    """A set of changes under which the mean of the lead reaches zero, by re-weighting.

    `distance` in standard units; `effective`: futures that the estimate rests on; `slope`: how fast the mean falls
    there, per standard unit further in the same direction.
    """

    changes: tuple[Shift | Law, ...]
    distance: float
    effective: float
    slope: float

    @property
    def size(self) -> int:
        """Number of changes."""
        return len(self.changes)

    @property
    def shifts(self) -> tuple[Shift, ...]:
        """The ranges that move."""
        return tuple(change for change in self.changes if isinstance(change, Shift))

    @property
    def laws(self) -> tuple[Law, ...]:
        """The structures that are held."""
        return tuple(change for change in self.changes if isinstance(change, Law))


def reach_of(n: float) -> float:
    """Standard units that a sample of so many futures can be tilted by."""
    return float(min(FARTHEST, np.sqrt(np.log(n / FEWEST)))) if n > FEWEST else 0.0


class Search:
    """Looks for the nearest sets of up to three changes that take the mean of `lead` to zero or below.

    `lead`: one number per future of `codes`; `weights`: how much each future counts (all the same by default). Futures
    in which the lead is NaN do not count.
    """

    def __init__(
        self, codes: Codes, lead: Floats, weights: Floats | None = None, told: Callable[[str], None] = lambda _: None
    ) -> None:
        known = ~np.isnan(lead)
        self.codes = codes
        self.told = told
        self.lead = np.where(known, lead, 0.0)
        self.weights = np.where(known, 1.0 if weights is None else weights, 0.0)
        self.mean = float(np.dot(self.weights, self.lead) / self.weights.sum())
        self.numbers = [row for row, factor in enumerate(codes.factors) if not factor.is_choice]
        self.choices = [row for row, factor in enumerate(codes.factors) if factor.is_choice]
        self.scores = _scores(codes, self.numbers)
        self.n = int(known.sum())

    @property
    def reach(self) -> float:
        """Standard units that this sample can be tilted by."""
        return reach_of(float(self.weights.sum() ** 2 / (self.weights**2).sum()))

    def flips(self) -> list[Flip]:
        """Sets of changes that flip the sign, nearest first within each size; empty where none does within reach."""
        if self.mean <= 0:
            raise ValueError("the lead is not positive to begin with")
        if not bool((self.lead[self.weights > 0] < 0).any()):
            return []
        self._found: dict[frozenset[object], Flip] = {}
        for held, rows in self._held():
            if len(held) < 2 or self._wanted(sum(law.units**2 for law in held) ** 0.5, len(held)):
                self._under(held, rows)
        found = self._found.values()
        kept = [flip for flip in found if not any(_within(other, flip) for other in found)]
        kept.sort(key=lambda flip: (flip.size, flip.distance))
        return [flip for size in range(1, LARGEST + 1) for flip in [f for f in kept if f.size == size][:KEPT]]

    def _wanted(self, distance: float, size: int) -> bool:
        """Whether a set of this distance could be among those that are wanted, of its size or of a larger one."""
        for each in range(size, LARGEST + 1):
            known = sorted(flip.distance for flip in self._found.values() if flip.size == each)
            if len(known) < KEPT or distance <= known[KEPT - 1] * SLACK:
                return True
        return False

    def _keep(self, flip: Flip | None) -> None:
        if flip is not None:
            key = _key(flip)
            if key not in self._found or flip.distance < self._found[key].distance:
                self._found[key] = flip

    def effects(self) -> list[tuple[str, float, float]]:
        """What each number does by itself: the mean of the lead with its range one standard unit lower and higher."""
        counts, sums = self._histograms(None)
        at = _curves(counts, sums, self.scores, np.array([-1.0, 1.0]))
        return [
            (self.codes.factors[row].name, float(at[place, 0]), float(at[place, 1]))
            for place, row in enumerate(self.numbers)
        ]

    # ---- laws -----------------------------------------------------------------------------------------------

    def _held(self) -> Iterator[tuple[tuple[Law, ...], npt.NDArray[np.intp] | None]]:
        """No law, then each, then each pair, with the futures that drew them; those too few to say anything are left
        out."""
        self.told("single numbers, pairs and threes")
        yield (), None
        whole = float(self.weights.sum())
        single: dict[int, list[tuple[Law, npt.NDArray[np.bool_]]]] = {}
        for row in self.choices:
            factor = self.codes.factors[row]
            for place, law in enumerate(factor.options):
                hit = self.codes.codes[row] == place
                weight = float(self.weights[hit].sum()) / whole
                if int(hit.sum()) >= FEWEST and 0 < weight < 1:
                    single.setdefault(row, []).append((Law(factor.name, law, weight), hit))
        self.told("rival laws")
        # A law under which the lead is no smaller is no way to lose it.
        ranked = sorted((each for laws in single.values() for each in laws), key=lambda each: -self._drop(*each))
        useful = [each for each in ranked if self._drop(*each) > 0][:LAWS]
        single = {
            row: [each for each in laws if any(each[0] == kept[0] for kept in useful)] for row, laws in single.items()
        }
        for law, hit in sorted(useful, key=lambda each: each[0].units):
            yield (law,), np.flatnonzero(hit)
        for a, b in combinations(single, 2):
            for (one, hit), (other, too) in product(single[a], single[b]):
                both = np.flatnonzero(hit & too)
                if len(both) >= FEWEST:
                    yield (one, other), both

    def _drop(self, law: Law, hit: npt.NDArray[np.bool_]) -> float:
        """By how much a law lowers the mean of the lead, for each unit of its distance."""
        weights = self.weights[hit]
        return (self.mean - float(np.dot(weights, self.lead[hit]) / weights.sum())) / law.units

    def _under(self, held: tuple[Law, ...], rows: npt.NDArray[np.intp] | None) -> None:
        weights = self.weights if rows is None else self.weights[rows]
        lead = self.lead if rows is None else self.lead[rows]
        whole = float(weights.sum())
        if whole <= 0:
            return
        effective = whole**2 / float((weights**2).sum())
        mean = float(np.dot(weights, lead)) / whole
        spent = sum(law.units**2 for law in held)
        if spent > FARTHEST**2:
            return
        if mean <= 0:
            error = float(np.sqrt(np.dot(weights**2, (lead - mean) ** 2))) / whole
            # A law with few futures flips by chance sooner or later; it counts beyond one standard error.
            if held and mean <= -error:
                self._keep(Flip(held, float(np.sqrt(spent)), effective, 0.0))
            return
        room = LARGEST - len(held)
        reach = min(reach_of(effective), float(np.sqrt(FARTHEST**2 - spent)))
        if reach <= 0 or not room or (len(held) == 2 and effective < LEAST / 2):
            return
        counts, sums = self._histograms(rows)
        moving = _moving(counts, sums, self.scores, reach)
        counts, sums, scores = counts[moving], sums[moving], self.scores[moving]
        grid = np.linspace(-reach, reach, 4 * RINGS + 1)
        for place, shift in _alone(mean - _curves(counts, sums, scores, grid), grid, mean):
            if not self._wanted(float(np.hypot(shift, np.sqrt(spent))), len(held) + 1):
                break
            self._keep(self._refined(held, rows, [(int(moving[place]), shift)], reach))
        if room < 2:
            return
        nearest = [flip.distance for flip in self._found.values() if flip.laws == held and flip.size == len(held) + 1]
        far = float(np.sqrt(max(0.0, min(nearest) ** 2 - spent))) if nearest else reach
        grid = np.linspace(-far, far, 2 * RINGS + 1)
        gains = mean - _curves(counts, sums, scores, grid)
        for count in range(2, room + 1):
            for square, places in _together(gains, grid, mean, reach, count):
                if not self._wanted(float(np.sqrt(square + spent)), len(held) + count):
                    break
                self._keep(self._refined(held, rows, [(int(moving[place]), shift) for place, shift in places], reach))

    # ---- numbers ------------------------------------------------------------------------------------------------

    def _histograms(self, rows: npt.NDArray[np.intp] | None) -> tuple[Floats, Floats]:
        """Weight, and weight times lead, by code of each number."""
        numbers = np.array(self.numbers, dtype=np.int64)
        if rows is None:
            return _binned(self.codes.codes, numbers, self.weights, self.weights * self.lead)
        weights = self.weights[rows]
        return _binned_rows(self.codes.codes, numbers, rows, weights, weights * self.lead[rows])

    def _refined(
        self,
        held: tuple[Law, ...],
        rows: npt.NDArray[np.intp] | None,
        places: Sequence[tuple[int, float]],
        reach: float,
    ) -> Flip | None:
        """The least tilt of these numbers that takes the mean to zero: linearised and solved until it stands still."""
        used = (np.arange(len(self.lead)) if rows is None else rows)[:MOST_FUTURES]
        weights, lead = self.weights[used], self.lead[used]
        inputs = [self.numbers[place] for place, _ in places]
        scores = np.stack(
            [self.scores[place][self.codes.codes[row, used]] for (place, _), row in zip(places, inputs, strict=True)]
        )
        share = weights / weights.sum()
        joint = (scores * share) @ scores.T
        # Inputs that move together count once: distances are in their joint spread.
        joint /= np.sqrt(np.outer(np.diag(joint), np.diag(joint)))
        tilt = np.array([shift for _, shift in places])
        for _ in range(STEPS):
            mean, slope, effective = _tilted(tilt, scores, weights, lead)
            way = np.linalg.solve(joint, slope)
            steepness = float(slope @ way)
            if steepness <= 0:
                return None
            wanted = way * ((float(slope @ tilt) - mean) / steepness)
            size = float(np.sqrt(wanted @ joint @ wanted))
            if size > 1.5 * reach:
                wanted *= 1.5 * reach / size
            moved = float(np.abs(wanted - tilt).max())
            tilt = tilt + RELAXED * (wanted - tilt)
            if moved < CLOSE:
                break
        mean, slope, effective = _tilted(tilt, scores, weights, lead)
        size = float(np.sqrt(tilt @ joint @ tilt))
        if abs(mean) > 0.02 * abs(self.mean) or size > reach or effective < FEWEST:
            return None
        if len(tilt) > 1 and float(np.abs(tilt).min()) < SMALL * size:
            return None
        spent = sum(law.units**2 for law in held)
        shifts = tuple(Shift(self.codes.factors[row].name, float(by)) for row, by in zip(inputs, tilt, strict=True))
        fall = float(slope @ tilt) / size if size else 0.0
        return Flip((*held, *shifts), float(np.sqrt(size**2 + spent)), effective, fall)


def _within(smaller: Flip, larger: Flip) -> bool:
    """Whether a flip needs the changes of a smaller one, and does not bring it nearer."""
    if smaller is larger or smaller.size >= larger.size or smaller.distance > larger.distance:
        return False
    return _key(smaller) <= _key(larger)


def _key(flip: Flip) -> frozenset[object]:
    """What a set changes, whatever the size of the changes."""
    return frozenset((c.structure, c.law) if isinstance(c, Law) else c.input for c in flip.changes)


def _scores(codes: Codes, numbers: Sequence[int]) -> Floats:
    """Normal score of each code of each number: of the middle rank of its futures."""
    scores = np.zeros((len(numbers), 256))
    for place, row in enumerate(numbers):
        counts = np.bincount(codes.codes[row], minlength=256).astype(np.float64)
        ranks = (np.cumsum(counts) - counts / 2) / counts.sum()
        held = counts > 0
        scores[place, held] = ndtri(ranks[held])
        # Bins hide the spread within them: brought back to a variance of 1.
        deviation = float(np.sqrt(np.dot(counts, scores[place] ** 2) / counts.sum()))
        if deviation > 0:
            scores[place] /= deviation
    return scores


def _moving(counts: Floats, sums: Floats, scores: Floats, reach: float) -> npt.NDArray[np.intp]:
    """The numbers that can move the mean most within reach, by its slope and bend at no shift."""
    whole = counts.sum(axis=1, keepdims=True)
    mean = sums.sum(axis=1, keepdims=True) / whole
    slope = ((sums - mean * counts) * scores).sum(axis=1) / whole[:, 0]
    bend = ((sums - mean * counts) * scores**2).sum(axis=1) / whole[:, 0]
    return np.argsort(-(np.abs(slope) + np.abs(bend) * reach / 2), kind="stable")[:MOVING]


def _alone(gains: Floats, grid: Floats, wanted: float) -> list[tuple[int, float]]:
    """Numbers that would nearly flip alone, nearest first, with the shift at which they do.

    `gains`: by how much each number lowers the mean at each shift of the grid.
    """
    found: list[tuple[float, int, float]] = []
    for place, row in enumerate(np.nan_to_num(gains)):
        enough = np.flatnonzero(row >= NEARLY * wanted)
        if len(enough):
            shift = float(grid[enough[np.abs(grid[enough]).argmin()]])
            found.append((abs(shift), place, shift))
    return [(place, shift) for _, place, shift in sorted(found)[: 2 * KEPT]]


def _together(
    gains: Floats, grid: Floats, wanted: float, reach: float, count: int
) -> list[tuple[float, tuple[tuple[int, float], ...]]]:
    """Sets of so many numbers that would flip if single effects added up: square of the distance, and the shifts;
    nearest first."""
    gains = np.nan_to_num(gains)
    best = np.argsort(-gains.max(axis=1), kind="stable")[:CANDIDATES]
    candidates = [int(place) for place in best if gains[place].max() > 0]
    middle = len(grid) // 2
    radii = grid[middle:]
    # The better sign at each distance.
    up, down = gains[:, middle:], gains[:, middle::-1]
    sign, gain = np.where(up >= down, 1.0, -1.0), np.maximum(up, down)
    squares = np.asarray(sum(np.meshgrid(*[radii**2] * count, indexing="ij")))
    ranked: list[tuple[float, tuple[tuple[int, float], ...]]] = []
    for places in combinations(candidates, count):
        if sum(float(gain[place].max()) for place in places) < wanted:
            continue
        total = np.asarray(sum(np.meshgrid(*[gain[place] for place in places], indexing="ij", copy=False)))
        near = np.where((total >= wanted) & (squares <= SLACK * reach**2), squares, np.inf)
        least = int(near.argmin())
        at = np.unravel_index(least, near.shape)
        if np.isfinite(near.flat[least]) and min(at) > 0:  # else a smaller set does it
            chosen = tuple((p, float(sign[p, k] * radii[k])) for p, k in zip(places, at, strict=True))
            ranked.append((float(near.flat[least]), chosen))
    return sorted(ranked)[: 2 * KEPT]


def _curves(counts: Floats, sums: Floats, scores: Floats, grid: Floats) -> Floats:
    """Mean of the lead with each number tilted by each shift, (numbers, shifts)."""
    found = np.empty((len(counts), len(grid)))
    for place, shift in enumerate(grid):
        tilts = np.exp(shift * scores - shift * shift / 2)
        whole = (tilts * counts).sum(axis=1)
        found[:, place] = np.divide(
            (tilts * sums).sum(axis=1), whole, out=np.full(len(counts), np.nan), where=whole > 0
        )
    return found


def _tilted(tilt: Floats, scores: Floats, weights: Floats, lead: Floats) -> tuple[float, Floats, float]:
    """Mean of the lead under a tilt, its slope in each direction, and the effective futures."""
    exponent = tilt @ scores
    own = weights * np.exp(exponent - exponent.max())
    whole = float(own.sum())
    share = own / whole
    mean = float(share @ lead)
    slope = (scores * (share * (lead - mean))).sum(axis=1)
    return mean, slope, 1.0 / float(share @ share)


@nb.njit(cache=True, nogil=True)
def _binned(
    codes: npt.NDArray[np.uint8], inputs: npt.NDArray[np.int64], weights: Floats, values: Floats
) -> tuple[Floats, Floats]:
    counts, sums = np.zeros((len(inputs), 256)), np.zeros((len(inputs), 256))
    for place in range(len(inputs)):
        row = codes[inputs[place]]
        for future in range(len(weights)):
            code = row[future]
            counts[place, code] += weights[future]
            sums[place, code] += values[future]
    return counts, sums


@nb.njit(cache=True, nogil=True)
def _binned_rows(
    codes: npt.NDArray[np.uint8],
    inputs: npt.NDArray[np.int64],
    rows: npt.NDArray[np.intp],
    weights: Floats,
    values: Floats,
) -> tuple[Floats, Floats]:
    counts, sums = np.zeros((len(inputs), 256)), np.zeros((len(inputs), 256))
    for place in range(len(inputs)):
        row = codes[inputs[place]]
        for at in range(len(rows)):
            code = row[rows[at]]
            counts[place, code] += weights[at]
            sums[place, code] += values[at]
    return counts, sums
