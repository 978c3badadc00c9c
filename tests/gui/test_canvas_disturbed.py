"""Gestures in which something else happens: another button, an undo, a wheel, a lost focus, a key."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.document.edits import AddNode, SetParam
from engine.layers import Layer
from tests.gui.canvas_driver import CTRL, LEFT, PLAIN, SHIFT, click, drag, key, press, pull, type_text

L = Layer.registry
MIDDLE, RIGHT = Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton


def named(session, name):
    return next(n.id for n in session.block.graph.nodes.values() if n.name == name)


def header(canvas, name):
    return canvas.node_point(named(canvas.session, name)) + QPoint(20, 0)


def field(canvas, name, option):
    node = named(canvas.session, name)
    row = next(r for r in canvas.drawing.faces[node].rows if r.name == option)
    return canvas.to_view(row.field.center() + QPointF(*canvas.drawing.at[node]))


def mouse(canvas, kind, at, button, held):
    viewport = canvas.surface.viewport()
    whole = QPointF(viewport.mapToGlobal(at))
    QApplication.sendEvent(viewport, QMouseEvent(kind, QPointF(at), whole, button, held, PLAIN))


def second_press(canvas, at, button=LEFT):
    """As Qt tells a press that comes soon after a click; the button is still down."""
    mouse(canvas, QEvent.Type.MouseButtonDblClick, at, button, button)


def pull_held(canvas, start, end, button=LEFT):
    """Qt's own test hands do not know of a button that a second press holds."""
    for i in range(1, 7):
        mouse(canvas, QEvent.Type.MouseMove, start + (end - start) * i / 6, Qt.MouseButton.NoButton, button)


def release(canvas, at, button=LEFT):
    QTest.mouseRelease(canvas.surface.viewport(), button, PLAIN, at)


def ask_for_menu(canvas, at):
    """As Qt does it on the press of the right button."""
    QTest.mousePress(canvas.surface.viewport(), RIGHT, PLAIN, at)
    whole = canvas.surface.viewport().mapToGlobal(at)
    QApplication.sendEvent(canvas.surface.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, whole))
    release(canvas, at, RIGHT)


def test_the_right_button_gives_up_a_drag_and_opens_no_menu(row, session):
    asked, before = [], session.project
    row.menu_wanted.connect(asked.append)
    start = header(row, "stem")
    press(row, start)
    pull(row, start, start + QPoint(60, 40))
    ask_for_menu(row, start + QPoint(60, 40))
    pull(row, start + QPoint(60, 40), start + QPoint(90, 90))
    release(row, start + QPoint(90, 90))
    assert session.project is before
    assert row.drawing.at == dict(session.project.layout_of().positions)
    assert asked == []
    ask_for_menu(row, start)
    assert len(asked) == 1


def test_panning_in_the_middle_of_a_drag_leaves_the_drag_as_it_is(row, session):
    start = header(row, "stem")
    press(row, start)
    pull(row, start, start + QPoint(40, 40))
    QTest.mousePress(row.surface.viewport(), MIDDLE, PLAIN, start)
    pull(row, start, start + QPoint(30, 0))
    release(row, start + QPoint(30, 0))  # the left button, while the middle one is held
    assert row.gestures.tool is None
    release(row, start + QPoint(30, 0), MIDDLE)
    before = row.surface.centre
    QTest.mouseMove(row.surface.viewport(), start + QPoint(90, 90))
    assert row.surface.centre == before


def test_a_second_quick_press_of_the_middle_button_pans_as_well(row):
    at, before = QPoint(300, 200), row.surface.centre
    press(row, at, button=MIDDLE)
    release(row, at, MIDDLE)
    second_press(row, at, MIDDLE)
    pull_held(row, at, at + QPoint(90, 30), MIDDLE)
    release(row, at + QPoint(90, 30), MIDDLE)
    assert abs((before - row.surface.centre).x() - 90) <= 1


def test_a_layer_that_was_clicked_a_moment_ago_can_be_dragged_at_once(row, session):
    at, before = row.node_point(named(session, "stem")) + QPoint(0, 14), row.drawing.at[named(session, "stem")]
    click(row, at)
    second_press(row, at)
    pull_held(row, at, at + QPoint(80, 0))
    release(row, at + QPoint(80, 0))
    assert session.project.layout_of().at(named(session, "stem")) == (before[0] + 80, before[1])


