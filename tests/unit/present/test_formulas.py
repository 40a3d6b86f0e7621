"""Formulas as MathML."""

from xml.etree import ElementTree

from twofront.engine.law import laws
from twofront.present.formulas import mathml
from twofront.present.reference import law_rows


def test_a_fraction_a_power_and_a_product() -> None:
    text = mathml("K + (F - K) * (1 - exp(-h / tau))")
    assert "<mfrac>" in text
    assert "<msup><mi>e</mi>" in text
    assert "τ" in text
    assert "·" in text


def test_brackets_stand_where_they_are_needed_and_nowhere_else() -> None:
    assert mathml("a - (b + c)").count("<mo>(</mo>") == 1
    assert mathml("a + (b + c)").count("<mo>(</mo>") == 0
    assert mathml("a * (b + c)").count("<mo>(</mo>") == 1
    assert mathml("(a + b) / c").count("<mo>(</mo>") == 0
    assert mathml("(a / b)**n").count("<mo>(</mo>") == 0
    assert mathml("(a + b)**n").count("<mo>(</mo>") == 1


def test_what_cannot_be_read_is_shown_as_it_is_written() -> None:
    assert mathml("a <b> c +") == "<code>a &lt;b&gt; c +</code>"
    assert mathml("[a for a in b]").startswith("<code>")


def test_every_law_is_listed_with_formula_symbols_and_source() -> None:
    rows = law_rows()
    assert [row.id for row in rows] == list(laws())
    for row in rows:
        assert row.source
        assert row.formulas
        assert all(form.startswith("<math") for form in row.formulas), row.id


def test_every_formula_is_well_formed() -> None:
    for row in law_rows():
        for form in row.formulas:
            ElementTree.fromstring(form)
