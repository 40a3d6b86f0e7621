"""Where the futures' numbers lie: at random, in Latin hypercubes, or on scrambled Sobol' nets, each by address.

A design gives one row of numbers, even over (0, 1), for each dimension. A number depends on the seed, the dimension and
the future's number alone, never on how many futures a run has, so blocks are drawn in any order and by any worker.
What futures share a randomisation form a *replicate*; replicates are independent of each other, and their spread is
what an interval rests on (`replicates_of`). `docs/decisions/0012-sampling-designs.md` gives the reasons.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from twofront.faults import UserError, listed, nearest
from twofront.parameters.streams import key_of, rows_of_words, uniform_rows

__all__ = ["CUBE", "DESIGNS", "POINTS", "REPLICATES", "Design", "design_of", "finished_replicates", "replicates_of"]

Floats: TypeAlias = NDArray[np.float64]
Words: TypeAlias = NDArray[np.uint64]

DESIGNS = ("random", "latin", "sobol")
CUBE = 256
"""Neighbouring futures that form one Latin hypercube."""
REPLICATES = 16
"""Independently scrambled Sobol' sequences that take turns, future by future."""
POINTS = 1 << 16
"""Points of a Sobol' sequence; after as many from each, sixteen fresh scrambles begin."""

_DIGITS = 52
_CUBE_DIGITS = CUBE.bit_length() - 1
_POINT_DIGITS = POINTS.bit_length() - 1
_ADDRESSES = 32
"""Addresses of a replicate's words in a stream: a shift, then the columns of the scramble."""


class Design(Protocol):
    """Numbers even over (0, 1)."""

    def rows(self, lo: int, hi: int, which: Sequence[int] | None = None) -> Floats:
        """Numbers of the futures `lo` to `hi - 1`: a row for each dimension, or only for those in `which`."""
        ...


def design_of(name: str, seed: int, dimensions: Sequence[str]) -> Design:
    """The design of that name over dimensions with these names; `UserError` if there is none."""
    if name == "random":
        return _Random(seed, dimensions)
    if name == "latin":
        return _Latin(seed, dimensions)
    if name == "sobol":
        return _Sobol(seed, dimensions)
    near = nearest(name, DESIGNS)
    hint = f"did you mean `{near}`?" if near else f"there are {listed(DESIGNS)}"
    raise UserError(f"no sampling `{name}`; {hint}")


