"""Whether the process that makes a run still lives: the system frees a lock when its holder dies, however it dies."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

if sys.platform == "win32":
    import msvcrt

    def _hold(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)

    def _try(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _hold(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)

    def _try(file: IO[bytes]) -> None:
        # Shared, so that two who ask do not take each other for the one who holds it.
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)


class Alive:
    """Says that the run in this folder is being made, until it is left or the process dies."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "alive"
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Alive:
        self._file = self._path.open("wb")
        _hold(self._file)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()
            with suppress(OSError):  # some systems keep a file that somebody is just reading
                self._path.unlink(missing_ok=True)


def is_alive(folder: Path) -> bool:
    """Whether some process, this one included, is making the run in this folder."""
    try:
        with (folder / "alive").open("rb+") as file:
            _try(file)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False
