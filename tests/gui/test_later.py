"""What is not looked at is not made, and what is looked at is made piece by piece, so that a project opens at once."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from gui.demo_hands import wait_until
from gui.panels.code import CodePanel
from gui.panels.help import HelpPanel
from gui.panels.history import HistoryPanel
from gui.panels.inspector import InspectorPanel
from gui.panels.palette import Palette
from gui.panels.summary import SummaryPanel
from gui.widgets.search_list import SearchList
from tests.gui.window_fixture import files, hands  # noqa: F401

PANELS = (InspectorPanel, HelpPanel, SummaryPanel, HistoryPanel, CodePanel, Palette)


def made(hands) -> set[str]:  # noqa: F811
    return {kind.__name__ for kind in PANELS if hands.window.desk.findChildren(kind)}


def test_a_project_is_on_screen_before_its_panels_and_those_that_nobody_sees_are_never_made(hands, files):  # noqa: F811
    hands.window.files.open_path(files[0])
    hands.window.files.open_path(files[1])
    assert hands.canvas.isVisible()
    assert hands.canvas.drawing.faces
    assert made(hands) == set()
    wait_until(lambda: made(hands) == {"InspectorPanel", "CodePanel"}, "what is in sight is made")
    hands.settle()
    assert made(hands) == {"InspectorPanel", "CodePanel"}
    assert hands.canvas.findChildren(SearchList) == []
    hands.window.desk.show_page("Summary")
    wait_until(lambda: "SummaryPanel" in made(hands), "it is looked at")
    assert made(hands) == {"InspectorPanel", "CodePanel", "SummaryPanel"}


class Turns(QObject):
    """Counts the times that the window was painted in between."""

    def __init__(self, hands) -> None:  # noqa: F811
        super().__init__()
        self.hands, self.seen = hands, []
        hands.window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.UpdateRequest:
            self.seen.append(len(made(self.hands)))
        return super().eventFilter(watched, event)


def test_the_window_is_painted_between_two_panels(hands, files):  # noqa: F811
    hands.window.files.open_path(files[0])
    turns = Turns(hands)
    hands.window.files.open_path(files[1])
    wait_until(lambda: len(made(hands)) == 2, "both are made")
    assert {0, 1} <= set(turns.seen)


def test_a_panel_that_is_asked_for_shows_what_is_so_now(hands, files):  # noqa: F811
    hands.window.files.open_path(files[0])
    hands.settle()
    node = next(iter(hands.session.block.graph.nodes.values()))
    hands.session.select([node.id])
    desk = hands.window.desk
    assert desk.inspector.node.head.name.text() == node.name
    assert desk.code.model.toPlainText() == hands.session.result.model.text
    QApplication.processEvents()
    assert desk.inspector.isVisible()
