"""Forms of games in YAML: the same content as the bundled ones, with faults at their lines."""

from __future__ import annotations

from pathlib import Path

from twofront.case.tree import read_text, read_tree
from twofront.faults import Fault, Faults
from twofront.games.form import Form, form_of

__all__ = ["read_form"]


def read_form(path: str | Path) -> Form:
    """Read a form of a game from a YAML file; raises `Faults` with everything that is wrong, line by line.

    The keys are those of `twofront.games.form`; see `docs/games.md`.
    """
    name = str(path)
    text, faults = read_text(Path(path), name)
    if faults:
        raise Faults(faults)
    tree, faults = read_tree(text, name)
    if faults:
        raise Faults(faults)
    if not isinstance(tree.value, dict):
        raise Faults([Fault(name, 1, 1, "the file holds no form", allowed="a mapping with title, roles, moves, pays")])
    return form_of(tree.value, name, lambda route: tree.at(*route))
