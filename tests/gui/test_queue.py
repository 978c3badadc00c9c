"""Runs of several projects that wait for one another, in the real window."""

from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from engine.document.block_edits import SetRecipe
from engine.training.store import Store
from gui.demo_hands import Hands, wait_until
from gui.dialogs.base import Dialog
from gui.panels.queue import GOING
from gui.window.bottom import TRAINING
from tests.gui.window_fixture import hands, open_example  # noqa: F401

LONG = 100_000


@pytest.fixture
def busy(hands):  # noqa: F811
    """A project that trains for ever, and another one in front; nothing waits or goes on afterwards.

    It pauses, so that the others have the processor: its device is busy all the same.
    """
    begin(hands, "mlp-moons", LONG)
    hands.shortcut("F5")
    wait_until(lambda: hands.session.runner.history.step > 0, "it trains")
    hands.session.runner.pause()
    wait_until(lambda: hands.session.runner.state == "paused", "it pauses")
    begin(hands, "wine-mlp", 2)
    yield hands
    hands.window.line.close()


def begin(hands: Hands, example: str, epochs: int) -> None:  # noqa: F811
    open_example(hands, example)
    hands.session.apply(SetRecipe("epochs", epochs))
    hands.settle()


def first(hands: Hands):  # noqa: F811
    return hands.window.projects.workplaces()[0].session.runner


def waiting(hands: Hands) -> list[str]:  # noqa: F811
    return [order.name for order in hands.window.line.waiting]


def press(hands: Hands, words: str) -> None:  # noqa: F811
    dialogs = (d for d in hands.window.findChildren(Dialog) if d.isVisible())
    next(b for d in dialogs for b in d.findChildren(QPushButton) if b.text() == words).click()


def queue_three(hands: Hands) -> None:  # noqa: F811
    """wine-mlp, digits-cnn and two-input wait; the list is open."""
    hands.shortcut("Ctrl+F5")
    for name in ("digits-cnn", "two-input"):
        begin(hands, name, 1)
        hands.shortcut("Ctrl+F5")
    assert waiting(hands) == ["wine-mlp", "digits-cnn", "two-input"]
    hands.shortcut("Ctrl+Alt+Q")
    assert hands.window.waiting.panel.isVisible()


def rows(hands: Hands) -> list[str]:  # noqa: F811
    shown = hands.window.waiting.panel.list
    return [shown.item(row).text() for row in range(shown.count())]


def test_while_a_device_is_busy_the_button_queues_and_what_waits_begins_when_it_is_free(busy):
    bar = busy.window.toolbar.idle
    wait_until(lambda: bar.train.text() == "Queue", "the button queues")
    assert "mlp-moons is trained on the processor now" in bar.train.toolTip()
    busy.click(bar.train)
    assert waiting(busy) == ["wine-mlp"]
    assert busy.window.status.queue.text() == "1 run waits"
    runner = busy.session.runner
    assert not runner.active
    first(busy).stop()
    wait_until(lambda: runner.history.over is not None, "the next one has ended")
    assert getattr(runner.history.over, "reason", None) == "finished", runner.history.over
    assert [e.epoch for e in runner.history.evaluations] == [1, 2]
    assert busy.window.desk.bottom.page(TRAINING).loss is not None
    wait_until(lambda: bar.train.text() == "Train", "the button trains again")
    assert not busy.window.status.queue.isVisible()
    assert len(Store(busy.window.preferences.runs_folder).list()) == 2


def test_what_is_queued_is_the_project_as_it_was_then(busy):
    busy.shortcut("Ctrl+F5")
    busy.session.apply(SetRecipe("epochs", 7))
    first(busy).stop()
    runner = busy.session.runner
    wait_until(lambda: runner.history.over is not None, "it has ended")
    assert runner.history.epochs == 2


def test_the_running_project_itself_is_queued_from_its_bar(busy):
    busy.shortcut("Ctrl+F5")
    busy.window.projects.bring(0)
    busy.session.apply(SetRecipe("epochs", 1))
    busy.settle()
    busy.click(busy.window.toolbar.busy.queue)
    assert waiting(busy) == ["wine-mlp", "mlp-moons"]
    runner = first(busy)
    runner.stop()
    wait_until(lambda: not waiting(busy) and not busy.window.line.going(), "all have ended")
    assert runner.history.epochs == 1


