"""What a run says: levels and paired differences, regret, what drives them, and where they contradict the record."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twofront.analyse.calibration import Calibrated, calibrations
    from twofront.analyse.decisiveness import CampaignEffect, campaign_effects
    from twofront.analyse.drivers import Driver, Ranking, tornado
    from twofront.analyse.estimates import Difference, Estimate
    from twofront.analyse.extremes import Tenths, tenths
    from twofront.analyse.levels import Headline, headline
    from twofront.analyse.rankings import Orders, policy_orders
    from twofront.analyse.record import Flag, check_record
    from twofront.analyse.regrets import Regret, regret
    from twofront.analyse.sample import Sample
    from twofront.analyse.second_front import Mechanisms, mechanisms
    from twofront.analyse.structures import StructureShare, structure_shares
    from twofront.analyse.variance import VarianceSplit, variance_split

__all__ = [
    "Calibrated",
    "CampaignEffect",
    "Difference",
    "Driver",
    "Estimate",
    "Flag",
    "Headline",
    "Mechanisms",
    "Orders",
    "Ranking",
    "Regret",
    "Sample",
    "StructureShare",
    "Tenths",
    "VarianceSplit",
    "calibrations",
    "campaign_effects",
    "check_record",
    "headline",
    "mechanisms",
    "policy_orders",
    "regret",
    "structure_shares",
    "tenths",
    "tornado",
    "variance_split",
]

_HOME = {
    "Calibrated": "calibration",
    "CampaignEffect": "decisiveness",
    "Difference": "estimates",
    "Driver": "drivers",
    "Estimate": "estimates",
    "Flag": "record",
    "Headline": "levels",
    "Mechanisms": "second_front",
    "Orders": "rankings",
    "Ranking": "drivers",
    "Regret": "regrets",
    "Sample": "sample",
    "StructureShare": "structures",
    "Tenths": "extremes",
    "VarianceSplit": "variance",
    "calibrations": "calibration",
    "campaign_effects": "decisiveness",
    "check_record": "record",
    "headline": "levels",
    "mechanisms": "second_front",
    "policy_orders": "rankings",
    "regret": "regrets",
    "structure_shares": "structures",
    "tenths": "extremes",
    "tornado": "drivers",
    "variance_split": "variance",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
