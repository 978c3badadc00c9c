"""Several projects in one window: opened, told apart, moved, closed and never lost."""

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QTabBar
from shiboken6 import isValid

from engine.document.autosave import Journal, recoverable
from engine.document.block_edits import SetRecipe
from engine.document.edits import AddNode
from engine.document.files import load, save
from engine.layers import Layer
from gui.app import Program
from gui.demo_hands import Hands, wait_until
from gui.dialogs.base import Dialog
from gui.dialogs.recover import RecoverDialog
from gui.preferences import Preferences
from gui.window.files import EXAMPLES
from tests.gui.window_fixture import end, files, hands, program, put_away  # noqa: F401

L = Layer.registry
LEFT = Qt.MouseButton.LeftButton


def press(dialog: Dialog, words: str) -> None:
    next(b for b in dialog.findChildren(QPushButton) if b.text() == words).click()


def names(hands: Hands) -> list[str]:  # noqa: F811
    """What the tabs say."""
    return [face.name for face in hands.window.tabs.faces]


def front(hands: Hands) -> str:  # noqa: F811
    return hands.session.file.name.removesuffix(".netsmith")


def open_all(hands: Hands, files: list[Path]) -> None:  # noqa: F811
    for path in files:
        hands.window.files.open_path(path)


def middle(bar: QTabBar, index: int) -> QPoint:
    return bar.tabRect(index).center()


def test_one_project_has_no_tabs_and_a_second_one_brings_them(hands, files):  # noqa: F811
    hands.window.files.open_path(files[0])
    assert not hands.window.tabs.isVisible()
    assert names(hands) == ["moons"]
    hands.window.files.open_path(files[1])
    assert hands.window.tabs.isVisible()
    assert (names(hands), front(hands)) == (["moons", "wine"], "wine")


def test_a_file_that_is_open_is_brought_to_the_front(hands, files):  # noqa: F811
    open_all(hands, files)
    first = hands.window.projects.workplaces()[0]
    hands.window.files.open_path(files[0])
    assert hands.window.projects.front is first
    assert len(names(hands)) == 3


def test_an_empty_model_that_nobody_touched_gives_way_and_one_that_was_stays(hands, files):  # noqa: F811
    hands.shortcut("Ctrl+T")
    assert len(names(hands)) == 1
    hands.session.apply(AddNode(L["ReLU"]()))
    hands.window.files.open_path(files[0])
    assert names(hands) == ["untitled", "moons"]


def test_every_tab_has_its_own_undo_selection_and_run(hands, files):  # noqa: F811
    open_all(hands, files[:2])
    wine = hands.session
    wine.apply(AddNode(L["ReLU"](), "extra"))
    hands.key("Ctrl+Tab")
    moons = hands.session
    before = moons.project
    hands.canvas.select_all()
    hands.shortcut("Ctrl+Z")
    assert moons.project is before
    assert wine.selection == ()
    hands.shortcut("Ctrl+PgUp")
    assert hands.session is wine
    hands.shortcut("Ctrl+Z")
    assert not wine.file.dirty


def test_a_click_on_a_tab_brings_it_and_the_middle_button_closes_it(hands, files):  # noqa: F811
    open_all(hands, files)
    bar = hands.window.tabs
    QTest.mouseClick(bar, LEFT, pos=middle(bar, 1))
    assert front(hands) == "wine"
    QTest.mouseClick(bar, Qt.MouseButton.MiddleButton, pos=middle(bar, 0))
    assert (names(hands), front(hands)) == (["wine", "digits"], "wine")
    bar.tabButton(0, QTabBar.ButtonPosition.RightSide).click()
    assert (names(hands), front(hands)) == (["digits"], "digits")
    assert not bar.isVisible()


