"""A case as it is read: values, units, labels, hash."""

import shutil
from pathlib import Path

import pytest

from twofront.case import Case, bundled_cases, find_case, load_case
from twofront.faults import Faults, UserError

BASE = bundled_cases()["two-straits"]


@pytest.fixture(scope="module")
def case() -> Case:
    return load_case("two-straits")


def changed(folder: Path, old: str, new: str, file: str = "case.yaml") -> Case:
    for name in ("case.yaml", "evidence.csv", "claims.yaml"):
        shutil.copy(BASE / name, folder / name)
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return load_case(folder)


def test_the_world(case: Case) -> None:
    world = case.world
    assert world.actors == ("corvana", "tessaly", "auria", "morwen", "halden", "brevia")
    assert dict(world.groups) == {"hosts": ("tessaly", "halden"), "partnership": ("auria", "brevia")}
    assert world.strikers == ("cruise",)
    assert world.interceptors == ("interceptor",)
    assert [item.actor for item in world.challengers] == ["corvana", "morwen"]
    assert world.theatre("north_strait").companions == (("auria", ("brevia",)),)
    assert world.responders[1].options == (("stand_aside", "none"), ("basing", "basing"), ("combat", "combat"))
    assert world.responders[1].needs == "auria"
    assert world.flows[0].while_war
    assert (world.clock.months, world.clock.cutoff, world.clock.spacing) == (96, 6, 12)
    assert world.clock.first_year == 2030
    assert (case.clock_labels[0], case.clock_labels[-1], len(case.clock_labels)) == ("2030-01", "2037-12", 96)


def test_values_are_in_canonical_units_and_bounds_as_written(case: Case) -> None:
    growth = case.parameter("gdp_growth")
    assert (growth.low, growth.mode, growth.high) == pytest.approx((0.005, 0.02, 0.04))
    assert (growth.unit, growth.written_unit) == ("1/year", "percent/year")
    assert growth.bounds["low"].value == 0.5
    assert case.parameter("cruise_price").mode == pytest.approx(1_500_000)
    assert case.parameter("air_strength.corvana").unit == "squadron"
    assert case.unit("strength", ("sea", "auria")) == "ship"


def test_fixed_and_uniform_shapes_are_filled(case: Case, tmp_path: Path) -> None:
    rate = case.parameter("discount_rate")
    assert (rate.low, rate.mode, rate.high, rate.uncertain) == (0.03, 0.03, 0.03, False)
    old = """\
    low: {value: 0.5, judgement: invented}
    mode: {value: 2, judgement: invented}
    high: {value: 4, judgement: invented}
    shape: triangular"""
    new = """\
    low: {value: 0.5, judgement: invented}
    high: {value: 4.5, judgement: invented}
    shape: uniform"""
    growth = changed(tmp_path, old, new).parameter("gdp_growth")
    assert growth.mode == pytest.approx(0.025)
    assert growth.uncertain
    shutil.rmtree(tmp_path)
    tmp_path.mkdir()
    growth = changed(tmp_path, old, new.replace(": uniform", ": log_uniform")).parameter("gdp_growth")
    assert growth.mode == pytest.approx(0.015)


def test_evidence_and_judgement(case: Case) -> None:
    shells = case.parameter("shell_capacity.corvana")
    assert shells.evidence == ("S0002", "S0001")
    assert shells.contrary == ("S0002",)
    assert shells.bounds["mode"].judgement == "between both yearbooks"
    assert shells.bounds["low"].conversion == "600 000 a year / 12"
    assert shells.moves_with[0].parameter == "shell_capacity.morwen"
    assert shells.moves_with[0].value == 0.3
    row = case.evidence["S0001"]
    assert (row.low, row.central, row.high, row.grade, row.line) == (None, 1_200_000, None, "C", 2)
    assert case.claims[0].supporting == ("S0001",)
    assert case.claims[0].variants[0].date == "2029-06"


def test_places(case: Case) -> None:
    file, line, column = case.parameter("gdp_growth").place.rsplit(":", 2)
    assert file == "two-straits/case.yaml"
    text = (BASE / "case.yaml").read_text(encoding="utf-8").splitlines()
    assert text[int(line) - 1][int(column) - 1 :] == "gdp_growth:"


def test_structures_list_all_laws_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    case = changed(tmp_path, "waiting: {forward: 0.5, myopic: 0.5}", "waiting: {myopic: 3}")
    waiting = next(item for item in case.structures if item.name == "waiting")
    assert (waiting.options, waiting.weights) == (("forward", "myopic"), (0, 1))
    deflator = next(item for item in case.structures if item.name == "deflator")
    assert deflator.weights == pytest.approx((1 / 3, 1 / 3, 1 / 3))


