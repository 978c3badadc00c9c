"""Every layer can be found in the palette, added with a key, and dragged by its key."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.document.block_edits import AddBlock, RenameBlock
from engine.document.library import entries
from engine.layers import catalogue
from engine.layers.base import Layer
from gui.panels.palette import HIDDEN, KEY, MIME, Palette, mime_of
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


def test_every_layer_a_person_can_make_is_listed_once(palette: Palette, settled) -> None:  # type: ignore[no-untyped-def]
    settled()
    wanted = {layer.key for layer in catalogue() if layer not in HIDDEN} | {entry.key for entry in entries()}
    assert set(keys(palette)) == wanted
    assert len(keys(palette)) == len(wanted)


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
    palette.show_category(None)
    assert len(keys(palette)) > 50


def test_the_users_own_blocks_are_listed_under_their_names_of_now(session: Session, palette: Palette) -> None:
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
