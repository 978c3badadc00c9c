"""A run that goes on with an edited network: from the weights of another, by the text that is exported."""

import json
import subprocess
import sys

import numpy as np
import pytest

from engine.training.carry_report import Report
from engine.training.events import Ended, Failed, Started, Steps
from engine.training.run import TrainingRun
from tests.engine.runs import end_of, finished, layer, moons, of


def ended(given, **options) -> tuple[TrainingRun, list]:
    with TrainingRun(given, **options) as run:
        events = finished(run)
    return run, events


def curve(events) -> np.ndarray:
    return np.concatenate([s.losses for s in of(events, Steps)])


def test_a_run_begins_with_what_another_network_learned():
    first, events = ended(moons(width=16, epochs=5))
    wider, after = ended(moons(width=24, epochs=2), resume=first.run_id, carry=True)
    assert isinstance(end_of(after), Ended)
    started = of(after, Started)[0]
    assert (started.parent, started.parent_step, started.first_step) == (first.run_id, len(curve(events)), 0)
    assert wider.store.get(wider.run_id).parent == first.run_id
    assert len(wider.store.losses(wider.run_id)) == len(curve(after))
    assert curve(after)[0] < curve(events)[0]
    report = Report.from_json((wider.folder / "carried.json").read_text(encoding="utf-8"))
    assert report == wider.carried
    assert report.keeps_function
    assert report.optimizers == ("optimizer",)


@pytest.mark.parametrize("optimizer", ["AdamW", "SGD"])
def test_the_script_of_such_a_run_gives_the_same_curve_by_itself(tmp_path, optimizer):
    from engine.recipe.base import Optimizer

    given = {"optimizer": Optimizer.registry[optimizer]()}
    first, _ = ended(moons(width=16, **given))
    wider, after = ended(moons(layer("Dropout", p=0.2), width=24, **given), resume=first.run_id, carry=True)
    for name in ("script.py", "start.safetensors"):
        (tmp_path / name).write_bytes((wider.folder / name).read_bytes())
    alone = subprocess.run([sys.executable, "-I", tmp_path / "script.py"], capture_output=True, text=True, check=True)
    assert alone.stdout.splitlines() == [e.line for e in after if hasattr(e, "line")]
    assert alone.stderr == ""


def test_a_process_of_its_own_gives_the_same_curve():
    first, _ = ended(moons(width=16))
    given = moons(width=24)
    _, here = ended(given, resume=first.run_id, carry=True)
    _, there = ended(given, resume=first.run_id, carry=True, mode="process")
    assert np.array_equal(curve(here), curve(there))


def test_the_weights_of_the_best_epoch_will_do():
    first, _ = ended(moons(width=16))
    run, events = ended(moons(width=16), resume=first.run_id, checkpoint="best", carry=True)
    assert isinstance(end_of(events), Ended)
    assert run.carried.optimizers == ()
    assert "load_state_dict(load_file(START))" in run.store.script_path(run.run_id).read_text(encoding="utf-8")


@pytest.mark.parametrize("content", [b"", b"nothing that is weights"])
def test_a_broken_checkpoint_is_told(content):
    first, _ = ended(moons(width=16))
    first.store.checkpoint_path(first.run_id).write_bytes(content)
    _, events = ended(moons(width=24), resume=first.run_id, carry=True)
    ending = end_of(events)
    assert isinstance(ending, Failed)
    assert "no checkpoint" in ending.message


def test_the_command_line_says_what_would_be_kept(tmp_path, capsys):
    from engine.cli import run
    from engine.document.files import dumps

    first, _ = ended(moons(width=16))
    path = tmp_path / "wider.netsmith"
    path.write_text(dumps(moons(width=24)), encoding="utf-8")
    runs = ["--runs", str(first.store.folder)]
    assert run(["carry", first.run_id, str(path), *runs, "--json"]) == 0
    rows = {row["name"]: row["how"] for row in json.loads(capsys.readouterr().out)["rows"]}
    assert rows == {"first.weight": "widened", "first.bias": "widened", "last.weight": "widened", "last.bias": "copied"}
    assert run(["carry", first.run_id, str(path), *runs, "--out", str(tmp_path / "out")]) == 0
    assert "gives what it gave" in capsys.readouterr().out
    assert (tmp_path / "out" / "start.safetensors").exists()
    assert run(["train", str(path), *runs, "--continue", first.run_id, "--resume", first.run_id]) == 1
    assert "not with both" in capsys.readouterr().err
