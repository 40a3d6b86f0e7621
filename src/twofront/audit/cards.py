"""The audit: every claim of a case with its verdict, what it rests on, and how it stood on the day it was made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from twofront.audit.confidence import verdict_on_figures
from twofront.audit.modelled import Modelled, modelled, values_of
from twofront.audit.verdict import CONTRADICTED, MIXED, NEEDS_RUN, NOT_CHECKABLE, SUPPORTED, Floats, Verdict
from twofront.audit.weighing import Dot, Weighed
from twofront.case import Case, Claim, ClaimsList, Evidence, Revision, load_case
from twofront.case.claim import EVIDENCE_KINDS, FASTEST, MODEL_KINDS, Claimed, Quote, Variant
from twofront.faults import UserError, listed, nearest
from twofront.figures.period import UnknownPeriod, day_of

if TYPE_CHECKING:
    from rich.table import Table

    from twofront.audit.futures import Futures
    from twofront.ensemble import Run

__all__ = ["Audit", "Card", "Statement", "audit_of", "claims"]

OLD_YEARS = 1
"""Evidence is old when published more than so many years before the case's evidence ends."""


@dataclass(frozen=True, slots=True)
class Statement:
    """The claim, or a variant of it, said at a date, with its verdict.

    ``on_the_day``: the word by the same rule from what was public on the day it was said; nothing where the model is
    asked, whose runs know no such day.
    """

    date: str
    sentence: str
    quote: Quote
    claimed: float | None
    computed: str
    verdict: Verdict
    on_the_day: str = ""
    holds: str = ""


@dataclass(frozen=True, slots=True)
class Stale:
    """What is old among the rows a verdict rests on, and the word without it."""

    rows: tuple[str, ...]
    of: int
    before: str
    without: str


@dataclass(frozen=True)
class Card:
    """A claim with everything that its card shows."""

    claim: Claim
    statements: tuple[Statement, ...]
    """The claim itself, then its variants."""
    dots: tuple[Dot, ...] = ()
    comparators: tuple[Dot, ...] = ()
    supporting: tuple[Evidence, ...] = ()
    against: tuple[Evidence, ...] = ()
    struck: tuple[str, ...] = ()
    """Rows that the claim cites and that the case's revision took out."""
    stale: Stale | None = None
    modelled: Modelled | None = None
    earlier: Verdict | None = None
    """The verdict as of the audit's ``as_of``."""

    @property
    def id(self) -> str:
        """The claim's id."""
        return self.claim.id

    @property
    def said(self) -> Statement:
        """The claim itself, without its variants."""
        return next(iter(self.statements))

    @property
    def verdict(self) -> Verdict:
        """The verdict on the claim itself."""
        return self.said.verdict

    @property
    def by_date(self) -> tuple[Statement, ...]:
        """All statements of the speaker, the earliest first."""
        return tuple(sorted(self.statements, key=lambda item: day_of(item.date)))

    @property
    def values(self) -> Floats | None:
        """What a claim about the model is judged by, one number a future."""
        return self.modelled.values if self.modelled is not None and len(self.modelled.values) else None


@dataclass(frozen=True)
class Audit:
    """The claims of a case, judged."""

    case: Case
    cards: tuple[Card, ...]
    lists: tuple[ClaimsList, ...]
    as_of: str = ""
    futures: str = ""
    """Where the futures came from, in words; nothing where there were none."""
    notes: tuple[str, ...] = field(default=())

    @cached_property
    def _by_id(self) -> dict[str, Card]:
        return {card.id: card for card in self.cards}

    def card(self, id_: str) -> Card:
        """Return the card of a claim; ``KeyError`` if there is none."""
        return self._by_id[id_]

    @property
    def published(self) -> str:
        """The day of the audit: that on which the case's evidence ends (not the day on which it was computed)."""
        return evidence_day(self.case).isoformat()

    def of_list(self, name: str) -> list[Card]:
        """Return the cards of one list."""
        return [card for card in self.cards if card.claim.list == name]

    def counts(self, *, readings: bool = False) -> dict[str, int]:
        """Return how many of what was said, or of our ``readings`` of it, got which word, those that occur."""
        words = [card.verdict.word for card in self.cards if bool(card.claim.reading_of) == readings]
        order = (SUPPORTED, MIXED, CONTRADICTED, NOT_CHECKABLE, NEEDS_RUN)
        return {word: words.count(word) for word in order if word in words}

    def tally(self) -> str:
        """Return the counts in words: what was said, and apart from it our readings."""
        parts = [f"{sum(self.counts().values())} claims: {_counted(self.counts())}"]
        readings = self.counts(readings=True)
        if readings:
            parts.append(f"and {sum(readings.values())} readings of ours: {_counted(readings)}")
        return "; ".join(parts)

    def table(self) -> Table:
        """Return the table of verdicts, for a terminal."""
        from twofront.audit.tables import verdict_table

        return verdict_table(self)

    def to_json(self) -> str:
        """Return the audit as JSON text, the same for the same case."""
        from twofront.audit.data import as_data

        return json.dumps(as_data(self), ensure_ascii=False, indent=1, allow_nan=False) + "\n"

    def to_markdown(self) -> str:
        """Return the audit as Markdown, for a newsroom."""
        from twofront.audit.markdown import as_markdown

        return as_markdown(self)


