"""Sensitivity indices from futures as they are, with no design: of variance and of the whole distribution.

Inputs come as codes: each future's place among classes of equal count, or its option. First-order shares of variance
(Sobol's S, which is Pearson's correlation ratio) are the variance of an outcome's class means, less what chance alone
gives them (epsilon squared, Kelley 1935). Classes as wide as these lose a share of a curve's variance that falls with
the square of their number, so the shares of all classes and of their merged pairs are extrapolated (Richardson).

For skewed outcomes two indices look at the whole distribution: delta (Borgonovo 2007), half the mean distance between
an outcome's density with and without knowledge of the input, and PAWN (Pianosi and Wagener 2015), the median over
classes of the largest distance between the two cumulative distributions. Both measure distances, which noise makes
larger: in folds left out in turn, the sign and place of a distance come from the other folds and its size from the
fold. An input without effect has 0 on average, and any other its index or less.

Everything is a sum over futures in a fixed order: the same numbers whatever the threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from numba import njit

from twofront.analyse.codes import Bytes
from twofront.analyse.sample import Floats

__all__ = [
    "GROUPS",
    "LEAST_FUTURES",
    "Distances",
    "Shares",
    "classes_of",
    "distances",
    "first_order",
]

LEAST_FUTURES: Final = 200
"""With fewer, ten classes have too few futures each for their means to say anything."""
GROUPS: Final = 20
"""Groups of futures that are left out in turn (jackknife)."""
T_GROUPS: Final = 2.093024054408263
"""Half width of a 95% interval in standard errors from twenty groups: Student's t with 19 degrees of freedom."""
FOLDS: Final = 10
T_FOLDS: Final = 2.2621571628540993
"""The same from ten folds."""
SLICES: Final = 10
"""Classes of an input for PAWN, as its authors have it."""
PER_CELL: Final = 50
"""Futures that a cell of the table of input and outcome should hold on average."""
UNDEFINED: Final = 255
"""Class of an outcome where it is undefined."""
_COLUMNS: Final = 24
"""Outcomes summed side by side; as many as stay in cache with the classes of an input."""
_CHUNK: Final = 256
"""Neighbouring futures in one group, so that a group's sums stay in cache."""
_INPUTS: Final = 16
"""Inputs in one piece of work."""


