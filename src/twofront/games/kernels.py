"""Compiled equations of a tree: made once a shape, run on blocks of games side by side.

Everything a solver computes for a game comes out of these kernels or of elementwise array operations, so results do
not depend on which games share a block, how many threads there are, or on the machine.
"""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twofront.engine.executor import compile_stage
from twofront.engine.graph import Series
from twofront.engine.ops import absolute, maximum, number, scan, sqrt
from twofront.engine.stage import Kernel, Stage
from twofront.games.duals import Dual
from twofront.games.layout import Layout
from twofront.games.linear import eliminate
from twofront.games.response import Play, best_reply

__all__ = ["Equations", "Floats", "equations"]

Floats = NDArray[np.float64]
SWEEPS = 8
"""Simultaneous replies in one call of `sweep`."""
CORRECTIONS = 2
"""Newton corrections in one call of `correct`."""
KEPT = 32
"""Shapes of trees whose kernels are kept ready."""


class Equations:
    """The kernels of one shape of tree. Each is made when first asked for; asking is safe from several threads."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._lock = threading.RLock()

    def _made(self, name: str, function: Callable[[Mapping[str, Any]], Mapping[str, Any]], *extra: str) -> Kernel:
        layout = self.layout
        lengths = {
            "numbers": len(layout.quantities),
            "precisions": len(layout.players),
            "odds": layout.size,
            "point": layout.size + 1,
            "row": layout.size + 1,
        }
        inputs = {each: lengths[each] for each in ("numbers", "precisions", *extra) if lengths[each]}
        # Two vectors side by side hide the latency of one pass over a tree; loops have enough to do without.
        vectors = 1 if layout.size else 2
        with self._lock:
            return compile_stage(Stage(f"games.{name}", function, inputs, vectors=vectors))

    def _play(self, given: Mapping[str, Any], odds: Any, **options: Any) -> Play:
        layout = self.layout
        numbers = [given["numbers"][place] for place in range(len(layout.quantities))]
        precisions = [given["precisions"][place] for place in range(len(layout.players))]
        return Play(layout, numbers, precisions, odds, **options)

    def _odds(self, given: Mapping[str, Any]) -> list[Any]:
        return [given["odds"][place] for place in range(self.layout.size)]

    @functools.cached_property
    def report(self) -> Kernel:
        """Numbers, precisions and odds → chances, beliefs, values at the root, error of the odds."""
        return self._made("report", lambda given: self._report(self._play(given, self._odds(given))), "odds")

    @functools.cached_property
    def reply(self) -> Kernel:
        """Numbers → the same for players who never err; the precisions are not read."""
        return self._made("reply", lambda given: self._report(self._play(given, [], rule=best_reply)))

    def _report(self, play: Play) -> dict[str, Any]:
        layout = self.layout
        found: dict[str, Any] = {}
        found["chances"] = Series([each for place in range(len(layout.sets)) for each in play.choice(place).chances])
        beliefs = [
            each for place, seen in enumerate(layout.sets) if len(seen.histories) > 1 for each in play.beliefs(place)
        ]
        if beliefs:
            found["beliefs"] = Series(beliefs)
        found["values"] = Series([play.value(player, root) for player, root in enumerate(layout.roots)])
        if layout.size:
            found["error"] = largest([_scaled(e, x) for e, x in zip(play.errors(), play.odds, strict=True)])
        return found

    @functools.cached_property
    def errors(self) -> Kernel:
        """Numbers, precisions and odds → by unknown, how far its odds are from the reply that they call for."""
        return self._made(
            "errors", lambda given: {"errors": Series(self._play(given, self._odds(given)).errors())}, "odds"
        )

    @functools.cached_property
    def sweep(self) -> Kernel:
        """Numbers, precisions and odds → odds after `SWEEPS` simultaneous replies, and the error before the last."""

        def function(given: Mapping[str, Any]) -> Mapping[str, Any]:
            def body(_: Any, carry: tuple[list[Any], Any]) -> tuple[tuple[list[Any], Any], None]:
                odds, _before = carry
                errors = self._play(given, odds).errors()
                after = [x - e for x, e in zip(odds, errors, strict=True)]
                return (after, largest([_scaled(e, x) for e, x in zip(errors, odds, strict=True)])), None

            (odds, error), _ = scan(body, (self._odds(given), 0.0), SWEEPS)
            return {"odds": Series(odds), "error": error}

        return self._made("sweep", function, "odds")

    @functools.cached_property
    def correct(self) -> Kernel:
        """Newton corrections of a point of the branch, within the hyperplane through it that is normal to ``row``.

        Inputs: numbers; precisions per unit of the branch's parameter; ``point``: odds and, last, the parameter;
        ``row``. Outputs: ``point`` corrected, its ``tangent`` (length 1, along ``row``), sizes of the ``first`` and
        the ``last`` correction.
        """
        size = self.layout.size

        def function(given: Mapping[str, Any]) -> Mapping[str, Any]:
            start = [given["point"][place] for place in range(size + 1)]
            row = [given["row"][place] for place in range(size + 1)]

            def body(_: Any, carry: tuple[list[Any], ...]) -> tuple[tuple[list[Any], ...], None]:
                point, _tangent, moves = carry
                duals = [Dual(each, {place: 1.0}) for place, each in enumerate(point)]
                rates = [given["precisions"][place] for place in range(len(self.layout.players))]
                play = self._play(given, duals[:size])
                play.precisions = [Dual(point[size] * rate, {size: rate}) for rate in rates]
                errors = play.errors()
                matrix = [[error.parts.get(place, 0.0) for place in range(size + 1)] for error in errors]
                across: Any = 0.0
                for normal, first, now in zip(row, start, point, strict=True):
                    across = across + normal * (first - now)
                sides = [[*(-error.value for error in errors), across], [*([0.0] * size), 1.0]]
                move, tangent = eliminate([*matrix, row], sides)
                after = [now + each for now, each in zip(point, move, strict=True)]
                return (after, tangent, [moves[1], length(move)]), None

            (point, tangent, moves), _ = scan(body, (start, [number(0.0)] * (size + 1), [0.0, 0.0]), CORRECTIONS)
            shrink = 1.0 / length(tangent)
            return {
                "point": Series(point),
                "tangent": Series([each * shrink for each in tangent]),
                "first": moves[0],
                "last": moves[1],
            }

        return self._made("correct", function, "point", "row")


def _scaled(error: Any, odds: Any) -> Any:
    return absolute(error) / maximum(absolute(odds), 1.0)


def largest(numbers: list[Any]) -> Any:
    """The largest of some numbers; NaN if the first is, or if one is and none after it is larger."""
    whole = numbers[0]
    for each in numbers[1:]:
        whole = maximum(whole, each)
    return whole


def length(vector: list[Any]) -> Any:
    """Euclidean length."""
    whole: Any = 0.0
    for each in vector:
        whole = whole + each * each
    return sqrt(whole)


_kept: OrderedDict[tuple[object, ...], Equations] = OrderedDict()
_kept_lock = threading.Lock()


def equations(layout: Layout) -> Equations:
    """The equations of a layout's shape; the latest `KEPT` shapes are kept."""
    with _kept_lock:
        found = _kept.pop(layout.shape, None) or Equations(layout)
        _kept[layout.shape] = found
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return found
