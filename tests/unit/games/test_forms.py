"""Games as data: forms become the trees that they describe, with the information they give, or say what is wrong."""

from __future__ import annotations

import contextlib
import copy
import itertools
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twofront.case.forms import read_form
from twofront.faults import Faults, UserError
from twofront.games.build import build, meanings, slug
from twofront.games.checks import BadGame
from twofront.games.form import FORMS, form, form_of
from twofront.games.game import Chance, Decision, Game, Node, Terminal, walk
from twofront.games.numbers import numbers
from twofront.games.private_types import TypePoints, joint_chances, normal_points

BUNDLED = sorted(path.stem for path in FORMS.glob("*.toml"))


def ends(game: Game) -> list[Terminal]:
    return [node for node in walk(game.root) if isinstance(node, Terminal)]


def some_values(game: Game, seed: int = 1) -> dict[str, float]:
    """A number for every name, within its range."""
    random = np.random.default_rng(seed)
    ranges = {name: (low, high) for name, low, high in game.ranges}
    return {name: float(random.uniform(*ranges.get(name, (0.0, 1.0)))) for name in game.parameters}


# ---- bundled forms -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BUNDLED)
def test_every_bundled_form_builds_with_and_without_its_parts(name: str) -> None:
    plain = form(name)
    for parts in (plain.parts, tuple(plain.optional)):
        game = build(plain.with_parts(parts))
        found = numbers(game, some_values(game))
        assert all(math.isfinite(value) for value in found.values())
        told = meanings(plain.with_parts(parts))
        assert set(game.parameters) <= set(told)
        assert all(told.values())


@pytest.mark.parametrize("name", BUNDLED)
def test_no_declared_quantity_is_left_unread(name: str) -> None:
    whole = form(name).with_parts(tuple(form(name).optional))
    game = build(whole)
    for each in whole.quantities:
        spread = re.compile("[^.]+".join(map(re.escape, re.split(r"{[^}]*}", each.pattern))))
        assert any(map(spread.fullmatch, game.parameters)), f"`{each.pattern}` of {name} is read by no payoff"


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("one_theatre", 6),
        ("commitment", 6),
        ("three_theatres", 20),
        ("two_theatres", 99),
        ("two_theatres_with_call", 451),
    ],
)
def test_sizes_of_trees(name: str, size: int) -> None:
    # two_theatres: after waiting 3 + 2 * 2 * 2 ends; after each of two acts of force, against 3 acts without war
    # 1 + 3 ends, against 2 acts of war (1 + 3 + 1 + 3) * 2: 11 + 2 * (12 + 32) = 99.
    # With the call each act of force is followed by 1 + 4 states of it: 11 + 2 * 5 * 44 = 451.
    assert len(ends(build(form(name)))) == size


def test_the_second_mover_sees_the_act_and_whether_a_call_came_through() -> None:
    game = build(form("two_theatres_with_call"), {"second": "Blue"})
    mine = {each.label: each.nodes for each in game.information_sets if each.player == "Blue"}
    # No call, a call lost, and a call lost but overheard are one to it.
    expected = {"wait": 1, "blockade": 3, "blockade, called": 2, "invade": 3, "invade, called": 2}
    assert mine == {f"answer: {label}": nodes for label, nodes in expected.items()}


def test_responders_see_an_intercepted_call_and_no_other() -> None:
    game = build(form("two_theatres_with_call"))
    help_ = [each for each in game.information_sets if each.player == "outside" and "attack" in each.label]
    assert {each.label: each.nodes for each in help_} == {
        "help: wait, attack": 1,
        "help: blockade, attack": 3,
        "help: blockade, attack, intercepted": 2,
        "help: invade, attack": 3,
        "help: invade, attack, intercepted": 2,
    }


def test_bases_and_fighting_are_two_choices_of_the_host() -> None:
    game = build(form("two_theatres"), {"host": "Host"})
    sets = [(each.label.split(":")[0], each.options) for each in game.information_sets if each.player == "Host"]
    assert set(sets) == {("basing", ("deny", "allow")), ("combat", ("stay_out", "fight"))}


