"""The report of a run: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from twofront.case.claim import MODEL_KINDS
from twofront.ensemble.place import write_text
from twofront.present.figures import Figure, Spec
from twofront.present.numbers import percent, plain, share

if TYPE_CHECKING:
    from twofront.audit.futures import Futures
    from twofront.audit.vintage import Vintage
    from twofront.ensemble import Run
    from twofront.present.facts import Facts

__all__ = ["FILE", "Told", "write_report"]

FILE = "report.html"

Told: TypeAlias = Callable[[str, float], None]
"""Hears what is being done, and the share of the whole that is done."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of results: figures under a heading, with a sentence on how to read them."""

    id: str
    title: str
    lead: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class _Planned:
    """A section before its figures are made, each of which may turn out to have nothing to show."""

    id: str
    title: str
    lead: str
    figures: Callable[[], tuple[Figure | None, ...]]

    def made(self) -> Section:
        return Section(self.id, self.title, self.lead, tuple(f for f in self.figures() if f is not None))


def write_report(run: Run | str | Path, told: Told = lambda *_: None) -> Path:
    """Write `report.html` into a run's folder and return its path."""
    if isinstance(run, (str, Path)):
        from twofront.ensemble import open_run

        run = open_run(run)
    path = run.folder / FILE
    write_text(path, render(run, told))
    return path


