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
    assert names[1] == "discovery, one box and 10 repeats, 1,000 × 10"
    assert [len(row.values) for row in rows[:2]] == [2, 2]
    assert all(value > 0 for row in rows[:2] for value in row.values)
    missing = [row for row in rows if row.note.startswith("not installed: pip install ")]
    assert len(missing) == 1
    assert missing[0].values == []
    assert names[-1] == "most memory"
    assert heard[0] == "discovery, one box and 10 repeats: warming up"


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
