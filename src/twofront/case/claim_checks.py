"""Check one claim against the case: every id, name, unit, period and rule, and make a `Claim` of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from twofront.case.claim import (
    COUNTED,
    FASTEST,
    HOLDS,
    Claim,
    Claimed,
    ClaimedFigure,
    Finding,
    Point,
    Quote,
    Rule,
    Test,
    Variant,
)
from twofront.case.claim_dates import overlap, span_of, years_between
from twofront.case.claim_rules import ENDS, Domain, rule_faults
from twofront.case.claim_schema import (
    ClaimedText,
    ClaimText,
    FigureText,
    PointText,
    QuoteText,
    RuleText,
    TestText,
    VariantText,
)
from twofront.case.outcome_names import bounds_of
from twofront.case.tree import Route, Tree
from twofront.faults import Fault, listed, nearest
from twofront.figures import Evidence, Expression, ExpressionError, UnknownUnit, measure_of, parse, resolver
from twofront.figures.expression import Amount
from twofront.figures.period import PERIODS, UnknownPeriod, period_of

__all__ = ["Situation", "check_claim", "growth"]

Made = TypeVar("Made")

_ALWAYS: Final = ("id", "sentence", "quote", "date", "kind", "reading_of", "for", "against", "searched", "variants")
_JUDGED: Final = ("quantity", "computed", "flips", "rule")
_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "ratio": ("figures", "claimed", *_JUDGED),
    "level": ("figures", "claimed", "unit", *_JUDGED),
    "trend": ("figures", "claimed", *_JUDGED),
    "counterfactual": ("set", *_JUDGED),
    "conditional_chance": ("outcome", *_JUDGED),
    "policy_effect": ("outcome", "policy", *_JUDGED),
    "fact": ("findings", *_JUDGED),
    "not_checkable": ("why",),
}
_MAY: Final[Mapping[str, tuple[str, ...]]] = {
    "ratio": ("period", "unit"),
    "level": ("period",),
    "trend": ("period", "comparators"),
    "counterfactual": ("outcome", "path", "measure", "period", "claimed"),
    "conditional_chance": ("policy", "claimed"),
    "policy_effect": ("claimed",),
    "fact": ("period",),
    "not_checkable": ("quantity", "computed", "flips"),
}
_FIELDS: Final = {"start": "from", "end": "to", "settings": "set", "supporting": "for"}


@dataclass(frozen=True, slots=True)
class Situation:
    """What of a case a claim may name."""

    outcomes: tuple[str, ...]
    series: tuple[str, ...]
    policies: tuple[str, ...]
    levers: Mapping[str, tuple[float, float, float]]
    """Lowest, highest and today's value of each."""


def growth(start: Amount, end: Amount, years: float) -> float:
    """Return growth a year between two amounts. `ExpressionError` where they cannot be compared."""
    if dict(start.dimension) != dict(end.dimension):
        raise ExpressionError("`from` and `to` measure different things", remedy="take two figures of one kind")
    if start.definition and end.definition and start.definition != end.definition:
        raise ExpressionError(
            f"definitions are spliced: {start.definition} and {end.definition} count different things",
            remedy="take two figures of one definition, or write `across(…)` if that is meant and said",
        )
    if start.years and end.years and not start.years & end.years:
        raise ExpressionError(
            "growth between current prices of different years would count inflation",
            remedy="take constant prices, or write `across(…)` if that is meant and said",
        )
    if start.value <= 0 or end.value <= 0:
        raise ExpressionError("growth needs two figures above zero", remedy="take another start")
    return float((end.value / start.value) ** (1 / years) - 1)


def check_claim(
    text: ClaimText,
    tree: Tree,
    route: Route,
    list_name: str,
    evidence: Mapping[str, Evidence] | None,
    situation: Situation | None,
) -> tuple[Claim, list[Fault]]:
    """Return the claim and everything that is wrong with it.

    Without ``evidence`` (a table that cannot be read whole) or ``situation`` (a case that cannot) what hangs on them
    is passed over.
    """
    checker = _Checker(text, tree, route, evidence, situation)
    return checker.claim(list_name), checker.faults