def test_a_bluff_is_a_call_without_an_attack() -> None:
    game = build(form("two_theatres_with_call").with_parts(["call", "bluff"]))
    assert any(each.label == "bluff: wait" for each in game.information_sets)
    assert any(each.label == "answer: wait, called" for each in game.information_sets)


def test_payoffs_are_what_the_terms_say() -> None:
    game = build(form("two_theatres_with_call"), {"first": "Red", "second": "Blue", "outside": "Green"})
    values = some_values(game)
    found = numbers(game, values)
    (end,) = [each for each in ends(game) if each.label == "invade, call, known, attack, both, allow, fight, defend"]
    won = max(0.0, values["win.red.invade.both.joined"] - values["warning.red"])
    lost = values["win.blue.attack.defend.both"] + values["lead.blue"] - values["warning.blue"]
    lost = max(0.0, min(1.0, lost))
    first = values["prize.red.invade"] * won - values["cost.red.invade"] - values["war.red.green.invade"]
    first -= values["call.red"] + values["payment.red"]
    outside = -values["stake.green.invade"] * won - values["stake.green.attack"] * lost - values["fight.green.invade"]
    outside -= values["fight.green.attack"] + values["strain.green"]
    assert found[end.payoffs[0]] == pytest.approx(first, rel=1e-14)
    assert found[end.payoffs[2]] == pytest.approx(outside, rel=1e-14)


def test_labels_are_only_labels() -> None:
    plain = build(form("two_theatres_with_call"))
    cast = build(form("two_theatres_with_call"), {"first": "North Korea", "second": "2nd Fleet", "outside": "Ö"})
    assert [type(node) for node in walk(plain.root)] == [type(node) for node in walk(cast.root)]
    renamed = {"first": "north_korea", "second": "_2nd_fleet", "outside": "ö"}

    def as_cast(name: str) -> str:
        return ".".join(
            [name.split(".")[0], *(renamed.get(part, part) for part in name.split(".")[1:2]), *name.split(".")[2:]]
        )

    assert len(cast.parameters) == len(plain.parameters)
    assert as_cast("status_quo.first") in cast.parameters
    assert cast.players == ("North Korea", "2nd Fleet", "Ö", "host", "bloc")


def test_alike_parts_of_a_tree_are_one_object() -> None:
    game = build(form("one_theatre"))
    nodes = list(walk(game.root))
    assert len({id(node) for node in nodes}) == len(nodes) - 2  # peace and yielding come once for both types
    shared: dict[object, Node] = {}
    for node in nodes:
        if isinstance(node, Terminal):
            assert shared.setdefault((node.payoffs, node.label), node) is node


# ---- private types -----------------------------------------------------------------------------------------------


def two(loading: Any) -> TypePoints:
    return TypePoints(("low", "high"), (-1.0, 1.0), (0.5, 0.5), loading)


@pytest.mark.parametrize("loadings", [(0.6, 0.5), (0.6, -0.5), (-1.0, 1.0), (0.0, 0.9), (0.3, 0.4, -0.7)])
def test_two_points_follow_half_one_plus_or_minus_the_loading(loadings: tuple[float, ...]) -> None:
    found = joint_chances({f"p{place}": two(loading) for place, loading in enumerate(loadings)})
    for places, chance in found:
        expected = 0.0
        for factor in (-1, 1):
            signs = (1 if place else -1 for place in places)
            expected += 0.5 * math.prod(0.5 * (1 + factor * s * r) for s, r in zip(signs, loadings, strict=True))
        assert chance == pytest.approx(expected, abs=1e-15)
    assert math.fsum(float(chance) for _, chance in found) == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize("loading", [0.8, -0.8])
def test_named_loadings_give_what_numbers_give(loading: float) -> None:
    from twofront.games.expression import parse

    wide = TypePoints(("a", "b", "c"), (0.0, 1.0, 2.0), (0.2, 0.3, 0.5))
    others = {"x": two(loading), "y": TypePoints(wide.labels, wide.values, wide.weights, 0.6)}
    named = {"x": two("r"), "y": TypePoints(wide.labels, wide.values, wide.weights, "s / 2")}
    for (places, number), (also, text) in zip(joint_chances(others), joint_chances(named), strict=True):
        assert places == also
        assert float(parse(str(text)).value({"r": loading, "s": 1.2})) == pytest.approx(float(number), abs=1e-15)


