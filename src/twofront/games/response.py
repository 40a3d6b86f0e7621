"""The equations of agent logit quantal response on a laid-out tree, for numbers of any kind.

At every information set an option's chance is proportional to exp(precision · expected payoff given the player's
belief), and beliefs follow from play by Bayes' rule (McKelvey & Palfrey 1998). Play is held in log-odds against a
set's first option, and beliefs are formed from logarithms of chances: nothing overflows, and what is played with
chance 1e-300 still has a belief attached.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from twofront.engine.ops import log, maximum, where
from twofront.games.duals import Dual, parts_of, value_of
from twofront.games.layout import End, Layout, Lot
from twofront.games.weights import FLOOR, odds_weight, weight

__all__ = ["Choice", "Play", "best_reply", "logit_choice"]


@dataclass(frozen=True, slots=True)
class Choice:
    """Chances of a set's options, their log-odds against the first, and the logarithm of the sum of odds."""

    chances: list[Any]
    scores: list[Any]
    normaliser: Callable[[], Any]

    def logs(self) -> list[Any]:
        """Logarithms of the chances; with derivatives if the log-odds have them."""
        whole = self.normaliser()
        values = [value_of(each) - whole for each in self.scores]
        if not any(parts_of(each) for each in self.scores):
            return values
        mean = _mean_parts([value_of(chance) for chance in self.chances], self.scores)
        return [Dual(value, _less(parts_of(each), mean)) for value, each in zip(values, self.scores, strict=True)]


Rule: TypeAlias = Callable[[Sequence[Any]], Choice]


def logit_choice(scores: Sequence[Any]) -> Choice:
    """Choice with log-odds ``scores`` (the first is 0): chances proportional to their exponentials."""
    values = [value_of(score) for score in scores]
    if len(values) == 2:
        odds = odds_weight(-values[1])
        whole = 1.0 + odds
        second = 1.0 / whole
        chances = [odds * second, second]
        normaliser = functools.partial(_softplus, values[1], whole)
    else:
        best = maximum(values[1], 0.0)
        for value in values[2:]:
            best = maximum(value, best)
        weights = [weight(value - best) for value in values]
        whole = weights[0]
        for each in weights[1:]:
            whole = whole + each
        share = 1.0 / whole
        chances = [each * share for each in weights]
        normaliser = functools.partial(_log_sum, best, whole)
    if any(parts_of(score) for score in scores):
        mean = _mean_parts(chances, scores)
        chances = [
            Dual(chance, {place: chance * part for place, part in _less(parts_of(score), mean).items()})
            for chance, score in zip(chances, scores, strict=True)
        ]
    return Choice(chances, list(scores), normaliser)


def _softplus(x: Any, whole: Any) -> Any:
    """log(1 + e^x), where ``whole`` is 1 + e^-x as far as that is not cut."""
    return where(x < 0.5 * FLOOR, 0.0, x + log(whole))


def _log_sum(best: Any, whole: Any) -> Any:
    return best + log(whole)


def _zero() -> Any:
    return 0.0


def best_reply(scores: Sequence[Any]) -> Choice:
    """Choice without error: the best options, alike if there are several."""
    best = maximum(scores[1], 0.0) if len(scores) > 1 else 0.0
    for score in scores[2:]:
        best = maximum(score, best)
    weights = [where(score >= best, 1.0, 0.0) if place else where(best <= 0.0, 1.0, 0.0)
               for place, score in enumerate(scores)]  # fmt: skip
    whole = weights[0]
    for each in weights[1:]:
        whole = whole + each
    return Choice([each / whole for each in weights], list(scores), _zero)


def _mean_parts(chances: Sequence[Any], scores: Sequence[Any]) -> dict[int, Any]:
    mean: dict[int, Any] = {}
    for chance, score in zip(chances, scores, strict=True):
        for place, part in parts_of(score).items():
            term = chance * part
            mean[place] = mean[place] + term if place in mean else term
    return mean


def _less(parts: Mapping[int, Any], mean: Mapping[int, Any]) -> dict[int, Any]:
    found = {place: -part for place, part in mean.items()}
    for place, part in parts.items():
        found[place] = part - mean[place] if place in mean else part
    return found


