"""What the canvas is coloured by, as it is chosen on the legend, in the menu and by keys, and remembered."""

from __future__ import annotations

from functools import partial
from typing import cast

from PySide6.QtCore import QObject, Signal

from gui.actions import Command
from gui.canvas.xray import XRay
from gui.panels.heat import CanvasHeat
from gui.preferences import Preferences
from gui.session import Session
from gui.xray.modes import GRADIENT, MODES, SUMS, Mode, Sum

SUBMENU = "Colours show"


class XRayChoice(QObject):
    """Joins what is measured with the canvas that shows it. changed(): something else was chosen."""

    changed = Signal()

    def __init__(self, session: Session, shown: XRay, preferences: Preferences, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._preferences = session, preferences
        self.heat = CanvasHeat(session, self)
        self.heat.choose(self.mode, self.sum)
        self.heat.enable(preferences.heat)
        self.heat.heat_changed.connect(shown.show)
        shown.mode_chosen.connect(self.choose)
        shown.sum_chosen.connect(self.choose_sum)
        shown.switched_off.connect(lambda: self.enable(False))
        shown.looked_at.connect(self.heat.hold)

    @property
    def mode(self) -> Mode:
        return MODES.get(self._preferences.heat_mode, GRADIENT)

    @property
    def sum(self) -> Sum:
        return cast(Sum, self._preferences.heat_sum)

    def rest(self, resting: bool) -> None:
        """Cost nothing while the canvas is not seen; else show what is preferred now, wherever it was chosen."""
        if not resting:
            self.heat.choose(self.mode, self.sum)
        self.heat.enable(self._preferences.heat and not resting)

    def enable(self, shown: bool) -> None:
        """Colour the canvas while training, or not."""
        self._preferences.heat = shown
        self.heat.enable(shown)
        self.changed.emit()

    def choose(self, key: str) -> None:
        """Colour it by the mode of this key, whether or not it was coloured until now."""
        self._preferences.heat_mode = key
        self.heat.choose(MODES[key], self.sum)
        self.enable(True)

    def choose_sum(self, how: str) -> None:
        """Show blocks and repeats by their worst part, or by the mean of all."""
        self._preferences.heat_sum = how
        self.choose(self.mode.key)

    def why_not(self, mode: Mode) -> str:
        return mode.why_not(self._session.runner.history)

    def commands(self) -> list[Command]:
        """The modes in the menu View."""

        def is_chosen(key: str) -> bool:
            return self._preferences.heat and self.mode.key == key

        def is_summed(how: Sum) -> bool:
            return self.sum == how

        return [
            *(
                Command(f"view.heat.{mode.key}", "View", mode.title, partial(self.choose, mode.key), "", (),
                        partial(self.why_not, mode), checked=partial(is_chosen, mode.key), submenu=SUBMENU)
                for mode in MODES.values()
            ),
            *(
                Command(f"view.heat_sum.{how}", "View", words, partial(self.choose_sum, how),
                        checked=partial(is_summed, how), submenu=SUBMENU, first=how == "worst")
                for how, words in SUMS.items()
            ),
        ]  # fmt: skip
