"""Every chart as a Vega-Lite specification. Nothing else in the project draws.

Charts are as wide as their container. Colours of text and grid are set by the page, so that they follow its theme.
`as_altair` gives a chart to a notebook.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from twofront.present.figures import Spec
from twofront.present.palette import NEUTRAL

__all__ = [
    "as_altair",
    "bars",
    "curves",
    "fan",
    "grid",
    "histogram",
    "lines",
    "one_axis",
    "parallel",
    "scatter",
    "sources",
    "tornado",
    "trajectory",
    "whiskers",
]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
Rows = Sequence[Mapping[str, Any]]

BREAK = "|"
"""Breaks the lines of a label. (A real line break does not survive Vega's expressions.)"""
LINE = 14  # height of a line of a label
_LINES = f"length(split(datum.value, '{BREAK}'))"
_WRAPPED: Spec = {
    "labelExpr": f"split(datum.label, '{BREAK}')",
    "labelLimit": 200,
    # A label of several lines hangs from its first one; this centres it.
    "labelOffset": {
        "condition": [{"test": f"{_LINES} === {n}", "value": -LINE * (n - 1) / 2} for n in (2, 3, 4, 5)],
        "value": 0,
    },
    "ticks": False,
    "domain": False,
}


def as_altair(spec: Spec) -> Any:
    """Return an Altair chart, which notebooks show and which checks the specification."""
    import altair

    return altair.Chart.from_dict(spec)


def wrapped(text: str, width: int = 24) -> str:
    """Break a label into lines, for `_WRAPPED`."""
    lines: list[str] = [""]
    for word in text.replace(BREAK, "/").split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return BREAK.join(lines)


def _base(rows: Rows, **more: Any) -> Spec:
    size = {"type": "fit-x", "contains": "padding"}
    return {"$schema": SCHEMA, "width": "container", "autosize": size, "data": {"values": list(rows)}, **more}


def _x(title: str, form: str, domain: Sequence[float] | None, zero: bool, count: int = 5) -> Spec:
    scale: Spec = {"zero": zero, "nice": domain is None}
    if domain is not None:
        scale["domain"] = list(domain)
    return {"type": "quantitative", "title": title, "scale": scale, "axis": {"format": form, "tickCount": count}}


def _colour(colours: Mapping[str, str], field: str = "series") -> Spec:
    return {
        "field": field,
        "type": "nominal",
        "legend": None,
        "scale": {"domain": list(colours), "range": list(colours.values())},
    }


def whiskers(
    rows: Rows,
    *,
    title: str,
    form: str,
    colours: Mapping[str, str],
    domain: Sequence[float] | None = None,
    zero: bool = False,
    step: int = 0,
) -> Spec:
    """Intervals with their medians: rows of `label`, `series`, `low`, `mid`, `high` and `told` (the tooltip)."""
    labels = list(dict.fromkeys(str(row["label"]) for row in rows))
    series = list(dict.fromkeys(str(row["series"]) for row in rows))
    by_label = {label: {str(row["series"]) for row in rows if str(row["label"]) == label} for label in labels}
    several = any(len(found) > 1 for found in by_label.values())
    lines = max(label.count(BREAK) + 1 for label in labels) if labels else 1
    each = step or max(15 * lines + 6, (13 if several else 22) * (len(series) if several else 1) + 10)
    y: Spec = {
        "field": "label",
        "type": "nominal",
        "sort": labels,
        "title": None,
        "axis": _WRAPPED,
    }
    shared: Spec = {
        "y": y,
        "color": _colour({name: colours[name] for name in series}),
        "tooltip": {"field": "told", "type": "nominal", "title": "median, nine of ten futures"},
    }
    if several:
        shared["yOffset"] = {"field": "series", "type": "nominal", "sort": series}
    x = {"field": "low", **_x(title, form, domain, zero)}
    layers: list[Spec] = []
    if zero or (domain is not None and domain[0] < 0 < domain[1]):
        layers.append(
            {"mark": {"type": "rule", "color": NEUTRAL}, "encoding": {"x": {"datum": 0, "type": "quantitative"}}}
        )
    clip = domain is not None
    layers += [
        {
            "mark": {"type": "rule", "strokeWidth": 3, "opacity": 0.55, "clip": clip},
            "encoding": {**shared, "x": x, "x2": {"field": "high"}},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1, "clip": clip},
            "encoding": {**shared, "x": {"field": "mid", "type": "quantitative"}},
        },
    ]
    return _base(rows, height={"step": each, "for": "position"}, layer=layers)


