"""From a form and who plays its roles to a game: `build`.

The tree is as small as the form allows: a move that does not come is no node, a choice of one option is none either,
and parts of the tree that are alike are one object. Information follows the form's rules, with perfect recall: a
player's set is named by the move and by all that its player has seen and done.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from twofront.faults import Fault, UserError, listed, nearest
from twofront.games.checks import BadGame, check
from twofront.games.expression import is_name, parse
from twofront.games.form import CHANCE, NONE, PLACEHOLDER, Condition, Form, Move, Name
from twofront.games.game import Chance, Decision, Game, Node, Quantity, Terminal
from twofront.games.private_types import TypePoints, joint_chances

__all__ = ["build", "meanings", "slug"]

_OWN_TYPE: Final = re.compile(r"(?<![\w.])type\.(\w+)\b")
_DOTTED: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_MOST_NODES: Final = 1_000_000

History: TypeAlias = "dict[str, str]"
"""Option taken by move, label of the type by ``type.role``."""
Memory: TypeAlias = "tuple[tuple[str, str], ...]"
"""What a player has seen and done: (move, what of it)."""


def build(form: Form, cast: Mapping[str, str] | None = None, *, title: str = "") -> Game:
    """Return the game of a form with these players in its roles (a role that is not cast plays under its own name).

    Where a private type is not among the form's parts, it counts as 0. Raises `BadGame` with every fault, such as
    names that the form does not declare.
    """
    return _Builder(form, _cast(form, cast or {}), title).game()


def meanings(form: Form, cast: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return every name that a form's games may ask for, with what it means, and of which acts or types."""
    labels = _cast(form, cast or {})
    return {
        name: f"{each.means}: {', '.join(of)}" if of else each.means
        for each in form.quantities
        for name, of in _spread(form, labels, each).items()
    }


@functools.lru_cache(maxsize=4096)
def slug(label: str) -> str:
    """Return a label as it stands in names: ``North Korea`` is ``north_korea``."""
    found = re.sub(r"\W+", "_", label.strip().lower()).strip("_")
    return found if found and not found[0].isdigit() else f"_{found}"


def _cast(form: Form, cast: Mapping[str, str]) -> dict[str, str]:
    for role in cast:
        if role not in form.roles:
            close = nearest(role, form.roles)
            hint = f"; did you mean `{close}`?" if close else ""
            raise UserError(f"`{role}` is cast and is no role of `{form.title}`; it has {listed(form.roles)}{hint}")
    labels = {role: str(cast.get(role, role)) for role in form.roles}
    slugs = [slug(label) for label in labels.values()]
    twice = [label for label in labels.values() if slugs.count(slug(label)) > 1]
    if twice:
        raise UserError(f"{listed(dict.fromkeys(twice))} plays two roles; give every role a player of its own")
    return labels


def _spread(form: Form, cast: Mapping[str, str], name: Name) -> dict[str, list[str]]:
    """Every name that a declared pattern stands for, and the acts or types that it is of."""
    holes = list(dict.fromkeys(PLACEHOLDER.findall(name.pattern)))
    choices: list[list[str]] = []
    for hole in holes:
        if hole in cast:
            choices.append([slug(cast[hole])])
        elif hole.startswith("type."):
            points = form.drawn.get(hole.removeprefix("type."))
            choices.append([slug(label) for label in points.labels] if points else [])
        else:
            choices.append([option.name for move in form.played if move.name == hole for option in move.options])
    found: dict[str, list[str]] = {}
    for chosen in itertools.product(*choices):
        filled = dict(zip(holes, chosen, strict=True))
        spelled = PLACEHOLDER.sub(lambda hole, filled=filled: filled[hole[1]], name.pattern)
        found[spelled] = [option.replace("_", " ") for hole, option in filled.items() if hole not in cast]
    return found


def _holds(condition: Condition, history: Mapping[str, str]) -> bool:
    return not condition or any(
        all(history.get(move, NONE) in options for move, options in alternative) for alternative in condition
    )


