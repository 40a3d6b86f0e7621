"""The game as data: the explicit tree of one order of moves at one date, and what its closed form rests on.

`twofront.choose.respond` and `twofront.choose.play` solve the game in closed form over whole batches. This module
holds the same game node by node. `prove_closed_form` checks on that tree the conditions under which the closed
form is exact, and refuses a game that does not meet them; `solve` is backward induction on floats, an oracle.

The tree: the leader's act; after an act of force a call or none, and whether the call was received and intercepted;
the follower's act; the outside responder's choice of theatres; in each theatre whether what both would claim is
pinned elsewhere, and the local responder's answer. Payoffs are sums of named terms; numbers come later.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TypeAlias

from twofront import games
from twofront.faults import UserError, listed
from twofront.games import Game
from twofront.readings import Readings
from twofront.world import Act, Challenger, Responder, World

__all__ = [
    "Chance",
    "ClosedFormRefused",
    "Decision",
    "Leaf",
    "Node",
    "Option",
    "Proof",
    "Secrets",
    "Solution",
    "Term",
    "Tree",
    "as_game",
    "later_trees",
    "prove_closed_form",
    "prove_world",
    "secrets_of",
    "solve",
    "terms_of",
    "two_theatre_tree",
]

FORCE = ("blockade", "war")
"""Kinds of act that ask the outside responder for a decision and that a call may go with."""
FREE, PINNED = "free", "pinned"
RESOLVES = ("soft", "firm")
"""Names of private resolve, in the order of their numbers."""


class ClosedFormRefused(UserError):
    """The closed form would not be exact for this game; the message says where and what to do."""


@dataclass(frozen=True, slots=True)
class Term:
    """A part of somebody's payoff, by name: ``what`` it is for, in which ``theatre``, and what it depends on.

    ``standing`` (act): what a challenger keeps or expects beside the war. ``war`` (act, forewarning, mode, level):
    an adjudicated war. ``act`` (act, joined, claim): an act short of war. ``call``, ``payment``: what a call costs
    its sender (``bluff``: if no force goes with it), and what one brings a partner who attacks. ``resolve`` (act,
    resolve): what private resolve adds to the use of force. ``name`` (act): what standing aside costs elsewhere.
    """

    what: str
    player: str
    theatre: str
    key: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """One branch of a decision; ``paid``: terms that fall due by taking it, whatever follows."""

    name: str
    then: Node
    paid: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """A player's node. Nodes with the same player and ``information`` cannot be told apart by that player.

    ``theatre``: the only theatre that the choice concerns, if it is a local one.
    """

    player: str
    information: tuple[str, ...]
    options: tuple[Option, ...]
    theatre: str | None = None


@dataclass(frozen=True, slots=True)
class Chance:
    """A move of nature: branches by name; ``key`` says what the chance of each is."""

    key: tuple[str, ...]
    branches: tuple[tuple[str, Node], ...]
    theatre: str | None = None


@dataclass(frozen=True, slots=True)
class Leaf:
    """An end of the game with everybody's payoff terms."""

    terms: tuple[Term, ...]


Node: TypeAlias = Decision | Chance | Leaf


@dataclass(frozen=True, slots=True)
class Tree:
    """A game: its first node, those who move in it, and who among them helps in several theatres."""

    root: Node
    challengers: tuple[str, ...]
    outside: str
    locals: tuple[tuple[str, str], ...]
    """Local responders with their theatre."""
    theatres: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """What was checked: nodes, leaves, information sets, and those sets that hold more than one node."""

    nodes: int
    leaves: int
    information_sets: int
    shared_sets: int


_After: TypeAlias = "Callable[[tuple[Term, ...]], Node]"
"""What follows once a theatre's terms are known."""


# ---- building ----------------------------------------------------------------------------------------------------


