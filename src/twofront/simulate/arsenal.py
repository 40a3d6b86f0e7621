"""Arsenals: lines, prices and stocks of every munition class."""

from __future__ import annotations

from collections.abc import Callable

from twofront.engine.ops import Number, maximum, minimum
from twofront.readings import Readings
from twofront.simulate import industry
from twofront.simulate.conditions import STEP, Conditions, Step
from twofront.world import World

__all__ = ["Arsenal", "makers"]


def makers(world: World, readings: Readings) -> tuple[tuple[str, str], ...]:
    """Pairs of munition class and actor where a stock or a line exists, or a donation arrives."""
    pairs: list[tuple[str, str]] = []
    for munition in world.munitions:
        for actor in world.actors:
            gives = ("capacity", "stock", "war_use", "delivery")
            takes = actor == world.client or any(
                flow.taker == actor and flow.munition == munition for flow in world.flows
            )
            if takes or any(readings.has(name, munition, actor) for name in gives):
                pairs.append((munition, actor))
    return tuple(pairs)


class Arsenal:
    """Lines, prices and stocks of every munition class."""

    def __init__(self, world: World, conditions: Conditions, first_core: dict[str, Number]) -> None:
        self.world, self.read, self.after = world, conditions.before, conditions.after
        self.pairs = makers(world, self.read)
        self.lines = tuple((k, a) for k, a in self.pairs if self.read.has("capacity", k, a))
        self.licensed = tuple((k, a) for k, a in self.lines if self.after.has("coproduction", a))
        self.first_money = {(k, a): first_core[a] * self._share(k, a, self.read) for k, a in self.lines}

    def _share(self, munition: str, actor: str, read: Callable[..., Number]) -> Number:
        """Share of core spending that goes to a class of munitions."""
        weights = sum(
            (read("order_weight", k, actor) for k in self.world.munitions if (k, actor) in self.lines), start=0.0
        )
        return read("munitions_share", actor) * read("order_weight", munition, actor) / weights

    def start(self) -> dict[str, Number]:
        read = self.read
        state: dict[str, Number] = {f"stock.{k}.{a}": read("stock", k, a) for k, a in self.pairs}
        for k, a in self.lines:
            capacity = read("capacity", k, a)
            for stage in range(3):
                state[f"line{stage}.{k}.{a}"] = capacity
            state[f"input.{k}.{a}"] = capacity * read("input_ratio", k, a)
            state[f"made.{k}.{a}"] = 0.0
            if (k, a) in self.licensed:
                state[f"licensed.{k}.{a}"] = 0.0
        return state

    def step(
        self,
        policy_years: Number,
        at_war: list[Number],
        read: Step,
        state: dict[str, Number],
        money: dict[str, Number],
    ) -> tuple[dict[str, Number], dict[tuple[str, ...], Number]]:
        """Advance by a step; ``at_war``: share of each of its months in which the ongoing war goes on."""
        now: dict[str, Number] = {}
        rows: dict[tuple[str, ...], Number] = {}
        output = {pair: self._line(*pair, policy_years, at_war, read, state, money, now, rows) for pair in self.lines}
        for k in self.world.munitions:
            self._stocks(k, at_war, read, state, output, now, rows)
        return now, rows

    def _line(
        self,
        k: str,
        a: str,
        policy_years: Number,
        at_war: list[Number],
        read: Step,
        state: dict[str, Number],
        money: dict[str, Number],
        now: dict[str, Number],
        rows: dict[tuple[str, ...], Number],
    ) -> Number:
        """Advance a line and its scarcest input; return mean output in the step [round/month]."""
        first_capacity = self.read("capacity", k, a)
        orders = money[f"core.{a}"] * (self._share(k, a, read) / self.first_money[k, a])
        capacity, inputs, made = state[f"line2.{k}.{a}"], state[f"input.{k}.{a}"], state[f"made.{k}.{a}"]
        factor = industry.price_factor(
            orders,
            first_capacity,
            capacity,
            read("price_response", k),
            1 + made * (1 / (12 * first_capacity)),
            read("learning_rate", k),
        )
        slippage = read("plan_slippage", k, a)
        goal = industry.plan_capacity(first_capacity, read("planned_capacity", k, a), slippage, orders, factor)
        stages = industry.erlang_stages(
            (state[f"line0.{k}.{a}"], state[f"line1.{k}.{a}"], capacity), goal, read("build_lag", k), STEP
        )
        for stage in range(3):
            now[f"line{stage}.{k}.{a}"] = stages[stage]
        wanted = industry.input_goal(goal, read("input_ratio", k, a), slippage)
        inputs_now = industry.input_capacity(inputs, wanted, read("input_lag", k), STEP)
        now[f"input.{k}.{a}"] = inputs_now
        denied: Number = 0.0
        if self.read.has("sanction_effect", a):
            denied = industry.denied_share(
                read("sanctions", a),
                read("sanction_effect", a),
                read.years_of(policy_years, "sanctions", a),
                read("substitution_half_life", a),
            )
        wanted_now = minimum(goal, self._need(k, a, sum(at_war, start=0.0) / len(at_war), read, state))
        output = industry.limited_output((capacity + stages[2]) / 2, (inputs + inputs_now) / 2, denied, wanted_now)
        now[f"made.{k}.{a}"] = made + output * STEP
        if (k, a) in self.licensed:
            lines = sum(
                (state[f"line2.{k}.{p}"] for p in self.world.partners if (k, p) in self.lines and p != a), start=0.0
            )
            target = read("coproduction", a) * read("coproduction_efficiency") * lines
            lag = read("coproduction_delay") + read("build_lag", k)
            before = state[f"licensed.{k}.{a}"]
            now[f"licensed.{k}.{a}"] = industry.input_capacity(before, target, lag, STEP)
            output = output + (before + now[f"licensed.{k}.{a}"]) / 2
        rows["output", k, a] = output
        rows["value", k, a] = industry.value_of_output(output, read("price", k, a), factor)
        return output

    def _need(self, k: str, a: str, at_war: Number, read: Callable[..., Number], state: dict[str, Number]) -> Number:
        """Output that the holder of a stock would still order [round/month]."""
        leaving = (read("war_use", k, a) + read("donation", k, a)) * at_war
        for flow in self.world.flows:
            if flow.giver == a and flow.munition == k:
                leaving = leaving + read("delivery", k, a) * (at_war if flow.while_war else 1.0)
        capacity = self.read("capacity", k, a)
        planned = maximum(read("planned_capacity", k, a), capacity)
        return industry.needed_output(
            state[f"stock.{k}.{a}"],
            read("shelf_life", k),
            read("training_use", k),
            leaving,
            read("stock_years", k, a),
            planned,
        )

    def _stocks(
        self,
        munition: str,
        at_war: list[Number],
        read: Callable[..., Number],
        state: dict[str, Number],
        output: dict[tuple[str, str], Number],
        now: dict[str, Number],
        rows: dict[tuple[str, ...], Number],
    ) -> None:
        """Age, fill, use and hand over the stocks of one class; what leaves one actor reaches another.

        By month for those who use, send or receive, since a stock can run out; in one step for those who only hold.
        """
        flows = [f for f in self.world.flows if f.munition == munition and self.read.has("delivery", munition, f.giver)]
        client = self.world.client
        holders = tuple(a for k, a in self.pairs if k == munition)
        donors = tuple(a for a in holders if a != client and self.read.has("donation", munition, a))
        users = tuple(a for a in holders if self.read.has("war_use", munition, a))
        busy = {*donors, *users, *(f.giver for f in flows), *(f.taker for f in flows), client}
        stock = {a: state[f"stock.{munition}.{a}"] for a in holders}
        moved: dict[tuple[str, str], Number] = {}

        def kept(actor: str, months: float) -> Number:
            ageing = read("shelf_life", munition), read("training_use", munition)
            return industry.stock_kept(stock[actor], *ageing, months) + output.get((munition, actor), 0.0) * months

        def count(kind: str, actor: str, rounds: Number) -> None:
            moved[kind, actor] = moved.get((kind, actor), 0.0) + rounds

        month = STEP / len(at_war)
        for war in at_war:
            held = {a: kept(a, month) for a in holders if a in busy}
            received: dict[str, Number] = {}
            for flow in flows:
                wanted = read("delivery", munition, flow.giver) * month * (war if flow.while_war else 1.0)
                sent = minimum(wanted, held[flow.giver])
                held[flow.giver] = held[flow.giver] - sent
                count("sent", flow.giver, sent)
                received[flow.taker] = received.get(flow.taker, 0.0) + sent
            for a in donors:
                sent = minimum(read("donation", munition, a) * war * month, held[a])
                held[a] = held[a] - sent
                count("donated", a, sent)
                if client is not None:
                    received[client] = received.get(client, 0.0) + sent
            for a, rounds in held.items():
                stock[a] = rounds + received.get(a, 0.0)
                count("received", a, received.get(a, 0.0))
                if a in users:
                    used = minimum(read("war_use", munition, a) * war * month, stock[a])
                    stock[a] = stock[a] - used
                    count("used", a, used)
        for a in holders:
            if a not in busy:
                stock[a] = kept(a, STEP)
            now[f"stock.{munition}.{a}"] = rows["stock", munition, a] = stock[a]
        for (kind, a), rounds in moved.items():
            rows[kind, munition, a] = rounds / STEP
