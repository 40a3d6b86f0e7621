"""The output hash: one number that two runs share only if every value of theirs is the same.

Futures are cut into blocks of `BLOCK`, whatever the units of work were. A block's digest is the SHA-256 of its
values as little-endian float64 in the order future, policy, outcome, with the status code of a row after its
outcomes and every NaN written as the same bits. The output hash is the SHA-256 of the digests, in order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from twofront.ensemble.model import Floats

__all__ = ["BLOCK", "block_digest", "canonical", "digests", "output_hash"]

BLOCK = 4096
"""Futures in one hash block; units of work are whole multiples of it."""


def canonical(rows: Floats) -> Floats:
    """Write every NaN of `rows` as the same bits, in place, and return them."""
    np.copyto(rows, np.nan, where=np.isnan(rows))
    return rows


def block_digest(rows: npt.NDArray[np.float64]) -> str:
    """Digest of one block: `rows` is indexed by future, policy and outcome, the status last."""
    return hashlib.sha256(np.ascontiguousarray(rows, dtype="<f8").data).hexdigest()


def digests(rows: Floats) -> list[str]:
    """Digests of the blocks of `rows`, whose first future opens a block."""
    return [block_digest(rows[start : start + BLOCK]) for start in range(0, len(rows), BLOCK)]


def output_hash(block_digests: Iterable[str]) -> str:
    """Hash of a run from the digests of its blocks, in order."""
    total = hashlib.sha256()
    for digest in block_digests:
        total.update(bytes.fromhex(digest))
    return total.hexdigest()