def test_the_list_is_reordered_by_keys_by_buttons_and_by_dragging(busy):
    queue_three(busy)
    panel = busy.window.waiting.panel
    assert rows(busy) == ["mlp-moons", "wine-mlp", "digits-cnn", "two-input"]
    panel.list.setCurrentRow(3)
    QTest.keyClick(panel.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert waiting(busy) == ["wine-mlp", "two-input", "digits-cnn"]
    assert panel.list.currentItem().text() == "two-input"
    busy.click(panel.down)
    assert waiting(busy) == ["wine-mlp", "digits-cnn", "two-input"]
    root = QModelIndex()
    panel.list.model().moveRow(root, 3, root, 1)  # offscreen nothing can be dragged; this is what a drop does
    wait_until(lambda: waiting(busy) == ["two-input", "wine-mlp", "digits-cnn"], "the queue follows the rows")
    assert rows(busy) == ["mlp-moons", "two-input", "wine-mlp", "digits-cnn"]


def test_what_waits_is_given_up_and_put_back(busy):
    queue_three(busy)
    panel = busy.window.waiting.panel
    panel.list.setCurrentRow(2)
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    assert waiting(busy) == ["wine-mlp", "two-input"]
    busy.window.toasts.shown()[-1].act()
    assert waiting(busy) == ["wine-mlp", "digits-cnn", "two-input"]
    QTest.keyClick(panel.list, Qt.Key.Key_Escape)
    assert not panel.isVisible()


def test_two_are_trained_at_once_the_second_in_a_process_of_its_own(busy):
    first(busy).resume()
    busy.shortcut("Alt+F5")
    runner = busy.session.runner
    wait_until(lambda: runner.history.over is not None, "the one beside has ended")
    assert runner.run.mode == "process"
    assert first(busy).active
    assert [e.epoch for e in runner.history.evaluations] == [1, 2]


def test_a_project_that_trains_already_is_trained_beside_itself_without_a_tab(busy):
    busy.window.projects.bring(0)
    busy.session.apply(SetRecipe("epochs", LONG - 1))
    busy.settle()
    busy.shortcut("Alt+F5")
    line = busy.window.line
    wait_until(lambda: any(g.is_alone and g.run.state == "running" for g in line.going()), "two are trained")
    assert busy.window.status.queue.text() == "1 beside"
    busy.click(busy.window.status.queue)
    panel = busy.window.waiting.panel
    assert rows(busy) == ["mlp-moons", "mlp-moons"]
    panel.list.setCurrentRow(1)
    assert panel.list.item(1).data(GOING).is_alone
    busy.click(panel.remove)
    wait_until(lambda: not any(g.is_alone for g in line.going()), "it has stopped")
    assert first(busy).active


def test_leaving_asks_before_waiting_runs_are_lost(busy):
    busy.shortcut("Ctrl+F5")
    for workplace in busy.window.projects.workplaces():
        workplace.session.document.mark_saved()
    busy.window.close()
    press(busy, "Stop and close")
    wait_until(lambda: "gives up 1 run" in busy.dialog(Dialog).windowTitle(), "it asks of the queue")
    assert "wine-mlp" in busy.dialog(Dialog).words.text()
    press(busy, "Stay")
    assert busy.window.isVisible()
    assert waiting(busy) == ["wine-mlp"]


def test_a_tab_that_is_closed_leaves_its_run_in_the_queue(busy):
    busy.shortcut("Ctrl+F5")
    busy.session.document.mark_saved()
    busy.window.files.close()
    assert waiting(busy) == ["wine-mlp"]
    first(busy).stop()
    folder: Path = busy.window.preferences.runs_folder
    wait_until(lambda: not waiting(busy) and not busy.window.line.going(), "all have ended")
    assert {run.state for run in Store(folder).list()} == {"finished", "stopped"}


def test_a_train_button_on_a_busy_device_says_so_and_offers_the_queue(busy):
    busy.window.desk.show_part("bottom")
    busy.window.desk.bottom.prepare()
    busy.click(busy.window.desk.bottom.page(TRAINING).recipe.train, QPoint(5, 5))
    toast = busy.window.toasts.shown()[-1]
    assert "mlp-moons is trained" in toast.accessibleName()
    toast.act()
    wait_until(lambda: waiting(busy) == ["wine-mlp"], "it waits")


def test_the_panel_and_what_is_just_said_do_not_cover_one_another(hands):  # noqa: F811
    open_example(hands, "mlp-moons")
    desk, panel = hands.window.desk, hands.window.waiting.panel
    for part in ("right", "bottom"):
        desk.show_part(part, False)
    hands.window.say("Deleted 3 layers", "Undo", lambda: None)
    (toast,) = hands.window.toasts.shown()
    corner = toast.geometry()
    hands.window.waiting.show()
    place = QRect(toast.mapTo(hands.window, QPoint(0, 0)), toast.size())
    assert desk.canvases.rect().contains(toast.geometry())
    assert not place.intersects(panel.geometry())
    panel.close_panel()
    assert toast.geometry() == corner


def test_a_run_is_over_for_the_window_when_all_that_it_told_was_heard(hands):  # noqa: F811
    begin(hands, "mlp-moons", 1)
    hands.shortcut("F5")
    runner = hands.session.runner
    while not runner.run.is_over:  # no event of Qt is heard meanwhile
        pass
    assert runner.active
    assert runner.is_ending
    assert [going.runner for going in hands.window.line.going()] == [runner]
    wait_until(lambda: not runner.active, "its end was heard")
    assert runner.history.over is not None
    assert [e.epoch for e in runner.history.evaluations] == [1]


def test_what_waits_for_a_tab_begins_there_and_not_beside_it_when_its_end_was_not_heard_yet(hands):  # noqa: F811
    begin(hands, "mlp-moons", 1)
    hands.shortcut("F5")
    runner, line = hands.session.runner, hands.window.line
    before = runner.run
    order = runner.order(hands.session.project, hands.session.analysis, trusted=True, name="again")
    while not before.is_over:
        pass
    line.add(order, runner)
    assert waiting(hands) == ["again"]
    wait_until(lambda: not waiting(hands), "it begins")
    assert not any(going.is_alone for going in line.going())
    assert runner.run is not before
    wait_until(lambda: not runner.active, "it has ended")
