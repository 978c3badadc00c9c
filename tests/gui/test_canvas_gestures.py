"""Every gesture with the real mouse and keys, judged by the document it leaves behind."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.document.edits import MoveNodes
from engine.graph.graph import Edge
from engine.layers import Layer
from engine.layers.block import BlockLayer
from gui.theme import metrics
from tests.gui.canvas_driver import CTRL, LEFT, SHIFT, click, double_click, drag, key, place, press, pull, type_text
from tests.gui.conftest import chain
from tests.gui.window_fixture import hands, open_example  # noqa: F401

L = Layer.registry


def names(session):
    return {n.name: n.id for n in session.block.graph.nodes.values()}


def wires(session):
    graph = session.block.graph
    return {(graph.nodes[e.source].name, graph.nodes[e.target].name) for e in graph.edges}


def header(canvas, name):
    return canvas.node_point(names(canvas.session)[name]) + QPoint(20, 0)


def test_a_click_selects_and_a_click_on_nothing_selects_nothing(row, session):
    click(row, header(row, "stem"))
    assert session.selection == (names(session)["stem"],)
    click(row, place(row, -40, 300))
    assert session.selection == ()


def test_shift_adds_and_takes_away(row, session):
    ids = names(session)
    click(row, header(row, "stem"))
    click(row, header(row, "act"), SHIFT)
    assert session.selection == (ids["stem"], ids["act"])
    click(row, header(row, "stem"), SHIFT)
    assert session.selection == (ids["act"],)


def test_a_box_selects_what_it_touches(row, session):
    ids = names(session)
    drag(row, place(row, 200, -60), place(row, 600, 60))
    assert set(session.selection) == {ids["stem"], ids["act"]}


def test_a_drag_moves_on_the_grid_in_one_step_of_undo(row, session):
    before, stem = session.project, names(session)["stem"]
    drag(row, header(row, "stem"), header(row, "stem") + QPoint(37, 51))
    x, y = session.project.layout_of().at(stem)
    assert (x, y) == (264 + 40, 48)
    assert x % metrics().node.snap == 0
    session.undo()
    assert session.project is before


def test_what_is_selected_moves_together(row, session):
    row.select_all()
    before = dict(session.project.layout_of().positions)
    drag(row, header(row, "stem"), header(row, "stem") + QPoint(80, 0))
    assert {n: (x + 80, y) for n, (x, y) in before.items()} == dict(session.project.layout_of().positions)


def test_a_box_marks_what_it_touches_at_once_and_all_others_hear_of_it_when_the_pointer_rests(row, session, qtbot):
    start = place(row, -60, -60)
    press(row, start)
    pull(row, start, place(row, 200, 80))
    marked = row.marks.selected
    assert marked
    assert session.selection == ()
    qtbot.waitUntil(lambda: frozenset(session.selection) == marked)
    key(row, Qt.Key.Key_Escape)
    assert session.selection == ()
    assert not row.marks.selected


def test_a_box_that_is_given_up_before_the_pointer_rests_leaves_what_was_selected(row, session):
    before = list(row.drawing.faces)[-1:]
    session.select(before)
    start = place(row, -60, -60)
    press(row, start)
    pull(row, start, place(row, 200, 80))
    assert row.marks.selected != frozenset(before)
    key(row, Qt.Key.Key_Escape)
    assert row.marks.selected == frozenset(before) == frozenset(session.selection)


@pytest.mark.parametrize("gesture", ["move", "box", "wire", "scrub"])
def test_escape_ends_a_gesture_and_leaves_the_very_same_project(row, session, gesture):
    stem = names(session)["stem"]
    face = row.drawing.faces[stem]
    field = row.to_view(face.rows[0].field.center() + QPointF(*row.drawing.at[stem]))
    start = {
        "move": header(row, "stem"),
        "box": place(row, 200, -60),
        "wire": row.port_point(stem, "out", "out"),
        "scrub": field,
    }[gesture]
    before, places = session.project, dict(row.drawing.at)
    press(row, start)
    pull(row, start, start + QPoint(60, 40))
    key(row, Qt.Key.Key_Escape)
    QTest.mouseRelease(row.surface.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, start + QPoint(60, 40))
    assert session.project is before
    assert row.drawing.at == places
    assert row.gestures.tool is None


def test_a_wire_is_drawn_from_output_to_input(row, session):
    ids = names(session)
    drag(row, row.port_point(ids["act"], "out", "out"), row.port_point(ids["linear"], "in", "x"))
    assert ("act", "linear") in wires(session)


def test_a_wire_is_drawn_from_input_to_output_as_well(row, session):
    ids = names(session)
    drag(row, row.port_point(ids["linear"], "in", "x"), row.port_point(ids["act"], "out", "out"))
    assert ("act", "linear") in wires(session)


def test_a_wire_snaps_to_a_port_that_is_near(row, session):
    ids = names(session)
    end = row.port_point(ids["linear"], "in", "x") + QPoint(-14, -12)
    drag(row, row.port_point(ids["act"], "out", "out"), end)
    assert ("act", "linear") in wires(session)


def test_a_circle_is_refused_while_one_drags_and_the_project_stays_the_very_same(row, session):
    ids, before = names(session), session.project
    start, end = row.port_point(ids["act"], "out", "out"), row.port_point(ids["stem"], "in", "x")
    press(row, start)
    pull(row, start, end)
    assert row.gestures.card.isVisible()
    assert "circle" in row.gestures.card.accessibleName()
    QTest.mouseRelease(row.surface.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, end)
    assert session.project is before
    assert not row.gestures.card.isVisible()


def test_a_shape_that_does_not_fit_is_refused_with_what_is_needed_and_what_comes(row, session, settled, qtbot):
    session.document.replace(chain(L["Input"](shape=(64,)), L["Identity"](), names=("x", "same")))
    row.add_layer("Conv2d", QPointF(264, 160))
    settled()
    row.fit(animate=False)
    ids, before = names(session), session.project
    start, end = row.port_point(ids["same"], "out", "out"), row.port_point(ids["conv"], "in", "x")
    press(row, start)
    pull(row, start, end)
    qtbot.waitUntil(lambda: row.gestures.card.isVisible(), timeout=10_000)
    said = row.gestures.card.accessibleName()
    assert "(B, C, H, W)" in said
    assert "B × 64" in said
    QTest.mouseRelease(row.surface.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, end)
    assert session.project is before


def test_a_grabbed_end_is_plugged_in_elsewhere_or_taken_away(row, session):
    ids = names(session)
    drag(row, row.port_point(ids["act"], "in", "x"), row.port_point(ids["linear"], "in", "x"))
    assert wires(session) == {("images", "stem"), ("stem", "linear")}
    drag(row, row.port_point(ids["linear"], "in", "x"), place(row, 300, 300))
    assert wires(session) == {("images", "stem")}
    session.undo()
    assert ("stem", "linear") in wires(session)


def test_a_wire_dropped_on_nothing_asks_what_could_stand_there(row, session):
    ids = names(session)
    drag(row, row.port_point(ids["act"], "out", "out"), place(row, 720, 120))
    assert row.search.is_open
    type_text("flatten")
    key(row, Qt.Key.Key_Return)
    assert ("act", "flatten") in wires(session)


def test_a_lone_node_dropped_on_a_wire_goes_into_it(row, session):
    ids, before = names(session), session.project
    middle = (row.port_point(ids["images"], "out", "out") + row.port_point(ids["stem"], "in", "x")) / 2
    drag(row, header(row, "linear"), middle + QPoint(20, 0))
    assert {("images", "linear"), ("linear", "stem")} <= wires(session)
    session.undo()
    assert session.project is before


def test_delete_takes_layers_and_undo_brings_them_back(row, session):
    before = session.project
    click(row, header(row, "stem"))
    row.delete_selection()
    assert "stem" not in names(session)
    assert session.selection == ()
    session.undo()
    assert session.project is before


def test_a_wire_that_was_clicked_is_deleted(row, session):
    ids = names(session)
    a, b = row.port_point(ids["images"], "out", "out"), row.port_point(ids["stem"], "in", "x")
    click(row, a + (b - a) * 0.9)
    row.delete_selection()
    assert wires(session) == {("stem", "act")}


def test_copies_are_pasted_with_their_wires_beside_the_originals(row, session):
    ids = names(session)
    session.select([ids["stem"], ids["act"]])
    row.copy()
    row.paste()
    assert ("stem2", "act2") in wires(session)
    assert len(session.selection) == 2
    new = names(session)["stem2"]
    assert session.project.layout_of().at(new) == (264 + 32, 32)
    row.paste()
    assert session.project.layout_of().at(names(session)["stem3"]) == (264 + 64, 64)


def test_cut_and_paste_brings_back_what_was_cut(row, session):
    session.select([names(session)["linear"]])
    row.cut()
    assert "linear" not in names(session)
    row.paste()
    assert "linear" in names(session)


def test_foreign_text_on_the_clipboard_is_said_and_changes_nothing(row, session, qtbot):
    QApplication.clipboard().setText("no layers at all")
    before = session.project
    with qtbot.waitSignal(session.message):
        row.paste()
    assert session.project is before


def test_a_name_is_edited_in_place(row, session):
    stem = names(session)["stem"]
    face = row.drawing.faces[stem]
    double_click(row, row.to_view(face.name_rect.center() + QPointF(*row.drawing.at[stem])))
    type_text("encoder")
    key(row, Qt.Key.Key_Return)
    assert "encoder" in names(session)


def test_a_name_that_cannot_be_stays_in_the_field_with_the_reason(row, session):
    before = session.project
    session.select([names(session)["stem"]])
    row.rename()
    type_text("2 bad")
    key(row, Qt.Key.Key_Return)
    editor = row.editing.editor
    assert editor is not None
    assert editor.text() == "2 bad"
    assert "Python name" in editor.toolTip()
    key(row, Qt.Key.Key_Escape)
    assert session.project is before


def field_of(canvas, node, place=0):
    rows = canvas.drawing.faces[node].rows
    return canvas.to_view(rows[place].field.center() + QPointF(*canvas.drawing.at[node]))


def test_a_value_on_a_node_is_edited_and_tab_goes_on(row, session):
    stem = names(session)["stem"]
    click(row, field_of(row, stem))
    type_text("48")
    key(row, Qt.Key.Key_Tab)
    type_text("5")
    key(row, Qt.Key.Key_Return)
    layer = session.project.node(stem).layer
    assert (layer.out_channels, layer.kernel_size) == (48, 5)


def test_a_value_out_of_range_leaves_the_project_as_it_was(row, session):
    stem, before = names(session)["stem"], session.project
    click(row, field_of(row, stem))
    type_text("-3")
    key(row, Qt.Key.Key_Return)
    assert row.editing.editor is not None
    assert session.project is before


def test_a_number_is_dragged_in_one_step_of_undo(row, session):
    stem, before = names(session)["stem"], session.project
    start = field_of(row, stem)
    drag(row, start, start + QPoint(40, 0))
    assert session.project.node(stem).layer.out_channels > 32
    session.undo()
    assert session.project is before


def test_grouping_makes_a_block_that_can_be_entered_and_left(row, session):
    ids = names(session)
    session.select([ids["stem"], ids["act"]])
    row.group()
    (block,) = session.selection
    double_click(row, row.node_point(block) + QPoint(0, 14))
    assert {"stem", "act"} <= set(names(session))
    assert row.breadcrumb.steps() == ["Model", "Block"]
    QTest.mouseClick(row.breadcrumb.buttons()[0], LEFT)
    assert session.path == ()
    session.select([block])
    row.ungroup()
    assert {"stem", "act"} <= set(names(session))


def test_all_selected_blocks_are_ungrouped_in_one_step(hands):  # noqa: F811
    open_example(hands, "digits-transformer")
    session, before = hands.session, len(hands.session.block.graph.nodes)
    (first,) = [n.id for n in session.block.graph.nodes.values() if isinstance(n.layer, BlockLayer)]
    session.select([first])
    hands.shortcut("Ctrl+D")
    two = session.project
    session.select(list(session.block.graph.nodes))
    hands.shortcut("Ctrl+Shift+G")
    assert not any(isinstance(n.layer, BlockLayer) for n in session.block.graph.nodes.values())
    assert len(session.block.graph.nodes) > before + 1
    session.undo()
    assert session.project is two


def test_arrows_walk_along_the_wires(row, session):
    ids = names(session)
    click(row, header(row, "images"))
    key(row, Qt.Key.Key_Right)
    key(row, Qt.Key.Key_Right)
    assert session.selection == (ids["act"],)
    key(row, Qt.Key.Key_Left)
    assert session.selection == (ids["stem"],)


def test_control_and_arrows_nudge_in_one_step_of_undo(row, session):
    before, stem = session.project, names(session)["stem"]
    click(row, header(row, "stem"))
    for _ in range(3):
        key(row, Qt.Key.Key_Down, CTRL)
    assert session.project.layout_of().at(stem) == (264, 24)
    session.undo()
    assert session.project is before


def test_the_wheel_zooms_at_the_pointer_and_the_middle_button_pans(row):
    pos = QPoint(300, 200)
    under = row.surface.mapToScene(pos)
    row.surface.zoom_at(QPointF(pos), 1.5)
    assert (row.surface.mapToScene(pos) - under).manhattanLength() < 2
    before = row.surface.centre
    press(row, pos, button=Qt.MouseButton.MiddleButton)
    pull(row, pos, pos + QPoint(90, 30))
    QTest.mouseRelease(row.surface.viewport(), Qt.MouseButton.MiddleButton, pos=pos)
    moved = (before - row.surface.centre) * row.zoom
    assert abs(moved.x() - 90) <= 1
    assert abs(moved.y() - 30) <= 1


def test_a_frame_takes_its_nodes_along(row, session):
    ids = names(session)
    session.select([ids["stem"], ids["act"]])
    row.add_frame()
    (frame,) = session.project.layout_of().frames
    before = session.project.layout_of().at(ids["stem"])
    grip = place(row, frame.x + frame.width / 2, frame.y + 6)
    drag(row, grip, grip + QPoint(0, 80))
    moved = session.project.layout_of().frames[0]
    assert moved.y == frame.y + 80
    assert session.project.layout_of().at(ids["stem"]) == (before[0], before[1] + 80)
    row.choose(frame=moved.id)
    row.delete_selection()
    assert session.project.layout_of().frames == ()


def test_a_move_from_elsewhere_is_drawn(row, session):
    stem = names(session)["stem"]
    session.apply(MoveNodes({stem: (400.0, 200.0)}))
    assert row.drawing.at[stem] == (400.0, 200.0)
    assert all(isinstance(edge, Edge) for edge in row.drawing.wires)
