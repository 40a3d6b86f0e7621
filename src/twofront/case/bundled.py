"""Where cases are: those that come with the package, and folders."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from twofront.faults import UserError, listed, nearest

__all__ = ["CASES", "bundled_cases", "find_case", "title_of"]

CASES: Final = Path(__file__).resolve().parent.parent / "cases"


def bundled_cases() -> dict[str, Path]:
    """The folders of the cases that come with the package, by name."""
    if not CASES.is_dir():
        return {}
    return {p.name: p for p in sorted(CASES.iterdir()) if (p / "case.yaml").is_file()}


def find_case(name_or_path: str | Path) -> Path:
    """Return the folder of a bundled case or the folder itself; `UserError` if there is neither."""
    cases = bundled_cases()
    text = str(name_or_path)
    if text in cases:
        return cases[text]
    path = Path(name_or_path).expanduser()
    try:
        if path.is_dir():
            return path
        if path.is_file():
            if path.name == "case.yaml":
                return path.parent
            raise UserError(f"`{text}` is a file; a case is a folder that holds a `case.yaml`")
    except (OSError, ValueError):
        pass
    message = f"there is no case `{text}`: neither a bundled case nor a folder; bundled: {listed(cases) or 'none'}"
    close = nearest(text, cases)
    message += f"; did you mean `{close}`?" if close else "."
    raise UserError(message + " `twofront new DIR` starts a case of your own")


def title_of(folder: Path) -> str:
    """The title of a case, read from its line alone (a whole case takes about a second)."""
    try:
        with (folder / "case.yaml").open(encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("title:"):
                    return line.removeprefix("title:").split(" #")[0].strip().strip("'\"")
    except (OSError, UnicodeDecodeError):
        pass
    return ""
