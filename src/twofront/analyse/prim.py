"""The patient rule induction method on codes: where in the space of inputs the futures of interest lie.

Friedman and Fisher (1999), as scenario discovery uses it (Bryant and Lempert 2010). Peeling takes a small share of the
box off one side of one input at a time (or one option of a choice), whichever raises the density most per future given
up (the objective of Kwakkel's EMA workbench, which treats numbers and choices alike); pasting puts back what a peel
took too much of. Every box passed on the way is kept: the trajectory, from which a reader chooses.

Histograms of the codes hold all that a peel needs to know. Removing a box's slice subtracts it from them, so that the
whole trajectory costs about one pass over the data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numba as nb
import numpy as np
import numpy.typing as npt
from scipy.special import bdtrc

from twofront.analyse.codes import Bytes, Codes

__all__ = ["PASTE", "PEEL", "Box", "Limit", "Peeling", "limits_of", "peel", "quasi_p", "within"]

PEEL = 0.05
"""Share of the box that a peel takes off an input's end."""
PASTE = 0.05
"""Share of what lies beyond a limit that a paste puts back."""
_LOW, _HIGH, _OPTION = 0, 1, 2
"""Sides of a step: a new lowest code, a new highest code, an option that goes or comes back."""
WIDTH = 256
"""Columns of a histogram: every code a byte can hold."""

Bools: TypeAlias = npt.NDArray[np.bool_]
Ints: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Box:
    """One box of a trajectory.

    `low` and `high` are the lowest and highest code allowed of each number; `allowed` tells for each choice (in the
    order of `Peeling.choices`) which options are. `inside` counts futures, `hits` those of interest among them.
    """

    low: Bytes
    high: Bytes
    allowed: Bools
    inside: int
    hits: int
    pasted: bool = False

    @property
    def density(self) -> float:
        """Share of the box's futures that are of interest."""
        return self.hits / self.inside if self.inside else float("nan")


