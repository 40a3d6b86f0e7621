"""`./test`: what goes to pytest, and what a person reads last."""

from pathlib import Path

import checks
import environment
import pytest

PYTHON = Path("python")


def test_arguments_go_to_pytest() -> None:
    command = checks.pytest_command(PYTHON, ["tests/unit", "-k", "stamp", "--no-browser"])
    assert command[:3] == ["python", "-m", "pytest"]
    assert command[-4:] == ["tests/unit", "-k", "stamp", "--no-browser"]
    assert "-n" in command


@pytest.mark.parametrize("own", ["-n0", "-n", "--numprocesses=3", "--pdb", "--dist=no"])
def test_a_wish_about_processes_is_respected(own: str) -> None:
    command = checks.pytest_command(PYTHON, [own])
    assert command == ["python", "-m", "pytest", own]


def test_the_closing_line_names_what_failed_and_what_was_left_out() -> None:
    assert checks.closing_line(["types", "tests"], []) == "not good yet: types, tests"
    left_out = checks.closing_line([], ["--no-browser"])
    assert left_out.startswith("all good: lint, format, types, imports, tests")
    assert "left out (--no-browser)" in left_out


def test_every_check_runs_even_if_the_first_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[str] = []

    class Done:
        stdout = "a fault"

        def __init__(self, command: list[str], **_options: object) -> None:
            ran.append(command[2])
            self.returncode = 1 if "pytest" not in command else 0

    def ensure(_root: Path) -> Path:
        return PYTHON

    monkeypatch.setattr(environment, "ensure", ensure)
    monkeypatch.setattr(checks.subprocess, "run", Done)
    assert checks.main([], tmp_path) == 1
    assert len(ran) == len(checks.STATIC) + 1
    assert ran[-1] == "pytest"
    assert capsys.readouterr().out.splitlines()[-1] == "not good yet: lint, format, types, imports"
