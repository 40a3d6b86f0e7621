"""The answer in a paragraph, made from numbers and from nothing else."""

from __future__ import annotations

from twofront.analyse.outcomes import CHANCE
from twofront.present.facts import Facts
from twofront.present.numbers import percent, points, share, significant, span
from twofront.present.policies import ROBUST, direction, listed

__all__ = ["answer", "key_numbers"]


def answer(facts: Facts) -> list[str]:
    """Paragraphs: the answer, what is robust, and on what it hangs."""
    return [text for text in (_answer(facts), _robust(facts), _conditions(facts)) if text]


def _answer(facts: Facts) -> str:
    one, two = facts.label(facts.first.actor), facts.label(facts.second.actor)
    place = facts.place(facts.first.theatre)
    found = facts.level("second_front_chance")
    split = facts.split
    window = f"{facts.case.world.war_window:.0f}"
    times = split.opened / split.alone if split.alone > 0 else float("nan")
    text = (
        f"Under the assumptions of this case, a war begun by {one} ({place}) is followed within {window} months by an attack by {two} "
        f"with a chance of {percent(found.median)} in the median of {found.n:,} sampled futures; nine of ten futures lie between "
        f"{percent(found.low)} and {percent(found.high)}. "
    )
    if times == times:
        word = "more" if times > 1 else "less"
        text += (
            f"In the same months without that war the chance would be {percent(split.alone)} over the ensemble, against {percent(split.opened)} with it: "
            f"a first war makes the second {significant(times, 2)} times as likely, which is {word} than without and far from certain. "
            if split.opened < 0.5
            else f"In the same months without that war the chance would be {percent(split.alone)} over the ensemble, against {percent(split.opened)} with it. "
        )
    text += (
        f"Of the rise over the baseline, opportunism accounts for {points(split.opportunism)} points, a call for {points(split.coordination)}, "
        f"and common causes for {points(split.common_cause)}."
    )
    return text


def _robust(facts: Facts) -> str:
    if not facts.others or not facts.sample.has("any_war_chance", "double_war_chance"):
        return ""
    names = [n for n in ("any_war_chance", "double_war_chance", "second_front_chance.fixed") if facts.sample.has(n)]
    ways = {p: {direction(facts, p, n) for n in names} for p in facts.others}
    lower = [p for p, found in ways.items() if found == {"lower"}]
    higher = [p for p, found in ways.items() if found == {"higher"}]
    rest = [p for p in facts.others if p not in lower and p not in higher]
    tenths = f"{ROBUST:.0%}".replace("%", " per cent")
    said: list[str] = []
    if lower:
        said.append(
            f"{_with_effect(facts, lower)} lower{'s' if len(lower) == 1 else ''} the chance of any war, of war in both theatres, and of a second front "
            f"in at least {tenths} of the futures under every rival law"
        )
    if higher:
        said.append(f"{_with_effect(facts, higher)} raise{'s' if len(higher) == 1 else ''} all three just as often")
    text = ("Compared with the present course in the same futures, " + "; ".join(said) + ". ") if said else ""
    if rest:
        text += f"The direction is not robust for {listed([facts.policy_label(p) for p in rest])}."
    if higher:
        text += (
            " Where adding strength raises the chances, it is because the posture that comes with it, a judgement, outweighs in this case what the "
            "strength takes from an attack's prospects; see levers, and the parameters of posture and provocation, before drawing conclusions."
        )
    return text


def _with_effect(facts: Facts, policies: list[str]) -> str:
    parts: list[str] = []
    for policy in policies:
        change = facts.headline.differences[policy, "any_war_chance"]
        parts.append(f"{facts.policy_label(policy)} ({points(change.median)} points for any war)")
    return listed(parts)


def _conditions(facts: Facts) -> str:
    one, two = facts.first.actor, facts.second.actor
    text = "How likely a war is on the present course is not a result: it is declared beforehand"
    if facts.sample.has(f"yearly_anchor.{one}", f"yearly_anchor.{two}"):
        a, b = facts.level(f"yearly_anchor.{one}"), facts.level(f"yearly_anchor.{two}")
        text += f" ({facts.label(one)} {span(a.low, a.high, CHANCE)} a year, {facts.label(two)} {span(b.low, b.high, CHANCE)})"
    text += " and every level of chance follows from it. "
    if facts.sample.has("unanchored.second_front_chance"):
        plain = facts.level("unanchored.second_front_chance")
        text += (
            f"Without that prior the chance of the second front has a median of {percent(plain.median)} ({span(plain.low, plain.high, CHANCE)}), which is why its "
            "level should not be quoted without the condition. "
        )
    text += "A share of sampled futures is not a probability: it says how often a result holds over the ranges and laws that this case admits."
    return text


def key_numbers(facts: Facts) -> list[tuple[str, str, str, str]]:
    """A few numbers for the top of the page: text, what it is, where from, and input or output."""
    found: list[tuple[str, str, str, str]] = []
    window = f"{facts.case.world.war_window:.0f}"
    level = facts.level("second_front_chance")
    found.append(
        (
            percent(level.median),
            f"second front within {window} months, given the first war; nine of ten futures {span(level.low, level.high, CHANCE)}",
            "second_front_chance",
            "rests on an input",
        )
    )
    split = facts.split
    if split.alone > 0:
        found.append(
            (
                f"× {significant(split.opened / split.alone, 2)}",
                "with a first war against the same months without one, over the ensemble",
                "second_front_chance / second_front_alone",
                "output",
            )
        )
    if facts.sample.has("any_war_chance"):
        level = facts.level("any_war_chance")
        years = (facts.case.world.clock.months - facts.case.world.clock.cutoff) / 12
        found.append(
            (
                percent(level.median),
                f"any war in {years:.0f} years, present course; nine of ten futures {span(level.low, level.high, CHANCE)}",
                "any_war_chance",
                "input",
            )
        )
    name = f"deterrence_margin.{facts.second.actor}.after_first"
    if facts.sample.has(name):
        below = float((facts.sample.of(facts.present, name) < 0).mean())
        found.append(
            (
                share(below),
                f"of futures in which attacking pays for {facts.label(facts.second.actor)} once the other war has begun",
                name,
                "output",
            )
        )
    return found
