"""From the day of a claim to now: what was public then, and how ranges and the answer have moved since.

The same draws are evaluated twice on the present course: with the ranges that follow from what was public on the day,
and with those that follow from all the evidence. Judgements have no day; they stand in both.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from twofront.analyse.estimates import Difference, Estimate, difference_of, estimate
from twofront.analyse.outcomes import headline_outcomes
from twofront.audit.futures import FUTURES, SmallEnsemble
from twofront.case import Case, Parameter, Revision, load_case

__all__ = ["Moved", "Shift", "Vintage", "day_of_claims", "vintage"]

_NOT_COMPARED = ("policy_cost", "window_months")
"""Nothing by definition on the present course, and a count of months that is nothing in most futures."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A parameter whose range follows from less evidence on the day."""

    then: Parameter
    now: Parameter

    @property
    def shift(self) -> float:
        """How far the mode has moved since, in widths of today's range; infinite where that has none."""
        width = self.now.high - self.now.low
        change = self.now.mode - self.then.mode
        return change / width if width else float("inf") * change if change else 0.0


@dataclass(frozen=True, slots=True)
class Shift:
    """A headline outcome on the present course, then and now, and by how much it moved in the same draws."""

    outcome: str
    then: Estimate
    now: Estimate
    change: Difference


@dataclass(frozen=True, slots=True)
class Vintage:
    """A case as of a day, beside the case as it is now."""

    day: str
    public: int
    """Rows of evidence that were public on the day."""
    rows: int
    moved: tuple[Moved, ...]
    """Parameters whose range is another, those whose mode moved most first."""
    unsupported: int
    """Parameters of whose evidence nothing was public yet: their ranges are today's."""
    shifts: tuple[Shift, ...]
    n: int
    """Futures of the comparison."""


def day_of_claims(case: Case) -> str:
    """The day on which most claims of the case's first list were made; nothing where there are none."""
    days = Counter(claim.date for claim in case.claims if not claim.list) or Counter(c.date for c in case.claims)
    return max(days, key=lambda day: (days[day], day)) if days else ""


def vintage(
    case: Case, day: str, *, futures: int = FUTURES, seed: int = 1, known: SmallEnsemble | None = None
) -> Vintage:
    """Compare a case with itself as of ``day``, over the same draws. `UserError` if that is not a day.

    ``known``: an ensemble of the case that has been made for something else; if its draws are these, its present course
    is not evaluated again.
    """
    earlier = load_case(case.folder, revision=replace(case.revision or Revision(), as_of=day))
    moved = [
        Moved(then, now)
        for then, now in zip(earlier.parameters, case.parameters, strict=True)
        if (then.low, then.mode, then.high) != (now.low, now.mode, now.high)
    ]
    before = SmallEnsemble(earlier, futures, seed=seed)
    if known is not None and known.case.hash == case.hash and known.drawn_with == before.drawn_with:
        after = known
    else:
        after = SmallEnsemble(case, futures, seed=seed)
    (sound_then, then_of), (sound_now, now_of) = before.present_course(), after.present_course()
    both = sound_then & sound_now
    shifts: list[Shift] = []
    for name in headline_outcomes(case):
        if name in _NOT_COMPARED or not (before.has(name) and after.has(name)):
            continue
        then, now = then_of(name)[both], now_of(name)[both]
        shifts.append(Shift(name, estimate(then), estimate(now), difference_of(now - then)))
    return Vintage(
        day=day,
        public=len(earlier.evidence),
        rows=len(case.evidence),
        moved=tuple(sorted(moved, key=lambda item: (-abs(item.shift), item.now.name))),
        unsupported=sum(parameter.support == "unsupported" for parameter in earlier.parameters),
        shifts=tuple(shifts),
        n=int(both.sum()),
    )