class _Checker:
    def __init__(
        self,
        text: ClaimText,
        tree: Tree,
        route: Route,
        evidence: Mapping[str, Evidence] | None,
        situation: Situation | None,
    ) -> None:
        self.text = text
        self.tree = tree
        self.route = route
        self.evidence = evidence
        self.situation = situation
        self.faults: list[Fault] = []
        self._unit = text.unit or "ratio"

    # ---- the whole ----------------------------------------------------------------------------------------

    def claim(self, list_name: str) -> Claim:
        text = self.text
        self._keys()
        self._known_unit()
        self._known_period()
        self._ids("for", text.supporting)
        self._ids("against", text.against)
        if not text.against and text.searched is None:
            self._fault(
                (),
                "there is no evidence against it",
                key=True,
                remedy="name some in `against:`, or say in `searched:` where it was looked for in vain",
            )
        figures = tuple(self._figure(item, ("figures", n)) for n, item in enumerate(text.figures))
        comparators = tuple(self._figure(item, ("comparators", n)) for n, item in enumerate(text.comparators))
        self._distinct([("figures", text.figures), ("comparators", text.comparators)])
        claimed = self._claimed(text.claimed, ("claimed",))
        outcome = self._outcome()
        self._settings()
        rule = self._rule(text.rule, ("rule",))
        claim = Claim(
            id=text.id,
            sentence=text.sentence,
            quote=self._quote(text.quote, ("quote",)),
            date=text.date,
            kind=text.kind,
            quantity=text.quantity or "",
            computed=text.computed or "",
            unit=self._unit,
            period=text.period or "",
            claimed=claimed,
            figures=figures,
            comparators=comparators,
            findings=tuple(self._finding(n) for n in range(len(text.findings))),
            outcome=outcome,
            path=text.path or "",
            measure=text.measure or "difference",
            policy=text.policy or "",
            settings=dict(text.settings),
            why=text.why or "",
            reading_of=text.reading_of or "",
            rule=rule,
            supporting=text.supporting,
            against=text.against,
            searched=text.searched or "",
            flips=text.flips or "",
            variants=tuple(self._variant(item, ("variants", n)) for n, item in enumerate(text.variants)),
            list=list_name,
            place="{}:{}:{}".format(self.tree.file, *self.tree.at(*self.route)),
        )
        sound = self._possible(claim, rule, claimed, ("rule",))
        for place, item in enumerate(claim.variants):
            if item.rule is not None:
                self._possible(claim, item.rule, item.claimed or claimed, ("variants", place, "rule"))
            elif item.claimed is not None and sound:
                self._possible(claim, rule, item.claimed, ("variants", place, "claimed"), own=False)
        return claim

    def _keys(self) -> None:
        """A kind needs some keys and knows some more; any other means nothing to it."""
        kind = self.text.kind
        given = [_FIELDS.get(name, name) for name in self.text.model_fields_set]
        for name in _NEEDS[kind]:
            if name not in given:
                message = f"a claim of kind `{kind}` needs `{name}`"
                self._fault((), message, key=True, remedy=f"add the key `{name}:`")
        allowed = (*_ALWAYS, *_NEEDS[kind], *_MAY[kind])
        for name in given:
            if name not in allowed:
                rest = listed((*_NEEDS[kind], *_MAY[kind]), most=20)
                message = f"`{name}` means nothing in a claim of kind `{kind}`"
                self._fault((name,), message, key=True, found=name, allowed=rest, remedy="remove it, or mend the kind")
        if kind == "counterfactual" and ("outcome" in given) == ("path" in given):
            self._fault((), "a counterfactual needs one of `outcome` and `path`", key=True, remedy="give one of them")

    def _known_unit(self) -> None:
        try:
            dimension = measure_of(self._unit).dimension
        except UnknownUnit as error:
            self._fault(
                ("unit",), str(error), found=error.found, allowed="a unit of evidence", close=error.nearest,
                remedy="docs/case-format.md lists the units",
            )  # fmt: skip
            self._unit = ""
            return
        if self.text.kind == "ratio" and dimension:
            message = f"a ratio is a plain number, and `{self._unit}` is none"
            self._fault(("unit",), message, found=self._unit, allowed="ratio, share, percent", remedy="leave it out")
            self._unit = ""

    def _known_period(self) -> None:
        try:
            period_of(self.text.period or "")
        except UnknownPeriod as error:
            self._fault(("period",), str(error), found=error.found, allowed=PERIODS)

    # ---- evidence -----------------------------------------------------------------------------------------

    def _figure(self, item: FigureText, route: Route) -> ClaimedFigure:
        trend = self.text.kind == "trend"
        if trend and (item.start is None or item.end is None or item.value is not None):
            message = "a figure of a trend has `from` and `to`, each with a date and a value"
            self._fault(route, message, remedy="write `from: {date: 2022, value: …}` and `to: {date: 2025, value: …}`")
        elif not trend and (item.value is None or item.start is not None or item.end is not None):
            self._fault(route, f"a figure of a {self.text.kind} has one `value`", remedy="write `value: EXPRESSION`")
        start, end = self._point(item.start, (*route, "from")), self._point(item.end, (*route, "to"))
        value = self._formula(item.value, (*route, "value"))
        if value is not None and not trend:
            self._rests(value, (*route, "value"), self.text.period or "")
            self._amount(value, (*route, "value"), lambda amount: amount.in_unit(self._unit) if self._unit else None)
        if trend and start is not None and end is not None:
            self._growth(start, end, route)
        return ClaimedFigure(item.name, item.means, item.group or "", value, start, end)

    def _point(self, item: PointText | None, route: Route) -> Point | None:
        if item is None:
            return None
        value = self._formula(item.value, (*route, "value"))
        if value is None:
            return None
        self._rests(value, (*route, "value"), item.date)
        return Point(item.date, value)

    def _growth(self, start: Point, end: Point, route: Route) -> None:
        years = years_between(start.date, end.date)
        if years <= 0:
            message = f"`to` ({end.date}) is not later than `from` ({start.date})"
            self._fault((*route, "to", "date"), message, found=end.date, remedy="exchange or mend the dates")
            return
        first = self._amount(start.value, (*route, "from", "value"))
        last = self._amount(end.value, (*route, "to", "value"))
        if first is not None and last is not None:
            self._tried(lambda: growth(first, last, years), route)

    def _rests(self, value: Expression, route: Route, window: str) -> None:
        """A figure rests on rows of its time, not on numbers typed in."""
        if not value.ids:
            message = f"`{value.text}` names no evidence"
            self._fault(route, message, found=value.text, allowed="an expression over ids", remedy="cite a row")
        for id_ in value.ids:
            self._in_time(id_, route, window)

    def _in_time(self, id_: str, route: Route, window: str) -> None:
        row = (self.evidence or {}).get(id_)
        if row is not None and not overlap(span_of(row.period), span_of(window)):
            message = f"`{id_}` is about {row.period}, outside the period {window}"
            self._fault(route, message, found=id_, allowed=f"rows about {window}", remedy="mend the row or the period")

    def _claimed(self, item: ClaimedText | None, route: Route) -> Claimed | None:
        if item is None:
            return None
        if item.value.strip() == FASTEST:
            if self.text.kind != "trend" or not self.text.comparators:
                message = f"`{FASTEST}` needs a claim of kind `trend` with `comparators`"
                self._fault(route, message, found=FASTEST, remedy="add `comparators:`, or write a number")
            return Claimed(FASTEST, None, item.computed or "")
        inner = (*route, "value") if (*self.route, *route, "value") in self.tree.values else route
        value = self._formula(item.value, inner)
        if value is None:
            return None
        if value.ids and self._unit:
            self._amount(value, inner, lambda amount: amount.in_unit(self._unit))
        elif not value.ids:
            self._amount(value, inner)
        return Claimed(item.value, value, item.computed or "")

    def _finding(self, place: int) -> Finding:
        item = self.text.findings[place]
        route = ("findings", place, "evidence")
        self._id(item.evidence, route)
        self._in_time(item.evidence, route, self.text.period or "")
        return Finding(item.evidence, item.holds, item.means)

    def _quote(self, item: QuoteText, route: Route) -> Quote:
        if (item.evidence is None) == (item.url is None):
            message = "a quote names where it can be read: one of `evidence` and `url`"
            self._fault(route, message, remedy="name the row of evidence.csv that holds the sentence, or its address")
        url = item.url or ""
        if item.evidence is not None:
            self._id(item.evidence, (*route, "evidence"))
            row = (self.evidence or {}).get(item.evidence)
            url = row.url if row is not None else url
        return Quote(item.who, item.where, url, item.evidence or "", item.speaker)

    def _variant(self, item: VariantText, route: Route) -> Variant:
        if self.text.kind == "not_checkable" and (item.claimed is not None or item.rule is not None):
            self._fault(route, "what cannot be checked has neither `claimed` nor `rule`", remedy="remove them")
        claimed = self._claimed(item.claimed, (*route, "claimed"))
        rule = self._rule(item.rule, (*route, "rule"))
        quote = self._quote(item.quote, (*route, "quote"))
        return Variant(item.date, item.sentence, quote, claimed, rule, item.holds or "")

    # ---- the model ----------------------------------------------------------------------------------------

    def _outcome(self) -> Expression | None:
        text, known = self.text, self.situation
        value = self._formula(text.outcome, ("outcome",), ids=False)
        if value is not None and not value.ids:
            self._fault(("outcome",), f"`{value.text}` names no outcome", found=value.text, remedy="name one")
        if value is not None and known is not None:
            for name in value.ids:
                if name not in known.outcomes:
                    self._unknown(("outcome",), name, "an outcome", known.outcomes, "docs/outcomes.md lists them")
            self._dimensionless(value, ("outcome",), known.outcomes)
        if known is not None and text.path is not None and text.path not in known.series:
            remedy = "add it to `paths:` of case.yaml, or mend the name"
            self._unknown(("path",), text.path, "a kept series", known.series, remedy)
        if known is not None and text.policy is not None:
            self._policy(text.policy, known)
        return value

    def _policy(self, name: str, known: Situation) -> None:
        if name not in known.policies:
            self._unknown(("policy",), name, "a policy", known.policies)
        elif self.text.kind == "policy_effect" and name == known.policies[0]:
            message = f"`{name}` is the present course, against which effects are measured"
            self._fault(("policy",), message, found=name, allowed=listed(known.policies[1:], most=30))

    def _dimensionless(self, value: Expression, route: Route, known: tuple[str, ...]) -> None:
        """Whether the expression can be computed at all: with every outcome one half."""
        if all(name in known for name in value.ids):
            self._tried(lambda: float(value.value(lambda _name, _where: Amount(0.5)).value), route)

    def _settings(self) -> None:
        known = self.situation
        if known is None or self.text.kind != "counterfactual":
            return
        for name, value in self.text.settings.items():
            if name not in known.levers:
                self._unknown(("set", name), name, "a lever", tuple(known.levers), key=True)
                continue
            low, high, _ = known.levers[name]
            if low <= high and not low <= value <= high:
                message = f"`{name}` is set to {value:g}, outside the lever's range"
                self._fault(("set", name), message, found=f"{value:g}", allowed=f"{low:g} to {high:g}")
        todays = [known.levers[name][2] == value for name, value in self.text.settings.items() if name in known.levers]
        if "settings" in self.text.model_fields_set and len(todays) == len(self.text.settings) and all(todays):
            self._fault(("set",), "`set` leaves every lever as it is today", remedy="set one to another value")

    # ---- the rule -----------------------------------------------------------------------------------------

    def _rule(self, item: RuleText | None, route: Route) -> Rule | None:
        """The rule, or None where one of its ends is no arithmetic."""
        if item is None:
            return None
        supported = self._test(item.supported, (*route, "supported"))
        contradicted = self._test(item.contradicted, (*route, "contradicted"))
        if supported is None or contradicted is None:
            return None
        return Rule(supported, contradicted, item.revised or "")

    def _test(self, item: TestText, route: Route) -> Test | None:
        ends = {name: self._formula(getattr(item, name), (*route, name), ids=False) for name in ENDS}
        if any(found is None and getattr(item, name) is not None for name, found in ends.items()):
            return None
        return Test(share=item.share, over=item.over, **ends)

    def _possible(
        self, claim: Claim, rule: Rule | None, claimed: Claimed | None, route: Route, *, own: bool = True
    ) -> bool:
        """Whether each verdict is possible and never both; not asked where what it hangs on is at fault already.

        ``own``: the rule stands at ``route``; otherwise what is claimed does.
        """
        number = self._claimed_number(claim, claimed)
        if rule is None or claim.kind == "not_checkable" or (number is None and claimed is not None):
            return True
        groups = tuple(dict.fromkeys(figure.group for figure in claim.figures if figure.group))
        found = rule_faults(rule, number, self._domain(claim), groups)
        for fault in found:
            inner = tuple(int(step) if step.isdigit() else step for step in fault.route)
            where = (*route, *inner) if own else route
            if (*self.route, *where) not in self.tree.values:
                where = where[:-1]
            self._fault(where, fault.message, allowed=fault.allowed, close=fault.nearest, remedy=fault.remedy)
        return not found

    def _claimed_number(self, claim: Claim, claimed: Claimed | None) -> float | None:
        """The claimed number in the claim's unit, or None where there is none or it is at fault."""
        if claimed is None or self.evidence is None or (not self._unit and claim.kind in COUNTED):
            return None
        try:
            if claimed.expression is None:
                rates = [self._rate(figure) for figure in claim.comparators]
                return max(rates) if rates else None
            amount = claimed.expression.value(resolver(self.evidence))
            found = float(amount.in_unit(self._unit)) if claimed.expression.ids else float(amount.value)
        except (ExpressionError, ArithmeticError, ValueError, TypeError, RecursionError):
            return None
        return found if math.isfinite(found) else None

    def _rate(self, figure: ClaimedFigure) -> float:
        if figure.start is None or figure.end is None or self.evidence is None:
            raise ValueError(figure.name)
        resolve = resolver(self.evidence)
        years = years_between(figure.start.date, figure.end.date)
        return growth(figure.start.value.value(resolve), figure.end.value.value(resolve), years)

    def _domain(self, claim: Claim) -> Domain:
        """Which values are possible."""
        if claim.kind == "fact":
            return Domain(0.0, 1.0, tuple(sorted(HOLDS.values())))
        if claim.kind == "trend":
            return Domain(-1.0, math.inf)
        if claim.kind in COUNTED:
            return Domain(0.0, math.inf)
        if claim.outcome is None or claim.outcome.text.strip() not in claim.outcome.ids:
            return Domain(-math.inf, math.inf)
        low, high = bounds_of(claim.outcome.ids[0])
        if claim.kind == "conditional_chance":
            return Domain(low, high)
        return Domain(low - high, high - low) if claim.measure == "difference" else Domain(-math.inf, math.inf)

    # ---- small things -------------------------------------------------------------------------------------

    def _ids(self, key: str, ids: tuple[str, ...]) -> None:
        for number, id_ in enumerate(ids):
            route = (key, number) if (*self.route, key, number) in self.tree.values else (key,)
            self._id(id_, route)

    def _id(self, id_: str, route: Route) -> None:
        if self.evidence is not None and id_ not in self.evidence:
            self._fault(
                route,
                f"`{id_}` is not in evidence.csv",
                found=id_,
                allowed=f"{len(self.evidence)} ids",
                close=nearest(id_, self.evidence),
                remedy="add the row or mend the id",
            )

    def _distinct(self, lists: list[tuple[str, tuple[FigureText, ...]]]) -> None:
        for key, items in lists:
            seen: set[str] = set()
            for place, item in enumerate(items):
                if item.name in seen:
                    message = f"the figure `{item.name}` stands here for the second time"
                    self._fault((key, place, "name"), message, found=item.name, remedy="give one another name")
                seen.add(item.name)

    def _formula(self, text: str | None, route: Route, *, ids: bool = True) -> Expression | None:
        """Parse an expression; with ``ids``, its names are rows of evidence."""
        if text is None:
            return None
        try:
            found = parse(text)
        except ExpressionError as error:
            self._expression_fault(error, route)
            return None
        except (RecursionError, MemoryError):
            self._fault(route, "the expression is nested too deep", remedy="write it shorter")
            return None
        if ids:
            for id_ in found.ids:
                self._id(id_, route)
        return found

    def _amount(self, value: Expression, route: Route, then: Callable[[Amount], object] | None = None) -> Amount | None:
        """The amount of an expression whose ids are all known."""
        evidence = self.evidence
        if evidence is None or any(id_ not in evidence or not evidence[id_].unit for id_ in value.ids):
            return None  # the row is missing or at fault itself
        found = self._tried(lambda: value.value(resolver(evidence)), route)
        if found is None:
            return None
        if not math.isfinite(float(found.value)):
            self._fault(route, f"`{value.text}` is not a finite number", found=value.text)
            return None
        if then is not None and self._tried(lambda: (then(found),), route) is None:
            return None
        return found

    def _tried(self, compute: Callable[[], Made], route: Route) -> Made | None:
        try:
            return compute()
        except ExpressionError as error:
            self._expression_fault(error, route)
        except (ArithmeticError, ValueError, TypeError, RecursionError):
            self._fault(route, "the expression cannot be computed", remedy="write it with smaller numbers or shorter")
        return None

    def _expression_fault(self, error: ExpressionError, route: Route) -> None:
        where = f" (at character {error.column})" if error.column > 1 else ""
        self._fault(
            route, f"{error}{where}", found=error.found, allowed=error.allowed, close=error.nearest, remedy=error.remedy
        )

    def _unknown(
        self, route: Route, name: str, what: str, known: Iterable[str], remedy: str = "", *, key: bool = False
    ) -> None:
        options = list(known)
        self._fault(
            route,
            f"`{name}` is not {what} of this case",
            key=key,
            found=name,
            allowed=listed(options, most=30),
            close=nearest(name, options),
            remedy=remedy,
        )

    def _fault(
        self,
        route: Route,
        message: str,
        *,
        key: bool = False,
        found: str = "",
        allowed: str = "",
        close: str = "",
        remedy: str = "",
    ) -> None:
        self.faults.append(
            self.tree.fault(
                (*self.route, *route), message, key=key, found=found, allowed=allowed, nearest=close, remedy=remedy
            )
        )
