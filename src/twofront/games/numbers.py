"""Numbers for the names in a game, all checked at once before anything is solved.

Everybody who needs numbers (solvers, files, pictures) takes them through `numbers`: what is missing, misspelt, out of
its range, not finite, or a chance that is none is told together, with what is allowed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from twofront.faults import Fault, listed, nearest
from twofront.games.checks import TOLERANCE, BadGame
from twofront.games.expression import parse
from twofront.games.game import Chance, Game, Quantity, Terminal, walk

__all__ = ["numbers"]


def numbers(game: Game, values: Mapping[str, Any]) -> dict[Quantity, Any]:
    """Return the number (or the array of n numbers) of every payoff and chance of a game, by how the tree writes it.

    ``values``: for every name of `Game.parameters` a number or an array of length n. Raises `BadGame` with all that
    is wrong with them.
    """
    file = f"game `{game.title}`"
    faults = [Fault(file, 0, 0, *told) for told in _wrong_names(game, values)]
    given = {name: _array(value) for name, value in values.items()}
    faults += [Fault(file, 0, 0, *told) for told in _wrong_shapes(given)]
    faults += [Fault(file, 0, 0, *told) for told in _wrong_values(game, given)]
    if faults:
        raise BadGame(faults)
    found: dict[Quantity, Any] = {}
    for text in game.expressions:
        value = parse(text).value(given)
        found[text] = float(value) if np.ndim(value) == 0 else value
    for node in walk(game.root):
        each = node.payoffs if isinstance(node, Terminal) else ()
        each = tuple(chance for _, chance, _ in node.branches) if isinstance(node, Chance) else each
        found.update((one, float(one)) for one in each if not isinstance(one, str))
    faults = [Fault(file, 0, 0, *told) for told in _wrong_results(game, found)]
    if faults:
        raise BadGame(faults)
    return found


def _array(value: Any) -> Any:
    try:
        found = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    return float(found) if found.ndim == 0 else found


def _wrong_names(game: Game, values: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str, str]]:
    wanted = game.parameters
    for name in values:
        if name not in wanted:
            yield (
                f"`{name}` is given a number, and the game has no such name",
                name,
                listed(wanted, most=30) or "no names at all",
                nearest(name, wanted),
                "",
            )
    missing = [name for name in wanted if name not in values]
    for name in missing:
        close = nearest(name, [given for given in values if given not in wanted])
        found = f"; `{close}` is given" if close else ""
        yield f"the name `{name}` has no number{found}", "", "", "", f"give it in `values={{{name!r}: …}}`"


def _wrong_shapes(given: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str, str]]:
    for name, value in given.items():
        if value is None:
            yield f"what is given for `{name}` is no number", "", "a number, or an array of them", "", ""
        elif np.ndim(value) > 1:
            yield f"`{name}` has {np.ndim(value)} dimensions", "", "a number, or an array of one dimension", "", ""
    lengths = {name: len(value) for name, value in given.items() if np.ndim(value) == 1}
    if len(set(lengths.values())) > 1:
        shown = listed(f"{name} {length}" for name, length in lengths.items())
        yield f"arrays are of different lengths: {shown}", "", "one length", "", ""
    for name, length in lengths.items():
        if not length:
            yield f"the array of `{name}` is empty", "", "at least one number", "", ""


def _wrong_values(game: Game, given: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str, str]]:
    ranges = {name: (low, high) for name, low, high in game.ranges}
    for name in game.parameters:
        value = given.get(name)
        if value is None or np.ndim(value) > 1 or not np.size(value):
            continue
        low, high = ranges.get(name, (-np.inf, np.inf))
        wrong = ~np.isfinite(value)
        if np.any(wrong):
            yield f"`{name}` is {_first(value, wrong)}", "", "finite numbers", "", ""
            continue
        wrong = (np.asarray(value) < low) | (np.asarray(value) > high)
        if np.any(wrong):
            yield f"`{name}` is {_first(value, wrong)}", "", f"{low:g} to {high:g}", "", ""


def _wrong_results(game: Game, found: Mapping[Quantity, Any]) -> Iterator[tuple[str, str, str, str, str]]:
    for quantity, value in found.items():
        wrong = ~np.isfinite(value)
        if np.any(wrong):
            remedy = "see what it divides by, and how great its parts are"
            yield f"`{quantity}` comes out as {_first(value, wrong)}", "", "finite numbers", "", remedy
    told: set[tuple[str, Any]] = set()
    for node in walk(game.root):
        if not isinstance(node, Chance) or not any(isinstance(chance, str) for _, chance, _ in node.branches):
            continue
        key = tuple((name, chance) for name, chance, _ in node.branches)
        if (node.label, key) in told:
            continue
        told.add((node.label, key))
        where = f"the move of chance `{node.label}`" if node.label else "a move of chance"
        total: Any = 0.0
        for name, chance, _ in node.branches:
            value = found[chance]
            total = total + value
            wrong = ~((np.asarray(value) >= -TOLERANCE) & (np.asarray(value) <= 1 + TOLERANCE))
            if np.any(wrong):
                yield f"the chance of `{name}` at {where}, `{chance}`, is {_first(value, wrong)}", "", "0 to 1", "", ""
        wrong = np.abs(np.asarray(total) - 1) > TOLERANCE
        if np.any(wrong):
            names = listed(name for name, _ in key)
            yield f"the chances of {names} at {where} add up to {_first(total, wrong)}", "", "1", "", ""


def _first(value: Any, wrong: Any) -> str:
    """The first wrong number of an array, with how many there are."""
    if np.ndim(value) == 0:
        return f"{float(value):.12g}"
    places = np.flatnonzero(wrong)
    more = f" and wrong in {len(places):,} of {len(value):,}" if len(places) > 1 else ""
    return f"{float(value[places[0]]):.12g} at place {int(places[0])}{more}"
