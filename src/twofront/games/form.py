"""A form of a game: who moves in which role, on what knowledge, for what pay, as data that anybody can edit.

A form lists *moves* in the order of play. Each has a role that makes it (or ``chance``), its options, the earlier
options after which it comes (``after``), and what its mover has seen of earlier moves (``sees``; a player always
remembers what it did and saw before, and its own type). *Types* are what nature tells one role alone. *Pays* are terms
of a role's payoff, each due where its conditions (``when``) hold; *lets* name parts that several terms share; what is
written are expressions over *quantities*, the names that get numbers when the game is solved. In names ``{role}``
stands for who plays a role, ``{move}`` for the option taken in a move, ``{type.role}`` for the label of a type, and
``type.role`` for its value. `twofront.games.build` makes the game.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, NoReturn, TypeAlias

from twofront.faults import Fault, UserError, listed, nearest
from twofront.games.checks import BadGame
from twofront.games.expression import ExpressionError, parse
from twofront.games.game import Quantity
from twofront.games.private_types import TypePoints, normal_points

__all__ = ["CHANCE", "FORMS", "NONE", "Branch", "Condition", "Form", "Let", "Move", "Name", "Pay", "form", "form_of"]

CHANCE: Final = "chance"
"""Who makes a move of nature."""
NONE: Final = "-"
"""In conditions: the move was not made."""
FORMS: Final = Path(__file__).resolve().parent / "forms"

Condition: TypeAlias = "tuple[tuple[tuple[str, tuple[str, ...]], ...], ...]"
"""Alternatives, each of moves with the options of which one must have been taken; no alternatives: always."""
Route: TypeAlias = "tuple[str | int, ...]"
Where: TypeAlias = "Callable[[Route], tuple[int, int]]"


@dataclass(frozen=True, slots=True)
class Branch:
    """An option of a move: when it is there, and if nature moves, its chance."""

    name: str
    when: Condition = ()
    chance: Quantity = 0.0


@dataclass(frozen=True, slots=True)
class Move:
    """``sees``: earlier moves, each with groups of options that look alike; no groups: the option itself is seen."""

    name: str
    by: str
    options: tuple[Branch, ...]
    after: Condition = ()
    sees: tuple[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], ...] = ()
    part: str = ""


@dataclass(frozen=True, slots=True)
class Pay:
    """A term of a role's payoff, due where ``when`` holds."""

    to: str
    worth: str
    when: Condition = ()


@dataclass(frozen=True, slots=True)
class Let:
    """What a name in the form's expressions is short for, where ``when`` holds; the first that holds counts."""

    name: str
    is_: str
    when: Condition = ()


@dataclass(frozen=True, slots=True)
class Name:
    """A quantity: what it means, and between what its number must lie."""

    pattern: str
    means: str
    low: float = -float("inf")
    high: float = float("inf")


@dataclass(frozen=True)
class Form:
    """A form that has been read and found sound; ``parts``: of the optional parts those that are in."""

    title: str
    means: str
    source: str
    roles: Mapping[str, str]
    moves: tuple[Move, ...]
    pays: tuple[Pay, ...]
    lets: tuple[Let, ...] = ()
    types: Mapping[str, TypePoints] = field(default_factory=dict[str, TypePoints])
    quantities: tuple[Name, ...] = ()
    optional: Mapping[str, str] = field(default_factory=dict[str, str])
    parts: tuple[str, ...] = ()
    part_of_type: Mapping[str, str] = field(default_factory=dict[str, str])

    def with_parts(self, parts: Collection[str]) -> Form:
        """Return the form with these optional parts in it, and no others."""
        for part in parts:
            if part not in self.optional:
                close = nearest(part, self.optional)
                hint = f"; did you mean `{close}`?" if close else ""
                raise UserError(f"the form `{self.title}` has no part `{part}`; it has {listed(self.optional)}{hint}")
        return replace(self, parts=tuple(part for part in self.optional if part in parts))

    def with_type(self, role: str, points: TypePoints) -> Form:
        """Return the form with a role's private type as given."""
        if role not in self.roles:
            raise UserError(f"the form `{self.title}` has no role `{role}`; it has {listed(self.roles)}")
        return replace(self, types={**self.types, role: points}, part_of_type={**self.part_of_type, role: ""})

    @property
    def played(self) -> tuple[Move, ...]:
        """The moves that are in."""
        return tuple(move for move in self.moves if not move.part or move.part in self.parts)

    @property
    def drawn(self) -> dict[str, TypePoints]:
        """The private types that are in, by role."""
        within = ("", *self.parts)
        return {role: points for role, points in self.types.items() if self.part_of_type.get(role, "") in within}


