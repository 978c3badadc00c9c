"""The lower dock: training, problems and recipe as tabs, with the figures of the run beside them."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from gui.panels.problems import ProblemsPanel
from gui.panels.recipe import RecipePanel
from gui.panels.training_facts import TrainingFacts
from gui.preferences import Preferences
from gui.session import Session
from gui.theme import font, metrics, theme, theme_changed
from gui.widgets import hairline
from gui.window.later import Later, Making


class Tab(IntEnum):
    """The tabs, from the left. Its page is made by the line of the same name in `Bottom._pages`."""

    TRAINING = 0
    LAYERS = 1
    TIME = 2
    RUNS = 3
    PROBLEMS = 4
    RECIPE = 5


TRAINING, LAYERS, RUNS, PROBLEMS, RECIPE = Tab.TRAINING, Tab.LAYERS, Tab.RUNS, Tab.PROBLEMS, Tab.RECIPE


class Bottom(QWidget):
    """Tabs under the canvas. train_wanted(): the person pressed Train. opened(): a tab wants to be seen.

    runs_made(RunsPanel): the panel of all runs is there, seen for the first time.
    """

    train_wanted = Signal()
    opened = Signal()
    runs_made = Signal(object)

    def __init__(
        self, session: Session, preferences: Preferences, making: Making, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._making = making
        self.setAccessibleName("Training, layers, runs, problems and recipe")
        self._session, self._preferences = session, preferences
        self.tabs, self.facts, self.pages = QTabBar(), TrainingFacts(session), QStackedWidget()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(False)
        self.problems = ProblemsPanel(session)
        pages = self._pages()
        for tab in Tab:
            self.tabs.addTab(tab.name.capitalize())
            self.pages.addWidget(pages[tab])
        head = metrics().control.tab + metrics().line.hairline
        self.pages.setMinimumSize(1, metrics().layout.small.bottom - head)  # a tab makes the window no wider or taller
        self._badge = _Badge(self.tabs)
        self._badge.hide()
        self._lay_out()
        self.tabs.currentChanged.connect(self.pages.setCurrentIndex)
        self.tabs.tabBarClicked.connect(self.opened)
        self.problems.count_changed.connect(self.show_count)
        self.problems.recipe_wanted.connect(lambda: self.show_tab(RECIPE))
        self.problems.findings.wanted.connect(lambda: self.show_tab(PROBLEMS))

    def _pages(self) -> dict[Tab, QWidget]:
        """What stands behind every tab. Those that load pyqtgraph are plots, which wait until it is there."""
        self._plots = {
            Tab.TRAINING: Later(self._make_training, self._making),
            Tab.LAYERS: Later(self._make_layers, self._making),
            Tab.TIME: Later(self._make_time, self._making),
            Tab.RUNS: Later(self._make_runs, self._making),
        }
        return {**self._plots, Tab.PROBLEMS: self.problems, Tab.RECIPE: Later(self._make_recipe, self._making)}

    def page(self, tab: Tab) -> QWidget | None:
        """The panel behind a tab; None while nobody has seen it."""
        page = self.pages.widget(tab)
        if not isinstance(page, Later):
            return page
        page.make_if_wanted()
        return page.panel  # type: ignore[no-any-return]  # a widget, as all of them are

    def _lay_out(self) -> None:
        head = QWidget()
        head.setProperty("ground", "window")
        head.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        line = QHBoxLayout(head)
        line.setContentsMargins(0, 0, metrics().space.m, 0)
        line.setSpacing(0)
        line.addWidget(self.tabs)
        line.addSpacing(metrics().space.m)
        line.addWidget(self.facts, 1)
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(head)
        box.addWidget(hairline())
        box.addWidget(self.pages, 1)

    def show_tab(self, index: int) -> None:
        """Bring a tab to the front and ask to be seen."""
        self.tabs.setCurrentIndex(index)
        self.opened.emit()
        self.page(Tab(index))  # who asks for a tab goes on with what is in it

    def show_count(self, count: int) -> None:
        """How many errors and warnings there are."""
        before = self._badge.width()
        self._badge.show_count(count)
        side = QTabBar.ButtonPosition.RightSide
        badge = self._badge if count else None  # without one the tab keeps no room for it
        if self.tabs.tabButton(PROBLEMS, side) is not badge or self._badge.width() != before:
            self.tabs.setTabButton(PROBLEMS, side, None)  # type: ignore[arg-type]  # room is made for what is put there
            if badge is not None:
                self.tabs.setTabButton(PROBLEMS, side, badge)

    def prepare(self) -> None:
        """Make the plots of a run now, whether or not they are seen."""
        self._plots[Tab.TRAINING].made()

    def hold_plots(self) -> None:
        """Let the place of the plots stay empty: their library takes a third of a second, which a thread can bear."""
        for page in self._plots.values():
            page.is_held = True

    def release_plots(self) -> None:
        """The library is there: plots that should be seen are."""
        for page in self._plots.values():
            page.is_held = False
            page.make_if_wanted()

    def _make_training(self) -> QWidget:
        from gui.dialogs.bad_inputs import BadInputsDialog
        from gui.panels.training import TrainingPanel  # loads pyqtgraph, which the first frame does not wait for

        panel = TrainingPanel(self._session)
        panel.train_wanted.connect(self.train_wanted)
        panel.inputs_wanted.connect(lambda bad: BadInputsDialog(bad, self.window()).open())
        return panel

    def _make_runs(self) -> QWidget:
        from gui.panels.runs import RunsPanel

        panel = RunsPanel(self._session, self._preferences)
        panel.train_wanted.connect(self.train_wanted)
        self.runs_made.emit(panel)
        return panel

    def _make_layers(self) -> QWidget:
        from gui.panels.layers import LayersPanel

        return LayersPanel(self._session)

    def _make_time(self) -> QWidget:
        from gui.panels.time import TimePanel

        return TimePanel(self._session)

    def _make_recipe(self) -> QWidget:
        panel = RecipePanel(self._session)
        panel.train_wanted.connect(self.train_wanted)
        return panel


class _Badge(QWidget):
    """A number in a pill of the danger colour, with room between it and the end of its tab."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._count = 0
        theme_changed.connect(self.update)

    def show_count(self, count: int) -> None:
        self._count = count
        self.setVisible(count > 0)
        self.setFixedSize(self.sizeHint())
        self.setAccessibleName("1 problem" if count == 1 else f"{count} problems")
        self.update()

    def sizeHint(self) -> QSize:
        side = metrics().control.icon
        return QSize(max(side, side // 2 + side // 2 * len(str(self._count))) + metrics().space.s, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().status.danger)
        pill = self.rect().adjusted(0, 0, -metrics().space.s, 0)
        painter.drawRoundedRect(pill, self.height() / 2, self.height() / 2)
        painter.setPen(theme().status.on)
        painter.setFont(font("caption_strong"))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, str(self._count))