def fan(
    rows: Rows,
    *,
    title: str,
    form: str,
    colour: str,
    domain: Sequence[float] | None = None,
    mark: float | None = None,
    height: int = 200,
) -> Spec:
    """Quantiles over time: rows of `x`, `q05`, `q25`, `q50`, `q75`, `q95`; `mark` draws a level across."""
    x: Spec = {"field": "x", **_x("", "d", None, False)}
    y = {"type": "quantitative", "title": title, "axis": {"format": form, "tickCount": 5}}
    scale: Spec = {"domain": list(domain)} if domain else {"zero": True}
    tips = [{"field": "x", "title": "year", "type": "quantitative", "format": ".1f"}]
    tips += [{"field": name, "title": said, "type": "quantitative", "format": form} for name, said in _FAN]

    def band(low: str, high: str, opacity: float) -> Spec:
        mark_: Spec = {"type": "area", "opacity": opacity, "interpolate": "step-after", "color": colour, "clip": True}
        return {
            "mark": mark_,
            "encoding": {"x": x, "y": {"field": low, **y, "scale": scale}, "y2": {"field": high}, "tooltip": tips},
        }

    layers = [band("q05", "q95", 0.18), band("q25", "q75", 0.35)]
    line: Spec = {"type": "line", "strokeWidth": 2.5, "interpolate": "step-after", "color": colour, "clip": True}
    layers.append({"mark": line, "encoding": {"x": x, "y": {"field": "q50", **y, "scale": scale}}})
    if mark is not None:
        rule: Spec = {"type": "rule", "strokeDash": [5, 4], "color": NEUTRAL}
        layers.append({"mark": rule, "encoding": {"y": {"datum": mark, "type": "quantitative"}}})
    return _base(rows, height=height, layer=layers)


_FAN = (("q95", "95%"), ("q75", "75%"), ("q50", "median"), ("q25", "25%"), ("q05", "5%"))


def lines(
    rows: Rows,
    *,
    x_title: str,
    y_title: str,
    x_form: str,
    y_form: str,
    colours: Mapping[str, str],
    domain: Sequence[float] | None = None,
    band: bool = False,
    dashed: str = "",
    height: int = 200,
) -> Spec:
    """Series over `x`: rows of `x`, `y`, `series` and, with `band`, `low` and `high`; one series may be `dashed`."""
    names = {name: colours[name] for name in dict.fromkeys(str(row["series"]) for row in rows)}
    x: Spec = {"field": "x", **_x(x_title, x_form, None, False)}
    scale: Spec = {"domain": list(domain)} if domain else {"zero": True}
    y: Spec = {"type": "quantitative", "title": y_title, "axis": {"format": y_form, "tickCount": 5}, "scale": scale}
    shared: Spec = {"x": x, "color": _colour(names)}
    layers: list[Spec] = []
    if band:
        area: Spec = {"type": "area", "opacity": 0.2, "clip": True}
        layers.append({"mark": area, "encoding": {**shared, "y": {"field": "low", **y}, "y2": {"field": "high"}}})
        layers.append(
            {"mark": {"type": "rule", "color": NEUTRAL}, "encoding": {"y": {"datum": 0, "type": "quantitative"}}}
        )
    tips = [
        {"field": "series", "type": "nominal", "title": "series"},
        {
            "field": "x",
            "type": "quantitative",
            "title": x_title or "year",
            "format": x_form if x_form != "d" else ".1f",
        },
        {"field": "y", "type": "quantitative", "title": y_title, "format": y_form},
    ]
    mark: Spec = {"type": "line", "strokeWidth": 2.5, "point": {"size": 18, "filled": True}, "clip": True}
    line: Spec = {**shared, "y": {"field": "y", **y}, "tooltip": tips}
    if dashed:
        line["strokeDash"] = {
            "condition": {"test": f"datum.series === {json.dumps(dashed)}", "value": [6, 3]},
            "value": [1, 0],
        }
    layers.append({"mark": mark, "encoding": line})
    return _base(rows, height=height, layer=layers)


