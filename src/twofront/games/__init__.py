"""Games by themselves, without any case: build or read one, check it, solve it once or a million times."""

from twofront.games.build import build, meanings
from twofront.games.checks import BadGame, check
from twofront.games.efg import read_efg, write_efg
from twofront.games.form import Form, form, form_of
from twofront.games.game import Chance, Decision, Game, InformationSet, Node, Quantity, Terminal, walk
from twofront.games.picture import Picture
from twofront.games.private_types import TypePoints, normal_points
from twofront.games.solve import Solution, solve

__all__ = [
    "BadGame",
    "Chance",
    "Decision",
    "Form",
    "Game",
    "InformationSet",
    "Node",
    "Picture",
    "Quantity",
    "Solution",
    "Terminal",
    "TypePoints",
    "build",
    "check",
    "form",
    "form_of",
    "meanings",
    "normal_points",
    "read_efg",
    "solve",
    "walk",
    "write_efg",
]
