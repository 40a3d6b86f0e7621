"""Claims that need the model: the values that a claim is judged by, one a future, and how sure the verdict is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from twofront.analyse.outcomes import describe
from twofront.audit.confidence import HIGH, LOW, MODERATE
from twofront.audit.futures import Futures, SmallEnsemble, setting_name
from twofront.audit.verdict import (
    CONTRADICTED,
    NEEDS_RUN,
    NOT_CHECKABLE,
    SUPPORTED,
    Floats,
    Judged,
    Verdict,
    inside,
    judge,
)
from twofront.case.claim import Claim, Claimed, Rule, Variant
from twofront.case.claim_rules import band_of
from twofront.figures.expression import Amount

if TYPE_CHECKING:
    from twofront.case import Case
    from twofront.figures.row import At

__all__ = ["Modelled", "modelled", "number_claimed", "values_of"]

_Places: TypeAlias = npt.NDArray[np.intp]

CLEAR: Final = 0.1
"""How far a share must be from its threshold, for high confidence."""
LEAST: Final = 30
"""Futures under one law, below which it is not asked."""
TOP: Final = 3
"""Parameters that matter most."""
_NOISE: Final = 3.0
"""Standard errors that a difference between thirds must exceed to count."""
_RANKED: Final = 4000
"""Futures that are sorted by each parameter; more change nothing that can be seen."""


@dataclass(frozen=True, slots=True)
class Split:
    """The share in the verdict's band where a parameter is in its lowest and in its highest third."""

    parameter: str
    low: float
    high: float
    low_word: str
    high_word: str


@dataclass(frozen=True, slots=True)
class Modelled:
    """A verdict from futures, with the values behind it."""

    verdict: Verdict
    values: Floats
    splits: tuple[Split, ...] = ()
    laws: tuple[tuple[str, str, str], ...] = ()
    """Structure, law and word, for each law under which the verdict is another."""
    futures: str = ""


def values_of(claim: Claim, futures: Futures) -> Floats | str:
    """Return what a claim is judged by, one number a future; or in words what the futures lack for it."""
    present = futures.policies[0]
    if claim.kind == "counterfactual":
        if not isinstance(futures, SmallEnsemble) or setting_name(claim) not in futures.policies:
            return "no future was evaluated with these levers"
        return _counterfactual(claim, futures, present)
    policy = claim.policy or present
    if policy not in futures.policies:
        return f"the run holds no policy {policy}"
    found = _of(claim, futures, policy)
    if isinstance(found, str) or claim.kind == "conditional_chance":
        return found
    before = _of(claim, futures, present)
    assert not isinstance(before, str)
    return found - before


