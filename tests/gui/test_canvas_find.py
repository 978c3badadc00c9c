"""Finding a layer by what is known of it, with real keys."""

import pytest
from PySide6.QtCore import Qt

from engine.document.grouping import Group
from engine.layers import Layer
from tests.gui.canvas_driver import key, type_text
from tests.gui.conftest import chain
from tests.gui.test_canvas_gestures import names

L = Layer.registry


@pytest.fixture
def network(canvas, session, settled):
    """images -> stem -> act -> pool, the last two in a block called Head."""
    layers = (L["Input"](shape=(1, 8, 8)), L["Conv2d"](out_channels=24), L["ReLU"](), L["MaxPool2d"]())
    session.document.replace(chain(*layers, names=("images", "stem", "act", "pool")))
    ids = names(session)
    session.apply(Group((ids["act"], ids["pool"]), "Head", ""))
    settled()
    return canvas


def found(canvas):
    return [entry.title for entry in canvas.finder.list.entries]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("stem", "stem"), ("conv", "stem"), ("out_channels=24", "stem"), ("24 x 8", "stem"), ("24 × 8", "stem"),
        ("rectifier", "act"), ("head", "head"), ("nn.maxpool2d", "pool"),
    ],
)  # fmt: skip
def test_a_layer_is_found_by_name_kind_option_shape_and_alias(network, query, first):
    network.finder.open()
    type_text(query)
    assert found(network)[0] == first


def test_enter_leads_into_the_block_where_it_stands(network, session):
    network.finder.open()
    type_text("pool")
    key(network, Qt.Key.Key_Return)
    assert session.block.name == "Head"
    assert session.selection == (names(session)["pool"],)
    assert not network.finder.list.isVisible()


def test_what_is_not_there_is_said(network):
    network.finder.open()
    type_text("transformer")
    assert found(network) == []
