"""`./test`: every check of the project, one after the other, all of them reported.

Standard library only: the tools themselves run in the environment.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import environment

STATIC = (
    ("lint", ["ruff", "check", "--output-format", "concise"]),
    ("format", ["ruff", "format", "--check", "--output-format", "concise"]),
    ("types", ["basedpyright", "--warnings"]),
    ("imports", ["importlinter"]),
)
OWN_PROCESSES = ("-n", "--numprocesses", "--pdb", "--trace", "--dist")


def static_command(python: Path, words: list[str]) -> list[str]:
    """The command for one check, run as a module so that it works wherever the folder lies."""
    if words == ["importlinter"]:
        start = "from importlinter.cli import lint_imports_command as check; check()"
        return [str(python), "-c", start, "--no-logo"]
    return [str(python), "-m", *words]


def pytest_command(python: Path, arguments: list[str]) -> list[str]:
    """The command for the tests: one process per core, at most four, unless told otherwise."""
    command = [str(python), "-m", "pytest"]
    if not any(argument.startswith(OWN_PROCESSES) for argument in arguments):
        command += ["-n", str(min(4, os.cpu_count() or 1)), "--dist", "worksteal"]
    return command + arguments


def check(name: str, command: list[str], root: Path) -> bool:
    """Run one static check; show what it said only if it failed."""
    began = time.monotonic()
    done = subprocess.run(
        command,
        cwd=str(root),
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    passed = done.returncode == 0
    verdict = "ok" if passed else "FAILED"
    print("{:8} {} ({:.1f} s)".format(name, verdict, time.monotonic() - began), flush=True)
    if not passed:
        print(done.stdout.rstrip(), flush=True)
    return passed


def closing_line(failed: list[str], arguments: list[str]) -> str:
    """What a person reads last."""
    left_out = "; browser tests left out (--no-browser)" if "--no-browser" in arguments else ""
    if failed:
        return "not good yet: " + ", ".join(failed) + left_out
    return "all good: " + ", ".join([name for name, _ in STATIC] + ["tests"]) + left_out


def main(arguments: list[str], root: Path = environment.ROOT) -> int:
    """Run all checks; 0 only if every one of them held."""
    try:
        python = environment.ensure(root)
        failed = [name for name, words in STATIC if not check(name, static_command(python, words), root)]
        tests = subprocess.run(pytest_command(python, arguments), cwd=str(root), check=False)
    except environment.CannotSetUp as fault:
        return environment.refuse(fault)
    except KeyboardInterrupt:
        environment.say("interrupted")
        return 130
    if tests.returncode != 0:
        failed.append("tests")
    print(closing_line(failed, arguments), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
