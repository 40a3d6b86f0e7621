"""Inputs as a table and as bytes, on arrays made by hand."""

from collections.abc import Callable

import numpy as np
import pytest

from twofront.analyse import Sample
from twofront.analyse.codes import encode, rotated
from twofront.analyse.study import Factor, Study
from twofront.case import Case
from twofront.ensemble import run as run_case
from twofront.faults import UserError


def test_arrays_become_numbers_and_choices() -> None:
    study = Study.of_arrays(
        {"x": [1.0, 2.0, 3.0], "law": ["b", "a", "b"], "on": [True, False, True]},
        {"y": {"now": [1.0, 2.0, 3.0], "then": [2.0, 2.0, 2.0]}, "z": [0.0, 1.0, 2.0]},
    )
    assert study.policies == ("now", "then")
    assert study.inputs == ("x", "law", "on")
    assert [f.kind for f in study.factors] == ["number", "choice", "choice"]
    assert study.factor("law").options == ("a", "b")
    assert study.values("law").tolist() == [1, 0, 1]
    assert study.factor("on").options == ("no", "yes")
    assert study.outcome("y").tolist() == [1.0, 2.0, 3.0]
    assert study.change("y", "then").tolist() == [1.0, 0.0, -1.0]
    assert study.outcome("z", "then").tolist() == [0.0, 1.0, 2.0]
    assert study.matrix().tolist() == [[1.0, 2.0, 3.0], [1.0, 0.0, 1.0], [1.0, 0.0, 1.0]]


def test_rows_with_a_missing_input_are_left_out_and_counted() -> None:
    study = Study.of_arrays({"x": [1.0, float("nan"), 3.0]}, {"y": [1.0, 2.0, 3.0]})
    assert (study.n, study.asked, study.left_out) == (2, 3, 1)
    assert study.outcome("y").tolist() == [1.0, 3.0]
    assert study.values("x").tolist() == [1.0, 3.0]
    assert study.counted == "n = 2 futures; 1 left out (input missing: 1 rows)"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda s: s.outcome("yy"), "no outcome `yy`; did you mean `y`?"),
        (lambda s: s.values("spending_floot"), "no input `spending_floot`; did you mean `spending_floor`?"),
        (lambda s: s.outcome("y", "nowhere"), "no policy `nowhere`; there are present"),
        (lambda s: s.need(100, "peeling"), "peeling needs at least 100 futures; there are 2"),
    ],
)
def test_what_does_not_exist_is_refused_with_the_nearest_match(asked: object, said: str) -> None:
    study = Study.of_arrays({"spending_floor": [1.0, 2.0]}, {"y": [1.0, 2.0]})
    with pytest.raises(UserError, match="these arrays: ") as caught:
        asked(study)  # pyright: ignore[reportCallIssue]
    assert said in str(caught.value)


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(UserError, match="columns of different lengths"):
        Study.of_arrays({"x": [1.0, 2.0]}, {"y": [1.0]})
    with pytest.raises(UserError, match="300 categories; at most 255"):
        Study.of_arrays({"x": [f"c{k}" for k in range(300)]}, {"y": np.zeros(300)})


def test_a_run_is_the_same_study_whether_its_inputs_are_stored_or_drawn_again(
    case: Case, tmp_path_factory: pytest.TempPathFactory
) -> None:
    run = run_case(case, 40, [], seed=3, out=tmp_path_factory.mktemp("runs") / "run")
    study = Study.of(run)
    assert study.n + study.left_out == 40
    frame = run.frame(["future", "policy", f"in.{study.inputs[0]}", "any_war_chance"])
    first = frame.gather_every(len(run.policies))
    kept = np.isin(first["future"].to_numpy(), np.arange(40))
    assert study.values(study.inputs[0]).tolist() == first[f"in.{study.inputs[0]}"].to_numpy()[kept].tolist()
    assert study.outcome("any_war_chance").tolist() == first["any_war_chance"].to_list()
    structures = [f for f in study.factors if f.is_choice]
    assert structures
    drawn = run.frame([structures[0].name]).gather_every(len(run.policies))[structures[0].name].cast(str).to_list()
    assert [structures[0].options[k] for k in study.values(structures[0].name)] == drawn
    assert sum(study.rows_by_status.values()) == 40 * len(run.policies)


