"""The pages on the laws are what the records give, and the notes beside the records fit them.

To write the pages anew: `python -m twofront.present.law_pages docs/laws`.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from twofront.engine.law import Law
from twofront.present.figures import Spec
from twofront.present.latex import latex
from twofront.present.law_pages import Notes, every_law, notes, pages, pictures, stamp
from twofront.quantities import QUANTITIES

FOLDER = Path(__file__).parents[3] / "docs" / "laws"
AGAIN = "write them anew: python -m twofront.present.law_pages docs/laws"
MOST_BYTES = 1_500_000
LAWS = every_law()
DRAWN = [id_ for id_ in LAWS if id_ in notes().plots]


@pytest.fixture(scope="module")
def told() -> Notes:
    return notes()


def test_the_pages_are_what_the_records_give() -> None:
    made = pages()
    found = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    assert sorted(found) == sorted(made), AGAIN
    for name, text in made.items():
        assert found[name] == text, f"docs/laws/{name} is out of date; {AGAIN}"


def test_the_pictures_are_of_the_present_laws() -> None:
    made = pictures()
    found = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.svg")}
    assert sorted(found) == sorted(made), AGAIN
    for name, spec in made.items():
        assert found[name].startswith(stamp(spec)), f"docs/laws/{name} is out of date; {AGAIN}"
        assert found[name].count("<svg") == 1
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < MOST_BYTES


def test_a_stamp_tells_specifications_apart() -> None:
    name, spec = next(iter(pictures().items()))
    changed = {**spec, "width": spec["width"] + 1}
    assert name.endswith(".svg")
    assert stamp(spec) == stamp(dict(reversed(spec.items())))
    assert stamp(spec) != stamp(changed)


@pytest.mark.parametrize("record", [LAWS[id_] for id_ in DRAWN], ids=DRAWN)
def test_every_law_has_a_picture_with_every_argument_told(record: Law, told: Notes) -> None:
    plot = told.plots[record.id]
    arguments = set(inspect.signature(record.function).parameters)
    named = {plot.x, *plot.at, *([plot.curves] if plot.curves else [])}
    assert named == arguments, f"law_notes.toml must name every argument of {record.id} once"
    assert set(told.reads[record.id]) <= arguments
    assert plot.low < plot.high
    known = {item.name for item in QUANTITIES}
    assert set(told.reads[record.id].values()) <= known


@pytest.mark.parametrize("name", [f"{id_}.svg" for id_ in DRAWN])
def test_every_picture_shows_something(name: str, told: Notes) -> None:
    rows = pictures_once()[name]["data"]["values"]
    by_series: dict[str, list[float]] = {}
    for row in rows:
        by_series.setdefault(row["series"], []).append(row["y"])
    plot = told.plots[name.removesuffix(".svg")]
    assert len(by_series) == max(1, len(plot.values))
    assert all(len(values) > 20 for values in by_series.values())
    assert any(max(values) > min(values) for values in by_series.values()), f"{name} shows flat lines only"
    lines = {tuple(values) for values in by_series.values()}
    assert len(lines) > 1 or not plot.values, f"{name}: its curves all lie on each other"


_drawn: dict[str, Spec] = {}


def pictures_once() -> dict[str, Spec]:
    """Every picture's specification, made once."""
    if not _drawn:
        _drawn.update(pictures())
    return _drawn


def test_notes_are_about_laws_that_exist(told: Notes) -> None:
    missing, strange = sorted(set(LAWS) - set(told.plots)), sorted(set(told.plots) - set(LAWS))
    assert not missing, f"say in src/twofront/present/law_notes.toml what to draw of {', '.join(missing)}"
    assert not strange, f"law_notes.toml speaks of laws that do not exist: {', '.join(strange)}"
    for item in told.objections:
        for name in item.of:
            assert any(id_ == name or id_.startswith(f"{name}.") for id_ in LAWS), name
        assert item.says.strip()
        assert item.who.strip()
        assert len(item.answer.split()) >= 8
        assert "\n" not in item.answer


def test_every_family_meets_an_objection(told: Notes) -> None:
    met = {told.families[told.family(id_)] for id_ in LAWS if told.objections_to(id_)}
    assert met == {told.families[told.family(id_)] for id_ in LAWS}
    assert all(f"*{item.says}*" in "".join(pages().values()) for item in told.objections)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("a - (b + c)", r"a - \left(b + c\right)"),
        ("a + (b + c)", "a + b + c"),
        ("(a + b)/c", r"\frac{a + b}{c}"),
        ("(a/b)**n", r"\left(\frac{a}{b}\right)^{n}"),
        ("x**g", "x^{g}"),
        ("exp(-t/tau)", r"\mathrm{e}^{\frac{-t}{\tau}}"),
        ("Min(1, log(x))", r"\min\left(1, \ln\left(x\right)\right)"),
        ("Piecewise((1, t < 0), (b, True))", r"\begin{cases}1 & t < 0 \\ b & \text{otherwise}\end{cases}"),
        ("where(a > b, a, b)", r"\begin{cases}a & a > b \\ b & \text{otherwise}\end{cases}"),
        ("x/1000000000", r"\frac{x}{10^{9}}"),
        ("Rational(4, 3)*v", r"\tfrac{4}{3} \, v"),
    ],
)
def test_formulas_in_latex(form: str, expected: str) -> None:
    assert latex(form) == expected


@pytest.mark.parametrize("form", ["[a for a in b]", "nosuch(a)", "a % b", "not a"])
def test_what_has_no_latex_is_refused(form: str) -> None:
    with pytest.raises(ValueError, match="no LaTeX"):
        latex(form)


def test_every_formula_is_balanced() -> None:
    for record in LAWS.values():
        for form in (record.form,) if isinstance(record.form, str) else record.form:
            text = latex(form)
            assert text.count("{") == text.count("}")
            assert len(re.findall(r"\\left[(|]", text)) == len(re.findall(r"\\right[)|]", text))
            assert text.count(r"\begin") == text.count(r"\end")
