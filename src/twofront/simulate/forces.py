"""Laws of quality and of the forces that an ongoing war ties down, wears and gives back."""

from __future__ import annotations

from twofront.engine.dimension import PerYear, Ratio, Share, Year
from twofront.engine.law import law
from twofront.engine.ops import exp, maximum, minimum, power

__all__ = ["quality_growth", "ready_share", "reconstituted", "tied_forces", "wartime_change"]


@law(
    id="innovation.quality",
    form="q*exp((e*(r + w*p)/R - d)*y)",
    symbols={
        "quality": "q",
        "effect": "e",
        "research": "r",
        "shared": "w",
        "partners": "p",
        "reference": "R",
        "decay": "d",
        "years": "y",
    },
    source="stock of military research, middleton2006 (quality lags research); spillovers after griliches1992",
    holds=("never negative", "grows with one's own and with shared research"),
    fails="breakthroughs; research that nobody fields",
)
def quality_growth(
    quality: Ratio,
    effect: PerYear,
    research: Share,
    shared: Share,
    partners: Share,
    reference: Share,
    decay: PerYear,
    years: Year,
) -> Ratio:
    """Grow combat quality with research spending, one's own and what partners share."""
    return quality * exp((effect * (research + shared * partners) / reference - decay) * years)


@law(
    id="forces.readiness",
    form="Min(r*Max(o, 0)**e, 1)",
    symbols={"readiness": "r", "operations": "o", "response": "e"},
    source="money for people, training and maintenance against the start, per unit of force; elasticity by judgement",
    holds=("between 0 and 1", "unchanged while spending keeps pace with the force"),
    fails="money that cannot buy people at once",
)
def ready_share(readiness: Share, operations: Ratio, response: Ratio) -> Share:
    """Return the share of units that can fight at once, as money for people and operations rises or falls."""
    return minimum(readiness * power(maximum(operations, 0.0), response), 1.0)


@law(
    id="forces.tied",
    form="T*Piecewise((1, t < 0), (b + (1 - b)*exp(-t/L), True))",
    symbols={"tied": "T", "residual": "b", "years_since": "t", "lag": "L"},
    source="forces committed to a war are released after it (G0206-G0207)",
    holds=("never above the wartime share", "falls after the war's end"),
    fails="a war that flares up again",
)
def tied_forces(tied: Share, residual: Share, years_since: Year, lag: Year) -> Share:
    """Return the share still tied ``years_since`` the war's end (negative while it lasts)."""
    since = maximum(years_since, 0.0)
    return tied * (residual + (1 - residual) * exp(-since / lag))


@law(
    id="forces.wartime",
    form="exp(r*Min(t, w))",
    symbols={"trend": "r", "years": "t", "war_years": "w"},
    source="growth or wear of the forces while the war lasts (C0069-C0073, G0132-G0136)",
    holds=("one without a trend", "constant after the war"),
    fails="mobilisation in waves",
)
def wartime_change(trend: PerYear, years: Year, war_years: Year) -> Ratio:
    """Return force size against the start's, after a wartime trend that ends with the war."""
    return exp(trend * minimum(years, war_years))


@law(
    id="forces.reconstitution",
    form="1 + G*(1 - exp(-Max(t, 0)/L))",
    symbols={"gain": "G", "years_since": "t", "lag": "L"},
    source="reconstitution estimates of national services (C0121-C0135)",
    holds=("one while the war lasts", "rises to one plus the gain"),
    fails="skills and officers come back later than vehicles",
)
def reconstituted(gain: Ratio, years_since: Year, lag: Year) -> Ratio:
    """Return force size against the wartime one, ``years_since`` the war ended."""
    return 1 + gain * (1 - exp(-maximum(years_since, 0.0) / lag))
