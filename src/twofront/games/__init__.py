"""Games by themselves, without any case: build or read one, check it, solve it once or a million times."""

from twofront.games.game import Chance, Decision, Game, InformationSet, Node, Quantity, Terminal, walk

__all__ = ["Chance", "Decision", "Game", "InformationSet", "Node", "Quantity", "Terminal", "walk"]
