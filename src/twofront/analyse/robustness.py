"""Which policy holds up: policies over the same draws, by every common metric of robustness, with what unsettles them.

Every policy meets the same futures, so differences are paired. No metric is the right one: they differ in temper, and
where they order policies differently the choice among them is the reader's (McPhail and others 2018).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from twofront.analyse.cost_effectiveness import PerPoint, per_point
from twofront.analyse.dominance import Dominance, dominances, undominated
from twofront.analyse.estimates import NORMAL_95, TIE, Difference
from twofront.analyse.metrics import METRICS, domain_shares, regrets_of, satisficing
from twofront.analyse.outcomes import CHANCE, MONEY, STAKES, kind_of
from twofront.analyse.regrets import REGRET_OUTCOMES
from twofront.analyse.sample import Floats
from twofront.analyse.stability import Order, Slice, Slicer, Standing, kendall, order_of, ranks, standings
from twofront.analyse.study import STRUCTURE, Study
from twofront.analyse.weighted import Bools, mean, mean_error, summary
from twofront.analyse.weights import Belief, Weights, reweigh
from twofront.faults import UserError

if TYPE_CHECKING:
    import polars as pl

    from twofront.ensemble import Run

__all__ = ["LEAST", "Comparison", "Outcome", "Payer", "Scored", "compare"]

LEAST: Final = 30
"""Futures that a comparison needs."""
BATCHES: Final = 20
"""Parts of the futures whose scatter gives a metric its standard error."""
SEED: Final = 20250705
"""Of the weightings drawn for Starr's criterion."""
COST: Final = "policy_cost"
EXTREME: Final = frozenset({"worst_case", "best_case", "hurwicz", "regret_max"})
"""Metrics that rest on single futures: they grow with the sample, and no standard error is given."""
MOST_WORLDS: Final = 24
"""Combinations of laws between which Starr's criterion mixes."""
Told = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Scored:
    """A metric of one policy in one outcome, in the outcome's unit unless it is a share; `rank` 1 is best."""

    policy: str
    metric: str
    value: float
    error: float
    """Standard error from the sample's size; NaN where none can be given."""
    rank: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the policies do in one outcome.

    `levels` and `differences` by policy; `overall`: order by the mean, best first; `orders`: by slice and by metric.
    `threshold` is that of satisficing; `undefined` counts the futures left out here since the outcome is undefined.
    """

    name: str
    kind: str
    more: bool
    """Whether more of it is better."""
    n: int
    undefined: int
    levels: Mapping[str, Difference]
    differences: Mapping[str, Difference]
    threshold: float
    scores: tuple[Scored, ...]
    overall: tuple[str, ...]
    orders: tuple[Order, ...]
    standings: tuple[Standing, ...]

    def of(self, metric: str) -> dict[str, Scored]:
        """One metric, by policy."""
        return {item.policy: item for item in self.scores if item.metric == metric}


@dataclass(frozen=True, slots=True)
class Payer:
    """What one payer pays a year for a policy against the present course, billion USD of 2025."""

    policy: str
    payer: str
    paid: Difference
    share: float
    """Of the sum over payers of what is paid on top; NaN for those who save."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that `compare` finds."""

    label: str
    run: Run | None
    policies: tuple[str, ...]
    n: int
    counted: str
    outcomes: tuple[Outcome, ...]
    prices: tuple[PerPoint, ...]
    dominances: tuple[Dominance, ...]
    undominated: tuple[str, ...]
    judged_on: tuple[str, ...]
    """Outcomes that dominance was judged on."""
    payers: tuple[Payer, ...]
    weights: Weights | None
    skipped: Mapping[str, str] = field(default_factory=dict[str, str])
    """What could not be compared, and why."""

    def outcome(self, name: str) -> Outcome:
        """One outcome; `KeyError` for one that was not compared."""
        return {item.name: item for item in self.outcomes}[name]

    def frame(self) -> pl.DataFrame:
        """Everything as one tidy table: section, outcome, policy, metric, slice, value, low, high, n."""
        import polars as pl

        texts = dict.fromkeys(("section", "outcome", "policy", "metric", "slice"), pl.String)
        schema = texts | dict.fromkeys(("value", "low", "high"), pl.Float64)
        return pl.DataFrame(list(_tidy(self)), schema={**schema, "n": pl.Int64}, orient="row")


