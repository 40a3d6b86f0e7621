"""The set-up script: stamps, interruption, what the system lacks, and what is passed on.

No test here installs anything; the installer is replaced by one that makes empty files.
"""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import environment
import pytest

ROOT = Path(__file__).resolve().parents[3]
Commands = list[list[str]]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with nothing but what the set-up reads."""
    root = tmp_path / "twofront"
    root.mkdir()
    (root / "requirements.lock").write_text("# how to\nnumpy==1.0 \\\n    --hash=sha256:00\n")
    (root / "pyproject.toml").write_text('[project]\nname = "twofront"\n\n[tool.ruff]\n')
    return root


@pytest.fixture
def installer(monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Replace the installer; the commands it was asked for."""
    asked: Commands = []

    def pretend(command: list[str], root: Path, progress: object = None) -> None:
        del progress
        asked.append([str(word) for word in command])
        if "venv" in command:
            partial = Path(command[-1])
            python = environment.python_of(partial)
            python.parent.mkdir(parents=True)
            python.write_text("")
            (partial / "lib/python3.11/site-packages/pip").mkdir(parents=True)
            (python.parent / "tool").write_text(f"#!{python}\nprint('tool')\n")
        assert root.is_dir()

    monkeypatch.setattr(environment, "execute", pretend)
    monkeypatch.setattr(environment.shutil, "which", lambda _name: None)
    return asked


def test_a_first_set_up_makes_a_stamped_environment(checkout: Path, installer: Commands) -> None:
    python = environment.ensure(checkout)
    assert python == environment.python_of(checkout / ".venv")
    assert python.exists()
    assert environment.read_stamp(checkout / ".venv") == environment.stamp_for(checkout)
    assert len(installer) == 4
    assert installer[3][-1] == environment.WARM_UP
    assert {"--require-hashes", "requirements.lock"} <= set(installer[1])
    assert {"--no-deps", "--no-build-isolation", "-e"} <= set(installer[2])


def test_a_second_set_up_does_nothing(checkout: Path, installer: Commands) -> None:
    environment.ensure(checkout)
    installer.clear()
    environment.ensure(checkout)
    assert installer == []


def test_a_changed_lock_rebuilds(checkout: Path, installer: Commands, capsys: pytest.CaptureFixture[str]) -> None:
    environment.ensure(checkout)
    kept = checkout / ".venv" / "kept"
    kept.touch()
    (checkout / "requirements.lock").write_text("numpy==2.0 \\\n    --hash=sha256:01\n")
    environment.ensure(checkout)
    assert len(installer) == 8
    assert not kept.exists()
    assert "dependencies has changed" in capsys.readouterr().err


def test_a_changed_comment_in_the_lock_does_not(checkout: Path, installer: Commands) -> None:
    environment.ensure(checkout)
    installer.clear()
    lock = checkout / "requirements.lock"
    lock.write_text("# another way\n" + lock.read_text())
    environment.ensure(checkout)
    assert installer == []


def test_a_changed_declaration_installs_the_project_alone(checkout: Path, installer: Commands) -> None:
    environment.ensure(checkout)
    installer.clear()
    (checkout / "pyproject.toml").write_text('[project]\nname = "other"\n\n[tool.ruff]\n')
    environment.ensure(checkout)
    assert len(installer) == 1
    assert "--no-deps" in installer[0]
    installer.clear()
    environment.ensure(checkout)
    assert installer == []


def test_a_changed_tool_setting_installs_nothing(checkout: Path, installer: Commands) -> None:
    environment.ensure(checkout)
    installer.clear()
    declaration = checkout / "pyproject.toml"
    declaration.write_text(declaration.read_text() + "line-length = 80\n")
    environment.ensure(checkout)
    assert installer == []


def test_another_python_and_another_folder_rebuild(checkout: Path, installer: Commands) -> None:
    environment.ensure(checkout)
    assert installer
    venv, wanted = checkout / ".venv", environment.stamp_for(checkout)
    assert environment.why_stale(venv, wanted) == ""
    assert "made for" in environment.why_stale(venv, {**wanted, "python": "cpython 3.99 any"})
    assert "moved" in environment.why_stale(venv, {**wanted, "root": "/elsewhere"})
    environment.python_of(venv).unlink()
    assert "gone" in environment.why_stale(venv, wanted)


