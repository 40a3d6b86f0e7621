"""The same bits on every x86-64 processor: kernels made for the plainest one, without AVX-512, AVX2 or FMA, give the
hash of kernels made for this one; and nothing that is compiled leaves the compiler a choice that could move a bit."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twofront.engine import compiled, native, ops
from twofront.engine.compiled import CompiledKernel
from twofront.engine.executor import Stage
from twofront.engine.native import Machine, machine
from twofront.ensemble import run
from twofront.future import kernels

WIDE = re.compile(r"%[yz]mm\d|%k[0-7]\b")
FUSED = re.compile(r"\bv?fn?m(add|sub)")
FLAGS = re.compile(r"\b(fast|nnan|ninf|nsz|arcp|contract|afn|reassoc|llvm\.fma|llvm\.fmuladd)\b")

x86 = pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64"),
    reason="compares x86-64 processors; run it on one, or write down this one's hash and compare by hand",
)


def plainest() -> Machine:
    """An x86-64 processor with SSE2 and nothing more."""
    return replace(machine(), cpu="x86-64", features="", width=2)


def law(i: Mapping[str, Any]) -> Mapping[str, Any]:
    """Sums of products, where a fused operation would show, and every elementary function."""
    x, y = i["x"], i["y"]
    fused = x * y + ops.exp(x) * ops.log(y) - x * x
    bent = ops.power(y, x) + ops.normal_cdf(x) * ops.sqrt(y) + ops.normal_quantile(ops.normal_cdf(x)) / y
    total = ops.for_each(5, lambda k: x * y * ops.number(k) + fused)[4]
    return {"z": ops.where(fused < bent, fused + total, bent), "least": ops.minimum(fused, bent)}


STAGE = Stage("processors", law, {"x": None, "y": None})


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is handed to the compiler, module by module."""
    found: list[str] = []
    assemble = compiled.assemble

    def watched(text: str, host: Machine, *more: Any) -> bytes:
        found.append(text)
        return assemble(text, host, *more)

    monkeypatch.setattr(compiled, "assemble", watched)
    return found


def assembly(text: str, host: Machine) -> str:
    """The instructions that a module becomes."""
    module: Any = native.llvm.parse_assembly(text)
    module.triple = host.triple
    return native._target(host, native.OPTIMISATION).emit_assembly(module)


@x86
def test_the_plainest_processor_is_given_no_wide_and_no_fused_instruction(texts: list[str]) -> None:
    CompiledKernel(STAGE, cached=False)
    (text,) = texts
    plain = assembly(text, plainest())
    assert "mulpd" in plain
    assert not WIDE.search(plain)
    assert not FUSED.search(plain)
    own = assembly(text, machine())
    assert not FUSED.search(own), "this processor's own code fuses nothing either"
    if machine().width > 2:
        assert WIDE.search(own), "so the comparison is of different code"


def test_no_flag_lets_the_compiler_move_a_bit(texts: list[str]) -> None:
    CompiledKernel(STAGE, cached=False)
    (text,) = texts
    assert "fmul" in text
    assert not FLAGS.search(text)
    assert FLAGS.search("%1 = fmul contract <8 x double> %2, %3")


@x86
def test_a_law_has_the_same_bits_on_the_plainest_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    inputs = np.stack([rng.normal(size=5000) * 3.0, 10.0 ** rng.uniform(-300, 300, 5000)])
    outputs: list[bytes] = []
    for host in (machine(), plainest(), replace(plainest(), cpu="haswell", features="-fma", width=4)):
        monkeypatch.setattr(compiled, "machine", lambda host=host: host)
        results = np.empty((2, inputs.shape[1]))
        CompiledKernel(STAGE, cached=False).run(inputs, results, 0, inputs.shape[1])
        outputs.append(results.tobytes())
    assert outputs[0] == outputs[1] == outputs[2]


@x86
def test_a_run_has_the_same_hash_on_the_plainest_processor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, texts: list[str]
) -> None:
    asked: dict[str, Any] = {"futures": 40, "policies": ["reassure"], "seed": 4, "workers": 1}
    own = run("two-straits", out=tmp_path / "own", **asked)
    monkeypatch.setattr(compiled, "machine", plainest)
    monkeypatch.setattr(kernels, "_SHARED", {})  # those of this process were made for this processor
    monkeypatch.setenv("TWOFRONT_CACHE_DIR", str(tmp_path / "cache"))
    texts.clear()
    plain = run("two-straits", out=tmp_path / "plain", **asked)
    assert len(texts) > 3, "its kernels were made anew"
    assert not any(FLAGS.search(text) for text in texts)
    assert all("<2 x double>" in text and "<8 x double>" not in text for text in texts)
    assert plain.hash == own.hash
