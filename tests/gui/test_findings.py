"""What ails a run stands among the problems, with ways out for the next one."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from engine.document.block_edits import SetRecipe
from engine.document.edits import Batch
from engine.layers.activation import ReLU
from engine.layers.io import Input, Output
from engine.layers.linear import Linear
from engine.recipe.base import Dataset
from engine.recipe.transforms import Scale, Standardise
from gui.panels.problems import ProblemsPanel
from gui.preferences import Preferences
from gui.session import Session
from gui.window.status_bar import StatusBar
from tests.gui.conftest import chain

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def panel(qtbot, session: Session, tmp_path: Path, settled) -> ProblemsPanel:  # type: ignore[no-untyped-def]
    """Flowers measured in a unit that is a thousand times too small."""
    layers = Input(), Linear(out_features=8), ReLU(), Linear(out_features=3), Output()
    session.document.replace(chain(*layers, names=("flower", "hidden", "relu", "head", "kind")))
    recipe = {"dataset": Dataset.registry["Iris"](), "epochs": 20, "device": "cpu", "transforms": (Scale(factor=1e3),)}
    session.apply(Batch("Iris", tuple(SetRecipe(*part) for part in recipe.items())))
    session.runner.runs_dir = tmp_path
    settled()
    panel = ProblemsPanel(session)
    qtbot.addWidget(panel)
    panel.resize(1000, 200)
    panel.show()
    return panel


def test_a_fault_is_said_once_and_listed_with_a_repair_that_is_one_step(panel, qtbot, settled):
    session, said = panel._session, []
    session.message.connect(lambda text, action, call: said.append((text, action)))
    session.train()
    qtbot.waitUntil(lambda: not session.runner.active)
    qtbot.waitUntil(lambda: any(f.rule == "unscaled inputs" for f in panel.findings.found))
    assert len([words for words, action in said if action == "Show"]) == 1
    row = next(r for r in panel.rows if getattr(r.problem, "rule", "") == "unscaled inputs")
    assert "Inputs are not scaled" in row.accessibleName()
    bar = StatusBar(session, Preferences())
    qtbot.addWidget(bar)
    bar.follow(session, panel.findings)
    assert f"{len(panel.findings.found)} warning" in bar.problems.text()
    before = session.project
    button = next(b for b in row.findChildren(QPushButton) if b.text() == "Standardise the inputs")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    settled()
    assert isinstance(session.project.recipe.transforms[-1], Standardise)
    session.undo()
    assert session.project is before
    session.train()
    qtbot.waitUntil(lambda: session.runner.state == "running" or not session.runner.active)
    session.runner.stop()
    qtbot.waitUntil(lambda: not session.runner.active)


def test_a_row_without_a_layer_leads_to_the_recipe(panel, qtbot):
    session, asked = panel._session, []
    panel.recipe_wanted.connect(lambda: asked.append(True))
    session.train()
    qtbot.waitUntil(lambda: bool(panel.findings.found))
    row = next(r for r in panel.rows if getattr(r.problem, "rule", "") == "unscaled inputs")
    QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    assert asked
    session.runner.stop()
    qtbot.waitUntil(lambda: not session.runner.active)