def _outside(world: World) -> Responder:
    found = [r for r in world.responders if len(r.theatres) > 1]
    if len(found) != 1:
        names = listed(r.name for r in found) or "none"
        raise ClosedFormRefused(
            f"the game needs exactly one responder who may help in both theatres; found {names}. "
            "Give one responder both theatres, and every other one a single theatre with `options`"
        )
    return found[0]


def _check_world(world: World) -> None:
    """Raise `ClosedFormRefused` unless the situation has the shape of the two-theatre game."""
    if len(world.theatres) != 2 or len(world.challengers) != 2:
        raise ClosedFormRefused(
            f"the game has two theatres and two challengers; found {len(world.theatres)} and "
            f"{len(world.challengers)}. Leave the others out, or let them stand among the demands of other regions"
        )
    outside = _outside(world)
    names = [theatre.name for theatre in world.theatres]
    if sorted(c.theatre for c in world.challengers) != sorted(names):
        raise ClosedFormRefused("each theatre needs a challenger of its own. Let `challengers` name one for each")
    if sorted(outside.theatres) != sorted(names):
        raise ClosedFormRefused(
            f"`{outside.name}` may help in {listed(outside.theatres)}, the theatres are {listed(names)}. Give it both"
        )
    for theatre in names:
        locals_ = [r for r in world.responders if r.theatres == (theatre,)]
        if len(locals_) > 1:
            raise ClosedFormRefused(
                f"`{theatre}` has {len(locals_)} local responders ({listed(r.name for r in locals_)}), and each "
                "would have to foresee the other. Join them as `members` of one, or make one a companion"
            )
        for local in locals_:
            if local.needs not in (None, outside.name):
                raise ClosedFormRefused(
                    f"`{local.name}` needs `{local.needs}`, whose choice it does not see. "
                    f"Only `needs: {outside.name}` can be solved"
                )
    if not world.lags or world.lags[0] != 0 or tuple(sorted(set(world.lags))) != world.lags:
        raise ClosedFormRefused(
            f"the lags are {', '.join(map(str, world.lags))}; a second war begins at once or at later ages of "
            "the first, in rising order. Write `lags: [0, 3, 6, 12]`, say"
        )


@dataclass(frozen=True, slots=True)
class Secrets:
    """Who has private resolve, and what else players may not know.

    ``bluffs``: a call may go with no act of force; ``unseen``: a follower that was called may have to answer before the
    act shows; ``name``: the outside responder minds its name for standing firm.
    """

    lead: bool = False
    follow: bool = False
    outside: bool = False
    bluffs: bool = False
    unseen: bool = False
    name: bool = False


