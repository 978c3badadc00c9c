"""The only mutable thing: the project of now, what it was before, and who listens."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Protocol

from engine.document.diff import Change
from engine.document.project import Project
from engine.document.reroutes import settled
from engine.signal import Signal


class Edit(Protocol):
    """A frozen value that turns one project into the next. Raises: EditError saying why not."""

    @property
    def label(self) -> str:
        """What it does, as in "Undo <label>": "Add Conv2d"."""
        ...

    def __call__(self, project: Project) -> Project: ...


@dataclass(frozen=True)
class _Step:
    label: str
    before: Project
    after: Project
    merge: Hashable
    undone: tuple[_Step, ...] = ()
    """What could be done again before this step."""


class Document:
    """Holds a project; `apply` is the only way to change it. Lives in one thread.

    changed: emitted once after every apply, undo, redo and replacement, with the Change.
    """

    def __init__(self, project: Project | None = None) -> None:
        self.project = project or Project()
        self.changed: Signal[Change] = Signal()
        self._done: list[_Step] = []
        self._undone: list[_Step] = []
        self._saved = self.project
        self._mergeable = False

    def apply(self, edit: Edit | Callable[[Project], Project], merge: Hashable = None) -> Change:
        """Change the project. Successive edits with the same `merge` key become one step of undo. Where they lead
        back to where they began they leave no trace, and what could be done again before them still can.

        Raises: EditError, SpecError if the edit cannot be made; then nothing has changed.
        """
        before = self.project
        after = settled(before, edit(before))
        change = Change(before, after)
        if after is before:
            return change
        label = getattr(edit, "label", "Edit")
        last = self._done[-1] if self._done else None
        if last is not None and self._mergeable and merge is not None and last.merge == merge:
            self._mergeable = after != last.before
            if self._mergeable:
                self._done[-1] = replace(last, after=after)
            else:
                self._done.pop()
                self._undone = list(last.undone)
                after, change = last.before, Change(before, last.before)
        else:
            self._done.append(_Step(label, before, after, merge, tuple(self._undone) if merge is not None else ()))
            self._undone.clear()
            self._mergeable = True
        self._set(after)
        self.changed.emit(change)
        return change

    def undo(self) -> None:
        """Go back one step; the project is the very object it was before."""
        if self._done:
            step = self._done.pop()
            self._undone.append(step)
            self._step(step.after, step.before)

    def redo(self) -> None:
        """Go forward again."""
        if self._undone:
            step = self._undone.pop()
            self._done.append(step)
            self._step(step.before, step.after)

    def replace(self, project: Project, *, saved: bool = True) -> None:
        """Hold another project, as after opening a file: nothing to undo."""
        before = self.project
        self._done.clear()
        self._undone.clear()
        self._set(project)
        if saved:
            self._saved = project
        self.changed.emit(Change(before, project))

    def mark_saved(self, project: Project | None = None) -> None:
        """What is held now, or what was held when saving began, is on disk."""
        self._saved = project or self.project
        self._mergeable = False

    @property
    def saved(self) -> Project:
        """What is on disk, or was opened."""
        return self._saved

    @property
    def dirty(self) -> bool:
        """Whether something would be lost by closing now."""
        return self.project is not self._saved

    @property
    def undo_label(self) -> str | None:
        return self._done[-1].label if self._done else None

    @property
    def redo_label(self) -> str | None:
        return self._undone[-1].label if self._undone else None

    def history(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Labels of the steps that can be undone, oldest first, and redone, next first."""
        return tuple(s.label for s in self._done), tuple(s.label for s in reversed(self._undone))

    def go_to(self, step: int) -> None:
        """Undo or redo until so many steps are done, or all there are; whoever listens is told once."""
        before = self.project
        while len(self._done) > max(0, step):
            self._undone.append(self._done.pop())
            self._set(self._undone[-1].before)
        while len(self._done) < step and self._undone:
            self._done.append(self._undone.pop())
            self._set(self._done[-1].after)
        if self.project is not before:
            self._step(before, self.project)

    @property
    def saved_step(self) -> int | None:
        """How many steps were done when the project was as it is on disk; None if no step leads there."""
        values = [s.before for s in self._done[:1] or self._undone[-1:]] or [self.project]
        values += [s.after for s in (*self._done, *reversed(self._undone))]
        return next((i for i, value in enumerate(values) if value is self._saved), None)

    def _step(self, before: Project, after: Project) -> None:
        self._mergeable = False
        self._set(after)
        self.changed.emit(Change(before, after))

    def _set(self, project: Project) -> None:
        self.project = project
