"""The model of a case, ready to evaluate blocks of futures under its policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twofront.case import Case, Policy
from twofront.choose import prove_world
from twofront.engine.executor import Executor
from twofront.faults import UserError, listed, nearest
from twofront.future.block import Block
from twofront.future.inputs import LEVER
from twofront.future.kernels import Floats, Kernels, Preparation, Runner, compile_stages
from twofront.future.layout import Layout, lay_out
from twofront.future.reported import STATUSES
from twofront.future.stages import Stages
from twofront.future.switching import Course, Switching, compile_switching, course_of
from twofront.simulate import MONTHS

__all__ = ["FutureModel", "Results"]

BLOCK = 192
"""Futures evaluated side by side: as many as keep the stages' rows within a processor's caches."""


@dataclass(frozen=True)
class Results:
    """Results of a block: ``outcomes`` (policies, outcomes, n), ``status`` (policies, n), numbers of `STATUSES`, and
    ``paths`` (policies, series, months, n) or None."""

    outcomes: Floats
    status: npt.NDArray[np.int8]
    paths: Floats | None


def _policies(case: Case, wanted: Sequence[str] | None) -> tuple[str, ...]:
    """Names of the policies to evaluate, the present course first; all where ``wanted`` is None.

    Raises `UserError` for a policy that does not exist.
    """
    known = [policy.name for policy in case.policies]
    for name in wanted or ():
        if name not in known:
            close = nearest(name, known)
            hint = f"; did you mean `{close}`?" if close else "."
            raise UserError(f"{case.name} has no policy `{name}`{hint} It has {listed(known)}")
    return tuple(dict.fromkeys([known[0], *(known if wanted is None else wanted)]))


class FutureModel:
    """Evaluates futures of a case: draws in, outcomes under every policy out.

    ``policies``: names of policies of the case (all if None); the present course is always evaluated, for it sets
    the anchor, the weights and the costs to compare with. A future's bits depend on its draws alone, not on the
    block it is in. Several threads may evaluate at once. Raises `UserError` for a policy that does not exist.
    """

    status_names = STATUSES

    def __init__(self, case: Case, *, executor: Executor = "compiled", policies: Sequence[str] | None = None) -> None:
        self.case = case
        self.executor: Executor = executor
        self.policy_names = _policies(case, policies)
        self.path_months: npt.NDArray[np.int64] = np.arange(MONTHS - 1, case.world.clock.months, MONTHS, dtype=np.int64)
        self.stages = Stages(case, case.paths, tuple(int(month) for month in self.path_months))
        self._ready: tuple[Kernels, Layout] | None = None
        self._switching: Switching | None = None

    def prepare(self) -> Preparation:
        """Trace and compile all stages (or load them); further calls only say what it took.

        Raises `twofront.choose.ClosedFormRefused`, a `UserError`, if the case's game has no exact closed form.
        """
        kernels, _ = self.ready()
        return kernels.preparation(self.case, len(self.stages.dates.spans), len(self.policy_names))

    def prepare_for(self, structures: Mapping[str, str]) -> None:
        """Make ready what structures held by name need; raises `UserError` for one that does not fit its theatre."""
        kernels, _ = self.ready()
        for name, law in structures.items():
            kind, _, theatre = name.partition(".")
            if kind == "war" and theatre:
                kernels.theatre(theatre, law)

    @property
    def outcome_names(self) -> tuple[str, ...]:
        """Names of the outcomes, in the order of `Results.outcomes`."""
        return self.ready()[1].outcomes

    @property
    def path_names(self) -> tuple[str, ...]:
        """Names of the kept series."""
        return self.ready()[1].paths

    def ready(self) -> tuple[Kernels, Layout]:
        """The kernels, traced and compiled once, and where every outcome lies in what they give."""
        if self._ready is None:
            prove_world(self.case.world)
            kernels = compile_stages(self.stages, self.executor)
            adaptives = [item for name in self.policy_names if (item := self.case.policy(name).adaptive) is not None]
            if adaptives:
                self._switching = compile_switching(self.stages, kernels, adaptives, self.executor)
            self._ready = kernels, lay_out(self.case, self.stages, kernels)
        return self._ready

    def evaluate(self, values: Floats, structures: Floats, *, paths: bool = True) -> Results:
        """Evaluate futures, a cache's worth at a time.

        ``values`` (parameters, n) and ``structures`` (structures, n) in the order of the case. Kept series cost
        time: ask for them (``paths``) only where they are wanted.
        """
        _, layout = self.ready()
        n = values.shape[1]
        outcomes = np.empty((len(self.policy_names), len(layout.outcomes), n))
        status = np.empty((len(self.policy_names), n), dtype=np.int8)
        kept = np.empty((len(self.policy_names), len(layout.paths), len(self.path_months), n)) if paths else None
        courses = [self._course(self.case.policy(name)) for name in self.policy_names]
        order = self.order(structures)
        block = self.block(min(n, BLOCK), paths=paths)
        for lo in range(0, n, BLOCK):
            part = order[lo : lo + BLOCK]
            if len(part) != block.n:
                block = self.block(len(part), paths=paths)
            block.load(values[:, part], structures[:, part])
            for number, course in enumerate(courses):
                if isinstance(course, Course):
                    block.adaptive(number, course)
                else:
                    block.policy(number, course)
                outcomes[number][:, part] = block.outcomes
                status[number][part] = block.status
                if kept is not None and block.kept is not None:
                    kept[number][:, :, part] = block.kept
        return Results(outcomes, status, kept)

    def series(self, policy: str, values: Floats, structures: Floats) -> Floats:
        """The series that the case declares, under one policy and without anything else: (series, months, n)."""
        runner = self.ready()[0].series
        found = np.empty((len(self.case.paths), len(self.path_months), values.shape[1]))
        if runner is None:
            return found
        course = self._course(self.case.policy(policy))
        drawn = np.ascontiguousarray(np.concatenate([values, structures]))

        def under(runner: Runner, setting: Floats) -> Floats:
            rows = np.empty((len(runner.outputs), drawn.shape[1]))
            runner.run(drawn, rows, setting)
            return rows

        if isinstance(course, Course):
            assert self._switching is not None
            assert self._switching.series is not None
            holds = course.holds(under(self._switching.signposts, course.first)[course.watched])
            branches = [under(self._switching.series, course.uniform(way)) for way in (course.then, course.otherwise)]
            rows = np.where(holds, *branches)
        else:
            rows = under(runner, course)
        for place, name in enumerate(self.case.paths):
            first = runner.outputs[f"path.{name}[0]"]
            found[place] = rows[first : first + len(self.path_months)]
        return found

    def block(self, n: int, *, paths: bool) -> Block:
        """Work space for ``n`` futures."""
        return Block(self.stages, *self.ready(), self._switching, n, paths)

    def setting(self, levers: Mapping[str, float]) -> Floats:
        """A setting of all levers, as the kernels read it."""
        return np.array([levers[name.removeprefix(LEVER)] for name in self.ready()[0].levers])

    def _course(self, policy: Policy) -> Floats | Course:
        """A policy as the kernels read it."""
        first, later = self.setting(policy.levers), policy.adaptive
        if later is None or self._switching is None:
            return first
        then, otherwise = self.setting(later.then), self.setting(later.otherwise)
        return course_of(later, first, then, otherwise, self.stages, self._switching)

    def order(self, structures: Floats) -> npt.NDArray[np.intp]:
        """Futures so that those with the same structures of war stand together: kernels run over ranges of them."""
        return np.lexsort([structures[row] for row in reversed(self._structure_rows)])

    @property
    def _structure_rows(self) -> list[int]:
        """Rows of the drawn structures that say which structure of war each theatre has."""
        names = [item.name for item in self.case.structures]
        return [names.index(f"war.{theatre.name}") for theatre in self.case.world.theatres]