def test_each_type_alone_keeps_its_weights_and_the_correlation_is_the_product_of_loadings() -> None:
    points, weights = normal_points(5)
    normal = TypePoints(tuple("abcde"), points, weights)
    types = {
        "x": replace(normal, loading=0.7),
        "y": replace(normal, loading=-0.4),
    }
    found = joint_chances(types)
    for place in range(5):
        assert math.fsum(float(c) for p, c in found if p[0] == place) == pytest.approx(weights[place], abs=1e-15)
        assert math.fsum(float(c) for p, c in found if p[1] == place) == pytest.approx(weights[place], abs=1e-15)
    correlation = math.fsum(float(c) * points[p[0]] * points[p[1]] for p, c in found)
    assert correlation == pytest.approx(-0.28, abs=1e-13)


def test_normal_points_have_the_moments_of_a_normal() -> None:
    points, weights = normal_points(4)
    for power, moment in ((0, 1.0), (1, 0.0), (2, 1.0), (3, 0.0), (4, 3.0), (6, 15.0), (7, 0.0)):
        found = math.fsum(w * x**power for x, w in zip(points, weights, strict=True))
        assert found == pytest.approx(moment, abs=1e-13)


def test_types_multiply_the_tree_and_their_players_alone_see_them() -> None:
    game = build(form("two_theatres").with_parts(["intent", "resolve"]))
    assert isinstance(game.root, Chance)
    assert [name for name, _, _ in game.root.branches] == ["content, wary", "content, bold", "bent, wary", "bent, bold"]
    labels = {each.label: each.nodes for each in game.information_sets}
    assert labels["act: content"] == 2
    assert labels["answer: wary, invade"] == 2
    assert labels["help: invade, nothing"] == 4
    ranges = {name: (low, high) for name, low, high in game.ranges}
    assert ranges["loading.first"] == (-1.0, 1.0)


def test_a_lone_type_has_nothing_to_go_together_with() -> None:
    game = build(form("two_theatres").with_parts(["resolve"]))
    assert isinstance(game.root, Chance)
    assert [chance for _, chance, _ in game.root.branches] == [0.5, 0.5]
    assert not any(name.startswith("loading") for name in game.parameters)


def test_a_correlation_out_of_range_is_refused_as_number_and_as_name() -> None:
    game = build(form("two_theatres").with_parts(["intent", "resolve"]))
    values = some_values(game) | {"loading.first": 1.2}
    with pytest.raises(BadGame, match=r"`loading\.first` is 1\.2; allowed: -1 to 1"):
        numbers(game, values)
    data = minimal()
    data["types"] = {"red": {"labels": ["a", "b"], "loading": 1.2}}
    with pytest.raises(BadGame, match=r"`types\.red\.loading`: the loading of `red` is 1\.2; allowed: -1 to 1"):
        form_of(data)


def test_a_type_may_be_put_in_its_place() -> None:
    points, weights = normal_points(3)
    game = build(form("two_theatres").with_type("second", TypePoints(("lo", "mid", "hi"), points, weights)))
    assert isinstance(game.root, Chance)
    assert [chance for _, chance, _ in game.root.branches] == pytest.approx([1 / 6, 2 / 3, 1 / 6])
    with pytest.raises(UserError, match="has no role `secnd`"):
        form("two_theatres").with_type("secnd", two(0.0))


# ---- a form of one's own -----------------------------------------------------------------------------------------


def minimal() -> dict[str, Any]:
    return {
        "title": "a form",
        "roles": {"red": "moves", "blue": "answers"},
        "moves": [
            {"name": "act", "by": "red", "options": ["wait", "go"]},
            {
                "name": "luck",
                "by": "chance",
                "options": [{"name": "good", "chance": "q"}, {"name": "bad", "chance": "1-q"}],
            },
            {"name": "reply", "by": "blue", "options": ["no", "yes"], "after": {"act": "go"}, "sees": ["act"]},
        ],
        "pays": [
            {"to": "red", "worth": "a.{red}", "when": {"act": "go"}},
            {"to": "red", "worth": 2, "when": {"reply": ["yes", "-"], "luck": "good"}},
            {"to": "blue", "worth": "b.{reply}", "when": {"act": "go"}},
        ],
    }