@dataclass(frozen=True)
class Peeling:
    """A trajectory: `boxes`, the whole space first, and what they are boxes of."""

    boxes: tuple[Box, ...]
    sizes: Ints
    choices: Ints
    """Rows of the inputs that are choices."""
    n: int
    hits: int

    def coverage(self, box: Box) -> float:
        """Share of all futures of interest that the box holds."""
        return box.hits / self.hits

    def mass(self, box: Box) -> float:
        """Share of all futures that the box holds."""
        return box.inside / self.n

    def restricted(self, box: Box) -> list[int]:
        """Rows of the inputs that the box limits."""
        return restricted(box, self.sizes, self.choices)


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of a box. `side` is `low` (at least this code), `high` (at most) or `options` (one of these).

    `quasi_p`: chance that a box without this limit would by luck hold as many futures of interest among as many
    futures (binomial, after Bryant and Lempert 2010). It is no p-value: the limit was chosen to look good.
    """

    place: int
    side: str
    code: int = 0
    options: tuple[int, ...] = ()
    quasi_p: float = float("nan")


def peel(
    codes: Codes,
    hits: Bools,
    *,
    rows: npt.NDArray[Any] | None = None,
    peel_share: float = PEEL,
    paste_share: float = PASTE,
    least_mass: float = 0.05,
    most_inputs: int | None = None,
    ties: float = 0.0,
    without: Sequence[int] = (),
) -> Peeling:
    """Peel from the whole space until no peel helps or the box would hold less than `least_mass` of the futures.

    `hits` marks the futures of interest; `rows` peels among some of the futures only. With `most_inputs` a box limits
    no more inputs than that: then only those are peeled on. Inputs in the rows `without` are not peeled on.

    With `ties` above zero, peels whose gains lie within so many standard errors of the best count as alike, and the one
    on the input that tells most along its whole length is made: where futures of interest are few, a slice that
    happens to hold none is no sign.
    """
    chosen = np.arange(codes.n, dtype=np.int32) if rows is None else np.sort(rows).astype(np.int32)
    choices = np.flatnonzero(codes.choices)
    y = hits.astype(np.uint8)
    is_choice = codes.choices.astype(np.uint8)
    cap = len(codes.factors) if most_inputs is None else most_inputs
    out = np.zeros(len(codes.factors), np.uint8)
    out[list(without)] = 1
    steps = _trajectory(
        codes.codes, y, chosen, is_choice, codes.sizes, peel_share, paste_share, least_mass, cap, ties, out
    )
    low, high = np.zeros(len(codes.factors), np.uint8), (codes.sizes - 1).astype(np.uint8)
    allowed = np.ones((len(choices), WIDTH), dtype=bool)
    place_of = {int(row): place for place, row in enumerate(choices)}
    n, interest = len(chosen), int(y[chosen].sum())
    boxes = [Box(low.copy(), high.copy(), allowed.copy(), n, interest)]
    for row, side, code, inside, counted, pasted in steps.tolist():
        if side == _LOW:
            low[row] = code
        elif side == _HIGH:
            high[row] = code
        else:
            allowed[place_of[row], code] = bool(pasted)
        boxes.append(Box(low.copy(), high.copy(), allowed.copy(), inside, counted, bool(pasted)))
    return Peeling(tuple(boxes), codes.sizes, choices, n, interest)


def restricted(box: Box, sizes: Ints, choices: Ints) -> list[int]:
    """Rows of the inputs that a box limits."""
    narrowed = (box.low > 0) | (box.high < sizes - 1)
    for row, options in zip(choices, box.allowed, strict=True):
        narrowed[row] = not options[: sizes[row]].all()
    return [int(row) for row in np.flatnonzero(narrowed)]


def within(codes: Codes, limits: list[Limit]) -> Bools:
    """Which futures meet all of these limits."""
    inside = np.ones(codes.n, dtype=bool)
    for limit in limits:
        inside &= _meets(codes.codes[limit.place], limit)
    return inside


def limits_of(peeling: Peeling, box: Box) -> list[Limit]:
    """The limits of a box, by row; a number limited on both sides has two."""
    found: list[Limit] = []
    choices = {int(row): place for place, row in enumerate(peeling.choices)}
    for row in peeling.restricted(box):
        if row in choices:
            options = np.flatnonzero(box.allowed[choices[row]][: peeling.sizes[row]])
            found.append(Limit(row, "options", options=tuple(int(option) for option in options)))
            continue
        if box.low[row] > 0:
            found.append(Limit(row, "low", int(box.low[row])))
        if box.high[row] < peeling.sizes[row] - 1:
            found.append(Limit(row, "high", int(box.high[row])))
    return found


def quasi_p(codes: Codes, hits: Bools, limits: list[Limit], among: Bools | None = None) -> list[Limit]:
    """The same limits with their quasi-p-values, each against the box without it, among some of the futures."""
    failed = np.zeros(codes.n, dtype=np.int16)
    misses = [~_meets(codes.codes[limit.place], limit) for limit in limits]
    for miss in misses:
        failed += miss
    if among is not None:
        failed[~among] = len(limits) + 1
    inside = failed == 0
    count, hit = int(inside.sum()), int((inside & hits).sum())
    found: list[Limit] = []
    for limit, miss in zip(limits, misses, strict=True):
        without = inside | ((failed == 1) & miss)
        share = float(hits[without].mean())
        chance = float(bdtrc(hit - 1, count, share)) if hit else 1.0
        found.append(Limit(limit.place, limit.side, limit.code, limit.options, chance))
    return found


def _meets(column: Bytes, limit: Limit) -> Bools:
    if limit.side == "low":
        return column >= limit.code
    if limit.side == "high":
        return column <= limit.code
    return np.isin(column, limit.options)


@nb.njit(cache=True, nogil=True)
def _trajectory(
    codes: Any,
    y: Any,
    chosen: Any,
    is_choice: Any,
    sizes: Any,
    peel_share: float,
    paste_share: float,
    least_mass: float,
    cap: int,
    ties: float,
    left_out: Any,
) -> Any:
    """Peel and paste. Returns one row for each step: the input, the side, the new limit (or the option that goes or
    comes), futures and hits in the box after it, and whether it pasted."""
    inputs = codes.shape[0]
    n = len(chosen)
    low, high = np.zeros(inputs, np.int64), sizes - 1
    allowed = np.ones((inputs, WIDTH), np.uint8)
    touched = np.zeros(inputs, np.uint8)
    steps = np.empty((64, 6), np.int64)
    taken = 0
    box = chosen.copy()
    counts = np.zeros((inputs, 2, WIDTH), np.int32)
    _add(codes, y, box, 1, counts)
    count, hits = n, np.int64(0)
    for at in box:
        hits += y[at]
    pasting = False
    while True:
        if pasting:
            row, side, code, more, more_hits = _best_paste(
                codes, y, chosen, is_choice, sizes, low, high, allowed, count, hits, paste_share
            )
            if row < 0:
                break
            count += more
            hits += more_hits
        else:
            row, side, code = _best_peel(
                counts, is_choice, sizes, low, high, allowed, touched, count, hits, peel_share, cap, ties, left_out
            )
            pasting = row < 0
            if pasting:
                continue
            code = _in_the_gap(counts[row], side, code, sizes[row])
            kept, gone = _split(codes[row], box, side, code)
            pasting = len(kept) < least_mass * n
            if pasting:
                continue
            _add(codes, y, gone, -1, counts)
            for at in gone:
                hits -= y[at]
            box, count = kept, len(kept)
            touched[row] = 1
        if side == _LOW:
            low[row] = code
        elif side == _HIGH:
            high[row] = code
        else:
            allowed[row, code] = 1 if pasting else 0
        if taken == len(steps):
            steps = np.concatenate((steps, np.empty_like(steps)))
        steps[taken, 0], steps[taken, 1], steps[taken, 2] = row, side, code
        steps[taken, 3], steps[taken, 4], steps[taken, 5] = count, hits, 1 if pasting else 0
        taken += 1
    return steps[:taken]


@nb.njit(cache=True, nogil=True)
def _in_the_gap(counts: Any, side: int, code: int, size: int) -> int:
    """The limit half way between the last code that goes and the first that stays in the box, not at the edge of the
    one that goes: no future of the box lies between, but others may."""
    if side == _OPTION:
        return code
    step = 1 if side == _LOW else -1
    stays = code
    while 0 <= stays < size and counts[0, stays] + counts[1, stays] == 0:
        stays += step
    if side == _LOW:
        return (code - 1 + stays + 1) // 2
    return (code + 1 + stays) // 2


@nb.njit(cache=True, nogil=True)
def _add(codes: Any, y: Any, rows: Any, sign: int, counts: Any) -> None:
    """Add futures to the histograms of every input, or take them away."""
    for row in range(codes.shape[0]):
        column, own = codes[row], counts[row]
        for at in rows:
            own[y[at], column[at]] += sign


@nb.njit(cache=True, nogil=True)
def _split(column: Any, box: Any, side: int, code: int) -> tuple[Any, Any]:
    """A box's futures that a peel keeps, and those that it takes off."""
    kept, gone = np.empty_like(box), np.empty_like(box)
    stay, go = 0, 0
    for at in box:
        value = column[at]
        if (side == 0 and value >= code) or (side == 1 and value <= code) or (side == 2 and value != code):
            kept[stay] = at
            stay += 1
        else:
            gone[go] = at
            go += 1
    return kept[:stay].copy(), gone[:go].copy()


