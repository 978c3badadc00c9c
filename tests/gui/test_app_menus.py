"""The right button and the keys do on a wire, a frame or a layer what is offered for it."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.document.edits import SetRecipe
from gui.preferences import Preferences
from gui.snapping import snapping
from gui.window.bottom import PROBLEMS, RECIPE
from tests.gui.window_fixture import hands, open_example  # noqa: F401


def offered(hands, at: QPoint) -> set[str]:  # noqa: F811
    viewport = hands.canvas.surface.viewport()
    QApplication.sendEvent(viewport, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, viewport.mapToGlobal(at)))
    menu = hands.window.context_menu.menu
    found = {action.objectName() for action in menu.actions() if not action.isSeparator()}
    menu.close()
    return found


def on_wire(hands, source: str, target: str) -> QPoint:  # noqa: F811
    canvas, a, b = hands.canvas, hands.node(source), hands.node(target)
    edge = next(e for e in canvas.drawing.wires if (e.source, e.target) == (a, b))
    return canvas.to_view(canvas.drawing.wires[edge].route.path.pointAtPercent(0.5))


def test_the_right_button_offers_what_fits_what_is_under_it(hands):  # noqa: F811
    open_example(hands, "mlp-moons")
    first, second = (node.name for node in list(hands.session.block.graph.nodes.values())[:2])
    assert {"edit.rename", "block.group", "edit.delete"} <= offered(hands, hands.canvas.node_point(hands.node(first)))
    assert offered(hands, on_wire(hands, first, second)) == {
        *("graph.add", "graph.point", "graph.bundle", "graph.probe", "edit.delete", "view.paths")
    }
    assert {"graph.add", "graph.arrange_folded", "graph.note"} <= offered(hands, hands.free_spot())


def test_a_wire_that_was_clicked_goes_with_delete(hands):  # noqa: F811
    open_example(hands, "mlp-moons")
    first, second = (node.name for node in list(hands.session.block.graph.nodes.values())[:2])
    before = len(hands.session.block.graph.edges)
    hands.click(hands.canvas.surface.viewport(), on_wire(hands, first, second))
    hands.shortcut("Delete")
    assert len(hands.session.block.graph.edges) == before - 1


def test_tab_on_a_wire_that_was_clicked_puts_the_layer_into_it(hands):  # noqa: F811
    open_example(hands, "mlp-moons")
    first, second = (node.name for node in list(hands.session.block.graph.nodes.values())[:2])
    hands.click(hands.canvas.surface.viewport(), on_wire(hands, first, second))
    before = set(hands.session.block.graph.nodes)
    hands.key("Tab")
    hands.write("dropout")
    hands.key("Return")
    (new,) = set(hands.session.block.graph.nodes) - before
    edges = {(e.source, e.target) for e in hands.session.block.graph.edges}
    assert {(hands.node(first), new), (new, hands.node(second))} <= edges


def test_a_block_that_was_made_out_of_sight_is_brought_into_view(hands):  # noqa: F811
    open_example(hands)
    hands.canvas.zoom_reset()
    hands.canvas.surface.look_at(hands.canvas.drawing.rect(hands.node("images")).topLeft(), 2.0)
    hands.session.select([hands.node("drop"), hands.node("head")])
    hands.shortcut("Ctrl+G")
    (block,) = hands.session.selection
    assert hands.canvas.surface.visible().intersects(hands.canvas.drawing.rect(block))


def test_paths_light_up_when_that_is_switched_on(hands):  # noqa: F811
    action = hands.window.actions_["view.paths"]
    action.trigger()
    assert action.isChecked()
    assert hands.canvas.marks.lights_paths
    action.trigger()
    assert not action.isChecked()
    assert not hands.canvas.marks.lights_paths


def test_a_model_without_layers_is_no_trouble_yet(hands):  # noqa: F811
    hands.settle()
    assert hands.window.status.problems.text() == "No layers yet"
    hands.canvas.add_layer("ReLU")
    hands.settle()
    assert "problem" in hands.window.status.problems.text()


def test_a_problem_of_the_recipe_leads_to_the_recipe(hands):  # noqa: F811
    open_example(hands, "mlp-moons")
    hands.session.apply(SetRecipe("losses", ()))
    hands.settle()
    bottom = hands.window.desk.bottom
    bottom.show_tab(PROBLEMS)
    row = next(row for row in bottom.problems.rows if not row.problem.node)
    hands.click(row)
    assert bottom.tabs.currentIndex() == RECIPE


def test_the_offer_to_undo_goes_when_something_else_was_done(hands):  # noqa: F811
    hands.canvas.add_layer("ReLU")
    hands.shortcut("Delete")
    assert hands.window.toasts.shown()[-1].button.text() == "Undo"
    hands.shortcut("Ctrl+Z")
    assert hands.window.toasts.shown() == []


def test_the_grid_is_a_switch_that_is_remembered(hands):  # noqa: F811
    actions, preferences = hands.window.actions_, hands.window.preferences
    try:
        assert actions["view.snap"].isChecked()
        actions.trigger("view.snap")
        assert not hands.canvas.zoom_bar.grid.isChecked()
        preferences.write()
        assert not Preferences().snaps
        QTest.mouseClick(hands.canvas.zoom_bar.grid, Qt.MouseButton.LeftButton)
        assert preferences.snaps
    finally:
        snapping.switch(True)


def test_a_wire_is_led_by_the_commands_of_the_menu(hands):  # noqa: F811
    open_example(hands, "mlp-moons")
    hands.session.select([next(iter(hands.session.block.graph.nodes))])
    actions = hands.window.actions_
    for name in ("select.wire", "graph.point", "graph.straighten"):
        actions.refresh()
        actions.trigger(name)
        assert len(hands.session.project.layout_of().reroutes) == (name == "graph.point")
