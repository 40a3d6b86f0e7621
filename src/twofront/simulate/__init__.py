"""The path without war: economy, industry, stocks, forces."""

from twofront.simulate.conditions import MONTHS, Conditions, first_policy_quarter, quarters
from twofront.simulate.path import Path, simulate

__all__ = ["MONTHS", "Conditions", "Path", "first_policy_quarter", "quarters", "simulate"]
