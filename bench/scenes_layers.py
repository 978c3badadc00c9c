"""The states of the Layers tab that are worth a picture: every view before training, a run that is looked into."""

from __future__ import annotations

from typing import Any

from bench.scenes import SIZES, Studio
from engine.document.block_edits import SetRecipe
from engine.document.probes import toggled
from engine.document.project import Probe
from gui.demo_hands import wait_until
from gui.window.bottom import LAYERS
from gui.xray.look_modes import LOOKS

EPOCHS = 12
EPOCHS_SHOWN = 8


def layers(studio: Studio) -> None:
    """All of them; in a small window the first alone."""
    _open(studio, "digits-cnn")
    studio.take("layers-empty")
    _look(studio, "stem")
    studio.take("layers-values")
    if studio.window.width() < SIZES[0][0]:
        return
    _panel(studio).show_view("Filters")
    studio.settle()
    studio.take("layers-filters")
    probes = [Probe(studio.node(name), "out") for name in ("relu", "head")]
    _seen(studio, lambda: studio.session.apply(toggled(studio.session.project, studio.session.block_id, probes)))
    _panel(studio).show_view("Probes")
    studio.settle()
    studio.take("layers-probes")
    studio.session.select([studio.node("flatten")])
    _seen(studio, lambda: _panel(studio).show_view("Embedding"))
    studio.take("layers-embedding")
    _training(studio)
    _open(studio, "digits-transformer")
    studio.session.enter(studio.node("encoder"))
    _look(studio, "attention")
    _panel(studio).show_view("Attention")
    studio.settle()
    studio.take("layers-attention")
    _open(studio, "wine-mlp")
    _look(studio, [n.name for n in studio.session.block.graph.nodes.values()][1])
    studio.take("layers-table")


def _training(studio: Studio) -> None:
    """A real run, some epochs on: distributions in both styles, and the canvas coloured by what was seen."""
    window, session = studio.window, studio.session
    session.select([studio.node("stem")])
    _panel(studio).show_view("Over time")
    session.apply(SetRecipe("epochs", EPOCHS))
    studio.settle()
    window.actions_.trigger("train.start")
    window.desk.bottom.show_tab(LAYERS)
    wait_until(lambda: len(session.runner.history.evaluations) >= EPOCHS_SHOWN, "most of it is trained")
    window.xray.choose(LOOKS["std"].key)
    wait_until(lambda: window.desk.canvas.picture.heat, "the canvas is coloured")
    studio.take("layers-over-time")
    view: Any = _panel(studio).view
    view.style_.setChecked(True)
    view.scale.setChecked(True)
    studio.take("layers-ridges")
    window.actions_.trigger("train.stop")
    wait_until(lambda: not session.runner.active, "the run has ended")


def _open(studio: Studio, name: str) -> None:
    studio.session.document.mark_saved()
    studio.window.files.open_example_named(name)
    studio.window.desk.bottom.show_tab(LAYERS)
    studio.settle()
    studio.window.actions_.trigger("view.fit")
    studio.settle()


def _panel(studio: Studio) -> Any:
    return studio.window.desk.bottom.page(LAYERS)


def _look(studio: Studio, name: str) -> None:
    studio.session.select([studio.node(name)])
    _panel(studio).show_view("Values")
    _seen(studio, lambda: studio.window.actions_.trigger("train.look"))


def _seen(studio: Studio, act: Any) -> None:
    """Do something that makes a look, and wait for what it shows."""
    looking = studio.session.looking
    before = looking.looks.last
    act()
    wait_until(lambda: looking.looks.last is not before and not looking.is_busy, "a look")
    studio.settle()
