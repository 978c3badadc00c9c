"""The recipe as a form: data, what is made small, how, and for how long."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from engine.document.block_edits import SetRecipe
from engine.document.edits import Batch
from engine.errors import EngineError
from engine.recipe.base import Dataset, Features
from engine.recipe.suggest import suggest
from gui.editors import Form
from gui.glyphs import bind_icon
from gui.session import Session
from gui.theme import metrics
from gui.widgets import label

COLUMNS = (
    ("Data", ("dataset", "transforms", "validation", "shuffle", "batch_size")),
    ("Objective", ("losses", "metrics")),
    ("Optimizer", ("optimizer", "schedule")),
    ("Run", ("epochs", "seed", "device", "precision", "clip", "accumulate", "patience")),
)
COLUMN_WIDTH = 300


class RecipePanel(QWidget):
    """Every option of the recipe, in columns. train_wanted(): the person pressed Train."""

    train_wanted = Signal()

    def __init__(self, session: Session, *, with_train: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Recipe")
        self._session = session
        self._asked: Any = None
        self.forms: dict[str, Form] = {}
        self.gives = label("", "small", "secondary")
        self.gives.setWordWrap(True)
        self.train = QPushButton("Train")
        inside = QWidget()
        line = QHBoxLayout(inside)
        space = metrics().space
        line.setContentsMargins(space.l, space.m, space.l, space.m)
        line.setSpacing(space.xl)
        for title, names in COLUMNS:
            line.addWidget(self._column(title, names), 0, Qt.AlignmentFlag.AlignTop)
        line.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(scroll)
        self.train.setVisible(with_train)
        session.changed.connect(self._follow)
        self.show_recipe()

    def show_recipe(self) -> None:
        """Show the recipe of the project, and find out what its data gives."""
        recipe = self._session.project.recipe
        for title, names in COLUMNS:
            self.forms[title].show_spec(recipe, [recipe.params[name] for name in names])
        data = (recipe.dataset, recipe.transforms)
        if data != self._asked:
            self._asked = data
            self._session.background.submit("features", recipe.features, self._say_features, self._say_error)

    def _follow(self, change: Any) -> None:
        if change.recipe:
            self.show_recipe()

    def _set(self, name: str, value: Any) -> None:
        edit: Any = SetRecipe(name, value)
        if name == "dataset" and type(value) is not type(self._session.project.recipe.dataset):
            edit = self._with_suggestions(value)
        self._session.apply(edit, merge=("recipe", name))

    def _with_suggestions(self, dataset: Dataset) -> Any:
        """Another data set, and the loss and the metrics that suit it, as one step."""
        edits = [SetRecipe("dataset", dataset)]
        try:
            losses, measured = suggest(dataset.features())
        except EngineError:
            return edits[0]
        edits += [SetRecipe("losses", losses), SetRecipe("metrics", measured)]
        return Batch(f"Train on {dataset.title}", tuple(edits))

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

    def _column(self, title: str, names: tuple[str, ...]) -> QWidget:
        column = QWidget()
        column.setFixedWidth(COLUMN_WIDTH)
        box = QVBoxLayout(column)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(metrics().space.s)
        head = QHBoxLayout()
        head.addWidget(label(title, "heading"))
        box.addLayout(head)
        if title == "Data":
            box.addWidget(self.gives)
        if title == "Run":
            self.train.setProperty("kind", "primary")
            bind_icon(self.train, "play", "on_accent")
            self.train.clicked.connect(self.train_wanted)
            head.addStretch(1)
            head.addWidget(self.train)
        form = Form()
        form.edited.connect(self._set)
        self.forms[title] = form
        box.addWidget(form)
        return column


def sizes(shape: tuple[int, ...]) -> str:
    """1 × 8 × 8; "one number" for a scalar."""
    return " × ".join(map(str, shape)) or "one number"
