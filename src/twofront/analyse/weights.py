"""Other beliefs about a run that is there already: weights on its futures, instead of a new run.

A belief is a distribution of one input, of one outcome's level, or of the laws of a structure (a reader's prior, a
survey), or a mean alone (the price of a market). The weights are those that meet every belief and are nearest to the
run's own in information (Kullback–Leibler): ratios of densities for a distribution, an exponential tilt for a mean
(Csiszár 1975, "I-divergence geometry of probability distributions"), taken in turn until all hold together, which for
distributions is raking (Deming and Stephan 1940).

Weights cannot make futures that the run does not have. How many futures they leave in effect is Kish's
(Σw)²/Σw² (Kish 1965, "Survey Sampling", 11.7).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from twofront.analyse.sample import Floats
from twofront.analyse.study import STRUCTURE, Study
from twofront.faults import UserError, listed, nearest

if TYPE_CHECKING:
    from twofront.ensemble import Run

__all__ = ["FEW", "Belief", "Weights", "effective", "read_belief", "reweigh", "thinned"]

FEW: Final = 200
"""Effective futures below which a warning is given. A judgement: the 95% interval of a share is then ±7 points."""
HEAVY: Final = 0.05
"""Share of the whole weight on one future above which a warning is given."""
COVERED: Final = 0.95
"""Share of a belief that the futures must be able to carry, or a warning is given."""
PER_BIN: Final = 50
MOST_BINS: Final = 1000
ROUNDS: Final = 200
CLOSE: Final = 1e-7
"""Weights are done when a whole round moves none of the beliefs' parts by more than this share."""
AT: Final = "@"


@dataclass(frozen=True, slots=True)
class Belief:
    """A belief about one thing: `kind` is `uniform` (low, high), `triangular` (low, mode, high), `mean` (value) or
    `laws` (a weight for each of `laws`)."""

    name: str
    kind: str
    numbers: tuple[float, ...]
    laws: tuple[str, ...] = ()
    policy: str = ""
    """Whose outcome it is about; the present course's if empty."""

    def __str__(self) -> str:
        about = f"{self.name}{AT}{self.policy}" if self.policy else self.name
        if self.kind == "laws":
            return f"{about}={','.join(f'{law}:{w:g}' for law, w in zip(self.laws, self.numbers, strict=True))}"
        if self.kind == "mean":
            return f"{about}=mean:{self.numbers[0]:g}"
        return f"{about}={'..'.join(f'{number:g}' for number in self.numbers)}"

    def below(self, x: Floats) -> Floats:
        """Its distribution function, for `uniform` and `triangular`."""
        low, high = self.numbers[0], self.numbers[-1]
        if self.kind == "uniform":
            return np.clip((x - low) / (high - low), 0.0, 1.0)
        mode = self.numbers[1]
        x = np.clip(x, low, high)
        left = (x - low) ** 2 / ((high - low) * max(mode - low, 1e-300))
        right = 1.0 - (high - x) ** 2 / ((high - low) * max(high - mode, 1e-300))
        return np.where(x < mode, left, right)


@dataclass(frozen=True, slots=True)
class Weights:
    """A weight for each future of a study, with a mean of 1.

    `effective`: futures that would fix a mean as exactly, if they weighed the same. `covered`: for each belief, how
    much of it lies where the run has futures; the rest is cut off. `warnings`: what a reader must know.
    """

    values: Floats
    beliefs: tuple[Belief, ...]
    effective: float
    covered: tuple[float, ...]
    warnings: tuple[str, ...]

    @property
    def told(self) -> str:
        """What was believed, and what is left of the futures."""
        said = "; ".join(str(belief) for belief in self.beliefs)
        return f"weighted by {said}: {self.effective:,.0f} effective futures of {len(self.values):,}"


def effective(weights: Floats) -> float:
    """Kish's effective number of futures."""
    return float(weights.sum() ** 2 / (weights**2).sum())


