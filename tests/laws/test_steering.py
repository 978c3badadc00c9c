"""A run that was changed by hand, and the script that it leaves behind, give the same curve, bit for bit."""

import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from engine.document.files import load
from engine.document.project import Project
from engine.layers.block import BlockLayer
from engine.layers.io import Input, Output
from engine.recipe.base import Dataset, Schedule
from engine.recipe.files import ImageFolder
from engine.recipe.optimizers import SGD, AdamW
from engine.recipe.optimizers_special import Muon
from engine.recipe.recipe import Recipe
from engine.training.events import Evaluated, Paused, Started, Steered, Steps
from engine.training.run import TrainingRun
from tests.engine.networks import block, chain, project
from tests.engine.recipe_networks import suited
from tests.engine.runs import end_of, finished, layer, moons, of, until
from tests.engine.test_recipe import pictures
from tests.laws.special_scripts import gan

EXAMPLE = Path(__file__).parents[2] / "resources" / "examples" / "signs-scan.netsmith"
HEAD = (("main", "last"),)


@dataclass(frozen=True)
class Turn:
    """What is changed after a step of a run; the run is paused meanwhile."""

    after: int
    option: str
    value: float
    phase: str = ""
    node: tuple = ()


def noisy(**recipe) -> Project:
    return moons(layer("BatchNorm1d"), layer("Dropout", p=0.3), **({"epochs": 4} | recipe))


def repeated(**recipe) -> Project:
    """A block three times in a row, between Linears."""
    body = chain(x=Input(), deep=layer("Linear", out_features=8), drop=layer("Dropout", p=0.2), out=Output())
    nodes = {"x": Input(), "first": layer("Linear", out_features=8), "row": BlockLayer(block="stage", repeat=3)}
    nodes |= {"last": layer("Linear", out_features=2), "out": Output()}
    how = Recipe(
        dataset=Dataset.registry["TwoMoons"](samples=100), **{"epochs": 4, "seed": 1, "device": "cpu"} | recipe
    )
    return project(chain(**nodes), block("stage", body), recipe=how)


def sequences(**recipe) -> Project:
    given = load(EXAMPLE)
    data = given.recipe.dataset.with_(samples=120)
    return replace(given, recipe=given.recipe.with_(**{"dataset": data, "epochs": 3, "device": "cpu"} | recipe))


def steered_run(given: Project, turns: list[Turn], **options) -> tuple[TrainingRun, list]:
    """A run that is stepped to every turn, changed there, and then made to its end."""
    with TrainingRun(given, **options) as run:
        run.pause()
        run.start()
        events = until(run, Paused)
        done = 0
        for turn in turns:
            while done < turn.after:
                run.step()
                events += until(run, Paused)
                done += 1
            run.steer(turn.option, turn.value, phase=turn.phase, node=turn.node)
        run.resume()
        events += finished(run)
    end_of(events)
    return run, events


def losses_of(events: list) -> np.ndarray:
    return np.concatenate([s.losses for s in of(events, Steps)])


def replayed(script: str) -> tuple[np.ndarray, list[dict]]:
    """Losses and figures of a script that is executed by itself."""
    space: dict = {"__name__": "script"}
    exec(compile(script, "<steered>", "exec"), space)
    epochs = space.get("PLANNED_EPOCHS", space["EPOCHS"])
    run = space["setup"](epochs=epochs)
    events = list(space["steered"](run) if "steered" in space else space["train"](*run))
    losses = [float(e.sum()) for e in events if not isinstance(e, dict)]
    return np.array(losses, np.float32), [e for e in events if isinstance(e, dict)]


def text_of(run: TrainingRun) -> str:
    return (run.folder / "steered.py").read_text(encoding="utf-8")


def check(given: Project, turns: list[Turn], **options) -> tuple[TrainingRun, list]:
    run, events = steered_run(given, turns, **options)
    losses, figures = replayed(text_of(run))
    assert np.array_equal(losses_of(events), losses)
    told = [{n: v for n, v in e.figures.items() if n != "epoch"} for e in of(events, Evaluated)]
    assert told == [{n: v for n, v in f.items() if n != "epoch"} for f in figures]
    return run, events


