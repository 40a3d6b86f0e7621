"""LLVM text from a plan: futures across vector lanes, no fast-math flag anywhere.

The entry function is `kernel(in, out, uniform, in_stride, out_stride, lo, hi, scratch)`: pointers to doubles, strides
and column numbers as 64-bit integers. It needs hi - lo to be a positive multiple of the width and `scratch` to
hold `plan.slots` lane groups, aligned to one.
"""

from __future__ import annotations

from collections.abc import Mapping

from twofront.engine.graph import Loop, bits_of
from twofront.engine.plan import Piece, Plan
from twofront.engine.primitives import LOW_PLACES, ROOT_HALF_BITS
from twofront.engine.walk import Target, Writer

__all__ = ["emit"]

_COMPARISONS = {"lt": "olt", "le": "ole"}
_ARITHMETIC = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv"}
_ONE = 0x3FF0000000000000
_CANONICAL_NAN = "0x7FF8000000000000"
_ARGUMENTS = "ptr noalias %in, ptr noalias %out, ptr noalias %uni, i64 %si, i64 %so"
assert bits_of(LOW_PLACES) >> 52 == 0x433


def emit(
    plan: Plan,
    input_rows: Mapping[str, int],
    uniform_rows: Mapping[str, int],
    width: int,
    outlined: bool,
    read_constants: bool = True,
) -> str:
    """The LLVM module of a plan; the mappings give each input's first row.

    `outlined` says whether exp, log and their like are functions of their own (faster to compile), rather than
    copied to every use (faster to run). `read_constants`: whether constants are read from memory where they are used,
    rather than written into the code.
    """
    module = _Module(plan, input_rows, uniform_rows, width, outlined)
    module.read_constants = read_constants
    return module.text()


class _Module(Target):
    def __init__(
        self, plan: Plan, input_rows: Mapping[str, int], uniform_rows: Mapping[str, int], width: int, outlined: bool
    ) -> None:
        super().__init__(plan, input_rows, uniform_rows, width, outlined)
        self.vector = f"<{width} x double>"
        self.words = f"<{width} x i64>"
        self.truths = f"<{width} x i1>"
        self.bytes = width * 8
        self.read_constants = True
        self.constants: dict[int, int] = {}
        self.constant_uses: list[int] = []

    def constant_place(self, bits: int) -> str:
        """A name for the memory of a constant, of its own for every use.

        Uses of one name would share one register, for as long as a function is: there are not enough of them. Of its
        own, each is read from memory as part of the operation it is for, as other compilers do it.
        """
        self.constant_uses.append(self.constants.setdefault(bits, len(self.constants)))
        return f"@u{len(self.constant_uses)}"

    def text(self) -> str:
        functions = [_Function(self, piece).text(piece) for piece in self.plan.pieces]
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
        for bits, number in self.constants.items():
            cells = f"splat (double 0x{bits:016X})"
            head.append(f"@k{number} = internal constant {self.vector} {cells}, align {self.bytes}")
        for place, number in enumerate(self.constant_uses, 1):
            head.append(f"@u{place} = private alias {self.vector}, ptr @k{number}")
        attributes = "nounwind"
        if self.width == 8:
            attributes += ' "prefer-vector-width"="512" "min-legal-vector-width"="512"'
        return "\n".join([*head, *bodies, *functions, f"attributes #0 = {{ {attributes} }}", "!0 = !{}", ""])


