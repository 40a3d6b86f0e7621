"""A block of futures on its way through the stages, one policy after the other."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from twofront.choose import CLOSE, SOLVED
from twofront.future.inputs import STRUCTURE
from twofront.future.kernels import Floats, Kernels, Reserve, Runner, WarKernels, structures_of_war
from twofront.future.layout import Layout, Places
from twofront.future.reported import STATUSES
from twofront.future.stages import Stages
from twofront.future.switching import Course, Switching
from twofront.quantities import STRUCTURES

__all__ = ["Block"]

STILL = 1e-4
"""Last step of an intercept, in log-odds, that counts as settled."""
ANCHOR_TOLERANCE = 0.01
"""Largest distance between the log of the present course's hazard and that of its declared prior."""


class Block:
    """Work space for ``n`` futures: allocated once, loaded with one block of draws after the other."""

    def __init__(
        self, stages: Stages, kernels: Kernels, layout: Layout, switching: Switching | None, n: int, paths: bool
    ) -> None:
        self.stages, self.kernels, self.layout, self.n = stages, kernels, layout, n
        self.switching = switching
        self.drawn = np.empty((len(stages.drawn), n))
        self.dates = len(stages.dates.spans)
        self.theatres = list(structures_of_war(stages.case).items())
        self.wars_of = self._war_runners()
        first = next(iter(self.wars_of.values()))
        self.parts = [
            (runner, self._outputs(runner), self._now_places(runner, first))
            for runner in (kernels.arsenals, kernels.forces)
        ]
        self.closures = self._outputs(kernels.closures)
        self.closures_to = np.array([first.inputs[name] for name in kernels.closures.outputs])
        self.war_in = self._inputs(first)
        # The wars of each theatre write straight into what the stage of pairs reads.
        self.pairs_in = self._inputs(kernels.pairs)
        self.wars_into = {name: self._rows_of_pairs(f"theatre.{name}", runner) for name, runner in self.wars_of.items()}
        lags = stages.case.world.lags[1:]
        self.ages = [
            {name: self._rows_of_pairs(f"later.{name}", runner, age) for name, runner in self._later_runners().items()}
            for age in range(len(lags))
        ]
        self.lost = [self._lost_places(first, age + 1) for age in range(len(lags))]
        # The game's stages read the same inputs; the pairs' rows go straight into them, date after date.
        self.game_in = self._inputs(kernels.choices)
        width, start = len(kernels.pairs.outputs), kernels.choices.inputs["wars[0]"]
        self.war_out = [self.game_in[start + date * width : start + (date + 1) * width] for date in range(self.dates)]
        self.anchor_out = self._outputs(kernels.anchor)
        self.plain_out = self._outputs(kernels.plain)
        self.choice_out = self._outputs(kernels.choices)
        self.intercepts = [kernels.choices.inputs[name] for name in stages.intercepts]
        self.found = [kernels.anchor.outputs[name] for name in stages.intercepts]
        # Outcomes, and behind them what else says whether they are worth anything.
        self.worth_in = self._inputs(kernels.status)
        self.outcomes = self.worth_in[: len(layout.outcomes)]
        self.worth = self._outputs(kernels.status)
        self.spent = self._inputs(kernels.costs)
        self.status = np.empty(n, dtype=np.int8)
        self.kept = np.empty((len(layout.paths), len(stages.path_months), n)) if paths else None
        self.ranges: dict[str, list[tuple[str, int, int]]] = {}

    def load(self, values: Floats, structures: Floats) -> None:
        """Take in a block of draws: parameters and structures in rows, futures in columns."""
        self.drawn[: len(values)], self.drawn[len(values) :] = values, structures
        for array in (self.war_in, self.pairs_in, self.game_in):
            array[: len(self.drawn)] = self.drawn
        places = {name: place for place, name in enumerate(self.stages.drawn)}
        options = STRUCTURES["war"]
        for name, _ in self.theatres:
            row = self.drawn[places[f"{STRUCTURE}war.{name}"]]
            edges = [0, *(np.flatnonzero(np.diff(row)) + 1).tolist(), self.n]
            self.ranges[name] = [(options[int(row[lo])], lo, hi) for lo, hi in itertools.pairwise(edges)]

    def _inputs(self, runner: Runner) -> Floats:
        return np.zeros((len(runner.inputs), self.n))

    def _outputs(self, runner: Runner) -> Floats:
        return np.empty((len(runner.outputs), self.n))

    def _war_runners(self) -> dict[str, Runner]:
        """By theatre, the kernel of one of its structures: all of them have the same rows."""
        return {name: self.kernels.theatre(name, next(iter(drawn))) for name, drawn in self.theatres}

    def _later_runners(self) -> dict[str, Runner]:
        return {name: self.kernels.later(name, next(iter(drawn))) for name, drawn in self.theatres}

    def _rows_of_pairs(self, name: str, runner: Runner, turn: int = 0) -> Floats:
        """The part of the pairs' inputs that a theatre's wars write."""
        first, width = self.kernels.pairs.inputs[f"{name}[0]"], len(runner.outputs)
        return self.pairs_in[first + turn * width : first + (turn + 1) * width]

    def _lost_places(self, runner: Runner, age: int) -> list[tuple[int, Floats]]:
        """For each row that says what a first war has cost: its place, and where the other theatre's wars give it."""
        found: list[tuple[int, Floats]] = []
        for name, _ in self.theatres:
            (other,) = (each for each, _ in self.theatres if each != name)
            for row in self.stages.lost(name):
                place = self.wars_of[other].outputs[f"{row.rsplit('.', 1)[1]}.lost.{age}"]
                found.append((runner.inputs[row], self.wars_into[other][place]))
        return found

    def _now_places(self, runner: Runner, wars: Runner) -> tuple[slice, Places]:
        """Rows of the wars' inputs that a part of the path gives, and where each one's series begins there."""
        names = [name[:-3] for name in runner.outputs if name.startswith("now.") and name.endswith("[0]")]
        into = [wars.inputs[name] for name in names]
        assert into == list(range(into[0], into[0] + len(into))), "the wars read a part's rows in its own order"
        return slice(into[0], into[0] + len(into)), np.array([runner.outputs[f"{name}[0]"] for name in names])

    def policy(self, number: int, levers: Floats) -> None:
        """Evaluate one policy; the present course, number 0, comes first and sets what the others are held to."""
        self._policy(number, levers)

    def adaptive(self, number: int, course: Course) -> None:
        """Evaluate a policy that turns to one of two things; every future keeps the branch of its own signpost."""
        assert self.switching is not None
        watched = self._outputs(self.switching.signposts)
        self.switching.signposts.run(self.drawn, watched, course.first)
        shown = watched[course.watched]
        holds = course.holds(shown)
        before: tuple[Floats, npt.NDArray[np.int8], Floats | None] | None = None
        for later, chosen in ((course.then, holds), (course.otherwise, ~holds)):
            if not chosen.any():
                continue
            self._policy(number, course.first, course, later)
            if before is None:
                before = self.outcomes.copy(), self.status.copy(), None if self.kept is None else self.kept.copy()
            else:
                np.copyto(self.outcomes, before[0], where=holds)
                np.copyto(self.status, before[1], where=holds)
                if self.kept is not None and before[2] is not None:
                    np.copyto(self.kept, before[2], where=holds)
        self.status[~np.isfinite(shown)] = STATUSES.index("failed")

    def _policy(self, number: int, setting: Floats, course: Course | None = None, later: Floats | None = None) -> None:
        """Evaluate levers that stay as they are, or a branch of a course, which has others from its switch on."""
        switching, levers = self.switching, setting
        kernels, seen, switch = self.kernels, setting, self.dates
        if course is not None and later is not None:
            assert switching is not None
            seen, switch = course.uniform(later), course.date
        long = kernels if switching is None or course is None else switching
        for runner, (_, out, _) in zip((long.arsenals, long.forces), self.parts, strict=True):
            runner.run(self.drawn, out, seen)
        for date in range(self.dates):
            if date == switch and later is not None:
                levers = later
            if date in (0, switch):
                kernels.closures.run(self.drawn, self.closures, levers)
                self.war_in[self.closures_to] = self.closures
            for _, out, (into, first) in self.parts:
                np.take(out, first + date, axis=0, out=self.war_in[into], mode="clip")
            self._wars(levers)
            kernels.pairs.run(self.pairs_in, self.war_out[date], levers)
        self.game_in[self.intercepts] = 0.0
        if number == 0:
            self._anchor(levers)
        long.plain.run(self.game_in, self.plain_out, seen)
        self.game_in[self.intercepts] = self.anchor_out[self.found]
        self._choose(long, seen)
        if number == 0:
            self._keep()
        self._outcomes(number, levers)
        self._status()
        if self.kept is not None:
            self._paths(self.kept, long.series, seen)

    def _wars(self, levers: Floats) -> None:
        """Each theatre's wars at a date, each future by its own structure; then those that follow on them."""
        for theatre, _ in self.theatres:
            self._fight(self.kernels.theatre, theatre, self.wars_into[theatre], levers)
        for lag, into, lost in zip(self.stages.case.world.lags[1:], self.ages, self.lost, strict=True):
            for place, row in lost:
                self.war_in[place] = row
            setting = np.append(levers, float(lag))
            for theatre, _ in self.theatres:
                self._fight(self.kernels.later, theatre, into[theatre], setting)

    def _fight(self, kernels: WarKernels, theatre: str, into: Floats, levers: Floats) -> None:
        for structure, lo, hi in self.ranges[theatre]:
            kernels(theatre, structure).kernel.run(self.war_in, into, lo, hi, levers)

    def _anchor(self, levers: Floats) -> None:
        """Find the intercepts; where a few passes leave them moving, once more with many."""
        anchor = self.kernels.anchor
        anchor.run(self.game_in, self.anchor_out, levers)
        limits = {anchor.outputs[f"step.{c.actor}"]: STILL for c in self.stages.case.world.challengers}
        self._again(self.kernels.longer, limits, self.anchor_out, levers)

    def _again(self, reserve: Reserve, limits: Mapping[int, float], into: Floats, levers: Floats) -> None:
        """Compute again, by a kernel made for hard ones, futures with a row of ``into`` not within its limit."""
        columns = np.any([~(into[row] <= limit) for row, limit in limits.items()], axis=0)
        if not columns.any():
            return
        found = np.empty((len(into), np.count_nonzero(columns)))
        reserve().run(np.ascontiguousarray(self.game_in[:, columns]), found, levers)
        into[:, columns] = found

    def _keep(self) -> None:
        """Hold what the other policies are compared with: how well the anchor is met, and the weights of `.fixed`."""
        rows = self.kernels.choices.outputs
        for challenger in self.stages.case.world.challengers:
            name = f"check.anchor.{challenger.actor}"
            self.worth_in[self.kernels.status.inputs[name]] = self.choice_out[rows[name]]
        for order in (0, 1):
            first = self.kernels.choices.inputs[f"present.weight.{order}[0]"]
            for date in range(self.dates):
                self.game_in[first + date] = self.choice_out[rows[f"weight.{order}.{date}"]]
        # Its own weights are the present course's.
        for name, place in rows.items():
            if ".fixed" in name:
                self.choice_out[place] = self.choice_out[rows[name.replace(".fixed", "")]]

    def choose_again(self, changes: Mapping[str, float], levers: Floats) -> Floats:
        """Outcomes of choice with some parameters put at a number that only the game reads, all else as it was found.

        To be called after `policy`, whose intercepts and wars stay: what moves is what the players do about it.
        """
        places = {name: place for place, name in enumerate(self.stages.drawn)}
        kept = {name: self.game_in[places[name]].copy() for name in changes}
        for name, value in changes.items():
            self.game_in[places[name]] = value
        self._choose(self.kernels, levers)
        found = self.choice_out[self.layout.choices].copy()
        for name, row in kept.items():
            self.game_in[places[name]] = row
        return found

    def _choose(self, kernels: Kernels | Switching, levers: Floats) -> None:
        """Solve the game; what a few sweeps do not settle, or other starts lead elsewhere, again with more care."""
        choices = kernels.choices
        choices.run(self.game_in, self.choice_out, levers)
        limits = {choices.outputs["check.residual"]: SOLVED, choices.outputs["check.apart"]: CLOSE}
        for reserve in kernels.harder:
            self._again(reserve, limits, self.choice_out, levers)

    def _outcomes(self, number: int, levers: Floats) -> None:
        kernels, layout, spent = self.kernels, self.layout, len(self.layout.means)
        at = 0

        def part(rows: int) -> Floats:
            nonlocal at
            at += rows
            return self.outcomes[at - rows : at]

        part(len(layout.choices))[:] = self.choice_out[layout.choices]
        part(len(self.plain_out))[:] = self.plain_out
        kernels.reported.run(self.game_in, part(len(kernels.reported.outputs)), levers)
        self.spent[:spent] = self.parts[1][1][layout.means]
        if number == 0:
            self.spent[spent:] = self.spent[:spent]
        kernels.costs.run(self.spent, part(len(kernels.costs.outputs)))

    def _status(self) -> None:
        name = "check.residual"
        self.worth_in[self.kernels.status.inputs[name]] = self.choice_out[self.kernels.choices.outputs[name]]
        self.kernels.status.run(self.worth_in, self.worth, np.array([ANCHOR_TOLERANCE, SOLVED]))
        self.status[:] = self.worth[0]

    def _paths(self, kept: Floats, runner: Runner | None, levers: Floats) -> None:
        layout, kernels = self.layout, self.kernels
        months = len(self.stages.path_months)
        at = 0
        if runner is not None:
            series = self._outputs(runner)
            runner.run(self.drawn, series, levers)
            for name in self.stages.paths:
                first = runner.outputs[f"path.{name}[0]"]
                kept[at] = series[first : first + months]
                at += 1
        for name in layout.by_date:
            rows = np.array([kernels.choices.outputs[f"{name}.{date}"] for date in range(self.dates)])
            kept[at] = self.choice_out[rows[layout.interval]]
            at += 1
        for name in layout.by_war:
            kept[at] = np.stack([self.war_out[date][kernels.pairs.outputs[name]] for date in layout.interval])
            at += 1
