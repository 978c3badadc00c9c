"""The window as a program: coming, going, and nothing lost in between."""

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QPushButton, QTabBar

from engine.document.autosave import Journal, recoverable
from engine.document.edits import AddNode, SetParam
from engine.document.files import dumps, load, save
from engine.document.project import Project
from engine.document.recent import recent
from engine.layers.code import CodeLayer
from gui.crash import CrashDialog, Crashes
from gui.demo_hands import wait_until
from gui.dialogs.base import Dialog
from gui.dialogs.recover import RecoverDialog
from gui.dialogs.trust import TrustDialog
from gui.theme import metrics, theme
from gui.window.bottom import PROBLEMS
from gui.window.files import EXAMPLES, examples
from gui.window.welcome import TITLES
from tests.gui.window_fixture import hands, new_window, open_example, put_away  # noqa: F401

MOONS = EXAMPLES / "mlp-moons.netsmith"


@pytest.fixture
def file(tmp_path) -> Path:
    """A project in a file of one's own."""
    path = tmp_path / "mine.netsmith"
    save(load(MOONS), path)
    return path


def press(dialog, words: str) -> None:
    next(b for b in dialog.findChildren(QPushButton) if b.text() == words).click()


def edit(hands) -> None:  # noqa: F811
    hands.canvas.add_layer("ReLU")


def test_the_first_frame_waits_for_neither_torch_nor_the_plots(tmp_path):
    script = (
        "import sys; from pathlib import Path; from gui.app import Program, application\n"
        "program = Program(application(['netsmith'])); program.warm_up = lambda: None\n"
        "program.window.preferences.keep_shown('bottom', True)\n"
        "program.start(Path(sys.argv[1])); program.window.grab()\n"
        "assert program.window.desk.isVisible()\n"
        "print([name for name in ('torch', 'pyqtgraph', 'sklearn') if name in sys.modules])\n"
        "sys.stdout.flush(); import os; os._exit(0)"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", script, str(MOONS)], capture_output=True, text=True, cwd=root)
    assert done.stdout.strip() == "[]", done.stderr


def test_the_panels_under_the_canvas_are_imported_with_torch_and_not_when_they_are_first_seen():
    script = (
        "import sys; from gui.app import load_plots, load_torch; load_plots(); load_torch()\n"
        "before = set(sys.modules)\n"
        "import gui.panels.layers, gui.panels.runs, gui.panels.time, gui.dialogs.bad_inputs\n"
        "print(sorted(set(sys.modules) - before)); sys.stdout.flush(); import os; os._exit(0)"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=root)
    assert done.stdout.strip() == "[]", done.stderr


def test_a_click_on_an_example_opens_a_copy_of_it(hands):  # noqa: F811
    hands.window.show_welcome()
    card = next(c for c in hands.window.welcome.cards if c.path == MOONS)
    hands.click(card)
    assert hands.window.desk.isVisible()
    assert hands.session.project == load(MOONS)
    assert hands.session.file.path is None
    assert hands.window.windowTitle().startswith("mlp-moons.netsmith")


def test_the_title_shows_a_dot_until_the_project_is_saved(hands, file):  # noqa: F811
    hands.window.files.open_path(file)
    edit(hands)
    assert "•" in hands.window.windowTitle()
    hands.shortcut("Ctrl+S")
    wait_until(lambda: not hands.session.file.dirty, "it is saved")
    assert "•" not in hands.window.windowTitle()
    assert load(file) == hands.session.project
    assert recent()[0] == file


def test_closing_with_unsaved_changes_asks_and_editing_goes_on(hands):  # noqa: F811
    edit(hands)
    before = hands.session.project
    hands.window.close()
    dialog = hands.dialog(Dialog)
    assert dialog.focusWidget().text() == "Keep editing"
    press(dialog, "Keep editing")
    assert hands.window.isVisible()
    assert hands.session.project is before


def test_closing_with_unsaved_changes_gives_them_up_when_told_so(hands):  # noqa: F811
    edit(hands)
    hands.window.close()
    press(hands.dialog(Dialog), "Discard changes")
    assert not hands.window.isVisible()
    assert recoverable() == []


def test_saving_from_the_question_saves_and_then_does_what_was_wanted(hands, file):  # noqa: F811
    hands.window.files.open_path(file)
    edit(hands)
    wanted = hands.session.project
    hands.shortcut("Ctrl+W")
    press(hands.dialog(Dialog), "Save")
    wait_until(lambda: not hands.session.block.graph.nodes, "a new model is there")
    assert load(file) == wanted


def test_a_broken_file_is_refused_and_what_is_open_stays(hands, tmp_path):  # noqa: F811
    open_example(hands, "mlp-moons")
    before, broken = hands.session.project, tmp_path / "broken.netsmith"
    broken.write_text(dumps(before)[:-40], encoding="utf-8")
    hands.window.files.open_path(broken)
    assert hands.session.project is before
    assert "broken.netsmith" in hands.window.toasts.shown()[-1].accessibleName()


def test_a_file_that_is_dropped_on_the_window_opens(hands, file):  # noqa: F811
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(9, 9), copy, data, left, none)
    hands.window.dragEnterEvent(enter)
    assert enter.isAccepted()
    hands.window.dropEvent(QDropEvent(QPointF(9, 9), copy, data, left, none))
    assert hands.session.file.path == file


