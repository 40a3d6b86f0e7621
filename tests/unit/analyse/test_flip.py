"""What turns an answer round, asked of real runs of the invented case, and confirmed with the model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from twofront.analyse.flip import flips_of, ranking
from twofront.analyse.resimulation import Resimulation
from twofront.analyse.study import Study
from twofront.analyse.tilting import Law, Shift
from twofront.audit import flips
from twofront.audit.flips import flip, verdict_asked
from twofront.case.claim import MODEL_KINDS, Rule, Test
from twofront.ensemble import Run, run
from twofront.faults import UserError
from twofront.figures import parse
from twofront.parameters.sampling import Sampler
from twofront.present.flipping import FILES, figure, kept, paragraphs, write

FUTURES = 1500
PAIR = ("build_up", "forward")
"""Two policies whose order hangs on what is assumed."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run("two-straits", FUTURES, seed=5, out=tmp_path_factory.mktemp("flip") / "run")


@pytest.fixture(scope="module")
def study(made: Run) -> Study:
    return Study.of(made)


def test_unchanged_futures_are_evaluated_as_they_were(made: Run, study: Study) -> None:
    model = Resimulation(made, made.policies[:2], 200)
    outcomes, kept_ = model.outcomes(())
    names = list(model.model.outcome_names)
    again = outcomes[1, names.index("any_war_chance")]
    assert kept_.all()
    assert np.array_equal(again, study.outcome("any_war_chance", made.policies[1])[:200])


def test_a_weighted_mean_is_what_the_model_gives_on_shifted_draws(made: Run, study: Study) -> None:
    """The tilt that the search weighs by and the shift that the model is evaluated with are one change: the weighted
    mean of the run and the mean of the model's own shifted futures agree within their errors."""
    from scipy.special import ndtri

    name = max(
        (factor.name for factor in study.factors if not factor.is_choice),
        key=lambda each: abs(np.corrcoef(study.values(each), study.outcome("any_war_chance"))[0, 1]),
    )
    by = 0.7
    ranks = (np.argsort(np.argsort(study.values(name))) + 0.5) / study.n
    weights = np.exp(by * ndtri(ranks))
    level = study.outcome("any_war_chance")
    weighted = float(np.dot(weights, level) / weights.sum())
    outcomes, usable = Resimulation(made, made.policies[:1], FUTURES).outcomes((Shift(name, by),))
    place = made.outcome_names.index("any_war_chance")
    again = outcomes[0, place][usable]
    error = 2 * float(level.std()) * np.sqrt(np.exp(by**2) / study.n)
    assert abs(float(again.mean()) - weighted) < 2 * error
    assert abs(float(again.mean()) - float(level.mean())) > 2 * error  # and the change is one that can be seen


def test_a_ranking_is_turned_and_confirmed(study: Study) -> None:
    found = flips_of(study, ranking(study, "any_war_chance", PAIR), futures=FUTURES)
    means = {policy: study.outcome("any_war_chance", policy).mean() for policy in PAIR}
    best, second = sorted(means, key=lambda policy: means[policy])
    assert found.asked.policies == (best, second)
    assert found.mean == pytest.approx(means[second] - means[best])
    assert found.n == FUTURES
    nearest = next(answer for answer in found.answers if answer.confirmation is not None)
    checked = nearest.confirmation
    assert checked is not None
    assert checked.unchanged.mean == pytest.approx(found.mean)
    assert checked.tried[0].mean < 0.6 * checked.unchanged.mean  # it moves the lead most of the way, or past zero
    assert any(answer.confirmation is not None and answer.confirmation.holds for answer in found.answers)
    distances = [answer.flip.distance for answer in found.of_size(1)]
    assert distances == sorted(distances)
    text = " ".join(paragraphs(found))
    assert f"n = {FUTURES:,}" in text
    assert "Evaluated again by the model" in text


def test_the_policies_may_be_named(study: Study) -> None:
    third, fourth = study.policies[1], study.policies[2]
    asked = ranking(study, "any_war_chance", [third, fourth])
    assert set(asked.policies) == {third, fourth}
    turned = ranking(study, "any_war_chance", [third, fourth], more=True)
    assert turned.policies == asked.policies[::-1]


def test_a_verdict_is_turned(made: Run, study: Study) -> None:
    claims = [claim for claim in made.case.claims if claim.kind in MODEL_KINDS and claim.kind != "counterfactual"]
    assert claims, "the invented case has claims about the model"
    asked = verdict_asked(study, claims[0])
    lead = asked.lead(lambda policy, name: study.outcome(name, policy))
    assert lead[~np.isnan(lead)].mean() > 0
    (found,) = flip(study, claims=[claims[0].id], futures=0)
    assert found.asked.name == f"verdict on {claims[0].id}"
    assert found.why_not == "no confirmation was asked for"
    assert "here it was not" in paragraphs(found)[-1]
    if found.one_sided:
        assert not found.answers
        assert "no weighting" in " ".join(paragraphs(found))


