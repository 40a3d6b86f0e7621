"""Check the games of a case (``game``): forms, casts, what quantities stand for, and every name in an expression.

A key of ``values`` is a name of the form. ``{role}`` in it stands for who plays the role and ``{move}`` for every
option of a move, in the expression beside it too, so that exchanging two players is one edit. Of two keys that give
the same name, the one with fewer moves left open counts.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from twofront.case.game import CaseGame, GameValue
from twofront.case.model import Parameter
from twofront.case.outcome_names import bounds_of, outcome_names
from twofront.case.schema import CaseText, GameText, GameValueText
from twofront.case.tree import Route, Tree
from twofront.faults import Fault, UserError, listed, nearest
from twofront.games.build import build, meanings, slug
from twofront.games.checks import TOLERANCE, BadGame
from twofront.games.expression import Expression, ExpressionError, parse
from twofront.games.form import CHANCE, FORMS, PLACEHOLDER, Form, form, form_of
from twofront.games.game import Chance, Game, walk
from twofront.world import World

__all__ = ["check_games"]

ALL: Final = "all"
"""In ``precision``: every role."""
_STAND_IN: Final = "standing_in_for_"
_STANDING_IN: Final = re.compile(rf"\b{_STAND_IN}\w+")
PLAIN: Final = (0.0, 1.0)
"""Numbers that need no source: nothing, everything, the ends of a chance."""


def check_games(
    text: CaseText, tree: Tree, world: World, parameters: Sequence[Parameter]
) -> tuple[tuple[CaseGame, ...], list[Fault]]:
    """Return the games that the case declares, and everything that is wrong with any."""
    if not text.game:
        return (), []
    known = _Known(outcome_names(world), {item.name: item for item in parameters}, tuple(text.policies))
    checkers = [_Checker(tree, name, item, known) for name, item in text.game.items()]
    found = [checker.game() for checker in checkers]
    faults = [fault for checker in checkers for fault in checker.faults]
    return tuple(item for item in found if item is not None), faults


@dataclass(frozen=True)
class _Known:
    """What expressions may name, and between what it lies."""

    outcomes: tuple[str, ...]
    parameters: Mapping[str, Parameter]
    policies: tuple[str, ...]
    names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset([*self.outcomes, *self.parameters]))

    def span(self, name: str) -> tuple[float, float]:
        item = self.parameters.get(name)
        return bounds_of(name) if item is None else (item.low, item.high)


@dataclass(frozen=True)
class _Tree:
    """What the tree of a form asks for, with stand-ins for its players."""

    names: tuple[str, ...]
    ranges: tuple[tuple[str, float, float], ...]
    lots: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    """Moves of chance: options, and their chances as expressions."""


@functools.lru_cache(maxsize=64)
def _bundled(name: str, parts: tuple[str, ...]) -> _Tree:
    return _asked(_with(form(name), parts))


def _asked(found: Form) -> _Tree:
    # Players that nothing else can be called, so that they can be exchanged for those of any cast.
    game = build(found, {role: _STAND_IN + role for role in found.roles})
    return _Tree(game.parameters, game.ranges, tuple(dict.fromkeys(_lots(game))))


def _lots(game: Game) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Moves of chance of which some chance is an expression."""
    return [
        (tuple(name for name, _, _ in node.branches), tuple(str(chance) for _, chance, _ in node.branches))
        for node in walk(game.root)
        if isinstance(node, Chance) and any(isinstance(chance, str) for _, chance, _ in node.branches)
    ]


def _with(found: Form, parts: Sequence[str]) -> Form:
    """The form with these parts beside those that it comes with."""
    return found.with_parts([*found.parts, *parts]) if parts else found


