"""What rests on the choice among rival laws: outcomes by law, shares of variance, and the order of policies."""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase

from twofront.analyse.estimates import too_few
from twofront.analyse.outcomes import CHANCE, DAYS, describe
from twofront.analyse.rankings import LawOrder, Orders, policy_orders
from twofront.analyse.structures import ALL, StructureShare, structure_shares
from twofront.analyse.variance import VarianceSplit, VarianceSplitter
from twofront.present.charts import bars, grid, whiskers, wrapped
from twofront.present.facts import COMPARED, Facts
from twofront.present.figures import Cell, Figure, Key, Panel, Table
from twofront.present.numbers import NONE, amount, form, level_span, percent, points
from twofront.present.palette import STRUCTURAL

__all__ = ["by_law", "orders", "shares"]

_WAR_WORDS = {"objective_chance": "chance that the objective is held", "war_days": "length of the war"}
_PARTS = {
    "structure alone": "#009e73",
    "structure together with parameters, at least": "#56b4e9",
    "parameters alone, at least": "#e69f00",
    "not attributed": "#c8c8c8",
}


def label_of(facts: Facts, structure: str) -> str:
    """A structure in words; one that is chosen by theatre says which."""
    name, _, theatre = structure.partition(".")
    said = name.replace("_", " ")
    said = said[:1].upper() + said[1:]
    return f"{said}, {facts.place(theatre)}" if theatre else said


def by_law(facts: Facts) -> Figure | None:
    """Headline outcomes and what would happen in each war, under each rival law."""
    names = [*_headlines(facts), *_wars(facts)]
    found = {name: structure_shares(facts.sample, name) for name in names}
    if not any(found.values()):
        return None
    panels: list[Panel] = []
    cells: list[list[str | Cell]] = []
    for name, split in found.items():
        kind = describe(facts.case, name).kind
        rows: list[dict[str, object]] = []
        for item in _concerned(name, split):
            for law, each in item.options:
                said = f"{label_of(facts, item.structure)}: {law.replace('_', ' ')}"
                told = f"{level_span(each, kind)}, n = {each.n:,}"
                rows.append(
                    {
                        "label": wrapped(said, 26),
                        "series": "law",
                        "low": each.low,
                        "mid": each.median,
                        "high": each.high,
                        "told": told,
                    }
                )
                around = f"{amount(each.mean_low, kind)} to {amount(each.mean_high, kind)}"
                cells.append(
                    [Cell(f"{said_of(facts, name)}; {said}", name), f"{each.n:,}", level_span(each, kind), around]
                )
        if rows:
            title = (
                "chance" if kind == CHANCE else "days" if kind == DAYS else "stakes" if kind == "stakes" else "share"
            )
            spec = whiskers(rows, title=title, form=form(kind), colours={"law": STRUCTURAL})
            panels.append(Panel(said_of(facts, name), spec, f"{said_of(facts, name)}, under each rival law."))
    return Figure(
        "structures",
        _law_finding(facts, found),
        f"Outcomes under each rival law, present course. {facts.whole}, each drawing one law of every structure; "
        "point: median; line: nine of ten futures. What would happen in a war is shown for its own theatre's laws.",
        tuple(panels),
        (
            Table.of(
                "Outcomes under each rival law, present course",
                ("Outcome; structure: law", "Futures", "Median (nine of ten futures)", "95% interval of the mean"),
                cells,
            ),
        ),
        "The anchor absorbs most of what laws would do to levels of chance; margins, wars and policy effects show "
        "more. Only laws that the case lists are compared, and a law that nobody has written down is not among them.",
        "Structures of the case; laws war.*.",
    )


def said_of(facts: Facts, name: str) -> str:
    """An outcome in words; of a war, where and by which act, with every responder in."""
    stem, *rest = name.split(".")
    if stem not in _WAR_WORDS:
        return facts.in_words(name)
    return f"{facts.place(rest[0])}, {facts.label(rest[1])}, all responders: {_WAR_WORDS[stem]}"


