"""Gambit's files of extensive-form games (`.efg`, version 2): read and written.

`read_efg` takes what Gambit takes: rationals and decimals, information sets and outcomes that are defined once and
then named by their number, labels that are missing or stand twice (numbered as Gambit numbers them: ``_1``, ``_2``),
payoffs on the way as well as at the end. What is malformed is told with its line and column. `write_efg` writes a
file that `read_efg` turns into the same game again, number for number, and whose chances add up to exactly one,
which Gambit asks for. The format: Gambit's manual, "Game representation formats".
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final, Literal, NoReturn, TypeAlias

from twofront.faults import Fault, UserError, listed
from twofront.games.checks import BadGame, check
from twofront.games.game import Chance, Decision, Game, Node, Quantity, Terminal
from twofront.games.numbers import numbers

__all__ = ["read_efg", "write_efg"]

_Kind: TypeAlias = Literal["text", "number", "word", "{", "}", ",", "end"]
_WORDS: Final[dict[str, str]] = {
    "text": "text in quotes",
    "number": "a number",
    "word": "a word",
    "{": "`{`",
    "}": "`}`",
    ",": "`,`",
    "end": "the end of the file",
}
_TOKEN: Final = re.compile(
    r'\s+|(?P<text>"(?:\\"|[^"])*")|(?P<open>")|(?P<brace>[{},])|(?P<rest>[^\s{},"]+)',
    re.DOTALL,
)
_NUMBER: Final = re.compile(r"[-+]?(?:\d+/\d+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\Z", re.ASCII)
_EXPONENT: Final = 330
"""Beyond this power of ten no number is told from nothing or from infinity."""
_NEARLY_HALF: Final = Fraction(31, 64)
_MOST_BYTES: Final = 200_000_000


@dataclass(frozen=True, slots=True)
class _Token:
    kind: _Kind
    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class _Set:
    """An information set as it is defined: its name and its branches; chances if nature moves."""

    name: str
    branches: tuple[str, ...]
    chances: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class _Outcome:
    name: str
    payoffs: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class _Record:
    """A line of the file: a node, in the order of the walk. ``paid``: all payoffs from the start to here."""

    kind: str
    label: str
    player: int
    number: int
    set: _Set | None
    paid: tuple[Fraction, ...]
    token: _Token


# ---- reading -----------------------------------------------------------------------------------------------------


def read_efg(path: str | Path) -> Game:
    """Read a game from Gambit's `.efg` file; `BadGame` (a `UserError`) says what is wrong with it, and where.

    An information set without a name is called by its number in the file. Solutions number a player's sets from 0 in
    the order in which the file comes to them, as Gambit does, whatever their numbers in the file.
    """
    name = str(path)
    game, places = _game(_Reader(_tokens(_text(path), name), name))
    check(game, file=name, places=places)
    return game


def _text(path: str | Path) -> str:
    try:
        if Path(path).stat().st_size > _MOST_BYTES:
            raise UserError(
                f"{path}: the file is larger than {_MOST_BYTES:,} bytes; no game of that size can be solved"
            )
        raw = Path(path).read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UserError(f"{path}: the file cannot be read: {reason}") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Gambit's older programs wrote labels in the encoding of their machine.
        return raw.decode("latin-1")


def _fail(file: str, token: _Token, message: str, *, allowed: str = "", remedy: str = "") -> NoReturn:
    raise BadGame([Fault(file, token.line, token.column, message, token.text, allowed, "", remedy)])


def _tokens(text: str, file: str) -> list[_Token]:
    found: list[_Token] = []
    line, start = 1, 0
    for match in _TOKEN.finditer(text):
        kind, piece = match.lastgroup, match[0]
        column = match.start() - start + 1
        if kind == "text":
            found.append(_Token("text", piece[1:-1].replace('\\"', '"'), line, column))
        elif kind == "open":
            bad = _Token("text", "", line, column)
            _fail(file, bad, "a quotation mark opens text that is never closed", remedy='close it with `"`')
        elif kind == "brace":
            braces: dict[str, _Kind] = {"{": "{", "}": "}", ",": ","}
            found.append(_Token(braces[piece], piece, line, column))
        elif kind == "rest":
            found.append(_Token("number" if _NUMBER.match(piece) else "word", piece, line, column))
        if "\n" in piece:
            line += piece.count("\n")
            start = match.start() + piece.rfind("\n") + 1
    found.append(_Token("end", "", line, len(text) - start + 1))
    return found


def _shown(token: _Token) -> str:
    if token.kind == "end":
        return "the file ends"
    text = token.text if len(token.text) <= 40 else token.text[:37] + "…"
    return f'found `"{text}"`' if token.kind == "text" else f"found `{text}`"


class _Reader:
    """Tokens one by one, and what the file has defined so far."""

    def __init__(self, tokens: Sequence[_Token], file: str) -> None:
        self.tokens = tokens
        self.file = file
        self.place = 0
        self.sets: dict[tuple[int, int], _Set] = {}
        self.outcomes: dict[int, _Outcome] = {}
        self.title = self.comment = ""
        self.players: tuple[str, ...] = ()

    @property
    def now(self) -> _Token:
        return self.tokens[self.place]

    def comes(self, *kinds: _Kind) -> bool:
        """Whether the next token is of one of these kinds."""
        return self.tokens[self.place].kind in kinds

    def pass_comma(self) -> None:
        """Go past a comma: lists are written with or without them."""
        self.place += self.comes(",")

    def fail(self, token: _Token, message: str, *, allowed: str = "", remedy: str = "") -> NoReturn:
        _fail(self.file, token, message, allowed=allowed, remedy=remedy)

    def take(self, kind: _Kind, what: str) -> _Token:
        token = self.now
        if token.kind != kind:
            self.fail(token, f"{_shown(token)} where {what} is expected", allowed=_WORDS[kind])
        self.place += 1
        return token

    def whole(self, what: str) -> int:
        token = self.take("number", what)
        if not re.match(r"\+?\d{1,9}\Z", token.text):
            self.fail(token, f"found `{token.text}` where {what} is expected", allowed="a whole number, 0 or more")
        return int(token.text)

    def number(self, what: str) -> Fraction:
        token = self.take("number", what)
        exponent = re.search(r"[eE]([-+]?\d+)\Z", token.text)
        if (exponent and abs(int(exponent[1][:9])) > _EXPONENT) or len(token.text) > 1000:
            self.fail(token, f"{what} is `{token.text[:40]}`", allowed=f"numbers between 1e-{_EXPONENT} and 1e308")
        try:
            value = Fraction(token.text)
            float(value)
        except ZeroDivisionError:
            self.fail(token, f"{what} is `{token.text}`, which divides by zero", allowed="a number")
        except OverflowError:
            self.fail(token, f"{what} is `{token.text[:40]}`", allowed="numbers below 1.8e308")
        return value

    # -- parts of the file

    def header(self) -> None:
        first = self.now
        if (first.kind, first.text) != ("word", "EFG"):
            what = "the file is empty" if first.kind == "end" else f"the file begins with {_shown(first)[6:]}"
            self.fail(first, what, allowed="`EFG 2 R`", remedy="give a file of Gambit's extensive-form games (.efg)")
        self.place += 1
        version = self.take("number", "the version of the format")
        if version.text != "2":
            self.fail(version, f"this is version {version.text} of the format", allowed="2")
        kind = self.take("word", "`R` or `D`")
        if kind.text not in ("R", "D"):
            self.fail(kind, f"the numbers are of kind `{kind.text}`", allowed="`R` or `D`")
        self.title = self.take("text", "the game's title").text
        opening = self.take("{", "the list of players")
        names: list[str] = []
        while self.comes("text"):
            names.append(self.now.text)
            self.place += 1
        self.take("}", "a player's name or the end of their list")
        if not names:
            self.fail(opening, "the list of players is empty", allowed="one name in quotes for each player")
        self.players = _distinct(names)
        if self.comes("text"):
            self.comment = self.now.text
            self.place += 1

    def records(self) -> Iterator[_Record]:
        """Every node of the file; stops where the tree is whole, and refuses what comes after."""
        open_: list[tuple[int, tuple[Fraction, ...]]] = [(1, tuple(Fraction(0) for _ in self.players))]
        while open_:
            left, paid = open_.pop()
            if left > 1:
                open_.append((left - 1, paid))
            record = self.record(paid)
            if record.set is not None:
                open_.append((len(record.set.branches), record.paid))
            yield record
        if not self.comes("end"):
            remedy = "remove it, or give the nodes above the branches that it belongs to"
            self.fail(self.now, f"{_shown(self.now)} after the last end of the tree", allowed="nothing", remedy=remedy)

    def record(self, before: tuple[Fraction, ...]) -> _Record:
        first = self.now
        if first.kind == "end":
            self.fail(first, "the file ends before the tree does", allowed="`c`, `p` or `t`: a node for every branch")
        if first.kind != "word" or first.text not in ("c", "p", "t"):
            self.fail(first, f"{_shown(first)} where a node is expected", allowed="`c`, `p` or `t`")
        self.place += 1
        label = self.take("text", "the node's name").text
        player = number = 0
        set_: _Set | None = None
        if first.text == "p":
            token = self.now
            player = self.whole("the number of the player who moves")
            if not 1 <= player <= len(self.players):
                self.fail(token, f"player {player} moves", allowed=f"1 to {len(self.players)}")
        if first.text != "t":
            set_, number = self.set_of(player)
        outcome = self.outcome(label)
        paid = tuple(sum_ + extra for sum_, extra in zip(before, outcome.payoffs, strict=True))
        return _Record(first.text, outcome.name or label, player, number, set_, paid, first)

    def set_of(self, player: int) -> tuple[_Set, int]:
        """The information set of a node, defined here or before."""
        token = self.now
        number = self.whole("the number of the information set")
        known = self.sets.get((player, number))
        whose = f"of {self.players[player - 1]}" if player else "of chance"
        if not self.comes("text"):
            if known is None:
                remedy = "give its name and its branches where it comes first"
                self.fail(
                    token, f"the information set {number} {whose} is not defined before it is used", remedy=remedy
                )
            return known, number
        name = self.now.text
        self.place += 1
        self.take("{", "the list of branches")
        branches: list[str] = []
        chances: list[Fraction] = []
        while not self.comes("}") or not branches:
            branches.append(self.take("text", "a branch's name").text)
            if not player:
                chances.append(self.number(f"the chance of `{branches[-1]}`"))
            self.pass_comma()
        self.place += 1
        found = _Set(name, _distinct(branches), tuple(chances))
        if known is not None and known != found:
            what = "name" if known.name != name else "chances" if known.branches == found.branches else "branches"
            message = f"the information set {number} {whose} is defined a second time with other {what}"
            allowed = f"`{known.name}` with {listed(known.branches)}"
            self.fail(token, message, allowed=allowed, remedy="give it a number of its own")
        self.sets[player, number] = found
        return found, number

    def outcome(self, label: str) -> _Outcome:
        """The outcome of a node: 0 for none, or its number with or without its definition."""
        token = self.now
        number = self.whole(f"the outcome of the node `{label}` (0 for none)")
        if not self.comes("text", "{"):
            if not number:
                return _Outcome("", tuple(Fraction(0) for _ in self.players))
            if number not in self.outcomes:
                remedy = "give its payoffs where it comes first"
                self.fail(token, f"the outcome {number} is not defined before it is used", remedy=remedy)
            return self.outcomes[number]
        if not number:
            self.fail(token, "outcome 0 stands for none and has payoffs", allowed="a number above 0")
        name = ""
        if self.comes("text"):
            name = self.now.text
            self.place += 1
        self.take("{", "the list of payoffs")
        payoffs: list[Fraction] = []
        while self.comes("number"):
            whose = self.players[len(payoffs)] if len(payoffs) < len(self.players) else "nobody"
            payoffs.append(self.number(f"the payoff of {whose}"))
            self.pass_comma()
        closing = self.take("}", "a payoff or the end of their list")
        if len(payoffs) != len(self.players):
            message = f"the outcome {number} has {len(payoffs)} payoffs for {len(self.players)} players"
            self.fail(closing, message, allowed=f"one for each of {listed(self.players)}")
        found = _Outcome(name, tuple(payoffs))
        if self.outcomes.setdefault(number, found) != found:
            message = f"the outcome {number} is defined a second time, and differently"
            self.fail(token, message, remedy="give it a number of its own")
        return found


def _distinct(labels: Sequence[str]) -> tuple[str, ...]:
    """Labels told apart as Gambit does: what is empty or stands twice gets ``_1``, ``_2`` … after it."""
    used = set(labels)
    next_: dict[str, int] = {}
    found: list[str] = []
    for label in labels:
        name = label
        if not label or labels.count(label) > 1:
            while not name or name in used:
                next_[label] = next_.get(label, 0) + 1
                name = f"{label}_{next_[label]}"
            used.add(name)
        found.append(name)
    return tuple(found)


def _game(reader: _Reader) -> tuple[Game, dict[int, tuple[int, int]]]:
    """The game, and where its nodes stand."""
    reader.header()
    records = list(reader.records())
    labels = _information(reader, records)
    places: dict[int, tuple[int, int]] = {}
    made: list[Node] = []
    # Last record first, so that whatever follows a node is made before it.
    for record in reversed(records):
        node: Node
        if record.set is None:
            node = Terminal(tuple(float(each) for each in record.paid), record.label)
        else:
            follows = [made.pop() for _ in record.set.branches]
            if record.player:
                information = labels[record.player, record.number]
                options = tuple(zip(record.set.branches, follows, strict=True))
                node = Decision(reader.players[record.player - 1], information, options)
            else:
                chances = [float(chance) for chance in record.set.chances]
                branches = tuple(zip(record.set.branches, chances, follows, strict=True))
                node = Chance(branches, record.label or record.set.name)
        places[id(node)] = record.token.line, record.token.column
        made.append(node)
    (root,) = made
    return Game(reader.title, reader.players, root, reader.comment), places


def _information(reader: _Reader, records: Sequence[_Record]) -> dict[tuple[int, int], str]:
    """What players' sets are called, by player and number: their name where it is theirs alone, or their number."""
    used = sorted({(record.player, record.number) for record in records if record.player})
    plain = {place: reader.sets[place].name or str(place[1]) for place in used}
    taken = Counter((player, plain[player, number]) for player, number in used)
    labels: dict[tuple[int, int], str] = {}
    for player, number in used:
        label = plain[player, number]
        if taken[player, label] > 1:
            while taken[player, label]:
                label = f"{label}#{number}"
            taken[player, label] += 1
        labels[player, number] = label
    return labels