class _Checker:
    def __init__(self, tree: Tree, name: str, text: GameText, known: _Known) -> None:
        self.tree = tree
        self.name = name
        self.text = text
        self.known = known
        self.faults: list[Fault] = []
        self.route: Route = ("game", name)
        self.beyond: set[str] = set()
        """Names of the game whose numbers leave their range."""

    def fault(self, route: Route, message: str, **more: Any) -> None:
        self.faults.append(self.tree.fault((*self.route, *route), message, **more))

    # ---- the whole ----------------------------------------------------------------------------------------

    def game(self) -> CaseGame | None:
        self.policy()
        found = self.form()
        if found is None:
            return None
        found = self.parts(found)
        cast = self.cast(found)
        move, options = self.asks(found)
        if cast is None:
            return None
        asked = self.tree_of(found)
        if asked is None:
            return None
        names = _Names(found, cast)
        values = self.values(names, asked)
        precision = self.precision(names, cast)
        self.lots(names, asked, values)
        if self.faults:
            return None
        form_name = self.text.form if isinstance(self.text.form, str) else ""
        place = "{}:{}:{}".format(self.tree.file, *self.tree.key_at(*self.route))
        return CaseGame(
            name=self.name,
            means=self.text.means,
            form=found,
            form_name=form_name,
            cast=cast,
            move=move,
            options=options,
            policy=self.text.policy or "",
            precision=precision,
            values=values,
            place=place,
        )

    def policy(self) -> None:
        policy = self.text.policy
        if policy is not None and policy not in self.known.policies:
            self.fault(
                ("policy",),
                f"`{policy}` is no policy of this case",
                found=policy,
                allowed=listed(self.known.policies, most=25),
                nearest=nearest(policy, self.known.policies),
            )

    # ---- form, parts, cast ---------------------------------------------------------------------------------

    def form(self) -> Form | None:
        data = self.text.form
        if isinstance(data, str):
            bundled = sorted(path.stem for path in FORMS.glob("*.toml"))
            if data in bundled:
                return form(data)
            self.fault(
                ("form",),
                f"there is no form `{data}`",
                found=data,
                allowed=f"{listed(bundled)}, or a form written out",
                nearest=nearest(data, bundled),
            )
            return None
        try:
            return form_of(data, self.tree.file, lambda route: self.tree.at(*self.route, "form", *route))
        except BadGame as bad:
            self.faults += bad.faults
            return None

    def parts(self, found: Form) -> Form:
        sound: list[str] = []
        for place, part in enumerate(self.text.parts):
            if part in found.optional:
                sound.append(part)
                continue
            self.fault(
                ("parts", place),
                f"the form has no optional part `{part}`",
                found=part,
                allowed=listed(found.optional) or "none: the form has no optional parts",
                nearest=nearest(part, found.optional),
            )
        return _with(found, sound)

    def cast(self, found: Form) -> dict[str, str] | None:
        given = self.text.cast
        before = len(self.faults)
        seen: dict[str, str] = {}
        missing = [role for role in found.roles if role not in given]
        for role, label in given.items():
            if role not in found.roles:
                self.fault(
                    ("cast", role),
                    f"`{role}` is cast and is no role of the form",
                    key=True,
                    found=role,
                    allowed=listed(found.roles),
                    nearest=nearest(role, missing or found.roles),
                )
                continue
            who = slug(label)
            if label == CHANCE:
                self.fault(("cast", role), f"`{CHANCE}` is nature and plays no role", found=label)
            elif who in seen:
                self.fault(
                    ("cast", role),
                    f"`{label}` plays two roles: `{seen[who]}` and `{role}`",
                    found=label,
                    remedy="give every role a player of its own",
                )
            seen.setdefault(who, role)
        for role in missing:
            self.fault(
                ("cast",),
                f"nobody plays the role `{role}`: {found.roles[role]}",
                key=True,
                remedy=f"add `{role}: LABEL` to `cast`",
            )
        if len(self.faults) > before:
            return None
        return {role: given[role] for role in found.roles}

    def asks(self, found: Form) -> tuple[str, tuple[str, ...]]:
        chosen = {move.name: [option.name for option in move.options] for move in found.played if move.by != CHANCE}
        if not self.text.asks:
            first = next(iter(chosen), "")
            return first, tuple(chosen.get(first, ())[-1:])
        ((move, options),) = self.text.asks.items()
        if move not in chosen:
            self.fault(
                ("asks", move),
                f"`{move}` is no move of a player in this form",
                key=True,
                found=move,
                allowed=listed(chosen),
                nearest=nearest(move, chosen),
            )
            return move, options
        for place, option in enumerate(options):
            if option not in chosen[move]:
                self.fault(
                    ("asks", move, place),
                    f"`{option}` is no option of `{move}`",
                    found=option,
                    allowed=listed(chosen[move]),
                    nearest=nearest(option, chosen[move]),
                )
        return move, options

    def tree_of(self, found: Form) -> _Tree | None:
        """What the form's tree asks for; faults of a form that only its tree shows."""
        try:
            if isinstance(self.text.form, str):
                return _bundled(self.text.form, found.parts)
            return _asked(found)
        except BadGame as bad:
            for fault in bad.faults:
                self.fault(("form",), fault.message, allowed=fault.allowed, nearest=fault.nearest, remedy=fault.remedy)
        except (UserError, ExpressionError) as error:
            self.fault(("form",), str(error))
        return None

    # ---- values ----------------------------------------------------------------------------------------------

    def values(self, names: _Names, asked: _Tree) -> dict[str, GameValue]:
        needed = [names.cast_in(name) for name in asked.names]
        ranges = {names.cast_in(name): (low, high) for name, low, high in asked.ranges}
        best: dict[str, tuple[int, str]] = {}
        found: dict[str, GameValue] = {}
        for key, text in self.text.values.items():
            route: Route = ("values", key)
            unknown = names.unknown_hole(key)
            if unknown:
                self.unknown_hole(route, unknown, names, key=True)
                continue
            spread = names.spread(key)
            if not any(name in needed for name, _ in spread):
                self.not_read(route, key, spread, names, needed)
                continue
            self.sourced(route, text)
            told: set[str] = set()
            for name, filling in spread:
                if name not in needed:
                    continue
                rank = len(filling)
                if name in best and best[name][0] == rank:
                    message = f"`{key}` and `{best[name][1]}` both give `{name}`"
                    self.fault(route, message, key=True, found=key, remedy="keep one")
                    break
                if name in best and best[name][0] < rank:
                    continue
                best[name] = rank, key
                value = self.value(route, text, names, filling, ranges.get(name), name, told)
                if value is not None:
                    found[name] = value
        missing = [name for name in needed if name not in best]
        if missing:
            told_of = names.meanings
            shown = listed(f"`{name}`" + (f" ({told_of[name]})" if name in told_of else "") for name in missing)
            many = (
                "the game asks for a quantity that has"
                if len(missing) == 1
                else (f"the game asks for {len(missing)} quantities that have")
            )
            remedy = "give each a number or an expression"
            self.fault(("values",), f"{many} no value: {shown}", key=bool(self.text.values), remedy=remedy)
        return found

    def not_read(
        self, route: Route, key: str, spread: list[tuple[str, Any]], names: _Names, needed: Sequence[str]
    ) -> None:
        """A key that gives nothing the game asks for."""
        if any(name in names.meanings for name, _ in spread):
            message = f"`{key}` is not read: nothing in this game pays or depends on it"
            self.fault(route, message, key=True, found=key, remedy="leave it out, or add the part that reads it")
            return
        own = spread[0][0] if spread else key
        close = nearest(own, [name for name in needed if name not in self.text.values]) or nearest(own, needed)
        message = f"the form has no quantity `{key}`"
        self.fault(route, message, key=True, found=key, allowed=listed(needed, most=20), nearest=close)

    def sourced(self, route: Route, text: GameValueText) -> None:
        """A number of the world has a source, or is called a judgement."""
        try:
            number = parse(text.value)
        except ExpressionError:
            return
        if number.names or PLACEHOLDER.search(text.value) or text.judgement is not None:
            return
        value = float(number.value({}))
        if value not in PLAIN:
            self.fault(
                route,
                f"`{text.value}` is a number that nobody vouches for",
                found=text.value,
                allowed="0, 1, expressions over parameters and outcomes, or a judgement that is called one",
                remedy=f"write `{{value: {text.value}, judgement: why}}`, or make it a parameter with a source",
            )

    def value(
        self,
        route: Route,
        text: GameValueText,
        names: _Names,
        filling: Mapping[str, str],
        within: tuple[float, float] | None,
        name: str,
        told: set[str],
    ) -> GameValue | None:
        """The parsed value of one name, or nothing where it is faulty; ``told``: what has been said at this place."""
        written = (*route, "value") if (*self.route, *route, "value") in self.tree.values else route
        expression = self.expression(written, text.value, names, filling, told)
        if expression is None:
            return None
        if within is not None:
            self.within(written, expression, within, name, told)
        return GameValue(expression, text.judgement or "")

    def expression(
        self, route: Route, text: str, names: _Names, filling: Mapping[str, str], told: set[str]
    ) -> Expression | None:
        known = {*names.players, *filling}
        unknown = next((hole for hole in PLACEHOLDER.findall(text) if hole not in known), "")
        if unknown:
            if unknown not in told:
                told.add(unknown)
                self.unknown_hole(route, unknown, names, beside=filling)
            return None
        filled = names.filled(text, filling)
        try:
            expression = parse(filled)
        except ExpressionError as error:
            if "" not in told:
                told.add("")
                self.fault(route, f"`{filled}`: {error}", found=filled, allowed=error.allowed, nearest=error.nearest)
            return None
        wrong = [name for name in expression.names if name not in self.known.names]
        for each in wrong:
            if each in told:
                continue
            told.add(each)
            self.fault(
                route,
                f"`{each}` is neither a parameter nor an outcome of this case",
                found=each,
                allowed="names of `parameters`, and of outcomes as in docs/outcomes.md",
                nearest=nearest(each, self.known.names),
            )
        return None if wrong else expression

    def within(
        self, route: Route, expression: Expression, within: tuple[float, float], name: str, told: set[str]
    ) -> None:
        """A number, or a plain name, must lie where the form wants it; arithmetic is looked at when it is played."""
        low, high = within
        allowed = _interval(low, high)
        if not expression.names:
            value = float(expression.value({}))
            if not low <= value <= high:
                self.beyond.add(name)
                self.fault(route, f"`{name}` is {value:g}", found=expression.text, allowed=allowed)
        elif expression.text.strip() == expression.names[0]:
            least, most = self.known.span(expression.names[0])
            if not (low <= least and most <= high) and "within" not in told:
                told.add("within")
                self.fault(
                    route,
                    f"`{name}` is {expression.names[0]}, which lies {_interval(least, most, 'between {} and {}')}",
                    found=expression.text,
                    allowed=allowed,
                    remedy="cut it with min and max if that is meant",
                )

    def unknown_hole(
        self, route: Route, hole: str, names: _Names, *, key: bool = False, beside: Mapping[str, str] | None = None
    ) -> None:
        known = [*names.roles, *(names.holes if beside is None else beside)]
        what = (
            "role, no move and no type of the form" if beside is None else "role, and nothing that the key leaves open"
        )
        self.fault(
            route,
            f"`{{{hole}}}` is no {what}",
            key=key,
            found=hole,
            allowed=listed(known),
            nearest=nearest(hole, known),
        )

    def precision(self, names: _Names, cast: Mapping[str, str]) -> dict[str, GameValue]:
        by_name = {slug(label): label for label in cast.values()}
        found: dict[str, GameValue] = {}
        for who, text in self.text.precision.items():
            # One expression for all stands at the key itself.
            route: Route = ("precision", who) if (*self.route, "precision", who) in self.tree.values else ("precision",)
            if who == ALL:
                players = [label for label in cast.values() if label not in found]
            elif who in cast:
                players = [cast[who]]
            elif slug(who) in by_name:
                players = [by_name[slug(who)]]
            else:
                known = [*cast, *cast.values()]
                self.fault(
                    route,
                    f"`{who}` is no role and nobody who plays one",
                    key=True,
                    found=who,
                    allowed=listed([ALL, *known]),
                    nearest=nearest(who, known),
                )
                continue
            self.sourced(route, text)
            expression = self.expression(route, text.value, names, {}, set())
            if expression is None:
                found.update((player, GameValue(parse("1"))) for player in players)  # it has one, if a faulty one
                continue
            self.positive(route, expression)
            for player in players:
                found[player] = GameValue(expression, text.judgement or "")
        for role, player in cast.items():
            if player not in found:
                self.fault(
                    ("precision",),
                    f"`{player}` ({role}) has no precision of choice",
                    key=True,
                    remedy=f"add `{role}: EXPRESSION`, or `all: EXPRESSION` for everybody",
                )
        return {player: found[player] for player in cast.values() if player in found}

    def positive(self, route: Route, expression: Expression) -> None:
        least = float(expression.value({})) if not expression.names else None
        if expression.names and expression.text.strip() == expression.names[0]:
            least = self.known.span(expression.names[0])[0]
        if least is not None and not least > 0:
            message = (
                f"the precision of choice is {least:g}"
                if not expression.names
                else (f"the precision of choice is {expression.names[0]}, which may be {least:g}")
            )
            self.fault(route, message, found=expression.text, allowed="above 0 (0 would be play at random)")

    def lots(self, names: _Names, asked: _Tree, values: Mapping[str, GameValue]) -> None:
        """Chances that are numbers once names are filled in: each between 0 and 1, and 1 in all."""
        numbers = {name: float(v.expression.value({})) for name, v in values.items() if not v.expression.names}
        for options, chances in asked.lots:
            parsed = [parse(names.cast_in(chance)) for chance in chances]
            if any(self.beyond.intersection(each.names) for each in parsed):
                continue  # said where they stand
            known = [float(each.value(numbers)) for each in parsed if set(each.names) <= set(numbers)]
            wrong = [value for value in known if not -TOLERANCE <= value <= 1 + TOLERANCE]
            shown = listed(options)
            if wrong:
                message = f"the chances of {shown} are no chances: one of them is {wrong[0]:g}"
                self.fault(("values",), message, key=True, allowed="0 to 1")
            elif len(known) == len(parsed) and abs(sum(known) - 1) > TOLERANCE:
                message = f"the chances of {shown} add up to {sum(known):.6g}"
                self.fault(("values",), message, key=True, allowed="1")


