"""What would change my mind: the nearest assumption changes in sentences, in a table and on a chart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from twofront.analyse.boxes_in_words import amount as with_unit
from twofront.analyse.estimates import NORMAL_95
from twofront.analyse.flip import Answer, Flips, Moved
from twofront.analyse.study import STRUCTURE
from twofront.analyse.tilting import FARTHEST, FEWEST, LEAST, Law
from twofront.audit.flips import OUTCOME, flip
from twofront.faults import UserError
from twofront.present.analysis_page import analysis_page
from twofront.present.charts import whiskers, wrapped
from twofront.present.figures import Figure, Key, Panel, Table
from twofront.present.numbers import points, significant
from twofront.present.palette import FIRST, NEUTRAL, SECOND

if TYPE_CHECKING:
    import polars as pl

    from twofront.present.facts import Facts

__all__ = ["FILES", "LEAD", "NAME", "TITLE", "figure", "in_report", "kept", "paragraphs", "write"]

NAME: Final = "flip"
FILES: Final = tuple(f"{NAME}.{ending}" for ending in ("parquet", "csv", "md", "html"))
TITLE: Final = "What would change my mind"
LEAD: Final = (
    "The smallest changes of assumptions that turn the answer round, in standard units of their evidence ranges. "
    "`twofront flip RUN` evaluates the nearest again with the model, and asks it of other outcomes and of claims."
)
MOST_IN_REPORT: Final = 20_000
"""Futures up to which the report searches by itself."""
CONFIRMED, DENIED, UNTRIED = "the model agrees", "the model does not", "by re-weighting only"
COLOURS: Final = {CONFIRMED: FIRST, DENIED: SECOND, UNTRIED: NEUTRAL}
_WORDS: Final = {"yes": CONFIRMED, "no": DENIED, "not tried": UNTRIED}
SHOWN: Final = 4
"""Sets of each size that are drawn; the files hold all."""


def write(found: Sequence[Flips], folder: str | Path | None = None) -> list[Path]:
    """Write `flip.parquet`, `.csv`, `.md` and `.html` into a folder (the run's by default) and return the paths."""
    import polars as pl

    run = found[0].run
    place = Path(folder) if folder is not None else None if run is None else run.folder
    if place is None:
        raise UserError(f"{found[0].label} is no run; name a folder to write into")
    frame = pl.concat([each.frame() for each in found])
    text = [paragraph for each in found for paragraph in paragraphs(each)]
    made = [made for question in frame["question"].unique(maintain_order=True) if (made := figure(frame, question))]
    paths = [place / name for name in FILES]
    kicker = f"twofront flip · {found[0].label} · {found[0].counted}"
    try:
        place.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(paths[0])
        frame.write_csv(paths[1])
        paths[2].write_text(f"# {TITLE}\n\n" + "\n\n".join(text) + "\n", encoding="utf-8", newline="\n")
        paths[3].write_text(analysis_page(TITLE, kicker, text, made), encoding="utf-8", newline="\n")
    except OSError as error:
        raise UserError(f"`{place}` cannot be written: {(error.strerror or str(error)).lower()}") from None
    return paths


# ---- in words ---------------------------------------------------------------------------------------------------


def paragraphs(found: Flips) -> list[str]:
    """The answer, the nearest sets of each size, and how far they can be trusted."""
    half = NORMAL_95 * found.error
    asked = found.asked
    by = "the distance from the threshold is" if asked.then is not None else "by"
    text = (
        f"As things stand, {asked.words}: {by} {_lead(found.mean, found)} on average [95% interval "
        f"{_lead(found.mean - half, found)} to {_lead(found.mean + half, found)}; {found.counted}]."
    )
    if found.weights is not None:
        text += f" Futures are {found.weights.told}."
        text += "".join(f" Warning: {warning}." for warning in found.weights.warnings)
    if found.open:
        text += " The sample alone cannot tell that from nothing, so very little turns it."
    said = [text]
    for size in (1, 2, 3):
        own = found.of_size(size)
        if own:
            said.append(_nearest(own, size, found))
    if not found.answers:
        name, level = found.closest[0] if found.closest else ("", float("nan"))
        nearest = f" Nearest comes {name}: one standard unit takes it to {_lead(level, found)}." if name else ""
        if found.one_sided:
            nearest = " No future of the run is on the other side, so no weighting of them can turn it."
        said.append(
            f"No set of up to three changes within {found.reach:.1f} standard units turns it.{nearest} Beyond that, "
            f"fewer than {FEWEST} effective futures would be left; changes beyond {FARTHEST:g} are not looked for."
        )
    said.append(_how(found))
    return said


def _nearest(own: Sequence[Answer], size: int, found: Flips) -> str:
    first = own[0]
    count = ("One change turns", "Two changes turn", "Three changes turn")[size - 1]
    text = f"{count} it round at {first.flip.distance:.2f} standard units: {_changes(first.moved)}. Then "
    text += f"{found.asked.turned}. "
    checked = first.confirmation
    if checked is None:
        text += "Not confirmed with the model."
    elif checked.holds:
        last = checked.tried[-1]
        where = "at these numbers" if last.stretch == 1 else f"with the shifts {last.stretch:g} times as large"
        text += (
            f"Evaluated again by the model ({last.n:,} futures), it turns {where}: the lead is then "
            f"{_lead(last.mean, found)} ± {_lead(NORMAL_95 * last.error, found, signed=False)}"
        )
        crossing = checked.crosses
        text += f", and is zero at {crossing:.2f} times." if crossing == crossing else "."
    else:
        last = checked.tried[-1]
        text += (
            f"The model does not confirm it: with the shifts {last.stretch:g} times as large the lead is still "
            f"{_lead(last.mean, found)} ± {_lead(NORMAL_95 * last.error, found, signed=False)} ({last.n:,} futures)."
        )
    others = own[1:SHOWN]
    if others:
        each = [f"{_short(answer.moved)} ({answer.flip.distance:.2f})" for answer in others]
        text += f" Next come {'; '.join(each)}."
    return text


def _changes(moved: Sequence[Moved]) -> str:
    return "; ".join(_change(item) for item in moved)


def _change(moved: Moved) -> str:
    change = moved.change
    if isinstance(change, Law):
        name = change.structure.removeprefix(STRUCTURE)
        return f"{name} is {change.law} (weight {change.weight:.0%}, {change.units:.2f} units)"
    before, after = with_unit(moved.before, moved.unit), with_unit(moved.after, moved.unit)
    grade = f", grade {moved.grade}" if moved.grade else ""
    return f"{change.input} from a median of {before} to {after} ({_signed(change.by)} units{grade})"


def _short(moved: Sequence[Moved]) -> str:
    said: list[str] = []
    for item in moved:
        change = item.change
        said.append(
            f"{change.structure.removeprefix(STRUCTURE)} = {change.law}"
            if isinstance(change, Law)
            else f"{change.input} {_signed(change.by)}"
        )
    return " and ".join(said)


def _how(found: Flips) -> str:
    text = (
        "A standard unit is one standard deviation of an input's evidence range in normal scores; shifting a range by "
        "one moves its median to its 84th percentile. A rival law counts as far as a shift of the same information, "
        "√(2 ln(1/weight)). Sets are found by weighting the run's futures; the nearest of each size is evaluated again "
        "with the model on shifted draws of the same futures"
    )
    return f"{text}." if found.futures else f"{text}, but here it was not: {found.why_not}."


def _lead(value: float, found: Flips, *, signed: bool = True) -> str:
    return _amount(value, found.asked.kind, signed=signed)


def _amount(value: float, kind: str, *, signed: bool = True) -> str:
    if kind in ("chance", "rate"):
        text = points(value) if signed else significant(100 * value, 2)
        return f"{text} points"
    if kind == "money":
        return f"{significant(value, 2)} billion USD a year"
    return significant(value, 3)


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


# ---- a figure ----------------------------------------------------------------------------------------------------


def kept(folder: Path, output_hash: str | None) -> pl.DataFrame | None:
    """What an earlier search left in a run's folder; None where it left nothing that can be read, or that is of
    another run."""
    import polars as pl

    path = folder / FILES[0]
    if not path.exists():
        return None
    try:
        found = pl.read_parquet(path)
        return found if set(found["run"]) == {output_hash or ""} else None
    except Exception:  # whatever the reader raises, the report can do without it
        return None


def in_report(facts: Facts) -> list[Figure]:
    """What an earlier `twofront flip` left in the run's folder, or a search now, by re-weighting only; none where the
    run has too few futures, or so many that the report would wait for their inputs."""
    own = kept(facts.run.folder, facts.run.hash)
    if own is None:
        if not MOST_IN_REPORT >= facts.sample.n >= LEAST or not facts.others or not facts.sample.has(OUTCOME):
            return []
        try:
            own = flip(facts.study, OUTCOME, futures=0)[0].frame()
        except UserError:
            return []
    questions = own["question"].unique(maintain_order=True)
    return [made for question in questions if (made := figure(own, question)) is not None]


def figure(frame: pl.DataFrame, question: str) -> Figure | None:
    """The nearest sets that turn an answer round, one line each; None where none was found."""
    import polars as pl

    own = frame.filter(pl.col("question") == question)
    if own.is_empty():
        return None
    rows: list[dict[str, object]] = []
    cells: list[list[str]] = []
    drawn: dict[int, int] = {}
    for (_,), part in own.group_by("set", maintain_order=True):
        head = part.row(0, named=True)
        told = "; ".join(_told(row) for row in part.iter_rows(named=True))
        label = "; ".join(_label(row) for row in part.iter_rows(named=True))
        word = _WORDS[head["confirmed"]]
        size = head["size"]
        drawn[size] = drawn.get(size, 0) + 1
        if drawn[size] <= SHOWN:
            rows.append(
                {
                    "label": wrapped(label, 34),
                    "series": "all",
                    "way": word,
                    "low": 0.0,
                    "mid": head["distance"],
                    "high": head["distance"],
                    "told": f"{head['distance']:.2f} units; {head['effective']:,.0f} effective futures; {word}",
                }
            )
        at = head["confirmed_at"]
        said = f"{word}, {at:g} times as far" if at == at and at != 1 else word
        cells.append([told, f"{size}", f"{head['distance']:.2f}", f"{head['effective']:,.0f}", said])
    spec = whiskers(rows, title="distance, standard units of evidence", form="~f", colours={"all": NEUTRAL}, zero=True)
    scale = {"domain": list(COLOURS), "range": list(COLOURS.values())}
    for layer in spec["layer"]:
        if "color" in layer["encoding"]:
            layer["encoding"]["color"] = {"field": "way", "type": "nominal", "legend": None, "scale": scale}
    n = own["n"][0]
    first = own.row(0, named=True)
    half = NORMAL_95 * first["lead_error"]
    ends = [_amount(value, first["lead_kind"]) for value in (first["lead"], first["lead"] - half, first["lead"] + half)]
    answer = (
        f"As things stand, {first['answer']} (lead {ends[0]} [{ends[1]} to {ends[2]}]). With any one of these sets of "
        f"changes, {first['turned']}."
    )
    number = list(frame["question"].unique(maintain_order=True)).index(question)
    return Figure(
        f"flip-{number}",
        f"What would turn round the {question}",
        f"Sets of one, two and three changes of assumptions under which the answer turns, nearest first; n = {n:,} "
        "futures. Distance in standard units of the evidence ranges.",
        (Panel("", spec, f"Distances of the sets of changes that turn round the {question}; the table holds them."),),
        (
            Table.of(
                f"Sets that turn round the {question}",
                ("Changes", "Number", "Distance", "Effective futures", "Confirmed"),
                cells,
            ),
        ),
        "Near is not likely: a distance says how far the evidence must be wrong, not how probable that is. The nearest "
        "set of each size was evaluated again with the model; the others rest on re-weighting. Judgements have ranges "
        "too: a grade beside an input says what its range rests on.",
        "Re-weighted futures of the run, and the model on shifted draws.",
        tuple(Key(label, colour) for label, colour in COLOURS.items()),
        text=(answer,),
    )


def _label(row: dict[str, object]) -> str:
    if row["kind"] == "law":
        return f"{row['input']} = {row['law']}"
    return f"{row['input']} {_signed(float(str(row['by'])))}"


def _told(row: dict[str, object]) -> str:
    if row["kind"] == "law":
        return f"{row['input']} = {row['law']}"
    before, after = (with_unit(float(str(row[key])), str(row["unit"])) for key in ("before", "after"))
    return f"{row['input']} {_signed(float(str(row['by'])))} ({before} → {after})"
