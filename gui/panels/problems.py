"""The Problems panel: everything that is wrong, where, why, and the ways out that were tried."""

from __future__ import annotations

from collections.abc import Hashable
from itertools import takewhile

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from engine.document.project import Project
from engine.errors import Problem
from engine.graph.graph import BlockId, NodeId
from engine.layers.block import BlockLayer
from engine.training.case import Finding
from gui.glyphs import Status, bind_icon
from gui.panels.findings import Findings
from gui.session import Session
from gui.style import restyle
from gui.theme import metrics
from gui.widgets import ElidedLabel, EmptyState, FlowLayout, GivingButton, StatusMark, hairline, label, unbroken

STATUS: dict[str, Status] = {"error": "danger", "warning": "warn", "info": "info"}
MOST_SPARE = 8  # rows that are kept for the problems of the next edit
RANK = {"error": 0, "warning": 1, "info": 2}


class ProblemsPanel(QWidget):
    """One row a problem. count_changed(int): so many errors and warnings. recipe_wanted(): it is mended there."""

    count_changed = Signal(int)
    recipe_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Problems")
        self._session = session
        self._shown: tuple[Problem, ...] | None = None
        self.rows: list[ProblemRow] = []
        self._spare: list[ProblemRow] = []
        self.none = EmptyState("check-circle", "No problems. Every shape is known.")
        inside = QWidget()
        self._list = QVBoxLayout(inside)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(0)
        self._list.setAlignment(Qt.AlignmentFlag.AlignTop)
        scroll = QScrollArea()
        scroll.setAccessibleName("Problems")
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.none)
        self.stack.addWidget(scroll)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.stack)
        self.findings = Findings(session, self)
        self.findings.changed.connect(self.show_problems)
        session.analysed.connect(self.show_problems)
        session.completed.connect(self._follow_part)
        session.selection_changed.connect(self.show_selection)
        self.show_problems()

    def _follow_part(self, part: str) -> None:
        if part == "repairs":
            self.show_problems()

    def show_problems(self) -> None:
        """Show what the newest analysis found, errors first, then what the run shows."""
        analysis = self._session.analysis
        found: tuple[Problem, ...] = (
            tuple(sorted(analysis.problems, key=lambda p: RANK[p.severity])) if analysis else ()
        )
        found += self.findings.found
        if found == self._shown:
            return
        self._shown = found
        self._list_rows(found)
        self.stack.setCurrentIndex(1 if found else 0)
        is_empty = not self._session.project.block().graph.nodes  # nothing was built yet, which is no trouble
        self.count_changed.emit(0 if is_empty else sum(p.severity != "info" for p in found))
        self.show_selection()

    def _list_rows(self, found: tuple[Problem, ...]) -> None:
        """A row for each of these. Those that are there speak of them as far as they can: a new one is slow to lay out.

        Rows are made in the order in which they stand, which is that in which Tab leads through them.
        """
        there = [*self.rows, *self._spare]
        kept = [row for row, _ in takewhile(lambda pair: pair[0].form == form_of(pair[1]), zip(there, found))]
        left = there[len(kept) :]
        self._spare = left[:MOST_SPARE] if len(kept) == len(found) else []
        for row in left:
            row.hide()
        for row in left[len(self._spare) :]:
            self._list.removeWidget(row)
            row.deleteLater()
        for row, problem in zip(kept, found):
            row.tell(problem)
            row.show()
        self.rows = kept + [self._new_row(problem) for problem in found[len(kept) :]]

    def _new_row(self, problem: Problem) -> ProblemRow:
        row = ProblemRow(problem, self._session)
        row.recipe_wanted.connect(self.recipe_wanted)
        self._list.addWidget(row)
        return row

    def show_selection(self) -> None:
        """Light up the rows of the selected nodes."""
        block = self._session.block_id
        chosen = {(block, node) for node in self._session.selection}
        for row in self.rows:
            row.set_current((row.problem.block, row.problem.node) in chosen)


