"""Private types: what nature lets only one player know, and how players' types go together.

A type takes a few points with weights (several points of a normal by Gauss and Hermite). Types depend on each other
through one common factor: with chance ``|loading|`` a player's type is the common draw, read on the player's own
scale (upside down for a loading below 0), and otherwise a draw of its own. Whatever the loadings, the chances of each
type alone stay its weights; for two points of equal weight, P(type | factor) = (1 ± loading)/2, and two such types
correlate with the product of their loadings.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from twofront.games.expression import parse
from twofront.games.game import Quantity

__all__ = ["TypePoints", "joint_chances", "normal_points"]


@dataclass(frozen=True, slots=True)
class TypePoints:
    """One player's private type: ``labels`` of its points, their ``values`` and ``weights``, and its ``loading``.

    Weights are numbers that add up to one; of a type without a loading they may be expressions. The loading on the
    common factor is a number, or an expression, between -1 and 1.
    """

    labels: tuple[str, ...]
    values: tuple[float, ...]
    weights: tuple[Quantity, ...]
    loading: Quantity = 0.0


def normal_points(count: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return points and weights that stand for a standard normal, exact for polynomials of degree 2 ``count`` - 1."""
    points, weights = np.polynomial.hermite_e.hermegauss(count)
    weights = weights / weights.sum()
    # Alike on both sides to the last bit, as the rule is.
    points, weights = (points - points[::-1]) / 2, (weights + weights[::-1]) / 2
    return tuple(float(x) for x in points), tuple(float(w) for w in weights)


def joint_chances(types: Mapping[str, TypePoints]) -> list[tuple[tuple[int, ...], Quantity]]:
    """Return every combination of types (places of points, in the order of ``types``) with its chance."""
    sets = list(types.values())
    if sum(each.loading != 0.0 for each in sets) < 2:  # alone, nobody has anything in common
        sets = [replace(each, loading=0.0) for each in sets]
    places = list(itertools.product(*(range(len(each.labels)) for each in sets)))
    common = [each for each in sets if each.loading != 0.0]
    cuts = _cuts(common)
    found: list[tuple[tuple[int, ...], Quantity]] = []
    for combination in places:
        terms: list[Quantity] = []
        for low, high in itertools.pairwise(cuts):
            factors: list[Quantity] = [high - low]
            factors += [_given(each, place, (low + high) / 2) for each, place in zip(sets, combination, strict=True)]
            terms.append(_product(factors))
        found.append((combination, _sum(terms)))
    return found


def _cuts(types: Sequence[TypePoints]) -> list[float]:
    """Where on the scale of the common factor (0 to 1) somebody's type changes."""
    cuts = {0.0, 1.0}
    for each in types:
        edges = [math.fsum(map(float, each.weights[:count])) for count in range(1, len(each.weights))]
        cuts.update(edges)
        cuts.update(1 - edge for edge in edges)
    ordered = sorted(cuts)
    # Edges that differ by rounding alone are one.
    return [cut for place, cut in enumerate(ordered) if not place or cut - ordered[place - 1] > 1e-12]


def _given(each: TypePoints, place: int, factor: float) -> Quantity:
    """The chance of a type given where the common factor lies."""
    weight, loading = each.weights[place], each.loading
    if loading == 0.0 or isinstance(weight, str):
        return weight
    own = 1.0 if _point_at(each, factor) == place else 0.0
    mirrored = 1.0 if _point_at(each, 1 - factor) == place else 0.0
    if not isinstance(loading, str):
        drawn = own if loading > 0 else mirrored
        return weight + abs(loading) * (drawn - weight)
    if abs((own - weight) + (mirrored - weight)) < 1e-15:  # the two directions are one line
        return _line(weight, [(own - weight, _bracketed(loading))])
    return _line(weight, [(own - weight, f"max({loading}, 0)"), (mirrored - weight, f"max(-({loading}), 0)")])


def _point_at(each: TypePoints, factor: float) -> int:
    """The point that the common draw stands for on a player's own scale."""
    total = 0.0
    for place, weight in enumerate(each.weights):
        total += float(weight)
        if factor < total:
            return place
    return len(each.weights) - 1


def _line(start: float, slopes: Sequence[tuple[float, str]]) -> str:
    text = f"{start!r}"
    for slope, name in slopes:
        if slope:
            text += f" {'+' if slope > 0 else '-'} {abs(slope)!r} * {name}"
    return text


def _bracketed(text: str) -> str:
    return text if all(c.isalnum() or c in "._" for c in text) else f"({text})"


def _product(factors: Sequence[Quantity]) -> Quantity:
    number = math.prod(each for each in factors if not isinstance(each, str))
    texts = [each for each in factors if isinstance(each, str)]
    if not texts:
        return number
    if number == 1.0 and len(texts) == 1:
        return texts[0]
    texts = [_bracketed(each) for each in texts]
    return " * ".join(texts if number == 1.0 else [repr(number), *texts])


def _sum(terms: Sequence[Quantity]) -> Quantity:
    numbers = [each for each in terms if not isinstance(each, str)]
    texts = [each for each in terms if isinstance(each, str)]
    if not texts:
        return math.fsum(numbers)
    if numbers and math.fsum(numbers):
        texts.append(repr(math.fsum(numbers)))
    result = " + ".join(texts)
    parse(result)
    return result