@dataclass(frozen=True, slots=True)
class Shares:
    """First-order shares of variance, arrays of (inputs, outcomes).

    ``share`` is not cut off at 0: noise about it has the mean 0, so that shares may be added. ``error``: standard error
    from the sample's size. ``low`` and ``high``: mean outcome in the lowest and the highest fifth of the input, NaN for
    inputs without an order. ``without``: (groups, inputs, outcomes), the shares with each group of futures left out.
    ``n``: futures in which the outcome is defined.
    """

    share: Floats
    error: Floats
    low: Floats
    high: Floats
    without: Floats
    n: npt.NDArray[np.int64]

    def together(self, members: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Sums of the shares of each group of inputs, ``members`` (groups of inputs, inputs), and their errors."""
        weights = members.astype(np.float64)
        return weights @ self.share, jackknife_error(np.einsum("gi,kio->kgo", weights, self.without))


@dataclass(frozen=True, slots=True)
class Distances:
    """Indices of the whole distribution, arrays of (inputs, outcomes).

    ``delta``: Borgonovo's, from 0 to 1. ``pawn``: median distance of cumulative distributions. ``rank``: Spearman's
    rank correlation of the classes, 0 for inputs without an order.
    """

    delta: Floats
    delta_error: Floats
    pawn: Floats
    pawn_error: Floats
    rank: Floats


def jackknife_error(without: Floats) -> Floats:
    """Standard error of an estimate from its values with each group left out, along the first axis."""
    groups = without.shape[0]
    return np.sqrt((groups - 1) * without.var(axis=0))


def first_order(
    codes: Bytes,
    levels: Sequence[int],
    ordered: Sequence[bool],
    outcomes: Floats,
    *,
    threads: int = 1,
    told: Callable[[int, int], None] | None = None,
) -> Shares:
    """First-order shares of the variance of all outcomes at once.

    ``codes`` (inputs, n): each input's class, of ``levels`` classes; ``ordered`` where classes stand in the order of
    its values. ``outcomes`` (outcomes, n), NaN where undefined: such futures are left out for that outcome alone.
    ``told`` hears how much of the work is done.
    """
    inputs, n = codes.shape
    count = len(outcomes)
    bins = _bins(n)
    merge, fine = _merged(levels, ordered, bins)
    # Only what was cut into classes loses anything by it; a few values that are classes themselves do not.
    halves = np.array([bool(o) and k > bins for o, k in zip(ordered, levels, strict=True)])
    keep_order = np.array(ordered, dtype=np.bool_)
    share, low, high = (np.empty((inputs, count)) for _ in range(3))
    without = np.empty((GROUPS, inputs, count))
    size = max(1, min(_CHUNK, n // (8 * GROUPS)))
    defined_in = np.empty(count, dtype=np.int64)
    pieces = [slice(lo, min(lo + _INPUTS, inputs)) for lo in range(0, inputs, _INPUTS)]
    blocks = [slice(lo, min(lo + _COLUMNS, count)) for lo in range(0, count, _COLUMNS)]
    done = 0
    with ThreadPoolExecutor(max(1, threads)) as pool:
        for block in blocks:
            table, place, middle = _columns(outcomes[block])
            defined_in[block] = _counted(table, place)
            squares = _squares(table, place, size)

            def work(
                piece: slice,
                block: slice = block,
                table: Floats = table,
                place: npt.NDArray[np.int64] = place,
                middle: Floats = middle,
                squares: Floats = squares,
            ) -> None:
                sums = np.zeros((piece.stop - piece.start, GROUPS, int(fine[piece].max()), table.shape[1]))
                _sum_up(codes[piece], merge[piece], table, size, sums)
                found = np.empty((4 + GROUPS, piece.stop - piece.start, block.stop - block.start))
                _shares(sums, place, squares, fine[piece], halves[piece], keep_order[piece], found)
                share[piece, block] = found[0]
                low[piece, block], high[piece, block] = found[1] + middle, found[2] + middle
                without[:, piece, block] = found[4:]

            for _ in pool.map(work, pieces):
                done += 1
                if told is not None:
                    told(done, len(pieces) * len(blocks))
    return Shares(share, jackknife_error(without), low, high, without, defined_in)


def classes_of(values: Floats, count: int) -> tuple[Bytes, int]:
    """Classes of equal count of an outcome's values, and how many there are; `UNDEFINED` where a value is NaN.

    Equal values share a class, so an outcome that is often the same number has fewer classes. Distances between
    distributions do not change when values are replaced by their order.
    """
    undefined = np.isnan(values)
    whole = values[~undefined] if undefined.any() else values
    found = np.zeros(len(values), dtype=np.uint8)
    if not len(whole):
        found[:] = UNDEFINED
        return found, 1
    edges = np.unique(np.quantile(whole, np.arange(1, count) / count, method="lower"))
    found[:] = np.searchsorted(edges, values, side="left")
    # A class may be empty where many values are the same.
    used = np.flatnonzero(np.bincount(found[~undefined], minlength=len(edges) + 1))
    renamed = np.zeros(len(edges) + 1, dtype=np.uint8)
    renamed[used] = np.arange(len(used))
    found = renamed[found]
    found[undefined] = UNDEFINED
    return found, max(1, len(used))


def distances(
    codes: Bytes,
    levels: Sequence[int],
    ordered: Sequence[bool],
    outcomes: Floats,
    *,
    threads: int = 1,
    told: Callable[[int, int], None] | None = None,
) -> Distances:
    """Indices of the whole distribution for all inputs and outcomes; arguments as for `first_order`."""
    inputs, n = codes.shape
    count = len(outcomes)
    bins = int(np.clip(np.sqrt(n / PER_CELL), 5, 32))
    merge, fine = _merged(levels, ordered, bins)
    slices, thick = _merged(fine.tolist(), ordered, SLICES)
    keep_order = np.array(ordered, dtype=np.bool_)
    found = np.zeros((5, inputs, count))
    done = 0
    with ThreadPoolExecutor(max(1, threads)) as pool:
        made = list(pool.map(lambda values: classes_of(values, bins), outcomes))

        def work(outcome: int) -> None:
            classes, several = made[outcome]
            _measure(codes, merge, fine, slices, thick, keep_order, classes, several, found[:, :, outcome])

        for _ in pool.map(work, range(count)):
            done += 1
            if told is not None:
                told(done, count)
    return Distances(*found)


def _bins(n: int) -> int:
    """Classes whose means are compared: up to forty, each of a hundred futures or more."""
    return 40 if n >= 4000 else 20 if n >= 2000 else 10


def _merged(levels: Sequence[int], ordered: Sequence[bool], most: int) -> tuple[Bytes, npt.NDArray[np.int64]]:
    """For each input the class that each of its codes falls into when ordered ones are merged to at most so many."""
    merge = np.zeros((len(levels), 256), dtype=np.uint8)
    fine = np.empty(len(levels), dtype=np.int64)
    for row, (count, order) in enumerate(zip(levels, ordered, strict=True)):
        kept = min(count, most) if order else count
        merge[row, :count] = np.arange(count) * kept // count
        fine[row] = kept
    return merge, fine


def _columns(outcomes: Floats) -> tuple[Floats, npt.NDArray[np.int64], Floats]:
    """Outcomes side by side (n, columns), centred, zero where undefined.

    Column 0 counts futures. Outcomes that are undefined somewhere have a column of their own that counts where they
    are not; ``place`` (2, outcomes) says where each outcome and its count stand. The means that were taken off too.
    """
    undefined = np.isnan(outcomes)
    partly: npt.NDArray[np.bool_] = np.logical_or.reduce(undefined, axis=1)
    count, n = outcomes.shape
    table = np.empty((n, 1 + count + int(partly.sum())))
    table[:, 0] = 1.0
    place = np.zeros((2, count), dtype=np.int64)
    middle = np.zeros(count)
    extra = 1 + count
    for row in range(count):
        place[0, row] = 1 + row
        if not partly[row]:
            middle[row] = outcomes[row].mean()
            table[:, 1 + row] = outcomes[row] - middle[row]
            continue
        there = ~undefined[row]
        middle[row] = outcomes[row][there].mean() if there.any() else 0.0
        table[:, 1 + row] = np.where(there, outcomes[row] - middle[row], 0.0)
        table[:, extra] = there
        place[1, row] = extra
        extra += 1
    return table, place, middle


def _counted(table: Floats, place: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.array([round(float(table[:, column].sum())) for column in place[1]], dtype=np.int64)


def _squares(table: Floats, place: npt.NDArray[np.int64], size: int) -> Floats:
    """Sums of squares by group of futures and outcome."""
    n = len(table)
    starts = np.arange(0, n, size)
    group = (starts // size) % GROUPS
    found = np.zeros((GROUPS, place.shape[1]))
    for outcome, column in enumerate(place[0]):
        parts = np.add.reduceat(table[:, column] ** 2, starts)
        found[:, outcome] = np.bincount(group, weights=parts, minlength=GROUPS)
    return found


@njit(cache=True, nogil=True)
def _sum_up(codes: Any, merge: Any, table: Any, size: int, sums: Any) -> None:
    """Add futures to the sums of their group and class: ``sums`` (inputs, groups, classes, columns)."""
    inputs, n = codes.shape
    columns = table.shape[1]
    groups = sums.shape[1]
    for lo in range(0, n, size):
        group = (lo // size) % groups
        hi = min(lo + size, n)
        for i in range(inputs):
            into = sums[i, group]
            for row in range(lo, hi):
                place = merge[i, codes[i, row]]
                for column in range(columns):
                    into[place, column] += table[row, column]


@njit(cache=True, nogil=True)
def _epsilon(counts: Any, sums: Any, squares: float, classes: int, step: int) -> float:
    """Epsilon squared of an outcome by class, ``step`` neighbouring classes merged; 0 where it does not vary."""
    n = 0.0
    total = 0.0
    between = 0.0
    used = 0
    for start in range(0, classes, step):
        inside = 0.0
        added = 0.0
        for k in range(start, min(start + step, classes)):
            inside += counts[k]
            added += sums[k]
        if inside > 0.0:
            used += 1
            between += added * added / inside
            n += inside
            total += added
    if n <= used or n < 2.0:
        return 0.0
    mean = total / n
    variance = squares / n - mean * mean
    # What rounding leaves of a constant is no variance.
    if variance <= 1e-14 * squares / n:
        return 0.0
    raw = (between / n - mean * mean) / variance
    chance = (used - 1) / (n - 1)
    return (raw - chance) / (1.0 - chance)


@njit(cache=True, nogil=True)
def _extrapolated(counts: Any, sums: Any, squares: float, classes: int, halves: bool) -> float:
    whole = _epsilon(counts, sums, squares, classes, 1)
    if not halves:
        return whole
    return (4.0 * whole - _epsilon(counts, sums, squares, classes, 2)) / 3.0


@njit(cache=True, nogil=True)
def _shares(sums: Any, place: Any, squares: Any, classes: Any, halves: Any, ordered: Any, found: Any) -> None:
    """``found`` (4 + groups, inputs, outcomes): share, low and high fifth, nothing, and shares without each group."""
    inputs, groups = sums.shape[0], sums.shape[1]
    outcomes = place.shape[1]
    most = sums.shape[2]
    counts = np.empty(most)
    values = np.empty(most)
    left_counts = np.empty(most)
    left_values = np.empty(most)
    for i in range(inputs):
        several = classes[i]
        for j in range(outcomes):
            value_at, count_at = place[0, j], place[1, j]
            for k in range(several):
                counts[k] = 0.0
                values[k] = 0.0
            square = 0.0
            for g in range(groups):
                square += squares[g, j]
                for k in range(several):
                    counts[k] += sums[i, g, k, count_at]
                    values[k] += sums[i, g, k, value_at]
            found[0, i, j] = _extrapolated(counts, values, square, several, halves[i])
            found[1, i, j] = np.nan
            found[2, i, j] = np.nan
            found[3, i, j] = 0.0
            if ordered[i]:
                fifth = max(1, several // 5)
                inside = 0.0
                added = 0.0
                for k in range(fifth):
                    inside += counts[k]
                    added += values[k]
                if inside > 0.0:
                    found[1, i, j] = added / inside
                inside = 0.0
                added = 0.0
                for k in range(several - fifth, several):
                    inside += counts[k]
                    added += values[k]
                if inside > 0.0:
                    found[2, i, j] = added / inside
            for g in range(groups):
                for k in range(several):
                    left_counts[k] = counts[k] - sums[i, g, k, count_at]
                    left_values[k] = values[k] - sums[i, g, k, value_at]
                left = square - squares[g, j]
                found[4 + g, i, j] = _extrapolated(left_counts, left_values, left, several, halves[i])


@njit(cache=True, nogil=True)
def _measure(
    codes: Any,
    merge: Any,
    fine: Any,
    slices: Any,
    thick: Any,
    ordered: Any,
    classes: Any,
    several: int,
    found: Any,
) -> None:
    """One outcome's distances for every input: ``found`` (5, inputs), as the fields of `Distances`."""
    inputs, n = codes.shape
    for i in range(inputs):
        rows = fine[i]
        table = np.zeros((FOLDS, rows, several))
        for r in range(n):
            y = classes[r]
            if y != UNDEFINED:
                table[(r // 16) % FOLDS, merge[i, codes[i, r]], y] += 1.0
        others = np.zeros((FOLDS, rows, several))
        whole = np.zeros((rows, several))
        for k in range(rows):
            for y in range(several):
                total = 0.0
                for f in range(FOLDS):
                    total += table[f, k, y]
                whole[k, y] = total
                for f in range(FOLDS):
                    others[f, k, y] = total - table[f, k, y]
        _delta(table, others, found, i)
        _pawn(table, others, slices[i], thick[i], found, i)
        found[4, i] = _rank(whole) if ordered[i] else 0.0


@njit(cache=True, nogil=True)
def _excess(table: Any, out: Any) -> bool:
    """Shares of cells less those that independence would give, unbiased; false with fewer than two futures."""
    rows, columns = table.shape
    n = 0.0
    right = np.zeros(columns)
    for k in range(rows):
        for y in range(columns):
            n += table[k, y]
            right[y] += table[k, y]
    if n < 2.0:
        return False
    for k in range(rows):
        left = 0.0
        for y in range(columns):
            left += table[k, y]
        for y in range(columns):
            out[k, y] = (table[k, y] - left * right[y] / n) / (n - 1.0)
    return True


@njit(cache=True, nogil=True)
def _delta(table: Any, others: Any, found: Any, i: int) -> None:
    folds, rows, columns = table.shape
    inside = np.zeros((rows, columns))
    outside = np.zeros((rows, columns))
    used, added, squared = 0, 0.0, 0.0
    for f in range(folds):
        if not _excess(table[f], inside) or not _excess(others[f], outside):
            continue
        value = 0.0
        for k in range(rows):
            for y in range(columns):
                if outside[k, y] > 0.0:
                    value += 0.5 * inside[k, y]
                elif outside[k, y] < 0.0:
                    value -= 0.5 * inside[k, y]
        used += 1
        added += value
        squared += value * value
    found[0, i] = np.nan
    found[1, i] = np.nan
    if used > 1:
        mean = added / used
        found[0, i] = mean
        found[1, i] = np.sqrt(max(0.0, squared / used - mean * mean) / (used - 1))


@njit(cache=True, nogil=True)
def _cumulative(table: Any, slices: Any, thick: int, out: Any, inside: Any) -> None:
    """Cumulative distribution of each slice less that of all futures, and the futures of each slice."""
    rows, columns = table.shape
    every = np.zeros(columns)
    n = 0.0
    for s in range(thick):
        inside[s] = 0.0
        for y in range(columns):
            out[s, y] = 0.0
    for k in range(rows):
        for y in range(columns):
            out[slices[k], y] += table[k, y]
            inside[slices[k]] += table[k, y]
            every[y] += table[k, y]
            n += table[k, y]
    for s in range(thick):
        of_slice, of_all = 0.0, 0.0
        for y in range(columns):
            of_slice += out[s, y]
            of_all += every[y]
            out[s, y] = of_slice / inside[s] - of_all / n if inside[s] > 0.0 else 0.0


@njit(cache=True, nogil=True)
def _pawn(table: Any, others: Any, slices: Any, thick: int, found: Any, i: int) -> None:
    folds, _, columns = table.shape
    inside = np.zeros((thick, columns))
    outside = np.zeros((thick, columns))
    weights = np.zeros((folds, thick))
    rest = np.zeros(thick)
    values = np.zeros((folds, thick))
    total = np.zeros(thick)
    weight = np.zeros(thick)
    for f in range(folds):
        _cumulative(others[f], slices, thick, outside, rest)
        _cumulative(table[f], slices, thick, inside, weights[f])
        for s in range(thick):
            best = 0
            for y in range(columns):
                if abs(outside[s, y]) > abs(outside[s, best]):
                    best = y
            sign = 1.0 if outside[s, best] > 0.0 else -1.0
            values[f, s] = sign * inside[s, best] * weights[f, s]
            total[s] += values[f, s]
            weight[s] += weights[f, s]
    part = np.zeros(thick)
    # Slices that no future fell into say nothing: a law that is never drawn, a class that ties left empty.
    used = 0
    for s in range(thick):
        if weight[s] > 0.0:
            part[used] = total[s] / weight[s]
            used += 1
    found[2, i] = _median(part[:used])
    added, squared = 0.0, 0.0
    for f in range(folds):
        used = 0
        for s in range(thick):
            left = weight[s] - weights[f, s]
            if left > 0.0:
                part[used] = (total[s] - values[f, s]) / left
                used += 1
        middle = _median(part[:used])
        added += middle
        squared += middle * middle
    mean = added / folds
    found[3, i] = np.sqrt((folds - 1) * max(0.0, squared / folds - mean * mean))


@njit(cache=True, nogil=True)
def _median(values: Any) -> float:
    """Median of a few numbers, which are put in order."""
    count = len(values)
    if count == 0:
        return np.nan
    for place in range(1, count):
        value = values[place]
        at = place
        while at > 0 and values[at - 1] > value:
            values[at] = values[at - 1]
            at -= 1
        values[at] = value
    half = count // 2
    return values[half] if count % 2 else 0.5 * (values[half - 1] + values[half])


@njit(cache=True, nogil=True)
def _rank(whole: Any) -> float:
    """Spearman's rank correlation of the classes: middle ranks, equal ones shared."""
    rows, columns = whole.shape
    n = 0.0
    left = np.zeros(rows)
    right = np.zeros(columns)
    for k in range(rows):
        for y in range(columns):
            left[k] += whole[k, y]
            right[y] += whole[k, y]
            n += whole[k, y]
    if n < 2.0:
        return np.nan
    _middle(left, n)
    _middle(right, n)
    both = 0.0
    of_left = 0.0
    of_right = 0.0
    for k in range(rows):
        for y in range(columns):
            both += whole[k, y] * left[k] * right[y]
            of_left += whole[k, y] * left[k] ** 2
            of_right += whole[k, y] * right[y] ** 2
    if of_left <= 0.0 or of_right <= 0.0:
        return 0.0
    return both / np.sqrt(of_left * of_right)


@njit(cache=True, nogil=True)
def _middle(counts: Any, n: float) -> None:
    """Replace counts by the middle rank of each class, centred."""
    before = 0.0
    for k in range(len(counts)):
        inside = counts[k]
        counts[k] = before + 0.5 * inside - 0.5 * n
        before += inside
