"""Make and find the project's environment, `.venv`, from `requirements.lock`.

Standard library only, and in the grammar of older Pythons, so that one that is too old is told
so in a sentence. `./run` and `./test` both come through here.

The environment is built in `.venv.partial-<process>` and renamed when it is complete, so one that
is called `.venv` and carries a stamp is whole; whatever an interrupted set-up left is swept away
by the next. The stamp records what the environment was made from.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO

if TYPE_CHECKING:
    from collections.abc import Generator

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
NEWEST = (3, 14)
STAMP = "twofront-stamp.json"
MAIN_JOB = ("run", "rutte-2025")
NEEDED_BYTES = 2_000_000_000

NETWORK_SIGNS = (
    "failed to establish a new connection",
    "name resolution",
    "network is unreachable",
    "connection refused",
    "connection broken",
    "connecttimeout",
    "readtimeout",
    "read timed out",
    "proxyerror",
    "dns error",
    "error sending request",
    "failed to fetch",
)


class CannotSetUp(Exception):
    """What is missing, and the command that mends it."""


def say(text: str) -> None:
    """Tell the person, on stderr, so that a command's own output stays clean."""
    print("twofront: " + text, file=sys.stderr, flush=True)


# ---------------------------------------------------------------------------------------------
# What an environment is made from


def base_interpreter() -> str:
    """The interpreter that runs this script, or, inside an environment, the one beneath it."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def stamp_for(root: Path) -> dict[str, str]:
    """Everything that, when it changes, makes an environment stale."""
    return {
        "lock": digest("\n".join(locked_lines(root / "requirements.lock"))),
        "python": "{} {}.{} {}".format(sys.implementation.name, *sys.version_info[:2], sysconfig.get_platform()),
        "root": str(root),
        "project": digest(project_declaration(root)),
    }


def digest(text: str) -> str:
    """The SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def locked_lines(lock: Path) -> list[str]:
    """What the lock asks for: its lines without comments."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def project_declaration(root: Path) -> str:
    """The part of pyproject.toml that an installation copies: all before the tools' settings."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    return text.split("\n[tool.", 1)[0]