def compare(
    run: Run | Study | str | Path,
    outcomes: Sequence[str] | None = None,
    *,
    thresholds: Mapping[str, float] | None = None,
    priors: Sequence[Belief | str] = (),
    more: Sequence[str] = (),
    told: Told | None = None,
) -> Comparison:
    """Compare the policies of a run.

    `outcomes`: less of each is better, except for deterrence margins and those named in `more`. `thresholds`: the level
    of an outcome that satisfies (its median on the present course by default). `priors`: other beliefs to weigh the
    futures by. Raises `UserError` for names that do not exist, a threshold that every or no future meets, one policy
    only, or fewer futures than a comparison needs.
    """
    study = Study.of(run)
    say = told or (lambda *_: None)
    study.need(LEAST, "a comparison of policies")
    if len(study.policies) < 2:
        raise UserError(f"{study.label}: it holds one policy, so there is nothing to compare; run the case with more")
    names = [study.check_outcome(name) for name in outcomes or [n for n in REGRET_OUTCOMES if n in study.outcome_names]]
    if not names:
        raise UserError(f"{study.label}: it holds none of {', '.join(REGRET_OUTCOMES)}; name outcomes with --outcome")
    upward = {study.check_outcome(name) for name in more}
    wanted = {study.check_outcome(name): value for name, value in (thresholds or {}).items()}
    names = list(dict.fromkeys([*names, *wanted]))
    weights = reweigh(study, priors) if priors else None
    say("slices by law, grade and prior", 0.05)
    slicer = Slicer(study)
    found: list[Outcome] = []
    skipped: dict[str, str] = {}
    for place, name in enumerate(names):
        say(f"comparing in {name}", 0.2 + 0.6 * place / len(names))
        result = _outcome(slicer, name, name in upward, wanted.get(name), weights)
        if isinstance(result, str):
            skipped[name] = result
        else:
            found.append(result)
    if not found:
        raise UserError(f"{study.label}: {'; '.join(skipped.values())}")
    say("cost and dominance", 0.85)
    prices = _prices(study, found, weights)
    judged = [item for item in found if item.kind in (CHANCE, MONEY)] or found
    beaten = _dominances(study, judged, weights)
    return Comparison(
        study.label,
        study.run,
        study.policies,
        study.n,
        study.counted,
        tuple(found),
        prices,
        tuple(beaten),
        undominated(study.policies, beaten),
        tuple(item.name for item in judged),
        _payers(study, weights),
        weights,
        skipped,
    )


# ---- one outcome ------------------------------------------------------------------------------------------------


def _outcome(
    slicer: Slicer, name: str, upward: bool, threshold: float | None, weights: Weights | None
) -> Outcome | str:
    study = slicer.study
    kind = kind_of(study.case, name)
    more = upward or kind == STAKES
    values, known = _values(study, name)
    n = int(known.sum())
    if n < LEAST:
        return f"`{name}` is defined under every policy in {n} futures, fewer than {LEAST}"
    own = None if weights is None else weights.values[known]
    losses = -values if more else values
    levels = {policy: summary(row, own) for policy, row in zip(study.policies, values, strict=True)}
    differences = {policy: summary(row - values[0], own) for policy, row in zip(study.policies, values, strict=True)}
    level = _threshold(name, values, threshold, own, more)
    scores = _scores(study, losses, level if not more else -level, own, known, more)
    means = np.array([mean(row, own) for row in losses])
    overall = ranks(means)
    orders = [*_slice_orders(slicer, losses, known, overall, own), *_metric_orders(study, scores, overall, n)]
    return Outcome(
        name,
        kind,
        more,
        n,
        study.n - n,
        levels,
        differences,
        level,
        tuple(scores),
        tuple(study.policies[place] for place in np.argsort(means, kind="stable")),
        tuple(orders),
        tuple(standings(study.policies, overall, orders)),
    )


def _values(study: Study, name: str) -> tuple[Floats, Bools]:
    """An outcome under every policy, (policies, futures), where it is defined under all of them."""
    values = np.stack([study.outcome(name, policy) for policy in study.policies])
    known: Bools = np.logical_and.reduce(~np.isnan(values), axis=0)
    return (values if known.all() else values[:, known]), known


def _threshold(name: str, values: Floats, asked: float | None, weights: Floats | None, more: bool) -> float:
    if asked is None:
        return summary(values[0], weights).median
    met = values >= asked - TIE if more else values <= asked + TIE
    if met.all() or not met.any():
        which = "every" if met.all() else "no"
        raise UserError(
            f"--threshold {name}={asked:g}: {which} future meets it, whatever the policy; "
            f"`{name}` runs from {values.min():g} to {values.max():g}"
        )
    return asked


