"""More of what a person might do next on the canvas: values, frames, blocks, foreign pieces, and gestures disturbed."""

from functools import partial

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.document.edits import AddNode
from engine.document.fragment import copy, fragment_to_json
from engine.layers import Layer
from engine.layers.block import held
from tests.gui.canvas_driver import (
    CTRL,
    LEFT,
    PLAIN,
    SHIFT,
    click,
    double_click,
    drag,
    key,
    place,
    press,
    pull,
    type_text,
)
from tests.gui.canvas_hands import ALT, Hands
from tests.gui.conftest import chain

L = Layer.registry
MIDDLE, RIGHT = Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
TYPED = ("7", "0", "-1", "3, 3", "2 * 8", "width", "nonsense(", "1e9", "", "True", "relu", "_x", "name2")


class OddHands(Hands):
    """Hands that also type, frame, enter, and are disturbed in the middle of a gesture."""

    def always(self):
        canvas = self.canvas
        own = (self.frame, self.paste_foreign, self.disturbed, self.look_elsewhere, self.lasso, self.keys)
        more = (canvas.add_note, canvas.leave)
        return super().always() | {call.__name__: call for call in (*own, *more)}

    def with_nodes(self):
        own = (self.type_value, self.number, self.name, self.enter, self.repeat, self.connect, self.right_button)
        return super().with_nodes() | {call.__name__: call for call in own}

    def type_value(self):
        """A value on a layer is clicked and another one typed, taken or not."""
        rows = self.canvas.drawing.faces[self.node].rows
        if rows:
            self.canvas.zoom_reset()
            self.canvas.session.reveal("", self.node)
            at = self.rng.choice(rows).field.center() + QPointF(*self.canvas.drawing.at[self.node])
            click(self.canvas, self.canvas.to_view(at))
            self.type_and_end()

    def type_and_end(self):
        if self.canvas.editing.editor is not None:
            type_text(self.rng.choice(TYPED))
            end = self.rng.choice([Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_Escape, None])
            if end is None:
                click(self.canvas, place(self.canvas, self.rng.randrange(-200, 600), -200))
            else:
                key(self.canvas, end)
        self.canvas.editing.cancel()

    def number(self):
        """A number is dragged, and one does what comes to mind meanwhile."""
        rows = [r for r in self.canvas.drawing.faces[self.node].rows if r.value.isdigit()]
        if rows:
            self.canvas.session.reveal("", self.node)
            self.canvas.zoom_reset()
            at = self.rng.choice(rows).field.center() + QPointF(*self.canvas.drawing.at[self.node])
            self.disturbed(self.canvas.to_view(at), PLAIN)

    def name(self):
        self.session.select([self.node])
        self.canvas.rename()
        self.type_and_end()

    def enter(self):
        """The inside of a block, if there is one."""
        blocks = [n.id for n in self.session.block.graph.nodes.values() if held(n.layer)]
        if blocks:
            self.session.enter(self.rng.choice(blocks))

    def repeat(self):
        blocks = [n.id for n in self.session.block.graph.nodes.values() if held(n.layer)]
        faces = self.canvas.drawing.faces
        if blocks and faces[blocks[0]].pill and hasattr(self.session.block.graph.nodes[blocks[0]].layer, "repeat"):
            self.canvas.editing.edit_repeat(blocks[0])
            self.type_and_end()

    def connect(self):
        self.session.select([self.node, self.other])
        self.canvas.connect_selection()

    def right_button(self):
        """The right button, on a layer or a wire; no menu opens here."""
        at = self.canvas.node_point(self.rng.choice([self.node, self.other]))
        press(self.canvas, at, button=RIGHT)
        self._menu(at)
        QTest.mouseRelease(self.canvas.surface.viewport(), RIGHT, PLAIN, at)

    def frame(self):
        """A frame or a note is dragged, resized, written or taken away, or there is a new one."""
        frames = self.canvas.drawing.frames
        if not frames:
            self.canvas.add_frame()
            return
        frame = self.rng.choice(frames)
        grips = (frame.x + frame.width / 2, frame.y + 6), (frame.x + frame.width - 2, frame.y + frame.height - 2)
        start = place(self.canvas, *self.rng.choice(grips))
        how = self.rng.randrange(6)
        if how == 0:
            self.canvas.choose(frame=frame.id)
            self.canvas.delete_selection()
        elif how == 1:
            double_click(self.canvas, start)
            self.type_and_end()
            key(self.canvas, Qt.Key.Key_Escape)
        elif how == 2:
            self.canvas.select_all()
            drag(self.canvas, start, start + QPoint(self.rng.randrange(-80, 80), self.rng.randrange(-80, 80)))
        elif how == 3:
            click(self.canvas, start, SHIFT)
            self.rng.choice([self.canvas.duplicate, self.canvas.cut, self.canvas.delete_selection])()
        else:
            drag(self.canvas, start, start + QPoint(self.rng.randrange(-80, 80), self.rng.randrange(-80, 80)))

    def paste_foreign(self):
        """A piece of another project, as another window would have copied it."""
        other = chain(L["Conv2d"](), L["ReLU"](), L["Concat"](), names=("stem", "relu", "join"))
        QApplication.clipboard().setText(fragment_to_json(copy(other, list(other.block().graph.nodes))))
        self.canvas.paste()

    def look_elsewhere(self):
        """From far away, from near, from beside."""
        at = QPointF(self.rng.randrange(900), self.rng.randrange(500))
        self.canvas.surface.zoom_at(at, self.rng.choice([0.2, 0.7, 1.5, 4.0]))
        self.rng.choice([self.canvas.fit, self.canvas.zoom_reset, self.canvas.fit_selection])()

    def lasso(self):
        corners = [place(self.canvas, self.rng.randrange(-300, 600), self.rng.randrange(-300, 500)) for _ in range(3)]
        press(self.canvas, corners[0], CTRL)
        pull(self.canvas, corners[0], corners[1])
        pull(self.canvas, corners[1], corners[2])
        QTest.mouseRelease(self.canvas.surface.viewport(), LEFT, CTRL, corners[2])

    def keys(self):
        """Any of the keys that the canvas knows."""
        keys = [Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Return]
        key(self.canvas, self.rng.choice(keys), self.rng.choice([PLAIN, SHIFT, CTRL]))
        self.canvas.editing.cancel()

    def disturbed(self, start=None, how=None):
        """A drag from anywhere in which something else happens."""
        canvas = self.canvas
        start = start or self.anywhere()
        how = self.rng.choice([PLAIN, PLAIN, SHIFT, CTRL, ALT]) if how is None else how
        press(canvas, start, how)
        pull(canvas, start, start + QPoint(self.rng.randrange(-90, 90), self.rng.randrange(-90, 90)), 3)
        for _ in range(self.rng.randrange(1, 3)):
            self.rng.choice(self.disturbances())(start)
            pull(canvas, start, start + QPoint(self.rng.randrange(-90, 90), self.rng.randrange(-90, 90)), 3)
        QTest.mouseRelease(canvas.surface.viewport(), LEFT, how, start + QPoint(30, 20))
        assert canvas.gestures.tool is None, "the gesture is over when the button is let go"
        for _ in range(2):
            key(canvas, Qt.Key.Key_Escape)
        canvas.search.list.close_list()

    def anywhere(self):
        """A port, a layer, a value, a wire, or nothing."""
        canvas, drawing = self.canvas, self.canvas.drawing
        places = [place(canvas, self.rng.randrange(-200, 700), self.rng.randrange(-200, 400))]
        if self.look_around():
            face = drawing.faces[self.node]
            places.append(canvas.node_point(self.node))
            places += [canvas.port_point(self.node, s.side, s.port.name) for s in (*face.ins, *face.outs)]
            places += [canvas.to_view(r.field.center() + QPointF(*drawing.at[self.node])) for r in face.rows]
        places += [canvas.to_view(w.route.path.pointAtPercent(0.5)) for w in list(drawing.wires.values())[:2]]
        places += [place(canvas, r.x, r.y) for r in drawing.reroutes[:2]]
        return self.rng.choice(places)

    def disturbances(self):
        """What may happen in the middle of it, each told where the drag began."""
        canvas, session = self.canvas, self.session
        own = (self.wheel, self.middle, self.left_while_middle, self.right, self.twice, self.no_focus, self.gone)
        own += (self.press_again, self.undo_twice, self.space)
        keys = (Qt.Key.Key_Tab, Qt.Key.Key_Escape, Qt.Key.Key_Return)
        pressed = (partial(key, canvas, which) for which in keys)
        others = (session.undo, session.redo, canvas.delete_selection, canvas.leave, self.enter, self.nudge)
        others += (lambda: session.apply(_added), *pressed)
        return (*own, *(lambda at, call=call: call() for call in others))

    def undo_twice(self, at):
        self.session.undo()
        self.session.undo()

    def wheel(self, at):
        viewport, angle = self.canvas.surface.viewport(), QPoint(0, self.rng.choice([120, -120]))
        keys, phase = self.rng.choice([PLAIN, SHIFT, CTRL]), Qt.ScrollPhase.NoScrollPhase
        whole = QPointF(viewport.mapToGlobal(at))
        QApplication.sendEvent(viewport, QWheelEvent(QPointF(at), whole, QPoint(), angle, LEFT, keys, phase, False))

    def middle(self, at):
        viewport = self.canvas.surface.viewport()
        QTest.mousePress(viewport, MIDDLE, PLAIN, at)
        QTest.mouseMove(viewport, at + QPoint(20, 5))
        QTest.mouseRelease(viewport, MIDDLE, PLAIN, at + QPoint(20, 5))

    def left_while_middle(self, at):
        viewport = self.canvas.surface.viewport()
        QTest.mousePress(viewport, MIDDLE, PLAIN, at)
        QTest.mouseRelease(viewport, LEFT, PLAIN, at)
        QTest.mouseRelease(viewport, MIDDLE, PLAIN, at)

    def right(self, at):
        viewport = self.canvas.surface.viewport()
        QTest.mousePress(viewport, RIGHT, PLAIN, at)
        self._menu(at)
        QTest.mouseRelease(viewport, RIGHT, PLAIN, at)

    def twice(self, at):
        viewport, button = self.canvas.surface.viewport(), self.rng.choice([RIGHT, MIDDLE])
        QTest.mouseDClick(viewport, button, PLAIN, at)
        QTest.mouseRelease(viewport, button, PLAIN, at)

    def no_focus(self, at):
        surface, other = self.canvas.surface, Qt.FocusReason.ActiveWindowFocusReason
        surface.clearFocus()
        QApplication.sendEvent(surface, QFocusEvent(QEvent.Type.FocusOut, other))
        surface.setFocus()

    def gone(self, at):
        QApplication.sendEvent(self.canvas.surface.viewport(), QEvent(QEvent.Type.Leave))

    def press_again(self, at):
        QTest.mousePress(self.canvas.surface.viewport(), LEFT, PLAIN, at)

    def space(self, at):
        QTest.keyPress(self.canvas.surface, Qt.Key.Key_Space)
        QTest.mouseMove(self.canvas.surface.viewport(), at + QPoint(9, 9))
        QTest.keyRelease(self.canvas.surface, Qt.Key.Key_Space)

    def _menu(self, at):
        """What the right button asks for, as Qt asks the widget under the pointer."""
        whole = self.canvas.surface.viewport().mapToGlobal(at)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, whole)
        QApplication.sendEvent(self.canvas, event)


def _added(project):
    """A layer that comes from elsewhere."""
    return AddNode(L["Tanh"](), at=(0.0, 300.0))(project)