class _Builder:
    def __init__(self, world: World, reverse: bool, secrets: Secrets = Secrets()) -> None:
        _check_world(world)
        self.secrets = secrets
        # Resolve of leader, follower and outside responder in the part of the tree that is being built.
        self.resolve: dict[str, tuple[str, ...]] = {"lead": (), "follow": (), "outside": ()}
        self.world = world
        order = (1, 0) if reverse else (0, 1)
        self.lead, self.follow = (world.challengers[number] for number in order)
        self.outside = _outside(world)
        self.locals = {r.theatres[0]: r for r in world.responders if len(r.theatres) == 1}

    def tree(self, root: Node) -> Tree:
        return Tree(
            root,
            (self.lead.actor, self.follow.actor),
            self.outside.name,
            tuple((local.name, theatre) for theatre, local in self.locals.items()),
            tuple(theatre.name for theatre in self.world.theatres),
        )

    # -- private resolve

    def profiles(self) -> Node:
        """Nature's draw of everybody's resolve, or what follows where nobody has secrets."""
        players = [who for who in self.resolve if getattr(self.secrets, who)]
        if not players:
            return self.leader()
        branches: list[tuple[str, Node]] = []
        for profile in product(RESOLVES, repeat=len(players)):
            self.resolve.update({who: (resolve,) for who, resolve in zip(players, profile, strict=True)})
            branches.append((" ".join(profile), self.leader()))
        return Chance(("resolve", *players), tuple(branches))

    def firmness(self, who: str, player: str, theatre: str, act: Act) -> tuple[Term, ...]:
        """What a player's private resolve adds where it uses force."""
        if not self.resolve[who] or act.kind not in FORCE:
            return ()
        return (Term("resolve", player, theatre, (act.name, *self.resolve[who])),)

    # -- the challengers

    def leader(self) -> Decision:
        options = [
            Option(act.name, self.caller(act), self.firmness("lead", self.lead.actor, self.lead.theatre, act))
            for act in self.lead.menu
        ]
        return Decision(self.lead.actor, ("act", *self.resolve["lead"]), tuple(options))

    def caller(self, act: Act) -> Node:
        if act.kind not in FORCE and not (act.kind == "wait" and self.secrets.bluffs):
            return self.follower(act, "quiet")
        fates = {"received": (True, False), "known": (True, True), "lost": (False, True), "quiet": (False, False)}
        called = Chance(
            ("call",), tuple((fate, self.answered(act, fate)) for fate in fates)
        )  # a call lost unheard leads to a node of its own, which must turn out the same as after no call
        cost = Term("call", self.lead.actor, self.lead.theatre, () if act.kind in FORCE else ("bluff",))
        return Decision(
            self.lead.actor,
            ("call", act.name, *self.resolve["lead"]),
            (Option("quiet", self.follower(act, "quiet")), Option("call", called, (cost,))),
        )

    def answered(self, act: Act, state: str) -> Node:
        """The follower's node after a call, which it may have to answer before the act shows."""
        if not self.secrets.unseen or state not in ("received", "known"):
            return self.follower(act, state)
        heard = replace(self.follower(act, state), information=("heard", state, *self.resolve["follow"]))
        return Chance(("seen",), (("seen", self.follower(act, state)), ("unseen", heard)))

    def follower(self, act: Act, state: str) -> Decision:
        options: list[Option] = []
        for answer in self.follow.menu:
            paid = self.firmness("follow", self.follow.actor, self.follow.theatre, answer)
            if state in ("received", "known") and answer.kind == "war" and act.kind in FORCE:
                paid = (*paid, Term("payment", self.follow.actor, self.follow.theatre))
            options.append(Option(answer.name, self.responders(act, answer, state), paid))
        return Decision(self.follow.actor, ("answer", act.name, state, *self.resolve["follow"]), tuple(options))

    # -- the responders

    def responders(self, act: Act, answer: Act, state: str) -> Node:
        own = "lost" if state in ("known", "lost") else "quiet"  # the caller gains no lead of its own
        sides = ((self.lead, act, own), (self.follow, answer, state))
        choices = list(product(*((False, True) if each.kind in FORCE else (False,) for _, each, _ in sides)))
        options = [
            Option(_chosen(joins), self.theatre(sides, joins, 0, ()), self.stance(sides, joins)) for joins in choices
        ]
        information = ("help", act.name, answer.name, state, *self.resolve["outside"])
        return Decision(self.outside.name, information, tuple(options))

    def stance(self, sides: Sequence[tuple[Challenger, Act, str]], joins: Sequence[bool]) -> tuple[Term, ...]:
        """What the outside responder's resolve and name add where it is asked."""
        terms: list[Term] = []
        for (challenger, act, _), joined in zip(sides, joins, strict=True):
            if act.kind not in FORCE:
                continue
            if joined:
                terms += self.firmness("outside", self.outside.name, challenger.theatre, act)
            elif self.secrets.name:
                terms.append(Term("name", self.outside.name, challenger.theatre, (act.name,)))
        return tuple(terms)

    def theatre(
        self,
        sides: Sequence[tuple[Challenger, Act, str]],
        joins: Sequence[bool],
        place: int,
        before: tuple[Term, ...],
    ) -> Node:
        """What follows in the theatres one after the other, given where the outside responder helps."""
        if place == len(sides):
            return Leaf(before)
        challenger, act, state = sides[place]
        _, other, _ = sides[1 - place]

        def after(found: tuple[Term, ...]) -> Node:
            return self.theatre(sides, joins, place + 1, before + found)

        claim = _claim(other, joins[1 - place])
        standing = Term("standing", challenger.actor, challenger.theatre, (act.name,))
        if act.kind == "wait":
            return after((standing,))
        if act.kind != "war":
            key = (act.name, "joined" if joins[place] else "absent", claim)
            terms = tuple(Term("act", who, challenger.theatre, key) for who in (challenger.actor, self.outside.name))
            return after((standing, *terms))
        if not joins[place]:
            return self.local(challenger, act, state, "none", standing, after)
        if claim == FREE:
            return self.local(challenger, act, state, "full", standing, after)
        if claim == other.name:
            return self.local(challenger, act, state, "shared", standing, after)
        branches = tuple(
            (name, self.local(challenger, act, state, mode, standing, after))
            for name, mode in ((PINNED, "shared"), (FREE, "full"))
        )
        return Chance(("pin", claim), branches, challenger.theatre)

    def local(self, challenger: Challenger, act: Act, state: str, mode: str, standing: Term, after: _After) -> Node:
        """The local responder's node in a war, or what follows if nobody is there to decide."""
        theatre = challenger.theatre
        local = self.locals.get(theatre)
        players = [challenger.actor, self.outside.name] + ([local.name] if local else [])

        def ended(level: str) -> Node:
            key = (act.name, state, mode, level)
            return after((standing, *(Term("war", player, theatre, key) for player in players)))

        if local is None:
            return ended("")
        if local.needs is not None and mode == "none":
            return ended(local.options[0][0])
        options = tuple(Option(name, ended(name)) for name, _ in local.options)
        return Decision(local.name, ("war", act.name, state, mode), options, theatre)

    # -- a second war later

    def later(self, act: Act, age: int) -> Decision:
        """The follower's node while the leader's war goes on at an age (0: of any age, without the outsider in it)."""

        def ended(found: tuple[Term, ...]) -> Node:
            return Leaf(found)

        options: list[Option] = []
        for answer in self.follow.menu:
            choices = (False, True) if answer.kind in FORCE else (False,)
            helps = tuple(Option(_chosen((joined,)), self.after(act, age, answer, joined, ended)) for joined in choices)
            information = ("help later", act.name, answer.name, self.age_of(act, age))
            options.append(Option(answer.name, Decision(self.outside.name, information, helps)))
        return Decision(self.follow.actor, ("answer later", act.name, self.age_of(act, age)), tuple(options))

    def age_of(self, act: Act, age: int) -> str:
        """What precedes a war that begins while another with the outsider in it goes on."""
        return f"{self.world.lags[age]} after {act.name}" if age else "quiet"

    def after(self, act: Act, age: int, answer: Act, joined: bool, ended: _After) -> Node:
        challenger = self.follow
        still = ("still", str(self.world.lags[age]))
        standing = Term("standing", challenger.actor, challenger.theatre, (answer.name,))
        if answer.kind == "wait":
            return ended((standing,))
        if answer.kind != "war":
            claim = f"{self.world.lags[age]} into the first war" if age else FREE
            key = (answer.name, "joined" if joined else "absent", claim)
            terms = tuple(Term("act", who, challenger.theatre, key) for who in (challenger.actor, self.outside.name))
            return ended((standing, *terms))
        if not joined:
            return self.local(challenger, answer, "quiet", "none", standing, ended)
        if not age:
            return self.local(challenger, answer, "quiet", "full", standing, ended)
        branches = tuple(
            (name, self.local(challenger, answer, self.age_of(act, age), mode, standing, ended))
            for name, mode in ((PINNED, "shared"), (FREE, "full"))
        )
        return Chance(still, branches, challenger.theatre)


