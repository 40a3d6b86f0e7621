"""The series that a case is said to have are those that its path without war holds."""

from __future__ import annotations

from twofront.case import load_case
from twofront.case.paths import existing_series
from twofront.future.inputs import drawn_readings, with_levers
from twofront.simulate import Conditions, simulate


def test_the_list_of_series_is_what_the_path_holds() -> None:
    case = load_case("two-straits")
    values = {item.name: item.mode for item in case.parameters}
    levers = {f"lever.{item.name}": item.today for item in case.levers}
    before = drawn_readings(case, values)
    path = simulate(case.world, Conditions(before, with_levers(case, before, {**values, **levers}), 0, 0))
    groups = dict(case.world.groups)
    rows = {".".join(key) for key in path.rows}
    rows |= {f"spending.{actor}" for actor in case.world.actors}
    said = {name for name in existing_series(case.world, case.readings) if name.split(".")[-1] not in groups}
    assert said == rows
    of_groups = set(existing_series(case.world, case.readings)) - said
    for name in of_groups:
        *stem, group = name.split(".")
        kind = "core" if stem[0] == "spending" else stem[0]
        assert any((kind, *stem[1:], member) in path.rows for member in groups[group]), name
