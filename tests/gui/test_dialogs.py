"""Dialogs: what they show, and what is so after their buttons were pressed."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from engine.document.edits import SetParam
from engine.training.store import RunRecord, Store
from gui.canvas.picture import pixels_of
from gui.canvas.png import encoded
from gui.demo_hands import wait_until
from gui.dialogs.about import AboutDialog
from gui.dialogs.export import ExportDialog
from gui.dialogs.manual import ManualDialog, pages
from gui.dialogs.picture import PictureDialog
from gui.dialogs.preferences import PreferencesDialog
from gui.dialogs.repeat import RepeatDialog
from gui.dialogs.resume import ResumeDialog
from gui.dialogs.shortcuts import ShortcutsDialog
from gui.preferences import Preferences
from gui.theme import theme
from tests.gui.window_fixture import hands, open_example  # noqa: F401


def words(dialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel))


def test_a_preference_counts_at_once_and_is_kept(hands):  # noqa: F811
    hands.shortcut("Ctrl+Comma")
    dialog = hands.dialog(PreferencesDialog)
    for box, value in ((dialog.scheme, "light"), (dialog.mode, "process"), (dialog.motion, "reduced")):
        box.setCurrentIndex(box.findData(value))
        box.activated.emit(box.currentIndex())
    dialog.welcome.click()
    assert theme().scheme == "light"
    kept = Preferences()
    assert (kept.scheme, kept.mode, kept.motion, kept.welcome) == ("light", "process", "reduced", False)
    hands.window.actions_.trigger("view.theme.dark")


def test_a_preference_that_makes_no_sense_counts_as_not_set(tmp_path):
    path = tmp_path / "settings.ini"
    path.write_text("[look]\ntheme=pink\n[training]\nmode=7\n", encoding="utf-8")
    preferences = Preferences(path)
    assert (preferences.scheme, preferences.mode) == ("system", "thread")


def test_the_sheet_of_shortcuts_names_every_command_that_has_keys(hands):  # noqa: F811
    hands.window.actions_.trigger("help.shortcuts")
    shown = words(hands.dialog(ShortcutsDialog))
    for command in hands.window.actions_.commands.values():
        assert not command.keys or command.plain_text in shown


def test_about_names_the_versions_and_copies_them(hands):  # noqa: F811
    hands.window.actions_.trigger("help.about")
    hands.dialog(AboutDialog).copy()
    assert "torch: 2" in QGuiApplication.clipboard().text()


def test_every_page_of_the_manual_opens_at_its_name(hands):  # noqa: F811
    for title, path in pages():
        hands.window.dialogs.manual(path.stem)
        dialog = hands.dialog(ManualDialog)
        assert dialog.list.currentItem().text() == title
        assert dialog.text.toPlainText().startswith(title)
        dialog.close()
        wait_until(lambda: not hands.window.findChildren(ManualDialog), "it is gone", 10)


def test_repeating_a_block_is_one_step(hands):  # noqa: F811
    open_example(hands)
    before = hands.session.project
    hands.session.select([hands.node("stage")])
    hands.shortcut("Ctrl+R")
    dialog = hands.dialog(RepeatDialog)
    dialog.count.setValue(5)
    dialog.shared.click()
    QTest.keyClick(dialog.count, Qt.Key.Key_Return)
    layer = hands.session.project.node(hands.node("stage")).layer
    assert (layer.repeat, layer.shared) == (5, True)
    hands.shortcut("Ctrl+Z")
    assert hands.session.project is before


@pytest.mark.parametrize("kind", ["script", "module"])
def test_an_export_is_what_the_engine_writes(hands, tmp_path, kind):  # noqa: F811
    from engine.exporting.code import source_of

    open_example(hands, "mlp-moons")
    path = tmp_path / "out.py"
    hands.shortcut("Ctrl+E")
    dialog = hands.dialog(ExportDialog)
    dialog.choose(kind)
    dialog.file.line.setText(str(path))
    hands.click(dialog.button)
    wait_until(path.exists, "it is written")
    assert path.read_text() == source_of(hands.session.project, hands.session.analysis, kind).text


@pytest.mark.parametrize(("kind", "head"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_a_picture_is_one(hands, tmp_path, kind, head):  # noqa: F811
    open_example(hands, "mlp-moons")
    hands.window.actions_.trigger("file.picture")
    dialog = hands.dialog(PictureDialog)
    dialog.file.line.setText(str(tmp_path / "out.png"))
    choose(dialog.format, kind)
    hands.click(dialog.button)
    wait_until((tmp_path / f"out.{kind}").exists, "it is written")
    wait_until(lambda: not hands.session.background.busy, "all is done")
    assert (tmp_path / f"out.{kind}").read_bytes().startswith(head)


def test_a_picture_shows_the_selection_alone_or_the_insides_of_blocks(hands, tmp_path):  # noqa: F811
    open_example(hands, "digits-cnn")
    sizes = []
    for part, depth, chosen in (("block", 0, ()), ("selection", 0, ("stem", "norm")), ("block", 9, ())):
        hands.session.select([hands.session.block.graph.by_name(name).id for name in chosen])
        hands.window.actions_.trigger("file.picture")
        dialog = hands.dialog(PictureDialog)
        wait_until(partial(has_preview, dialog), "the preview is there")
        choose(dialog.part, part)
        choose(dialog.levels, depth)
        path = tmp_path / f"{part}{depth}.png"
        dialog.file.line.setText(str(path))
        hands.click(dialog.button)
        wait_until(path.exists, "it is written")
        wait_until(lambda: not hands.session.background.busy, "all is done")
        sizes.append(QImage(str(path)).size())
    whole, some, opened = (size.width() * size.height() for size in sizes)
    assert some < whole / 2
    assert opened > whole


@pytest.mark.parametrize("scale", [0.5, 1.25, 7.3])
def test_a_picture_has_any_size(hands, tmp_path, scale):  # noqa: F811
    open_example(hands, "mlp-moons")
    wide = {}
    for wanted in (1.0, scale):
        hands.window.actions_.trigger("file.picture")
        dialog = hands.dialog(PictureDialog)
        dialog.scale.selectAll()
        QTest.keyClicks(dialog.scale, f"{wanted:g}")
        assert dialog.wanted.scale == wanted
        path = tmp_path / f"{wanted}.png"
        dialog.file.line.setText(str(path))
        hands.click(dialog.button)
        wait_until(path.exists, "it is written")
        wait_until(lambda: not hands.session.background.busy, "all is done")
        wide[wanted] = QImage(str(path)).width()
    assert abs(wide[scale] - scale * wide[1.0]) <= max(1.0, scale)


def test_the_size_of_a_picture_is_said_before_and_that_it_is_smaller_than_asked_for(hands, tmp_path):  # noqa: F811
    open_example(hands, "digits-cnn")
    dialog = picture_dialog(hands)
    dialog.scale.setValue(1.0)
    said = dialog.pixels.text()
    assert "smaller" not in said
    path = tmp_path / "out.png"
    dialog.file.line.setText(str(path))
    hands.click(dialog.button)
    wait_until(lambda: not hands.session.background.busy and path.exists(), "it is written")
    image = QImage(str(path))
    assert said == f"{image.width():,} × {image.height():,} pixels"
    dialog = picture_dialog(hands)
    dialog.scale.setValue(16.0)
    assert dialog.pixels.text().startswith("16,000 × ")
    assert "smaller than asked for" in dialog.pixels.text()
    choose(dialog.format, "svg")
    wait_until(lambda: dialog.pixels.text() == "", "vectors have no pixels")


def test_a_picture_that_is_being_written_is_stopped_and_leaves_no_file(hands, tmp_path):  # noqa: F811
    open_example(hands, "digits-cnn")
    dialog = picture_dialog(hands)
    dialog.scale.setValue(6.0)
    path = tmp_path / "out.png"
    dialog.file.line.setText(str(path))
    hands.click(dialog.button)
    wait_until(lambda: dialog.button.text().startswith("Writing") and " 0 " not in dialog.button.text(), "it has begun")
    assert dialog.leave.text() == "Stop"
    assert not dialog.scale.isEnabled()
    hands.click(dialog.leave)
    wait_until(lambda: not hands.session.background.busy, "all is done")
    assert dialog.isVisible()
    assert dialog.button.isEnabled()
    assert not path.exists()
    dialog.scale.setValue(1.0)
    hands.click(dialog.button)
    wait_until(path.exists, "it is written after all")


def test_pixels_come_back_from_a_file_as_they_were(tmp_path):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (150, 37, 4), np.uint8)
    (tmp_path / "out.png").write_bytes(encoded(pixels))
    image = QImage(str(tmp_path / "out.png")).convertToFormat(QImage.Format.Format_RGB32)
    assert (pixels_of(image)[..., :3] == pixels[..., :3]).all()
    assert encoded(pixels, lambda share: share < 0.5) == b""


def has_preview(dialog) -> bool:
    return not dialog.picture.pixmap().isNull()


def picture_dialog(hands) -> PictureDialog:  # noqa: F811
    """Opened, with what is to be exported in it."""
    hands.window.actions_.trigger("file.picture")
    dialog = hands.dialog(PictureDialog)
    wait_until(partial(has_preview, dialog), "the preview is there")
    return dialog


def choose(box, value) -> None:
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def test_an_export_into_no_folder_stays_in_its_dialog(hands, tmp_path):  # noqa: F811
    open_example(hands, "mlp-moons")
    hands.shortcut("Ctrl+E")
    dialog = hands.dialog(ExportDialog)
    dialog.file.line.setText(str(tmp_path / "nowhere" / "out.py"))
    hands.click(dialog.button)
    assert dialog.isVisible()
    assert "nowhere" in dialog.file.wrong.text()


def test_an_export_with_problems_cannot_be_asked_for(hands):  # noqa: F811
    open_example(hands)
    hands.session.apply(SetParam(hands.node("proj"), "stride", 1))
    hands.settle()
    hands.window.actions_.refresh()
    assert hands.window.actions_.commands["file.export"].why_not() == "There are problems to solve first."


def test_only_runs_that_have_learned_something_are_offered(hands):  # noqa: F811
    folder = Path(hands.window.preferences.runs_folder)
    for name, state, epochs in (("a", "stopped", 2), ("b", "finished", 5), ("c", "failed", 0)):
        record = RunRecord(name, f"Net {name}", "2026-11-23T08:00:00+00:00", state, epochs=epochs, planned=5)
        Store(folder).add(record)
    hands.window.actions_.trigger("train.resume")
    dialog = hands.dialog(ResumeDialog)
    wait_until(dialog.button.isEnabled, "the runs are read")
    assert [dialog.list.item(i).text().split(" · ")[0] for i in range(dialog.list.count())] == ["Net a", "Net b"]
    assert dialog.epochs.value() == 5
    dialog.list.setCurrentRow(1)
    assert (dialog.epochs.value(), dialog.epochs.minimum()) == (10, 6)
    assert "change by hand" in dialog.said.text()
