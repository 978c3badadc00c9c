"""Commands on their way from any thread to the one that trains."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar


@dataclass(frozen=True)
class Command:
    """What the person at the screen asks for. `name` and `value`: of what is set; plain data, that a pipe can carry.

    kind: pause, resume, step, stop, or what a `Member` of the run obeys.
    """

    kind: str
    name: str = ""
    value: Any = None


GRACE_SECONDS = 1.0
"""How long a step that is being made when a stop is asked for may take to its end: from there one can go on exactly."""


class Stopped(Exception):  # noqa: N818 - not an error: the way out of whatever is being computed
    """A stop was asked for."""


Taker = TypeVar("Taker", bound="_Taker")


class _Taker(Protocol):
    def give(self, command: Command) -> None: ...


class Control:
    """A queue of commands that costs the training loop one attribute while it is empty.

    waiting: whether a command is there. stopping: whether one of them, obeyed or not, was a stop.
    """

    def __init__(self) -> None:
        self.waiting = False
        self.stopping = False
        self._asked_at = 0.0
        self._commands: deque[Command] = deque()
        self._changed = threading.Condition()

    def give(self, command: Command) -> None:
        """Ask for something, from any thread; never blocks for long."""
        with self._changed:
            self._commands.append(command)
            self.waiting = True
            if command.kind == "stop" and not self.stopping:
                self.stopping, self._asked_at = True, time.monotonic()
            self._changed.notify()

    def take(self, *, block: bool) -> Command | None:
        """The next command; None when there is none and it should not wait for one."""
        with self._changed:
            while block and not self._commands:
                self._changed.wait()
            command = self._commands.popleft() if self._commands else None
            self.waiting = bool(self._commands)
            return command

    def moved(self, other: Taker) -> Taker:
        """The other one, which is given what was asked for until now."""
        while (command := self.take(block=False)) is not None:
            other.give(command)
        return other

    def check(self) -> None:
        """Leave what is going on if it should not go on. Raises: Stopped."""
        if self.stopping:
            raise Stopped

    def check_within(self) -> None:
        """The same in the middle of a step, which is given a moment to come to its end. Raises: Stopped."""
        if self.stopping and time.monotonic() - self._asked_at > GRACE_SECONDS:
            raise Stopped