@pytest.mark.parametrize("stamp", ["", "{", "[]", '{"lock": 1}'])
def test_an_environment_without_a_good_stamp_is_made_anew(checkout: Path, installer: Commands, stamp: str) -> None:
    venv = checkout / ".venv"
    venv.mkdir()
    (venv / environment.STAMP).write_text(stamp)
    environment.ensure(checkout)
    assert len(installer) == 4
    assert environment.read_stamp(venv) == environment.stamp_for(checkout)


def test_an_interrupted_set_up_is_swept_and_repeated(
    checkout: Path, installer: Commands, capsys: pytest.CaptureFixture[str]
) -> None:
    for left in (".venv.partial-1", ".venv.partial-22", ".venv.old-3"):
        (checkout / left / "bin").mkdir(parents=True)
    environment.ensure(checkout)
    assert len(installer) == 4
    assert "interrupted" in capsys.readouterr().err
    assert sorted(path.name for path in checkout.glob(".venv*")) == [".venv", ".venv.lock"]


@pytest.mark.parametrize("fault", [KeyboardInterrupt, environment.CannotSetUp])
def test_a_failed_set_up_leaves_the_old_environment_alone(
    checkout: Path,
    installer: Commands,
    monkeypatch: pytest.MonkeyPatch,
    fault: type[BaseException],
) -> None:
    environment.ensure(checkout)
    assert installer
    before = environment.read_stamp(checkout / ".venv")

    def fail(command: list[str], root: Path, progress: object = None) -> None:
        raise fault

    monkeypatch.setattr(environment, "execute", fail)
    (checkout / "requirements.lock").write_text("numpy==2.0\n")
    with pytest.raises(fault):
        environment.ensure(checkout)
    assert environment.read_stamp(checkout / ".venv") == before
    assert not list(checkout.glob(".venv.partial-*"))


@pytest.mark.skipif(os.name == "nt", reason="launchers on Windows are programs, not scripts")
def test_scripts_speak_of_the_final_folder(checkout: Path, installer: Commands) -> None:
    environment.ensure(checkout)
    assert installer
    first = (checkout / ".venv/bin/tool").read_text().splitlines()[0]
    assert first == f"#!{checkout / '.venv/bin/python'}"


def test_a_second_set_up_waits_for_the_first(checkout: Path) -> None:
    with environment.only_one(checkout):
        code = (
            "import environment as e, pathlib, sys\n"
            "with open(pathlib.Path(sys.argv[1]) / '.venv.lock', 'a+b') as handle:\n"
            "    print(e._try_lock(handle))\n"
        )
        ask = [sys.executable, "-c", code, str(checkout)]
        here = ROOT / "tools"
        held = subprocess.run(ask, cwd=here, capture_output=True, text=True, check=True)
    free = subprocess.run(ask, cwd=here, capture_output=True, text=True, check=True)
    assert (held.stdout.strip(), free.stdout.strip()) == ("False", "True")


def test_uv_is_used_where_it_is(checkout: Path) -> None:
    venv = checkout / ".venv"
    for command in [
        *environment.create_commands(venv, "uv"),
        environment.project_command(venv, "uv"),
    ]:
        assert command[0] == "uv"
    assert environment.base_interpreter() in environment.create_commands(venv, "uv")[0]


def test_a_warm_up_leaves_bytecode_whatever_the_environment_says(tmp_path: Path) -> None:
    package = tmp_path / "twofront"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "sound.py").touch()
    (package / "broken.py").write_text("import what_is_not_there\n")
    (package / "__main__.py").write_text("raise SystemExit(3)\n")
    command = [sys.executable, "-S", *environment.warm_up_command(tmp_path)[1:]]
    apart = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    apart.pop("PYTHONPYCACHEPREFIX", None)
    subprocess.run(command, env=apart, check=True)
    assert {path.name.split(".")[0] for path in (package / "__pycache__").iterdir()} == {"__init__", "sound", "broken"}


def test_no_interpreter_is_downloaded(checkout: Path) -> None:
    show = "import os; assert os.environ['UV_PYTHON_DOWNLOADS'] == 'never'"
    environment.execute([sys.executable, "-c", show], checkout)


