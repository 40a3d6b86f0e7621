"""The page about games: its examples run, and its tables name what there is."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from twofront.games.form import _KEYS, FORMS

PAGE = Path(__file__).parents[3] / "docs" / "games.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # some write files
    examples = "\n".join(re.findall(r"```pycon\n(.*?)```", TEXT, re.DOTALL))
    test = doctest.DocTestParser().get_doctest(examples, {}, "docs/games.md", str(PAGE), 0)
    assert len(test.examples) > 30
    told: list[str] = []
    failed, _ = doctest.DocTestRunner().run(test, out=told.append)
    assert not failed, "".join(told)


def test_every_bundled_form_and_every_key_of_a_form_is_told() -> None:
    for path in FORMS.glob("*.toml"):
        assert f"| `{path.stem}` |" in TEXT
    assert all(f"`{key}`" in TEXT for key in _KEYS["form"] if key not in {"title", "means", "source"})
