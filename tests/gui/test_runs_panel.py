"""The tab Runs of the real window: filtered, sorted, written over, compared, made again, deleted and brought back."""

import csv

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit

from engine.document.edits import SetParam
from engine.document.files import dumps
from engine.training.store import EpochRecord, RunRecord, Store
from engine.training.store_columns import value_of
from engine.training.store_options import options_of
from gui.demo_hands import wait_until
from gui.panels.runs_columns import ColumnList
from gui.panels.runs_curves import STEP_LOSS
from gui.window.bottom import RUNS
from gui.window.run_diff import RunDiff
from gui.window.run_script import RunScript
from tests.engine.runs import moons
from tests.gui.window_fixture import hands  # noqa: F401

LEFT = Qt.MouseButton.LeftButton
WRITTEN = ("first try", ("slow", "wide"), "again")
ACCURACIES = {"a": 0.5, "b": 0.9, "c": 0.7}


def keep(store, name, project, state="finished", **facts):
    """A run of this name in the store, as if it had been made: 20 steps and two epochs of it. Returns: its id."""
    run, accuracy = f"20260101-00000{len(store.list())}-{name * 3}", ACCURACIES[name]
    figures = {"loss": 1 - accuracy, "val_accuracy": accuracy}
    record = RunRecord(
        run, f"net {name}", "2026-01-01T00:00:00+00:00", state, epochs=2, planned=2, steps=20, metrics=figures,
        options=options_of(project), extremes={k: (v, v) for k, v in figures.items()}, **facts,
    )  # fmt: skip
    folder = store.add(record)
    (folder / "project.netsmith").write_text(dumps(project), encoding="utf-8")
    (folder / "script.py").write_text(f"NAME = {name!r}\n", encoding="utf-8")
    (folder / "losses.f32").write_bytes(np.linspace(1, 1 - accuracy, 20, dtype="<f4").tobytes())
    store.write(run, {}, (EpochRecord(1, 10, figures), EpochRecord(2, 20, figures)))
    return run


@pytest.fixture
def store(hands):  # noqa: F811
    """Three runs: a and b of one network at two rates, c with a wider first layer."""
    store = Store(hands.window.preferences.runs_folder)
    plain = moons(epochs=1)
    wider = SetParam(plain.block().graph.by_name("first").id, "out_features", 32)(plain)
    keep(store, "a", plain, tags=("old",))
    keep(store, "b", moons(epochs=1, batch_size=64), notes="the best one")
    keep(store, "c", wider, state="failed")
    return store


@pytest.fixture
def panel(hands, store):  # noqa: F811
    """The tab as it is when it was clicked and the runs are there."""
    hands.window.desk.show_part("bottom")
    bottom = hands.window.desk.bottom
    hands.click(bottom.tabs, bottom.tabs.tabRect(RUNS).center())
    panel = bottom.page(RUNS)
    wait_until(lambda: len(panel.model.rows) == 3, "the runs are read")
    return panel


def names(panel):
    return [r.name for r in panel.model.rows]


def click_row(panel, name, modifiers=Qt.KeyboardModifier.NoModifier, column="name"):
    index = panel.model.index(names(panel).index(name), panel.model.columns.index(column))
    panel.table.scrollTo(index)
    QTest.mouseClick(panel.table.viewport(), LEFT, modifiers, panel.table.visualRect(index).center())


def ready(panel):
    wait_until(lambda: not panel._soon.isActive() and not panel._session.background.busy, "all is shown")


def test_without_a_run_the_tab_says_so_and_offers_to_train(hands):  # noqa: F811
    bottom = hands.window.desk.bottom
    bottom.show_tab(RUNS)
    panel = bottom.page(RUNS)
    wait_until(lambda: panel.source.read, "the empty folder was looked at")
    assert panel.stack.currentWidget() is panel.empty
    assert panel.empty.accessibleName() == "Every run is kept here. Train once to see it."
    assert not panel.curves.isVisible()


def test_the_newest_run_is_on_top_and_selected(panel):
    assert names(panel) == ["net c", "net b", "net a"]
    assert [r.name for r in panel.chosen()] == ["net c"]
    assert panel.model.columns[:4] == ("name", "state", "metrics.loss", "metrics.val_accuracy")
    assert "created" in panel.model.columns


