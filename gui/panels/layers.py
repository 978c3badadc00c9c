"""The Layers tab: what goes through the network, for a sample, in the layer that is selected."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from engine.training.events import NodePath
from gui.editors.choices import QuietComboBox
from gui.figures import seconds
from gui.panels.layers_probes import ProbesView
from gui.panels.layers_sample import SampleChooser
from gui.panels.layers_views import EmbeddingView, LayerView, SpreadsView, views
from gui.session import Session
from gui.theme import metrics
from gui.widgets import Card, ElidedLabel, EmptyState, hairline

SECOND_MS = 1000
SELECT = "Select a layer to look into it."
FRESH = "See what goes through the network now: before training, with the weights that it begins with."
MODES = (("use", "As in use"), ("training", "As in training"))


class LayersPanel(QWidget):
    """A sample at the left, views of the selected layer beside it. One looks for as long as this is seen."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Layers")
        self._session, self._looking = session, session.looking
        self.sample = SampleChooser(session.looking)
        self.switch, self.mode = QTabBar(), QuietComboBox()
        self.now, self.freeze = QPushButton("Look now"), QPushButton("Freeze")
        self.name, self.cost = ElidedLabel("", "small"), ElidedLabel("", "caption", "muted")
        self.card = Card("danger", "")
        self.views: list[LayerView] = [*views(), ProbesView(session)]
        self.pages, self.stack = QStackedWidget(), QStackedWidget()
        self.empty = EmptyState("stack", FRESH, ("Look now",))
        self._furnish()
        self._lay_out()
        self._connect()
        self.follow_selection()
        self.show_state()

    def _lay_out(self) -> None:
        """From the outside in: whatever is put into another widget has its style worked out anew."""
        space, page, box = metrics().space, QWidget(), QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.stack)
        self.stack.addWidget(page)
        self.stack.addWidget(self.empty)
        row, column, head, below = QHBoxLayout(page), QVBoxLayout(), QHBoxLayout(), QHBoxLayout()
        row.setContentsMargins(space.l, space.s, space.l, space.s)
        row.setSpacing(space.l)
        row.addWidget(self.sample)
        row.addWidget(hairline(vertical=True))
        row.addLayout(column, 1)
        column.setSpacing(space.xs)
        column.addLayout(head)
        column.addLayout(below)
        column.addWidget(self.card)
        column.addWidget(self.pages, 1)
        head.setSpacing(space.s)
        head.addWidget(self.switch)
        head.addStretch(1)
        for part in (self.mode, self.freeze, self.now):
            head.addWidget(part)
        below.addWidget(self.name, 1)
        below.addWidget(self.cost)
        for view in self.views:
            self.switch.addTab(view.title)
            self.pages.addWidget(view)

    def _furnish(self) -> None:
        self.switch.setProperty("dense", True)
        self.switch.setAccessibleName("View of the layer")
        self.switch.setDrawBase(False)
        self.switch.setExpanding(False)
        for _, words in MODES:
            self.mode.addItem(words)
        self.mode.setAccessibleName("Dropout and batch statistics")
        self.mode.setToolTip("Whether dropout and batch statistics are as when the network is used, or as in training")
        self.freeze.setCheckable(True)
        self.freeze.setToolTip("Keep what is shown while training goes on")
        for button in (self.now, self.freeze):
            button.setProperty("dense", True)

    def _connect(self) -> None:
        session, looking = self._session, self._looking
        self._soon = QTimer(self, singleShot=True, interval=SECOND_MS // metrics().motion.plot_hz)
        self._soon.timeout.connect(self.show_look)
        self.switch.currentChanged.connect(self._show_view)
        self.mode.activated.connect(lambda i: looking.change(mode=MODES[i][0]))
        self.freeze.toggled.connect(looking.freeze)
        self.now.clicked.connect(looking.look_now)
        self.empty.chosen.connect(lambda _: looking.look_now())
        looking.changed.connect(self.show_state)
        session.selection_changed.connect(self.follow_selection)
        session.block_changed.connect(self.follow_selection)
        session.changed.connect(lambda _: self.show_state())
        session.runner.changed.connect(self.show_state)

    @property
    def view(self) -> LayerView:
        """The view that is seen."""
        return self.views[self.pages.currentIndex()]

    def show_view(self, title: str) -> None:
        """Bring a view to the front by its title."""
        self.switch.setCurrentIndex([view.title for view in self.views].index(title))

    def follow_selection(self) -> None:
        """Look into the layer that is selected; into the last one while none is."""
        session = self._session
        if session.selection:
            node = session.selection[-1]
            path: NodePath = (*session.way, (session.block_id, node))
            self._looking.show_layer(path)
        self.show_state()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._looking.wish("layers", True)
        self.show_state()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._looking.wish("layers", False)

    def show_state(self) -> None:
        """What can be done, what it costs, and soon what was seen."""
        looking, runner = self._looking, self._session.runner
        last = looking.looks.last
        self.stack.setCurrentIndex(0 if last is not None or runner.active else 1)
        why_not = looking.why_not()
        words = "Looking …" if looking.is_busy else "Look now"
        for button in (self.now, self.empty.buttons[0]):
            button.setText(words)
            button.setEnabled(not why_not and not looking.is_busy)
            button.setToolTip(why_not or "Send the sample through the network as it is now")
        self.freeze.setVisible(runner.active)
        self.freeze.setChecked(looking.is_frozen)
        self.cost.set_text(self._cost())
        self.card.setVisible(bool(looking.problem))
        if looking.problem:
            self.card.show_problem("danger", looking.problem, looking.hint)
            self.stack.setCurrentIndex(0)
        if self.isVisible() and not self._soon.isActive():
            self._soon.start()

    def show_look(self) -> None:
        """Bring the view that is seen up to date."""
        self.name.set_text(self._layer_words())
        last = self._looking.looks.last
        if last is not None and self.isVisible():
            self.view.show_look(self._looking.looks, last)

    def _show_view(self, index: int) -> None:
        self.pages.setCurrentIndex(index)
        self._looking.change(
            embedding=isinstance(self.view, EmbeddingView), gradients=isinstance(self.view, SpreadsView)
        )
        self.show_look()

    def _layer_words(self) -> str:
        """The layer that is looked into, and from when what is shown is."""
        path, looking = self._looking.look.layer, self._looking
        if not path:
            return SELECT
        block = self._session.project.blocks.get(path[-1][0])  # type: ignore[call-overload]
        node = block.graph.nodes.get(path[-1][1]) if block is not None else None
        last = looking.looks.last
        found = [node.name if node is not None else "a layer that is gone"]
        if last is not None and last.step:
            found.append(f"after step {last.step:,}")
        elif last is not None:
            found.append("before training")
        if last is not None and not looking.is_of_now:
            found.append("the model was edited since")
        return " · ".join(found)

    def _cost(self) -> str:
        spent = self._looking.looks.seconds
        return f"a look takes {seconds(spent)}" if spent else ""
