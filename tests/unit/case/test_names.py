"""Names of parameters: how they are taken apart, and which one wins."""

from typing import get_args

import pytest

from twofront.case import load_case
from twofront.case.names import (
    CHALLENGERS_ONLY,
    PLAYERS_ONLY,
    RESPONDERS_ONLY,
    Entries,
    Misnamed,
    Name,
    Tie,
    parse,
    resolve,
    spell,
)
from twofront.case.needs import is_needed
from twofront.case.ranges import BOUNDS, NEEDED_BOUNDS, POSITIVE, SIGNED
from twofront.case.schema import Shape
from twofront.quantities import QUANTITIES, quantity


@pytest.fixture(scope="module")
def entries() -> Entries:
    return load_case("two-straits").entries


def named(name: str, entries: Entries) -> Name:
    found = parse(name, entries)
    assert isinstance(found, Name), found
    return found


@pytest.mark.parametrize(
    ("name", "quantity_name", "parts"),
    [
        ("discount_rate", "discount_rate", ()),
        ("gdp.corvana", "gdp", ("corvana",)),
        ("gdp.partnership", "gdp", ("partnership",)),
        ("gdp.all", "gdp", (None,)),
        ("shell_capacity", "capacity", ("shell", None)),
        ("shell_planned_capacity.auria", "planned_capacity", ("shell", "auria")),
        ("planned_capacity.auria", "planned_capacity", (None, "auria")),
        ("act_cost.seize", "act_cost", ("seize",)),
        ("precision.brevia", "precision", ("brevia",)),
        ("commitment.auria.north_strait", "commitment", ("auria", "north_strait")),
        ("commitment.north_strait", "commitment", (None, "north_strait")),
        ("commitment.all.north_strait", "commitment", (None, "north_strait")),
        ("sea_reach.auria.south_strait", "reach", ("sea", "auria", "south_strait")),
        ("skill.south_strait", "skill", ("south_strait",)),
    ],
)
def test_a_name_is_taken_apart(name: str, quantity_name: str, parts: tuple[str | None, ...], entries: Entries) -> None:
    found = named(name, entries)
    assert found.quantity.name == quantity_name
    assert found.parts == parts


def test_every_entry_can_be_spelled_and_read_back(entries: Entries) -> None:
    for item in QUANTITIES:
        for entry in entries.of(item):
            assert named(spell(item, entry), entries) == Name(item, entry)


def test_a_misspelled_name_is_told_with_the_whole_name_that_was_meant(entries: Entries) -> None:
    for name, meant in [
        ("shell_stok.auria", "shell_stock"),
        ("shells_stock.auria", "shell_stock"),
        ("gdp.arria", "gdp.auria"),
        ("patiense", "patience"),
        ("commitment.auria.north", "commitment.auria.north_strait"),
    ]:
        found = parse(name, entries)
        assert isinstance(found, Misnamed)
        assert found.nearest == meant


STOCK = quantity("stock")
CORE = quantity("core_share")


def read(item_names: dict[tuple[str | None, ...], str], entry: tuple[str, ...], entries: Entries) -> str | None:
    item = CORE if len(entry) == 1 else STOCK
    reading, ties = resolve(item, item_names, entries)
    assert not ties
    return reading[entry]


def test_the_most_specific_name_wins(entries: Entries) -> None:
    names: dict[tuple[str | None, ...], str] = {(None, None): "stock"}
    assert read(names, ("shell", "auria"), entries) == "stock"
    names["shell", None] = "shell_stock"
    assert read(names, ("shell", "auria"), entries) == "shell_stock"
    assert read(names, ("cruise", "auria"), entries) == "stock"
    names["shell", "partnership"] = "shell_stock.partnership"
    assert read(names, ("shell", "auria"), entries) == "shell_stock.partnership"
    assert read(names, ("shell", "corvana"), entries) == "shell_stock"
    names["shell", "auria"] = "shell_stock.auria"
    assert read(names, ("shell", "auria"), entries) == "shell_stock.auria"
    assert read(names, ("shell", "brevia"), entries) == "shell_stock.partnership"


def test_a_smaller_group_is_more_specific() -> None:
    world = load_case("two-straits").world
    from dataclasses import replace

    wider = (*world.groups, ("friends", ("auria", "brevia", "halden")))
    entries = Entries(replace(world, groups=wider))
    names: dict[tuple[str | None, ...], str] = {("friends",): "of friends", ("partnership",): "of partners"}
    assert read(names, ("auria",), entries) == "of partners"
    assert read(names, ("halden",), entries) == "of friends"
    assert read(names, ("corvana",), entries) is None


def test_what_the_rule_leaves_open_is_reported(entries: Entries) -> None:
    names: dict[tuple[str | None, ...], str] = {("shell", None): "shell_stock", (None, "auria"): "stock.auria"}
    reading, ties = resolve(STOCK, names, entries)
    assert ties == [Tie("stock", ("shell", "auria"), ("shell_stock", "stock.auria"))]
    assert reading["cruise", "auria"] == "stock.auria"
    assert reading["shell", "brevia"] == "shell_stock"


def test_players_have_quantities_of_their_own(entries: Entries) -> None:
    assert entries.axis(quantity("status_quo"), "actor") == ("corvana", "morwen")
    assert entries.axis(quantity("honour"), "actor") == ("auria", "brevia")
    assert entries.axis(quantity("precision"), "actor") == ("corvana", "morwen", "auria", "brevia")
    assert len(entries.axis(quantity("gdp"), "actor")) == 6


def test_lists_of_quantities_name_quantities_that_exist() -> None:
    known = {item.name for item in QUANTITIES}
    assert known >= (CHALLENGERS_ONLY | RESPONDERS_ONLY | PLAYERS_ONLY | SIGNED | POSITIVE)
    assert not SIGNED & (POSITIVE - {"ongoing_war_end"})
    assert all("actor" in quantity(name).axes for name in CHALLENGERS_ONLY | RESPONDERS_ONLY | PLAYERS_ONLY)


def test_every_shape_says_which_bounds_it_needs() -> None:
    assert set(NEEDED_BOUNDS) == set(get_args(Shape))
    assert all(set(bounds) <= set(BOUNDS) for bounds in NEEDED_BOUNDS.values())


def test_what_has_no_meaning_is_not_needed() -> None:
    case = load_case("two-straits")
    price, cost, readiness = quantity("price"), quantity("act_cost"), quantity("readiness")
    nothing = dict.fromkeys(case.readings["order_weight"])
    readings = {**case.readings, "order_weight": nothing}
    assert is_needed(price, ("shell", "auria"), readings, case.world)
    assert not is_needed(price, ("cruise", "halden"), readings, case.world)
    assert is_needed(cost, ("invade",), readings, case.world)
    assert not is_needed(cost, ("wait",), readings, case.world)
    assert is_needed(readiness, ("land", "halden"), readings, case.world)
    assert not is_needed(readiness, ("sea", "halden"), readings, case.world)
    assert not is_needed(quantity("posture"), ("north_strait",), readings, case.world)
