"""Hold a tree against the shape of its file, and say in people's words what does not fit."""

from __future__ import annotations

import types
from dataclasses import replace
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from twofront.case.tree import Route, Tree, Value
from twofront.faults import Fault, listed, nearest

__all__ = ["fit"]

Model = TypeVar("Model", bound=BaseModel)

_SHAPES = {
    "string_type": "text",
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "finite_number": "a finite number",
}

_PATTERNS = {
    "-(0[1-9]|1[0-2])$": ("a month written YYYY-MM, such as 2025-07", ""),
    "[12][0-9]|3[01]": ("a date written YYYY, YYYY-MM or YYYY-MM-DD", ""),
    "^[a-z][a-z0-9]*(_": ("small letters, digits and single underscores, a letter first", "write it so"),
    "^[a-z0-9]+(-": ("small letters, digits and single hyphens", "write it so"),
    r"^\S": ("text", "write a sentence"),
    r"\S": ("text", "write a sentence"),
    "^[A-Za-z]": ("a letter, then letters, digits, `_`, `.` or `-`", ""),
}


def fit(model: type[Model], tree: Tree) -> tuple[Model | None, list[Fault]]:
    """Return the validated content, or every fault of shape."""
    try:
        return model.model_validate(tree.value), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=True, include_input=True)
    return None, _merged([_fault(model, tree, detail) for detail in details if not _follows(detail)])


def _follows(detail: Any) -> bool:
    """Whether a list only seems too short, because faulty entries were not counted."""
    least = detail.get("ctx", {}).get("min_length")
    value = detail.get("input")
    return detail["type"] == "too_short" and isinstance(value, (tuple, dict)) and len(value) >= least


def _merged(faults: list[Fault]) -> list[Fault]:
    """Faults that say the same of the same place (one for each type that it might have had) made into one."""
    result: dict[tuple[int, int, str], Fault] = {}
    for fault in faults:
        place = (fault.line, fault.column, fault.message)
        first = result.get(place)
        if first is not None and fault.allowed not in first.allowed:
            fault = replace(first, allowed=f"{first.allowed} or {fault.allowed}")
        elif first is not None:
            continue
        result[place] = fault
    return list(result.values())


def _fault(model: type[BaseModel], tree: Tree, detail: Any) -> Fault:
    route = _route(tree.value, tuple(detail["loc"]))
    kind: str = detail["type"]
    context: dict[str, Any] = detail.get("ctx", {})
    found = _shown(detail.get("input"))
    name = str(route[-1]) if route else "the file"
    if kind == "extra_forbidden":
        keys = _keys(model, route[:-1])
        where = f"`{_dotted(route[:-1])}`" if len(route) > 1 else "the file"
        missing = [key for key in keys if key not in _mapping(tree.value, route[:-1])]
        close = nearest(name, missing) or nearest(name, keys)
        message = f"unknown key `{name}` in {where}"
        return tree.fault(route, message, key=True, found=name, allowed=listed(keys, most=25), nearest=close)
    if kind == "missing":
        where = f"`{_dotted(route[:-1])}`" if len(route) > 1 else "the file"
        return tree.fault(route[:-1], f"{where} has no `{name}`", key=True, found="", remedy=f"add the key `{name}:`")
    if kind == "literal_error":
        options = _options(str(context.get("expected", "")))
        close = nearest(str(detail.get("input")), options)
        return tree.fault(route, f"`{name}` is {found}", found=found, allowed=listed(options), nearest=close)
    if route and _is_key(detail["loc"]):
        allowed, remedy = _pattern(str(context.get("pattern", "")))
        return tree.fault(
            route,
            f"the name `{name}` is not spelled as names are",
            key=True,
            found=name,
            allowed=allowed,
            remedy=remedy,
        )
    if kind == "string_pattern_mismatch":
        allowed, remedy = _pattern(str(context.get("pattern", "")))
        what = "is empty" if not str(detail.get("input")).strip() else f"is {found}"
        return tree.fault(route, f"`{name}` {what}", found=found, allowed=allowed, remedy=remedy)
    if kind in _SHAPES:
        return _wrong_type(tree, route, name, found, detail.get("input"), _SHAPES[kind])
    allowed = _range(kind, context)
    if kind in {"too_short", "string_too_short"}:
        message = (
            f"`{_dotted(route)}` is empty" if not detail.get("input") else f"`{_dotted(route)}` has too few entries"
        )
        return tree.fault(route, message, found=found, allowed=allowed)
    if kind == "too_long":
        return tree.fault(route, f"`{_dotted(route)}` has too many entries", found=found, allowed=allowed)
    return tree.fault(route, f"`{name}` is {found}", found=found, allowed=allowed or str(detail["msg"]))


