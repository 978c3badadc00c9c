"""Wires without a mouse."""

import pytest
from PySide6.QtCore import Qt

from engine.layers import Layer
from tests.gui.canvas_driver import SHIFT, key, type_text
from tests.gui.conftest import chain
from tests.gui.test_canvas_gestures import names, wires

L = Layer.registry


@pytest.fixture
def network(canvas, session, settled):
    """images -> conv; relu, join and fc without wires."""
    session.document.replace(chain(L["Input"](shape=(3, 8, 8)), L["Conv2d"](), names=("images", "conv")))
    for kind in ("ReLU", "Add", "LSTM"):
        session.select(())
        canvas.add_layer(kind)
    settled()
    return canvas


def titles(canvas):
    return [entry.title for entry in canvas.wiring.list.entries]


def test_a_wire_is_drawn_by_typing_where_it_leads(network, session):
    before = session.project
    session.select([names(session)["conv"]])
    network.wiring.open("out")
    assert "images" not in titles(network)
    type_text("relu")
    key(network, Qt.Key.Key_Return)
    assert ("conv", "re_lu") in wires(session) or ("conv", "relu") in wires(session)
    session.undo()
    assert session.project is before


def test_what_feeds_a_layer_is_typed_as_well_and_the_list_stays_for_the_next(network, session):
    session.select([names(session)["add"]])
    network.wiring.open("in")
    type_text("conv")
    key(network, Qt.Key.Key_Return, SHIFT)
    network.wiring.list.field.clear()
    type_text("images")
    key(network, Qt.Key.Key_Return)
    assert {("conv", "add"), ("images", "add")} <= wires(session)


def test_ports_that_cannot_take_the_shape_come_last_with_the_reason(network, session, qtbot):
    session.select([names(session)["conv"]])
    network.wiring.open("out")
    qtbot.waitUntil(lambda: any(entry.muted for entry in network.wiring.list.entries), timeout=10_000)
    last = network.wiring.list.entries[-1]
    assert last.title.startswith("lstm")
    assert "Needs" in last.right