def _scores(
    study: Study,
    losses: Floats,
    threshold: float,
    weights: Floats | None,
    known: Bools,
    more: bool,
) -> list[Scored]:
    regrets = regrets_of(losses)
    batch = np.arange(losses.shape[1]) % BATCHES
    parts = [batch == number for number in range(BATCHES)] if losses.shape[1] >= BATCHES * LEAST else []
    found: list[Scored] = []

    def add(metric: str, values: Floats, errors: Floats, *, flip: bool, more_is_better: bool) -> None:
        placed = ranks(values, more=more_is_better) if not np.isnan(values).any() else np.full(len(values), np.nan)
        shown = -values if flip else values
        found.extend(
            Scored(policy, metric, float(value), float(error), float(rank))
            for policy, value, error, rank in zip(study.policies, shown, errors, placed, strict=True)
        )

    for metric in METRICS.values():
        taken = regrets if metric.of_regret else losses
        values = metric.rule(taken, weights)
        if metric.name in EXTREME:
            errors = np.full(len(values), np.nan)
        elif metric.name in ("mean", "regret_mean"):
            errors = np.array([mean_error(row, weights) for row in taken])
        else:
            errors = _scatter(
                len(values), [metric.rule(taken[:, p], None if weights is None else weights[p]) for p in parts]
            )
        levels = metric.name in ("mean", "worst_case", "best_case", "hurwicz")
        add(metric.name, values, errors, flip=more and levels, more_is_better=metric.better == "more")
    met = satisficing(losses, threshold, weights)
    hits = (losses <= threshold + TIE).astype(np.float64)
    add("satisficing", met, np.array([mean_error(row, weights) for row in hits]), flip=False, more_is_better=True)
    best = (regrets <= TIE).astype(np.float64)
    led = np.array([mean(row, weights) for row in best])
    add("best_share", led, np.array([mean_error(row, weights) for row in best]), flip=False, more_is_better=True)
    worlds = _worlds(study, losses, weights, known)
    if worlds is not None:
        shares, errors = domain_shares(worlds, np.random.default_rng(SEED))
        add("starr", shares, errors, flip=False, more_is_better=True)
    return found


def _scatter(count: int, parts: Sequence[Floats]) -> Floats:
    """Standard error of the whole from metrics of its parts, one for each policy."""
    if not parts:
        return np.full(count, np.nan)
    return np.stack(parts).std(axis=0, ddof=1) / np.sqrt(len(parts))


def _worlds(study: Study, losses: Floats, weights: Floats | None, known: Bools) -> Floats | None:
    """Mean losses under each rival world, (policies, worlds): combinations of the laws of war where each has enough
    futures, else single laws of every structure; None where there are fewer than two."""
    factors = [factor for factor in study.factors if factor.is_choice]
    together = [f for f in factors if f.name.startswith(f"{STRUCTURE}war.")] or factors
    if not factors:
        return None
    code = np.zeros(losses.shape[1], dtype=np.int64)
    for factor in together:
        code = code * len(factor.options) + np.asarray(study.values(factor.name), dtype=np.int64)[known]
    kinds, places, counts = np.unique(code, return_inverse=True, return_counts=True)
    if counts.min() < LEAST or len(kinds) > MOST_WORLDS:
        groups = [np.asarray(study.values(f.name))[known] == place for f in factors for place in range(len(f.options))]
        groups = [hit for hit in groups if LEAST <= int(hit.sum()) < len(hit)]
    else:
        groups = [places == place for place in range(len(kinds))]
    own = (lambda hit: None) if weights is None else (lambda hit: weights[hit])
    groups = [hit for hit in groups if own(hit) is None or float(weights[hit].sum()) > 0]  # pyright: ignore[reportOptionalSubscript]
    if len(groups) < 2:
        return None
    return np.array([[mean(row[hit], own(hit)) for hit in groups] for row in losses])


def _slice_orders(
    slicer: Slicer,
    losses: Floats,
    known: Bools,
    overall: Floats,
    weights: Floats | None,
) -> list[Order]:
    study = slicer.study
    placed = np.argsort(overall, kind="stable")
    lead = np.full(study.n, np.nan)
    lead[known] = losses[placed[1]] - losses[placed[0]]
    found: list[Order] = []
    for item in slicer.slices(lead):
        own = Slice(item.kind, item.name, item.chosen[known])
        if own.chosen.sum() > 1 and (weights is None or float(weights[own.chosen].sum()) > 0):
            found.append(order_of(study.policies, losses, own, overall, weights))
    if weights is not None:
        whole = Slice("prior", "the run's own weights", np.ones(losses.shape[1], dtype=bool))
        found.append(order_of(study.policies, losses, whole, overall))
    return found


def _metric_orders(study: Study, scores: Sequence[Scored], overall: Floats, n: int) -> list[Order]:
    found: list[Order] = []
    for metric in dict.fromkeys(item.metric for item in scores):
        own = np.array([item.rank for item in scores if item.metric == metric])
        if metric == "mean" or np.isnan(own).any():
            continue
        order = tuple(study.policies[place] for place in np.argsort(own, kind="stable"))
        leads = "same" if own[int(np.argmin(overall))] <= own.min() + TIE else "turned"
        found.append(Order("metric", metric, n, order, tuple(own.tolist()), leads, kendall(overall, own)))
    return found