@nb.njit(cache=True, nogil=True)
def _best_peel(
    counts: Any,
    is_choice: Any,
    sizes: Any,
    low: Any,
    high: Any,
    allowed: Any,
    touched: Any,
    count: int,
    hits: Any,
    share: float,
    cap: int,
    ties: float,
    left_out: Any,
) -> tuple[int, int, int]:
    """The peel that raises the density most per future given up: input, side (0 low, 1 high, 2 option) and code.

    Among peels that raise it alike (see `_peels`), the one on the input that tells most; then inputs that are limited
    already, then the first. The input is −1 if no peel helps.
    """
    found, gains = _peels(counts, is_choice, sizes, low, high, allowed, touched, count, hits, share, cap, left_out)
    best = -1
    for place in range(len(found)):
        if gains[place, 0] > 0 and (best < 0 or gains[place, 0] > gains[best, 0]):
            best = place
    if best < 0:
        return -1, 0, 0
    top, error = gains[best, 0], gains[best, 1]
    for place in range(len(found)):
        gain, own, tells = gains[place]
        if gain <= 0 or gain < top - ties * np.sqrt(error * error + own * own):
            continue
        old, best_old = touched[found[place, 0]] == 1, touched[found[best, 0]] == 1
        if ties > 0:
            if tells > gains[best, 2]:
                best = place
        elif old and not best_old:
            best = place
    return found[best, 0], found[best, 1], found[best, 2]