def bars(rows: Rows, *, title: str, form: str, colours: Mapping[str, str], order: Sequence[str], step: int = 0) -> Spec:
    """Stacked bars: rows of `label`, `series` and `value`; parts below zero stand left of it. A row of series `sum`
    is drawn as a mark on the bar."""
    labels = list(dict.fromkeys(str(row["label"]) for row in rows))
    ranks = {name: place for place, name in enumerate(order)}
    stacked = [{**row, "rank": ranks.get(str(row["series"]), 0)} for row in rows]
    most = max((label.count(BREAK) + 1 for label in labels), default=1)
    y: Spec = {
        "field": "label",
        "type": "nominal",
        "sort": labels,
        "title": None,
        "axis": _WRAPPED,
    }
    tips = [
        {"field": "series", "type": "nominal", "title": "part"},
        {"field": "value", "type": "quantitative", "title": title, "format": form},
    ]
    used = {name: colours[name] for name in order}
    layers: list[Spec] = [
        {
            "transform": [{"filter": "datum.series != 'sum'"}],
            "mark": {"type": "bar", "height": {"band": 0.62}},
            "encoding": {
                "y": y,
                "x": {"field": "value", **_x(title, form, None, True)},
                "color": _colour(used),
                "order": {"field": "rank", "type": "quantitative"},
                "tooltip": tips,
            },
        },
        {"mark": {"type": "rule", "color": NEUTRAL}, "encoding": {"x": {"datum": 0, "type": "quantitative"}}},
        {
            "transform": [{"filter": "datum.series == 'sum'"}],
            "mark": {
                "type": "tick",
                "thickness": 3,
                "color": "#000000",
                "size": 22,
                "stroke": "#ffffff",
                "strokeWidth": 0.6,
            },
            "encoding": {"y": y, "x": {"field": "value", "type": "quantitative"}, "tooltip": tips},
        },
    ]
    return _base(stacked, height={"step": step or 15 * most + 14}, layer=layers)


def scatter(
    rows: Rows, *, x_title: str, y_title: str, x_form: str, y_form: str, colours: Mapping[str, str], height: int = 380
) -> Spec:
    """Points with intervals both ways: rows of `series`, `number`, `side` (of the number), `told`, and `x` and `y` with
    `_low` and `_high`."""
    names = {name: colours[name] for name in dict.fromkeys(str(row["series"]) for row in rows)}
    x, y = _x(x_title, x_form, None, True), _x(y_title, y_form, None, True)
    zero: Spec = {"type": "rule", "color": NEUTRAL, "strokeDash": [3, 3]}
    tip = {"field": "told", "type": "nominal", "title": "policy"}
    bar: Spec = {"type": "rule", "strokeWidth": 1.5, "opacity": 0.5}
    at = {"x": {"field": "x", **x}, "y": {"field": "y", **y}, "color": _colour(names)}
    layers: list[Spec] = [
        {"mark": zero, "encoding": {"x": {"datum": 0, "type": "quantitative"}}},
        {"mark": zero, "encoding": {"y": {"datum": 0, "type": "quantitative"}}},
        {"mark": bar, "encoding": {**at, "x": {"field": "x_low", **x}, "x2": {"field": "x_high"}, "tooltip": tip}},
        {"mark": bar, "encoding": {**at, "y": {"field": "y_low", **y}, "y2": {"field": "y_high"}, "tooltip": tip}},
        {"mark": {"type": "point", "filled": True, "size": 90, "opacity": 1}, "encoding": {**at, "tooltip": tip}},
        *(
            {
                "transform": [{"filter": f"datum.side === '{side}'"}],
                "mark": {"type": "text", "dx": dx, "align": align, "fontSize": 12, "fontWeight": "bold"},
                "encoding": {**at, "text": {"field": "number", "type": "nominal"}},
            }
            for side, dx, align in (("left", -9, "right"), ("right", 9, "left"))
        ),
    ]
    return _base(rows, height=height, layer=layers)


