"""Games of a case: what a game section becomes, that any label can stand in any role, and what is refused."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path
from typing import Any

import pytest

from twofront.case import Case, bundled_cases, load_case
from twofront.case.game_checks import check_games
from twofront.case.schema import CaseText, GameText
from twofront.case.tree import read_tree
from twofront.faults import Faults
from twofront.games.build import build
from twofront.games.form import FORMS, form
from twofront.games.game import Decision, walk

BASE = bundled_cases()["two-straits"]
OWN = """
  own:
    means: One may strike, the other sees it and answers
    form:
      title: Strike and answer
      means: A small form
      source: this test
      roles: {one: may strike, other: answers}
      parts: {doubt: what the other does not know}
      types:
        one: {labels: [soft, hard], values: [-1, 1], weights: [0.5, 0.5], loading: 0.2, part: doubt}
      moves:
        - {name: act, by: one, options: [wait, strike]}
        - {name: luck, by: chance, options: [{name: good, chance: "{p}"}, {name: bad, chance: "1 - {p}"}]}
        - {name: answer, by: other, options: ["yield", resist], after: {act: strike}, sees: [act], part: ""}
      lets: [{name: won, is: "win.{one}", when: {luck: good}}, {name: won, is: "0"}]
      pays:
        - {to: one, worth: "won * gain.{one}", when: {answer: "yield"}}
        - {to: one, worth: "fight.{one}", when: {answer: resist}}
        - {to: other, worth: "-loss.{other}", when: {answer: "yield"}}
        - {to: other, worth: "fight.{other}", when: {answer: resist}}
      quantities:
        "win.{one}": {means: chance that it wins, low: 0, high: 1}
        "gain.{one}": what it gains
        "fight.{one}": what fighting is worth to it
        "loss.{other}": what yielding costs
        "fight.{other}": what fighting is worth to it
    cast: {one: morwen, other: halden}
    precision: {one: precision, other: {value: 10, judgement: it has seen more crises}}
    values:
      "win.{one}": objective_chance.south_strait.attack.alone
      "gain.{one}": act_prize.attack
      "fight.{one}": -war_cost
      "loss.{other}": {value: 0.8, judgement: most of what it has}
      "fight.{other}": -war_cost
""".replace("{p}", "0.5")


def written(folder: Path, section: str, *, instead: bool = False) -> Path:
    """The case with a further game in its section ``game``, or with this section in its place."""
    for file in ("case.yaml", "evidence.csv", "claims.yaml"):
        shutil.copy(BASE / file, folder / file)
    path = folder / "case.yaml"
    text = path.read_text(encoding="utf-8")
    start, end = text.index("\ngame:\n"), text.index("\npaths:")
    kept = "\ngame:" if instead else text[start:end].rstrip("\n")
    path.write_text(f"{text[:start]}{kept}{section}{text[end:]}", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def case() -> Case:
    return load_case(BASE)


@pytest.mark.parametrize("name", sorted(bundled_cases()))
def test_bundled_games_read_only_what_the_case_has(name: str) -> None:
    """Names that the check lets through and no future holds would stop a run's report."""
    from twofront.future import FutureModel

    found = load_case(name)
    if not found.games:
        assert name not in ("rutte-2025", "two-straits")
        return
    known = {*FutureModel(found, policies=[found.policies[0].name]).outcome_names, *(p.name for p in found.parameters)}
    for game in found.games:
        assert set(game.reads) <= known, game.name
        assert set(game.values) == set(game.game.parameters)
        assert set(game.precision) == set(game.game.players)


def test_the_large_case_has_every_bundled_form() -> None:
    games = load_case("rutte-2025").games
    assert {game.form_name for game in games} == {path.stem for path in FORMS.glob("*.toml")}
    assert games[0].form_name == "two_theatres_with_call"
    assert all(part.judgement for name, part in games[-1].values.items() if "north_korea" in name)


def test_open_keys_give_every_name_and_a_closer_one_counts(case: Case) -> None:
    game = case.game("both_straits")
    texts = {name: part.expression.text for name, part in game.values.items()}
    assert texts["prize.morwen.seize"] == "act_prize.seize + loss_cost * act_force.seize"
    assert texts["prize.morwen.attack"] == "act_prize.attack + loss_cost * act_force.attack"
    assert "in_double" in texts["win.corvana.invade.both"]  # not the key that leaves {help} open
    assert "in_double" not in texts["win.corvana.invade.first"]
    assert texts["stake.halden.coerce"] == "act_prize.coerce * act_success.coerce"
    assert game.judged["lead.morwen"].judgement == "invented"


def test_a_form_of_its_own(tmp_path: Path) -> None:
    game = load_case(written(tmp_path, OWN)).game("own")
    assert game.form_name == ""
    assert game.game.players == ("morwen", "halden")
    assert [type(n).__name__ for n in walk(game.game.root)][:2] == ["Decision", "Chance"]
    assert (game.move, game.options) == ("act", ("strike",))
    assert game.precision["halden"].judgement == "it has seen more crises"
    assert load_case(tmp_path).hash != load_case(BASE).hash