class _Function(Writer):
    def __init__(self, module: _Module, piece: Piece | None) -> None:
        super().__init__(module, piece)
        self.module = module
        self.label = "entry"

    # -- whole functions -----------------------------------------------------------------------------------

    def text(self, piece: Piece) -> str:
        if piece.number == 0:
            head = f"define void @kernel({_ARGUMENTS}, i64 %lo, i64 %hi, ptr noalias %s) #0 {{\nentry:"
        else:
            arguments = f"{_ARGUMENTS}, i64 %j, ptr noalias %s{self._within(piece.loops)}"
            head = f"define internal void @piece{piece.number}({arguments}) noinline #0 {{\nentry:"
            self._columns()
        self.walk(piece.items, piece.loops)
        return "\n".join([head, *self.lines, "  ret void", "}"])

    def body_text(self, name: str) -> str:
        vector = self.module.vector
        result = self.expand(name, "%x")
        head = f"define internal {vector} @{name}({vector} %x) noinline #0 {{\nentry:"
        return "\n".join([head, *self.lines, f"  ret {vector} {result}", "}"])

    def _within(self, loops: tuple[Loop, ...]) -> str:
        return "".join(f", i64 %i{p.region}, ptr %c{p.region}, ptr %n{p.region}" for p in loops)

    def _columns(self) -> None:
        self.lines.append("  %inj = getelementptr double, ptr %in, i64 %j")
        self.lines.append("  %outj = getelementptr double, ptr %out, i64 %j")

    def call_piece(self, number: int, loops: tuple[Loop, ...]) -> None:
        column = "%j" if self.in_futures else "0"
        arguments = f"ptr %in, ptr %out, ptr %uni, i64 %si, i64 %so, i64 {column}, ptr %s{self._within(loops)}"
        self.lines.append(f"  call void @piece{number}({arguments})")

    def _new(self, text: str) -> str:
        self.counter += 1
        name = f"%r{self.counter}"
        self.lines.append(f"  {name} = {text}")
        return name

    # -- loops -----------------------------------------------------------------------------------------------

    def _jump(self, label: str) -> None:
        self.lines.append(f"  br label %{label}")
        self.lines.append(f"{label}:")
        self.label = label

    def begin_futures(self) -> tuple[str, int]:
        before = self.label
        self._jump("futures")
        phi = len(self.lines)
        self.lines.append("")
        self._columns()
        return before, phi

    def end_futures(self, opened: tuple[str, int]) -> None:
        before, phi = opened
        self.lines[phi] = f"  %j = phi i64 [ %lo, %{before} ], [ %jn, %{self.label} ]"
        self.lines.append(f"  %jn = add i64 %j, {self.module.width}")
        self.lines.append("  %more = icmp slt i64 %jn, %hi")
        self.lines.append("  br i1 %more, label %futures, label %finished")
        self.lines.append("finished:")
        self.label = "finished"

    def begin_loop(self, region: int, count: int, first: int, other: int) -> tuple[str, int, str, str]:
        start, after = self._address("s", first), self._address("s", other)
        before = self.label
        self._jump(f"loop{region}")
        phi = len(self.lines)
        self.lines.append("")
        return before, phi, start, after

    def end_loop(self, region: int, count: int, opened: tuple[str, int, str, str]) -> None:
        before, phi, start, other = opened
        r, here = region, self.label
        self.lines[phi] = (
            f"  %i{r} = phi i64 [ 0, %{before} ], [ %i{r}n, %{here} ]\n"
            f"  %c{r} = phi ptr [ {start}, %{before} ], [ %n{r}, %{here} ]\n"
            f"  %n{r} = phi ptr [ {other}, %{before} ], [ %c{r}, %{here} ]"
        )
        self.lines.append(f"  %i{r}n = add i64 %i{r}, 1")
        self.lines.append(f"  %m{r} = icmp slt i64 %i{r}n, {count}")
        self.lines.append(f"  br i1 %m{r}, label %loop{r}, label %done{r}")
        self.lines.append(f"done{r}:")
        self.label = f"done{r}"

    # -- memory ----------------------------------------------------------------------------------------------

    def _address(self, base: str, slot: int, index: str | None = None) -> str:
        start = f"%{base}"
        if index is not None:
            offset = self._new(f"mul i64 {index}, {self.module.bytes}")
            start = self._new(f"getelementptr i8, ptr {start}, i64 {offset}")
        return self._new(f"getelementptr i8, ptr {start}, i64 {slot * self.module.bytes}")

    def load_slot(self, base: str, slot: int, index: str | None = None) -> str:
        address = self._address(base, slot, index)
        return self._new(f"load {self.module.vector}, ptr {address}, align {self.module.bytes}")

    def store_slot(self, value: str, base: str, slot: int, index: str | None = None) -> None:
        address = self._address(base, slot, index)
        self.lines.append(f"  store {self.module.vector} {value}, ptr {address}, align {self.module.bytes}")

    def mask_to_slot(self, mask: str) -> str:
        words = self._new(f"sext {self.module.truths} {mask} to {self.module.words}")
        return self._float(words)

    def mask_from_slot(self, value: str) -> str:
        return self._new(f"icmp slt {self.module.words} {self._bits(value)}, zeroinitializer")

    def store_output(self, value: str, row: int, index: str | None) -> None:
        vector, truths = self.module.vector, self.module.truths
        nan = self._new(f"fcmp uno {vector} {value}, {value}")
        clean = self._new(f"select {truths} {nan}, {vector} splat (double {_CANONICAL_NAN}), {vector} {value}")
        place = str(row) if index is None else self._new(f"add i64 {index}, {row}")
        offset = self._new(f"mul i64 %so, {place}")
        address = self._new(f"getelementptr double, ptr %outj, i64 {offset}")
        self.lines.append(f"  store {vector} {clean}, ptr {address}, align 8")

    def load_input(self, row: int, index: str | None) -> str:
        place = str(row) if index is None else self._new(f"add i64 {index}, {row}")
        offset = self._new(f"mul i64 %si, {place}")
        address = self._new(f"getelementptr double, ptr %inj, i64 {offset}")
        return self._new(f"load {self.module.vector}, ptr {address}, align 8")

    def load_uniform(self, row: int, index: str | None) -> str:
        place = str(row) if index is None else self._new(f"add i64 {index}, {row}")
        return self._scalar(f"%uni, i64 {place}")

    def load_table(self, number: int, index: str) -> str:
        return self._scalar(f"@t{number}, i64 {index}")

    def _scalar(self, place: str) -> str:
        address = self._new(f"getelementptr double, ptr {place}")
        return self._spread(self._new(f"load double, ptr {address}, align 8"))

    def _spread(self, scalar: str) -> str:
        vector = self.module.vector
        one = self._new(f"insertelement {vector} poison, double {scalar}, i64 0")
        lanes = f"<{self.module.width} x i32> zeroinitializer"
        return self._new(f"shufflevector {vector} {one}, {vector} poison, {lanes}")

    # -- indices and values ----------------------------------------------------------------------------------

    def index_number(self, value: int) -> str:
        return str(value)

    def index_counter(self, region: int) -> str:
        return f"%i{region}"

    def index_sum(self, a: str, b: str) -> str:
        return self._new(f"add i64 {a}, {b}")

    def index_product(self, a: str, factor: int) -> str:
        return self._new(f"mul i64 {a}, {factor}")

    def index_table(self, number: int, index: str) -> str:
        address = self._new(f"getelementptr i64, ptr @x{number}, i64 {index}")
        return self._new(f"load i64, ptr {address}, align 8")

    def constant(self, bits: int) -> str:
        if not bits:
            return "zeroinitializer"
        if not self.module.read_constants:
            return f"splat (double 0x{bits:016X})"
        place = self.module.constant_place(bits)
        return self._new(f"load {self.module.vector}, ptr {place}, align {self.module.bytes}, !invariant.load !0")

    def truth(self, value: bool) -> str:
        return "splat (i1 true)" if value else "zeroinitializer"

    def spread(self, index: str) -> str:
        return self._spread(self._new(f"sitofp i64 {index} to double"))

    def call_body(self, name: str, argument: str) -> str:
        return self._new(f"call {self.module.vector} @{name}({self.module.vector} {argument})")

    def compute(self, operation: str, a: list[str]) -> str:
        vector, words, truths = self.module.vector, self.module.words, self.module.truths
        arithmetic = _ARITHMETIC.get(operation)
        if arithmetic is not None:
            return self._new(f"{arithmetic} {vector} {a[0]}, {a[1]}")
        if operation == "select":
            return self._new(f"select {truths} {a[0]}, {vector} {a[1]}, {vector} {a[2]}")
        if operation in _COMPARISONS:
            return self._new(f"fcmp {_COMPARISONS[operation]} {vector} {a[0]}, {a[1]}")
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
            return self._new(f"fsub {vector} {biased}, {self.constant(bits_of(4503599627370496.0 + 1023.0))}")
        if operation == "log_mantissa":
            low = self._new(f"and {words} {offset}, splat (i64 {0x000FFFFFFFFFFFFF})")
            return self._float(self._new(f"add {words} {low}, splat (i64 {ROOT_HALF_BITS})"))
        raise AssertionError(f"no code for operation {operation}")

    def _bits(self, value: str) -> str:
        return self._new(f"bitcast {self.module.vector} {value} to {self.module.words}")

    def _float(self, value: str) -> str:
        return self._new(f"bitcast {self.module.words} {value} to {self.module.vector}")
