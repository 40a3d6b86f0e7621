"""The answer of ``twofront evidence`` on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

__all__ = ["show"]

MOST_PARAMETERS: Final = 6
"""So many parameters are shown whole; more are shown one a line."""
MOST_PAIRS: Final = 20
_KINDS: Final = {
    "parameter": "a parameter",
    "quantity": "a quantity of the model",
    "row": "a row of evidence",
    "entity": "whom or what evidence speaks of",
    "measured": "a quantity of the evidence",
    "unit": "what evidence measures",
    "source": "a source",
}


def show(told: Mapping[str, Any]) -> None:
    """Print an answer (see `twofront.cli.evidence.answer`)."""
    console = Console(highlight=False, markup=False, emoji=False)
    if told["kind"] == "case":
        _overview(console, told)
    else:
        _about(console, told)


def _overview(console: Console, told: Mapping[str, Any]) -> None:
    console.print(Text(f"Evidence of {told['case']}", style="bold"))
    if told["revision"]:
        console.print(f"  revised: {told['revision']}; {len(told['struck'])} rows struck")
    grades = ", ".join(f"{count} {grade}" for grade, count in told["grades"].items())
    facts = Table.grid(padding=(0, 2))
    facts.add_column(justify="right")
    facts.add_column(overflow="fold")
    facts.add_row(f"{told['rows']}", f"rows of {told['sources']} sources ({grades}; A counted to D guessed or weak)")
    facts.add_row(f"{told['parameters']}", f"parameters, {len(told['on_judgement_alone'])} on judgement alone")
    if told["unsupported"]:
        facts.add_row(f"{len(told['unsupported'])}", "of them left without support: " + _some(told["unsupported"]))
    facts.add_row(f"{len(told['conflicts'])}", "conflicts between comparable rows")
    facts.add_row(f"{len(told['not_comparable'])}", "pairs that differ in definition or price basis: not comparable")
    facts.add_row(f"{len(told['unused'])}", "rows that nothing cites: " + _some(told["unused"]))
    facts.add_row(f"{len(told['stale'])}", f"rows published before {told['stale_before']}, more than a year old")
    wholly = [each["claim"] for each in told["claims"] if not each["fresh"]]
    partly = [
        f"{c['claim']} ({len(c['stale'])} of {len(c['stale'] + c['fresh'])})" for c in told["claims"] if c["fresh"]
    ]
    facts.add_row(f"{len(told['parameters_wholly_stale'])}", "parameters that cite nothing younger")
    facts.add_row(f"{len(wholly)}", "claims that cite nothing younger" + (f": {_some(wholly)}" if wholly else ""))
    if partly:
        facts.add_row(f"{len(partly)}", f"claims that rest on such rows in part: {_some(partly, most=20)}")
    better = [f"{each['id']} (better: {', '.join(each['better'])})" for each in told["weak_carriers"]]
    facts.add_row(f"{len(better)}", "rows of grade D beside a better one" + (f": {_some(better)}" if better else ""))
    console.print(Padding(facts, (0, 0, 0, 2)))
    _conflicts(console, told["conflicts"])
    console.print("Give a NAME for more: a parameter, a quantity, an actor, a source, a unit, or the id of a row.")


def _about(console: Console, told: Mapping[str, Any]) -> None:
    console.print(Text.assemble((told["name"], "bold"), f": {_KINDS[told['kind']]} of {told['case']}"))
    if told["revision"]:
        console.print(f"  revised: {told['revision']}")
    parameters = told["parameters"]
    whole = told["kind"] in ("parameter", "quantity", "row") and len(parameters) <= MOST_PARAMETERS
    if whole:
        for parameter in parameters:
            _parameter(console, parameter, told["run"])
    own = told["kind"] not in ("parameter", "quantity")
    _rows(console, "What it says" if own else "What supports it", told["rows"], told["stale_before"])
    _rows(console, "What the case names against it", told["contrary"], told["stale_before"])
    _conflicts(console, told["conflicts"])
    _apart(console, told["not_comparable"])
    if not (told["contrary"] or told["conflicts"]):
        console.print("The case names nothing against it, and no comparable row contradicts it.\n")
    _beside(console, told["beside"])
    if parameters and not whole:
        _parameters(console, parameters)
    if told["rest_on_these_alone"]:
        alone = told["rest_on_these_alone"]
        console.print(f"Nothing else supports {len(alone)} parameters: {_some(alone)}")
    _run(console, told, any(parameter["headline"] for parameter in parameters))


def _parameter(console: Console, told: Mapping[str, Any], run: Mapping[str, Any] | None) -> None:
    console.print()
    console.print(Text.assemble((told["name"], "bold"), f"  {told['means']}"))
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    ends = ", ".join(f"{end} {_plain(told[end])}" for end in ("low", "mode", "high"))
    support = "" if told["support"] == "stated" else f", {told['support']}"
    facts.add_row("range", f"{ends} {told['unit']} ({told['shape'].replace('_', ' ')}, grade {told['grade']}{support})")
    for source in told["bounds"]:
        facts.add_row(source["bound"], _source(source, told["written_unit"]))
    for source in told["sources"]:
        facts.add_row("source", _source(source, told["written_unit"]))
    if told["moves_with"]:
        moves = ", ".join(f"{each['parameter']} {each['rank_correlation']:+g}" for each in told["moves_with"])
        facts.add_row("moves with", moves)
    if told["gives"]:
        facts.add_row("gives", _some(told["gives"]))
    if told["levers"]:
        facts.add_row("levers", f"read by {', '.join(told['levers'])}")
    read = told["read_by"]
    facts.add_row("laws", "read by" if read else "read by no law")
    for each in read:
        facts.add_row("", f"{each['law']}: {_gist(each['summary'])}")
    further = [law for law in told["reaches"] if law not in {each["law"] for each in told["read_by"]}]
    if further:
        facts.add_row("", f"and through them by {len(further)} more: {', '.join(further)}")
    facts.add_row("outcomes", _outcomes(told["outcomes"]))
    for each in told["headline"]:
        facts.add_row("moves", _movement(each, told["unit"]))
    if run is not None and not told["headline"] and not run["trouble"]:
        facts.add_row("moves", "not drawn as a range in the run")
    console.print(Padding(facts, (0, 0, 1, 2)))


def _gist(summary: str) -> str:
    """A law's summary as part of a sentence: what it returns, without the marks of code."""
    return summary.removeprefix("Return ").rstrip(".").replace("``", "")


