"""Acts short of war that move later dates: by their expected value, and by every history."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import product

import pytest
from drawn_game import Game, small

from twofront.choose import (
    Choices,
    Standing,
    forewarned,
    laws,
    play,
)

YEARS = 1.0
"""Between the three decision dates below."""
DATES = 3


class Linked:
    """Three dates of one order of moves, linked by forward deployments that acts short of war bring about."""

    def __init__(self, source: random.Random) -> None:
        world = small()
        self.game = Game(world, False, source)
        read = self.game.read
        # Of the size that the bundled cases have: few occasions, alerts of half a year, war costly.
        sizes = {("opportunity_rate", "up"): 0.3, ("alert_months",): 6.0, ("patience", "up"): 0.8}
        sizes |= {("precision", player): 5.0 for player in world.actors}
        sizes |= {("act_alert", act.name): 0.4 for act in world.challengers[0].menu if act.kind == "blockade"}
        sizes |= {("war_cost", "up"): 0.6, ("act_cost", "invade"): 0.2, ("act_cost", "blockade"): 0.1}
        self.game.read = read.replaced(sizes)
        self.solved = self.game.closed()[0]
        self.quiet = 0.6

    def play(self, waiting: float, share: float) -> Choices:
        """The occasion with responders deployed forward with a chance."""
        lead, follow = Standing(waiting, 0.0), self.game.standings["down"]
        return play(self.game.world, self.game.read, [forewarned(self.solved, share)], False, lead, follow)

    def rate(self, found: Choices) -> float:
        """Alerts a year."""
        acts = found.acts[0]
        heard = sum(acts[a.name] * self.game.read("act_alert", a.name) for a in self.game.lead.menu)
        return self.game.read("opportunity_rate", "up") * heard

    def hazard(self, found: Choices) -> float:
        """Wars a year."""
        wars = sum(found.acts[0][a.name] for a in self.game.lead.menu if a.kind == "war")
        return self.game.read("opportunity_rate", "up") * wars

    def on(self, share: float, found: Choices, years: float) -> float:
        return laws.alerted(share, self.rate(found), self.game.read("alert_months") / 12, years)

    def worth(self, found: Choices) -> float:
        """What a date is worth before anybody knows whether an occasion comes."""
        taken = 1 - math.exp(-self.game.read("opportunity_rate", "up") * YEARS)
        return found.waiting + taken * (found.value - found.waiting)

    def wait(self, ahead: float) -> float:
        return laws.waiting_value(self.quiet, ahead, self.game.read("patience", "up"), YEARS)

    def expected(self) -> tuple[float, float]:
        """Chance of a first war over all dates, and of a second within W of it: by the expected value of alerts."""
        share = [0.0] * DATES
        plays: list[Choices] = []
        for _ in range(6):
            ahead, plays = self.quiet, []
            for date in reversed(range(DATES)):
                plays.insert(0, self.play(self.wait(ahead), share[date]))
                ahead = self.worth(plays[0])
            now = 0.0
            for date, found in enumerate(plays):
                share[date] = self.on(now, found, YEARS / 2)
                now = self.on(share[date], found, YEARS / 2)
        return self.outcome([(1.0, plays)])

    def enumerated(self) -> tuple[float, float]:
        """The same over every history of deployments, each seen by all: at a date they are forward or they are not."""

        def waiting(date: int, state: int) -> tuple[Choices, float]:
            """Play at a date in a state, and what it is worth: what follows is worth its mean over the next states."""
            ahead = self.quiet
            if date + 1 < DATES:
                later = [waiting(date + 1, each)[1] for each in (0, 1)]
                guess = self.play(self.quiet, float(state))
                forward = self.on(float(state), guess, YEARS)
                ahead = later[0] + forward * (later[1] - later[0])
            found = self.play(self.wait(ahead), float(state))
            return found, self.worth(found)

        table = {(date, state): waiting(date, state)[0] for date in range(DATES) for state in (0, 1)}
        histories: list[tuple[float, list[Choices]]] = []
        for states in product((0, 1), repeat=DATES):
            chance, before = 1.0, 0.0
            for date, state in enumerate(states):
                # From the middle of one date's interval to that of the next; half of the first one's from its start.
                earlier = table[date - 1, states[date - 1]] if date else table[0, 0]
                forward = self.on(before, earlier, YEARS if date else YEARS / 2)
                chance *= forward if state else 1 - forward
                before = float(state)
            histories.append((chance, [table[date, state] for date, state in enumerate(states)]))
        assert math.fsum(chance for chance, _ in histories) == pytest.approx(1.0)
        return self.outcome(histories)

    def outcome(self, histories: Sequence[tuple[float, list[Choices]]]) -> tuple[float, float]:
        first = second = 0.0
        for chance, plays in histories:
            alive = 1.0
            for found in plays:
                begins = alive * (1 - math.exp(-self.hazard(found) * YEARS))
                first += chance * begins
                second += chance * begins * found.open[0]
                alive -= begins
        return first, second / first


def test_alerts_by_their_expected_value_come_close_to_every_history_on_three_dates() -> None:
    """An approximation: payoffs are mixed where play would be. Two per cent of the chances is what it costs at most in
    games of the size of the bundled cases, a fifth of what leaving alerts out would."""
    source = random.Random("alerts")
    worst, moved = 0.0, 0.0
    for _ in range(6):
        linked = Linked(source)
        found, wanted = linked.expected(), linked.enumerated()
        without = [linked.play(linked.wait(linked.quiet), 0.0)] * DATES
        for a, b, c in zip(found, wanted, linked.outcome([(1.0, without)]), strict=True):
            worst, moved = max(worst, abs(a / b - 1)), max(moved, abs(c / b - 1))
    assert worst < 0.02, worst
    assert moved > 5 * worst, (moved, worst)
