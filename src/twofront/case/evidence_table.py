"""Read ``evidence.csv``: one sourced figure a row, every fault with its line and column."""

from __future__ import annotations

import csv
import itertools
import math
import re
from pathlib import Path
from typing import Final

from twofront.case.tree import read_text
from twofront.faults import Fault, nearest
from twofront.figures import GRADES, Evidence, UnknownUnit, measure_of
from twofront.figures.period import PERIODS, UnknownPeriod, day_of, period_of

__all__ = ["HEADER", "read_evidence"]

HEADER: tuple[str, ...] = (
    "id",
    "entity",
    "quantity",
    "low",
    "central",
    "high",
    "unit",
    "period",
    "source",
    "url",
    "published",
    "grade",
    "note",
)
_ID: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*\Z")
_DATE: Final = re.compile(r"[\d-]+\Z")
_NUMBER: Final = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?\Z")
_NEEDED: Final = ("entity", "quantity", "unit", "source", "url")
_UNITS: Final = "a unit of docs/evidence.md, such as round/year, percent of gdp, mn_usd current, count, text"


def read_evidence(path: Path, name: str) -> tuple[dict[str, Evidence], list[Fault], bool]:
    """Return the rows by id, everything that is wrong with them, and whether all ids are known."""
    text, faults = read_text(path, name)
    if faults:
        return {}, faults, False
    reader = _Reader(name)
    whole = reader.read(text)
    return reader.rows, reader.faults, whole