def _headlines(facts: Facts) -> list[str]:
    wanted = (
        "second_front_chance",
        "any_war_chance",
        "double_war_chance",
        f"deterrence_margin.{facts.second.actor}.after_first",
        f"deterrence_margin.{facts.first.actor}.alone",
    )
    return [name for name in wanted if facts.sample.has(name)]


def _wars(facts: Facts) -> list[str]:
    """Each theatre's largest war with every responder in: who holds its objective, and how long that takes."""
    found: list[str] = []
    for challenger in facts.case.world.challengers:
        act = next(act.name for act in reversed(challenger.menu) if act.kind == "war")
        stem = f"{challenger.theatre}.{act}"
        chances = [name for name in facts.names(f"objective_chance.{stem}.") if not name.endswith(".alone")]
        if chances:
            found.append(max(chances, key=lambda name: name.count("_and_")))
        found += [name for name in (f"war_days.{stem}",) if facts.sample.has(name)]
    return found


def _concerned(name: str, split: list[StructureShare]) -> list[StructureShare]:
    """Structures that can move an outcome: no war hangs on another theatre's laws of war, or on choice."""
    split = [item for item in split if item.options]
    if not name.startswith(("objective_chance.", "war_days.")):
        return split
    theatre = name.split(".")[1]
    wars = [item for item in split if item.structure == f"war.{theatre}"]
    return wars or [item for item in split if "." not in item.structure]


def _law_finding(facts: Facts, found: dict[str, list[StructureShare]]) -> str:
    moved: list[tuple[float, str, str, str]] = []
    for name, split in found.items():
        if name.startswith("objective_chance."):
            for item in _concerned(name, split):
                middles = sorted((each.median, law) for law, each in item.options)
                (low, _), (high, _) = middles[0], middles[-1]
                moved.append((high - low, facts.place(name.split(".")[1]), percent(low), percent(high)))
    if not moved:
        return "Outcomes under each rival law"
    _, place, low, high = max(moved)
    return f"By the law chosen, the median chance of the attacker's objective in {place} goes from {low} to {high}"


# ---- shares of variance -------------------------------------------------------------------------------------------


