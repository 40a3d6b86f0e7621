"""LLVM text from a plan: futures across vector lanes, no fast-math flag anywhere.

The entry function is `kernel(in, out, uniform, in_stride, out_stride, lo, hi, scratch)`: pointers to doubles, strides
and column numbers as 64-bit integers. It needs hi - lo to be a positive multiple of the width and `scratch` to
hold `plan.slots` lane groups, aligned to one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from twofront.engine.elementary import BODIES
from twofront.engine.graph import FUTURE_REGION, UNIFORM_REGION, Graph, Loop, bits_of
from twofront.engine.plan import Block, Piece, Plan, Store
from twofront.engine.primitives import LOW_PLACES, ROOT_HALF_BITS

__all__ = ["count_operations", "emit", "weigh_outlined"]

CALL_COST = 3.0
_COMPARISONS = {"lt": "olt", "le": "ole"}
_ARITHMETIC = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv"}
_ONE = 0x3FF0000000000000
_CANONICAL_NAN = "0x7FF8000000000000"
assert bits_of(LOW_PLACES) >> 52 == 0x433


@cache
def _body(name: str) -> tuple[Graph, int, int]:
    """Graph, argument node and result node of one of the elementary functions."""
    graph = Graph()
    argument = graph.number(("argument",), FUTURE_REGION)
    return graph, argument.node, graph.lift(BODIES[name](cast("Any", argument)))


@cache
def count_operations(operation: str) -> float:
    """Basic operations that one node of this kind stands for."""
    if operation not in BODIES:
        return 1.0
    graph = _body(operation)[0]
    return float(sum(count_operations(key[0]) for key in graph.nodes if key[0] not in ("const", "argument")))


def weigh_outlined(operation: str) -> float:
    """Size in code of one node of this kind where exp, log and their like are called, not copied."""
    return CALL_COST if operation in BODIES else 1.0


def emit(plan: Plan, input_rows: Mapping[str, int], uniform_rows: Mapping[str, int], width: int, outlined: bool) -> str:
    """The LLVM module of a plan; the mappings give each input's first row.

    `outlined` says whether exp, log and their like are functions of their own (faster to compile), rather than
    copied to every use (faster to run).
    """
    return _Module(plan, input_rows, uniform_rows, width, outlined).text()


class _Module:
    def __init__(
        self,
        plan: Plan,
        input_rows: Mapping[str, int],
        uniform_rows: Mapping[str, int],
        width: int,
        outlined: bool,
    ) -> None:
        self.outlined = outlined
        self.plan = plan
        self.graph = plan.graph
        self.input_rows = input_rows
        self.uniform_rows = uniform_rows
        self.width = width
        self.vector = f"<{width} x double>"
        self.words = f"<{width} x i64>"
        self.truths = f"<{width} x i1>"
        self.bytes = width * 8
        self.used_bodies: set[str] = set()

    def text(self) -> str:
        functions = [_Function(self, piece).text() for piece in self.plan.pieces]
        bodies: list[str] = []
        written: set[str] = set()
        while self.used_bodies - written:
            for name in sorted(self.used_bodies - written):
                bodies.append(_Function(self, None).body_text(name))
                written.add(name)
        head = [f"declare {self.vector} @llvm.sqrt.v{self.width}f64({self.vector})"]
        for values, number in self.graph.tables.items():
            cells = ", ".join(f"double 0x{bits:016X}" for bits in values)
            head.append(f"@t{number} = internal unnamed_addr constant [{len(values)} x double] [{cells}]")
        for places, number in self.graph.index_tables.items():
            cells = ", ".join(f"i64 {value}" for value in places)
            head.append(f"@x{number} = internal unnamed_addr constant [{len(places)} x i64] [{cells}]")
        attributes = "nounwind"
        if self.width == 8:
            attributes += ' "prefer-vector-width"="512" "min-legal-vector-width"="512"'
        return "\n".join([*head, *bodies, *functions, f"attributes #0 = {{ {attributes} }}", ""])


_ARGUMENTS = "ptr noalias %in, ptr noalias %out, ptr noalias %uni, i64 %si, i64 %so"


class _Function:
    """One function being written: its lines, and which values are at hand where."""

    def __init__(self, module: _Module, piece: Piece | None) -> None:
        self.module = module
        self.plan = module.plan
        self.graph = module.graph
        self.piece = piece
        self.lines: list[str] = []
        self.scopes: list[dict[object, str]] = [{}]
        self.counter = 0
        self.label = "entry"

    # -- whole functions -----------------------------------------------------------------------------------

    def text(self) -> str:
        piece = self.piece
        assert piece is not None
        if piece.number == 0:
            head = f"define void @kernel({_ARGUMENTS}, i64 %lo, i64 %hi, ptr noalias %s) #0 {{\nentry:"
        else:
            loops = "".join(f", i64 %i{p.region}, ptr %c{p.region}, ptr %n{p.region}" for p in piece.loops)
            arguments = f"{_ARGUMENTS}, i64 %j, ptr noalias %s{loops}"
            head = f"define internal void @piece{piece.number}({arguments}) noinline #0 {{\nentry:"
            self._columns()
        for item in piece.items:
            self._item(item, piece.loops)
        return "\n".join([head, *self.lines, "  ret void", "}"])

    def body_text(self, name: str) -> str:
        vector = self.module.vector
        result = self._expand(name, "%x")
        head = f"define internal {vector} @{name}({vector} %x) noinline #0 {{\nentry:"
        return "\n".join([head, *self.lines, f"  ret {vector} {result}", "}"])

    # -- names -----------------------------------------------------------------------------------------------

    def _new(self, text: str) -> str:
        self.counter += 1
        name = f"%r{self.counter}"
        self.lines.append(f"  {name} = {text}")
        return name

    def _find(self, key: object) -> str | None:
        for scope in reversed(self.scopes):
            name = scope.get(key)
            if name is not None:
                return name
        return None

    def _columns(self) -> None:
        self.lines.append("  %inj = getelementptr double, ptr %in, i64 %j")
        self.lines.append("  %outj = getelementptr double, ptr %out, i64 %j")

    def _splat(self, bits: int) -> str:
        return f"splat (double 0x{bits:016X})"

    # -- items -----------------------------------------------------------------------------------------------

    def _item(self, item: int | Store | Block | Piece, loops: tuple[Loop, ...]) -> None:
        if isinstance(item, int):
            self._node(item)
        elif isinstance(item, Store):
            self._store(item)
        elif isinstance(item, Piece):
            inside = "".join(f", i64 %i{p.region}, ptr %c{p.region}, ptr %n{p.region}" for p in loops)
            column = "%j" if self._in_futures else "0"
            arguments = f"ptr %in, ptr %out, ptr %uni, i64 %si, i64 %so, i64 {column}, ptr %s{inside}"
            self.lines.append(f"  call void @piece{item.number}({arguments})")
        elif item.region == UNIFORM_REGION:
            for inner in item.items:
                self._item(inner, loops)
        elif item.region == FUTURE_REGION:
            self._futures(item)
        else:
            assert item.loop is not None
            self._loop(item, item.loop, loops)

    _in_futures = False

    def _jump(self, label: str) -> None:
        self.lines.append(f"  br label %{label}")
        self.lines.append(f"{label}:")
        self.label = label

    def _futures(self, block: Block) -> None:
        before = self.label
        self._jump("futures")
        phi = len(self.lines)
        self.lines.append("")
        self._columns()
        self.scopes.append({})
        self._in_futures = True
        for item in block.items:
            self._item(item, ())
        self._in_futures = False
        self.scopes.pop()
        self.lines[phi] = f"  %j = phi i64 [ %lo, %{before} ], [ %jn, %{self.label} ]"
        self.lines.append(f"  %jn = add i64 %j, {self.module.width}")
        self.lines.append("  %more = icmp slt i64 %jn, %hi")
        self.lines.append("  br i1 %more, label %futures, label %finished")
        self.lines.append("finished:")
        self.label = "finished"

    def _loop(self, block: Block, loop: Loop, loops: tuple[Loop, ...]) -> None:
        r = loop.region
        first, _, number = self.plan.carry_slots.get(r, (0, {}, 0))
        start = self._address(first)
        other = self._address(first + number)
        before = self.label
        self._jump(f"loop{r}")
        phi = len(self.lines)
        self.lines.append("")
        self.scopes.append({})
        for item in block.items:
            self._item(item, (*loops, loop))
        self.scopes.pop()
        here = self.label
        self.lines[phi] = (
            f"  %i{r} = phi i64 [ 0, %{before} ], [ %i{r}n, %{here} ]\n"
            f"  %c{r} = phi ptr [ {start}, %{before} ], [ %n{r}, %{here} ]\n"
            f"  %n{r} = phi ptr [ {other}, %{before} ], [ %c{r}, %{here} ]"
        )
        self.lines.append(f"  %i{r}n = add i64 %i{r}, 1")
        self.lines.append(f"  %m{r} = icmp slt i64 %i{r}n, {loop.count}")
        self.lines.append(f"  br i1 %m{r}, label %loop{r}, label %done{r}")
        self.lines.append(f"done{r}:")
        self.label = f"done{r}"

    # -- memory ----------------------------------------------------------------------------------------------

    def _address(self, slot: int, base: str = "%s") -> str:
        return self._new(f"getelementptr i8, ptr {base}, i64 {slot * self.module.bytes}")

    def _load(self, address: str) -> str:
        return self._new(f"load {self.module.vector}, ptr {address}, align {self.module.bytes}")

    def _write(self, value: str, address: str) -> None:
        self.lines.append(f"  store {self.module.vector} {value}, ptr {address}, align {self.module.bytes}")

    def _write_output(self, value: str, row: int, index: str | None) -> None:
        vector, truths = self.module.vector, self.module.truths
        nan = self._new(f"fcmp uno {vector} {value}, {value}")
        clean = self._new(f"select {truths} {nan}, {vector} splat (double {_CANONICAL_NAN}), {vector} {value}")
        place = str(row) if index is None else self._new(f"add i64 {index}, {row}")
        offset = self._new(f"mul i64 %so, {place}")
        address = self._new(f"getelementptr double, ptr %outj, i64 {offset}")
        self.lines.append(f"  store {vector} {clean}, ptr {address}, align 8")

    def _store(self, store: Store) -> None:
        value = self._value(store.node)
        if store.kind == "output":
            self._write_output(value, store.row, None)
            return
        if store.kind == "row":
            index = f"%i{store.loop}"
            if store.output:
                self._write_output(value, store.row, index)
            else:
                first = self.plan.series_slots[(store.loop, store.place)]
                offset = self._new(f"mul i64 {index}, {self.module.bytes}")
                base = self._new(f"getelementptr i8, ptr %s, i64 {offset}")
                self._write(value, self._address(first, base))
            return
        first, places, _ = self.plan.carry_slots[store.loop]
        place = places[store.place]
        if store.kind == "initial":
            self._write(value, self._address(first + place))
        else:
            self._write(value, self._address(place, f"%n{store.loop}"))

    # -- values ----------------------------------------------------------------------------------------------

    def _index(self, node: int) -> str:
        key = self.graph.index_nodes[node]
        operation = key[0]
        if operation == "const":
            return str(key[1])
        if operation == "loop":
            return f"%i{key[1]}"
        found = self._find(("index", node))
        if found is not None:
            return found
        if operation == "add":
            name = self._new(f"add i64 {self._index(key[1])}, {self._index(key[2])}")
        elif operation == "mul":
            name = self._new(f"mul i64 {self._index(key[1])}, {key[2]}")
        else:
            address = self._new(f"getelementptr i64, ptr @x{key[1]}, i64 {self._index(key[2])}")
            name = self._new(f"load i64, ptr {address}, align 8")
        self.scopes[-1][("index", node)] = name
        return name

    def _value(self, node: int) -> str:
        node = self.plan.resolve(node)
        key = self.graph.nodes[node]
        if key[0] == "const":
            return self._splat(key[1])
        if key[0] == "truth":
            return "splat (i1 true)" if key[1] else "zeroinitializer"
        found = self._find(node)
        if found is not None:
            return found
        name = self._reload(node) if node in self.plan.spilled else self._remake(key)
        self.scopes[-1][node] = name
        return name

    def _reload(self, node: int) -> str:
        name = self._load(self._address(self.plan.spilled[node]))
        if self._is_mask(node):
            words = self._new(f"bitcast {self.module.vector} {name} to {self.module.words}")
            name = self._new(f"icmp slt {self.module.words} {words}, zeroinitializer")
        return name

    def _is_mask(self, node: int) -> bool:
        return self.graph.nodes[node][0] in ("lt", "le", "nan", "and", "or", "not")

    def _remake(self, key: tuple[object, ...]) -> str:
        operation = key[0]
        if operation == "carry":
            places = self.plan.carry_slots[key[1]][1]  # pyright: ignore[reportArgumentType]
            return self._load(self._address(places[key[2]], f"%c{key[1]}"))  # pyright: ignore[reportArgumentType]
        if operation == "final":
            first, places, number = self.plan.carry_slots[key[1]]  # pyright: ignore[reportArgumentType]
            turned = self.graph.loops[key[1]].count % 2  # pyright: ignore[reportArgumentType]
            return self._load(self._address(first + number * turned + places[key[2]]))  # pyright: ignore[reportArgumentType]
        if operation == "series":
            first = self.plan.series_slots[(key[1], key[2])]  # pyright: ignore[reportArgumentType]
            offset = self._new(f"mul i64 {self._index(key[3])}, {self.module.bytes}")  # pyright: ignore[reportArgumentType]
            base = self._new(f"getelementptr i8, ptr %s, i64 {offset}")
            return self._load(self._address(first, base))
        if operation == "input":
            offset = self._new(f"mul i64 %si, {self.module.input_rows[key[1]]}")  # pyright: ignore[reportArgumentType]
            return self._column(offset)
        if operation == "inputs":
            row = self._new(f"add i64 {self._index(key[2])}, {self.module.input_rows[key[1]]}")  # pyright: ignore[reportArgumentType]
            return self._column(self._new(f"mul i64 %si, {row}"))
        if operation == "uniform":
            return self._scalar(f"%uni, i64 {self.module.uniform_rows[key[1]]}")  # pyright: ignore[reportArgumentType]
        if operation == "uniforms":
            row = self._new(f"add i64 {self._index(key[2])}, {self.module.uniform_rows[key[1]]}")  # pyright: ignore[reportArgumentType]
            return self._scalar(f"%uni, i64 {row}")
        if operation == "table":
            return self._scalar(f"@t{key[1]}, i64 {self._index(key[2])}")  # pyright: ignore[reportArgumentType]
        if operation == "number":
            whole = self._index(key[1])  # pyright: ignore[reportArgumentType]
            return self._spread(self._new(f"sitofp i64 {whole} to double"))
        raise AssertionError(f"operation {operation} is used before it is made")

    def _column(self, offset: str) -> str:
        address = self._new(f"getelementptr double, ptr %inj, i64 {offset}")
        return self._new(f"load {self.module.vector}, ptr {address}, align 8")

    def _scalar(self, place: str) -> str:
        address = self._new(f"getelementptr double, ptr {place}")
        return self._spread(self._new(f"load double, ptr {address}, align 8"))

    def _spread(self, scalar: str) -> str:
        vector = self.module.vector
        one = self._new(f"insertelement {vector} poison, double {scalar}, i64 0")
        lanes = f"<{self.module.width} x i32> zeroinitializer"
        return self._new(f"shufflevector {vector} {one}, {vector} poison, {lanes}")

    def _node(self, node: int) -> None:
        key = self.graph.nodes[node]
        name = self._compute(key[0], [self._value(operand) for operand in key[1:]])
        self.scopes[-1][node] = name
        slot = self.plan.spilled.get(node)
        if slot is not None:
            if self._is_mask(node):
                words = self._new(f"sext {self.module.truths} {name} to {self.module.words}")
                name = self._new(f"bitcast {self.module.words} {words} to {self.module.vector}")
            self._write(name, self._address(slot))

    def _compute(self, operation: str, a: list[str]) -> str:
        vector, words, truths = self.module.vector, self.module.words, self.module.truths
        arithmetic = _ARITHMETIC.get(operation)
        if arithmetic is not None:
            return self._new(f"{arithmetic} {vector} {a[0]}, {a[1]}")
        if operation == "select":
            return self._new(f"select {truths} {a[0]}, {vector} {a[1]}, {vector} {a[2]}")
        if operation in _COMPARISONS:
            return self._new(f"fcmp {_COMPARISONS[operation]} {vector} {a[0]}, {a[1]}")
        if operation in BODIES:
            if not self.module.outlined:
                return self._expand(operation, a[0])
            self.module.used_bodies.add(operation)
            return self._new(f"call {vector} @{operation}({vector} {a[0]})")
        if operation == "neg":
            return self._new(f"fneg {vector} {a[0]}")
        if operation == "nan":
            return self._new(f"fcmp uno {vector} {a[0]}, {a[0]}")
        if operation in ("and", "or"):
            return self._new(f"{operation} {truths} {a[0]}, {a[1]}")
        if operation == "not":
            return self._new(f"xor {truths} {a[0]}, splat (i1 true)")
        if operation == "sqrt":
            return self._new(f"call {vector} @llvm.sqrt.v{self.module.width}f64({vector} {a[0]})")
        if operation == "shift_exponent":
            bits = self._bits(a[0])
            shifted = self._new(f"shl {words} {self._bits(a[1])}, splat (i64 52)")
            return self._float(self._new(f"add {words} {bits}, {shifted}"))
        offset = self._new(f"add {words} {self._bits(a[0])}, splat (i64 {_ONE - ROOT_HALF_BITS})")
        if operation == "log_exponent":
            high = self._new(f"lshr {words} {offset}, splat (i64 52)")
            biased = self._float(self._new(f"or {words} {high}, splat (i64 {0x4330000000000000})"))
            return self._new(f"fsub {vector} {biased}, {self._splat(bits_of(4503599627370496.0 + 1023.0))}")
        if operation == "log_mantissa":
            low = self._new(f"and {words} {offset}, splat (i64 {0x000FFFFFFFFFFFFF})")
            return self._float(self._new(f"add {words} {low}, splat (i64 {ROOT_HALF_BITS})"))
        raise AssertionError(f"no code for operation {operation}")

    def _bits(self, value: str) -> str:
        return self._new(f"bitcast {self.module.vector} {value} to {self.module.words}")

    def _float(self, value: str) -> str:
        return self._new(f"bitcast {self.module.words} {value} to {self.module.vector}")

    def _expand(self, name: str, argument: str) -> str:
        """The body of an elementary function, applied to the value named `argument`."""
        graph, start, end = _body(name)
        names: dict[int, str] = {start: argument}
        for node, key in enumerate(graph.nodes):
            if key[0] == "const":
                names[node] = self._splat(key[1])
            elif key[0] == "truth":
                names[node] = "splat (i1 true)" if key[1] else "zeroinitializer"
            elif node != start:
                names[node] = self._compute(key[0], [names[operand] for operand in key[1:]])
        return names[end]
