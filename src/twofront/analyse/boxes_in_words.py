"""Boxes of scenario discovery in sentences."""

from __future__ import annotations

from twofront.analyse.box_search import DOUBTFUL, edge_of
from twofront.analyse.boxes_found import HOLDS, LUCK, WEAKER, Discovery, Edge, Found
from twofront.analyse.estimates import rounded_up, too_few
from twofront.analyse.outcomes import describe
from twofront.analyse.second_opinions import Term

__all__ = [
    "NAME",
    "amount",
    "bound",
    "clause",
    "enough",
    "limits_in_words",
    "markdown",
    "opinions",
    "ranked",
    "reading",
    "sentence",
    "short",
]

NAME = "discover"
"""Opens the names of the files."""
CLEAR_HITS = 100
"""Futures of interest that let a box of ordinary strength be told from luck: among 200 inputs, boxes of five times the
base were found with 50 to 100 in nine searches of ten, with 20 in every second one."""
SURE = 0.05
"""Terms of the regression with a larger p, after Bonferroni, are not told."""
MOST_NAMED = 4
"""Inputs whose limits were given up that are named."""
_UNITS = {
    "share": "",
    "ratio": "",
    "index": "",
    "1/year": " a year",
    "1/day": " a day",
    "round/month": " rounds a month",
    "round/day": " rounds a day",
    "bn_usd": " billion dollars",
    "usd/round": " dollars a round",
    "standard deviations": " standard deviations",
}
_PLURAL = ("day", "month", "year", "round", "brigade", "ship", "squadron", "battery", "stake", "km")


def amount(value: float, unit: str) -> str:
    """A value of an input with its unit, as a sentence says it."""
    if unit == "share":
        return f"{100 * value:.3g}%".replace("-", "−")
    if unit == "year" and 1900 <= value <= 2100:
        return f"{value:.1f}"
    text = (f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}").replace("-", "−")
    if unit in _UNITS:
        return text + _UNITS[unit]
    if unit in _PLURAL:
        plural = "batteries" if unit == "battery" else unit if unit == "km" else f"{unit}s"
        return f"{text} {plural}"
    return f"{text} {unit}".rstrip()


def limits_in_words(box: Found) -> list[str]:
    """The limits of a box, input by input: what it means, and from where to where."""
    return [
        f"{_quoted(edges[0])} is {_and([bound(edge) for edge in edges])}"
        for name in box.inputs
        if (edges := [edge for edge in box.edges if edge.factor.name == name])
    ]


def bound(edge: Edge) -> str:
    """From where to where a limit goes."""
    if edge.side != "options":
        return f"{'at least' if edge.side == 'low' else 'below'} {amount(edge.value, edge.factor.unit)}"
    drawn = [option for option in edge.factor.options if option in edge.drawn]
    left_out = [option for option in drawn if option not in edge.options]
    if len(left_out) < len(edge.options):
        return f"not {_either([option.replace('_', ' ') for option in left_out])}"
    return _either([option.replace("_", " ") for option in edge.options])


def sentence(discovery: Discovery, box: Found) -> str:
    """What a box says, with n and interval; of one that luck would give as well, that it is no finding."""
    if not box.edges:
        return (
            f"No box: among {discovery.inputs:,} inputs no limits gather the futures in which {clause(discovery)}, "
            f"beyond what luck would. {enough(discovery, box)}"
        ).strip()
    low, high = box.density_interval
    where = _and(limits_in_words(box))
    of_all = "of all" if box.n == discovery.n else "of those that no earlier box holds"
    held = (
        f"{clause(discovery)} in {box.density:.0%} of futures ({_ends(low, high, box.n)}; {box.hits:,} of "
        f"{box.inside:,}), against {box.base:.1%} {of_all}."
    )
    if box.verdict == LUCK:
        return f"No box that stands up to futures it was not found in. The best that was found: when {where}, {held}"
    return f"When {where}, {held} These are {box.coverage:.0%} of all futures in which it does."


