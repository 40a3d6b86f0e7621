"""The pages on the laws, made from their records: one Markdown page for each group, and a picture for each law.

`python -m twofront.present.law_pages docs/laws` writes them. What a record does not hold (which quantity of a case an
argument is, what to draw, what critics say) stands in `law_notes.toml` beside this module.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from twofront.case import Case, load_case
from twofront.engine.law import Law, laws
from twofront.present.charts import curves
from twofront.present.figures import Spec
from twofront.present.latex import latex
from twofront.present.numbers import plain
from twofront.present.palette import assigned

__all__ = ["CASE", "Notes", "Objection", "Plot", "notes", "pages", "picture", "pictures", "stamp", "write"]

CASE: Final = "rutte-2025"
"""The case whose ranges the pages show."""
POINTS: Final = 41
"""Points along each curve."""
STAMP: Final = "specification"


@dataclass(frozen=True, slots=True)
class Plot:
    """What to draw of a law: an argument along the axis, another in curves, the rest held."""

    x: str
    low: float
    high: float
    curves: str
    values: tuple[float, ...]
    at: Mapping[str, Any]
    result: int


@dataclass(frozen=True, slots=True)
class Objection:
    """What critics say of laws whose ids begin so, who says it, and the answer."""

    of: tuple[str, ...]
    says: str
    who: str
    answer: str


@dataclass(frozen=True, slots=True)
class Notes:
    """What the pages need beside the laws' records."""

    families: Mapping[str, str]
    plots: Mapping[str, Plot]
    reads: Mapping[str, Mapping[str, str]]
    objections: tuple[Objection, ...]

    def family(self, id_: str) -> str:
        """The longest family that a law's id begins with; `KeyError` if there is none."""
        parts = id_.split(".")
        for count in range(len(parts), 0, -1):
            name = ".".join(parts[:count])
            if name in self.families:
                return name
        raise KeyError(f"law `{id_}` belongs to no family of law_notes.toml")

    def objections_to(self, id_: str) -> list[Objection]:
        """What critics say of a law."""
        return [item for item in self.objections if any(_begins(id_, name) for name in item.of)]


def notes() -> Notes:
    """Read the notes."""
    text = tomllib.loads(files("twofront.present").joinpath("law_notes.toml").read_text(encoding="utf-8"))
    plots: dict[str, Plot] = {}
    reads: dict[str, dict[str, str]] = {}
    for id_, item in text["laws"].items():
        axis, low, high = item["x"]
        over, *values = item.get("curves", [""])
        plots[id_] = Plot(axis, low, high, over, tuple(values), item.get("at", {}), item.get("result", 0))
        reads[id_] = item.get("reads", {})
    objections = tuple(
        Objection(tuple(item["of"]), item["says"], item["who"], item["answer"]) for item in text["objections"]
    )
    return Notes(text["families"], plots, reads, objections)


def every_law() -> Mapping[str, Law]:
    """Every law of the model."""
    for package in ("adjudicate", "choose", "simulate"):
        import_module(f"twofront.{package}")
    return laws()


# ---- pictures -----------------------------------------------------------------------------------------------------


def picture(record: Law, plot: Plot) -> Spec:
    """The chart of a law."""
    rows: list[dict[str, Any]] = []
    for value in plot.values or (math.nan,):
        series = f"{value:g}" if plot.curves else record.id
        for step in range(POINTS):
            x = plot.low + (plot.high - plot.low) * step / (POINTS - 1)
            arguments = {**plot.at, plot.x: x, **({plot.curves: value} if plot.curves else {})}
            arguments = {name: _number(each) for name, each in arguments.items()}
            found = record.function(**arguments)
            y = float(found[plot.result] if isinstance(found, (tuple, list)) else found)
            if math.isfinite(y):
                # Six digits are more than a picture shows, and keep it small.
                rows.append({"x": float(f"{x:.6g}"), "y": float(f"{y:.6g}"), "series": series})
    names = list(dict.fromkeys(row["series"] for row in rows))
    return curves(
        rows,
        x_title=_titled(record, plot.x),
        y_title=f"[{record.unit}]" if record.unit else "",
        series_title=_titled(record, plot.curves) if plot.curves else "",
        colours=assigned(names),
    )


