"""Single futures explained, and the call as a signal, on a small run of the invented case."""

from __future__ import annotations

import re

import polars as pl
import pytest

from twofront.analyse.explanation import explain, explain_recalled, recalled
from twofront.analyse.signal import GRID, move_channel
from twofront.cli import main
from twofront.ensemble import Run
from twofront.ensemble import run as run_case
from twofront.faults import UserError
from twofront.future import FutureModel
from twofront.future.recall import recall

FUTURE = 3


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run_case(
        "two-straits", futures=12, policies=["build_up"], seed=4, out=tmp_path_factory.mktemp("runs") / "run"
    )


def test_a_future_evaluated_again_has_the_numbers_of_the_run(run: Run) -> None:
    found = recalled(run, [FUTURE], "build_up")[0]
    row = run.outcomes.filter((pl.col("future") == FUTURE) & (pl.col("policy").cast(pl.String) == "build_up"))
    for name in ("second_front_chance", "any_war_chance", "deterrence_margin.corvana.alone"):
        assert found.outcomes[name] == row[name][0], name


def test_the_play_explained_is_the_play_that_made_the_hazard(run: Run) -> None:
    found = recalled(run, [FUTURE], "build_up")[0]
    for order, actor in enumerate(("corvana", "morwen")):
        for date in (0, len(found.spans) - 1):
            played = found.play(order, date)
            wars = [act.name for act in played.occasion.leader.menu if act.kind == "war"]
            chance = sum(float(acts[name]) for acts in played.acts for name in wars) / len(played.acts)
            rate = float(played.occasion.read("opportunity_rate", actor))
            # The same laws on the same numbers in another executor.
            assert rate * chance == pytest.approx(found.row(f"hazard.{actor}.war", date), rel=1e-12)


def test_what_would_flip_it_does_flip_it(run: Run) -> None:
    """A war that costs as much less as the words say is worth just what waiting is, where nobody looks ahead."""
    model = FutureModel(run.case, policies=[])
    drawn = run.sampler().draw(FUTURE, FUTURE + 1)
    structures = [item.name for item in run.case.structures]
    drawn.structures[structures.index("waiting")] = 1.0
    parameters = [item.name for item in run.case.parameters]
    values = drawn.values.copy()
    before = recall(model, values, drawn.structures, "present_course")
    margin = float(before.play(0, 0).margin)
    assert margin > 0.01
    told = explain_recalled(before, FUTURE, date="2030-07").passages[-1].sentences
    assert f"{margin:.2f} stakes more" in told[0]
    values[parameters.index("act_cost.invade")] -= margin
    after = recall(model, values, drawn.structures, "present_course")
    # A cheaper war is begun more often, which moves how often responders are alerted, and that the margin a little.
    assert float(after.play(0, 0).margin) == pytest.approx(0.0, abs=1e-4)


def test_a_change_of_the_chance_of_success_stands_beside_the_chance_itself(run: Run) -> None:
    found = recalled(run, [FUTURE], "present_course")[0]
    told = " ".join(explain_recalled(found, FUTURE, date="2030-07").passages[-1].sentences)
    said = re.search(
        r"its chance of success were (\d+) points higher \(at this date ([\d.]+)% to ([\d.]+)%, by who", told
    )
    assert said is not None, told
    names = [n for n in found.wars.names if n.startswith("war.objective_chance.north_strait.invade.")]
    now = [100 * float(found.wars(name, 0)) for name in names]
    assert (float(said[2]), float(said[3])) == (pytest.approx(min(now), abs=0.5), pytest.approx(max(now), abs=0.5))


def test_an_explanation_compares_values_tells_beliefs_and_what_would_flip_it(run: Run) -> None:
    found = explain(run, FUTURE)
    titles = [passage.title for passage in found.passages]
    assert [title[0] for title in titles] == ["1", "2", "3", "4"]
    leader = found.passages[0]
    assert "waiting is worth" in leader.sentences[0]
    assert [row[0] for row in leader.rows] == ["wait", "blockade", "invade"]
    assert any("would rather" in sentence for sentence in found.passages[3].sentences)
    assert "future 3" in found.text()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"future": 12}, "futures 0 to 11"),
        ({"future": 0, "policy": "buildup"}, "did you mean `build_up`"),
        ({"future": 0, "date": "1999-01"}, "no date of decision"),
        ({"future": 0, "date": "soon"}, "no date of decision"),
        ({"future": 0, "first": "corvanna"}, "did you mean `corvana`"),
    ],
)
def test_what_a_run_does_not_hold_is_refused_with_what_it_does(
    run: Run, asked: dict[str, object], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        explain(run, **asked)  # pyright: ignore[reportArgumentType]


def test_a_channel_that_carries_nothing_has_no_effect_and_its_parameters_move_only_the_game(run: Run) -> None:
    found = {(m.parameter, m.value, m.outcome): m for m in move_channel(run)}
    assert len(found) == 2 * len(GRID) * 5
    # Nobody receives or overhears anything: a call is words in the wind.
    assert found["call_received", 0.0, "coordination_effect"].against.mean == 0.0
    received = [found["call_received", value, "coordination_effect"].level.mean for value in GRID]
    assert received == sorted(received)
    assert received[-1] > received[0]


def test_the_command_explains_and_refuses_in_words(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    def told(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stop:
            main(["explain", str(run.folder), *arguments])
        streams = capsys.readouterr()
        return int(stop.value.code or 0), streams.out, streams.err

    code, out, err = told("--future", "3")
    assert (code, err) == (0, "")
    assert "What would flip it" in out
    code, out, err = told("--future", "99")
    assert code == 2
    assert "there is no future 99" in err
    assert "Traceback" not in err
