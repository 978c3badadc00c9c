"""A module of any package, by the path of its class."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QWidget

from engine.document.packages import completions
from engine.errors import EngineError
from engine.layers.base import Layer
from gui.background import Background
from gui.dialogs.base import Dialog
from gui.style import restyle
from gui.theme import font, line_height, metrics
from gui.widgets import label

ROWS = 7
WORDS = (
    "Its inputs and options are read from the class, and the code imports it. Reading it runs the code of its package "
    "on this computer, as importing it in Python would."
)


class ModuleDialog(Dialog):
    """A dotted path with what is installed below it. `look(path)` reads a class off this thread, `add` adds it.

    path, name: of the layer whose class is read again, if there is one.
    """

    def __init__(
        self,
        background: Background,
        look: Callable[[str], Layer],
        add: Callable[[Layer], object],
        parent: QWidget,
        path: str = "",
        name: str = "",
    ) -> None:
        super().__init__(f"Read the class of {name} again" if name else "Module from a package", WORDS, parent)
        self._background, self._look, self._add = background, look, add
        self.field = QLineEdit(path, self)
        self.field.setAccessibleName("Path of the class")
        self.field.setPlaceholderText("package.module.Class")
        self.field.setProperty("mono", True)
        self.field.textEdited.connect(self.suggest)
        self.field.installEventFilter(self)
        self.found = QListWidget(self)
        self.found.setAccessibleName("What is installed")
        self.found.setFont(font("mono"))
        self.found.setProperty("field", True)
        self.found.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.found.setFixedHeight(ROWS * (line_height("mono") + metrics().space.xs) + metrics().space.s)
        self.found.installEventFilter(self)
        self.found.itemClicked.connect(self.take)
        self.said = label("", "small", "muted")
        self.said.setWordWrap(True)
        for widget in (self.field, self.found, self.said):
            self.body.addWidget(widget)
        self.add_action("Cancel", self.reject)
        self.go = self.add_action("Read it" if name else "Add it", self.look, "primary")
        self.go.setDefault(True)
        self.say("" if path else "Without a path yet: the packages that are installed.")
        self.field.setFocus()
        self.suggest(path)

    def suggest(self, text: str) -> None:
        """List what could follow, read from files off this thread."""
        self.mark(wrong=False)
        self._background.submit("packages", lambda: completions(text), self.show_found, self._raise)

    def show_found(self, paths: list[str]) -> None:
        """Show paths that begin with what was typed."""
        if not self._is_open():
            return
        self.found.clear()
        for path in paths:
            QListWidgetItem(path, self.found)
        typed = self.field.text().strip()
        if typed and not paths:
            self.say("Nothing that is installed begins like this.")
        elif typed:
            self.say("A name with a capital is a class; Down and Enter take one from the list.")

    def take(self, item: QListWidgetItem) -> None:
        """Write a path of the list, and go on behind it if it is a package."""
        path = item.text()
        is_class = path.rpartition(".")[2][:1].isupper()
        self.field.setText(path if is_class else f"{path}.")
        self.field.setFocus()
        self.suggest(self.field.text())

    def look(self) -> None:
        """Read the class, and add it if it can be a layer."""
        path = self.field.text().strip().rstrip(".")
        if not path:
            self.refuse("Write the path of a class first, such as torchvision.ops.MLP.")
            return
        self.go.setEnabled(False)
        self.say(f"Reading {path}: its package is being imported.")
        self._background.submit("module", lambda: self._look(path), self.finish, self._say_error)

    def finish(self, layer: Layer) -> None:
        """Add what was read, and go; nothing where the dialog was left meanwhile."""
        if self._is_open():
            self.accept()
            self._add(layer)

    def refuse(self, reason: str) -> None:
        """Say why it cannot be, and let it be mended."""
        self.go.setEnabled(True)
        self.mark(wrong=True)
        self.say(reason, "danger")
        self.field.setFocus()

    def say(self, words: str, tone: str = "muted") -> None:
        """One or two lines below the list."""
        self.said.setProperty("tone", tone)
        restyle(self.said)
        self.said.setText(words)
        self.said.setMinimumHeight(self.said.heightForWidth(self.field.width()))

    def mark(self, wrong: bool) -> None:
        """Show the field as wrong, or no longer."""
        self.field.setProperty("wrong", wrong)
        restyle(self.field)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down leads from the field into the list, Enter there takes what is chosen and does not add it yet."""
        key = event.key() if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress else None
        if watched is self.field and key == Qt.Key.Key_Down and self.found.count():
            self.found.setCurrentRow(0)
            self.found.setFocus()
            return True
        item = self.found.currentItem() if watched is self.found else None
        if item is not None and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.take(item)
            return True
        return super().eventFilter(watched, event)

    def _say_error(self, error: Exception) -> None:
        if not isinstance(error, EngineError):
            raise error
        if self._is_open():
            self.refuse(str(error))

    def _is_open(self) -> bool:
        """Whether anybody still waits for what comes from the other thread."""
        return self.isVisible()

    def _raise(self, error: Exception) -> None:
        raise error