def test_levers_act_on_entries(case: Case) -> None:
    presence = case.lever("presence").effects[0]
    assert presence.of == (("land", "air"), ("auria",), ("north_strait", "south_strait"))
    assert case.lever("core_floor").effects[0].of == (("auria", "brevia"),)
    assert case.lever("coproduction").effects[1].of == (("auria", "brevia"),)
    assert case.lever("core_floor").effects[1].times == "posture_per_spending"
    assert case.parameter("posture_per_spending").for_lever


def test_policies_set_every_lever(case: Case) -> None:
    today = {lever.name: lever.today for lever in case.levers}
    assert case.policies[0].levers == today
    assert case.policy("build_up").levers == {**today, "core_floor": 0.035, "munitions_plan": 2}
    assert case.policy("build_up").named == ("core_floor", "munitions_plan")


def test_readings(case: Case) -> None:
    assert case.reading("discount_rate") == {(): "discount_rate"}
    assert case.reading("gdp")["corvana",] == "gdp.corvana"
    assert case.reading("core_share")["brevia",] == "core_share"
    assert case.reading("quality")["sea", "auria"] == "quality.auria"
    assert case.reading("strength")["sea", "halden"] is None
    with pytest.raises(KeyError):
        case.reading("gdpp")


def test_labels(case: Case) -> None:
    assert case.label("corvana") == "Corvana"
    assert case.label("cruise") == "Cruise missiles"
    assert case.label("coerce") == "coerce below war"
    assert case.label("nobody") == "nobody"


def test_the_hash_is_of_the_content_alone(case: Case, tmp_path: Path) -> None:
    same = [
        ("# Months. Decisions", "# Decisions"),
        ("client: halden", "client:   'halden'"),
        ("value: 14000", "value: 1.4e4"),
    ]
    different = [("value: 14000", "value: 14001"), ("label: Corvana", "label: Corvania")]
    for number, (old, new) in enumerate(same + different):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert (changed(folder, old, new).hash == case.hash) == (number < len(same)), new
    for file, old in (("evidence.csv", "invented\n"), ("claims.yaml", "a minister")):
        folder = tmp_path / file
        folder.mkdir()
        text = (BASE / file).read_text(encoding="utf-8")
        found = old if old in text else "minister"
        assert changed(folder, found, "x" + found, file).hash != case.hash


def test_the_hash_does_not_depend_on_the_line_ends_or_the_byte_order_mark(case: Case, tmp_path: Path) -> None:
    for name in ("case.yaml", "evidence.csv", "claims.yaml"):
        text = (BASE / name).read_text(encoding="utf-8")
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert load_case(tmp_path).hash == case.hash


def test_anchors_and_merges_are_fine(case: Case, tmp_path: Path) -> None:
    text = (BASE / "case.yaml").read_text(encoding="utf-8")
    start = text.index("  gdp.tessaly:")
    old = text[start : text.index("\n", start)]
    new = "  gdp.tessaly:\n    <<: *base\n    mode: {value: 700, judgement: invented}"
    text = text.replace(old, new).replace("  gdp.corvana: {", "  gdp.corvana: &base {")
    for name in ("case.yaml", "evidence.csv", "claims.yaml"):
        shutil.copy(BASE / name, tmp_path / name)
    (tmp_path / "case.yaml").write_text(text, encoding="utf-8")
    found = load_case(tmp_path)
    assert found.parameter("gdp.tessaly").mode == 700
    assert found.hash != case.hash or found.parameters == case.parameters


def test_finding_cases(tmp_path: Path) -> None:
    assert find_case("two-straits") == BASE
    assert find_case(BASE / "case.yaml") == BASE
    assert find_case(str(tmp_path)) == tmp_path
    with pytest.raises(UserError, match="did you mean `two-straits`"):
        find_case("two-strait")
    with pytest.raises(UserError, match="a case is a folder"):
        find_case(BASE / "README.md")
    with pytest.raises(UserError, match="there is no case"):
        find_case("no\0thing")


@pytest.mark.parametrize("name", sorted(bundled_cases()))
def test_bundled_cases_are_sound(name: str) -> None:
    case = load_case(name)
    assert case.name == name


def test_faults_print_in_the_order_of_lines() -> None:
    from twofront.faults import Fault

    one, two = Fault("b", 9, 1, "nine"), Fault("b", 10, 1, "ten")
    assert str(Faults([two, one, Fault("a", 0, 0, "all", found="x", allowed="y", nearest="z", remedy="mend it")])) == (
        "a: all; allowed: y; did you mean `z`? mend it\nb:9:1: nine\nb:10:1: ten"
    )
