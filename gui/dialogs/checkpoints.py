"""The moments of a run that one can go back to: looked at, named, gone back to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from engine.errors import EngineError
from engine.training.kept import Kept, annotate, kept_of
from engine.training.store import Store
from gui.dialogs.base import Dialog
from gui.figures import size, when
from gui.plots.axis import reading
from gui.session import Session
from gui.theme import metrics
from gui.widgets import label

NUMBERS = (2, 3, 5)
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
KEPT = Qt.ItemDataRole.UserRole
KINDS = {"last": "Newest", "best": "Best epoch", "hand": "Saved by hand", "epoch": "Every few epochs"}
WORDS = (
    "Going back begins a run of its own at that moment, every bit as it was. What was trained after it stays: as a run "
    "in the table of runs, and as a curve under the new one."
)
ROWS = 8


class CheckpointsDialog(Dialog):
    """go_back(kept): the person chose one. Those of the runs that this one went on from are listed, too."""

    def __init__(
        self, session: Session, store: Store, run: str, go_back: Callable[[Kept], object], parent: QWidget
    ) -> None:
        super().__init__("Checkpoints", WORDS, parent)
        self.setFixedWidth(metrics().popup.dialog_w * 3 // 2)
        self._go_back, self._session, self._store, self._run = go_back, session, store, run
        self.tree = QTreeWidget(self)
        self.tree.setHeaderLabels(["Name", "Epoch", "Step", "Loss", "Saved", "Size"])
        for column in NUMBERS:
            self.tree.headerItem().setTextAlignment(column, RIGHT)
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        self.tree.setMinimumHeight(ROWS * metrics().control.row)
        self.tree.setAccessibleName("Checkpoints")
        self.tree.setEditTriggers(QTreeWidget.EditTrigger.NoEditTriggers)
        header = self.tree.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setStretchLastSection(False)
        self.said = label("Looking for checkpoints", "small", "secondary")
        self.said.setWordWrap(True)
        self.body.addWidget(self.tree)
        self.body.addWidget(self.said)
        self.add_action("Close", self.reject)
        self.rename = self.add_action("Name it", self.edit_name)
        self.back = self.add_action("Go back to it", self.go_back, "primary")
        self.back.setDefault(True)
        self.tree.currentItemChanged.connect(self._judge)
        self.tree.itemChanged.connect(self._keep_name)
        self.tree.itemActivated.connect(lambda _: self.go_back())
        self._judge()
        self.read()

    def read(self) -> None:
        """Look for them again, away from this thread."""
        lane = "checkpoints"
        work = partial(kept_of, self._store, self._run)
        self._session.background.submit(lane, work, self._show, self._fail)

    def chosen(self) -> Kept | None:
        """The one that is selected."""
        item = self.tree.currentItem()
        return item.data(0, KEPT) if item is not None else None

    def go_back(self) -> None:
        """Begin anew from the one that is selected."""
        kept = self.chosen()
        if kept is not None and kept.goes_on:
            self.accept()
            self._go_back(kept)

    def edit_name(self) -> None:
        """Let its name be written."""
        if (item := self.tree.currentItem()) is not None:
            self.tree.editItem(item, 0)

    def _show(self, found: tuple[Kept, ...]) -> None:
        self.tree.blockSignals(True)
        self.tree.clear()
        now = datetime.now().astimezone()
        for kept in reversed(found):
            QTreeWidgetItem(self.tree)
            self._fill(self.tree.topLevelItem(self.tree.topLevelItemCount() - 1), kept, now)
        self.tree.blockSignals(False)
        first = self.tree.topLevelItem(0)
        self.said.setText("" if first else "The run has none yet: it writes the first one after an epoch.")
        if first is not None:
            self.tree.setCurrentItem(first)
            self.tree.setFocus()
        self._judge()

    def _fill(self, item: QTreeWidgetItem | None, kept: Kept, now: datetime) -> None:
        assert item is not None
        loss = kept.figures.get("val_loss", kept.figures.get("loss"))
        saved = when(datetime.fromisoformat(kept.created).astimezone(), now) if kept.created else ""
        epoch = f"{kept.epoch} + {kept.done} steps" if kept.done else str(kept.epoch)
        texts = (name_of(kept), epoch, f"{kept.step:,}", "" if loss is None else reading(loss), saved, size(kept.bytes))
        for column, text in enumerate(texts):
            item.setText(column, text)
            if column in NUMBERS:
                item.setTextAlignment(column, RIGHT)
        item.setData(0, KEPT, kept)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)

    def _keep_name(self, item: QTreeWidgetItem, column: int) -> None:
        kept: Kept = item.data(0, KEPT)
        name = item.text(0).strip()
        if column or name in (kept.name, name_of(kept)):
            return
        self.tree.blockSignals(True)
        try:
            named = annotate(kept, name, kept.note)
            item.setData(0, KEPT, named)
            item.setText(0, name_of(named))
            self.said.setText(f"It is called {name} now." if name else "It has no name any more.")
        except EngineError as error:
            item.setText(0, name_of(kept))
            self.said.setText(str(error))
        finally:
            self.tree.blockSignals(False)

    def _judge(self) -> None:
        kept = self.chosen()
        self.back.setEnabled(kept is not None and kept.goes_on)
        self.rename.setEnabled(kept is not None)
        if kept is not None:
            is_best = "" if kept.goes_on else "The best epoch is kept as weights alone: nothing goes on from it."
            self.said.setText(is_best or kept.note)

    def _fail(self, error: Exception) -> None:
        self.said.setText(f"The checkpoints cannot be read: {error}")


def name_of(kept: Kept) -> str:
    """What it was called, else what it is."""
    return kept.name or KINDS.get(kept.kind, kept.kind)