# ---- several outcomes ---------------------------------------------------------------------------------------------


def _prices(study: Study, found: Sequence[Outcome], weights: Weights | None) -> tuple[PerPoint, ...]:
    if COST not in study.outcome_names:
        return ()
    own = None if weights is None else weights.values
    return tuple(
        per_point(policy, item.name, study.change(COST, policy), study.change(item.name, policy), own)
        for item in found
        if item.kind == CHANCE
        for policy in study.policies[1:]
    )


def _dominances(study: Study, judged: Sequence[Outcome], weights: Weights | None) -> list[Dominance]:
    losses: dict[str, Floats] = {}
    known = np.ones(study.n, dtype=bool)
    for item in judged:
        rows = np.stack([study.outcome(item.name, policy) for policy in study.policies])
        losses[item.name] = -rows if item.more else rows
        known &= ~np.isnan(rows).any(axis=0)
    if not known.all():
        losses = {name: rows[:, known] for name, rows in losses.items()}
    return dominances(study.policies, losses, None if weights is None else weights.values[known])


def _payers(study: Study, weights: Weights | None) -> tuple[Payer, ...]:
    own = None if weights is None else weights.values
    prefix = f"{COST}.by."
    names = [name for name in study.outcome_names if name.startswith(prefix)]
    paid: dict[tuple[str, str], Difference] = {}
    for name in names:
        for policy in study.policies[1:]:
            paid[policy, name.removeprefix(prefix)] = summary(study.change(name, policy), own)
    whole = {
        policy: sum(max(0.0, item.mean) for (other, _), item in paid.items() if other == policy)
        for policy in study.policies[1:]
    }
    return tuple(
        Payer(
            policy,
            payer,
            item,
            item.mean / whole[policy] if whole[policy] > TIE and item.mean >= 0 else float("nan"),
        )
        for (policy, payer), item in paid.items()
    )


# ---- as a table -----------------------------------------------------------------------------------------------------


def _tidy(found: Comparison) -> list[tuple[str, str, str, str, str, float, float, float, int]]:
    rows: list[tuple[str, str, str, str, str, float, float, float, int]] = []
    whole = "all futures"
    for item in found.outcomes:
        for section, table in (("level", item.levels), ("difference", item.differences)):
            for policy, each in table.items():
                rows.append(
                    (section, item.name, policy, "mean", whole, each.mean, each.mean_low, each.mean_high, each.n)
                )
                rows.append((section, item.name, policy, "median", whole, each.median, each.low, each.high, each.n))
                if section == "difference":
                    rows.append((section, item.name, policy, "share_lower", whole, each.lower, np.nan, np.nan, each.n))
        for score in item.scores:
            half = NORMAL_95 * score.error
            low, high = score.value - half, score.value + half
            rows.append(("metric", item.name, score.policy, score.metric, whole, score.value, low, high, item.n))
            rows.append(("rank", item.name, score.policy, score.metric, whole, score.rank, np.nan, np.nan, item.n))
        for order in item.orders:
            if order.kind == "metric":
                continue
            for policy, rank in zip(found.policies, order.ranks, strict=True):
                name = f"{order.kind}: {order.name}"
                rows.append(("rank", item.name, policy, "mean", name, rank, np.nan, np.nan, order.n))
        for each in item.standings:
            value = (each.overall, each.best, each.worst)
            rows.append(("standing", item.name, each.policy, "rank", "all orders", *value, item.n))
            rows.append(("standing", item.name, each.policy, "leads", "all orders", each.leads, np.nan, np.nan, item.n))
    rows += [
        ("price", each.outcome, each.policy, each.kind, whole, each.ratio, each.low, each.high, each.n)
        for each in found.prices
    ]
    for pair in found.dominances:
        name = f"over {pair.over}"
        judged = ", ".join(found.judged_on)
        rows.append(("dominance", judged, pair.policy, "in_mean", name, float(pair.in_mean), np.nan, np.nan, found.n))
        rows.append(("dominance", judged, pair.policy, "futures", name, pair.futures, np.nan, np.nan, found.n))
    for payer in found.payers:
        each = payer.paid
        name = f"{COST}.by.{payer.payer}"
        rows.append(("payer", name, payer.policy, "mean", whole, each.mean, each.mean_low, each.mean_high, each.n))
        rows.append(("payer", name, payer.policy, "share", whole, payer.share, np.nan, np.nan, each.n))
    return rows
