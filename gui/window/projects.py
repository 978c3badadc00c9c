"""The projects that are open in one window, each behind a tab; only one of them is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget

from engine.document.files import load
from engine.errors import EngineError
from gui.session import Session
from gui.window.tab_bar import Face, ProjectTabs, RunSign
from gui.window.tab_names import folder_of
from gui.window.workplace import Workplace


class Entry:
    """What is behind a tab: a project on its desk, or a file that nobody has looked at yet."""

    def __init__(self, workplace: Workplace | None = None, path: Path | None = None) -> None:
        self.workplace, self._path = workplace, path
        self.was_active = False
        self.news: RunSign = ""

    @property
    def path(self) -> Path | None:
        return self.workplace.session.file.path if self.workplace else self._path

    @property
    def name(self) -> str:
        """The name of the file, without the ending that they all have."""
        file = self.workplace.session.file if self.workplace else None
        return self.path.stem if self.path else file.untitled if file else ""

    def face(self, alike: Sequence[Path] = ()) -> Face:
        """What its tab says. alike: the files of other tabs of its name; if there are some it says the folder too."""
        path = self.path
        name = f"{self.name} in {folder_of(path, alike)}" if alike and path is not None else self.name
        if self.workplace is None:
            return Face(name, where=str(path))
        file, runner = self.workplace.session.file, self.workplace.session.runner
        run: RunSign = self.news
        if runner.active:
            run = "paused" if runner.state == "paused" else "running"
        return Face(name, file.dirty, run, str(path or ""))

    def follow_run(self, in_front: bool) -> None:
        """Remember that a run ended that nobody saw."""
        if self.workplace is not None:
            runner = self.workplace.session.runner
            if self.was_active and not runner.active and not in_front:
                self.news = "failed" if runner.state == "failed" else "ended"
            self.was_active = runner.active
        if in_front:
            self.news = ""


class Projects(QObject):
    """A desk is made when its project is first seen, so that many tabs open as fast as one.

    front_changed(): another project is in front. emptied(): the last one was closed, and a blank one is there.
    listed(): other files are open than before, or in another order. count_changed(): a tab more or less.
    filled(Workplace): a project is on its desk, and nobody has looked at it yet. closing(Workplace): it goes.
    """

    front_changed = Signal()
    emptied = Signal()
    listed = Signal()
    count_changed = Signal()
    filled = Signal(object)
    closing = Signal(object)

    def __init__(
        self, make: Callable[[Session], Workplace], bar: ProjectTabs, pages: QStackedWidget, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._make, self._bar, self._pages = make, bar, pages
        self.entries: list[Entry] = []
        self.closed: list[Path] = []
        self._front: Entry | None = None
        self._leaving: list[Workplace] = []
        self._listed: list[Path] = []
        bar.currentChanged.connect(self.bring)
        bar.tabMoved.connect(self._move)

    @property
    def front(self) -> Workplace:
        """The project that is seen."""
        assert self._front is not None
        assert self._front.workplace is not None
        return self._front.workplace

    @property
    def index(self) -> int:
        """The tab of the project that is seen."""
        return self.entries.index(self._front) if self._front in self.entries else -1

    def workplaces(self) -> list[Workplace]:
        """The projects that were looked at, from the left."""
        return [entry.workplace for entry in self.entries if entry.workplace is not None]

    def leaving(self) -> list[Workplace]:
        """Projects that were closed while their run still comes to its end."""
        return list(self._leaving)

    def paths(self) -> list[Path]:
        """The files that are open, from the left."""
        return [path for entry in self.entries if (path := entry.path) is not None]

    def find(self, path: Path) -> int | None:
        """The tab in which a file is open."""
        wanted = path.resolve()
        return next((i for i, e in enumerate(self.entries) if e.path is not None and e.path.resolve() == wanted), None)

    def room(self, fill: Callable[[Session], object] = lambda _: None) -> Session:
        """Where another project can be put: in front, if nobody has begun anything there, else behind a new tab.

        fill: puts it there, which is done before a desk is made for it: that of an empty model would have to change.
        """
        if self._front is not None and self.front.session.work.is_blank:
            fill(self.front.session)
            self.filled.emit(self.front)
        else:
            session = Session()
            fill(session)
            self.add(session)
        return self.front.session

    def add(self, session: Session) -> Workplace:
        """Put a project on a desk of its own, in front."""
        return self.take_in(self._put(session))

    def _put(self, session: Session) -> Workplace:
        workplace = self._make(session)
        self.filled.emit(workplace)
        return workplace

    def take_in(self, workplace: Workplace) -> Workplace:
        """Put a desk that there is already in front, behind a tab of its own."""
        self._insert(self.index + 1, Entry(workplace))
        self.bring(self.index + 1)
        return workplace

    def give(self, index: int) -> Workplace | None:
        """Take a project out of this window with all that goes on in it; None for a file that cannot be read."""
        entry = self.entries[index]
        if self._wake(entry) is None:
            return None
        self._drop(entry)
        return entry.workplace

    def restore(self, paths: Iterable[Path], front: Path | None = None) -> None:
        """Open the files of an earlier session; only the one in front is read now."""
        new = [path for path in paths if self.find(path) is None]
        if not new:
            return
        wanted = front if front in new else new[-1]
        before = new.index(wanted)
        try:
            project = load(wanted)
            self.room(lambda session: session.file.hold(project, wanted))  # an empty model gives way to it
        except EngineError as error:
            self.room().message.emit(str(error), "", None)
        at = self.index
        for number, path in enumerate(path for path in new if path != wanted):
            self._insert(at + number + (number >= before), Entry(path=path))

    def bring(self, index: int) -> None:
        """Bring a project to the front; a file that can no longer be read gives up its tab and says why."""
        if not 0 <= index < len(self.entries) or self.entries[index] is self._front:
            return
        entry = self.entries[index]
        if self._wake(entry) is None:
            self._bar.bring(self.index)
            return
        before, self._front = self._front, entry
        if before is not None and before.workplace is not None:
            before.workplace.desk.keep_state()
            before.workplace.come_to_front(False)
        desk = self.front.desk
        if self._pages.indexOf(desk) < 0:
            self._pages.addWidget(desk)
        desk.stand_as_kept()
        self._bar.bring(index)
        self.front.come_to_front()
        self.show(self.front)
        self.front_changed.emit()

    def bring_workplace(self, workplace: Workplace) -> None:
        """Bring a project to the front."""
        self.bring(next(i for i, entry in enumerate(self.entries) if entry.workplace is workplace))

    def step(self, by: int) -> None:
        """Bring the next project to the front, or the one before."""
        if len(self.entries) > 1:
            self.bring((self.index + by) % len(self.entries))

    def move(self, by: int) -> None:
        """Move the tab in front along the bar."""
        if 0 <= self.index + by < len(self.entries):
            self._bar.moveTab(self.index, self.index + by)

    def close(self, workplace: Workplace) -> None:
        """A project goes, whatever is unsaved in it."""
        self.closing.emit(workplace)
        self._remove(next(entry for entry in self.entries if entry.workplace is workplace))

    def close_unread(self, index: int) -> bool:
        """Close a tab that nobody has looked at. Returns: whether it was one."""
        entry = self.entries[index]
        if entry.workplace is None:
            self._remove(entry)
        return entry.workplace is None

    def show(self, workplace: Workplace) -> None:
        """Say on its tab how a project stands now."""
        for entry in self.entries:
            if entry.workplace is workplace:
                entry.follow_run(entry is self._front)
        self._show_all()

    def _show_all(self) -> None:
        for index, entry in enumerate(self.entries):
            alike = [e.path for e in self.entries if e is not entry and e.name == entry.name and e.path is not None]
            self._bar.show_face(index, entry.face(alike))
        if self.paths() != self._listed:
            self._listed = self.paths()
            self.listed.emit()

    def faces(self) -> Sequence[Face]:
        """What the tabs say, from the left."""
        return self._bar.faces

    def _wake(self, entry: Entry) -> Workplace | None:
        """The desk of a tab, made now if nobody has looked at it before."""
        if entry.workplace is None and entry.path is not None:
            path = entry.path
            try:
                project = load(path)
            except EngineError as error:
                self.front.session.message.emit(str(error), "", None)
                self._remove(entry)
                return None
            session = Session()
            session.file.hold(project, path)
            entry.workplace = self._put(session)
        return entry.workplace

    def _insert(self, index: int, entry: Entry) -> None:
        self.entries.insert(index, entry)
        self._bar.put(index, entry.face())
        self._bar.bring(self.index)
        self._show_all()
        self.count_changed.emit()

    def _remove(self, entry: Entry) -> None:
        """Close a tab for good."""
        if entry.path is not None:
            self.closed.append(entry.path)
        self._drop(entry)
        workplace = entry.workplace
        if workplace is not None:
            self._pages.removeWidget(workplace.desk)
            self._leaving.append(workplace)
            workplace.put_away(lambda: self._leaving.remove(workplace))

    def _drop(self, entry: Entry) -> None:
        """Take a tab away; another one is in front then, a blank one if there was no other."""
        while entry is self._front and len(self.entries) > 1:  # a neighbour that cannot be read goes meanwhile
            index = self.entries.index(entry)
            self.bring(index + 1 if index + 1 < len(self.entries) else index - 1)
        is_last = entry is self._front
        if is_last:
            self.add(Session())
        index = self.entries.index(entry)
        self.entries.pop(index)
        self._bar.take(index)
        self._bar.bring(self.index)
        self._show_all()
        self.count_changed.emit()
        if is_last:
            self.emptied.emit()

    def _move(self, start: int, end: int) -> None:
        self.entries.insert(end, self.entries.pop(start))
        self._show_all()
