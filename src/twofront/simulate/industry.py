"""Laws of munitions production: lines that follow money, the scarcest input, prices, stocks."""

from __future__ import annotations

from twofront.engine.dimension import Month, PerYear, Ratio, Round, RoundPerMonth, Share, Year
from twofront.engine.law import law
from twofront.engine.ops import Number, exp, log, maximum, minimum

__all__ = [
    "denied_share",
    "erlang_stages",
    "input_capacity",
    "input_goal",
    "limited_output",
    "needed_output",
    "plan_capacity",
    "price_factor",
    "stock_kept",
    "value_of_output",
]


@law(
    id="industry.plan",
    form="(C + s*Max(P - C, 0))*o/p",
    symbols={"capacity": "C", "planned": "P", "slippage": "s", "orders": "o", "price": "p"},
    source="announced plans and what was delivered (delivered/plan 0.53 for US 155 mm by mid-2025)",
    holds=("today's capacity where nothing more is planned, ordered or charged",),
    fails="orders too small and one-off to change a firm's plans",
)
def plan_capacity(
    capacity: RoundPerMonth, planned: RoundPerMonth, slippage: Share, orders: Ratio, price: Ratio
) -> RoundPerMonth:
    """Return the capacity that money now pays for: the plan as delivered, scaled by real orders."""
    return (capacity + slippage * maximum(planned - capacity, 0.0)) * orders / price


@law(
    id="industry.line",
    form=(
        "u + exp(-3*h/L)*(a - u)",
        "u + exp(-3*h/L)*(b - u + 3*h/L*(a - u))",
        "u + exp(-3*h/L)*(c - u + 3*h/L*(b - u) + (3*h/L)**2/2*(a - u))",
    ),
    symbols={"stages": ("a", "b", "c"), "target": "u", "mean_lag": "L", "step": "h"},
    source="third-order delay (Erlang chain), exact transition for a constant target; sterman2000, ch. 11",
    holds=(
        "two half steps equal one",
        "stays between the stages and the target",
        ".57681 of a step is closed after the mean lag",
    ),
    fails="plants that open on one day",
)
def erlang_stages(
    stages: tuple[Number, Number, Number], target: Number, mean_lag: Month, step: Month
) -> tuple[Number, Number, Number]:
    """Move a line, or deliveries, towards what is paid for.

    ``stages``: flows out of the three stages, in the target's unit; the last one is the delayed value.
    """
    z = 3 * step / mean_lag
    kept = exp(-z)
    first, second, third = (stage - target for stage in stages)
    return (
        target + kept * first,
        target + kept * (second + z * first),
        target + kept * (third + z * second + z * z / 2 * first),
    )


@law(
    id="industry.input",
    form="F + (C - F)*exp(-h/L)",
    symbols={"capacity": "C", "target": "F", "lag": "L", "step": "h"},
    source="sterman2000, ch. 11",
    holds=("stays between both capacities", "two half steps equal one"),
    fails="a plant that opens on one day",
)
def input_capacity(capacity: RoundPerMonth, target: RoundPerMonth, lag: Month, step: Month) -> RoundPerMonth:
    """Move the scarcest input towards the capacity of assembly."""
    return target + (capacity - target) * exp(-step / lag)


@law(
    id="industry.input_goal",
    form="F*(r + s*Max(1 - r, 0))",
    symbols={"target": "F", "ratio": "r", "slippage": "s"},
    source="40k projectiles a month with 18k propellant charges; plans widen the input as they do the line",
    holds=("never above the line's target where the input is scarce",),
    fails="inputs that no plan covers",
)
def input_goal(target: RoundPerMonth, ratio: Ratio, slippage: Share) -> RoundPerMonth:
    """Return the input capacity that plans aim at: today's ratio, closed as far as plans are delivered."""
    return target * (ratio + slippage * maximum(1 - ratio, 0.0))