def modelled(
    case: Case,
    claim: Claim,
    futures: Futures | None,
    variant: Variant | None = None,
    values: Floats | str | None = None,
) -> Modelled:
    """Return the verdict on a claim about the model.

    Confidence is high only where the word is the same under every law of every structure, the share is clear of its
    threshold by a tenth, none of the three parameters that move the share most is of grade D, and no level that
    rests on the declared prior is judged; low where the word
    changes with a law; moderate otherwise.
    """
    empty = np.empty(0)
    if futures is None:
        return Modelled(Verdict(NEEDS_RUN, reasons=("name a run or ask for futures",)), empty)
    found = values_of(claim, futures) if values is None else values
    if isinstance(found, str):
        return Modelled(Verdict(NEEDS_RUN, reasons=(found,)), empty)
    rule = variant.rule if variant is not None and variant.rule is not None else claim.rule
    assert rule is not None
    number = _claimed(variant.claimed if variant is not None and variant.claimed is not None else claim.claimed)
    whole = _judged(rule, number, found)
    if whole.word == NOT_CHECKABLE:
        undefined = ("the outcome is undefined in every future",)
        return Modelled(Verdict(NOT_CHECKABLE, n=whole.n, reasons=undefined), found, futures=futures.told)
    laws = _laws(rule, number, found, futures, whole.word)
    splits = _splits(rule, number, found, futures, whole.word)
    top = splits[:TOP]
    moving = [split.parameter for split in top] or _moving(found, futures)
    weak = [name for name in moving if case.parameter(name).grade == "D"]
    reasons: list[str] = []
    if laws:
        told = "; ".join(f"{structure} = {law}: {word}" for structure, law, word in laws)
        reasons.append(f"it changes with a rival law ({told})")
    if claim.kind == "conditional_chance" and claim.outcome is not None:
        anchored = [name for name in claim.outcome.ids if describe(case, name).label == "input"]
        if anchored:
            reasons.append(f"the level of {anchored[0]} rests on the declared prior, an input")
    if not _clear(rule, whole):
        reasons.append("the share is within a tenth of its threshold")
    if weak:
        reasons.append(f"what moves it most is guessed: {', '.join(weak)} (grade D)")
    confidence = LOW if laws else MODERATE if reasons else HIGH
    verdict = Verdict(
        whole.word,
        confidence,
        whole.share,
        whole.supported,
        whole.contradicted,
        whole.n,
        _flips(splits, laws, whole.word),
        (*(claim.outcome.ids if claim.outcome is not None else (claim.path,)), *(s.parameter for s in top)),
        tuple(reasons),
    )
    return Modelled(verdict, found, tuple(top), tuple(laws), futures.told)


# ---- values ---------------------------------------------------------------------------------------------------


def _of(claim: Claim, futures: Futures, policy: str) -> Floats | str:
    assert claim.outcome is not None
    missing = [name for name in claim.outcome.ids if not futures.has(name)]
    if missing:
        return f"the run holds no outcome {', '.join(missing)}"

    def resolve(name: str, _: At) -> Amount:
        return Amount(futures.of(policy, name))

    with np.errstate(divide="ignore", invalid="ignore"):
        value = claim.outcome.value(resolve).value
    return np.where(np.isfinite(value), value, np.nan)


def _counterfactual(claim: Claim, futures: SmallEnsemble, present: str) -> Floats | str:
    changed = setting_name(claim)
    if claim.path:
        if not futures.has_series(claim.path):
            return f"no series {claim.path} was kept"
        after = futures.mean_of(changed, claim.path, claim.period)
        before = futures.mean_of(present, claim.path, claim.period)
    else:
        found, base = _of(claim, futures, changed), _of(claim, futures, present)
        if isinstance(found, str) or isinstance(base, str):
            return str(found)
        after, before = found, base
    if claim.measure == "difference":
        return after - before
    with np.errstate(divide="ignore", invalid="ignore"):
        value = (after - before) / before
    return np.where(np.isfinite(value), value, np.nan)


def number_claimed(claim: Claim) -> float | None:
    """Return the number that a claim says, in its unit; None where it says none."""
    return _claimed(claim.claimed)


def _claimed(claimed: Claimed | None) -> float | None:
    if claimed is None or claimed.expression is None:
        return None
    return float(claimed.expression.value(lambda name, _: Amount(float("nan"))).value)


# ---- how sure ---------------------------------------------------------------------------------------------------


def _judged(rule: Rule, number: float | None, values: Floats) -> Judged:
    return judge(rule, number, values, np.ones(len(values)))


def _clear(rule: Rule, found: Judged) -> bool:
    """Whether every share that matters is a tenth away from its threshold, or cannot be further away."""

    def above(share: float, needed: float) -> bool:
        return share >= min(1.0, needed + CLEAR)

    if found.word == SUPPORTED:
        return above(found.supported, rule.supported.share)
    if found.word == CONTRADICTED:
        return above(found.contradicted, rule.contradicted.share)
    return found.supported <= rule.supported.share - CLEAR and found.contradicted <= rule.contradicted.share - CLEAR


