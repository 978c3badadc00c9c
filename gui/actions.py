"""Every command of the program once: menus, toolbar, shortcuts and the command palette follow from one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from gui.glyphs import bind_icon
from gui.style import round_popup

MENUS = ("File", "Edit", "View", "Graph", "Block", "Train", "Help")


def _always() -> str:
    return ""


@dataclass(frozen=True)
class Command:
    """Something that can be done, and where it is found.

    why_not: "" while it can be done, else the reason in one sentence. words: the text while it depends on the moment.
    near: "canvas" for keys that mean something else elsewhere. first: a line is drawn over it in its menu.
    """

    id: str
    menu: str
    text: str
    call: Callable[[], object]
    icon: str = ""
    keys: tuple[str, ...] = ()
    why_not: Callable[[], str] = _always
    words: Callable[[], str] | None = None
    checked: Callable[[], bool] | None = None
    submenu: str = ""
    near: str = ""
    first: bool = False

    @property
    def plain_text(self) -> str:
        """The text without what shortens or opens something."""
        return self.text.rstrip("…")


class Actions(QObject):
    """One `QAction` for each command, brought up to date by `refresh`.

    refreshed(): the words or the state of some action may be another.
    """

    refreshed = Signal()
    _stirred = Signal()

    def __init__(self, commands: Iterable[Command], window: QWidget, keys: Mapping[str, str] | None = None) -> None:
        super().__init__(window)
        self.commands = {command.id: command for command in commands}
        self._chosen = {name: text for name, text in (keys or {}).items() if name in self.commands}
        self._actions = {command.id: self._action(command) for command in self.commands.values()}
        self._tips: dict[str, tuple[str, str]] = {}
        self._is_stirred = False
        self._stirred.connect(self.refresh, Qt.ConnectionType.QueuedConnection)
        for command in self.commands.values():
            if command.near != "canvas":
                window.addAction(self._actions[command.id])
        self.refresh()

    def serve(self, canvas: QWidget) -> None:
        """Let a canvas hear the keys that mean something on a canvas alone."""
        near = [self._actions[command.id] for command in self.commands.values() if command.near == "canvas"]
        known = set(canvas.actions())
        canvas.addActions([action for action in near if action not in known])

    def leave(self, canvas: QWidget) -> None:
        """A canvas goes to another window."""
        for action in self._actions.values():
            canvas.removeAction(action)

    def use(self, commands: Iterable[Command]) -> None:
        """From now on the same commands act on another project, or on another canvas of it."""
        self.commands = {command.id: command for command in commands}
        self.refresh()

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def keys(self, name: str) -> tuple[str, ...]:
        """The keys of a command: those that were chosen for it, else its own."""
        chosen = self._chosen.get(name)
        return self.commands[name].keys if chosen is None else (chosen,) if chosen else ()

    def set_keys(self, name: str, keys: str | None) -> None:
        """Give a command other keys, "" for none, None for its own. Who had the keys has them no longer."""
        for wanted in self.commands[name].keys if keys is None else (keys,) if keys else ():
            taken = self.user_of(wanted)
            if taken is not None and taken != name:
                self._put_keys(taken, "")
        self._put_keys(name, None if keys is not None and (keys,) == self.commands[name].keys else keys)
        self.refresh()

    def user_of(self, keys: str) -> str | None:
        """The command that these keys do now."""
        wanted = QKeySequence(keys)
        return next((n for n in self.commands if any(QKeySequence(k) == wanted for k in self.keys(n))), None)

    @property
    def chosen_keys(self) -> dict[str, str]:
        """The keys that are not the commands' own, by command."""
        return dict(self._chosen)

    def _put_keys(self, name: str, keys: str | None) -> None:
        if keys is None:
            self._chosen.pop(name, None)
        else:
            self._chosen[name] = keys
        self._actions[name].setShortcuts([QKeySequence(k) for k in self.keys(name)])
        self._tips.pop(name, None)

    def trigger(self, name: str) -> None:
        """Do it, if it can be done now."""
        if not self.commands[name].why_not():
            self._actions[name].trigger()

    def refresh_soon(self) -> None:
        """Bring everything up to date once what goes on now is done, and before it is painted."""
        if not self._is_stirred:
            self._is_stirred = True
            self._stirred.emit()

    def refresh(self) -> None:
        """Bring words, ticks and what is enabled up to date."""
        self._is_stirred = False
        reasons: dict[Callable[[], str], str] = {}  # many commands have the same
        for name, command in self.commands.items():
            if (why_not := command.why_not) not in reasons:
                reasons[why_not] = why_not()
            action, reason = self._actions[name], reasons[why_not]
            if command.checked is not None:
                action.setChecked(command.checked())
            said = command.words() if command.words is not None else command.text, reason
            if said != self._tips.get(name):
                self._tips[name] = said
                action.setEnabled(not reason)
                action.setText(said[0])
                action.setToolTip(tip(action.text(), action.shortcut(), reason))
        self.refreshed.emit()

    def fill(self, menu: QMenu, name: str) -> None:
        """Put the commands of a menu into it, in the order of the table."""
        submenus: dict[str, QMenu] = {}
        for command in self.commands.values():
            if command.menu != name:
                continue
            if command.first:
                menu.addSeparator()
            into = menu
            if command.submenu:
                if command.submenu not in submenus:
                    submenus[command.submenu] = round_popup(menu.addMenu(command.submenu))
                into = submenus[command.submenu]
            into.addAction(self._actions[command.id])

    def _action(self, command: Command) -> QAction:
        action = QAction(command.text, self)
        action.setObjectName(command.id)
        if command.icon:
            bind_icon(action, command.icon)
        action.setShortcuts([QKeySequence(keys) for keys in self.keys(command.id)])
        if command.near == "canvas":
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setCheckable(command.checked is not None)
        action.setMenuRole(_role(command.id))
        action.triggered.connect(lambda _=False: self._do(command.id))
        return action

    def _do(self, name: str) -> None:
        self.commands[name].call()
        self.refresh()


def tip(text: str, keys: QKeySequence, reason: str = "") -> str:
    """What hovering over a button says: its name and its key, and why it cannot be pressed now."""
    shown = keys.toString(QKeySequence.SequenceFormat.NativeText)
    line = f"{text.replace('&', '')}  {shown}" if shown else text.replace("&", "")
    return f"{line}\n{reason}" if reason else line


def _role(name: str) -> QAction.MenuRole:
    """Where macOS puts it; elsewhere it stays in its menu."""
    return {
        "file.quit": QAction.MenuRole.QuitRole,
        "file.preferences": QAction.MenuRole.PreferencesRole,
        "help.about": QAction.MenuRole.AboutRole,
    }.get(name, QAction.MenuRole.NoRole)