def test_a_new_point_of_a_wire_is_in_the_hand_until_the_button_is_let_go(row, session):
    wire = next(e for e in row.drawing.wires if e.target == named(session, "stem"))
    at = row.to_view(row.drawing.wires[wire].route.path.pointAtPercent(0.2))
    click(row, at)
    second_press(row, at)
    pull_held(row, at, at + QPoint(0, 96))
    release(row, at + QPoint(0, 96))
    (point,) = session.project.layout_of().reroutes
    assert abs(row.to_view(QPointF(point.x, point.y)).y() - at.y() - 96) <= 8


@pytest.mark.parametrize("times", [1, 2])
def test_a_number_in_the_hand_stays_where_undo_brought_it(row, session, times):
    session.apply(AddNode(L["Linear"](out_features=10), "late", (264.0, 300.0)))
    before = session.project
    row.fit(animate=False)
    row.zoom_reset()
    start = field(row, "late", "out_features")
    press(row, start)
    pull(row, start, start + QPoint(40, 0))
    for _ in range(times):
        session.undo()
    undone = session.project
    pull(row, start + QPoint(40, 0), start + QPoint(80, 0))
    release(row, start + QPoint(80, 0))
    key(row, Qt.Key.Key_Escape)
    assert session.project is undone
    assert times == 2 or undone is before


def test_space_that_is_let_go_elsewhere_does_not_go_on_panning(row, session):
    QTest.keyPress(row.surface, Qt.Key.Key_Space)
    QApplication.sendEvent(row.surface, QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.ActiveWindowFocusReason))
    click(row, header(row, "stem"))
    assert session.selection == (named(session, "stem"),)


def test_a_drag_whose_release_was_lost_is_given_up_when_the_pointer_moves_freely(row, session):
    before, start = session.project, header(row, "stem")
    press(row, start)
    pull(row, start, start + QPoint(60, 40))
    none = Qt.MouseButton.NoButton
    mouse(row, QEvent.Type.MouseMove, start + QPoint(90, 90), none, none)
    assert row.gestures.tool is None
    assert session.project is before
    assert row.drawing.at == dict(session.project.layout_of().positions)


def test_tab_opens_no_list_while_something_is_in_the_hand(row):
    start = header(row, "stem")
    press(row, start)
    pull(row, start, start + QPoint(60, 40))
    key(row, Qt.Key.Key_Tab)
    assert not row.search.is_open
    release(row, start + QPoint(60, 40))


def test_what_is_dragged_stays_under_the_pointer_when_the_wheel_moves_the_picture(row, session):
    start = header(row, "stem")
    before = row.drawing.at[named(session, "stem")]
    press(row, start)
    pull(row, start, start + QPoint(40, 40))
    viewport, at = row.surface.viewport(), start + QPoint(40, 40)
    whole = QPointF(viewport.mapToGlobal(at))
    phase = Qt.ScrollPhase.NoScrollPhase
    QApplication.sendEvent(
        viewport, QWheelEvent(QPointF(at), whole, QPoint(), QPoint(0, -240), LEFT, SHIFT, phase, False)
    )
    assert row.drawing.at[named(session, "stem")][0] > before[0] + 100
    release(row, at)


def test_what_is_dragged_to_the_edge_of_the_view_takes_the_picture_along(row, session, qtbot):
    start, stem = header(row, "stem"), named(session, "stem")
    edge = QPoint(row.width() - 2, start.y())
    press(row, start)
    pull(row, start, edge)
    before, centre = row.drawing.at[stem], row.surface.centre
    qtbot.waitUntil(lambda: row.surface.centre.x() > centre.x() + 40)
    assert row.drawing.at[stem][0] > before[0] + 30
    key(row, Qt.Key.Key_Escape)
    assert not row.gestures.edge.is_going_on
    assert row.drawing.at == dict(session.project.layout_of().positions)
    release(row, edge)


def scrub(canvas, start, *ways):
    """A number is dragged along these ways, each so far with these keys held."""
    press(canvas, start)
    at = start
    for far, keys in ways:
        for step in range(1, abs(far) + 1, 4):
            to = at + QPoint(step if far > 0 else -step, 0)
            whole = QPointF(canvas.surface.viewport().mapToGlobal(to))
            none = Qt.MouseButton.NoButton
            event = QMouseEvent(QEvent.Type.MouseMove, QPointF(to), whole, none, LEFT, keys)
            QApplication.sendEvent(canvas.surface.viewport(), event)
        at += QPoint(far, 0)
    release(canvas, at)


def test_shift_changes_a_number_finely_and_ctrl_coarsely(row, session):
    stem = named(session, "stem")

    def dragged(*ways):
        session.document.go_to(1)
        session.apply(lambda p: SetParam(stem, "out_channels", 200)(p))
        scrub(row, field(row, "stem", "out_channels"), *ways)
        return session.project.node(stem).layer.out_channels

    assert dragged((81, PLAIN)) == 300  # ten steps, of a twentieth each
    assert dragged((81, SHIFT)) == 210
    assert dragged((81, CTRL)) == 1200
    assert dragged((81, PLAIN), (81, SHIFT)) in (309, 310)


