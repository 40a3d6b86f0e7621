"""The WebAssembly module of a case beside native code: its size, and its speed on the same futures, in turn.

Speeds are by processor time of one thread, since Node and this process are measured one after the other and may be
disturbed by others at different moments.
"""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from twofront.ensemble.benchmark import Measurement
from twofront.faults import UserError

if TYPE_CHECKING:
    from twofront.case import Case

__all__ = ["measure_wasm"]

_SCRIPT = """
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
const folder = process.argv[1];
const { openModel } = await import(`file://${folder}/model.mjs`);
const spent = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; };
const began = performance.now();
const description = JSON.parse(readFileSync(`${folder}/model.json`));
const model = await openModel(readFileSync(`${folder}/model.wasm`), description);
const drawn = new Float64Array(new Uint8Array(readFileSync(`${folder}/draws.bin`)).buffer);
const futures = drawn.length / model.drawn.length;
const one = Float64Array.from(model.drawn, (_, row) => drawn[row * futures]);
model.evaluate(one);
console.log((performance.now() - began) / 1000);
for await (const _ of createInterface({ input: process.stdin })) {
  const before = spent();
  const [{ outcomes }] = model.evaluate(drawn);
  const taken = spent() - before;
  writeFileSync(`${folder}/found.bin`, new Uint8Array(outcomes.buffer));
  console.log(taken);
}
"""


def measure_wasm(
    case: Case, *, futures: int = 1024, rounds: int = 3, told: Callable[[str], None] = lambda _: None
) -> list[Measurement]:
    """Write a case's module, run it in Node and the same futures natively, under the present course alone.

    Raises `UserError` where Node is not installed, and `AssertionError` where a bit differs.
    """
    from twofront.future import FutureModel
    from twofront.future.wasm import CODE, DESCRIPTION, export_wasm
    from twofront.parameters.sampling import Sampler

    node = shutil.which("node")
    if node is None:
        raise UserError("`node` was not found: install Node 18 or later, which runs the module here")
    model, draws = FutureModel(case, policies=[]), Sampler(case, 1).draw(0, futures)
    told("preparing the native model")
    model.prepare()
    rows: list[Measurement] = []
    with tempfile.TemporaryDirectory() as top:
        folder = Path(top)
        told("writing the module")
        began = time.perf_counter()
        export_wasm(case, folder, futures=futures, seed=1)
        taken = time.perf_counter() - began
        code, steps = (folder / CODE).read_bytes(), (folder / DESCRIPTION).read_bytes()
        rows.append(Measurement("module", "kB", [len(code) / 1000], "every stage under every structure"))
        rows.append(Measurement("module, gzip", "kB", [len(gzip.compress(code)) / 1000]))
        rows.append(Measurement("steps and names, gzip", "kB", [len(gzip.compress(steps)) / 1000]))
        rows.append(Measurement("written in", "s", [taken], "tracing, compiling"))
        command = [node, "--input-type=module", "-e", _SCRIPT, str(folder)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                rows.append(Measurement("first future", "s", [_answer(process.stdout)], "the module opened in Node"))
                rows += _speeds(model, draws, folder, process.stdin, process.stdout, rounds, told)
            finally:
                process.stdin.close()
    return rows


def _answer(stream: IO[str]) -> float:
    line = stream.readline()
    if not line:
        raise RuntimeError("Node stopped; it has said why above")
    return float(json.loads(line))


def _speeds(
    model: Any, draws: Any, folder: Path, into: IO[str], out: IO[str], rounds: int, told: Callable[[str], None]
) -> list[Measurement]:
    futures = draws.values.shape[1]
    native = Measurement("native, 1 thread", "futures/s", note="1 policy, processor time")
    web = Measurement("WebAssembly in Node, 1 thread", "futures/s", note=f"the same bits in {futures:,} futures")
    ratio = Measurement("native by WebAssembly", "times")
    found: Any = None
    for number in range(rounds + 1):
        # In the first round both still compile: what hard futures need, and what is used often.
        told(f"round {number} of {rounds}" if number else "warming up")
        into.write("\n")
        into.flush()
        in_node = _answer(out)
        began = time.thread_time()
        found = model.evaluate(draws.values, draws.structures, paths=False).outcomes[0]
        here = time.thread_time() - began
        if number:
            native.values.append(futures / here)
            web.values.append(futures / in_node)
            ratio.values.append(in_node / here)
    same = np.frombuffer((folder / "found.bin").read_bytes(), dtype=np.uint64)
    if not np.array_equal(same, found.view(np.uint64).ravel()):
        raise AssertionError("WebAssembly and native code give different bits")
    return [native, web, ratio]
