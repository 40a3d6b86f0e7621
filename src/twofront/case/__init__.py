"""Cases: folders with a situation, its evidence and its claims, read and checked.

`load_case` is the way in; `Case` is what everything else works with.
"""

from __future__ import annotations

from twofront.case.bundled import bundled_cases, find_case
from twofront.case.claim import Claim, ClaimsList, Variant
from twofront.case.kept import load_case
from twofront.case.model import (
    Adaptive,
    Beside,
    Bound,
    Calibration,
    Case,
    Effect,
    Figure,
    Lever,
    MovesWith,
    Parameter,
    Policy,
    StructureChoice,
)
from twofront.case.names import Entry, Reading
from twofront.case.policy_file import (
    added_policies,
    policies_from_json,
    policies_to_json,
    read_policies,
    with_policies,
)
from twofront.case.revision import Revision
from twofront.figures import Evidence

__all__ = [
    "Adaptive",
    "Beside",
    "Bound",
    "Calibration",
    "Case",
    "Claim",
    "ClaimsList",
    "Effect",
    "Entry",
    "Evidence",
    "Figure",
    "Lever",
    "MovesWith",
    "Parameter",
    "Policy",
    "Reading",
    "Revision",
    "StructureChoice",
    "Variant",
    "added_policies",
    "bundled_cases",
    "find_case",
    "load_case",
    "policies_from_json",
    "policies_to_json",
    "read_policies",
    "with_policies",
]
