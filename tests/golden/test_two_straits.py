"""A small whole run, to the last bit. A change here needs a line in the changelog: which outcome moved, how far, why.

To accept new results: `TWOFRONT_GOLDEN=write ./test tests/golden`, and look at the difference.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twofront.case import load_case
from twofront.future import FutureModel
from twofront.parameters.sampling import Sampler

STORED = Path(__file__).with_suffix(".json")
FUTURES, SEED = 200, 1
SHOWN = (
    "second_front_chance",
    "opportunism_effect",
    "coordination_effect",
    "common_cause_effect",
    "call_chance",
    "any_war_chance",
    "double_war_chance",
    "deterrence_margin.corvana.alone",
    "deterrence_margin.morwen.after_first",
    "objective_chance.north_strait.invade.auria",
    "objective_chance.south_strait.attack.auria_and_brevia",
    "policy_cost",
)


def results() -> dict[str, Any]:
    """Medians under every policy, a hash of every outcome's bits, and counts by status."""
    case = load_case("two-straits")
    draws = Sampler(case, SEED).draw(0, FUTURES)
    model = FutureModel(case)
    found = model.evaluate(draws.values, draws.structures, paths=False)
    values = found.outcomes + 0.0  # one zero
    hashes = hashlib.sha256()
    for number, name in enumerate(model.outcome_names):
        hashes.update(name.encode() + b"\0")
        hashes.update(np.ascontiguousarray(values[:, number], dtype="<f8").tobytes())
    medians = {
        name: {
            policy: float(np.median(values[place, model.outcome_names.index(name)]))
            for place, policy in enumerate(model.policy_names)
        }
        for name in SHOWN
    }
    statuses = {name: int(np.sum(found.status == place)) for place, name in enumerate(model.status_names)}
    return {"case": case.hash, "statuses": statuses, "medians": medians, "bits": hashes.hexdigest()}


def test_a_small_run_gives_the_stored_results() -> None:
    found = results()
    if os.environ.get("TWOFRONT_GOLDEN") == "write":
        STORED.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        pytest.skip(f"wrote {STORED.name}")
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    for part in ("case", "statuses", "medians", "bits"):
        assert found[part] == stored[part], f"{part} moved: say in the changelog what, how far and why"
