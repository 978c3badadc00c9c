"""What can be preferred; every choice counts at once."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)

from engine.training.tensorboard_files import why_not
from gui.dialogs.base import Dialog
from gui.preferences import Preferences
from gui.style import indent
from gui.theme import metrics
from gui.widgets import NamedComboBox, label

SCHEMES = (("system", "As the system"), ("dark", "Dark"), ("light", "Light"))
MOTIONS = (("system", "As the system"), ("full", "Move"), ("reduced", "Jump, without moving"))
MOST_EPOCHS = 1000
MODES = (("thread", "A thread of this window"), ("process", "A process of its own"))


class PreferencesDialog(Dialog):
    """A form over `Preferences`."""

    def __init__(self, preferences: Preferences, parent: QWidget) -> None:
        super().__init__("Preferences", "", parent)
        self._preferences = preferences
        self.scheme = _choice("Theme", SCHEMES, preferences.scheme)
        self.motion = _choice("Motion", MOTIONS, preferences.motion)
        self.mode = _choice("Training runs in", MODES, preferences.mode)
        self.welcome = QCheckBox("Show the welcome page at start")
        self.welcome.setChecked(preferences.welcome)
        self.tensorboard = QCheckBox("Write TensorBoard files of every run")
        self.tensorboard.setChecked(preferences.tensorboard)
        self.tensorboard.setToolTip(why_not())
        self.keep = QSpinBox()
        self.keep.setRange(0, MOST_EPOCHS)
        indent(self.keep)
        self.keep.setSpecialValueText("The newest and the best only")
        self.keep.setPrefix("Those too of every ")
        self.keep.setSuffix(" epochs")
        self.keep.setValue(preferences.keep_every)
        self.keep.setAccessibleName("A checkpoint is kept")
        self.runs = QLineEdit(str(preferences.runs_folder))
        self.runs.setAccessibleName("Folder of the runs")
        form = QFormLayout()
        form.setHorizontalSpacing(metrics().space.xl)
        form.setVerticalSpacing(metrics().space.m)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for words, field in (
            ("Theme", self.scheme),
            ("Motion", self.motion),
            ("Training runs in", self.mode),
            ("Runs are kept in", self._runs_row()),
            ("", self.tensorboard),
            ("Checkpoints stay", self.keep),
            ("", self.welcome),
        ):
            form.addRow(label(words, "small", "secondary"), field)
        self.body.addLayout(form)
        self.body.addWidget(
            label("A process of its own trains faster beside a busy window, and starts later.", "small", "muted")
        )
        self.scheme.activated.connect(lambda: setattr(preferences, "scheme", self.scheme.currentData()))
        self.motion.activated.connect(lambda: setattr(preferences, "motion", self.motion.currentData()))
        self.mode.activated.connect(lambda: setattr(preferences, "mode", self.mode.currentData()))
        self.tensorboard.toggled.connect(lambda wanted: setattr(preferences, "tensorboard", wanted))
        self.keep.valueChanged.connect(lambda epochs: setattr(preferences, "keep_every", epochs))
        self.welcome.toggled.connect(lambda shown: setattr(preferences, "welcome", shown))
        self.runs.editingFinished.connect(self._keep_runs)
        self.leave_button()

    def browse(self) -> None:
        """Choose another folder for the runs."""
        dialog = QFileDialog(self, "Folder of the runs", self.runs.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self._choose_runs)
        dialog.open()

    def _runs_row(self) -> QWidget:
        row, browse = QWidget(), QPushButton("Browse…")
        browse.setAutoDefault(False)
        browse.clicked.connect(self.browse)
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.runs, 1)
        line.addWidget(browse)
        return row

    def _choose_runs(self, folder: str) -> None:
        self.runs.setText(folder)
        self._keep_runs()

    def _keep_runs(self) -> None:
        if self.runs.text().strip():
            self._preferences.runs_folder = Path(self.runs.text()).expanduser()


def _choice(name: str, choices: tuple[tuple[str, str], ...], now: str) -> QComboBox:
    box = NamedComboBox()
    box.setAccessibleName(name)
    for value, words in choices:
        box.addItem(words, value)
    box.setCurrentIndex([value for value, _ in choices].index(now))
    return box
