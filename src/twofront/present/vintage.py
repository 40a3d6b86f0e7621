"""From the day of the claims to now: the answer, the ranges and the verdicts, as figures of the report."""

from __future__ import annotations

from typing import Any

from twofront.analyse.outcomes import CHANCE, describe
from twofront.audit import Audit
from twofront.audit.verdict import NOT_CHECKABLE
from twofront.audit.vintage import Moved, Shift, Vintage
from twofront.case import Case, Parameter
from twofront.present.charts import whiskers, wrapped
from twofront.present.figures import Cell, Figure, Key, Panel, Table
from twofront.present.numbers import change_span, level_span, plain
from twofront.present.palette import NEUTRAL, SECOND

__all__ = ["since_the_claims"]

MOST = 12
NOW = "now"
_COLOURS = {"then": NEUTRAL, NOW: SECOND}


def since_the_claims(found: Vintage, audit: Audit) -> Figure:
    """What has moved since the day on which most claims were made."""
    case = audit.case
    turned = [card for card in audit.cards if _turned(card.said.on_the_day, card.verdict.word)]
    judged = sum(bool(card.said.on_the_day) and card.said.on_the_day != NOT_CHECKABLE for card in audit.cards)
    old = [card for card in audit.cards if card.stale is not None]
    moved = [item for item in found.moved if item.then.mode != item.now.mode]
    return Figure(
        id="vintage",
        title=_title(found, len(turned), judged),
        measures=(
            f"The same {found.n:,} draws on the present course, evaluated twice: with the ranges that follow from the "
            f"{found.public:,} of {found.rows:,} rows of evidence that were public on {found.day}, and with all. "
            "Medians and nine of ten futures."
        ),
        panels=tuple(_panels(case, found)),
        tables=(
            Table.of(
                f"The answer as of {found.day} and now",
                ("outcome", f"as of {found.day}", "now", "moved in the same draws"),
                [_answer_row(case, shift) for shift in found.shifts],
            ),
            Table.of(
                f"Ranges that moved most ({len(moved)} modes and {len(found.moved)} ranges moved)",
                ("parameter", f"as of {found.day}", "now", "moved, in widths of the range"),
                [_range_row(item) for item in moved[:MOST]],
            ),
            Table.of(
                "Verdicts by what was public on the day of each claim, and now",
                ("claim", "said", "on its day", NOW),
                [
                    [card.id, card.claim.sentence, card.said.on_the_day, card.verdict.word]
                    for card in audit.cards
                    if card.said.on_the_day
                ],
            ),
            Table.of(
                "Verdicts that rest on rows more than a year older than the evidence",
                ("claim", "verdict", "old rows", "without them"),
                [
                    [
                        card.id,
                        card.verdict.word,
                        f"{len(card.stale.rows)} of {card.stale.of}",
                        card.stale.without or "not judged without them",
                    ]
                    for card in old
                    if card.stale is not None
                ],
            ),
        ),
        limits=(
            f"Judgements have no day and stand in both, as do {found.unsupported} ranges of whose evidence nothing was "
            "public yet. A row that is dated by month or year counts from its end. Claims about the model have no "
            "verdict of the day: a model made later would know too much."
        ),
        sources=f"publication dates of the evidence; twofront run {case.name} --as-of {found.day} makes the whole run.",
        legend=(Key(f"as of {found.day}", NEUTRAL), Key(NOW, SECOND)),
    )


def _title(found: Vintage, turned: int, judged: int) -> str:
    verdicts = f"{turned} of {judged} verdicts have turned" if judged else "no verdict has turned"
    return f"Since {found.day} {len(found.moved)} ranges have moved, and {verdicts}"


def _turned(then: str, now: str) -> bool:
    """Whether one verdict gave way to another: to have had none is not to have turned."""
    return bool(then) and then != NOT_CHECKABLE and then != now


def _panels(case: Case, found: Vintage) -> list[Panel]:
    """One panel for margins, one for each chance: their scales differ."""
    margins = [shift for shift in found.shifts if describe(case, shift.outcome).kind != CHANCE]
    chances = [shift for shift in found.shifts if describe(case, shift.outcome).kind == CHANCE]
    groups = [(margins, "stakes")] * bool(margins) + [([shift], "chance") for shift in chances]
    panels: list[Panel] = []
    for shifts, unit in groups:
        rows: list[dict[str, Any]] = []
        for shift in shifts:
            kind = describe(case, shift.outcome).kind
            for series, level in (("then", shift.then), (NOW, shift.now)):
                rows.append(
                    {
                        "label": wrapped(describe(case, shift.outcome).words, 26),
                        "series": series,
                        "low": level.low,
                        "mid": level.median,
                        "high": level.high,
                        "told": f"{'as of ' + found.day if series == 'then' else NOW}: {level_span(level, kind)}",
                    }
                )
        form = "~%" if unit == "chance" else "~f"
        names = "; ".join(describe(case, shift.outcome).words for shift in shifts)
        spec = whiskers(rows, title=unit, form=form, colours=_COLOURS, zero=True)
        panels.append(Panel("", spec, f"{names}: as of {found.day} and now."))
    return panels


def _answer_row(case: Case, shift: Shift) -> list[str | Cell]:
    told = describe(case, shift.outcome)
    return [
        Cell(told.words, shift.outcome),
        level_span(shift.then, told.kind),
        level_span(shift.now, told.kind),
        change_span(shift.change, told.kind),
    ]


def _range_row(item: Moved) -> list[str | Cell]:
    return [
        Cell(item.now.name, item.now.means),
        _range(item.then),
        f"{_range(item.now)} {item.now.unit}",
        "–" if item.shift in (float("inf"), -float("inf")) else f"{item.shift:+.2f}",
    ]


def _range(parameter: Parameter) -> str:
    return f"{plain(parameter.low)} – {plain(parameter.mode)} – {plain(parameter.high)}"