def test_a_line_filters_while_it_is_typed(panel, hands):  # noqa: F811
    hands.click(panel.field)
    QTest.keyClicks(panel.field, "val_accuracy>0.6 -failed")
    wait_until(lambda: names(panel) == ["net b"], "only what passes is shown")
    assert panel.count.whole_text() == "1 of 3 runs"
    panel.field.setText("val_acc>0.6")
    wait_until(lambda: panel.field.property("wrong"), "the field says that it is wrong")
    assert "val_accuracy" in panel.field.toolTip()
    QTest.keyClick(panel.field, Qt.Key.Key_Escape)
    wait_until(lambda: len(names(panel)) == 3, "all are shown again")


def test_what_cannot_be_read_leaves_the_rows_as_they_were(panel):
    panel.field.setText("#old")
    wait_until(lambda: names(panel) == ["net a"], "the tag is found")
    panel.field.setText("#old lr<")
    wait_until(lambda: panel.field.property("wrong"), "the field says that it is wrong")
    assert names(panel) == ["net a"]


def test_a_click_on_a_header_sorts_and_another_turns_round(panel):
    header = panel.table.horizontalHeader()
    section = panel.model.columns.index("metrics.val_accuracy")
    at = QPoint(header.sectionViewportPosition(section) + 20, header.height() // 2)
    QTest.mouseClick(header.viewport(), LEFT, pos=at)
    assert names(panel) == ["net b", "net c", "net a"]
    QTest.mouseClick(header.viewport(), LEFT, pos=at)
    assert names(panel) == ["net a", "net c", "net b"]
    assert panel._preferences.run_order == ("metrics.val_accuracy", False)
    assert [r.name for r in panel.chosen()] == ["net c"]  # the row that was selected still is


def test_selected_runs_are_laid_over_one_another_in_their_own_colours(panel):
    click_row(panel, "net a")
    click_row(panel, "net b", Qt.KeyboardModifier.ControlModifier)
    ready(panel)
    wait_until(lambda: len(panel.curves._read) == 2, "their curves are read")
    colours = {r.name: r.number for r in panel.chosen()}
    shown = {s.name: s.colour for s in panel.curves.plot.curves()}
    assert shown == colours
    assert colours["net a"] != colours["net b"]
    assert panel.spread.whole_text().startswith("2 selected: loss 0.300 ±")
    click_row(panel, "net b")
    ready(panel)
    assert {s.name: s.colour for s in panel.curves.plot.curves()} == {"net b": colours["net b"]}


def test_a_figure_is_laid_over_instead_of_the_loss(panel):
    panel.table.selectAll()
    ready(panel)
    choice = panel.curves.choice
    assert choice.itemText(0) == STEP_LOSS
    choice.setFocus()
    QTest.keyClicks(choice, "val")
    QTest.keyClick(choice, Qt.Key.Key_Return)
    choice.activated.emit(choice.currentIndex())
    assert panel.curves.figure == "val_accuracy"
    assert {s.count for s in panel.curves.plot.curves()} == {2}


def test_names_tags_and_notes_are_written_in_their_cells(panel, store, hands):  # noqa: F811
    for field, text in (("name", "first try"), ("tags", "#slow, wide"), ("notes", "again")):
        row = next(i for i, r in enumerate(panel.model.rows) if r.id.endswith("aaa"))
        panel.table.setCurrentIndex(panel.model.index(row, panel.model.columns.index(field)))
        panel.table.setFocus()
        QTest.keyClick(panel.table, Qt.Key.Key_F2)
        editor = panel.table.findChildren(QLineEdit)[-1]
        assert editor.accessibleName() == f"{field.capitalize()} of the run"
        editor.selectAll()
        QTest.keyClicks(editor, text)
        QTest.keyClick(editor, Qt.Key.Key_Return)
        wait_until(lambda f=field, r=row: value_of(panel.model.rows[r], f) in WRITTEN, f"{field} is written")
    assert panel.isVisible()  # Return ended the writing, and opened nothing
    run = next(r for r in store.list() if r.id.endswith("aaa"))
    assert (run.name, run.tags, run.notes) == ("first try", ("slow", "wide"), "again")


def test_news_of_the_runs_waits_until_a_cell_is_written(panel, store, hands):  # noqa: F811
    click_row(panel, "net a")
    ready(panel)
    hands.window.actions_.trigger("runs.notes")
    editor = panel.table.findChildren(QLineEdit)[-1]
    QTest.keyClicks(editor, "looks")
    run = panel.chosen()[0].id
    keep(store, "b", moons(epochs=1))
    panel.look()
    wait_until(lambda: len(panel.source.records) == 4, "the news is read")
    assert (editor.text(), len(panel.model.rows)) == ("looks", 3)
    QTest.keyClicks(editor, " good")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    wait_until(lambda: store.get(run).notes == "looks good", "it is written")
    wait_until(lambda: len(panel.model.rows) == 4, "the news is shown")


def test_columns_are_ticked_and_kept(panel, hands):  # noqa: F811
    hands.click(panel.columns)
    popup = panel.findChild(ColumnList)
    QTest.keyClicks(popup.field, "batch")
    shown = [popup.list.item(i) for i in range(popup.list.count()) if not popup.list.item(i).isHidden()]
    assert [item.text() for item in shown] == ["batch_size"]
    was_on = shown[0].checkState() == Qt.CheckState.Checked
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup.list, Qt.Key.Key_Space)
    assert ("batch_size" in panel.model.columns) != was_on
    assert [key for key, _ in panel._preferences.run_columns] == list(panel.model.columns)
    popup.close()