def _wrong_type(tree: Tree, route: Route, name: str, found: str, value: Any, wanted: str) -> Fault:
    remedy = ""
    what = {str: "text", bool: "true/false", tuple: "a list", dict: "a mapping", type(None): "nothing"}.get(
        type(value), ""
    )
    what = what or "a number"
    if wanted == "text" and isinstance(value, (int, float)):
        remedy = "put it in quotes if text is meant"
    elif wanted in {"a number", "a whole number"} and isinstance(value, str):
        remedy = "write digits only, such as 250000, 0.25 or 2.5e5; the unit has its own key `unit`"
    elif wanted == "a mapping" and isinstance(value, (int, float)) and name in {"low", "mode", "high"}:
        remedy = f"write `{name}: {{value: {value:g}, evidence: ID}}` or `{{value: {value:g}, judgement: why}}`"
    elif value is None:
        remedy = "fill it or remove the key"
    shown = f"{what} ({found})" if isinstance(value, (str, int, float)) and len(found) < 60 else what
    subject = (
        f"entry {route[-1] + 1} of `{_dotted(route[:-1])}`" if route and isinstance(route[-1], int) else f"`{name}`"
    )
    return tree.fault(route, f"{subject} is {shown}", found=found, allowed=wanted, remedy=remedy)


def _is_key(loc: tuple[Any, ...]) -> bool:
    return bool(loc) and loc[-1] == "[key]"


def _route(value: Value, loc: tuple[Any, ...]) -> Route:
    """The part of a validator's location that is a route in the tree (it also names union members)."""
    route: list[str | int] = []
    here: Any = value
    for place, step in enumerate(loc):
        if step == "[key]":
            break
        if isinstance(here, dict):
            if step in here:
                here = here[step]
            elif place != len(loc) - 1:
                continue
            else:
                here = None
            route.append(step)
        elif isinstance(here, tuple) and isinstance(step, int):
            here = here[step] if step < len(here) else None
            route.append(step)
    return tuple(route)


def _mapping(value: Value, route: Route) -> dict[str, Value]:
    here: Any = value
    for step in route:
        here = here[step]
    return here if isinstance(here, dict) else {}


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f"`{value}`" if len(value) <= 60 else f"`{value[:57]}…`"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, tuple):
        return "a list"
    return f"`{value}`"


def _dotted(route: Route) -> str:
    text = ""
    for step in route:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _options(expected: str) -> list[str]:
    return [part.strip().strip("'") for part in expected.replace(" or ", ", ").split(",") if part.strip()]


def _pattern(pattern: str) -> tuple[str, str]:
    for part, words in _PATTERNS.items():
        if part in pattern:
            return words
    return f"text that fits {pattern}", ""


def _range(kind: str, context: dict[str, Any]) -> str:
    words = {
        "greater_than": ("gt", "more than"),
        "greater_than_equal": ("ge", "at least"),
        "less_than": ("lt", "less than"),
        "less_than_equal": ("le", "at most"),
        "too_short": ("min_length", "at least"),
        "too_long": ("max_length", "at most"),
        "string_too_short": ("min_length", "at least"),
    }
    if kind not in words:
        return ""
    key, phrase = words[kind]
    unit = {"too_short": " entries", "too_long": " entries", "string_too_short": " letters"}.get(kind, "")
    value = context.get(key)
    return f"{phrase} {value:g}{unit}" if isinstance(value, (int, float)) else ""


def _keys(model: type[BaseModel], route: Route) -> list[str]:
    """The keys allowed at a route, found by walking the model's annotations."""
    here: Any = model
    for step in route:
        here = _inside(here, step)
        if here is None:
            return []
    found = _model_in(here)
    return [field.alias or name for name, field in found.model_fields.items()] if found else []


def _inside(kind: Any, step: str | int) -> Any:
    model = _model_in(kind)
    if model is not None:
        for name, field in model.model_fields.items():
            if step == (field.alias or name):
                return field.annotation
        return None
    for option in _unwrapped(kind):
        origin, arguments = get_origin(option), get_args(option)
        if origin is dict:
            return arguments[1]
        if origin is tuple:
            return arguments[0]
    return None


def _unwrapped(kind: Any) -> list[Any]:
    origin = get_origin(kind)
    if origin is Annotated:
        return _unwrapped(get_args(kind)[0])
    if origin is Union or origin is types.UnionType:
        return [inner for option in get_args(kind) for inner in _unwrapped(option)]
    return [kind]


def _model_in(kind: Any) -> type[BaseModel] | None:
    for option in _unwrapped(kind):
        if isinstance(option, type) and issubclass(option, BaseModel):
            return option
    return None
