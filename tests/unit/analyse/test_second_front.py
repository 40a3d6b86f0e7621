"""The split by mechanism over the ensemble, and its identity."""

from collections.abc import Callable

import numpy as np
import pytest

from twofront.analyse import Sample, mechanisms
from twofront.analyse.second_front import decision_dates
from twofront.case import Case

Made = Callable[..., Sample]


def outcomes_of_cells(f: np.ndarray, a: np.ndarray, c: np.ndarray, b: np.ndarray, order: str) -> dict[str, object]:
    """What a run would hold of cells (future, date): the rows' own sums and weighted means."""

    def weighed(values: np.ndarray, weights: np.ndarray) -> list[float]:
        with np.errstate(invalid="ignore", divide="ignore"):
            return list((values * weights).sum(axis=1) / weights.sum(axis=1))

    opened, closed, alone, rest = weighed(a, f), weighed(c, f), weighed(b, f), weighed(b, 1 - f)
    rows = {
        "second_front_chance": opened,
        "second_front_alone": alone,
        "second_front_at_rest": rest,
        "opportunism_effect": list(np.subtract(closed, alone)),
        "coordination_effect": list(np.subtract(opened, closed)),
        "common_cause_effect": list(np.subtract(alone, rest)),
        "first_war_chance": list(f.sum(axis=1)),
    }
    return {f"{name}.{order}_first": {"present_course": values} for name, values in rows.items()}


def test_ensemble_split_equals_the_sums_over_all_cells(made: Made, case: Case, rng: np.random.Generator) -> None:
    dates = decision_dates(case)
    f, a, c, b = (rng.uniform(0.001, top, (50, dates)) for top in (0.1, 0.6, 0.4, 0.2))
    order = case.world.challengers[0].theatre
    found = mechanisms(made(outcomes_of_cells(f, a, c, b, order)))
    w, v = f / f.sum(), (1 - f) / (1 - f).sum()
    assert found.opened == pytest.approx((w * a).sum(), rel=1e-12)
    assert found.closed == pytest.approx((w * c).sum(), rel=1e-12)
    assert found.alone == pytest.approx((w * b).sum(), rel=1e-12)
    assert found.at_rest == pytest.approx((v * b).sum(), rel=1e-12)
    assert found.common_cause == pytest.approx((w * b).sum() - (v * b).sum(), rel=1e-9)
    parts = found.opportunism + found.coordination + found.common_cause
    assert (w * a).sum() - (v * b).sum() == pytest.approx(parts, abs=1e-12)
    assert abs(found.residual) < 1e-12


def test_a_broken_part_shows_as_a_residual(made: Made, case: Case, rng: np.random.Generator) -> None:
    dates = decision_dates(case)
    f, a, c, b = (rng.uniform(0.001, top, (20, dates)) for top in (0.1, 0.6, 0.4, 0.2))
    order = case.world.challengers[0].theatre
    outcomes = outcomes_of_cells(f, a, c, b, order)
    name = f"opportunism_effect.{order}_first"
    outcomes[name] = {"present_course": [x + 0.01 for x in outcomes[name]["present_course"]]}  # pyright: ignore
    assert mechanisms(made(outcomes)).residual == pytest.approx(-0.01)


def test_futures_without_a_first_war_weigh_nothing(made: Made, case: Case) -> None:
    dates = decision_dates(case)
    f = np.vstack([np.zeros(dates), np.full(dates, 0.1)])
    a, c, b = np.full((2, dates), 0.5), np.full((2, dates), 0.4), np.vstack([np.full(dates, 0.3), np.full(dates, 0.1)])
    order = case.world.challengers[0].theatre
    found = mechanisms(made(outcomes_of_cells(f, a, c, b, order)))
    assert found.n == 1
    assert (found.opened, found.alone) == (pytest.approx(0.5), pytest.approx(0.1))
    # The quiet future still counts among the cells without a first war: weights 1 and 0.9.
    assert found.at_rest == pytest.approx((0.3 + 0.9 * 0.1) / 1.9)


def test_decision_dates_round_up(case: Case) -> None:
    clock = case.world.clock
    assert (
        (decision_dates(case) - 1) * clock.spacing < clock.months - clock.cutoff <= decision_dates(case) * clock.spacing
    )
