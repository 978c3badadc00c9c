"""Everything in the window that can have the focus has a name for those who hear it."""

from typing import get_args

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QApplication,
    QDialog,
    QFileDialog,
    QGraphicsView,
    QMenu,
    QRadioButton,
    QScrollArea,
    QScrollBar,
    QTabBar,
    QWidget,
)
from shiboken6 import isValid

from engine.document.block_edits import SetRecipe
from engine.document.edits import SetFrames, SetParam
from engine.document.muting import Mute
from engine.document.project import Frame
from gui.demo_hands import wait_until
from gui.panels.recipe import RecipePanel
from gui.style.focus_ring import FocusRing
from gui.widgets.focus_order import in_reading_order
from gui.widgets.search_list import SearchList
from gui.window.bottom import Tab
from gui.window.desk import Page
from tests.gui.window_fixture import hands, open_example  # noqa: F401

CARRIERS = (QScrollArea, QScrollBar, QTabBar, QMenu)
"""They hand the focus on, or speak for what is in them."""


def is_silent(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    if isinstance(parent, QAbstractScrollArea) and parent.viewport() is widget:
        return False  # it hands its focus to what it is the inside of
    words = widget.text() if hasattr(widget, "text") and callable(widget.text) else ""
    return widget.focusPolicy() != Qt.FocusPolicy.NoFocus and not (widget.accessibleName() or words)


def test_whatever_can_have_the_focus_has_a_name(hands):  # noqa: F811
    open_example(hands, "digits-cnn")
    desk, session = hands.window.desk, hands.session
    desk.show_part("palette")
    silent = set()
    for name in ("stem", "stage", "images"):
        session.select([session.block.graph.by_name(name).id])
        for tabs in (desk.tabs, desk.bottom.tabs):
            for index in range(tabs.count()):
                tabs.setCurrentIndex(index)
                hands.settle()
                shown = [w for w in hands.window.findChildren(QWidget) if w.isVisible()]
                silent |= {type(w).__name__ for w in shown if not isinstance(w, CARRIERS) and is_silent(w)}
    assert silent == set()


OPEN_DIALOGS = ("help.about", "help.keys", "help.pages", "help.shortcuts", "train.checkpoints", "train.carry")
ROW = 12  # px within which widgets stand beside one another


def open_dialogs() -> list[QDialog]:
    return [w for w in QApplication.allWidgets() if isinstance(w, QDialog) and w.isVisible()]


def opened_by(hands, name: str) -> list[QDialog]:  # noqa: F811
    """The dialogs that a command opens, but for Qt's own for files."""
    hands.window.actions_.refresh()
    hands.window.actions_.trigger(name)
    hands.settle()
    found = open_dialogs()
    for dialog in [d for d in found if isinstance(d, QFileDialog)]:
        dialog.reject()
    return [d for d in found if not isinstance(d, QFileDialog)]


def put_away(hands) -> None:  # noqa: F811
    for dialog in open_dialogs():
        dialog.reject()
    for found in hands.window.findChildren(SearchList):
        if found.isVisible():
            found.close_list()


def silent_ones() -> set[str]:
    shown = [w for w in QApplication.allWidgets() if w.isVisible() and not isinstance(w.window(), QFileDialog)]
    return {type(w).__name__ for w in shown if not isinstance(w, CARRIERS) and is_silent(w)}


def tab_order(dialog: QDialog) -> list[QWidget]:
    """What Tab goes through, from what has the focus at first."""
    first = dialog.focusWidget() or dialog
    order, widget = [], first
    while True:
        takes = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None
        if takes and widget.isVisible() and widget.isEnabled() and dialog.isAncestorOf(widget):
            order.append(widget)
        widget = widget.nextInFocusChain()
        if widget is first:
            return order


def turns_back(dialog: QDialog) -> int:
    """How often Tab goes against the order in which one reads; once, from the last to the first, is as it should be."""
    places = [widget.mapTo(dialog, QPoint(0, 0)) for widget in tab_order(dialog)]
    pairs = zip(places, [*places[1:], *places[:1]], strict=True)
    return sum(b.y() < a.y() - ROW or (abs(b.y() - a.y()) <= ROW and b.x() < a.x()) for a, b in pairs)


MOST_LINKS = 60  # Tab goes through the links of a text before it leaves it


def said_of(widget: QWidget) -> str:
    """What a screen reader calls it: of a list Qt says the value alone, so that its label or description has to."""
    interface = QAccessible.queryAccessibleInterface(widget)
    name, description = (interface.text(part) for part in (QAccessible.Text.Name, QAccessible.Text.Description))
    if interface.role() == QAccessible.Role.ComboBox:
        labels = [other.text(QAccessible.Text.Name) for other, _ in interface.relations(QAccessible.RelationFlag.Label)]
        return next((words for words in (*labels, description) if words), "")
    return name


def has_ring(widget: QWidget) -> bool:
    """Whether one sees that it has the focus. The canvas shows it at the layer in focus."""
    own = isinstance(widget, QGraphicsView) or widget.property("focusRing") == "none"
    return own or any(ring.isVisible() and ring.widget() is widget for ring in widget.window().findChildren(FocusRing))


def press_tab(hands) -> QWidget:  # noqa: F811
    """Tab where the focus is; on the canvas it opens the list of layers, and F6 goes on. Returns: what has it then."""
    before = QApplication.focusWidget()
    if before is hands.canvas.surface:
        hands.key("F6")
    else:
        for _ in range(MOST_LINKS):
            QTest.keyClick(before, Qt.Key.Key_Tab)
            if QApplication.focusWidget() is not before:
                break
    QTest.qWait(1)  # what was scrolled into view has its ring a moment later
    return QApplication.focusWidget()


def walked(hands, start: QWidget) -> dict[QWidget, str]:  # noqa: F811
    """What Tab comes to, with what is said there, until it is where it began. Fails on a trap."""
    start.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.qWait(1)
    seen: dict[QWidget, str] = {}
    widget = QApplication.focusWidget()
    while widget not in seen:
        assert said_of(widget), f"{type(widget).__name__} says nothing after {list(seen.values())[-3:]}"
        assert has_ring(widget), f"{said_of(widget)} shows no focus"
        seen[widget] = said_of(widget)
        widget = press_tab(hands)
    assert widget is next(iter(seen)), f"{list(seen.values())[-1]} leads back to {said_of(widget)}"
    return seen


def test_tab_goes_through_the_whole_window_as_one_reads_it_and_back_to_where_it_began(hands):  # noqa: F811
    open_example(hands, "digits-cnn")
    desk = hands.window.desk
    desk.show_part("palette")
    hands.session.select([hands.node("stem")])
    for page, tab in zip(get_args(Page), (Tab.TRAINING, Tab.RUNS, Tab.PROBLEMS, Tab.RECIPE), strict=True):
        desk.show_page(page)
        desk.bottom.show_tab(tab)
        hands.settle()
        if isinstance(panel := desk.bottom.page(tab), RecipePanel):
            assert panel.forms
        wait_until(lambda: not hands.session.background.busy, "what the page shows is known")
        there = list(in_reading_order(hands.window))
        wanted = {said_of(w) for w in there}
        seen = walked(hands, hands.window.toolbar.search)
        parts = (desk.rail, desk.palette_dock, desk.canvas, desk.bottom, desk.tabs, desk.code, hands.window.status)
        firsts = [next(i for i, w in enumerate(seen) if isValid(w) and part.isAncestorOf(w)) for part in parts]
        assert firsts == sorted(firsts)
        over = [said_of(next(in_reading_order(plaque))) for plaque in (desk.canvas.breadcrumb, desk.canvas.zoom_bar)]
        after = list(seen.values())[list(seen).index(desk.canvas.surface) :]
        assert over[0] == after[1], "the path comes behind the canvas"
        assert over[1] in after[1 : after.index(said_of(desk.bottom.tabs))]
        assert wanted <= set(seen.values())


@pytest.fixture
def trained(hands):  # noqa: F811
    """A run that waits, so that every command about runs can be given."""
    open_example(hands, "digits-cnn")
    hands.session.apply(SetRecipe("epochs", 100_000))
    hands.settle()
    runner = hands.session.runner
    hands.window.actions_.trigger("train.start")
    wait_until(lambda: runner.history.step > 2, "it trains")
    hands.window.actions_.trigger("train.pause")
    wait_until(lambda: runner.history.paused, "it pauses")
    yield hands
    runner.stop()
    wait_until(lambda: not runner.active, "it stops")


def test_every_dialog_and_list_has_names_and_its_tab_order_is_that_of_reading(trained):
    seen, silent, astray = set(), set(), {}
    commands = trained.window.actions_.commands
    for name in [n for n, c in commands.items() if c.text.endswith("…") or n in OPEN_DIALOGS]:
        trained.session.select([trained.node("relu" if name == "graph.swap" else "stage")])
        for dialog in opened_by(trained, name):
            seen.add(name)
            wait_until(dialog.focusWidget, "something in it has the focus")
            others = {w for w in tab_order(dialog) if isinstance(w, QRadioButton) and not w.isChecked()}
            assert set(walked(trained, dialog.focusWidget())) == set(tab_order(dialog)) - others  # arrows lead to those
            if turns_back(dialog) > 1:
                astray[name] = [w.accessibleName() or w.text() for w in tab_order(dialog)]
        silent |= {(name, kind) for kind in silent_ones()}
        put_away(trained)
    assert silent == set()
    assert astray == {}
    assert seen >= {*OPEN_DIALOGS, "file.export", "file.picture", "file.preferences", "graph.module", "block.repeat"}


def heard(hands) -> str:  # noqa: F811
    """What a screen reader is told of the canvas, beside its name."""
    interface = QAccessible.queryAccessibleInterface(hands.canvas.surface)
    assert interface is not None
    assert interface.text(QAccessible.Text.Name) == "Canvas"
    return interface.text(QAccessible.Text.Description)


def test_moving_along_the_wires_says_name_kind_shape_and_problems(hands):  # noqa: F811
    open_example(hands, "digits-cnn")
    hands.canvas.surface.setFocus()
    hands.session.select([hands.node("images")])
    hands.key("Right")
    assert heard(hands) == "stem, Conv2d, output B by 32 by 8 by 8, 320 parameters, no problems"
    for _ in range(3):
        hands.key("Right")
    hands.key("Down")
    assert heard(hands).startswith("stage, ResidualBlock, output B by 64 by 4 by 4")
    hands.session.apply(SetParam(hands.node("proj"), "stride", 1))
    hands.session.select([hands.node("join")])
    hands.settle()
    assert heard(hands).startswith("join, Add, output unknown")
    assert "B × 64 × 8 × 8" in heard(hands)


def test_a_problem_that_comes_while_one_is_at_a_layer_is_said_at_once(hands):  # noqa: F811
    open_example(hands, "digits-cnn")
    hands.session.select([hands.node("join")])
    assert heard(hands).endswith("no problems")
    hands.session.apply(SetParam(hands.node("proj"), "stride", 1))
    hands.settle()
    assert not heard(hands).endswith("no problems")
    hands.session.undo()
    hands.session.apply(Mute([hands.node("join")]))
    hands.settle()
    assert "muted" in heard(hands)


def test_frames_and_notes_are_chosen_moved_and_renamed_without_a_mouse(hands):  # noqa: F811
    open_example(hands, "digits-cnn")
    hands.session.apply(SetFrames((Frame("f9", "Everything", -40.0, -80.0, 2000.0, 1200.0),), hands.session.block_id))
    hands.settle()
    hands.shortcut("Shift+F")
    assert heard(hands) == f"frame Everything, {len(hands.session.block.graph.nodes)} layers"
    before = dict(hands.canvas.drawing.at)
    hands.key("Ctrl+Right")
    hands.key("Ctrl+Right")
    assert {n: (x - 16, y) for n, (x, y) in hands.canvas.drawing.at.items()} == before
    hands.shortcut("Ctrl+Z")
    assert hands.canvas.drawing.at == before
    hands.key("Return")
    hands.write("Whole")
    hands.key("Return")
    assert [f.text for f in hands.canvas.drawing.frames] == ["Whole"]


def menu_by_key(hands):  # noqa: F811
    """Where a key asks for the menu, on the canvas; the edge of the screen may move the menu itself."""
    asked = []
    hands.canvas.menu_wanted.connect(asked.append)
    hands.shortcut("Shift+F10")
    hands.canvas.menu_wanted.disconnect(asked.append)
    menu = hands.window.context_menu.menu
    assert not menu.isEmpty()
    menu.close()
    (at,) = asked
    return hands.canvas.mapFromGlobal(at)


def test_the_menu_that_a_key_asks_for_opens_at_what_is_marked(hands):  # noqa: F811
    open_example(hands, "digits-cnn")
    canvas = hands.canvas
    hands.session.select([hands.node("stem")])
    assert menu_by_key(hands) == canvas.node_point(hands.node("stem"))
    wire = next(e for e in canvas.drawing.wires if e.target == hands.node("norm"))
    canvas.choose(wire=wire)
    assert menu_by_key(hands) == canvas.to_view(canvas.drawing.wires[wire].route.path.pointAtPercent(0.5))
    canvas.commands.rerouting.add_to_chosen()
    (point,) = canvas.drawing.reroutes
    canvas.select((), (point.id,))
    assert menu_by_key(hands) == canvas.to_view(QPointF(point.x, point.y))
    hands.shortcut("Shift+F")
    (frame,) = (f for f in canvas.drawing.frames if f.id == canvas.marks.chosen_frame)
    assert canvas.view_rect(QRectF(frame.x, frame.y, frame.width, frame.height)).contains(menu_by_key(hands))
    hands.session.select([hands.node("stem")])
    canvas.surface.look_at(QPointF(5000, 5000))
    assert canvas.rect().contains(menu_by_key(hands))