def test_a_deleted_run_is_had_back_from_the_toast(panel, store, hands):  # noqa: F811
    click_row(panel, "net a")
    QTest.keyClick(panel.table, Qt.Key.Key_Delete)
    wait_until(lambda: len(names(panel)) == 2 and hands.window.toasts.shown(), "the row is gone, which is said")
    (toast,) = hands.window.toasts.shown()
    assert toast.words.text() == "Deleted net a"
    hands.session.apply(lambda project: project)  # an edit of the network takes nothing away from it
    hands.click(toast.button)
    wait_until(lambda: len(names(panel)) == 3, "the row is back")
    assert len(store.losses(next(r.id for r in store.list() if r.name == "net a"))) == 20


def test_what_was_deleted_last_is_brought_back_by_a_command(panel, store, hands):  # noqa: F811
    store.delete([r.id for r in store.list() if r.name != "net c"])
    hands.window.actions_.trigger("runs.restore")
    wait_until(lambda: len(store.list()) == 3, "they are back")


def test_the_script_of_a_run_is_shown(panel, hands):  # noqa: F811
    click_row(panel, "net b")
    ready(panel)
    hands.window.actions_.trigger("runs.script")
    dialog = hands.dialog(RunScript)
    assert dialog.code.toPlainText() == "NAME = 'b'\n"
    QTest.keyClicks(dialog.code, "x")
    assert dialog.code.toPlainText() == "NAME = 'b'\n"
    dialog.reject()


def test_return_opens_the_project_of_a_run_as_a_new_one(panel, hands):  # noqa: F811
    click_row(panel, "net c")
    ready(panel)
    QTest.keyClick(panel.table, Qt.Key.Key_Return)
    wait_until(lambda: hands.session.project.block().graph.by_name("first"), "it is on the canvas")
    assert hands.session.project.block().graph.by_name("first").layer.out_features == 32
    assert hands.session.file.path is None
    assert hands.session.file.name == "net c.netsmith"


def test_two_runs_are_compared_on_a_canvas_of_their_own(panel, hands):  # noqa: F811
    before = hands.session.project
    click_row(panel, "net a")
    click_row(panel, "net c", Qt.KeyboardModifier.ControlModifier)
    ready(panel)
    hands.window.actions_.trigger("runs.compare")
    dialog = hands.dialog(RunDiff)
    first = dialog.session.block.graph.by_name("first").id
    assert dialog.canvas.marks.differences == {first: "changed"}
    table = dialog.table
    told = [[i.text(c) for c in range(3)] for i in table.findItems("first.out_features", Qt.MatchFlag.MatchRecursive)]
    assert told == [["first.out_features", "16", "32"]]
    dialog.session.apply(SetParam(first, "out_features", 5))
    assert dialog.session.block.graph.by_name("first").layer.out_features == 32
    assert hands.session.project is before
    wait_until(lambda: not dialog.session.background.busy, "its shapes are known")
    dialog.reject()