class _Reader:
    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: dict[str, Evidence] = {}
        self.faults: list[Fault] = []
        self._lines: list[str] = []

    def read(self, text: str) -> bool:
        self._lines = text.splitlines()
        rows = csv.reader(text.splitlines(keepends=True), strict=True)
        line = 1
        try:
            for number, row in enumerate(rows):
                if number == 0:
                    if not self._header(row):
                        return False
                elif row:
                    self._row(row, line)
                line = rows.line_num + 1
        except csv.Error as error:
            remedy = "put a cell that holds a comma, a quote or a line break in quotes, and double the quotes inside"
            self.faults.append(Fault(self.name, line, 1, f"this is not CSV: {error}", remedy=remedy))
            return False
        if line == 1 and not self.faults:
            self.faults.append(
                Fault(self.name, 1, 1, "the file is empty", allowed=",".join(HEADER), remedy="begin with the header")
            )
            return False
        return True

    def _header(self, row: list[str]) -> bool:
        if tuple(row) == HEADER:
            return True
        for place, wanted in enumerate(HEADER):
            found = row[place] if place < len(row) else ""
            if found != wanted:
                message = f"column {place + 1} of the header is `{found}`" if found else f"the header lacks `{wanted}`"
                close = nearest(found, HEADER) if found else ""
                self._fault(1, row, place, message, found, ",".join(HEADER), close, "write the header exactly so")
                return False
        message = f"the header has {len(row)} columns"
        self._fault(1, row, len(HEADER), message, ",".join(row), ",".join(HEADER), "", "remove the further columns")
        return False

    def _fault(
        self,
        line: int,
        row: list[str],
        place: int,
        message: str,
        found: str = "",
        allowed: str = "",
        close: str = "",
        remedy: str = "",
    ) -> None:
        self.faults.append(
            Fault(self.name, line, self._column(line, row, place), message, found, allowed, close, remedy)
        )

    def _column(self, line: int, row: list[str], place: int) -> int:
        """The column where a cell begins, if the row stands on one line and is written in the plain way."""
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        if place >= len(row):
            return len(text) + 1
        position = 0
        for cell in row[:place]:
            escaped = cell.replace('"', '""')
            if text.startswith(f'"{escaped}"', position):
                position += len(escaped) + 2
            elif text.startswith(cell, position):
                position += len(cell)
            else:
                return 1
            position += 1
        return position + 1

    def _row(self, row: list[str], line: int) -> None:
        if len(row) != len(HEADER):
            message = f"the row has {len(row)} cells"
            remedy = (
                "put cells that hold a comma in quotes"
                if len(row) > len(HEADER)
                else "fill the missing cells, or leave them empty between commas"
            )
            self._fault(line, row, 0, message, str(len(row)), f"{len(HEADER)} cells", "", remedy)
            self._keep(row[0].strip(), line)
            return
        cells: dict[str, str] = dict(zip(HEADER, (cell.strip() for cell in row), strict=True))
        before = len(self.faults)
        self._id(cells["id"], line, row)
        for column in _NEEDED:
            if not cells[column]:
                self._fault(
                    line,
                    row,
                    HEADER.index(column),
                    f"`{column}` is empty",
                    remedy="say it: a figure without it cannot be checked",
                )
        if cells["url"] and not cells["url"].startswith(("https://", "http://")):
            message = f"`url` is `{cells['url']}`"
            self._fault(
                line, row, HEADER.index("url"), message, cells["url"], "an address that begins with https:// or http://"
            )
        if cells["grade"] not in GRADES:
            message = f"`grade` is `{cells['grade']}`" if cells["grade"] else "`grade` is empty"
            allowed = "A (counted), B (reported), C (inferred), D (guessed, or a weak carrier)"
            self._fault(
                line, row, HEADER.index("grade"), message, cells["grade"], allowed, nearest(cells["grade"], GRADES)
            )
        self._unit(cells, line, row)
        self._period(cells["period"], line, row)
        self._published(cells["published"], line, row)
        low, central, high = (self._number(cells, column, line, row) for column in ("low", "central", "high"))
        self._order(low, central, high, line, row)
        if cells["id"] and cells["id"] not in self.rows and len(self.faults) == before:
            self.rows[cells["id"]] = Evidence(
                id=cells["id"],
                entity=cells["entity"],
                quantity=cells["quantity"],
                low=low,
                central=central,
                high=high,
                unit=cells["unit"],
                period=cells["period"],
                source=cells["source"],
                url=cells["url"],
                published=cells["published"],
                grade=cells["grade"],
                note=cells["note"],
                line=line,
            )
        else:
            self._keep(cells["id"], line)

    def _keep(self, id_: str, line: int) -> None:
        """A faulty row exists all the same: what cites it is not at fault for that."""
        if id_:
            self.rows.setdefault(id_, Evidence(id_, "", "", None, None, None, "", "", "", "", "", "", "", line))

    def _id(self, id_: str, line: int, row: list[str]) -> None:
        if not id_:
            self._fault(line, row, 0, "`id` is empty", remedy="give the row an id that nothing else has")
        elif not _ID.match(id_):
            self._fault(line, row, 0, f"`id` is `{id_}`", id_, "a letter, then letters, digits, `_`, `.` or `-`")
        elif id_ in self.rows:
            message = f"the id `{id_}` stands here for the second time; first at line {self.rows[id_].line}"
            self._fault(line, row, 0, message, id_, remedy="give one of the two another id")
            first = self.rows.pop(id_).line  # which of the two is meant nobody knows
            self._keep(id_, first)

    def _published(self, text: str, line: int, row: list[str]) -> None:
        try:
            if not _DATE.match(text):
                raise UnknownPeriod(text)
            day_of(text)
        except UnknownPeriod:
            message = f"`published` is `{text}`" if text else "`published` is empty"
            allowed = "a date written YYYY, YYYY-MM or YYYY-MM-DD"
            self._fault(line, row, HEADER.index("published"), message, text, allowed)

    def _period(self, text: str, line: int, row: list[str]) -> None:
        try:
            period_of(text)
        except UnknownPeriod as error:
            remedy = "write when the figure holds, and in the note what else the source says; or leave it empty"
            self._fault(line, row, HEADER.index("period"), str(error), text, PERIODS, "", remedy)

    def _unit(self, cells: dict[str, str], line: int, row: list[str]) -> None:
        """A unit of the grammar, with numbers where it is one of numbers and without where it is one of words."""
        text, place = cells["unit"], HEADER.index("unit")
        if not text:
            return
        try:
            measure = measure_of(text, cells["quantity"])
        except UnknownUnit as error:
            remedy = "what is more than a unit belongs in `quantity`"
            self._fault(line, row, place, str(error), text, _UNITS, error.nearest, remedy)
            return
        numbers = any(cells[column] for column in ("low", "central", "high"))
        if numbers and not measure.is_number:
            remedy = "name the unit of the number, or take it out"
            self._fault(line, row, place, "the unit is `text` and the row has a number", text, _UNITS, "", remedy)
        elif measure.is_number and not numbers:
            remedy = "give a number, or write `text` where there is none"
            self._fault(line, row, place, f"the unit is `{text}` and the row has no number", text, _UNITS, "", remedy)

    def _number(self, cells: dict[str, str], column: str, line: int, row: list[str]) -> float | None:
        text = cells[column]
        if not text:
            return None
        if not _NUMBER.match(text) or not math.isfinite(float(text)):
            remedy = "write digits only; the unit has its own column"
            if _NUMBER.match(text.replace(",", "").replace(" ", "")):
                remedy = f"write {text.replace(',', '').replace(' ', '')}"
            self._fault(
                line, row, HEADER.index(column), f"`{column}` is `{text}`", text, "a number, or nothing", "", remedy
            )
            return None
        return float(text)

    def _order(self, low: float | None, central: float | None, high: float | None, line: int, row: list[str]) -> None:
        given = [(n, v) for n, v in (("low", low), ("central", central), ("high", high)) if v is not None]
        for (first, a), (second, b) in itertools.pairwise(given):
            if a > b:
                message = f"`{first}` ({a:g}) is above `{second}` ({b:g})"
                self._fault(
                    line,
                    row,
                    HEADER.index(first),
                    message,
                    f"{a:g}",
                    "low ≤ central ≤ high",
                    "",
                    "exchange or mend them",
                )
