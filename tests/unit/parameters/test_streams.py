"""Random numbers by address: the published generator, whatever the chunks, evenly spread."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from twofront.parameters.streams import key_of, philox, uniforms

# Known answers of the authors' own library (Random123, kat_vectors, philox4x32 10 rounds)
KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


def words(*values: int) -> tuple[NDArray[np.uint64], ...]:
    return tuple(np.array([value], dtype=np.uint64) for value in values)


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_known_answers(counter: tuple[int, ...], key: tuple[int, int], answer: tuple[int, ...]) -> None:
    c = words(*counter)
    found = philox((c[0], c[1], c[2], c[3]), key)
    assert tuple(int(word[0]) for word in found) == answer


def test_values_depend_on_seed_stream_and_future_only() -> None:
    whole = uniforms(7, "shells", 0, 30011)
    edges = [0, 1, 2, 5, 4095, 4096, 4097, 8193, 16001, 30011]
    parts = [uniforms(7, "shells", lo, hi) for lo, hi in itertools.pairwise(edges)]
    assert np.array_equal(np.concatenate(parts), whole)
    assert uniforms(7, "shells", 12, 12).shape == (0,)
    far = 2**40 + 3
    assert uniforms(7, "shells", far, far + 1)[0] == uniforms(7, "shells", far - 3, far + 9)[3]


def test_values_stay_as_they_were() -> None:
    # frozen: a change of these moves every result ever published
    assert key_of(1, "a") == (1599842563, 3398293766)
    assert [x.hex() for x in uniforms(1, "a", 0, 3).tolist()] == [
        "0x1.064e3423d799ap-2",
        "0x1.4dee506c0f9a5p-1",
        "0x1.e9ebcdc7f8a9fp-1",
    ]


def test_seeds_and_streams_differ() -> None:
    draws = [uniforms(seed, name, 0, 5000) for seed in (0, 1) for name in ("a", "b", "1\x00a")]
    for i, one in enumerate(draws):
        for other in draws[:i]:
            assert abs(np.corrcoef(one, other)[0, 1]) < 0.06  # four standard errors of 5,000 pairs
    assert key_of(1, "0x") != key_of(10, "x")


def test_values_are_evenly_spread_inside_the_open_interval() -> None:
    u = uniforms(3, "spread", 0, 400_000)
    assert u.min() > 0.0
    assert u.max() < 1.0
    assert stats.kstest(u, "uniform").pvalue > 1e-3
    counts = np.bincount((u * 1024).astype(int), minlength=1024)
    assert stats.chisquare(counts).pvalue > 1e-3
    low_bits = np.bincount((u * 2.0**52).astype(np.uint64).astype(np.int64) & 255, minlength=256)
    assert stats.chisquare(low_bits).pvalue > 1e-3
    for lag in (1, 2, 3):
        assert abs(np.corrcoef(u[:-lag], u[lag:])[0, 1]) < 4.5 / np.sqrt(len(u))


@pytest.mark.parametrize(("lo", "hi"), [(-1, 2), (3, 2), (0, 2**64 + 1)])
def test_a_range_that_is_none_is_refused(lo: int, hi: int) -> None:
    with pytest.raises(ValueError, match="not a range"):
        uniforms(1, "a", lo, hi)


def test_a_seed_is_an_integer() -> None:
    with pytest.raises(TypeError, match="integer"):
        key_of(1.0, "a")  # pyright: ignore[reportArgumentType]
