"""A fast reader for the plain part of YAML, in which cases are written.

It knows block mappings and lists, flow mappings and lists, plain and simply quoted text, folded text of the simplest
form, and comments: what a case needs. Whatever else it meets (an anchor, a tag, an escape, a tab, a missing value,
a repeated key, a mistake) it *declines*, and ruamel.yaml reads the whole file instead, which knows all of YAML and
says what is wrong. What it does accept it reads exactly as ruamel.yaml does, place by place; a test holds the two
against each other. It is more than ten times as fast: the difference between a tenth of a second and two for a case
of six hundred parameters.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from typing import Final, TypeAlias

__all__ = ["Declined", "read_plain"]

Value: TypeAlias = "bool | int | float | str | tuple[Value, ...] | dict[str, Value] | None"
Route: TypeAlias = "tuple[str | int, ...]"
Places: TypeAlias = "dict[Route, tuple[int, int]]"

_STRANGE: Final = re.compile(r"[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_MARKER: Final = re.compile(r"^(---|\.\.\.|%)", re.MULTILINE)
_BLANK: Final = re.compile(r" *(#.*)?\Z")
_REST: Final = re.compile(r"(?: +#.*| *)\Z")
_KEY: Final = re.compile(r"([A-Za-z0-9_][A-Za-z0-9_.\-]*):(?= |\Z)")
_DOUBLE: Final = re.compile(r'"([^"\\\n]*)"')
_SINGLE: Final = re.compile(r"'((?:[^'\n]|'')*)'")
_FLOW_KEY: Final = re.compile(r"([A-Za-z0-9_][A-Za-z0-9_.\-]*):(?=[ \n])")
_FLOW_GAP: Final = re.compile(r"(?: *(?: #[^\n]*)?\n)* *")
_FLOW_PLAIN: Final = re.compile(r"[^,\[\]{}?#]+")
_FOLD: Final = re.compile(r" *\n *")
_COLON: Final = re.compile(r":(?:[\s,\[\]{}]|\Z)")
_NOT_FIRST: Final = frozenset("-?:,[]{}#&*!|>'\"%@`= ")
_LEAD_MINUS: Final = re.compile(r"-[0-9.A-Za-z]")
_MOST_DEPTH: Final = 40


class Declined(Exception):
    """The text holds something that is read by ruamel.yaml."""


def read_plain(text: str, keys: Places, values: Places, scalar: Callable[[str], Value]) -> Value:
    """Return the content of a plain file and note the places of its keys and values; or raise `Declined`.

    ``scalar`` gives the value of unquoted text.
    """
    text = text.replace("\r\n", "\n")
    if _STRANGE.search(text) or _MARKER.search(text):
        raise Declined
    return _Reader(text, keys, values, scalar).document()


class _Reader:
    def __init__(self, text: str, keys: Places, values: Places, scalar: Callable[[str], Value]) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.keys = keys
        self.values = values
        self.scalar = scalar
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.at = 0
        """Number of the line that is read next, never a blank one."""
        self.shift = 0
        """Column at which that line's content begins to count (after the dash of a list)."""
        self._skip()

    def document(self) -> Value:
        if self.at >= len(self.lines) or self._indent() != 0:
            raise Declined
        value = self._mapping((), 0, 0)
        if self.at < len(self.lines):
            raise Declined
        return value

    # ---- lines --------------------------------------------------------------------------------------------------

    def _skip(self) -> None:
        lines, count = self.lines, len(self.lines)
        while self.at < count:
            line = lines[self.at]
            if line and not _BLANK.match(line):
                return
            self.at += 1

    def _next(self) -> None:
        self.at += 1
        self.shift = 0
        self._skip()

    def _indent(self) -> int:
        """Where the content of the current line begins."""
        line, place = self.lines[self.at], self.shift
        while line[place] == " ":
            place += 1
        return place

    # ---- blocks ---------------------------------------------------------------------------------------------------

    def _block(self, route: Route, depth: int) -> Value:
        if depth > _MOST_DEPTH:
            raise Declined
        indent = self._indent()
        line = self.lines[self.at]
        if line[indent] == "-" and (len(line) == indent + 1 or line[indent + 1] == " "):
            return self._list(route, indent, depth)
        if _KEY.match(line, indent):
            return self._mapping(route, indent, depth)
        raise Declined

    def _mapping(self, route: Route, indent: int, depth: int) -> dict[str, Value]:
        result: dict[str, Value] = {}
        self.values[route] = (self.at + 1, indent + 1)
        while self.at < len(self.lines):
            here = self._indent()
            if here < indent:
                break
            match = _KEY.match(self.lines[self.at], here)
            if here > indent or match is None:
                raise Declined
            key = match[1]
            if key in result:
                raise Declined
            inner = (*route, key)
            self.keys[inner] = (self.at + 1, here + 1)
            result[key] = self._value(inner, match.end(), indent, depth + 1, in_mapping=True)
        return result

    def _list(self, route: Route, indent: int, depth: int) -> tuple[Value, ...]:
        result: list[Value] = []
        self.values[route] = (self.at + 1, indent + 1)
        while self.at < len(self.lines):
            here = self._indent()
            line = self.lines[self.at]
            dash = line[here] == "-" and (len(line) == here + 1 or line[here + 1] == " ")
            if here < indent or (here == indent and not dash):
                break
            if here > indent:
                raise Declined
            inner = (*route, len(result))
            after = here + 1
            place = after
            while place < len(line) and line[place] == " ":
                place += 1
            nested = place < len(line) and (
                _KEY.match(line, place) or (line[place] == "-" and line[place + 1 : place + 2] in ("", " "))
            )
            if nested:
                self.shift = place
                result.append(self._block(inner, depth + 1))
            else:
                result.append(self._value(inner, after, indent, depth + 1, in_mapping=False))
        return tuple(result)

    def _value(self, route: Route, place: int, indent: int, depth: int, *, in_mapping: bool) -> Value:
        """The value that begins on the current line at ``place``, or stands below it."""
        line = self.lines[self.at]
        if _REST.match(line, place):
            return self._below(route, indent, depth, in_mapping=in_mapping)
        while line[place] == " ":
            place += 1
        first = line[place]
        self.values[route] = (self.at + 1, place + 1)
        if first in "{[":
            return self._flow_value(route, place, indent, depth)
        if first in "\"'":
            match = (_DOUBLE if first == '"' else _SINGLE).match(line, place)
            if match is None or not _REST.match(line, match.end()):
                raise Declined
            self._next()
            return match[1].replace("''", "'") if first == "'" else match[1]
        if first == ">":
            return self._folded(line[place:], indent)
        return self._plain(place, indent)

    def _below(self, route: Route, indent: int, depth: int, *, in_mapping: bool) -> Value:
        """The value that stands in the lines below its key or dash."""
        self._next()
        if self.at < len(self.lines):
            here = self._indent()
            dash = self.lines[self.at].startswith("-", here)
            if here > indent or (in_mapping and dash and here == indent):
                if dash or _KEY.match(self.lines[self.at], here):
                    return self._block(route, depth)
                return self._value(route, here, indent, depth, in_mapping=in_mapping)
        raise Declined

    def _plain(self, place: int, indent: int) -> Value:
        """Unquoted text, which may go on in deeper lines."""
        line = self.lines[self.at]
        if line[place] in _NOT_FIRST and not _LEAD_MINUS.match(line, place):
            raise Declined
        text = line[place:]
        comment = text.find(" #")
        if comment >= 0:
            text = text[:comment]
        text = text.rstrip(" ")
        if _COLON.search(text):
            raise Declined
        begun = self.at
        self._next()
        if self.at < len(self.lines) and self._indent() > indent:
            if comment >= 0:
                raise Declined
            text = self._continued(text, begun, indent)
        return self.scalar(text)

    def _continued(self, text: str, last: int, indent: int) -> str:
        parts = [text]
        while self.at < len(self.lines) and self._indent() > indent:
            line = self.lines[self.at].strip(" ")
            if self.at != last + 1 or " #" in line or _COLON.search(line):
                raise Declined
            parts.append(line)
            last = self.at
            self._next()
        return " ".join(parts)

    def _folded(self, header: str, indent: int) -> str:
        """Text after ``>`` or ``>-`` in one paragraph."""
        if header.rstrip(" ") not in {">", ">-"}:
            raise Declined
        parts: list[str] = []
        self.at += 1
        width = -1
        while self.at < len(self.lines):
            line = self.lines[self.at]
            content = line.lstrip(" ")
            here = len(line) - len(content)
            if not content:
                break
            if width < 0:
                width = here
            if here <= indent:
                break
            if here != width:
                raise Declined
            parts.append(content)
            self.at += 1
        if not parts or any(part.endswith(" ") for part in parts):
            raise Declined
        self.shift = 0
        before = self.at
        self._skip()
        if self.at < len(self.lines) and (self._indent() > indent or any(self.lines[before : self.at])):
            raise Declined
        return " ".join(parts) + ("\n" if header.startswith(">") and not header.startswith(">-") else "")

    # ---- flow -----------------------------------------------------------------------------------------------------

    def _flow_value(self, route: Route, place: int, indent: int, depth: int) -> Value:
        """A mapping in braces or a list in brackets, and the end of its line."""
        begun = self.at
        value, end = self._flow(route, self.starts[self.at] + place, depth)
        line = bisect_right(self.starts, end) - 1
        if end - self.starts[line] > len(self.lines[line]) or not _REST.match(
            self.lines[line], end - self.starts[line]
        ):
            raise Declined
        for number in range(begun + 1, line + 1):
            content = self.lines[number].lstrip(" ")
            if not content or len(self.lines[number]) - len(content) <= indent:
                raise Declined
        self.at = line
        self._next()
        return value

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.starts, offset) - 1
        return line + 1, offset - self.starts[line] + 1

    def _gap(self, offset: int) -> int:
        match = _FLOW_GAP.match(self.text, offset)
        return match.end() if match else offset

    def _flow(self, route: Route, offset: int, depth: int) -> tuple[Value, int]:
        if depth > _MOST_DEPTH:
            raise Declined
        text = self.text
        first = text[offset : offset + 1]
        self.values[route] = self._place(offset)
        if first == "{":
            return self._flow_mapping(route, offset + 1, depth)
        if first == "[":
            return self._flow_list(route, offset + 1, depth)
        if first and first in "\"'":
            match = (_DOUBLE if first == '"' else _SINGLE).match(text, offset)
            if match is None:
                raise Declined
            return (match[1].replace("''", "'") if first == "'" else match[1]), match.end()
        if not first or (first in _NOT_FIRST and not _LEAD_MINUS.match(text, offset)):
            raise Declined
        match = _FLOW_PLAIN.match(text, offset)
        if match is None or text[match.end() : match.end() + 1] not in {",", "}", "]"}:
            raise Declined
        found = match[0].rstrip(" \n")
        if _COLON.search(found):
            raise Declined
        if "\n" in found:
            if "\n" in _FOLD.sub("", found, count=1) and re.search(r"\n *\n", found):
                raise Declined
            found = _FOLD.sub(" ", found)
        return self.scalar(found), match.end()

    def _flow_mapping(self, route: Route, offset: int, depth: int) -> tuple[Value, int]:
        text = self.text
        result: dict[str, Value] = {}
        offset = self._gap(offset)
        while not text.startswith("}", offset):
            match = _FLOW_KEY.match(text, offset)
            if match is None or match[1] in result:
                raise Declined
            inner = (*route, match[1])
            self.keys[inner] = self._place(offset)
            value, offset = self._flow(inner, self._gap(match.end()), depth + 1)
            result[match[1]] = value
            offset = self._separated(offset, "}")
        return result, offset + 1

    def _flow_list(self, route: Route, offset: int, depth: int) -> tuple[Value, int]:
        text = self.text
        result: list[Value] = []
        offset = self._gap(offset)
        while not text.startswith("]", offset):
            value, offset = self._flow((*route, len(result)), offset, depth + 1)
            result.append(value)
            offset = self._separated(offset, "]")
        return tuple(result), offset + 1

    def _separated(self, offset: int, end: str) -> int:
        """Past the comma after an entry, or at the closing bracket."""
        offset = self._gap(offset)
        if self.text.startswith(",", offset):
            return self._gap(offset + 1)
        if self.text.startswith(end, offset):
            return offset
        raise Declined
