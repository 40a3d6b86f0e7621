"""The path without war: economy, industry, stocks, forces."""

from twofront.simulate.conditions import MONTHS, Conditions, first_policy_step, steps
from twofront.simulate.path import Path, simulate

__all__ = ["MONTHS", "Conditions", "Path", "first_policy_step", "simulate", "steps"]
