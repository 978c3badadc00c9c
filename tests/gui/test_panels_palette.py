"""Every layer can be found in the palette, added with a key, and dragged by its key."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListWidgetItem

from engine.document.block_edits import AddBlock, RenameBlock
from engine.document.library import entries
from engine.layers import catalogue
from engine.layers.base import CATEGORIES, Layer
from gui.canvas.view import CanvasView
from gui.habits import Habits
from gui.panels.palette import HIDDEN, KEY, MIME, MOST_FOUND, Palette, mime_of
from gui.panels.palette_list import VARIANTS, variant_boxes
from gui.panels.rail import MOST_USED, Rail
from gui.session import Session

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def palette(qtbot, session: Session) -> Palette:  # type: ignore[no-untyped-def]
    panel = Palette(session)
    qtbot.addWidget(panel)
    panel.resize(240, 500)
    panel.show()
    return panel


def keys(palette: Palette) -> list[str]:
    found = [palette.list.item(i).data(KEY) for i in range(palette.list.count())]
    return [key for key in found if key]


def listed(palette: Palette) -> list[str]:
    """The layers of the rows, each of a row's variants counted."""
    items = [palette.list.item(i) for i in range(palette.list.count())]
    return [key for item in items if item.data(KEY) for key in item.data(VARIANTS) or (item.data(KEY),)]


def row(palette: Palette, text: str) -> QListWidgetItem:
    return next(item for i in range(palette.list.count()) if (item := palette.list.item(i)).text() == text)


def click(palette: Palette, where: QPoint) -> None:
    QTest.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)


def test_every_layer_a_person_can_make_is_listed_once(palette: Palette, settled) -> None:  # type: ignore[no-untyped-def]
    settled()
    wanted = {layer.key for layer in catalogue() if layer not in HIDDEN} | {entry.key for entry in entries()}
    assert keys(palette) == []
    for category in CATEGORIES:
        palette.fold(category)
    assert set(listed(palette)) == wanted
    assert len(listed(palette)) == len(wanted)


def test_a_kind_opens_and_closes_where_it_stands(palette: Palette) -> None:
    heading = row(palette, "Pooling")
    click(palette, palette.list.visualItemRect(heading).center())
    assert "MaxPool2d" in keys(palette)
    palette.list.setCurrentItem(row(palette, "Pooling"))
    QTest.keyClick(palette.list, Qt.Key.Key_Left)
    assert keys(palette) == []
    QTest.keyClick(palette.list, Qt.Key.Key_Return)
    assert "MaxPool2d" in keys(palette)


def test_a_layer_for_other_dimensions_is_one_row_and_chosen_by_click_or_key(palette: Palette) -> None:
    palette.show_category("convolution")
    item = row(palette, "Conv2d")
    assert keys(palette).count("Conv1d") == 0
    boxes = dict(variant_boxes(palette.list.visualItemRect(item), item.data(VARIANTS)))
    click(palette, boxes["Conv1d"].center().toPoint())
    assert item.data(KEY) == "Conv1d"
    assert item.text() == "Conv1d"
    palette.list.setCurrentItem(item)
    for _ in range(3):
        QTest.keyClick(palette.list, Qt.Key.Key_Right)
    assert item.data(KEY) == "Conv3d"
    chosen: list[str] = []
    palette.layer_chosen.connect(chosen.append)
    palette.list.itemActivated.emit(item)
    assert chosen == ["Conv3d"]


def test_a_kind_of_many_layers_has_headings_within(palette: Palette) -> None:
    palette.show_category("merge")
    texts = [palette.list.item(i).text() for i in range(palette.list.count())]
    assert {"Together and apart", "Operators", "Distances"} <= set(texts)


def test_a_favourite_comes_before_all_others_and_is_found_sooner(palette: Palette, session: Session) -> None:
    palette.search.setText("c")
    assert keys(palette)[0] == "Conv2d"
    palette.list.setCurrentItem(row(palette, "CELU"))
    QTest.keyClick(palette.list, Qt.Key.Key_Asterisk)
    assert session.habits.favourites == ("CELU",)
    palette.search.setText("")
    assert [palette.list.item(i).text() for i in range(2)] == ["Favourites", "CELU"]
    palette.search.setText("ce")
    assert keys(palette)[0] == "CELU"
    session.habits.toggle("CELU")
    assert session.habits.favourites == ()


def test_what_was_added_last_is_kept_for_the_next_time(palette: Palette, session: Session, canvas: CanvasView) -> None:
    canvas.add_layer("LSTM")
    canvas.add_layer("GRU")
    palette.show_category(None)
    assert keys(palette) == ["GRU", "LSTM"]
    assert Habits().recent[:2] == ("GRU", "LSTM")


def test_no_more_rows_are_made_than_a_person_reads(palette: Palette) -> None:
    palette.search.setText("e")
    assert palette.list.count() <= MOST_FOUND + 1


def test_typing_and_enter_adds_the_best_match(palette: Palette) -> None:
    chosen: list[str] = []
    palette.layer_chosen.connect(chosen.append)
    palette.search.setFocus()
    QTest.keyClicks(palette.search, "conv2d")
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert chosen == ["Conv2d"]


def test_a_kind_lists_its_own_layers_only(palette: Palette) -> None:
    palette.show_category("pooling")
    assert keys(palette)
    assert {Layer.registry[key].category for key in keys(palette)} == {"pooling"}


def test_a_block_of_ones_own_is_found_before_layers_that_match_less(session: Session, palette: Palette) -> None:
    session.apply(AddBlock("Stage"))
    palette.search.setText("stage")
    assert keys(palette)[0] == "block:stage"
    assert len(keys(palette)) > 1


def test_the_users_own_blocks_are_listed_under_their_names_of_now(session: Session, palette: Palette) -> None:
    palette.show_category("block")
    session.apply(AddBlock("Stage"))
    assert "block:stage" in keys(palette)
    session.apply(RenameBlock("stage", "Head"))
    assert "Head" in [palette.list.item(i).text() for i in range(palette.list.count())]
    session.undo()
    session.undo()
    assert "block:stage" not in keys(palette)


def test_a_layer_is_dragged_by_its_key() -> None:
    assert bytes(mime_of("Conv2d").data(MIME).data()) == b"Conv2d"


def test_nothing_found_chooses_nothing(palette: Palette) -> None:
    chosen: list[str] = []
    palette.layer_chosen.connect(chosen.append)
    palette.search.setText("zzzzqqq")
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert not keys(palette)
    assert not chosen


def test_every_tile_of_the_rail_names_its_kind_and_lists_it(qtbot) -> None:  # type: ignore[no-untyped-def]
    rail = Rail()
    qtbot.addWidget(rail)
    rail.show()
    chosen: list[str] = []
    rail.category_chosen.connect(chosen.append)
    for tile in rail.tiles.values():
        assert tile.toolTip()
        QTest.mouseClick(tile, Qt.MouseButton.LeftButton)
    QTest.mouseClick(rail.add, Qt.MouseButton.LeftButton)
    assert chosen == [*rail.tiles, ""]
    assert all(key in Layer.registry for key in MOST_USED.values())
    assert all(Layer.registry[key].category == category for category, key in MOST_USED.items())
