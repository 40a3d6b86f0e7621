"""The answer in a paragraph, made from numbers and from nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from twofront.analyse.outcomes import CHANCE
from twofront.present.facts import COMPARED, Facts
from twofront.present.numbers import percent, points, share, significant, span
from twofront.present.policies import ROBUST, SHORT, listed, robust

__all__ = ["Answer", "KeyNumber", "answer", "key_numbers"]

INPUT, OUTPUT = "rests on an input", "output"


@dataclass(frozen=True, slots=True)
class KeyNumber:
    """A number for the top of the page, what it says, the outcome it comes from, and whether it rests on an input."""

    text: str
    said: str
    outcome: str
    mark: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer: a paragraph; which directions are robust, one line for each chance; what is open, why, and on what
    condition."""

    paragraph: str
    heading: str
    robust: tuple[str, ...]
    rest: tuple[str, ...]


def answer(facts: Facts) -> Answer:
    """Put the run's answer in words."""
    heading, lines, after = _robust(facts)
    return Answer(_answer(facts), heading, lines, tuple(text for text in (after, _conditions(facts)) if text))


def _answer(facts: Facts) -> str:
    one, two = facts.label(facts.first.actor), facts.label(facts.second.actor)
    found, split = facts.level("second_front_chance"), facts.split
    window = f"{facts.case.world.war_window:.0f}"
    text = (
        f"Under the assumptions of this case, if {one} went to war ({facts.place(facts.first.theatre)}), the chance "
        f"that {two} attacks within {window} months is {percent(found.median)} in the median of {found.n:,} sampled "
        f"futures, and between {percent(found.low)} and {percent(found.high)} in nine of ten of them. "
    )
    if split.alone > 0:
        times = split.opened / split.alone
        text += (
            f"Over the whole ensemble that is {percent(split.opened)}, against {percent(split.alone)} in the same "
            f"months without the first war: {significant(times, 2)} times as "
            f"likely{', and still far from certain' if split.opened < 0.25 else ''}. "
        )
    text += (
        f"Compared with the average month without a first war ({percent(split.at_rest)} within as long), opportunism "
        f"accounts for {points(split.opportunism)} percentage points, a call from one to the other for "
        f"{points(split.coordination)}, and causes common to "
        f"both wars for {points(split.common_cause)}."
    )
    return text


def _robust(facts: Facts) -> tuple[str, tuple[str, ...], str]:
    names = [n for n in COMPARED if facts.sample.has(n)]
    if not facts.others or not names:
        return "", (), ""
    tenths = f"{ROBUST:.0%}".replace("%", " per cent")
    heading = (
        "Against the present course in the same futures, these directions are robust: at least "
        f"{tenths} of futures share them, under every rival law (in brackets: median change in percentage points)."
    )
    lines: list[str] = []
    moved: set[str] = set()
    for name in names:
        found = robust(facts, name)
        moved |= {*found.lower, *found.higher}
        parts = [
            f"{verb} with {_with_effect(facts, policies, name)}"
            for verb, policies in (("falls", found.lower), ("rises", found.higher))
            if policies
        ]
        lines.append(f"The chance of {SHORT[name]} {', and '.join(parts) or 'moves robustly with no policy'}.")
    rest = [facts.policy_label(p) for p in facts.others if p not in moved]
    text = f"Whether {listed(rest, 'or')} would raise or lower any of them is open. " if rest else ""
    return heading, tuple(lines), (text + _reasons(facts, [p for p in facts.others if p in moved])).strip()


def _reasons(facts: Facts, moved: list[str]) -> str:
    """Which parameters the size of the robust effects hangs on."""
    named: dict[str, int] = {}
    for policy in moved:
        for item in facts.effect_drivers.get(policy, []):
            if not item.parameter.startswith("anchor."):
                named[item.parameter] = named.get(item.parameter, 0) + 1
    top = sorted(named, key=lambda name: (-named[name], name))[:3]
    if not top:
        return ""
    means = [f"{name} (grade {facts.case.parameter(name).grade})" for name in top]
    return (
        "A direction should not be believed before its reason is seen: besides the declared priors, the size of these "
        f"effects hangs most on {listed(means)}; the tables behind the drivers name more."
    )


def _with_effect(facts: Facts, policies: list[str], outcome: str) -> str:
    effects = {p: facts.headline.differences[p, outcome].median for p in policies}
    return listed([f"{facts.policy_label(p)} ({points(effects[p])})" for p in policies])


def _conditions(facts: Facts) -> str:
    one, two = facts.first.actor, facts.second.actor
    text = "How likely a war is on the present course is not a result: it is declared beforehand as a range"
    if facts.sample.has(f"yearly_anchor.{one}", f"yearly_anchor.{two}"):
        a, b = facts.level(f"yearly_anchor.{one}"), facts.level(f"yearly_anchor.{two}")
        first = f"{facts.label(one)} {span(a.low, a.high, CHANCE)} a year"
        text += f" (nine of ten draws: {first}, {facts.label(two)} {span(b.low, b.high, CHANCE)})"
    text += " and every level of chance follows from it. "
    if facts.sample.has("unanchored.second_front_chance"):
        plain = facts.level("unanchored.second_front_chance")
        text += (
            f"Without that prior the chance of the second front has a median of {percent(plain.median)} "
            f"({span(plain.low, plain.high, CHANCE)}), which is why its level should not be quoted without the "
            "condition. "
        )
    return (
        text + "A share of sampled futures is not a probability: it says how often a result holds over the ranges and "
        "laws that this case admits."
    )


def key_numbers(facts: Facts) -> list[KeyNumber]:
    """A few numbers for the top of the page."""
    window = f"{facts.case.world.war_window:.0f}"
    level, split = facts.level("second_front_chance"), facts.split
    said = f"second front within {window} months, given the first war; nine of ten futures "
    found = [KeyNumber(percent(level.median), said + span(level.low, level.high, CHANCE), "second_front_chance", INPUT)]
    if split.alone > 0:
        times = f"× {significant(split.opened / split.alone, 2)}"
        said = "with a first war against the same months without one, over the ensemble"
        found.append(KeyNumber(times, said, "second_front_chance / second_front_alone", OUTPUT))
    if facts.sample.has("any_war_chance"):
        level, clock = facts.level("any_war_chance"), facts.case.world.clock
        years = (clock.months - clock.cutoff) / 12
        said = (
            f"any war in {years:.0f} years (blockades apart), present course; nine of ten futures "
            f"{span(level.low, level.high, CHANCE)}"
        )
        found.append(KeyNumber(percent(level.median), said, "any_war_chance", INPUT))
    name = f"deterrence_margin.{facts.second.actor}.after_first"
    if facts.sample.has(name):
        below = float((facts.sample.of(facts.present, name) < 0).mean())
        said = f"of futures in which attacking pays for {facts.label(facts.second.actor)} once the other war has begun"
        found.append(KeyNumber(share(below), said, name, OUTPUT))
    return found
