"""Several projects in one window, and two places of one project, as pictures."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.scenes import Studio
from engine.document.edits import SetParam
from engine.document.files import load, save
from gui.window.files import EXAMPLES

SEVERAL = ("digits-cnn", "mlp-moons", "digits-lstm", "wine-mlp")
MANY = 14


def tabs(studio: Studio) -> None:
    """Four projects: one is not saved, one trains behind the one in front."""
    with tempfile.TemporaryDirectory() as folder:
        studio.alone()
        for name in SEVERAL:
            save(load(EXAMPLES / f"{name}.netsmith"), Path(folder) / f"{name}.netsmith")
            studio.window.files.open_path(Path(folder) / f"{name}.netsmith")
        projects = studio.window.projects
        projects.bring(0)
        studio.session.apply(SetParam(studio.node("stem"), "bias", True))
        projects.bring(1)
        studio.settle()
        studio.window.train()
        projects.bring(2)
        studio.settle()
        studio.take("tabs")
        for workplace in projects.workplaces():
            workplace.session.runner.close()
        studio.alone()


def many_tabs(studio: Studio) -> None:
    """More projects than the bar has room for, most of which nobody has looked at."""
    with tempfile.TemporaryDirectory() as folder:
        studio.alone()
        paths = [Path(folder) / f"experiment-{i + 1}-of-autumn.netsmith" for i in range(MANY)]
        for path in paths:
            save(load(EXAMPLES / "mlp-moons.netsmith"), path)
        studio.window.files.reopen(paths, paths[4])
        studio.settle()
        studio.take("tabs-many")
        studio.alone()


def split(studio: Studio) -> None:
    """The network at the left, the inside of its repeated block at the right, which is in use."""
    studio.example()
    studio.session.select([studio.node("stage")])
    studio.settle()
    studio.window.actions_.trigger("view.beside")
    studio.settle()
    studio.session.select([studio.node("conv1")])
    studio.settle()
    studio.take("split")
    studio.window.actions_.trigger("view.split")
    studio.session.leave(0)