_NUMBER = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?%?$")
_FORMS = (
    "NAME=LOW..HIGH (even), NAME=LOW..MODE..HIGH (triangular), NAME=mean:VALUE, or structure.NAME=LAW:WEIGHT,LAW:WEIGHT"
)


def read_belief(text: str) -> Belief:
    """Read a belief as it is written on the command line. Raises `UserError` for anything else."""
    name, equals, said = (part.strip() for part in text.partition("="))
    if not equals or not name or not said:
        raise UserError(f"--prior {text}: write {_FORMS}")
    name, _, policy = name.partition(AT)
    if said.startswith("mean:"):
        return Belief(name, "mean", (_number(said.removeprefix("mean:"), text),), policy=policy)
    if ".." in said:
        numbers = tuple(_number(part, text) for part in said.split(".."))
        if len(numbers) not in (2, 3):
            raise UserError(f"--prior {text}: {len(numbers)} numbers; write {_FORMS}")
        if list(numbers) != sorted(numbers) or numbers[0] == numbers[-1]:
            raise UserError(f"--prior {text}: the numbers must rise from left to right")
        return Belief(name, ("uniform", "triangular")[len(numbers) - 2], numbers, policy=policy)
    if ":" in said:
        pairs = [part.partition(":") for part in said.split(",")]
        laws, weights = [law.strip() for law, _, _ in pairs], [_number(weight, text) for _, _, weight in pairs]
        if min(weights) < 0 or sum(weights) <= 0 or len(set(laws)) < len(laws):
            raise UserError(f"--prior {text}: each law once, with a weight of 0 or more, and not all 0")
        return Belief(name, "laws", tuple(weight / sum(weights) for weight in weights), tuple(laws), policy)
    raise UserError(f"--prior {text}: write {_FORMS}")


def _number(written: str, whole: str) -> float:
    written = written.strip()
    if not _NUMBER.match(written):
        raise UserError(f"--prior {whole}: `{written}` is not a number")
    return float(written[:-1]) / 100 if written.endswith("%") else float(written)


def reweigh(run: Run | Study | str | Path, beliefs: Sequence[Belief | str]) -> Weights:
    """Weigh the futures of a run by other beliefs.

    Inputs are in the unit of their quantity (`twofront evidence CASE NAME` shows it); an outcome is its level under the
    present course, or under another policy as `NAME@POLICY`. Futures in which an outcome is undefined keep their
    weight. Raises `UserError` for a name that does not exist, or a belief that no future can carry.
    """
    study = Study.of(run)
    read = [read_belief(belief) if isinstance(belief, str) else belief for belief in beliefs]
    if not read:
        raise UserError("no belief was given; write " + _FORMS)
    found = [_constraint(study, belief) for belief in read]
    weights, moved = np.ones(study.n), 0.0
    for turn in range(ROUNDS):
        moved = 0.0
        for constraint in found:
            weights, gap = constraint.met(weights)
            moved = max(moved, gap)
        if moved < CLOSE or (len(found) == 1 and turn):
            break
    weights *= study.n / weights.sum()
    covered = tuple(constraint.covered for constraint in found)
    return Weights(
        weights, tuple(read), effective(weights), covered, tuple(_warnings(study, read, weights, covered, moved))
    )


def thinned(study: Study, beliefs: Sequence[Belief | str], *, seed: int = 1) -> Study:
    """Futures of a study as another belief would have drawn them, for methods that know no weights.

    Each future is kept with the chance of its weight against the heaviest (acceptance and rejection: von Neumann
    1951), so that those left count alike, none twice, and every method applies to them as it is, with their true
    number. Fewer are left than weights leave in effect. Without a belief, the study itself.
    """
    if not beliefs:
        return study
    weights = reweigh(study, beliefs)
    chances = weights.values / weights.values.max()
    kept = np.random.default_rng(seed).random(study.n) < chances
    said = "; ".join(str(belief) for belief in weights.beliefs)
    cut = [
        f"; {1 - share:.0%} of {belief} lies where the run has no future"
        for belief, share in zip(weights.beliefs, weights.covered, strict=True)
        if share < COVERED
    ]
    return study.only(kept, f" of {study.n:,}, thinned to the belief {said}{''.join(cut)}")


