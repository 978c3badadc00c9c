"""The runs of a sweep in the tab Runs: one row, that can be opened."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from gui.demo_hands import wait_until
from gui.window.bottom import RUNS
from tests.engine.runs import moons
from tests.gui.test_runs_panel import keep, ready, store  # noqa: F401
from tests.gui.window_fixture import hands  # noqa: F401

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def grouped(hands, store):  # noqa: F811
    """The tab with two runs of a sweep beside the three."""
    for name in ("a", "b"):
        keep(store, name, moons(epochs=1), group="sweep-1")
    hands.window.desk.show_part("bottom")
    hands.window.desk.bottom.show_tab(RUNS)
    panel = hands.window.desk.bottom.page(RUNS)
    wait_until(lambda: len(panel.model.rows) == 5, "the runs are read")
    ready(panel)
    return panel


def shown(panel):
    return [panel.model.index(row, 0).data() for row in range(panel.model.rowCount())]


def test_the_runs_of_a_sweep_are_one_row_that_says_how_many_and_the_best(grouped):
    assert shown(grouped) == ["sweep-1 (2 runs)", "net c", "net b", "net a"]
    cell = {key: grouped.model.index(0, column).data() for column, key in enumerate(grouped.model.columns)}
    assert (cell["metrics.val_accuracy"], cell["metrics.loss"]) == ("0.900", "0.100")
    assert cell["state"] == "2 finished"
    assert len(grouped.chosen()) == 2
    grouped.sort("metrics.val_accuracy", True)
    assert shown(grouped) == ["sweep-1 (2 runs)", "net b", "net c", "net a"]
    grouped.sort("metrics.val_accuracy", False)
    assert shown(grouped) == ["net a", "net c", "sweep-1 (2 runs)", "net b"]


def test_a_group_is_opened_and_closed_by_keys(grouped):
    table = grouped.table
    grouped.table.setFocus()
    table.selectRow(0)
    QTest.keyClick(table, Qt.Key.Key_Right)
    assert shown(grouped)[:3] == ["sweep-1 (2 runs)", "net b", "net a"]
    QTest.keyClick(table, Qt.Key.Key_Down)
    assert [r.name for r in grouped.chosen()] == ["net b"]
    QTest.keyClick(table, Qt.Key.Key_Left)
    assert len(grouped.chosen()) == 2
    QTest.keyClick(table, Qt.Key.Key_Left)
    assert len(shown(grouped)) == 4
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert len(shown(grouped)) == 6


def test_a_group_is_opened_by_its_triangle_and_news_leaves_it_open(grouped, store):  # noqa: F811
    def press() -> None:
        box = grouped.table.visualRect(grouped.model.index(0, 0))
        QTest.mouseClick(grouped.table.viewport(), LEFT, pos=box.topLeft() + QPoint(10, box.height() // 2))

    press()
    assert len(shown(grouped)) == 6
    keep(store, "c", moons(epochs=1), group="sweep-1")
    grouped.look()
    wait_until(lambda: shown(grouped)[0] == "sweep-1 (3 runs)", "the third is there")
    assert len(shown(grouped)) == 7
    grouped.table.selectRow(2)
    press()
    assert len(shown(grouped)) == 4
    assert len(grouped.chosen()) == 3


def test_one_run_of_a_group_that_passes_a_filter_stands_alone(grouped):
    grouped.field.setText("val_accuracy>0.8")
    grouped.read_filter()
    assert sorted(shown(grouped)) == ["net b", "net b"]
