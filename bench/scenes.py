"""The states of the window that are worth a picture, each brought about as a person would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPointF, QSize, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from bench import scenes_runs
from engine.document.block_edits import SetRecipe
from engine.document.edits import MoveNodes, SetParam
from engine.document.files import load
from engine.graph.graph import NodeId
from gui.app import Program, application
from gui.canvas.picture import Shot, render
from gui.canvas.view import CanvasView
from gui.demo_hands import wait_until
from gui.dialogs.manual import ManualDialog
from gui.session import Session
from gui.theme import Scheme
from gui.window.bottom import PROBLEMS, RECIPE, TRAINING
from gui.window.files import examples

SIZES = ((1440, 900), (1280, 720))
SCHEMES: tuple[Scheme, ...] = ("dark", "light")
PAINTED_MS = 120  # plots are drawn at most twenty times a second
EPOCHS = 12
EPOCHS_SHOWN = 6
SLOWER = 3e-4
Held = Callable[[], Callable[[], None]]
HELP = ("GELU", "LSTM", "MultiheadAttention", "BatchNorm2d", "Concat", "Reshape")


class Studio:
    """One window at a time, and a folder for its pictures."""

    def __init__(self, out: Path, scale: float) -> None:
        self.out, self.scale = out, scale
        self._app = application(["netsmith"])

    def open(self, size: tuple[int, int]) -> None:
        """A new window of this size, at its welcome page."""
        self.size = size
        self.program = Program(self._app)
        self.window = self.program.window
        self.window.resize(QSize(*size))
        self.program.start()
        self.settle()

    @property
    def session(self) -> Session:
        """The project in front."""
        return self.program.session

    @property
    def canvas(self) -> CanvasView:
        """The canvas in use."""
        return self.window.desk.canvas

    def close(self) -> None:
        """Leave without a question."""
        self.program.crashes.stop()
        for session in self.program.sessions():
            session.document.mark_saved()
        self.window.close()

    def settle(self) -> None:
        """Until everything is known of what is on screen, and painted."""
        wait_until(lambda: not self.session.analysing and not self.session.background.busy, "all is known")
        self.paint()

    def paint(self) -> None:
        """Let the window live until everything is drawn."""
        loop = QEventLoop()
        QTimer.singleShot(PAINTED_MS, loop.quit)
        loop.exec()

    def take(self, name: str, widget: QWidget | None = None, hold: Held | None = None) -> None:
        """A picture in both themes. hold: begins a gesture and says how it ends, since it ends with the theme."""
        width, height = self.size
        for scheme in SCHEMES:
            self.program.preferences.scheme = scheme
            self.paint()
            let_go = hold() if hold else None
            self.paint()
            path = self.out / f"{name}-{scheme}-{width}x{height}@{self.scale:g}x.png"
            (widget or self.window).grab().save(str(path))
            if let_go:
                let_go()
        print(path.name.replace("-light", ""), flush=True)

    def example(self, tab: int | None = None) -> None:
        """Open the residual CNN, and nothing else, with a tab under it."""
        self.alone()
        self.window.files.open_example_named("digits-cnn")
        self.window.desk.show_part("bottom", tab is not None or self.size == SIZES[0])
        if tab is not None:
            self.window.desk.bottom.show_tab(tab)
        self.settle()
        self.window.actions_.trigger("view.fit")
        self.settle()

    def alone(self) -> None:
        """Close every project, saved or not."""
        projects = self.window.projects
        for index in reversed(range(len(projects.entries))):
            projects.close_unread(index)
        for workplace in projects.workplaces():
            workplace.session.document.mark_saved()
            projects.close(workplace)

    def node(self, name: str) -> NodeId:
        """A node of the block on screen."""
        return next(n.id for n in self.session.block.graph.nodes.values() if n.name == name)

    # Scenes

    def welcome(self) -> None:
        self.window.show_desk(False)
        self.settle()
        self.take("welcome")

    def empty(self) -> None:
        self.alone()
        self.window.actions_.trigger("file.new")
        self.settle()
        self.take("empty")

    def editing(self) -> None:
        """A stride was changed at one of two ways that are added."""
        self.example(PROBLEMS)
        self.session.apply(SetParam(self.node("proj"), "stride", 1))
        self.settle()
        self.session.select([self.node("join")])
        self.settle()
        self.take("editing")

    def search(self) -> None:
        self.example()
        self.session.select([self.node("proj")])
        canvas = self.window.desk.canvas
        canvas.surface.setFocus()
        QTest.keyClick(canvas.surface, Qt.Key.Key_Tab)
        QTest.keyClicks(canvas.search.list.field, "conv")
        self.settle()
        self.take("search")
        canvas.search.list.close_list()
        self.window.actions_.trigger("help.palette")
        QTest.keyClicks(self.window.commands.list.field, "gr")
        self.settle()
        self.take("commands")
        self.window.commands.list.close_list()

    def blocks(self) -> None:
        """A ready block in the palette, and its page of help."""
        self.example()
        desk = self.window.desk
        desk.show_category("block")
        self.settle()
        rows = desk.palette_dock.list
        rows.setCurrentItem(rows.findItems("Bottleneck", Qt.MatchFlag.MatchExactly)[0])
        desk.explain("library:residual-bottleneck.bottleneck")
        self.settle()
        self.take("blocks")
        desk.show_part("palette", False)

    def inside(self) -> None:
        """The block that stands three times in a row."""
        self.example()
        self.session.enter(self.node("stage"))
        self.settle()
        self.session.select([self.node("conv1")])
        self.settle()
        self.take("inside")

    def wires(self) -> None:
        """Inside a block: a short cut led through two points, one of them selected; a layer that wires go round."""
        self.example()
        self.session.enter(self.node("stage"))
        self.settle()
        canvas, lower = self.window.desk.canvas, QPointF(0, 480)
        ends = self.node("shortcut"), self.node("join")
        (wire,) = (e for e in canvas.drawing.wires if (e.source, e.target) == ends)
        start, end = (QPointF(*at) for at in canvas.drawing.ends(wire))
        canvas.commands.rerouting.add(wire, start + QPointF(260, 0) + lower)
        canvas.commands.rerouting.add(wire, end - QPointF(260, 0) + lower)
        x, y = canvas.drawing.at[self.node("conv2")]
        self.session.apply(MoveNodes({self.node("relu1"): (x, y + 160)}, self.session.block_id))
        self.window.actions_.trigger("view.fit")
        self.settle()
        self.take("wires")

    def panels(self) -> None:
        """The palette, the recipe, help and summary."""
        self.example(RECIPE)
        desk = self.window.desk
        desk.show_category("convolution")
        self.session.select([self.node("stem")])
        desk.explain_selection()
        self.settle()
        self.take("recipe")
        desk.show_part("palette", False)
        desk.show_page("Summary")
        self.settle()
        self.take("summary")
        desk.show_page("Inspector")

    def help(self) -> None:
        """The pages of some layers, one of them the selected one, with the palette's headings."""
        self.example()
        desk = self.window.desk
        desk.show_category("")
        desk.palette_dock.fold("pooling")
        self.session.select([self.node("stem")])
        desk.explain_selection()
        self.settle()
        self.take("help")
        for key in HELP:
            desk.explain(key)
            self.settle()
            self.take(f"help-{key.lower()}", desk.help)
        desk.show_part("palette", False)
        desk.show_page("Inspector")

    def training(self) -> None:
        """A real run, some epochs on, after another learning rate was set."""
        self.example(TRAINING)
        self.session.apply(SetRecipe("epochs", EPOCHS))
        self.settle()
        runner = self.session.runner
        self.window.actions_.trigger("train.start")
        wait_until(lambda: len(runner.history.evaluations) >= EPOCHS_SHOWN - 2, "most of them are trained")
        runner.set_learning_rate(SLOWER)
        self.session.select([self.node("stem")])
        wait_until(lambda: len(runner.history.evaluations) >= EPOCHS_SHOWN, "half of all epochs are trained")
        self.take("training")
        self.window.actions_.trigger("train.stop")
        wait_until(lambda: not runner.active, "the run has ended")

    def keeping(self) -> None:
        from bench.scenes_keeping import keeping

        keeping(self)

    def runs(self) -> None:
        """The table of the runs that are kept."""
        scenes_runs.runs(self)

    def manual(self) -> None:
        self.window.dialogs.manual("canvas")
        dialog = next(d for d in self.window.findChildren(ManualDialog) if d.isVisible())
        self.settle()
        self.take("manual", dialog)
        dialog.close()

    def examples(self) -> None:
        """Every example as a picture, as the command `render` draws it."""
        from engine.analysis.infer import infer

        for path in examples():
            project = load(path)
            for scheme in SCHEMES:
                file = self.out / f"example-{path.stem}-{scheme}@{self.scale:g}x.png"
                render(project, infer(project), file, Shot(colours=scheme, scale=self.scale))
            print(f"example-{path.stem}@{self.scale:g}x.png", flush=True)
