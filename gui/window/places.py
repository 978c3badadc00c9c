"""What the commands ask of the window itself."""

from __future__ import annotations

from typing import Protocol

from gui.window.xray import XRayChoice


class Places(Protocol):
    """The window, as far as commands know it."""

    def quit(self) -> None: ...

    def open_window(self) -> None: ...

    xray: XRayChoice

    def switch_heat(self) -> None: ...

    def shows_heat(self) -> bool: ...

    def next_area(self) -> None: ...

    def last_area(self) -> None: ...

    def show_recipe(self) -> None: ...

    def open_commands(self) -> None: ...

    def show_welcome(self) -> None: ...