def _chosen(joins: Sequence[bool]) -> str:
    return "+".join("help" if joined else "stay out" for joined in joins)


def _claim(other: Act, joined: bool) -> str:
    """What the other theatre claims of what both would use: nothing, all of it, or what its act pins."""
    if other.kind == "war":
        return other.name if joined else FREE
    if other.kind == "pressure" or (other.kind == "blockade" and joined):
        return f"pin {other.name}"
    return FREE


def two_theatre_tree(world: World, reverse: bool, secrets: Secrets = Secrets()) -> Tree:
    """Build one order of moves at one date; ``reverse``: the world's second challenger leads.

    Raises `ClosedFormRefused` where the situation does not have the shape of the two-theatre game.
    """
    builder = _Builder(world, reverse, secrets)
    return builder.tree(builder.profiles())


def secrets_of(world: World, read: Readings, reverse: bool) -> Secrets:
    """What the players of a situation may not know, as its case gives it."""
    lead, follow = (world.challengers[number].actor for number in ((1, 0) if reverse else (0, 1)))
    outside = _outside(world).name
    typed = {
        name: read.has("resolve_spread", player)
        for name, player in (("lead", lead), ("follow", follow), ("outside", outside))
    }
    bluffs = read.has("bluff_cost")
    return Secrets(**typed, bluffs=bluffs, unseen=bluffs and read.has("attack_seen"), name=read.has("reputation_worth"))


