"""The recipe is edited as a form, and a real run is seen as curves, a map and figures that can be steered."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.document.block_edits import SetRecipe
from engine.document.edits import Batch, SetParam
from engine.graph.graph import NodeId
from engine.layers.activation import ReLU
from engine.layers.io import Input, Output
from engine.layers.linear import Linear
from engine.recipe.base import Dataset
from engine.recipe.losses import CrossEntropyLoss, MSELoss
from engine.recipe.recipe import Recipe
from engine.training.events import Steered
from gui.editors import FieldEditor
from gui.editors.members import MemberEditor
from gui.panels.heat import CanvasHeat
from gui.panels.recipe import RecipePanel
from gui.panels.training import TrainingPanel
from gui.panels.training_facts import TrainingFacts
from gui.session import Session
from tests.gui.conftest import chain

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

Settle = Callable[[], None]


def id_of(session: Session, name: str) -> NodeId:
    return next(n.id for n in session.block.graph.nodes.values() if n.name == name)


@pytest.fixture
def flowers(session: Session, tmp_path: Path, settled: Settle) -> Session:
    """A small network on iris, two epochs."""
    layers = Input(), Linear(out_features=8), ReLU(), Linear(out_features=3), Output()
    session.document.replace(chain(*layers, names=("flower", "hidden", "relu", "head", "kind")))
    session.apply(
        Batch(
            "Iris",
            (SetRecipe("dataset", Dataset.registry["Iris"]()), SetRecipe("epochs", 2), SetRecipe("device", "cpu")),
        )
    )
    session.runner.runs_dir = tmp_path
    settled()
    return session


@pytest.fixture
def form(qtbot, flowers: Session, settled: Settle) -> RecipePanel:  # type: ignore[no-untyped-def]
    panel = RecipePanel(flowers, with_train=True)
    qtbot.addWidget(panel)
    panel.resize(1016, 200)
    panel.show()
    settled()
    return panel


def test_every_option_of_the_recipe_is_in_the_form(form: RecipePanel) -> None:
    assert {name for part in form.forms.values() for name in part.editors} == set(Recipe.params)


def test_the_form_says_what_the_data_gives(form: RecipePanel) -> None:
    assert form.gives.text().startswith("150 samples")
    assert "3 classes" in form.gives.text()


def test_other_data_brings_a_loss_that_suits_it_in_one_step(
    flowers: Session, form: RecipePanel, settled: Settle
) -> None:
    before = flowers.project
    assert isinstance(before.recipe.losses[0], CrossEntropyLoss)
    editor = form.forms["Data"].editors["dataset"]
    assert isinstance(editor, MemberEditor)
    editor.combo.activated.emit(editor.kinds.index(Dataset.registry["Diabetes"]))
    settled()
    recipe = flowers.project.recipe
    assert recipe.dataset.key == "Diabetes"
    assert isinstance(recipe.losses[0], MSELoss)
    assert all(metric.wants == "value" for metric in recipe.metrics)
    flowers.undo()
    assert flowers.project is before
    assert isinstance(editor.value, Dataset.registry["Iris"])


def test_data_that_is_missing_is_said_in_the_form_and_kept(
    flowers: Session, form: RecipePanel, settled: Settle
) -> None:
    editor = form.forms["Data"].editors["dataset"]
    assert isinstance(editor, MemberEditor)
    (csv,) = [kind for kind in editor.kinds if "csv" in kind.title.lower()]
    editor.combo.activated.emit(editor.kinds.index(csv))
    settled()
    assert isinstance(flowers.project.recipe.dataset, csv)
    assert form.gives.property("tone") == "danger"
    assert form.gives.text()


def test_a_setting_is_one_step_to_undo(flowers: Session, form: RecipePanel) -> None:
    before, field = flowers.project, form.forms["Run"].editors["epochs"]
    assert isinstance(field, FieldEditor)
    field.field.setText("7")
    field.take()
    assert flowers.project.recipe.epochs == 7
    flowers.undo()
    assert flowers.project is before
    assert field.field.text() == "2"


@pytest.mark.parametrize(("width", "columns"), [(1016, 4), (800, 3), (560, 2), (300, 1)])
def test_the_form_takes_as_many_columns_as_there_is_room_for(form: RecipePanel, width: int, columns: int) -> None:
    form.resize(width, 200)
    form.columns.resize(width, 200)
    assert sum(not column.isHidden() for column in form.columns._columns) == columns


def test_before_the_first_run_training_is_the_form_with_train(qtbot, flowers: Session) -> None:  # type: ignore[no-untyped-def]
    panel = TrainingPanel(flowers)
    qtbot.addWidget(panel)
    panel.show()
    assert panel.stack.currentWidget() is panel.recipe
    with qtbot.waitSignal(panel.train_wanted):
        QTest.mouseClick(panel.recipe.train, Qt.MouseButton.LeftButton)


def test_a_run_is_seen_as_curves_a_map_and_figures(qtbot, flowers: Session) -> None:  # type: ignore[no-untyped-def]
    panel, facts, heat = TrainingPanel(flowers), TrainingFacts(flowers), CanvasHeat(flowers)
    values: list[dict[NodeId, float]] = []
    heat.heat_changed.connect(lambda heat: values.append(dict(heat.values) if heat else {}))
    for widget in (panel, facts):
        qtbot.addWidget(widget)
        widget.resize(1016, 200)
        widget.show()
    flowers.train()
    history = flowers.runner.history
    qtbot.waitUntil(lambda: flowers.runner.state == "ended" and history.over is not None)
    panel.show_history()
    facts.show_facts()
    heat.tell()
    assert panel.stack.currentWidget() is panel.plots
    assert {"train\nraw", "train\nsmooth", "validation\nvalidation"} <= set(panel.loss._series)
    assert {"train\nepoch", "validation\nvalidation"} == set(panel.score._series)
    assert panel.map.names == ["hidden", "head"]
    assert facts.step.text() == f"step {history.total_steps:,} / {history.total_steps:,}"
    assert facts.score.text().startswith("val accuracy 0.")
    assert facts.rate.isHidden(), "nothing is left to steer"
    assert set(values[-1]) == {id_of(flowers, "hidden"), id_of(flowers, "head")}
    panel.map.row_clicked.emit(1)
    assert flowers.selection == (id_of(flowers, "head"),)
    assert panel.map.selected == 1
    assert panel.note.isHidden()
    flowers.apply(SetParam(id_of(flowers, "hidden"), "out_features", 16))
    assert "edited" in panel.note.text()
    assert not panel.note.isHidden()


def test_the_learning_rate_is_changed_while_it_runs(qtbot, flowers: Session) -> None:  # type: ignore[no-untyped-def]
    flowers.apply(SetRecipe("epochs", 100_000))
    qtbot.waitUntil(lambda: not flowers.analysing)
    facts = TrainingFacts(flowers)
    qtbot.addWidget(facts)
    facts.resize(1016, 32)
    facts.show()
    flowers.train()
    history = flowers.runner.history
    qtbot.waitUntil(lambda: history.step > 0)
    qtbot.waitUntil(lambda: bool(facts.score.text() and facts.speed.text()))
    parts = (facts.loss, facts.score, facts.step, facts.speed, facts.rate, facts.steer)
    for width in (1016, 480, 300, 120, 1016):
        facts.resize(width, 32)
        seen = [part for part in parts if not part.isHidden()]
        assert facts.steer in seen, "steering is possible at any width"
        assert all(part.width() >= part.minimumSizeHint().width() for part in seen), f"cut at {width}"
        assert sum(part.width() for part in seen) <= max(width, facts.steer.sizeHint().width())
    assert not facts.rate.isHidden()
    facts.rate.field.setText("0.125")
    QTest.keyClick(facts.rate.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: any(isinstance(e, Steered) for e in history.events))
    (steered,) = [e for e in history.events if isinstance(e, Steered)]
    assert (steered.name, steered.after) == ("lr", 0.125)
    facts.rate.field.setText("fast")
    facts.rate.take()
    assert facts.rate.error()
    flowers.runner.stop()
    qtbot.waitUntil(lambda: flowers.runner.state == "ended")


@pytest.mark.parametrize(
    ("width", "chosen", "seen"),
    [(1016, 0, {0, 1, 2}), (860, 0, {0, 2}), (860, 1, {1, 2}), (620, 0, {0}), (620, 2, {2})],
)
def test_plots_that_have_no_room_side_by_side_take_turns(
    qtbot, flowers: Session, width: int, chosen: int, seen: set[int]
) -> None:  # type: ignore[no-untyped-def]
    panel = TrainingPanel(flowers)
    qtbot.addWidget(panel)
    panel.resize(width, 200)
    panel.show()
    panel.switch.setCurrentIndex(chosen)
    plots = (panel.loss, panel.score, panel.matrix)
    assert {i for i, plot in enumerate(plots) if not plot.isHidden()} == seen


def test_the_form_says_how_large_a_batch_fits_and_more_of_it_into_more_memory(
    flowers: Session, form: RecipePanel, settled: Settle
) -> None:
    assert form.fit.answer.text() == "Batches of any size should fit."
    hidden = next(n.id for n in flowers.block.graph.nodes.values() if n.name == "hidden")
    flowers.apply(SetParam(hidden, "out_features", 4_000_000))
    settled()
    found = []
    for index in (1, 4):
        form.fit.memory.setCurrentIndex(index)
        found.append(form.fit.largest())
        assert f"Batches of up to {found[-1]:,} should fit." in form.fit.answer.text()
    assert 0 < found[0] < found[1]


def test_a_trial_makes_real_steps_and_says_what_they_took(qtbot, form: RecipePanel) -> None:  # type: ignore[no-untyped-def]
    form.fit.start_trial()
    assert not form.fit.run.isEnabled()
    qtbot.waitUntil(lambda: form.fit.run.isEnabled())
    assert form.fit.tried.text().startswith("Measured at batch 8:")
