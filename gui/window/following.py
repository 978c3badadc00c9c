"""What shows one project of a window at a time, whichever is in front."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import SignalInstance

Link = tuple[SignalInstance, Callable[..., Any]]


class Following:
    """Connections to one session that are exchanged, all at once, for those to another."""

    def __init__(self) -> None:
        self._links: tuple[Link, ...] = ()

    def follow(self, *links: Link) -> None:
        """Listen to these signals instead of those of before."""
        for signal, slot in self._links:
            signal.disconnect(slot)
        self._links = links
        for signal, slot in links:
            signal.connect(slot)