def as_game(
    tree: Tree,
    utilities: Mapping[Term, float],
    chances: Mapping[tuple[str, ...], Mapping[str, float]],
    title: str = "",
) -> Game:
    """A tree with its numbers as a game of `twofront.games`: payoffs in stakes, information sets by their name.

    ``utilities``, ``chances``: as in `solve`. Parts that are the same object stay so.
    """
    players = tuple(dict.fromkeys([*tree.challengers, tree.outside, *(name for name, _ in tree.locals)]))
    place = {player: number for number, player in enumerate(players)}

    def made(node: Node, due: tuple[Term, ...]) -> games.Node:
        if isinstance(node, Leaf):
            payoffs = [0.0] * len(players)
            for term in (*due, *node.terms):
                payoffs[place[term.player]] += utilities[term]
            return games.Terminal(tuple(payoffs))
        if isinstance(node, Chance):
            weights = chances[node.key]
            return games.Chance(tuple((name, weights[name], made(then, due)) for name, then in node.branches))
        options = tuple((option.name, made(option.then, (*due, *option.paid))) for option in node.options)
        return games.Decision(node.player, ", ".join(node.information), options)

    return games.Game(title, players, made(tree.root, ()))


def later_trees(world: World, reverse: bool) -> dict[tuple[str, int], Tree]:
    """Build the follower's games while a first war goes on, by that war's act and the number of its age.

    Age 0: a first war without the outside responder in it, of any age; nothing where the world has one lag only.
    """
    builder = _Builder(world, reverse)
    ages = range(len(world.lags)) if len(world.lags) > 1 else ()
    return {
        (act.name, age): builder.tree(builder.later(act, age))
        for act in builder.lead.menu
        if act.kind == "war"
        for age in ages
    }


# ---- walking -----------------------------------------------------------------------------------------------------


def _below(node: Node) -> Iterator[Node]:
    if isinstance(node, Decision):
        for option in node.options:
            yield option.then
    elif isinstance(node, Chance):
        for _, then in node.branches:
            yield then


def _walk(node: Node) -> Iterator[Node]:
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(_below(found))


def terms_of(tree: Tree) -> tuple[Term, ...]:
    """Return every payoff term of a tree once, in the order of the walk."""
    found: dict[Term, None] = {}
    for node in _walk(tree.root):
        if isinstance(node, Leaf):
            found.update(dict.fromkeys(node.terms))
        elif isinstance(node, Decision):
            for option in node.options:
                found.update(dict.fromkeys(option.paid))
    return tuple(found)


# ---- proof -------------------------------------------------------------------------------------------------------


