"""A run is steered in the real window: by the form, from the canvas, and back again."""

# ruff: noqa: F811
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.document.block_edits import SetRecipe
from engine.document.edits import AddNode, Batch, Connect, Disconnect
from engine.graph.graph import Edge, NodeId
from engine.layers.dropout import Dropout
from engine.training.events import Awaited, Steered
from gui.demo_hands import Hands, wait_until
from gui.dialogs.run_script import RunScriptDialog
from gui.panels.steer import SteerPanel
from tests.gui.window_fixture import hands, open_example  # noqa: F401

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
LONG = 100_000


def node(hands: Hands, name: str) -> NodeId:
    return next(n.id for n in hands.window.session.block.graph.nodes.values() if n.name == name)


def with_dropout(hands: Hands) -> None:
    """The moons, a Dropout before the head, trained for long."""
    open_example(hands, "mlp-moons")
    session = hands.window.session
    edge = next(iter(session.block.graph.into(node(hands, "head"))))
    drop = NodeId(f"n{session.block.graph.next_id}")
    session.apply(
        Batch(
            "Drop",
            (
                AddNode(Dropout(p=0.2), "drop"),
                Disconnect(edge),
                Connect(Edge(edge.source, edge.source_port, drop, "x")),
                Connect(Edge(drop, Dropout().ports_out()[0].name, edge.target, edge.target_port)),
                SetRecipe("epochs", LONG),
                SetRecipe("device", "cpu"),
            ),
        )
    )
    hands.settle()


@pytest.fixture
def panel(hands: Hands, tmp_path: Path) -> SteerPanel:
    """The form over a run that goes on."""
    with_dropout(hands)
    hands.window.preferences.runs_folder = tmp_path
    hands.window.actions_.trigger("train.start")
    log = lambda: hands.window.session.runner.history.steering  # noqa: E731
    wait_until(lambda: log().is_known, "the run has begun")
    hands.window.actions_.refresh()
    button = hands.window.desk.bottom.facts.steer
    wait_until(button.isVisible, "the button is there")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    return hands.window.projects.front.steering.panel


def written(panel: SteerPanel, name: str, text: str) -> None:
    """Type a value into a field, and Enter."""
    field = panel.rows[name].editor.field
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def told(hands: Hands, name: str, kind: type = Steered) -> Steered:
    """What the run tells of a change."""
    events = hands.window.session.runner.history.events
    wait_until(lambda: any(isinstance(e, kind) and e.name == name for e in events), f"{name} changed")
    return [e for e in events if isinstance(e, kind) and e.name == name][-1]


def test_the_form_shows_what_everything_is_now(panel: SteerPanel) -> None:
    shown = {name: row.editor.field.text() for name, row in panel.rows.items()}
    assert shown["lr"] == "0.01"
    assert shown["clip"] == "0"
    assert shown["dropout"] == "0.2"
    assert shown["batch_size"] == "32"
    assert panel.rows["clip"].aside.text() == "off"
    assert "accumulate" not in shown


def test_what_is_typed_is_obeyed_and_can_be_taken_back(hands: Hands, panel: SteerPanel) -> None:
    written(panel, "dropout", "0.4")
    change = told(hands, "dropout")
    assert (change.before, change.after) == (0.2, 0.4)
    said = lambda: [t for t in hands.window.toasts.shown() if "Dropout 0.2 → 0.4" in t.words.text()]  # noqa: E731
    wait_until(said, "the toast says it")
    button = said()[0].button
    assert button.text() == "Steer back"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    events = hands.window.session.runner.history.events
    wait_until(lambda: any(isinstance(e, Steered) and e.after == 0.2 for e in events), "it is back")


def test_a_batch_size_waits_for_the_next_epoch_and_says_so(hands: Hands, panel: SteerPanel) -> None:
    hands.window.actions_.trigger("train.pause")
    runner = hands.window.session.runner
    wait_until(lambda: runner.history.paused, "it is paused, and what it did until then was heard")
    while runner.history.step % 25 == 0:
        before = runner.history.step
        hands.window.actions_.trigger("train.step")
        wait_until(lambda before=before: runner.history.step > before, "a step is made")
    written(panel, "batch_size", "64")
    told(hands, "batch_size", Awaited)
    wait_until(lambda: "64 from the next epoch" in panel.rows["batch_size"].aside.text(), "the form says so")
    hands.window.actions_.trigger("train.pause")
    assert told(hands, "batch_size").after == 64
    wait_until(lambda: runner.history.plan.steps_per_epoch == 13, "the plan is another")


def test_a_value_that_makes_no_sense_is_refused_where_it_stands(panel: SteerPanel) -> None:
    written(panel, "dropout", "1.5")
    assert panel.rows["dropout"].editor.error()


def test_layers_are_frozen_from_the_canvas_and_named_in_the_form(hands: Hands, panel: SteerPanel) -> None:
    session, actions = hands.window.session, hands.window.actions_
    session.select([node(hands, "hidden1"), node(hands, "relu1")])
    actions.refresh()
    assert actions["train.freeze"].text() == "Freeze in the running training"
    actions.trigger("train.freeze")
    assert told(hands, "frozen").node == ((str(session.project.main), str(node(hands, "hidden1"))),)
    wait_until(lambda: "hidden1" in panel.frozen.text(), "the form names it")
    actions.refresh()
    assert actions["train.freeze"].text() == "Unfreeze in the running training"
    QTest.mouseClick(panel.unfreeze, Qt.MouseButton.LeftButton)
    wait_until(lambda: not session.runner.history.steering.frozen, "it learns again")