LR = Turn(4, "lr", 0.05)
CASES = {
    "learning rate": (noisy, {}, [LR]),
    "learning rate before the first step": (noisy, {}, [Turn(0, "lr", 0.05)]),
    "learning rate, twice at one step": (noisy, {}, [LR, Turn(4, "lr", 0.01)]),
    "learning rate at an epoch's last step": (noisy, {}, [Turn(3, "lr", 0.05)]),
    "learning rate with a schedule": (noisy, {"schedule": Schedule.registry["OneCycle"]()}, [LR, Turn(7, "lr", 0.001)]),
    "learning rate with cosine": (noisy, {"schedule": Schedule.registry["Cosine"]()}, [LR]),
    "learning rate with plateau": (noisy, {"schedule": Schedule.registry["Plateau"](patience=0)}, [LR]),
    "learning rate of two optimizers": (noisy, {"optimizer": Muon()}, [LR]),
    "weight decay": (noisy, {"optimizer": AdamW()}, [Turn(4, "weight_decay", 0.3)]),
    "weight decay of matrices": (noisy, {"optimizer": AdamW(), "decay": "matrices"}, [Turn(4, "weight_decay", 0.3)]),
    "clipping on": (noisy, {}, [Turn(4, "clip", 0.1), Turn(8, "clip", 0.05)]),
    "clipping on and off": (noisy, {}, [Turn(2, "clip", 0.1), Turn(8, "clip", 0)]),
    "clipping off": (noisy, {"clip": 0.1}, [Turn(4, "clip", 0)]),
    "clipping with two optimizers": (noisy, {"optimizer": Muon()}, [Turn(4, "clip", 0.1)]),
    "dropout": (noisy, {}, [Turn(4, "dropout", 0.6)]),
    "dropout off": (noisy, {}, [Turn(4, "dropout", 0.0), Turn(8, "dropout", 0.1, "", (("main", "middle1"),))]),
    "dropout of one layer of two, then of both": (
        lambda **r: moons(
            layer("Dropout", p=0.3), layer("Linear", out_features=8), layer("Dropout", p=0.1), epochs=4, **r
        ),
        {},
        [Turn(3, "dropout", 0.6, "", (("main", "middle2"),)), Turn(6, "dropout", 0.5)],
    ),
    "dropout of all repeats": (repeated, {}, [Turn(4, "dropout", 0.5)]),
    "frozen": (noisy, {}, [Turn(4, "frozen", 1, "", HEAD)]),
    "frozen and learning again": (noisy, {}, [Turn(4, "frozen", 1, "", HEAD), Turn(9, "frozen", 0, "", HEAD)]),
    "frozen row": (repeated, {}, [Turn(4, "frozen", 1, "", (("main", "row"),))]),
    "frozen in a row": (repeated, {}, [Turn(4, "frozen", 1, "", (("main", "row"), ("stage", "deep")))]),
    "batch size": (noisy, {}, [Turn(4, "batch_size", 13)]),
    "batch size between epochs": (noisy, {}, [Turn(0, "batch_size", 16)]),
    "batch size, accumulated": (noisy, {"accumulate": 2, "batch_size": 16}, [Turn(4, "batch_size", 8)]),
    "accumulation": (noisy, {"accumulate": 2, "batch_size": 16}, [Turn(4, "accumulate", 3)]),
    "batch size of sequences": (sequences, {}, [Turn(4, "batch_size", 24)]),
    "batch size with one cycle": (noisy, {"schedule": Schedule.registry["OneCycle"]()}, [Turn(4, "batch_size", 13)]),
    "batch size with warm-up": (
        noisy,
        {"schedule": Schedule.registry["WarmUp"](warm_up_steps=5)},
        [Turn(4, "batch_size", 13)],
    ),
    "more epochs": (noisy, {}, [Turn(4, "epochs", 6)]),
    "more epochs with patience": (noisy, {"patience": 50}, [Turn(12, "epochs", 6)]),
    "fewer epochs": (noisy, {}, [Turn(4, "epochs", 2)]),
    "more epochs with cosine": (noisy, {"schedule": Schedule.registry["Cosine"]()}, [Turn(4, "epochs", 6)]),
    "more epochs with one cycle": (noisy, {"schedule": Schedule.registry["OneCycle"]()}, [Turn(4, "epochs", 6)]),
    "more epochs with a formula": (
        noisy,
        {"schedule": Schedule.registry["Lambda"](lr_lambda="1 - epoch / epochs", per="step")},
        [Turn(4, "epochs", 6)],
    ),
    "more epochs, one schedule after another": (
        noisy,
        {
            "schedule": Schedule.registry["Sequential"](
                schedulers=(Schedule.registry["Linear"](total_iters=2), Schedule.registry["Cosine"]()), milestones=(2,)
            )
        },
        [Turn(4, "epochs", 6)],
    ),
    "several": (
        noisy,
        {"clip": 0.5, "schedule": Schedule.registry["Cosine"](), "optimizer": SGD(momentum=0.9)},
        [
            Turn(2, "lr", 0.1),
            Turn(2, "clip", 0.2),
            Turn(3, "dropout", 0.1),
            Turn(5, "frozen", 1, "", HEAD),
            Turn(5, "batch_size", 20),
            Turn(7, "epochs", 6),
            Turn(8, "weight_decay", 0.01),
            Turn(11, "frozen", 0, "", HEAD),
            Turn(12, "lr", 0.02),
        ],
    ),
    "adversaries": (
        gan,
        {},
        [
            Turn(2, "lr", 0.01, "generator"),
            Turn(3, "clip", 0.1),
            Turn(4, "frozen", 1, "", (("main", "discriminator"),)),
            Turn(6, "frozen", 0, "", (("main", "discriminator"),)),
            Turn(7, "weight_decay", 0.1, "discriminator"),
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_steered_run_and_its_script_give_the_same_curve(case):
    make, recipe, turns = CASES[case]
    given = make(**recipe)
    _, events = check(given, turns)
    with TrainingRun(given) as straight:
        plain = finished(straight)
    before, after = losses_of(plain), losses_of(events)
    assert len(of(events, Steered)) == len(turns)
    assert not np.array_equal(before, after), "the change changed nothing"


PICTURES = {
    "learning rate": [LR],
    "batch size": [Turn(4, "batch_size", 3)],
    "accumulation": [Turn(2, "accumulate", 3), Turn(4, "batch_size", 1)],
    "epochs": [Turn(3, "epochs", 6)],
    "several": [
        Turn(2, "lr", 0.1),
        Turn(3, "dropout", 0.6),
        Turn(5, "batch_size", 3),
        Turn(5, "clip", 0.2),
        Turn(6, "frozen", 1, "", (("main", "head0"),)),
        Turn(9, "epochs", 6),
    ],
}


def photos(folder, **recipe) -> Project:
    """A network whose samples are read from disk, one by one, while it trains."""
    dataset = ImageFolder(path=pictures(folder), size=8)
    return suited(dataset, **{"dropout": 0.3, "epochs": 4, "seed": 1, "device": "cpu", "batch_size": 4} | recipe)


@pytest.mark.parametrize("case", PICTURES)
def test_a_steered_run_on_data_that_are_read_from_disk_and_its_script_give_the_same_curve(case, tmp_path):
    given = photos(tmp_path, **({"accumulate": 2, "batch_size": 2} if case == "accumulation" else {}))
    _, events = check(given, PICTURES[case])
    assert len(of(events, Steered)) == len(PICTURES[case])
    with TrainingRun(given) as straight:
        assert not np.array_equal(losses_of(finished(straight)), losses_of(events)), "the change changed nothing"


@pytest.mark.parametrize("at", [4, 6, 7])
def test_a_steered_run_on_data_that_are_read_from_disk_is_resumed_with_what_was_changed(at, tmp_path):
    assert_resumed(photos(tmp_path), PICTURES["several"], at)


SPICED = ("several", "adversaries", "more epochs with one cycle", "accumulation", "frozen in a row", "fewer epochs")


def test_steered_scripts_are_formatted_and_lint_clean(tmp_path):
    for index, case in enumerate(SPICED):
        make, recipe, turns = CASES[case]
        run, _ = steered_run(make(**recipe), turns)
        (tmp_path / f"steered{index}.py").write_text(text_of(run), encoding="utf-8")
    for command in (["format", "--diff"], ["check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--isolated", tmp_path]
        done = subprocess.run(ruff, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_a_steered_script_by_itself_prints_the_lines_of_its_epochs(tmp_path):
    run, events = steered_run(noisy(), [LR, Turn(5, "clip", 0.1)])
    path = tmp_path / "steered.py"
    path.write_text(text_of(run), encoding="utf-8")
    alone = subprocess.run([sys.executable, "-I", path], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert alone.stdout.splitlines() == [e.line for e in of(events, Evaluated)]
    assert alone.stderr == ""


def test_a_run_in_a_process_is_steered_as_one_in_a_thread():
    make, recipe, turns = CASES["several"]
    run, events = check(make(**recipe), turns, mode="process")
    _, others = steered_run(make(**recipe), turns)
    assert np.array_equal(losses_of(events), losses_of(others))
    assert of(events, Steered) == of(others, Steered)
    assert [e.code for e in of(events, Steered)] == [e.code for e in of(others, Steered)]
    assert run.store.get(run.run_id).planned == 6


@pytest.mark.parametrize("case", ["several", "adversaries", "more epochs with a formula", "batch size with one cycle"])
@pytest.mark.parametrize("at", [6, 7, 9])
def test_a_steered_run_that_is_resumed_goes_on_with_what_was_changed(case, at):
    make, recipe, turns = CASES[case]
    assert_resumed(make(**recipe), turns, at)


def assert_resumed(given: Project, turns: list[Turn], at: int) -> None:
    """A run that ends after step `at`, and the one that goes on from there, have the curve of one that goes through."""
    _, straight = steered_run(given, turns)
    losses = losses_of(straight)
    with TrainingRun(given) as half:
        half.pause()
        half.start()
        until(half, Paused)
        for done in range(at + 1):
            for turn in (turn for turn in turns if turn.after == done):
                half.steer(turn.option, turn.value, phase=turn.phase, node=turn.node)
            if done < at:
                half.step()
                until(half, Paused)
        half.stop()
        finished(half)
    with TrainingRun(given, resume=half.run_id) as rest:
        rest.pause()
        rest.start()
        events = until(rest, Paused)
        done = of(events, Started)[0].first_step
        for turn in [turn for turn in turns if turn.after > min(at, done)]:
            while done < turn.after:
                rest.step()
                events += until(rest, Paused)
                done += 1
            rest.steer(turn.option, turn.value, phase=turn.phase, node=turn.node)
        rest.resume()
        events += finished(rest)
    end_of(events)
    assert np.array_equal(losses_of(events), losses[of(events, Started)[0].first_step :])
    assert np.array_equal(replayed(text_of(rest))[0], losses)
    assert np.array_equal(rest.store.losses(rest.run_id), losses)