def _warnings(
    study: Study, beliefs: Sequence[Belief], weights: Floats, covered: Sequence[float], moved: float
) -> list[str]:
    found: list[str] = []
    n = effective(weights)
    if n < FEW:
        found.append(
            f"only {n:,.0f} effective futures of {study.n:,} are left, below {FEW}: too few to rest on. Run the case "
            "with more futures, or believe something nearer to its ranges"
        )
    if float(weights.max()) > HEAVY * study.n:
        found.append(f"one future alone carries {weights.max() / study.n:.0%} of the weight")
    found += [
        f"{1 - share:.0%} of the belief {belief} lies where the run has no future, and is cut off"
        for belief, share in zip(beliefs, covered, strict=True)
        if share < COVERED
    ]
    if moved > 1e-3:
        found.append(f"the beliefs do not hold together: after {ROUNDS} rounds they still move weight by {moved:.1%}")
    return found


@dataclass(frozen=True, slots=True)
class _Constraint:
    """One belief as an operation on weights: `met` returns weights that meet it, and by how much it moved them."""

    met: Callable[[Floats], tuple[Floats, float]]
    covered: float


def _constraint(study: Study, belief: Belief) -> _Constraint:
    name = belief.name
    if belief.kind == "laws" and name not in study.inputs and STRUCTURE + name in study.inputs:
        name = STRUCTURE + name
    if name in study.inputs:
        if belief.policy:
            raise UserError(f"`{name}` is an input, the same under every policy; leave out `{AT}{belief.policy}`")
        factor = study.factor(name)
        if factor.is_choice:
            if belief.kind != "laws":
                raise UserError(f"`{name}` is a choice among {listed(factor.options)}; give weights: LAW:WEIGHT,…")
            return _laws(study, belief, name)
        values = np.asarray(study.values(name), dtype=np.float64)
    elif name in study.outcome_names:
        values = study.outcome(name, belief.policy or None)
    else:
        known = [*study.outcome_names, *study.inputs]
        near = nearest(name, known)
        hint = f"did you mean `{near}`?" if near else f"outcomes are {listed(study.outcome_names)}"
        raise UserError(f"{study.label}: no input or outcome `{name}`; {hint}")
    if belief.kind == "laws":
        raise UserError(f"`{name}` is a number, not a choice among laws; write {_FORMS}")
    return _mean(study, belief, values) if belief.kind == "mean" else _spread(study, belief, values)


def _laws(study: Study, belief: Belief, name: str) -> _Constraint:
    options = study.factor(name).options
    for law in belief.laws:
        if law not in options:
            near = nearest(law, options)
            hint = f"did you mean `{near}`?" if near else f"there are {listed(options)}"
            raise UserError(f"`{name}` has no law `{law}`; {hint}")
    codes = np.asarray(study.values(name), dtype=np.int64)
    wanted = np.zeros(len(options))
    for law, weight in zip(belief.laws, belief.numbers, strict=True):
        wanted[options.index(law)] = weight
    return _binned(study, belief, codes, wanted, np.ones(study.n, dtype=bool))