def pictures() -> dict[str, Spec]:
    """Every picture by its file's name."""
    told = notes()
    return {f"{id_}.svg": picture(record, told.plots[id_]) for id_, record in every_law().items() if id_ in told.plots}


def stamp(spec: Spec) -> str:
    """A comment that says from which specification a picture was made."""
    text = json.dumps(spec, sort_keys=True, ensure_ascii=True)
    return f"<!-- {STAMP} {hashlib.sha256(text.encode()).hexdigest()[:16]} -->"


def _number(value: Any) -> Any:
    return tuple(float(each) for each in value) if isinstance(value, list) else float(value)


def _titled(record: Law, argument: str) -> str:
    unit = record.units.get(argument)
    words = argument.replace("_", " ")
    return f"{words} [{unit}]" if unit else words


# ---- pages --------------------------------------------------------------------------------------------------------


def pages() -> dict[str, str]:
    """Every page by its file's name: one for each group of laws, and an index."""
    told, records, case = notes(), every_law(), load_case(CASE)
    groups: dict[str, list[Law]] = {}
    for id_, record in records.items():
        groups.setdefault(id_.split(".")[0], []).append(record)
    made = {f"{group}.md": _page(group, members, told, case) for group, members in groups.items()}
    made["README.md"] = _index(groups, told)
    return made


_HEAD: Final = """\
<!-- Made by `python -m twofront.present.law_pages docs/laws` from the laws' records; do not edit. -->
"""
_GROUPS: Final = {
    "allocation": "Allocation between two wars",
    "choice": "Choice",
    "economy": "Economy",
    "forces": "Forces",
    "industry": "Industry",
    "innovation": "Innovation",
    "war": "War",
}


_LEAD: Final = f"""\
Every equation of the model, from the record that stands beside its code: formula, symbols, units, source, where it
holds and where it fails; the ranges of its parameters in the case `{CASE}`; a picture; and what critics say. That a
formula equals the code is tested (`tests/laws/test_every_law.py`), and so is that these pages equal the records
(`tests/unit/present/test_law_pages.py`)."""


def _index(groups: Mapping[str, Sequence[Law]], told: Notes) -> str:
    lines = [
        _HEAD,
        "# The laws",
        "",
        _LEAD,
        "",
        "| page | laws | |",
        "|---|---|---|",
    ]
    for group, members in groups.items():
        families = sorted({told.families[told.family(record.id)] for record in members})
        lines.append(f"| [{_GROUPS[group]}]({group}.md) | {len(members)} | {'; '.join(families)} |")
    return "\n".join([*lines, ""])


def _page(group: str, members: Sequence[Law], told: Notes, case: Case) -> str:
    lines = [_HEAD, f"# {_GROUPS[group]}", ""]
    families: dict[str, list[Law]] = {}
    for record in members:
        families.setdefault(told.families[told.family(record.id)], []).append(record)
    for family in sorted(families):
        lines += [f"## {family}", ""]
        for record in families[family]:
            lines += _law(record, told, case)
        lines += _criticism(families[family], told)
    return "\n".join(lines).rstrip() + "\n"


