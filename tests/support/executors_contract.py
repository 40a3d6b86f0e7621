"""The stages of the contract of executors, for tests of other targets of the same graph."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["CONTRACT"]


def _contract() -> ModuleType:
    path = Path(__file__).parents[1] / "contracts" / "test_engine_executors.py"
    spec = importlib.util.spec_from_file_location("executors_contract", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CONTRACT: Any = _contract()
