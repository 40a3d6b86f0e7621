"""What would turn a claim's verdict, or the order of two policies: the question put to the futures of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from twofront.analyse.codes import encode
from twofront.analyse.flip import FUTURES, Asked, Flips, Of, Told, flips_of, ranking
from twofront.analyse.outcomes import CHANCE
from twofront.analyse.sample import Floats
from twofront.analyse.study import STRUCTURE, Study
from twofront.analyse.weighted import mean
from twofront.analyse.weights import Belief
from twofront.audit.futures import SmallEnsemble, setting_name
from twofront.audit.modelled import number_claimed, values_of
from twofront.audit.verdict import CONTRADICTED, MIXED, NOT_CHECKABLE, SUPPORTED, inside, judge
from twofront.case.claim import MODEL_KINDS, Claim, Rule
from twofront.case.claim_rules import band_of
from twofront.faults import UserError, listed, nearest

if TYPE_CHECKING:
    from twofront.ensemble import Run

__all__ = ["OUTCOME", "flip", "verdict_asked"]

OUTCOME = "any_war_chance"
"""In which policies are ranked unless something else is asked."""
BESIDE = 4000
"""Futures that a counterfactual is evaluated in: the first ones of the run's seed, however many the run holds."""
CHANGE = "what the levers change"
UNCONFIRMED = "no policy of the run has the levers of a counterfactual, and shifted futures are evaluated by policy"


def flip(
    run: Run | Study | str | Path,
    outcome: str | None = None,
    *,
    policies: Sequence[str] = (),
    more: bool = False,
    claims: Sequence[str] = (),
    priors: Sequence[Belief | str] = (),
    futures: int = FUTURES,
    told: Told | None = None,
) -> list[Flips]:
    """Find the nearest assumption changes that turn round an answer of a run.

    The ranking of the best two policies (or the best two of `policies`) in `outcome`, of which less is better unless
    `more`; or the verdicts on `claims`, by their ids. The ranking is left out where only claims are asked for.
    `priors`: other beliefs to weigh futures by. `futures`: on which the model confirms; 0 for not at all. Raises
    `UserError` for names that do not exist, or too few futures.
    """
    study = Study.of(run)
    say = told or (lambda *_: None)
    asked: list[tuple[Study, Asked]] = []
    if outcome is not None or policies or not claims:
        chosen = outcome or (OUTCOME if OUTCOME in study.outcome_names else study.outcome_names[0])
        asked.append((study, ranking(study, chosen, policies, more=more)))
    for claim in _claims(study, claims):
        if claim.kind == "counterfactual":
            say(f"evaluating claim {claim.id}", 0.0)
            asked.append(_beside(study, claim))
        else:
            asked.append((study, verdict_asked(study, claim)))
    codes = encode(study) if any(of is study for of, _ in asked) else None
    return [
        flips_of(
            of,
            item,
            priors=priors,
            futures=futures,
            codes=codes if of is study else None,
            told=lambda what, share, at=place: say(what, (at + share) / len(asked)),
        )
        for place, (of, item) in enumerate(asked)
    ]


def _beside(study: Study, claim: Claim) -> tuple[Study, Asked]:
    """A counterfactual's question, and futures that can answer it: drawn as the run's, evaluated with and without its
    levers, which no policy of the run has."""
    run, case = study.run, study.case
    if run is None or case is None:
        raise UserError(f"{study.label}: it has no case, so no claims")
    made = SmallEnsemble(
        case,
        BESIDE,
        seed=run.seed,
        settings={setting_name(claim): claim.settings},
        series=bool(claim.path),
        fixed=run.manifest.get("fixed"),
        drawn_from=run.manifest.get("fixed_structures"),
    )
    values = values_of(claim, made)
    if isinstance(values, str):
        raise UserError(f"claim {claim.id} cannot be judged: {values}")
    numbers = [factor.name for factor in study.factors if not factor.is_choice]
    columns: dict[str, npt.NDArray[Any]] = dict(zip(numbers, made.draws(numbers), strict=True))
    for factor in study.factors:
        if factor.is_choice:
            columns[factor.name] = made.drawn(factor.name.removeprefix(STRUCTURE)).astype(np.uint8)
    label = f"{made.n:,} futures drawn as in {study.label}, evaluated with and without the levers of claim {claim.id}"
    beside = Study.of_arrays(columns, {CHANGE: values}, factors=study.factors, label=label)
    question = _verdict(claim, values, (beside.present,), lambda of: of(beside.present, CHANGE))
    return beside, replace(question, unconfirmed=UNCONFIRMED)


