"""The language of conditions: what it means, and how it refuses."""

import numpy as np
import pytest

from twofront.analyse.condition import condition
from twofront.analyse.study import Study
from twofront.faults import UserError

HARM = [0.1, 0.2, 0.3, 0.4, float("nan"), 0.6]


@pytest.fixture
def study() -> Study:
    """Six futures under two policies; one outcome is undefined in the fifth."""
    cost = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    return Study.of_arrays(
        {"x": cost},
        {
            "harm": {"now": HARM, "later": [0.1, 0.1, 0.4, 0.5, 0.5, 0.1]},
            "cost.by.ally": {"now": cost, "later": [2 * value for value in cost]},
        },
    )


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("harm > 0.3", [3, 5]),
        ("harm >= 0.3", [2, 3, 5]),
        ("0.1 < harm < 0.4", [1, 2]),
        ("harm < 0.2 or cost.by.ally > 5.5", [0, 5]),
        ("harm > 0.15 and not cost.by.ally == 4", [1, 2, 5]),
        ("harm * 10 - cost.by.ally / 2 > 1.6", [3, 5]),
        ("-harm > -0.15", [0]),
        ("top(harm, 0.2)", [5]),
        ("bottom(harm, 0.4)", [0, 1]),
        ("abs(harm - 0.3) < 0.05", [2]),
        ("max(harm, cost.by.ally - 3.7) > 0.5", [5]),
        ("min(harm, 0.25) > 0.22", [2, 3, 5]),
        ("of(later, harm) > harm + 0.05", [2, 3]),
    ],
)
def test_conditions_mean_what_they_say(study: Study, text: str, met: list[int]) -> None:
    found = condition(text).of(study)
    if "harm" in text:
        # The fifth future has no harm to speak of: it neither meets the condition nor fails it.
        assert found.undefined == 1
        assert not found.met[4]
    assert np.flatnonzero(found.met).tolist() == met
    assert found.hits == len(met)


def test_a_change_is_against_the_present_course(study: Study) -> None:
    found = condition("change(harm) > 0.05").of(study, "later")
    assert np.flatnonzero(found.met).tolist() == [2, 3]
    assert found.n == 5
    with pytest.raises(UserError, match=r"a change against now, so it needs another policy .* there are later"):
        condition("change(harm) > 0.05").of(study)


def test_the_edge_of_a_share_is_told(study: Study) -> None:
    assert condition("top(cost.by.ally, 0.5)").of(study).thresholds == {"top(cost.by.ally, 0.5)": 3.5}
    assert condition("of(later, cost.by.ally) > 3").outcomes == ("cost.by.ally",)


def test_division_by_nothing_is_undefined_in_a_future_and_refused_as_a_number() -> None:
    study = Study.of_arrays({"x": [1.0] * 3}, {"a": [1.0, 2.0, 3.0], "b": [0.0, 1.0, 4.0]})
    found = condition("a / b > 1").of(study)
    assert (found.met.tolist(), found.defined.tolist()) == ([False, True, False], [False, True, True])
    with pytest.raises(UserError, match="divides by zero"):
        condition("a / 0 > 1").of(study)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("harn > 0.3", "no outcome `harn`; did you mean `harm`?"),
        ("of(latter, harm) > 0.3", "no policy `latter`; did you mean `later`?"),
        ("tops(harm, 0.1)", "no function `tops` of this form; did you mean `top`?"),
        ("harm > 2", "no future meets `harm > 2` (5 futures; harm goes from 0.1 to 0.6)"),
        ("harm > 0", "every future meets `harm > 0`"),
        ("harm", "is a number, not a condition"),
        ("harm and 1", "is a number where a condition is needed"),
        ("(harm > 1) + 1 > 1", "is a condition where a number is needed"),
        ("top(harm)", "is written `top(outcome, 0.1)`"),
        ("top(harm, 2)", "with a share between 0 and 1"),
        ("1 > 2", "reads no outcome"),
        ("harm >", "not a condition; allowed: outcomes, numbers"),
        ("import os", "not a condition"),
        ("__import__('os').system('true') > harm", "no function"),
        ("harm.__class__ > 1", "no outcome `harm.__class__`"),
        ("[harm for harm in (1, 2)]", "is not understood here"),
        ("lambda: harm", "is not understood here"),
        ("harm in (1, 2)", "is not a comparison of numbers"),
        ("harm > '1'", "is not understood here"),
        ("harm ** 2 > 1", "is not understood here"),
    ],
)
def test_what_is_not_a_condition_is_refused(study: Study, text: str, said: str) -> None:
    with pytest.raises(UserError) as caught:
        condition(text).of(study)
    assert said in str(caught.value)


def test_an_outcome_that_is_never_defined_is_refused() -> None:
    study = Study.of_arrays({"x": [1.0, 2.0]}, {"y": [float("nan")] * 2})
    with pytest.raises(UserError, match="means nothing in any future"):
        condition("y > 1").of(study)
