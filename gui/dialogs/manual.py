"""The manual: the pages in `resources/help`, rendered."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QTextBrowser, QWidget

from gui.dialogs.base import Dialog
from gui.dialogs.page_text import show_page
from gui.theme import metrics

PAGES = Path(__file__).parent.parent.parent / "resources" / "help"
FIRST = (
    "first-network",
    "canvas",
    "layers",
    "shapes-and-problems",
    "tensor-operations",
    "blocks",
    "control-flow",
    "recipe",
    "training",
    "runs",
    "checkpoints",
    "reading-gradients",
    "looking-into-layers",
    "export-and-command-line",
    "user-code-and-trust",
)


class ManualDialog(Dialog):
    """A list of pages, and the page."""

    def __init__(self, page: str, parent: QWidget) -> None:
        super().__init__("Manual", "", parent)
        side = metrics().popup.dialog_w
        self.setFixedWidth(2 * side)
        self.pages = pages()
        self.list, self.text = QListWidget(self), QTextBrowser(self)
        self.list.setFixedWidth(metrics().layout.large.palette)
        self.list.setAccessibleName("Pages")
        self.text.setAccessibleName("Page")
        self.text.setMinimumHeight(side)
        self.text.setOpenLinks(False)
        self.text.anchorClicked.connect(self.follow)
        self.text.document().setDocumentMargin(metrics().space.l)
        self.list.addItems([title for title, _ in self.pages])
        line = QHBoxLayout()
        line.addWidget(self.list)
        line.addWidget(self.text, 1)
        self.body.addLayout(line)
        self.list.currentRowChanged.connect(self.show_page)
        names = [path.stem for _, path in self.pages]
        self.list.setCurrentRow(names.index(page) if page in names else 0)
        self.leave_button()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_page(self, row: int) -> None:
        """Show one page."""
        show_page(self.text.document(), self.pages[row][1].read_text(encoding="utf-8"), PAGES)
        self.text.moveCursor(QTextCursor.MoveOperation.Start)

    def follow(self, url: QUrl) -> None:
        """Another page of the manual here, the rest in the browser."""
        names = [path.name for _, path in self.pages]
        if url.fileName() in names and not url.scheme():
            self.list.setCurrentRow(names.index(url.fileName()))
        else:
            QDesktopServices.openUrl(url)


def pages() -> list[tuple[str, Path]]:
    """Title and file of every page, those to begin with first."""
    found = sorted(PAGES.glob("*.md"), key=lambda p: (FIRST.index(p.stem) if p.stem in FIRST else len(FIRST), p.stem))
    return [(title_of(path), path) for path in found]


def title_of(path: Path) -> str:
    """The first heading of a page."""
    with path.open(encoding="utf-8") as lines:
        return next((line.lstrip("# ").strip() for line in lines if line.startswith("#")), path.stem)
