"""C-like text from a plan, in two dialects: C++ with vectors of futures, and CUDA C with one future a thread.

The function bodies are the same in both; what ADD, SELECT or SLOT stand for is said once at the head of each. The
entry function takes what the LLVM kernel takes (see `emit`). Neither dialect leaves a multiplication and an addition
free to become one rounded operation: C++ by the compiler's switch `-ffp-contract=off`, CUDA by operations that say
how they round.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal, TypeAlias

from twofront.engine.graph import Loop, float_of
from twofront.engine.plan import Piece, Plan
from twofront.engine.primitives import LOW_PLACES, ROOT_HALF_BITS
from twofront.engine.walk import MASKS, Target, Writer

__all__ = ["Dialect", "emit_source"]

Dialect: TypeAlias = Literal["c++", "cuda"]

_ONE = 0x3FF0000000000000
_BITS = f"""
#define OFFSET {_ONE - ROOT_HALF_BITS}LL
#define ROOT_HALF {ROOT_HALF_BITS}LL
#define FRACTION {0x000FFFFFFFFFFFFF}LL
#define BIG {0x4330000000000000}LL
#define EXPONENT_SHIFT {(4503599627370496.0 + 1023.0).hex()}
"""

_CPP = """
typedef double V __attribute__((vector_size({bytes}), aligned({bytes})));
typedef double C __attribute__((vector_size({bytes}), aligned(8), may_alias));
typedef long long M __attribute__((vector_size({bytes})));
typedef unsigned long long U __attribute__((vector_size({bytes})));
typedef long long I;
#define ENTRY extern "C" void
#define PIECE static __attribute__((noinline)) void
#define BODY static __attribute__((noinline)) V
#define TABLE static const
#define RESTRICT __restrict__
#define FIRST lo
#define STEP {width}
static inline V splat(double x) {{ return V{{{lanes}}}; }}
static inline V root(V x) {{ V y; for (int k = 0; k < {width}; k++) y[k] = __builtin_sqrt(x[k]); return y; }}
#define K(x) splat(x)
#define TRUE (M{{}} == M{{}})
#define FALSE (M{{}} != M{{}})
#define SLOT(p, k) (p)[k]
#define PLACE(p, k) ((p) + (k))
#define COLUMN(p, k) (*(C*)((p) + (k)))
#define ADD(a, b) ((a) + (b))
#define SUB(a, b) ((a) - (b))
#define MUL(a, b) ((a) * (b))
#define DIV(a, b) ((a) / (b))
#define HOLD(a) __builtin_assoc_barrier(a)
#define ROOT(a) root(a)
#define NEG(a) (-(a))
#define LT(a, b) ((a) < (b))
#define LE(a, b) ((a) <= (b))
#define NAN_(a) ((a) != (a))
#define AND(a, b) ((a) & (b))
#define OR(a, b) ((a) | (b))
#define NOT(a) (~(a))
#define SELECT(m, a, b) ((m) ? (a) : (b))
#define QUIET_NAN __builtin_nan("")
#define KEPT(m) ((V)(m))
#define MASK(v) ((M)(v) < 0)
#define SHIFT_EXPONENT(a, t) ((V)((U)(a) + ((U)(t) << 52)))
#define LOG_EXPONENT(a) ((V)((((U)(a) + OFFSET) >> 52) | BIG) - EXPONENT_SHIFT)
#define LOG_MANTISSA(a) ((V)((((U)(a) + OFFSET) & FRACTION) + ROOT_HALF))
"""

_CUDA = """
typedef double V;
typedef bool M;
typedef long long I;
#define ENTRY extern "C" __global__ void
#define PIECE static __device__ __noinline__ void
#define BODY static __device__ __noinline__ double
#define TABLE static __device__ const
#define RESTRICT __restrict__
#define THREAD ((I)blockIdx.x * blockDim.x + threadIdx.x)
#define STEP ((I)gridDim.x * blockDim.x)
#define FIRST lo + THREAD
#define K(x) (x)
#define TRUE true
#define FALSE false
#define SLOT(p, k) (p)[(k) * STEP]
#define PLACE(p, k) ((p) + (k) * STEP)
#define COLUMN(p, k) (p)[k]
#define ADD(a, b) __dadd_rn(a, b)
#define SUB(a, b) __dsub_rn(a, b)
#define MUL(a, b) __dmul_rn(a, b)
#define DIV(a, b) __ddiv_rn(a, b)
#define HOLD(a) (a)
#define ROOT(a) __dsqrt_rn(a)
#define NEG(a) (-(a))
#define LT(a, b) ((a) < (b))
#define LE(a, b) ((a) <= (b))
#define NAN_(a) ((a) != (a))
#define AND(a, b) ((a) & (b))
#define OR(a, b) ((a) | (b))
#define NOT(a) (!(a))
#define SELECT(m, a, b) ((m) ? (a) : (b))
#define QUIET_NAN __longlong_as_double(0x7FF8000000000000LL)
#define KEPT(m) ((m) ? -1.0 : 0.0)
#define MASK(v) ((v) < 0.0)
#define WORD(a) ((unsigned long long)__double_as_longlong(a))
#define FLOAT(w) __longlong_as_double((long long)(w))
#define SHIFT_EXPONENT(a, t) FLOAT(WORD(a) + (WORD(t) << 52))
#define LOG_EXPONENT(a) __dsub_rn(FLOAT(((WORD(a) + OFFSET) >> 52) | BIG), EXPONENT_SHIFT)
#define LOG_MANTISSA(a) FLOAT(((WORD(a) + OFFSET) & FRACTION) + ROOT_HALF)
"""

_ARGUMENTS = "const double* RESTRICT in, double* RESTRICT out, const double* RESTRICT uni, I si, I so"
_NAMES = {"sqrt": "ROOT", "nan": "NAN_"}
_LOW = f"K({LOW_PLACES.hex()})"


def emit_source(
    plan: Plan,
    input_rows: Mapping[str, int],
    uniform_rows: Mapping[str, int],
    width: int,
    outlined: bool,
    dialect: Dialect,
) -> str:
    """The source text of a plan; the mappings give each input's first row. CUDA has one future a lane (`width` 1)."""
    target = Target(plan, input_rows, uniform_rows, width, outlined)
    functions = [_Function(target, piece).text(piece) for piece in reversed(plan.pieces)]
    bodies: list[str] = []
    written: set[str] = set()
    while target.used_bodies - written:
        for name in sorted(target.used_bodies - written):
            bodies.append(_Function(target, None).body_text(name))
            written.add(name)
    bodies[:0] = [f"BODY {name}_(V x);" for name in sorted(written)]
    tables = [
        f"TABLE double t{number}[] = {{{', '.join(_literal(bits) for bits in values)}}};"
        for values, number in target.graph.tables.items()
    ]
    tables += [
        f"TABLE I x{number}[] = {{{', '.join(map(str, places))}}};"
        for places, number in target.graph.index_tables.items()
    ]
    lanes = ", ".join(["x"] * width)
    head = _CPP.format(bytes=8 * width, width=width, lanes=lanes) if dialect == "c++" else _CUDA
    return "\n".join([head.strip(), _BITS.strip(), *tables, *bodies, *functions, ""])