@dataclass
class _Builder:
    form: Form
    cast: Mapping[str, str]
    title: str
    drawing: list[str] = field(default_factory=list[str])
    """Weights and loadings of types that are no numbers."""
    faults: dict[str, Fault] = field(default_factory=dict[str, Fault])
    made: dict[object, Node] = field(default_factory=dict[object, Node])
    nodes: int = 0

    def game(self) -> Game:
        form = self.form
        self.moves = form.played
        self.types = form.drawn
        everything = [option.name for move in form.moves for option in move.options]
        everything += [label for points in form.types.values() for label in points.labels]
        self.unique = {token for token in everything if everything.count(token) == 1}
        self.shared = {let.name for let in form.lets}
        declared = {name: each for each in form.quantities for name in _spread(form, self.cast, each)}
        root = self.start()
        game = Game(self.title or form.title, tuple(self.cast[role] for role in form.roles), root, form.means)
        if not self.faults:
            check(game)
        drawn = {name for text in self.drawing for name in parse(text).names}
        for name in game.parameters if not self.faults else ():
            if declared and name not in declared and name not in drawn:
                message = f"the payoffs read `{name}`, and the form declares no such quantity"
                close = nearest(name, declared)
                self.fault(message, allowed=listed(declared, most=20), close=close, remedy="declare or mend it")
        if self.faults:
            raise BadGame(self.faults.values())
        ranges = [
            (name, declared[name].low, declared[name].high)
            for name in game.parameters
            if name in declared and (declared[name].low > -float("inf") or declared[name].high < float("inf"))
        ]
        told = {name for name, _, _ in ranges}
        for points in self.types.values():
            loading = points.loading if isinstance(points.loading, str) else ""
            name = self.filled(loading, {}) if loading else ""
            if name and is_name(name) and name not in told:
                ranges.append((name, -1.0, 1.0))
        return Game(game.title, game.players, root, game.comment, tuple(ranges))

    def fault(self, message: str, *, allowed: str = "", close: str = "", remedy: str = "") -> None:
        file = f"form `{self.form.title}`"
        self.faults.setdefault(message, Fault(file, 0, 0, message, "", allowed, close, remedy))

    # -- nodes

    def start(self) -> Node:
        """Nature's draw of types, and what follows."""
        if not self.types:
            return self.after(0, {}, {})
        types = {role: self.filled_type(points) for role, points in self.types.items()}
        branches: list[tuple[str, Quantity, Node]] = []
        for places, chance in joint_chances(types):
            labels = [points.labels[place] for points, place in zip(types.values(), places, strict=True)]
            history = {f"type.{role}": label for role, label in zip(types, labels, strict=True)}
            memory: dict[str, Memory] = {role: ((f"type.{role}", history[f"type.{role}"]),) for role in types}
            if chance != 0.0:
                branches.append((", ".join(labels), chance, self.after(0, history, memory)))
        return self.chance(branches, "types")

    def filled_type(self, points: TypePoints) -> TypePoints:
        weights = tuple(self.filled(each, {}) if isinstance(each, str) else each for each in points.weights)
        loading = self.filled(points.loading, {}) if isinstance(points.loading, str) else points.loading
        self.drawing += [each for each in (*weights, loading) if isinstance(each, str)]
        return TypePoints(points.labels, points.values, weights, loading)

    def after(self, place: int, history: History, memory: Mapping[str, Memory]) -> Node:
        """The node of the first move from ``place`` on that comes, or the end."""
        for number, move in enumerate(self.moves[place:], place):
            if not _holds(move.after, history):
                continue
            options = [option for option in move.options if _holds(option.when, history)]
            if not options:
                continue
            self.nodes += 1
            if self.nodes > _MOST_NODES:
                raise UserError(f"the form `{self.form.title}` unfolds to more than {_MOST_NODES:,} nodes; simplify it")
            if len(options) == 1:
                return self.after(number + 1, {**history, move.name: options[0].name}, memory)
            if move.by == CHANCE:
                drawn: list[tuple[str, Quantity, Node]] = []
                for option in options:
                    chance = option.chance
                    chance = self.filled(chance, history) if isinstance(chance, str) else chance
                    then = self.after(number + 1, {**history, move.name: option.name}, memory)
                    drawn.append((option.name, chance, then))
                return self.chance(drawn, move.name)
            known = self.known(move, history, memory.get(move.by, ()))
            branches: list[tuple[str, Node]] = []
            for option in options:
                remembered = {**memory, move.by: (*known, (move.name, option.name))}
                then = self.after(number + 1, {**history, move.name: option.name}, remembered)
                branches.append((option.name, then))
            information = self.label(move, known)
            key = ("decision", move.by, information, tuple((name, id(then)) for name, then in branches))
            return self.same(key, Decision(self.cast[move.by], information, tuple(branches)))
        return self.end(history)

    def known(self, move: Move, history: History, memory: Memory) -> Memory:
        """What the mover has seen and done when it moves."""
        found = dict.fromkeys(memory)
        for name, groups in move.sees:
            taken = history.get(name)
            if taken is None:
                continue
            if not groups:
                found[name, taken] = None
            else:
                found.update(((name, group), None) for group, options in groups if taken in options)
        return tuple(found)

    def label(self, move: Move, known: Memory) -> str:
        tokens: dict[str, None] = {}
        for name, token in known:
            if token in self.unique or name.startswith("type.") or not any(token == o for o in self.taken(name)):
                tokens[token] = None
            else:
                tokens[f"{name} {token}"] = None
        return f"{move.name}: {', '.join(tokens)}" if tokens else move.name

    def taken(self, name: str) -> list[str]:
        return [option.name for move in self.moves if move.name == name for option in move.options]

    def chance(self, branches: list[tuple[str, Quantity, Node]], label: str) -> Node:
        key = ("chance", label, tuple((name, chance, id(then)) for name, chance, then in branches))
        return self.same(key, Chance(tuple(branches), label))

    def same(self, key: object, node: Node) -> Node:
        """The node of a shape: the one that was made first."""
        return self.made.setdefault(key, node)

    # -- payoffs

    def end(self, history: History) -> Node:
        payoffs: list[Quantity] = []
        for role in self.form.roles:
            terms = [pay.worth for pay in self.form.pays if pay.to == role and _holds(pay.when, history)]
            payoffs.append(self.sum([self.filled(term, history) for term in terms]))
        label = ", ".join(option for name, option in history.items() if not name.startswith("type."))
        return self.same(("end", tuple(payoffs), label), Terminal(tuple(payoffs), label))

    def sum(self, terms: list[str]) -> Quantity:
        rest = [term for term in terms if parse(term).names and not parse(term).is_nothing]
        numbers = [term for term in terms if not parse(term).names]
        total = sum((float(parse(term).value({})) for term in numbers), start=0.0)
        if not rest:
            return total
        text = rest[0]
        for term in rest[1:]:
            text += f" - {term[1:].lstrip()}" if _negative(term) else f" + {term}"
        return f"{text} + {total!r}" if total else text

    def filled(self, text: str, history: History, depth: int = 0) -> str:
        """An expression with placeholders, types and lets replaced by what they stand for here."""
        if depth > 20:
            self.fault(f"`{text}` is defined by itself")
            return "0"

        def hole(found: re.Match[str]) -> str:
            name = found[1]
            if name in self.cast:
                return slug(self.cast[name])
            if name in history:
                return slug(history[name]) if name.startswith("type.") else history[name]
            taken = ", ".join(f"{move} {option}" for move, option in history.items()) or "the start"
            kind = "has no type" if name.startswith("type.") else "is not made"
            self.fault(f"`{text}` needs `{name}`, which {kind} (after {taken})", remedy="add it to the conditions")
            return "x"

        def value(found: re.Match[str]) -> str:
            role = found[1]
            if role not in self.form.types:
                known = listed(self.form.types) or "none"
                self.fault(f"`{text}` reads the type of `{role}`, which has none", allowed=f"types of: {known}")
                return "0"
            if role not in self.types:
                return "0.0"
            points = self.types[role]
            number = points.values[points.labels.index(history[f"type.{role}"])]
            return repr(number) if number >= 0 else f"({number!r})"

        if "{" in text:
            text = PLACEHOLDER.sub(hole, text)
        if "type." in text:
            text = _OWN_TYPE.sub(value, text)
        names = self.shared

        def short(found: re.Match[str]) -> str:
            if found[0] not in names:
                return found[0]
            for let in self.form.lets:
                if let.name == found[0] and _holds(let.when, history):
                    inner = self.filled(let.is_, history, depth + 1)
                    return inner if is_name(inner) or _plain_call(inner) else f"({inner})"
            taken = ", ".join(f"{move} {option}" for move, option in history.items()) or "the start"
            self.fault(f"`{found[0]}` stands for nothing after {taken}", remedy="add an entry to `lets` for this case")
            return "0"

        return _DOTTED.sub(short, text) if any(name in text for name in names) else text


def _plain_call(text: str) -> bool:
    """Whether a text is one number, or one call with nothing after its bracket."""
    if not re.match(r"(?:min|max)\(", text):
        return re.match(r"[\d.]+\Z", text) is not None
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == ")" and not depth:
            return place == len(text) - 1
    return False


def _negative(term: str) -> bool:
    """Whether a term begins with a minus sign that may join the sum instead."""
    return term.startswith("-") and not parse(term).is_sum