def prove_closed_form(tree: Tree) -> Proof:
    """Check the conditions under which backward induction in closed form is exact; raise `ClosedFormRefused` if not.

    1. Nodes that a challenger or the outside responder cannot tell apart have identical continuations, so that
       beliefs about them do not matter: a call that is lost and not intercepted is as good as none.
    2. Once the outside responder has chosen, nobody but local responders moves, and what follows in one theatre is
       the same whatever happens in the other: payoffs add over theatres, and each can be solved by itself.
    3. A local responder's payoff is that of its own theatre, and nodes that it cannot tell apart have the same
       continuation there.
    """
    sets: dict[tuple[str, tuple[str, ...]], list[Decision]] = {}
    nodes = leaves = 0
    homes = dict(tree.locals)
    for node in _walk(tree.root):
        nodes += 1
        if isinstance(node, Leaf):
            leaves += 1
            _check_leaf(tree, node, homes)
        elif isinstance(node, Decision):
            sets.setdefault((node.player, node.information), []).append(node)
            if node.player == tree.outside:
                _check_separable(tree, node, homes)
            elif node.player in homes and node.theatre != homes[node.player]:
                raise ClosedFormRefused(
                    f"{_set_name(node)} is asked about `{node.theatre}`, and its theatre is `{homes[node.player]}`"
                )
    for same in sets.values():
        _check_identical(tree, same, homes)
    shared = sum(1 for same in sets.values() if len(same) > 1)
    return Proof(nodes, leaves, len(sets), shared)


def prove_world(world: World) -> tuple[Proof, ...]:
    """Prove the closed form for both orders of moves of a situation, now and at every lag, or refuse it."""
    return tuple(
        prove_closed_form(tree)
        for reverse in (False, True)
        for tree in (two_theatre_tree(world, reverse), *later_trees(world, reverse).values())
    )


def _set_name(node: Decision) -> str:
    return f"the information set of `{node.player}` at ({', '.join(node.information)})"


def _check_leaf(tree: Tree, leaf: Leaf, homes: Mapping[str, str]) -> None:
    for term in leaf.terms:
        if term.theatre not in tree.theatres:
            raise ClosedFormRefused(f"the payoff term {term} belongs to no theatre, so payoffs do not add over them")
        if homes.get(term.player, term.theatre) != term.theatre:
            raise ClosedFormRefused(
                f"`{term.player}` decides in `{homes[term.player]}` and has a stake in `{term.theatre}` ({term.what}), "
                "so that its choice depends on what it does not see. Let it respond in both theatres, or drop the stake"
            )


def _check_identical(tree: Tree, same: Sequence[Decision], homes: Mapping[str, str]) -> None:
    first = same[0]
    names = [option.name for option in first.options]
    for other in same[1:]:
        if [option.name for option in other.options] != names or other.theatre != first.theatre:
            raise ClosedFormRefused(f"{_set_name(first)} offers different options at its nodes")
        if first.player in homes:
            theatre = homes[first.player]
            alike = _within(first, theatre, first) == _within(other, theatre, other)
        else:
            alike = first == other
        if not alike:
            raise ClosedFormRefused(
                f"{_set_name(first)} holds nodes that lead to different things, so that what the player believes "
                "matters: this is a game of beliefs, which the closed form does not solve. Let the player see what "
                "makes the difference, or leave it out"
            )


def _check_separable(tree: Tree, node: Decision, homes: Mapping[str, str]) -> None:
    for option in node.options:
        for below in _walk(option.then):
            if isinstance(below, Decision) and below.player not in homes:
                raise ClosedFormRefused(f"{_set_name(below)} comes after the outside responder's choice")
            if isinstance(below, (Decision, Chance)) and below.theatre is None:
                raise ClosedFormRefused(f"after {_set_name(node)} something happens that is in neither theatre")
        for theatre in tree.theatres:
            _within(option.then, theatre, node)


