"""Which laws and which outcomes a parameter reaches, found in the traced stages and never written by hand.

Every stage is traced once, those of war for each structure that the case gives weight in each theatre: what a
parameter reaches under any of them, it reaches. While that happens the calls of registered laws are noted with the
numbers they are given and return; afterwards each node of the graph is given the set of parameters that it depends on,
through loops and from stage to stage. A parameter *reaches* a law if some number handed to it depends on the parameter,
and an outcome if its number does, by value or through a comparison. A law *reads* a parameter if it reaches the law
with no other law in between. That a thing is reached says nothing of how much: see `twofront.analyse`.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any, Final

from twofront.case import Case
from twofront.engine import cache, source
from twofront.engine.graph import Graph, Series, Traced, TracedMask, TracedSeries, active_graph
from twofront.engine.law import laws
from twofront.engine.stage import Buffer, Stage, Statistics, row_names
from twofront.future.kernels import Kernels, Runner, make_ready, series_of, structures_of_war
from twofront.future.layout import lay_out
from twofront.future.stages import Stages

__all__ = ["Uses", "find_uses", "uses_of"]

_VERSION: Final = "uses 3"


@dataclass(frozen=True)
class Uses:
    """``readers``: laws by id, with the parameters they read; ``laws`` and ``outcomes``: with all that reach them."""

    readers: Mapping[str, frozenset[str]]
    laws: Mapping[str, frozenset[str]]
    outcomes: Mapping[str, frozenset[str]]

    def readers_of(self, parameter: str) -> tuple[str, ...]:
        """Return the ids of the laws that read a parameter, in their order."""
        return tuple(name for name, found in self.readers.items() if parameter in found)

    def laws_of(self, parameter: str) -> tuple[str, ...]:
        """Return the ids of the laws that a parameter reaches, in their order."""
        return tuple(name for name, found in self.laws.items() if parameter in found)

    def outcomes_of(self, parameter: str) -> tuple[str, ...]:
        """Return the names of the outcomes that a parameter reaches, in their order."""
        return tuple(name for name, found in self.outcomes.items() if parameter in found)


def uses_of(case: Case) -> Uses:
    """Return what the parameters of a case reach, from the cache where the same case and code were asked before."""
    code = source.model_digest()
    key = hashlib.sha256(f"{_VERSION}\0{case.hash}\0{code}".encode()).hexdigest()
    kept = cache.load(key) if code else None
    if kept is not None:
        try:
            return _from_json(json.loads(kept))
        except (ValueError, KeyError, TypeError, IndexError):
            pass
    found = find_uses(case)
    if code:
        cache.save(key, json.dumps(_to_json(found), separators=(",", ":")).encode())
    return found


def find_uses(case: Case) -> Uses:
    """Trace the stages of a case and follow every parameter through them; some seconds for a large case."""
    return _Search(case).run()


def _to_json(uses: Uses) -> dict[str, Any]:
    everything = {"readers": uses.readers, "laws": uses.laws, "outcomes": uses.outcomes}
    names = sorted({name for found in everything.values() for each in found.values() for name in each})
    places = {name: place for place, name in enumerate(names)}

    def numbers(found: Mapping[str, frozenset[str]]) -> dict[str, list[int]]:
        return {key: sorted(places[name] for name in each) for key, each in found.items()}

    return {"names": names, **{key: numbers(found) for key, found in everything.items()}}


def _from_json(data: Mapping[str, Any]) -> Uses:
    names = data["names"]

    def sets(found: Mapping[str, list[int]]) -> dict[str, frozenset[str]]:
        return {key: frozenset(names[place] for place in each) for key, each in found.items()}

    return Uses(sets(data["readers"]), sets(data["laws"]), sets(data["outcomes"]))


@dataclass
class _Call:
    """One call of a law while tracing: the nodes and the series of the numbers it was given."""

    law: str
    nodes: list[int] = field(default_factory=list[int])
    series: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])


class _Followed:
    """A traced stage whose nodes know what they depend on; in the place of a kernel. Sets are bits of an integer."""

    def __init__(self, stage: Stage) -> None:
        from twofront.engine.compiled import trace

        self.stage = stage
        self.input_rows = stage.input_rows
        self.uniform_rows = stage.uniform_rows
        self.statistics = Statistics()
        calls = _Calls()
        with calls:
            self.graph, self._outputs, self.output_rows = trace(stage)
        self._calls = calls.found
        self._results = calls.results
        self.rows = self.direct_rows = [0] * len(self.output_rows)
        self.laws: Mapping[str, int] = {}
        self.readers: Mapping[str, int] = {}

    def run(self, inputs: Buffer, outputs: Buffer, lo: int, hi: int, uniform: Buffer | None = None) -> None:
        raise NotImplementedError("a followed stage computes nothing")

    def follow(self, given: Mapping[str, int], direct: Mapping[str, int]) -> None:
        """Find what each output row and each law called depends on, from what the inputs do.

        ``given`` counts every way (``rows``, ``laws``), ``direct`` those without a law in between (``direct_rows``,
        ``readers``).
        """
        self.rows, self.laws = self._followed(given, frozenset())
        self.direct_rows, self.readers = self._followed(direct, self._results)

    def _followed(self, given: Mapping[str, int], blocked: frozenset[int]) -> tuple[list[int], dict[str, int]]:
        masks = _masks(self.graph, given, self.stage, blocked)
        loops = self.graph.loops
        rows = [0] * len(self.output_rows)
        for output in self._outputs:
            if output.loop < 0:
                rows[output.row] = masks[output.node]
            else:
                loop = loops[output.loop]
                for step in range(loop.count):
                    rows[output.row + step] = masks[loop.rows[output.place]]
        called: dict[str, int] = {}
        for call in self._calls:
            mask = called.get(call.law, 0)
            for node in call.nodes:
                mask |= masks[node]
            for key in call.series:
                if key[0] == "series":
                    mask |= masks[loops[key[1]].rows[key[2]]]
                else:
                    for row in row_names(key[1], self.stage.inputs[key[1]]):
                        mask |= given.get(row, 0)
            called[call.law] = mask
        return rows, called

    def of(self, name: str, *, direct: bool = False) -> int:
        """Return what an output, a number or a whole series, depends on."""
        mask = 0
        for row, found in zip(self.output_rows, self.direct_rows if direct else self.rows, strict=True):
            if row == name or (row.startswith(name) and row[len(name)] == "["):
                mask |= found
        return mask


class _Calls:
    """Notes the calls of registered laws while it is entered, and which nodes they make and return."""

    def __init__(self) -> None:
        self.found: list[_Call] = []
        self._returned: set[int] = set()
        self._open: list[int] = []
        """How many nodes there were when each law now running was called."""
        self._codes: dict[CodeType, tuple[str, tuple[str, ...]]] = {
            record.function.__code__: (id_, tuple(record.symbols)) for id_, record in laws().items()
        }
        self._before: Any = None

    def __enter__(self) -> _Calls:
        self._before = sys.getprofile()
        sys.setprofile(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(self._before)

    @property
    def results(self) -> frozenset[int]:
        """Nodes that a law made and returned; a number that it hands through is none of them."""
        return frozenset(self._returned)

    def _note(self, frame: FrameType, event: str, returned: Any) -> None:
        if event not in ("call", "return"):
            return
        known = self._codes.get(frame.f_code)
        if known is None:
            return
        graph = active_graph()
        assert graph is not None, "laws are followed while a stage is traced"
        if event == "return":
            first = self._open.pop()
            result = _Call("")
            _collect([returned], result)
            self._returned.update(node for node in result.nodes if node >= first)
            return
        self._open.append(len(graph.nodes))
        id_, arguments = known
        call = _Call(id_)
        held = frame.f_locals
        _collect([held[name] for name in arguments], call)
        self.found.append(call)


def _collect(values: Iterable[Any], call: _Call) -> None:
    """Gather the tracer values among a law's arguments, within sequences and mappings too."""
    for value in values:
        if isinstance(value, (Traced, TracedMask)):
            call.nodes.append(value.node)
        elif isinstance(value, TracedSeries):
            call.series.append(value.key)
        elif isinstance(value, Series):
            _collect((value[place] for place in range(len(value))), call)
        elif isinstance(value, Mapping):
            _collect(value.values(), call)
        elif isinstance(value, (tuple, list)):
            _collect(value, call)


