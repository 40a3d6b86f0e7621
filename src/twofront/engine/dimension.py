"""Units as types, for the annotations of laws: `def cost(rounds: Round, price: UsdPerRound) -> Usd`.

Each name is a number annotated with its unit as the table of units spells it. The annotation is documentation that
tools can read (`Law.units`); it changes nothing when a law runs.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from twofront.engine.primitives import Number

__all__ = [
    "BnUsd",
    "BnUsdPerMonth",
    "BnUsdPerRound",
    "BnUsdPerYear",
    "Brigade",
    "Count",
    "Day",
    "Force",
    "ForcePerDay",
    "ForcePerMonth",
    "Index01",
    "Month",
    "PerDay",
    "PerMonth",
    "PerStake",
    "PerYear",
    "Ratio",
    "Round",
    "RoundPerDay",
    "RoundPerMonth",
    "RoundPerYear",
    "Share",
    "SharePerDay",
    "Ship",
    "Stake",
    "StakePerYear",
    "Year",
]

# numbers
Ratio: TypeAlias = Annotated[Number, "ratio"]
Share: TypeAlias = Annotated[Number, "share"]
Count: TypeAlias = Annotated[Number, "ratio"]
Index01: TypeAlias = Annotated[Number, "index"]

# time and rates
Day: TypeAlias = Annotated[Number, "day"]
Month: TypeAlias = Annotated[Number, "month"]
Year: TypeAlias = Annotated[Number, "year"]
PerDay: TypeAlias = Annotated[Number, "1/day"]
PerMonth: TypeAlias = Annotated[Number, "1/month"]
PerYear: TypeAlias = Annotated[Number, "1/year"]
SharePerDay: TypeAlias = Annotated[Number, "share/day"]

# money
BnUsd: TypeAlias = Annotated[Number, "bn_usd"]
BnUsdPerMonth: TypeAlias = Annotated[Number, "bn_usd/month"]
BnUsdPerYear: TypeAlias = Annotated[Number, "bn_usd/year"]
BnUsdPerRound: TypeAlias = Annotated[Number, "bn_usd/round"]

# munitions (a round, missile or drone of some class)
Round: TypeAlias = Annotated[Number, "round"]
RoundPerDay: TypeAlias = Annotated[Number, "round/day"]
RoundPerMonth: TypeAlias = Annotated[Number, "round/month"]
RoundPerYear: TypeAlias = Annotated[Number, "round/year"]

# forces (units of some capability class)
Force: TypeAlias = Annotated[Number, "force"]
ForcePerDay: TypeAlias = Annotated[Number, "force/day"]
ForcePerMonth: TypeAlias = Annotated[Number, "force/month"]
Brigade: TypeAlias = Annotated[Number, "brigade"]
Ship: TypeAlias = Annotated[Number, "ship"]

# stakes
Stake: TypeAlias = Annotated[Number, "stake"]
PerStake: TypeAlias = Annotated[Number, "1/stake"]
StakePerYear: TypeAlias = Annotated[Number, "stake/year"]
