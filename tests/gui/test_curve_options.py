"""A plot of curves is looked at as one likes, by mouse and keys, and can be taken away."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from engine.errors import FileError
from engine.training.curve_log import CurveLog
from engine.training.events import Checkpointed, Paused, Started, Steered, Warned
from gui.habits import Habits
from gui.panels.training_curves import marker_of, remember
from gui.plots.curve import CurvePlot
from gui.plots.options import CurveOptions

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

STEPS = np.arange(1.0, 1001.0)


@pytest.fixture
def plot(qtbot):
    plot = CurvePlot("Loss")
    qtbot.addWidget(plot)
    plot.resize(420, 220)
    plot.show()
    qtbot.waitExposed(plot)
    log = CurveLog.of(STEPS, 1 / STEPS + 0.1 + 0.05 * np.sin(STEPS * 7))
    plot.set_log("train", log, "raw")
    plot.set_log("train", log, "smooth", 0.9)
    plot.refresh()
    return plot


def pick(plot, *way):
    """Choose an entry of the plot's menu, as a click on it does."""
    menu = plot.menu
    menu.aboutToShow.emit()
    for title in way[:-1]:
        menu = next(a.menu() for a in menu.actions() if a.text() == title)
    next(a for a in menu.actions() if a.text() == way[-1]).trigger()


def drawn(plot, part):
    return plot._area._curves[f"train\n{part}"].getData()


def test_smoothing_follows_what_is_chosen(plot):
    rough = np.abs(np.diff(drawn(plot, "smooth")[1])).sum()
    pick(plot, "Smoothing", "Strong")
    assert np.abs(np.diff(drawn(plot, "smooth")[1])).sum() < rough
    pick(plot, "Smoothing", "None")
    assert [key.split("\n")[1] for key in plot._area._curves] == ["epoch"]
    pick(plot, "Smoothing", "Automatic")
    assert {key.split("\n")[1] for key in plot._area._curves} == {"raw", "smooth"}


def test_values_and_steps_can_be_logarithmic(plot):
    pick(plot, "Values", "Logarithmic")
    assert plot._area.axis.log
    pick(plot, "Values", "Linear")
    assert not plot._area.axis.log
    pick(plot, "Steps", "Logarithmic")
    assert plot._area.x_at(10) / plot._area.width() == pytest.approx(1 / 3, abs=0.01)
    xs = drawn(plot, "raw")[0]
    assert np.array_equal(xs, np.sort(xs))
    assert len(set(xs[xs < 1])) == 9  # of the first decade every step
    pick(plot, "Steps", "Linear")
    assert plot._area.x_at(500) / plot._area.width() == pytest.approx(0.5, abs=0.01)


def test_a_logarithmic_axis_leaves_out_what_is_not_positive(plot):
    plot.set_series("margin", STEPS, np.linspace(-1, 1, len(STEPS)), "validation")
    pick(plot, "Values", "Logarithmic")
    assert plot._area.axis.log
    assert np.isnan(plot._area._curves["margin\nvalidation"].getData()[1]).any()