def enough(discovery: Discovery, box: Found) -> str:
    """How many futures a box would take, where there are few futures of interest; empty where there are enough."""
    if box.interest >= CLEAR_HITS:
        return ""
    needed = rounded_up(box.n * CLEAR_HITS / box.interest)
    return (
        f"{box.interest:,} futures of interest are too few to find any but a strong box; about {needed:,} futures "
        f"would hold {CLEAR_HITS}."
    )


def clause(discovery: Discovery) -> str:
    """The condition as a clause: in words where it is a plain one, else as it was written."""
    under = "" if discovery.policy == discovery.study.present else f" under {discovery.policy}"
    plain = ranked(discovery)
    if plain is not None:
        words, which, share = plain
        (value,) = discovery.thresholds.values()
        end = f"{value:.3g} and {'more' if which == 'highest' else 'less'}".replace("-", "−")
        return f"“{words}”{under} is among the {which} {share:.3g}% ({end})"
    ends = [
        f"from {value:.3g} up" if name.startswith("top(") else f"up to {value:.3g}"
        for name, value in discovery.thresholds.items()
    ]
    return f"`{discovery.where}` holds{under}" + (f" (that is, {_and(ends)})" if ends else "").replace("-", "−")


def ranked(discovery: Discovery) -> tuple[str, str, float] | None:
    """Of a condition that is nothing but `top` or `bottom`: the outcome in words, `highest` or `lowest`, and the share
    in percent; None of any other."""
    where, case = discovery.where.strip(), discovery.study.case
    if where not in discovery.thresholds:
        return None
    function, _, rest = where.removesuffix(")").partition("(")
    outcome, share = rest.rsplit(", ", 1)
    words = describe(case, outcome).words if case is not None else outcome
    return words, "highest" if function == "top" else "lowest", 100 * float(share)


def reading(discovery: Discovery, box: Found) -> list[str]:
    """How far to trust a box, in sentences; they follow `Found.verdict`, as the title and the sentence do."""
    given_up = _given_up(discovery, box)
    if not box.edges:
        return [given_up] if given_up else []
    found = box.validated
    how = "the other half" if found.folds == 2 else f"the other {found.folds - 1} tenths"
    part = "half" if found.folds == 2 else "tenth"
    judged = f"With each {part} of the futures judged by the box found in {how}"
    if not found.inside:
        lines = [f"{judged}, no future is in a box: nothing is found there, so take this box for luck."]
    else:
        low, high = found.density_interval
        measured = (
            f"{judged}, the boxes hold {found.hits:,} futures of interest among {found.inside:,}: a density of "
            f"{found.density:.0%} ({_ends(low, high, box.n)}) and a coverage of {found.coverage:.0%}, with "
            f"{found.shared:.0%} of the futures of the box above."
        )
        lines = [measured]
        if box.verdict == LUCK:
            lines.append(f"The base of {box.base:.1%} is within that interval: take this box for luck.")
            lines += [text] if (text := enough(discovery, box)) else []
        elif box.verdict == WEAKER:
            lines.append(
                f"It holds, but at less than half of what the box above seems to add to the base of {box.base:.1%}: "
                f"expect {found.density:.0%} rather than {box.density:.0%}."
            )
        else:
            lines.append("So it holds in futures that it was not found in.")
    names = {edge.factor.name: edge for edge in box.edges}
    lines.append(_steadiness(box))
    weak = [
        f"{_quoted(edge)} (grade {edge.factor.grade})" for edge in names.values() if edge.factor.grade in ("C", "D")
    ]
    if weak:
        lines.append(f"These limits lie on weakly known inputs: {_and(weak)}.")
    priors = [_quoted(edge) for name, edge in names.items() if name.startswith("anchor.")]
    if priors:
        lines.append(
            f"{_and(priors)} {'is' if len(priors) == 1 else 'are'} the declared prior itself: that the level of a "
            "chance follows it is put in, not found. `--without 'anchor.*'` searches without."
        )
    doubtful = [f"{_quoted(edge)} ({edge.quasi_p:.2g})" for edge in box.edges if edge.quasi_p > DOUBTFUL]
    if doubtful:
        lines.append(f"May be luck by quasi-p: {_and(doubtful)}; they belong to the box that was asked for.")
    if given_up:
        lines.append(given_up)
    return lines