# ---- writing -----------------------------------------------------------------------------------------------------


def write_efg(game: Game, path: str | Path, values: Mapping[str, float] | None = None) -> None:
    """Write a game to Gambit's `.efg` file; ``values``: numbers for the names in it.

    Raises `BadGame` for a game that is not sound, and `UserError` where a name has no number.
    """
    check(game)
    known = {each: _single(value, each) for each, value in numbers(game, values or {}).items()}
    sets = {(each.player, each.label): each.number + 1 for each in game.information_sets}
    lines = [f"EFG 2 R {_quoted(game.title)} {{ {' '.join(map(_quoted, game.players))} }}", _quoted(game.comment), ""]
    outcomes: dict[tuple[tuple[str, ...], str], int] = {}
    defined: set[tuple[str, str]] = set()
    moves_of_chance = 0
    waiting: list[Node] = [game.root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Terminal):
            lines.append(_end(tuple(_number(known[each]) for each in node.payoffs), node.label, outcomes))
        elif isinstance(node, Chance):
            moves_of_chance += 1
            chances = _adding_to_one([known[chance] for _, chance, _ in node.branches])
            pairs = [f"{_quoted(name)} {chance}" for (name, _, _), chance in zip(node.branches, chances, strict=True)]
            lines.append(f'c {_quoted(node.label)} {moves_of_chance} "" {{ {" ".join(pairs)} }} 0')
            waiting.extend(then for _, _, then in reversed(node.branches))
        else:
            key = node.player, node.information
            number = sets[key]
            line = f'p "" {game.players.index(node.player) + 1} {number} '
            if key not in defined:
                name = "" if node.information == str(number) else node.information
                line += f"{_quoted(name)} {{ {' '.join(_quoted(option) for option, _ in node.options)} }} "
                defined.add(key)
            lines.append(line + "0")
            waiting.extend(then for _, then in reversed(node.options))
    try:
        Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path}: the file cannot be written: {(error.strerror or str(error)).lower()}") from None