def trajectory(rows: Rows, *, base: float, colours: Mapping[str, str], height: int = 300) -> Spec:
    """Boxes of scenario discovery from the whole space to the last: rows of `coverage`, `density`, `series` (how many
    inputs are limited), `step`, `chosen` and `told`; `base` is the density of the whole space."""
    names = {name: colours[name] for name in dict.fromkeys(str(row["series"]) for row in rows)}
    x = {"field": "coverage", **_x("coverage", "~%", (0.0, 1.0), True)}
    y: Spec = {
        "field": "density",
        "type": "quantitative",
        "title": "density",
        "scale": {"domain": [0, 1]},
        "axis": {"format": "~%", "tickCount": 5},
    }
    tip = {"field": "told", "type": "nominal", "title": "box"}
    dashed: Spec = {"type": "rule", "strokeDash": [5, 4], "color": NEUTRAL}
    layers: list[Spec] = [
        {"mark": dashed, "encoding": {"y": {"datum": base, "type": "quantitative"}}},
        {
            "mark": {"type": "line", "strokeWidth": 1, "color": NEUTRAL, "opacity": 0.7},
            "encoding": {"x": x, "y": y, "order": {"field": "step", "type": "quantitative"}},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 50, "opacity": 1},
            "encoding": {"x": x, "y": y, "color": _colour(names), "tooltip": tip},
        },
        {
            "transform": [{"filter": "datum.chosen"}],
            "mark": {"type": "point", "filled": False, "size": 260, "strokeWidth": 2.5},
            "encoding": {"x": x, "y": y, "color": _colour(names), "tooltip": tip},
        },
    ]
    return _base(rows, height=height, layer=layers)


def tornado(rows: Rows, *, title: str, form: str, overall: float, colours: Mapping[str, str]) -> Spec:
    """Mean outcome in the lowest and the highest fifth of each parameter's draws: rows of `label`, `low`, `high`."""
    labels = list(dict.fromkeys(str(row["label"]) for row in rows))
    most = max((label.count(BREAK) + 1 for label in labels), default=1)
    y: Spec = {
        "field": "label",
        "type": "nominal",
        "sort": labels,
        "title": None,
        "axis": _WRAPPED,
    }
    ends = list(colours)
    long = [
        {"label": row["label"], "from": overall, "to": row[key], "series": end, "told": row["told"]}
        for row in rows
        for key, end in (("low", ends[0]), ("high", ends[1]))
    ]
    tip = {"field": "told", "type": "nominal", "title": "lowest → highest fifth"}
    bar: Spec = {
        "mark": {"type": "bar", "height": {"band": 0.6}},
        "encoding": {
            "y": y,
            "x": {"field": "from", **_x(title, form, None, False)},
            "x2": {"field": "to"},
            "color": _colour(colours),
            "tooltip": tip,
        },
    }
    rule: Spec = {
        "mark": {"type": "rule", "color": NEUTRAL},
        "encoding": {"x": {"datum": overall, "type": "quantitative"}},
    }
    return _base(long, height={"step": 15 * most + 6}, layer=[bar, rule])


