"""What the canvas says while one points at something, and the small things that make it pleasant."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.document.edits import Connect, SetBlockParams, SetFrames, SetParam
from engine.expr import Expr
from engine.graph.block import BlockParam
from engine.graph.graph import Edge
from engine.layers import Layer
from engine.training.events import Failed
from gui.figures import magnification
from gui.theme import in_colours, metrics, theme
from tests.gui.canvas_driver import CTRL, LEFT, SHIFT, click, drag, has_colour, key, place, press, pull, shot, type_text
from tests.gui.conftest import chain

L = Layer.registry
HELD = Qt.KeyboardModifier
KEYS_OF_ENTER = (Qt.Key.Key_Return, HELD.NoModifier), (Qt.Key.Key_Enter, HELD.KeypadModifier)


@pytest.fixture
def row(canvas, session, settled):
    layers = (L["Input"](shape=(1, 8, 8)), L["Conv2d"](), L["ReLU"]())
    session.document.replace(chain(*layers, names=("images", "stem", "act"), step=360.0))
    settled()
    canvas.surface.look_at(QPointF(430, 60), 1.0)
    return canvas


def hover(canvas, pos):
    QTest.mouseMove(canvas.surface.viewport(), pos - QPoint(3, 0))
    QTest.mouseMove(canvas.surface.viewport(), pos)


def test_a_wire_says_its_shape_type_and_size(row):
    wire = next(w for w in row.drawing.wires.values() if w.edge.source == "n2")
    point = wire.route.path.pointAtPercent(0.9)
    hover(row, place(row, point.x(), point.y()))
    assert row.tip.text == "B × 32 × 8 × 8  float32  8.2 kB a sample"
    row.gestures.leave()
    assert row.tip.text == ""


def test_the_path_of_what_the_pointer_is_on_is_lit_far_from_it(row):
    def is_painted(colour):
        point = next(w for w in row.drawing.wires.values() if w.edge.source == "n1").route.path.pointAtPercent(0.95)
        return has_colour(shot(row), colour, place(row, point.x(), point.y()), 1)

    row.light_up_paths(True)
    assert is_painted(theme().wire.rest)
    hover(row, place(row, 740, 20))
    assert row.marks.hover == "n3"
    assert is_painted(theme().wire.path), "a wire that is not its own"
    hover(row, place(row, 740, 240))
    assert is_painted(theme().wire.rest)


def test_a_port_and_a_value_say_what_they_are(row, session, settled):
    hover(row, row.port_point("n2", "in", "x"))
    assert row.tip.text.startswith("x")
    params = (BlockParam("width", "int", 24, "How many channels."),)
    session.apply(SetBlockParams(session.project.main, params))
    session.apply(SetParam("n2", "out_channels", Expr("width * 2")))
    settled()
    field = row.drawing.faces["n2"].rows[0].field.center()
    hover(row, row.to_view(field + QPointF(*row.drawing.at["n2"])))
    assert row.tip.text == "= 48"


def test_far_away_a_node_says_its_name_and_shape(row):
    row.surface.look_at(QPointF(430, 60), 0.2)
    hover(row, row.node_point("n2"))
    assert row.tip.text == "stem  Conv2d  B × 32 × 8 × 8"


def test_hovering_moves_and_resizes_nothing(row, session):
    before = {n: row.drawing.rect(n) for n in row.drawing.faces}
    project = session.project
    for node in row.drawing.faces:
        hover(row, row.node_point(node))
    assert {n: row.drawing.rect(n) for n in row.drawing.faces} == before
    assert session.project is project


def test_where_a_run_failed_is_marked_and_looked_at(row, session):
    row.surface.look_at(QPointF(5000, 5000), 1.0)
    session.runner.events.emit([Failed("The loss is not a finite number at step 3.", "", session.project.main, "n2")])
    assert row.surface.visible().contains(row.drawing.rect("n2"))
    assert row.drawing.looks["n2"].plate.value == "NaN"
    footer = row.to_view(row.drawing.rect("n2").bottomLeft()) + QPoint(6, -8)
    assert has_colour(shot(row), theme().heat.not_finite.fill, footer, 2)


def test_the_right_button_selects_what_is_under_it_and_asks_for_a_menu(row, session, qtbot):
    pos = row.node_point("n2")
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, pos, row.mapToGlobal(pos))
    with qtbot.waitSignal(row.menu_wanted):
        QApplication.sendEvent(row, event)
    assert session.selection == ("n2",)


def test_fitting_keeps_the_nodes_out_from_under_the_minimap(canvas, session):
    for count in (4, 9, 30):
        session.document.replace(chain(*(L["ReLU"]() for _ in range(count)), step=200.0))
        canvas.arrange()
        canvas.fit(animate=False)
        rects = [canvas.view_rect(canvas.drawing.rect(n)).toRect() for n in canvas.drawing.faces]
        over = canvas.minimap.geometry().united(canvas.zoom_bar.geometry())
        assert not any(over.intersects(rect) for rect in rects)


def test_a_network_of_any_size_is_seen_whole_and_the_zoom_says_how_near(canvas, session):
    for step in (4_000.0, 40_000.0):
        session.document.replace(chain(*(L["ReLU"]() for _ in range(20)), step=step))
        canvas.fit(animate=False)
        assert canvas.zoom < metrics().lod.zoom_min
        assert canvas.surface.visible().contains(canvas.drawing.bounds())
        assert canvas.zoom_bar.reset.text() == magnification(canvas.zoom) != "0 %"
        whole = canvas.zoom
        for _ in range(30):
            canvas.zoom_out()
        assert whole / 4 < canvas.zoom <= whole
    session.document.replace(chain(L["ReLU"](), L["ReLU"]()))
    canvas.fit(animate=False)
    for _ in range(30):
        canvas.zoom_out()
    assert canvas.zoom == metrics().lod.zoom_min


def test_from_very_far_wires_are_lines_only_where_they_are_more_than_dots(canvas, session):
    session.document.replace(chain(*(L["ReLU"]() for _ in range(20)), step=4_000.0))
    canvas.fit(animate=False)
    first, last = (canvas.view_rect(canvas.drawing.rect(n)) for n in ("n1", "n20"))
    middle = (first.right() + canvas.view_rect(canvas.drawing.rect("n2")).left()) / 2
    image = canvas.surface.viewport().grab().toImage()
    assert image.pixelColor(round(middle), round(first.center().y())) == theme().wire.rest
    assert last.right() < image.width()


def test_a_press_on_the_minimap_goes_there(row):
    far = row.drawing.rect("n3").center()
    scale, origin = row.minimap._mapping()
    QTest.mouseClick(row.minimap, LEFT, pos=(far * scale + origin).toPoint())
    assert abs(row.surface.centre.x() - far.x()) < 20


def test_the_zoom_bar_zooms_and_resets(row, qtbot):
    with qtbot.waitSignal(row.zoom_changed):
        QTest.mouseClick(row.zoom_bar.more, LEFT)
    assert row.zoom > 1
    QTest.mouseClick(row.zoom_bar.reset, LEFT)
    assert row.zoom == pytest.approx(1)
    QTest.mouseClick(row.zoom_bar.whole, LEFT)
    assert row.surface.visible().contains(row.drawing.bounds())


def test_enter_edits_the_first_option_of_what_is_selected(row, session):
    session.select(["n2"])
    key(row, Qt.Key.Key_Return)
    type_text("12")
    key(row, Qt.Key.Key_Return)
    assert session.project.node("n2").layer.out_channels == 12
    assert QApplication.focusWidget() is row.surface


def test_the_focus_shows_when_the_keyboard_leads_and_not_when_the_mouse_does(row):
    click(row, row.node_point("n2"))
    assert not row.marks.shows_focus
    key(row, Qt.Key.Key_Right)
    assert row.marks.shows_focus
    assert row.marks.focus == "n3"


def test_shift_and_an_arrow_add_to_the_selection_and_two_layers_are_wired_without_a_drag(row, session):
    row.add_layer("Flatten", QPointF(720, 200))
    new = session.selection[0]
    session.select(["n3", new])
    row.connect_selection()
    assert any(e.source == "n3" and e.target == new for e in session.block.graph.edges)
    click(row, row.node_point("n2"))
    key(row, Qt.Key.Key_Right, SHIFT)
    assert session.selection == ("n2", "n3")


def test_a_port_that_takes_many_wires_takes_another_and_gives_one_up(row, session):
    row.add_layer("Add", QPointF(1000, 120))
    join = session.selection[0]
    row.surface.look_at(QPointF(600, 80), 0.8)
    for source in ("n3", "n2"):
        drag(row, row.port_point(source, "out", "out"), row.node_point(join) + QPoint(10, 0))
    edges = session.block.graph.into(join)
    assert len(edges) == 2
    assert row.drawing.faces[join].ins[0].wires == 2
    end = row.drawing.ends(edges[0])[1]
    drag(row, place(row, *end), place(row, 800, 330))
    assert session.block.graph.into(join) == (edges[1],)


def test_what_cannot_take_the_wire_is_faint_while_it_is_dragged(row):
    start = row.port_point("n3", "out", "out")
    press(row, start)
    pull(row, start, start + QPoint(60, 60))
    assert row.marks.ghosts("n1")
    assert row.marks.ghosts("n2")
    key(row, Qt.Key.Key_Escape)
    assert not row.marks.ghosts("n1")


def test_lighting_up_paths_is_asked_for(row, session):
    session.select(["n2"])
    wire = next(w for w in row.drawing.wires.values() if w.edge.source == "n2")
    point = wire.route.path.pointAtPercent(0.95)
    at = place(row, point.x(), point.y())
    assert has_colour(shot(row), theme().wire.rest, at, 1)
    row.light_up_paths(True)
    assert has_colour(shot(row), theme().wire.path, at, 1)


def test_a_note_is_added_and_edited(row, session):
    row.write_note()
    type_text("# Try")
    key(row, Qt.Key.Key_Return)
    type_text("- wider layers")
    key(row, Qt.Key.Key_Return, CTRL)
    (note,) = session.project.layout_of().frames
    assert (note.kind, note.text) == ("note", "# Try\n- wider layers")
    assert row.surface.hasFocus()
    key(row, Qt.Key.Key_Return)
    type_text("not this")
    key(row, Qt.Key.Key_Escape)
    assert session.project.layout_of().frames == (note,)
    key(row, Qt.Key.Key_Return)
    type_text("but this")
    click(row, place(row, 0, 400))
    assert session.project.layout_of().frames[0].text == "but this"


def test_notes_that_are_added_lie_on_nothing(row, session):
    row.surface.look_at(row.drawing.rect("n2").center(), 1.0)
    for _ in range(3):
        row.add_note()
    boxes = [QRectF(f.x, f.y, f.width, f.height) for f in session.project.layout_of().frames]
    boxes += [row.drawing.rect(node) for node in session.block.graph.nodes]
    assert not any(a.intersects(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_the_editor_of_a_note_grows_with_what_is_typed_and_stays_on_the_canvas(row, session):
    row.add_note()
    frame = session.project.layout_of().frames[0]
    corner = row.surface.mapToScene(row.surface.viewport().rect().bottomRight())
    session.apply(SetFrames((replace(frame, x=corner.x() - 30, y=corner.y() - 30),)))
    row.rename()
    type_text("one")
    before = row.editing.editor.height()
    for _ in range(8):
        key(row, Qt.Key.Key_Return)
    assert row.editing.editor.height() > before
    assert row.rect().contains(row.editing.editor.geometry())


@pytest.mark.parametrize("opened", ["open_search", "find"])
def test_a_layer_is_renamed_while_a_list_is_open(row, session, opened):
    session.select(["n2"])
    row.finder.open() if opened == "find" else row.open_search()
    row.rename()
    type_text("trunk")
    key(row, Qt.Key.Key_Return)
    assert session.block.graph.nodes["n2"].name == "trunk"


@pytest.mark.parametrize("start", ["node", "port"])
def test_an_undo_in_the_middle_of_a_gesture_ends_it_and_the_project_is_what_is_seen(row, session, start):
    session.apply(SetParam("n2", "out_channels", 8))
    row.add_layer("Dropout", QPointF(360, 200))
    new = session.selection[0]
    at = row.node_point(new) if start == "node" else row.port_point(new, "out", "out")
    press(row, at)
    pull(row, at, at + QPoint(80, 40))
    session.undo()
    assert row.gestures.tool is None
    assert new not in row.drawing.faces
    QTest.mouseRelease(row.surface.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, at + QPoint(80, 40))
    assert row.drawing.at == dict(session.project.layout_of().positions)


def test_arranging_takes_frames_along_and_stays_one_step_of_undo(row, session):
    session.select(["n2", "n3"])
    row.add_frame()
    before = session.project
    row.arrange()
    (frame,) = session.project.layout_of().frames
    around = QRectF(frame.x, frame.y, frame.width, frame.height)
    assert around.contains(row.drawing.rect("n2"))
    assert around.contains(row.drawing.rect("n3"))
    session.undo()
    assert session.project is before


def test_folding_keeps_a_long_chain_readable(canvas, session):
    session.document.replace(chain(*(L["ReLU"]() for _ in range(40))))
    canvas.arrange_folded()
    assert canvas.drawing.bounds().width() < 2 * canvas.width()
    assert len({y for _, y in session.project.layout_of().positions.values()}) > 2


def test_a_port_of_many_wires_stays_beside_its_node(session, canvas):  # type: ignore[no-untyped-def]
    join = canvas.add_layer("Concat")
    for _ in range(12):
        session.select(())
        source = canvas.add_layer("Input")
        session.apply(Connect(Edge(source, "out", join, canvas.drawing.faces[join].ins[0].port.name)))
    face = canvas.drawing.faces[join]
    (spot,) = face.ins
    assert spot.wires == 12
    assert spot.y - spot.height / 2 >= 0
    assert spot.y + spot.height / 2 <= face.height
    assert [spot.wire_y(i) for i in range(12)] == sorted(spot.wire_y(i) for i in range(12))


def test_the_ground_shows_around_the_round_corners_of_the_minimap(row):
    with in_colours("light"):
        row.follow_theme()
        picture = row.grab().toImage()
        assert picture.pixelColor(row.minimap.geometry().topLeft()).lightness() > QColor("grey").lightness()


@pytest.mark.parametrize(("which", "held"), KEYS_OF_ENTER)
def test_either_enter_key_edits_the_first_option(row, session, which, held):
    session.select(["n2"])
    key(row, which, held)
    assert row.editing.editor is not None
    row.editing.cancel()
