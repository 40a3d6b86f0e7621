"""What battle data say about decisiveness, skill and the exponents of attrition; written into `docs/calibration.md`.

After a change, `TWOFRONT_LITERATURE=write ./test tests/literature/test_calibration.py` writes the tables anew. Without
the folder of battle data these tests are skipped.
"""

from __future__ import annotations

import math
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from literature.conftest import Fits

PAGE = Path(__file__).resolve().parents[2] / "docs" / "calibration.md"
PUBLISHED = {
    (1600, 1982): (0.48, 0.13),
    (1900, 1982): (0.53, 0.16),
    (1939, 1945): (0.96, 0.27),
    (1946, 1982): (-0.53, 0.39),
}
"""Decisiveness m and its standard error as calibrated before this project, by span of years."""
EXPONENTS = (("square", 2.0), ("linear", 1.0), ("logarithmic", 0.0))


def years(span: tuple[int, int]) -> str:
    return f"{span[0]}–{span[1]}"


def pair(value: float, error: float) -> str:
    return f"{value:.2f} ± {error:.2f}".replace("-", "−")


def outcomes(fits: Fits) -> str:
    lines = ["| data | battles | attacker won | m ± se | chance at 3:1 | McFadden R² |", "|---" * 6 + "|"]
    for span, fit in fits.outcome.items():
        three = 1 / (1 + math.exp(-fit.intercept - fit.slope * math.log(3.0)))
        lines.append(
            f"| CDB90 {years(span)} | {fit.n} | {100 * fits.wins[span]:.1f}% | {pair(fit.slope, fit.slope_error)} "
            f"| {three:.2f} | {fit.quality:.3f} |"
        )
    fit = fits.dupuy
    three = 1 / (1 + math.exp(-fit.intercept - fit.slope * math.log(3.0)))
    lines.append(
        f"| Dupuy, 12 bins | {fit.n} | | {pair(fit.slope, fit.slope_error)} | {three:.2f} | {fit.quality:.3f} |"
    )
    return "\n".join(lines)


def skill(fits: Fits) -> str:
    lines = ["| data | wars | spread of log skill between wars | 95% by likelihood |", "|---" * 4 + "|"]
    for span, (wars, best, low, high) in fits.skill.items():
        lines.append(f"| CDB90 {years(span)} | {wars} | {best:.2f} | {low:.2f} to {high:.2f} |")
    return "\n".join(lines)


def exchange(fits: Fits) -> str:
    lines = ["| data | battles | 1 + p − q ± se | R² | spread of the log of the exchange |", "|---" * 5 + "|"]
    for span, fit in fits.exchange.items():
        lines.append(
            f"| CDB90 {years(span)} | {fit.n} | {pair(-fit.slope, fit.slope_error)} | {fit.quality:.2f} "
            f"| {fit.residual:.2f} |"
        )
    return "\n".join(lines)


def spreads(fits: Fits) -> str:
    lines = ["| data | square law | linear law |", "|---" * 3 + "|"]
    for span, fit in fits.outcome.items():
        cells = [f"{n / fit.slope:.1f}" if fit.slope > 0 else "none" for _, n in EXPONENTS[:2]]
        lines.append(f"| CDB90 {years(span)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def test_decisiveness_is_what_was_published(fits: Fits) -> None:
    # Given to two decimals; standard errors differ in the second by how they are computed.
    for span, (slope, error) in PUBLISHED.items():
        assert fits.outcome[span].slope == pytest.approx(slope, abs=0.0051)
        assert fits.outcome[span].slope_error == pytest.approx(error, abs=0.0101)


def test_the_square_law_is_no_law_of_exchange(fits: Fits) -> None:
    """The exchange of loss shares goes with the force ratio to a power far below the square law's 2."""
    for fit in fits.exchange.values():
        assert -fit.slope + 4 * fit.slope_error < 2.0
    # All battles together lie between the logarithmic and the linear law.
    whole = fits.exchange[1600, 1982]
    assert 4 * whole.slope_error < -whole.slope < 1 - 2 * whole.slope_error


def test_skill_varies_between_wars_within_the_range_that_cases_draw(fits: Fits) -> None:
    for _, best, low, high in fits.skill.values():
        assert 0.1 < low < 0.5 < best < 1.0 < high + 0.1 < 1.4


def test_the_page_says_what_is_found(fits: Fits) -> None:
    text = made = PAGE.read_text(encoding="utf-8")
    for mark, table in (("outcomes", outcomes), ("skill", skill), ("exchange", exchange), ("spreads", spreads)):
        pattern = re.compile(rf"(<!-- table {mark} -->\n).*?(\n<!-- end -->)", re.DOTALL)
        assert len(pattern.findall(made)) == 1, f"docs/calibration.md has no place for `{mark}`"
        made = pattern.sub(lambda found, table=table: found[1] + table(fits) + found[2], made)
    if os.environ.get("TWOFRONT_LITERATURE") == "write":
        PAGE.write_text(made, encoding="utf-8")
        pytest.skip(f"wrote {PAGE.name}")
    assert made == text, "docs/calibration.md is not what the data give; write it anew and look at the difference"
