"""What the user prefers and where the window stood, kept in an ini file in the user's data folder."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

from PySide6.QtCore import QByteArray, QSettings

from engine.places import config_file, runs_dir
from gui.snapping import snapping
from gui.theme import Scheme, set_reduced_motion, set_scheme

Mode = Literal["thread", "process"]
J = TypeVar("J", list[Any], dict[str, Any])
TOGETHER_S = 30.0
MOST_VIEWS = 60
MOTIONS = {"system": None, "reduced": True, "full": False}


@dataclass(frozen=True)
class Opened:
    """The files that are open in a window, from the left, the one that is seen, and where the window stands.

    stands: as Qt saves it, in base64; "" where that is not known.
    """

    paths: tuple[Path, ...]
    front: Path | None = None
    stands: str = ""


class Preferences:
    """Reads and writes at once. A value that makes no sense counts as not set."""

    def __init__(self, path: Path | None = None) -> None:
        self._settings = QSettings(str(path or config_file()), QSettings.Format.IniFormat)
        self._open: dict[object, Opened] = {}
        self._closed: list[tuple[float, object, Opened]] = []
        self.clock: Callable[[], float] = time.monotonic
        """Tells the seconds that have gone by."""

    @property
    def scheme(self) -> Scheme:
        return cast(Scheme, self._one_of("look/theme", ("system", "dark", "light")))

    @scheme.setter
    def scheme(self, scheme: Scheme) -> None:
        self._settings.setValue("look/theme", scheme)
        set_scheme(scheme)

    @property
    def motion(self) -> str:
        """ "system", "reduced" or "full"."""
        return self._one_of("look/motion", tuple(MOTIONS))

    @motion.setter
    def motion(self, motion: str) -> None:
        self._settings.setValue("look/motion", motion)
        set_reduced_motion(MOTIONS[motion])

    @property
    def mode(self) -> Mode:
        """Where training runs."""
        return cast(Mode, self._one_of("training/mode", ("thread", "process")))

    @mode.setter
    def mode(self, mode: Mode) -> None:
        self._settings.setValue("training/mode", mode)

    @property
    def runs_folder(self) -> Path:
        """Where every run is kept."""
        return Path(str(self._settings.value("training/runs", "") or runs_dir()))

    @runs_folder.setter
    def runs_folder(self, folder: Path) -> None:
        self._settings.setValue("training/runs", "" if folder == runs_dir() else str(folder))

    @property
    def keep_every(self) -> int:
        """Epochs between two checkpoints that stay, 0 for none."""
        value = str(self._settings.value("training/keep_every", "0"))
        return int(value) if value.isdecimal() else 0

    @keep_every.setter
    def keep_every(self, epochs: int) -> None:
        self._settings.setValue("training/keep_every", str(epochs))

    @property
    def welcome(self) -> bool:
        """Whether the welcome page is shown at start."""
        return self._one_of("start/welcome", ("yes", "no")) == "yes"

    @welcome.setter
    def welcome(self, welcome: bool) -> None:
        self._settings.setValue("start/welcome", "yes" if welcome else "no")

    @property
    def heat(self) -> bool:
        """Whether the canvas shows gradients while training."""
        return self._one_of("look/heat", ("yes", "no")) == "yes"

    @heat.setter
    def heat(self, heat: bool) -> None:
        self._settings.setValue("look/heat", "yes" if heat else "no")

    @property
    def heat_mode(self) -> str:
        """What the canvas shows, by the key of a mode of the X-ray."""
        return str(self._settings.value("look/heat_mode", "gradient"))

    @heat_mode.setter
    def heat_mode(self, key: str) -> None:
        self._settings.setValue("look/heat_mode", key)

    @property
    def heat_sum(self) -> str:
        """How repeats and blocks are summed up: "worst" or "mean"."""
        return self._one_of("look/heat_sum", ("worst", "mean"))

    @heat_sum.setter
    def heat_sum(self, how: str) -> None:
        self._settings.setValue("look/heat_sum", how)

    @property
    def snaps(self) -> bool:
        """Whether what is moved on the canvas snaps to the grid."""
        return self._one_of("look/snap", ("yes", "no")) == "yes"

    @snaps.setter
    def snaps(self, snaps: bool) -> None:
        self._settings.setValue("look/snap", "yes" if snaps else "no")

    @property
    def keys(self) -> dict[str, str]:
        """Keys that were chosen for commands, by the command's id; "" where one has none."""
        self._settings.beginGroup("keys")
        found = {name.replace("/", "."): str(self._settings.value(name, "")) for name in self._settings.allKeys()}
        self._settings.endGroup()
        return found

    @keys.setter
    def keys(self, keys: dict[str, str]) -> None:
        self._settings.remove("keys")
        for name, text in keys.items():
            self._settings.setValue(f"keys/{name}", text)

    @property
    def tensorboard(self) -> bool:
        """Whether every run writes files for TensorBoard, too."""
        return self._one_of("runs/tensorboard", ("no", "yes")) == "yes"

    @tensorboard.setter
    def tensorboard(self, wanted: bool) -> None:
        self._settings.setValue("runs/tensorboard", "yes" if wanted else "no")

    @property
    def run_columns(self) -> list[tuple[str, int]]:
        """The columns of the table of runs with their widths, from the left; none while they were not chosen."""
        words = str(self._settings.value("runs/columns", "") or "").split()
        pairs = [word.rpartition(":") for word in words]
        return [(key, int(width)) for key, _, width in pairs if key and width.isdecimal()]

    @run_columns.setter
    def run_columns(self, columns: list[tuple[str, int]]) -> None:
        self._settings.setValue("runs/columns", " ".join(f"{key}:{width}" for key, width in columns))

    @property
    def run_order(self) -> tuple[str, bool]:
        """The column that the runs are sorted by, and whether downwards."""
        key = str(self._settings.value("runs/sort", "") or "-created")
        return key[1:], key.startswith("-")

    @run_order.setter
    def run_order(self, order: tuple[str, bool]) -> None:
        self._settings.setValue("runs/sort", f"{'-' if order[1] else '+'}{order[0]}")

    @property
    def windows(self) -> list[Opened]:
        """What was open in each window of the last session."""
        found = self._json("window/open", list)
        try:
            return [
                Opened(tuple(map(Path, paths)), Path(front) if front else None, str(stands))
                for paths, front, stands in found
            ]
        except (TypeError, ValueError):
            return []

    @property
    def tabs(self) -> list[Path]:
        """The files that were open in the first window of the last session, from the left."""
        return list(self.windows[0].paths) if self.windows else []

    def keep_open(self, window: object, opened: Opened) -> None:
        """Remember which files are open in a window. window: whatever stands for it, and is kept."""
        self._open[window] = opened
        self._write_open()

    def forget_open(self, window: object) -> None:
        """A window is closed, and others stay."""
        if (opened := self._open.pop(window, None)) is not None:
            self._closed.append((self.clock(), window, opened))
            self._write_open()

    def keep_closed(self) -> None:
        """The last window is closed: those that were closed just before it, one soon after another, come back too.

        Who closes all windows by hand means to leave, as with the command for it.
        """
        moment, together = self.clock(), []
        for then, window, opened in reversed(self._closed):
            if moment - then > TOGETHER_S:
                break
            moment = then
            together.append((window, opened))
        if together:
            self._open = {**dict(reversed(together)), **self._open}
            self._write_open()

    def _write_open(self) -> None:
        found = [[[str(path) for path in o.paths], str(o.front or ""), o.stands] for o in self._open.values()]
        self._settings.setValue("window/open", json.dumps(found))

    def keep_view(self, path: Path, view: dict[str, Any]) -> None:
        """Remember how a file was looked at, of the files that were left last."""
        views = {p: v for p, v in self._json("window/views", dict).items() if p != str(path)}
        views[str(path)] = view
        self._settings.setValue("window/views", json.dumps(dict(list(views.items())[-MOST_VIEWS:])))

    def view_of(self, path: Path) -> dict[str, Any] | None:
        """How a file was looked at the last time it was open."""
        view = self._json("window/views", dict).get(str(path))
        return view if isinstance(view, dict) else None

    def _json(self, key: str, kind: type[J]) -> J:
        try:
            found = json.loads(str(self._settings.value(key, "") or "null"))
        except ValueError:
            found = None
        return found if isinstance(found, kind) else kind()

    def state(self, name: str) -> QByteArray | None:
        """How a part of the window stood when it was closed."""
        value = self._settings.value(f"window/{name}")
        return value if isinstance(value, QByteArray) and not value.isEmpty() else None

    def keep_state(self, name: str, state: QByteArray) -> None:
        self._settings.setValue(f"window/{name}", state)

    def is_shown(self, part: str, otherwise: bool) -> bool:
        """Whether a part of the window was shown when it was closed."""
        return self._one_of(f"shown/{part}", ("yes", "no") if otherwise else ("no", "yes")) == "yes"

    def keep_shown(self, part: str, shown: bool) -> None:
        self._settings.setValue(f"shown/{part}", "yes" if shown else "no")

    def apply(self) -> None:
        """Let the look follow what is preferred."""
        set_scheme(self.scheme)
        set_reduced_motion(MOTIONS[self.motion])
        snapping.switch(self.snaps)

    def write(self) -> None:
        """Put everything on the disk now."""
        self._settings.sync()

    def _one_of(self, key: str, allowed: tuple[str, ...]) -> str:
        value: Any = self._settings.value(key, allowed[0])
        return value if value in allowed else allowed[0]
