"""Same seed, same curve: in a thread, in a process, from the file by itself, resumed, and whatever else goes on."""

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.analysis.infer import infer
from engine.document.files import load
from engine.document.project import Project
from engine.layers.base import Layer
from engine.layers.block import Holder
from engine.layers.io import Input, Output
from engine.recipe.base import Schedule
from engine.recipe.recipe import Recipe
from engine.training.events import Evaluated, Started, Steps
from engine.training.run import TrainingRun
from tests.engine.networks import chain, project
from tests.engine.runs import end_of, finished, layer, moons, of, until

EXAMPLE = Path(__file__).parents[2] / "resources" / "examples" / "signs-scan.netsmith"
SPICES: dict[str, dict] = {
    "plain": {},
    "clipped and accumulated": {"clip": 0.5, "accumulate": 2, "batch_size": 16},
    "cosine": {"schedule": Schedule.registry["Cosine"]()},
    "one cycle": {"schedule": Schedule.registry["OneCycle"]()},
    "plateau": {"schedule": Schedule.registry["Plateau"](patience=0)},
    "warm-up": {"schedule": Schedule.registry["WarmUp"](warm_up_steps=5)},
    "patient": {"patience": 50},
    "bfloat16": {"precision": "bfloat16"},
    "in order": {"shuffle": False},
}


def noisy(**recipe) -> Project:
    """A network that draws random numbers in training and keeps running figures."""
    return moons(layer("BatchNorm1d"), layer("Dropout", p=0.3), **recipe)


def digits(**recipe) -> Project:
    middle: dict[str, Layer] = {
        "conv": layer("Conv2d", out_channels=4),
        "relu": layer("ReLU"),
        "drop": layer("Dropout2d"),
        "flat": layer("Flatten"),
        "last": layer("Linear", out_features=10),
    }
    return project(chain(x=Input(), **middle, out=Output()), recipe=Recipe(**{"epochs": 2, "device": "cpu"} | recipe))


def curve(run: TrainingRun) -> tuple[np.ndarray, list[str]]:
    """Losses of all steps and lines of all epochs of a run that is made to its end."""
    events = finished(run)
    end_of(events)
    return np.concatenate([s.losses for s in of(events, Steps)]), [e.line for e in of(events, Evaluated)]


def sequences(**recipe) -> Project:
    """A cell that is scanned over sequences whose length differs from batch to batch."""
    given = load(EXAMPLE)
    data = given.recipe.dataset.with_(samples=120)
    return replace(given, recipe=given.recipe.with_(**{"dataset": data, "epochs": 2, "device": "cpu"} | recipe))


@pytest.mark.parametrize("network", [digits, sequences])
def test_a_thread_a_process_and_the_file_by_itself_give_the_same_curve(network, tmp_path):
    given = network(seed=7)
    with TrainingRun(given) as in_thread:
        losses, lines = curve(in_thread)
    with TrainingRun(given, mode="process") as in_process:
        others, other_lines = curve(in_process)
    script = tmp_path / "alone.py"
    script.write_bytes(in_thread.store.script_path(in_thread.run_id).read_bytes())
    alone = subprocess.run([sys.executable, "-I", script], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert np.array_equal(losses, others)
    assert lines == other_lines == alone.stdout.splitlines()
    assert alone.stderr == ""


@pytest.mark.parametrize("spice", SPICES)
def test_a_resumed_run_goes_on_bit_for_bit(spice):
    given = noisy(epochs=4, **SPICES[spice])
    with TrainingRun(given) as straight:
        losses, lines = curve(straight)
    with TrainingRun(given) as half:
        half.pause()
        half.start()
        events: list = []
        while len(of(events, Evaluated)) < 2:
            half.step()
            events += until(half, Steps)
        half.stop()
        finished(half)
    with TrainingRun(given, resume=half.run_id[:-1]) as rest:
        events = finished(rest)
    started = of(events, Started)[0]
    assert (started.first_epoch, started.first_step) == (2, 2 * started.steps_per_epoch + 1)
    after = np.concatenate([s.losses for s in of(events, Steps)])
    assert np.array_equal(after, losses[started.first_step :])
    assert [e.line for e in of(events, Evaluated)] == lines[2:]
    assert np.array_equal(rest.store.losses(rest.run_id), losses)
    assert [e.epoch for e in rest.store.metrics(rest.run_id)] == [1, 2, 3, 4]
    assert rest.store.get(rest.run_id).parent == half.run_id


def test_steering_that_changes_nothing_leaves_the_curve_alone():
    given = noisy(epochs=4)
    with TrainingRun(given) as straight:
        losses, _ = curve(straight)
    with TrainingRun(given, norms=False) as steered:
        steered.pause()
        steered.start()
        events = []
        for _ in range(5):
            steered.step()
            events += until(steered, Steps)
        steered.set(lr=given.recipe.optimizer.lr)
        steered.resume()
        events += finished(steered)
    assert np.array_equal(np.concatenate([s.losses for s in of(events, Steps)]), losses)


def test_analysing_other_networks_meanwhile_leaves_the_curve_alone():
    given = noisy(epochs=60)
    with TrainingRun(given) as alone:
        losses, _ = curve(alone)
    is_over = threading.Event()
    analysed = []

    def edit() -> None:
        while not is_over.is_set():
            width = 3 + len(analysed)
            analysed.append(infer(moons(layer("Dropout"), layer("BatchNorm1d"), layer("RReLU"), width=width)).is_valid)

    editing = threading.Thread(target=edit)
    editing.start()
    try:
        with TrainingRun(given) as disturbed:
            others, _ = curve(disturbed)
    finally:
        is_over.set()
        editing.join()
    assert all(analysed)
    assert analysed
    assert np.array_equal(losses, others)


@pytest.mark.parametrize("key", sorted(Layer.registry))
def test_analysing_a_layer_draws_no_random_numbers(key):
    if key in ("Shared", "Chosen", "Missing", "Input", "Output") or issubclass(Layer.registry[key], Holder):
        pytest.skip("stands for others")
    given = project(chain(x=Input(shape=(4, 8, 8)), it=layer(key), out=Output()))
    before = torch.get_rng_state()
    infer(given)
    assert torch.equal(before, torch.get_rng_state())


def test_a_run_does_not_change_how_many_threads_others_compute_with():
    before = torch.get_num_threads()
    with TrainingRun(moons()) as run:
        finished(run)
    assert torch.get_num_threads() == before
