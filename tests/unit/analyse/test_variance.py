"""The split of variance between structures and parameters, against functions whose split is known in closed form."""

from collections.abc import Callable

import numpy as np
import pytest

from twofront.analyse import Sample
from twofront.analyse.structures import ALL, explained, share_error, structure_shares
from twofront.analyse.variance import variance_split
from twofront.case import Case

Made = Callable[..., Sample]


def known(made: Made, case: Case, rng: np.random.Generator, n: int, **weights: float) -> Sample:
    """Y = s·S + x·X1 + sx·S·X1 + q·(X2² − 1/3) + e·noise, S = ±1 with equal chance, X uniform on −1 to 1."""
    names = [p.name for p in case.parameters if p.uncertain][:6]
    x = rng.uniform(-1, 1, (len(names), n))
    s = rng.choice([-1.0, 1.0], n)
    other = rng.choice(["forward", "myopic"], n)
    y = weights.get("s", 0.0) * s + weights.get("x", 0.0) * x[0] + weights.get("sx", 0.0) * s * x[0]
    y = y + weights.get("q", 0.0) * (x[1] ** 2 - 1 / 3) + weights.get("e", 0.0) * rng.normal(size=n)
    contest = ["ratio" if value > 0 else "difference" for value in s]
    return made(
        {"y": {"present_course": list(y)}},
        inputs={name: list(row) for name, row in zip(names, x, strict=True)},
        structures={"contest": contest, "waiting": list(other)},
    )


def variances(**weights: float) -> tuple[float, float, float, float]:
    """Variance owed to the structure alone, to parameters alone, to both together, and to noise."""
    s, x, sx, q, e = (weights.get(name, 0.0) for name in ("s", "x", "sx", "q", "e"))
    return s**2, x**2 / 3 + q**2 * (1 / 5 - 1 / 9), sx**2 / 3, e**2


@pytest.mark.parametrize(
    "weights",
    [
        {"s": 1.0, "x": 1.0},
        {"s": 0.3, "x": 2.0, "q": 2.0},
        {"x": 1.0, "sx": 1.0},
        {"s": 0.5, "x": 1.0, "sx": 1.0, "q": 1.0, "e": 0.5},
    ],
)
def test_the_split_of_a_known_function(
    made: Made, case: Case, rng: np.random.Generator, weights: dict[str, float]
) -> None:
    alone, parameters, together, noise = variances(**weights)
    whole = alone + parameters + together + noise
    sample = known(made, case, rng, 4000, **weights)
    first = {item.structure: item for item in structure_shares(sample, "y")}
    found = variance_split(sample, "y")
    # Held-out fits hold all these terms, so the bounds are tight: three standard errors and 1.5% for fitting.
    assert first["contest"].share == pytest.approx(alone / whole, abs=3 * first["contest"].error + 0.002)
    for share, expected in (
        (found.parameters, parameters / whole),
        (found.everything, (alone + parameters + together) / whole),
        (found.structures["contest"], (alone + together) / whole),
        (found.structures[ALL], (alone + together) / whole),
        (found.structures["waiting"], 0.0),
    ):
        assert share.share == pytest.approx(expected, abs=3 * share.error + 0.015)
    assert found.structures["contest"].low <= found.total_at_most + 0.02


def test_without_interaction_first_order_and_total_agree(made: Made, case: Case, rng: np.random.Generator) -> None:
    sample = known(made, case, rng, 4000, s=1.0, x=1.0)
    first = {item.structure: item.share for item in structure_shares(sample, "y")}["contest"]
    assert variance_split(sample, "y").structures["contest"].share == pytest.approx(first, abs=0.02)


def test_a_structure_that_only_turns_a_parameter_round_has_a_total_and_no_first_order(
    made: Made, case: Case, rng: np.random.Generator
) -> None:
    sample = known(made, case, rng, 4000, sx=1.0)
    assert {item.structure: item.share for item in structure_shares(sample, "y")}["contest"] < 0.01
    assert variance_split(sample, "y").structures["contest"].share > 0.95


def test_what_a_fit_has_no_terms_for_is_missed_and_never_invented(
    made: Made, case: Case, rng: np.random.Generator
) -> None:
    names = [p.name for p in case.parameters if p.uncertain][:2]
    n = 3000
    x = rng.uniform(-1, 1, (2, n))
    contest = rng.choice(["ratio", "difference"], n)
    y = np.sign(x[0] * x[1]) * np.where(contest == "ratio", 1.0, -1.0)
    sample = made(
        {"y": {"present_course": list(y)}},
        inputs={name: list(row) for name, row in zip(names, x, strict=True)},
        structures={"contest": list(contest), "waiting": list(rng.choice(["forward", "myopic"], n))},
    )
    found = variance_split(sample, "y")
    assert found.structures["contest"].share < 0.02
    assert found.total_at_most > 0.98


def test_noise_is_owed_to_nothing(made: Made, case: Case, rng: np.random.Generator) -> None:
    found = variance_split(known(made, case, rng, 2000, e=1.0), "y")
    assert abs(found.parameters.share) < 0.05
    assert abs(found.structures[ALL].share) < 0.02


def test_small_samples_get_small_fits(made: Made, case: Case, rng: np.random.Generator) -> None:
    found = variance_split(known(made, case, rng, 150, s=1.0, x=1.0), "y")
    assert found.structures["contest"].share == pytest.approx(0.75, abs=0.2)
    with pytest.raises(ValueError, match="too few"):
        variance_split(known(made, case, rng, 60, s=1.0, x=1.0), "y")


def test_the_interval_of_a_first_order_share_holds_the_truth_as_often_as_it_says() -> None:
    # Y = S + noise of variance 3: a quarter. 95% of 600 samples, less three standard errors of that count (2.7%).
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(600):
        codes = rng.integers(0, 2, 400)
        values = np.where(codes == 0, -1.0, 1.0) + np.sqrt(3.0) * rng.normal(size=400)
        share, error = explained(values, codes), share_error(values, codes)
        held += abs(share - 0.25) <= 1.96 * error
    assert held / 600 > 0.95 - 0.027


def test_shares_carry_their_interval(made: Made, case: Case, rng: np.random.Generator) -> None:
    (contest, *_) = structure_shares(known(made, case, rng, 1000, s=1.0, x=1.0), "y")
    low, high = contest.interval
    assert 0 < low < contest.share < high < 1


def test_the_gain_of_a_known_case_does_not_hang_on_the_order_of_futures(
    made: Made, case: Case, rng: np.random.Generator
) -> None:
    samples = [known(made, case, np.random.default_rng(seed), 4000, s=1.0, x=1.0, sx=1.0) for seed in (1, 2, 3)]
    shares = [variance_split(sample, "y").structures["contest"].share for sample in samples]
    assert max(shares) - min(shares) < 0.05


def test_combinations_with_few_futures_are_not_compared(made: Made, case: Case, rng: np.random.Generator) -> None:
    # Four combinations: 100 futures are too few to compare them, and the sum of single shares stands in.
    few, many = (known(made, case, rng, n, s=1.0, x=1.0) for n in (100, 400))
    single = {item.structure: item for item in structure_shares(few, "y")}
    alone = single["contest"].share + single["waiting"].share
    assert single[ALL].share == pytest.approx(min(1.0, alone))
    whole = {item.structure: item for item in structure_shares(many, "y")}
    codes = many.structure("contest") * 2 + many.structure("waiting")
    assert whole[ALL].share == pytest.approx(explained(many.of("present_course", "y"), codes))
