"""How a range follows from what it rests on: as written, from several sources, or from what a revision has left.

The rules, in one place:

- A bound that cites evidence says what a cited row says, in its unit, or how it follows (``derive``), or that a
  judgement lies between (``judgement``).
- ``sources`` give a range by the pool (`twofront.figures.pool`).
- After a revision, ``sources`` are pooled again. Of written bounds those stand whose evidence is left; a lost ``low``
  or ``high`` gives way to the nearest bound that stands, a lost ``mode`` to their middle. If a single figure is left,
  it is widened by the margin of its grade. Where nothing is left, the range stands as it was, and is called
  unsupported.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from twofront.case.model import Bound, Figure
from twofront.case.schema import BoundText, SourceText
from twofront.figures import Evidence, ExpressionError, Range, Statement, amount_of, parse, pool, resolver
from twofront.figures.pool import MARGINS
from twofront.units import UNITS

__all__ = ["Pooled", "definition_of", "figure_of", "pooled", "remaining", "reproduces"]

BOUNDS: Final = ("low", "mode", "high")
_WORST: Final = "DCBA"
JUDGED: Final = "D"
_CLOSE: Final = 0.005
"""How far a written value may be from what is derived, relative."""
_DIGITS: Final = 2
"""To how many digits a written value may be rounded by hand, if it has no more of them."""


@dataclass(frozen=True, slots=True)
class Pooled:
    """A range from several sources: its bounds, what each source says, and what support is left."""

    bounds: dict[str, Bound]
    figures: tuple[Figure, ...]
    support: str


def figure_of(
    role: str, text: BoundText | SourceText, unit: str, rows: Mapping[str, Evidence], grade: str
) -> Figure | None:
    """Return what a bound or source says, in ``unit``; ``None`` where it cites words only.

    ``grade``: of a judgement that is a bound. Raises `ExpressionError`.
    """
    if text.derive is not None:
        expression = parse(text.derive)
        resolve = resolver(rows)
        at = [expression.value(resolve, where).in_unit(unit) for where in ("low", "central", "high")]
        single = sum(_has_ends(rows[id_]) for id_ in expression.ids) <= 1
        low, high = (min(at), max(at)) if single else (at[1], at[1])
        step = "; ".join(part for part in (text.derive, text.conversion) if part)
        return Figure(role, low, at[1], high, expression.ids, _grade_of(expression.ids, rows), conversion=step)
    if isinstance(text, SourceText) and text.value is None:
        (id_,) = text.evidence
        low, central, high = (amount_of(rows[id_], where).in_unit(unit) for where in ("low", "central", "high"))
        return Figure(role, low, central, high, (id_,), rows[id_].grade, conversion=text.conversion or "")
    if text.value is None:
        return None
    ids = tuple(id_ for id_ in text.evidence if id_ in rows)
    # Among sources a judgement is a guess, however well the rest is counted; a written bound has its parameter's grade.
    worst = _grade_of(ids, rows) or (JUDGED if isinstance(text, SourceText) else grade)
    return Figure(role, text.value, text.value, text.value, ids, worst, text.judgement or "", text.conversion or "")


def definition_of(source: SourceText, rows: Mapping[str, Evidence]) -> str:
    """Return whose count a source follows (NATO's, SIPRI's, …), or nothing. Raises `ExpressionError`."""
    if source.derive is not None:
        return parse(source.derive).value(resolver(rows)).definition
    return amount_of(rows[source.evidence[0]]).definition if source.evidence else ""


def reproduces(bound: BoundText, unit: str, rows: Mapping[str, Evidence]) -> str:
    """Return what is wrong with a bound against the evidence that it cites, or nothing.

    Raises `ExpressionError` where its ``derive`` cannot be computed.
    """
    if bound.derive is not None:
        found = parse(bound.derive).value(resolver(rows)).in_unit(unit)
        return "" if _equal(bound.value, found) else f"its `derive` gives {found:.6g}"
    if not bound.evidence or bound.judgement:
        return ""
    said: list[float] = []
    for id_ in bound.evidence:
        try:
            said += [amount_of(rows[id_], where).in_unit(unit) for where in ("low", "central", "high")]
        except ExpressionError:
            continue
    if any(_equal(bound.value, value) for value in said):
        return ""
    numbers = ", ".join(dict.fromkeys(f"{value:.6g}" for value in said))
    return f"the evidence it cites says {numbers}" if said else f"the evidence it cites has no number in `{unit}`"


def _equal(written: float, found: float) -> bool:
    if math.isclose(written, found, rel_tol=_CLOSE, abs_tol=1e-12):
        return True
    digits = len(f"{written:.12g}".lstrip("-0.").replace(".", "").rstrip("0"))
    return float(f"{found:.{max(digits, _DIGITS)}g}") == float(f"{written:.12g}")


def pooled(
    sources: Sequence[SourceText], unit: str, rows: Mapping[str, Evidence], struck: Mapping[str, Evidence], grade: str
) -> Pooled:
    """Return the range of ``sources``, less those that rest on what is struck. Raises `ExpressionError`."""
    everything = {**rows, **struck}
    figures = [figure_of("source", source, unit, everything, grade) for source in sources]
    stated = [figure for figure in figures if figure is not None]
    left = [figure for figure in stated if not _lost(figure.ids, struck)]
    support = "stated" if len(left) == len(stated) else "derived" if left else "unsupported"
    found = _capped(pool([Statement(f.low, f.central, f.high, f.grade) for f in left or stated]), unit)
    return Pooled(_bounds_of(found, left or stated), tuple(left), support)


def remaining(
    bounds: Mapping[str, Bound],
    figures: Mapping[str, Figure],
    struck: Mapping[str, Evidence],
    shape: str,
    grade: str,
    unit: str,
) -> tuple[dict[str, Bound], str]:
    """Return the bounds that ``struck`` leaves, and the support: stated, derived or unsupported."""
    standing = {
        key: replace(bound, evidence=tuple(i for i in bound.evidence if i not in struck))
        for key, bound in bounds.items()
        if not _gone(bound, struck)
    }
    if len(standing) == len(bounds):
        return dict(standing), "stated"
    if not standing:
        return dict(bounds), "unsupported"
    values = {key: bound.value for key, bound in standing.items()}
    if len(set(values.values())) == 1:
        key, bound = next(iter(standing.items()))
        worst = figures[key].grade if key in figures else grade
        found = _capped(pool([Statement(bound.value, bound.value, bound.value, worst)]), unit)
    else:
        low, high = min(values.values()), max(values.values())
        geometric = shape.startswith("log_") and low > 0
        middle = math.sqrt(low * high) if geometric else (low + high) / 2
        found = Range(low, values.get("mode", middle), high)
    result: dict[str, Bound] = {}
    for key in bounds:
        if key in standing and standing[key].value == getattr(found, key):
            result[key] = standing[key]
        else:
            result[key] = Bound(getattr(found, key), conversion="derived again from what is left")
    return result, "derived"


def _capped(found: Range, unit: str) -> Range:
    """The range with no part of a whole above the whole: a margin may not widen beyond it."""
    if unit not in UNITS or UNITS[unit].dimension != "share":
        return found
    whole = 1 / UNITS[unit].factor
    if found.mode > whole:  # stated so, and a fault of its own
        return found
    return replace(found, high=min(found.high, whole))


def _gone(bound: Bound, struck: Mapping[str, Evidence]) -> bool:
    """A derived bound needs every row it names; any other stands while one row, or no row, is behind it."""
    if bound.derive:
        return any(id_ in struck for id_ in parse(bound.derive).ids)
    return bool(bound.evidence) and all(id_ in struck for id_ in bound.evidence)


def _lost(ids: Sequence[str], struck: Mapping[str, Evidence]) -> bool:
    return any(id_ in struck for id_ in ids)


def _bounds_of(found: Range, figures: Sequence[Figure]) -> dict[str, Bound]:
    """The ends cite who says so; the mode cites all."""
    everyone = tuple(dict.fromkeys(id_ for figure in figures for id_ in figure.ids))
    why = f"the pool of {len(figures)} sources" if len(figures) > 1 else f"one source, widened by {MARGINS_WORD}"

    def says(end: str) -> tuple[str, ...]:
        ids = [id_ for f in figures if getattr(f, end) == getattr(found, end) for id_ in f.ids]
        return tuple(dict.fromkeys(ids)) or everyone

    return {
        "low": Bound(found.low, says("low"), conversion=why),
        "mode": Bound(found.mode, everyone, conversion=why),
        "high": Bound(found.high, says("high"), conversion=why),
    }


def _has_ends(row: Evidence) -> bool:
    """Whether a row is a range: where several are, their ends do not belong together."""
    return len({end for end in (row.low, row.central, row.high) if end is not None}) > 1


def _grade_of(ids: Sequence[str], rows: Mapping[str, Evidence]) -> str:
    """The worst grade among rows, or nothing."""
    return min((rows[id_].grade for id_ in ids if id_ in rows), key=_WORST.index, default="")


MARGINS_WORD: Final = "the margin of its grade (" + ", ".join(f"{g} {m:.0%}" for g, m in MARGINS.items()) + ")"
