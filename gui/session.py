"""The only bridge between the engine and what is seen: document, analysis and selection as Qt signals and slots."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

from PySide6.QtCore import QObject, Signal

from engine.document.bringing import is_foreign
from engine.document.files import SUFFIX
from engine.document.project import Project
from engine.errors import EngineError
from engine.graph.block import Block
from engine.graph.graph import BlockId, Edge, NodeId
from engine.graph.shapes import Analysis
from engine.training.run_order import Order
from gui.analysed import Analysed
from gui.place import Place, Step
from gui.work import Work


class Session(QObject):
    """An open project as one looks at it. Views read it, call `apply`, and own no state worth saving.

    The work is the project with its file, run and analysis; the place is what is looked at in it. The sides of a split
    view share the work and have a place each, and the panels look from whichever of these is in use.

    changed(Change): the project is another one. analysed(): `analysis` and the texts are those of the project now.
    completed(part): `result` has "repairs", "script" or "costs" as well now.
    message(text, action, callback): one line for a toast. revealed(node): bring it into view.
    """

    changed = Signal(object)
    analysed = Signal()
    completed = Signal(str)
    selection_changed = Signal()
    block_changed = Signal()
    revealed = Signal(str)
    message = Signal(str, str, object)

    def __init__(self, parent: QObject | None = None, work: Work | None = None, place: Place | None = None) -> None:
        super().__init__(parent)
        self.work = work or Work(self)
        self.document, self.background, self.trust = self.work.document, self.work.background, self.work.trust
        self.habits, self.file, self.runner = self.work.habits, self.work.file, self.work.runner
        self.looking = self.work.looking
        self.place = place or Place(self.document, self)
        if self.place not in self.work.places:
            self.work.places.append(self.place)
        self.work.changed.connect(self.changed)
        self.work.analysed.connect(self.analysed)
        self.work.completed.connect(self.completed)
        if work is None:
            self.work.message.connect(self.message)
        else:
            self.message.connect(self.work.message)  # a side has no toasts of its own
        self._relay(self.place)

    @property
    def project(self) -> Project:
        return self.document.project

    @property
    def result(self) -> Analysed | None:
        """Everything that was worked out last."""
        return self.work.result

    @property
    def analysis(self) -> Analysis | None:
        """The newest analysis there is; `is_current` says whether it is that of the project now."""
        return self.work.result.analysis if self.work.result else None

    @property
    def is_current(self) -> bool:
        return self.work.is_current

    @property
    def analysing(self) -> bool:
        """Whether an analysis waits or runs."""
        return self.work.analysing

    @property
    def trusted(self) -> bool:
        """Whether the user's code in this project may run."""
        return self.work.trusted

    def apply(self, edit: Callable[[Project], Project], merge: Hashable = None) -> bool:
        """Change the project; a refusal becomes a message. Returns: whether it was changed."""
        before = self.project
        try:
            self.document.apply(edit, merge)
        except EngineError as error:
            self.message.emit(str(error), "", None)
            return False
        if not self.trusted and self.trust.allows(before) and not is_foreign(edit):
            self.trust.remember(self.project)  # code that one writes oneself; what is pasted is someone else's
        return True

    def undo(self) -> None:
        self.document.undo()

    def redo(self) -> None:
        self.document.redo()

    def why_not(self, edge: Edge) -> str | None:
        """Why a wire cannot be drawn on the block on screen, as far as shapes do not matter."""
        return self.project.why_not(edge, self.block_id)

    def trust_project(self) -> None:
        """Remember that the code in this project may run, and look at it again."""
        self.trust.remember(self.project)
        self.work.look_again()

    def train(self, resume: str | None = None, *, carry: bool = False) -> None:
        """Start a run of the project as it is now."""
        self.runner.begin(self.order(resume, carry=carry))

    def order(self, resume: str | None = None, *, carry: bool = False) -> Order:
        """A run of the project as it is now, to be begun later."""
        return self.runner.order(
            self.project,
            self.analysis if self.is_current else None,
            trusted=self.trusted,
            resume=resume,
            carry=carry,
            name=self.file.name.removesuffix(SUFFIX),
        )

    def close(self) -> None:
        """End the run and the threads."""
        self.work.close()

    # The place

    def look_from(self, place: Place) -> None:
        """Look at another place of the project from now on."""
        if place is not self.place:
            self.place.selection_changed.disconnect(self.selection_changed)
            self.place.block_changed.disconnect(self.block_changed)
            self.place.revealed.disconnect(self.revealed)
            self.place = place
            self._relay(place)
            self.block_changed.emit()
            self.selection_changed.emit()

    def beside(self) -> Session:
        """The same project, looked at from a place of its own, which is at first the same block."""
        place = Place(self.document, like=self.place)
        return Session(None, self.work, place)

    def forget(self, place: Place) -> None:
        """Nobody looks from this place any more."""
        self.work.places.remove(place)

    @property
    def path(self) -> tuple[Step, ...]:
        return self.place.path

    @property
    def selection(self) -> tuple[NodeId, ...]:
        return self.place.selection

    @property
    def block_id(self) -> BlockId:
        """The block on screen."""
        return self.place.block_id

    @property
    def block(self) -> Block:
        return self.place.block

    @property
    def way(self) -> tuple[tuple[BlockId, NodeId], ...]:
        """The layers on the way to the block on screen, each with the block it stands in, as runs name them."""
        return self.place.way

    def inside(self) -> list[Block]:
        """The blocks on the way to the one on screen, each the inside of a layer of the one before."""
        return self.place.inside()

    def select(self, nodes: Iterable[NodeId | str]) -> None:
        """Select these nodes of the block on screen, those that exist."""
        self.place.select(nodes)

    def enter(self, node: NodeId, part: int = 0) -> None:
        """Show the inside of a layer that holds blocks; `part` counts them."""
        self.place.enter(node, part)

    def leave(self, depth: int | None = None) -> None:
        """Go back to a level of the breadcrumb, 0 for the main block; one level up by default."""
        self.place.leave(depth)

    def show_block(self, block: BlockId | str) -> bool:
        """Show a block, "" for the one on screen. Returns: whether there is a way to it."""
        return self.place.show_block(block)

    def reveal(self, block: BlockId | str, node: NodeId | str) -> None:
        """Go to a node wherever it is: show its block, select it, bring it into view."""
        self.place.reveal(block, node)

    def _relay(self, place: Place) -> None:
        place.selection_changed.connect(self.selection_changed)
        place.block_changed.connect(self.block_changed)
        place.revealed.connect(self.revealed)
