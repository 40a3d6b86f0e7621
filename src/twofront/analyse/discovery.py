"""Scenario discovery: where among the inputs the futures lie that meet a condition, and how far to trust the answer.

A box is found by peeling (`twofront.analyse.prim`). Which box of the trajectory is taken is a stated rule, so that the
same run gives the same box; the whole trajectory is kept for those who would choose otherwise. Limits that may be luck
by their quasi-p-values are given up, and their places searched again.

Two checks come with it, which answer different questions. *What is the box worth?* Every future is judged by a box
found without it (cross-validation): how dense such boxes are, how much they cover, and how much of the reported box
they share. *Which of its limits are steady?* The search is repeated in random halves, complementary in pairs (Shah and
Samworth 2013): how often each input is limited again, and how far the limit moves. A search in half of few futures is
much the weaker one, so that halves say little about what the box is worth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from twofront.analyse.codes import Codes, encode, rotated
from twofront.analyse.condition import Futures, condition
from twofront.analyse.second_opinions import grow, logistic
from twofront.analyse.study import Factor, Study
from twofront.analyse.weights import Belief, thinned
from twofront.faults import UserError

if TYPE_CHECKING:
    from twofront.ensemble import Run

from twofront.analyse.box_search import Wish, box_among
from twofront.analyse.boxes_found import Discovery, Found, Turned

__all__ = ["LEAST_HITS", "discover"]

LEAST_FUTURES = 100
"""With fewer, a peel takes less than five futures."""
LEAST_HITS = 20
"""Futures of interest (and futures that are not) below which no box means anything."""
MOST_INPUTS = 4
"""Inputs that a chosen box may limit: more, and nobody can hold it in mind (Bryant and Lempert 2010)."""
REPEATS = 10
SEED = 1


def discover(
    run: Run | Study | str | Path,
    where: str,
    *,
    policy: str | None = None,
    boxes: int = 1,
    most_inputs: int | None = MOST_INPUTS,
    density: float | None = None,
    coverage: float | None = None,
    step: int | None = None,
    without: Sequence[str] = (),
    rotate: Sequence[str] = (),
    repeats: int = REPEATS,
    seed: int = SEED,
    priors: Sequence[Belief | str] = (),
    told: Callable[[str, float], None] = lambda *_: None,
) -> Discovery:
    """Find the box (or `boxes`, one after the other) in which the futures that meet `where` gather.

    `where` is a condition over outcomes under `policy` (the present course by default); see
    `twofront.analyse.condition`. The box taken is the one whose coverage and excess density have the highest harmonic
    mean, or with `density` the one of most coverage that is at least so dense, with `coverage` the densest that covers
    at least so much, with `step` that of the trajectory, as it stands. `without` leaves inputs out (`anchor.*` leaves
    out all of a family); `rotate` turns these inputs together so that boxes may be slanted. `priors`: other
    beliefs than those of the case, to which the futures are thinned (`twofront.analyse.weights`). `told` hears what is
    going on, and the share done. Raises `UserError` for names that do not exist, conditions that divide nothing, and
    too few futures.
    """
    _check_wishes(density, coverage, step, boxes, repeats)
    study = thinned(Study.of(run), priors)
    futures = condition(where).of(study, policy)
    study.need(LEAST_FUTURES, "scenario discovery", futures.n)
    for count, what in ((futures.hits, "meet"), (futures.n - futures.hits, "do not meet")):
        if count < LEAST_HITS:
            raise UserError(
                f"{study.label}: scenario discovery needs at least {LEAST_HITS} futures that {what} `{where}`; there "
                f"are {count:,} of {futures.n:,}. Run the case with more futures, or ask for less"
            )
    names = _inputs(study, without)
    codes, turned = _encoded(study, names, rotate, futures, lambda share: told("reading inputs", share))
    wish = Wish(density, coverage, step, most_inputs)
    left = np.flatnonzero(futures.defined)
    found: list[Found] = []
    for number in range(boxes):
        hits = int(futures.met[left].sum())
        if number and (hits < LEAST_HITS or len(left) - hits < LEAST_HITS or len(left) < LEAST_FUTURES):
            break
        name = "peeling" if boxes == 1 else f"peeling box {number + 1}"
        box = box_among(codes, futures, left, wish, repeats, seed + number, lambda share, name=name: told(name, share))
        if number and not box.edges:
            break
        found.append(box)
        left = left[~box.rows[left]]
    told("second opinions", 0.0)
    used = np.flatnonzero(futures.defined)
    tree = grow(codes, futures.met, used, seed=seed)
    told("second opinions", 0.7)
    return Discovery(
        where=where,
        policy=policy or study.present,
        n=futures.n,
        interest=futures.hits,
        undefined=futures.undefined,
        left_out=study.left_out,
        counted=study.counted,
        thresholds=futures.thresholds,
        inputs=len(names),
        without=tuple(without),
        rule=wish.words,
        boxes=tuple(found),
        turned=turned,
        tree=tree,
        logistic=logistic(codes, futures.met, used, seed=seed),
        study=study,
        codes=codes,
        futures=futures,
    )


def _check_wishes(density: float | None, coverage: float | None, step: int | None, boxes: int, repeats: int) -> None:
    if sum(wish is not None for wish in (density, coverage, step)) > 1:
        raise UserError("give one of density, coverage and step: each of them alone chooses the box")
    for name, share in (("density", density), ("coverage", coverage)):
        if share is not None and not 0 < share <= 1:
            raise UserError(f"{name} {share:g}: give a share above 0 and up to 1")
    if boxes < 1:
        raise UserError(f"boxes {boxes}: give a number of at least 1")
    if repeats < 2:
        raise UserError(f"repeats {repeats}: give a number of at least 2, or nothing can be said of stability")


def _inputs(study: Study, without: Sequence[str]) -> list[str]:
    """Names of the inputs that are searched."""
    gone: set[str] = set()
    for pattern in without:
        found = [name for name in study.inputs if fnmatchcase(name, pattern)]
        if not found:
            study.factor(pattern)
        gone.update(found)
    names = [name for name in study.inputs if name not in gone]
    if not names:
        raise UserError(f"{study.label}: no input is left to search")
    return names


def _encoded(
    study: Study, names: list[str], rotate: Sequence[str], futures: Futures, told: Callable[[float], None]
) -> tuple[Codes, tuple[Turned, ...]]:
    if not rotate:
        return encode(study, names, told=told), ()
    for name in rotate:
        if study.factor(name).is_choice:
            raise UserError(f"{study.label}: `{name}` is a choice and cannot be rotated; only numbers can")
        if name not in names:
            raise UserError(f"{study.label}: `{name}` is both rotated and left out")
    if len(set(rotate)) < 2:
        raise UserError("a rotation needs at least two inputs")
    turned_names = list(dict.fromkeys(rotate))
    scores, axes = rotated(study.matrix(turned_names), futures.met)
    turned = tuple(
        Turned(f"turned.{place + 1}", tuple(zip(turned_names, (float(w) for w in axes[:, place]), strict=True)))
        for place in range(len(turned_names))
    )
    rest = [name for name in names if name not in turned_names]
    told(0.5)
    columns: dict[str, Any] = {item.name: row for item, row in zip(turned, scores, strict=True)}
    factors = [
        Factor(item.name, means=_weighted(item), unit="standard deviations", grade=_worst(study, turned_names))
        for item in turned
    ]
    columns |= {name: study.values(name) for name in rest}
    made = Study.of_arrays(
        columns,
        {"any": np.zeros(study.n)},
        factors=[*factors, *(study.factor(name) for name in rest)],
        label=study.label,
    )
    return encode(made, told=told), turned


def _weighted(item: Turned) -> str:
    """A turned input in words: its largest weights."""
    largest = sorted(item.weights, key=lambda pair: -abs(pair[1]))[:4]
    return " ".join(f"{weight:+.2f} × {name}" for name, weight in largest).replace("-", "− ").replace("+", "+ ")


def _worst(study: Study, names: Sequence[str]) -> str:
    return max((study.factor(name).grade for name in names), default="")
