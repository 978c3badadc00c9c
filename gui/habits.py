"""What one takes often and how one looks at things, kept in the user's data folder."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Signal

from engine.places import config_file

REMEMBERED = 300
"""So many additions are remembered: what one takes most is what one took most of late."""
MOST_RECENT = 24
OFTEN = 3  # times that a layer was added before it counts as one that is taken often


class Habits(QObject):
    """changed(): a favourite came or went, or a layer was added. Keys are those of the palette."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None, path: Path | None = None) -> None:
        super().__init__(parent)
        self._settings = QSettings(str(path or config_file()), QSettings.Format.IniFormat)
        self._recent = self._read("recent")
        self._favourites = self._read("favourites")

    @property
    def favourites(self) -> tuple[str, ...]:
        """In the order in which they were chosen."""
        return tuple(self._favourites)

    @property
    def recent(self) -> tuple[str, ...]:
        """What was added last, the last first, each once."""
        return tuple(dict.fromkeys(self._recent[:MOST_RECENT]))

    @property
    def most_used(self) -> tuple[str, ...]:
        """What was added, the most often first; of those that were added as often, the one that was added last."""
        return tuple(key for key, _ in Counter(self._recent).most_common())

    @property
    def liked(self) -> tuple[str, ...]:
        """What was added often, the most often first, then the other favourites."""
        often = [key for key, count in Counter(self._recent).most_common() if count >= OFTEN]
        return tuple(dict.fromkeys((*often, *self._favourites)))

    def used(self, key: str) -> None:
        """Remember that this one was added."""
        self._recent = [key, *self._recent][:REMEMBERED]
        self._write("recent", self._recent)

    def is_favourite(self, key: str) -> bool:
        """Whether it is one of the favourites."""
        return key in self._favourites

    def toggle(self, key: str) -> None:
        """Make it a favourite, or one no longer."""
        others = [k for k in self._favourites if k != key]
        self._favourites = others if self.is_favourite(key) else [*others, key]
        self._write("favourites", self._favourites)

    def choice(self, name: str, otherwise: str = "") -> str:
        """How something is looked at, as it was chosen last: "loss/values" is "log"."""
        return str(self._settings.value(f"views/{name}", otherwise))

    def choose(self, name: str, value: str) -> None:
        """Look at it so from now on."""
        self._settings.setValue(f"views/{name}", value)

    def _read(self, name: str) -> list[str]:
        value = self._settings.value(f"palette/{name}", "")
        return [word for word in str(value).split() if word] if isinstance(value, str) else []

    def _write(self, name: str, keys: list[str]) -> None:
        self._settings.setValue(f"palette/{name}", " ".join(keys))
        self.changed.emit()
