"""The rival structures of war outcomes, by name.

>>> from twofront import adjudicate
>>> terms = adjudicate.Terms(attack_loss=0.01, defence_loss=0.01, log_skill=0.0, decisiveness=1.0)
>>> war = adjudicate.Engagement(terms, [adjudicate.Phase(attack=20.0, defence=10.0, days=30.0, decided=0.5)])
>>> round(adjudicate.structure("contest_ratio")(war).objective, 4)
0.3333
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import Any, Final

from twofront.adjudicate import contest
from twofront.adjudicate.contract import Engagement, Phase, Terms, WarResult

__all__ = ["KINDS", "STRUCTURES", "NamedStructure", "structure"]

KINDS: Final = ("land", "sea", "air", "strait")
"""What decides in a theatre: forces on land, at sea or in the air, or a landing over water."""


@dataclass(frozen=True, slots=True)
class NamedStructure:
    """A structure with what it claims about itself; the contract battery holds it to every claim.

    ``kinds``: where it can be used; ``needs``: parts of the terms that it needs; ``monotone``: more defending force
    never helps the attacker; ``scale_free``: only ratios of forces matter; ``symmetric``: swapping the sides mirrors
    the result; ``ground``: it says what ground is taken.
    """

    name: str
    sentence: str
    source: str
    kinds: tuple[str, ...]
    needs: tuple[str, ...]
    monotone: bool
    scale_free: bool
    symmetric: bool
    ground: bool
    start: Callable[[Terms], Any]
    step: Callable[[Terms, Any, Phase], Any]
    finish: Callable[[Terms, Any], WarResult]

    def __call__(self, engagement: Engagement) -> WarResult:
        """Adjudicate a whole war, phase by phase."""
        state = self.start(engagement.terms)
        for phase in engagement.phases:
            state = self.step(engagement.terms, state, phase)
        return self.finish(engagement.terms, state)


def _contest(name: str, form: float, sentence: str, *, scale_free: bool) -> NamedStructure:
    return NamedStructure(
        name=name,
        sentence=sentence,
        source="tullock1980; hirshleifer1989",
        kinds=KINDS,
        needs=(),
        monotone=True,
        scale_free=scale_free,
        symmetric=True,
        ground=False,
        start=contest.start,
        step=partial(contest.step, form=form),
        finish=contest.finish,
    )


_TABLE: Final = (
    _contest("contest_ratio", 0.0, "Chances go with a power of the force ratio.", scale_free=True),
    _contest("contest_difference", 1.0, "Chances go with the difference of shares of all strength.", scale_free=True),
)
STRUCTURES: Final[Mapping[str, NamedStructure]] = {item.name: item for item in _TABLE}
"""Every structure by name, in the order in which they are documented."""


def structure(name: str) -> NamedStructure:
    """The structure called ``name``; `KeyError` that names the nearest if there is none."""
    found = STRUCTURES.get(name)
    if found is None:
        near = get_close_matches(name, STRUCTURES, 1)
        hint = f"; did you mean `{near[0]}`?" if near else ""
        raise KeyError(f"no structure `{name}`{hint} There are: {', '.join(STRUCTURES)}")
    return found
