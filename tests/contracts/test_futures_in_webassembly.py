"""Whole futures give the native bits in WebAssembly, in Node, and so would in a reader's browser."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twofront.case import Case, load_case
from twofront.future import FutureModel, Results
from twofront.future.program import write_program
from twofront.future.wasm import CODE, DESCRIPTION, DRAWS, SCRIPT, export_wasm

NODE = shutil.which("node")
in_node = pytest.mark.skipif(NODE is None, reason="WebAssembly runs in Node here: install Node 18 or later")
FUTURES = 10_000
POLICY = "build_up"
RUN = """
import { readFileSync, writeFileSync } from "node:fs";
const folder = process.argv[1], job = JSON.parse(process.argv[2]);
const { openModel } = await import(`file://${folder}/model.mjs`);
const description = JSON.parse(readFileSync(`${folder}/model.json`));
const model = await openModel(readFileSync(`${folder}/model.wasm`), description, job.columns);
const drawn = new Float64Array(new Uint8Array(readFileSync(`${folder}/draws.bin`)).buffer);
const settings = job.settings.map(({ policy, changes }) => model.setting(changes, policy));
const found = model.evaluate(drawn, settings);
writeFileSync(`${folder}/found.bin`, Buffer.concat(found.map(({ outcomes }) => new Uint8Array(outcomes.buffer))));
writeFileSync(`${folder}/status.bin`, Buffer.concat(found.map(({ status }) => status)));
console.log(JSON.stringify({ outcomes: model.outcomes, statuses: model.statuses }));
"""


@pytest.fixture(scope="module")
def case() -> Case:
    """Two decision dates are enough: the others are the same stages on other numbers."""
    found = load_case("two-straits")
    return replace(found, world=replace(found.world, clock=replace(found.world.clock, months=24)))


@pytest.fixture(scope="module")
def written(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_wasm(case, tmp_path_factory.mktemp("web"), futures=FUTURES, seed=4)


def draws(folder: Path) -> np.ndarray[Any, Any]:
    return np.frombuffer((folder / DRAWS).read_bytes()).reshape(-1, FUTURES)


def native(case: Case, drawn: np.ndarray[Any, Any], policy: str) -> tuple[FutureModel, Results]:
    model = FutureModel(case, policies=[policy])
    values = len(case.parameters)
    return model, model.evaluate(drawn[:values].copy(), drawn[values:].copy(), paths=False)


def in_browser(folder: Path, settings: list[dict[str, Any]], columns: int) -> tuple[dict[str, Any], Any, Any]:
    assert NODE is not None
    job = json.dumps({"settings": settings, "columns": columns})
    command = [NODE, "--input-type=module", "-e", RUN, str(folder), job]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    about = json.loads(done.stdout)
    shape = (1 + len(settings), -1)
    outcomes = np.frombuffer((folder / "found.bin").read_bytes(), dtype=np.uint64)
    status = np.frombuffer((folder / "status.bin").read_bytes(), dtype=np.uint8).reshape(shape)
    return about, outcomes.reshape(*shape, status.shape[1]), status


@in_node
def test_ten_thousand_futures_are_the_same_to_the_last_bit(case: Case, written: Path) -> None:
    model, wanted = native(case, draws(written), POLICY)
    about, outcomes, status = in_browser(written, [{"policy": POLICY, "changes": {}}], 64)
    assert tuple(about["outcomes"]) == model.outcome_names
    assert tuple(about["statuses"]) == model.status_names
    bits = np.ascontiguousarray(wanted.outcomes).view(np.uint64)
    wrong = {model.outcome_names[row] for row in np.argwhere(outcomes != bits)[:, 1]}
    assert not wrong
    assert np.array_equal(status, wanted.status)
    # The sample must have put everything to work: every law of war, and futures that are solved again with care.
    for row, choice in enumerate(case.structures, start=len(case.parameters)):
        drawn = {place for place, weight in enumerate(choice.weights) if weight > 0}
        assert set(draws(written)[row].tolist()) == drawn
    assert not np.array_equal(outcomes[0], outcomes[1])


@in_node
def test_any_number_of_futures_any_block_and_any_levers(case: Case, written: Path, tmp_path: Path) -> None:
    """A lever that a reader moves does what the same policy does, for futures in odd numbers and odd blocks."""
    part = np.ascontiguousarray(draws(written)[:, 3:40])
    for name in (CODE, DESCRIPTION, SCRIPT):
        shutil.copy(written / name, tmp_path)
    (tmp_path / DRAWS).write_bytes(part.tobytes())
    base, policy = case.policies[0], case.policy(POLICY)
    changes = {name: value for name, value in policy.levers.items() if value != base.levers[name]}
    assert changes
    _, outcomes, status = in_browser(tmp_path, [{"changes": changes}, {"policy": base.name}], 7)
    _, wanted = native(case, part, POLICY)
    bits = np.ascontiguousarray(wanted.outcomes).view(np.uint64)
    assert np.array_equal(outcomes[:2], bits)
    assert np.array_equal(status[:2], wanted.status)
    assert np.array_equal(outcomes[2], bits[0])


@in_node
def test_futures_that_are_hard_to_solve_are_solved_with_the_same_care(
    case: Case, written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Limits that none keeps: every future goes through every reserve."""
    from twofront.future import block

    for name in ("CLOSE", "STILL"):
        monkeypatch.setattr(block, name, -1.0)
    for name in (CODE, SCRIPT):
        shutil.copy(written / name, tmp_path)
    about = json.loads((written / DESCRIPTION).read_text())
    strict = json.loads(json.dumps(about))
    for steps in (strict["present"], strict["policy"]):
        for step in steps:
            if step[0] == "again":
                step[-1] = [[row, -1.0 if limit > 1e-6 else limit] for row, limit in step[-1]]
    assert strict != about
    (tmp_path / DESCRIPTION).write_text(json.dumps(strict))
    part = np.ascontiguousarray(draws(written)[:, :5])
    (tmp_path / DRAWS).write_bytes(part.tobytes())
    _, outcomes, status = in_browser(tmp_path, [{"policy": POLICY}], 64)
    _, wanted = native(case, part, POLICY)
    assert np.array_equal(outcomes, np.ascontiguousarray(wanted.outcomes).view(np.uint64))
    assert np.array_equal(status, wanted.status)