def _law(record: Law, told: Notes, case: Case) -> list[str]:
    forms = (record.form,) if isinstance(record.form, str) else record.form
    lines = [f"### `{record.id}`", "", f"{_sentence(record.summary)}", ""]
    for form in forms:
        lines += ["```math", latex(form), "```", ""]
    lines += [f"| symbol | is | unit | in `{case.name}` |", "|---|---|---|---|"]
    reads = told.reads.get(record.id, {})
    for argument, symbol in record.symbols.items():
        names = (symbol,) if isinstance(symbol, str) else symbol
        said = ", ".join(f"${latex(name)}$" for name in names)
        span = _range(case, reads[argument]) if argument in reads else "computed"
        unit = record.units.get(argument, "")
        lines.append(f"| {said} | {argument.replace('_', ' ')} | {unit} | {span} |")
    plot = told.plots.get(record.id)
    if plot is not None:
        lines += ["", f"![{_caption(record, plot)}]({record.id}.svg)", "", f"*{_caption(record, plot)}*"]
    lines.append("")
    if record.unit:
        lines.append(f"- **Unit:** {record.unit}")
    lines.append(f"- **Source:** {record.source}")
    if record.holds:
        lines.append(f"- **Holds:** {'; '.join(record.holds)}")
    if record.fails:
        lines.append(f"- **Fails:** {record.fails}")
    return [*lines, ""]


def _criticism(records: Sequence[Law], told: Notes) -> list[str]:
    """What critics say of a family's laws; each objection once."""
    lines: list[str] = []
    for item in told.objections:
        concerned = [record.id for record in records if any(_begins(record.id, name) for name in item.of)]
        if not concerned:
            continue
        whole = len(concerned) == len(records)
        whom = "" if whole else f" ({', '.join(f'`{name}`' for name in concerned)})"
        lines += [f"- *{item.says}*{whom} ({item.who})  ", f"  {item.answer}"]
    return ["### What critics say", "", *lines, ""] if lines else []


def _range(case: Case, quantity: str) -> str:
    """The widest range of a quantity's parameters in a case, and how many there are."""
    names = list(dict.fromkeys(name for name in case.reading(quantity).values() if name is not None))
    if not names:
        return f"`{quantity}`: not given"
    found = [case.parameter(name) for name in names]
    low, high = min(p.low for p in found), max(p.high for p in found)
    span = plain(low) if low == high else f"{plain(low)} to {plain(high)}"
    many = f", {len(found)} parameters" if len(found) > 1 else ""
    grades = "".join(sorted({p.grade for p in found}))
    return f"`{quantity}`: {span} {found[0].unit}{many}, grade {grades}"


def _caption(record: Law, plot: Plot) -> str:
    held = ", ".join(
        f"{name.replace('_', ' ')} {'/'.join(f'{v:g}' for v in value) if isinstance(value, list) else f'{value:g}'}"
        for name, value in plot.at.items()
    )
    which = f"result {plot.result + 1}" if not isinstance(record.form, str) else "the law"
    over = f", for {plot.curves.replace('_', ' ')} {', '.join(f'{v:g}' for v in plot.values)}" if plot.curves else ""
    return f"{which[0].upper()}{which[1:]} against {plot.x.replace('_', ' ')}{over}{f'; {held}' if held else ''}"


def _sentence(summary: str) -> str:
    text = summary.replace("``", "`").removeprefix("Return ")
    return text[:1].upper() + text[1:]


def _begins(id_: str, name: str) -> bool:
    return id_ == name or id_.startswith(f"{name}.")


def write(folder: Path) -> list[Path]:
    """Write every page and picture into a folder, remove what no law has any more, and return what was written."""
    import vl_convert

    folder.mkdir(parents=True, exist_ok=True)
    made: dict[str, str] = dict(pages())
    for name, spec in pictures().items():
        drawn: str = vl_convert.vegalite_to_svg(spec)  # pyright: ignore[reportUnknownVariableType, reportCallIssue]
        made[name] = f"{stamp(spec)}\n{drawn}\n"
    for path in folder.iterdir():
        if path.suffix in {".md", ".svg"} and path.name not in made:
            path.unlink()
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return [folder / name for name in sorted(made)]


if __name__ == "__main__":
    print(f"{len(write(Path(sys.argv[1])))} files")
