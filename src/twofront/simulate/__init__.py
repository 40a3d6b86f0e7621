"""The path without war: economy, industry, stocks, forces, month by month."""

from twofront.simulate.path import Conditions, Path, simulate

__all__ = ["Conditions", "Path", "simulate"]