def test_any_label_can_stand_in_any_role(tmp_path: Path) -> None:
    """All six castings of three players, a label that is nobody's among them: the same tree under other names."""
    labels = ("corvana", "morwen", "Isle of Nowhere")
    plain = [type(node) for node in walk(build(form("three_theatres")).root)]
    games = ""
    for number, cast in enumerate(itertools.permutations(labels)):
        first, second, third = cast
        values = "".join(
            f'      "{name}": {{value: 0.3, judgement: invented}}\n'
            for role in ("first", "second", "third")
            for name in (f"status_quo.{{{role}}}", f"prize.{{{role}}}", f"cost.{{{role}}}", f"win.{{{role}}}.alone",
                         f"win.{{{role}}}.helped", f"stake.{{outside}}.{{{role}}}")
        )  # fmt: skip
        games += (
            f"  game_{number}:\n    means: Three\n    form: three_theatres\n"
            f"    cast: {{first: {first}, second: {second}, third: {third}, outside: auria}}\n"
            f"    precision: precision\n    values:\n{values}      fight.auria: responder_cost\n"
        )
    found = load_case(written(tmp_path, "\n" + games, instead=True))
    assert len(found.games) == 6
    for game, cast in zip(found.games, itertools.permutations(labels), strict=True):
        assert game.game.players == (*cast, "auria")
        assert [type(node) for node in walk(game.game.root)] == plain
        first = game.game.root
        assert isinstance(first, Decision)
        assert first.player == cast[0]


def test_all_faults_of_all_games_at_once(tmp_path: Path) -> None:
    section = OWN.replace("cast: {one: morwen, other: halden}", "cast: {one: morwen, othr: halden}")
    section += OWN.replace("  own:", "  other:").replace("-war_cost", "-war_costs")
    with pytest.raises(Faults) as caught:
        load_case(written(tmp_path, section))
    told = [str(fault) for fault in caught.value.faults]
    assert sum("is cast and is no role" in text for text in told) == 1
    assert sum("nobody plays the role `other`" in text for text in told) == 1
    assert sum("did you mean `war_cost`?" in text for text in told) == 2
    assert all(fault.line and fault.column for fault in caught.value.faults)


ANYTHING = (7, None, "text", (), {}, (("a",),), ({"a": "b"},), True, {"a": ("b",)}, -1e9, "{", (1, 2), "{one}", "p +")


def places(value: object, route: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, tuple) else ()
    return [route, *(deeper for key, each in inner for deeper in places(each, (*route, key)))]


def replaced(value: Any, route: tuple[str | int, ...], by: object) -> Any:
    if not route:
        return by
    if isinstance(value, dict):
        return {key: replaced(each, route[1:], by) if key == route[0] else each for key, each in value.items()}
    return tuple(replaced(each, route[1:], by) if n == route[0] else each for n, each in enumerate(value))


@pytest.mark.parametrize("by", ANYTHING, ids=repr)
def test_anything_in_any_place_of_a_form_is_told(by: object, case: Case) -> None:
    """The check answers with faults that have a place, never with a traceback."""
    tree, faults = read_tree("game:" + OWN, "case.yaml")
    assert not faults
    value: Any = tree.value
    data = value["game"]["own"]
    told = 0
    for route in places(data["form"]):
        text = GameText.model_validate({**data, "form": replaced(data["form"], route, by) if route else {"title": "x"}})
        whole = CaseText.model_construct(game={"own": text}, policies={})
        _, found = check_games(whole, tree, case.world, case.parameters)
        told += len(found)
        assert all(fault.line and fault.column for fault in found)
    assert told > 20


def test_quantities_of_a_game_that_differ_are_told_apart() -> None:
    from twofront.games.build import meanings

    for declared in load_case("two-straits").games:
        told = meanings(declared.form, declared.cast)
        for name in ("win.corvana.invade.first", "win.corvana.wait.first", "prize.morwen.seize"):
            if name in told:
                assert told[name].endswith(", ".join(name.replace("_", " ").split(".")[2:])), told[name]
        # What one actor is told of its own quantities differs from act to act.
        of_one = [(name.split(".")[:2], means) for name, means in told.items()]
        assert all(of_one.count(each) == 1 for each in of_one)


def test_plain_zeros_and_ones_are_counted() -> None:
    (game, *_) = load_case("two-straits").games
    assert game.plain
    for name, part in game.plain.items():
        assert part.expression.text.strip() in ("0", "1"), name
        assert name not in game.judged
    sourced = set(game.values) - set(game.plain) - set(game.judged)
    assert all(game.values[name].expression.names for name in sourced)
