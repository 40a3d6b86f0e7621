"""Orders of policies under rival laws, on made-up runs."""

from collections.abc import Callable

import numpy as np

from twofront.analyse import Sample, policy_orders

Made = Callable[..., Sample]


def run(made: Made, rng: np.random.Generator, under_ratio: float, under_difference: float, n: int = 600) -> Sample:
    """Three policies: `better` lies below the present course by a number that hangs on the law, `worse` above it."""
    ratio = np.arange(n) % 2 == 0
    base = rng.normal(size=n)
    shift = np.where(ratio, under_ratio, under_difference)
    outcomes = {
        "present_course": list(base),
        "better": list(base - shift + 0.1 * rng.normal(size=n)),
        "worse": list(base + 1 + 0.1 * rng.normal(size=n)),
    }
    laws = ["ratio" if value else "difference" for value in ratio]
    return made({"y": outcomes}, structures={"contest": laws, "waiting": ["forward", "myopic"] * (n // 2)})


def test_an_order_that_every_law_shares(made: Made, rng: np.random.Generator) -> None:
    (found,) = policy_orders(run(made, rng, 0.5, 0.2), ["y"])
    assert found.overall == ("better", "present_course", "worse")
    assert found.survives
    assert found.pairs == 3
    assert [(law.law, law.same, law.open, law.turned) for law in found.laws if law.structure == "contest"] == [
        ("ratio", 3, 0, 0),
        ("difference", 3, 0, 0),
    ]
    assert all(law.order == found.overall for law in found.laws)


def test_a_pair_that_a_law_turns_round_is_named(made: Made, rng: np.random.Generator) -> None:
    (found,) = policy_orders(run(made, rng, 0.8, -0.3), ["y"])
    assert found.overall[0] == "better"
    assert not found.survives
    (turned,) = [pair for pair in found.turned if pair.structure == "contest"]
    assert {turned.first, turned.second} == {"present_course", "better"}
    assert (turned.law, np.sign(turned.overall)) == ("difference", -np.sign(turned.under_law))
    (law,) = [law for law in found.laws if law.law == "difference"]
    assert law.order[0] == "present_course"
    assert (law.same, law.open, law.turned) == (2, 0, 1)


def test_what_the_sample_cannot_tell_is_open_and_not_turned(made: Made, rng: np.random.Generator) -> None:
    # Under one law the difference is nothing: whichever way its mean falls, the pair does not count as turned.
    (found,) = policy_orders(run(made, rng, 0.8, 0.0), ["y"])
    assert found.survives
    (law,) = [law for law in found.laws if law.law == "difference"]
    assert law.same + law.open == 3


def test_equal_policies_are_put_in_no_order(made: Made, rng: np.random.Generator) -> None:
    (found,) = policy_orders(run(made, rng, 0.0, 0.0), ["y"])
    assert found.pairs == 2
    assert found.survives


def test_futures_without_a_number_are_left_out(made: Made) -> None:
    nan = float("nan")
    outcomes = {"present_course": [1.0, 1.0, nan, 1.0, 1.0], "better": [0.0, 0.1, 0.0, 0.2, 0.1]}
    laws = ["ratio", "ratio", "ratio", "difference", "difference"]
    (found,) = policy_orders(made({"y": outcomes}, structures={"contest": laws, "waiting": ["forward"] * 5}), ["y"])
    assert found.n == 4
    assert [law.n for law in found.laws] == [2, 2]


def test_one_policy_or_one_law_has_no_order(made: Made) -> None:
    alone = {"y": {"present_course": [1.0, 2.0]}}
    structures = {"contest": ["ratio", "difference"], "waiting": ["forward", "forward"]}
    assert policy_orders(made(alone, structures=structures), ["y"]) == []
    two = {"y": {"present_course": [1.0, 2.0], "other": [2.0, 3.0]}}
    same = {"contest": ["ratio", "ratio"], "waiting": ["forward", "forward"]}
    assert policy_orders(made(two, structures=same), ["y"]) == []