def test_a_run_is_compared_with_the_canvas(panel, hands, store):  # noqa: F811
    hands.window.files.open_copy(moons(epochs=1), "mine", lambda: None)
    click_row(panel, "net c")
    ready(panel)
    hands.window.actions_.trigger("runs.compare_canvas")
    changes = hands.canvas.changes
    wait_until(lambda: changes.is_shown, "it is compared")
    assert changes.bar.words.text().startswith("Against net c ccc: 1 changed")


def test_a_run_made_again_gives_the_same_losses(panel, hands, store):  # noqa: F811
    hands.window.files.open_copy(moons(epochs=1), "mine", lambda: None)
    hands.settle()
    click_row(panel, "net a")
    ready(panel)
    hands.window.actions_.trigger("runs.again")
    wait_until(lambda: hands.session.runner.state == "ended", "the run has ended")
    made = hands.session.runner.run.run_id
    hands.window.desk.bottom.show_tab(RUNS)
    panel = hands.window.desk.runs.panel  # of the tab in which it was opened
    wait_until(lambda: panel.model.row_of(made) == 0, "it is in the table")
    click_row(panel, names(panel)[0])
    ready(panel)
    hands.window.actions_.trigger("runs.again")
    wait_until(lambda: hands.session.runner.run.run_id != made and hands.session.runner.state == "ended", "again")
    assert np.array_equal(store.losses(made), store.losses(hands.session.runner.run.run_id))


def test_the_run_of_now_appears_and_grows(panel, hands, store):  # noqa: F811
    hands.window.files.open_copy(moons(epochs=100_000), "mine", lambda: None)
    hands.settle()
    hands.window.train()
    hands.window.desk.bottom.show_tab(RUNS)
    wait_until(lambda: panel.model.rows[0].state == "running", "it is in the table")
    before = panel.model.rows[0].epochs
    wait_until(lambda: panel.model.rows[0].epochs > before, "its row grows")
    click_row(panel, panel.model.rows[0].name)
    QTest.keyClick(panel.table, Qt.Key.Key_Delete)
    wait_until(lambda: any("still going on" in t.words.text() for t in hands.window.toasts.shown()), "it is kept")
    hands.session.runner.stop()
    wait_until(lambda: panel.model.rows[0].state == "stopped", "it has ended")


def test_the_table_and_the_curves_are_exported(panel, hands, tmp_path):  # noqa: F811
    panel.table.selectAll()
    ready(panel)
    for name, rows in (("runs.table", 3), ("runs.curves", 3 * (20 + 2 * 2))):
        path = tmp_path / f"{name}.csv"
        hands.window.actions_.trigger(name)
        dialog = hands.window.findChildren(QFileDialog)[-1]
        dialog.fileSelected.emit(str(path))
        dialog.reject()
        wait_until(path.exists, "it is written")
        ready(panel)
        with path.open(encoding="utf-8", newline="") as file:
            assert len(list(csv.DictReader(file))) == rows


def test_the_menu_has_what_can_be_done_with_the_selection(panel, hands):  # noqa: F811
    click_row(panel, "net a")
    ready(panel)
    hands.click(panel.more)
    menu = hands.window.desk.runs.menu
    words = [action.text() for action in menu.actions()]
    assert "Open its project" in words
    assert "Compare two runs…" not in words
    menu.close()


def test_copied_rows_are_a_table(panel):
    click_row(panel, "net b")
    lines = panel.table.as_text().splitlines()
    assert lines[0].split("\t")[:2] == ["name", "state"]
    assert lines[1].split("\t")[:2] == ["net b", "finished"]


def test_every_cell_can_be_heard(panel):
    index = panel.model.index(0, panel.model.columns.index("state"))
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "state: failed"
    assert panel.table.accessibleName() == "Runs"
