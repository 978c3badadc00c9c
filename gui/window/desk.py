"""Where one works: rail and palette, canvas, and the docks to its right and under it."""

from __future__ import annotations

from typing import Literal, get_args

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QTabWidget, QToolButton, QWidget

from gui.canvas.view import CanvasView
from gui.metrics import WindowLayout
from gui.panels.code import CodePanel
from gui.panels.help import HelpPanel
from gui.panels.history import HistoryPanel
from gui.panels.inspector import InspectorPanel
from gui.panels.palette import Palette
from gui.panels.rail import Rail
from gui.panels.summary import SummaryPanel
from gui.preferences import Preferences
from gui.session import Session
from gui.snapping import snapping
from gui.theme import metrics
from gui.widgets import hairline
from gui.window.bottom import Bottom
from gui.window.canvases import Canvases
from gui.window.kept_runs import KeptRuns
from gui.window.later import Later, Making

LARGE = 1440, 900
PARTS = ("right", "bottom", "palette")
Page = Literal["Inspector", "Help", "Summary", "History"]


class Desk(QWidget):
    """The docks meet with one hairline, which is dragged to resize them. What is in them is made when it is seen.

    shown_changed(): one came or went. export_wanted(): the code is to go into a file.
    menu_wanted(key, point of the screen): what can be done with a row of the palette.
    """

    shown_changed = Signal()
    export_wanted = Signal()
    menu_wanted = Signal(str, QPoint)

    def __init__(self, session: Session, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._preferences = session, preferences
        self._is_placed = False
        making = Making(self)
        self.rail, self.canvases, self.tabs = Rail(), Canvases(session), QTabWidget()
        self.bottom = Bottom(session, preferences, making)
        self._palette, self._code = Later(self._make_palette, making), Later(self._make_code, making)
        self._inspector = Later(lambda: InspectorPanel(session), making)
        self._help = Later(self._make_help, making)
        self._summary = Later(lambda: SummaryPanel(session), making)
        self._history = Later(lambda: HistoryPanel(session), making)
        self._lay_out()
        self._palette.setFixedWidth(metrics().layout.large.palette)
        self.preferences_button = QToolButton()
        self.preferences_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.preferences_button.setAccessibleName("Preferences")
        self.rail.add_button(self.preferences_button)
        self._connect()
        for name in PARTS:
            self._part(name).setVisible(False)
        self.runs = KeptRuns(session, self.bottom, preferences, self)

    def _lay_out(self) -> None:
        """From the outside in: what is moved into another widget with its style already worked out has that done again,
        and so has all that it holds."""
        self.across = _splitter(Qt.Orientation.Horizontal)
        self.middle, self.right = _splitter(Qt.Orientation.Vertical), _splitter(Qt.Orientation.Vertical)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addWidget(self.across, 1)
        for splitter in (self.middle, self.right):
            self.across.addWidget(splitter)
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("About the selection and the network")
        parts = {self.middle: (self.canvases, self.bottom), self.right: (self.tabs, self._code)}
        for splitter, held in parts.items():
            for part in held:
                splitter.addWidget(part)
        pages: tuple[QWidget, ...] = (self._inspector, self._help, self._summary, self._history)
        for page, name in zip(pages, get_args(Page), strict=True):
            self.tabs.addTab(page, name)
        for splitter in (self.middle, self.across):
            splitter.setStretchFactor(0, 1)
        for place, part in enumerate((self.rail, hairline(vertical=True), self._palette)):
            self._row.insertWidget(place, part)

    def _connect(self) -> None:
        self.rail.category_chosen.connect(self.show_category)
        self.canvases.installEventFilter(self)
        self.canvases.made.connect(lambda canvas: canvas.help_wanted.connect(self.explain))
        self.canvas.help_wanted.connect(self.explain)
        snapping.changed.connect(self.keep_snapping)
        self.bottom.opened.connect(lambda: self.show_part("bottom"))

    def _make_palette(self) -> Palette:
        palette = Palette(self._session)
        palette.layer_chosen.connect(self.add_layer)
        palette.help_wanted.connect(self.explain)
        palette.menu_wanted.connect(self.menu_wanted)
        return palette

    def _make_help(self) -> HelpPanel:
        panel = HelpPanel(self._session)
        panel.add_wanted.connect(self.add_layer)
        return panel

    def _make_code(self) -> CodePanel:
        panel = CodePanel(self._session)
        panel.export_wanted.connect(self.export_wanted)
        return panel

    @property
    def palette_dock(self) -> Palette:
        return self._palette.made()

    @property
    def inspector(self) -> InspectorPanel:
        return self._inspector.made()

    @property
    def help(self) -> HelpPanel:
        return self._help.made()

    @property
    def summary(self) -> SummaryPanel:
        return self._summary.made()

    @property
    def history(self) -> HistoryPanel:
        return self._history.made()

    @property
    def code(self) -> CodePanel:
        return self._code.made()

    @property
    def canvas(self) -> CanvasView:
        """The canvas in use."""
        return self.canvases.front

    def find_in_code(self) -> None:
        """Look for words in the code."""
        self.show_part("right")
        self.code.finder.open()

    def keep_snapping(self, on: bool) -> None:
        """The grid was switched on or off: so it will be the next time."""
        self._preferences.snaps = on

    def show_part(self, name: str, shown: bool = True) -> None:
        """Show or hide "right", "bottom" or "palette"."""
        part, focus = self._part(name), self.window().focusWidget()
        if part.isHidden() == shown:
            if not shown and focus is not None and part.isAncestorOf(focus):
                self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)  # else it wanders to whatever comes next
            part.setVisible(shown)
            self._preferences.keep_shown(name, shown)
            self._place_palette()
            self.shown_changed.emit()

    def is_shown(self, name: str) -> bool:
        """Whether this dock is there."""
        return not self._part(name).isHidden()

    def show_category(self, category: str) -> None:
        """List the layers of a kind beside the rail; asked for again, put the list away."""
        wanted = category or None
        if self.is_shown("palette") and self.palette_dock.category == wanted:
            self.show_part("palette", False)
            self.canvas.setFocus()
            return
        self.palette_dock.show_category(wanted)
        self.show_part("palette")
        self.palette_dock.setFocus(Qt.FocusReason.OtherFocusReason)

    def add_layer(self, key: str) -> None:
        """Add a layer from the palette behind what is selected."""
        self.canvas.add_layer(key)

    def show_page(self, name: Page) -> None:
        """Bring one of the tabs beside the canvas to the front."""
        self.show_part("right")
        self.tabs.setCurrentIndex(get_args(Page).index(name))

    def explain(self, key: str) -> None:
        """Show the help of a kind of layer."""
        self.show_page("Help")
        self.help.show_layer(key)

    def explain_selection(self) -> None:
        """Show the help of what is selected."""
        self.show_page("Help")
        self.help.show_selection()

    def show_history(self) -> None:
        """Show the steps that were done."""
        self.show_page("History")
        self.history.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def areas(self) -> list[QWidget]:
        """Where F6 goes, in its order; what is hidden is left out."""
        right = [self.tabs.currentWidget(), self.code.view] if self.is_shown("right") else []
        bottom = [self.bottom.tabs] if self.is_shown("bottom") else []
        palette = [self.palette_dock.search] if self.is_shown("palette") else []
        canvases = self.canvases.all()
        middle = [*(c.surface for c in canvases), *(plaque for c in canvases for plaque in c.plaques())]
        return [area for area in (self.rail.add, *palette, *middle, *bottom, *right) if area is not None]

    def keep_state(self) -> None:
        """Remember how the docks stand."""
        for name, splitter in self._splitters().items():
            if self._is_placed:
                self._preferences.keep_state(name, splitter.saveState())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._is_placed:
            self._is_placed = True
            self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_palette()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place_palette()  # as high as the canvas it floats over
        return super().eventFilter(watched, event)

    def stand_as_kept(self) -> None:
        """Take over how the docks of another project stand."""
        if self._is_placed:
            for part in PARTS:
                shown = self._preferences.is_shown(part, self.is_shown(part))
                self._part(part).setVisible(shown)
            self._restore()
            self._place_palette()

    def _place(self) -> None:
        """The docks as they were left, or as the layout for this size of window has them."""
        sizes = self._layout_now()
        is_large = sizes is metrics().layout.large
        for part, otherwise in (("right", True), ("bottom", is_large), ("palette", sizes.palette_open)):
            self._part(part).setVisible(self._preferences.is_shown(part, otherwise))
        height = self.height()
        self.across.setSizes([self.across.width() - sizes.right, sizes.right])
        self.middle.setSizes([height - sizes.bottom, sizes.bottom])
        self.right.setSizes([sizes.inspector, height - sizes.inspector])
        self._restore()
        self._place_palette()
        for canvas in self.canvases.all():
            canvas.look_first()
        self.shown_changed.emit()

    def _restore(self) -> None:
        for name, splitter in self._splitters().items():
            if state := self._preferences.state(name):
                splitter.restoreState(state)
                _make_thin(splitter)

    def _place_palette(self) -> None:
        """Beside the rail where there is room, else over the canvas."""
        palette, rail = self._palette, self.rail.width() + metrics().line.hairline
        row = self._row
        floats = self.width() < LARGE[0]
        if floats and row.indexOf(palette) >= 0:
            row.removeWidget(palette)
        elif not floats and row.indexOf(palette) < 0:
            row.insertWidget(2, palette)
        if floats and not palette.isHidden():
            palette.setGeometry(rail, 0, palette.width(), self.canvases.height())
            palette.raise_()

    def _layout_now(self) -> WindowLayout:
        layouts = metrics().layout
        wide = self.width() >= LARGE[0] and self.window().height() >= LARGE[1]
        return layouts.large if wide else layouts.small

    def _splitters(self) -> dict[str, QSplitter]:
        return {"across": self.across, "middle": self.middle, "right": self.right}

    def _part(self, name: str) -> QWidget:
        return {"right": self.right, "bottom": self.bottom, "palette": self._palette}[name]


def _splitter(orientation: Qt.Orientation) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setChildrenCollapsible(False)
    _make_thin(splitter)
    return splitter


def _make_thin(splitter: QSplitter) -> None:
    """One hairline; Qt widens what can be grabbed."""
    splitter.setHandleWidth(metrics().widget.splitter)
