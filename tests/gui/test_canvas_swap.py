"""Another layer in a layer's place, with real keys."""

import pytest
from PySide6.QtCore import Qt

from engine.document.edits import Rename
from engine.layers import Layer
from engine.layers.similar import carried, similar
from engine.tensor import TensorSpec
from tests.gui.canvas_driver import key, type_text
from tests.gui.conftest import chain
from tests.gui.test_canvas_gestures import names, wires

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
