"""What a process of another engine does with a unit. It is handed the job as it was pickled."""

from __future__ import annotations

import hashlib
import pickle
import threading

from twofront.ensemble.manifest import code_hash
from twofront.ensemble.units import Evaluator, Job, Report, evaluate_unit
from twofront.faults import UserError

__all__ = ["OtherVersion", "packed", "unit_of"]

_lock = threading.Lock()
_ready: dict[str, Evaluator] = {}


class OtherVersion(UserError):
    """A worker runs other code than who sent it the job."""


def packed(job: Job) -> tuple[str, bytes]:
    """The job, and the code that it is meant for."""
    return code_hash(), pickle.dumps(job)


def unit_of(code: str, job: bytes, lo: int, hi: int) -> Report:
    """Evaluate a unit of a packed job on this thread, with a model that is made once per process.

    Raises `OtherVersion` and `CannotWrite`.
    """
    if code_hash() != code:
        import twofront

        raise OtherVersion(
            f"a worker has twofront {twofront.__version__} with code {code_hash()[:12]} where {code[:12]} is asked for"
        )
    key = hashlib.sha256(job).hexdigest()
    with _lock:
        evaluator = _ready.get(key)
        if evaluator is None:
            _ready.clear()  # one run after another
            found: Job = pickle.loads(job)
            evaluator = _ready[key] = Evaluator.of(found)
    return evaluate_unit(evaluator, lo, hi)
