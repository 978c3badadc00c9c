"""States of the whole window that are looked at but not kept: a run in every tab, every dialog, long names, examples.

`python -m bench.screenshots --scene looks --size 1600x1000 --size 1280x800` draws them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog

from bench.networks import NETWORKS
from bench.scenes import Studio
from engine.document.block_edits import SetRecipe
from engine.document.edits import Batch, Rename, SetFrames, SetParam
from engine.document.project import Frame
from engine.errors import EngineError
from engine.recipe.base import Dataset
from engine.recipe.transforms import Scale
from engine.training.bad import BadInput, BadNode
from gui.demo_hands import wait_until
from gui.dialogs.bad_inputs import BadInputsDialog
from gui.widgets.search_list import SearchList
from gui.window.bottom import LAYERS, PROBLEMS, RUNS, TRAINING, Tab

EXAMPLES = ("digits-transformer", "digits-lstm", "gan-digits", "digits-autoencoder")
LONG = 100_000
LONG_NAME = "donaudampfschifffahrtsgesellschaftskapitaen"
VAST = 5000
ASIDE = {"help.update", "file.quit"}


def looks(studio: Studio) -> None:
    """All of them."""
    for scene in (_live, _steering, _waiting, _findings, _bad, _names, _vast, _nested, _panels, _dialogs, _examples):
        scene(studio)


def _begin(studio: Studio, name: str, epochs: int = LONG) -> None:
    studio.alone()
    studio.window.files.open_example_named(name)
    studio.window.desk.show_part("bottom")
    studio.session.apply(SetRecipe("epochs", epochs))
    studio.settle()
    studio.window.actions_.trigger("view.fit")
    studio.settle()


def _train(studio: Studio, until: Callable[[], bool]) -> None:
    studio.window.actions_.trigger("train.start")
    wait_until(until, "it trains")


def _stop(studio: Studio) -> None:
    runner = studio.session.runner
    runner.stop()
    wait_until(lambda: not runner.active, "the run has ended")
    studio.settle()


def _live(studio: Studio) -> None:
    """A run that goes on, in every tab under the canvas."""
    _begin(studio, "digits-cnn", 12)
    studio.session.select([studio.node("stem")])
    _train(studio, lambda: studio.session.runner.history.step > 60)
    studio.window.actions_.trigger("view.heat.ratio")
    for tab in Tab:
        studio.window.desk.bottom.show_tab(tab)
        studio.paint()
        studio.take(f"live-{tab.name.lower()}")
    _stop(studio)
    studio.window.desk.bottom.show_tab(TRAINING)
    studio.take("live-over")


def _steering(studio: Studio) -> None:
    _begin(studio, "mlp-moons")
    _train(studio, lambda: studio.session.runner.history.steering.is_known)
    studio.window.actions_.refresh()
    studio.window.desk.bottom.facts.steer.click()
    studio.paint()
    studio.take("steering")
    studio.window.projects.workplaces()[0].steering.panel.close_panel()
    _stop(studio)


def _waiting(studio: Studio) -> None:
    """Two projects wait for the one that is trained."""
    _begin(studio, "mlp-moons")
    _train(studio, lambda: studio.session.runner.history.step > 0)
    for name in ("wine-mlp", "digits-cnn"):
        studio.window.files.open_example_named(name)
        studio.settle()
        studio.window.actions_.refresh()
        studio.window.actions_.trigger("train.queue")
    studio.window.actions_.trigger("train.waiting")
    studio.settle()
    studio.take("queue")
    studio.window.line.close()
    studio.window.waiting.panel.close_panel()
    studio.alone()


def _findings(studio: Studio) -> None:
    """Flowers measured in a unit that is a thousand times too small."""
    _begin(studio, "wine-mlp")
    recipe = {"dataset": Dataset.registry["Iris"](), "epochs": 20, "transforms": (Scale(factor=1e3),)}
    studio.session.apply(Batch("Iris", tuple(SetRecipe(*part) for part in recipe.items())))
    studio.settle()
    _train(studio, lambda: bool(studio.window.desk.bottom.problems.findings.found))
    _stop(studio)
    studio.window.desk.bottom.show_tab(PROBLEMS)
    studio.settle()
    studio.take("findings")


def _bad(studio: Studio) -> None:
    """What the first bad node was given."""
    draw = np.random.default_rng(1)
    given = tuple(
        BadInput(name, shape, "float32", 0.01, low, high, bad, draw.integers(0, 90, 24))
        for name, shape, low, high, bad in (
            ("input 1", (32, 64, 8, 8), -1.5, 9.25, 0),
            ("weight", (64, 64, 3, 3), -3.2e8, 4.1e12, 128),
            ("gradient from behind", (32, 64, 8, 8), 0.0, 0.0, 0),
        )
    )
    bad = BadNode((("main", "n1"),), "stage.1.norm1", "backward", given, "/runs/20261126-0001/bad-step-7.safetensors")
    dialog = BadInputsDialog(bad, studio.window)
    dialog.open()
    studio.take("dialog-bad-inputs", dialog)
    dialog.reject()


def _names(studio: Studio) -> None:
    """Names as long as German ones, everywhere that a name stands."""
    studio.example(PROBLEMS)
    session = studio.session
    for name in ("stem", "proj", "stage", "join", "head", "pool"):
        session.apply(Rename(studio.node(name), f"{name}_{LONG_NAME}"))
    frame = Frame("f9", f"{LONG_NAME.capitalize()} und noch mehr davon", 1000, 560, 300, 160, "attention")
    session.apply(SetFrames((*studio.canvas.drawing.frames, frame), session.block_id))
    session.apply(SetParam(studio.node(f"proj_{LONG_NAME}"), "stride", 1))
    session.select([studio.node(f"join_{LONG_NAME}")])
    studio.settle()
    studio.take("names-long")
    studio.window.desk.tabs.setCurrentWidget(studio.window.desk.summary)
    studio.window.actions_.trigger("view.life_size")
    studio.settle()
    studio.take("names-long-summary")
    studio.window.desk.tabs.setCurrentWidget(studio.window.desk.inspector)


def _vast(studio: Studio) -> None:
    studio.alone()
    studio.window.actions_.trigger("file.new")
    studio.session.document.replace(NETWORKS["skips"](VAST))
    studio.settle()
    wait_until(lambda: not studio.canvas.settling.is_going_on, "every wire has its course")
    studio.window.actions_.trigger("view.fit")
    studio.settle()
    studio.take("vast")


def _nested(studio: Studio) -> None:
    """Inside a block in a block, beside the way there."""
    studio.example()
    session = studio.session
    session.enter(studio.node("stage"))
    session.select([studio.node("conv1"), studio.node("norm1"), studio.node("relu1")])
    studio.settle()
    studio.window.actions_.trigger("block.group")
    studio.settle()
    studio.take("nested-group")
    (inner,) = session.selection
    session.enter(inner)
    studio.settle()
    studio.take("nested-inside")
    session.leave(0)


def _panels(studio: Studio) -> None:
    """The history, and a layer of many inputs in the inspector."""
    studio.example(RUNS)
    session = studio.session
    for value in (16, 24, 48):
        session.apply(SetParam(studio.node("stem"), "out_channels", value))
    session.undo()
    studio.window.desk.tabs.setCurrentWidget(studio.window.desk.history)
    session.select([studio.node("stem"), studio.node("proj")])
    studio.settle()
    studio.take("history")
    studio.window.desk.tabs.setCurrentWidget(studio.window.desk.inspector)
    studio.settle()
    studio.take("several-selected")


def _dialogs(studio: Studio) -> None:
    """Every dialog that a command opens."""
    _begin(studio, "digits-cnn", 2)
    studio.session.select([studio.node("stage")])
    commands = studio.window.actions_.commands
    always = {"help.about", "help.keys", "help.pages", "help.shortcuts"}
    for name in [n for n, c in commands.items() if (c.text.endswith("…") or n in always) and n not in ASIDE]:
        studio.window.actions_.refresh()
        try:
            studio.window.actions_.trigger(name)
        except EngineError as error:
            print(name, error)
        studio.paint()
        found = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
        for dialog in found:
            if not isinstance(dialog, QFileDialog):
                studio.take(f"dialog-{name.replace('.', '-')}", dialog)
            dialog.reject()
        for found_list in studio.window.findChildren(SearchList):
            found_list.close_list()
    studio.alone()


def _examples(studio: Studio) -> None:
    """Four examples as they come, and trained for a moment."""
    for name in EXAMPLES:
        _begin(studio, name, 2)
        studio.take(f"opened-{name}")
        runner = studio.session.runner
        studio.window.actions_.trigger("train.start")
        wait_until(lambda runner=runner: runner.history.over is not None, "it is trained")  # type: ignore[misc]
        studio.settle()
        studio.take(f"trained-{name}")
        studio.window.desk.bottom.show_tab(LAYERS)
        studio.settle()