def test_a_form_of_ones_own() -> None:
    game = build(form_of(minimal()), {"red": "R"})
    assert [each.payoffs for each in ends(game)] == [
        (2.0, 0.0),
        (0.0, 0.0),
        ("a.r", "b.no"),
        ("a.r + 2.0", "b.yes"),
        ("a.r", "b.no"),
        ("a.r", "b.yes"),
    ]
    reply = [node for node in walk(game.root) if isinstance(node, Decision) and node.player == "blue"]
    assert len({node.information for node in reply}) == 1, "who does not see luck cannot tell it"


def test_groups_of_options_look_alike() -> None:
    data = minimal()
    data["moves"][0]["options"] = ["wait", "step", "go"]
    data["moves"][2]["after"] = {"act": ["step", "go"]}
    data["moves"][2]["sees"] = {"act": {"moved": ["step", "go"]}}
    game = build(form_of(data))
    (reply,) = [each for each in game.information_sets if each.player == "blue"]
    assert (reply.label, reply.nodes) == ("reply: moved", 4)


def edited(path: str, value: Any) -> dict[str, Any]:
    """The minimal form with one thing changed; ``path`` like ``moves.2.after``; `None` removes."""
    data = minimal()
    *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
    place: Any = data
    for step in steps:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("title", None, "the form has no `title`; add it; a form has title, means"),
        ("tilte", "x", "`tilte`: unknown key `tilte`; allowed: title, means"),
        ("moves.0.by", "rde", "`moves[0].by`: `rde` is no role; allowed: red, blue, chance; did you mean `red`?"),
        ("moves.0.opions", [], "`moves[0].opions`: unknown key `opions`"),
        ("moves.0.name", "re d", "`moves[0].name`: the name of the move is `re d`; allowed: letters, digits"),
        ("moves.2.name", "act", "`moves[2].name`: `act` is the name of something before"),
        ("moves.0.options", ["go", "go"], "`moves[0].options[1]`: the option `go` stands twice"),
        ("moves.0.options", [], "`moves[0].options`: a list stands where a list is expected"),
        ("moves.1.options", ["good"], "`moves[1].options[0]`: the option `good` needs a `chance`"),
        ("moves.0.options", [{"name": "go", "chance": 1}], "the option `go` is chosen by red and has no `chance`"),
        (
            "moves.2.after",
            {"act": "goo"},
            "`goo` is no option of `act`; allowed: wait, go, - (not made); did you mean `go`?",
        ),
        ("moves.2.after", {"actt": "go"}, "`moves[2].after.actt`: `actt` is no earlier move and nobody's type"),
        ("moves.0.after", {"reply": "no"}, "`moves[0].after.reply`: `reply` is no earlier move"),
        ("moves.2.after", "go", "the text `go` stands where a condition is expected"),
        (
            "moves.2.sees",
            ["luk"],
            "`moves[2].sees.luk`: `luk` is no earlier move and nobody's type; allowed: act, luck",
        ),
        ("moves.2.sees", {"act": {"moved": ["gone"]}}, "`moves[2].sees.act.moved`: `gone` is no option of `act`"),
        ("moves.2.part", "more", "`moves[2].part`: `more` is no part of the form"),
        ("pays.0.to", "blu", "`pays[0].to`: `blu` is no role; allowed: red, blue; did you mean `blue`?"),
        ("pays.0.worth", "a.{rde}", "`{rde}` is no role, no move and no type; allowed: red, blue, act, luck, reply"),
        ("pays.0.worth", "a. +", "`pays[0].worth`: `a. +`: `a. +` is not arithmetic"),
        ("pays.2", {"to": "red", "worth": "1"}, "`roles.blue`: nothing is paid to `blue`"),
        ("roles", {}, "roles are names with what they mean"),
        ("roles", {"chance": "x"}, "`chance` is nature and no role"),
        (
            "types",
            {"red": {"labels": ["a", "b"], "weights": [0.5, 0.6]}},
            "the weights of `red` are 0.5, 0.6 and add up",
        ),
        ("types", {"red": {"labels": ["a", "a"]}}, "`types.red.labels`: two points have one label"),
        ("types", {"red": {"labels": ["a", "b"], "values": [1]}}, "`types.red.values`: 1 values for 2 points"),
        (
            "types",
            {"red": {"labels": ["a", "b"], "weights": ["1 - h", "h"], "loading": 0.5}},
            "has weights that are names",
        ),
        ("types", {"red": {"normal": 40}}, "a normal stands on 40 points; allowed: 2 to 9"),
        ("types", {"rod": {"normal": 3}}, "`types.rod`: `rod` is no role"),
        ("quantities", {"a.{red}": {"means": "x", "low": 2, "high": 1}}, "`a.{red}` lies between 2 and 1"),
        ("quantities", {"a.{x}": "y"}, "`{x}` is no role, no move and no type"),
        ("lets", [{"name": "x"}], "`lets[0]`: the let has no `is`"),
    ],
)
def test_a_faulty_form_says_what_is_wrong_and_where(path: str, value: Any, says: str) -> None:
    with pytest.raises(BadGame) as raised:
        form_of(edited(path, value), "my form")
    assert says in str(raised.value)
    assert str(raised.value).startswith("my form: ")


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (
            "quantities",
            {"b.{reply}": "x", "aa.{red}": "y", "q": "z"},
            "read `a.red`, and the form declares no such quantity",
        ),
        ("quantities", {"b.{reply}": "x", "aa.{red}": "y", "q": "z"}, "did you mean `aa.red`? declare or mend it"),
        ("pays.0.worth", "a.{reply}", "`a.{reply}` needs `reply`, which is not made (after act wait, luck good)"),
        ("pays.0.worth", "type.red", "`type.red` reads the type of `red`, which has none; allowed: types of: none"),
        ("lets", [{"name": "q", "is": "z", "when": {"act": "wait"}}], "`q` stands for nothing after act go"),
        ("lets", [{"name": "q", "is": "q + 1"}], "is defined by itself"),
        ("moves.1.options", [{"name": "good", "chance": 0.5}, {"name": "bad", "chance": 0.6}], "add up to 1.1"),
        ("moves.2.options", ["no", {"name": "yes", "when": {"luck": "good"}}, "well"], "offers different options"),
    ],
)
def test_what_only_building_shows(path: str, value: Any, says: str) -> None:
    data = edited(path, value)
    if says.startswith("`a.{reply}`"):
        del data["pays"][0]["when"]
    with pytest.raises(BadGame) as raised:
        build(form_of(data))
    assert says in str(raised.value)


