"""Boxes of scenario discovery in sentences."""

from __future__ import annotations

from twofront.analyse.discovery import DOUBTFUL, Discovery, Edge, Found, edge_of
from twofront.analyse.second_opinions import Term

__all__ = ["NAME", "amount", "clause", "edge_in_words", "markdown", "opinions", "reading", "sentence", "short"]

NAME = "discover"
"""Opens the names of the files."""
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


def edge_in_words(edge: Edge) -> str:
    """A limit: what the input means, and from where to where."""
    what = _meaning(edge)
    if edge.side == "options":
        return f"{what} is {_either([option.replace('_', ' ') for option in edge.options])}"
    limit = amount(edge.value, edge.factor.unit)
    return f"{what} is {'at least' if edge.side == 'low' else 'below'} {limit}"


def sentence(discovery: Discovery, box: Found) -> str:
    """What a box says, with n and interval."""
    if not box.edges:
        return (
            f"No box: among {discovery.inputs:,} inputs no limits gather the futures in which {clause(discovery)}, "
            "beyond what luck would."
        )
    low, high = box.density_interval
    where = _and([edge_in_words(edge) for edge in box.edges])
    return (
        f"When {where}, {clause(discovery)} in {box.density:.0%} of futures (95% interval {low:.0%} to {high:.0%}; "
        f"{box.hits:,} of {box.inside:,}), against {discovery.base:.1%} of all. These are {box.coverage:.0%} of all "
        "futures in which it does."
    )


def clause(discovery: Discovery) -> str:
    """The condition as a clause."""
    under = "" if discovery.policy == discovery.study.present else f" under {discovery.policy}"
    ends = [
        f"from {value:.3g} up" if name.startswith("top(") else f"up to {value:.3g}"
        for name, value in discovery.thresholds.items()
    ]
    return f"`{discovery.where}` holds{under}" + (f" (that is, {_and(ends)})" if ends else "").replace("-", "−")


def reading(discovery: Discovery, box: Found) -> list[str]:
    """How far to trust a box, in sentences."""
    if not box.edges:
        return []
    density, low, high = box.held_out()
    coverage, *_ = box.held_out("coverage")
    times = len(box.repeats)
    measured = f"a density of {density:.0%} ({low:.0%} to {high:.0%}) and a coverage of {coverage:.0%}"
    lines = [f"Searched for in {times} random halves of the futures, and measured in the other halves: {measured}."]
    base = box.interest / box.n
    if density - base < (box.density - base) / 2:
        lines.append(f"That is less than half of what it seems to add to the base of {base:.1%}: take it for luck.")
    names = {edge.factor.name: edge for edge in box.edges}
    steady = [name for name, edge in names.items() if edge.reappears_coverage >= 0.9]
    rest = [f"{name} in {edge.reappears_coverage:.0%}" for name, edge in names.items() if name not in steady]
    if steady:
        lines.append(f"In at least nine of ten halves the box of like coverage limits {_and(steady)} too.")
    if rest:
        lines.append(f"Less steady: {_and(rest)} of the halves.")
    weak = [f"{name} (grade {edge.factor.grade})" for name, edge in names.items() if edge.factor.grade in ("C", "D")]
    if weak:
        lines.append(f"These limits lie on weakly known inputs: {_and(weak)}.")
    priors = [name for name in names if name.startswith("anchor.")]
    if priors:
        lines.append(
            f"{_and(priors)} {'is' if len(priors) == 1 else 'are'} the declared prior itself: that the level of a "
            "chance follows it is put in, not found. `--without 'anchor.*'` searches without."
        )
    if box.dropped:
        lines.append(f"Given up, since it may be luck (quasi-p above 5%): {_and(list(box.dropped))}.")
    return lines


def opinions(discovery: Discovery) -> list[str]:
    """What a tree and a regression say, and whether they name the inputs that the box limits."""
    tree, fit = discovery.tree, discovery.logistic
    texts: list[str] = []
    if tree.leaves:
        texts.append(
            f"A classification tree takes {len(tree.leaves)} {'leaf' if len(tree.leaves) == 1 else 'leaves'} on "
            f"{_and(list(tree.inputs))}, with a density of {tree.density:.0%} and a coverage of {tree.coverage:.0%} "
            f"together ({tree.held_out_density:.0%} and {tree.held_out_coverage:.0%} in the half of the futures that a "
            "tree grown on the other half had not seen)."
        )
    else:
        texts.append("A classification tree finds no leaf in which they gather.")
    sure = [term for term in fit.terms if term.p < DOUBTFUL][:5]
    if sure:
        said = [f"{_term(term)} ({term.weight:+.2f})".replace("-", "−") for term in sure]
        texts.append(
            f"A logistic regression ranks a future of interest above another with a chance of {fit.area:.0%} (in "
            f"futures not fitted to; 50% is luck). Its largest terms, as change of the log odds: {_and(said)}."
        )
    else:
        texts.append("A logistic regression finds no input whose effect is hardly luck.")
    limited = {name for box in discovery.boxes for name in box.inputs}
    if limited:
        leading = [term.name for term in fit.terms[: max(5, len(limited))] if term.p < DOUBTFUL]
        missing = sorted(limited - set(tree.inputs) - set(leading))
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


def _meaning(edge: Edge) -> str:
    means = edge.factor.means.strip().rstrip(".")
    if not means:
        return edge.factor.name
    # A word that begins with two capitals is an abbreviation and keeps them.
    small = means if means[1:2].isupper() else means[0].lower() + means[1:]
    return f"{edge.factor.name} ({small})"


def _and(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _either(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"
