"""What TensorBoard is given, read back by its own reader; without the package it is said and nothing else is lost."""

import sys

import numpy as np
import pytest

from engine.cli import run as run_command
from engine.errors import FileError
from engine.training.events import Warned
from engine.training.run import TrainingRun
from engine.training.tensorboard_files import event_files, why_not, write_run
from tests.engine.runs import finished, moons, of

needs_tensorboard = pytest.mark.skipif(bool(why_not()), reason="tensorboard is not installed")


def scalars(folder):
    """Values by tag, as (step, value), from the one event file of a folder."""
    from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader

    (path,) = event_files(folder)
    found = {}
    for event in LegacyEventFileLoader(str(path)).Load():
        for value in event.summary.value:
            found.setdefault(value.tag, []).append((event.step, value.simple_value))
    return found


@pytest.fixture
def without_tensorboard(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard", None)


@needs_tensorboard
def test_a_run_that_goes_on_writes_losses_figures_rates_and_norms():
    with TrainingRun(moons(epochs=3), tensorboard=True) as run:
        finished(run)
    found = scalars(run.folder)
    losses = run.store.losses(run.run_id)
    assert [step for step, _ in found["step/loss"]] == list(range(1, 10))
    assert np.array_equal(np.array([v for _, v in found["step/loss"]], np.float32), losses)
    figures = run.store.metrics(run.run_id)
    assert found["epoch/val_accuracy"] == [
        (e.step, pytest.approx(e.figures["val_accuracy"], rel=1e-6)) for e in figures
    ]
    assert found["step/lr"][-1] == (9, pytest.approx(0.001))
    norms = {tag: values for tag, values in found.items() if tag.startswith("gradient_norm/") and tag[-4:] != "/all"}
    assert set(norms) == {f"gradient_norm/{n}.{p}" for n in ("first", "last") for p in ("weight", "bias")}
    step, total = found["gradient_norm/all"][0]
    assert total == pytest.approx(sum(dict(v)[step] ** 2 for v in norms.values()) ** 0.5, rel=1e-5)


@needs_tensorboard
def test_a_run_that_is_kept_is_written_once():
    with TrainingRun(moons(epochs=2)) as run:
        finished(run)
    folder = write_run(run.store, run.run_id)
    found = scalars(folder)
    assert [step for step, _ in found["step/loss"]] == list(range(1, 7))
    assert [step for step, _ in found["epoch/val_loss"]] == [3, 6]
    with pytest.raises(FileError, match="already"):
        write_run(run.store, run.run_id)


@needs_tensorboard
def test_the_command_line_writes_them_too(tmp_path, capsys):
    runs = tmp_path / "runs"
    words = ["train", "mlp-moons", "--epochs", "1", "--device", "cpu", "--runs", str(runs), "--tensorboard"]
    assert run_command(words) == 0
    assert len(list(runs.rglob("*tfevents*"))) == 1
    capsys.readouterr()
    assert run_command(["train", "mlp-moons", "--epochs", "1", "--device", "cpu", "--runs", str(runs)]) == 0
    capsys.readouterr()
    assert run_command(["runs", "--runs", str(runs)]) == 0
    newest = capsys.readouterr().out.split()[0]
    assert run_command(["runs", "tensorboard", newest, "--runs", str(runs)]) == 0
    assert capsys.readouterr().out == f"tensorboard --logdir {runs}\n"
    assert len(list(runs.rglob("*tfevents*"))) == 2


def test_without_the_package_a_run_goes_on_and_says_so(without_tensorboard):
    with TrainingRun(moons(epochs=1), tensorboard=True) as run:
        events = finished(run)
    assert [e.message for e in of(events, Warned)] == [why_not()]
    assert run.store.get(run.run_id).state == "finished"


def test_without_the_package_the_command_line_says_what_to_install(without_tensorboard, capsys):
    assert run_command(["train", "mlp-moons", "--tensorboard"]) == 1
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert "pip install" in err


def test_without_the_package_a_kept_run_is_not_written(without_tensorboard):
    with TrainingRun(moons(epochs=1)) as run:
        finished(run)
    with pytest.raises(FileError, match="not installed"):
        write_run(run.store, run.run_id)
    assert not event_files(run.folder)
