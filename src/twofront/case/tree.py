"""YAML text to plain values that remember where they stood.

The parser's nodes carry marks; they are turned into ``dict``, ``tuple``, ``str``, ``int``, ``float``, ``bool`` and
``None`` by the core schema of YAML 1.2 (so ``no`` is text and ``1e6`` a number), and the place of every key and
value is kept beside them. Stopping at nodes, without round-trip objects, takes about half the time.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from twofront.faults import Fault

if TYPE_CHECKING:
    from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

__all__ = ["MOST_BYTES", "Route", "Tree", "Value", "plain", "read_text", "read_tree"]

Value: TypeAlias = "bool | int | float | str | tuple[Value, ...] | dict[str, Value] | None"
Route: TypeAlias = "tuple[str | int, ...]"
Places: TypeAlias = "dict[Route, tuple[int, int]]"

MOST_BYTES: Final = 5_000_000
MOST_DEPTH: Final = 40
MOST_VALUES: Final = 250_000

_NULL: Final = frozenset(["", "~", "null", "Null", "NULL"])
_BOOL: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT: Final = re.compile(r"[-+]?[0-9]+\Z|0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_SPECIAL: Final = re.compile(r"[-+]?\.(inf|Inf|INF)\Z|\.(nan|NaN|NAN)\Z")
_CORE: Final = "tag:yaml.org,2002:"
_BRACKETS: Final = re.compile(r"[\[\]{}]")
_LEADS: Final = re.compile(r"^(?:[ ]|- )+", re.MULTILINE)
_MARKED: Final = re.compile(r"(?:^|[\s\[{,:-])(?:!\S|[&*](?![A-Za-z0-9_-]+(?:[\s,}\]]|\Z))\S)", re.MULTILINE)
"""What may be a tag, or an anchor or alias of a name that is not plain: the parsers spell these differently."""
_BARE_BLOCK: Final = re.compile(r"(?:\s|#[^\n]*\n|---)*[|>]")
"""A block of text that is the whole document: libyaml takes its lines that begin with `#` for comments."""
_UNUSUAL: Final = re.compile(r"[^\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


@dataclass(slots=True)
class Tree:
    """The content of a YAML file, and where each part of it stands."""

    file: str
    value: Value
    keys: Places = field(default_factory=dict)
    values: Places = field(default_factory=dict)

    def at(self, *route: str | int) -> tuple[int, int]:
        """Line and column of the value at ``route``, or of the nearest thing above it that exists."""
        return self._find(self.values, route)

    def key_at(self, *route: str | int) -> tuple[int, int]:
        """Line and column of the key that leads to ``route``."""
        return self.keys[route] if route in self.keys else self._find(self.values, route)

    @staticmethod
    def _find(places: Places, route: Route) -> tuple[int, int]:
        for length in range(len(route), -1, -1):
            place = places.get(route[:length])
            if place is not None:
                return place
        return (1, 1)

    def fault(
        self,
        route: Route,
        message: str,
        *,
        key: bool = False,
        found: str = "",
        allowed: str = "",
        nearest: str = "",
        remedy: str = "",
    ) -> Fault:
        """A fault at the value (or the key) at ``route``."""
        line, column = self.key_at(*route) if key else self.at(*route)
        return Fault(self.file, line, column, message, found, allowed, nearest, remedy)


def read_text(path: Path, name: str) -> tuple[str, list[Fault]]:
    """Read a UTF-8 file, or say why it cannot be read; ``name`` is how messages call it."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            message = f"the file has {size:,} bytes"
            return "", [Fault(name, 0, 0, message, allowed=f"{MOST_BYTES:,} bytes", remedy="divide or shorten it")]
        raw = path.read_bytes()
    except FileNotFoundError:
        return "", [
            Fault(
                name,
                0,
                0,
                "there is no such file",
                remedy="create it: a case is a folder with case.yaml and evidence.csv",
            )
        ]
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return "", [Fault(name, 0, 0, f"the file cannot be read: {reason}", remedy="give a readable file")]
    try:
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        shown = f"0x{raw[error.start]:02x}"
        utf16 = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
        remedy = "it looks like UTF-16: save the file as UTF-8" if utf16 else "save the file as UTF-8"
        message = f"byte {shown} at offset {error.start} is not UTF-8"
        return "", [Fault(name, line, column, message, shown, "text in UTF-8", remedy=remedy)]


def read_tree(text: str, name: str, *, quick: bool = True) -> tuple[Tree, list[Fault]]:
    """Parse one YAML document; faults of syntax leave an empty tree.

    ``quick``: try libyaml first. The result is the same without, and ten times as late.
    """
    empty = Tree(name, None)
    node, faults = _compose(text, name, quick)
    if node is None:
        if not faults:
            remedy = "fill it; `twofront new DIR` writes a small case to start from"
            faults = [Fault(name, 1, 1, "the file is empty", allowed="a mapping", remedy=remedy)]
        return empty, faults
    builder = _Builder(name)
    try:
        with _no_collection():
            builder.tree.value = builder.build(node, (), 0)
    except _TooMuch as stop:
        return empty, [*builder.faults, stop.fault]
    return builder.tree, builder.faults


