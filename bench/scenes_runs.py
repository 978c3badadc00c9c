"""The table of runs: empty, with three runs made on the spot, with many, and two of them side by side."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np

from engine.document.edits import SetParam
from engine.document.files import dumps, load
from engine.document.paths import set_by_path
from engine.document.project import Project
from engine.places import data_dir
from engine.training.run import new_id
from engine.training.store import EpochRecord, RunRecord, Store
from engine.training.store_options import options_of
from gui.demo_hands import wait_until
from gui.window.bottom import RUNS
from gui.window.files import EXAMPLES
from gui.window.run_diff import RunDiff

FEW = (
    ("baseline", "finished", 0.95, ("baseline",), "The recipe as it came."),
    ("wider stem", "finished", 0.97, ("best", "wide"), "Better from the third epoch on."),
    ("too fast", "failed", 0.12, (), "The loss is NaN at step 141."),
)
MANY, STEPS, EPOCHS = 400, 1200, 12


def runs(studio: Any) -> None:
    """Every state of the tab Runs."""
    studio.program.preferences.runs_folder = data_dir() / new_id()  # one window follows the other
    studio.example(RUNS)
    panel = studio.window.desk.bottom.page(RUNS)
    wait_until(lambda: panel.source.read, "the empty folder was looked at")
    studio.take("runs-empty")
    store = Store(studio.program.preferences.runs_folder)
    plain = load(EXAMPLES / "digits-cnn.netsmith")
    stem = plain.block().graph.by_name("stem")
    assert stem is not None
    wider = SetParam(stem.id, "out_channels", 48)(plain)
    fast = set_by_path(plain, "recipe.optimizer.lr=0.5")(plain)
    kept = [keep(store, project, *facts, seed=i) for i, (project, facts) in enumerate(zip((plain, wider, fast), FEW))]
    panel.look()
    wait_until(lambda: len(panel.model.rows) == len(FEW), "the runs are read")
    panel.table.choose(kept)
    studio.settle()
    studio.settle()
    studio.take("runs-three")
    panel.table.choose(kept[:2])
    studio.settle()
    studio.window.actions_.trigger("runs.compare")
    wait_until(lambda: studio.window.findChildren(RunDiff), "the comparison opens")
    dialog = studio.window.findChildren(RunDiff)[0]
    wait_until(lambda: dialog.session.is_current, "its shapes are known")
    studio.settle()
    studio.take("runs-compared", dialog)
    dialog.reject()
    draw = random.Random(1)
    for place in range(MANY):
        rate = float(f"{10 ** draw.uniform(-4, -1):.2g}")
        project = set_by_path(plain, f"recipe.optimizer.lr={rate}")(plain)
        keep(store, project, f"sweep {place}", "finished", draw.uniform(0.6, 0.99), ("sweep",), "", seed=place)
    panel.look()
    wait_until(lambda: len(panel.model.rows) > MANY, "the many are read")
    panel.field.setText("#sweep lr<0.01 val_accuracy>0.9")
    panel.read_filter()
    panel.sort("metrics.val_accuracy", descending=True)
    panel.table.choose([r.id for r in panel.model.rows[:8]])
    panel.curves.choice.setCurrentText("val_accuracy")
    studio.settle()
    studio.settle()
    studio.take("runs-many")
    panel.field.clear()


def keep(
    store: Store, project: Project, name: str, state: str, best: float, tags: tuple[str, ...], notes: str, seed: int
) -> str:
    """A run as if it had been made. Returns: its id."""
    draw = np.random.default_rng(seed)
    floor = -math.log(best)
    losses = floor + 2.2 * np.exp(-np.arange(STEPS) / 260) + draw.normal(0, 0.06, STEPS)
    epochs = []
    for epoch in range(1, EPOCHS + 1):
        loss = float(losses[(epoch - 1) * STEPS // EPOCHS : epoch * STEPS // EPOCHS].mean())
        accuracy = best - 0.5 * math.exp(-epoch / 2.5) * best
        figures = {"loss": loss, "lr": 0.002, "val_loss": loss * 1.08, "val_accuracy": accuracy}
        epochs.append(EpochRecord(epoch, epoch * STEPS // EPOCHS, figures))
    last = epochs[-1].figures
    began, seconds = "2026-11-25T08:15:00+00:00", 62.0 + seed % 40
    record = RunRecord(
        f"{new_id()}{seed}", name, began, state, 0, "cpu", {"torch": "2.13"}, seconds, EPOCHS, EPOCHS, last, 216_906,
        steps=STEPS,
        tags=tags, notes=notes, options=options_of(project),
        extremes={key: (value, value) for key, value in last.items()},
    )  # fmt: skip
    folder = store.add(record)
    (folder / "project.netsmith").write_text(dumps(project), encoding="utf-8")
    (folder / "losses.f32").write_bytes(losses.astype("<f4").tobytes())
    store.write(record.id, {}, tuple(epochs))
    return record.id