def test_a_counterfactual_is_evaluated_beside_the_run(made: Run, study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its lead is that of a claim which a policy with the same levers would be judged by."""
    wanted = next(claim for claim in made.case.claims if claim.kind in MODEL_KINDS and claim.rule is not None)
    claim = replace(
        wanted,
        id="PLAN",
        kind="counterfactual",
        outcome=parse("any_war_chance"),
        path=None,
        policy="",
        measure="difference",
        claimed=None,
        settings=dict(made.case.policy("build_up").levers),
        rule=Rule(Test(0.5, above=parse("0")), Test(0.5, at_most=parse("0"))),
    )
    monkeypatch.setattr(flips, "BESIDE", FUTURES)
    monkeypatch.setattr(flips, "_claims", lambda *_: [claim])
    (found,) = flip(study, claims=["PLAN"], futures=100)
    change = study.change("any_war_chance", "build_up")
    share = float((change > 0).mean())
    assert found.n == FUTURES
    assert found.mean == pytest.approx(max(share, 1 - share) - 0.5)
    assert found.asked.name == "verdict on PLAN"
    assert "no policy of the run has the levers" in found.why_not
    for answer in found.answers:
        for moved in answer.moved:
            assert isinstance(moved.change, Law) or moved.change.input in study.inputs


def test_other_beliefs_are_not_confirmed(study: Study) -> None:
    (found,) = flip(study, "any_war_chance", priors=["any_war_chance=mean:0.2"], futures=100)
    assert found.weights is not None
    assert "cannot be carried" in found.why_not
    assert all(answer.confirmation is None for answer in found.answers)


def test_files_and_what_the_report_takes_from_them(made: Run, study: Study, tmp_path: Path) -> None:
    found = flip(study, "any_war_chance", policies=PAIR, futures=0)
    paths = write(found, tmp_path)
    assert [path.name for path in paths] == list(FILES)
    assert pl.read_parquet(paths[0]).equals(found[0].frame())
    frame = kept(tmp_path, made.hash)
    assert frame is not None
    drawn = figure(frame, "ranking in any_war_chance")
    assert drawn is not None
    assert len(drawn.tables[0].rows) == len(found[0].answers)
    assert kept(tmp_path, "another run") is None
    paths[0].write_bytes(b"spoilt")
    assert kept(tmp_path, made.hash) is None
    assert kept(tmp_path / "none", made.hash) is None


def test_arrays_have_no_model_to_confirm_with() -> None:
    z = np.random.default_rng(1).normal(size=5000)
    arrays = Study.of_arrays({"z": z}, {"risk": {"a": 0 * z, "b": 0.5 - z}}, label="arrays")
    (found,) = flip(arrays, "risk")
    assert found.why_not == "there is no model behind these arrays"
    assert found.answers[0].flip.distance == pytest.approx(0.5 - z.mean(), rel=0.1)
    with pytest.raises(UserError, match="name a folder"):
        write([found])


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"outcome": "any_war_chanse"}, "did you mean `any_war_chance`"),
        ({"outcome": "any_war_chance", "policies": ["present_course"]}, "a ranking needs two policies"),
        ({"policies": ["present_cours", "x"]}, "did you mean `present_course`"),
        ({"claims": ["NONE9"]}, "has no claim NONE9 about the model"),
    ],
)
def test_bad_questions_are_told(study: Study, more: dict[str, object], words: str) -> None:
    with pytest.raises(UserError) as told:
        flip(study, futures=0, **more)  # pyright: ignore[reportArgumentType]
    assert words in str(told.value)


def test_too_few_futures_are_told() -> None:
    x = np.arange(500.0)
    with pytest.raises(UserError, match="needs at least 1,000 futures; there are 500"):
        flip(Study.of_arrays({"x": x}, {"risk": {"a": x, "b": x + 1}}), "risk")


def test_shifts_of_the_sampler(made: Run) -> None:
    """A shift moves normal scores by as much, correlated ones by their correlation, and nothing else by a bit."""
    from scipy.special import ndtri

    case = made.case
    plain = Sampler(case, 3)
    name = plain.parameter_names[plain.uncertain[0]]
    moved = Sampler(case, 3, shifts={name: 0.8})
    a, b = plain.draw(0, 20_000), moved.draw(0, 20_000)
    row = plain.uncertain[0]
    order = np.sort(a.values[row])
    score = ndtri(np.clip(np.searchsorted(order, b.values[row]) / len(order), 1e-4, 1 - 1e-4))
    assert float(score.mean()) == pytest.approx(0.8, abs=0.03)
    assert np.array_equal(a.structures, b.structures)
    joined = {other for group in plain.joined for other in group if name in group}
    for place, other in enumerate(plain.parameter_names):
        if other != name and other not in joined:
            assert np.array_equal(a.values[place], b.values[place])
    assert np.array_equal(Sampler(case, 3, shifts={}).draw(0, 50).values, plain.draw(0, 50).values)
    fixed = next(item.name for item in case.parameters if not item.uncertain)
    with pytest.raises(UserError, match="has no range"):
        Sampler(case, 3, shifts={fixed: 1.0})
    with pytest.raises(UserError, match="has no parameter"):
        Sampler(case, 3, shifts={"nothing": 1.0})


def test_a_held_law_is_drawn_in_every_future(made: Run) -> None:
    structure = next(name for name, options in made.structure_options.items() if len(options) > 1)
    law = made.structure_options[structure][0]
    model = Resimulation(made, made.policies[:1], 64)
    before, _ = model.outcomes(())
    after, _ = model.outcomes((Law(f"structure.{structure}", law, 0.5),))
    drawn = made.frame([f"structure.{structure}"])[f"structure.{structure}"].cast(pl.String).to_list()
    own = np.array(drawn[:: len(made.policies)][:64]) == law
    assert own.any()
    assert np.array_equal(before[0][:, own], after[0][:, own], equal_nan=True)


def test_inputs_that_another_version_would_draw_are_refused(made: Run) -> None:
    """Where the case is the same and the version draws other parameters from it."""
    for what in ("parameters", "structures"):
        held = made.manifest[what]
        first = next(iter(held))
        fewer = held[1:] if isinstance(held, list) else {name: held[name] for name in list(held)[1:]}
        other = Run(made.folder, {**made.manifest, what: fewer})
        with pytest.raises(UserError) as told:
            other.draws(0, 2)
        assert f"draws other {what}" in str(told.value)
        assert first in str(told.value)
