"""Ready blocks on the canvas and in the palette: found, looked at, added with sizes that fit, put by and deleted."""

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QDropEvent

from engine.document.block_edits import AddBlock
from engine.document.library import SHIPPED, own
from engine.document.own_blocks import keep
from engine.document.project import Project
from engine.layers import Layer
from engine.layers.block import BlockLayer
from engine.layers.code import CodeLayer
from engine.places import blocks_dir, made
from gui.canvas.palette_drop import MIME
from gui.demo_hands import wait_until
from gui.panels.palette import KEY, Palette
from tests.gui.canvas_driver import key, place, type_text
from tests.gui.conftest import chain
from tests.gui.window_fixture import hands  # noqa: F401

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
L = Layer.registry
BOTTLENECK = "library:residual-bottleneck.bottleneck"


@pytest.fixture
def row(canvas, session, settled):
    """An image of 64 channels on the canvas, its shapes known."""
    layers = L["Input"](shape=(3, 8, 8)), L["Conv2d"](out_channels=64), L["ReLU"](), L["Output"]()
    session.document.replace(chain(*layers))
    settled()
    return canvas


def the_block(session):
    return next(n for n in session.block.graph.nodes.values() if isinstance(n.layer, BlockLayer))


def test_a_block_is_found_at_the_pointer_and_fits_what_it_is_wired_to(row, session):
    session.select(["n2"])
    key(row, Qt.Key.Key_Tab)
    type_text("bottleneck")
    assert row.search.list._call.whole_text() == "Bottleneck(channels=64)"
    key(row, Qt.Key.Key_Return)
    assert dict(the_block(session).layer.args) == {"channels": 64}
    assert session.block.graph.into(the_block(session).id)[0].source == "n2"


def test_arguments_typed_behind_a_block_are_those_it_is_added_with(row, session):
    session.select(["n2"])
    key(row, Qt.Key.Key_Tab)
    type_text("bottleneck 1e2 expansion=2")
    assert row.search.list._call.whole_text() == "Bottleneck(channels=100, expansion=2)"
    key(row, Qt.Key.Key_Return)
    assert dict(the_block(session).layer.args) == {"channels": 100, "expansion": 2}
    session.select(())
    key(row, Qt.Key.Key_Tab)
    type_text("bottleneck 32 8")
    assert row.search.list.entries[0].detail == "your blocks"
    assert row.search.list._call.whole_text() == "Bottleneck(channels=32, expansion=8)"


def test_what_a_block_cannot_take_of_what_is_typed_is_said(row):
    key(row, Qt.Key.Key_Tab)
    type_text("bottleneck 1.5")
    assert "channels must be a whole number, not '1.5'" in row.search.list._sentence.whole_text()


def test_the_list_says_what_a_block_would_give(row, session, qtbot):
    session.select(["n2"])
    key(row, Qt.Key.Key_Tab)
    type_text("bottleneck")
    qtbot.waitUntil(lambda: row.search.list.entries[0].right == "B × 64 × 8 × 8", timeout=30_000)


def test_adding_a_block_is_one_step_of_undo(row, session):
    before = session.project
    row.add_layer(BOTTLENECK)
    assert {b.name for b in session.project.blocks.values()} == {"Model", "Bottleneck"}
    session.undo()
    assert session.project is before


