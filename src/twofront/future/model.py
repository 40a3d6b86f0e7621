"""The model of a case, ready to evaluate blocks of futures under its policies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twofront.case import Case
from twofront.choose import prove_world
from twofront.engine.executor import Executor, Kernel, compile_stage
from twofront.faults import UserError, nearest
from twofront.future.inputs import LEVER
from twofront.future.stages import Stages

__all__ = ["STATUSES", "FutureModel", "Preparation", "Results"]

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

STATUSES = ("ok", "undefined", "anchor_unreached", "failed")
"""Of a future under a policy: all well; no first war, so that shares of it are undefined; no intercept reproduces the
declared prior; some outcome is not a number."""

ANCHOR_TOLERANCE = 0.01
"""Largest distance between the log of the present course's hazard and that of its declared prior."""

PATH_STEP = 3
"""Months between the points at which series are kept."""

POSSIBLY_UNDEFINED = ("second_front", "opportunism", "coordination", "common_cause", "call_", "diversion")
UNANCHORED = ("second_front_chance", "opportunism_effect", "coordination_effect", "common_cause_effect",
              "any_war_chance", "double_war_chance")  # fmt: skip


@dataclass(frozen=True)
class Results:
    """Results of a block. ``outcomes`` (policies, outcomes, n), ``status`` (policies, n), ``paths`` (policies,
    series, months, n) or None."""

    outcomes: Floats
    status: npt.NDArray[np.int8]
    paths: Floats | None


@dataclass(frozen=True)
class Preparation:
    """What making the model ready took. ``operations``: basic operations per stage and run of it."""

    compile_seconds: float
    trace_seconds: float
    cache_hit: bool
    operations: dict[str, float]
    expanded_operations: float
    """Operations per future and policy, the anchor's shared among all policies."""


