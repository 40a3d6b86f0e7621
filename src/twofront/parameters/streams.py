"""Random numbers by address: a value depends on (seed, stream, future) and on nothing else.

Philox-4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"), a counter-based
generator. The key is the SHA-256 of the seed and the stream's name, so that adding a stream never shifts another;
the counter is the future's number. Ranges may be drawn in any order, chunk or worker.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["key_of", "philox", "rows_of_words", "uniform_rows", "uniforms"]

Words = NDArray[np.uint64]

_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = 0x9E3779B9
_WEYL_1 = 0xBB67AE85
_ROUNDS = 10
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_SPARE = np.uint64(12)
_BLOCK = 4096
"""Counters worked on at once; keeps temporaries in cache."""


def key_of(seed: int, stream: str) -> tuple[int, int]:
    """The two 32-bit key words of a stream: the first 8 bytes of SHA-256 of `seed`, a zero byte and the name."""
    if isinstance(seed, bool) or not isinstance(seed, int):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"a seed is an integer, found {type(seed).__name__}")
    digest = hashlib.sha256(f"{seed}\0{stream}".encode()).digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:8], "little")


def philox(counter: tuple[Words, Words, Words, Words], key: tuple[int, int]) -> tuple[Words, Words, Words, Words]:
    """Four 32-bit words (held in uint64) for each counter of four such words."""
    c0, c1, c2, c3 = (word.copy() for word in np.broadcast_arrays(*counter))
    k0, k1 = key
    p0, p1 = np.empty_like(c0), np.empty_like(c0)
    for _ in range(_ROUNDS):
        np.multiply(c0, _MULTIPLIER_0, out=p0)
        np.multiply(c2, _MULTIPLIER_1, out=p1)
        np.right_shift(p1, _HALF, out=c0)
        np.bitwise_xor(c0, c1, out=c0)
        np.bitwise_xor(c0, np.uint64(k0), out=c0)
        np.right_shift(p0, _HALF, out=c2)
        np.bitwise_xor(c2, c3, out=c2)
        np.bitwise_xor(c2, np.uint64(k1), out=c2)
        np.bitwise_and(p1, _LOW, out=c1)
        np.bitwise_and(p0, _LOW, out=c3)
        k0 = (k0 + _WEYL_0) & 0xFFFFFFFF
        k1 = (k1 + _WEYL_1) & 0xFFFFFFFF
    return c0, c1, c2, c3


def rows_of_words(keys: Words, lo: int, hi: int) -> Words:
    """Whole numbers of 52 random binary digits for `lo` to `hi - 1` from several streams, one row each.

    The streams' key words are the columns `keys[0]` and `keys[1]`; what streams share is computed once. Divided by
    2**52, half a step up, these are the numbers of `uniforms`.
    """
    streams = keys.shape[1]
    first, last = lo // 2, (hi + 1) // 2
    pairs = last - first
    values = np.empty((streams, pairs, 2), dtype=np.uint64)
    number = np.arange(pairs, dtype=np.uint64) + np.uint64(first)
    low, high = number & _LOW, number >> _HALF
    zero = np.zeros(1, dtype=np.uint64)
    wide = max(1, min(pairs, _BLOCK))
    tall = max(1, _BLOCK // wide)
    for top in range(0, streams, tall):
        own: Any = keys[:, top : top + tall]
        for start in range(0, pairs, wide):
            at = slice(start, start + wide)
            shape = (own.shape[1], len(low[at]))
            counter = (np.broadcast_to(low[at], shape), high[at], zero, zero)
            words = philox(counter, (own[0], own[1]))
            for place in (0, 1):
                values[top : top + tall, at, place] = ((words[2 * place + 1] << _HALF) | words[2 * place]) >> _SPARE
    return np.ascontiguousarray(values.reshape(streams, -1)[:, lo - 2 * first : hi - 2 * first])


def uniform_rows(keys: Words, lo: int, hi: int) -> NDArray[np.float64]:
    """Numbers of the futures `lo` to `hi - 1` from several streams: row by row those of `uniforms`."""
    words = rows_of_words(keys, lo, hi)
    values = words.astype(np.float64)
    values += 0.5
    values *= 2.0**-52
    return values


def uniforms(seed: int, stream: str, lo: int, hi: int) -> NDArray[np.float64]:
    """Numbers of futures lo..hi - 1, shape (hi - lo,), spread evenly over the open interval from 0 to 1.

    52 random bits and half a step: the smallest value is 2**-53, the largest 1 - 2**-53. One block of four words
    serves two neighbouring futures.
    """
    if not 0 <= lo <= hi or hi > 1 << 64:
        raise ValueError(f"futures {lo}..{hi} are not a range of numbers from 0 to 2**64")
    key = key_of(seed, stream)
    first, last = lo // 2, (hi + 1) // 2
    values = np.empty((last - first, 2))
    zero = np.zeros(1, dtype=np.uint64)
    for start in range(first, last, _BLOCK):
        stop = min(start + _BLOCK, last)
        number = np.arange(stop - start, dtype=np.uint64) + np.uint64(start)
        w = philox((number & _LOW, number >> _HALF, zero, zero), key)
        for place in (0, 1):
            word = ((w[2 * place + 1] << _HALF) | w[2 * place]) >> np.uint64(12)
            values[start - first : stop - first, place] = (word.astype(np.float64) + 0.5) * 2.0**-52
    return values.reshape(-1)[lo - 2 * first : hi - 2 * first].copy()