@law(
    id="industry.output",
    form="Min(A, I*(1 - d), F)",
    symbols={"assembly": "A", "inputs": "I", "denied": "d", "funded": "F"},
    source="leontief: output is the least of its inputs",
    holds=("never above any of its limits", "never negative"),
    fails="substitution between inputs within the month",
)
def limited_output(
    assembly: RoundPerMonth, inputs: RoundPerMonth, denied: Share, funded: RoundPerMonth
) -> RoundPerMonth:
    """Return output as the least of assembly, the scarcest input and what is funded."""
    return minimum(minimum(assembly, inputs * (1 - denied)), funded)


@law(
    id="industry.need",
    form="S*(1/L + u)/12 + x + Max(y*12*P - S, 0)/12",
    symbols={
        "stock": "S",
        "shelf_life": "L",
        "training": "u",
        "leaving": "x",
        "stock_years": "y",
        "planned": "P",
    },
    source="orders replace what leaves and close the gap to a stock target within a year (sterman2000, ch. 17)",
    holds=("never negative", "replacement alone once the target is reached"),
    fails="orders placed to keep a line warm",
)
def needed_output(
    stock: Round,
    shelf_life: Year,
    training: PerYear,
    leaving: RoundPerMonth,
    stock_years: Year,
    planned: RoundPerMonth,
) -> RoundPerMonth:
    """Return the output that holders would still order: replacement, and what the stock lacks of its target."""
    ageing = stock * (1 / shelf_life + training) / 12
    return ageing + leaving + maximum(stock_years * 12 * planned - stock, 0.0) / 12


@law(
    id="industry.sanctions",
    form="s*e*exp(-log(2)*t/H)",
    symbols={"tightening": "s", "effect": "e", "years": "t", "half_life": "H"},
    source="input times 1 - effect (1 - substitution)",
    holds=("between 0 and the effect", "halves with each half-life"),
    fails="inputs without any substitute",
)
def denied_share(tightening: Share, effect: Share, years: Year, half_life: Year) -> Share:
    """Return the share of an input that sanctions still deny some years after they were tightened."""
    return tightening * effect * exp(-log(2.0) * years / half_life)


@law(
    id="industry.price",
    form="Max(o*B/C, 1)**n*Max(N, 1)**(log(L)/log(2))",
    symbols={
        "orders": "o",
        "baseline": "B",
        "capacity": "C",
        "response": "n",
        "cumulative": "N",
        "learning_rate": "L",
    },
    source=(
        "money buys price before quantity (155 mm from $0.8-3k to $6-8k); wright1936: unit cost falls to the "
        "learning rate with each doubling of cumulative output"
    ),
    holds=(
        "one at the start while capacity covers orders",
        "rises with orders",
        ".22706 at a hundredfold output on an 80% curve",
    ),
    fails="joint procurement that holds prices down; breaks in production, where skills are lost",
)
def price_factor(
    orders: Ratio,
    baseline: RoundPerMonth,
    capacity: RoundPerMonth,
    response: Ratio,
    cumulative: Ratio,
    learning_rate: Ratio,
) -> Ratio:
    """Return the price against the start's: orders ahead of capacity raise it, cumulative output lowers it."""
    tight = log(maximum(orders * baseline / capacity, 1.0))
    return exp(response * tight + log(learning_rate) / log(2.0) * log(maximum(cumulative, 1.0)))


@law(
    id="industry.stock",
    form="S*exp(-(1/L + u)*h/12)",
    symbols={"stock": "S", "shelf_life": "L", "training": "u", "step": "h"},
    source="stock over shelf life",
    holds=("never negative", "two half steps equal one"),
    fails="a batch that expires on one day",
)
def stock_kept(stock: Round, shelf_life: Year, training: PerYear, step: Month) -> Round:
    """Return what a stock keeps over a step after ageing and training."""
    return stock * exp(-(1 / shelf_life + training) * step / 12)


@law(
    id="industry.value",
    form="12*Q*c*p/1000000000",
    symbols={"output": "Q", "price": "c", "factor": "p"},
    source="output at today's price and its change",
    holds=("zero without output",),
    fails="prices of unlike rounds",
)
def value_of_output(output: RoundPerMonth, price: Number, factor: Ratio) -> Number:
    """Return the yearly value of output in billions of dollars."""
    return 12 * output * price * factor / 1_000_000_000
