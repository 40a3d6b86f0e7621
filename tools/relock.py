"""Write `requirements.lock` afresh from pyproject.toml.

    python tools/relock.py                    add and remove; what is pinned stays pinned
    python tools/relock.py --upgrade          move everything to its newest
    python tools/relock.py --upgrade-package numpy

Pins and hashes hold for every platform and for Python 3.11 and newer; no address of any index is
written. What follows is passed on to `uv pip compile`; uv is fetched for the occasion if missing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = """\
# Every dependency of twofront, pinned and hashed: runtime and development, all platforms.
# Written by a tool. To change it, edit pyproject.toml, then run
#   python tools/relock.py
"""
OPTIONS = (
    "--extra", "dev", "--universal", "--python-version", "3.11", "--generate-hashes",
    "--no-emit-index-url", "--no-emit-find-links", "--no-header", "--no-annotate", "--quiet",
)  # fmt: skip


def relock(arguments: list[str]) -> None:
    """Compile the lock in place, keeping the pins that still hold."""
    lock = ROOT / "requirements.lock"
    with tempfile.TemporaryDirectory() as scratch:
        uv = shutil.which("uv") or fetch_uv(Path(scratch))
        written = Path(scratch) / "requirements.lock"
        if lock.exists():
            shutil.copy(lock, written)
        subprocess.run(
            [uv, "pip", "compile", "pyproject.toml", *OPTIONS, "-o", str(written), *arguments],
            cwd=ROOT,
            env={**os.environ, "UV_PYTHON_DOWNLOADS": "never"},
            check=True,
            stdout=subprocess.DEVNULL,
        )
        text = written.read_text(encoding="utf-8")
    if "://" in text:
        raise SystemExit("the lock would hold an address; nothing was written")
    lock.write_text(HEADER + text, encoding="utf-8")
    pins = sum("==" in line for line in text.splitlines())
    print(f"{lock.name}: {pins} packages. ./run and ./test make the environment anew.")


def fetch_uv(scratch: Path) -> str:
    """Install uv into a throw-away environment."""
    subprocess.run([sys.executable, "-m", "venv", scratch / "uv"], check=True)
    folder = scratch / "uv" / ("Scripts" if os.name == "nt" else "bin")
    subprocess.run([folder / "python", "-m", "pip", "install", "--quiet", "uv"], check=True)
    return str(folder / "uv")


if __name__ == "__main__":
    relock(sys.argv[1:])
