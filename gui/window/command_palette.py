"""The command palette: everything that can be done, and every layer, found by typing."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from engine.layers import find
from engine.layers.block import BlockLayer, Shared
from engine.layers.code import Missing
from gui.actions import Actions
from gui.theme import metrics
from gui.widgets.entry import Entry, matched_letters
from gui.widgets.search_list import SearchList
from gui.window.files import examples

COMMAND, LAYER, EXAMPLE = "command:", "layer:", "example:"
HINTS = (("Enter", "do it"), ("Esc", "close"))
MOST_LAYERS = 12
HIDDEN = (BlockLayer, Shared, Missing)


class CommandPalette(QObject):
    """A list over the top of the window. `add_layer` and `open_example` are called with what was chosen."""

    def __init__(
        self, actions: Actions, add_layer: Callable[[str], object], open_example: Callable[[str], object], over: QWidget
    ) -> None:
        super().__init__(over)
        self._actions, self._add_layer, self._open_example, self._over = actions, add_layer, open_example, over
        self.list = SearchList("Add a layer or run a command", metrics().popup.palette_w, HINTS, over)
        self.list.query_changed.connect(self.fill)
        self.list.chosen.connect(self.choose)
        self.with_layers = True

    def open(self, text: str = "", *, with_layers: bool = True) -> None:
        """Show it at the top, in the middle."""
        self.with_layers = with_layers
        self._actions.refresh()
        x = (self._over.width() - self.list.width()) // 2
        self.list.open_at(QPoint(x, metrics().space.xxl), text)

    def fill(self, query: str) -> None:
        """What matches: commands that can be done now first, then layers, then examples."""
        found = [entry for entry in self._commands() if _matches(entry, query)]
        found.sort(key=lambda entry: (_rank(entry, query), not entry.enabled))
        if self.with_layers and query:
            layers = [layer for layer in find(query) if layer not in HIDDEN][:MOST_LAYERS]
            found += [
                Entry(f"{LAYER}{layer.key}", layer.title, layer.target, "add", category=layer.category)
                for layer in layers
            ]
            if layers and layers[0].title.lower().startswith(query.lower()):
                found.sort(key=lambda entry: not entry.key.startswith(LAYER))
        found += [
            Entry(f"{EXAMPLE}{path.stem}", f"Open the example {path.stem}", icon="folder-open")
            for path in examples()
            if query and query.lower() in f"open the example {path.stem}"
        ]
        self.list.show_entries(found, count=f"{len(found)}", matched=query)

    def choose(self, key: str, keep_open: bool) -> None:
        """Do it."""
        kind, _, name = key.partition(":")
        if f"{kind}:" == COMMAND:
            self._actions.trigger(name)
        elif f"{kind}:" == LAYER:
            self._add_layer(name)
        else:
            self._open_example(name)

    def _commands(self) -> list[Entry]:
        entries = []
        for name, command in self._actions.commands.items():
            if name == "help.palette":
                continue
            action, reason = self._actions[name], command.why_not()
            place = f"{command.menu} · {command.submenu}" if command.submenu else command.menu
            keys = () if reason else caps(action.shortcut())
            entry = Entry(f"{COMMAND}{name}", action.text(), place, reason, keys, icon=command.icon or "caret-right")
            entries.append(entry if not reason else _disabled(entry))
        return entries


def caps(keys: QKeySequence) -> tuple[str, ...]:
    """Ctrl and G as two keys."""
    text = keys.toString(QKeySequence.SequenceFormat.NativeText)
    if not text:
        return ()
    parts = text.rstrip("+").split("+") if not text.endswith("++") else [*text[:-2].split("+"), "+"]
    return tuple(part for part in parts if part)


def _disabled(entry: Entry) -> Entry:
    return Entry(entry.key, entry.title, entry.detail, entry.right, icon=entry.icon, enabled=False)


def _matches(entry: Entry, query: str) -> bool:
    words = query.lower().split()
    text = f"{entry.title} {entry.detail}".lower()
    if all(word in text for word in words):
        return True
    return bool(matched_letters(entry.title, query)) and all(
        matched_letters(entry.title, word) and len(word) > 1 for word in words
    )


def _rank(entry: Entry, query: str) -> int:
    title, text = entry.title.lower(), query.lower().strip()
    if not text or title == text:
        return 0
    if title.startswith(text):
        return 1
    if any(word.startswith(text) for word in title.split()):
        return 2
    return 3 if text in title else 4
