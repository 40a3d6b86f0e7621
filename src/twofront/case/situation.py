"""From the checked text of a case to its `World`, with every reference between sections looked up."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from twofront.case.tree import Route, Tree
from twofront.faults import Fault, listed, nearest
from twofront.quantities import QUANTITIES
from twofront.units import FORCE_UNITS, ROUND_UNITS
from twofront.world import Act, Challenger, Clock, Flow, Responder, Theatre, World

if TYPE_CHECKING:
    from twofront.case.schema import ActText, CaseText

__all__ = ["build_world", "month_labels", "months_between"]


def months_between(first: str, second: str) -> int:
    """Months from one ``YYYY-MM`` to another."""
    (y1, m1), (y2, m2) = (tuple(map(int, text.split("-"))) for text in (first, second))
    return (y2 - y1) * 12 + (m2 - m1)


def month_labels(start: str, months: int) -> tuple[str, ...]:
    """``YYYY-MM`` for each of ``months`` months from ``start`` on."""
    year, month = (int(part) for part in start.split("-"))
    first = year * 12 + month - 1
    return tuple(f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(first, first + months))


def build_world(text: CaseText, tree: Tree) -> tuple[World, list[Fault]]:
    """Return the world of a case, and every reference or order in it that does not hold.

    The world is complete even where there are faults, so that later checks can go on: a name that nothing is
    called by is left out of it.
    """
    builder = _Builder(text, tree)
    world = builder.world()
    return world, builder.faults


class _Builder:
    def __init__(self, text: CaseText, tree: Tree) -> None:
        self.text = text
        self.tree = tree
        self.faults: list[Fault] = []
        self.groups: dict[str, tuple[str, ...]] = {}
        for actor, entry in text.actors.items():
            for group in entry.groups:
                self.groups[group] = (*self.groups.get(group, ()), actor)

    def fault(self, route: Route, message: str, **more: str) -> None:
        self.faults.append(self.tree.fault(route, message, **more))  # pyright: ignore[reportArgumentType]

    def known(self, name: str, options: Iterable[str], what: str, route: Route) -> bool:
        """Whether ``name`` is one of ``options``; a fault if not."""
        options = list(options)
        if name in options:
            return True
        allowed = listed(options, most=30) or f"nothing: the case declares no {what}"
        self.fault(
            route,
            f"`{name}` is not {_article(what)} {what}",
            found=name,
            allowed=allowed,
            nearest=nearest(name, options),
        )
        return False

    def actors(self, names: Sequence[str], route: Route) -> tuple[str, ...]:
        """Actors, with groups taken apart; each once."""
        found: dict[str, None] = {}
        options = [*self.text.actors, *self.groups]
        for place, name in enumerate(names):
            where = (*route, place) if (*route, place) in self.tree.values else route
            if name in self.text.actors:
                if name in found:
                    self.fault(where, f"`{name}` stands here twice", found=name, remedy="remove one")
                found[name] = None
            elif self.known(name, options, "actor or group", where):
                found.update(dict.fromkeys(self.groups[name]))
        return tuple(found)

    def world(self) -> World:
        text = self.text
        self._names()
        self._classes()
        theatres = self._theatres()
        challengers = self._challengers()
        responders = self._responders()
        self._lags()
        return World(
            clock=self._clock(),
            actors=tuple(text.actors),
            groups=tuple(self.groups.items()),
            capabilities=tuple(text.capabilities),
            munitions=tuple(text.munitions),
            strikers=tuple(name for name, item in text.munitions.items() if item.role == "strike"),
            interceptors=tuple(name for name, item in text.munitions.items() if item.role == "interceptor"),
            theatres=theatres,
            challengers=challengers,
            responders=responders,
            flows=self._flows(),
            client=self._client(),
            partners=self.actors(text.partners, ("partners",)),
            rivals=self._rivals(),
            phases=self._steps(),
            lags=text.war.lags,
            war_window=text.war.window,
            ground=tuple(name for name, item in text.capabilities.items() if item.domain == "land"),
            salvo=tuple(name for name, item in text.munitions.items() if item.salvo),
            detail=text.war.detail,
        )

    def _clock(self) -> Clock:
        clock = self.text.clock
        months = months_between(clock.start, clock.end) + 1
        cutoff = months_between(clock.start, clock.evidence_cutoff)
        if months < 2:
            self.fault(
                ("clock", "end"),
                f"the clock ends ({clock.end}) before it has begun ({clock.start})",
                found=clock.end,
                allowed=f"a month after {clock.start}",
            )
        elif not 0 <= cutoff < months:
            message = f"the evidence's cutoff ({clock.evidence_cutoff}) is outside the clock"
            self.fault(
                ("clock", "evidence_cutoff"),
                message,
                found=clock.evidence_cutoff,
                allowed=f"{clock.start} to {clock.end}",
            )
        elif clock.date_spacing > months - cutoff:
            message = f"dates of decision are {clock.date_spacing} months apart"
            message += f", but only {months - cutoff} months follow the cutoff"
            self.fault(
                ("clock", "date_spacing"), message, found=str(clock.date_spacing), allowed=f"1 to {months - cutoff}"
            )
        if months > 1200:
            self.fault(
                ("clock", "end"), f"the clock runs for {months} months", found=clock.end, allowed="at most 1200 months"
            )
        return Clock(clock.start, max(months, 1), min(max(cutoff, 0), max(months - 1, 0)), clock.date_spacing)

    def _steps(self) -> tuple[float, ...]:
        """Last day of every step: phases divided into equal steps no longer than the case allows."""
        war = self.text.war
        ends: list[float] = []
        start = 0.0
        for end in war.phases:
            count = 1 if war.step is None else max(1, math.ceil((end - start) / war.step - 1e-9))
            ends += [start + (end - start) * place / count for place in range(1, count)] + [end]
            start = end
        return tuple(ends)

    def _lags(self) -> None:
        war = self.text.war
        for key, values in (("phases", war.phases), ("lags", war.lags)):
            for place in range(1, len(values)):
                if values[place] <= values[place - 1]:
                    message = f"`{key}` does not rise: {values[place]:g} follows {values[place - 1]:g}"
                    self.fault(
                        ("war", key, place),
                        message,
                        found=f"{values[place]:g}",
                        allowed="numbers that rise",
                        remedy="put them in order, each once",
                    )
        if war.lags[0] != 0:
            self.fault(
                ("war", "lags", 0),
                f"the first lag is {war.lags[0]}",
                found=str(war.lags[0]),
                allowed="0",
                remedy="begin with 0, a second war that begins with the first",
            )

    def _names(self) -> None:
        """No two things that a parameter's name could mix up are called alike."""
        text = self.text
        taken: dict[str, str] = {}
        for section in ("capabilities", "munitions"):
            for name in getattr(text, section):
                if name in taken:
                    self._twice(name, section, taken[name])
                taken[name] = section
        for group in self.groups:
            if group in text.actors:
                place = next((a, i) for a, e in text.actors.items() for i, g in enumerate(e.groups) if g == group)
                self.fault(
                    ("actors", place[0], "groups", place[1]),
                    f"`{group}` is both an actor and a group",
                    found=group,
                    remedy="give the group another name",
                )
        acts: dict[str, int] = {}
        for place, challenger in enumerate(text.challengers):
            for name in challenger.menu:
                if name in acts:
                    message = f"the act `{name}` is on both challengers' menus, so `act_cost.{name}` would mean both"
                    self._key_fault(
                        ("challengers", place, "menu", name),
                        message,
                        found=name,
                        remedy="give one of them another name",
                    )
                acts[name] = place
        for section in ("actors", "theatres", "responders", "capabilities", "munitions"):
            for name in getattr(text, section):
                if name == "all":
                    self._key_fault(
                        (section, name),
                        "nothing can be called `all`, which stands for everything",
                        found=name,
                        remedy="give it another name",
                    )

    def _twice(self, name: str, section: str, first: str) -> None:
        message = f"`{name}` is the name of something in `{first}` already"
        self._key_fault((section, name), message, found=name, remedy="give one of them another name")

    def _key_fault(self, route: Route, message: str, **more: str) -> None:
        self.faults.append(self.tree.fault(route, message, key=True, **more))  # pyright: ignore[reportArgumentType]

    def _classes(self) -> None:
        quantities = {item.name for item in QUANTITIES}
        prefixed = [item for item in QUANTITIES if item.axes[:1] in (("capability",), ("munition",))]
        for section in ("capabilities", "munitions"):
            for name, item in getattr(self.text, section).items():
                options = FORCE_UNITS if section == "capabilities" else ROUND_UNITS
                if item.unit not in options:
                    self.fault(
                        (section, name, "unit"),
                        f"`{item.unit}` is not a unit in which {section} are counted",
                        found=item.unit,
                        allowed=listed(options, most=20),
                        nearest=nearest(item.unit, options),
                    )
                for other in prefixed:
                    if f"{name}_{other.name}" in quantities:
                        message = f"no class can be called `{name}`: `{name}_{other.name}` is a quantity of its own"
                        self._key_fault((section, name), message, found=name, remedy="give the class another name")
                        break

    def _theatres(self) -> tuple[Theatre, ...]:
        result: list[Theatre] = []
        for name, item in self.text.theatres.items():
            route: Route = ("theatres", name)
            self.known(item.challenger, self.text.actors, "actor", (*route, "challenger"))
            hosts = self.actors(item.hosts, (*route, "hosts"))
            if item.challenger in hosts:
                self.fault(
                    (*route, "hosts"),
                    f"`{item.challenger}` would attack itself: it is challenger and host of `{name}`",
                    found=item.challenger,
                    remedy="name the hosts only",
                )
            companions: list[tuple[str, tuple[str, ...]]] = []
            for responder, names in item.companions.items():
                where = (*route, "companions", responder)
                if self.known(responder, self.text.responders, "responder", where):
                    if name not in self.text.responders[responder].theatres:
                        message = f"`{responder}` does not respond in `{name}`, so nobody comes there with it"
                        self._key_fault(where, message, found=responder, remedy="remove it, or add the theatre")
                    companions.append((responder, self.actors(names, where)))
            result.append(
                Theatre(name, item.label, item.challenger, hosts, item.objective, tuple(companions), item.kind)
            )
        return tuple(result)

    def _challengers(self) -> tuple[Challenger, ...]:
        result: list[Challenger] = []
        seen: dict[str, str] = {}
        for place, item in enumerate(self.text.challengers):
            route: Route = ("challengers", place)
            known = self.known(item.actor, self.text.actors, "actor", (*route, "actor"))
            if self.known(item.theatre, self.text.theatres, "theatre", (*route, "theatre")):
                theirs = self.text.theatres[item.theatre].challenger
                if known and theirs != item.actor:
                    message = f"`{item.actor}` is challenger in `{item.theatre}` here, but the theatre names `{theirs}`"
                    self.fault(
                        (*route, "actor"), message, found=item.actor, allowed=theirs, remedy="let both say the same"
                    )
                if item.theatre in seen:
                    self.fault(
                        (*route, "theatre"),
                        f"both challengers act in `{item.theatre}`",
                        found=item.theatre,
                        allowed="two different theatres",
                    )
                seen[item.theatre] = item.actor
            if place and item.actor == self.text.challengers[0].actor:
                self.fault(
                    (*route, "actor"),
                    f"`{item.actor}` is both challengers",
                    found=item.actor,
                    allowed="two different actors",
                )
            self._menu(item.menu, (*route, "menu"))
            acts = tuple(Act(name, act.label, act.kind) for name, act in item.menu.items())
            result.append(Challenger(item.actor, item.theatre, acts))
        for name in self.text.theatres:
            if name not in seen:
                message = f"nobody in `challengers` acts in the theatre `{name}`"
                self._key_fault(
                    ("theatres", name), message, found=name, remedy="remove the theatre or name its challenger"
                )
        return tuple(result)

    def _menu(self, menu: Mapping[str, ActText], route: Route) -> None:
        kinds = [act.kind for act in menu.values()]
        first = next(iter(menu))
        if kinds[0] != "wait":
            self.fault(
                (*route, first, "kind"),
                f"the first act, `{first}`, is of kind {kinds[0]}",
                found=kinds[0],
                allowed="wait",
                remedy="put the act of waiting first",
            )
        if "war" not in kinds:
            self.fault(
                route,
                "no act on the menu is of kind war",
                allowed="wait, pressure, blockade, war",
                remedy="add the act that is adjudicated",
            )

    def _responders(self) -> tuple[Responder, ...]:
        result: list[Responder] = []
        names = self.text.responders
        for name, item in names.items():
            route: Route = ("responders", name)
            members = self.actors(item.members, (*route, "members"))
            theatres: list[str] = []
            for place, theatre in enumerate(item.theatres):
                where: Route = (*route, "theatres", place)
                where = where if where in self.tree.values else (*route, "theatres")
                if self.known(theatre, self.text.theatres, "theatre", where):
                    if theatre in theatres:
                        self.fault(where, f"`{theatre}` stands here twice", found=theatre, remedy="remove one")
                    elif self.text.theatres[theatre].challenger in members:
                        message = f"`{name}` would respond in `{theatre}` to one of its own members"
                        self.fault(where, message, found=theatre, remedy="take the challenger out of the members")
                    theatres.append(theatre)
            self._options(name, item.theatres, item.options, route)
            if item.needs is not None and self.known(item.needs, names, "responder", (*route, "needs")):
                self._needs(name, route)
            label = item.label or (self.text.actors[name].label if name in self.text.actors else name)
            result.append(Responder(name, label, members, tuple(theatres), tuple(item.options.items()), item.needs))
        return tuple(result)

    def _options(self, name: str, theatres: Sequence[str], options: Mapping[str, str], route: Route) -> None:
        if len(theatres) > 1:
            if options:
                message = f"`{name}` may fight in two theatres, so its options are neither, either or both"
                self._key_fault((*route, "options"), message, remedy="remove `options`")
            return
        if not options:
            message = f"`{name}` has one theatre and no options"
            self._key_fault(route, message, remedy="add `options: {stand_aside: none, fight: combat}`")
            return
        rank = {"none": 0, "basing": 1, "combat": 2}
        kinds = list(options.items())
        if kinds[0][1] != "none":
            self.fault(
                (*route, "options", kinds[0][0]),
                f"the first option of `{name}` is {kinds[0][1]}",
                found=kinds[0][1],
                allowed="none",
                remedy="put standing aside first",
            )
        for (_, before), (option, kind) in itertools.pairwise(kinds):
            if rank[kind] <= rank[before]:
                message = f"the options of `{name}` do not rise: {kind} follows {before}"
                self.fault((*route, "options", option), message, found=kind, allowed="none, then basing, then combat")

    def _needs(self, name: str, route: Route) -> None:
        seen = [name]
        here = self.text.responders[name].needs
        while here is not None and here in self.text.responders:
            if here in seen:
                if here == name:
                    chain = " → ".join([*seen, here])
                    self.fault(
                        (*route, "needs"),
                        f"`{name}` needs itself: {chain}",
                        found=self.text.responders[name].needs or "",
                        remedy="break the circle",
                    )
                return
            seen.append(here)
            here = self.text.responders[here].needs

    def _flows(self) -> tuple[Flow, ...]:
        result: list[Flow] = []
        edges: dict[str, dict[str, set[str]]] = {}
        for place, item in enumerate(self.text.flows):
            route: Route = ("flows", place)
            ok = self.known(item.giver, self.text.actors, "actor", (*route, "from"))
            ok = self.known(item.taker, self.text.actors, "actor", (*route, "to")) and ok
            ok = self.known(item.munition, self.text.munitions, "munition class", (*route, "munition")) and ok
            if not ok:
                continue
            graph = edges.setdefault(item.munition, {})
            if item.taker in graph.get(item.giver, set()):
                self.fault(
                    route,
                    f"the flow of `{item.munition}` from `{item.giver}` to `{item.taker}` stands here twice",
                    remedy="remove one",
                )
                continue
            circle = _path(graph, item.taker, item.giver)
            if circle:
                chain = " → ".join([item.giver, *circle])
                self.fault(
                    (*route, "to"),
                    f"`{item.munition}` would flow in a circle: {chain}",
                    found=item.taker,
                    remedy="remove one of these flows",
                )
                continue
            graph.setdefault(item.giver, set()).add(item.taker)
            result.append(Flow(item.giver, item.taker, item.munition, item.lasts == "war"))
        return tuple(result)

    def _client(self) -> str | None:
        client = self.text.client
        if client is None or not self.known(client, self.text.actors, "actor", ("client",)):
            return None
        return client

    def _rivals(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        result: dict[str, tuple[str, ...]] = {}
        for name, rivals in self.text.rivals.items():
            route: Route = ("rivals", name)
            if name not in self.text.actors and name not in self.groups:
                options = [*self.text.actors, *self.groups]
                self._key_fault(
                    route,
                    f"`{name}` is not an actor or group",
                    found=name,
                    allowed=listed(options, most=30),
                    nearest=nearest(name, options),
                )
                continue
            found = self.actors(rivals, route)
            for actor in (name,) if name in self.text.actors else self.groups[name]:
                if actor in found:
                    self.fault(route, f"`{actor}` is its own rival", found=actor, remedy="remove it from the list")
                result[actor] = tuple(dict.fromkeys([*result.get(actor, ()), *(r for r in found if r != actor)]))
        return tuple(result.items())


def _path(graph: dict[str, set[str]], start: str, goal: str) -> list[str]:
    """A way along the flows from ``start`` to ``goal``, both included; empty if there is none."""
    if start == goal:
        return [goal]
    ways = [[start]]
    seen = {start}
    while ways:
        way = ways.pop(0)
        for step in sorted(graph.get(way[-1], set())):
            if step == goal:
                return [*way, goal]
            if step not in seen:
                seen.add(step)
                ways.append([*way, step])
    return []


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"
