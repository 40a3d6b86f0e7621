"""Would a war in one theatre bring a second one, and what makes both less likely?

Everything the command `twofront` does is a typed call of this package. Names are looked up when
they are first used, so that importing it costs next to nothing.
"""

import time
from importlib import import_module

__version__ = "0.1.0"

BEGAN = time.time()
"""When this process took up the package: source that changed later is not what it runs (`twofront.engine.source`)."""

# Public name -> the module that defines it; the module itself where both are called the same.
_PUBLIC: dict[str, str] = {
    "Run": "twofront.ensemble",
    "claims": "twofront.audit",
    "compare": "twofront.analyse.robustness",
    "discover": "twofront.analyse.discovery",
    "export_ema": "twofront.ensemble.ema",
    "export_wasm": "twofront.future.wasm",
    "flip": "twofront.audit.flips",
    "games": "twofront.games",
    "load_case": "twofront.case",
    "open_evidence": "twofront.evidence",
    "open_run": "twofront.ensemble",
    "play_game": "twofront.analyse.played",
    "reweigh": "twofront.analyse.weights",
    "run": "twofront.ensemble",
    "search": "twofront.analyse.search",
    "signposts": "twofront.analyse.signposts",
    "sensitivity": "twofront.analyse.sensitivity",
}

__all__ = ["__version__"]


def __getattr__(name: str) -> object:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(_PUBLIC[name])
    value = module if module.__name__ == f"{__name__}.{name}" else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, *_PUBLIC})
