"""The recipe as a form: data, what is made small, how, and for how long."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from engine.document.block_edits import SetRecipe
from engine.document.edits import Batch
from engine.errors import DataError, EngineError
from engine.recipe.base import Dataset, Features
from engine.recipe.recipe import Recipe
from engine.recipe.suggest import with_dataset
from gui.editors import Form
from gui.glyphs import bind_icon
from gui.panels.batch_fit import BatchFit
from gui.session import Session
from gui.theme import metrics
from gui.widgets import label

PARTS = {
    "Data": ("dataset", "transforms", "validation", "shuffle", "batch_size"),
    "Objective": ("losses", "metrics", "phases"),
    "Optimizer": ("optimizer", "schedule", "decay"),
    "Run": ("epochs", "seed", "device", "precision", "clip", "accumulate", "patience"),
}
OF_ONE_PHASE = ("losses", "optimizer", "schedule")
"""What every phase has of its own, so that it is not asked for where there are phases."""
COLUMNS = {
    4: (("Data",), ("Objective",), ("Optimizer",), ("Run",)),
    3: (("Data",), ("Objective", "Optimizer"), ("Run",)),
    2: (("Data", "Objective"), ("Optimizer", "Run")),
    1: (("Data", "Objective", "Optimizer", "Run"),),
}


class RecipePanel(QWidget):
    """Every option of the recipe, in columns. train_wanted(): the person pressed Train."""

    train_wanted = Signal()

    def __init__(self, session: Session, *, with_train: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Recipe")
        self._session = session
        self._asked: Any = None
        self._forms: dict[str, Form] = {}
        self._waiting: list[str] = []
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._show_next)
        self.gives = label("", "small", "secondary")
        self.gives.setWordWrap(True)
        self.train = QPushButton("Train")
        self.columns = _Columns({title: self._part(title, names) for title, names in PARTS.items()})
        scroll = QScrollArea()
        scroll.setAccessibleName("Recipe")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.columns)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(scroll)
        self.train.setVisible(with_train)
        session.changed.connect(self._follow)
        self.show_recipe()

    @property
    def forms(self) -> dict[str, Form]:
        """The rows of every part; those that were still to be made are made now."""
        while self._waiting:
            self._show_next()
        return self._forms

    def show_recipe(self) -> None:
        """Show the recipe of the project, and find out what its data gives.

        Rows that are not there yet take some twenty milliseconds a part: each part is made in a turn of its own.
        """
        recipe = self._session.project.recipe
        self._waiting = list(PARTS)
        while self._waiting and self._forms[self._waiting[0]].editors:
            self._show_next()
        if self._waiting:
            self._next.start()
        data = (recipe.dataset, recipe.transforms)
        if data != self._asked:
            self._asked = data
            lane = f"features {id(self)}"  # there may be two forms, and of a lane only the newest question is answered
            self._session.background.submit(lane, recipe.features, self._say_features, self._say_error)

    def _show_next(self) -> None:
        """Show the next part that does not show the recipe of now."""
        if not self._waiting:
            return
        title, recipe = self._waiting.pop(0), self._session.project.recipe
        shown = [recipe.params[name] for name in PARTS[title] if not (recipe.phases and name in OF_ONE_PHASE)]
        self._forms[title].show_spec(recipe, shown)
        if self._waiting:
            self._next.start()

    def _follow(self, change: Any) -> None:
        if change.recipe:
            self.show_recipe()

    def _set(self, name: str, value: Any) -> None:
        editor = next(form.editors[name] for form in self.forms.values() if name in form.editors)
        merge = (editor.gesture, name) if editor.gesture else None
        if name == "dataset":
            self._set_dataset(value, merge)
        else:
            self._session.apply(SetRecipe(name, value), merge=merge)

    def _set_dataset(self, dataset: Dataset, merge: Hashable) -> None:
        """Other data, and where they no longer suit it other losses and metrics, as one step. Data may be large to
        read, so that what suits it is found out in the background."""
        recipe = self._session.project.recipe

        def suited() -> Recipe:
            try:
                return with_dataset(recipe, dataset)
            except DataError:
                return recipe.with_(dataset=dataset)

        def take(found: Recipe) -> None:
            names = [n for n in recipe.params if getattr(found, n) != getattr(recipe, n)]
            edits = tuple(SetRecipe(n, getattr(found, n)) for n in names)
            edit = edits[0] if len(edits) == 1 else Batch(f"Train on {dataset.title}", edits)
            if edits:
                self._session.apply(edit, merge=merge)

        self._session.background.submit("dataset", suited, take, self._say_error)

    def _say_features(self, features: Features) -> None:
        inputs = ", ".join(f"{f.name} {sizes(f.shape)}" for f in features.inputs)
        targets = ", ".join(
            f"{t.name}, {t.classes} classes" if t.kind == "class" else f"{t.name} {sizes(t.shape)}"
            for t in features.targets
        )
        self._say(f"{features.samples:,} samples: {inputs} → {targets}", "secondary")

    def _say_error(self, error: Exception) -> None:
        if not isinstance(error, EngineError):
            raise error
        self._say(str(error), "danger")

    def _say(self, words: str, tone: str) -> None:
        self.gives.setText(words)
        self.gives.setProperty("tone", tone)
        self.gives.style().polish(self.gives)

    def _part(self, title: str, names: tuple[str, ...]) -> QWidget:
        part, head = QWidget(), QHBoxLayout()
        box = QVBoxLayout(part)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(metrics().space.xs)
        words = label(title, "heading")
        words.setFixedHeight(metrics().control.height)
        head.addWidget(words)
        box.addLayout(head)
        if title == "Data":
            box.addWidget(self.gives)
        if title == "Run":
            self.train.setProperty("kind", "primary")
            bind_icon(self.train, "play", "on_accent")
            self.train.clicked.connect(self.train_wanted)
            head.addStretch(1)
            head.addWidget(self.train)
        form = Form(value_width=metrics().widget.recipe_value)
        form.edited.connect(self._set)
        self._forms[title] = form
        box.addWidget(form)
        if title == "Data":
            self.fit = BatchFit(self._session)
            box.addWidget(self.fit)
        return part


class _Columns(QWidget):
    """The parts of the recipe side by side, as many as there is room for."""

    def __init__(self, parts: dict[str, QWidget]) -> None:
        super().__init__()
        self._parts = parts
        self._count = 0
        space, widget = metrics().space, metrics().widget
        line = QHBoxLayout(self)
        line.setContentsMargins(space.l, space.s, space.l, space.m)
        line.setSpacing(space.xl)
        self._columns = [QWidget() for _ in COLUMNS]
        self._boxes = [QVBoxLayout(column) for column in self._columns]
        for column, box in zip(self._columns, self._boxes, strict=True):
            column.setMinimumWidth(widget.recipe_column)
            column.setMaximumWidth(widget.recipe_column_max)
            box.setContentsMargins(0, 0, 0, 0)
            box.setSpacing(space.m)
            box.setAlignment(Qt.AlignmentFlag.AlignTop)
            line.addWidget(column, 1, Qt.AlignmentFlag.AlignTop)
        line.addStretch(0)
        self.place(len(COLUMNS))

    def place(self, count: int) -> None:
        """Lay the parts out in so many columns."""
        if count == self._count:
            return
        self._count = count
        for index, column in enumerate(self._columns):
            column.setVisible(index < count)
        for box, titles in zip(self._boxes, COLUMNS[count], strict=False):
            for title in titles:
                box.addWidget(self._parts[title])

    def minimumSizeHint(self) -> QSize:
        return QSize(metrics().widget.recipe_column, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        space, least = metrics().space, metrics().widget.recipe_column
        self.place(max(1, min(len(COLUMNS), (self.width() - 2 * space.l + space.xl) // (least + space.xl))))


def sizes(shape: tuple[int | str, ...]) -> str:
    """1 × 8 × 8; "one number" for a scalar."""
    return " × ".join(map(str, shape)) or "one number"
