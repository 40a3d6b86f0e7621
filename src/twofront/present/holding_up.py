"""Which policy holds up: orders by every metric, how far they can be trusted, what a point costs, and who pays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from twofront.analyse.cost_effectiveness import BOTH_WORSE, BUYS, OPEN, SAVES_BOTH, SELLS, UNPRICED, PerPoint
from twofront.analyse.estimates import NORMAL_95
from twofront.analyse.metrics import METRICS
from twofront.analyse.outcomes import CHANCE, MONEY, describe
from twofront.analyse.robustness import EXTREME, LEAST, Comparison, Outcome, Scored, compare
from twofront.analyse.stability import TURNED
from twofront.faults import UserError
from twofront.present.analysis_page import analysis_page
from twofront.present.charts import grid, whiskers, wrapped
from twofront.present.figures import Cell, Figure, Panel, Table
from twofront.present.numbers import NONE, amount, change_span, mean_span, money, points, share, significant
from twofront.present.palette import NEUTRAL, SECOND

if TYPE_CHECKING:
    from twofront.present.facts import Facts

__all__ = ["FILES", "NAME", "figures", "in_report", "paragraphs", "write"]

NAME: Final = "compare"
FILES: Final = tuple(f"{NAME}.{ending}" for ending in ("parquet", "csv", "md", "html"))

_SHARES: Final = {
    "satisficing": "Satisficing: share of futures that meet the threshold",
    "best_share": "Share of futures in which no policy does better",
    "starr": "Starr's domain: share of weightings of rival laws in which it is best",
}
WORDS: Final = {**{name: metric.words for name, metric in METRICS.items()}, **_SHARES}
"""Metrics in words."""
LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOST_IN_REPORT: Final = 100_000
"""Futures up to which the report compares."""
MOST_SLICES: Final = 6
"""Overturning slices that a sentence names."""


class _Names:
    """Labels of the case where there is one; names otherwise."""

    def __init__(self, found: Comparison) -> None:
        self.case = None if found.run is None else found.run.case

    def policy(self, name: str) -> str:
        return name if self.case is None else self.case.policy(name).label

    def outcome(self, name: str) -> str:
        return name if self.case is None else describe(self.case, name).words

    def payer(self, name: str) -> str:
        return name if self.case is None else self.case.label(name).split(" (")[0]


def write(found: Comparison, folder: str | Path | None = None) -> list[Path]:
    """Write `compare.parquet`, `.csv`, `.md` and `.html` into a folder (the run's by default) and return the paths."""
    place = Path(folder) if folder is not None else None if found.run is None else found.run.folder
    if place is None:
        raise UserError(f"{found.label} is no run; name a folder to write into")
    frame, text = found.frame(), paragraphs(found)
    paths = [place / name for name in FILES]
    kicker = f"twofront compare · {found.label} · {found.counted}"
    title = "Which policy holds up"
    try:
        place.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(paths[0])
        frame.write_csv(paths[1])
        paths[2].write_text(f"# {title}\n\n" + "\n\n".join(text) + "\n", encoding="utf-8", newline="\n")
        paths[3].write_text(analysis_page(title, kicker, text, figures(found)), encoding="utf-8", newline="\n")
    except OSError as error:
        raise UserError(f"`{place}` cannot be written: {(error.strerror or str(error)).lower()}") from None
    return paths


# ---- in words ---------------------------------------------------------------------------------------------------


def paragraphs(found: Comparison) -> list[str]:
    """What was found, a paragraph for each outcome and one each for cost, dominance and payers."""
    names = _Names(found)
    said = [_counted(found)]
    said += [_outcome(item, found, names) for item in found.outcomes]
    if found.prices:
        said.append(_prices(found, names))
    said.append(_beaten(found, names))
    if found.payers:
        said.append(_burden(found, names))
    said.append(
        "No metric of robustness is the right one: they differ in how much they fear the worst. Shares of sampled "
        "futures are not probabilities, levels of chances rest on the declared prior, and each lever's provocation "
        "side is a judgement. Worst cases and greatest regrets rest on single futures and grow with their number."
    )
    return said


def _counted(found: Comparison) -> str:
    text = f"{len(found.policies)} policies over the same futures, {found.counted}."
    for name, reason in found.skipped.items():
        text += f" Not compared in {name}: {reason}."
    for item in found.outcomes:
        if item.undefined:
            text += f" {item.name} is undefined under some policy in {item.undefined:,} futures, left out there."
    if found.weights is not None:
        text += f" Futures are {found.weights.told}."
        text += "".join(f" Warning: {warning}." for warning in found.weights.warnings)
    return text


def _outcome(item: Outcome, found: Comparison, names: _Names) -> str:
    first, second = item.overall[0], item.overall[1]
    what, kind = names.outcome(item.name), item.kind
    level = item.levels[first]
    text = f"{what}: on average {names.policy(first)} does best, {mean_span(level, kind)}"
    if first != found.policies[0]:
        change = item.differences[first]
        text += (
            f", that is {_unit(mean_span(change, kind, change=True), kind)} against {names.policy(found.policies[0])} "
            f"({'more' if item.more else 'less'} in {share(change.higher if item.more else change.lower)} of futures)"
        )
    text += f"; then {names.policy(second)}. "
    standing = next(each for each in item.standings if each.policy == first)
    led = round(standing.leads * standing.orders)
    text += f"It leads in {led} of {standing.orders} orders by law, grade, prior and metric"
    turned = [order for order in item.orders if order.leader == TURNED]
    if turned:
        by = [f"{_slice(order.kind, order.name)} ({names.policy(order.order[0])})" for order in turned[:MOST_SLICES]]
        more = f" and {len(turned) - MOST_SLICES} more" if len(turned) > MOST_SLICES else ""
        text += f"; another leads by {_listed(by)}{more}."
    else:
        text += "; no law, grade, prior or metric puts another first beyond what the sample's size leaves open."
    met = item.of("satisficing")[first]
    text += (
        f" It meets the threshold of {_plain(item.threshold, kind)} in {share(met.value)} of futures; its regret is "
        f"{_size(item.of('regret_mean')[first].value, kind)} on average, "
        f"{_size(item.of('regret_p90')[first].value, kind)} at the 90th percentile and "
        f"{_size(item.of('regret_max')[first].value, kind)} at most (n = {item.n:,})."
    )
    return text


def _slice(kind: str, name: str) -> str:
    if kind == "metric":
        return WORDS[name][0].lower() + WORDS[name][1:].split(":")[0]
    return name


_KINDS: Final[dict[str, Callable[[PerPoint], str]]] = {
    BUYS: lambda p: f"{_dollars(p.ratio)} per point [{_dollars(p.low)} to {_dollars(p.high)}]",
    SELLS: lambda p: f"saves {_dollars(p.ratio)} per point of risk added [{_dollars(p.low)} to {_dollars(p.high)}]",
    SAVES_BOTH: lambda _: "saves money and removes risk",
    BOTH_WORSE: lambda _: "costs money and adds risk",
    UNPRICED: lambda p: "no cost of its own" + (f"; {points(-p.removed / 100)} points" if p.removed else ""),
    OPEN: lambda _: "open: cost or effect cannot be told from none",
}


def _prices(found: Comparison, names: _Names) -> str:
    said: list[str] = []
    for outcome in dict.fromkeys(price.outcome for price in found.prices):
        own = [price for price in found.prices if price.outcome == outcome]
        bought = sorted((price for price in own if price.kind == BUYS and price.bounded), key=lambda p: p.ratio)
        if bought:
            each = [f"{names.policy(price.policy)} {_KINDS[BUYS](price)}" for price in bought]
            said.append(f"{names.outcome(outcome)}: {'; '.join(each)}")
    if not said:
        return "No policy buys less risk at a cost that the sample can tell from none."
    return (
        "What a percentage point of chance removed costs, in billion USD of 2025 a year, with 95% intervals (Fieller): "
        + ". ".join(said)
        + "."
    )


def _beaten(found: Comparison, names: _Names) -> str:
    kept = _listed([names.policy(policy) for policy in found.undominated])
    judged = _listed([names.outcome(name)[0].lower() + names.outcome(name)[1:] for name in found.judged_on])
    pairs = [pair for pair in found.dominances if pair.in_mean]
    text = f"No other policy is better in the mean in all of {judged} than {kept}."
    if pairs:
        most = max(pairs, key=lambda pair: pair.futures)
        text += (
            f" {len(pairs)} of {len(found.dominances)} ordered pairs are dominated in the mean; the widest, "
            f"{names.policy(most.policy)} over {names.policy(most.over)}, holds in {share(most.futures)} of single "
            "futures."
        )
    return text


def _burden(found: Comparison, names: _Names) -> str:
    said: list[str] = []
    for policy in found.policies[1:]:
        own = sorted((item for item in found.payers if item.policy == policy), key=lambda item: -item.paid.mean)
        paying = [item for item in own if item.share >= 0.1]
        if sum(item.paid.mean for item in own) >= 1 and paying:
            each = [f"{names.payer(item.payer)} {share(item.share)}" for item in paying[:3]]
            said.append(f"{names.policy(policy)}: {_listed(each)}")
    if not said:
        return "Nobody pays more than a billion USD a year on top under any policy."
    return f"Who pays most of what is spent on top: {'; '.join(said)}."


# ---- figures ------------------------------------------------------------------------------------------------------


def figures(found: Comparison) -> list[Figure]:
    """Ranks by metric, how ranks hold across laws, grades and priors, and what a point costs."""
    names = _Names(found)
    made = [_ranks(found, names), _standings(found, names)]
    if any(price.kind in (BUYS, SELLS) and price.bounded for price in found.prices):
        made.append(_costs(found, names))
    return made


def in_report(facts: Facts) -> list[Figure]:
    """The same figures for the report, the numbers in words before them; none where there are too few futures, or so
    many that the report would wait for their inputs (`twofront compare` does not mind)."""
    if not MOST_IN_REPORT >= facts.sample.n >= LEAST or not facts.others:
        return []
    try:
        found = compare(facts.study)
    except UserError:
        return []
    made = figures(found)
    said = tuple(text for text in paragraphs(found)[1:] if not text.startswith("No metric"))
    return [replace(made[0], text=said), *made[1:]]


def _shown(item: Outcome) -> list[str]:
    """Metrics in which the policies of an outcome can be ranked."""
    ranked = {score.metric for score in item.scores if score.rank == score.rank}
    return [name for name in WORDS if name in ranked and name != "best_case"]


def _ranks(found: Comparison, names: _Names) -> Figure:
    every = list(dict.fromkeys(metric for item in found.outcomes for metric in _shown(item)))
    panels: list[Panel] = []
    tables: list[Table] = []
    for item in found.outcomes:
        shown = _shown(item)
        place_of = {metric: place for place, metric in enumerate(every)}
        rows: list[dict[str, object]] = []
        for policy in item.overall:
            for metric in shown:
                score = item.of(metric)[policy]
                rows.append(
                    {
                        "row": wrapped(names.policy(policy), 26),
                        "column": f"{LETTERS[place_of[metric]]} {_short(metric)}",
                        "value": score.rank,
                        "text": f"{score.rank:g}",
                        "marked": score.rank == 1,
                        "told": f"{WORDS[metric]}: {_value(score, item)}",
                    }
                )
        spec = grid(rows, low="best", high="worst")
        panels.append(Panel(names.outcome(item.name), spec, f"Rank of each policy by each metric: {item.name}."))
        cells: list[list[str | Cell]] = [
            [
                names.policy(policy),
                *(Cell(_value(item.of(metric)[policy], item), f"{item.name}, {metric}") for metric in shown),
            ]
            for policy in item.overall
        ]
        tables.append(
            Table.of(
                f"{names.outcome(item.name)}, n = {item.n:,}: metrics [95% interval from the sample's size]; threshold "
                f"of satisficing {_plain(item.threshold, item.kind)}",
                ("Policy", *(WORDS[metric] for metric in shown)),
                cells,
            )
        )
        tables.append(_differences(item, found, names))
    letters = "; ".join(f"{LETTERS[every.index(metric)]} {_short(metric)}" for metric in every)
    leaders = {item.overall[0] for item in found.outcomes if item.kind == CHANCE}
    title = "Every metric of robustness, and the rank it gives each policy"
    if len(leaders) == 1:
        title = f"{names.policy(next(iter(leaders)))} leads on average in every chance; other metrics differ"
    return Figure(
        "metrics",
        title,
        f"Rank 1 is best. {found.counted}. Policies by their mean, best first. {letters}.",
        tuple(panels),
        tuple(tables),
        "Metrics differ in temper, not in correctness. Those of worst cases rest on single futures. Mean–variance is "
        "left out where it would reward spread.",
        "Definitions: McPhail and others 2018; Starr's domain after Schneller and Sphicas 1983.",
    )


def _differences(item: Outcome, found: Comparison, names: _Names) -> Table:
    return Table.of(
        f"{names.outcome(item.name)}: paired differences against {names.policy(found.policies[0])}",
        ("Policy", "Mean [95% interval]", "Median (nine of ten futures)", "Futures lower", "Futures higher"),
        [
            [
                names.policy(policy),
                Cell(mean_span(change, item.kind, change=True), item.name),
                Cell(change_span(change, item.kind), item.name),
                share(change.lower),
                share(change.higher),
            ]
            for policy, change in item.differences.items()
            if policy != found.policies[0]
        ],
    )


def _standings(found: Comparison, names: _Names) -> Figure:
    panels: list[Panel] = []
    tables: list[Table] = []
    for item in found.outcomes:
        order = {policy: place for place, policy in enumerate(item.overall)}
        own = sorted(item.standings, key=lambda each: order[each.policy])
        rows = [
            {
                "label": wrapped(names.policy(each.policy), 26),
                "series": "rank",
                "low": each.best,
                "mid": each.overall,
                "high": each.worst,
                "told": f"overall {each.overall:g}, from {each.best:g} to {each.worst:g}; leads in {share(each.leads)} "
                f"of {each.orders} orders",
            }
            for each in own
        ]
        spec = whiskers(
            rows, title="rank", form="~f", colours={"rank": SECOND}, domain=(0.5, len(found.policies) + 0.5)
        )
        panels.append(Panel(names.outcome(item.name), spec, f"Range of ranks of each policy: {item.name}."))
        tables.append(
            Table.of(
                f"{names.outcome(item.name)}: orders anew in every slice and by every metric",
                ("Order", "Futures", "First", "The leader", "Kendall's τ with the overall order"),
                [
                    [
                        f"{each.kind}: {_slice(each.kind, each.name)}",
                        f"{each.n:,}",
                        names.policy(each.order[0]),
                        {"same": "still leads", "open": "overtaken, within chance", "turned": "overtaken"}[each.leader],
                        f"{each.tau:.2f}" if each.tau == each.tau else NONE,
                    ]
                    for each in item.orders
                ],
            )
        )
    return Figure(
        "standings",
        "How far each policy's rank moves across laws, evidence grades, priors and metrics",
        f"{found.counted}. Point: rank by the mean over all futures; line: best and worst rank over every order.",
        tuple(panels),
        tuple(tables),
        "A slice by grade holds the fifth of futures in which the inputs of that evidence grade, as far as a linear "
        "fit tells, leave the leader least (or most) ahead: how the order stands if those numbers are as unkind "
        "to it as their ranges allow. It is no forecast.",
        "Every rival law drawn, thirds of the declared prior, fifths by evidence grade, and every metric.",
    )


def _costs(found: Comparison, names: _Names) -> Figure:
    panels: list[Panel] = []
    tables: list[Table] = []
    for outcome in dict.fromkeys(price.outcome for price in found.prices):
        own = [price for price in found.prices if price.outcome == outcome]
        drawn = sorted((p for p in own if p.kind == BUYS and p.bounded), key=lambda p: p.ratio)
        if drawn:
            rows = [
                {
                    "label": wrapped(names.policy(price.policy), 26),
                    "series": "price",
                    "low": price.low,
                    "mid": price.ratio,
                    "high": price.high,
                    "told": _KINDS[BUYS](price),
                }
                for price in drawn
            ]
            spec = whiskers(
                rows, title="billion USD a year per point removed", form="~s", colours={"price": NEUTRAL}, zero=True
            )
            panels.append(Panel(names.outcome(outcome), spec, f"Cost per percentage point removed: {outcome}."))
        tables.append(
            Table.of(
                f"{names.outcome(outcome)}: what a point costs, billion USD of 2025 a year",
                ("Policy", "Mean cost", "Points removed, mean", "Per point removed [95% interval]"),
                [
                    [
                        names.policy(price.policy),
                        money(price.cost),
                        f"{significant(price.removed)} ± {significant(NORMAL_95 * price.removed_error)}",
                        _KINDS[price.kind](price),
                    ]
                    for price in own
                ],
            )
        )
    tables.append(_payers(found, names))
    return Figure(
        "prices",
        "What a percentage point of chance removed costs, and who pays",
        f"Mean cost over mean points removed, against the present course. {found.counted}; line: 95% interval.",
        tuple(panels),
        tuple(tables),
        "Only policies that cost money and remove risk have a price; the table says what the others do. Cost is "
        "spending as delivered, without the losses of any war; how much a point is worth is for those who pay to say.",
        "Outcomes policy_cost and policy_cost.by.*, paired differences.",
    )


def _payers(found: Comparison, names: _Names) -> Table:
    payers = list(dict.fromkeys(item.payer for item in found.payers))
    paid = {(item.policy, item.payer): item for item in found.payers}
    return Table.of(
        "Who pays: mean yearly cost against the present course, billion USD of 2025 [95% interval], and share of what "
        "is paid on top",
        ("Policy", *(names.payer(payer) for payer in payers)),
        [
            [
                names.policy(policy),
                *(
                    mean_span(paid[policy, payer].paid, MONEY)
                    + (f" {share(paid[policy, payer].share)}" if paid[policy, payer].share >= 0.005 else "")
                    for payer in payers
                ),
            ]
            for policy in found.policies[1:]
        ],
    )


# ---- numbers ---------------------------------------------------------------------------------------------------------


_SHORT: Final = {
    "mean": "mean",
    "worst_case": "worst",
    "hurwicz": "Hurwicz",
    "regret_mean": "regret, mean",
    "regret_p90": "regret, 90%",
    "regret_max": "regret, greatest",
    "undesirable_deviations": "deviations",
    "mean_variance": "mean–variance",
    "satisficing": "satisficing",
    "best_share": "best share",
    "starr": "Starr",
}


def _short(metric: str) -> str:
    return _SHORT[metric]


def _value(score: Scored, item: Outcome) -> str:
    """A metric's value, with its 95% interval where one can be given."""
    half = NORMAL_95 * score.error
    if score.metric in _SHARES:
        return f"{share(score.value)} ± {significant(100 * half, 1)}" if half == half else share(score.value)
    if score.metric == "mean_variance":
        return significant(score.value, 4)
    text = (
        _size(score.value, item.kind)
        if score.metric not in ("mean", *EXTREME - {"regret_max"})
        else (amount(score.value, item.kind))
    )
    if half != half:
        return text
    return f"{text} ± {_size(half, item.kind)}"


def _size(value: float, kind: str) -> str:
    """A difference without its sign, with its unit."""
    return _unit(amount(abs(value), kind, change=True).removeprefix("+"), kind)


def _unit(text: str, kind: str) -> str:
    return f"{text} points" if kind in (CHANCE, "rate") else f"{text} billion USD" if kind == MONEY else text


def _plain(value: float, kind: str) -> str:
    return f"{amount(value, kind)} billion USD" if kind == MONEY else amount(value, kind)


def _dollars(value: float) -> str:
    return significant(value, 2)


def _listed(names: list[str]) -> str:
    return "".join(names) if len(names) < 2 else f"{', '.join(names[:-1])} and {names[-1]}"