def sources(rows: Rows, ranges: Rows, *, title: str, form: str, colours: Mapping[str, str], log: bool = False) -> Spec:
    """What each source says, as a dot on the range that is drawn from.

    ``rows``: `label`, `low`, `value`, `high`, `series` (the grade) and `told`; ``ranges``: `label`, `low`, `mode`,
    `high`, `told`.
    """
    labels = list(dict.fromkeys(str(row["label"]) for row in ranges))
    scale: Spec = {"type": "log", "nice": False} if log else {"zero": False, "nice": True}
    x: Spec = {"type": "quantitative", "title": title, "scale": scale, "axis": {"format": form, "tickCount": 5}}
    axis = {**_WRAPPED, "labelLimit": 260} if any(labels) else None
    y: Spec = {"field": "label", "type": "nominal", "sort": labels, "title": None, "axis": axis}
    told: Spec = {"field": "told", "type": "nominal", "title": "says"}
    layers: list[Spec] = [
        {
            "data": {"values": list(ranges)},
            "mark": {"type": "bar", "color": NEUTRAL, "opacity": 0.25, "height": 12},
            "encoding": {"y": y, "x": {"field": "low", **x}, "x2": {"field": "high"}, "tooltip": told},
        },
        {
            "data": {"values": list(ranges)},
            "mark": {"type": "tick", "color": NEUTRAL, "thickness": 2, "height": 16},
            "encoding": {"y": y, "x": {"field": "mode", "type": "quantitative"}, "tooltip": told},
        },
        {
            "mark": {"type": "rule", "strokeWidth": 2, "opacity": 0.6},
            "encoding": {
                "y": y, "x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"},
                "color": _colour(colours), "tooltip": told,
            },
        },
        {
            "mark": {"type": "point", "filled": True, "size": 70, "opacity": 0.9},
            "encoding": {
                "y": y, "x": {"field": "value", "type": "quantitative"}, "color": _colour(colours), "tooltip": told,
            },
        },
    ]  # fmt: skip
    return _base(rows, height={"step": 26, "for": "position"} if any(labels) else 34, layer=layers)


def one_axis(
    rows: Rows,
    *,
    title: str,
    colours: Mapping[str, str],
    mark: float | None = None,
    log: bool = False,
    form: str = ",.4~g",
    words: Mapping[float, str] | None = None,
) -> Spec:
    """What was claimed and what every source says, on one axis: rows of `label`, `series`, `value`, `low`, `high` and
    `told`. Rows of series `claimed` are diamonds, of `compared` squares; `mark` draws the claimed number through all;
    `words` name the few values that there are."""
    labels = list(dict.fromkeys(str(row["label"]) for row in rows))
    most = max((label.count(BREAK) + 1 for label in labels), default=1)
    x = _x(title, form, None, not log and form != "d")
    if log:
        x["scale"] = {"type": "log", "nice": False, "padding": 12}
    if words is not None:
        x["scale"] = {"domain": [min(words), max(words)], "padding": 30}
        test = " : ".join(f"datum.value === {value:g} ? {json.dumps(said)}" for value, said in words.items())
        x["axis"] = {"values": sorted(words), "labelExpr": f"{test} : ''", "labelLimit": 90}
    names = [name for name in colours if any(str(row["series"]) == name for row in rows)]
    shared: Spec = {
        "y": {"field": "label", "type": "nominal", "sort": labels, "title": None, "axis": _WRAPPED},
        "color": _colour({name: colours[name] for name in names}),
        "tooltip": {"field": "told", "type": "nominal", "title": "figure"},
    }
    said, compared = "datum.series === 'claimed'", "datum.series === 'compared'"
    layers: list[Spec] = []
    if mark is not None:
        rule: Spec = {"type": "rule", "strokeDash": [5, 4], "color": colours["claimed"], "opacity": 0.7}
        layers.append({"mark": rule, "encoding": {"x": {"datum": mark, "type": "quantitative"}}})
    layers.append(
        {
            "mark": {"type": "rule", "strokeWidth": 3, "opacity": 0.5},
            "encoding": {**shared, "x": {"field": "low", **x}, "x2": {"field": "high"}},
        }
    )
    for test, shape, size in (
        (f"!({said}) && !({compared})", "circle", 90),
        (said, "diamond", 130),
        (compared, "square", 70),
    ):
        layers.append(
            {
                "transform": [{"filter": test}],
                "mark": {"type": "point", "filled": True, "size": size, "opacity": 1, "shape": shape},
                "encoding": {**shared, "x": {"field": "value", **x}},
            }
        )
    return _base(rows, height={"step": 15 * most + 9}, layer=layers)