def render(run: Run, told: Told = lambda *_: None) -> str:
    """The page as text."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from twofront.audit.asking import futures_of_sample
    from twofront.audit.cards import audit_of
    from twofront.audit.words import capital, rules_line, shares
    from twofront.audit.words import figure_of as row_figure
    from twofront.present import calibration, reference, sources
    from twofront.present.answer import answer, key_numbers
    from twofront.present.claims import card_specs, card_views, embedded, review_data, verdict_style
    from twofront.present.facts import Facts
    from twofront.present.vega import bundle
    from twofront.present.vintage import since_the_claims

    told("opening the run", 0.0)
    facts = Facts(run)
    asked = [claim for claim in facts.case.claims if claim.kind in MODEL_KINDS]

    def evaluated() -> tuple[Mapping[str, Futures], Vintage | None]:
        futures = futures_of_sample(facts.sample, asked)
        return futures, _since_the_claims(facts, futures.get("counterfactual"))

    # Kernels leave the interpreter to others, so futures that the claims need are evaluated beside all the rest.
    with ThreadPoolExecutor(1) as aside:
        claimed = aside.submit(evaluated)
        sections = _sections(facts, lambda what, done: told(what, 0.05 + 0.75 * done))
        told("report: claims", 0.8)
        futures, moved = claimed.result()
    audit = audit_of(facts.case, futures)
    if moved is not None:
        lead = "Evidence has a date. What would this page have said on the day, and what has moved since?"
        sections.append(Section("since", "Since the day of the claims", lead, (since_the_claims(moved, audit),)))
    told("report: putting it together", 0.95)
    specs: dict[str, Spec] = {}
    for section in sections:
        for figure in section.figures:
            for place, panel in enumerate(figure.panels):
                specs[f"{figure.id}-{place}"] = {**panel.spec, "description": panel.describes}
    specs["dots"] = sources.dots_template()
    cards = card_views(audit)
    specs |= card_specs(cards)
    environment = Environment(
        loader=PackageLoader("twofront.present"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {"percent": percent, "plain": plain, "share": share, "figure_of": reference.figure_of}
    environment.filters |= {"row_figure": row_figure, "capital": capital, "shares": shares}
    template = environment.get_template("report.html.j2")
    return template.render(
        case=facts.case,
        facts=facts,
        answer=answer(facts),
        numbers=key_numbers(facts),
        flags=facts.flags,
        outside=calibration.notice(facts),
        sections=sections,
        audit=audit,
        cards=cards,
        reviews=review_data(audit),
        rules=rules_line(card.claim for card in audit.cards),
        verdict_style=verdict_style,
        parameters=reference.parameter_rows(facts.case),
        evidence=reference.cited(facts.case),
        dots=embedded(sources.dots(facts.case)),
        known=set(facts.case.evidence),
        laws=reference.law_rows(),
        levers=reference.lever_rows(facts.case),
        policies=facts.case.policies,
        reproduce=reference.reproduce(facts),
        specs=embedded(specs),
        vega=bundle(),
    )


def _since_the_claims(facts: Facts, known: Futures | None) -> Vintage | None:
    """What moved since the day of the claims; nothing without claims, or for a run that is of a day itself."""
    from twofront.audit.futures import SmallEnsemble
    from twofront.audit.vintage import day_of_claims, vintage

    case = facts.case
    day = day_of_claims(case)
    if not day or (case.revision is not None and case.revision.as_of):
        return None
    return vintage(case, day, seed=facts.run.seed, known=known if isinstance(known, SmallEnsemble) else None)


def _sections(facts: Facts, told: Told) -> list[Section]:
    told("preparing the report", 0.0)
    from twofront.present import (
        boxes,
        calibration,
        choice,
        deterrence,
        flipping,
        fronts,
        games,
        hazards,
        holding_up,
        indices,
        policies,
        searched,
        sensitivity,
        signposts,
        sources,
        structural,
        wars,
    )

    planned = [
        _Planned(
            "deterrence",
            "Deterrence margins",
            "How much better is waiting than attacking, for each potential challenger? This leads, for it needs no "
            "declared prior.",
            lambda: (
                deterrence.margins(facts),
                deterrence.margins_by_policy(facts),
            ),
        ),
        _Planned(
            "wars",
            "What would happen in each war",
            "Given that a war happens: who holds what, with whom, and for how long. Nothing here is multiplied by "
            "the chance of war.",
            lambda: (
                wars.objectives(facts),
                wars.forces(facts),
                wars.protecting(facts),
            ),
        ),
        _Planned(
            "hazards",
            "When: hazards and windows",
            "The course of hazards over the years, and months in which a double war is more likely than the case's "
            "threshold.",
            lambda: (hazards.hazards(facts),),
        ),
        _Planned(
            "second-front-section",
            "A second front, and why",
            "Given the first war: what it adds by itself (opportunism), what a call adds (coordination), and what "
            "both wars have in common.",
            lambda: (fronts.second_front(facts),),
        ),
        _Planned(
            "choice",
            "Choice: what players do not know of each other",
            "A call is a signal, a mobilisation a hint, and nobody knows another's resolve. How far does the "
            "answer hang on "
            "that, does overhearing deter, and why does anybody move as they do?",
            lambda: (
                choice.equilibria(facts),
                choice.signals(facts),
                choice.near_term(facts),
                choice.telling(facts),
            ),
        ),
        _Planned(
            "game",
            games.TITLE,
            games.LEAD,
            lambda: (games.game_of_report(facts),),
        ),
        _Planned(
            "calibration-check",
            calibration.TITLE,
            calibration.LEAD,
            lambda: (calibration.calibration(facts),),
        ),
        _Planned(
            "magazines",
            "How long magazines last",
            "By theatre, class and actor, and by the year in which a war begins.",
            lambda: (*wars.exhaustion(facts),),
        ),
        _Planned(
            "policies",
            "Which policy holds up",
            "Every policy meets the same futures, so differences are paired. Directions and orderings are what the "
            "model claims; here is how far they survive other metrics, laws, evidence grades and priors.",
            lambda: (
                policies.differences(facts),
                policies.regrets(facts),
                *holding_up.in_report(facts),
                *policies.costs(facts),
            ),
        ),
        _Planned(
            "flip",
            flipping.TITLE,
            flipping.LEAD,
            lambda: (*flipping.in_report(facts),),
        ),
        _Planned(
            "sensitivity",
            "What the answer hangs on",
            "Which inputs move it, and whether it survives the least known number of all.",
            lambda: (
                sensitivity.drivers(facts),
                *indices.in_report(facts),
                sensitivity.campaign(facts),
            ),
        ),
        _Planned(
            "discovery",
            boxes.TITLE,
            boxes.LEAD,
            lambda: (*boxes.headline(facts),),
        ),
        _Planned(
            "signposts-section",
            signposts.TITLE,
            signposts.LEAD,
            lambda: (*signposts.in_report(facts),),
        ),
        _Planned(
            "search-section",
            searched.TITLE,
            searched.LEAD,
            lambda: (*searched.in_report(facts),),
        ),
        _Planned(
            "rival-structures",
            "Rival structures",
            "No equation predicts wars well, so published rivals stand side by side. How far do outcomes move with the "
            "choice among them, how much of the spread is owed to it, and does the order of policies survive it?",
            lambda: (
                structural.by_law(facts),
                structural.shares(facts),
                structural.orders(facts),
            ),
        ),
        _Planned(
            "disagreement",
            "Where sources disagree",
            "Conflicting sources are the uncertainty. Strike one (twofront run --without), grade it otherwise "
            "(--grade) or go back to a day (--as-of), and the ranges are derived again.",
            lambda: (sources.disagreements(facts.case),),
        ),
    ]
    found: list[Section] = []
    for place, item in enumerate(planned):
        told(f"report: {item.title}", place / len(planned))
        found.append(item.made())
    return [section for section in found if section.figures]