def wheel(plot, place, modifier=Qt.KeyboardModifier.NoModifier, notches=1):
    area = plot._area.viewport()
    event = QWheelEvent(
        QPointF(place), QPointF(area.mapToGlobal(place)), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, modifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(area, event)


def test_the_wheel_zooms_steps_and_with_ctrl_values_and_a_double_click_shows_all(plot):
    middle = QPoint(plot._area.width() // 2, plot._area.height() // 2)
    whole, axis = plot._area.span(), plot._area.axis
    wheel(plot, middle)
    assert plot._area.span()[0] > whole[0]
    wheel(plot, middle, Qt.KeyboardModifier.ControlModifier, 3)
    seen = plot._area.axis
    assert seen.high - seen.low < axis.high - axis.low
    assert all(seen.low <= mark <= seen.high for mark, _ in seen.ticks)
    QTest.mouseDClick(plot._area.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    plot.refresh()
    assert plot._area.span() == whole
    assert plot._area.axis == axis


def test_keys_move_the_crosshair_and_zoom(plot, qtbot):
    told = []
    plot.hovered.connect(told.append)
    plot.setFocus()
    for _ in range(2):
        qtbot.keyClick(plot, Qt.Key.Key_Right)
    assert told[1] - told[0] == 20
    whole = plot._area.span()
    qtbot.keyClick(plot, Qt.Key.Key_Plus)
    assert plot._area.span()[1] - plot._area.span()[0] == pytest.approx(0.8 * (whole[1] - whole[0]), rel=0.01)
    qtbot.keyClick(plot, Qt.Key.Key_0)
    assert plot._area.span() == whole
    qtbot.keyClick(plot, Qt.Key.Key_Escape)
    assert told[-1] is None


def test_the_button_opens_the_menu(plot, qtbot):
    qtbot.mouseClick(plot._button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(plot.menu.isVisible)
    assert "Save numbers…" in [a.text() for a in plot.menu.actions()]
    plot.menu.close()


def test_numbers_are_saved_as_a_table_with_a_column_for_each_curve(plot, tmp_path):
    plot.set_series("validation", np.array([500.0, 1000.0]), np.array([0.25, np.nan]), "validation")
    plot.menu.save(tmp_path / "loss.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "loss.csv").read_text(encoding="utf-8"))))
    assert rows[0] == ["step", "train", "train (smoothed)", "validation"]
    assert len(rows) == 1001
    assert rows[1][0] == "1"
    assert float(rows[1][1]) == pytest.approx(1.1 + 0.05 * np.sin(7))
    assert [rows[499][3], rows[500][3], rows[1000][3]] == ["", "0.25", "nan"]


def test_a_picture_is_saved_and_copied(plot, tmp_path):
    plot.menu.save(tmp_path / "loss.png")
    image = QImage(str(tmp_path / "loss.png"))
    assert image.size() == 2 * plot.size()
    plot.menu.save(tmp_path / "loss.svg")
    text = (tmp_path / "loss.svg").read_text(encoding="utf-8")
    assert text.count("<path") + text.count("<polyline") > 3
    assert "Loss" in text
    pick(plot, "Copy picture")
    assert QGuiApplication.clipboard().image().size() == 2 * plot.size()


def test_a_file_dialog_asks_for_the_place(plot, qtbot, tmp_path):
    pick(plot, "Save numbers…")
    dialog = next(w for w in QApplication.topLevelWidgets() if isinstance(w, QFileDialog) and w.isVisible())
    assert dialog.defaultSuffix() == "csv"
    dialog.fileSelected.emit(str(tmp_path / "kept.csv"))
    dialog.close()
    assert (tmp_path / "kept.csv").exists()


def test_a_place_that_cannot_be_written_is_named(plot, tmp_path):
    with pytest.raises(FileError, match="could not be written"):
        plot.menu.save(tmp_path / "no" / "loss.png")


def test_how_one_looks_at_a_plot_is_remembered(plot, qtbot, tmp_path):
    remember(plot, "loss", Habits(path=tmp_path / "habits.ini"))
    plot.set_options(CurveOptions("log", "linear", 0.95))
    other = CurvePlot("Loss")
    qtbot.addWidget(other)
    remember(other, "loss", Habits(path=tmp_path / "habits.ini"))
    assert other.options == CurveOptions("log", "linear", 0.95)


def test_a_habit_that_makes_no_sense_counts_for_nothing(plot, tmp_path):
    habits = Habits(path=tmp_path / "habits.ini")
    habits.choose("loss/values", "purple")
    habits.choose("loss/smoothing", "much")
    remember(plot, "loss", habits)
    assert plot.options == CurveOptions()


STARTED = Started("this", ("weight",), ((),), 3, 10, 4, "cpu")


@pytest.mark.parametrize(
    ("event", "mark"),
    [
        (Steered(7, "lr", 1e-3, 3e-4), (7, "lr 1e-3 → 3e-4")),
        (Paused(9), (9, "paused")),
        (Checkpointed("x", "last", 2), (20, "")),
        (Warned("No space."), None),
        (STARTED, None),
        (replace(STARTED, parent="other", first_step=12, parent_step=12), (12, "goes on")),
        (replace(STARTED, parent="other", parent_step=12), (1, "weights of step 12")),
    ],
)
def test_what_happened_is_marked_with_its_words(event, mark):
    assert marker_of(event, 10) == mark


def test_words_of_events_do_not_lie_over_one_another(plot):
    for step in (500, 501, 502):
        plot.add_event(step, f"lr {step}")
    plot.add_tick(100)
    plot.grab()
    overlay = plot._area.overlay
    assert len(overlay._events) == 3
    assert overlay._ticks == [100]
