"""The toolbar: the commonest commands, the search field, and Train, which becomes the run's progress."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolBar,
    QToolButton,
    QWidget,
)

from engine.document.block_edits import SetRecipe
from engine.kinds import Choice
from gui.actions import Actions
from gui.glyphs import bind_icon
from gui.session import Session
from gui.style import round_popup
from gui.theme import metrics
from gui.widgets import NamedComboBox, SearchField, label
from gui.window.following import Following

GROUPS = (("file.open", "file.save"), ("edit.undo", "edit.redo"), ("graph.arrange", "view.fit", "graph.frame"))
SECOND_MS = 1000
BESIDE = ("train.queue", "train.beside", "train.elsewhere", "train.waiting")


class ToolBar(QToolBar):
    """search_wanted(text): something was typed. recipe_wanted(): the summary of the recipe was pressed."""

    search_wanted = Signal(str)
    recipe_wanted = Signal()

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__("Toolbar", parent)
        self.setObjectName("toolbar")
        self._session, self._following = session, Following()
        self.setMovable(False)
        self.setFixedHeight(metrics().layout.large.toolbar)
        self.setIconSize(QSize(metrics().control.icon, metrics().control.icon))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._add_groups(actions)
        self.search = _Opener("Add layer or run command", "Tab")
        self.search.wanted.connect(self.search_wanted)
        self.addWidget(self.search)
        room = QWidget()
        room.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(room)
        self.idle, self.busy, self.right = _Idle(session, actions), RunBar(session, actions), QStackedWidget()
        self.idle.recipe.clicked.connect(self.recipe_wanted)
        self.right.addWidget(self.idle)
        self.right.addWidget(self.busy)
        self.right.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.addWidget(self.right)
        self.follow(session)

    def follow(self, session: Session) -> None:
        """Another project is in front."""
        self._session = session
        self._following.follow((session.runner.changed, self.show_state))
        self.idle.follow(session)
        self.busy.follow(session)
        self.show_state()

    def _add_groups(self, actions: Actions) -> None:
        for names in GROUPS:
            for name in names:
                self.addAction(actions[name])
                button = self.widgetForAction(actions[name])
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # type: ignore[attr-defined]
            self.addSeparator()

    def show_state(self) -> None:
        """Train while nothing runs, else how far the run is."""
        self.right.setCurrentIndex(1 if self._session.runner.active else 0)


class _Opener(SearchField):
    """Looks like a search field; the list it opens takes over what is typed."""

    wanted = Signal(str)

    def __init__(self, placeholder: str, key: str) -> None:
        super().__init__(placeholder, key)
        self.setMinimumWidth(metrics().popup.search_w // 3)  # gives way in a narrow window, so that Train never does
        self.setMaximumWidth(metrics().popup.search_w * 2 // 3)
        self.textEdited.connect(self._hand_over)
        self.returnPressed.connect(lambda: self.wanted.emit(""))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.wanted.emit("")

    def _hand_over(self, text: str) -> None:
        self.clear()
        self.wanted.emit(text)


class _Idle(QWidget):
    """What will be trained, on what, and the button."""

    def __init__(self, session: Session, actions: Actions) -> None:
        super().__init__()
        self._session, self._following = session, Following()
        self.recipe, self.device, self.train = QPushButton(), NamedComboBox(), QPushButton("Train")
        self.recipe.setToolTip("Data, optimizer and length of the run")
        self.device.addItems([*_devices(session)])
        self.device.setAccessibleName("Device")
        self.train.setProperty("kind", "primary")
        bind_icon(self.train, "play-fill", "on_accent")
        self._action = actions["train.start"]
        self._queue, self._more = actions["train.queue"], [actions[name] for name in BESIDE]
        self.train.clicked.connect(lambda: (self._action if self._action.isEnabled() else self._queue).trigger())
        self.ways = QToolButton()
        self.ways.setToolTip("Other ways to train it now")
        self.ways.setAccessibleName("Other ways to train")
        self.ways.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        bind_icon(self.ways, "caret-down")
        self.ways.setMenu(round_popup(QMenu(self.ways)))
        self.ways.menu().addActions(self._more)
        _row(self, (self.recipe, self.device, self.train, self.ways))
        self.device.textActivated.connect(self._choose_device)
        actions.refreshed.connect(self._show_enabled)

    def follow(self, session: Session) -> None:
        """Say what will be trained in this project."""
        self._session = session
        self._following.follow((session.changed, self._follow))
        self.show_recipe()

    def show_recipe(self) -> None:
        """Say what the recipe is."""
        recipe = self._session.project.recipe
        epochs = recipe.epochs
        self.recipe.setText(f"{recipe.dataset.title}, {epochs} epoch{'' if epochs == 1 else 's'}")
        with QSignalBlocker(self.device):
            self.device.setCurrentText(recipe.device)

    def _follow(self, change: object) -> None:
        if getattr(change, "recipe", True):
            self.show_recipe()

    def _choose_device(self, name: str) -> None:
        self._session.apply(SetRecipe("device", name))

    def _show_enabled(self) -> None:
        waits = not self._action.isEnabled() and self._queue.isEnabled()
        self.train.setEnabled(self._action.isEnabled() or waits)
        if self.train.text() != (words := "Queue" if waits else "Train"):
            self.train.setText(words)
            bind_icon(self.train, "queue" if waits else "play-fill", "on_accent")
        tip = f"{self._queue.toolTip()}\n{self._action.toolTip().partition(chr(10))[2]}"
        self.train.setToolTip(tip if waits else self._action.toolTip())
        self.ways.setVisible(waits)


class RunBar(QWidget):
    """How far the run is, and Pause, Step, Stop."""

    def __init__(self, session: Session, actions: Actions) -> None:
        super().__init__()
        self._session, self._following = session, Following()
        self.progress, self.words = QProgressBar(), label("", "small")
        self.progress.setFixedWidth(metrics().layout.large.palette // 3)
        self.progress.setTextVisible(False)
        self.pause, self.step, self.stop = QPushButton("Pause"), QPushButton(), QPushButton("Stop")
        self.stop.setProperty("kind", "danger")
        bind_icon(self.pause, "pause-fill", "primary")
        bind_icon(self.step, "skip-forward-fill", "primary")
        bind_icon(self.stop, "stop-fill", "danger")
        self.step.setAccessibleName("One step")
        self.queue = QPushButton()
        bind_icon(self.queue, "queue", "primary")
        self.queue.setAccessibleName("Queue this project")
        self._actions = {"train.pause": self.pause, "train.step": self.step, "train.stop": self.stop,
                         "train.queue": self.queue}  # fmt: skip
        for name, button in self._actions.items():
            button.clicked.connect(actions[name].trigger)
        self._table, self._room = actions, 0
        self._run: object = None
        self.words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        _row(self, (self.progress, self.words, self.pause, self.step, self.stop, self.queue))
        self._soon = QTimer(self, singleShot=True, interval=SECOND_MS // metrics().motion.plot_hz)
        self._soon.timeout.connect(self.show_progress)
        actions.refreshed.connect(self._show_enabled)

    def follow(self, session: Session) -> None:
        """Say how far the run of this project is."""
        self._session = session
        self._following.follow((session.runner.events, self._follow), (session.runner.changed, self.show_progress))
        self.show_progress()

    def show_progress(self) -> None:
        """How far the run is, and how long it goes on."""
        runner = self._session.runner
        history = runner.history
        self.progress.setMaximum(history.total_steps or 0)
        self.progress.setValue(history.step)
        self._say(_progress(runner.state, history))
        paused = runner.state == "paused"
        if self.pause.text() != ("Go on" if paused else "Pause"):
            self.pause.setText("Go on" if paused else "Pause")
            bind_icon(self.pause, "play" if paused else "pause-fill", "primary")

    def _say(self, words: str) -> None:
        """Say it, with as much room as was needed before in this run, so that what stands beside it holds still."""
        if self._session.runner.run is not self._run:
            self._run, self._room = self._session.runner.run, 0
        if words != self.words.text():
            self.words.setText(words)
            self._room = max(self._room, self.words.sizeHint().width())
            self.words.setMinimumWidth(self._room)

    def _follow(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _show_enabled(self) -> None:
        for name, button in self._actions.items():
            button.setEnabled(self._table[name].isEnabled())
            button.setToolTip(self._table[name].toolTip())


def _devices(session: Session) -> list[str]:
    """What the recipe's device may be."""
    kind = session.project.recipe.params["device"].kind
    assert isinstance(kind, Choice)
    return [str(option) for option in kind.options]


def _progress(state: str, history: object) -> str:
    epoch, epochs = getattr(history, "epoch", 0), getattr(history, "epochs", 0)
    if state == "preparing" or not epochs:
        return getattr(history, "stage", "") or "Preparing"
    words = f"Epoch {max(1, epoch):,} of {epochs:,}"
    left = getattr(history, "seconds_left", None)
    if state == "paused":
        return f"{words} · paused"
    return words if left is None else f"{words} · {clock(left)} left"


def clock(seconds: float) -> str:
    """0:15, 12:05, 1:02:03."""
    whole = max(0, round(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _row(owner: QWidget, parts: Iterable[QWidget]) -> None:
    line = QHBoxLayout(owner)
    line.setContentsMargins(0, 0, metrics().space.xs, 0)
    line.setSpacing(metrics().space.s)
    line.addStretch(1)
    for part in parts:
        line.addWidget(part)
