"""Whether what is moved on a canvas snaps to its grid: one switch for all windows, kept among the preferences."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class Snapping(QObject):
    """changed(is on): it was switched."""

    changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.is_on = True

    def switch(self, on: bool | None = None) -> None:
        """Switch it, or the other way round than it is."""
        wanted = not self.is_on if on is None else on
        if wanted != self.is_on:
            self.is_on = wanted
            self.changed.emit(wanted)


snapping = Snapping()