def _end(payoffs: tuple[str, ...], label: str, outcomes: dict[tuple[tuple[str, ...], str], int]) -> str:
    """The line of an end; its outcome is defined where it comes first."""
    key = payoffs, label
    if key in outcomes:
        return f't "" {outcomes[key]}'
    outcomes[key] = len(outcomes) + 1
    return f't "" {outcomes[key]} {_quoted(label)} {{ {", ".join(payoffs)} }}'


def _single(value: object, quantity: Quantity) -> float:
    try:
        return float(value)  # pyright: ignore[reportArgumentType]
    except (TypeError, ValueError):
        raise UserError(
            f"`{quantity}` is given as more than one number; a file holds one game, so write them one by one"
        ) from None


def _number(value: float) -> str:
    """The shortest decimal that reads back as the same number."""
    return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _adding_to_one(chances: Sequence[float]) -> list[str]:
    """Rationals that add up to exactly one, each of which reads back as its chance.

    What rounding has taken from the sum is given back within the rounding of the single chances; where they are
    further from one than that (by `checks.TOLERANCE` at most), the greatest takes the rest.
    """
    exact = [Fraction(repr(chance)) for chance in chances]
    simple = [each.limit_denominator(1000) for each in exact]
    if sum(simple) == 1 and all(float(a) == b for a, b in zip(simple, chances, strict=True)):
        decimal = sum(exact) == 1
        return [_number(b) if decimal else str(a) for a, b in zip(simple, chances, strict=True)]
    missing = 1 - sum(exact)
    for place in sorted(range(len(exact)), key=lambda number: -chances[number]):
        chance = Fraction(chances[place])
        # A little less than half the way to the neighbours, so that what is read rounds to the same number.
        up, down = (abs(Fraction(math.nextafter(chances[place], end)) - chance) * _NEARLY_HALF for end in (2.0, -2.0))
        step = max(chance - down - exact[place], min(chance + up - exact[place], missing))
        exact[place] += step
        missing -= step
    exact[chances.index(max(chances))] += missing
    return [_number(b) if a == Fraction(repr(b)) else str(a) for a, b in zip(exact, chances, strict=True)]


def _quoted(text: str) -> str:
    if '\\"' in text or text.endswith("\\"):
        raise UserError(f"`{text}` cannot be written: the format has no way to put a backslash before a quotation mark")
    escaped = text.replace('"', '\\"')
    return f'"{escaped}"'