def test_codes_are_quantiles_and_limits_are_their_values() -> None:
    rng = np.random.default_rng(1)
    values = rng.random(20_000)
    codes = encode(Study.of_arrays({"x": values}, {"y": values}))
    assert codes.sizes.tolist() == [255]
    counts = np.bincount(codes.codes[0])
    assert counts.min() > 70
    assert counts.max() < 90
    # A code is how many cuts the value reaches; its limits are those cuts.
    for code in (1, 100, 254):
        assert ((values >= codes.at_least(0, code)) == (codes.codes[0] >= code)).all()
    for code in (0, 100, 253):
        assert ((values < codes.at_most(0, code)) == (codes.codes[0] <= code)).all()
    assert codes.at_least(0, 0) == values.min()
    assert codes.at_most(0, 254) == values.max()


def test_few_distinct_values_keep_a_code_each() -> None:
    codes = encode(Study.of_arrays({"years": [2.0, 5.0, 2.0, 9.0]}, {"y": [0.0] * 4}))
    assert codes.codes[0].tolist() == [0, 1, 0, 2]
    assert codes.cuts[0].tolist() == [3.5, 7.0]


def test_codes_do_not_depend_on_how_the_futures_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(2).random((3, 50_000))
    columns = {f"x{k}": row for k, row in enumerate(values)}
    whole = Study.of_arrays(columns, {"y": values[0]})
    pieces = Study.of_arrays(columns, {"y": values[0]})
    spans = [(lo, min(lo + 999, 50_000)) for lo in range(0, 50_000, 999)]
    monkeypatch.setattr(pieces._source, "spans", lambda: spans)
    assert (encode(whole).codes == encode(pieces).codes).all()


def test_a_rotation_turns_a_ridge_upright() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(2, 5000))
    along = np.abs(x[0] - x[1]) < 0.3
    turned, axes = rotated(x, along)
    # Among the futures of interest the first axis is the diagonal, and they are narrow across it.
    assert np.abs(axes[:, 0]) == pytest.approx([np.sqrt(0.5)] * 2, abs=0.02)
    assert turned[1][along].std() < 0.2
    assert axes.T @ axes == pytest.approx(np.eye(2))


def test_a_described_factor_keeps_its_words() -> None:
    factor = Factor("x", means="Shells made", unit="round/month", grade="C")
    study = Study.of_arrays({"x": [1.0, 2.0]}, {"y": [0.0, 1.0]}, factors=[factor])
    assert study.factor("x") == factor


def test_failed_rows_are_left_out_under_every_policy_and_counted(case: Case, made: Callable[..., Sample]) -> None:
    name = next(p.name for p in case.parameters if p.uncertain)
    sample = made(
        {"y": {"now": [1.0, 2.0, 3.0, 4.0], "then": [2.0, 2.0, float("nan"), 4.0]}},
        status={"now": ["ok", "failed", "ok", "ok"], "then": ["ok", "ok", "undefined", "anchor_unreached"]},
        inputs={name: [0.1, 0.2, 0.3, 0.4]},
    )
    study = Study.of(sample.run)
    assert (study.n, study.asked, study.left_out) == (2, 4, 2)
    assert study.outcome("y").tolist() == [1.0, 3.0]
    assert np.isnan(study.outcome("y", "then")).tolist() == [False, True]
    assert study.values(name).tolist() == [0.1, 0.3]
    assert study.rows_by_status == {"ok": 5, "failed": 1, "undefined": 1, "anchor_unreached": 1}
    assert study.counted.startswith("n = 2 futures; 2 left out (")
    assert "failed: 1 rows" in study.counted
    assert "undefined" not in study.counted
