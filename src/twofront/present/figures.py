"""What a figure is before anything draws it: panels, their legend, their words and the tables behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

__all__ = ["Cell", "Figure", "Key", "Panel", "Spec", "Table"]

Spec: TypeAlias = dict[str, Any]
"""A Vega-Lite specification."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: its text, and the outcome (or whatever else) that it comes from, shown on hovering."""

    text: str
    title: str = ""
    head: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table; its first column names the rows. `wide` tables scroll within themselves."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @staticmethod
    def of(caption: str, columns: Sequence[str], rows: Sequence[Sequence[str | Cell]]) -> Table:
        """Make a table of texts and cells; the first cell of each row becomes its head."""
        made = tuple(
            tuple(
                Cell(
                    cell.text if isinstance(cell, Cell) else cell,
                    cell.title if isinstance(cell, Cell) else "",
                    place == 0,
                )
                for place, cell in enumerate(row)
            )
            for row in rows
        )
        return Table(caption, tuple(columns), made)


@dataclass(frozen=True, slots=True)
class Key:
    """An entry of a legend."""

    label: str
    colour: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One small chart. `describes` is what a screen reader says instead of showing it."""

    title: str
    spec: Spec
    describes: str
    scrolls: bool = False
    """Whether it keeps its own width where there is less room, and is scrolled within itself."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the report: `title` states the finding or the question, `measures` what is shown and of how many
    futures, `limits` what it does not say, `sources` where it comes from."""

    id: str
    title: str
    measures: str
    panels: tuple[Panel, ...]
    tables: tuple[Table, ...]
    limits: str
    sources: str
    legend: tuple[Key, ...] = ()
    text: tuple[str, ...] = ()
    """Paragraphs before the chart."""
    columns: int = 0
    """Panels side by side where there is room; 0 for as many as there are, at most two."""
    specs: Mapping[str, Spec] = field(init=False, repr=False, default_factory=dict)

    @property
    def side_by_side(self) -> int:
        """Panels in a row on a wide screen."""
        return self.columns or min(2, max(1, len(self.panels)))
