"""Chart specifications: valid Vega-Lite, and readable by Altair."""

import pytest

from twofront.present import charts
from twofront.present.charts import BREAK, as_altair, wrapped
from twofront.present.figures import Spec
from twofront.present.palette import ACTORS, assigned

ROW = {"label": "a b", "series": "s", "low": 0.1, "mid": 0.2, "high": 0.3, "told": "t"}
QUANTILES = {"x": 2026.0, "q05": 0.1, "q25": 0.2, "q50": 0.3, "q75": 0.4, "q95": 0.5}
POINT = {
    "number": "1", "series": "s", "told": "t", "side": "left",
    "x": 1.0, "x_low": 0.0, "x_high": 2.0, "y": 1.0, "y_low": 0.0, "y_high": 2.0,
}  # fmt: skip
SPECS: dict[str, Spec] = {
    "whiskers": charts.whiskers(
        [ROW, {**ROW, "series": "z"}], title="x", form="~%", colours={"s": "#000", "z": "#111"}
    ),
    "fan": charts.fan([QUANTILES], title="x", form="~%", colour="#000", mark=0.01),
    "lines": charts.lines(
        [{"x": 1.0, "y": 2.0, "low": 1.0, "high": 3.0, "series": "s"}],
        x_title="x", y_title="y", x_form="d", y_form="~f", colours={"s": "#000"}, band=True, dashed="s",
    ),
    "bars": charts.bars(
        [{"label": "a", "series": "s", "value": 1.0}, {"label": "a", "series": "sum", "value": 1.0}],
        title="x", form="~f", colours={"s": "#000"}, order=("s",),
    ),
    "scatter": charts.scatter([POINT], x_title="x", y_title="y", x_form="~f", y_form="~f", colours={"s": "#000"}),
    "sources": charts.sources(
        [{"label": "a", "low": 1.0, "value": 2.0, "high": 3.0, "series": "B", "told": "t"}],
        [{"label": "a", "low": 1.0, "mode": 2.0, "high": 4.0, "told": "t"}],
        title="x", form="~g", colours={"B": "#000"},
    ),
    "grid": charts.grid(
        [{"row": "r", "column": "A one", "value": 1, "text": "1*", "marked": True, "told": "t"}],
        low="lowest", high="highest",
    ),
    "tornado": charts.tornado(
        [{"label": "a", "low": 0.1, "high": 0.2, "told": "t"}],
        title="x", form="~%", overall=0.15, colours={"lowest": "#000", "highest": "#111"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SPECS)
def test_altair_accepts_every_chart(name: str) -> None:
    assert as_altair(SPECS[name]).to_dict()["width"] == "container"


def test_series_share_a_line_unless_a_label_has_several() -> None:
    one_each = charts.whiskers(
        [ROW, {**ROW, "label": "c", "series": "z"}], title="x", form="~%", colours={"s": "#000", "z": "#111"}
    )
    assert all("yOffset" not in layer["encoding"] for layer in one_each["layer"])
    assert any("yOffset" in layer["encoding"] for layer in SPECS["whiskers"]["layer"])


def test_labels_break_between_words() -> None:
    assert wrapped("The Hague commitment in full", 20) == f"The Hague commitment{BREAK}in full"
    assert wrapped("one", 2) == "one"
    assert BREAK not in wrapped(f"a{BREAK}b")


def test_nine_names_get_nine_colours() -> None:
    assert len(set(assigned([str(n) for n in range(9)]).values())) == 9 == len(set(ACTORS))
