"""Numbers, verdicts and dates as the audit writes them, the same in a terminal, a page and a text for a newsroom."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from twofront.audit.verdict import CONTRADICTED, MIXED, NOT_CHECKABLE, SUPPORTED, Verdict
from twofront.case.claim import MODEL_KINDS, Claim, Test
from twofront.case.claim_rules import end_of
from twofront.figures import Expression, ExpressionError, central_of

if TYPE_CHECKING:
    from twofront.audit.cards import Audit, Card, Statement
    from twofront.case import Evidence

__all__ = [
    "CALENDAR",
    "KINDS",
    "citation",
    "counted",
    "dates_line",
    "figure_of",
    "grounds",
    "held_against",
    "moved",
    "number",
    "rule_words",
    "rules_line",
    "share",
    "shares",
    "stale_words",
    "unit_words",
    "verdict_words",
]

KINDS: Final = {
    "ratio": "ratio against evidence",
    "level": "level against evidence",
    "trend": "trend against evidence",
    "counterfactual": "counterfactual of the model",
    "conditional_chance": "conditional chance",
    "policy_effect": "effect of a policy",
    "fact": "statement of fact",
    "not_checkable": "not checkable",
}
CALENDAR: Final = "calendar_year"
"""The unit of a year as a date, which no separator divides and no unit follows."""
_ARROW: Final = " → "
_UNITS: Final = {"ratio": "", "share": "", "percent": "%", "percent of gdp": "% of GDP"}


def number(value: float, digits: int = 3) -> str:
    """A number to so many significant digits, without an exponent."""
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{min(places, 8)}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", "−")


def share(value: float) -> str:
    """A share in whole per cent; never 0% or 100% unless it is nothing or all."""
    if not math.isfinite(value):
        return "–"
    if 0 < value < 0.005:
        return "under 1%"
    if 0.995 < value < 1:
        return "over 99%"
    return f"{100 * value:.0f}%"


def shares(verdict: Verdict) -> str:
    """The share behind a verdict; for and against it where it is mixed."""
    if verdict.word == MIXED:
        return f"{share(verdict.supported)} for, {share(verdict.contradicted)} against"
    return share(verdict.share)


def unit_words(claim: Claim) -> str:
    """What stands after a number of the claim."""
    if claim.kind == "trend":
        return " a year"
    text = _UNITS.get(claim.unit, claim.unit)
    return f" {text}" if text and not text.startswith("%") else text


def amount(claim: Claim, value: float) -> str:
    """A number with the claim's unit; growth in per cent a year."""
    if claim.kind == "trend":
        return f"{number(100 * value)}% a year"
    if claim.unit == CALENDAR:
        return f"{value:.0f}"
    return f"{number(value)}{unit_words(claim)}"


def counted(card: Card) -> str:
    """What the share of a verdict is of."""
    verdict = card.verdict
    if card.claim.kind in MODEL_KINDS:
        return f"of {verdict.n:,} futures"
    what = "finding" if card.claim.kind == "fact" else "figure"
    return f"of the weight of {verdict.n} {what}{'' if verdict.n == 1 else 's'}"


def grounds(card: Card) -> str:
    """How sure the verdict is, and the share behind it; why there is none."""
    found = card.verdict
    if not found.is_given:
        return "; ".join(found.reasons)
    text = f"{found.confidence} confidence"
    undefined = len(card.modelled.values) - found.n if card.modelled is not None else 0
    left = f" ({undefined:,} more leave it undefined)" if undefined else ""
    if found.word == MIXED:
        return f"{text}: {share(found.supported)} {counted(card)} for it, {share(found.contradicted)} against{left}"
    return f"{text}: {share(found.share)} {counted(card)}{left}"


def verdict_words(card: Card) -> str:
    """A verdict in a sentence: the word, how sure, and the share behind it."""
    why = grounds(card)
    return f"{card.verdict.word}{', ' if card.verdict.is_given else ': '}{why}" if why else card.verdict.word


def capital(text: str) -> str:
    """A sentence with a capital letter; a name that only looks like a word stays as it is."""
    first = text.split(" ", 1)[0].rstrip(".,;:")
    return text if "_" in first or "." in first else text[:1].upper() + text[1:]


def moved(before: str, now: str) -> str:
    """How a word moved, or that it stayed."""
    if not before:
        return now
    return f"{before}{_ARROW}{now}" if before != now else f"{now}, the same"


def dates_line(card: Card) -> str:
    """Everything the speaker said of it, by date, on one line."""
    return _ARROW.join(_dated(card, item) for item in card.by_date)


def _dated(card: Card, item: Statement) -> str:
    said = f" {amount(card.claim, item.claimed)}" if item.claimed is not None else ""
    return f"{item.date}{said} ({item.verdict.word})"