def test_what_was_changed_is_kept_in_the_recipe_as_one_step(hands: Hands, panel: SteerPanel) -> None:
    session = hands.window.session
    before = session.project
    written(panel, "lr", "0.002")
    written(panel, "clip", "0.5")
    written(panel, "dropout", "0.4")
    told(hands, "dropout")
    wait_until(panel.keep.isEnabled, "it can be kept")
    QTest.mouseClick(panel.keep, Qt.MouseButton.LeftButton)
    assert session.project.recipe.optimizer.lr == 0.002
    assert session.project.recipe.clip == 0.5
    assert session.block.graph.nodes[node(hands, "drop")].layer.p == 0.4
    session.undo()
    assert session.project is before


def test_the_script_of_the_run_is_written_with_its_changes(
    hands: Hands,
    panel: SteerPanel,
    tmp_path: Path,
) -> None:
    written(panel, "lr", "0.002")
    told(hands, "lr")
    hands.window.actions_.trigger("train.stop")
    wait_until(lambda: not hands.window.session.runner.active, "the run is over")
    QTest.mouseClick(panel.export, Qt.MouseButton.LeftButton)
    dialog = hands.dialog(RunScriptDialog)
    dialog.file.line.setText(str(tmp_path / "again.py"))
    QTest.mouseClick(dialog.button, Qt.MouseButton.LeftButton)
    wait_until((tmp_path / "again.py").exists, "it is written")
    assert 'group["lr"] = 0.002' in (tmp_path / "again.py").read_text(encoding="utf-8")


def test_escape_puts_the_form_away(panel: SteerPanel) -> None:
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert not panel.isVisible()


def test_the_dropout_of_one_layer_is_steered_from_the_canvas(hands: Hands, panel: SteerPanel) -> None:
    runner, session = hands.window.session.runner, hands.window.session
    assert not panel.rows["dropout"].layer.isVisible()  # there is only one
    panel.close_panel()
    session.select([node(hands, "head")])
    hands.window.actions_.refresh()
    assert "leaves nothing out" in hands.window.actions_.commands["train.dropout"].why_not()
    session.select([node(hands, "drop")])
    hands.window.actions_.refresh()
    hands.window.actions_.trigger("train.dropout")
    assert panel.isVisible()
    assert panel.rows["dropout"].editor.field.hasFocus()
    assert runner.active


def test_each_of_several_dropouts_has_its_own_share(hands: Hands, tmp_path: Path) -> None:
    with_dropout(hands)
    session = hands.window.session
    session.select([node(hands, "drop")])
    hands.shortcut("Ctrl+D")
    other = session.selection[0]
    edge = next(iter(session.block.graph.into(node(hands, "head"))))
    session.apply(Disconnect(edge))
    session.apply(Connect(Edge(edge.source, edge.source_port, other, "x")))
    session.apply(Connect(Edge(other, Dropout().ports_out()[0].name, edge.target, edge.target_port)))
    hands.settle()
    hands.window.preferences.runs_folder = tmp_path
    hands.window.actions_.trigger("train.start")
    log = lambda: session.runner.history.steering  # noqa: E731
    wait_until(lambda: log().is_known, "the run has begun")
    session.select([other])
    hands.window.actions_.refresh()
    hands.window.actions_.trigger("train.dropout")
    panel = hands.window.projects.front.steering.panel
    row = panel.rows["dropout"]
    assert row.layer.isVisible()
    assert row.node == ((str(session.project.main), str(other)),)
    written(panel, "dropout", "0.7")
    assert told(hands, "dropout").node == row.node
    wait_until(lambda: sorted(log().dropouts.values()) == [0.2, 0.7], "only one has changed")
    row.layer.setCurrentIndex(0)
    assert row.editor.mixed


def test_what_is_frozen_in_the_run_has_a_badge_until_the_run_ends(hands: Hands, panel: SteerPanel) -> None:
    session, canvas = hands.window.session, hands.window.desk.canvas
    hidden = node(hands, "hidden1")
    before = session.project
    session.select([hidden])
    hands.window.actions_.refresh()
    hands.window.actions_.trigger("train.freeze")
    wait_until(lambda: canvas.picture.iced == {hidden}, "the badge is there")
    assert canvas.picture.look(hidden).iced
    assert session.project is before
    hands.window.actions_.trigger("train.stop")
    wait_until(lambda: not canvas.picture.iced, "the badge has gone")


def test_a_change_of_the_rate_is_called_by_its_name(hands: Hands, panel: SteerPanel) -> None:
    written(panel, "lr", "0.002")
    told(hands, "lr")
    toasts = hands.window.toasts
    wait_until(lambda: any("Learning rate 1e-2 → 2e-3" in t.words.text() for t in toasts.shown()), "the toast says it")
