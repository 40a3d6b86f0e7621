"""The last stages of a future: from what the others found to outcomes and a status.

``reported`` (means over time of what wars bring, and what anchors the choices) and ``costs`` give outcomes by their
names; ``status`` says what a future's row is worth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twofront.engine.executor import Stage
from twofront.engine.ops import Number, Series, absolute, maximum, scan, table, where
from twofront.future.rows import FORCE_DAYS, PARTIES, WarRows
from twofront.future.stages import Stages

__all__ = ["STATUSES", "costs", "reported", "status"]

STATUSES = ("ok", "undefined", "anchor_unreached", "failed", "unsolved")
"""Of a future under a policy: all well; no first war, so that shares of it are undefined; no intercept reproduces the
declared prior; some outcome is not a number; no equilibrium was found to within the limit."""

POSSIBLY_UNDEFINED = ("second_front", "opportunism", "coordination", "common_cause", "call_", "diversion", "pinned")
"""Beginnings of the names of outcomes that are shares of first wars, undefined where there is none."""

_INFINITY = float("inf")


def reported(stages: Stages, war_rows: tuple[str, ...]) -> Stage:
    """Means over time of the wars' rows, which of them are cut off at the horizon, anchors and intercepts."""
    world, spans = stages.case.world, stages.dates.spans
    shown = [name for name in war_rows if name.startswith("war.") and not name.startswith("war.strength.")]
    strengths = {
        f"war.strength.{where_it_is}": f"forces.{where_it_is}"
        for where_it_is in (
            f"{theatre.name}.{party}.day{day:.0f}"
            for theatre in world.theatres
            for day in FORCE_DAYS
            for party in PARTIES
        )
    }
    anchors = {c.actor: str(stages.case.reading("anchor")[(c.actor,)]) for c in world.challengers}
    horizon = world.phases[-1] * (1 - 1e-12)

    def function(values: Mapping[str, Any]) -> dict[str, Number | Series]:
        wars = WarRows(values["wars"], war_rows)
        parts = table([span / sum(spans) for span in spans])

        def add(place: int, sums: dict[str, Number]) -> tuple[dict[str, Number], None]:
            date = place + 1
            return {name: before + wars(name, date) * parts[date] for name, before in sums.items()}, None

        means: dict[str, Number] = {name: wars(name, 0) * parts[0] for name in (*shown, *strengths)}
        if len(spans) > 1:
            means, _ = scan(add, means, len(spans) - 1)
        found: dict[str, Number | Series] = {name.removeprefix("war."): means[name] for name in shown}
        for name in [name for name in found if name.startswith("exhaustion_day.")]:
            found[f"{name}.censored"] = where(means[f"war.{name}"] >= horizon, 1.0, 0.0)
        found.update({outcome: means[name] for name, outcome in strengths.items()})
        found.update({f"yearly_anchor.{actor}": values[name] for actor, name in anchors.items()})
        found.update({name: values[name] for name in stages.intercepts})
        return found

    return stages.game("reported", function, war_rows)


def costs(stages: Stages) -> Stage:
    """Cost against the present course in the same draw: whole, by kind, PPP, discounted, by payer.

    Reads the means of spending (``mean.*``) under the policy, and under the present course (``present.mean.*``).
    """
    payers = stages.payers
    names = [f"mean.{kind}.{actor}" for kind in ("core", "related", "burden") for actor in payers]
    names += ["mean.ppp", "mean.discounted"]

    def function(values: Mapping[str, Any]) -> dict[str, Number | Series]:
        extra = {name.removeprefix("mean."): values[name] - values[f"present.{name}"] for name in names}
        core = related = burden = whole = 0.0
        by_payer: dict[str, Number] = {}
        for actor in payers:
            by_payer[actor] = extra[f"core.{actor}"] + extra[f"related.{actor}"] + extra[f"burden.{actor}"]
            whole = whole + by_payer[actor]
            core = core + extra[f"core.{actor}"]
            related = related + extra[f"related.{actor}"]
            burden = burden + extra[f"burden.{actor}"]
        return {
            "policy_cost": whole,
            "policy_cost.core": core,
            "policy_cost.related": related,
            "policy_cost.sanctions": burden,
            "policy_cost.ppp": extra["ppp"],
            "policy_cost.discounted": extra["discounted"],
            **{f"policy_cost.by.{actor}": value for actor, value in by_payer.items()},
        }

    return Stage("costs", function, dict.fromkeys((*names, *(f"present.{name}" for name in names))))


def status(stages: Stages, outcomes: Sequence[str]) -> Stage:
    """Number in `STATUSES` of a future, from its outcomes and how far its anchors and its choices are off.

    Reads, the same for all futures, the largest distance from an anchor (``anchor_limit``) and from an equilibrium
    (``choice_limit``) that will do.
    """
    anchors = tuple(f"check.anchor.{c.actor}" for c in stages.case.world.challengers)
    maybe = [float(name.removeprefix("unanchored.").startswith(POSSIBLY_UNDEFINED)) for name in outcomes]

    def function(values: Mapping[str, Any]) -> dict[str, Number | Series]:
        shares = table(maybe)

        def look(place: int, before: tuple[Number, Number]) -> tuple[tuple[Number, Number], None]:
            bad = where(absolute(values["outcomes"][place]) < _INFINITY, 0.0, 1.0)
            undefined, failed = before
            return (maximum(undefined, bad * shares[place]), maximum(failed, bad * (1 - shares[place]))), None

        (undefined, failed), _ = scan(look, (0.0, 0.0), len(maybe))
        found: Number = where(values["check.residual"] > values["choice_limit"], 4.0, 0.0)
        found = where(undefined > 0.5, 1.0, found)
        for name in anchors:
            found = where(absolute(values[name]) <= values["anchor_limit"], found, 2.0)
        return {"status": where(failed > 0.5, 3.0, found)}

    inputs: dict[str, int | None] = {"outcomes": len(maybe), **dict.fromkeys(anchors), "check.residual": None}
    limits = ("anchor_limit", "choice_limit")
    return Stage("status", function, {**inputs, **dict.fromkeys(limits)}, frozenset(limits))
