"""LLVM by way of llvmlite: from module text to a function in this process, or to an object for WebAssembly.

The one module that imports it.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import llvmlite
import llvmlite.binding as llvm

__all__ = ["Machine", "Native", "assemble", "assemble_web", "link", "machine"]

_lock = threading.Lock()
OPTIMISATION = 2
ORDER = "-enable-misched=false"
"""Leaves operations in the order of the text: LLVM's own, for parallelism that the processor finds by itself, keeps
twice as many values at hand as there are registers. A switch of the process, as LLVM has no other; it moves no bit."""


@dataclass(frozen=True)
class Machine:
    """What code is made for."""

    cpu: str
    features: str
    triple: str
    compiler: str
    width: int
    """Doubles in the widest vector register."""


@cache
def machine() -> Machine:
    """This computer."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    llvm.set_option("twofront", ORDER)
    features = llvm.get_host_cpu_features()
    width = 8 if features.get("avx512f") else 4 if features.get("avx2") else 2
    compiler = f"llvmlite {llvmlite.__version__} LLVM {'.'.join(map(str, llvm.llvm_version_info))}"
    triple = llvm.get_process_triple()
    return Machine(llvm.get_host_cpu_name(), features.flatten(), triple, compiler, width)


def _target(host: Machine, optimisation: int) -> Any:
    target = llvm.Target.from_triple(host.triple)
    return target.create_target_machine(
        cpu=host.cpu, features=host.features, opt=optimisation, reloc="pic", codemodel="small", jit=True
    )


def assemble(text: str, host: Machine, optimisation: int = OPTIMISATION) -> bytes:
    """Object code of an LLVM module. No passes are run: the graph is already shared, hoisted and pruned."""
    with _lock:
        module: Any = llvm.parse_assembly(text)
        module.triple = host.triple
        return _target(host, optimisation).emit_object(module)


WEB, WEB_FEATURES = "wasm32-unknown-unknown", "+simd128"
"""Vectors of 128 bits as standardised; never relaxed ones, which may round otherwise from machine to machine."""


def assemble_web(texts: Mapping[str, str], shared: Collection[str]) -> bytes:
    """One WebAssembly object of several LLVM modules of width 2, each entry function under the name given.

    Functions called as in ``shared`` say the same in all of them and are kept once.
    """
    with _lock:
        llvm.initialize_all_targets()
        llvm.initialize_all_asmprinters()
        target = llvm.Target.from_triple(WEB).create_target_machine(
            cpu="generic", features=WEB_FEATURES, opt=OPTIMISATION, reloc="static", codemodel="default"
        )
        whole: Any = None
        for name, text in texts.items():
            module: Any = llvm.parse_assembly(text)
            module.triple, module.data_layout = WEB, str(target.target_data)
            for function in module.functions:
                if function.name == "kernel":
                    function.name = name
                elif function.name in shared:
                    function.linkage = "linkonce_odr"
            if whole is None:
                whole = module
            else:
                whole.link_in(module)
        # Stages that differ in how often a loop turns have most of their pieces in common.
        passes = llvm.create_new_module_pass_manager()
        passes.add_constant_merge_pass()
        passes.add_merge_functions_pass()
        passes.run(whole, llvm.create_pass_builder(target, llvm.create_pipeline_tuning_options()))
        return target.emit_object(whole)


@dataclass
class Native:
    """A linked kernel. Calls release the interpreter lock; `engine` keeps the code alive."""

    engine: Any
    function: Any


def link(code: bytes, host: Machine) -> Native:
    """Load object code into this process."""
    with _lock:
        module: Any = llvm.parse_assembly("")
        module.triple = host.triple
        # Code and constants in one block of memory, so that they reach each other by near addresses (`small`).
        engine = llvm.create_mcjit_compiler(module, _target(host, OPTIMISATION), use_lmm=True)
        engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        engine.finalize_object()
        address = engine.get_function_address("kernel")
    if not address:
        raise ValueError("the object holds no kernel")
    integer, pointer = ctypes.c_int64, ctypes.c_void_p
    signature = ctypes.CFUNCTYPE(None, pointer, pointer, pointer, integer, integer, integer, integer, pointer)
    return Native(engine, signature(address))
