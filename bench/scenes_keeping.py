"""Pictures of the dialogs that keep moments of a run and carry weights over."""

from __future__ import annotations

from bench.scenes import Studio
from engine.document.block_edits import SetRecipe
from engine.document.edits import SetParam
from engine.training.events import Checkpointed
from gui.demo_hands import wait_until
from gui.dialogs.carry import CarryDialog
from gui.dialogs.checkpoints import CheckpointsDialog
from gui.dialogs.preferences import PreferencesDialog
from gui.dialogs.resume import ResumeDialog
from gui.window.bottom import TRAINING

STEPS = 60


def keeping(studio: Studio) -> None:
    """A run with checkpoints, the dialog that lists them, and the one that says what an edited model keeps."""
    studio.example(TRAINING)
    session, runner, actions = studio.session, studio.session.runner, studio.window.actions_
    session.apply(SetRecipe("epochs", 12))
    studio.settle()
    actions.trigger("train.start")
    wait_until(lambda: len(runner.history.evaluations) >= 1 and runner.history.step > STEPS, "it trains")
    for name in ("before the change", ""):
        before = _saved(studio)
        runner.save(name)
        wait_until(lambda before=before: _saved(studio) > before, "it is saved")
    wait_until(lambda: len(runner.history.evaluations) >= 2, "it trains")
    actions.trigger("train.pause")
    wait_until(lambda: runner.state == "paused", "it pauses")
    _dialog(studio, "train.checkpoints", CheckpointsDialog, "checkpoints")
    session.apply(SetParam(studio.node("stem"), "out_channels", 48))
    studio.settle()
    _dialog(studio, "train.carry", CarryDialog, "carry")
    runner.stop()
    wait_until(lambda: not runner.active, "it stops")
    studio.settle()
    _dialog(studio, "train.resume", ResumeDialog, "resume")
    _dialog(studio, "file.preferences", PreferencesDialog, "preferences")


def _saved(studio: Studio) -> int:
    events = studio.session.runner.history.events
    return sum(isinstance(e, Checkpointed) and e.kind == "hand" for e in events)


def _dialog(studio: Studio, command: str, kind: type, name: str) -> None:
    studio.window.actions_.trigger(command)
    wait_until(lambda: any(d.isVisible() for d in studio.window.findChildren(kind)), "the dialog opens")
    studio.settle()
    dialog = next(d for d in studio.window.findChildren(kind) if d.isVisible())
    studio.take(name, dialog)
    studio.take(f"{name}-window")
    dialog.reject()
    studio.settle()