class ProblemRow(QWidget):
    """Mark, name and kind; the message and its reason; the repairs as buttons. A click goes to the node.

    recipe_wanted(): it was clicked and belongs to no node: what is learned from what is for the recipe to say.
    """

    recipe_wanted = Signal()

    def __init__(self, problem: Problem, session: Session) -> None:
        super().__init__()
        self.problem, self.form = problem, form_of(problem)
        self._session = session
        self._place, self._kind = ElidedLabel("", "body_strong"), ElidedLabel("", "body", "muted")
        self._said: list[QLabel] = []
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("row", "plain")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setProperty("focusRing", "inside")
        space = metrics().space
        line = QHBoxLayout()
        line.setContentsMargins(space.l, space.s + space.xs // 2, space.l, space.s + space.xs // 2)
        line.setSpacing(space.m)
        line.addWidget(StatusMark(STATUS[problem.severity]), 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self._name(), 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(self._words(), 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(line)
        box.addWidget(hairline())
        self.tell(problem)

    def tell(self, problem: Problem) -> None:
        """Speak of this problem, which has the same form."""
        self.problem = problem
        self.setAccessibleName(f"{problem.path}: {problem.message}" if problem.path else problem.message)
        for said, text in zip((self._place, self._kind), self._names(), strict=True):
            if said.whole_text() != text:
                said.set_text(text)
        for words, text in zip(self._said, filter(None, (problem.message, problem.hint)), strict=True):
            words.setText(unbroken(text))
        self._said[0].setToolTip(problem.detail)

    def set_current(self, is_current: bool) -> None:
        """Whether its node is selected."""
        state = "current" if is_current else "plain"
        if self.property("row") != state:
            self.setProperty("row", state)
            restyle(self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.go()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.go()
        else:
            super().keyPressEvent(event)

    def go(self) -> None:
        """Show the node in its block, selected; without a node, the block that lacks something, or the recipe."""
        problem, session = self.problem, self._session
        if problem.node or _is_of_a_block(session, problem):
            session.reveal(problem.block, problem.node)
        else:
            self.recipe_wanted.emit()

    def _name(self) -> QWidget:
        cell = QWidget()
        cell.setFixedWidth(metrics().widget.problem_column - metrics().space.xl)
        line = QHBoxLayout(cell)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(metrics().space.s)
        line.addWidget(self._place, 0)
        line.addWidget(self._kind, 1)
        return cell

    def _names(self) -> tuple[str, str]:
        """Where the problem is, and of what kind that is."""
        problem = self.problem
        if isinstance(problem, Finding):
            return problem.path or problem.rule.capitalize(), problem.rule if problem.path else ""
        kind = ""
        if problem.node and problem.severity != "info":
            assert self._session.result is not None  # the problem is one of it
            kind = kind_of(self._session.result.project, problem.node, problem.block)
        return problem.path or self._block_name() or "Project", kind

    def _block_name(self) -> str:
        """The block that a problem without a node belongs to, unless that is the whole model."""
        project = self._session.project
        block = project.blocks.get(BlockId(self.problem.block))
        return block.name if block and block.id != project.main else ""

    def _words(self) -> QVBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(metrics().space.xs // 2)
        strong = "body" if self.problem.severity == "info" else "body_strong"
        for text, role, tone in (
            (self.problem.message, strong, "primary"),
            (self.problem.hint, "small", "secondary"),
        ):
            if text:
                said = label("", role, tone)  # type: ignore[arg-type]
                said.setWordWrap(True)
                said.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
                words.addWidget(said)
                self._said.append(said)
        if self.problem.repairs or isinstance(self.problem, Finding):
            words.addLayout(self._repairs())
        return words

    def _repairs(self) -> FlowLayout:
        line = FlowLayout(metrics().space.s)
        line.setContentsMargins(0, metrics().space.xs, 0, metrics().space.xs)
        repairs = self.problem.repairs
        for index, repair in enumerate(repairs):
            button = GivingButton(repair.title)
            button.setProperty("dense", True)
            if index == 0:
                button.setProperty("kind", "primary")
                bind_icon(button, "wrench", "on_accent")
            button.clicked.connect(lambda _=False, edit=repair.edit: self._session.apply(edit))
            line.addWidget(button)
        if isinstance(self.problem, Finding):
            note = f"seen at step {self.problem.step:,}; for the next run, one step to undo · {self.problem.source}"
            line.addWidget(self._note(note))
            return line
        after = "it" if len(repairs) == 1 else "either" if len(repairs) == 2 else "any of them"
        line.addWidget(self._note(f"tried: the problem is gone after {after}"))
        return line

    def _note(self, words: str) -> QWidget:
        note = label(words, "caption", "muted")
        note.setMinimumHeight(metrics().control.height_small)
        return note


def form_of(problem: Problem) -> Hashable:
    """Which problems a row can speak of without being made anew."""
    if problem.repairs or isinstance(problem, Finding):
        return id(problem)
    return problem.severity, bool(problem.hint)


def _is_of_a_block(session: Session, problem: Problem) -> bool:
    """Whether it is the wiring of a whole block that is wrong, not what the recipe asks of it."""
    shapes = session.analysis.instances.get(BlockId(problem.block), ()) if session.analysis else ()
    return any(problem.message == own.message for block in shapes for own in block.problems)


def kind_of(project: Project, node: str, block: str) -> str:
    """What people call the layer's kind: the block's own name for an instance of one."""
    layer = project.node(NodeId(node), BlockId(block)).layer
    inner = project.blocks.get(BlockId(layer.block)) if isinstance(layer, BlockLayer) else None
    return inner.name if inner else layer.kind_name()
