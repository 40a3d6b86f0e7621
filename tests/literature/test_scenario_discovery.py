"""Scenario discovery on the published example of Bryant and Lempert (2010).

The data set (882 runs of a model of United States renewable energy, 9 uncertain inputs, 89 runs of high cost) comes
with the EMA workbench, whose documentation publishes the box; it is not carried here, so without the workbench these
tests are skipped and say how to install it.
"""

import csv
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from twofront.analyse.codes import Codes, encode
from twofront.analyse.prim import Bools, Peeling, limits_of, peel, quasi_p
from twofront.analyse.study import Study

FILE = Path("examples", "data", "bryant et al 2010 data.csv")
FIRST, LAST, HIGH_COST = 2, 11, 15
"""Columns: the nine inputs, and whether costs were high."""


@pytest.fixture(scope="module")
def example() -> tuple[Codes, Bools, Peeling]:
    """The published runs, peeled as published (peels of a tenth)."""
    found = find_spec("ema_workbench")
    if found is None or found.origin is None:
        pytest.skip("data of the peer not installed: pip install 'ema-workbench>=2.5' (the optional group `peers`)")
    path = Path(found.origin).parent / FILE
    if not path.exists():
        pytest.skip(f"this version of the EMA workbench does not carry {FILE}: pip install 'ema-workbench==2.5.3'")
    with path.open(encoding="utf-8", newline="") as file:
        names, *rows = list(csv.reader(file))
    table = np.array(rows, dtype=float)
    hits = table[:, HIGH_COST] == 1
    inputs = {names[k]: table[:, k] for k in range(FIRST, LAST)}
    codes = encode(Study.of_arrays(inputs, {"high_cost": hits}))
    return codes, hits, peel(codes, hits, peel_share=0.1)


def test_the_box_of_the_workbenchs_documentation(example: tuple[Codes, Bools, Peeling]) -> None:
    """Box 21 of "Performing Scenario Discovery in Python" in the workbench's documentation, to all its digits.

    Every input has at most 250 different values, so codes lose nothing and no tolerance beyond rounding is needed.
    """
    codes, hits, peeling = example
    assert (codes.n, int(hits.sum())) == (882, 89)
    box = peeling.boxes[21]
    assert peeling.coverage(box) == pytest.approx(0.752809, abs=5e-7)
    assert box.density == pytest.approx(0.770115, abs=5e-7)
    assert peeling.mass(box) == pytest.approx(0.0986395, abs=5e-8)
    limits = {codes.names[limit.place]: limit for limit in quasi_p(codes, hits, limits_of(peeling, box))}
    assert {name: limit.side for name, limit in limits.items()} == {
        "Total biomass": "high",
        "Demand elasticity": "low",
        "Biomass backstop price": "low",
        "Cellulosic cost": "low",
    }
    published = {
        "Total biomass": 4.716968553178765e-06,
        "Demand elasticity": 1.1849299115762218e-16,
        "Biomass backstop price": 3.515112530263049e-11,
        "Cellulosic cost": 0.1574133352892734,
    }
    # A limit lies half way between neighbours in the box, here in ranks, there in values; futures outside the box may
    # lie between the two, which moves a quasi-p a little (one of the four, by a quarter).
    assert {name: limit.quasi_p for name, limit in limits.items()} == pytest.approx(published, rel=0.3)
    assert limits["Total biomass"].quasi_p == pytest.approx(published["Total biomass"], rel=1e-9)
    assert codes.at_most(codes.place("Total biomass"), limits["Total biomass"].code) == pytest.approx(755.8, abs=1.2)
    assert codes.at_least(codes.place("Biomass backstop price"), limits["Biomass backstop price"].code) == (
        pytest.approx(150.05, abs=0.5)
    )
    assert codes.at_least(codes.place("Cellulosic cost"), limits["Cellulosic cost"].code) == pytest.approx(
        72.65, abs=0.3
    )


def test_the_scenario_of_bryant_and_lempert(example: tuple[Codes, Bools, Peeling]) -> None:
    """Their own box: coverage 79%, density 73%, limits on four inputs (as a summary of the paper gives it).

    Their program (sdtoolkit) peels by another objective, so limits differ by more than one peel's width of the data;
    the shares may differ by a point.
    """
    codes, _, peeling = example
    near = [b for b in peeling.boxes if abs(peeling.coverage(b) - 0.79) < 0.015 and abs(b.density - 0.73) < 0.015]
    assert len(near) == 1
    limits = {codes.names[limit.place]: limit for limit in limits_of(peeling, near[0])}
    assert {name: limit.side for name, limit in limits.items()} == {
        "Total biomass": "high",
        "Demand elasticity": "low",
        "Biomass backstop price": "low",
        "Cellulosic cost": "low",
    }
