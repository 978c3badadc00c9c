"""The same worker in a process of its own: it shares neither memory nor the interpreter's lock with the window."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from engine.training.control import Command, Control
from engine.training.events import Event

_GONE = (EOFError, OSError)
PATIENCE_SECONDS = 10.0


class Child:
    """A worker in a child process, which dies with this one. `give` may be called from any thread, at any time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Command] = []
        self._connection: Connection[Any, Any] | None = None
        self._process: Any = None
        self._is_training = False
        self.exit_code: int | None = None

    def give(self, command: Command) -> None:
        """Pass a command on. A stop before the first step ends the process: it has nothing to keep."""
        with self._lock:
            if self._connection is None:
                self._waiting.append(command)
            elif command.kind == "stop" and not self._is_training and self._process is not None:
                self._process.terminate()
            else:
                with suppress(*_GONE):  # it has just ended
                    self._connection.send(command)

    def events(self, job: object) -> Iterator[Event]:
        """Start the process and give its events until it ends; then `exit_code` says how."""
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=work, args=(job, theirs), name="netsmith-training", daemon=True)
        process.start()
        theirs.close()
        with self._lock:
            self._process, self._connection = process, ours
            waiting, self._waiting = self._waiting, []
        for command in waiting:
            self.give(command)
        try:
            with suppress(*_GONE):
                while True:
                    yield ours.recv()
        finally:
            self._leave(process, ours)

    def started(self) -> None:
        """From now on a stop is obeyed by the worker, which writes a last checkpoint."""
        with self._lock:
            self._is_training = True

    def _leave(self, process: Any, connection: Connection[Any, Any]) -> None:
        with self._lock:
            self._connection, self._process = connection, None
            connection.close()
        process.join(PATIENCE_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()
        self.exit_code = process.exitcode
        process.close()


def work(job: Any, connection: Connection[Any, Any]) -> None:
    """What the child process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal reaches both; the parent decides
    control, is_over = Control(), threading.Event()
    threading.Thread(target=_listen, args=(connection, control, is_over), daemon=True).start()
    from engine.training.worker import Worker

    with suppress(BrokenPipeError):
        Worker(job, control, connection.send).run()
    is_over.set()
    connection.close()


def _listen(connection: Connection[Any, Any], control: Control, is_over: threading.Event) -> None:
    try:
        while True:
            control.give(connection.recv())
    except _GONE:
        if not is_over.is_set():
            os._exit(1)  # nobody is left to train for