def test_work_that_a_crash_left_is_offered_and_recovered_unsaved(hands, file):  # noqa: F811
    project = load(file)
    lost = SetParam(next(n.id for n in project.block().graph.nodes.values() if n.layer.key == "Linear"), "bias", False)(
        project
    )
    journal = Journal()
    journal.write(lost, file)
    journal.close()
    hands.window.offer_recovery()
    press(hands.dialog(RecoverDialog), "Recover")
    assert hands.session.project == lost
    assert hands.session.file.path == file
    assert hands.session.file.dirty
    assert load(file) == project


def test_an_error_in_the_program_is_shown_and_one_can_go_on(hands):  # noqa: F811
    crashes = Crashes(lambda: [hands.session], hands.window)
    edit(hands)
    crashes._hear(ZeroDivisionError, ZeroDivisionError("by nothing"), None)
    dialog = hands.dialog(CrashDialog)
    assert "ZeroDivisionError: by nothing" in dialog.detail.toPlainText()
    press(dialog, "Go on")
    hands.shortcut("Ctrl+Z")
    assert not hands.session.block.graph.nodes


def test_docks_stand_as_they_were_left(hands, qtbot):  # noqa: F811
    hands.shortcut("Ctrl+2")
    hands.shortcut("Ctrl+1")
    hands.window.desk.middle.setSizes([500, 332])
    sizes = hands.window.desk.middle.sizes()
    put_away(hands.window)
    again = new_window(qtbot)
    again.show_desk()
    wait_until(lambda: again.desk.middle.sizes() == sizes, "the docks have their sizes", 10)
    assert not again.desk.is_shown("right")
    assert again.desk.is_shown("palette")
    put_away(again)
    again.deleteLater()


def test_the_theme_changes_at_once_and_is_remembered(hands):  # noqa: F811
    for scheme in ("light", "dark"):
        hands.window.actions_.trigger(f"view.theme.{scheme}")
        assert theme().scheme == scheme
        assert hands.window.actions_[f"view.theme.{scheme}"].isChecked()
        assert hands.window.preferences.scheme == scheme


def test_f6_goes_round_and_shift_f6_back(hands):  # noqa: F811
    hands.canvas.surface.setFocus()
    hands.key("F6")
    first = QApplication.focusWidget()
    assert first is not hands.canvas.surface
    hands.key("Shift+F6")
    assert QApplication.focusWidget() is hands.canvas.surface


def test_training_a_network_with_problems_shows_them_and_starts_no_run(hands):  # noqa: F811
    open_example(hands)
    hands.session.apply(SetParam(hands.node("proj"), "stride", 1))
    hands.settle()
    hands.shortcut("F5")
    assert hands.session.runner.run is None
    assert hands.window.desk.bottom.tabs.currentIndex() == PROBLEMS
    assert hands.window.desk.bottom.problems.isVisible()


def test_a_project_with_code_stays_inert_until_it_is_trusted(hands, tmp_path):  # noqa: F811
    project, path = (
        AddNode(CodeLayer(source="def twice(x):\n    return 2 * x\n"))(Project()),
        tmp_path / "code.netsmith",
    )
    save(project, path)
    hands.window.files.open_path(path)
    assert not hands.session.trusted
    press(hands.dialog(TrustDialog), "Trust this code")
    assert hands.session.trusted


def test_code_that_was_left_inert_can_be_trusted_later_without_training(hands, tmp_path):  # noqa: F811
    path = tmp_path / "code.netsmith"
    save(AddNode(CodeLayer(source="def twice(x):\n    return 2 * x\n"), "twice")(Project()), path)
    hands.window.files.open_path(path)
    press(hands.dialog(TrustDialog), "Leave it inert")
    hands.session.select([hands.node("twice")])
    hands.window.open_menu(hands.canvas, hands.canvas.mapToGlobal(hands.canvas.node_point(hands.node("twice"))))
    menu = hands.window.context_menu.menu
    (offered,) = (action for action in menu.actions() if action.text() == "Trust the code of this project…")
    menu.close()
    offered.trigger()
    press(hands.dialog(TrustDialog), "Trust this code")
    assert hands.session.trusted
    assert not hands.session.runner.active
    hands.window.actions_.refresh()
    assert not hands.window.actions_["train.trust"].isEnabled()


