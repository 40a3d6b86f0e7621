"""How sure a verdict is that rests on public figures, and what would flip it: sources struck, grades lowered, another
claimed number."""

from __future__ import annotations

import itertools
from math import ceil, floor, log10
from typing import Final

import numpy as np

from twofront.audit.verdict import NOT_CHECKABLE, Verdict
from twofront.audit.weighing import Weighed
from twofront.case.claim_rules import ENDS

__all__ = ["HIGH", "LOW", "MODERATE", "verdict_on_figures"]

HIGH: Final = "high"
MODERATE: Final = "moderate"
LOW: Final = "low"

INDEPENDENT: Final = 3
"""Figures of which no two share a source, for high confidence."""
_MOST_PAIRED: Final = 40
_FURTHEST: Final = 50.0
"""How many times greater or smaller a claimed number is looked for."""
_STEPS: Final = 240
_REFINED: Final = 5


def verdict_on_figures(weighed: Weighed) -> Verdict:
    """Return the verdict on a claim that is held against public figures or findings.

    Confidence is high with at least three figures of which no two share a source, where the verdict stays whichever
    single source is struck and whichever single grade is one lower; moderate where it stays whichever source is
    struck; low otherwise.
    """
    found = weighed.judged()
    if found.word == NOT_CHECKABLE:
        return Verdict(NOT_CHECKABLE, n=found.n, rests_on=weighed.ids, reasons=("no figure is left",))
    struck = _flipping_sources(weighed, found.word)
    lowered = [id_ for id_ in weighed.ids if weighed.judged(lowered=id_).word != found.word]
    independent = weighed.independent()
    reasons: list[str] = []
    if len(weighed.sources) == 1:
        reasons.append("it rests on one source")
    elif struck:
        reasons.append("one source alone decides it")
    if lowered:
        reasons.append(f"it changes if the grade of {', '.join(lowered)} were one lower")
    if independent < INDEPENDENT and len(weighed.sources) > 1:
        reasons.append(_independence(independent))
    confidence = LOW if struck else MODERATE if reasons else HIGH
    flips = [f"without {_named(weighed, (source,))} {_would_be(word)}" for source, word in struck]
    if not struck:
        flips += _flipping_pair(weighed, found.word)
    flips += _flipping_claims(weighed, found.word)
    return Verdict(
        found.word,
        confidence,
        found.share,
        found.supported,
        found.contradicted,
        found.n,
        tuple(flips),
        weighed.ids,
        tuple(reasons),
    )


def _independence(count: int) -> str:
    if count == 1:
        return "every two of its figures share a source"
    return f"only {count} of its figures share no source with one another"


def _flipping_sources(weighed: Weighed, word: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for source in weighed.sources:
        other = weighed.judged(struck=weighed.rows_of([source])).word
        if other != word:
            found.append((source, other))
    return found


def _flipping_pair(weighed: Weighed, word: str) -> list[str]:
    """The first two sources that flip it only together."""
    sources = weighed.sources
    if len(sources) > _MOST_PAIRED:
        return ["no single source flips it"]
    for pair in itertools.combinations(sources, 2):
        other = weighed.judged(struck=weighed.rows_of(pair)).word
        if other != word:
            return [f"no single source flips it; without both {_named(weighed, pair)} {_would_be(other)}"]
    return ["no two sources, struck together, flip it"]


def _would_be(word: str) -> str:
    return "nothing would be left to judge by" if word == NOT_CHECKABLE else f"it would be {word}"


def _named(weighed: Weighed, sources: tuple[str, ...]) -> str:
    parts: list[str] = []
    for source in sources:
        ids = sorted(weighed.rows_of([source]), key=weighed.ids.index)
        parts.append(f"{source} ({', '.join(ids)})")
    return " and ".join(parts)


def _flipping_claims(weighed: Weighed, word: str) -> list[str]:
    """The nearest smaller and greater number that would have earned another verdict."""
    claimed = weighed.claimed
    ends = [getattr(test, name) for test in (weighed.rule.supported, weighed.rule.contradicted) for name in ENDS]
    if claimed is None or claimed <= 0 or not any(end is not None and "claimed" in end.ids for end in ends):
        return []
    factor, unit = (100.0, "% a year") if weighed.claim.kind == "trend" else (1.0, "")
    found: list[str] = []
    for sign, said in ((-1, "or less"), (1, "or more")):
        edge = _edge(weighed, word, claimed, sign)
        if edge is not None:
            number, other = edge
            text = f"a claim of {_rounded(number * factor, sign)}{unit} {said}"
            found.append(f"{text}, in place of {claimed * factor:.3g}{unit}, would be {other}")
    return found


def _edge(weighed: Weighed, word: str, claimed: float, sign: int) -> tuple[float, str] | None:
    """Where the word first changes: looked for on a grid, which is made finer around what is found."""
    near, far, other = claimed, claimed * _FURTHEST**sign, ""
    for _ in range(_REFINED):
        numbers = np.geomspace(near, far, _STEPS)
        words = weighed.words_at(numbers)
        place = next((n for n, found in enumerate(words) if found != word), None)
        if place is None:
            break
        other = words[place]
        near, far = float(numbers[max(0, place - 1)]), float(numbers[place])
    return (far, other) if other else None


def _rounded(number: float, sign: int) -> str:
    """Three digits, rounded to the side where what is said stays true."""
    places = 2 - floor(log10(abs(number)))
    scaled = number * 10.0**places
    whole = ceil(scaled - 1e-6) if sign > 0 else floor(scaled + 1e-6)
    return f"{whole / 10.0**places:.3g}"
