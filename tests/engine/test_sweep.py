"""A sweep makes the runs that were asked for, gives up those that fall behind, and names the best."""

import builtins
import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import TrainingError
from engine.training.store import Store
from engine.training.sweep import Plan, Sweep, Trial, _Board, size_of
from engine.training.sweep_axes import Axis, at, axis_of, drawn, grid, written
from tests.engine.runs import moons

LR = "recipe.optimizer.lr"


def made(plan: Plan, tmp_path, **options) -> tuple[Sweep, list[Trial]]:
    sweep = Sweep(moons(), plan, runs_dir=tmp_path, **options)
    sweep.start()
    return sweep, list(sweep.trials())


def ended(trials: list[Trial]) -> list[Trial]:
    return [trial for trial in trials if trial.state != "running"]


@pytest.mark.parametrize(
    ("text", "axis"),
    [
        ("params.width=32, 64,32", Axis("params.width", ("32", "64"))),
        ("recipe.batch_size=16..64", Axis("recipe.batch_size", (), 16, 64, False, True)),
        (f"{LR}=1e-4..1e-1:log", Axis(LR, (), 1e-4, 0.1, True)),
        ("recipe.clip=0..1.5:linear", Axis("recipe.clip", (), 0, 1.5)),
    ],
)
def test_what_is_swept_is_written_in_a_line(text, axis):
    assert axis_of(text) == axis


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lr", "says not what is tried"),
        ("lr=", "says not what is tried"),
        ("lr=2..1", "must be less than"),
        ("lr=a..b", "no range of numbers"),
        ("lr=0..1:log", "begins above 0"),
        ("lr=1..2:cubic", "log or linear, not cubic"),
        ("lr=1..inf", "no range"),
    ],
)
def test_what_makes_no_sense_is_said(text, said):
    with pytest.raises(TrainingError, match=said):
        axis_of(text)


@given(st.text(max_size=30))
def test_any_text_is_an_axis_or_a_clear_error(text):
    with suppress(TrainingError):
        assert axis_of(text).grid()


@given(st.floats(1e-6, 1e3), st.floats(1.1, 1e3), st.booleans(), st.floats(0, 1))
def test_values_lie_in_their_range(low, factor, log, share):
    axis = Axis("a", (), low, low * factor, log)
    assert low * 0.999 <= float(axis.at(share)) <= low * factor * 1.001
    assert float(axis.at(0)) == pytest.approx(low, rel=1e-3)
    assert float(axis.at(1)) == pytest.approx(low * factor, rel=1e-3)


def test_a_grid_has_every_combination_once():
    axes = (axis_of("params.a=1,2,3"), axis_of("recipe.batch_size=1..5"))
    points = list(grid(axes))
    assert len(points) == len({tuple(p.items()) for p in points}) == size_of(axes) == 15


def test_what_is_drawn_follows_its_seed():
    axes = (axis_of(f"{LR}=1e-4..1:log"),)
    first, again, other = (drawn(axes, seed) for seed in (1, 1, 2))
    assert [next(first) for _ in range(5)] == [next(again) for _ in range(5)]
    assert next(first) != next(other)


def test_a_point_changes_the_project():
    project = at(moons(), {LR: "0.25", "recipe.batch_size": "7", "first.out_features": "5"})
    assert (project.recipe.optimizer.lr, project.recipe.batch_size) == (0.25, 7)
    assert written({LR: "0.25"}) == "lr 0.25"


def test_an_option_that_does_not_exist_is_named_before_the_first_run(tmp_path):
    with pytest.raises(TrainingError, match=r"recipe\.nothing cannot be 1"):
        Sweep(moons(), Plan((axis_of("recipe.nothing=1,2"),)), runs_dir=tmp_path)