def claims(
    case: Case | str | Path,
    run: Run | str | Path | None = None,
    revision: Revision | None = None,
    *,
    futures: int = 0,
    seed: int = 1,
    only: str | None = None,
) -> Audit:
    """Judge the claims of a case.

    Claims about the model need futures: those of a ``run``, or so many made in process (``futures``); without either
    they say so. ``revision`` strikes or regrades evidence; its ``as_of`` adds each verdict as of that day. ``only``
    names a list of claims (the empty text: ``claims.yaml`` itself).

    Raises `twofront.faults.Faults` for a case that is at fault, and `UserError` for a list that does not exist.
    """
    as_of = revision.as_of if revision is not None else ""
    today = replace(revision, as_of="") if revision is not None else None
    found = _loaded(case, today)
    result = audit_of(found, _futures(found, run, futures, seed, only), only=only)
    if not as_of:
        return result
    then = _loaded(case, revision)
    earlier = audit_of(then, _futures(then, None, futures, seed, only) if run is None else None, only=only)
    cards = tuple(replace(card, earlier=earlier.card(card.id).verdict) for card in result.cards)
    return replace(result, cards=cards, as_of=as_of)


def audit_of(case: Case, futures: Mapping[str, Futures] | None = None, *, only: str | None = None) -> Audit:
    """Judge the claims of a case as it was loaded. ``futures``: by kind of claim, what it is asked of."""
    lists = _lists(case, only)
    chosen = [claim for claim in case.claims if claim.list in {item.name for item in lists}]
    given = futures or {}
    cards = tuple(_card(case, claim, given.get(claim.kind)) for claim in chosen)
    told = tuple(dict.fromkeys(item.told for item in given.values()))
    return Audit(case, cards, lists, futures="; ".join(told))


def evidence_day(case: Case) -> date:
    """The first day of the month in which decisions begin: evidence ends there."""
    year, month = case.clock_labels[case.world.clock.cutoff].split("-")
    return date(int(year), int(month), 1)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {word}" for word, n in counts.items())


# ---- within ---------------------------------------------------------------------------------------------------


def _loaded(case: Case | str | Path, revision: Revision | None) -> Case:
    if isinstance(case, Case):
        return case if not revision and case.revision is None else load_case(case.folder, revision=revision or None)
    return load_case(case, revision=revision or None)


def _lists(case: Case, only: str | None) -> tuple[ClaimsList, ...]:
    if only is None:
        return case.claim_lists
    found = tuple(item for item in case.claim_lists if only in (item.name, item.file, item.file.removesuffix(".yaml")))
    if not found:
        names = [item.name or "claims" for item in case.claim_lists]
        close = nearest(only, names)
        hint = f"; did you mean `{close}`?" if close else ""
        raise UserError(f"{case.name} has no list of claims `{only}`{hint} It has {listed(names) or 'none'}")
    return found


def _futures(
    case: Case, run: Run | str | Path | None, futures: int, seed: int, only: str | None
) -> Mapping[str, Futures]:
    """What the kinds that need the model are asked of."""
    if futures < 0:
        raise UserError(f"{futures} futures asked for; give a number of at least 1")
    if run is None and not futures:
        return {}
    from twofront.audit.asking import futures_for_run, small_futures

    wanted = {item.name for item in _lists(case, only)}
    asked = [claim for claim in case.claims if claim.kind in MODEL_KINDS and claim.list in wanted]
    if run is not None:
        return futures_for_run(run, case, asked, futures)
    return small_futures(case, asked, futures, seed)


