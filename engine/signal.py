"""Something that happened, announced to whoever listens. Qt-free."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Signal(Generic[T]):
    """Listeners are called in the order in which they connected, in the thread that emits."""

    def __init__(self) -> None:
        self._listeners: tuple[Callable[[T], object], ...] = ()

    def connect(self, listener: Callable[[T], object]) -> Callable[[], None]:
        """Call `listener(value)` at every emit. Returns: a function that disconnects it."""
        self._listeners = (*self._listeners, listener)
        return lambda: self.disconnect(listener)

    def disconnect(self, listener: Callable[[T], object]) -> None:
        """Forget one connection of `listener`; nothing happens if there is none."""
        listeners = list(self._listeners)
        if listener in listeners:
            listeners.remove(listener)
        self._listeners = tuple(listeners)

    def emit(self, value: T) -> None:
        """Tell every listener connected at this moment."""
        for listener in self._listeners:
            listener(value)