def _spread(study: Study, belief: Belief, values: Floats) -> _Constraint:
    """A distribution: bins of equal count within its range, each brought to its share."""
    low, high = belief.numbers[0], belief.numbers[-1]
    known = ~np.isnan(values)
    inside = known & (values >= low) & (values <= high)
    count = int(inside.sum())
    if not count:
        span = f"{np.nanmin(values):g} to {np.nanmax(values):g}" if known.any() else "nothing: it is undefined"
        raise UserError(f"no future has `{belief.name}` between {low:g} and {high:g}; in this run it is {span}")
    edges = np.unique(np.quantile(values[inside], np.linspace(0, 1, min(MOST_BINS, max(2, count // PER_BIN)) + 1)))
    if len(edges) < 2:
        raise UserError(f"`{belief.name}` has one value in every future between {low:g} and {high:g}; nothing to weigh")
    wanted = np.diff(belief.below(edges))
    codes = np.full(len(values), len(wanted), dtype=np.int64)
    codes[inside] = np.clip(np.searchsorted(edges, values[inside], side="right") - 1, 0, len(wanted) - 1)
    return _binned(study, belief, codes, np.append(wanted, 0.0), known)


def _binned(
    study: Study, belief: Belief, codes: npt.NDArray[np.int64], wanted: Floats, known: npt.NDArray[np.bool_]
) -> _Constraint:
    size = len(wanted)
    held = np.bincount(codes[known], minlength=size)[:size] > 0
    covered = float(wanted[held].sum())
    if covered <= 0:
        raise UserError(f"no future of the run carries anything of the belief {belief}")
    shares = np.where(held, wanted, 0.0) / covered
    inside, places = bool(known.all()), codes[known]

    def met(weights: Floats) -> tuple[Floats, float]:
        own = weights if inside else weights[known]
        have = np.bincount(places, weights=own, minlength=size)
        total = float(have.sum())
        if np.any((have <= 0) & (shares > 0)) and not np.any((have > 0) & (shares > 0)):
            raise UserError(f"together with the others, no future carries anything of the belief {belief}")
        ratio = np.divide(shares * total, have, out=np.zeros(size), where=have > 0)
        gap = float(np.abs(shares - have / total).max())
        changed = weights.copy()
        changed[known] = own * ratio[places]
        return changed, gap

    return _Constraint(met, covered)


def _mean(study: Study, belief: Belief, values: Floats) -> _Constraint:
    """A mean: the exponential tilt that has it."""
    known = ~np.isnan(values)
    found = values[known]
    wanted = belief.numbers[0]
    if not len(found) or not found.min() < wanted < found.max():
        span = f"{found.min():g} to {found.max():g}" if len(found) else "nothing: it is undefined"
        raise UserError(f"no weights give `{belief.name}` a mean of {wanted:g}; in this run it is {span}")
    centred = (found - wanted) / found.std()

    def met(weights: Floats) -> tuple[Floats, float]:
        own = weights[known]
        held = own > 0
        if not held.any() or not centred[held].min() < 0 < centred[held].max():
            raise UserError(f"together with the others, no weights give the belief {belief}")
        tilt = _tilt(centred[held], own[held])
        changed = weights.copy()
        exponent = tilt * centred
        new = np.where(held, own * np.exp(np.minimum(exponent - exponent[held].max(), 0.0)), 0.0)
        changed[known] = new * (own.sum() / new.sum())
        return changed, abs(float((own * centred).sum() / own.sum()))

    return _Constraint(met, 1.0)


def _tilt(centred: Floats, weights: Floats) -> float:
    """The λ at which the weighted mean of `centred`, tilted by exp(λ·), is zero (Newton's steps, halved in need)."""
    tilt = 0.0

    def at(value: float) -> tuple[float, float, float]:
        exponent = value * centred
        top = float(exponent.max())
        own = weights * np.exp(exponent - top)
        whole = float(own.sum())
        mean = float((own * centred).sum()) / whole
        return np.log(whole) + top, mean, float((own * centred**2).sum()) / whole - mean**2

    height, mean, variance = at(tilt)
    for _ in range(100):
        if abs(mean) < 1e-12:
            break
        step = -mean / max(variance, 1e-12)
        while True:
            new = at(tilt + step)
            if new[0] <= height + 1e-15 * abs(height) or abs(step) < 1e-14:
                break
            step /= 2
        tilt, (height, mean, variance) = tilt + step, new
    return tilt
