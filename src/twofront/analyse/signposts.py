"""`signposts`: which observable series tells futures apart, and how early.

A signpost is worth watching if, at some date, its value says whether a future is one of those that are meant. How well
is the area under the receiver's curve (AUC): the chance that of two futures, one of each kind, the series ranks them
rightly. Its 95% interval follows DeLong, DeLong and Clarke-Pearson 1988, "Comparing the areas under two or more
correlated receiver operating characteristic curves", widened for all series and dates that are looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from twofront.analyse.condition import condition
from twofront.analyse.sample import Floats, Sample
from twofront.analyse.study import Study
from twofront.faults import UserError

if TYPE_CHECKING:
    import polars as pl

    from twofront.ensemble import Run

__all__ = ["Signpost", "Signposts", "areas", "signposts"]

Bools = npt.NDArray[np.bool_]

STRONG = 0.7
"""Area above which a series is called a signpost: by convention "acceptable" (Hosmer and Lemeshow 2000)."""
LEAST_EACH = 30
MOST_FUTURES = 50_000
_BLOCK = 2048


@dataclass(frozen=True, slots=True)
class Signpost:
    """A series with its area at every date; above one half, high values mark the futures that are meant.

    ``first``: place of the first date at which the area's interval lies wholly beyond what counts as strong, None if
    it never does. ``threshold``, ``hits`` and ``alarms``: there (or at the last date), the value that tells best in
    half of the futures, and in the other half the share of the meant ones beyond it, and of the others.
    """

    series: str
    area: Floats
    low: Floats
    high: Floats
    first: int | None
    threshold: float
    above: bool
    hits: float
    alarms: float

    @property
    def strength(self) -> Floats:
        """The area, turned so that it is at least one half."""
        return np.maximum(self.area, 1 - self.area)


@dataclass(frozen=True)
class Signposts:
    """Every kept series by how early, then how well, it tells futures apart."""

    study: Study
    where: str
    policy: str
    strong: float
    months: tuple[str, ...]
    found: tuple[Signpost, ...]
    meant: int
    others: int
    undefined: int
    passed_over: int
    """Futures beyond the first `MOST_FUTURES`, which were not looked at."""

    @cached_property
    def frame(self) -> pl.DataFrame:
        """One row per series and date."""
        import polars as pl

        run = self.study.run
        return pl.DataFrame(
            [
                {
                    "run": (run.hash if run is not None else None) or "",
                    "where": self.where,
                    "policy": self.policy,
                    "strong": self.strong,
                    "series": item.series,
                    "month": month,
                    "auc": item.area[place],
                    "auc_low": item.low[place],
                    "auc_high": item.high[place],
                    "first": item.first == place,
                    "threshold": item.threshold,
                    "above": item.above,
                    "hits": item.hits,
                    "alarms": item.alarms,
                    "meant": self.meant,
                    "others": self.others,
                    "undefined": self.undefined,
                    "passed_over": self.passed_over,
                }
                for item in self.found
                for place, month in enumerate(self.months)
            ]
        )

    @staticmethod
    def read(path: Path, study: Study) -> Signposts | None:
        """What was found before and written as a table; None where nothing was, or of another run."""
        import polars as pl

        if study.run is None or not path.exists():
            return None
        try:
            frame = pl.read_parquet(path)
            head = frame.row(0, named=True)
            if head["run"] != (study.run.hash or ""):
                return None
            parts = frame.partition_by("series", maintain_order=True)
            return Signposts(
                study,
                head["where"],
                head["policy"],
                head["strong"],
                tuple(parts[0]["month"]),
                tuple(_of_table(part) for part in parts),
                *(head[name] for name in ("meant", "others", "undefined", "passed_over")),
            )
        except Exception:  # whatever the reader raises, a report can do without it
            return None


def _of_table(part: pl.DataFrame) -> Signpost:
    """A series from its rows."""
    head = part.row(0, named=True)
    first = part["first"].arg_max() if part["first"].any() else None
    area, low, high = (part[name].to_numpy() for name in ("auc", "auc_low", "auc_high"))
    told = (head[name] for name in ("threshold", "above", "hits", "alarms"))
    return Signpost(head["series"], area, low, high, first, *told)


def signposts(
    run: Run | Study | str | Path,
    where: str,
    *,
    policy: str | None = None,
    strong: float = STRONG,
    told: Callable[[str, float], None] = lambda *_: None,
) -> Signposts:
    """Find which of the series that the case declares separates futures that meet ``where`` from others, and when.

    ``where``: see `twofront.analyse.condition`. Series are computed again from the run's draws, under ``policy`` (the
    present course unless given), for at most the first 50,000 futures: a run keeps quantiles of its series by month,
    and those do not say which future was where. Raises `UserError` for what does not exist, for
    runs whose case declares no series, and where either kind has fewer than 30 futures.
    """
    if not 0.5 < strong < 1:
        raise UserError(f"an area of {strong:g} asked for; what counts as strong lies between 0.5 and 1")
    study = Study.of(run)
    if study.run is None:
        raise UserError(f"{study.label}: arrays hold no series; signposts need a run")
    futures = condition(where).of(study, policy)
    name = policy or study.present
    chosen = futures.defined.copy()
    chosen[MOST_FUTURES:] = False
    meant = futures.met[chosen]
    for count, what in ((int(meant.sum()), "meet"), (int((~meant).sum()), "do not meet")):
        if count < LEAST_EACH:
            needs = f"signposts need at least {LEAST_EACH} futures that {what} `{where}`; there are {count:,}"
            raise UserError(f"{study.label}: {needs}. Run the case with more futures, or ask for less")
    values = _series(study.run, name, np.flatnonzero(chosen), told)
    case = study.run.case
    told("ranking", 0.9)
    months = [case.clock_labels[int(month)] for month in study.run.manifest["paths"]["months"]]
    from scipy.stats import norm

    tests = values.shape[0] * values.shape[1]
    width = float(norm.isf(0.025 / tests))
    found = [_signpost(series, values[place], meant, width, strong) for place, series in enumerate(case.paths)]
    found.sort(key=lambda item: (len(months) if item.first is None else item.first, -float(item.strength.max())))
    return Signposts(
        study,
        where,
        name,
        strong,
        tuple(months),
        tuple(found),
        int(meant.sum()),
        int((~meant).sum()),
        futures.undefined,
        max(0, study.n - MOST_FUTURES),
    )


def _series(run: Run, policy: str, rows: npt.NDArray[np.intp], told: Callable[[str, float], None]) -> Floats:
    """Declared series of the study's futures in ``rows``, drawn again: (series, months, futures)."""
    from twofront.future import FutureModel

    case = run.case
    if not case.paths:
        raise UserError(f"{case.name} keeps no series; declare what can be observed under `paths:`")
    if case.hash != run.manifest["case_hash"]:
        raise UserError(f"{run.folder}: its series cannot be computed again, since the case {case.name} has changed")
    model = FutureModel(case, policies=[policy])
    sampler = run.sampler()
    wanted = Sample(run).futures[rows]
    values = np.empty((len(case.paths), len(model.path_months), len(wanted)), dtype=np.float64)
    at = 0
    while at < len(wanted):
        lo = int(wanted[at])
        end = int(np.searchsorted(wanted, lo + _BLOCK))
        drawn = sampler.draw(lo, int(wanted[end - 1]) + 1)
        here = wanted[at:end] - lo
        values[:, :, at:end] = model.series(policy, drawn.values[:, here], drawn.structures[:, here])
        at = end
        told("computing series", 0.9 * at / len(wanted))
    return values