def _masks(graph: Graph, given: Mapping[str, int], stage: Stage, blocked: frozenset[int]) -> list[int]:
    """Return what every node depends on; passes over the graph until loops carry nothing new round.

    ``blocked`` nodes count as depending on nothing.
    """
    masks = [0] * len(graph.nodes)
    loops = graph.loops
    places = _Places(graph)
    fixed: set[int] = set(blocked)  # nodes whose set does not depend on other nodes
    series: dict[str, tuple[str, ...]] = {
        name: row_names(name, length) for name, length in stage.inputs.items() if length is not None
    }
    for number, node in enumerate(graph.nodes):
        kind = node[0]
        if number in blocked:
            continue
        if kind in ("const", "truth", "table", "number"):  # of the last two, the operands are indices
            fixed.add(number)
        elif kind in ("input", "uniform"):
            masks[number] = given.get(node[1], 0)
            fixed.add(number)
        elif kind in ("inputs", "uniforms"):
            rows = series[node[1]]
            mask = 0
            for place in places.of(node[2]):
                mask |= given.get(rows[place], 0)
            masks[number] = mask
            fixed.add(number)
    changed = True
    while changed:
        changed = False
        for number, node in enumerate(graph.nodes):
            if number in fixed:
                continue
            kind = node[0]
            mask = 0
            if kind in ("carry", "final"):
                loop = loops[node[1]]
                mask = masks[loop.initial[node[2]]] | masks[loop.updated[node[2]]]
            elif kind == "series":
                mask = masks[loops[node[1]].rows[node[2]]]
            else:
                for operand in node[1:]:
                    mask |= masks[operand]
            if mask != masks[number]:
                masks[number] = mask
                changed = True
    return masks


