"""Draws: the same bits for any split, names as streams, ranges, weights, correlations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from twofront.case import Case, MovesWith, StructureChoice, load_case
from twofront.faults import UserError
from twofront.parameters.designs import DESIGNS
from twofront.parameters.sampling import Sampler, normal_correlation
from twofront.parameters.streams import key_of, uniform_rows, uniforms


@pytest.fixture(scope="module")
def case() -> Case:
    """The small invented case."""
    return load_case("two-straits")


def test_several_streams_at_once_are_the_streams() -> None:
    names = [f"stream {index}" for index in range(70)]
    keys = np.array([key_of(5, name) for name in names], dtype=np.uint64).T[:, :, None]
    for lo, hi in ((0, 512), (1, 8), (4095, 12_301), (3, 3), ((1 << 33) - 5, (1 << 33) + 6)):
        expected = np.stack([uniforms(5, name, lo, hi) for name in names])
        np.testing.assert_array_equal(uniform_rows(keys, lo, hi), expected)


def test_draws_do_not_depend_on_the_split(case: Case) -> None:
    sampler = Sampler(case, 7)
    whole = sampler.draw(0, 1000)
    for size in (1, 333, 512):
        pieces = [sampler.draw(lo, min(lo + size, 1000)) for lo in range(0, 1000, size)]
        np.testing.assert_array_equal(np.concatenate([piece.values for piece in pieces], axis=1), whole.values)
        np.testing.assert_array_equal(np.concatenate([piece.structures for piece in pieces], axis=1), whole.structures)


@pytest.mark.parametrize("design", DESIGNS)
def test_single_columns_are_those_of_the_whole(case: Case, design: str) -> None:
    first, *_, last = [item for item in case.parameters if item.uncertain and not item.moves_with]
    tied = replace(last, moves_with=(MovesWith(first.name, 0.6, judgement="a test"),))
    case = replace(case, parameters=tuple(tied if item is last else item for item in case.parameters))
    held = next(item.name for item in case.parameters if item.uncertain and item.name not in (first.name, last.name))
    constant = next(item.name for item in case.parameters if not item.uncertain)
    sampler = Sampler(case, 7, fixed={held: 0.25}, shifts={first.name: 0.5}, design=design)
    whole = dict(zip(sampler.parameter_names, sampler.draw(300, 700).values, strict=True))
    for name in (last.name, first.name, held, constant, case.parameters[-1].name):
        (column,) = sampler.columns([name], 300, 700)
        np.testing.assert_array_equal(column, whole[name])
    everything = sampler.columns(sampler.parameter_names, 300, 700)
    np.testing.assert_array_equal(everything, list(whole.values()))


def test_a_latin_hypercube_gives_every_structure_its_share(case: Case) -> None:
    choice = StructureChoice("made up", ("one", "two", "three"), (0.5, 0.25, 0.25))
    drawn = Sampler(replace(case, structures=(choice,)), 3, design="latin").draw(0, 2560).structures[0]
    counts = [np.bincount(cube.astype(int), minlength=3).tolist() for cube in drawn.reshape(10, 256)]
    assert counts == [[128, 64, 64]] * 10


def test_values_lie_in_their_ranges(case: Case) -> None:
    values = Sampler(case, 7).draw(0, 4000).values
    for row, item in enumerate(case.parameters):
        if not item.uncertain:
            assert np.all(values[row] == item.mode)
        elif item.shape == "normal":
            assert abs(np.mean(values[row] < item.low) - 0.05) < 0.02
        else:
            assert item.low <= values[row].min() < values[row].max() <= item.high
            assert values[row].max() - values[row].min() > 0.7 * (item.high - item.low)


def test_another_seed_gives_other_draws(case: Case) -> None:
    first, second = Sampler(case, 1), Sampler(case, 2)
    rows = list(first.uncertain)
    assert not np.any(first.draw(0, 50).values[rows] == second.draw(0, 50).values[rows])


def test_leaving_a_parameter_out_moves_no_other(case: Case) -> None:
    gone = next(item for item in case.parameters if item.uncertain and not item.moves_with)
    others = tuple(
        replace(item, moves_with=tuple(pair for pair in item.moves_with if pair.parameter != gone.name))
        for item in case.parameters
        if item is not gone
    )
    row = case.parameters.index(gone)
    fewer = Sampler(replace(case, parameters=others), 1).draw(0, 100).values
    np.testing.assert_array_equal(fewer, np.delete(Sampler(case, 1).draw(0, 100).values, row, axis=0))


@pytest.mark.parametrize("design", DESIGNS)
def test_structures_are_drawn_by_weight(case: Case, design: str) -> None:
    choice = StructureChoice("made up", ("never", "often", "no", "rarely", "not"), (0.0, 0.75, 0.0, 0.25, 0.0))
    drawn = Sampler(replace(case, structures=(choice,)), 3, design=design).draw(0, 40_000).structures[0]
    shares = np.bincount(drawn.astype(int), minlength=5) / 40_000
    assert shares[[0, 2, 4]].tolist() == [0.0, 0.0, 0.0]
    assert abs(shares[1] - 0.75) < 0.01


def test_holding_one_input_moves_no_other(case: Case) -> None:
    free = Sampler(case, 1)
    row = free.uncertain[0]
    name = case.parameters[row].name
    structure = case.structures[0]
    held = Sampler(case, 1, fixed={name: 0.125}, structures={structure.name: structure.options[-1]})
    first, second = free.draw(0, 200), held.draw(0, 200)
    assert np.all(second.values[row] == 0.125)
    assert np.all(second.structures[0] == len(structure.options) - 1)
    np.testing.assert_array_equal(np.delete(first.values, row, axis=0), np.delete(second.values, row, axis=0))
    np.testing.assert_array_equal(first.structures[1:], second.structures[1:])


@pytest.mark.parametrize("design", DESIGNS)
def test_stated_rank_correlations_are_met(case: Case, design: str) -> None:
    uncertain = [item for item in case.parameters if item.uncertain]
    first, second, third = (replace(item, moves_with=()) for item in uncertain[:3])
    first = replace(first, moves_with=(MovesWith(second.name, 0.6, judgement="a test"),))
    third = replace(third, moves_with=(MovesWith(second.name, -0.3, judgement="a test"),))
    joined = replace(case, parameters=(first, second, third))
    values = Sampler(joined, 1, design=design).draw(0, 60_000).values
    found: Any = stats.spearmanr(values.T)
    ranks = found.statistic
    np.testing.assert_allclose(ranks[0, 1], 0.6, atol=0.012)
    np.testing.assert_allclose(ranks[1, 2], -0.3, atol=0.012)
    np.testing.assert_allclose(ranks[0, 2], 0.0, atol=0.02)


@pytest.mark.parametrize("rank", [-1.0, -0.4, 0.0, 0.3, 1.0])
def test_normal_correlation(rank: float) -> None:
    assert normal_correlation(rank) == pytest.approx(2 * np.sin(np.pi * rank / 6), abs=2e-16)


def test_unknown_names_are_refused(case: Case) -> None:
    name = case.parameters[0].name
    with pytest.raises(UserError, match=f"no parameter.*did you mean `{name}`"):
        Sampler(case, 1, fixed={name[:-1]: 1.0})
    structure = case.structures[0]
    with pytest.raises(UserError, match="has no law"):
        Sampler(case, 1, structures={structure.name: "nonesuch"})
    with pytest.raises(UserError, match="no structure"):
        Sampler(case, 1, structures={"nonesuch": "law"})