def form(name: str) -> Form:
    """Return a bundled form by its name."""
    known = {path.stem: path for path in sorted(FORMS.glob("*.toml"))}
    if name not in known:
        close = nearest(name, known)
        hint = f"; did you mean `{close}`?" if close else ""
        raise UserError(f"there is no form `{name}`; bundled: {listed(known)}{hint}")
    data = tomllib.loads(known[name].read_text(encoding="utf-8"))
    base = data.get("of")
    if base is None:
        return form_of(data, f"form {name}")
    return replace(form(base).with_parts(data["parts"]), title=data["title"], means=data["means"])


def form_of(data: Mapping[str, Any], file: str = "form", where: Where | None = None) -> Form:
    """Read a form from plain data (mappings, lists, text, numbers); `BadGame` with everything that is wrong.

    ``file`` is how messages call it; ``where`` gives line and column of a part by its route, if there is a file.
    """
    reader = _Reader(data, file, where)
    found = reader.form()
    if reader.faults:
        raise BadGame(reader.faults)
    return found


_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "form": ("title", "means", "source", "roles", "moves", "pays", "lets", "types", "quantities", "parts"),
    "move": ("name", "by", "options", "after", "sees", "part"),
    "option": ("name", "when", "chance"),
    "pay": ("to", "worth", "when"),
    "let": ("name", "is", "when"),
    "type": ("labels", "values", "weights", "normal", "loading", "part"),
    "quantity": ("means", "low", "high"),
}
_MUST: Final[Mapping[str, tuple[str, ...]]] = {
    "form": ("title", "roles", "moves", "pays"),
    "move": ("name", "by", "options"),
    "option": ("name",),
    "pay": ("to", "worth"),
    "let": ("name", "is"),
    "quantity": ("means",),
}
_WORD: Final = re.compile(r"[A-Za-z]\w*\Z")
PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")


