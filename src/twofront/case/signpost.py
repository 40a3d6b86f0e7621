"""Adaptive policies: a series to watch, a month in which it is read, and what follows from it.

``if: output.shell.nato_europe < 100000``, ``by: 2028-01``: in January 2028 the last half-year of the series that has
ended is looked at; where the comparison holds the levers under ``then`` take effect from the next half-year on, where
it does not those under ``else``. Until then, and for levers that neither names, the policy's own levers hold.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from twofront.case.model import Adaptive, Lever
from twofront.case.situation import months_between
from twofront.case.tree import Route, Tree
from twofront.faults import Fault, listed, nearest
from twofront.world import Clock

if TYPE_CHECKING:
    from twofront.case.schema import AdaptiveText, LeverText

__all__ = ["check_adaptive", "watched_end"]

HALF_YEAR = 6
"""Months in a step of the path without war: series are known at its end."""
COMPARISONS = ("<=", ">=", "<", ">")
_CONDITION = re.compile(r"\s*(?P<series>[^\s<>=]+)\s*(?P<sign><=|>=|<|>)\s*(?P<value>\S+)\s*\Z")


def watched_end(month: int) -> int:
    """Last month of the half-year that has ended when ``month`` begins."""
    return month // HALF_YEAR * HALF_YEAR - 1


def check_adaptive(
    name: str,
    item: AdaptiveText,
    own: Mapping[str, float],
    levers: Mapping[str, LeverText] | Mapping[str, Lever],
    series: Sequence[str],
    clock: Clock,
    tree: Tree,
) -> tuple[Adaptive | None, list[Fault]]:
    """Read the adaptive part of the policy ``name``; ``own``: its setting of all levers.

    Settings of levers are checked by the caller, who knows what a setting may be.
    """
    route: Route = ("policies", name, "adaptive")
    faults: list[Fault] = []
    watched, sign, limit = "", "", 0.0
    found = _CONDITION.match(item.condition)
    if found is None:
        message = f"`{item.condition}` is not a comparison of a series with a number"
        example = f"{series[0] if series else 'a series'} < 1000"
        faults.append(tree.fault((*route, "if"), message, found=item.condition, allowed=f"such as `{example}`"))
    else:
        watched, sign = found["series"], found["sign"]
        if watched not in series:
            message = f"`{watched}` is not among the series that the case keeps"
            remedy = "" if series else "declare it under `paths:`"
            faults.append(
                tree.fault(
                    (*route, "if"),
                    message,
                    found=watched,
                    allowed=listed(series, most=40),
                    nearest=nearest(watched, series),
                    remedy=remedy,
                )
            )
        try:
            limit = float(found["value"])
        except ValueError:
            message = f"`{found['value']}` in `{item.condition}` is not a number"
            remedy = "write digits only; the number is in the unit of the series"
            faults.append(tree.fault((*route, "if"), message, found=found["value"], remedy=remedy))
    month = months_between(clock.start, item.by)
    first, last = max(clock.cutoff, HALF_YEAR), clock.months - 1 - clock.spacing // 2
    if not first <= month <= last:
        labels = [_label(clock.start, at) for at in (first, last)]
        message = f"the signpost is read in {item.by}, when it can change nothing that is looked at"
        faults.append(tree.fault((*route, "by"), message, found=item.by, allowed=f"{labels[0]} to {labels[1]}"))
    known = set(levers)
    then = {**own, **{k: v for k, v in item.then.items() if k in known}}
    otherwise = {**own, **{k: v for k, v in item.otherwise.items() if k in known}}
    if then == otherwise and set(item.then) | set(item.otherwise) <= known:
        message = f"whatever is read, `{name}` goes on in the same way"
        remedy = "set some lever otherwise under `then`"
        faults.append(tree.fault((*route, "then"), message, key=True, remedy=remedy))
    if faults:
        return None, faults
    told = (tuple(item.then), tuple(item.otherwise))
    return Adaptive(watched, sign, limit, month, item.by, then, otherwise, *told), []


def _label(start: str, month: int) -> str:
    year, first = (int(part) for part in start.split("-"))
    whole = year * 12 + first - 1 + month
    return f"{whole // 12:04d}-{whole % 12 + 1:02d}"
