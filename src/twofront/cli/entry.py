"""The way in and out of the command: arguments, exit codes, and no traceback for bad input.

Exit codes: 0 done, 1 the answer is no, 2 bad input, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from typing import Any

from twofront.faults import Faults, UserError

__all__ = ["BAD_INPUT", "DONE", "INTERRUPTED", "NO", "main"]

DONE, NO, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command with these arguments (those of the process unless given), and exit."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a letter shows its code instead of stopping the program.
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    warnings.showwarning = _show_warning
    # Futures are evaluated side by side already. Threads of the linear algebra beneath NumPy, which counts processors
    # when it is loaded, only get in the way: its matrices are small here, and waiting is most of the work.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    code = _run(list(sys.argv[1:] if arguments is None else arguments))
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _silence()
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    if arguments == ["--version"]:
        from twofront import __version__

        print(f"twofront {__version__}")
        return DONE
    from typer import Abort, Exit

    from twofront.cli.app import app

    try:
        result: Any = app()(args=arguments, prog_name="twofront", standalone_mode=False)
        return result if isinstance(result, int) else DONE
    except Exit as stop:
        return stop.exit_code
    except (KeyboardInterrupt, Abort):
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except Faults as faults:
        from twofront.cli.text import show_faults

        show_faults(faults)
        return BAD_INPUT
    except UserError as error:
        print(f"twofront: {error}", file=sys.stderr)
        return BAD_INPUT
    except SystemExit as stop:
        # The library's own answer to a closed pipe is to exit with 1, which would mean "no".
        if not isinstance(stop.__context__, BrokenPipeError):
            raise
        _silence()
        return DONE
    except Exception as error:
        shown = _usage(error)
        if shown is None:
            raise
        print(shown, file=sys.stderr)
        return BAD_INPUT


def _usage(error: Exception) -> str | None:
    """What a mistake in the arguments says; ``None`` for any other exception.

    Known by its shape: the class lies in a module that the library declares private.
    """
    message: Any = getattr(error, "format_message", None)
    if message is None or not hasattr(error, "exit_code"):
        return None
    context: Any = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "twofront"
    return f"twofront: {message()}\n`{path} --help` says more."


def _show_warning(message: Warning | str, *_: object) -> None:
    """Say what a warning says; where in the program it was given helps nobody who runs the command."""
    print(f"twofront: {message}", file=sys.stderr)


def _silence() -> None:
    """Nobody reads the output any more; keep the interpreter from complaining when it closes."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