@nb.njit(cache=True, nogil=True)
def _peels(
    counts: Any,
    is_choice: Any,
    sizes: Any,
    low: Any,
    high: Any,
    allowed: Any,
    touched: Any,
    count: int,
    hits: Any,
    share: float,
    cap: int,
    left_out: Any,
) -> tuple[Any, Any]:
    """Every peel that can be made, as (input, side, code), and of each its gain, the gain's standard error, and how
    clearly its input tells (standard scores)."""
    inputs = len(sizes)
    room = 0
    for row in range(inputs):
        room += sizes[row] if is_choice[row] else 2
    found, gains = np.empty((room, 3), np.int64), np.empty((room, 3))
    taken = 0
    mean = hits / count
    spread = np.sqrt(mean * (1 - mean))
    full = touched.sum() >= cap
    first = int(np.floor((count - 1) * share))
    last = int(np.ceil((count - 1) * (1 - share)))
    for row in range(inputs):
        if left_out[row] or (full and touched[row] != 1):
            continue
        own = counts[row]
        if is_choice[row]:
            left = 0
            for code in range(sizes[row]):
                left += allowed[row, code]
            if left < 2:
                continue
            for code in range(sizes[row]):
                gone = own[0, code] + own[1, code]
                if not allowed[row, code] or gone == 0 or gone == count:
                    continue
                gains[taken] = _gain(count, hits, gone, own[1, code], spread, 0.0)
                found[taken] = row, 2, code
                taken += 1
            continue
        # From the high end: drop the code at the upper quantile and all above it. From the low end: the mirror image.
        below, below_hits, end = 0, 0, -1
        gone, gone_hits, start = 0, 0, -1
        seen, ranks = 0, 0.0
        for code in range(low[row], high[row] + 1):
            here, hit = own[0, code] + own[1, code], own[1, code]
            ranks += hit * (seen + 0.5 * (here + 1))
            if start < 0:
                gone += here
                gone_hits += hit
                if gone > first:
                    start = code
            if end < 0:
                if seen + here > last:
                    end = code
                else:
                    below, below_hits = seen + here, below_hits + hit
            seen += here
        # Of the hits' ranks within the box (Wilcoxon), positive where hits lie high.
        tilt = (ranks - 0.5 * hits * (count + 1)) / max(np.sqrt(hits * (count - hits) * (count + 1) / 12), 1e-300)
        if 0 < below < count:
            gains[taken] = _gain(count, hits, count - below, hits - below_hits, spread, -tilt)
            found[taken] = row, 1, end - 1
            taken += 1
        if 0 < gone < count:
            gains[taken] = _gain(count, hits, gone, gone_hits, spread, tilt)
            found[taken] = row, 0, start + 1
            taken += 1
    return found[:taken], gains[:taken]