# ---------------------------------------------------------------------------------------------
# What the system lacks


def test_a_python_without_venv_is_told_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(environment.CannotSetUp) as refusal:
        environment.require_venv_module()
    major, minor = sys.version_info[:2]
    assert f"apt-get install python{major}.{minor}-venv" in str(refusal.value)


def test_without_uv_or_venv_nothing_is_built(
    checkout: Path, installer: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(environment.CannotSetUp, match="ensurepip"):
        environment.ensure(checkout)
    assert installer == []
    assert not (checkout / ".venv").exists()


def test_a_python_that_is_too_old_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(environment.shutil, "which", lambda _name: None)
    with pytest.raises(environment.CannotSetUp) as refusal:
        environment.require_python()
    assert "Python 3.9" in str(refusal.value)
    assert "apt-get install python3.11 python3.11-venv" in str(refusal.value)


def test_a_newer_python_that_is_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def which(name: str) -> str | None:
        return name if name == "python3.12" else None

    monkeypatch.setattr(sys, "version_info", (3, 10, 0))
    monkeypatch.setattr(sys, "argv", ["./run", "check"])
    monkeypatch.setattr(environment.shutil, "which", which)
    with pytest.raises(environment.CannotSetUp, match=r"python3\.12 \./run check"):
        environment.require_python()


def test_the_set_up_can_be_read_by_an_old_python() -> None:
    for script in ("run", "test", "tools/environment.py", "tools/checks.py"):
        compile_for_old(ROOT / script)


def compile_for_old(path: Path) -> None:
    """Parse as Python 3.7 would, the oldest that knows deferred annotations."""
    import ast

    ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=(3, 7))


def test_a_disk_too_small_is_refused_before_anything_is_fetched(
    checkout: Path, installer: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = SimpleNamespace(total=10**9, used=9 * 10**8, free=10**8)
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda _path: usage)
    with pytest.raises(environment.CannotSetUp, match=r"GB free.*has 0\.1(.|\n)*df -h"):
        environment.ensure(checkout)
    assert installer == []


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("OSError: [Errno 28] No space left on device", "df -h"),
        ("Failed to establish a new connection: [Errno -3]", "cannot be reached"),
        ("error: dns error: failed to lookup address", "cannot be reached"),
        (
            "Temporary failure in name resolution\nNo matching distribution found",
            "cannot be reached",
        ),
        ("ERROR: No matching distribution found for llvmlite==0.50.0", "no ready-made package"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "pip cache purge"),
        ("something else\nlast words", "last words"),
    ],
)
def test_an_installers_failure_is_explained(tmp_path: Path, output: str, said: str) -> None:
    assert said in environment.explain_failure(output, tmp_path, tmp_path / "log")


def test_a_failing_installer_leaves_its_words_and_no_traceback(checkout: Path) -> None:
    with pytest.raises(environment.CannotSetUp, match="goodbye"):
        environment.execute([sys.executable, "-c", "print('goodbye'); raise SystemExit(3)"], checkout)
    assert "goodbye" in (checkout / ".venv.log").read_text()


# ---------------------------------------------------------------------------------------------
# What is passed on


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        ([], ["run", "rutte-2025"]),
        (["check", "my case"], ["check", "my case"]),
        (["--help"], ["--help"]),
    ],
)
def test_run_passes_arguments_on(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, given: list[str], passed: list[str]
) -> None:
    handed: list[str] = []

    def ensure(_root: Path) -> Path:
        return Path("python")

    def hand_over(command: list[str]) -> int:
        handed.extend(command)
        return 7

    monkeypatch.setattr(environment, "ensure", ensure)
    monkeypatch.setattr(environment, "hand_over", hand_over)
    assert environment.run(given, checkout) == 7
    assert handed == ["python", "-m", "twofront", *passed]


def test_run_says_what_is_missing_without_a_traceback(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ensure(_root: Path) -> Path:
        raise environment.CannotSetUp("no such thing. To mend it:\n    make thing")

    monkeypatch.setattr(environment, "ensure", ensure)
    assert environment.run([], checkout) == 2
    assert "make thing" in capsys.readouterr().err