def _source(source: Mapping[str, Any], unit: str) -> str:
    parts = [", ".join(source["evidence"]), source["conversion"]]
    if source["judgement"]:
        parts.append(f"judgement: {source['judgement']}")
    if source["struck"]:
        parts.append(f"struck: {', '.join(source['struck'])}")
    return f"{_plain(source['value'])} {unit}  " + "; ".join(part for part in parts if part)


def _outcomes(names: Sequence[str]) -> str:
    """Outcomes by the first part of their names, with how many variants of each."""
    if not names:
        return "reaches none: it changes nothing that is reported"
    stems: dict[str, int] = {}
    for name in names:
        stem = name.removeprefix("unanchored.").split(".")[0]
        stems[stem] = stems.get(stem, 0) + 1
    told = ", ".join(f"{stem} ({count})" if count > 1 else stem for stem, count in stems.items())
    return f"reaches {len(names)}: {told}"


def _movement(each: Mapping[str, Any], unit: str) -> str:
    return (
        f"{each['outcome']}: median {each['low']:.4g} where it was drawn lowest (to {_plain(each['below'])} {unit}), "
        f"{each['high']:.4g} where highest (from {_plain(each['above'])}); n = {each['n_low']} and {each['n_high']}, "
        f"{each['policy'].replace('_', ' ')}"
    )


def _rows(console: Console, title: str, rows: Sequence[Mapping[str, Any]], stale_before: str) -> None:
    if not rows:
        return
    console.print(Text(f"{title} ({len(rows)})", style="bold"))
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    grid.add_column(ratio=1, overflow="fold")
    for row in rows:
        says = Text.assemble((f"{row['figure']} {row['unit']}" if row["figure"] else "in words", "bold"))
        says.append(f"  {row['period']}" if row["period"] else "")
        says.append(f"\n{row['entity']}: {row['quantity']}")
        if row["note"]:
            says.append(f"\n{row['note']}", style="dim")
        uses = _uses(row["used_by"])
        says.append(f"\n{uses}", style="" if row["used_by"] else "italic")
        source = Text(f"{row['source']}, {row['published']}")
        if row["stale"]:
            source.append(f" (before {stale_before}: over a year old)", style="yellow")
        source.append(f"\n{row['url']}", style="dim")
        grid.add_row(Text.assemble((row["id"], "bold"), f"\ngrade {row['grade']}"), says, source)
    console.print(Padding(grid, (0, 0, 1, 2)))


_CITED_AS = {
    "contrary": "against",
    "correlation": "correlation of",
    "claim": "claim",
    "mention": "named by",
    "calibration": "beside",
}


def _uses(cited: Iterable[Mapping[str, str]]) -> str:
    """Who cites a row: parameters with their bounds, claims with their sides."""
    found: dict[str, list[str]] = {}
    for use in cited:
        words = _CITED_AS.get(use["kind"], "supports")
        found.setdefault(f"{words} {use['name']}", []).append(use["role"])
    if not found:
        return "cited by nothing"
    return "; ".join(
        who if who.startswith("against") else f"{who} ({', '.join(dict.fromkeys(roles))})"
        for who, roles in found.items()
    )


