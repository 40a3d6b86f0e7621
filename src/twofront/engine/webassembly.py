"""Stages as one WebAssembly module: the code of `compiled`, two futures side by side, for any browser.

LLVM writes an object for a linker. With all stages in one object there is nothing left to link: the places of its
functions and of its data are final as they stand, so that it is a module but for two things. Names are exported, and
what was meant for the linker is left out (<https://github.com/WebAssembly/tool-conventions/blob/main/Linking.md>).

The module imports one memory, ``env.__linear_memory``, whose first `WebModule.constants` bytes it fills with tables.
Each function is called as ``f(in, out, uniform, in_stride, out_stride, lo, hi, scratch)``, as `emit` says: addresses
as 32-bit numbers, the rest as 64-bit ones; hi - lo a positive even number; scratch of `WebModule.scratch` bytes,
aligned to 16.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from twofront.engine.compiled import LIMIT, first_rows, plan_graph, trace
from twofront.engine.elementary import BODIES
from twofront.engine.emit import emit
from twofront.engine.native import assemble_web
from twofront.engine.stage import Stage

__all__ = ["WIDTH", "WebModule", "write_module"]

WIDTH = 2
"""Doubles in a vector of 128 bits, the only size there is."""
HEADER = b"\0asm\x01\0\0\0"
_CUSTOM, _EXPORTS, _CODE, _DATA = 0, 7, 10, 11
_SYMBOLS, _FUNCTION, _UNDEFINED = 8, 0, 0x10
_INTO_DATA = frozenset({3, 4})
_FINAL = frozenset({0, 6}) | _INTO_DATA
"""Kinds of relocation that an object without a second one already holds the answer to: where a function is, which
type it has, and where data is (two kinds)."""


@dataclass(frozen=True)
class WebModule:
    """The bytes of a module; those of memory that its constants take, and those that a call needs to work in."""

    code: bytes
    constants: int
    scratch: int
    operations: Mapping[str, float]
    """Basic operations a future, by function."""


def write_module(stages: Mapping[str, Stage], limit: float = LIMIT) -> WebModule:
    """Compile stages into one module, each under the name given. ``limit`` as in `CompiledKernel`."""
    texts: dict[str, str] = {}
    operations: dict[str, float] = {}
    slots = 0
    for name, stage in stages.items():
        if name in BODIES:
            raise ValueError(f"a stage cannot be called `{name}`, an elementary function's name")
        graph, outputs, _ = trace(stage)
        plan, outlined = plan_graph(graph, outputs, limit, inline_limit=-1)
        rows = first_rows(stage, False), first_rows(stage, True)
        texts[name] = emit(plan, *rows, WIDTH, outlined, read_constants=False)
        operations[name] = plan.operations
        slots = max(slots, plan.slots)
    code, constants = _finished(assemble_web(texts, BODIES), tuple(stages))
    return WebModule(code, constants, slots * WIDTH * 8, operations)


def _finished(linkable: bytes, names: tuple[str, ...]) -> tuple[bytes, int]:
    """An object as a module that exports ``names``, and where its data ends in memory."""
    if linkable[: len(HEADER)] != HEADER:
        raise ValueError("LLVM did not write a WebAssembly object")
    kept: dict[int, bytes] = {}
    places: dict[str, int] = {}
    for number, content in _sections(linkable):
        if number != _CUSTOM:
            kept[number] = content
            continue
        reader = _Reader(content)
        title = reader.text()
        if title == "linking":
            places = _functions(reader)
        elif title.startswith("reloc."):
            _check_final(reader)
    exports = [_text(name) + bytes([_FUNCTION]) + _whole(places[name]) for name in names]
    kept[_EXPORTS] = _whole(len(exports)) + b"".join(exports)
    # The order of sections is by number, but for the count of data segments (12), which precedes the code.
    order = sorted(kept, key=lambda number: _CODE - 0.5 if number > _DATA else number)
    parts = [bytes([number]) + _whole(len(kept[number])) + kept[number] for number in order]
    return HEADER + b"".join(parts), _end_of_data(kept[_DATA]) if _DATA in kept else 0


class _Reader:
    """Bytes read from front to back."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.at = 0

    @property
    def more(self) -> bool:
        return self.at < len(self.content)

    def take(self, count: int) -> bytes:
        self.at += count
        return self.content[self.at - count : self.at]

    def whole(self) -> int:
        """A whole number of seven bits a byte; none that is read here is below zero."""
        value = shift = 0
        while True:
            (byte,) = self.take(1)
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def text(self) -> str:
        return self.take(self.whole()).decode()


def _whole(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _text(value: str) -> bytes:
    return _whole(len(value.encode())) + value.encode()


def _sections(module: bytes) -> Iterator[tuple[int, bytes]]:
    reader = _Reader(module)
    reader.take(len(HEADER))
    while reader.more:
        (number,) = reader.take(1)
        yield number, reader.take(reader.whole())


def _functions(reader: _Reader) -> dict[str, int]:
    """Numbers of the functions by name, from the table of symbols."""
    reader.whole()  # version
    places: dict[str, int] = {}
    while reader.more:
        (kind,) = reader.take(1)
        content = _Reader(reader.take(reader.whole()))
        if kind != _SYMBOLS:
            continue
        for _ in range(content.whole()):
            (what,) = content.take(1)
            flags = content.whole()
            if flags & _UNDEFINED:
                raise ValueError("the object asks for something that it does not hold")
            if what == _FUNCTION:
                number = content.whole()
                places[content.text()] = number
            elif what == 1:  # data: name, segment, offset, size
                content.text()
                for _ in range(3):
                    content.whole()
            else:
                raise ValueError(f"the object holds a symbol of kind {what}, which is neither function nor data")
    return places


def _check_final(reader: _Reader) -> None:
    """Raise where a place in the object is not yet what it must be."""
    reader.whole()  # which section
    for _ in range(reader.whole()):
        kind = reader.whole()
        if kind not in _FINAL:
            raise ValueError(f"the object needs a linker, for relocations of kind {kind}")
        for _ in range(3 if kind in _INTO_DATA else 2):  # where, of what, and how far into it
            reader.whole()


def _end_of_data(content: bytes) -> int:
    reader = _Reader(content)
    end = 0
    for _ in range(reader.whole()):
        if reader.whole() != 0 or reader.take(1) != b"\x41":
            raise ValueError("the object's data are not at fixed places")
        start = _signed(reader)
        reader.take(1)  # end of the expression
        size = reader.whole()
        reader.take(size)
        end = max(end, start + size)
    return end


def _signed(reader: _Reader) -> int:
    first = reader.at
    value = reader.whole()
    bits = 7 * (reader.at - first)
    return value - (1 << bits) if value >> (bits - 1) else value
