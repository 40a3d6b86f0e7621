"""What `import twofront as tf` offers of runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import twofront
from twofront.ensemble import opened
from twofront.faults import UserError

tf: Any = twofront


def test_names_are_there() -> None:
    from twofront.case import load_case
    from twofront.ensemble.opened import Run, open_run
    from twofront.ensemble.runner import run

    assert (tf.load_case, tf.open_run, tf.run, tf.Run) == (load_case, open_run, run, Run)
    with pytest.raises(AttributeError, match="nonesuch"):
        tf.nonesuch  # noqa: B018


def test_importing_it_costs_nothing() -> None:
    code = "import sys, twofront, twofront.ensemble; print('numpy' in sys.modules, 'pyarrow' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "False"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"futures": 0}, "0 futures asked for; give a number of at least 1"),
        ({"futures": -5}, "-5 futures asked for"),
        ({"workers": 0}, "0 workers asked for"),
        ({"unit": 0}, "units of 0 futures"),
        ({"seed": -1}, "seed -1"),
        ({"policies": ["reasure"]}, "no policy `reasure`; did you mean `reassure`"),
        ({"fixed": {"nonesuch": 1.0}}, "no parameter `nonesuch`"),
    ],
)
def test_wrong_arguments_are_told_and_leave_nothing(tmp_path: Path, arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(UserError, match=told):
        tf.run("two-straits", out=tmp_path / "run", **arguments)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A small run of the invented case."""
    out = tmp_path_factory.mktemp("runs") / "small"
    return tf.run("two-straits", futures=300, policies=["reassure"], out=out, workers=2)


def test_a_run_of_a_case(small: Any) -> None:
    case = tf.load_case("two-straits")
    assert small.policies == (case.policies[0].name, "reassure")
    assert small.outcomes.height == 600
    assert small.manifest["case_hash"] == case.hash
    assert small.manifest["case_source"] == "two-straits"
    assert small.manifest["levers"]["reassure"] == dict(case.policy("reassure").levers)
    assert small.hash == tf.open_run(small.folder).hash


def test_stored_inputs_are_the_draws(small: Any) -> None:
    names = ["future", *(name for name in small.columns if name.startswith(("in.", "structure.")))]
    stored = small.frame(names).unique(maintain_order=True)
    assert stored.equals(small.draws())


def test_inputs_that_were_not_stored_are_drawn_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from twofront.ensemble import runner

    stored = tf.run("two-straits", futures=100, policies=[], out=tmp_path / "stored")
    monkeypatch.setattr(runner, "_MOST_STORED_INPUTS", 0)
    lean = tf.run("two-straits", futures=100, policies=[], out=tmp_path / "lean")
    assert stored.manifest["inputs"] == "stored"
    assert lean.manifest["inputs"] != "stored"
    assert lean.hash == stored.hash
    assert lean.frame().equals(stored.frame())
    column = stored.columns[2]
    assert lean.frame([column]).equals(stored.frame([column]))


def test_draws_are_made_once_and_kept_within_bounds(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run = tf.open_run(small.folder)
    assert run.draws(0, 5) is run.draws(0, 5)
    assert run.draws(0, 5).equals(run.draws().head(5))
    monkeypatch.setattr(opened, "_MOST_DRAWN_BYTES", 0)
    assert run.draws(1, 5) is not run.draws(1, 5)
    assert run.draws(1, 5).equals(run.draws(0, 5).tail(4))


def test_verify_finds_the_same_and_a_change(small: Any, tmp_path: Path) -> None:
    import shutil

    import pyarrow.parquet as pq

    from twofront.ensemble import store
    from twofront.ensemble.verify import verify

    assert verify(small).same
    copy = tmp_path / "copy"
    shutil.copytree(small.folder, copy)
    (part,) = store.parts(copy)
    table = pq.read_table(part)
    place = table.column_names.index(small.outcome_names[0])
    values = table.column(place).to_numpy().copy()
    values[5] += 1e-9
    pq.write_table(table.set_column(place, table.schema.field(place), [values]), part)
    found = verify(tf.open_run(copy), again=False)
    assert found.spoilt == [(0, 300)]
    assert not found.same
    manifest = (copy / "run.json").read_text()
    digest = small.manifest["units"][0]["digests"][0]
    (copy / "run.json").write_text(manifest.replace(digest, "0" * 64))
    assert verify(tf.open_run(copy)).differing == [(0, 300)]
