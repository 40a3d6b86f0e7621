"""The engine: one source for every law, run on floats, arrays, compiled kernels and symbols.

`from twofront.engine import ops` gives the operations; `law` registers a law; `compile_stage` runs a stage.
"""