def _laws(rule: Rule, number: float | None, values: Floats, futures: Futures, word: str) -> list[tuple[str, str, str]]:
    """Laws under which the verdict is another."""
    found: list[tuple[str, str, str]] = []
    for structure, options in futures.structures.items():
        codes = futures.drawn(structure)
        for place, option in enumerate(options):
            chosen = codes == place
            if int((chosen & ~np.isnan(values)).sum()) < LEAST:
                continue
            other = _judged(rule, number, values[chosen]).word
            if other != word:
                found.append((structure, option, other))
    return found


def _splits(rule: Rule, number: float | None, values: Floats, futures: Futures, word: str) -> list[Split]:
    """Parameters whose thirds differ in the share by more than chance, the widest first."""
    defined = np.flatnonzero(~np.isnan(values))[:_RANKED]
    third = len(defined) // 3
    if third < LEAST or not futures.parameters:
        return []
    values = values[defined]
    test = rule.contradicted if word == CONTRADICTED else rule.supported
    hit = inside(values, band_of(test, number)).astype(np.float64)
    overall = float(hit.mean())
    noise = _NOISE * float(np.sqrt(2 * max(overall * (1 - overall), 1 / len(hit)) / third))
    lowest, highest = _thirds(futures, defined)
    low, high = hit[lowest].mean(axis=1), hit[highest].mean(axis=1)
    gap = np.abs(high - low)
    found: list[Split] = []
    for row in np.argsort(-gap, kind="stable"):
        if gap[row] <= noise:
            break
        words = [_judged(rule, number, values[part[row]]).word for part in (lowest, highest)]
        found.append(Split(futures.parameters[int(row)], float(low[row]), float(high[row]), words[0], words[1]))
        if len(found) >= _MOST_SPLITS:
            break
    return found


_MOST_SPLITS: Final = 12


_KNOWN_THIRDS: WeakKeyDictionary[Futures, dict[bytes, tuple[_Places, _Places]]] = WeakKeyDictionary()
"""Most claims are defined in the same futures, and finding the thirds of all parameters takes longer than their use."""


def _thirds(futures: Futures, defined: _Places) -> tuple[_Places, _Places]:
    """Places among ``defined`` of the lowest and the highest third of every parameter's draws, one row each."""
    known = _KNOWN_THIRDS.setdefault(futures, {})
    name = defined.tobytes()
    if name not in known:
        third = len(defined) // 3
        draws = futures.draws(futures.parameters)[:, defined]
        order = np.argpartition(draws, (third, len(defined) - third), axis=1)
        known[name] = order[:, :third], order[:, len(defined) - third :]
    return known[name]


def _moving(values: Floats, futures: Futures) -> list[str]:
    """The parameters that move the values themselves most, where every future lies on one side of the rule."""
    defined = np.flatnonzero(~np.isnan(values))[:_RANKED]
    third = len(defined) // 3
    if third < LEAST or not futures.parameters:
        return []
    lowest, highest = _thirds(futures, defined)
    found = values[defined]
    gap = np.abs(found[highest].mean(axis=1) - found[lowest].mean(axis=1))
    return [futures.parameters[int(row)] for row in np.argsort(-gap, kind="stable")[:TOP] if gap[row] > 0]


def _flips(splits: Sequence[Split], laws: Sequence[tuple[str, str, str]], word: str) -> tuple[str, ...]:
    told: list[str] = [f"under the law {law} ({structure}) alone it would be {other}" for structure, law, other in laws]
    for split in splits:
        for end, share, other in (("lowest", split.low, split.low_word), ("highest", split.high, split.high_word)):
            if other != word:
                told.append(
                    f"in the third of futures with the {end} {split.parameter} it would be {other} ({share:.0%})"
                )
    if told:
        return tuple(told[:4])
    if splits:
        widest = splits[0]
        thirds = f"{widest.low:.0%} in its lowest third, {widest.high:.0%} in its highest"
        return (f"no third of any parameter flips it; {widest.parameter} moves the share most: {thirds}",)
    return ("no parameter moves the share by more than chance",)
