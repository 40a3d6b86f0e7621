"""The command as people run it: a process with arguments, two streams and an exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from twofront.cli.app import COMMANDS


def twofront(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    # Plain letters only, to see that no terminal makes the command fail.
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "COLUMNS": "100"}
    return subprocess.run(
        [sys.executable, "-m", "twofront", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=cwd,
        env=environment,
    )


def test_help_names_every_command() -> None:
    done = twofront("--help")
    assert done.returncode == 0
    assert all(f"\n  {name} " in done.stdout for name in COMMANDS)


def test_help_loads_nothing_heavy() -> None:
    """What `--help` imports decides how long it takes; seconds would say more about the machine."""
    heavy = [
        "numpy",
        "pydantic",
        "ruamel",
        "polars",
        "pyarrow",
        "duckdb",
        "scipy",
        "llvmlite",
        "altair",
        "rich.console",
    ]
    program = (
        "import sys\nfrom twofront.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr.strip() == "[]"


def test_linear_algebra_has_one_thread_unless_somebody_says_otherwise() -> None:
    """Its threads and those that evaluate futures wait for each other; it counts processors when NumPy is loaded."""
    code = (
        "import os, sys; from twofront.cli import entry; before = 'numpy' in sys.modules; entry._run = lambda _: 0\n"
        "try: entry.main([])\n"
        "except SystemExit: print(before, os.environ['OPENBLAS_NUM_THREADS'])"
    )
    bare = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    for environment, threads in ((bare, "1"), ({**bare, "OPENBLAS_NUM_THREADS": "3"}, "3")):
        told = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        assert told.stdout.split() == ["False", threads]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str) -> None:
    done = twofront(name, "--help")
    assert done.returncode == 0
    assert "Example" in done.stdout
    assert f"  twofront {name}" in done.stdout


def test_check_of_a_sound_case() -> None:
    done = twofront("check", "two-straits")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("two-straits: no faults; ")


def test_check_of_a_faulty_case(tmp_path: Path) -> None:
    assert twofront("new", str(tmp_path / "mine")).returncode == 0
    path = tmp_path / "mine" / "case.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("client: halden", "client: holden"), encoding="utf-8")
    done = twofront("check", "mine", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "mine/case.yaml:75:9: `holden` is not an actor" in done.stderr.replace(os.sep, "/")
    assert "did you mean `halden`?" in done.stderr
    done = twofront("evidence", "mine", cwd=tmp_path)
    assert done.returncode == 2
    assert "did you mean `halden`?" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "two-strait"], "did you mean `two-straits`?"),
        (["check"], "CASE"),
        (["check", "a", "b"], "unexpected extra argument"),
        (["chek", "two-straits"], "chek"),
        (["check", "two-straits", "--all"], "--all"),
        (["schema", "evidence"], "evidence"),
        (["evidence", "two-straits", "shell_capacity.corvan"], "did you mean `shell_capacity.corvana`?"),
    ],
)
def test_bad_arguments(arguments: list[str], words: str) -> None:
    done = twofront(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_cases() -> None:
    done = twofront("cases")
    assert done.returncode == 0
    assert "two-straits  Would a war in the North Strait bring a second one in the South Strait?" in done.stdout


def test_new_starts_a_sound_case(tmp_path: Path) -> None:
    done = twofront("new", "My Case 2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    done = twofront("check", "My Case 2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("my-case-2: no faults")


def test_new_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    done = twofront("new", str(tmp_path))
    assert done.returncode == 2
    assert "is not an empty folder" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("file", ["case", "claims"])
def test_schema(file: str) -> None:
    done = twofront("schema", file)
    schema = json.loads(done.stdout)
    assert schema["additionalProperties"] is False
    assert "schema" in schema["required"]


def test_version() -> None:
    assert twofront("--version").stdout.startswith("twofront 0.")


def test_no_arguments_show_the_help() -> None:
    done = twofront()
    assert done.returncode == 2
    assert "Commands:" in done.stdout + done.stderr


def test_an_interruption_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    import twofront.case
    from twofront.cli import main

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(twofront.case, "load_case", stop)
    with pytest.raises(SystemExit) as ended:
        main(["check", "two-straits"])
    assert ended.value.code == 130


def test_a_closed_pipe_is_no_error() -> None:
    command = f"{sys.executable} -m twofront evidence two-straits | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "0"
    assert done.stderr == ""