def _steadiness(box: Found) -> str:
    """How often the limits come back in halves."""
    names = {edge.factor.name: edge for edge in box.edges}
    steady = [edge for edge in names.values() if edge.reappears_coverage >= 0.9]
    rest = [edge for edge in names.values() if edge.reappears_coverage < 0.9]
    said = f"In {len(box.repeats)} random halves, with half of the futures to search in, "
    if steady:
        said += f"a box of like coverage limits {_and([_quoted(edge) for edge in steady])} at least nine times in ten"
        said += "; " if rest else "."
    if rest:
        again = [f"{_quoted(edge)} in {edge.reappears_coverage:.0%}" for edge in rest]
        said += f"{'less often' if steady else 'a box of like coverage limits'} {_and(again)}."
    if box.verdict in (HOLDS, WEAKER) and len(box.lasting) < len(box.inputs):
        rare = [edge for name, edge in names.items() if name not in box.lasting]
        said += f" Build no story on {_and([_quoted(edge) for edge in rare])}."
    return said


def _given_up(discovery: Discovery, box: Found) -> str:
    if not box.dropped:
        return ""
    words = [_named(discovery, name) for name in box.dropped[:MOST_NAMED]]
    more = len(box.dropped) - len(words)
    listed = _and([*words, f"{more:,} more"]) if more > 0 else _and(words)
    return f"Given up on the way, since they may be luck (quasi-p above {DOUBTFUL:.0%}): limits on {listed}."


def _ends(low: float, high: float, n: int) -> str:
    """A 95% interval of a share of `n` futures, or that there are too few for one."""
    return too_few(low, high, n) or f"95% interval {low:.0%} to {high:.0%}"


def opinions(discovery: Discovery) -> list[str]:
    """What a tree and a regression say, and whether they name the inputs that the box limits."""
    tree, fit = discovery.tree, discovery.logistic
    texts: list[str] = []
    if tree.leaves:
        split = _and([_named(discovery, name) for name in tree.inputs])
        texts.append(
            f"A classification tree takes {len(tree.leaves)} {'leaf' if len(tree.leaves) == 1 else 'leaves'} on "
            f"{split}, with a density of {tree.density:.0%} and a coverage of {tree.coverage:.0%} together "
            f"({tree.held_out_density:.0%} and {tree.held_out_coverage:.0%} in the half of the futures that a "
            "tree grown on the other half had not seen)."
        )
    else:
        texts.append("A classification tree finds no leaf in which they gather.")
    sure = [term for term in fit.terms if term.p < SURE][:5]
    if sure:
        said = [
            f"{_named(discovery, term.name)}{f': {term.option}' if term.option else ''} ({term.weight:+.2f})".replace(
                "-", "−"
            )
            for term in sure
        ]
        texts.append(
            f"A logistic regression ranks a future of interest above another with a chance of {fit.area:.0%} (in "
            f"futures not fitted to; 50% is luck). Its largest terms, as change of the log odds: {_and(said)}."
        )
    else:
        texts.append("A logistic regression finds no input whose effect is hardly luck.")
    limited = {name for box in discovery.boxes for name in box.inputs}
    if limited:
        leading = [term.name for term in fit.terms[: max(5, len(limited))] if term.p < SURE]
        missing = [_named(discovery, name) for name in sorted(limited - set(tree.inputs) - set(leading))]
        texts.append(
            f"Neither names {_and(missing)}, which the box limits: that limit rests on one method."
            if missing
            else "Every input that the box limits is named by at least one of them."
        )
    return texts


