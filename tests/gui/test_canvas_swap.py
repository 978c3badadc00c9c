"""Another layer in a layer's place, with real keys."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.document.edits import AddNode, Connect, Rename, fresh_ids
from engine.graph.graph import Edge
from engine.layers import Layer
from engine.layers.similar import carried, similar
from engine.tensor import TensorSpec
from tests.gui.canvas_driver import LEFT, SHIFT, key, type_text
from tests.gui.conftest import chain
from tests.gui.test_canvas_gestures import names, wires
from tests.gui.window_fixture import hands  # noqa: F401

L = Layer.registry


@pytest.fixture
def network(canvas, session, settled):
    """images -> conv -> relu -> max_pool."""
    layers = (L["Input"](shape=(3, 8, 8)), L["Conv2d"](out_channels=24), L["ReLU"](), L["MaxPool2d"](kernel_size=4))
    session.document.replace(chain(*layers, names=("images", "conv", "relu", "max_pool")))
    settled()
    return canvas


def titles(canvas):
    return [entry.title for entry in canvas.swapping.list.entries]


def test_a_similar_layer_takes_the_place_with_wires_options_and_a_name_of_its_own(network, session):
    session.select([names(session)["max_pool"]])
    before = session.project
    network.swapping.open()
    assert titles(network)[0].endswith("Pool2d")
    type_text("avgpool2d")
    key(network, Qt.Key.Key_Return)
    layer = session.project.node(session.selection[0]).layer
    assert (layer.key, layer.kernel_size) == ("AvgPool2d", 4)
    assert ("relu", "avg_pool") in wires(session)
    session.undo()
    assert session.project is before


def test_an_activation_is_changed_by_typing_and_keeps_a_name_that_one_gave_it(network, session, settled):
    session.apply(Rename(names(session)["relu"], "bend"))
    session.select([names(session)["bend"]])
    network.swapping.open()
    type_text("gelu")
    key(network, Qt.Key.Key_Return)
    assert session.project.node(names(session)["bend"]).layer.key == "GELU"


def test_what_each_layer_would_give_is_shown(network, session, qtbot):
    session.select([names(session)["conv"]])
    network.swapping.open()
    qtbot.waitUntil(lambda: network.swapping.list.entries[0].right != "", timeout=10_000)
    assert network.swapping.list.entries[0].right == "B × 3 × 8 × 8"


def test_a_convolution_is_offered_by_channel_and_one_by_one():
    first, second = similar(L["Conv2d"](out_channels=24), TensorSpec(("B", 6, 8, 8)))[:2]
    assert (first.groups, first.out_channels) == (6, 6)
    assert (second.kernel_size, second.out_channels) == (1, 24)


@pytest.fixture
def recurrent(canvas, session, settled):
    """steps -> lstm, whose three outputs a layer each reads."""
    project = chain(L["Input"](shape=(5, 4)), L["LSTM"](hidden_size=6), L["Linear"](), names=("steps", "lstm", "head"))
    lstm = next(n.id for n in project.block().graph.nodes.values() if n.name == "lstm")
    for name, port in (("last", "h"), ("cell", "c")):
        (new,) = fresh_ids(project)
        project = Connect(Edge(lstm, port, new, "x"))(AddNode(L["ReLU"](), name)(project))
    session.document.replace(project)
    settled()
    session.select([lstm])
    return canvas


def test_what_a_layer_would_lose_is_said_before_and_after_and_can_be_taken_back(recurrent, session):
    before, said = session.project, []
    session.message.connect(lambda *words: said.append(words))
    recurrent.swapping.open()
    type_text("gru")
    swaps = recurrent.swapping.list
    assert swaps.current.title == "GRU"
    assert "loses 1 wire" in swaps.current.detail
    assert swaps._sentence.whole_text() == "Loses the wire c to cell."
    key(recurrent, Qt.Key.Key_Return)
    assert wires(session) == {("steps", "gru"), ("gru", "head"), ("gru", "last")}
    ((words, button, call),) = said
    assert (words, button) == ("Changed to GRU, which has no port for the wire c to cell", "Undo")
    call()
    assert session.project is before


def test_what_read_the_first_output_reads_the_first_one_of_the_new_layer(recurrent, session):
    said = []
    session.message.connect(lambda *words: said.append(words[0]))
    recurrent.swapping.open()
    type_text("linear")
    key(recurrent, Qt.Key.Key_Return)
    assert wires(session) == {("steps", "linear"), ("linear", "head")}
    assert said == ["Changed to Linear, which has no port for 2 wires: c to cell, h to last"]


def test_a_layer_that_keeps_all_wires_is_changed_without_a_word(network, session):
    said = []
    session.message.connect(said.append)
    session.select([names(session)["relu"]])
    network.swapping.open()
    assert not any("loses" in entry.detail for entry in network.swapping.list.entries)
    key(network, Qt.Key.Key_Return)
    assert said == []


def test_options_that_both_have_are_carried_and_others_left():
    found = carried(L["Conv3d"], L["Conv2d"](out_channels=7, stride=2, kernel_size=(3, 5)))
    assert (found.out_channels, found.stride) == (7, 2)
    assert found.kernel_size == L["Conv3d"]().kernel_size


@pytest.mark.parametrize("key_", sorted(L), ids=str)
def test_similar_layers_can_stand_where_it_stands(key_):
    layer = L[key_]()
    for other in similar(layer):
        assert other.category == layer.category
        assert bool(other.ports_out()) == bool(layer.ports_out())


def test_several_layers_of_a_kind_are_changed_at_once_each_with_its_own_options(hands):  # noqa: F811
    layers = (
        L["Input"](shape=(3, 8, 8)),
        L["Conv2d"](out_channels=8, stride=2),
        L["ReLU"](),
        L["Conv2d"](out_channels=4),
    )
    hands.session.document.replace(chain(*layers, names=("images", "wide", "relu", "narrow")))
    hands.settle()
    hands.select("wide")
    QTest.mouseClick(hands.canvas.surface.viewport(), LEFT, SHIFT, hands.canvas.node_point(hands.node("narrow")))
    before = hands.session.project
    hands.shortcut("Ctrl+K")
    assert hands.canvas.swapping.list._heading.text() == "In place of 2 layers"
    hands.write("conv2d k5")
    hands.key("Return")
    wide, narrow = (n.layer for n in hands.session.block.graph.nodes.values() if n.name in ("wide", "narrow"))
    assert [(each.out_channels, each.kernel_size, each.stride) for each in (wide, narrow)] == [(8, 5, 2), (4, 5, 1)]
    assert hands.session.document.undo_label == "Change 2 layers to Conv2d"
    hands.session.undo()
    assert hands.session.project is before


def test_convolutions_that_are_changed_to_those_by_channel_have_each_its_own_channels(hands):  # noqa: F811
    layers = L["Input"](shape=(3, 8, 8)), L["Conv2d"](out_channels=6), L["Conv2d"](out_channels=9)
    hands.session.document.replace(chain(*layers, names=("images", "one", "two")))
    hands.settle()
    hands.session.select([hands.node("one"), hands.node("two")])
    hands.shortcut("Ctrl+K")
    hands.key("Return")
    found = [n.layer for n in hands.session.block.graph.nodes.values() if n.name in ("one", "two")]
    assert [(each.groups, each.out_channels) for each in found] == [(3, 3), (6, 6)]


def test_layers_of_several_kinds_are_not_changed_at_once(hands):  # noqa: F811
    hands.session.document.replace(chain(L["Input"](shape=(3,)), L["Linear"](), L["ReLU"](), names=("x", "a", "b")))
    hands.settle()
    hands.session.select([hands.node("a"), hands.node("b")])
    hands.window.actions_.refresh()
    assert not hands.window.actions_["graph.swap"].isEnabled()
    assert "Select layers of one kind." in hands.window.actions_["graph.swap"].toolTip()
