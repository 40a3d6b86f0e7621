"""Laws of the defence economy: output, budgets, and the stock of equipment that they pay for."""

from __future__ import annotations

from twofront.engine.dimension import (
    BnUsd,
    Month,
    PerYear,
    Ratio,
    Share,
    Year,
)
from twofront.engine.law import law
from twofront.engine.ops import exp, log, maximum, where

__all__ = [
    "buying_power",
    "capital_stock",
    "depreciation_rate",
    "error_correction_share",
    "free_riding_share",
    "initial_capital",
    "linear_share",
    "real_gdp",
    "richardson_share",
]


@law(
    id="economy.gdp",
    form="Y*exp(t*log(1 + g))",
    symbols={"gdp": "Y", "growth": "g", "years": "t"},
    source="compound growth",
    holds=("two half spans equal one",),
    fails="recessions, wars and sanctions within the span",
)
def real_gdp(gdp: BnUsd, growth: PerYear, years: Year) -> BnUsd:
    """Grow real output at a constant yearly rate."""
    return gdp * exp(years * log(1 + growth))


@law(
    id="economy.share.linear",
    form="s + (T - s)/Max(r, 1)",
    symbols={"share": "s", "goal": "T", "steps_left": "r"},
    source="straight path to a pledged share, as NATO allies report their plans",
    holds=("stays between the share and its goal", "reaches the goal in the last step"),
    fails="front- or back-loaded plans",
)
def linear_share(share: Share, goal: Share, steps_left: Ratio) -> Share:
    """Move a spending share one step along the straight line to its goal."""
    return share + (goal - share) / maximum(steps_left, 1.0)


@law(
    id="economy.share.error_correction",
    form="T + (s - T)*exp(-k*h/12)",
    symbols={"share": "s", "goal": "T", "rate": "k", "step": "h"},
    source="error-correction models of military spending demand (Sandler & Hartley 1995)",
    holds=("stays between the share and its goal", "two half steps equal one"),
    fails="pledges with a date",
)
def error_correction_share(share: Share, goal: Share, rate: PerYear, step: Month) -> Share:
    """Close a fixed part of the gap to the goal in each year."""
    return goal + (share - goal) * exp(-rate * step / 12)


@law(
    id="economy.share.richardson",
    form="(k*y + g)/a + (x - (k*y + g)/a)*exp(-a*h/12)",
    symbols={
        "share": "x",
        "rivals_share": "y",
        "response": "k",
        "fatigue": "a",
        "grievance": "g",
        "step": "h",
    },
    source="richardson1960, Arms and Insecurity, ch. 2",
    holds=(
        "two half steps equal one for constant rivals",
        "stable where the product of fatigues exceeds that of responses",
    ),
    fails="weak empirical fit; kept as a rival law",
)
def richardson_share(
    share: Share, rivals_share: Share, response: PerYear, fatigue: PerYear, grievance: PerYear, step: Month
) -> Share:
    """Answer the rivals' share, held back by fatigue and driven by a standing grievance."""
    rest = (response * rivals_share + grievance) / fatigue
    return rest + (share - rest) * exp(-fatigue * step / 12)


@law(
    id="economy.share.free_riding",
    form="Max(s - f*Max(n - m, 0), 0)",
    symbols={"share": "s", "others_now": "n", "others_then": "m", "free_riding": "f"},
    source="sandler2014; olson1966: allies spend less where others spend more",
    holds=("never above the share", "never negative"),
    fails="joint products with private benefits",
)
def free_riding_share(share: Share, others_now: Share, others_then: Share, free_riding: Ratio) -> Share:
    """Lower an ally's share by part of the rise in the other allies' mean share."""
    return maximum(share - free_riding * maximum(others_now - others_then, 0.0), 0.0)


@law(
    id="economy.buying_power",
    form="X/P",
    symbols={"spending": "X", "price_level": "P"},
    source="robertson2022, military purchasing power parity",
    holds=("equal to spending at market rates where the price level is one",),
    fails="imported equipment, bought at world prices",
)
def buying_power(spending: BnUsd, price_level: Ratio) -> BnUsd:
    """Express spending in what it buys at United States prices."""
    return spending / price_level


@law(
    id="economy.depreciation",
    form="R/L",
    symbols={"declining_balance": "R", "service_life": "L"},
    source="Bureau of Economic Analysis, declining-balance rates",
    holds=("positive",),
    fails="stocks kept in reserve and overhauled",
)
def depreciation_rate(declining_balance: Ratio, service_life: Year) -> PerYear:
    """Return the yearly depreciation that a service life implies."""
    return declining_balance / service_life


@law(
    id="economy.initial_capital",
    form="I/(g + d)",
    symbols={"investment": "I", "growth": "g", "depreciation": "d"},
    source="perpetual inventory, steady state",
    holds=("ten times investment at growth .03 and depreciation .07",),
    fails="inherited equipment that today's budget never bought",
)
def initial_capital(investment: BnUsd, growth: PerYear, depreciation: PerYear) -> BnUsd:
    """Return the stock of equipment that steady past investment has left."""
    return investment / (growth + depreciation)


@law(
    id="economy.capital",
    form="Piecewise((K*exp(-d*h/12) + D*(1 - exp(-d*h/12))/d, d > 0), (K + D*h/12, True))",
    symbols={"capital": "K", "delivered": "D", "depreciation": "d", "step": "h"},
    source="perpetual inventory in continuous time",
    holds=("never negative", "two half steps equal one for a constant flow"),
    fails="book value is not combat value",
)
def capital_stock(capital: BnUsd, delivered: BnUsd, depreciation: PerYear, step: Month) -> BnUsd:
    """Depreciate the stock over a step and add a constant yearly flow of deliveries."""
    kept = exp(-depreciation * step / 12)
    has_life = depreciation > 0
    rate = where(has_life, depreciation, 1.0)
    return where(has_life, capital * kept + delivered * (1 - kept) / rate, capital + delivered * step / 12)