def read_stamp(venv: Path) -> dict[str, str]:
    """The stamp of an environment, or an empty one if it is missing or unreadable."""
    try:
        stamp = json.loads((venv / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(venv: Path, stamp: dict[str, str]) -> None:
    """Record, in one step, what the environment was made from."""
    aside = venv / (STAMP + ".new")
    aside.write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")
    aside.replace(venv / STAMP)


def why_stale(venv: Path, wanted: dict[str, str]) -> str:
    """Why this environment cannot serve, in words; empty if it can."""
    if not venv.exists():
        return "there is none yet"
    found = read_stamp(venv)
    if not found:
        return "the one there is incomplete"
    for key, reason in (
        ("lock", "the list of dependencies has changed"),
        ("python", "it was made for " + found.get("python", "another Python")),
        ("root", "the folder has moved"),
    ):
        if found.get(key) != wanted[key]:
            return reason
    if not python_of(venv).exists():
        return "its Python is gone"
    return ""


def python_of(venv: Path) -> Path:
    """The interpreter inside an environment."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


# ---------------------------------------------------------------------------------------------
# What the system must have


def as_administrator(command: str) -> str:
    """The command as this person would have to type it."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return command if is_root or os.name == "nt" else "sudo " + command


def install_command(debian: str, macos: str, windows: str) -> str:
    """The command that installs a system package here."""
    if sys.platform == "darwin":
        return "brew install " + macos
    if os.name == "nt":
        return "winget install " + windows
    return as_administrator("apt-get install " + debian)


def require_python() -> None:
    """Refuse an interpreter that is too old, naming one that would do if there is one."""
    if sys.version_info >= OLDEST:
        return
    found = "{}.{}".format(*sys.version_info[:2])
    needed = "{}.{}".format(*OLDEST)
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        other = "python3.{}".format(minor)
        if shutil.which(other):
            raise CannotSetUp(
                "this is Python {}, and twofront needs {} or newer. {} is here, so run\n    {} {}".format(
                    found, needed, other, other, " ".join(sys.argv)
                )
            )
    raise CannotSetUp(
        "this is Python {}, and twofront needs {} or newer. To install it:\n    {}".format(
            found,
            needed,
            install_command("python{0} python{0}-venv".format(needed), "python@3.13", "Python.Python.3.13"),
        )
    )


def require_venv_module() -> None:
    """Refuse a Python whose venv module was left out, as Debian's is."""
    try:
        import ensurepip
        import venv
    except ImportError as missing:
        raise CannotSetUp(
            "this Python cannot make environments (its module {} is missing). To install it:\n    {}".format(
                missing.name,
                install_command(
                    "python{}.{}-venv".format(*sys.version_info[:2]),
                    "python@3.13",
                    "Python.Python.3.13",
                ),
            )
        ) from None
    del ensurepip, venv


def require_space(root: Path, needed: int = NEEDED_BYTES) -> None:
    """Refuse to begin what the disk cannot hold."""
    free = shutil.disk_usage(str(root)).free
    if free < needed:
        raise CannotSetUp(no_space(root, free))


def no_space(root: Path, free: int | None = None) -> str:
    """The sentence for a full disk."""
    has = "" if free is None else " and has {:.1f}".format(free / 1e9)
    return (
        "the disk is full: setting up needs {:.1f} GB free in {}{}.\n"
        "To see what fills it:\n    df -h {} && du -xh {} | sort -h | tail".format(
            NEEDED_BYTES / 1e9, root, has, root, root
        )
    )


def explain_failure(output: str, root: Path, log: Path) -> str:
    """Turn what the installer said into what was wrong and what mends it."""
    text = output.lower()
    if "no space left on device" in text or "errno 28" in text:
        return no_space(root)
    if "do not match the hashes" in text or "hash mismatch" in text:
        return (
            "a downloaded package is not the one that requirements.lock promises. Empty the "
            "cache and try again:\n    {} -m pip cache purge\nIf it happens again, do not go on: "
            "report it.".format(sys.executable)
        )
    if any(sign in text for sign in NETWORK_SIGNS):
        return (
            "the package index cannot be reached. Check the connection and run this again; "
            "behind a proxy, first:\n    export HTTPS_PROXY=http://HOST:PORT"
        )
    if "no matching distribution" in text or "no solution found" in text or "no usable" in text:
        return (
            "a dependency has no ready-made package for Python {}.{} on {}. Use a Python from "
            "{}.{} to {}.{}:\n    python3.{} {}\n(the installer's own words: {})".format(
                *sys.version_info[:2],
                sysconfig.get_platform(),
                *OLDEST,
                *NEWEST,
                NEWEST[1] - 1,
                " ".join(sys.argv),
                log,
            )
        )
    last = [line for line in output.splitlines() if line.strip()][-8:]
    return "the installer failed. Its last words (all of them: {}):\n    {}".format(log, "\n    ".join(last))


# ---------------------------------------------------------------------------------------------
# Making it


@contextlib.contextmanager
def only_one(root: Path) -> Generator[None]:
    """Hold the set-up lock of this checkout; it falls with the process that holds it."""
    with (root / ".venv.lock").open("a+b") as handle:
        if not _try_lock(handle):
            say("another set-up is under way here; waiting for it …")
            while not _try_lock(handle):
                time.sleep(0.2)
        yield


def _try_lock(handle: BinaryIO) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            handle.seek(0)
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def sweep(root: Path) -> list[str]:
    """Remove what interrupted set-ups left behind. Call with the lock held."""
    left = sorted([*root.glob(".venv.partial-*"), *root.glob(".venv.old-*")])
    for folder in left:
        shutil.rmtree(str(folder), ignore_errors=True)
    return [folder.name for folder in left]


def execute(command: list[str], root: Path, progress: Progress | None = None) -> None:
    """Run one installer command quietly; explain it if it fails."""
    environ = dict(os.environ, UV_PYTHON_DOWNLOADS="never", PIP_DISABLE_PIP_VERSION_CHECK="1")
    for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_USER", "PIP_TARGET"):
        environ.pop(name, None)
    said = []
    with subprocess.Popen(
        command,
        cwd=str(root),
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            said.append(line)
            if progress:
                progress.see(line)
    if progress:
        progress.clear()
    if process.returncode != 0:
        log = root / ".venv.log"
        output = "".join(said)
        with contextlib.suppress(OSError):
            log.write_text("$ {}\n{}".format(" ".join(command), output), encoding="utf-8")
        raise CannotSetUp(explain_failure(output, root, log))


class Progress:
    """On a terminal, one line that says which package is being fetched."""

    def __init__(self, lock: Path, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.total = sum("==" in line for line in locked_lines(lock))
        self.seen = 0
        self.shown = self.stream.isatty()

    def see(self, line: str) -> None:
        """Take one line of the installer's output."""
        if line.startswith("Collecting "):
            self.seen += 1
            self.show("fetching {} of {}: {}".format(self.seen, self.total, line.split()[1]))
        elif line.startswith("Installing collected"):
            self.show("installing")

    def show(self, text: str) -> None:
        """Write over the line."""
        if self.shown:
            self.stream.write("\r\033[K  " + text)
            self.stream.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self.shown:
            self.stream.write("\r\033[K")
            self.stream.flush()


def create_commands(venv: Path, uv: str | None) -> list[list[str]]:
    """The commands that make an environment with every dependency in it."""
    if uv:
        return [
            [uv, "venv", "--quiet", "--python", base_interpreter(), str(venv)],
            [uv, "pip", "install", "--quiet", "--python", str(python_of(venv)),
             "--require-hashes", "--no-build", "-r", "requirements.lock"],
        ]  # fmt: skip
    return [
        [base_interpreter(), "-m", "venv", str(venv)],
        [str(python_of(venv)), "-m", "pip", "install", "--no-compile", "--require-hashes",
         "--only-binary", ":all:", "-r", "requirements.lock"],
    ]  # fmt: skip


def project_command(venv: Path, uv: str | None) -> list[str]:
    """The command that installs twofront itself: no dependencies, nothing fetched."""
    installer = (
        [uv, "pip", "install", "--quiet", "--python", str(python_of(venv))]
        if uv
        else [str(python_of(venv)), "-m", "pip", "install", "--no-compile"]
    )
    return [*installer, "--no-deps", "--no-build-isolation", "-e", "."]


WARM_UP = """
import sys
sys.dont_write_bytecode = False
import importlib, pkgutil
for name in ("polars", "pyarrow.parquet", "rich.progress", "altair", "jinja2", "twofront"):
    try:
        importlib.import_module(name)
    except Exception:
        pass
for module in pkgutil.walk_packages(sys.modules["twofront"].__path__, "twofront."):
    if not module.name.endswith("__main__"):
        try:
            importlib.import_module(module.name)
        except Exception:
            pass
"""
"""Imports everything once. What cannot be imported, such as a module for an extra that is not there, is let be."""


def warm_up_command(venv: Path) -> list[str]:
    """The command that leaves bytecode of whatever the program imports.

    Installers leave none, and where PYTHONDONTWRITEBYTECODE is set nobody would ever write any: every start would then
    compile thousands of files.
    """
    return [str(python_of(venv)), "-c", WARM_UP]


def settle(partial: Path, final: Path) -> None:
    """Make the scripts of an environment speak of the folder that it is about to be called."""
    names = [(os.fsencode(str(partial)), os.fsencode(str(final))), (os.fsencode(partial.name), os.fsencode(final.name))]
    for script in [*python_of(partial).parent.iterdir(), partial / "pyvenv.cfg"]:
        if script.is_symlink() or not script.is_file() or script.suffix == ".exe":
            continue
        before = script.read_bytes()
        after = before
        for old, new in names:
            after = after.replace(old, new)
        if after != before:
            script.write_bytes(after)


def build(root: Path, wanted: dict[str, str]) -> None:
    """Build the environment aside, and rename it when it is whole. Call with the lock held."""
    venv, partial = root / ".venv", root / ".venv.partial-{}".format(os.getpid())
    uv = shutil.which("uv")
    if not uv:
        require_venv_module()
    require_space(root)
    try:
        for command in create_commands(partial, uv):
            execute(command, root, Progress(root / "requirements.lock"))
        execute(project_command(partial, uv), root)
        execute(warm_up_command(partial), root)
        settle(partial, venv)
        write_stamp(partial, wanted)
        if venv.exists() or venv.is_symlink():
            venv.rename(root / ".venv.old-{}".format(os.getpid()))
        partial.rename(venv)
    finally:
        sweep(root)


def ensure(root: Path = ROOT) -> Path:
    """Return the interpreter of a complete, current environment, making it if need be."""
    require_python()
    venv, wanted = root / ".venv", stamp_for(root)
    if read_stamp(venv) == wanted and python_of(venv).exists():
        return python_of(venv)
    try:
        with only_one(root):
            if sweep(root):
                say("clearing up after a set-up that was interrupted")
            reason = why_stale(venv, wanted)
            if reason:
                if venv.exists():
                    say("making the environment anew: " + reason)
                began = time.monotonic()
                say("setting up once: about a minute, plus about 400 MB to download …")
                build(root, wanted)
                say("ready after {:.0f} s".format(time.monotonic() - began))
            elif read_stamp(venv) != wanted:
                execute(project_command(venv, _installer_for(venv)), root)
                write_stamp(venv, wanted)
    except PermissionError as refused:
        raise CannotSetUp(
            "{} cannot be written. To make the folder yours:\n    {}".format(
                refused.filename or root, as_administrator('chown -R "$USER" {}'.format(root))
            )
        ) from None
    except OSError as fault:
        if fault.errno == 28:  # ENOSPC
            raise CannotSetUp(no_space(root)) from None
        raise
    return python_of(venv)


def _installer_for(venv: Path) -> str | None:
    """Use uv on an environment without pip of its own (one that uv made), else its pip."""
    has_pip = any(venv.glob("lib/python*/site-packages/pip")) or (venv / "Lib/site-packages/pip").exists()
    return None if has_pip else shutil.which("uv")


def refuse(fault: CannotSetUp) -> int:
    """Say what is missing, and give the exit code for it."""
    say(str(fault))
    return 2


def run(arguments: list[str], root: Path = ROOT) -> int:
    """`./run`: the main job, or the command of twofront that was given."""
    try:
        python = ensure(root)
    except CannotSetUp as fault:
        return refuse(fault)
    except KeyboardInterrupt:
        say("interrupted; the next run starts the set-up afresh")
        return 130
    return hand_over([str(python), "-m", "twofront", *(arguments or MAIN_JOB)])


def hand_over(command: list[str]) -> int:
    """Become the command where the system can, so that its signals and exit code are its own."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name != "nt":
        os.execv(command[0], command)
    try:
        return subprocess.run(command, check=False).returncode
    except KeyboardInterrupt:
        return 130