class _Names:
    """Names of a form with its roles cast and its moves left open."""

    def __init__(self, found: Form, cast: Mapping[str, str]) -> None:
        self.form = found
        self.roles = tuple(cast)
        self.players = {role: slug(label) for role, label in cast.items()}
        self.stand_ins = {slug(_STAND_IN + role): player for role, player in self.players.items()}
        self.holes: dict[str, list[str]] = {
            move.name: [option.name for option in move.options] for move in found.played
        } | {f"type.{role}": [slug(label) for label in points.labels] for role, points in found.drawn.items()}
        self.meanings = meanings(found, cast)

    def unknown_hole(self, key: str) -> str:
        """The first placeholder of a key that stands for nothing."""
        return next((h for h in PLACEHOLDER.findall(key) if h not in self.players and h not in self.holes), "")

    def spread(self, key: str) -> list[tuple[str, dict[str, str]]]:
        """Every name that a key stands for, with what its open places are filled with."""
        holes = [hole for hole in dict.fromkeys(PLACEHOLDER.findall(key)) if hole in self.holes]
        made: list[tuple[str, dict[str, str]]] = []
        for chosen in itertools.product(*(self.holes[hole] for hole in holes)):
            filling = dict(zip(holes, chosen, strict=True))
            made.append((self.filled(key, filling), filling))
        return made

    def filled(self, text: str, filling: Mapping[str, str]) -> str:
        """A text with its placeholders filled; those that stand for nothing stay."""
        return PLACEHOLDER.sub(lambda m: filling.get(m[1], self.players.get(m[1], m[0])), text)

    def cast_in(self, text: str) -> str:
        """A name or an expression of a form's tree, with its stand-ins exchanged for the players."""
        return _STANDING_IN.sub(lambda m: self.stand_ins.get(m[0], m[0]), text)


def _interval(low: float, high: float, both: str = "{} to {}") -> str:
    if low == -float("inf") and high == float("inf"):
        return "anywhere" if "and" in both else "any number"
    if high == float("inf"):
        return f"at {low:g} or above"
    if low == -float("inf"):
        return f"at {high:g} or below"
    return both.format(f"{low:g}", f"{high:g}")