def test_the_program_is_that_of_the_block(case: Case) -> None:
    """What `Block` does differently is seen, without anybody writing it down."""
    from twofront.future.block import Block

    before = write_program(case)
    assert {step[0] for step in before.policy} == {"copy", "run", "choose", "again", "fill"}
    assert len(before.present) > len(before.policy)

    original = Block._outcomes
    try:
        Block._outcomes = lambda self, number, levers: original(self, 0, levers)
        after = write_program(case)
    finally:
        Block._outcomes = original
    assert after.present == before.present
    assert after.policy != before.policy


@in_node
def test_the_example_in_the_documentation_runs(written: Path, tmp_path: Path, case: Case) -> None:
    page = (Path(__file__).parents[2] / "docs" / "webassembly.md").read_text()
    for name in (CODE, DESCRIPTION, SCRIPT):
        shutil.copy(written / name, tmp_path)
    (tmp_path / DRAWS).write_bytes(np.ascontiguousarray(draws(written)[:, :8]).tobytes())
    (tmp_path / "example.mjs").write_text(page.split("```js\n")[1].split("```")[0])
    assert NODE is not None
    done = subprocess.run([NODE, str(tmp_path / "example.mjs")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    model, wanted = native(case, draws(written)[:, :8], POLICY)
    mean = wanted.outcomes[0, model.outcome_names.index("any_war_chance")].mean()
    found = float(done.stdout.split("present: ")[1].split(",")[0])
    assert found == pytest.approx(mean, rel=1e-12)