@contextmanager
def _no_collection() -> Generator[None]:
    """Hold the garbage collector, which would search the growing tree again and again for nothing."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _compose(text: str, name: str, quick: bool) -> tuple[Node | None, list[Fault]]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.reader import ReaderError

    node = _compose_quickly(text) if quick else None
    if node is not None:
        return node, []
    parser: Any = YAML(typ="safe", pure=True)
    try:
        with _no_collection():
            return parser.compose(text), []
    except MarkedYAMLError as error:
        return None, [_syntax_fault(error, text, name)]
    except ReaderError as error:
        code = error.character if isinstance(error.character, int) else ord(str(error.character)[:1] or "?")
        position = error.position if isinstance(error.position, int) else 0
        line, column = _line_column(text, position)
        message = f"character U+{code:04X} cannot stand in YAML"
        return None, [Fault(name, line, column, message, f"U+{code:04X}", "printable characters", remedy="remove it")]
    except RecursionError:
        return None, [_too_deep(name, 1, 1)]
    except (YAMLError, ValueError, OverflowError, AttributeError, AssertionError, IndexError, TypeError) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        return None, [Fault(name, 1, 1, f"this is not YAML: {reason}", allowed="YAML 1.2", remedy="mend the syntax")]


def _compose_quickly(text: str) -> Node | None:
    """Compose with libyaml, ten times as fast; None where it finds fault or the text could nest it too deep.

    The parser in Python, which knows YAML 1.2 and says what is wrong, then has the last word. Scalars are resolved here
    in either case (see `plain`), so that the older schema of libyaml plays no part.
    """
    from _ruamel_yaml import CParser  # pyright: ignore[reportMissingImports, reportUnknownVariableType]
    from ruamel.yaml.error import YAMLError

    if _deepest(text) > MOST_DEPTH or _UNUSUAL.search(text) or _MARKED.search(text) or _BARE_BLOCK.match(text):
        return None

    # The two disagree on where a missing value stands; such a file is rare and can wait.
    missing: list[object] = []

    class Composer(CParser):  # pyright: ignore[reportUntypedBaseClass]
        def descend_resolver(self, current_node: object, current_index: object) -> None: ...

        def ascend_resolver(self) -> None: ...

        def resolve(self, kind: object, value: object, implicit: tuple[bool, bool]) -> str:
            if value == "" and implicit[0]:
                missing.append(kind)
            return ""

    try:
        with _no_collection():
            node = Composer(text).get_single_node()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    except (YAMLError, ValueError, AttributeError, UnicodeError):
        return None
    return None if missing else node  # pyright: ignore[reportUnknownVariableType]


def _deepest(text: str) -> int:
    """A bound on how deep values nest: brackets that are open, and steps of indentation and dashes before a value."""
    depth = deepest = 0
    for bracket in _BRACKETS.findall(text):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    lead = max((len(found) for found in _LEADS.findall(text)), default=0)
    return deepest + lead // 2


def _line_column(text: str, position: int) -> tuple[int, int]:
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


def _syntax_fault(error: Any, text: str, name: str) -> Fault:
    unclosed = error.context_mark is not None and (
        str(error.problem).startswith("expected ',' or") or "end of stream" in str(error.problem)
    )
    mark = error.context_mark if unclosed else error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    lines = text.splitlines()
    found = lines[line - 1].strip() if 0 < line <= len(lines) else ""
    problem = " ".join(str(error.problem or error.context or "syntax").split())
    here = lines[line - 1] if 0 < line <= len(lines) else ""
    if "\t" in here[: max(column, len(here) - len(here.lstrip()))] or "'\\t'" in problem:
        return Fault(
            name,
            line,
            column,
            "a tab stands where YAML wants spaces",
            found,
            "spaces",
            remedy="replace the tab by spaces",
        )
    if unclosed:
        message = f"this is not YAML: what opens here is not closed ({problem})"
        remedy = "close the bracket or the quote, or put the whole text in quotes"
        return Fault(name, line, column, message, found, remedy=remedy)
    if "undefined alias" in problem:
        return Fault(name, line, column, f"this is not YAML: {problem}", found, "an alias of an anchor above it")
    remedy = "mend the syntax; text that holds `: `, ` #` or begins with a sign such as `[` or `*` needs quotes"
    return Fault(name, line, column, f"this is not YAML: {problem}", found, "YAML 1.2", remedy=remedy)


def _too_deep(name: str, line: int, column: int) -> Fault:
    message = f"values are nested more than {MOST_DEPTH} deep"
    return Fault(
        name, line, column, message, allowed=f"{MOST_DEPTH} levels", remedy="no case needs more than ten: remove levels"
    )


class _TooMuch(Exception):
    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault)


class _Builder:
    """Turn nodes into values, noting places and faults."""

    def __init__(self, name: str) -> None:
        self.tree = Tree(name, None)
        self.faults: list[Fault] = []
        self._count = 0

    def _fault(self, node: Node, message: str, *, found: str = "", allowed: str = "", remedy: str = "") -> None:
        mark = node.start_mark
        self.faults.append(Fault(self.tree.file, mark.line + 1, mark.column + 1, message, found, allowed, "", remedy))

    def build(self, node: Node, route: Route, depth: int) -> Value:
        from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

        mark = node.start_mark
        self._count += 1
        if depth > MOST_DEPTH:
            raise _TooMuch(_too_deep(self.tree.file, mark.line + 1, mark.column + 1))
        if self._count > MOST_VALUES:
            message = f"the file unfolds to more than {MOST_VALUES:,} values"
            remedy = "remove anchors that repeat each other"
            raise _TooMuch(Fault(self.tree.file, mark.line + 1, mark.column + 1, message, remedy=remedy))
        self.tree.values[route] = (mark.line + 1, mark.column + 1)
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        if isinstance(node, SequenceNode):
            self._tag(node, "seq")
            items: list[Node] = node.value
            return tuple(self.build(item, (*route, place), depth + 1) for place, item in enumerate(items))
        if isinstance(node, MappingNode):
            self._tag(node, "map")
            return self._mapping(node, route, depth)
        raise AssertionError(node)

    def _tag(self, node: Any, kind: str) -> None:
        tag = str(node.tag or "")
        if tag and tag != _CORE + kind:
            self._fault(node, f"the tag `{tag}` means nothing here", found=tag, allowed="no tags", remedy="remove it")

    def _mapping(self, node: MappingNode, route: Route, depth: int) -> dict[str, Value]:
        result: dict[str, Value] = {}
        for key, (key_node, value_node) in self._entries(node, depth).items():
            inner = (*route, key)
            mark = key_node.start_mark
            self.tree.keys[inner] = (mark.line + 1, mark.column + 1)
            result[key] = self.build(value_node, inner, depth + 1)
        return result

    def _entries(self, node: MappingNode, depth: int) -> dict[str, tuple[Node, Node]]:
        """The pairs of a mapping, with those merged in (``<<``) where it does not say otherwise."""
        from ruamel.yaml.nodes import ScalarNode

        own: dict[str, tuple[Node, Node]] = {}
        merged: list[Node] = []
        pairs: list[tuple[Node, Node]] = node.value
        for key_node, value_node in pairs:
            if not isinstance(key_node, ScalarNode):
                self._fault(key_node, "a key is a list or a mapping", allowed="text", remedy="put braces in quotes")
                continue
            key: str = key_node.value
            if key == "<<" and not key_node.style:
                merged.append(value_node)
            elif key in own:
                first = own[key][0].start_mark
                message = f"the key `{key}` stands here for the second time; first at line {first.line + 1}"
                message += f", column {first.column + 1}"
                self._fault(key_node, message, found=key, remedy="keep one of the two")
            else:
                own[key] = (key_node, value_node)
        for source in merged:
            for key, pair in self._merge(source, depth).items():
                own.setdefault(key, pair)
        return own

    def _merge(self, source: Node, depth: int) -> dict[str, tuple[Node, Node]]:
        from ruamel.yaml.nodes import MappingNode, SequenceNode

        mark = source.start_mark
        self._count += 1
        if depth > MOST_DEPTH:
            raise _TooMuch(_too_deep(self.tree.file, mark.line + 1, mark.column + 1))
        if self._count > MOST_VALUES:
            message = f"the file unfolds to more than {MOST_VALUES:,} values"
            raise _TooMuch(Fault(self.tree.file, mark.line + 1, mark.column + 1, message, remedy="remove anchors"))
        if isinstance(source, MappingNode):
            return self._entries(source, depth + 1)
        if isinstance(source, SequenceNode):
            found: dict[str, tuple[Node, Node]] = {}
            parts: list[Node] = source.value
            for part in parts:
                for key, pair in self._merge(part, depth + 1).items():
                    found.setdefault(key, pair)
            return found
        self._fault(source, "`<<` merges something that is not a mapping", allowed="an alias of a mapping")
        return {}

    def _scalar(self, node: ScalarNode) -> Value:
        text: str = node.value
        tag = str(node.tag or "")
        if node.style and tag in ("", "!", _CORE + "str"):
            return text
        explicit = tag.startswith("!") or (tag and not tag.startswith(_CORE))
        if explicit:
            self._fault(node, f"the tag `{tag}` means nothing here", found=tag, allowed="no tags", remedy="remove it")
            return text
        if node.style:
            return text
        return plain(text)


def plain(text: str) -> bool | int | float | str | None:
    """The value of an unquoted scalar by the core schema of YAML 1.2."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    first = text[0]
    if first in "0123456789+-.":
        if _INT.match(text):
            return _integer(text)
        if _FLOAT.match(text):
            return float(text)
        if _SPECIAL.match(text):
            return float(text.replace(".", ""))
    return text


def _integer(text: str) -> int | float:
    if text.startswith(("0x", "0o")):
        return int(text, 0)
    return int(text) if len(text) < 40 else float(text)
