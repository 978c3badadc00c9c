"""What of a run can be changed while it goes on, in one small form over the canvas."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from engine.kinds import Float, Int
from engine.spec import Param
from engine.training.events import Event, NodePath
from engine.training.steering_log import SteeringLog
from engine.training.steering_wish import COUNTS, FROM_NEXT_EPOCH, WORDS
from engine.training.steering_words import name_of
from gui.editors import FieldEditor
from gui.glyphs import bind_icon
from gui.session import Session
from gui.theme import metrics, theme_changed
from gui.widgets import NamedComboBox, label
from gui.widgets.floating import FloatingPanel

HELP = {
    "lr": "Learning rate from the next step on. Drag across it, or use the arrow keys",
    "weight_decay": "How strongly weights are pulled towards zero, from the next step on",
    "clip": "Largest norm of all gradients together, from the next step on; 0 does not clip",
    "dropout": "Share that every layer with dropout leaves out, or the one that is chosen, from the next step on",
    "batch_size": "Samples of a batch, from the next epoch on",
    "accumulate": "Batches of a step, from the next epoch on",
    "epochs": "How often all training data is seen, more or fewer",
}
KINDS = {"dropout": Float(0.0, 1.0)} | {name: Int(1) for name in COUNTS}
SHOWN = ("lr", "weight_decay", "clip", "dropout", *COUNTS)
MOST_NAMED = 4


@dataclass
class Row:
    """One option in the form."""

    option: str
    phase: str
    editor: FieldEditor
    aside: QWidget
    layer: QComboBox | None = None
    """Of which layer, where there are several to choose from: all, or one. paths: those layers."""
    paths: list[NodePath] = field(default_factory=lambda: [()])

    @property
    def node(self) -> NodePath:
        """The layer that is chosen, () for all."""
        return self.paths[max(0, self.layer.currentIndex())] if self.layer is not None else ()


class SteerPanel(FloatingPanel):
    """A form that floats over the canvas, near the figures of the run, until it is closed.

    export_wanted(): the script as it was changed is asked for.
    """

    export_wanted = Signal()

    def __init__(self, session: Session, over: QWidget) -> None:
        super().__init__(over)
        self.setAccessibleName("Steer the run")
        self._session = session
        self.rows: dict[str, Row] = {}
        self._run: object = None
        self._opener: QWidget | None = None
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.show_values)
        self._lay_out()
        session.runner.events.connect(self._follow)
        session.runner.changed.connect(self._follow_state)
        session.changed.connect(lambda _: self._show_buttons())
        theme_changed.connect(self.update)
        self.hide()

    def _lay_out(self) -> None:
        space = metrics().space
        close = QToolButton()
        close.setAccessibleName("Close")
        close.setToolTip("Close  Esc")
        bind_icon(close, "x")
        close.clicked.connect(self.close_panel)
        head = QHBoxLayout()
        head.addWidget(label("Steer the run", "heading"))
        head.addStretch(1)
        head.addWidget(close)
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(space.m)
        self.form.setVerticalSpacing(space.xs)
        self.frozen = label("", "small", "secondary")
        self.frozen.setWordWrap(True)
        self.unfreeze = QPushButton("Unfreeze")
        self.unfreeze.setProperty("kind", "plain")
        self.unfreeze.setProperty("dense", True)
        self.unfreeze.clicked.connect(self._unfreeze_all)
        ice = QHBoxLayout()
        ice.addWidget(self.frozen, 1)
        ice.addWidget(self.unfreeze)
        self.keep = QPushButton("Keep in the recipe")
        self.keep.setToolTip("Set the project to what was changed: the next run begins with it")
        self.keep.clicked.connect(self._keep)
        self.export = QPushButton("Export script…")
        self.export.setToolTip("The script of this run, which makes the same changes at the same steps")
        self.export.clicked.connect(self.export_wanted)
        buttons = QHBoxLayout()
        buttons.setSpacing(space.s)
        buttons.addWidget(self.keep)
        buttons.addWidget(self.export)
        buttons.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(space.l, space.m, space.m, space.l)
        box.setSpacing(space.s)
        for part in (head, self.form, ice, buttons):
            box.addLayout(part)

    def open_dropout(self, node: NodePath) -> None:
        """Show it at the dropout of one layer, or of a block."""
        self.open_at(self._over)
        row = self.rows["dropout"]
        if row.layer is not None and node in row.paths:
            row.layer.setCurrentIndex(row.paths.index(node))
        row.editor.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def open_at(self, opener: QWidget | None = None) -> None:
        """Show it in the upper right corner of the canvas, the first field ready to be typed in."""
        self._opener = opener
        self._make_rows()
        self.show_values()
        self.show()
        self._place()
        self.raise_()
        first = next((row.editor for row in self.rows.values() if row.editor.isEnabled()), None)
        (first.field if first is not None else self.export).setFocus(Qt.FocusReason.OtherFocusReason)

    def close_panel(self) -> None:
        """Put it away; the keyboard is where it was."""
        self.hide()
        (self._opener or self._over).setFocus(Qt.FocusReason.OtherFocusReason)

    def show_values(self) -> None:
        """Bring every field up to date that is not being written in."""
        log = self._log
        for name, row in self.rows.items():
            if row.option == "dropout":
                self._offer_layers(row)
                value = log.dropout_of(row.node)
            else:
                value = log.values.get(name)
            self._show_row(row, name, value)
        self._show_frozen()
        self._show_buttons()

    def _offer_layers(self, row: Row) -> None:
        """All layers that leave something out, and the blocks around them, once they are known."""
        log, run = self._log, self._session.runner.run
        if row.layer is None or row.layer.count() > 1 or len(log.dropouts) < 2:
            return
        paths = dict.fromkeys(path[:depth] for path in log.dropouts for depth in range(1, len(path) + 1))
        for path in paths:
            row.paths.append(path)
            row.layer.addItem(f"of {name_of(run.project if run else None, path)}")
        row.layer.show()

    def _show_row(self, row: Row, name: str, value: float | None) -> None:
        log, editor = self._log, row.editor
        active = self._session.runner.active and log.is_known
        refused = log.refused.get(name)
        there = bool(log.dropouts) if row.option == "dropout" else value is not None
        editor.setEnabled(active and refused is None and there)
        why = " ".join(refused) if refused else "" if there else "There is no layer with dropout."
        editor.field.setToolTip(why or HELP[row.option])
        row.aside.setText(self._aside(row, name, value, why))  # type: ignore[attr-defined]
        row.aside.setToolTip(why)
        if editor.field.isModified() and editor.field.hasFocus():
            return
        if value is None:
            if row.option == "dropout" and log.dropouts:
                editor.set_mixed(max(log.dropouts_of(row.node).values()))
            else:
                editor.field.clear()
            return
        shown = int(value) if row.option in COUNTS else float(f"{value:.4g}")
        if editor.mixed or shown != editor.value or not editor.field.text():
            editor.set_value(shown)

    def _aside(self, row: Row, name: str, value: float | None, why: str) -> str:
        awaited = self._log.awaited.get(name)
        if why:
            return "not in this run"
        if awaited is not None:
            return f"{int(awaited):,} from the next epoch"
        if row.option == "clip" and not value:
            return "off"
        return "changes with the next epoch" if row.option in FROM_NEXT_EPOCH else ""

    def _show_frozen(self) -> None:
        log, run = self._log, self._session.runner.run
        names = sorted({name_of(run.project if run else None, path) for path in log.frozen})
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        words = f"Frozen: {', '.join(names[:MOST_NAMED])}{more}" if names else "Freeze layers from the canvas' menu."
        self.frozen.setText(words)
        self.unfreeze.setVisible(bool(names))
        self.unfreeze.setEnabled(self._session.runner.active)

    def _show_buttons(self) -> None:
        from engine.training.steering_recipe import edit_of

        if self.isVisible():
            self.keep.setEnabled(edit_of(self._session.project, self._log) is not None)
            self.export.setEnabled(self._session.runner.run is not None)

    def _make_rows(self) -> None:
        """A field for everything that there is in this run."""
        run = self._session.runner.run
        if run is self._run and self.rows:
            return
        self._run, self.rows = run, {}
        while self.form.rowCount():
            self.form.removeRow(0)
        phases = [phase.name for phase in run.project.recipe.parts()] if run is not None else []
        for option in SHOWN:
            by_phase = option in ("lr", "weight_decay")
            for phase in phases if by_phase and phases else [""]:
                if option != "accumulate" or run is None or run.project.recipe.accumulate > 1:
                    self._add_row(option, phase)

    def _add_row(self, option: str, phase: str) -> None:
        name = f"{phase}_{option}" if phase else option
        kind = KINDS.get(option, Float(0.0))
        default = 1 if option in COUNTS else 0.0
        editor = FieldEditor(Param(option, kind, default, default, HELP[option], literal=True), "The run")
        words = f"{WORDS[option].capitalize()} of {phase}" if phase else WORDS[option].capitalize()
        editor.field.setAccessibleName(words)
        editor.setFixedWidth(metrics().widget.recipe_value)
        aside = label("", "small", "muted")
        made = self.rows[name] = Row(option, phase, editor, aside, self._layers() if option == "dropout" else None)
        steer = self._session.runner.steer
        editor.value_edited.connect(lambda value: steer(option, value, phase, made.node))  # type: ignore[arg-type]
        line = QWidget()
        line.setFixedHeight(metrics().control.height)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(editor)
        if made.layer is not None:
            row.addWidget(made.layer)
        row.addWidget(aside, 1)
        caption = label(words, "body", "secondary")
        caption.setBuddy(editor.field)
        self.form.addRow(caption, line)

    def _layers(self) -> QComboBox:
        layers = NamedComboBox()
        layers.setAccessibleName("Dropout of which layer")
        layers.setProperty("dense", True)
        layers.addItem("of all layers")
        layers.currentIndexChanged.connect(self._show_other)
        layers.hide()
        return layers

    def _show_other(self, _: int) -> None:
        """Another layer was chosen: what stood in the field was of the one before."""
        if (row := self.rows.get("dropout")) is not None:
            row.editor.field.setModified(False)
        self.show_values()

    def _unfreeze_all(self) -> None:
        for path in {path[:1] for path in self._log.frozen}:
            self._session.runner.steer("frozen", 0.0, node=path)

    def _keep(self) -> None:
        from engine.training.steering_recipe import edit_of

        edit = edit_of(self._session.project, self._log)
        if edit is not None and self._session.apply(edit):
            self._session.message.emit("The next run begins with what was changed", "Undo", self._session.undo)

    @property
    def _log(self) -> SteeringLog:
        return self._session.runner.history.steering

    def _follow(self, events: list[Event]) -> None:
        if self.isVisible() and not self._soon.isActive():
            self._soon.start()

    def _follow_state(self) -> None:
        if self.isVisible():
            self._make_rows()
            self.show_values()

    def _place(self) -> None:
        """In the upper right corner of what it floats over, where no toast comes."""
        self.adjustSize()
        margin = metrics().space.m
        self.move(max(0, self._over.width() - self.width() - margin), margin)
