"""A case with part of its evidence struck, regraded, or not yet published.

Nothing is edited: the case is read again, and every range is derived from what is left (`twofront.case.derivation`).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from twofront.faults import UserError, nearest
from twofront.figures import GRADES, Evidence

__all__ = ["Revision"]

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?\Z")
_MOST_NAMED = 60


@dataclass(frozen=True, slots=True)
class Revision:
    """What is done to the evidence of a case.

    ``without``: ids of rows, or words of a source (all rows whose source holds them, whatever their case);
    ``grades``: a grade for an id or for all rows of a source; ``as_of``: a day (``2025-07-05``), after which nothing
    published counts. A row dated by month or year counts as published at its end.
    """

    without: tuple[str, ...] = ()
    grades: Mapping[str, str] = field(default_factory=dict[str, str])
    as_of: str = ""

    def __post_init__(self) -> None:
        if self.as_of and not _is_day(self.as_of):
            raise UserError(f"`{self.as_of}` is not a day; write it like 2025-07-05")
        for name, grade in self.grades.items():
            if grade not in GRADES:
                raise UserError(f"`{grade}` is not a grade (for `{name}`); allowed: {', '.join(GRADES)}")

    def __bool__(self) -> bool:
        return bool(self.without or self.grades or self.as_of)

    def apply(self, rows: Mapping[str, Evidence]) -> tuple[dict[str, Evidence], dict[str, Evidence]]:
        """Return the rows that are left, with their grades, and those that are struck.

        `UserError` names everything that fits no row, with the nearest id or source.
        """
        missing: list[str] = []
        gone: set[str] = set()
        for name in self.without:
            gone |= self._meant(name, rows, missing)
        grades: dict[str, str] = {}
        for name, grade in self.grades.items():
            grades |= dict.fromkeys(self._meant(name, rows, missing), grade)
        if missing:
            raise UserError("; ".join(missing))
        if self.as_of:
            gone |= {id_ for id_, row in rows.items() if not _public(row.published, self.as_of)}
        kept = {
            id_: replace(row, grade=grades[id_]) if id_ in grades else row
            for id_, row in rows.items()
            if id_ not in gone
        }
        return kept, {id_: row for id_, row in rows.items() if id_ in gone}

    def to_json(self) -> dict[str, Any]:
        """Return the revision as plain data."""
        return {"without": list(self.without), "grades": dict(self.grades), "as_of": self.as_of}

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> Revision | None:
        """Read what `to_json` wrote; ``None`` for none."""
        if not data:
            return None
        return cls(tuple(data["without"]), dict(data["grades"]), data["as_of"])

    def options(self) -> str:
        """Return the options of a command that ask for it, each with a blank before it."""
        parts = [f" --without {shlex.quote(name)}" for name in self.without]
        parts += [f" --grade {shlex.quote(f'{name}={grade}')}" for name, grade in self.grades.items()]
        return "".join(parts) + (f" --as-of {self.as_of}" if self.as_of else "")

    def words(self) -> str:
        """Say in a line what is done."""
        parts: list[str] = []
        if self.without:
            parts.append("without " + ", ".join(self.without))
        if self.grades:
            parts.append(", ".join(f"{name} graded {grade}" for name, grade in self.grades.items()))
        if self.as_of:
            parts.append(f"as of {self.as_of}")
        return "; ".join(parts)

    @staticmethod
    def _meant(name: str, rows: Mapping[str, Evidence], missing: list[str]) -> set[str]:
        if name in rows:
            return {name}
        found = (
            {id_ for id_, row in rows.items() if name.casefold() in row.source.casefold()} if name.strip() else set()
        )
        if not found:
            sources = dict.fromkeys(row.source for row in rows.values())
            close = nearest(name, [*rows, *sources]) or nearest(name, [s[:_MOST_NAMED] for s in sources], cutoff=0.4)
            missing.append(
                f"no row of evidence has the id `{name}`, and no source contains it"
                + (f"; did you mean `{close}`?" if close else "")
            )
        return found


def _is_day(text: str) -> bool:
    """Whether a text is a day, a month or a year that exists."""
    if not _DATE.match(text):
        return False
    try:
        date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError:
        return False
    return True


def _public(published: str, day: str) -> bool:
    """Whether something was public on a day; a month or a year counts from its end."""
    if not published:
        return False
    # "-99" stands for the end of a month or a year, on either side; dates then compare as text.
    return published + "-99-99"[len(published) - 4 :] <= day + "-99-99"[len(day) - 4 :]
