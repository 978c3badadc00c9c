"""Where a file is to be written: a line for its path, a button to look around, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from gui.theme import metrics
from gui.widgets import label


class PathField(QWidget):
    """The folder must be there; the file need not."""

    def __init__(self, path: Path | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QLineEdit(str(path or ""), self)
        self.line.setAccessibleName("File")
        browse = QPushButton("Browse…", self)
        browse.setAutoDefault(False)
        browse.clicked.connect(self.browse)
        self.wrong = label("", "small", "danger")
        self.wrong.setWordWrap(True)
        self.wrong.hide()
        row = QHBoxLayout()
        row.addWidget(self.line, 1)
        row.addWidget(browse)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(metrics().space.s)
        box.addWidget(label("File", "small", "secondary"))
        box.addLayout(row)
        box.addWidget(self.wrong)

    def set_path(self, path: Path) -> None:
        self.line.setText(str(path))

    def browse(self) -> None:
        """Choose the file."""
        dialog = QFileDialog(self, "Export to", self.line.text())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(self.line.setText)
        dialog.open()

    def path(self) -> Path | None:
        """The path, None if nothing can be written there, which is said."""
        path = Path(self.line.text()).expanduser()
        if self.line.text().strip() and path.parent.is_dir():
            return path
        self.wrong.setText(f"The folder {path.parent} is not there. Choose another.")
        self.wrong.show()
        return None
