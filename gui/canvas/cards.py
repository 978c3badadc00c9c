"""Cards over the canvas: why a wire is refused, at the pointer; what is wrong with a node, under it."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QWidget

from engine.errors import Problem, Repair
from engine.graph.graph import NodeId
from gui.canvas.stage import Stage
from gui.glyphs import Status
from gui.theme import metrics
from gui.widgets import Card

Side = Literal["in", "out"]
STATUS: dict[str, Status] = {"error": "danger", "warning": "warn", "info": "info"}


class PointerCard(Card):
    """Says at the pointer why a wire cannot be. It never takes the mouse."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("danger", "", soft=False, parent=parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedWidth(metrics().popup.tooltip_max_w)
        self.hide()
        self._said = ("", "")

    def say(self, pointer: QPoint, message: str, advice: str, node: QRect, side: Side) -> None:
        """Show the reason below the pointer, beside the side of the node that it is about, so that its ports stay in
        sight; where there is no room, under the node. node: in the coordinates of the canvas."""
        if (message, advice) != self._said:
            self._said = (message, advice)
            self.show_problem("danger", message, advice)
        gap = metrics().space.xl
        beside = node.left() - gap - self.width() if side == "in" else node.right() + gap
        parent = self.parentWidget()
        if beside >= 0 and (parent is None or beside + self.width() <= parent.width()):
            place_inside(self, QPoint(beside, pointer.y() + gap))
        else:
            place_inside(self, QPoint(node.left(), node.bottom() + gap))
        self.show()
        self.raise_()


class ProblemCard(Card):
    """The worst problem of one node, 10 below it, with its first repair as a button."""

    def __init__(self, stage: Stage) -> None:
        super().__init__("danger", "", soft=False, parent=stage)
        self._stage = stage
        self._repairs: tuple[Repair, ...] = ()
        self.node: NodeId | None = None
        self._shown: tuple[NodeId, Problem] | None = None
        self.setFixedWidth(metrics().popup.tooltip_max_w)
        self.hide()
        self.repair_chosen.connect(self._repair)

    def show_for(self, node: NodeId | None) -> None:
        """Say what is wrong with a node, or nothing."""
        problems = self._stage.drawing.problems.get(node, ()) if node else ()
        if node is None or not problems or node not in self._stage.drawing.faces:
            self.node = None
            self.hide()
            return
        problem = problems[0]
        if self._shown != (node, problem):
            self._shown = (node, problem)
            self._repairs = problem.repairs[:1]
            titles = [repair.title for repair in self._repairs]
            self.show_problem(STATUS[problem.severity], problem.message, problem.hint, titles)
        self.node = node
        self.follow()
        self.show()
        self.raise_()

    def follow(self) -> None:
        """Stay under the node."""
        if self.node is None or self.node not in self._stage.drawing.faces:
            return
        rect = self._stage.view_rect(self._stage.drawing.rect(self.node)).toRect()
        self.resize(self.width(), wanted_height(self))
        spot = QPoint(rect.left(), rect.bottom() + metrics().canvas.card_gap)
        if spot.y() + self.height() > self._stage.height():
            spot.setY(rect.top() - metrics().canvas.card_gap - self.height())
        gap = metrics().space.s
        spot.setX(min(max(gap, spot.x()), max(gap, self._stage.width() - self.width() - gap)))
        self.move(spot)
        self.setVisible(self._stage.rect().intersects(rect))

    def _repair(self, number: int) -> None:
        if number < len(self._repairs):
            repair, self._shown = self._repairs[number], None
            self.hide()
            self._stage.session.apply(repair.edit)
            self._stage.surface.setFocus()


def wanted_height(card: Card) -> int:
    """The height that the card's words need at its width, known even before it is shown for the first time."""
    layout = card.layout()
    if layout:
        layout.update()
        layout.activate()  # what lies within it forgets the height of the words before
    return layout.heightForWidth(card.width()) if layout and layout.hasHeightForWidth() else card.sizeHint().height()


def place_inside(card: Card, spot: QPoint) -> None:
    """Move a card to a point, but whole into its parent."""
    card.resize(card.width(), wanted_height(card))
    parent = card.parentWidget()
    room = parent.rect() if parent else QRect()
    gap = metrics().space.s
    x = min(max(gap, spot.x()), max(gap, room.width() - card.width() - gap))
    y = min(max(gap, spot.y()), max(gap, room.height() - card.height() - gap))
    card.move(x, y)
