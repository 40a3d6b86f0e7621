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

from twofront.adjudicate import closure_race, contest, epstein, lanchester, salvo
from twofront.adjudicate.contract import Engagement, Phase, Terms, WarResult

__all__ = ["KINDS", "STRUCTURES", "NamedStructure", "structure"]

KINDS: Final = ("land", "sea", "air", "strait")
"""What decides in a theatre: forces on land, at sea or in the air, or a landing over water."""


@dataclass(frozen=True, slots=True)
class NamedStructure:
    """A structure with what it claims about itself; the contract battery holds it to every claim.

    ``kinds``: where it can be used; ``needs``: parts of the terms that it needs (in a strait: ``crossing`` too);
    ``monotone``: more defending force never helps the attacker (where it is not claimed, docs/calibration.md says how
    far and why); ``scale_free``: only ratios of forces matter; ``symmetric``: swapping the sides mirrors
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


def _lanchester(name: str, sentence: str, source: str, *needs: str, monotone: bool = True) -> NamedStructure:
    form = lanchester.FORMS[name]
    return NamedStructure(
        name=name,
        sentence=sentence,
        source=source,
        kinds=("land", "sea", "air"),
        needs=("breaking", *needs),
        monotone=monotone,
        scale_free=not form.by_element,
        symmetric=True,
        ground=False,
        start=partial(lanchester.start, form),
        step=partial(lanchester.step, form),
        finish=partial(lanchester.finish, form),
    )


def _salvo(name: str, sentence: str, source: str, *, stochastic: bool) -> NamedStructure:
    return NamedStructure(
        name=name,
        sentence=sentence,
        source=source,
        kinds=("sea", "air", "strait"),
        needs=("breaking", "salvo"),
        monotone=False,
        scale_free=False,
        symmetric=True,
        ground=False,
        start=partial(salvo.start, stochastic),
        step=partial(salvo.step, stochastic),
        finish=partial(salvo.finish, stochastic),
    )


_TABLE: Final = (
    _contest("contest_ratio", 0.0, "Chances go with a power of the force ratio.", scale_free=True),
    _contest("contest_difference", 1.0, "Chances go with the difference of shares of all strength.", scale_free=True),
    _lanchester(
        "lanchester_square", "Aimed fire: losses go with the enemy's numbers, so mass counts twice.", "lanchester1916"
    ),
    _lanchester(
        "lanchester_linear", "Fire at areas: losses go with both sides' numbers, so mass counts once.", "lanchester1916"
    ),
    _lanchester("lanchester_log", "Each side wears itself out: numbers hardly count.", "peterson1967"),
    _lanchester(
        "lanchester_mixed", "Losses go with powers of both sides' numbers, between these.", "bracken1995", "exponents"
    ),
    _lanchester(
        "lanchester_stochastic",
        "Aimed fire, with elements that fall one by one by chance.",
        "lanchester1916; central limit against the exact chain",
        "elements",
        monotone=False,
    ),
    NamedStructure(
        name="epstein",
        sentence="The defender gives ground when it loses too much, and the attacker presses as its losses allow.",
        source="epstein1985",
        kinds=("land",),
        needs=("breaking", "front"),
        monotone=False,
        scale_free=True,
        symmetric=False,
        ground=True,
        start=epstein.start,
        step=epstein.step,
        finish=epstein.finish,
    ),
    _salvo(
        "salvo_hughes",
        "Missiles less what interceptors stop put strength out of action, from finite magazines.",
        "hughes1995",
        stochastic=False,
    ),
    _salvo(
        "salvo_stochastic",
        "Every missile leaks and hits by chance, from finite magazines.",
        "armstrong2005",
        stochastic=True,
    ),
    NamedStructure(
        name="closure_race",
        sentence="The attacker gains depth through what the defender has not yet closed; a full front takes no more.",
        source="liddellhart1960; mearsheimer1983",
        kinds=("land",),
        needs=("breaking", "front"),
        monotone=True,
        scale_free=False,
        symmetric=True,
        ground=True,
        start=closure_race.start,
        step=closure_race.step,
        finish=closure_race.finish,
    ),
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