def histogram(rows: Rows, *, title: str, marks: Sequence[float], height: int = 120) -> Spec:
    """How futures spread: rows of `from`, `to` and `share`; `marks` are drawn from top to bottom."""
    x = _x(title, ",.3~g", None, False)
    tips = [
        {"field": "from", "type": "quantitative", "title": "from", "format": ".3~g"},
        {"field": "to", "type": "quantitative", "title": "to", "format": ".3~g"},
        {"field": "share", "type": "quantitative", "title": "share of futures", "format": ".1%"},
    ]
    y: Spec = {"field": "share", "type": "quantitative", "title": "futures", "axis": {"format": "%", "tickCount": 3}}
    layers: list[Spec] = [
        {
            "mark": {"type": "bar", "color": NEUTRAL, "opacity": 0.75},
            "encoding": {
                "x": {"field": "from", **x, "bin": {"binned": True}},
                "x2": {"field": "to"},
                "y": y,
                "tooltip": tips,
            },
        }
    ]
    rule: Spec = {"type": "rule", "strokeDash": [5, 4], "strokeWidth": 2}
    layers += [{"mark": rule, "encoding": {"x": {"datum": mark, "type": "quantitative"}}} for mark in marks]
    return _base(rows, height=height, layer=layers)


def grid(rows: Rows, *, low: str, high: str) -> Spec:
    """A table of numbers, shaded: rows of `row`, `column`, `value`, `text`, `marked` and `told`.

    `low` and `high` say what the ends of the scale are called. A column's name begins with a letter of its own, which
    alone is shown where there is little room.
    """
    narrow = "width < 480"
    lines = list(dict.fromkeys(str(row["row"]) for row in rows))
    columns = list(dict.fromkeys(str(row["column"]) for row in rows))
    values = [float(row["value"]) for row in rows]
    most = max((line.count(BREAK) + 1 for line in lines), default=1)
    x: Spec = {
        "field": "column",
        "type": "nominal",
        "sort": columns,
        "title": None,
        "axis": {
            "orient": "top",
            "labelExpr": f"{narrow} ? slice(datum.label, 0, 1) : datum.label",
            "labelAngle": {"expr": f"{narrow} ? 0 : -45"},
            "labelAlign": {"expr": f"{narrow} ? 'center' : 'left'"},
            "labelLimit": 160,
            "ticks": False,
            "domain": False,
            "grid": False,
        },
    }
    y: Spec = {"field": "row", "type": "nominal", "sort": lines, "title": None, "axis": {**_WRAPPED, "grid": False}}
    tip = {"field": "told", "type": "nominal", "title": f"1 {low}, {max(values, default=1):g} {high}"}
    shade: Spec = {
        "field": "value",
        "type": "quantitative",
        "legend": None,
        "scale": {"range": ["#dcecf5", "#0b4a75"], "domain": [min(values, default=0), max(values, default=1)]},
    }
    middle = (min(values, default=0) + max(values, default=1)) / 2
    ink: Spec = {"condition": {"test": f"datum.value > {middle}", "value": "#ffffff"}, "value": "#111111"}
    layers: list[Spec] = []
    layers.append({"mark": {"type": "rect"}, "encoding": {"x": x, "y": y, "color": shade, "tooltip": tip}})
    for marked in (False, True):
        size = {"expr": f"{narrow} ? 8 : 11"}
        text: Spec = {"type": "text", "fontSize": size, "fontWeight": "bold" if marked else "normal"}
        at = {"x": x, "y": y, "text": {"field": "text", "type": "nominal"}, "color": ink, "tooltip": tip}
        layers.append(
            {"transform": [{"filter": f"datum.marked == {str(marked).lower()}"}], "mark": text, "encoding": at}
        )
    return _base(rows, height={"step": 15 * most + 4}, layer=layers)


def curves(rows: Rows, *, x_title: str, y_title: str, series_title: str, colours: Mapping[str, str]) -> Spec:
    """Lines for a page on paper: rows of `x`, `y` and `series`. It has its own size, ground and legend."""
    names = list(dict.fromkeys(str(row["series"]) for row in rows))
    legend: Spec | None = {"title": series_title, "orient": "right"} if len(names) > 1 else None
    encoding: Spec = {
        "x": {"field": "x", "type": "quantitative", "title": x_title, "scale": {"zero": False, "nice": False}},
        "y": {"field": "y", "type": "quantitative", "title": y_title, "scale": {"zero": False}},
        "color": {
            "field": "series",
            "type": "nominal",
            "sort": names,
            "legend": legend,
            "scale": {"domain": names, "range": [colours[name] for name in names]},
        },
    }
    return {
        "$schema": SCHEMA,
        "width": 300,
        "height": 170,
        "background": "#ffffff",
        "data": {"values": list(rows)},
        "mark": {"type": "line", "strokeWidth": 2},
        "encoding": encoding,
        "config": {"axis": {"tickCount": 5, "gridColor": "#e5e5e5"}, "view": {"stroke": None}},
    }