def rule_words(claim: Claim, claimed: float | None) -> str:
    """The rule in words, its ends computed."""
    if claim.rule is None:
        return ""
    return (
        f"{SUPPORTED.capitalize()} if {_test_words(claim, claim.rule.supported, claimed)}. "
        f"{CONTRADICTED.capitalize()} if {_test_words(claim, claim.rule.contradicted, claimed)}. "
        f"{MIXED.capitalize()} otherwise."
        + (f" Revised after a first computation: {claim.rule.revised}" if claim.rule.revised else "")
    )


def rules_line(claims: Iterable[Claim]) -> str:
    """How many rules stand as they were written before anything was computed."""
    revised = [claim.id for claim in claims if claim.rule is not None and claim.rule.revised]
    if not revised:
        return "Every rule was fixed before anything was computed."
    return (
        "Rules were fixed before anything was computed, but for those of "
        f"{', '.join(revised[:-1])}{' and ' if len(revised) > 1 else ''}{revised[-1]}, which say why they were revised."
    )


def _test_words(claim: Claim, test: Test, claimed: float | None) -> str:
    ends = [
        f"{said} {_end_words(claim, expression, claimed)}"
        for said, expression in (
            ("at least", test.at_least),
            ("above", test.above),
            ("at most", test.at_most),
            ("below", test.below),
        )
        if expression is not None
    ]
    modelled = claim.kind in MODEL_KINDS
    of = "futures" if modelled else "the weight"
    least = f"all {'' if modelled else 'of '}{of}" if test.share == 1 else f"at least {share(test.share)} of {of}"
    over = f" of {' and '.join(test.over)}" if test.over else ""
    between = " and ".join(ends)
    return f"it is {between} in {least}" if modelled else f"{least}{over} is {between}"


def _end_words(claim: Claim, expression: Expression, claimed: float | None) -> str:
    text = expression.text.replace(" * ", " × ")
    try:
        value = end_of(expression, claimed)
    except ExpressionError:
        return text
    said = number(value) if claim.kind in (*MODEL_KINDS, "fact") else amount(claim, value)
    plain = not expression.ids and text.strip().replace("-", "−").replace(".", "").lstrip("−").isdigit()
    return said if plain else f"{said} ({text})"


def held_against(card: Card) -> str:
    """What the claim is held against, in a line: how many figures, from where to where, and what is claimed."""
    if not card.dots:
        return ""
    values = [dot.value for dot in card.dots]
    if card.claim.kind == "fact":
        words = {1.0: "yes", 0.5: "partly", 0.0: "no"}
        return ", ".join(f"{sum(v == value for v in values)} {word}" for value, word in words.items())
    low, high = amount(card.claim, min(values)), amount(card.claim, max(values))
    count = f"{len(values)} public figure{'' if len(values) == 1 else 's'}"
    text = f"{count}: {low} to {high}" if low != high else f"{count}: {low}"
    claimed = card.said.claimed
    return f"{text}; claimed: {amount(card.claim, claimed)}" if claimed is not None else text


def stale_words(card: Card) -> str:
    """What of the evidence is old, and what the verdict would be without it."""
    stale = card.stale
    if stale is None:
        return ""
    rows = f"{len(stale.rows)} of {stale.of} rows"
    if card.modelled is not None:
        return f"{rows} behind what moves it most were published before {stale.before}: {', '.join(stale.rows)}"
    text = f"{rows} that it rests on were published before {stale.before}: {', '.join(stale.rows)}"
    same = stale.without == card.verdict.word
    if stale.without == NOT_CHECKABLE:
        return f"{text}. Without them nothing is left to judge by."
    return f"{text}. Without them it would {'still ' if same else ''}be {stale.without}."


def figure_of(row: Evidence) -> str:
    """A row's number with its range and unit; nothing for words."""
    middle = central_of(row)
    if middle is None or row.unit == "text":
        return ""
    if row.unit == "yes/no":
        return "yes" if middle >= 0.5 else "no"
    if row.unit == CALENDAR:
        return "–".join(dict.fromkeys(f"{v:.0f}" for v in (row.low, row.central, row.high) if v is not None))
    ends = [value for value in (row.low, row.high) if value is not None]
    if row.central is None and len(ends) == 2:
        text = f"{number(ends[0])}–{number(ends[1])}"
    else:
        text = number(middle)
        if row.central is not None and len(ends) == 2 and ends[0] != ends[1]:
            text += f" ({number(ends[0])}–{number(ends[1])})"
    return f"{text} {row.unit}".replace(" percent", "%")


def citation(audit: Audit, card: Card) -> tuple[str, str]:
    """How to cite this audit, and how to cite the original."""
    from twofront import __version__

    claim = card.claim
    own = (
        f"twofront {__version__}, claim {claim.id} of the case {audit.case.name} (content {audit.case.hash[:12]}), "
        f"evidence up to {audit.published}: {card.verdict.word}."
    )
    return own, f"{claim.quote.who}, {claim.quote.where}, {claim.date}. {claim.quote.url}"