def test_a_tab_is_dragged_to_another_place(hands, files):  # noqa: F811
    open_all(hands, files)
    bar = hands.window.tabs
    start, end = middle(bar, 0), QPoint(bar.tabRect(2).right() - 4, bar.height() // 2)
    hands.drag(bar, start, end)
    wait_until(lambda: names(hands) == ["wine", "digits", "moons"], "the tab is at its new place")
    assert front(hands) == "moons"
    hands.shortcut("Ctrl+Shift+PgUp")
    assert names(hands) == ["wine", "moons", "digits"]
    assert [w.session.file.path.stem for w in hands.window.projects.workplaces()] == names(hands)


def test_a_tab_with_changes_has_a_dot_and_asks_before_it_goes(hands, files):  # noqa: F811
    open_all(hands, files[:2])
    hands.session.apply(AddNode(L["ReLU"]()))
    bar = hands.window.tabs
    assert bar.tabText(1) == "wine •"
    assert bar.accessibleTabName(1) == "wine, not saved"
    hands.shortcut("Ctrl+W")
    press(hands.dialog(Dialog), "Keep editing")
    assert names(hands) == ["moons", "wine"]
    hands.shortcut("Ctrl+W")
    press(hands.dialog(Dialog), "Discard changes")
    assert names(hands) == ["moons"]
    assert recoverable() == []
    assert load(files[1]) == load(EXAMPLES / "wine-mlp.netsmith")


def test_the_last_project_leaves_an_empty_model_and_the_welcome_page(hands, files):  # noqa: F811
    hands.window.files.open_path(files[0])
    hands.shortcut("Ctrl+W")
    assert hands.window.welcome.isVisible()
    assert hands.session.work.is_blank
    hands.window.actions_.trigger("file.reopen")
    assert front(hands) == "moons"
    assert hands.window.desk.isVisible()


def test_closing_the_window_asks_once_for_all_and_saves_all(hands, files):  # noqa: F811
    open_all(hands, files[:2])
    for workplace in hands.window.projects.workplaces():
        workplace.session.apply(AddNode(L["ReLU"](), "extra"))
    hands.window.close()
    dialog = hands.dialog(Dialog)
    assert "2 projects" in dialog.windowTitle()
    press(dialog, "Save all")
    wait_until(lambda: not hands.window.isVisible(), "the window has gone")
    assert all("extra" in {n.name for n in load(path).block().graph.nodes.values()} for path in files[:2])


def test_two_files_of_one_name_are_told_apart_by_their_folders(hands, files, tmp_path):  # noqa: F811
    other = tmp_path / "other" / "moons.netsmith"
    other.parent.mkdir()
    save(load(files[0]), other)
    open_all(hands, [files[0], other])
    assert names(hands) == [f"moons in {tmp_path.name}", "moons in other"]


def test_a_file_is_not_saved_over_another_tab(hands, files):  # noqa: F811
    open_all(hands, files[:2])
    before = files[0].read_bytes()
    hands.window.files.write(hands.session, files[0])
    assert "open in another tab" in hands.window.toasts.shown()[-1].accessibleName()
    assert files[0].read_bytes() == before


def test_several_files_dropped_on_the_tabs_open_each_in_its_own(hands, files):  # noqa: F811
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in (*files, files[0].with_suffix(".txt"))])
    copy, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(9, 9), copy, data, LEFT, none)
    QApplication.sendEvent(hands.window.tabs, enter)
    QApplication.sendEvent(hands.window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(hands.window, QDropEvent(QPointF(9, 9), copy, data, LEFT, none))
    assert names(hands) == ["moons", "wine", "digits"]


def test_a_file_that_cannot_be_read_among_several_is_said_where_one_looks(hands, files, tmp_path):  # noqa: F811
    broken = [tmp_path / f"{name}.netsmith" for name in ("half", "none")]
    broken[0].write_text("{")
    hands.window.files.open_paths([files[0], broken[0], files[1]])
    assert (names(hands), front(hands)) == (["moons", "wine"], "wine")
    (toast,) = hands.window.toasts.shown()
    assert "half.netsmith" in toast.accessibleName()
    hands.window.files.open_paths([broken[0], files[2], broken[1]])
    assert (
        hands.window.toasts.shown()[-1].accessibleName() == "2 files could not be opened: half.netsmith, none.netsmith."
    )


def test_a_folder_that_is_dropped_opens_the_projects_in_it(hands, files, tmp_path):  # noqa: F811
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    copy, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(9, 9), copy, data, LEFT, none)
    QApplication.sendEvent(hands.window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(hands.window, QDropEvent(QPointF(9, 9), copy, data, LEFT, none))
    assert names(hands) == ["digits", "moons", "wine"]


def test_a_run_goes_on_behind_another_tab_and_its_tab_says_how_it_ended(hands, files):  # noqa: F811
    hands.window.files.open_path(files[0])
    hands.settle()
    hands.session.apply(SetRecipe("epochs", 2))
    hands.settle()
    hands.window.train()
    runner = hands.session.runner
    assert hands.window.tabs.faces[0].run == "running"
    hands.window.files.open_path(files[1])
    assert not hands.window.toolbar.busy.isVisible()
    wait_until(lambda: not runner.active, "the run has ended")
    wait_until(lambda: hands.window.tabs.faces[0].run == "ended", "its tab says so")
    assert runner.history.step > 0
    hands.key("Ctrl+Tab")
    assert hands.window.tabs.faces[0].run == ""


def test_closing_a_tab_with_a_run_asks_and_then_ends_it(hands, files):  # noqa: F811
    open_all(hands, files[:2])
    hands.settle()
    hands.session.apply(SetRecipe("epochs", 10_000))
    hands.session.document.mark_saved()
    hands.settle()
    hands.window.train()
    runner = hands.session.runner
    wait_until(lambda: runner.history.step > 0, "it trains")
    hands.shortcut("Ctrl+W")
    press(hands.dialog(Dialog), "Keep training")
    assert runner.active
    hands.shortcut("Ctrl+W")
    press(hands.dialog(Dialog), "Stop and close")
    assert names(hands) == ["moons"]
    wait_until(lambda: not hands.window.projects.leaving(), "the run has ended")


def test_a_closed_tab_is_not_dressed_once_more_before_it_goes(hands, files):  # noqa: F811
    open_all(hands, files[:2])

    class Worn(QLabel):
        dressings = 0

        def changeEvent(self, event):
            self.dressings += event.type() == QEvent.Type.StyleChange
            super().changeEvent(event)

    worn = Worn(hands.window.desk)
    worn.show()
    before = worn.dressings
    hands.shortcut("Ctrl+W")
    assert names(hands) == ["moons"]
    assert not isValid(worn) or worn.dressings == before


def test_layers_are_copied_from_tab_to_tab(hands, files):  # noqa: F811
    open_all(hands, files[:2])
    copied = sorted(n.name for n in hands.session.block.graph.nodes.values())
    hands.canvas.select_all()
    hands.shortcut("Ctrl+C")
    hands.shortcut("Ctrl+T")
    hands.shortcut("Ctrl+V")
    assert sorted(n.name for n in hands.session.block.graph.nodes.values()) == copied
    assert names(hands) == ["moons", "wine", "untitled"]


def test_the_tabs_of_the_last_session_are_opened_again_and_read_when_they_are_seen(program, files, qapp):  # noqa: F811
    open_all(Hands(program.window), files)
    assert program.preferences.tabs == files
    program.window.projects.bring(1)
    put_away(program.window)
    program.preferences.welcome = False
    again = Program(qapp)
    again._reopen()
    hands = Hands(again.window)  # noqa: F811
    assert (names(hands), front(hands)) == (["moons", "wine", "digits"], "wine")
    assert len(again.window.projects.workplaces()) == 1
    again.window.projects.step(1)
    assert hands.session.project == load(files[2])
    end(again)


def test_the_welcome_page_offers_the_tabs_of_the_last_session(hands, files):  # noqa: F811
    hands.window.welcome.offer_last(files[:2], files[0])
    hands.window.show_welcome()
    assert hands.window.welcome.last.text() == "Reopen 2 projects"
    hands.click(hands.window.welcome.last)
    assert (names(hands), front(hands)) == (["moons", "wine"], "moons")
    assert Preferences().tabs == files[:2]


def test_a_file_that_is_gone_gives_up_its_tab_and_says_why(hands, files):  # noqa: F811
    hands.window.files.reopen(files, files[0])
    files[1].unlink()
    hands.shortcut("Ctrl+Tab")
    assert (names(hands), front(hands)) == (["moons", "digits"], "moons")
    assert "wine.netsmith" in hands.window.toasts.shown()[-1].accessibleName()


def test_unsaved_work_of_every_tab_is_kept_and_recovered_in_tabs(hands, files):  # noqa: F811
    projects = [load(path) for path in files[:2]]
    lost = [AddNode(L["ReLU"](), "extra")(project) for project in projects]
    for project, path in zip(lost, files[:2], strict=True):
        journal = Journal()
        journal.write(project, path)
        journal.close()
    hands.window.offer_recovery()
    press(hands.dialog(RecoverDialog), "Recover all")
    assert sorted(names(hands)) == ["moons", "wine"]
    assert [w.session.file.dirty for w in hands.window.projects.workplaces()] == [True, True]
    assert {id(w.session.project) for w in hands.window.projects.workplaces()} != {id(p) for p in projects}


def test_an_error_in_the_program_keeps_the_work_of_every_tab(program, files):  # noqa: F811
    hands = Hands(program.window)  # noqa: F811
    open_all(hands, files[:2])
    for session in program.sessions():
        session.apply(AddNode(L["ReLU"]()))
    program.crashes.show_crash("by nothing", "")
    assert all(session.file.kept_at is not None for session in program.sessions())
    assert len(program.sessions()) == 2
    program.crashes._shown.close()


def test_a_tab_goes_to_a_window_of_its_own_with_all_that_goes_on_in_it(program, files):  # noqa: F811
    window = program.window
    open_all(Hands(window), files[:2])
    session = window.session
    session.apply(AddNode(L["ReLU"]()))
    project = session.project
    Hands(window).take()
    window.actions_.trigger("file.move_out")
    (other,) = program.others
    assert other.session is session
    assert window.session.file.path == files[0]
    hands = Hands(other)  # noqa: F811
    hands.shortcut("Ctrl+Z")
    assert session.project is not project
    assert not session.file.dirty


def test_a_tab_dragged_far_out_of_the_bar_gets_a_window_and_comes_back_when_dropped_on_one(program, files):  # noqa: F811
    window = program.window
    open_all(Hands(window), files[:2])
    session, bar = window.session, window.tabs
    away = QPoint(middle(bar, 1).x(), window.height() + 4 * bar.height())
    Hands(window).drag(bar, middle(bar, 1), away)
    wait_until(lambda: program.others, "another window is there")
    (other,) = program.others
    assert other.session is session
    Hands(other).window.files.open_path(files[2])
    other.move(window.pos() + QPoint(window.width() + 40, 0))
    home = other.tabs.mapFromGlobal(window.mapToGlobal(window.rect().center()))
    Hands(other).drag(other.tabs, middle(other.tabs, 0), home)
    wait_until(lambda: window.session is session, "the project is back")
    assert [f.name for f in window.tabs.faces] == ["moons", "wine"]


def test_the_status_bar_says_where_the_work_is_kept(hands, files):  # noqa: F811
    saved = hands.window.status.facts["saved"]
    assert saved.text() == "New"
    hands.window.files.open_path(files[0])
    assert saved.text() == "Saved"
    hands.session.apply(AddNode(L["ReLU"]()))
    assert saved.text() == "Not saved"
    hands.session.file.write_journal_now()
    assert saved.text().startswith("All changes kept ")
    hands.session.apply(AddNode(L["ReLU"]()))
    assert saved.text() == "Not saved"


def test_a_safety_copy_that_cannot_be_written_is_said_once_and_stays_in_the_status_bar(hands, tmp_path):  # noqa: F811
    file, blocked = hands.session.file, tmp_path / "no folder"
    blocked.write_text("", encoding="utf-8")
    file._journal = Journal(blocked / "journal")
    for _ in range(2):
        hands.session.apply(AddNode(L["ReLU"]()))
        file.write_journal_now()
    saved = hands.window.status.facts["saved"]
    assert saved.text() == "Not saved"
    assert "safety copy could not be written" in saved.toolTip()
    assert len(hands.window.toasts.shown()) == 1