def test_a_block_dropped_on_a_wire_is_inserted_there_with_its_sizes(row, session):
    data = QMimeData()
    data.setData(MIME, BOTTLENECK.encode())
    wire = next(e for e in session.block.graph.edges if e.source == "n2")
    middle = row.drawing.wires[wire].route.middle[0]
    pos = QPointF(place(row, middle.x(), middle.y()))
    event = QDropEvent(pos, Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    row.dropEvent(event)
    block = the_block(session)
    assert dict(block.layer.args) == {"channels": 64}
    graph = session.block.graph
    assert [e.source for e in graph.into(block.id)] == ["n2"]
    assert [e.target for e in graph.out_of(block.id)] == ["n3"]


def test_a_block_is_not_put_into_itself(row, session):
    row.add_layer(BOTTLENECK)
    session.enter(the_block(session).id)
    said = []
    session.message.connect(lambda text, *_: said.append(text))
    assert row.add_layer(BOTTLENECK) is None
    assert "cannot stand in" in said[0]


def test_code_in_a_block_of_the_library_waits_for_trust(row, session):
    inside = chain(L["Input"](), CodeLayer(source="def twice(x):\n    return x * 2\n"), L["Output"]()).block().graph
    keep(AddBlock("Doubled", graph=inside)(Project()), BlockLayer(block="doubled"))
    assert session.trusted
    row.add_layer(own().entries[0].key)
    assert "Doubled" in {block.name for block in session.project.blocks.values()}
    assert not session.trusted


def test_help_on_a_block_in_the_list_asks_for_its_page(row):
    asked = []
    row.help_wanted.connect(asked.append)
    key(row, Qt.Key.Key_Tab)
    type_text("swiglu")
    key(row, Qt.Key.Key_F1)
    assert asked == ["library:swiglu.swiglu"]


def test_the_palette_previews_the_block_that_is_looked_at(qtbot, session):
    palette = Palette(session)
    qtbot.addWidget(palette)
    palette.resize(240, 700)
    palette.show()
    palette.search.setText("bottleneck")
    assert palette.list.currentItem().data(KEY) == BOTTLENECK
    assert palette.preview.isVisible()
    assert "channels = 256, expansion = 4, norm" in palette.preview.params.text().replace("\u00a0", " ")
    assert "Deep Residual Learning" in palette.preview.paper.text()
    assert palette.preview.height() == palette.preview.layout().heightForWidth(palette.preview.width())
    palette.search.setText("linear")
    assert not palette.preview.isVisible()


def test_a_block_is_put_by_renamed_deleted_and_had_back(hands, qtbot):  # noqa: F811
    window, session = hands.window, hands.window.session
    session.document.replace(chain(L["Input"](shape=(64, 8, 8)), L["Output"]()))
    hands.settle()
    session.select(["n1"])
    window.desk.add_layer(BOTTLENECK)
    hands.settle()
    said = []
    session.message.connect(lambda *told: said.append(told))
    window.actions_.trigger("block.keep")
    assert said[-1][0] == "Saved Bottleneck to your library"
    dialog = window.shelf.rename(own().entries[0])
    dialog.field.setText("no name")
    dialog.rename()
    assert dialog.wrong.isVisible()
    dialog.field.setText("MyBlock")
    dialog.rename()
    (entry,) = own().entries
    assert entry.name == "MyBlock"
    assert str(next(iter(entry.project.block().inputs)).layer.shape) == "(64, 8, 8)"
    window.shelf.delete(entry)
    assert own().entries == ()
    said[-1][2]()
    assert [e.name for e in own().entries] == ["MyBlock"]


def test_all_selected_blocks_are_put_by_and_taken_back_together(hands):  # noqa: F811
    window, session = hands.window, hands.window.session
    for key_of in (BOTTLENECK, "library:swiglu.swiglu", BOTTLENECK):
        window.desk.add_layer(key_of)
    window.desk.add_layer("ReLU")
    hands.canvas.select_all()
    window.actions_.refresh()
    said = []
    session.message.connect(lambda *told: said.append(told))
    window.actions_.trigger("block.keep")
    assert [words[0] for words in said] == ["Saved Bottleneck and SwiGLU to your library"]
    assert [entry.name for entry in own().entries] == ["Bottleneck", "SwiGLU"]
    said[0][2]()
    assert own().entries == ()
    session.select([next(n.id for n in session.block.graph.nodes.values() if n.layer.key == "ReLU")])
    window.actions_.refresh()
    assert not window.actions_["block.keep"].isEnabled()


def test_the_blocks_of_a_file_are_listed_and_added(hands):  # noqa: F811
    window = hands.window
    window.shelf.list_file(SHIPPED / "transformer-encoder.netsmith")
    listed = window.desk.palette_dock.list
    assert listed.item(0).text() == "From transformer-encoder.netsmith"
    key_of_encoder = next(listed.item(i).data(KEY) for i in range(listed.count()) if listed.item(i).text() == "Encoder")
    window.desk.add_layer(key_of_encoder)
    assert {b.name for b in window.session.project.blocks.values()} >= {"Encoder", "EncoderLayer", "FeedForward"}
    window.desk.show_part("palette", False)
    window.desk.show_category("block")
    assert listed.item(0).text() != "From transformer-encoder.netsmith"


def test_a_file_that_is_no_project_is_refused_in_words(hands, tmp_path):  # noqa: F811
    said = []
    hands.window.session.message.connect(lambda text, *_: said.append(text))
    (tmp_path / "odd.netsmith").write_text("{}", encoding="utf-8")
    hands.window.shelf.list_file(tmp_path / "odd.netsmith")
    assert "no Netsmith project" in said[0]


def test_the_menu_of_a_row_offers_what_can_be_done_with_it(hands):  # noqa: F811
    window = hands.window
    window.shelf.open_menu(BOTTLENECK, window.mapToGlobal(window.rect().center()))
    assert [a.text() for a in window.shelf.menu.actions()] == ["Add", "Help"]
    window.shelf.menu.close()


def test_the_menu_key_opens_the_menu_of_the_current_row(hands):  # noqa: F811
    palette = hands.window.desk.palette_dock
    hands.window.desk.show_category("block")
    wait_until(lambda: not hands.session.background.busy, "the library is read")
    rows = palette.list
    rows.setCurrentItem(rows.findItems("SwiGLU", Qt.MatchFlag.MatchExactly)[0])
    asked = []
    palette.menu_wanted.connect(lambda key, at: asked.append(key))
    place = rows.rect().center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, place, rows.mapToGlobal(place))
    rows.contextMenuEvent(event)
    assert asked == ["library:swiglu.swiglu"]
    hands.window.shelf.menu.close()


def test_a_file_of_ones_own_library_that_cannot_be_read_is_named(hands):  # noqa: F811
    made(blocks_dir()).joinpath("torn.netsmith").write_text("{", encoding="utf-8")
    hands.window.desk.show_category("block")
    wait_until(lambda: not hands.session.background.busy, "the library is read")
    rows = hands.window.desk.palette_dock.list
    (row,) = rows.findItems("torn.netsmith cannot be read.", Qt.MatchFlag.MatchExactly)
    assert "damaged" in row.toolTip()