class _Places:
    """The whole numbers that an index can be."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._tables = {number: values for values, number in graph.index_tables.items()}
        self._found: dict[int, frozenset[int]] = {}

    def of(self, index: int) -> frozenset[int]:
        """Return every value of an index node over all turns of its loops."""
        if index not in self._found:
            self._found[index] = frozenset(self._values(self._graph.index_nodes[index]))
        return self._found[index]

    def _values(self, node: tuple[Any, ...]) -> Iterable[int]:
        match node:
            case ("const", value):
                return (value,)
            case ("loop", region):
                return range(self._graph.loops[region].count)
            case ("add", a, b):
                return {x + y for x in self.of(a) for y in self.of(b)}
            case ("mul", a, factor):
                return {x * factor for x in self.of(a)}
            case ("table", number, a):
                values = self._tables[number]
                return {values[x] for x in self.of(a)}
            case _:
                raise ValueError(f"unknown index {node}")


class _Given:
    """What rows that stages exchange depend on, in every way and with no law in between; at first every parameter."""

    def __init__(self, bits: Mapping[str, int]) -> None:
        self.every = dict(bits)
        self.direct = dict(bits)

    def add(self, row: str, found: _Followed, place: int) -> None:
        """Let a row depend on what an output row does too, by its place."""
        self.every[row] = self.every.get(row, 0) | found.rows[place]
        self.direct[row] = self.direct.get(row, 0) | found.direct_rows[place]

    def add_whole(self, row: str, found: _Followed, name: str) -> None:
        """Let a row depend on what an output does too, the whole series if it is one."""
        self.every[row] = self.every.get(row, 0) | found.of(name)
        self.direct[row] = self.direct.get(row, 0) | found.of(name, direct=True)


class _Search:
    def __init__(self, case: Case) -> None:
        self.case = case
        self.stages = Stages(case, (), ())
        self.bits = {parameter.name: 1 << place for place, parameter in enumerate(case.parameters)}
        self.followed: list[_Followed] = []

    def run(self) -> Uses:
        """Follow the parameters from stage to stage, in the order in which a block of futures goes through them."""
        kernels = make_ready(self.stages, _Followed)
        pairs = self._wars(kernels)
        masks = self._outcomes(kernels, *self._game(kernels, pairs))
        return Uses(
            self._joined(each.readers for each in self.followed),
            self._joined(each.laws for each in self.followed),
            {name: self._set(mask) for name, mask in masks.items()},
        )

    def _follow(self, runner: Runner, given: _Given) -> _Followed:
        found = runner.kernel
        assert isinstance(found, _Followed)
        found.follow(given.every, given.direct)
        self.followed.append(found)
        return found

    def _wars(self, kernels: Kernels) -> _Followed:
        """Follow the path without war, each theatre's wars under each structure, those that follow on them, pairs."""
        path = _Given(self.bits)
        wars, both = _Given(self.bits), _Given(self.bits)
        for runner in (kernels.arsenals, kernels.forces):
            found = self._follow(runner, path)
            for name in series_of(runner, "now."):
                wars.add_whole(name, found, name)
        found = self._follow(kernels.closures, path)
        for place, row in enumerate(found.output_rows):
            wars.add(row, found, place)
        drawn = structures_of_war(self.case)
        ages = range(len(self.case.world.lags) - 1)
        lost = {(theatre, row.rsplit(".", 1)[1]): row for theatre in drawn for row in self.stages.lost(theatre)}
        after = _Given(self.bits)
        for theatre, structures in drawn.items():
            for structure in structures:
                found = self._follow(kernels.theatre(theatre, structure), wars)
                for place, row in enumerate(found.output_rows):
                    both.add(f"theatre.{theatre}[{place}]", found, place)
                    act, _, what = row.partition(".lost.")
                    for (other, first), into in lost.items():
                        if what and other != theatre and first == act:
                            after.add(into, found, place)
        after.every.update(wars.every)
        after.direct.update(wars.direct)
        for theatre, structures in drawn.items() if ages else ():
            for structure in structures:
                found = self._follow(kernels.later(theatre, structure), after)
                width = len(found.output_rows)
                for age in ages:
                    for place in range(width):
                        both.add(f"later.{theatre}[{age * width + place}]", found, place)
        return self._follow(kernels.pairs, both)

    def _game(self, kernels: Kernels, pairs: _Followed) -> tuple[_Followed, _Followed, _Followed]:
        """Follow the anchor, choices without and with it, and what is reported of wars and anchors."""
        game = _Given(self.bits)
        dates = range(len(self.stages.dates.spans))
        width = len(pairs.output_rows)
        for date in dates:
            for place in range(width):
                game.add(f"wars[{date * width + place}]", pairs, place)
        anchor, plain = self._follow(kernels.anchor, game), self._follow(kernels.plain, game)
        for name in self.stages.intercepts:
            game.add_whole(name, anchor, name)
        choices = self._follow(kernels.choices, game)
        for order in (0, 1):
            for date in dates:
                game.add_whole(f"present.weight.{order}[{date}]", choices, f"weight.{order}.{date}")
        choices.follow(game.every, game.direct)
        return choices, plain, self._follow(kernels.reported, game)

    def _outcomes(self, kernels: Kernels, choices: _Followed, plain: _Followed, reported: _Followed) -> dict[str, int]:
        """Sets of the outcomes, in the order in which a block of futures gives them."""
        layout = lay_out(self.case, self.stages, kernels)
        forces = kernels.forces.kernel
        assert isinstance(forces, _Followed)
        means = _Given(self.bits)
        for name, place in zip(kernels.costs.inputs, (*layout.means, *layout.means), strict=True):
            means.add(name, forces, place)
        costs = self._follow(kernels.costs, means)
        masks = [choices.rows[row] for row in layout.choices]
        return dict(zip(layout.outcomes, (*masks, *plain.rows, *reported.rows, *costs.rows), strict=True))

    def _joined(self, parts: Iterable[Mapping[str, int]]) -> dict[str, frozenset[str]]:
        """Sets by law of all stages together."""
        masks: dict[str, int] = {}
        for part in parts:
            for law, mask in part.items():
                masks[law] = masks.get(law, 0) | mask
        return {law: self._set(masks[law]) for law in sorted(masks)}

    def _set(self, mask: int) -> frozenset[str]:
        return frozenset(name for name, bit in self.bits.items() if mask & bit)