def test_all_faults_of_a_form_are_told_at_once() -> None:
    data = edited("moves.0.by", "rde")
    data["pays"][0]["to"] = "blu"
    data["moves"][2]["after"] = {"act": "goo"}
    with pytest.raises(BadGame) as raised:
        form_of(data)
    assert len(raised.value.faults) == 3


def test_faults_of_a_form_in_a_file_have_its_lines() -> None:
    def where(route: tuple[str | int, ...]) -> tuple[int, int]:
        return (7, 3) if route == ("pays", 0, "to") else (1, 1)

    with pytest.raises(BadGame, match=r"case\.yaml:7:3: `blu` is no role; allowed: red, blue"):
        form_of(edited("pays.0.to", "blu"), "case.yaml", where)


def test_unknown_forms_roles_and_parts_name_the_nearest() -> None:
    with pytest.raises(UserError, match=r"there is no form `two_theatre`; bundled: .*did you mean `two_theatres`"):
        form("two_theatre")
    with pytest.raises(UserError, match=r"has no part `cal`; it has call, .*did you mean `call`"):
        form("two_theatres").with_parts(["cal"])
    with pytest.raises(UserError, match=r"`frst` is cast and is no role .*did you mean `first`"):
        build(form("two_theatres"), {"frst": "Red"})
    with pytest.raises(UserError, match="Red plays two roles"):
        build(form("two_theatres"), {"first": "Red", "second": "Red"})


def test_labels_become_names() -> None:
    assert [slug(label) for label in ("North Korea", "U.S.", "3rd", "Côte d'Ivoire")] == [
        "north_korea",
        "u_s",
        "_3rd",
        "côte_d_ivoire",
    ]


