"""Published wargames against whole ensembles: is what they found inside, and do excursions move the right way?

The targets are data (`coverage_targets.yaml`). What is found is written into `docs/coverage.md`, failures included;
after a change of the model, `TWOFRONT_COVERAGE=write ./test tests/literature/test_coverage.py` writes it anew, and the
difference shows what moved.
"""

from __future__ import annotations

import math
import os
import re
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from ruamel.yaml import YAML

from twofront.case import Case, bundled_cases, load_case
from twofront.future import FutureModel
from twofront.parameters.sampling import Sampler

FUTURES, SEED = 400, 2026
MIDDLE = 0.95
"""A count is inside if neither tail of what the ensemble expects is thinner than half of the rest."""
MOST = 0.9
"""Share of futures in which an excursion must move the published way."""
PAGE = Path(__file__).parents[2] / "docs" / "coverage.md"
TARGETS: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(Path(__file__).with_name("coverage_targets.yaml"))

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Ensemble:
    """A case's futures under every policy; `outcomes` is (policies, outcomes, futures)."""

    case: Case
    policies: tuple[str, ...]
    names: tuple[str, ...]
    outcomes: Floats
    laws: dict[str, tuple[tuple[str, ...], npt.NDArray[np.int64]]]

    def of(self, policy: str, outcome: str) -> Floats:
        """An outcome, future by future."""
        return self.outcomes[self.policies.index(policy), self.names.index(outcome)]


@cache
def ensemble(name: str, horizon: float | None) -> Ensemble:
    """Evaluate a bundled case, with its wars stopped on the day `horizon`."""
    case = load_case(name) if horizon is None else stopped(name, horizon)
    model = FutureModel(case)
    draws = Sampler(case, SEED).draw(0, FUTURES)
    found = model.evaluate(draws.values, draws.structures, paths=False)
    assert not found.status.any(), "a future failed or missed its prior"
    laws = {
        item.name: (item.options, codes.astype(np.int64))
        for item, codes in zip(case.structures, draws.structures, strict=True)
    }
    return Ensemble(case, model.policy_names, model.outcome_names, found.outcomes, laws)


def stopped(name: str, horizon: float) -> Case:
    """The case with its phases cut at a day: games stop when players go home."""
    import tempfile

    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept) / name
        shutil.copytree(bundled_cases()[name], folder)
        text = (folder / "case.yaml").read_text(encoding="utf-8")
        (listed,) = re.findall(r"phases: \[([^\]]+)\]", text)
        days = [day for day in (float(part) for part in listed.split(",")) if day < horizon]
        phases = ", ".join(f"{day:g}" for day in (*days, horizon))
        (folder / "case.yaml").write_text(text.replace(f"[{listed}]", f"[{phases}]", 1), encoding="utf-8")
        return load_case(folder)


@dataclass(frozen=True)
class Found:
    """What a comparison gave: the ensemble in words, and whether the published result holds in it."""

    holds: bool
    text: str


def compare(target: dict[str, Any], chosen: npt.NDArray[np.bool_] | None = None) -> Found:
    """Hold a target against its ensemble, or against the chosen futures of it."""
    world = ensemble(target["case"], target.get("horizon"))
    values = world.of(target["policy"], target["outcome"])
    other = world.of(target["against"], target["outcome"]) if "against" in target else None
    if chosen is not None:
        values, other = values[chosen], None if other is None else other[chosen]
    if other is not None:
        return moved(values - other, target["direction"])
    if "count" in target:
        return counted(values, **{"n" if k == "of" else k + "_": v for k, v in target["count"].items()})
    low, high = target["point"]["low"], target["point"]["high"]
    fewest, middle, most = np.quantile(values, [0.05, 0.5, 0.95])
    return Found(bool(low <= most and high >= fewest), f"{shown(middle)} ({shown(fewest)} to {shown(most)})")


def counted(chances: Floats, n: int, from_: int, to_: int) -> Found:
    """Expected distribution of a count of `n` games under one future's chance, over the futures."""
    count = np.array([math.comb(n, k) * np.mean(chances**k * (1 - chances) ** (n - k)) for k in range(n + 1)])
    below, above = count[: to_ + 1].sum(), count[from_:].sum()
    tail = (1 - MIDDLE) / 2
    expected = float((count * np.arange(n + 1)).sum())
    text = f"{expected:.1f} of {n} expected; {to_} or fewer {percent(below)}, {from_} or more {percent(above)}"
    return Found(bool(below >= tail and above >= tail), text)