def _within(node: Node, theatre: str, start: Decision) -> Node:
    """What a continuation holds for one theatre, everything elsewhere taken out; refused if that matters."""
    if isinstance(node, Leaf):
        return Leaf(tuple(term for term in node.terms if term.theatre == theatre))
    if isinstance(node, Decision):
        inside = tuple(
            Option(option.name, _within(option.then, theatre, start), _paid(option, theatre)) for option in node.options
        )
        if node.theatre == theatre:
            return Decision(node.player, node.information, inside, node.theatre)
        parts = [(option.then, option.paid) for option in inside]
        elsewhere = _set_name(node)
    else:
        within = tuple((name, _within(then, theatre, start)) for name, then in node.branches)
        if node.theatre == theatre:
            return Chance(node.key, within, node.theatre)
        parts = [(then, ()) for _, then in within]
        elsewhere = f"the chance ({', '.join(node.key)})"
    if any(part != parts[0] for part in parts[1:]) or parts[0][1]:
        raise ClosedFormRefused(
            f"after {_set_name(start)}, what happens in `{theatre}` depends on {elsewhere} in the other theatre, so "
            "that payoffs do not add over theatres. Let only the outside responder's choice join them"
        )
    return parts[0][0]


def _paid(option: Option, theatre: str) -> tuple[Term, ...]:
    return tuple(term for term in option.paid if term.theatre == theatre)


# ---- solving -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Solution:
    """Chances of every option by (player, information set), and everybody's value at the root."""

    chances: Mapping[tuple[str, tuple[str, ...]], Mapping[str, float]]
    values: Mapping[str, float]


def solve(
    tree: Tree,
    utilities: Mapping[Term, float],
    precision: Mapping[str, float],
    chances: Mapping[tuple[str, ...], Mapping[str, float]],
) -> Solution:
    """Solve a tree by backward induction with agent logit errors, on floats and node by node.

    ``utilities``: a number for every term; ``precision`` by player; ``chances``: of the branches, by the key of the
    move of nature. Exact for a tree that `prove_closed_form` accepts; raises `ValueError` where a player would
    choose differently at two nodes that it cannot tell apart.
    """
    players = list(dict.fromkeys([*tree.challengers, tree.outside, *(name for name, _ in tree.locals)]))
    place = {player: number for number, player in enumerate(players)}
    chosen: dict[tuple[str, tuple[str, ...]], dict[str, float]] = {}
    known: dict[int, list[float]] = {}

    def value(node: Node) -> list[float]:
        found = known.get(id(node))
        if found is None:
            found = known[id(node)] = _leaf(node) if isinstance(node, Leaf) else _inner(node)
        return found

    def _leaf(node: Leaf) -> list[float]:
        found = [0.0] * len(players)
        for term in node.terms:
            found[place[term.player]] += utilities[term]
        return found

    def _inner(node: Decision | Chance) -> list[float]:
        if isinstance(node, Chance):
            weights = [chances[node.key][name] for name, _ in node.branches]
            return _mean(weights, [value(then) for _, then in node.branches])
        worth: list[list[float]] = []
        for option in node.options:
            found = list(value(option.then))
            for term in option.paid:
                found[place[term.player]] += utilities[term]
            worth.append(found)
        own = [found[place[node.player]] for found in worth]
        best = max(own)
        weights = [math.exp(precision[node.player] * (each - best)) for each in own]
        whole = math.fsum(weights)
        weights = [weight / whole for weight in weights]
        key = (node.player, node.information)
        names = [option.name for option in node.options]
        before = chosen.setdefault(key, dict(zip(names, weights, strict=True)))
        if any(abs(before[name] - weight) > 1e-9 for name, weight in zip(names, weights, strict=True)):
            raise ValueError(f"{_set_name(node)}: its nodes call for different choices")
        return _mean(weights, worth)

    return Solution(chosen, dict(zip(players, value(tree.root), strict=True)))


def _mean(weights: Sequence[float], rows: Sequence[Sequence[float]]) -> list[float]:
    return [math.fsum(w * row[n] for w, row in zip(weights, rows, strict=True)) for n in range(len(rows[0]))]