class Play:
    """All players' choices, beliefs and values, worked out from the unknown sets' log-odds as they are asked for.

    ``numbers``: payoffs and chances; ``precisions``: by player, per unit of payoff; ``odds``: the unknowns. With
    dual numbers among them, everything comes with its derivatives. ``rule``: how an option is chosen.
    """

    def __init__(
        self,
        layout: Layout,
        numbers: Sequence[Any],
        precisions: Sequence[Any],
        odds: Sequence[Any],
        rule: Rule = logit_choice,
    ) -> None:
        self.layout = layout
        self.numbers = numbers
        self.precisions = precisions
        self.odds = odds
        self.rule = rule
        self._choices: dict[int, Choice] = {}
        self._logs: dict[int, list[Any]] = {}
        self._values: dict[tuple[int, int], Any] = {}

    def choice(self, place: int) -> Choice:
        """Chances at an information set."""
        found = self._choices.get(place)
        if found is None:
            seen = self.layout.sets[place]
            if seen.options == 1:
                found = Choice([1.0], [0.0], _zero)
            elif place in self.layout.offsets:
                first = self.layout.offsets[place]
                found = logit_choice([0.0, *self.odds[first : first + seen.options - 1]])
            else:
                found = self.rule([0.0, *self.response(place)])
            self._choices[place] = found
        return found

    def logs(self, place: int) -> list[Any]:
        """Logarithms of the chances at an information set."""
        found = self._logs.get(place)
        if found is None:
            found = self._logs[place] = self.choice(place).logs()
        return found

    def value(self, player: int, part: int) -> Any:
        """What a part of a player's view is worth to it."""
        key = player, part
        found = self._values.get(key)
        if found is None:
            node = self.layout.views[player][part]
            if isinstance(node, End):
                found = self.numbers[node.number]
            elif isinstance(node, Lot):
                pairs = [(self.numbers[chance], self.value(player, then)) for chance, then in node.branches]
                found = weighed(pairs)
            else:
                chances = self.choice(node.place).chances
                pairs = list(zip(chances, [self.value(player, then) for then in node.options], strict=True))
                found = weighed(pairs)
            self._values[key] = found
        return found

    def response(self, place: int) -> list[Any]:
        """Log-odds against the first option that the others' play calls for at an information set."""
        seen = self.layout.sets[place]
        nodes = seen.nodes if seen.needs_belief else seen.nodes[:1]
        follow = [self.layout.views[seen.player][node].options for node in nodes]  # pyright: ignore
        gains: list[list[Any]] = []
        for options in follow:
            first = self.value(seen.player, options[0])
            gains.append([_minus(self.value(seen.player, then), first) for then in options[1:]])
        precision = self.precisions[seen.player]
        if len(nodes) == 1:
            return [times(gain, precision) for gain in gains[0]]
        weights = self.weights(place)
        scale = times(_inverse(total_of(weights)), precision)
        return [
            times(weighed(list(zip(weights, (gain[option] for gain in gains), strict=True))), scale)
            for option in range(seen.options - 1)
        ]

    def weights(self, place: int) -> list[Any]:
        """How likely each node of an information set is against the others; the likeliest way of playing counts 1."""
        histories = self.layout.sets[place].histories
        sums: dict[tuple[tuple[int, int], ...], Any] = {}
        for history in histories:
            if history.choices not in sums:
                whole: Any = 0.0
                for number, (who, option) in enumerate(history.choices):
                    part = self.logs(who)[option]
                    whole = part if number == 0 else _plus(whole, part)
                sums[history.choices] = whole
        shares: dict[tuple[tuple[int, int], ...], Any]
        if len(sums) == 1:
            shares = dict.fromkeys(sums, 1.0)
        else:
            best = None
            for each in sums.values():
                best = value_of(each) if best is None else maximum(best, value_of(each))
            shares = {}
            for choices, each in sums.items():
                share = weight(value_of(each) - best)
                parts = parts_of(each)
                shares[choices] = Dual(share, {p: share * part for p, part in parts.items()}) if parts else share
        found: list[Any] = []
        for history in histories:
            share = shares[history.choices]
            for chance in history.chances:
                share = times(self.numbers[chance], share)
            found.append(share)
        return found

    def beliefs(self, place: int) -> list[Any]:
        """Chance of each node of an information set, given that it is reached."""
        if len(self.layout.sets[place].histories) == 1:
            return [1.0]
        weights = self.weights(place)
        share = 1.0 / total_of(weights)
        return [each * share for each in weights]

    def errors(self) -> list[Any]:
        """By unknown log-odds, how far it is from the response to all play; with derivatives if the unknowns have."""
        found: list[Any] = []
        for place in self.layout.unknown:
            first = self.layout.offsets[place]
            found.extend(
                _minus(self.odds[first + option], response) for option, response in enumerate(self.response(place))
            )
        return found


def times(a: Any, b: Any) -> Any:
    """Product of numbers, dual or not; a plain 1 changes nothing."""
    if isinstance(a, float) and a == 1.0:
        return b
    if isinstance(b, float) and b == 1.0:
        return a
    return b * a if isinstance(b, Dual) else a * b


def _plus(a: Any, b: Any) -> Any:
    return b + a if isinstance(b, Dual) else a + b


def _minus(a: Any, b: Any) -> Any:
    if isinstance(b, Dual) and not isinstance(a, Dual):
        return -b + a
    return a - b


def _inverse(a: Any) -> Any:
    if not isinstance(a, Dual):
        return 1.0 / a
    value = 1.0 / a.value
    slope = -(value * value)
    return Dual(value, {place: slope * part for place, part in a.parts.items()})


def total_of(numbers: Sequence[Any]) -> Any:
    """Sum from first to last."""
    whole = numbers[0]
    for number in numbers[1:]:
        whole = _plus(whole, number)
    return whole


def weighed(pairs: Sequence[tuple[Any, Any]]) -> Any:
    """Sum of products, from first to last."""
    return total_of([times(a, b) for a, b in pairs])
