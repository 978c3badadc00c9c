"""The Time panel says where a run's time goes, and which layers take it."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.document.block_edits import SetRecipe
from engine.document.edits import Batch
from engine.layers.activation import ReLU
from engine.layers.io import Input, Output
from engine.layers.linear import Linear
from engine.recipe.base import Dataset
from engine.training import clock as clock_module
from gui.panels.time import TimePanel, clock, milliseconds
from gui.panels.time_trace import IDLE
from gui.plots.shares import SharesBar
from gui.session import Session
from tests.gui.conftest import chain

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
LONG = 100_000


@pytest.fixture
def panel(qtbot, session: Session, tmp_path: Path, settled, monkeypatch) -> TimePanel:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(clock_module, "SAMPLED_SECONDS", 0.0)
    monkeypatch.setattr(clock_module, "TOLD_SECONDS", 0.0)
    layers = Input(), Linear(out_features=8), ReLU(), Linear(out_features=3), Output()
    session.document.replace(chain(*layers, names=("flower", "hidden", "relu", "head", "kind")))
    recipe = ("dataset", Dataset.registry["Iris"]()), ("epochs", LONG), ("device", "cpu")
    session.apply(Batch("Iris", tuple(SetRecipe(*part) for part in recipe)))
    session.runner.runs_dir = tmp_path
    settled()
    panel = TimePanel(session)
    qtbot.addWidget(panel)
    panel.resize(1300, 190)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def test_before_a_run_there_is_nothing_to_record(panel):
    assert not panel.trace.record.isEnabled()
    assert "Nothing" in panel.trace.record.toolTip()
    assert panel.trace.pages.currentWidget() is panel.trace.empty
    assert panel.trace.empty._sentence.text() == IDLE
    assert {value.text() for value in panel.facts.values()} == {"–"}


def test_a_run_is_seen_part_by_part_and_recorded_layer_by_layer(panel, qtbot):
    session, tree = panel._session, panel.trace.tree
    session.train()
    qtbot.waitUntil(lambda: session.runner.history.times.last is not None)
    qtbot.waitUntil(lambda: "forward" in panel.shares.accessibleDescription())
    assert panel.step.text().startswith("A step takes ")
    assert " of " in panel.facts["Memory"].text()
    assert panel.facts["GPU"].isHidden()
    QTest.mouseClick(panel.trace.record, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: tree.topLevelItemCount() == 3)
    session.runner.stop()
    qtbot.waitUntil(lambda: not session.runner.active)
    shares = [float(tree.topLevelItem(row).text(3).rstrip("%")) for row in range(3)]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(100, abs=2)
    assert Path(panel.trace._path).exists()
    relu = tree.findItems("relu", Qt.MatchFlag.MatchExactly)[0]
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=tree.visualItemRect(relu).center())
    assert [session.block.graph.nodes[n].name for n in session.selection] == ["relu"]
    panel.trace.forget()
    assert panel.trace.pages.currentWidget() is panel.trace.empty


def test_curves_give_way_where_there_is_little_room(panel):
    assert panel.plot.isVisible()
    panel.resize(900, 190)
    assert not panel.plot.isVisible()


def test_parts_fill_the_bar_in_proportion(qtbot):
    bar = SharesBar(("a", "b"), "Parts")
    qtbot.addWidget(bar)
    bar.resize(200, bar.sizeHint().height())
    bar.show_sizes({"a": 3.0, "b": 1.0}, {"a": "3 ms", "b": "1 ms"})
    image = bar.grab().toImage()
    middle = int(6 * bar.devicePixelRatioF())
    colours = [image.pixelColor(x, middle).name() for x in range(image.width())]
    assert colours.count(colours[image.width() // 2]) == pytest.approx(0.75 * image.width(), abs=4)
    assert bar.accessibleDescription() == "a 3 ms, 75 %; b 1 ms, 25 %"


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.000123, "0.12 ms"), (0.0042, "4.2 ms"), (0.13, "130 ms"), (2.44, "2.4 s")]
)
def test_short_times_are_written_short(seconds, words):
    assert milliseconds(seconds) == words


@pytest.mark.parametrize(("seconds", "words"), [(15, "0:15"), (75.4, "1:15"), (3723, "1:02:03")])
def test_long_times_are_written_as_on_a_clock(seconds, words):
    assert clock(seconds) == words
