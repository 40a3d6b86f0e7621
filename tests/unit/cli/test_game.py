"""`twofront game` as people run it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


def twofront(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "twofront", "game", *arguments], capture_output=True, text=True, check=False, timeout=200
    )


def test_games_and_forms_are_listed() -> None:
    done = twofront("two-straits")
    assert done.returncode == 0
    assert "both_straits: Corvana may blockade" in done.stdout
    assert "Corvana (first), Morwen (second), Auria (outside)" in done.stdout
    assert "\n  three_theatres: Three challengers" in done.stdout


def test_play_is_told_and_files_are_written(tmp_path: Path) -> None:
    efg, picture, out = tmp_path / "game.efg", tmp_path / "tree.svg", tmp_path / "out"
    files = ("--efg", str(efg), "--picture", str(picture), "--out", str(out))
    done = twofront("two-straits", "north_strait_alone", "--futures", "24", *files)
    assert done.returncode == 0, done.stderr
    assert "n = 24 futures" in done.stdout
    assert "Auria, answer: resist" in done.stdout
    assert "24 of 24 futures count" in done.stdout
    assert done.stdout.endswith(f"wrote {', '.join(map(str, [efg, picture, *_files(out)]))}\n")
    from twofront.games import read_efg

    assert read_efg(efg).players == ("corvana", "auria")
    assert "<svg" in picture.read_text(encoding="utf-8")
    rows = (out / "game.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0].startswith("player,move,option")
    chances = {tuple(row.split(",")[:3]): float(row.split(",")[4]) for row in rows[1:]}
    assert chances["corvana", "act", "wait"] + chances["corvana", "act", "attack"] == pytest.approx(1, abs=1e-12)
    page = (out / "game.html").read_text(encoding="utf-8")
    specs = json.loads(page.split('id="specs">')[1].split("</script>")[0])
    drawn = json.dumps(specs["game-north_strait_alone-0"])
    assert '"Corvana"' in drawn
    assert '"corvana"' not in drawn


def _files(out: Path) -> list[Path]:
    return [out / name for name in ("game.csv", "game.md", "game.html")]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("two-straits", "both_strait"), "has no game `both_strait`; it has both_straits"),
        (("two-straits", "both_straits", "--policy", "buildup"), "did you mean `build_up`?"),
        (("two-straits", "both_straits", "--picture", "tree.pdf"), "ends in .svg, .png, .html"),
        (("two-straits", "both_straits", "--efg", "no/such/folder/a.efg"), "give a file in a folder that exists"),
        (("two-straits", "--efg", "a.efg"), "say which game is meant"),
        (("baltic-2016", "any"), "declares no game"),
        (("two-strait",), "two-straits"),
    ],
)
def test_mistakes_are_told_before_anything_is_computed(arguments: tuple[str, ...], told: str) -> None:
    done = twofront(*arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
