"""One way to make a stage ready to run, whatever executes it."""

from __future__ import annotations

from typing import Literal, TypeAlias

from twofront.engine.stage import Kernel, Stage

__all__ = ["EXECUTORS", "Executor", "Kernel", "Stage", "compile_stage"]

Executor: TypeAlias = Literal["compiled", "arrays", "floats"]
EXECUTORS: tuple[Executor, ...] = ("compiled", "arrays", "floats")


def compile_stage(stage: Stage, executor: Executor = "compiled", *, identity: str = "") -> Kernel:
    """A kernel for `stage`; all executors give the same bits, `compiled` is the fast one.

    `identity` stands for everything that the stage's function does: its code, and all that the code looks up. Where a
    stage of this identity, name and inputs has been compiled before, its function is not called again. Without one,
    the stage is traced in every process, and known by what that gives.
    """
    if executor == "compiled":
        from twofront.engine.compiled import CompiledKernel

        return CompiledKernel(stage, identity=identity)
    if executor == "arrays":
        from twofront.engine.arrays import ArrayKernel

        return ArrayKernel(stage)
    if executor == "floats":
        from twofront.engine.floats import FloatKernel

        return FloatKernel(stage)
    raise ValueError(f"unknown executor `{executor}`; choose one of {', '.join(EXECUTORS)}")