class _Runner:
    """A kernel with the places of its rows."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.inputs = {name: place for place, name in enumerate(kernel.input_rows)}
        self.outputs = {name: place for place, name in enumerate(kernel.output_rows)}

    def run(self, inputs: Floats, outputs: Floats, levers: Floats) -> None:
        self.kernel.run(inputs, outputs, 0, inputs.shape[1], levers)


class FutureModel:
    """Evaluates futures of a case: draws in, outcomes under every policy out.

    ``policies``: names of policies of the case (all if None); the present course is always evaluated, for it sets
    the anchor, the weights and the costs to compare with. A future's bits depend on its draws alone, not on the
    block it is in. Several threads may evaluate at once. Raises `UserError` for a policy that does not exist.
    """

    status_names = STATUSES

    def __init__(self, case: Case, *, executor: Executor = "compiled", policies: Sequence[str] | None = None) -> None:
        self.case, self.executor = case, executor
        known = [policy.name for policy in case.policies]
        chosen = known if policies is None else list(policies)
        for name in chosen:
            if name not in known:
                close = nearest(name, known)
                hint = f"; did you mean `{close}`?" if close else ""
                raise UserError(f"no policy `{name}` in {case.name}{hint} There are: {', '.join(known)}")
        self.policy_names = tuple(dict.fromkeys([known[0], *chosen]))
        months = case.world.clock.months
        self.path_months: npt.NDArray[np.int64] = np.arange(PATH_STEP - 1, months, PATH_STEP, dtype=np.int64)
        self.stages = Stages(case, case.paths, tuple(int(month) for month in self.path_months))
        self.preparation: Preparation | None = None

    # ---- making ready --------------------------------------------------------------------------------------

    def prepare(self) -> Preparation:
        """Trace and compile all stages (or load them); further calls do nothing.

        Raises `twofront.choose.ClosedFormRefused`, a `UserError`, if the case's game has no exact closed form.
        """
        if self.preparation is not None:
            return self.preparation
        prove_world(self.case.world)
        stages = self.stages
        arsenals = compile_stage(stages.path("arsenals"), self.executor)
        forces = compile_stage(stages.path("forces"), self.executor)
        series = compile_stage(stages.path("series"), self.executor)
        count = len(stages.dates.months)
        now_rows = [name for kernel in (arsenals, forces) for name in kernel.output_rows if name.startswith("now.")]
        now_names = tuple(name[: -len("[0]")] for name in now_rows if name.endswith("[0]"))
        closures = compile_stage(stages.closures(), self.executor)
        curves = tuple(name[: -len("[0]")] for name in closures.output_rows if name.endswith("[0]"))
        wars = compile_stage(stages.wars(now_names, curves), self.executor)
        anchor = compile_stage(stages.anchor(wars.output_rows), self.executor)
        choices = compile_stage(stages.choices(wars.output_rows), self.executor)
        plain = compile_stage(stages.choices(wars.output_rows, UNANCHORED), self.executor)
        self._arsenals, self._forces, self._series = _Runner(arsenals), _Runner(forces), _Runner(series)
        self._closures, self._wars = _Runner(closures), _Runner(wars)
        self._anchor, self._choices, self._plain = _Runner(anchor), _Runner(choices), _Runner(plain)
        self._now_names = now_names
        self._layout(count)
        kernels: dict[str, Kernel] = {
            "arsenals": arsenals,
            "forces": forces,
            "closures": closures,
            "wars": wars,
            "anchor": anchor,
            "plain": plain,
            "choices": choices,
        }
        operations = {name: kernel.statistics.operations for name, kernel in kernels.items()}
        policies = len(self.policy_names)
        expanded = (
            operations["arsenals"]
            + operations["forces"]
            + operations["closures"]
            + count * operations["wars"]
            + operations["plain"]
            + operations["choices"]
            + operations["anchor"] / policies
        )
        self.preparation = Preparation(
            compile_seconds=sum(k.statistics.compile_seconds for k in (series, *kernels.values())),
            trace_seconds=sum(k.statistics.trace_seconds for k in (series, *kernels.values())),
            cache_hit=all(k.statistics.cache_hit for k in (series, *kernels.values())),
            operations=operations,
            expanded_operations=expanded,
        )
        return self.preparation

    def _layout(self, count: int) -> None:
        """Decide where every outcome and series comes from."""
        chosen = [n for n in self._choices.kernel.output_rows if not n.startswith(("date.", "weight."))]
        shown = [n for n in self._wars.kernel.output_rows if n.startswith("war.")]
        names: list[str] = list(chosen)
        self._choice_rows = np.array([self._choices.outputs[n] for n in chosen])
        names += [f"unanchored.{n}" for n in UNANCHORED]
        reported = [n for n in shown if not n.startswith("war.strength.")]
        self._war_rows = np.array([self._wars.outputs[n] for n in reported])
        named = [n.removeprefix("war.") for n in reported]
        names += named
        exhaustion = [n for n in named if n.startswith("exhaustion_day.")]
        self._exhaustion = np.array([names.index(n) for n in exhaustion])
        names += [f"{n}.censored" for n in exhaustion]
        self._strengths = self._strength_columns()
        names += list(self._strengths)
        names += [f"yearly_anchor.{c.actor}" for c in self.case.world.challengers]
        names += [f"intercept.{c.actor}" for c in self.case.world.challengers]
        payers = self.stages.payers
        self._costs = ["policy_cost", "policy_cost.core", "policy_cost.related", "policy_cost.sanctions",
                       "policy_cost.ppp", "policy_cost.discounted", *(f"policy_cost.by.{a}" for a in payers)]  # fmt: skip
        names += self._costs
        means = [f"mean.{kind}.{a}" for kind in ("core", "related", "burden") for a in payers]
        self._mean_rows = np.array([self._forces.outputs[n] for n in (*means, "mean.ppp", "mean.discounted")])
        self.outcome_names: tuple[str, ...] = tuple(names)
        self._may_be_undefined = np.array(
            [n.startswith(POSSIBLY_UNDEFINED) or ".second_front" in n or "_effect" in n for n in names]
        )
        dates = [n for n in self._choices.kernel.output_rows if n.startswith("date.") and n.endswith(".0")]
        self._date_names = [n[: -len(".0")] for n in dates]
        self._war_series = [n for n in shown if n.startswith(("war.objective_chance.", "war.exhaustion_day."))]
        self.path_names: tuple[str, ...] = (
            *self.case.paths,
            *(n.removeprefix("date.") for n in self._date_names),
            *(n.removeprefix("war.") for n in self._war_series),
        )
        # The interval in which each kept month lies; the run-in takes the first.
        edges = np.cumsum([self.case.world.clock.cutoff, *self.stages.dates.spans])
        self._interval = np.clip(np.searchsorted(edges, self.path_months, side="right") - 1, 0, count - 1)

    def _strength_columns(self) -> dict[str, int]:
        """Columns of forces by theatre, party and day: the phase that holds the day."""
        columns: dict[str, int] = {}
        phases = self.case.world.phases
        for theatre in self.case.world.theatres:
            for day in (10.0, 30.0, 90.0):
                phase = next((n for n, end in enumerate(phases) if day <= end), len(phases) - 1)
                for party in ("challenger", "host", "local", "full"):
                    row = self._wars.outputs[f"war.strength.{theatre.name}.{party}.{phase}"]
                    columns[f"forces.{theatre.name}.{party}.day{day:.0f}"] = row
        return columns

    # ---- running -------------------------------------------------------------------------------------------

    def evaluate(self, values: Floats, structures: Floats, *, paths: bool = True) -> Results:
        """Evaluate a block.

        ``values`` (parameters, n) and ``structures`` (structures, n) in the order of the case. Kept series cost
        time: ask for them (``paths``) only where they are wanted.
        """
        self.prepare()
        n = values.shape[1]
        drawn = np.ascontiguousarray(np.concatenate([values, structures]))
        outcomes = np.empty((len(self.policy_names), len(self.outcome_names), n))
        status = np.empty((len(self.policy_names), n), dtype=np.int8)
        kept = np.empty((len(self.policy_names), len(self.path_names), len(self.path_months), n)) if paths else None
        block = _Block(self, drawn)
        for number, name in enumerate(self.policy_names):
            block.policy(
                number, self._setting(name), outcomes[number], status[number], None if kept is None else kept[number]
            )
        return Results(outcomes, status, kept)

    def _setting(self, policy: str) -> Floats:
        levers = self.case.policy(policy).levers
        return np.array([levers[name.removeprefix(LEVER)] for name in self._forces.kernel.uniform_rows])


class _Block:
    """A block of futures on its way through the stages, one policy after the other."""

    def __init__(self, model: FutureModel, drawn: Floats) -> None:
        self.model, self.drawn, self.n = model, drawn, drawn.shape[1]
        self.dates = len(model.stages.dates.months)
        self.arsenals_out = np.empty((len(model._arsenals.outputs), self.n))
        self.forces_out = np.empty((len(model._forces.outputs), self.n))
        self.closure_out = np.empty((len(model._closures.outputs), self.n))
        self.war_in = self._inputs(model._wars)
        self.war_out = np.empty((self.dates, len(model._wars.outputs), self.n))
        self.anchor_in = self._inputs(model._anchor)
        self.anchor_out = np.empty((len(model._anchor.outputs), self.n))
        self.choice_in = self._inputs(model._choices)
        self.choice_out = np.empty((len(model._choices.outputs), self.n))
        self.plain_in = self._inputs(model._plain)
        self.plain_out = np.empty((len(model._plain.outputs), self.n))
        self.present = np.empty((0, self.n))
        wars = model._wars
        self.now_places = [self._now_places(runner) for runner in (model._arsenals, model._forces)]
        self.closure_to = np.array([wars.inputs[name] for name in model._closures.outputs])
        self.into_anchor = self._series_places(model._anchor)
        self.into_plain = self._series_places(model._plain)
        self.into_choices = self._series_places(model._choices)

    def _inputs(self, runner: _Runner) -> Floats:
        array = np.zeros((len(runner.inputs), self.n))
        array[: len(self.drawn)] = self.drawn
        return array

    def _now_places(self, runner: _Runner) -> tuple[Places, Places]:
        """Rows of the wars' inputs that a part of the path gives, and where each one's series begins there."""
        names = [name[:-3] for name in runner.outputs if name.startswith("now.") and name.endswith("[0]")]
        inputs = self.model._wars.inputs
        return np.array([inputs[n] for n in names]), np.array([runner.outputs[f"{n}[0]"] for n in names])

    def _series_places(self, runner: _Runner) -> tuple[Places, Places]:
        """Rows of the wars that a stage reads as series by date, and where in its inputs each series begins."""
        wars = self.model._wars.outputs
        names = [name[:-3] for name in runner.inputs if name.endswith("[0]") and name[:-3] in wars]
        return np.array([wars[n] for n in names]), np.array([runner.inputs[f"{n}[0]"] for n in names])

    def _by_date(self, array: Floats, places: tuple[Places, Places]) -> None:
        """Lay the wars' rows out as series by date."""
        rows, starts = places
        for date in range(self.dates):
            array[starts + date] = self.war_out[date][rows]

    def policy(
        self, number: int, levers: Floats, outcomes: Floats, status: npt.NDArray[np.int8], kept: Floats | None
    ) -> None:
        """Evaluate one policy; the present course, number 0, comes first and sets what the others are held to."""
        model = self.model
        model._arsenals.run(self.drawn, self.arsenals_out, levers)
        model._forces.run(self.drawn, self.forces_out, levers)
        model._closures.run(self.drawn, self.closure_out, levers)
        self.war_in[self.closure_to] = self.closure_out
        for date in range(self.dates):
            for out, (into, first) in zip((self.arsenals_out, self.forces_out), self.now_places, strict=True):
                self.war_in[into] = out[first + date]
            model._wars.run(self.war_in, self.war_out[date], levers)
        if number == 0:
            self._by_date(self.anchor_in, self.into_anchor)
            model._anchor.run(self.anchor_in, self.anchor_out, levers)
        self._by_date(self.choice_in, self.into_choices)
        # The unanchored result: all intercepts stay at the zero with which the inputs were made.
        self._by_date(self.plain_in, self.into_plain)
        model._plain.run(self.plain_in, self.plain_out, levers)
        intercepts = [model._choices.inputs[name] for name in model.stages.intercepts]
        found = [model._anchor.outputs[name] for name in model.stages.intercepts]
        self.choice_in[intercepts] = self.anchor_out[found]
        model._choices.run(self.choice_in, self.choice_out, levers)
        if number == 0:
            self._keep_weights(levers)
        self._outcomes(number, outcomes)
        self._status(outcomes, status)
        if kept is not None:
            self._paths(kept, levers)

    def _keep_weights(self, levers: Floats) -> None:
        """Hold the present course's weights, which `.fixed` outcomes of all policies use, its own included."""
        model = self.model
        for order in (0, 1):
            first = model._choices.inputs[f"present.weight.{order}[0]"]
            for date in range(self.dates):
                self.choice_in[first + date] = self.choice_out[model._choices.outputs[f"weight.{order}.{date}"]]
        model._choices.run(self.choice_in, self.choice_out, levers)

    def _outcomes(self, number: int, outcomes: Floats) -> None:
        model = self.model
        parts: list[Floats] = [self.choice_out[model._choice_rows], self.plain_out]
        spans = model.stages.dates.spans
        share = [span / sum(spans) for span in spans]
        wars = np.zeros((len(model._war_rows), self.n))
        strengths = np.zeros((len(model._strengths), self.n))
        rows = list(model._strengths.values())
        for date in range(self.dates):
            wars += self.war_out[date][model._war_rows] * share[date]
            strengths += self.war_out[date][rows] * share[date]
        parts.append(wars)
        at = sum(len(part) for part in parts)
        outcomes[:at] = np.concatenate(parts)
        horizon = model.case.world.phases[-1]
        exhaustion = model._exhaustion
        outcomes[at : at + len(exhaustion)] = outcomes[exhaustion] >= horizon * (1 - 1e-12)
        at += len(exhaustion)
        outcomes[at : at + len(strengths)] = strengths
        at += len(strengths)
        for challenger in model.case.world.challengers:
            name = model.case.reading("anchor")[(challenger.actor,)]
            outcomes[at] = self.drawn[model._forces.inputs[str(name)]]
            at += 1
        for name in model.stages.intercepts:
            outcomes[at] = self.anchor_out[model._anchor.outputs[name]]
            at += 1
        self._policy_costs(number, outcomes[at:])

    def _policy_costs(self, number: int, into: Floats) -> None:
        """Cost against the present course in the same draw, in the order of the model's cost names."""
        model = self.model
        means = self.forces_out[model._mean_rows]
        if number == 0:
            self.present = means
        extra = means - self.present
        payers = len(model.stages.payers)
        kinds = extra[: 3 * payers].reshape(3, payers, self.n)
        into[0] = into[1] = into[2] = into[3] = 0.0
        by_payer = kinds[0] + kinds[1] + kinds[2]
        for payer in range(payers):
            into[0] += by_payer[payer]
            into[1:4] += kinds[:, payer]
        into[4], into[5] = extra[3 * payers], extra[3 * payers + 1]
        into[6 : 6 + payers] = by_payer

    def _status(self, outcomes: Floats, status: npt.NDArray[np.int8]) -> None:
        model = self.model
        bad = ~np.isfinite(outcomes)
        failed = np.any(bad & ~model._may_be_undefined[:, None], axis=0)
        undefined = np.any(bad & model._may_be_undefined[:, None], axis=0)
        residuals = np.zeros(self.n)
        for challenger in model.case.world.challengers:
            row = self.anchor_out[model._anchor.outputs[f"residual.{challenger.actor}"]]
            residuals = np.maximum(residuals, np.abs(row))
        off = ~(residuals <= ANCHOR_TOLERANCE)
        status[:] = np.select(
            [failed, off, undefined],
            [STATUSES.index("failed"), STATUSES.index("anchor_unreached"), STATUSES.index("undefined")],
            default=0,
        )

    def _paths(self, kept: Floats, levers: Floats) -> None:
        model = self.model
        series = np.empty((len(model._series.outputs), self.n))
        model._series.run(self.drawn, series, levers)
        months = len(model.path_months)
        at = 0
        for name in model.case.paths:
            first = model._series.outputs[f"path.{name}[0]"]
            kept[at] = series[first : first + months]
            at += 1
        for name in model._date_names:
            rows = np.array([model._choices.outputs[f"{name}.{date}"] for date in range(self.dates)])
            kept[at] = self.choice_out[rows[model._interval]]
            at += 1
        for name in model._war_series:
            kept[at] = self.war_out[model._interval, model._wars.outputs[name]]
            at += 1