def test_a_grid_is_trained_and_kept_as_one_group(tmp_path):
    sweep, trials = made(Plan((axis_of(f"{LR}=0.001,0.1"), axis_of("recipe.batch_size=20,40")), "grid"), tmp_path)
    over = ended(trials)
    assert [trial.state for trial in over] == ["finished"] * 4
    assert [trial.number for trial in over] == [1, 2, 3, 4]
    best = sweep.best()
    assert best.value == min(trial.value for trial in over)
    kept = Store(tmp_path).list()
    assert {record.group for record in kept} == {sweep.name}
    assert {record.id for record in kept} == {trial.run for trial in over}
    assert {record.options["optimizer.lr"] for record in kept} == {0.001, 0.1}


def test_the_largest_figure_may_be_the_best(tmp_path):
    plan = Plan((axis_of(f"{LR}=0.0001,0.1"),), "grid", metric="val_accuracy", maximize=True)
    sweep, trials = made(plan, tmp_path)
    assert sweep.best().value == max(trial.value for trial in ended(trials))


def test_runs_side_by_side_give_the_same_figures(tmp_path):
    axes = (axis_of(f"{LR}=0.01,0.1"),)
    _, alone = made(Plan(axes, "grid"), tmp_path)
    _, beside = made(Plan(axes, "grid", parallel=2), tmp_path)
    values = [{t.point[LR]: t.value for t in ended(trials)} for trials in (alone, beside)]
    assert values[0] == values[1]


def test_a_point_that_fails_does_not_end_the_sweep(tmp_path):
    _, trials = made(Plan((axis_of("recipe.validation=0.2,0.9999"),), "grid"), tmp_path)
    over = {trial.point["recipe.validation"]: trial for trial in ended(trials)}
    assert over["0.2"].state == "finished"
    assert over["0.9999"].state == "failed"
    assert over["0.9999"].message


def test_a_figure_that_is_not_measured_is_named(tmp_path):
    sweep, trials = made(Plan((axis_of(f"{LR}=0.1,0.2"),), "grid", metric="f1"), tmp_path)
    assert "f1" in ended(trials)[0].message
    assert sweep.best() is None


def test_a_stop_ends_what_goes_on_and_begins_nothing_more(tmp_path):
    sweep = Sweep(moons(epochs=100_000), Plan((axis_of(f"{LR}=0.1,0.2,0.3"),), "grid"), runs_dir=tmp_path)
    sweep.start()
    trials = []
    for trial in sweep.trials():
        trials.append(trial)
        if trial.epoch:
            sweep.stop()
    assert [trial.state for trial in ended(trials)] == ["stopped"]


def test_a_run_behind_the_median_is_given_up():
    board = _Board(Plan((), maximize=False))
    for number, value in enumerate((0.1, 0.2, 0.3, 0.4), 1):
        assert not board.note(Trial(number, {}, value=value))
    assert board.note(Trial(5, {}, value=0.9))
    assert not board.note(Trial(6, {}, value=0.05))
    assert board.note(Trial(7, {}, value=math.nan))


def test_promising_points_are_asked_of_optuna(tmp_path):
    pytest.importorskip("optuna")
    axes = (axis_of(f"{LR}=1e-4..1:log"), axis_of("recipe.batch_size=16..64"), axis_of("recipe.clip=0,1"))
    _, trials = made(Plan(axes, "tpe", trials=3, seed=1), tmp_path)
    points = [trial.point for trial in ended(trials)]
    _, again = made(Plan(axes, "tpe", trials=3, seed=1), tmp_path)
    assert points == [trial.point for trial in ended(again)]
    assert all(16 <= int(point["recipe.batch_size"]) <= 64 for point in points)


def test_without_optuna_the_way_to_it_is_said(tmp_path, monkeypatch):
    real = builtins.__import__

    def missing(name, *rest):
        if name.split(".")[0] == "optuna":
            raise ModuleNotFoundError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(TrainingError, match=r"netsmith\[sweep\]"):
        Sweep(moons(), Plan((axis_of(f"{LR}=1e-4..1:log"),), "tpe"), runs_dir=tmp_path)