def _literal(bits: int) -> str:
    value = float_of(bits)
    if math.isfinite(value):
        return value.hex()
    return "(0.0 / 0.0)" if math.isnan(value) else "(1.0 / 0.0)" if value > 0 else "(-1.0 / 0.0)"


class _Function(Writer):
    # -- whole functions -----------------------------------------------------------------------------------

    def text(self, piece: Piece) -> str:
        if piece.number == 0:
            head = f"ENTRY kernel({_ARGUMENTS}, I lo, I hi, V* RESTRICT s) {{"
            if self.target.width == 1:
                self.lines.append("s += FIRST - lo;")
        else:
            loops = "".join(f", I i{p.region}, V* c{p.region}, V* n{p.region}" for p in piece.loops)
            head = f"PIECE piece{piece.number}({_ARGUMENTS}, I j, V* RESTRICT s{loops}) {{"
            self._columns()
        self.walk(piece.items, piece.loops)
        return "\n".join([head, *self.lines, "}"])

    def body_text(self, name: str) -> str:
        result = self.expand(name, "x")
        return "\n".join([f"BODY {name}_(V x) {{", *self.lines, f"return {result};", "}"])

    def _columns(self) -> None:
        self.lines.append("const double* RESTRICT inj = in + j; double* RESTRICT outj = out + j;")

    def call_piece(self, number: int, loops: tuple[Loop, ...]) -> None:
        inside = "".join(f", i{p.region}, c{p.region}, n{p.region}" for p in loops)
        column = "j" if self.in_futures else "0"
        self.lines.append(f"piece{number}(in, out, uni, si, so, {column}, s{inside});")

    def _new(self, text: str, kind: str = "V") -> str:
        self.counter += 1
        name = f"r{self.counter}"
        self.lines.append(f"const {kind} {name} = {text};")
        return name

    # -- loops -----------------------------------------------------------------------------------------------

    def begin_futures(self) -> None:
        self.lines.append("for (I j = FIRST; j < hi; j += STEP) {")
        self._columns()

    def end_futures(self, opened: None) -> None:
        self.lines.append("}")

    def begin_loop(self, region: int, count: int, first: int, other: int) -> None:
        r = region
        self.lines.append(f"{{ V* c{r} = PLACE(s, {first}); V* n{r} = PLACE(s, {other});")
        self.lines.append(f"for (I i{r} = 0; i{r} < {count}; i{r}++) {{")

    def end_loop(self, region: int, count: int, opened: None) -> None:
        r = region
        self.lines.append(f"V* const t{r} = c{r}; c{r} = n{r}; n{r} = t{r}; }} }}")

    # -- memory ----------------------------------------------------------------------------------------------

    def _slot(self, base: str, slot: int, index: str | None) -> str:
        return f"SLOT({base}, {slot if index is None else f'{slot} + {index}'})"

    def load_slot(self, base: str, slot: int, index: str | None = None) -> str:
        return self._new(self._slot(base, slot, index))

    def store_slot(self, value: str, base: str, slot: int, index: str | None = None) -> None:
        self.lines.append(f"{self._slot(base, slot, index)} = {value};")

    def mask_to_slot(self, mask: str) -> str:
        return f"KEPT({mask})"

    def mask_from_slot(self, value: str) -> str:
        return self._new(f"MASK({value})", "M")

    def store_output(self, value: str, row: int, index: str | None) -> None:
        place = row if index is None else f"({row} + {index})"
        self.lines.append(f"COLUMN(outj, so * {place}) = SELECT(NAN_({value}), K(QUIET_NAN), {value});")

    def load_input(self, row: int, index: str | None) -> str:
        return self._new(f"COLUMN(inj, si * {row if index is None else f'({row} + {index})'})")

    def load_uniform(self, row: int, index: str | None) -> str:
        return self._new(f"K(uni[{row if index is None else f'{row} + {index}'}])")

    def load_table(self, number: int, index: str) -> str:
        return self._new(f"K(t{number}[{index}])")

    # -- indices and values ----------------------------------------------------------------------------------

    def index_number(self, value: int) -> str:
        return str(value)

    def index_counter(self, region: int) -> str:
        return f"i{region}"

    def index_sum(self, a: str, b: str) -> str:
        return self._new(f"{a} + {b}", "I")

    def index_product(self, a: str, factor: int) -> str:
        return self._new(f"{a} * {factor}", "I")

    def index_table(self, number: int, index: str) -> str:
        return self._new(f"x{number}[{index}]", "I")

    def constant(self, bits: int) -> str:
        return f"K({_literal(bits)})"

    def truth(self, value: bool) -> str:
        return "TRUE" if value else "FALSE"

    def spread(self, index: str) -> str:
        return self._new(f"K((double)({index}))")

    def call_body(self, name: str, argument: str) -> str:
        return self._new(f"{name}_({argument})")

    def compute(self, operation: str, a: list[str]) -> str:
        text = f"{_NAMES.get(operation, operation.upper())}({', '.join(a)})"
        # A compiler that may reorder sums must not undo the rounding to a whole number.
        if operation in ("add", "sub") and _LOW in a:
            text = f"HOLD({text})"
        return self._new(text, "M" if operation in MASKS else "V")
