"""The one table of quantities that the model reads.

A *quantity* is something that the laws need a number for (a production capacity, a closure time, a stake).
A case supplies it with *parameters*; the name says for whom:

``[<class>_]<quantity>[.<actor or group>][.<theatre>]``

A parameter that names less applies to everything beneath it, and the most specific one wins: for the shells
of Russia, ``shell_build_lag.russia`` is preferred to ``shell_build_lag``, and that to ``build_lag``. An actor's
group (``core_target.nato_europe``) stands between the actor and nothing.

This table feeds the model (what to read), the checker (names, units, what is missing) and the documentation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = [
    "ASSUMED",
    "AXES",
    "BY_THEATRE",
    "QUANTITIES",
    "STRUCTURES",
    "THEATRE_KINDS",
    "WAR_PARTS",
    "WAR_STRUCTURES",
    "Quantity",
    "quantity",
    "war_parts",
]

AXES: Final = (
    "capability",  # class of forces; a prefix in a parameter's name
    "munition",  # class of munitions; a prefix
    "act",  # an option of a challenger; a suffix, like all that follow
    "actor",
    "theatre",
)
"""Axes along which a quantity may vary, in the order in which a name spells them."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """One thing that the laws need a number for.

    ``absent`` is the value where a case gives none: a statement that the thing does not exist there (no
    production line, no deployment), never an estimate. ``None`` means that a case must give it.
    ``per_class`` marks units that the class itself names (``unit``: brigade, ship, ...).
    """

    name: str
    axes: tuple[str, ...]
    unit: str
    part: str
    meaning: str
    absent: float | None = None


def _table() -> tuple[Quantity, ...]:
    q = Quantity
    a, ca, ka = ("actor",), ("capability", "actor"), ("munition", "actor")
    at, cat, kat = ("actor", "theatre"), ("capability", "actor", "theatre"), ("munition", "actor", "theatre")
    t, ct, kt = ("theatre",), ("capability", "theatre"), ("munition", "theatre")
    c, k, act = ("capability",), ("munition",), ("act",)
    # fmt: off
    return (
        # ---- economy ------------------------------------------------------------------------------------
        q("gdp", a, "bn_usd", "economy", "Gross domestic product in the clock's first year, market rates"),
        q("gdp_growth", a, "1/year", "economy", "Trend growth of real GDP"),
        q("price_level_gdp", a, "ratio", "economy", "Price level of GDP against the United States (market / PPP)"),
        q("price_level_military", a, "ratio", "economy", "Price level of military goods and pay against the US"),
        q("core_share", a, "share", "economy", "Core defence spending as a share of GDP at the start"),
        q("core_target", a, "share", "economy", "Share of GDP that present plans aim at"),
        q("plan_years", a, "year", "economy", "Years from the start in which present plans reach their target"),
        q("compliance", a, "share", "economy", "Part of a planned change of spending that is delivered"),
        q("related_share", a, "share", "economy", "Defence-related spending beside core at the start, of GDP", 0.0),
        q("related_target", a, "share", "economy", "Defence-related share of GDP that plans aim at", 0.0),
        q("equipment_share", a, "share", "economy", "Share of core spending for major equipment, research included"),
        q("research_share", a, "share", "economy", "Share of core spending for research and development"),
        q("munitions_share", a, "share", "economy", "Share of core spending for munitions of the modelled classes"),
        q("infrastructure_share", a, "share", "economy", "Share of core spending for infrastructure"),
        q("investment_growth", a, "1/year", "economy", "Past real growth of equipment spending; sets the stock's age"),
        q("threat_response", (), "1/year", "economy", "Richardson: rise of one's share per unit of the rivals' share"),
        q("spending_fatigue", (), "1/year", "economy", "Richardson: pull of one's own share back down"),
        q("adjustment_rate", (), "1/year", "economy", "Error correction: part of the gap closed in a year"),
        q("infrastructure_effect", (), "ratio", "economy", "Faster closure per unit rise of infrastructure spending"),
        q("sanctions_burden", a, "share", "economy", "Cost of sanctions to those who impose them, of GDP", 0.0),
        q("free_riding", (), "ratio", "economy", "Fall of an ally's share per unit rise of the others' mean"),
        q("discount_rate", (), "1/year", "economy", "Discount rate for the discounted variant of costs"),
        # ---- capability and innovation ------------------------------------------------------------------
        q("strength", ca, "class", "forces", "Units of a class in the order of battle at the start", 0.0),
        q("equipment_weight", ca, "ratio", "economy", "Weight of a class in the division of equipment spending"),
        q("service_life", c, "year", "economy", "Service life of a class's equipment"),
        q("declining_balance", (), "ratio", "economy", "Declining-balance rate: depreciation = rate / service life"),
        q("delivery_lag", c, "month", "economy", "Mean time from order to delivery of equipment"),
        q("quality", ca, "ratio", "innovation", "Combat quality of a unit against a present United States unit"),
        q("research_effect", (), "1/year", "innovation", "Yearly growth of quality at the largest effort today"),
        q("quality_decay", (), "1/year", "innovation", "Loss of relative quality per year without research"),
        q("spillover", (), "share", "innovation", "Share of a partner's research that can be used, when shared"),
        q("readiness_response", (), "ratio", "forces", "Elasticity of readiness to spending on people and operations"),
        q("readiness", ca, "share", "forces", "Share of units that can fight at once"),
        # ---- industry -----------------------------------------------------------------------------------
        q("capacity", ka, "round/month", "industry", "Capacity to make complete rounds at the start", 0.0),
        q("planned_capacity", ka, "round/month", "industry", "Capacity that funded plans aim at", 0.0),
        q("plan_slippage", ka, "share", "industry", "Part of a planned expansion that is delivered"),
        q("build_lag", k, "month", "industry", "Mean time from funding to working capacity"),
        q("input_ratio", ka, "ratio", "industry", "Capacity of the scarcest input against that of assembly"),
        q("input_lag", k, "month", "industry", "Mean time to expand the scarcest input"),
        q("surge_limit", k, "ratio", "industry", "Most that output can exceed capacity in war (extra shifts)"),
        q("order_weight", ka, "ratio", "industry", "Weight of a class in the division of munitions spending", 0.0),
        q("price", ka, "usd/round", "industry", "Price of a complete round at the start, market rates"),
        q("price_response", k, "ratio", "industry", "Elasticity of price to orders above capacity"),
        q("learning_rate", k, "ratio", "industry", "Unit cost after a doubling of cumulative output"),
        q("stock", ka, "round", "industry", "Usable stock at the start", 0.0),
        q("shelf_life", k, "year", "industry", "Mean shelf life"),
        q("training_use", k, "1/year", "industry", "Share of the stock used for training and tests in a year"),
        q("stock_years", ka, "year", "industry", "Years of planned output that holders aim to have in stock"),
        q("war_use", ka, "round/month", "industry", "Rounds used in the ongoing war", 0.0),
        q("donation", ka, "round/month", "industry", "Rounds given to a client in the ongoing war", 0.0),
        q("delivery", ka, "round/month", "industry", "Rounds delivered to a partner under a standing flow", 0.0),
        q("sanction_effect", a, "share", "industry", "Part of a needed input that full sanctions deny at first", 0.0),
        q("substitution_half_life", a, "year", "industry", "Time in which half of a denied input is substituted"),
        q("sanctions", a, "share", "industry", "Tightening of sanctions on inputs, 0 today to 1 full", 0.0),
        q("coproduction", a, "share", "industry", "Share of partners' planned capacity licensed to this actor", 0.0),
        q("coproduction_efficiency", (), "share", "industry", "Output from a licensed line against one at home"),
        q("coproduction_delay", (), "month", "industry", "Licensing and export control before a partner's line works"),
        q("research_sharing", a, "share", "innovation", "Openness of research with industrial partners, 0 to 1", 0.0),
        # ---- forces in an ongoing war, readiness, closure --------------------------------------------------
        q("ongoing_war_end", (), "year", "forces", "Calendar date on which the ongoing war ends"),
        q("tied_share", ca, "share", "forces", "Share of a class tied down by the ongoing war while it lasts", 0.0),
        q("residual_tie", a, "share", "forces", "Part of the tied forces that stay bound after the war ends", 0.0),
        q("redeployment_lag", a, "month", "forces", "Mean time to move released forces to another front", 1.0),
        q("wartime_trend", ca, "1/year", "forces", "Yearly change of a class while the ongoing war lasts", 0.0),
        q("reconstitution_gain", ca, "ratio", "forces", "Gain over the wartime force once reconstituted", 0.0),
        q("reconstitution_lag", a, "year", "forces", "Years after the war's end until the force is reconstituted", 1.0),
        q("standing_demand", ca, "share", "forces", "Share of a class that other regions hold", 0.0),
        q("presence", cat, "share", "forces", "Share of a class in the theatre on day 0", 0.0),
        q("reach", cat, "share", "forces", "Share of a class that could be in the theatre after full closure", 0.0),
        q("mobilisation_lag", at, "day", "forces", "Days from alert to first movement", 0.0),
        q("closure_lag", cat, "day", "forces", "Mean days from first movement to position", 1.0),
        q("lift", at, "share/day", "forces", "Most of its reach that an actor can bring in a day", 1.0),
        q("contention", c, "share", "forces", "Share of a class's reach that both theatres would claim"),
        q("munition_contention", k, "share", "forces", "Share of a munition stock that both theatres would claim"),
        q("stock_reach", kat, "share", "forces", "Share of a stock that can be used in the theatre", 0.0),
        q("commitment", at, "share", "forces", "Forces an actor would bring to a theatre against its full reach", 1.0),
        # ---- war -----------------------------------------------------------------------------------------
        q("campaign_m", (), "ratio", "war", "Decisiveness: exponent of the force ratio in contest success"),
        q("skill_sd", (), "ratio", "war", "Spread of the log of relative skill"),
        q("skill", t, "ratio", "war", "Standard score of the attacker's relative skill in the theatre"),
        q("defence_advantage", t, "ratio", "war", "Force multiplier of the defender (ground, water, preparation)"),
        q("combat_value", ct, "ratio", "war", "Combat value of one unit of a class in the theatre"),
        q("decision_days", t, "day", "war", "Mean time in which a campaign is decided"),
        q("attack_use", kt, "round/day", "war", "Rounds a day that the attacker needs", 0.0),
        q("defence_use", kt, "round/day", "war", "Rounds a day that a full defence needs", 0.0),
        q("attack_dependence", kt, "share", "war", "Part of the attack's effect that rests on the class", 0.0),
        q("defence_dependence", kt, "share", "war", "Part of the defence's effect that rests on the class", 0.0),
        q("shortage_exponent", (), "ratio", "war", "Exponent of effectiveness against the share of need that is met"),
        q("fallback_effect", k, "share", "war", "Effect kept by fall-back weapons when the class has run out"),
        q("suppression", t, "share", "war", "Part of a defence that unopposed strikes put out of action"),
        q("interception", t, "share", "war", "Share of strikes stopped by full magazines of interceptors"),
        q("loss_rate", ct, "1/day", "war", "Loss of a class per day of war at parity"),
        q("replacement_lag", (), "month", "war", "Mean time in which losses of a war are replaced"),
        q("contested_worth", (), "ratio", "war", "What both theatres claim, in doses that halve a vulnerability"),
        # ---- war: what single structures need (see WAR_STRUCTURES), by theatre ---------------------------
        q("attack_break", t, "share", "war", "Losses at which the attacker breaks, of the force committed"),
        q("defence_break", t, "share", "war", "Losses at which the defence breaks, of the force committed"),
        q("outcome_spread", t, "ratio", "war", "Spread of the log of skill within one war: what no structure explains"),
        q("enemy_exponent", t, "ratio", "war", "Exponent of enemy strength in losses (mixed Lanchester law), 0 to 1"),
        q("own_exponent", t, "ratio", "war", "Exponent of one's own strength in losses (mixed Lanchester law), 0 to 1"),
        q("attack_elements", t, "1/strength", "war", "Elements of the attacker that fight and die by themselves"),
        q("defence_elements", t, "1/strength", "war", "Elements of the defence that fight and die by themselves"),
        q("front_length", t, "km", "war", "Length of the front"),
        q("front_depth", t, "km", "war", "Ground that the attacker must take to hold its objective"),
        q("force_density", t, "strength/km", "war", "Strength that a kilometre of front needs to be held or pressed"),
        q("advance_speed", t, "km/day", "war", "Greatest rate of advance"),
        q("attack_threshold", t, "1/day", "war", "Loss rate that the attacker bears before it slows down"),
        q("defence_threshold", t, "1/day", "war", "Loss rate that the defence bears before it gives ground"),
        q("attack_shots", t, "round/strength/day", "war", "Missiles that a unit of the attacker's strength fires"),
        q("defence_shots", t, "round/strength/day", "war", "Missiles that a unit of the defence's strength fires"),
        q("attack_hit", t, "share", "war", "Chance that an attacker's missile hits if nobody intercepts it"),
        q("defence_hit", t, "share", "war", "Chance that a defender's missile hits if nobody intercepts it"),
        q("attack_intercepts", t, "round/strength/day", "war", "Interceptors that a unit of attacking strength fires"),
        q("defence_intercepts", t, "round/strength/day", "war", "Interceptors that a unit of defending strength fires"),
        q("attack_kill", t, "share", "war", "Chance that an interceptor of the attacker stops its missile"),
        q("defence_kill", t, "share", "war", "Chance that an interceptor of the defence stops its missile"),
        q("attack_staying", t, "round/strength", "war", "Hits that put a unit of attacking strength out of action"),
        q("defence_staying", t, "round/strength", "war", "Hits that put a unit of defending strength out of action"),
        q("crossing_lift", t, "strength/day", "war", "Strength of land forces that intact lift carries over the water"),
        q("lift_exposure", t, "share", "war", "Share of the defender's hits that fall on lift"),
        q("lift_staying", t, "round", "war", "Hits that put all lift out of action"),
        q("hold_ratio", t, "ratio", "war", "Landed force against that of the shore at which the objective is held"),
        # ---- choice ---------------------------------------------------------------------------------------
        q("war_months", t, "month", "war", "Mean length of a war in the theatre, campaigns and their aftermath"),
        q("opportunity_rate", a, "1/year", "choice", "Occasions a year on which the challenger weighs an attack"),
        q("distraction_factor", (), "ratio", "choice", "Occasions during another war against occasions in peace"),
        q("precision", a, "1/stake", "choice", "Logit precision of a player's choices"),
        q("status_quo", a, "stake", "choice", "Value of the status quo to the challenger (losing = 0, winning = 1)"),
        q("patience", a, "share", "choice", "Weight of next year's prospects against this year's"),
        q("war_cost", a, "stake", "choice", "Cost of a full war in its own theatre to this player"),
        q("loss_cost", a, "stake", "choice", "Further cost of losing such a war (regime, prestige)"),
        q("stalemate_value", (), "share", "choice", "Part of the prize that a stalemate brings the attacker"),
        q("act_prize", act, "share", "choice", "Part of the full stake that the act can win"),
        q("act_cost", act, "stake", "choice", "Cost of the act to the challenger who chooses it"),
        q("act_success", act, "share", "choice", "Chance that a coercive act succeeds against a full defence", 0.0),
        q("act_success_alone", act, "share", "choice", "The same with the outside responder absent", 0.0),
        q("act_force", act, "share", "choice", "Part of the challenger's forces that the act commits", 0.0),
        q("act_warning", act, "day", "choice", "Days of warning that preparations for the act give", 0.0),
        q("act_pin", act, "share", "choice", "Part of contested classes that the act pins in its theatre", 0.0),
        q("responder_stake", at, "stake", "choice", "What the theatre's loss costs the responder", 0.0),
        q("basing_access", t, "share", "choice", "Part of outside forces that need the local responder's bases", 0.0),
        q("basing_cost", (), "share", "choice", "Cost of lending bases against that of fighting"),
        q("responder_cost", at, "stake", "choice", "What fighting there costs the responder", 0.0),
        q("honour", at, "stake", "choice", "Cost to the responder of not honouring its commitment there", 0.0),
        q("escalation_chance", t, "share", "choice", "Chance that a war with an outside power goes nuclear"),
        q("escalation_loss", (), "stake", "choice", "Loss to every side if it does"),
        q("escalation_switch", (), "ratio", "choice", "Scale of nuclear risk: 0 off, 1 on, 2 doubled", 1.0),
        q("call_received", (), "share", "choice", "Chance that a call reaches the partner"),
        q("call_intercepted", (), "share", "choice", "Chance that the responders learn of a call"),
        q("call_lead", (), "day", "choice", "Days by which a received call advances the partner's forces"),
        q("call_alert", (), "day", "choice", "Days by which an intercepted call advances the responders' forces"),
        q("call_payment", (), "stake", "choice", "Side payment to a partner who attacks when called"),
        q("call_cost", (), "stake", "choice", "Cost of calling to the caller (dependence, exposure)"),
        q("bluff_cost", (), "stake", "choice", "Further cost of a call that no force follows", 0.0),
        q("attack_seen", (), "share", "choice", "Chance that a called partner sees the act before it decides", 1.0),
        q("resolve_spread", a, "stake", "choice", "How far private resolve moves the worth of force", 0.0),
        q("resolve_loading", a, "share", "choice", "How far the player's resolve follows the common factor", 0.0),
        q("reputation_worth", (), "share", "choice", "What a name for standing firm is worth elsewhere", 0.0),
        q("act_alert", act, "share", "choice", "Chance that the act leads responders to deploy forward", 0.0),
        q("alert_months", (), "month", "choice", "Mean time for which responders stay forward after an alert"),
        q("anchor", a, "1/year", "choice", "Declared prior: yearly chance of war by this challenger, present course"),
        q("accident_rate", t, "1/year", "choice", "Rate of wars in the theatre that nobody intended"),
        q("posture", t, "ratio", "choice", "Hostile posture that the defenders add in the theatre, 0 today", 0.0),
        q("reassurance", t, "ratio", "choice", "Reassurance that the defenders offer in the theatre, 0 today", 0.0),
        q("provocation", a, "stake", "choice", "Loss of status-quo value per unit of hostile posture"),
        q("goodwill", a, "stake", "choice", "Gain of status-quo value per unit of reassurance"),
    )
    # fmt: on


QUANTITIES: Final = _table()
THEATRE_KINDS: Final = ("land", "sea", "air", "strait")
"""What decides in a theatre: forces on land, at sea, in the air, or a landing over water."""
WAR_PARTS: Final = {
    "breaking": ("attack_break", "defence_break", "outcome_spread"),
    "exponents": ("enemy_exponent", "own_exponent"),
    "elements": ("attack_elements", "defence_elements"),
    "front": (
        "front_length",
        "front_depth",
        "force_density",
        "advance_speed",
        "attack_threshold",
        "defence_threshold",
    ),
    "salvo": (
        "attack_shots",
        "defence_shots",
        "attack_hit",
        "defence_hit",
        "attack_intercepts",
        "defence_intercepts",
        "attack_kill",
        "defence_kill",
        "attack_staying",
        "defence_staying",
    ),
    "crossing": ("crossing_lift", "lift_exposure", "lift_staying", "hold_ratio"),
}
"""Quantities behind each part of a war's terms, in the order of the part's fields (`twofront.adjudicate.contract`)."""
WAR_STRUCTURES: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "contest_ratio": (THEATRE_KINDS, ()),
    "contest_difference": (THEATRE_KINDS, ()),
    "lanchester_square": (("land", "sea", "air"), ("breaking",)),
    "lanchester_linear": (("land", "sea", "air"), ("breaking",)),
    "lanchester_log": (("land", "sea", "air"), ("breaking",)),
    "lanchester_mixed": (("land", "sea", "air"), ("breaking", "exponents")),
    "lanchester_stochastic": (("land", "sea", "air"), ("breaking", "elements")),
    "epstein": (("land",), ("breaking", "front")),
    "salvo_hughes": (("sea", "air", "strait"), ("breaking", "salvo")),
    "salvo_stochastic": (("sea", "air", "strait"), ("breaking", "salvo")),
    "closure_race": (("land",), ("breaking", "front")),
}
"""For each structure of war, the kinds of theatre in which it can be used, and the parts of the terms it needs."""


def war_parts(structure: str, kind: str) -> tuple[str, ...]:
    """Parts of the terms that a structure needs in a theatre of a kind: salvoes over a strait cover a landing too."""
    needs = WAR_STRUCTURES[structure][1]
    return (*needs, "crossing") if "salvo" in needs and kind == "strait" else needs


STRUCTURES: Final = {
    "spending_path": ("linear", "error_correction", "richardson"),
    "deflator": ("market", "gdp_ppp", "military_ppp"),
    "war": tuple(WAR_STRUCTURES),
    "allocation": ("proportional", "first_come", "minmax"),
    "waiting": ("forward", "myopic"),
    "information": ("complete", "private"),
    "reputation": ("interests", "chain_store", "limited_resources"),
}
"""Rival laws among which a case chooses or draws; an option's place is its number in a draw."""
ASSUMED: Final = ("information", "reputation")
"""Structures of which a case that is silent takes the first law: the one that assumes least."""
BY_THEATRE: Final = ("war",)
"""Structures that each theatre chooses or draws for itself: ``war.<theatre>``, or ``war`` for every theatre."""

_BY_NAME: Final = {item.name: item for item in QUANTITIES}


def quantity(name: str) -> Quantity:
    """Return the quantity called ``name``; ``KeyError`` if there is none."""
    return _BY_NAME[name]
