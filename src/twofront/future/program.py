"""What a block of futures does, written down for another machine to do.

`Block` says in which order stages run and which rows go from one to the next. That is not said again here: one block
of one future is evaluated with kernels that compute nothing and number what they give, so that each number tells which
row it came from. What is seen to move is the program: for the present course, and for any other policy after it.

All rows of a block stand below each other in one array, futures in columns, zero at first. A step is a tuple:

- ``("copy", to, from, count, stride)``: rows from, from + stride, … to rows to, to + 1, …
- ``("fill", to, count, value)``
- ``("run", function, in, out, uniform)``: a function on all columns; first rows of what it reads and gives, number
  of the uniform numbers it reads
- ``("choose", row, functions, in, out, uniform)``: the same, each future by the function at the place that its number
  in ``row`` says
- ``("again", function, in, out, uniform, limits)``: the same on futures with a row of ``limits`` ((row, number), …)
  that is not within its number only
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from twofront.case import Case
from twofront.choose import prove_world
from twofront.engine.compiled import trace
from twofront.engine.stage import Buffer, Stage, Statistics
from twofront.future.block import Block
from twofront.future.inputs import LEVER, STRUCTURE
from twofront.future.kernels import Floats, Kernels, Reserve, Runner, WarKernels, make_ready, structures_of_war
from twofront.future.layout import lay_out
from twofront.future.stages import Stages
from twofront.quantities import STRUCTURES

__all__ = ["Program", "Step", "write_program"]

Step: TypeAlias = tuple[Any, ...]
_FIRST_TAG = -float(2**40)
_FRACTION = 2.0**-30


@dataclass(frozen=True)
class Program:
    """Steps for a block of futures, and the rows they speak of.

    ``uniform``: sets of numbers that are the same for all futures of a block: a lever's name or a number each.
    ``drawn``, ``outcomes``, ``status``: first row, and names of the rows (of the status: names of its values).
    """

    stages: Mapping[str, Stage]
    outputs: Mapping[str, int]
    """Number of rows that each stage gives."""
    rows: int
    uniform: tuple[tuple[str | float, ...], ...]
    levers: tuple[str, ...]
    drawn: tuple[int, tuple[str, ...]]
    outcomes: tuple[int, tuple[str, ...]]
    status: int
    present: tuple[Step, ...]
    policy: tuple[Step, ...]


def write_program(case: Case) -> Program:
    """Trace the stages of a case and see what a block does with them; policies that adapt are not seen."""
    prove_world(case.world)
    tape = _Tape()
    stages = Stages(case, (), ())
    kernels = make_ready(stages, partial(_Taped, tape))
    block = _Watched(tape, stages, kernels)
    for name in kernels.levers:
        tape.levers[tape.fresh()] = name.removeprefix(LEVER)
    levers = np.array(list(tape.levers))

    def watch(number: int) -> tuple[Step, ...]:
        if number == 0:
            drawn = _drawn(case, tape)
            block.load(drawn[: len(case.parameters)], drawn[len(case.parameters) :])
            tape.given(block.drawn)
        with np.errstate(invalid="ignore"):
            block.policy(number, levers)
        steps, tape.steps = tape.steps, []
        return tuple(steps)

    for number in (0, 1):  # the first time, rows are found as they were made
        watch(number)
    present, policy, *more = [watch(number) for number in (0, 1, 1, 0, 1)]
    if more != [policy, present, policy]:
        raise AssertionError("what a block does depends on what it did before")
    return Program(
        stages=tape.stages,
        outputs=tape.outputs,
        rows=tape.rows,
        uniform=tuple(tape.uniform),
        levers=tuple(tape.levers.values()),
        drawn=(tape.place(block.drawn), tuple(stages.drawn)),
        outcomes=(tape.place(block.outcomes), kernels.outcomes),
        status=tape.place(block.worth),
        present=present,
        policy=policy,
    )


def _drawn(case: Case, tape: _Tape) -> Floats:
    """A new number for every drawn row; where a structure of war is meant, one that reads as such."""
    tags = [tape.fresh() for _ in (*case.parameters, *case.structures)]
    options = STRUCTURES["war"]
    for theatre, drawn in structures_of_war(case).items():
        place = [item.name for item in case.structures].index(f"war.{theatre}")
        tags[len(case.parameters) + place] = options.index(next(iter(drawn))) + tape.fraction()
    return np.array(tags)[:, np.newaxis]


@dataclass
class _Seen:
    """An array of the block: its first row in the program, and its numbers as the program has left them."""

    array: Floats
    first: int
    known: Floats


@dataclass
class _Tape:
    """What has been seen so far."""

    stages: dict[str, Stage] = field(default_factory=dict)
    outputs: dict[str, int] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    uniform: list[tuple[str | float, ...]] = field(default_factory=list)
    levers: dict[float, str] = field(default_factory=dict)
    rows: int = 0
    _seen: dict[int, _Seen] = field(default_factory=dict)
    _tags: int = 0

    def fresh(self) -> float:
        """A number not given out before, below any limit."""
        self._tags += 1
        return _FIRST_TAG - self._tags

    def fraction(self) -> float:
        """The same between 0 and 1."""
        return (_FIRST_TAG - self.fresh()) * _FRACTION

    def given(self, array: Floats) -> None:
        """Note that the program finds an array filled."""
        self._of(array).known[:] = array

    def place(self, array: Floats) -> int:
        """Row of the program at which an array of the block, or a part of one, begins."""
        seen = self._of(array)
        return seen.first + (array.ctypes.data - seen.array.ctypes.data) // array.itemsize

    def run(self, names: str | tuple[int, tuple[str | None, ...]], inputs: Floats, out: Floats, levers: Floats) -> None:
        """Note that a function gives ``out``, and number what it gives."""
        step = (self.place(inputs), self.place(out), self._settings(levers))
        self._move()
        self.steps.append(("run", names, *step) if isinstance(names, str) else ("choose", *names, *step))
        seen = self._of(out)
        first = self.place(out) - seen.first
        out[:, 0] = [self.fresh() for _ in out]
        seen.known[first : first + len(out)] = out

    def again(self, name: str, inputs: Floats, out: Floats, levers: Floats, limits: Mapping[int, float]) -> None:
        """Note that a function may give some columns of ``out`` once more."""
        first = self.place(out)
        above = tuple((first + row, limit) for row, limit in limits.items())
        step = (self.place(inputs), first, self._settings(levers))
        self._move()
        self.steps.append(("again", name, *step, above))

    def _of(self, array: Floats) -> _Seen:
        while array.base is not None:
            array = array.base
        found = self._seen.get(id(array))
        if found is None:
            found = self._seen[id(array)] = _Seen(array, self.rows, np.zeros_like(array))
            self.rows += len(array)
        return found

    def _settings(self, levers: Floats) -> int:
        numbers: list[float] = levers.tolist()
        wanted: tuple[str | float, ...] = tuple(self.levers.get(number, number) for number in numbers)
        if wanted not in self.uniform:
            self.uniform.append(wanted)
        return self.uniform.index(wanted)

    def _move(self) -> None:
        """Note what the block has moved since the last step."""
        changed = {id(seen.array): np.flatnonzero(seen.array != seen.known) for seen in self._seen.values()}
        sources: dict[float, int] = {}
        for seen in self._seen.values():
            kept = np.ones(len(seen.array), dtype=bool)
            kept[changed[id(seen.array)]] = False
            for row in np.flatnonzero(kept):
                sources.setdefault(float(seen.known[row, 0]), seen.first + int(row))
        copies: list[tuple[int, int]] = []
        for seen in self._seen.values():
            for row in changed[id(seen.array)]:
                number = float(seen.array[row, 0])
                to = seen.first + int(row)
                if not self._is_tag(number):
                    self._fill(to, number)
                elif number in sources:
                    copies.append((to, sources[number]))
                else:
                    raise AssertionError(f"row {to} holds what no row that stays holds")
            np.copyto(seen.known, seen.array)
        self._copy(copies)

    @staticmethod
    def _is_tag(number: float) -> bool:
        return number < _FIRST_TAG or number % 1 > 0

    def _fill(self, to: int, value: float) -> None:
        last: Step = self.steps[-1] if self.steps else ("",)
        if last[0] == "fill" and last[1] + last[2] == to and last[3] == value:
            self.steps[-1] = ("fill", last[1], last[2] + 1, value)
        else:
            self.steps.append(("fill", to, 1, value))

    def _copy(self, copies: list[tuple[int, int]]) -> None:
        """Note copies of rows, those at even distances together."""
        at = 0
        while at < len(copies):
            to, source = copies[at]
            stride = copies[at + 1][1] - source if at + 1 < len(copies) else 1
            count = 1
            while at + count < len(copies) and copies[at + count] == (to + count, source + count * stride):
                count += 1
            self.steps.append(("copy", to, source, count, stride if count > 1 else 1))
            at += count


class _Taped:
    """A kernel that notes that it was called."""

    def __init__(self, tape: _Tape, stage: Stage) -> None:
        if stage.name in tape.stages:
            raise ValueError(f"two stages are called `{stage.name}`")
        tape.stages[stage.name] = stage
        self.stage, self.tape = stage, tape
        self.input_rows, self.uniform_rows = stage.input_rows, stage.uniform_rows
        self.output_rows = trace(stage)[2]
        tape.outputs[stage.name] = len(self.output_rows)
        self.statistics = Statistics()

    def run(self, inputs: Buffer, outputs: Buffer, lo: int, hi: int, uniform: Buffer | None = None) -> None:
        assert (lo, hi) == (0, 1)
        self.tape.run(self.stage.name, inputs, outputs, np.empty(0) if uniform is None else uniform)


class _Watched(Block):
    """A block of one future that notes the steps it takes. What depends on the future is noted for any."""

    def __init__(self, tape: _Tape, stages: Stages, kernels: Kernels) -> None:
        super().__init__(stages, kernels, lay_out(stages.case, stages, kernels), None, 1, paths=False)
        self.tape = tape

    def _outputs(self, runner: Runner) -> Floats:
        return np.zeros((len(runner.outputs), self.n))

    def _fight(self, kernels: WarKernels, theatre: str, into: Floats, levers: Floats) -> None:
        options = STRUCTURES["war"]
        drawn = structures_of_war(self.stages.case)[theatre]
        names = tuple(kernels(theatre, name).kernel.stage.name if name in drawn else None for name in options)
        row = list(self.stages.drawn).index(f"{STRUCTURE}war.{theatre}")
        self.tape.run((self.tape.place(self.drawn[row:]), names), self.war_in, into, levers)

    def _again(self, reserve: Reserve, limits: Mapping[int, float], into: Floats, levers: Floats) -> None:
        self.tape.again(reserve().kernel.stage.name, self.game_in, into, levers, limits)