def test_escape_in_the_middle_of_a_number_leaves_no_trace(row, session):
    stem = named(session, "stem")
    session.apply(SetParam(stem, "out_channels", 200))
    session.apply(SetParam(stem, "kernel_size", 5))
    session.undo()
    before, steps = session.project, session.document.history()
    at = field(row, "stem", "out_channels")
    press(row, at)
    pull(row, at, at + QPoint(60, 0))
    assert session.project.node(stem).layer.out_channels > 200
    key(row, Qt.Key.Key_Escape)
    release(row, at + QPoint(60, 0))
    assert session.project is before
    assert session.document.history() == steps
    session.redo()
    assert session.project.node(stem).layer.kernel_size == 5


@pytest.mark.parametrize(("text", "value"), [("1e3", 1000), ("1_000", 1000), ("64.0", 64)])
def test_a_whole_number_is_understood_however_it_is_written(row, session, text, value):
    stem = named(session, "stem")
    click(row, field(row, "stem", "out_channels"))
    type_text(text)
    key(row, Qt.Key.Key_Return)
    assert session.project.node(stem).layer.out_channels == value


def test_a_fraction_for_a_whole_number_stays_in_the_field_with_what_was_expected(row, session):
    before, said = session.project, []
    row.show_tip = lambda words, _: said.append(words)
    click(row, field(row, "stem", "out_channels"))
    type_text("1.5")
    key(row, Qt.Key.Key_Return)
    assert row.editing.editor is not None
    assert "out_channels must be a whole number, not '1.5'." in said[-1]
    assert session.project is before
    key(row, Qt.Key.Key_Escape)


def test_a_number_stops_at_its_limit_and_says_which_it_is(row, session):
    stem = named(session, "stem")
    start = field(row, "stem", "out_channels")
    press(row, start)
    pull(row, start, start - QPoint(900, 0))
    assert session.project.node(stem).layer.out_channels == 1
    assert "at least 1" in row.tip.text
    release(row, start - QPoint(900, 0))
    assert row.tip.text == ""


def test_a_share_goes_in_small_steps_from_nought_to_its_limit(row, session):
    session.apply(AddNode(L["Dropout"](p=0.0), "drop", (264.0, 300.0)))
    start = field(row, "drop", "p")
    drag(row, start, start + QPoint(17, 0))
    assert session.project.node(named(session, "drop")).layer.p == pytest.approx(0.1)
    session.apply(SetParam(named(session, "drop"), "p", 0.5))
    drag(row, start, start + QPoint(500, 0))
    assert session.project.node(named(session, "drop")).layer.p == 1.0


def test_a_layer_can_be_dragged_by_a_value_that_is_no_number(row, session):
    session.apply(AddNode(L["Einsum"](), "sum", (264.0, 304.0)))
    start = field(row, "sum", "equation")
    drag(row, start, start + QPoint(80, 0))
    assert session.project.layout_of().at(named(session, "sum")) == (344.0, 304.0)
    click(row, start + QPoint(80, 0))
    assert row.editing.editor is not None


def test_one_of_a_few_values_is_chosen_from_a_menu_and_yes_and_no_change_places(row, session):
    session.apply(AddNode(L["Math"](), "log", (264.0, 304.0)))
    session.apply(AddNode(L["GumbelSoftmax"](), "pick", (0.0, 304.0)))
    click(row, field(row, "log", "function"))
    menu = QApplication.activePopupWidget()
    assert [a.text() for a in menu.actions() if a.isChecked()] == ["exp"]
    next(a for a in menu.actions() if a.text() == "sin").trigger()
    menu.close()
    assert session.project.node(named(session, "log")).layer.function == "sin"
    click(row, field(row, "pick", "hard"))
    assert session.project.node(named(session, "pick")).layer.hard is True
    session.undo()
    assert session.project.node(named(session, "pick")).layer.hard is False


def test_the_pointer_says_that_a_wire_is_refused(row, session):
    start, end = row.port_point(named(session, "act"), "out", "out"), row.port_point(named(session, "stem"), "in", "x")
    press(row, start)
    pull(row, start, end)
    assert row.surface.viewport().cursor().shape() == Qt.CursorShape.ForbiddenCursor
    pull(row, end, end + QPoint(0, 200))
    assert row.surface.viewport().cursor().shape() == Qt.CursorShape.CrossCursor
    release(row, start)
    row.search.list.close_list()
