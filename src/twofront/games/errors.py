"""Whose errors they are: the three structures of strategic choice in Signorino (1999, 2003), logit or probit.

- *Agent error*: every move errs by itself, in what its options are worth; nobody knows anybody's errors beforehand.
- *Private information*: every player knows its own errors about every end of the game, and nobody else's.
- *Regressor error*: all players know all errors about every end; only who watches does not.

With every error's scale 1/λ (standard normal for probit, extreme value for logit, times 1/λ). Exact where no player
moves twice on the way to an end; a move with more than two options is integrated by a fixed rule in probit. Data
rarely tell the three apart, so the structure is a choice to vary, never a silent default.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

from twofront.engine.executor import compile_stage
from twofront.engine.graph import Series
from twofront.engine.ops import normal_cdf, number, scan, sqrt, table
from twofront.engine.stage import Kernel, Stage
from twofront.faults import UserError, listed, nearest
from twofront.games.game import Chance, Decision, Game, Node, Terminal
from twofront.games.layout import Layout
from twofront.games.response import logit_choice, times, total_of, weighed

__all__ = ["ERRORS", "LINKS", "ErrorStructure", "Link", "kernel"]

ErrorStructure: TypeAlias = Literal["agent", "private", "regressor"]
Link: TypeAlias = Literal["logit", "probit"]
ERRORS: Final[tuple[ErrorStructure, ...]] = ("agent", "private", "regressor")
LINKS: Final[tuple[Link, ...]] = ("logit", "probit")
_STEP: Final = 0.125
_REACH: Final = 8.5
"""The trapezoid rule with this step over this reach: on a smooth integrand with normal tails its error is that of
rounding (Trefethen & Weideman 2014)."""
_MOST: Final = 4096
"""Most combinations of ends that a move may have to compare under regressor error."""


def kernel(game: Game, layout: Layout, errors: str, link: str) -> Kernel:
    """Numbers and precisions → chances of options given that their node is reached, and values at the root.

    Raises `UserError` where the structure has no exact form for the tree.
    """
    for what, found, allowed in (("error structure", errors, ERRORS), ("link", link, LINKS)):
        if found not in allowed:
            close = nearest(found, allowed)
            raise UserError(
                f"no {what} `{found}`" + (f"; did you mean `{close}`?" if close else f": {listed(allowed)}")
            )
    _refuse(game, layout, errors, link)

    def function(given: Mapping[str, Any]) -> Mapping[str, Any]:
        numbers = [given["numbers"][place] for place in range(len(layout.quantities))]
        precisions = [given["precisions"][place] for place in range(len(layout.players))]
        tree = _Tree(game, layout, numbers, precisions, link)
        ends = {"agent": tree.agent, "private": tree.private, "regressor": tree.regressor}[errors](game.root)
        values = [
            weighed([(chance, numbers[payoffs[player]]) for chance, payoffs in ends])
            for player in range(len(layout.players))
        ]
        return {
            "chances": Series([each for place in range(len(layout.sets)) for each in tree.chances[place]]),
            "values": Series(values),
        }

    return compile_stage(
        Stage(
            f"games.{errors}.{link}",
            function,
            {"numbers": len(layout.quantities), "precisions": len(layout.players)},
        )
    )


def _refuse(game: Game, layout: Layout, errors: str, link: str) -> None:
    hidden = [seen.information for seen in layout.sets if len(seen.histories) > 1]
    if hidden:
        raise UserError(
            f"`{errors}` errors with {link} need players who know where they are; at `{hidden[0].label}` "
            f"{hidden[0].player} cannot: use errors `agent` with link `logit`"
        )
    if errors == "agent":
        return
    if errors == "private" and link == "logit":
        raise UserError(
            "private information with logit: a weighted sum of extreme-value errors has no closed form; "
            "use link `probit`"
        )
    waiting: list[tuple[Node, tuple[str, ...]]] = [(game.root, ())]
    while waiting:
        node, movers = waiting.pop()
        if isinstance(node, Decision):
            if node.player in movers:
                raise UserError(
                    f"`{errors}` errors: {node.player} moves again at `{node.information}` and would know its own "
                    "errors from before, which others infer from its first move; use errors `agent`"
                )
            waiting.extend((then, (*movers, node.player)) for _, then in node.options)
        elif isinstance(node, Chance):
            if errors == "regressor" and movers:
                raise UserError(
                    f"regressor errors: nature moves after {movers[-1]}, who would weigh errors of several ends; "
                    "use errors `agent` or `private`"
                )
            waiting.extend((then, movers) for _, _, then in node.branches)


Ends: TypeAlias = "list[tuple[Any, tuple[int, ...]]]"
"""Chance of each end below a node, and the places of its payoffs."""


class _Tree:
    """The tree under one structure; ``chances`` by information set fill as it is walked."""

    def __init__(
        self, game: Game, layout: Layout, numbers: Sequence[Any], precisions: Sequence[Any], link: str
    ) -> None:
        self.layout = layout
        self.numbers = numbers
        self.precisions = precisions
        self.players = {name: place for place, name in enumerate(game.players)}
        self.link = link
        self.chances: dict[int, list[Any]] = {}

    def _walk(self, node: Node, choose: Callable[[int, list[Ends]], list[Any]]) -> Ends:
        if isinstance(node, Terminal):
            return [(1.0, self.layout.ends[id(node)])]
        if isinstance(node, Chance):
            places = self.layout.lots[id(node)]
            below = [self._walk(then, choose) for _, _, then in node.branches]
            shares = [self.numbers[place] for place in places]
        else:
            below = [self._walk(then, choose) for _, then in node.options]
            shares = choose(self.players[node.player], below) if len(below) > 1 else [1.0]
            self.chances[self.layout.places[node.player, node.information]] = shares
        return [
            (times(chance, share), ends) for share, part in zip(shares, below, strict=True) for chance, ends in part
        ]

    def agent(self, root: Node) -> Ends:
        """Errors about what options are worth, on expected payoffs."""
        return self._walk(root, lambda player, below: self._best(player, [self._worth(player, b) for b in below]))

    def private(self, root: Node) -> Ends:
        """Errors about ends, known to the mover: an option's error is the mean of its ends' errors."""

        def choose(player: int, below: list[Ends]) -> list[Any]:
            spreads = [sqrt(number(total_of([times(chance, chance) for chance, _ in ends]))) for ends in below]
            return self._best(player, [self._worth(player, ends) for ends in below], spreads)

        return self._walk(root, choose)

    def regressor(self, root: Node) -> Ends:
        """Errors about ends, known to all: who moves compares the ends that its options would certainly lead to."""
        ends = self._compared(root)
        reached = [chance for chance, _, _ in ends]
        self._conditional(root, reached)
        return [(chance, payoffs) for chance, payoffs, _ in ends]

    def _compared(self, node: Node) -> list[tuple[Any, tuple[int, ...], Node]]:
        if isinstance(node, Terminal):
            return [(1.0, self.layout.ends[id(node)], node)]
        if isinstance(node, Chance):
            shares = [self.numbers[place] for place in self.layout.lots[id(node)]]
            return [
                (times(share, chance), payoffs, end)
                for share, (_, _, then) in zip(shares, node.branches, strict=True)
                for chance, payoffs, end in self._compared(then)
            ]
        below = [self._compared(then) for _, then in node.options]
        if len(below) == 1:
            return below[0]
        if math.prod(map(len, below)) > _MOST:
            raise UserError(
                f"regressor errors: at `{node.information}` {node.player} would compare more than {_MOST} "
                "combinations of ends; use errors `agent` or `private`"
            )
        player = self.players[node.player]
        sums: list[list[Any]] = [[None] * len(part) for part in below]
        combinations: list[list[int]] = [[]]
        for part in below:
            combinations = [[*before, place] for before in combinations for place in range(len(part))]
        for places in combinations:
            joint: Any = 1.0
            for part, place in zip(below, places, strict=True):
                joint = times(joint, part[place][0])
            worth = [self.numbers[part[place][1][player]] for part, place in zip(below, places, strict=True)]
            for option, (place, chance) in enumerate(zip(places, self._best(player, worth), strict=True)):
                term = times(joint, chance)
                before = sums[option][place]
                sums[option][place] = term if before is None else before + term
        return [
            (chance, payoffs, end)
            for found, part in zip(sums, below, strict=True)
            for chance, (_, payoffs, end) in zip(found, part, strict=True)
        ]

    def _conditional(self, node: Node, reached: Sequence[Any]) -> None:
        """Chances of options given that their node is reached, from the chances of the ends below it."""
        if isinstance(node, Terminal):
            return
        branches = [b[-1] for b in (node.branches if isinstance(node, Chance) else node.options)]
        shares: list[Any] = []
        start = 0
        for then in branches:
            size = _count(then)
            part = reached[start : start + size]
            start += size
            shares.append(total_of(part))
            self._conditional(then, part)
        if isinstance(node, Decision):
            whole = total_of(shares)
            self.chances[self.layout.places[node.player, node.information]] = [share / whole for share in shares]

    def _worth(self, player: int, ends: Ends) -> Any:
        return weighed([(chance, self.numbers[payoffs[player]]) for chance, payoffs in ends])

    def _best(self, player: int, worth: Sequence[Any], spreads: Sequence[Any] | None = None) -> list[Any]:
        """Chance that each option is the best, with errors of scale 1/λ times its spread."""
        precision = self.precisions[player]
        if self.link == "logit":
            return logit_choice([0.0, *(times(each - worth[0], precision) for each in worth[1:])]).chances
        spread: list[Any] = list(spreads or [1.0] * len(worth))
        if len(worth) == 2:
            width = sqrt(number(times(spread[0], spread[0]) + times(spread[1], spread[1])))
            gain = (worth[1] - worth[0]) * precision / width
            return [normal_cdf(-gain), normal_cdf(gain)]
        return [self._largest_of(place, worth, spread, precision) for place in range(len(worth))]

    @staticmethod
    def _largest_of(place: int, worth: Sequence[Any], spread: Sequence[Any], precision: Any) -> Any:
        nodes, shares = _rule()

        def body(i: Any, carry: Any) -> tuple[Any, None]:
            share = shares[i]
            for other in range(len(worth)):
                if other != place:
                    ahead = (worth[place] - worth[other]) * precision + nodes[i] * spread[place]
                    share = share * normal_cdf(ahead / spread[other])
            return carry + share, None

        return scan(body, 0.0, len(nodes))[0]


@functools.cache
def _rule() -> tuple[Any, Any]:
    places = [_STEP * step for step in range(-round(_REACH / _STEP), round(_REACH / _STEP) + 1)]
    shares = [_STEP * math.exp(-place * place / 2.0) / math.sqrt(2.0 * math.pi) for place in places]
    return table(places), table(shares)


def _count(node: Node) -> int:
    if isinstance(node, Terminal):
        return 1
    branches = node.branches if isinstance(node, Chance) else node.options
    return sum(_count(branch[-1]) for branch in branches)
