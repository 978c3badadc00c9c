"""The list at the pointer: what is typed becomes a layer, wired to where the search began."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListView

from engine.document.edits import AddNode, RemoveNodes
from engine.layers import Layer
from gui.canvas.layer_search import call_text, short_reason
from gui.canvas.palette_drop import MIME
from gui.theme import metrics
from gui.widgets.entry import matched_letters
from tests.gui.canvas_driver import SHIFT, click, double_click, drag, key, place, type_text
from tests.gui.conftest import chain

L = Layer.registry


def made(session):
    return [n.layer for n in session.block.graph.nodes.values()]


def test_tab_and_a_few_letters_add_a_layer(canvas, session):
    key(canvas, Qt.Key.Key_Tab)
    type_text("linear")
    key(canvas, Qt.Key.Key_Return)
    assert made(session) == [L["Linear"]()]
    assert not canvas.search.is_open
    assert QApplication.focusWidget() is canvas.surface


def test_numbers_fill_the_main_options(canvas, session):
    double_click(canvas, place(canvas, 40, 40))
    type_text("conv2d 64 5")
    assert canvas.search.list._call.whole_text() == "Conv2d(out_channels=64, kernel_size=5)"
    key(canvas, Qt.Key.Key_Return)
    assert made(session) == [L["Conv2d"](out_channels=64, kernel_size=5)]


def test_with_a_layer_selected_the_new_one_is_wired_to_it_and_so_on(canvas, session):
    for text in ("input", "linear 32", "relu", "linear 10"):
        key(canvas, Qt.Key.Key_Tab)
        type_text(text)
        key(canvas, Qt.Key.Key_Return)
    graph = session.block.graph
    assert [type(layer).key for layer in made(session)] == ["Input", "Linear", "ReLU", "Linear"]
    assert {(e.source, e.target) for e in graph.edges} == {("n1", "n2"), ("n2", "n3"), ("n3", "n4")}
    tops = [session.project.layout_of().at(n) for n in graph.nodes]
    assert [x for x, _ in tops] == sorted({x for x, _ in tops}), "each stands right of the one before"


def test_the_list_closes_when_the_layer_it_is_for_is_gone(canvas, session):
    session.document.replace(chain(L["Input"](shape=(4,)), L["Linear"](), names=("x", "last")))
    last = session.block.graph.by_name("last").id
    session.select([last])
    key(canvas, Qt.Key.Key_Tab)
    assert canvas.search.is_open
    session.apply(RemoveNodes([last]))
    type_text("relu")
    assert not canvas.search.is_open


def test_shift_and_enter_keep_the_list_open_for_the_next_layer(canvas, session):
    key(canvas, Qt.Key.Key_Tab)
    type_text("input")
    key(canvas, Qt.Key.Key_Return, SHIFT)
    assert canvas.search.is_open
    type_text("flatten")
    key(canvas, Qt.Key.Key_Return)
    assert len(session.block.graph.edges) == 1


def test_escape_closes_the_list_and_changes_nothing(canvas, session):
    before = session.project
    key(canvas, Qt.Key.Key_Tab)
    type_text("conv")
    key(canvas, Qt.Key.Key_Escape)
    assert not canvas.search.is_open
    assert session.project is before


def test_f1_asks_for_the_layers_help(canvas, qtbot):
    key(canvas, Qt.Key.Key_Tab)
    type_text("dropout")
    with qtbot.waitSignal(canvas.help_wanted) as asked:
        key(canvas, Qt.Key.Key_F1)
    assert asked.args == ["Dropout"]


def test_arrows_choose_and_an_unknown_word_adds_nothing(canvas, session):
    before = session.project
    key(canvas, Qt.Key.Key_Tab)
    type_text("conv")
    first = canvas.search.list.current
    key(canvas, Qt.Key.Key_Down)
    assert canvas.search.list.current != first
    canvas.search.list.field.setText("zzzzqqq")
    assert canvas.search.list.entries == ()
    key(canvas, Qt.Key.Key_Return)
    assert session.project is before


def test_the_list_says_what_each_layer_would_give_here_and_puts_what_does_not_fit_last(canvas, session, settled, qtbot):
    session.document.replace(chain(L["Input"](shape=(3, 8, 8)), L["Identity"](), names=("x", "same")))
    settled()
    session.select([session.block.graph.by_name("same").id])
    key(canvas, Qt.Key.Key_Tab)
    type_text("conv 64")
    found = canvas.search.list
    qtbot.waitUntil(lambda: any(e.right == "B × 64 × 8 × 8" for e in found.entries))
    qtbot.waitUntil(lambda: any(e.muted for e in found.entries))
    assert found.entries[0].title == "Conv2d"
    faint = [e.muted for e in found.entries]
    assert faint == sorted(faint)
    assert any(e.right.startswith("needs") for e in found.entries if e.muted)


def test_what_enter_would_add_fits_once_that_is_known_unless_one_went_to_a_row(canvas, session, settled, qtbot):
    session.document.replace(chain(L["Input"](shape=("T",), dtype="int64"), names=("tokens",)))
    settled()
    session.select([session.block.graph.by_name("tokens").id])
    key(canvas, Qt.Key.Key_Tab)
    found = canvas.search.list
    assert found.current.key == "Linear", "nothing is known of what fits yet"
    qtbot.waitUntil(lambda: next(e for e in found.entries if e.key == "Linear").muted)
    assert not found.current.muted
    assert found.current == found.entries[0]
    key(canvas, Qt.Key.Key_Up)
    gone_to = found.current
    assert found.entries.index(gone_to) > 0  # and not the last any more, where more became known meanwhile
    settled()
    assert found.current.key == gone_to.key


@pytest.fixture
def states(canvas, session, settled):
    """tokens -> embedding -> rnn, and a conv2 without a wire, at life size."""
    session.document.replace(
        chain(L["Input"](shape=("T",), dtype="int64"), L["Embedding"](), L["LSTM"](), names=("tokens", "words", "rnn"))
    )
    canvas.add_layer("Conv2d", QPointF(528, 300))
    session.select(())
    canvas.fit(animate=False)
    canvas.zoom_reset()
    settled()
    return canvas


def pull_back(canvas, node, port):
    """A wire is drawn from an input to the empty canvas."""
    start = canvas.port_point(node, "in", port)
    drag(canvas, start, start + QPoint(-70, 90))


def test_a_wire_pulled_out_of_an_input_lists_what_could_feed_it_first(states, session, settled):
    pull_back(states, "n4", "x")
    type_text("pool")
    settled()
    found = states.search.list
    fits = {e.title: not e.muted for e in found.entries}
    assert fits["MaxPool2d"]
    assert not fits["MaxPool1d"]
    assert next(e for e in found.entries if e.title == "MaxPool1d").right == "needs an image (B, C, H, W)"
    assert [e.muted for e in found.entries] == sorted(e.muted for e in found.entries)
    key(states, Qt.Key.Key_Return)
    assert [(e.source, e.source_port, e.target) for e in session.block.graph.into("n4")] == [("n5", "out", "n4")]


def test_what_is_pulled_out_of_an_input_is_wired_from_the_output_that_it_takes(states, session, settled):
    pull_back(states, "n3", "h0")
    type_text("lstm 64")
    settled()
    key(states, Qt.Key.Key_Return)
    (wire,) = session.block.graph.feeding("n3", "h0")
    assert wire.source_port == "h"


def test_a_layer_that_is_called_by_its_name_stays_first_where_it_does_not_fit(states, session, settled):
    session.select(["n1"])
    key(states, Qt.Key.Key_Tab)
    type_text("lstm")
    settled()
    first = states.search.list.current
    assert (first.title, first.muted) == ("LSTM", True)


def test_a_block_of_ones_own_says_what_it_would_give(canvas, session, settled):
    session.document.replace(chain(L["Input"](shape=(4,)), L["Linear"](out_features=7), L["ReLU"]()))
    session.select(["n2", "n3"])
    canvas.group()
    settled()
    session.select(["n1"])
    key(canvas, Qt.Key.Key_Tab)
    type_text("block")
    settled()
    assert next(e for e in canvas.search.list.entries if e.detail == "your blocks").right == "B × 7"


def test_your_own_blocks_are_in_the_list_but_not_the_one_on_screen(canvas, session):
    session.document.replace(chain(L["Input"](shape=(4,)), L["Linear"](), L["ReLU"]()))
    session.select(["n2", "n3"])
    canvas.group()
    session.select(())
    key(canvas, Qt.Key.Key_Tab)
    type_text("block")
    assert any(e.detail == "your blocks" for e in canvas.search.list.entries)
    key(canvas, Qt.Key.Key_Escape)
    (block,) = [n for n in session.block.graph.nodes if n not in ("n1",)]
    session.enter(block)
    key(canvas, Qt.Key.Key_Tab)
    type_text("block")
    assert not any(e.detail == "your blocks" for e in canvas.search.list.entries)


def drop(canvas, text, pos):
    data = QMimeData()
    data.setData(MIME, text.encode())
    where = QPointF(place(canvas, pos.x(), pos.y()))
    plain, left, copy = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton, Qt.DropAction.CopyAction
    canvas.dropEvent(QDropEvent(where, copy, data, left, plain))


def test_a_layer_from_the_palette_is_added_where_it_is_dropped_and_on_a_wire_goes_into_it(canvas, session):
    session.document.replace(chain(L["Input"](shape=(4,)), L["Linear"](), step=528))
    drop(canvas, "Conv1d", QPointF(200, 240))
    assert len(session.block.graph.edges) == 1
    (edge,) = session.block.graph.edges
    drop(canvas, "ReLU", canvas.drawing.wires[edge].route.middle[0])
    assert len(session.block.graph.edges) == 2
    assert edge not in session.block.graph.edges
    before = session.project
    drop(canvas, "NoSuchLayer", QPointF(0, 400))
    assert session.project is before


def test_tab_on_a_wire_that_was_clicked_puts_the_layer_on_it(canvas, session):
    session.document.replace(chain(L["Input"](shape=(4,)), L["Linear"](), step=528))
    (edge,) = session.block.graph.edges
    middle = canvas.drawing.wires[edge].route.middle[0]
    click(canvas, place(canvas, middle.x(), middle.y()))
    key(canvas, Qt.Key.Key_Tab)
    type_text("relu")
    key(canvas, Qt.Key.Key_Return)
    graph = session.block.graph
    assert {(e.source, e.target) for e in graph.edges} == {("n1", "n3"), ("n3", "n2")}


def test_a_line_makes_room_for_a_layer_that_goes_into_one_of_its_wires(canvas, session, settled):
    session.document.replace(chain(L["Input"](shape=(4,)), L["Linear"](), L["ReLU"](), step=240))
    settled()
    session.document.apply(AddNode(L["Tanh"](), "below", (480.0, 400.0)))
    before, edge = session.project, min(session.block.graph.edges)
    places = dict(canvas.drawing.at)
    canvas.choose(wire=edge)
    key(canvas, Qt.Key.Key_Tab)
    type_text("gelu")
    key(canvas, Qt.Key.Key_Return)
    drawing, (new,) = canvas.drawing, set(session.block.graph.nodes) - set(before.block().graph.nodes)
    rects = [drawing.rect(node) for node in ("n1", new, "n2", "n3")]
    assert all(a.right() < b.left() for a, b in pairwise(rects))
    assert {rect.top() for rect in rects} == {0.0}
    assert drawing.at["n4"] == places["n4"]
    session.undo()
    assert session.project is before


def test_before_anything_was_added_the_list_begins_with_what_most_networks_are_made_of(canvas):
    kinds = [kind.key for kind in canvas.search._kinds("")]
    assert kinds[:3] == ["Linear", "Conv2d", "ReLU"]


def test_what_was_added_most_comes_first_whatever_was_added_last(canvas, session):
    for text in (*["softmax"] * 2, *["conv1d 8"] * 4, *["conv2d 8"] * 3, "dropout"):
        session.select(())
        key(canvas, Qt.Key.Key_Tab)
        type_text(text)
        key(canvas, Qt.Key.Key_Return)
    assert [kind.key for kind in canvas.search._kinds("")][:5] == ["Conv1d", "Conv2d", "Softmax", "Dropout", "Linear"]
    assert [kind.key for kind in canvas.search._kinds("conv")][:2] == ["Conv1d", "Conv2d"]


def test_the_arrow_keys_go_down_the_list_while_the_pointer_lies_on_it(canvas):
    key(canvas, Qt.Key.Key_Tab)
    found, view = canvas.search.list, canvas.search.list.findChild(QListView)
    for dx in (0, 4):
        QTest.mouseMove(view.viewport(), QPoint(40 + dx, metrics().popup.search_row * 2 + 8))
    assert found.current == found.entries[2], "the pointer moved there"
    for row in range(3, 14):
        key(canvas, Qt.Key.Key_Down)
        assert found.current == found.entries[row]


def test_the_list_shows_whole_rows_only(canvas):
    key(canvas, Qt.Key.Key_Tab)
    view = canvas.search.list.findChild(QListView)
    assert len(canvas.search.list.entries) > 8
    assert view.viewport().height() % metrics().popup.search_row == 0


def test_the_list_has_room_for_the_first_sentence_of_every_layer(canvas):
    key(canvas, Qt.Key.Key_Tab)
    found, height = canvas.search.list, canvas.search.list.height()
    for layer in L.values():
        found.describe("", layer.summary())
        assert found._sentence.toolTip() == "", layer.key
        assert found.height() == height
    found.describe("", "word " * 99)
    assert found._sentence.toolTip() == "word " * 99
    assert found._sentence.text().endswith("…")


def test_a_click_elsewhere_closes_the_list(canvas):
    key(canvas, Qt.Key.Key_Tab)
    click(canvas, place(canvas, 300, 240))
    canvas.surface.setFocus()
    assert not canvas.search.is_open


def test_the_empty_canvas_offers_layers_to_begin_with(canvas, session):
    assert canvas.hint.isVisible()
    chips = canvas.hint.findChildren(type(canvas.zoom_bar.reset))
    QTest.mouseClick(chips[1], Qt.MouseButton.LeftButton)
    assert made(session) == [L["Linear"]()]
    assert not canvas.hint.isVisible()


@pytest.mark.parametrize(
    ("title", "query", "letters"),
    [("Conv2d", "conv", {0, 1, 2, 3}), ("BatchNorm2d", "bn", {0, 5}), ("ReLU", "x", set())],
)
def test_the_letters_that_were_typed_are_marked(title, query, letters):
    assert matched_letters(title, query) == letters


def test_words_of_the_list():
    assert short_reason("Needs (B, C, L), gets B × 64.") == "needs (B, C, L)"
    assert call_text(L["ReLU"]()) == "ReLU()"


@pytest.mark.parametrize(
    ("text", "key_of", "option", "value", "ports"),
    [
        ("torch.logaddexp", "Op", "call", "torch.logaddexp(x, other)", ["x", "other"]),
        ("torch.linalg.vecdot(p, q, dim=1)", "Op", "call", "torch.linalg.vecdot(p, q, dim=1)", ["p", "q"]),
        ("x[:, -1]", "Index", "index", ":, -1", ["x"]),
        ("x[:, start:]", "Index", "index", ":, start:", ["x", "start"]),
        ("//", "FloorDivide", "other", "None", ["a", "b"]),
    ],
)
def test_what_python_would_say_becomes_a_layer_with_its_ports(canvas, session, text, key_of, option, value, ports):
    double_click(canvas, place(canvas, 40, 40))
    type_text(text)
    key(canvas, Qt.Key.Key_Return)
    (layer,) = made(session)
    assert type(layer).key == key_of
    assert str(getattr(layer, option)) == value
    assert [port.name for port in layer.ports_in()] == ports


def test_what_is_typed_and_cannot_be_taken_is_said_under_the_list(canvas, session):
    key(canvas, Qt.Key.Key_Tab)
    type_text("linear -5")
    assert "at least 1" in canvas.search.list._sentence.whole_text()
    key(canvas, Qt.Key.Key_Escape)
    key(canvas, Qt.Key.Key_Tab)
    type_text("lstm 128 bidirectional")
    key(canvas, Qt.Key.Key_Return)
    (node,) = session.block.graph.nodes.values()
    assert node.layer.changed() == {"hidden_size": 128, "bidirectional": True}