class _Reader:
    def __init__(self, data: Mapping[str, Any], file: str, where: Where | None) -> None:
        self.data = data
        self.file = file
        self.where = where
        self.faults: list[Fault] = []
        self.options: dict[str, list[str]] = {}
        """Options of the moves read so far, and labels of types."""
        self.roles: dict[str, str] = {}

    # -- faults

    def fault(self, route: Route, message: str, *, allowed: str = "", close: str = "", remedy: str = "") -> None:
        line, column = self.where(route) if self.where else (0, 0)
        place = _spelled(route)
        text = message if self.where or not place else f"`{place}`: {message}"
        self.faults.append(Fault(self.file, line, column, text, "", allowed, close, remedy))

    def stop(self) -> NoReturn:
        raise BadGame(self.faults)

    def keys(self, data: Any, kind: str, route: Route) -> Mapping[str, Any]:
        """The mapping at a place, with its keys checked."""
        if not isinstance(data, Mapping):
            self.fault(route, f"{_what(data)} stands where a {kind} is expected", allowed="a mapping")
            return {}
        for key in data:
            if key not in _KEYS[kind]:
                close = nearest(str(key), _KEYS[kind])
                self.fault((*route, key), f"unknown key `{key}`", allowed=listed(_KEYS[kind]), close=close)
        for key in _MUST.get(kind, ()):
            if key not in data:
                self.fault(route, f"the {kind} has no `{key}`", remedy=f"add it; a {kind} has {listed(_KEYS[kind])}")
        return data

    def text(self, value: Any, route: Route) -> str:
        if isinstance(value, str) and value.strip():
            return value
        self.fault(route, f"{_what(value)} stands where text is expected", allowed="text")
        return ""

    def word(self, value: Any, route: Route, what: str) -> str:
        text = self.text(value, route)
        if text and not _WORD.match(text):
            self.fault(route, f"the name of the {what} is `{text}`", allowed="letters, digits and `_`, a letter first")
        return text

    def list_of(self, value: Any, route: Route) -> Sequence[Any]:
        if isinstance(value, list | tuple) and value:
            return value  # pyright: ignore[reportUnknownVariableType]
        self.fault(route, f"{_what(value)} stands where a list is expected", allowed="a list with entries")
        return ()

    def mapping_of(self, data: Mapping[str, Any], key: str, route: Route = ()) -> Mapping[str, Any]:
        """What a key holds, if it holds a mapping or is not there."""
        value = data.get(key, {})
        if isinstance(value, Mapping):
            return value  # pyright: ignore[reportUnknownVariableType]
        self.fault((*route, key), f"{_what(value)} stands where a mapping is expected", allowed="a mapping")
        return {}

    # -- parts

    def form(self) -> Form:
        data = self.keys(self.data, "form", ())
        if self.faults:
            self.stop()
        roles = data["roles"]
        if not isinstance(roles, Mapping) or not roles:
            self.fault(("roles",), "roles are names with what they mean", allowed="a mapping with entries")
            self.stop()
        for role, means in roles.items():
            self.roles[self.word(role, ("roles", role), "role")] = self.text(means, ("roles", role))
            if role == CHANCE:
                self.fault(("roles", role), f"`{CHANCE}` is nature and no role", remedy="call the role otherwise")
        optional = {part: self.text(means, ("parts", part)) for part, means in self.mapping_of(data, "parts").items()}
        types = {role: self.type(role, each, optional) for role, each in self.mapping_of(data, "types").items()}
        moves = tuple(
            self.move(place, each, optional) for place, each in enumerate(self.list_of(data["moves"], ("moves",)))
        )
        shared = self.list_of(data["lets"], ("lets",)) if "lets" in data else ()
        lets = tuple(self.let(place, each) for place, each in enumerate(shared))
        pays = tuple(self.pay(place, each) for place, each in enumerate(self.list_of(data["pays"], ("pays",))))
        named = self.mapping_of(data, "quantities")
        quantities = tuple(self.quantity(name, each) for name, each in named.items())
        for role in self.roles:
            if role not in [pay.to for pay in pays]:
                self.fault(("roles", role), f"nothing is paid to `{role}`", remedy="add an entry to `pays`")
        return Form(
            self.text(data["title"], ("title",)),
            str(data.get("means", "")),
            str(data.get("source", "")),
            dict(self.roles),
            moves,
            pays,
            lets,
            {role: points for role, points in types.items() if points is not None},
            quantities,
            dict(optional),
            (),
            {role: str(each.get("part", "")) for role, each in self.mapping_of(data, "types").items() if types[role]},
        )

    def role(self, value: Any, route: Route, *more: str) -> str:
        known = [*self.roles, *more]
        if value not in known:
            self.fault(route, f"`{value}` is no role", allowed=listed(known), close=nearest(str(value), known))
        return str(value)

    def part(self, data: Mapping[str, Any], optional: Mapping[str, str], route: Route) -> str:
        """The optional part to which something belongs, if it belongs to any."""
        part = str(data.get("part", ""))
        if part and part not in optional:
            close = nearest(part, optional)
            self.fault((*route, "part"), f"`{part}` is no part of the form", allowed=listed(optional), close=close)
        return part

    def type(self, role: str, data: Any, optional: Mapping[str, str]) -> TypePoints | None:
        route: Route = ("types", role)
        self.role(role, route)
        before = len(self.faults)
        data = self.keys(data, "type", route)
        self.part(data, optional, route)
        loading = self.quantity_of(data.get("loading", 0.0), (*route, "loading"))
        if not isinstance(loading, str) and not -1 <= loading <= 1:
            self.fault((*route, "loading"), f"the loading of `{role}` is {loading:g}", allowed="-1 to 1")
        if "normal" in data:
            count = data["normal"]
            if not isinstance(count, int) or isinstance(count, bool) or not 2 <= count <= 9:
                self.fault((*route, "normal"), f"a normal stands on {count} points", allowed="2 to 9")
                return None
            values, weights = normal_points(count)
            named = data.get("labels", [f"t{place}" for place in range(count)])
            labels = tuple(str(each) for each in self.list_of(named, (*route, "labels")))
        else:
            labels = tuple(
                self.text(each, (*route, "labels")) for each in self.list_of(data.get("labels"), (*route, "labels"))
            )
            given = data.get("weights", [1 / len(labels)] * len(labels) if labels else [])
            given = given if given == [] else self.list_of(given, (*route, "weights"))
            weights = tuple(self.quantity_of(each, (*route, "weights")) for each in given)
            values = data.get("values", range(len(labels)))
            values = values if isinstance(values, range) else tuple(self.list_of(values, (*route, "values")))
        if any(isinstance(value, bool) or not isinstance(value, int | float) for value in values):
            self.fault((*route, "values"), "values of types are numbers", allowed="numbers")
        for key, found in (("weights", weights), ("values", values), ("labels", labels)):
            if len(found) != len(weights):
                self.fault((*route, key), f"{len(found)} {key} for {len(weights)} points", allowed="one for each")
        numbers = [each for each in weights if not isinstance(each, str)]
        if len(numbers) == len(weights):
            if min(numbers, default=0.0) < 0 or abs(sum(numbers) - 1) > 1e-9:
                message = f"the weights of `{role}` are {listed(map(str, numbers))} and add up to {sum(numbers):.12g}"
                self.fault((*route, "weights"), message, allowed="0 or more, adding up to 1")
        elif loading != 0.0:
            message = f"`{role}` has weights that are names and a loading on the common factor"
            self.fault((*route, "weights"), message, remedy="give its weights as numbers, or leave the loading out")
        if len(set(labels)) < len(labels):
            self.fault((*route, "labels"), "two points have one label", remedy="give each its own")
        self.options[f"type.{role}"] = list(labels)
        if len(self.faults) > before:
            return None
        return TypePoints(labels, tuple(map(float, values)), weights, loading)

    def move(self, place: int, data: Any, optional: Mapping[str, str]) -> Move:
        route: Route = ("moves", place)
        data = self.keys(data, "move", route)
        name = self.word(data.get("name"), (*route, "name"), "move")
        by = self.role(data.get("by"), (*route, "by"), CHANCE)
        if name in self.options or name in self.roles or name == CHANCE:
            self.fault((*route, "name"), f"`{name}` is the name of something before", remedy="call this one otherwise")
        part = self.part(data, optional, route)
        after = self.condition(data.get("after"), (*route, "after"))
        options: list[Branch] = []
        for number, each in enumerate(self.list_of(data.get("options"), (*route, "options"))):
            here: Route = (*route, "options", number)
            entry = {"name": each} if isinstance(each, str) else self.keys(each, "option", here)
            label = self.word(entry.get("name"), here, "option")
            if label in [option.name for option in options]:
                self.fault(here, f"the option `{label}` stands twice", remedy="keep one")
            if (by == CHANCE) != ("chance" in entry):
                need = "needs a `chance`" if by == CHANCE else f"is chosen by {by} and has no `chance`"
                self.fault(here, f"the option `{label}` {need}")
            when = self.condition(entry.get("when"), (*here, "when"))
            options.append(Branch(label, when, self.quantity_of(entry.get("chance", 0.0), (*here, "chance"))))
        sees = tuple(self.seen(data.get("sees", ()), (*route, "sees")))
        self.options[name] = [option.name for option in options]
        return Move(name, by, tuple(options), after, sees, part)

    def seen(self, data: Any, route: Route) -> Iterator[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]]]:
        """What a mover has seen: a list of moves, or a mapping from moves to groups of options."""
        if not isinstance(data, Mapping | list | tuple):
            self.fault(route, f"{_what(data)} stands where earlier moves are expected", allowed="a list, or a mapping")
            return
        pairs = data.items() if isinstance(data, Mapping) else [(name, True) for name in data]
        for name, groups in pairs:
            if not isinstance(name, str):
                self.fault(route, f"{_what(name)} stands where a move is expected", allowed=listed(self.options))
            elif name not in self.options:
                self.unknown_move(name, (*route, name))
            elif groups is True:
                yield name, ()
            elif isinstance(groups, Mapping):
                for group, options in groups.items():
                    self.known_options(name, options, (*route, name, group))
                yield name, tuple((str(group), _several(options)) for group, options in groups.items())
            else:
                allowed = "true, or groups such as {called = [received, known]}"
                self.fault((*route, name), f"{_what(groups)} stands for what is seen of `{name}`", allowed=allowed)

    def condition(self, data: Any, route: Route) -> Condition:
        """One mapping from moves to options, or a list of such, of which one must hold."""
        if data is None:
            return ()
        alternatives = data if isinstance(data, list | tuple) else [data]
        found: list[tuple[tuple[str, tuple[str, ...]], ...]] = []
        for each in alternatives:
            if not isinstance(each, Mapping):
                self.fault(route, f"{_what(each)} stands where a condition is expected", allowed="{move = [options]}")
                continue
            for name, options in each.items():
                if name not in self.options:
                    self.unknown_move(name, (*route, name))
                else:
                    self.known_options(name, options, (*route, name))
            found.append(tuple((str(name), _several(options)) for name, options in each.items()))
        return tuple(found)

    def unknown_move(self, name: str, route: Route) -> None:
        message = f"`{name}` is no earlier move and nobody's type"
        self.fault(route, message, allowed=listed(self.options) or "nothing yet", close=nearest(name, self.options))

    def known_options(self, move: str, options: Any, route: Route) -> None:
        for option in _several(options):
            if option not in (*self.options[move], NONE):
                allowed = listed([*self.options[move], f"{NONE} (not made)"])
                close = nearest(option, self.options[move])
                self.fault(route, f"`{option}` is no option of `{move}`", allowed=allowed, close=close)

    def let(self, place: int, data: Any) -> Let:
        route: Route = ("lets", place)
        data = self.keys(data, "let", route)
        name = self.text(data.get("name"), (*route, "name"))
        is_ = self.expression(data.get("is"), (*route, "is"))
        return Let(name, is_, self.condition(data.get("when"), (*route, "when")))

    def pay(self, place: int, data: Any) -> Pay:
        route: Route = ("pays", place)
        data = self.keys(data, "pay", route)
        to = self.role(data.get("to"), (*route, "to"))
        worth = self.expression(data.get("worth"), (*route, "worth"))
        return Pay(to, worth, self.condition(data.get("when"), (*route, "when")))

    def quantity(self, name: str, data: Any) -> Name:
        route: Route = ("quantities", name)
        entry = {"means": data} if isinstance(data, str) else self.keys(data, "quantity", route)
        for hole in PLACEHOLDER.findall(name):
            self.placeholder(hole, route)
        ends: list[Any] = [entry.get("low", -float("inf")), entry.get("high", float("inf"))]
        if not all(isinstance(end, int | float) for end in ends) or not ends[0] <= ends[1]:
            self.fault(route, f"`{name}` lies between {ends[0]} and {ends[1]}", allowed="two numbers, the lower first")
            ends = [-float("inf"), float("inf")]
        return Name(name, self.text(entry.get("means"), route), float(ends[0]), float(ends[1]))

    def quantity_of(self, value: Any, route: Route) -> Quantity:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        return self.expression(value, route)

    def expression(self, value: Any, route: Route) -> str:
        """An expression whose placeholders are known and which is arithmetic once they are filled."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            return repr(float(value))
        text = self.text(value, route)
        for hole in PLACEHOLDER.findall(text):
            self.placeholder(hole, route)
        filled = PLACEHOLDER.sub("x", text)
        try:
            if text:
                parse(filled)
        except ExpressionError as error:
            self.fault(route, f"`{text}`: {error}", allowed=error.allowed, close=error.nearest)
        return text

    def placeholder(self, hole: str, route: Route) -> None:
        known = [*self.roles, *self.options]
        if hole not in known:
            message = f"`{{{hole}}}` is no role, no move and no type"
            self.fault(route, message, allowed=listed(known), close=nearest(hole, known))


def _several(options: Any) -> tuple[str, ...]:
    return tuple(map(str, options)) if isinstance(options, list | tuple) else (str(options),)


def _what(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return f"the text `{value}`"
    if isinstance(value, bool | int | float):
        return f"`{value}`"
    return "a mapping" if isinstance(value, Mapping) else "a list"


def _spelled(route: Route) -> str:
    text = ""
    for step in route:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text