def parallel(rows: Rows, axes: Sequence[str], ends: Sequence[tuple[str, str]], *, colours: Mapping[str, str]) -> Spec:
    """Parallel coordinates: one line a row, one upright axis a column; drag along axes to keep the lines in range.

    ``rows``: `series`, `told` and, for each axis, `a<place>` between 0 and 1. ``ends``: what 0 and 1 stand for.
    Vega-Lite joins points along x alone, so that lines are drawn from axis to axis; each axis has a selection of its
    own, begun near it, and a double click clears all.
    """
    last = len(axes) - 1
    names = {name: colours[name] for name in dict.fromkeys(str(row["series"]) for row in rows)}
    x: Spec = {"type": "quantitative", "axis": None, "scale": {"domain": [0, last], "nice": False}}
    y: Spec = {"type": "quantitative", "axis": None, "scale": {"domain": [0, 1], "nice": False}}
    kept = {"and": [{"param": f"axis_{place}"} for place in range(len(axes))]}
    line: Spec = {
        "color": _colour(names),
        "opacity": {"condition": {"test": kept, "value": 0.75}, "value": 0.05},
        "strokeWidth": {"condition": {"test": kept, "value": 1.8}, "value": 1},
        "tooltip": {"field": "told", "type": "nominal", "title": "policy"},
    }
    layers: list[Spec] = [
        {
            "mark": {"type": "rule"},
            "encoding": {
                "x": {"datum": place, **x},
                "x2": {"datum": place + 1},
                "y": {"field": f"a{place}", **y},
                "y2": {"field": f"a{place + 1}"},
                **line,
            },
        }
        for place in range(last)
    ]
    for place, (name, (low, high)) in enumerate(zip(axes, ends, strict=True)):
        at: Spec = {"x": {"datum": place, **x}}
        near = f"abs(x() - group().width * {place} / {last}) < min(20, group().width / {2 * last})"
        brush: Spec = {
            "name": f"axis_{place}",
            "select": {
                "type": "interval",
                "encodings": ["y"],
                "on": f"[pointerdown[{near}], window:pointerup] > window:pointermove!",
                "translate": False,
                "zoom": False,
                "mark": {"fillOpacity": 0, "strokeOpacity": 0},
            },
        }
        layers.append(
            {
                "params": [brush],
                "mark": {"type": "tick", "orient": "horizontal", "size": 7, "thickness": 1.5, "cursor": "ns-resize"},
                "encoding": {**at, "y": {"field": f"a{place}", **y}, "color": {"value": NEUTRAL}},
            }
        )
        one: Spec = {"data": {"values": [{}]}}
        reach = f"isArray(axis_{place}_y) && length(axis_{place}_y) ? axis_{place}_y"
        rule: Spec = {"type": "rule", "color": NEUTRAL}
        layers.append({**one, "mark": rule, "encoding": {**at, "y": {"datum": 0, **y}, "y2": {"datum": 1}}})
        layers.append(
            {
                **one,
                "mark": {
                    "type": "rule",
                    "color": NEUTRAL,
                    "opacity": 0.45,
                    "strokeWidth": 9,
                    "y": {"expr": f"{reach}[0] : 0"},
                    "y2": {"expr": f"{reach}[1] : 0"},
                },
                "encoding": at,
            }
        )
        for text, mark in (
            (high, {"y": -7, "baseline": "bottom", "align": "center"}),
            (low, {"y": {"expr": "height + 7"}, "baseline": "top", "align": "center"}),
            (name, {"y": {"expr": "height + 24"}, "baseline": "middle", "align": "right", "angle": -40, "limit": 190}),
        ):
            layers.append({**one, "mark": {"type": "text", "text": text, "fontSize": 11, **mark}, "encoding": at})
    padding = {"left": 60, "right": 30, "top": 24, "bottom": 10}
    return _base(rows, height=300, padding=padding, layer=layers)
