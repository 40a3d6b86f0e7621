"""Nested tuples, lists, dictionaries, named tuples and None as trees of numbers.

`flatten` gives the leaves in a fixed order (dictionaries by sorted key) and a `Shape` that rebuilds the tree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

__all__ = ["Shape", "flatten"]


@dataclass(frozen=True)
class Shape:
    """The structure of a tree without its leaves; equal shapes have equal structure."""

    kind: str
    build: type | None = None
    keys: tuple[Any, ...] = ()
    children: tuple[Shape, ...] = ()

    def unflatten(self, leaves: list[Any]) -> Any:
        """The tree of this shape holding `leaves`, in the order `flatten` gave them."""
        iterator = iter(leaves)
        tree = self._take(iterator)
        if next(iterator, _END) is not _END:
            raise ValueError("more leaves than the shape has places")
        return tree

    def _take(self, leaves: Iterator[Any]) -> Any:
        if self.kind == "leaf":
            return next(leaves)
        if self.kind == "none":
            return None
        values = [child._take(leaves) for child in self.children]
        if self.kind == "dict":
            return dict(zip(self.keys, values, strict=True))
        if self.kind == "list":
            return values
        if self.kind == "named" and self.build is not None:
            return self.build(*values)
        return tuple(values)

    def __str__(self) -> str:
        if self.kind in ("leaf", "none"):
            return "number" if self.kind == "leaf" else "None"
        inner = [str(child) for child in self.children]
        if self.kind == "dict":
            return "{" + ", ".join(f"{k!r}: {c}" for k, c in zip(self.keys, inner, strict=True)) + "}"
        return ("[{}]" if self.kind == "list" else "({})").format(", ".join(inner))


_END = object()
_LEAF = Shape("leaf")
_NONE = Shape("none")


def flatten(tree: Any) -> tuple[list[Any], Shape]:
    """Leaves of `tree` in a fixed order, and the shape that puts them back."""
    leaves: list[Any] = []
    return leaves, _walk(tree, leaves)


def _walk(tree: Any, leaves: list[Any]) -> Shape:
    if tree is None:
        return _NONE
    kind = type(tree)
    if kind is dict:
        mapping = cast("dict[Any, Any]", tree)
        keys = tuple(sorted(mapping))
        return Shape("dict", None, keys, tuple(_walk(mapping[key], leaves) for key in keys))
    if kind is list:
        return Shape("list", None, (), tuple(_walk(item, leaves) for item in cast("list[Any]", tree)))
    if isinstance(tree, tuple):
        items = cast("tuple[Any, ...]", tree)
        children = tuple(_walk(item, leaves) for item in items)
        named = hasattr(kind, "_fields")
        return Shape("named" if named else "tuple", kind if named else None, (), children)
    leaves.append(tree)
    return _LEAF
