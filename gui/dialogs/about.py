"""What this program is, and what it stands on."""

from __future__ import annotations

import platform
from importlib import metadata

from PySide6.QtCore import QRectF
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QFormLayout, QWidget

from gui.dialogs.base import Dialog
from gui.glyphs import paint_logo
from gui.theme import metrics
from gui.widgets import label

PACKAGES = (
    ("torch", "torch"), ("PySide6", "PySide6-Essentials"), ("pyqtgraph", "pyqtgraph"), ("networkx", "networkx"),
    ("numpy", "numpy"), ("scikit-learn", "scikit-learn"),
)  # fmt: skip


class AboutDialog(Dialog):
    """Versions as they are installed, without importing anything."""

    def __init__(self, parent: QWidget) -> None:
        version = _version("netsmith") or "from its sources"
        super().__init__("Netsmith", "Draw a network, watch it learn, take the PyTorch code with you.", parent)
        self.body.addWidget(_Logo())
        form = QFormLayout()
        form.setHorizontalSpacing(metrics().space.xl)
        self.facts = [("Netsmith", version), ("Python", platform.python_version())]
        self.facts += [(name, _version(package) or "not installed") for name, package in PACKAGES]
        self.facts.append(("System", f"{platform.system()} {platform.release()} {platform.machine()}"))
        for name, value in self.facts:
            form.addRow(label(name, "small", "secondary"), label(value, "mono"))
        self.body.addLayout(form)
        self.body.addWidget(label("MIT licence. Icons by Phosphor, through QtAwesome.", "small", "muted"))
        self.add_action("Copy versions", self.copy)
        self.leave_button()

    def copy(self) -> None:
        """The versions as text, for a report."""
        QGuiApplication.clipboard().setText("\n".join(f"{name}: {value}" for name, value in self.facts))


class _Logo(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(2 * metrics().widget.inspector_tile)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_logo(QPainter(self), QRectF(0, 0, self.height(), self.height()))


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