@nb.njit(cache=True, nogil=True)
def _gain(count: int, hits: int, gone: int, gone_hits: int, spread: float, tilt: float) -> tuple[float, float, float]:
    """Rise of the density per future given up, its standard error if the slice were like the box, and the standard
    score of what is clearer: that the slice holds few hits, or that they tilt away from it along the whole input."""
    mean = hits / count
    gain = ((hits - gone_hits) / (count - gone) - mean) / gone
    error = spread / np.sqrt(gone) / (count - gone)
    few = (gone * mean - gone_hits) / max(spread * np.sqrt(gone * (1 - gone / count)), 1e-300)
    return gain, error, max(few, tilt)


@nb.njit(cache=True, nogil=True)
def _best_paste(
    codes: Any,
    y: Any,
    chosen: Any,
    is_choice: Any,
    sizes: Any,
    low: Any,
    high: Any,
    allowed: Any,
    count: int,
    hits: Any,
    share: float,
) -> tuple[int, int, int, int, int]:
    """The paste that raises the density most per future taken in; the input is −1 if none raises it."""
    inputs = codes.shape[0]
    limited = np.zeros(inputs, np.uint8)
    for row in range(inputs):
        if is_choice[row]:
            for code in range(sizes[row]):
                if not allowed[row, code]:
                    limited[row] = 1
        elif low[row] > 0 or high[row] < sizes[row] - 1:
            limited[row] = 1
    rows = np.flatnonzero(limited)
    # Futures that miss the box by one input only, counted by that input and its code.
    counts = np.zeros((len(rows), 2, WIDTH), np.int64)
    for at in chosen:
        missed = -1
        for place in range(len(rows)):
            row = rows[place]
            code = codes[row, at]
            if (is_choice[row] and not allowed[row, code]) or (
                not is_choice[row] and (code < low[row] or code > high[row])
            ):
                if missed >= 0:
                    missed = -2
                    break
                missed = place
        if missed >= 0:
            counts[missed, y[at], codes[rows[missed], at]] += 1
    best_row, best_side, best_code, best_more, best_hits, best = -1, 0, 0, 0, 0, 0.0
    mean = hits / count
    for place in range(len(rows)):
        row = rows[place]
        own = counts[place]
        if is_choice[row]:
            for code in range(sizes[row]):
                more = own[0, code] + own[1, code]
                if allowed[row, code] or more == 0:
                    continue
                gain = ((hits + own[1, code]) / (count + more) - mean) / more
                if gain > best:
                    best_row, best_side, best_code, best = row, 2, code, gain
                    best_more, best_hits = more, own[1, code]
            continue
        for side in range(2):
            beyond = 0
            start, stop, step = (low[row] - 1, -1, -1) if side == 0 else (high[row] + 1, sizes[row], 1)
            for code in range(start, stop, step):
                beyond += own[0, code] + own[1, code]
            if beyond == 0:
                continue
            wanted = beyond - 1 - int(np.ceil((beyond - 1) * (1 - share)))
            more, more_hits, reached, further = 0, 0, start, -1
            for code in range(start, stop, step):
                here = own[0, code] + own[1, code]
                if more > wanted:
                    if here:
                        further = code
                        break
                    continue
                more += here
                more_hits += own[1, code]
                reached = code
            if further >= 0:
                # Half way to the next future that stays outside, as in peeling.
                reached = (further + reached + 1) // 2 if side == 0 else (further + reached) // 2
            gain = ((hits + more_hits) / (count + more) - mean) / more
            if gain > best:
                best_row, best_side, best_code, best, best_more, best_hits = row, side, reached, gain, more, more_hits
    return best_row, best_side, best_code, best_more, best_hits
