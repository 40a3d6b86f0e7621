"""Games by themselves, without any case: build or read one, check it, solve it once or a million times."""

from twofront.games.checks import BadGame, check
from twofront.games.efg import read_efg, write_efg
from twofront.games.game import Chance, Decision, Game, InformationSet, Node, Quantity, Terminal, walk

__all__ = [
    "BadGame",
    "Chance",
    "Decision",
    "Game",
    "InformationSet",
    "Node",
    "Quantity",
    "Terminal",
    "check",
    "read_efg",
    "walk",
    "write_efg",
]
