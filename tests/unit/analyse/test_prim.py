"""Peeling and pasting on boxes that are known."""

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from twofront.analyse.codes import Codes, encode
from twofront.analyse.prim import Limit, limits_of, peel, quasi_p, within
from twofront.analyse.study import Study

PEERS = "pip install 'ema-workbench>=2.5' (the optional group `peers`)"


def known(n: int = 4000, noise: int = 6, seed: int = 1) -> tuple[Codes, Any]:
    """Futures of interest where x0 > 0.7, x1 < 0.5 and the law is not `c`; the other inputs say nothing."""
    rng = np.random.default_rng(seed)
    columns: dict[str, Any] = {f"x{k}": rng.random(n) for k in range(2 + noise)}
    columns["law"] = np.array(list("abcd"))[rng.integers(0, 4, n)]
    columns["on"] = rng.random(n) < 0.5
    hits = (columns["x0"] > 0.7) & (columns["x1"] < 0.5) & (columns["law"] != "c")
    return encode(Study.of_arrays(columns, {"y": hits})), hits


def test_the_known_box_is_found() -> None:
    codes, hits = known()
    peeling = peel(codes, hits)
    box = max(peeling.boxes, key=lambda b: 2 * b.hits / (b.inside + peeling.hits))
    assert {codes.names[row] for row in peeling.restricted(box)} == {"x0", "x1", "law"}
    by_input = {(codes.names[limit.place], limit.side): limit for limit in limits_of(peeling, box)}
    x0, x1, law = by_input["x0", "low"], by_input["x1", "high"], by_input["law", "options"]
    assert codes.at_least(x0.place, x0.code) == pytest.approx(0.7, abs=0.02)
    assert codes.at_most(x1.place, x1.code) == pytest.approx(0.5, abs=0.02)
    assert [codes.factors[law.place].options[k] for k in law.options] == ["a", "b", "d"]
    assert box.density > 0.95
    assert peeling.coverage(box) > 0.95


def test_the_trajectory_counts_what_its_limits_hold() -> None:
    codes, hits = known(noise=3)
    noisy = hits ^ (np.random.default_rng(2).random(codes.n) < 0.05)
    peeling = peel(codes, noisy)
    assert peeling.boxes[0].inside == codes.n
    assert limits_of(peeling, peeling.boxes[0]) == []
    assert any(box.pasted for box in peeling.boxes)
    for box in peeling.boxes:
        inside = within(codes, limits_of(peeling, box))
        assert (box.inside, box.hits) == (inside.sum(), (inside & noisy).sum())
    for before, after in zip(peeling.boxes, peeling.boxes[1:], strict=False):
        assert after.density > before.density
        assert (after.inside > before.inside) == after.pasted


def test_a_box_limits_no_more_inputs_than_asked_for() -> None:
    codes, hits = known()
    noisy = hits ^ (np.random.default_rng(3).random(codes.n) < 0.1)
    free, capped = peel(codes, noisy), peel(codes, noisy, most_inputs=2)
    assert max(len(free.restricted(box)) for box in free.boxes) > 2
    assert max(len(capped.restricted(box)) for box in capped.boxes) == 2


def test_peeling_stops_at_the_least_mass() -> None:
    codes, hits = known()
    noisy = hits ^ (np.random.default_rng(4).random(codes.n) < 0.3)
    for least in (0.05, 0.2):
        last = [box for box in peel(codes, noisy, least_mass=least).boxes if not box.pasted][-1]
        assert least <= last.inside / codes.n < least / 0.94


def test_peeling_among_some_futures_sees_no_others() -> None:
    codes, hits = known()
    rows = np.arange(0, codes.n, 2)
    some = peel(codes, hits, rows=rows)
    alone = peel(codes.taken(rows), hits[rows])
    assert [(b.inside, b.hits) for b in some.boxes] == [(b.inside, b.hits) for b in alone.boxes]


def test_nothing_is_peeled_where_nothing_is_to_be_gained() -> None:
    codes, _ = known()
    assert len(peel(codes, np.ones(codes.n, dtype=bool)).boxes) == 1


def test_quasi_p_by_hand() -> None:
    # 8 futures, x1 halves them; of the 4 above, 3 are of interest, of all 8 also 3:
    # P(at least 3 of 4 | share 3/8) = 4 (3/8)^3 (5/8) + (3/8)^4
    codes = encode(Study.of_arrays({"x": np.arange(8.0)}, {"y": np.zeros(8)}))
    hits = np.array([0, 0, 0, 0, 0, 1, 1, 1], dtype=bool)
    (limit,) = quasi_p(codes, hits, [Limit(0, "low", 4)])
    assert limit.quasi_p == pytest.approx(4 * 0.375**3 * 0.625 + 0.375**4)
    # among the last five, the limit leaves out one that is not of interest: P(at least 3 of 4 | share 3/5)
    among = np.arange(8) >= 3
    (limit,) = quasi_p(codes, hits, [Limit(0, "low", 4)], among)
    assert limit.quasi_p == pytest.approx(4 * 0.6**3 * 0.4 + 0.6**4)


@pytest.mark.skipif(find_spec("ema_workbench") is None, reason=f"peer not installed: {PEERS}")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", [1, 2])
def test_every_box_agrees_with_the_ema_workbench_on_the_same_codes(seed: int) -> None:
    import pandas  # pyright: ignore
    from ema_workbench.analysis import prim  # pyright: ignore

    frames: Any = pandas
    workbench: Any = prim
    codes, hits = known(n=3000, noise=4, seed=seed)
    noisy = hits ^ (np.random.default_rng(seed).random(codes.n) < 0.05)
    columns: dict[str, Any] = {}
    for factor, row in zip(codes.factors, codes.codes, strict=True):
        columns[factor.name] = np.array(factor.options)[row] if factor.is_choice else row.astype(float)
    theirs = workbench.Prim(frames.DataFrame(columns), noisy, threshold=0.1).find_box()
    ours = peel(codes, noisy)
    assert [(b.inside, b.hits, len(ours.restricted(b))) for b in ours.boxes] == [
        (int(n), int(k), int(r)) for n, k, r in theirs.peeling_trajectory[["n", "k", "res_dim"]].to_numpy()
    ]
    # The same quasi-p of the last box, limit by limit.
    said = theirs.qp[-1]
    for limit in quasi_p(codes, noisy, limits_of(ours, ours.boxes[-1])):
        pair = said[codes.names[limit.place]]
        assert limit.quasi_p == pytest.approx(pair[1] if limit.side == "high" else pair[0], rel=1e-9)