def _card(case: Case, claim: Claim, futures: Futures | None) -> Card:
    supporting = tuple(case.evidence[id_] for id_ in claim.supporting if id_ in case.evidence)
    against = tuple(case.evidence[id_] for id_ in claim.against if id_ in case.evidence)
    gone = tuple(id_ for id_ in claim.cited if id_ in case.struck)
    if claim.kind in EVIDENCE_KINDS:
        card = _on_figures(case, claim)
    elif claim.kind in MODEL_KINDS:
        card = _on_model(case, claim, futures)
    else:
        verdict = Verdict(NOT_CHECKABLE, reasons=(claim.why,))
        card = Card(claim, tuple(_said(claim, item, None, verdict) for item in (None, *claim.variants)))
    return replace(card, supporting=supporting, against=against, struck=gone)


def _on_figures(case: Case, claim: Claim) -> Card:
    whole = Weighed(claim, case.evidence)
    statements: list[Statement] = []
    for variant in (None, *claim.variants):
        weighed = whole if variant is None else Weighed(claim, case.evidence, variant)
        day = claim.date if variant is None else variant.date
        then = weighed.judged(struck=weighed.later_than(day)).word
        statements.append(_said(claim, variant, weighed.claimed, verdict_on_figures(weighed), then))
    return Card(
        claim,
        tuple(statements),
        tuple(whole.weighted()),
        tuple(whole.comparators),
        stale=_stale(case, whole),
    )


def _on_model(case: Case, claim: Claim, futures: Futures | None) -> Card:
    values = values_of(claim, futures) if futures is not None else None
    found: list[Modelled] = []
    statements: list[Statement] = []
    for variant in (None, *claim.variants):
        one = modelled(case, claim, futures, variant, values)
        found.append(one)
        statements.append(_said(claim, variant, _number(claim.claimed, variant), one.verdict))
    return Card(claim, tuple(statements), modelled=found[0], stale=_stale_inputs(case, found[0]))


def _said(
    claim: Claim, variant: Variant | None, claimed: float | None, verdict: Verdict, on_the_day: str = ""
) -> Statement:
    if variant is None:
        computed = claim.claimed.computed if claim.claimed is not None else ""
        return Statement(claim.date, claim.sentence, claim.quote, claimed, computed, verdict, on_the_day)
    own = variant.claimed if variant.claimed is not None else claim.claimed
    computed = own.computed if own is not None else ""
    return Statement(
        variant.date, variant.sentence, variant.quote, claimed, computed, verdict, on_the_day, variant.holds
    )


def _number(claimed: Claimed | None, variant: Variant | None) -> float | None:
    from twofront.figures.expression import Amount

    own = variant.claimed if variant is not None and variant.claimed is not None else claimed
    if own is None or own.expression is None or own.text == FASTEST:
        return None
    return float(own.expression.value(lambda _name, _where: Amount(float("nan"))).value)


def _old(case: Case, ids: Iterable[str]) -> tuple[tuple[str, ...], str]:
    day = evidence_day(case)
    before = day.replace(year=day.year - OLD_YEARS)
    return tuple(id_ for id_ in ids if _published(case.evidence[id_]) < before), before.isoformat()


def _published(row: Evidence) -> date:
    try:
        return day_of(row.published)
    except UnknownPeriod:
        return date.min


def _stale(case: Case, weighed: Weighed) -> Stale | None:
    rows, before = _old(case, weighed.ids)
    if not rows:
        return None
    return Stale(rows, len(weighed.ids), before, weighed.judged(struck=frozenset(rows)).word)


def _stale_inputs(case: Case, found: Modelled) -> Stale | None:
    """Old rows behind the parameters that move a verdict of the model most."""
    ids = dict.fromkeys(id_ for split in found.splits for id_ in case.parameter(split.parameter).evidence)
    every = [id_ for id_ in ids if id_ in case.evidence]
    rows, before = _old(case, every)
    return Stale(rows, len(every), before, "") if rows else None
