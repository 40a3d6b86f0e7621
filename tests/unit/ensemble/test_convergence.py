"""Intervals while a run goes on: they cover what they should, for every design, and a run stops at the same future
whatever its workers do."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from made_up import ABOUT, FakeModel
from scipy import stats

from twofront.ensemble import hashing, store
from twofront.ensemble.convergence import Convergence, Goal, Standing
from twofront.ensemble.folder import reopen
from twofront.ensemble.opened import Run
from twofront.ensemble.resume import Earlier
from twofront.ensemble.runner import evaluate_into
from twofront.ensemble.store import Layout
from twofront.faults import UserError
from twofront.parameters.designs import DESIGNS, POINTS, REPLICATES, design_of
from twofront.parameters.streams import uniforms

RunFake = Callable[..., Run]
LAYOUT = Layout(("present", "other"), ("a", "b"), ("ok", "undefined", "failed"), (), ())


class Drawn:
    """Even numbers from the package's own streams, in place of the fake sampler's regular ones."""

    parameter_names: Sequence[str] = ("pull", "push", "constant")
    uncertain: Sequence[int] = (0, 1)
    structure_options: dict[str, Sequence[str]] = {"law": ("first", "second", "third")}  # noqa: RUF012

    def draw(self, lo: int, hi: int) -> Any:
        pull, push = (uniforms(1, name, lo, hi) for name in ("pull", "push"))
        return type("Draws", (), {"values": np.stack([pull, push, pull]), "structures": (np.arange(lo, hi) % 3)[None]})


def rows_of(design: str, seed: int, futures: int, lo: int = 0) -> np.ndarray[Any, Any]:
    """Two outcomes under two policies; the second is undefined now and then; a few futures failed."""
    even = design_of(design, seed, ("u", "v", "w")).rows(lo, lo + futures)
    rows = np.zeros((futures, 2, 3))
    rows[:, 0, 0] = even[0] ** 2 + even[1]
    rows[:, 1, 0] = rows[:, 0, 0] * (0.9 + 0.05 * even[2])
    rows[:, :, 1] = even[2][:, None]
    rows[even[2] < 0.1, :, 1] = np.nan
    rows[np.arange(lo, lo + futures) % 97 == 5, 1, 2] = 2
    return rows


def standing(design: str, rows: np.ndarray[Any, Any], unit: int, watched: Sequence[str] = ("a", "b")) -> Standing:
    watch = Convergence(LAYOUT, watched=watched, design=design)
    for lo in range(0, len(rows), unit):
        watch.add(watch.figures(lo, rows[lo : lo + unit]))
    return watch.standing


def test_intervals_of_random_futures_are_the_textbooks() -> None:
    rows = rows_of("random", 1, 10_000)
    found = {(i.outcome, i.policy, i.against): i for i in standing("random", rows, 4096).intervals}
    kept = rows[:, 1, 2] == 0
    for name, column in (("a", 0), ("b", 1)):
        one, other = rows[kept, 0, column], rows[kept, 1, column]
        for key, values in (("present", one), ("other", other), ("change", other - one)):
            values = values[~np.isnan(values)]
            item = found[(name, "other", "present") if key == "change" else (name, key, None)]
            assert item.n == len(values)
            assert item.mean == pytest.approx(values.mean(), rel=1e-12)
            assert item.half_width == pytest.approx(1.95996398 * stats.sem(values), rel=1e-6, abs=1e-15)


@pytest.mark.parametrize("design", DESIGNS)
def test_intervals_do_not_depend_on_units(design: str) -> None:
    rows = rows_of(design, 2, 3 * 8192 + 500)
    whole, pieces = standing(design, rows, len(rows)), standing(design, rows, 4096)
    for one, other in zip(whole.intervals, pieces.intervals, strict=True):
        assert (one.outcome, one.policy, one.n) == (other.outcome, other.policy, other.n)
        assert one.mean == pytest.approx(other.mean, rel=1e-12)
        assert one.half_width == pytest.approx(other.half_width, rel=1e-9, abs=1e-14)


@pytest.mark.parametrize("design", DESIGNS)
def test_intervals_cover_the_mean_nineteen_times_in_twenty(design: str) -> None:
    hits, widths = 0, list[float]()
    for seed in range(200):
        level = standing(design, rows_of(design, seed, 4096), 4096, ("a",)).intervals[0]
        hits += abs(level.mean - (1 / 3 + 1 / 2)) <= level.half_width
        widths.append(level.half_width)
    assert 180 <= hits <= 200
    assert hits < 200, "an interval that always covers is too wide"
    if design != "random":
        assert (
            np.median(widths)
            < 0.2 * standing("random", rows_of("random", 1, 4096), 4096, ("a",)).intervals[0].half_width
        )


def test_sobol_replicates_that_are_complete_are_put_away() -> None:
    watch = Convergence(LAYOUT, watched=("a",), design="sobol")
    lo, turn = 0, REPLICATES * POINTS
    rows = rows_of("sobol", 3, 65_536)
    while lo < turn + 65_536:
        watch.add(watch.figures(lo, rows))
        lo += len(rows)
        assert len(watch._open) <= REPLICATES
    assert watch.standing.intervals[0].n == np.sum(np.all(rows[:, :, 2] == 0, axis=1)) * (lo // len(rows))


def test_units_may_come_in_any_order_and_fail() -> None:
    rows = rows_of("random", 5, 5 * 4096)
    pieces = [rows[lo : lo + 4096] for lo in range(0, len(rows), 4096)]
    ordered, mixed = (Convergence(LAYOUT, watched=("a",), goal=Goal.read("1.2%")) for _ in range(2))
    for watch, order in ((ordered, range(5)), (mixed, (3, 1, 4, 0, 2))):
        for place in order:
            if place == 1:
                watch.failed(place * 4096, place * 4096 + 4096)
            else:
                watch.add(watch.figures(place * 4096, pieces[place]))
    assert ordered.standing == mixed.standing
    assert ordered.stop_at == mixed.stop_at == 4096 * 3
    kept = np.concatenate([pieces[0], pieces[2]])
    assert mixed.standing.intervals[0].n == np.sum(np.all(kept[:, :, 2] == 0, axis=1))


@pytest.mark.parametrize("until", ["0.5%", "0.2pp"])
def test_a_run_stops_at_the_same_future_whatever_its_workers(
    run_fake: RunFake, fake_model: Callable[..., Any], until: str
) -> None:
    class Uneven(fake_model):  # pyright: ignore[reportGeneralTypeIssues, reportUntypedBaseClass]
        def evaluate(self, values: Any, structures: Any, *, paths: bool = True) -> Any:
            time.sleep(0.02 * float(values[0, 0]))  # units finish out of their order
            return super().evaluate(values, structures, paths=paths)

    asked = {"watched": ["war_chance"], "sampler": Drawn(), "until": until}
    runs = [run_fake(400_000, workers=workers, model=Uneven(), **asked) for workers in (1, 4, 4)]
    stopped = runs[0].futures
    assert 4096 < stopped < 400_000
    assert stopped % hashing.BLOCK == 0
    for run in runs:
        assert run.complete
        assert run.futures == stopped
        assert run.hash == runs[0].hash
        assert run.manifest["until"] == runs[0].manifest["until"]
        assert run.manifest["status_counts"] == runs[0].manifest["status_counts"]
        assert run.ranges[-1][1] == stopped
        assert len(store.parts(run.folder)) == stopped // hashing.BLOCK
    plain = run_fake(stopped, workers=2, sampler=Drawn(), watched=["war_chance"])
    assert plain.hash == runs[0].hash, "as if as many futures had been asked for"
    told = runs[0].manifest["until"]
    assert (told["asked"], told["reached"], told["most_futures"]) == (until, True, 400_000)
    goal = Goal.read(until)
    for item in plain.manifest["convergence"]["intervals"]:
        level = plain.manifest["convergence"]["intervals"][0]["mean"]
        scale = max(abs(item["mean"]), level if item["against"] else 0.0) if goal.relative else 1.0
        assert item["half_width"] <= goal.half_width * scale
    shorter = run_fake(stopped - hashing.BLOCK, sampler=Drawn(), watched=["war_chance"])
    widest = max(
        item["half_width"]
        / (
            max(abs(item["mean"]), shorter.manifest["convergence"]["intervals"][0]["mean"])
            if item["against"]
            else item["mean"]
        )
        if goal.relative
        else item["half_width"]
        for item in shorter.manifest["convergence"]["intervals"]
    )
    assert widest > goal.half_width, "and no sooner"


def test_a_goal_that_is_not_reached_says_what_it_takes(run_fake: RunFake) -> None:
    run = run_fake(20_000, sampler=Drawn(), until="0.1%", watched=["war_chance"])
    told = run.manifest["until"]
    assert run.complete
    assert run.futures == 20_000
    assert not told["reached"]
    enough = run_fake(int(1.1 * told["needed_futures"]), sampler=Drawn(), until="0.1%", watched=["war_chance"])
    assert enough.manifest["until"]["reached"]
    assert enough.futures > 0.7 * told["needed_futures"]


def test_a_run_that_goes_on_stops_where_it_would_have(run_fake: RunFake) -> None:
    asked = {"watched": ["war_chance"], "sampler": Drawn(), "until": "0.8%", "unit": 4096}
    whole = run_fake(400_000, **asked)
    assert whole.futures >= 4 * 4096
    cut = run_fake(400_000, **asked)
    for path in cut.part_files[1:3]:
        path.unlink()
    earlier = Earlier(cut.folder)
    again = evaluate_into(
        reopen(cut.folder),
        FakeModel(),
        Drawn(),
        400_000,
        ABOUT,
        workers=2,
        unit=4096,
        stock=earlier.stock(),
        goal=Goal.read("0.8%"),
        watched=["war_chance"],
    )
    assert (again.futures, again.hash) == (whole.futures, whole.hash)
    assert again.manifest["until"] == whole.manifest["until"]
    assert again.manifest["convergence"] == whole.manifest["convergence"]


def test_stored_units_are_taken_in_as_if_just_evaluated(run_fake: RunFake) -> None:
    run = run_fake(20_000, sampler=Drawn(), unit=4096, watched=["war_chance", "margin"])
    watch = Convergence(run._layout(), watched=["war_chance", "margin"])
    watch.take_stored(run.folder, run.ranges)
    assert watch.standing.to_json() == run.manifest["convergence"]


@pytest.mark.parametrize("text", ["0%", "0", "-1%", "100%", "0.005", "nan%", "1e400%", "half", "", "5 percent", "--%"])
def test_nonsense_is_no_goal(text: str) -> None:
    with pytest.raises(UserError, match=r"for instance 0\.5% or 0\.2pp"):
        Goal.read(text)


def test_goals() -> None:
    assert Goal.read("0.5%") == Goal(0.005, relative=True, text="0.5%")
    assert Goal.read(" .2 pp") == Goal(0.002, relative=False, text=".2 pp")


def test_an_outcome_that_is_not_there_cannot_be_watched(run_fake: RunFake, tmp_path: Any) -> None:
    with pytest.raises(UserError, match="no outcome `war_chanse` to watch; did you mean `war_chance`"):
        run_fake(100, out=tmp_path / "mine", watched=["war_chanse"])
    with pytest.raises(UserError, match=r"there is none of .*; name what to watch"):
        run_fake(100, out=tmp_path / "mine", until="1%")
    assert not (tmp_path / "mine").exists()


def test_a_value_of_zero_is_reached_only_without_noise() -> None:
    rows = np.zeros((4096, 2, 3))
    assert standing("random", rows, 4096).intervals[0].share == 0.0
    watch = Convergence(LAYOUT, watched=("a",), goal=Goal.read("1%"))
    rows[0::2, :, 0], rows[1::2, :, 0] = 1.0, -1.0
    watch.add(watch.figures(0, rows))
    assert not watch.standing.reached
    assert watch.standing.needed is None
    assert watch.standing.widest is not None
