"""A sweep is asked for in a dialog, seen as it goes, and its best is taken over in one step."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from shiboken6 import isValid

from engine.document.block_edits import SetRecipe
from engine.document.edits import Batch
from engine.layers.activation import ReLU
from engine.layers.io import Input, Output
from engine.layers.linear import Linear
from engine.recipe.base import Dataset
from engine.training.store import Store
from gui.dialogs.sweep import SweepDialog, suggestions
from gui.plots.parallel import ParallelPlot, SpanAxis
from tests.gui.conftest import chain

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def dialog(qtbot, session, tmp_path, settled):
    layers = Input(), Linear(out_features=8), ReLU(), Linear(out_features=3), Output()
    session.document.replace(chain(*layers, names=("flower", "hidden", "relu", "head", "kind")))
    recipe = ("dataset", Dataset.registry["Iris"]()), ("epochs", 1), ("device", "cpu")
    session.apply(Batch("Iris", tuple(SetRecipe(*part) for part in recipe)))
    session.runner.runs_dir = tmp_path
    settled()
    dialog = SweepDialog(session, lambda: "", None)
    dialog.show()
    yield dialog
    if isValid(dialog):
        dialog.reject()


def test_options_are_suggested_with_values_around_their_own(dialog):
    found = suggestions(dialog._session.project)
    assert found["recipe.batch_size"] == "recipe.batch_size=8..128"
    assert ":log" in found["recipe.optimizer.lr"]
    dialog.options.setCurrentIndex(dialog.options.findText("recipe.batch_size"))
    dialog.options.activated.emit(dialog.options.currentIndex())
    assert dialog.over.toPlainText().splitlines()[-1] == found["recipe.batch_size"]


def test_a_sweep_is_seen_and_its_best_taken_over(dialog, qtbot):
    session = dialog._session
    dialog.over.setPlainText("recipe.optimizer.lr=0.001,0.1\nhidden.out_features=4,8")
    dialog.method.setCurrentIndex(0)
    QTest.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    assert dialog.start.text() == "Stop"
    qtbot.waitUntil(lambda: not dialog._timer.isActive())
    assert dialog.start.text() == "Start"
    assert dialog.table.topLevelItemCount() == 4
    states = [dialog.table.topLevelItem(row).text(5) for row in range(4)]
    assert sorted(states) == ["best", "finished", "finished", "finished"]
    assert "4 of 4 runs are over" in dialog.note.text()
    best, before = dialog._sweep.best(), session.project
    QTest.mouseClick(dialog.apply, Qt.MouseButton.LeftButton)
    assert f"{session.project.recipe.optimizer.lr:g}" == best.point["recipe.optimizer.lr"]
    session.undo()
    assert session.project is before
    line = next(line for line in dialog.parallel_plot.lines() if len(line) == 3)
    QTest.mouseClick(dialog.parallel_plot, Qt.MouseButton.LeftButton, pos=line[1].toPoint())
    assert dialog.table.currentItem() is not None
    assert {run.group for run in Store(session.runner.runs_dir).list()} == {dialog._sweep.name}


@pytest.mark.parametrize(
    ("text", "said"),
    [("nonsense", "says not what is tried"), ("recipe.nothing=1,2", "cannot be 1"), ("", "Nothing is swept")],
)
def test_what_cannot_be_swept_is_said(dialog, text, said):
    dialog.over.setPlainText(text)
    dialog.begin()
    assert said in dialog.note.text()
    assert not dialog._timer.isActive()


def test_leaving_the_dialog_ends_the_sweep(dialog, qtbot):
    dialog._session.apply(SetRecipe("epochs", 100_000))
    dialog.over.setPlainText("recipe.optimizer.lr=0.001,0.1")
    dialog.begin()
    qtbot.waitUntil(lambda: any(trial.epoch for trial in dialog.trials.values()))
    sweep = dialog._sweep
    dialog.reject()
    assert list(sweep.trials())[-1].state == "stopped"


@pytest.mark.parametrize(
    ("values", "heights"),
    [
        ([1, 3], [0, 1]),
        ([0.001, 0.01, 0.1], [0, 0.5, 1]),
        (["b", "a", "c"], [0.5, 0, 1]),
        ([2, 2, None], [0.5, 0.5, None]),
        ([1, float("nan")], [0.5, None]),
    ],
)
def test_an_axis_fits_what_it_shows(values, heights):
    axis = SpanAxis(values)
    assert [axis.height(value) for value in values] == [h if h is None else pytest.approx(h) for h in heights]


def test_a_click_beside_every_line_chooses_nothing(qtbot):
    plot, chosen = ParallelPlot(), []
    qtbot.addWidget(plot)
    plot.resize(400, 200)
    plot.chosen.connect(chosen.append)
    plot.show_rows(["a", "loss"], [(1.0, 0.5), (2.0, None)])
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    assert chosen == []
    plot.grab()