def replicates_of(design: str, futures: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """The replicate that each future belongs to; None where every future is one of its own."""
    if design == "latin":
        return futures // CUBE
    if design == "sobol":
        return futures // (REPLICATES * POINTS) * REPLICATES + futures % REPLICATES
    return None


def finished_replicates(design: str, futures: int) -> int:
    """Replicates below this number have all their futures among the first `futures`."""
    return futures // (REPLICATES * POINTS) * REPLICATES if design == "sobol" else futures // CUBE


def _keys(seed: int, names: Sequence[str]) -> Words:
    return np.array([key_of(seed, name) for name in names], dtype=np.uint64).reshape(-1, 2).T[:, :, None]


def _some(keys: Words, which: Sequence[int] | None) -> Words:
    return keys if which is None else keys[:, list(which)]


def _even(words: Words) -> Floats:
    """Numbers between 0 and 1 from words of 52 binary digits, half a step above each: exact."""
    return (words.astype(np.float64) + 0.5) * 2.0**-_DIGITS


class _Random:
    def __init__(self, seed: int, dimensions: Sequence[str]) -> None:
        self._dimensions = _keys(seed, dimensions)

    def rows(self, lo: int, hi: int, which: Sequence[int] | None = None) -> Floats:
        return uniform_rows(_some(self._dimensions, which), lo, hi)


class _Latin:
    """Every `CUBE` neighbouring futures have one number in each of as many equal slices, in every dimension.

    (McKay, Beckman and Conover 1979.) A future's slice is the rank that its plain random number has among those of its
    hypercube: an unbiased permutation without any state. Where it lies in the slice is drawn from a stream of its own.
    """

    def __init__(self, seed: int, dimensions: Sequence[str]) -> None:
        self._order = _keys(seed, dimensions)
        self._within = _keys(seed, [f"latin:{name}" for name in dimensions])

    def rows(self, lo: int, hi: int, which: Sequence[int] | None = None) -> Floats:
        first, last = lo // CUBE * CUBE, -(-hi // CUBE) * CUBE
        place = np.arange(CUBE, dtype=np.uint64)
        keys = _some(self._order, which)
        order = rows_of_words(keys, first, last).reshape(keys.shape[1], (last - first) // CUBE, CUBE)
        # With a future's place in its last digits, no two are alike and the order says who holds which rank.
        order = np.sort((order & ~place[-1]) | place, axis=2) & place[-1]
        slices = np.empty_like(order)
        np.put_along_axis(slices, order.astype(np.intp), np.broadcast_to(place, order.shape), axis=2)
        inside = rows_of_words(_some(self._within, which), lo, hi)
        top = slices.reshape(len(inside), last - first)[:, lo - first : hi - first]
        return _even((top << np.uint64(_DIGITS - _CUBE_DIGITS)) | (inside >> np.uint64(_CUBE_DIGITS)))


class _Sobol:
    """Sobol' sequences, each with a random linear scramble (Matoušek 1998) and digital shift of its own.

    Future `i` is the next point of replicate `i % REPLICATES`, so any number of futures spreads over all replicates.
    The direction numbers are those of Joe and Kuo (2008) as SciPy has them; a point is computed from its number,
    since SciPy's generator can only be wound forward point by point.
    """

    def __init__(self, seed: int, dimensions: Sequence[str]) -> None:
        from scipy.stats.qmc import Sobol

        if len(dimensions) > Sobol.MAXDIM:
            raise UserError(
                f"{len(dimensions):,} inputs are drawn, and Sobol' sequences are known for {Sobol.MAXDIM:,}; "
                "use --sampling latin"
            )
        self._keys = _keys(seed, [f"sobol:{name}" for name in dimensions])
        self._directions = _directions(len(dimensions))
        self._scrambles = lru_cache(maxsize=2 * REPLICATES)(self._scramble)

    def rows(self, lo: int, hi: int, which: Sequence[int] | None = None) -> Floats:
        wanted = slice(None) if which is None else list(which)
        words = np.empty((self._keys.shape[1] if which is None else len(which), hi - lo), dtype=np.uint64)
        turn = REPLICATES * POINTS
        for start in range(lo // turn * turn, hi, turn):
            begin, end = max(lo, start) - start, min(hi, start + turn) - start
            for place in range(REPLICATES):
                first, last = -(-(begin - place) // REPLICATES), -(-(end - place) // REPLICATES)
                if first < last:
                    at = start + place + REPLICATES * first - lo
                    shift, columns = self._scrambles(start // POINTS + place)
                    points = np.arange(first, last, dtype=np.uint64)
                    words[:, at : at + REPLICATES * (last - first) : REPLICATES] = _points(
                        points, shift[wanted], columns[wanted]
                    )
        return _even(words)

    def _scramble(self, replicate: int) -> tuple[Words, Words]:
        """Shift (dimensions,) and scrambled direction numbers (dimensions, digits of a point's number)."""
        at = replicate * _ADDRESSES
        drawn = rows_of_words(self._keys, at, at + 1 + _POINT_DIGITS)
        scrambled = np.zeros_like(self._directions)
        for digit in range(_POINT_DIGITS):
            # Column of a lower triangular matrix with ones on its diagonal: digits below the leading one are random.
            leading = np.uint64(1 << (_DIGITS - 1 - digit))
            column = leading | (drawn[:, 1 + digit] & (leading - np.uint64(1)))
            has = (self._directions & leading) != 0
            scrambled ^= np.where(has, column[:, None], np.uint64(0))
        return drawn[:, 0], scrambled


@lru_cache(maxsize=4)
def _directions(dimensions: int) -> Words:
    """Direction numbers (dimensions, digits of a point's number), as fractions of 52 binary digits.

    Read off SciPy's points: point 2^k of its sequence is the sum without carry of the direction numbers k and k - 1.
    """
    from scipy.stats.qmc import Sobol

    plain = Sobol(dimensions, scramble=False, bits=_POINT_DIGITS)
    found = np.empty((dimensions, _POINT_DIGITS), dtype=np.uint64)
    for digit in range(_POINT_DIGITS):
        plain.fast_forward((1 << digit) - plain.num_generated)
        found[:, digit] = (plain.random(1)[0] * 2.0**_DIGITS).astype(np.uint64)
        if digit:
            found[:, digit] ^= found[:, digit - 1]
    found.flags.writeable = False
    return found


def _points(numbers: Words, shift: Words, columns: Words) -> Words:
    """Points (dimensions, numbers) of a sequence in the order of Gray codes, as SciPy's."""
    gray = numbers ^ (numbers >> np.uint64(1))
    base = shift.copy()
    changing: list[tuple[int, NDArray[np.bool_]]] = []
    for digit in range(_POINT_DIGITS):
        has = ((gray >> np.uint64(digit)) & np.uint64(1)).astype(bool)
        if has.all():
            base ^= columns[:, digit]
        elif has.any():
            changing.append((digit, has))
    words = np.repeat(base[:, None], len(numbers), axis=1)
    for digit, has in changing:
        words[:, has] ^= columns[:, digit, None]
    return words
