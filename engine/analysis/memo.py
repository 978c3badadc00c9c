"""A bounded table that several threads may use."""

from __future__ import annotations

from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Memo(Generic[Value]):
    """Keeps what was asked for last; the oldest half goes when it is full."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: dict[Hashable, Value] = {}
        self._lock = Lock()

    def get(self, key: Hashable) -> Value | None:
        return self._kept.get(key)

    def put(self, key: Hashable, value: Value) -> None:
        with self._lock:
            self._kept[key] = value
            if len(self._kept) > self._size:
                self._kept = dict(list(self._kept.items())[self._size // 2 :])

    def clear(self) -> None:
        with self._lock:
            self._kept = {}

    def __len__(self) -> int:
        return len(self._kept)