def shares(facts: Facts) -> Figure | None:
    """What the variance of outcomes and of policy effects is owed to."""
    splitter = VarianceSplitter(facts.sample)
    levels = [*_headlines(facts), *_wars(facts)]
    wanted = [(said_of(facts, name), name, facts.present, "") for name in levels]
    if facts.sample.has("any_war_chance"):
        wanted += [
            (f"Effect on any war: {facts.policy_label(policy)}", "any_war_chance", policy, facts.present)
            for policy in facts.others
        ]
    rows: list[dict[str, object]] = []
    whole: list[list[str | Cell]] = []
    each: list[list[str | Cell]] = []
    highest: list[tuple[float, str]] = []
    structures = list(facts.run.structure_options)
    for said, name, policy, versus in wanted:
        values = facts.sample.of(policy, name)
        values = values - facts.sample.of(versus, name) if versus else values
        first = {s.structure: s for s in structure_shares(facts.sample, name, policy, versus=versus or None)}
        split = splitter.split(values)
        if split is None or not first:
            continue
        alone = first.get(ALL) or next(iter(first.values()))
        rows += _bar(said, alone, split)
        highest.append((max(alone.share, split.structures[ALL].share), said))
        held_out, parameters = split.structures[ALL], split.parameters
        total = (held_out.share, held_out.low, held_out.high)
        # What a structure does alone is part of its total, so the better of two estimates from below counts.
        total = max(total, (alone.share, *alone.interval))
        whole.append(
            [
                Cell(said, name),
                f"{split.n:,}",
                _with_interval(alone.share, *alone.interval, split.n),
                f"{_with_interval(*total, split.n)} or more",
                f"{percent(split.total_at_most)} or less",
                f"{_with_interval(parameters.share, parameters.low, parameters.high, split.n)} or more",
            ]
        )
        each.append(
            [
                Cell(said, name),
                *(
                    f"{_small(first[s].share)} / {_small(max(first[s].share, split.structures[s].share))}"
                    if s in first and s in split.structures
                    else NONE
                    for s in structures
                ),
            ]
        )
    if not rows:
        return None
    spec = bars(rows, title="share of variance", form="~%", colours=_PARTS, order=tuple(_PARTS))
    spec["layer"] = [layer for layer in spec["layer"] if layer["mark"]["type"] == "bar"]
    spec["layer"][0]["encoding"]["x"]["scale"] = {"domain": [0, 1]}
    return Figure(
        "structure-shares",
        _share_finding(highest),
        f"Share of the variance between futures that is owed to the choice of law and to parameters. {facts.whole}; "
        "present course, and what each policy changes in the chance of any war.",
        (Panel("", spec, "Shares of variance owed to structures, parameters and both, by outcome."),),
        (
            Table.of(
                "Shares of variance: estimate (95% interval from the sample's size)",
                (
                    "Outcome",
                    "Futures fitted",
                    "Structures alone (first order)",
                    "Structures with all they do together with parameters (total)",
                    "the same, bound from above",
                    "Parameters alone",
                ),
                whole,
            ),
            Table.of(
                "By structure: first order / total, at least",
                ("Outcome", *(label_of(facts, name) for name in structures)),
                each,
            ),
        ),
        "What structures do alone is estimated without any model. Totals and parameters come from regressions on the "
        "draws of this run, scored on futures that they have not seen: they estimate from below, and what they have no "
        "terms for is shown as not attributed. A share says what moves an outcome within the case's ranges and "
        "weights: with narrower ranges of parameters the structures' share would rise. It does not say which law is "
        "right.",
        "Epsilon squared between laws; loss of held-out fit without the structures (total Sobol index, from below); "
        "intervals by jackknife and over held-out futures.",
        tuple(Key(said, colour) for said, colour in _PARTS.items()),
    )


def _bar(said: str, alone: StructureShare, split: VarianceSplit) -> list[dict[str, object]]:
    """The parts of one bar; they add up to one unless estimates overlap, which cuts the last."""
    first = min(1.0, alone.share)
    together = max(0.0, min(split.structures[ALL].share, 1.0) - first)
    parameters = max(0.0, min(split.parameters.share, 1 - first - together))
    values = (first, together, parameters, max(0.0, 1 - first - together - parameters))
    return [
        {"label": wrapped(said, 30), "series": part, "value": value} for part, value in zip(_PARTS, values, strict=True)
    ]


def _with_interval(value: float, low: float, high: float, n: int) -> str:
    if few := too_few(low, high, n):
        return f"{_small(value)} ({few})"
    return f"{_small(value)} ({_small(low)} to {_small(high)})"


def _small(value: float) -> str:
    return "under 0.1%" if value < 0.001 else percent(value)


def _share_finding(highest: list[tuple[float, str]]) -> str:
    most, where = max(highest)
    least, _ = min(highest)
    return f"The choice of law accounts for {_small(least)} to {_small(most)} of the variance, most of all in: {where}"


# ---- order of policies --------------------------------------------------------------------------------------------


def orders(facts: Facts) -> Figure | None:
    """Does the order of policies survive every law?"""
    found = policy_orders(facts.sample, [name for name in COMPARED if facts.sample.has(name)])
    if not found:
        return None
    panels: list[Panel] = []
    tables: list[Table] = []
    for item in found:
        words = facts.in_words(item.outcome)
        panels.append(Panel(words, _ranks(facts, item), f"Rank of every policy in {words}, by law; 1 is least."))
        tables.append(_order_table(facts, item))
        if item.turned:
            tables.append(_turned_table(facts, item))
    return Figure(
        "structure-orders",
        _order_finding(facts, found),
        f"Rank of each policy by mean outcome, 1 the lowest, over all futures and where each law was drawn. "
        f"{facts.whole}. In bold, with a star: a policy that changes places with another beyond what the sample's "
        "size explains.",
        tuple(panels),
        tuple(tables),
        "Ranks of policies that lie close together change by chance; only pairs whose paired difference has the other "
        "sign at a joint risk of 5% count as turned, and only pairs that all futures together put in order can turn. "
        "An order of means says nothing of single futures.",
        "Outcomes " + ", ".join(item.outcome for item in found) + "; paired differences, Bonferroni's correction.",
        text=("Policies: " + "; ".join(f"{k} {facts.policy_label(p)}" for p, k in _letters(facts).items()) + ".",),
        columns=1,
    )