def _conflicts(console: Console, pairs: Sequence[Mapping[str, Any]]) -> None:
    if not pairs:
        return
    console.print(Text(f"Conflicts by rule ({len(pairs)})", style="bold"))
    table = Table(box=SIMPLE_HEAD, padding=(0, 1))
    for column in ("rows", "of what", "one says", "the other", "unit", "ratio", "both hold"):
        table.add_column(
            column, overflow="fold", justify="right" if column in ("one says", "the other", "ratio") else "left"
        )
    for pair in pairs[:MOST_PAIRS]:
        shared = "" if pair["shared"] is None else " to ".join(pair["shared"])
        ratio = "" if pair["ratio"] is None else f"{pair['ratio']:.3g}"
        what = f"{pair['entity']}: {pair['quantity']}"
        table.add_row(" ".join(pair["ids"]), what, *pair["figures"], pair["unit"], ratio, shared)
    console.print(table)
    _more(console, len(pairs))


def _apart(console: Console, pairs: Sequence[Mapping[str, Any]]) -> None:
    if not pairs:
        return
    console.print(Text(f"Not comparable, so no conflict ({len(pairs)})", style="bold"))
    table = Table(box=SIMPLE_HEAD, padding=(0, 1))
    for column in ("rows", "of what", "why"):
        table.add_column(column, overflow="fold")
    for pair in pairs[:MOST_PAIRS]:
        table.add_row(" ".join(pair["ids"]), f"{pair['entity']}: {pair['quantity']}", pair["why"])
    console.print(table)
    _more(console, len(pairs))


def _beside(console: Console, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows about the same thing, alike or with other qualifiers: no contradiction by rule, and yet worth a look."""
    if not rows:
        return
    console.print(Text(f"Said of the same thing at the same time ({len(rows)})", style="bold"))
    table = Table(box=SIMPLE_HEAD, padding=(0, 1))
    for column in ("row", "of what", "says", "unit", "when", "grade"):
        table.add_column(column, overflow="fold", justify="right" if column == "says" else "left")
    for row in rows[:MOST_PAIRS]:
        what = f"{row['entity']}: {row['quantity']}"
        table.add_row(row["id"], what, row["figure"], row["unit"], row["period"], row["grade"])
    console.print(table)
    _more(console, len(rows))


def _more(console: Console, count: int) -> None:
    if count > MOST_PAIRS:
        console.print(f"  and {count - MOST_PAIRS} more: --json lists them all\n")


def _parameters(console: Console, parameters: Sequence[Mapping[str, Any]]) -> None:
    """One parameter a line; of each headline outcome the medians in its lowest and its highest tenth."""
    console.print(Text(f"Parameters ({len(parameters)})", style="bold"))
    moved = list(dict.fromkeys(m["outcome"] for each in parameters for m in each["headline"]))
    table = Table(box=SIMPLE_HEAD, padding=(0, 1))
    table.add_column("parameter", overflow="fold", min_width=20)
    table.add_column("range", overflow="fold", min_width=16)
    for column in ("rows", "laws", "outcomes"):
        table.add_column(column, justify="right", overflow="fold")
    for outcome in moved:
        table.add_column(outcome.replace("_", " "), overflow="fold", min_width=9)
    for each in parameters:
        rows = {id_ for source in (*each["bounds"], *each["sources"]) for id_ in source["evidence"]}
        medians = {m["outcome"]: f"{m['low']:.3g} → {m['high']:.3g}" for m in each["headline"]}
        table.add_row(
            each["name"],
            f"{_plain(each['low'])} to {_plain(each['high'])} {each['unit']}",
            f"{len(rows)}",
            f"{len(each['reaches'])}",
            f"{len(each['outcomes'])}",
            *(medians.get(outcome, "–") for outcome in moved),
        )
    console.print(table)


def _run(console: Console, told: Mapping[str, Any], moved: bool) -> None:
    run = told["run"]
    if run is None:
        hint = f"`twofront run {told['case']}` makes one" if told["parameters"] else ""
        if hint:
            console.print(f"No run to say how far these move the headline: {hint}.")
        return
    if run["trouble"]:
        console.print(f"The run {run['folder']} cannot say what moves the headline: {run['trouble']}")
    elif moved:
        changed = "" if run["same_case"] else "; the case has changed since, so its ranges may have been others"
        where = f"{run['folder']} ({run['futures']:,} futures{changed})"
        console.print(f"Medians of the lowest and the highest tenth of draws in {where}.")


def _plain(value: float) -> str:
    """A number in a few digits, without powers of ten: ``175,000``, ``0.0123``."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _some(names: Sequence[str], most: int = 8) -> str:
    shown = ", ".join(names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")