def test_code_is_shown_in_the_order_in_which_it_runs_before_it_is_trusted(hands, tmp_path):  # noqa: F811
    path = tmp_path / "code.netsmith"
    save(AddNode(CodeLayer(source="def twice(x):\n    return 2 * x  # \u202e)x(steal\n"))(Project()), path)
    hands.window.files.open_path(path)
    shown = hands.dialog(TrustDialog).code
    assert "# \\u202e)x(steal" in shown.toPlainText()
    press(hands.dialog(TrustDialog), "Leave it inert")


def test_code_that_one_writes_oneself_is_trusted(hands):  # noqa: F811
    new = hands.canvas.add_layer("Code")
    hands.session.apply(SetParam(new, "source", "def thrice(x):\n    return 3 * x\n"))
    assert hands.session.trusted


def test_a_click_on_the_problem_count_opens_the_problems(hands):  # noqa: F811
    hands.window.desk.show_part("bottom", False)
    hands.click(hands.window.status.problems)
    assert hands.window.desk.is_shown("bottom")
    assert hands.window.desk.bottom.tabs.currentIndex() == PROBLEMS


def test_the_palette_opens_beside_the_rail_and_closes_again(hands):  # noqa: F811
    tile = hands.window.desk.rail.tiles["linear"]
    hands.click(tile)
    assert hands.window.desk.palette_dock.isVisible()
    hands.click(tile)
    assert not hands.window.desk.palette_dock.isVisible()


def test_putting_the_palette_away_gives_the_keys_back_to_the_canvas(hands):  # noqa: F811
    hands.window.desk.show_category("linear")
    hands.window.desk.palette_dock.search.setFocus()
    hands.window.desk.show_part("palette", False)
    assert hands.canvas.isAncestorOf(QApplication.focusWidget())


def test_what_is_said_of_a_step_leaves_the_overview_free(hands):  # noqa: F811
    open_example(hands)
    canvases, canvas = hands.window.desk.canvases, hands.canvas
    place = hands.window.toasts.say("Deleted 3 layers", "Undo").geometry()
    assert canvases.rect().contains(place)
    for other in (canvas.minimap, canvas.zoom_bar):
        assert not place.intersects(QRect(other.mapTo(canvases, QPoint()), other.size()))


def test_every_example_says_on_its_card_what_it_is_about(hands):  # noqa: F811
    assert [path.stem for path in examples() if not all(TITLES.get(path.stem, ("",)))] == []


def test_the_right_button_offers_what_can_be_done_to_a_layer(hands):  # noqa: F811
    open_example(hands)
    surface, at = hands.canvas.surface, hands.canvas.node_point(hands.node("stage"))
    QApplication.sendEvent(
        surface.viewport(),
        QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, surface.viewport().mapToGlobal(at)),
    )
    menu = hands.window.context_menu.menu
    offered = [action.objectName() for action in menu.actions() if not action.isSeparator()]
    assert hands.session.selection == (hands.node("stage"),)
    assert {"edit.rename", "edit.delete", "block.enter", "block.ungroup", "block.repeat"} <= set(offered)
    assert all(hands.window.actions_[name].isEnabled() for name in offered)
    menu.close()


def test_an_example_is_opened_as_a_copy_wherever_it_is_opened_from(hands):  # noqa: F811
    hands.window.files.open_path(MOONS)
    assert hands.session.file.path is None
    assert hands.session.file.name == "mlp-moons.netsmith"


def test_the_welcome_page_leads_back_to_what_is_open(hands):  # noqa: F811
    hands.window.show_welcome()
    assert not hands.window.welcome.back.isVisible()
    hands.window.show_desk()
    edit(hands)
    before = hands.session.project
    hands.window.show_welcome()
    hands.click(hands.window.welcome.back)
    assert hands.window.desk.isVisible()
    assert hands.session.project is before


def test_the_tab_of_the_problems_has_room_for_its_name_and_any_number(hands):  # noqa: F811
    bottom = hands.window.desk.bottom
    bottom.show_count(3)
    few = bottom.tabs.tabRect(PROBLEMS).width()
    bottom.show_count(128)
    badge = bottom.tabs.tabButton(PROBLEMS, QTabBar.ButtonPosition.RightSide)
    assert not badge.isHidden()
    assert bottom.tabs.tabRect(PROBLEMS).width() - few == badge.width() - badge.height() - metrics().space.s
