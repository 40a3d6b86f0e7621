"""A case's model for the browser: one WebAssembly module, what it does in which order, and a script that does it."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np

from twofront.case import Case, load_case
from twofront.engine.webassembly import write_module
from twofront.faults import UserError
from twofront.future.program import Program, Step, write_program
from twofront.future.reported import STATUSES
from twofront.parameters.sampling import Sampler

__all__ = ["CODE", "DESCRIPTION", "DRAWS", "SCRIPT", "describe", "export_wasm"]

CODE: Final = "model.wasm"
DESCRIPTION: Final = "model.json"
SCRIPT: Final = "model.mjs"
DRAWS: Final = "draws.bin"
FORMAT: Final = 1


def export_wasm(
    case: Case | str | Path,
    folder: str | Path,
    *,
    futures: int = 1000,
    seed: int = 1,
    told: Callable[[str, float], None] = lambda *_: None,
) -> Path:
    """Write a case's whole model for a browser into a folder, and return it.

    `model.wasm`: every stage under every structure that can be drawn. `model.json`: names, policies and steps.
    `model.mjs`: runs them, in any page and in Node, and asks for nothing else. `draws.bin`: the inputs of so many
    futures of a seed, 64-bit numbers, a row for each input. Policies that adapt on the way are not among the policies.
    Raises `UserError` for a folder that cannot be written, and for a case whose game has no exact closed form.
    """
    if futures < 1:
        raise UserError(f"--futures {futures}: give a number of at least 1")
    opened = case if isinstance(case, Case) else load_case(case)
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
        told("tracing the stages", 0.05)
        program = write_program(opened)
        told("compiling them", 0.25)
        module = write_module(program.stages)
        told("writing", 0.95)
        (target / CODE).write_bytes(module.code)
        about = describe(opened, program) | {
            "constants": module.constants,
            "scratch": module.scratch,
            "draws": {"seed": seed, "futures": futures},
        }
        (target / DESCRIPTION).write_text(json.dumps(about, separators=(",", ":")), encoding="utf-8")
        (target / SCRIPT).write_bytes(files("twofront.future").joinpath(SCRIPT).read_bytes())
        draws = Sampler(opened, seed).draw(0, futures)
        (target / DRAWS).write_bytes(np.concatenate([draws.values, draws.structures]).astype("<f8").tobytes())
    except OSError as error:
        raise UserError(f"`{target}` cannot be written: {(error.strerror or str(error)).lower()}") from None
    return target


def describe(case: Case, program: Program) -> dict[str, Any]:
    """What the script reads of a program; functions by their numbers."""
    if program.drawn[0] != 0:
        raise AssertionError("the script finds the draws in the first rows")
    numbers = {name: place for place, name in enumerate(program.stages)}

    def step(found: Step) -> list[Any]:
        kind, *rest = found
        if kind == "choose":
            row, names, *places = rest
            return [kind, row, [None if name is None else numbers[name] for name in names], *places]
        return [kind, numbers[rest[0]], *rest[1:]] if kind in ("run", "again") else list(found)

    outputs = program.outputs
    return {
        "format": FORMAT,
        "case": case.name,
        "case_hash": case.hash,
        "drawn": program.drawn[1],
        "levers": program.levers,
        "policies": {item.name: dict(item.levers) for item in case.policies if item.adaptive is None},
        "statuses": STATUSES,
        "outcomes": program.outcomes[1],
        "firstOutcome": program.outcomes[0],
        "status": program.status,
        "rows": program.rows,
        "uniform": program.uniform,
        "functions": [
            {"name": name, "inputs": len(stage.input_rows), "outputs": outputs[name]}
            for name, stage in program.stages.items()
        ],
        "present": [step(found) for found in program.present],
        "policy": [step(found) for found in program.policy],
    }
