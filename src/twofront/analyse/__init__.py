"""What a run says: levels and paired differences, regret, what drives them, and where they contradict the record."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twofront.analyse.decisiveness import CampaignEffect, campaign_effects
    from twofront.analyse.drivers import Driver, Ranking, tornado
    from twofront.analyse.estimates import Difference, Estimate
    from twofront.analyse.extremes import Tenths, tenths
    from twofront.analyse.levels import Headline, headline
    from twofront.analyse.record import Flag, check_record
    from twofront.analyse.regrets import Regret, regret
    from twofront.analyse.sample import Sample
    from twofront.analyse.second_front import Mechanisms, mechanisms
    from twofront.analyse.structures import StructureShare, structure_shares

__all__ = [
    "CampaignEffect",
    "Difference",
    "Driver",
    "Estimate",
    "Flag",
    "Headline",
    "Mechanisms",
    "Ranking",
    "Regret",
    "Sample",
    "StructureShare",
    "Tenths",
    "campaign_effects",
    "check_record",
    "headline",
    "mechanisms",
    "regret",
    "structure_shares",
    "tenths",
    "tornado",
]

_HOME = {
    "CampaignEffect": "decisiveness",
    "Difference": "estimates",
    "Driver": "drivers",
    "Estimate": "estimates",
    "Flag": "record",
    "Headline": "levels",
    "Mechanisms": "second_front",
    "Ranking": "drivers",
    "Regret": "regrets",
    "Sample": "sample",
    "StructureShare": "structures",
    "Tenths": "extremes",
    "campaign_effects": "decisiveness",
    "check_record": "record",
    "headline": "levels",
    "mechanisms": "second_front",
    "regret": "regrets",
    "structure_shares": "structures",
    "tenths": "extremes",
    "tornado": "drivers",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
