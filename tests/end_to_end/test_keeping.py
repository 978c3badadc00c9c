"""Moments of a run in the whole window, by real keys and clicks: kept, named, gone back to, gone on from."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from engine.document.edits import SetParam, SetRecipe
from engine.training.events import Checkpointed, Started
from gui.demo_hands import Hands, wait_until
from gui.dialogs.carry import CarryDialog
from gui.dialogs.checkpoints import CheckpointsDialog
from gui.dialogs.resume import ResumeDialog
from tests.gui.window_fixture import hands, open_example  # noqa: F401


def trained(hands: Hands) -> None:  # noqa: F811
    """The moons in training, paused after some steps."""
    open_example(hands, "mlp-moons")
    hands.session.apply(SetRecipe("epochs", 100_000))
    hands.settle()
    hands.shortcut("F5")
    runner = hands.session.runner
    wait_until(lambda: runner.history.step >= 5, "it trains")
    hands.shortcut("F7")
    wait_until(lambda: runner.state == "paused" and runner.history.paused, "it pauses")


def saved(hands: Hands) -> int:  # noqa: F811
    """A checkpoint by its keys. Returns: its step."""
    history = hands.session.runner.history

    def found() -> list[Checkpointed]:
        return [e for e in history.events if isinstance(e, Checkpointed) and e.kind == "hand"]

    before = len(found())
    hands.shortcut("Ctrl+Shift+K")
    wait_until(lambda: len(found()) > before, "the checkpoint is on disk")
    return found()[-1].step


def test_a_checkpoint_is_saved_named_and_gone_back_to(hands):  # noqa: F811
    runner = hands.session.runner
    trained(hands)
    step, first = saved(hands), runner.run
    for _ in range(4):
        before = runner.history.step
        hands.shortcut("F8")
        wait_until(lambda before=before: runner.history.step > before and runner.history.paused, "it makes a step")
    hands.shortcut("Ctrl+Alt+K")
    dialog = hands.dialog(CheckpointsDialog)
    wait_until(lambda: dialog.tree.topLevelItemCount() > 1, "they are read")
    rows = [dialog.tree.topLevelItem(i) for i in range(dialog.tree.topLevelItemCount())]
    mine = next(row for row in rows if row.text(0) == "Saved by hand")
    dialog.tree.setCurrentItem(mine)
    hands.click(dialog.rename)
    field = dialog.tree.findChild(QLineEdit)
    assert field is not None
    field.selectAll()
    QTest.keyClicks(field, "before the fall")
    QTest.keyClick(field, Qt.Key.Key_Return)
    wait_until(lambda: mine.text(0) == "before the fall", "it has its name")
    hands.click(dialog.back)
    wait_until(lambda: runner.run is not first and runner.history.started is not None, "it begins again")
    started: Started = runner.history.started
    assert (started.first_step, started.parent) == (step, first.run_id)
    wait_until(lambda: runner.history.step >= step + 4, "it goes on")
    hands.shortcut("Shift+F5")
    wait_until(lambda: runner.history.over is not None, "it stops")
    runner.run.wait(10)
    again, before = (run.store.losses(run.run_id)[: step + 4] for run in (runner.run, first))
    assert np.array_equal(again, before)


def test_weights_alone_are_not_gone_back_to(hands):  # noqa: F811
    trained(hands)
    runner = hands.session.runner
    hands.shortcut("F7")
    wait_until(lambda: len(runner.history.evaluations) > 1, "two epochs are trained")
    hands.shortcut("F7")
    wait_until(lambda: runner.history.paused, "it pauses")
    hands.shortcut("Ctrl+Alt+K")
    dialog = hands.dialog(CheckpointsDialog)
    wait_until(lambda: dialog.tree.topLevelItemCount() > 1, "they are read")
    for index in range(dialog.tree.topLevelItemCount()):
        item = dialog.tree.topLevelItem(index)
        dialog.tree.setCurrentItem(item)
        assert dialog.back.isEnabled() == (item.text(0) != "Best epoch")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_a_running_run_is_continued_with_the_edited_model(hands):  # noqa: F811
    trained(hands)
    session, runner = hands.session, hands.session.runner
    hands.shortcut("F7")
    wait_until(lambda: runner.state == "running", "it goes on")
    linear = next(n.id for n in session.block.graph.nodes.values() if n.layer.key == "Linear")
    session.apply(SetParam(linear, "out_features", 96))
    hands.settle()
    first = runner.run
    hands.shortcut("Ctrl+Alt+E")
    dialog = hands.dialog(CarryDialog)
    assert runner.state == "paused"
    wait_until(dialog.button.isEnabled, "what can be kept is known")
    assert "gives what it gave" in dialog.summary.text()
    assert dialog.tree.topLevelItem(0).text(1) == "widened, same function"
    hands.click(dialog.button)
    wait_until(lambda: runner.run is not first and runner.history.step > 0, "the new run trains")
    assert runner.history.started.parent == first.run_id
    assert runner.history.started.first_step == 0
    assert runner.run.carried.keeps_function
    hands.shortcut("Shift+F5")
    wait_until(lambda: runner.history.over is not None, "it stops")


def test_a_run_goes_on_when_the_question_is_left(hands):  # noqa: F811
    trained(hands)
    runner = hands.session.runner
    hands.shortcut("F7")
    wait_until(lambda: runner.state == "running", "it goes on")
    first = runner.run
    hands.shortcut("Ctrl+Alt+E")
    dialog = hands.dialog(CarryDialog)
    wait_until(dialog.button.isEnabled, "what can be kept is known")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    wait_until(lambda: runner.state == "running", "it goes on")
    assert runner.run is first
    hands.shortcut("Shift+F5")
    wait_until(lambda: runner.history.over is not None, "it stops")


def test_the_question_comes_when_the_run_paused_again_before_it_was_heard_that_it_went_on(hands):  # noqa: F811
    trained(hands)
    runner, run = hands.session.runner, hands.session.runner.run
    runner.resume()
    while run.state != "running":  # the events are not heard meanwhile: no event of Qt is either
        pass
    hands.window.actions_.trigger("train.carry")
    while run.state != "paused":
        pass
    dialog = hands.dialog(CarryDialog)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    wait_until(lambda: runner.state == "running", "it goes on")
    hands.shortcut("Shift+F5")
    wait_until(lambda: runner.history.over is not None, "it stops")


def test_a_finished_run_is_given_more_epochs(hands):  # noqa: F811
    runner = hands.session.runner
    open_example(hands, "mlp-moons")
    hands.session.apply(SetRecipe("epochs", 2))
    hands.settle()
    hands.shortcut("F5")
    wait_until(lambda: runner.history.over is not None, "it is trained")
    runner.run.wait(10)
    first = runner.run
    wait_until(lambda: not runner.active, "it is over")
    hands.window.actions_.refresh()
    hands.window.actions_.trigger("train.resume")
    dialog = hands.dialog(ResumeDialog)
    wait_until(dialog.button.isEnabled, "the runs are read")
    assert dialog.epochs.value() == 4
    hands.click(dialog.button)
    wait_until(lambda: runner.run is not first and runner.history.over is not None, "it has two more")
    assert [e.epoch for e in runner.history.evaluations] == [3, 4]
    assert hands.session.project.recipe.epochs == 4