def markdown(discovery: Discovery) -> str:
    """The whole result as text: sentences, then the tables behind them."""
    lines = [f"# Scenario discovery: {discovery.where}", ""]
    lines += [f"{_counts(discovery)} Chosen from the trajectory: {discovery.rule}.", ""]
    for number, box in enumerate(discovery.boxes, 1):
        if len(discovery.boxes) > 1:
            lines += [f"## Box {number}", ""]
        lines += [sentence(discovery, box), "", " ".join(reading(discovery, box)), ""]
        if box.edges:
            lines += _table(box)
    lines += ["## Second opinions", "", *(f"{text}\n" for text in opinions(discovery))]
    lines += _leaves(discovery) + _terms(discovery)
    if discovery.turned:
        lines += ["## Rotated inputs", ""]
        lines += [
            f"- {item.name} = {' '.join(f'{w:+.2f} × {name}' for name, w in item.weights)} (standard scores)"
            for item in discovery.turned
        ]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _counts(discovery: Discovery) -> str:
    text = f"{discovery.interest:,} of {discovery.n:,} futures ({discovery.base:.1%}) meet it; "
    text += f"{discovery.inputs:,} inputs were searched"
    if discovery.without:
        text += f" (without {', '.join(discovery.without)})"
    if discovery.undefined:
        text += f"; in {discovery.undefined:,} futures it is undefined, and they were not used"
    if discovery.left_out:
        text += f"; {discovery.left_out:,} futures failed and were not used ({discovery.counted})"
    elif discovery.study.thinned:
        text += f"; {discovery.counted}"
    return text + "."


def _table(box: Found) -> list[str]:
    lines = [
        "| Input | Limit | Drawn from | Quasi-p | Reappears (coverage, density) | Limit in the halves | Grade |",
        "|---|---|---|---|---|---|---|",
    ]
    for edge in box.edges:
        unit = edge.factor.unit
        number = edge.side != "options"
        limit = (
            f"{'≥' if edge.side == 'low' else '<'} {amount(edge.value, unit)}" if number else ", ".join(edge.options)
        )
        drawn = f"{amount(edge.drawn_low, unit)} to {amount(edge.drawn_high, unit)}" if number else "–"
        moved = (
            f"{amount(edge.repeat_low, unit)} to {amount(edge.repeat_high, unit)}"
            if number and edge.repeat_low == edge.repeat_low
            else "–"
        )
        again = f"{edge.reappears_coverage:.0%}, {edge.reappears_density:.0%}"
        lines.append(
            f"| {edge.factor.name} | {limit} | {drawn} | {edge.quasi_p:.1e} | {again} | {moved} | "
            f"{edge.factor.grade or '–'} |"
        )
    return [*lines, ""]


def _leaves(discovery: Discovery) -> list[str]:
    if not discovery.tree.leaves:
        return []
    lines = ["| Leaf of the tree | Futures | Density |", "|---|---|---|"]
    for leaf in discovery.tree.leaves:
        said = "; ".join(short(edge_of(discovery.codes, limit)) for limit in leaf.limits)
        lines.append(f"| {said} | {leaf.inside:,} | {leaf.density:.0%} |")
    return [*lines, ""]


def _terms(discovery: Discovery) -> list[str]:
    lines = [
        f"| Term of the regression (n = {discovery.logistic.n:,}) | Log odds | Standard error | p × inputs |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {_term(term)} | {term.weight:+.2f} | {term.error:.2f} | {term.p:.1e} |"
        for term in discovery.logistic.terms[:10]
    ]
    return [*lines, ""]


def short(edge: Edge) -> str:
    """A limit without what its input means."""
    if edge.side == "options":
        return f"{edge.factor.name}: {' or '.join(edge.options)}"
    return f"{edge.factor.name} {'≥' if edge.side == 'low' else '<'} {amount(edge.value, edge.factor.unit)}"


def _term(term: Term) -> str:
    return f"{term.name}: {term.option}" if term.option else term.name


def _quoted(edge: Edge) -> str:
    """What an input means, set off from the sentence."""
    return f"“{edge.factor.words}”" if edge.factor.means else edge.factor.name


def _named(discovery: Discovery, name: str) -> str:
    factor = discovery.codes.factors[discovery.codes.place(name)]
    return f"“{factor.words}”" if factor.means else name


def _and(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _either(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"
