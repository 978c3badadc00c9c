"""The menu of a plot of curves: smoothing, axes, and what can be saved of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtGui import QAction, QActionGroup, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from engine.errors import EngineError
from gui.plots.export import png_of, write_numbers, write_picture
from gui.plots.options import SCALES, SMOOTHINGS, CurveOptions
from gui.plots.series import Series
from gui.style import round_popup

PICTURES = "Picture (*.png);;Drawing (*.svg)"
TABLES = "Table (*.csv)"


class CurveMenu(QMenu):
    """Filled whenever it is opened. `more` puts in what the plot's owner has to offer."""

    def __init__(
        self,
        plot: QWidget,
        curves: Callable[[], list[Series]],
        options: Callable[[], CurveOptions],
        choose: Callable[[CurveOptions], object],
        show_all: Callable[[], object],
    ) -> None:
        super().__init__(plot)
        round_popup(self)
        self.setAccessibleName("Options of the plot")
        self._plot, self._curves, self._options, self._choose, self._show_all = plot, curves, options, choose, show_all
        self.more: list[Callable[[QMenu], object]] = []
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """Put in what can be chosen now."""
        self.clear()
        now = self._options()
        self._choices("Smoothing", SMOOTHINGS, now.smoothing, "smoothing")
        self._choices("Values", SCALES, now.values, "values")
        self._choices("Steps", SCALES[1:], "linear" if now.steps == "auto" else now.steps, "steps")
        self.addAction("Show all").triggered.connect(lambda: self._show_all())
        for fill in self.more:
            fill(self)
        self.addSeparator()
        self.addAction("Copy picture").triggered.connect(lambda: self.copy())
        self.addAction("Save picture…").triggered.connect(lambda: self._ask("Save the plot", PICTURES, self.save))
        self.addAction("Save numbers…").triggered.connect(lambda: self._ask("Save the numbers", TABLES, self.save))

    def copy(self) -> None:
        """Put the picture on the clipboard."""
        QGuiApplication.clipboard().setImage(QImage.fromData(png_of(self._plot)))

    def save(self, path: Path) -> None:
        """Write the plot; the ending says what: .png, .svg or .csv. Raises: FileError."""
        if path.suffix.lower() == ".csv":
            write_numbers(self._curves(), path)
        else:
            write_picture(self._plot, path)

    def _choices(self, title: str, offered: tuple[tuple[str, Any], ...], now: Any, field: str) -> None:
        menu = round_popup(QMenu(title, self))
        group = QActionGroup(menu)
        for name, value in offered:
            action = QAction(name, menu, checkable=True, checked=value == now)
            action.triggered.connect(
                lambda _=False, value=value: self._choose(replace(self._options(), **{field: value}))
            )
            group.addAction(action)
            menu.addAction(action)
        self.addMenu(menu)

    def _ask(self, title: str, kinds: str, save: Callable[[Path], object]) -> None:
        ending = kinds.rpartition("*.")[2][:3] if ";;" not in kinds else "png"
        name = self._plot.accessibleName().lower().replace(" ", "-") or "plot"
        dialog = QFileDialog(self._plot.window(), title, str(Path.cwd() / f"{name}.{ending}"), kinds)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(ending)
        dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix(kind.rpartition("*.")[2][:3]))
        dialog.fileSelected.connect(lambda path: self._save(Path(path), save))
        dialog.open()

    def _save(self, path: Path, save: Callable[[Path], object]) -> None:
        try:
            save(path)
        except EngineError as error:
            self.failed(str(error))

    def failed(self, words: str) -> None:
        """Say what went wrong; the plot's owner may say it in its own way."""
        self._plot.setToolTip(words)