def areas(values: Floats, meant: Bools) -> tuple[Floats, Floats]:
    """Areas under the curve, one a row of ``values`` (rows, futures), and their standard errors after DeLong.

    Ties count one half. An area is the chance that a future that is meant has the higher value.
    """
    from scipy.stats import rankdata

    count, rest = int(meant.sum()), int((~meant).sum())
    ranks = rankdata(values, axis=1)
    within = rankdata(values[:, meant], axis=1)
    without = rankdata(values[:, ~meant], axis=1)
    placed = (ranks[:, meant] - within) / rest
    placed_rest = 1 - (ranks[:, ~meant] - without) / count
    variance = placed.var(axis=1, ddof=1) / count + placed_rest.var(axis=1, ddof=1) / rest
    return placed.mean(axis=1), np.sqrt(variance)


def _signpost(series: str, values: Floats, meant: Bools, width: float, strong: float) -> Signpost:
    area, error = areas(values, meant)
    low, high = np.maximum(area - width * error, 0.0), np.minimum(area + width * error, 1.0)
    clear = np.flatnonzero((low >= strong) | (high <= 1 - strong))
    first = int(clear[0]) if len(clear) else None
    place = len(area) - 1 if first is None else first
    above = bool(area[place] >= 0.5)
    learn = np.arange(values.shape[1]) % 2 == 0
    threshold = _best_cut(values[place][learn], meant[learn], above)
    shown = values[place][~learn] >= threshold if above else values[place][~learn] <= threshold
    hits, alarms = (float(shown[kind].mean()) for kind in (meant[~learn], ~meant[~learn]))
    return Signpost(series, area, low, high, first, threshold, above, hits, alarms)


def _best_cut(values: Floats, meant: Bools, above: bool) -> float:
    """The value beyond which hits less false alarms is greatest (Youden 1950)."""
    order = np.argsort(-values if above else values, kind="stable")
    ordered = values[order]
    hits = np.cumsum(meant[order]) / max(meant.sum(), 1)
    alarms = np.cumsum(~meant[order]) / max((~meant).sum(), 1)
    last = np.append(ordered[1:] != ordered[:-1], True)  # a cut falls between two values
    return float(ordered[int(np.argmax(np.where(last, hits - alarms, -np.inf)))])
