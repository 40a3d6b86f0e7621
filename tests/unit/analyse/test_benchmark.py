"""The benchmark of analyses measures what it says, and says so where a peer is missing."""

import importlib.util

import pytest

from twofront.analyse import benchmark
from twofront.analyse.discovery import discover
from twofront.faults import UserError


def test_rows_of_one_analysis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "find_spec", lambda _: None)
    monkeypatch.setattr(benchmark, "SMALL", 500)
    heard: list[str] = []
    rows = benchmark.measure_analyses(1000, 10, rounds=2, only=["discovery"], told=heard.append)
    names = [row.name for row in rows]
    assert names[0] == "discovery, one box and 10 repeats, 500 × 10"
    assert names[1] == "discovery, one box and 10 repeats, 500 × 10: processor"
    assert names[2] == "discovery, one box and 10 repeats, 1,000 × 10"
    assert [len(row.values) for row in rows[:4]] == [2, 2, 2, 2]
    assert all(value > 0 for row in rows[:4] for value in row.values)
    missing = [row for row in rows if row.note.startswith("not installed: pip install ")]
    assert len(missing) == 1
    assert missing[0].values == []
    assert names[-1] == "most memory"
    assert heard[0] == "discovery, one box and 10 repeats: warming up"


@pytest.mark.skipif(importlib.util.find_spec("pymoo") is None, reason="pip install 'twofront[search]'")
def test_the_search_has_a_line_and_beats_its_start() -> None:
    rows = benchmark.measure_analyses(1000, 10, only=["search"], peers=False)
    assert rows[0].name.startswith("search, 2,000 settings of 10 levers, 10,000")
    task = next(make() for make in benchmark.TASKS if make().name.startswith("search"))
    study = benchmark.made_up(1000, 10)
    last = task.ours(study)
    assert last.evaluations == 2000
    harm = study.outcome("harm").mean()
    # Nothing done costs nothing, everything 55 and curbs harm by about half: the front reaches towards both ends.
    assert last.archive.points[:, 1].min() < 5.5
    assert last.archive.points[:, 0].min() < 0.7 * harm


def test_an_analysis_whose_extra_is_missing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "find_spec", lambda _: None)
    rows = benchmark.measure_analyses(1000, 10, only=["search"])
    assert [(row.name.split(",")[0], row.values, row.note) for row in rows[:1]] == [
        ("search", [], "not installed: pip install pymoo")
    ]


def test_made_up_futures_have_the_answer_that_they_claim() -> None:
    study = benchmark.made_up(3000, 20)
    assert (study.n, len(study.inputs), len(study.policies)) == (3000, 20, 3)
    (box,) = discover(study, "harm > 0.6").boxes
    assert set(box.inputs) == {"x0", "x1", "c0"}
    assert (study.change("harm", "first") < 0).all()


@pytest.mark.skipif(
    importlib.util.find_spec("ema_workbench") is None, reason="peer not installed: pip install 'twofront[peers]'"
)
@pytest.mark.filterwarnings("ignore")
def test_the_peer_of_discovery_gives_the_same_box() -> None:
    task = next(make() for make in benchmark.TASKS if make().name.startswith("discovery"))
    (peer,) = task.peers
    study = benchmark.made_up(800, 10)
    theirs, ours = peer.run(study), peer.same(study)
    best = max(ours.boxes, key=lambda box: 2 * box.hits / (box.inside + ours.hits))
    table = theirs.peeling_trajectory
    assert ((table["n"] - best.inside).abs() <= 8).any()


def test_too_few_inputs_are_refused() -> None:
    from twofront.cli.bench import command

    with pytest.raises(UserError, match="--inputs 3: give a number of at least 10"):
        command(analyses=True, inputs=3)