def test_all_types_of_all_parts_are_drawn_together() -> None:
    game = build(form("two_theatres").with_parts(["intent", "resolve", "will"]))
    assert isinstance(game.root, Chance)
    values = some_values(game)
    found = numbers(game, values)
    chances = {name: found[chance] for name, chance, _ in game.root.branches}
    assert len(chances) == 8
    assert math.fsum(chances.values()) == pytest.approx(1.0, abs=1e-12)
    loadings = [values[f"loading.{role}"] for role in ("first", "second", "outside")]
    for (one, left), (other, right) in itertools.combinations(enumerate(loadings), 2):
        low = ["content", "wary", "reluctant"]
        correlation = math.fsum(
            chance
            * (-1 if name.split(", ")[one] == low[one] else 1)
            * (-1 if name.split(", ")[other] == low[other] else 1)
            for name, chance in chances.items()
        )
        assert correlation == pytest.approx(left * right, abs=1e-12)


JUNK: list[Any] = [
    None,
    True,
    -3,
    2.5,
    "",
    "x",
    "a +",
    [],
    {},
    [None],
    {"x": None},
    [[1]],
    {"act": 3},
    {"act": ["go", None]},
]


def places(data: Any, route: str = "") -> list[str]:
    """The way to every part of plain data."""
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    inner = [found for key, value in pairs for found in places(value, f"{route}/{key}" if route else str(key))]
    return [*inner, route] if route else inner


WHOLE = minimal() | {
    "parts": {"more": "a part"},
    "lets": [{"name": "z", "is": "q + 1", "when": {"act": "go"}}],
    "types": {"red": {"labels": ["lo", "hi"], "values": [0, 1], "weights": [0.5, 0.5], "loading": 0.2, "part": "more"}},
    "quantities": {"a.{red}": {"means": "x", "low": 0, "high": 1}, "b.{reply}": "y", "q": "z"},
}


@pytest.mark.parametrize("path", places(WHOLE))
def test_no_damage_to_a_form_ends_in_anything_but_its_faults(path: str) -> None:
    *steps, last = (int(step) if step.isdigit() else step for step in path.split("/"))
    for junk in JUNK:
        data = copy.deepcopy(WHOLE)
        place: Any = data
        for step in steps:
            place = place[step]
        place[last] = junk
        with contextlib.suppress(BadGame):  # anything else fails
            assert build(form_of(data).with_parts([])).players


YAML = """
title: A visit
roles: {red: moves, blue: answers}
moves:
  - {name: act, by: red, options: [wait, go]}
  - name: reply
    by: blue
    after: {act: go}
    sees: [act]
    options: ["no", "yes"]
pays:
  - {to: red, when: {act: go}, worth: "prize.{red}"}
  - {to: blue, when: {reply: "yes"}, worth: 1}
"""


def test_a_form_is_read_from_yaml_and_its_faults_have_lines(tmp_path: Path) -> None:
    path = tmp_path / "visit.yaml"
    path.write_text(YAML, encoding="utf-8")
    game = build(read_form(path))
    assert [end.payoffs for end in ends(game)] == [(0.0, 0.0), ("prize.red", 0.0), ("prize.red", 1.0)]
    path.write_text(YAML.replace("by: blue", "by: blu").replace("act: go", "act: goo", 1), encoding="utf-8")
    with pytest.raises(Faults) as raised:
        read_form(path)
    lines = str(raised.value).splitlines()
    assert lines[0].startswith(f"{path}:7:9: `blu` is no role; allowed: red, blue, chance; did you mean `blue`?")
    assert lines[1].startswith(f"{path}:8:18: `goo` is no option of `act`")
    path.write_text("- a list", encoding="utf-8")
    with pytest.raises(Faults, match="the file holds no form"):
        read_form(path)
    with pytest.raises(Faults, match="there is no such file"):
        read_form(tmp_path / "nowhere.yaml")


def test_a_choice_of_one_option_is_no_node() -> None:
    data = minimal()
    data["moves"][2]["options"] = ["no", {"name": "yes", "when": {"act": "wait"}}]
    game = build(form_of(data))
    assert not [each for each in game.information_sets if each.player == "blue"]
    assert ("a.red", "b.no") in [end.payoffs for end in ends(game)]