def moved(change: Floats, direction: str) -> Found:
    """Share of futures that move the published way."""
    right = float(np.mean(change > 1e-12 if direction == "higher" else change < -1e-12))
    return Found(
        right >= MOST, f"{direction} in {percent(right)} of futures; median change {signed(np.median(change))}"
    )


def shown(value: float) -> str:
    return f"{value:.3g}"


def signed(value: float) -> str:
    return "0" if abs(value) < 5e-5 else f"{value:+.3g}".replace("-", "−")


def percent(share: float) -> str:
    whole = min(share, 1 - share) < 1e-9 or 0.01 <= share <= 0.99
    return f"{100 * share:.0f}%" if whole else f"{100 * share:.1f}%"


def table(name: str) -> str:
    """The comparison of a case in Markdown."""
    lines = ["| target | published | in the ensemble | holds |", "|---|---|---|---|"]
    for target in TARGETS:
        if target["case"] == name:
            found = compare(target)
            says = " ".join(target["says"].split())
            lines.append(f"| `{target['id']}` | {says} | {found.text} | {'yes' if found.holds else '**no**'} |")
    return "\n".join(lines)


def reasons(name: str) -> str:
    """Why comparisons fail, in Markdown."""
    missed = [t for t in TARGETS if t["case"] == name and not t["holds"]]
    return "\n".join(f"- `{t['id']}`: {' '.join(t['because'].split())}" for t in missed) or "- none"


def by_structure(name: str) -> str:
    """In which structures of the war a target holds, where a case draws several for its first theatre."""
    theatre = load_case(name).world.challengers[0].theatre
    options, _ = ensemble(name, None).laws[f"war.{theatre}"]
    codes = ensemble(name, None).laws[f"war.{theatre}"][1]
    drawn = [place for place in range(len(options)) if (codes == place).any()]
    head = ["target", *(f"{options[place].replace('_', ' ')} ({int((codes == place).sum())})" for place in drawn)]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for target in TARGETS:
        if target["case"] == name:
            cells = ["yes" if compare(target, codes == place).holds else "no" for place in drawn]
            lines.append(f"| `{target['id']}` | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def page(text: str) -> str:
    """The page with its generated parts made anew."""
    for name in ("csis-2026", "baltic-2016"):
        for part, made in (("table", table), ("reasons", reasons), ("structures", by_structure)):
            mark = f"{part} {name}"
            pattern = re.compile(rf"(<!-- {mark} -->\n).*?(\n<!-- end -->)", re.DOTALL)
            assert len(pattern.findall(text)) == 1, f"docs/coverage.md has no place for `{mark}`"
            text = pattern.sub(lambda found, made=made, name=name: found[1] + made(name) + found[2], text)
    return text


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target["id"])
def test_published_result(target: dict[str, Any]) -> None:
    found = compare(target)
    assert found.holds == target["holds"], f"{target['says']}: {found.text}"
    assert target["holds"] or target["because"].strip()


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target["id"])
def test_every_target_names_its_evidence(target: dict[str, Any]) -> None:
    known = load_case(target["case"]).evidence
    assert target["evidence"]
    assert set(target["evidence"]) <= set(known)
    assert target["place"].strip()


def test_the_page_says_what_is_found() -> None:
    text = PAGE.read_text(encoding="utf-8")
    made = page(text)
    if os.environ.get("TWOFRONT_COVERAGE") == "write":
        PAGE.write_text(made, encoding="utf-8")
        pytest.skip(f"wrote {PAGE.name}")
    assert made == text, "docs/coverage.md is not what the runs give; write it anew and look at the difference"


def test_a_count_is_inside_only_where_the_ensemble_expects_it() -> None:
    # One chance of a half: 0 of 3 has chance 1/8, 0 of 18 one in 262,144.
    half = np.full(7, 0.5)
    assert counted(half, 3, 0, 0).holds
    assert not counted(half, 18, 0, 0).holds
    assert counted(half, 18, 9, 9).holds
    # Games share a future's assumptions: chances of 0 and 1 in equal parts give all or nothing, each half the time.
    either = np.array([0.0, 1.0])
    assert counted(either, 18, 0, 0).holds
    assert counted(either, 18, 18, 18).holds


def test_a_direction_needs_nearly_all_futures() -> None:
    assert moved(np.array([1.0] * 19 + [-1.0]), "higher").holds
    assert not moved(np.array([1.0] * 4 + [-1.0]), "higher").holds
    assert not moved(np.zeros(5), "higher").holds