def _letters(facts: Facts) -> dict[str, str]:
    """A letter for each policy, in the order of the run."""
    return dict(zip(facts.sample.policies, ascii_uppercase + ascii_lowercase, strict=False))


def _ranks(facts: Facts, item: Orders) -> dict[str, object]:
    lines: list[tuple[str, tuple[str, ...], LawOrder | None]] = [(f"All futures ({item.n:,})", item.overall, None)]
    lines += [
        (f"{label_of(facts, law.structure)}: {law.law.replace('_', ' ')} ({law.n:,})", law.order, law)
        for law in item.laws
    ]
    letters = _letters(facts)
    turned = {(pair.structure, pair.law, name) for pair in item.turned for name in (pair.first, pair.second)}
    rows: list[dict[str, object]] = []
    for said, order, law in lines:
        for policy in item.overall:
            rank = order.index(policy) + 1
            marked = law is not None and (law.structure, law.law, policy) in turned
            rows.append(
                {
                    "row": wrapped(said, 26),
                    "column": f"{letters[policy]} {facts.policy_label(policy)}",
                    "value": rank,
                    "text": f"{rank}*" if marked else str(rank),
                    "marked": marked,
                    "told": f"{facts.policy_label(policy)}: rank {rank}; {said}",
                }
            )
    return grid(rows, low="lowest", high="highest")


def _order_table(facts: Facts, item: Orders) -> Table:
    cells: list[list[str | Cell]] = [
        [
            f"All futures ({item.n:,})",
            *(facts.policy_label(item.overall[place]) for place in (0, 1, -1)),
            f"{item.pairs} pairs in order",
            NONE,
            NONE,
        ]
    ]
    cells += [
        [
            Cell(f"{label_of(facts, law.structure)}: {law.law.replace('_', ' ')} ({law.n:,})", item.outcome),
            *(facts.policy_label(law.order[place]) for place in (0, 1, -1)),
            str(law.same),
            str(law.open),
            str(law.turned),
        ]
        for law in item.laws
    ]
    return Table.of(
        f"{facts.in_words(item.outcome)}: policies by mean, lowest first, and pairs against the order of all futures",
        ("Law (futures)", "Lowest", "Second", "Highest", "Same", "Open", "Turned"),
        cells,
    )


def _turned_table(facts: Facts, item: Orders) -> Table:
    cells: list[list[str | Cell]] = [
        [
            Cell(f"{facts.policy_label(pair.first)} less {facts.policy_label(pair.second)}", item.outcome),
            f"{label_of(facts, pair.structure)}: {pair.law.replace('_', ' ')}",
            points(pair.overall),
            points(pair.under_law),
        ]
        for pair in item.turned
    ]
    return Table.of(
        f"{facts.in_words(item.outcome)}: pairs that a law turns round, mean differences in percentage points",
        ("Pair", "Law", "All futures", "Under this law"),
        cells,
    )


def _order_finding(facts: Facts, found: list[Orders]) -> str:
    broken = [item for item in found if not item.survives]
    if not broken:
        return (
            "No law puts any pair of policies in another order than all futures together, beyond what chance explains"
        )
    said = " and ".join(
        f"{len({(pair.first, pair.second) for pair in item.turned})} of {item.pairs} in "
        f"{_lower(facts.in_words(item.outcome))}"
        for item in broken
    )
    return f"Not every order survives every law: pairs of policies change places, {said}"


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]