def _claims(study: Study, ids: Sequence[str]) -> list[Claim]:
    if not ids:
        return []
    if study.case is None:
        raise UserError(f"{study.label}: it has no case, so no claims")
    known = {claim.id: claim for claim in study.case.claims if claim.kind in MODEL_KINDS}
    found: list[Claim] = []
    for id_ in ids:
        if id_ not in known:
            other = next((claim for claim in study.case.claims if claim.id == id_), None)
            if other is not None:
                raise UserError(
                    f"claim {id_} is judged by public figures, not by futures; "
                    f"`twofront claims {study.case.name}` says what would flip it"
                )
            near = nearest(id_, known)
            hint = f"did you mean {near}?" if near else f"there are {listed(known, most=40)}"
            raise UserError(f"{study.case.name} has no claim {id_} about the model; {hint}")
        found.append(known[id_])
    return found


def verdict_asked(study: Study, claim: Claim) -> Asked:
    """The question whether a claim's verdict stands, as a lead: how far its share is from the threshold.

    From a supported or contradicted claim, the distance to losing that word; from a mixed one, the distance to the
    word that is nearer. Raises `UserError` for a claim that the run cannot judge.
    """
    if claim.rule is None:
        raise UserError(f"claim {claim.id} has no rule")
    values = values_of(claim, _Outcomes(study, None))
    if isinstance(values, str):
        raise UserError(f"claim {claim.id} cannot be judged by {study.label}: {values}")

    def values_by(of: Of) -> Floats:
        again = values_of(claim, _Outcomes(study, of))
        assert not isinstance(again, str)
        return again

    policies = tuple(dict.fromkeys((study.present, claim.policy or study.present)))
    return _verdict(claim, values, policies, values_by)


def _verdict(claim: Claim, values: Floats, policies: tuple[str, ...], values_by: Callable[[Of], Floats]) -> Asked:
    """The question whether a claim's verdict stands; `values`: what it is judged by, one a future, and `values_by` the
    same of futures evaluated anew."""
    rule, number = claim.rule, number_claimed(claim)
    if rule is None:
        raise UserError(f"claim {claim.id} has no rule")
    found = judge(rule, number, values, np.ones(len(values)))
    if found.word == NOT_CHECKABLE:
        raise UserError(f"claim {claim.id}: its outcome is undefined in every future")
    word, sign = _sought(rule, found.word, found.supported, found.contradicted)
    test = rule.supported if word == SUPPORTED else rule.contradicted
    band = band_of(test, number)

    def lead(of: Of) -> Floats:
        again = values_by(of)
        hit = inside(again, band).astype(np.float64)
        return np.where(np.isnan(again), np.nan, sign * (hit - test.share))

    def then(of: Of) -> str:
        again = values_by(of)
        return judge(rule, number, again, np.ones(len(again))).word

    share = mean(inside(values[~np.isnan(values)], band).astype(np.float64))
    if found.word == MIXED:
        words = f"claim {claim.id} is mixed: {share:.0%} of futures speak for `{word}`, which needs {test.share:.0%}"
        turned = f"claim {claim.id} is {word}"
    else:
        words = f"claim {claim.id} is {word}: {share:.0%} of futures speak for it, and {test.share:.0%} are needed"
        turned = f"claim {claim.id} is no longer {word}"
    return Asked(f"verdict on {claim.id}", words, turned, CHANCE, policies, lead, then)


def _sought(rule: Rule, word: str, supported: float, contradicted: float) -> tuple[str, float]:
    """Which test decides, and whether its share is to fall (1) or to rise (−1)."""
    if word in (SUPPORTED, CONTRADICTED):
        return word, 1.0
    nearer = rule.supported.share - supported <= rule.contradicted.share - contradicted
    return (SUPPORTED if nearer else CONTRADICTED), -1.0


class _Outcomes:
    """Outcomes of a study, or of the same futures evaluated anew (`other`), as a claim asks for them."""

    told = ""

    def __init__(self, study: Study, other: Of | None) -> None:
        self.study = study
        self.other = other

    @property
    def n(self) -> int:
        """Number of futures."""
        return self.study.n

    @property
    def policies(self) -> Sequence[str]:
        """Those of the run."""
        return self.study.policies

    def has(self, name: str) -> bool:
        """Whether the run holds it."""
        return name in self.study.outcome_names

    def of(self, policy: str, name: str) -> Floats:
        """An outcome under a policy."""
        return self.study.outcome(name, policy) if self.other is None else self.other(policy, name)

    @property
    def structures(self) -> Mapping[str, Sequence[str]]:
        """Laws are not asked for here."""
        return {}

    def drawn(self, structure: str) -> npt.NDArray[np.int64]:
        """Laws are not asked for here."""
        raise KeyError(structure)

    @property
    def parameters(self) -> Sequence[str]:
        """Draws are not asked for here."""
        return ()

    def draws(self, names: Sequence[str]) -> Floats:
        """Draws are not asked for here."""
        raise KeyError(names)
