"""Rules of the house that no other tool checks (see `docs/decisions/0003-one-way-imports.md`)."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SOURCE = ROOT / "src" / "twofront"
NOT_A_DECISION = {"util", "utils", "common", "commons", "helper", "helpers", "misc"}
# Each is imported in one place only: one module, or the modules of one package.
ONE_HOME = ("altair", "duckdb", "llvmlite", "vl_convert")
# None of these may be loaded by `import twofront` or by asking for help.
HEAVY = (
    "altair", "duckdb", "jinja2", "llvmlite", "numpy", "polars", "pyarrow", "pydantic", "scipy",
    "vl_convert",
)  # fmt: skip
# Written in pieces, so that this file obeys its own rule.
HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("deb", "debian", "org"),
        ("anaconda", "org"),
        ("crates", "io"),
    )
)
MACHINE_PATH = re.compile(r"(?<![\w.\-])/(?:work|root|opt/pypi|opt/wheels|home/\w+)/")


@cache
def files() -> tuple[Path, ...]:
    """Every file that is in the repository or about to be."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listing.returncode != 0:
        pytest.skip("this is no git checkout, so there is no list of its files")
    names = listing.stdout.decode().split("\0")
    return tuple(path for path in (ROOT / name for name in names if name) if path.is_file())


def python_files() -> list[Path]:
    """The Python files among them."""
    return [path for path in files() if path.suffix == ".py"]


def imports(path: Path) -> Iterator[tuple[str, ast.Import | ast.ImportFrom]]:
    """Every module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", node


def shown(path: Path) -> str:
    """A path as a person would type it at the root."""
    return path.relative_to(ROOT).as_posix()


def test_no_module_has_a_name_that_decides_nothing() -> None:
    found = [shown(path) for path in python_files() if NOT_A_DECISION & {path.stem, *path.relative_to(ROOT).parts[:-1]}]
    assert not found, "name these after what they hold: " + ", ".join(found)


def test_no_star_import() -> None:
    found = [
        f"{shown(path)}:{node.lineno}"
        for path in python_files()
        for _, node in imports(path)
        if any(alias.name == "*" for alias in node.names)
    ]
    assert not found, "import by name: " + ", ".join(found)


@pytest.mark.parametrize("library", ONE_HOME)
def test_a_replaceable_library_has_one_home(library: str) -> None:
    homes = sorted(
        {
            path
            for path in python_files()
            if path.is_relative_to(SOURCE)
            for name, _ in imports(path)
            if name.split(".")[0] == library
        }
    )
    in_one_package = len({path.parent for path in homes}) == 1 and homes[0].parent != SOURCE
    assert len(homes) <= 1 or in_one_package, f"{library} is imported in several places: " + ", ".join(
        map(shown, homes)
    )


def test_no_file_names_a_registry_or_a_folder_of_one_machine() -> None:
    found: list[str] = []
    for path in files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if any(host in line for host in HOSTS) or MACHINE_PATH.search(line):
                found.append(f"{shown(path)}:{number}: {line.strip()[:80]}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("line", "caught"),
    [
        ("/" + "work/main", True),
        ('"/' + 'root/x"', True),
        ("file:///" + "root/x", True),
        ("https://example.org/" + "work/2024", False),
        ("frame" + "work/x", False),
        ("../" + "work/x", False),
    ],
)
def test_what_counts_as_a_folder_of_one_machine(line: str, caught: bool) -> None:
    assert bool(MACHINE_PATH.search(line)) is caught


def test_the_lock_pins_and_hashes_everything_and_holds_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    assert "--index-url" not in lock
    entries = re.findall(r"^(\S+?)==\S+.*\\\n((?:    --hash=.*\n?)+)", lock, re.MULTILINE)
    starts = [line for line in lock.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(entries) == len(starts) > 20


def test_every_declared_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["dev"],
        *project["build-system"]["requires"],
    ]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([a-z0-9.-]+)==", lock, re.MULTILINE))
    names = {re.sub(r"[-_.]+", "-", re.split(r"[<>=!~ ;\[]", entry)[0].lower()) for entry in declared}
    assert names <= locked, "run python tools/relock.py for: " + ", ".join(names - locked)


def test_the_decision_record_and_the_contract_list_the_same_layers() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = project["tool"]["importlinter"]["contracts"][0]
    enforced = [re.findall(r"\w+", layer) for layer in contract["layers"]]
    record = (ROOT / "docs/decisions/0003-one-way-imports.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*?) \|", record, re.MULTILINE)
    assert [re.findall(r"\w+", row) for row in rows] == enforced


@pytest.mark.parametrize(
    "code",
    ["import twofront", "import twofront.cli"],
)
def test_importing_stays_light(code: str) -> None:
    show = f"{code}\nimport sys\nprint(*sorted(set(sys.modules) & {set(HEAVY)!r}))"
    done = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True)
    assert not done.stdout.split(), f"`{code}` loads {done.stdout.strip()}; import them where used"


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    import twofront

    assert twofront.__version__.count(".") == 2
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        twofront.nothing  # noqa: B018  # pyright: ignore[reportUnusedExpression]
    assert "__version__" in dir(twofront)
