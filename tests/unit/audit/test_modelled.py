"""Claims about the model, on futures that a test wrote down and on a small ensemble of the invented case."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from twofront.audit.cards import audit_of, claims
from twofront.audit.futures import SmallEnsemble, setting_name
from twofront.audit.modelled import modelled, values_of
from twofront.case import Case, Claim
from twofront.case.claim import Rule, Test
from twofront.figures import parse

Band = Callable[..., Test]
Written = Callable[..., Claim]
PARAMETER = "campaign_m"


class Futures:
    """What claims ask of futures, with numbers that a test wrote down."""

    told = "futures of a test"

    def __init__(
        self,
        outcomes: Mapping[str, Mapping[str, Any]],
        laws: Mapping[str, Sequence[int]] | None = None,
        inputs: Mapping[str, Sequence[float]] | None = None,
    ) -> None:
        self._outcomes = {name: {p: np.array(v, float) for p, v in each.items()} for name, each in outcomes.items()}
        first = next(iter(self._outcomes.values()))
        self.policies: Sequence[str] = tuple(first)
        self.n = len(next(iter(first.values())))
        self.structures: Mapping[str, Sequence[str]] = dict.fromkeys(laws or {}, ("one", "other"))
        self._laws = {name: np.array(codes) for name, codes in (laws or {}).items()}
        self.parameters: Sequence[str] = tuple(inputs or ())
        self._inputs = inputs or {}

    def has(self, name: str) -> bool:
        return name in self._outcomes

    def of(self, policy: str, name: str) -> Any:
        return self._outcomes[name][policy]

    def drawn(self, structure: str) -> Any:
        return self._laws[structure]

    def draws(self, names: Sequence[str]) -> Any:
        return np.array([self._inputs[name] for name in names], float)


def chance(
    claim: Written, supported: Test, contradicted: Test, outcome: str = "diversion_chance", **more: Any
) -> Claim:
    written = claim(kind=more.pop("kind", "conditional_chance"), claimed=more.pop("claimed", None), **more)
    return replace(written, outcome=parse(outcome), rule=Rule(supported, contradicted))


def of_present(values: Any, **more: Any) -> Futures:
    return Futures({"diversion_chance": {"present_course": values}}, **more)


@pytest.mark.parametrize(
    ("above", "word"), [(50, "supported"), (49, "mixed"), (11, "mixed"), (10, "contradicted"), (0, "contradicted")]
)
def test_a_conditional_chance_at_its_edges(above: int, word: str, invented: Case, claim: Written, band: Band) -> None:
    """Of 100 futures so many lie above one half: supported from 50, contradicted from 90 at or below."""
    written = chance(claim, band(0.5, above="0.5"), band(0.9, at_most="0.5"))
    found = modelled(invented, written, of_present([0.51] * above + [0.5] * (100 - above)))
    assert found.verdict.word == word
    assert found.verdict.n == 100


@pytest.mark.parametrize(("falls", "word"), [(90, "supported"), (89, "mixed"), (50, "mixed"), (49, "contradicted")])
def test_the_effect_of_a_policy_is_paired(falls: int, word: str, invented: Case, claim: Written, band: Band) -> None:
    before = np.linspace(0.1, 0.9, 100)
    after = before + np.where(np.arange(100) < falls, -0.01, 0.01)
    futures = Futures({"diversion_chance": {"present_course": before, "build_up": after}})
    written = chance(claim, band(0.9, below="0"), band(0.51, above="0"), kind="policy_effect", policy="build_up")
    found = modelled(invented, written, futures)
    assert found.verdict.word == word
    assert np.allclose(np.abs(found.values), 0.01)


def test_an_expression_over_outcomes_is_taken_future_by_future(invented: Case, claim: Written, band: Band) -> None:
    futures = Futures(
        {
            "diversion_chance": {"present_course": [0.2, 0.4, 0.0]},
            "double_war_chance": {"present_course": [0.1, 0.1, 0.0]},
        }
    )
    written = chance(claim, band(0.6, above="0.3"), band(0.6, at_most="0.3"), "double_war_chance / diversion_chance")
    values = values_of(written, futures)
    assert np.allclose(values, [0.5, 0.25, np.nan], equal_nan=True)
    assert modelled(invented, written, futures).verdict.n == 2


def test_what_the_futures_lack_is_said(invented: Case, claim: Written, band: Band) -> None:
    rule = band(0.5, above="0.5"), band(0.9, at_most="0.5")
    futures = of_present([0.1] * 40)
    effect = chance(claim, band(0.9, below="0"), band(0.5, above="0"), kind="policy_effect", policy="forward")
    assert modelled(invented, effect, futures).verdict.reasons == ("the run holds no policy forward",)
    other = chance(claim, *rule, "call_chance")
    assert modelled(invented, other, futures).verdict.reasons == ("the run holds no outcome call_chance",)
    assert modelled(invented, other, None).verdict.word == "needs a run"
    assert modelled(invented, chance(claim, *rule), of_present([np.nan] * 40)).verdict.word == "not checkable"


def test_a_law_that_changes_it_makes_it_low(invented: Case, claim: Written, band: Band) -> None:
    written = chance(claim, band(0.5, above="0.5"), band(0.9, at_most="0.5"))
    values, codes = [0.6] * 60 + [0.1] * 40, [0] * 60 + [1] * 40
    found = modelled(invented, written, of_present(values, laws={"contest": codes})).verdict
    assert (found.word, found.confidence) == ("supported", "low")
    assert found.flips_if == ("under the law other (contest) alone it would be contradicted",)
    same = modelled(invented, written, of_present(values, laws={"contest": [0, 1] * 50})).verdict
    assert same.confidence == "high"
    few = modelled(invented, written, of_present(values, laws={"contest": [0] * 71 + [1] * 29})).verdict
    assert few.confidence == "high", "a law that few futures drew is not asked"


@pytest.mark.parametrize(("above", "confidence"), [(60, "high"), (59, "moderate"), (50, "moderate"), (100, "high")])
def test_a_share_must_be_clear_of_its_threshold(
    above: int, confidence: str, invented: Case, claim: Written, band: Band
) -> None:
    written = chance(claim, band(0.5, above="0.5"), band(0.9, at_most="0.5"))
    found = modelled(invented, written, of_present([0.6] * above + [0.1] * (100 - above))).verdict
    assert (found.word, found.confidence) == ("supported", confidence)


def test_all_futures_are_clear_of_any_threshold(invented: Case, claim: Written, band: Band) -> None:
    written = chance(claim, band(0.5, above="0.5"), band(0.95, at_most="0.5"))
    assert modelled(invented, written, of_present([0.1] * 100)).verdict.confidence == "high"
    assert modelled(invented, written, of_present([0.1] * 97 + [0.6] * 3)).verdict.confidence == "moderate"


def test_the_parameter_that_moves_it_is_named_and_its_grade_counts(invented: Case, claim: Written, band: Band) -> None:
    """The chance is high where the parameter is; in its lowest third nothing is above one half."""
    written = chance(claim, band(0.5, above="0.5"), band(0.9, at_most="0.5"))
    drawn = np.linspace(0, 1, 300)
    values = np.where(drawn > 0.35, 0.6, 0.1)
    futures = of_present(values, inputs={PARAMETER: drawn})
    guessed = modelled(_graded(invented, "D"), written, futures)
    assert guessed.verdict.word == "supported"
    assert guessed.verdict.confidence == "moderate"
    assert guessed.verdict.flips_if == (
        f"in the third of futures with the lowest {PARAMETER} it would be contradicted (0%)",
    )
    assert guessed.verdict.rests_on == ("diversion_chance", PARAMETER)
    assert f"what moves it most is guessed: {PARAMETER} (grade D)" in guessed.verdict.reasons
    assert modelled(_graded(invented, "B"), written, futures).verdict.confidence == "high"


def test_a_guess_counts_even_where_every_future_agrees(invented: Case, claim: Written, band: Band) -> None:
    written = chance(claim, band(0.5, above="0.5"), band(0.9, at_most="0.5"))
    drawn = np.linspace(0, 1, 300)
    futures = of_present(0.1 + 0.1 * drawn, inputs={PARAMETER: drawn})
    assert modelled(_graded(invented, "D"), written, futures).verdict.confidence == "moderate"
    assert modelled(_graded(invented, "A"), written, futures).verdict.confidence == "high"


def test_chance_alone_moves_nothing(invented: Case, claim: Written, band: Band) -> None:
    rng = np.random.default_rng(7)
    values = np.where(rng.random(900) < 0.7, 0.6, 0.1)
    futures = of_present(values, inputs={PARAMETER: rng.random(900)})
    written = chance(claim, band(0.5, above="0.5"), band(0.9, at_most="0.5"))
    found = modelled(_graded(invented, "B"), written, futures)
    assert found.splits == ()
    assert found.verdict.flips_if == ("no parameter moves the share by more than chance",)


def _graded(case: Case, grade: str) -> Case:
    parameters = tuple(replace(p, grade=grade) if p.name == PARAMETER else p for p in case.parameters)
    return replace(case, parameters=parameters)


# ---- a small ensemble -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(invented: Case) -> SmallEnsemble:
    settings = {"claim:NONE": {}, "claim:PLAN": {"munitions_plan": 2.0, "core_floor": 0.035}}
    return SmallEnsemble(invented, 250, seed=5, policies=("build_up",), settings=settings, series=True)


def test_a_setting_is_evaluated_on_the_same_draws(small: SmallEnsemble) -> None:
    """The levers of `build_up`, set by hand, give its numbers to the bit; none set, those of the present course."""
    for name in ("diversion_chance", "second_front_chance.fixed", "policy_cost"):
        assert np.array_equal(small.of("claim:PLAN", name), small.of("build_up", name), equal_nan=True)
        assert np.array_equal(small.of("claim:NONE", name), small.of("present_course", name), equal_nan=True)
    assert not np.array_equal(small.of("build_up", "policy_cost"), small.of("present_course", "policy_cost"))


def test_it_gives_the_numbers_of_a_run(small: SmallEnsemble, tmp_path_factory: pytest.TempPathFactory) -> None:
    from twofront.analyse.sample import Sample
    from twofront.ensemble import run

    made = Sample(run("two-straits", 250, ["build_up"], seed=5, out=tmp_path_factory.mktemp("runs") / "same"))
    assert made.n == small.n
    for policy in ("present_course", "build_up"):
        assert np.array_equal(made.of(policy, "diversion_chance"), small.of(policy, "diversion_chance"))
    assert np.array_equal(made.parameter(PARAMETER), small.draws([PARAMETER])[0])


def test_a_series_is_averaged_over_its_period(small: SmallEnsemble) -> None:
    whole = small.mean_of("present_course", "stock.interceptor.auria", "")
    late = small.mean_of("present_course", "stock.interceptor.auria", "2036/2037")
    assert whole.shape == late.shape == (small.n,)
    assert not np.allclose(whole, late)
    assert np.isnan(small.mean_of("present_course", "stock.interceptor.auria", "2050")).all()


def test_a_counterfactual_in_difference_and_in_parts(
    invented: Case, small: SmallEnsemble, claim: Written, band: Band
) -> None:
    written = replace(
        claim(kind="counterfactual", claimed=None),
        id="PLAN",
        path="stock.interceptor.auria",
        settings={"munitions_plan": 2.0, "core_floor": 0.035},
        rule=Rule(band(0.5, above="0"), band(0.9, at_most="0")),
    )
    assert setting_name(written) in small.policies
    difference = values_of(written, small)
    parts = values_of(replace(written, measure="relative"), small)
    assert not isinstance(difference, str)
    assert not isinstance(parts, str)
    before = small.mean_of("present_course", "stock.interceptor.auria", "")
    assert np.allclose(parts * before, difference)
    assert modelled(invented, written, small).verdict.word == "supported"
    assert values_of(replace(written, id="OTHER"), small) == "no future was evaluated with these levers"


def test_the_same_seed_gives_the_same_audit(invented: Case) -> None:
    assert claims(invented, futures=60).to_json() == claims("two-straits", futures=60).to_json()
    assert claims(invented, futures=60).to_json() != claims(invented, futures=60, seed=2).to_json()


def test_nothing_is_made_where_no_claim_needs_it(invented: Case) -> None:
    from twofront.audit.asking import small_futures

    assert small_futures(invented, [], 100) == {}
    assert audit_of(invented).futures == ""
