"""The help page of a layer: what it says, where it leads, and the example that is put onto the canvas."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest

from engine.document.block_edits import AddBlock
from engine.document.edits import AddNode, SetParam
from engine.graph.graph import NodeId
from engine.layers import Layer, catalogue
from engine.layers.convolution import Conv2d
from engine.layers.related import related, torch_page
from gui.canvas.view import CanvasView
from gui.panels.help import NOTHING, HelpPanel
from gui.panels.palette import mime_of
from gui.session import Session
from tests.gui.conftest import chain

Settle = Callable[[], None]


@pytest.fixture
def panel(qtbot, session: Session) -> HelpPanel:  # type: ignore[no-untyped-def]
    panel = HelpPanel(session)
    qtbot.addWidget(panel)
    panel.resize(376, 600)
    panel.show()
    return panel


def test_a_page_says_everything_that_is_declared(panel: HelpPanel) -> None:
    panel.show_layer("Conv2d")
    said = panel.text()
    assert Conv2d.summary() in said
    assert "When to take it" in said
    assert "(B, C, H, W)" in said
    for option in Conv2d.params.values():
        assert option.name in said
    assert "whole number or 2 of them" in said
    assert torch_page(Conv2d) in said


def test_every_layer_has_a_page(panel: HelpPanel) -> None:
    for layer in catalogue():
        panel.show_layer(layer.key)
        assert layer.title in panel.text()
        assert panel.page.picture.diagram is not None


def test_the_formula_and_the_example_come_as_soon_as_they_are_worked_out(panel: HelpPanel, settled: Settle) -> None:
    panel.show_layer("GELU")
    assert not panel.page.formula.is_typeset
    assert panel.page.example.isHidden()
    settled()
    assert panel.page.formula.is_typeset
    assert not panel.page.example.isHidden()


def test_links_lead_to_other_layers_and_back_leads_home(panel: HelpPanel) -> None:
    panel.show_layer("ReLU")
    assert panel.back.isHidden()
    panel.page.intro.link_wanted.emit("layer:GELU")
    assert "GELU" in panel.text()
    QTest.keyClick(panel, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert "Sets negative numbers to 0" in panel.text()
    assert panel.back.isHidden()


def test_the_page_follows_the_selection(panel: HelpPanel, session: Session) -> None:
    assert panel.text() == NOTHING
    session.apply(AddNode(Conv2d()))
    session.select(session.block.graph.nodes)
    assert Conv2d.summary() in panel.text()
    session.select(())
    assert panel.text() == NOTHING


def test_the_picture_follows_the_options_of_the_selected_layer(
    panel: HelpPanel, session: Session, settled: Settle
) -> None:
    session.document.replace(chain(Layer.registry["Input"](shape=(3, 16, 16)), Conv2d(padding=0), Conv2d()))
    settled()
    session.select(["n2"])
    settled()
    before = panel.page.picture.diagram
    panel.area.verticalScrollBar().setValue(40)
    session.apply(SetParam(NodeId("n2"), "kernel_size", 5))
    settled()
    assert panel.page.picture.diagram != before
    assert panel.area.verticalScrollBar().value() == 40
    assert panel.page.formula.is_typeset


def test_a_block_of_ones_own_has_a_page(panel: HelpPanel, session: Session) -> None:
    session.apply(AddBlock("Stage"))
    panel.show_layer("block:stage")
    assert "Stage" in panel.text()
    assert "Your block" in panel.text()


def test_the_example_is_asked_for_with_the_button_and_with_a_key(panel: HelpPanel, settled: Settle) -> None:
    panel.show_layer("LSTM")
    settled()
    wanted: list[str] = []
    panel.add_wanted.connect(wanted.append)
    QTest.mouseClick(panel.page.example.button, Qt.MouseButton.LeftButton)
    QTest.keyClick(panel.page.example.picture, Qt.Key.Key_Return)
    QTest.mouseClick(panel.page.add, Qt.MouseButton.LeftButton)
    assert wanted == ["example:LSTM", "example:LSTM", "LSTM"]


def kinds(session: Session) -> list[str]:
    return [node.layer.key for node in session.block.graph.nodes.values()]


def test_an_example_is_put_under_what_is_there(canvas: CanvasView, session: Session) -> None:
    canvas.add_layer("Linear")
    canvas.add_layer("example:Conv2d")
    assert kinds(session) == ["Linear", "Input", "Conv2d", "BatchNorm2d", "ReLU", "Output"]
    layout = session.project.layout_of(session.block_id)
    first, *rest = (layout.at(node) for node in session.block.graph.nodes)
    assert min(y for _, y in rest) > first[1]
    session.undo()
    assert kinds(session) == ["Linear"]


def drop(canvas: CanvasView, data: QMimeData, at: QPointF) -> QDropEvent:
    event = QDropEvent(at, Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    canvas.dropEvent(event)
    return event


def test_an_example_is_dropped_where_it_is_let_go(canvas: CanvasView, session: Session) -> None:
    event = drop(canvas, mime_of("example:Add"), QPointF(300, 200))
    assert event.isAccepted()
    assert kinds(session) == ["Input", "Linear", "ReLU", "Add", "Output"]
    assert len(session.block.graph.edges) == 5


def test_what_is_no_example_is_not_put_anywhere(canvas: CanvasView, session: Session) -> None:
    canvas.add_layer("example:Nothing")
    assert kinds(session) == []


@pytest.mark.parametrize("layer", catalogue(), ids=lambda layer: layer.key)
def test_what_is_similar_is_another_layer_each_time(layer: type[Layer]) -> None:
    found = related(layer)
    assert layer not in found
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("key", "page"),
    [
        ("Conv2d", "stable/generated/torch.nn.Conv2d.html"),
        ("Concat", "stable/generated/torch.cat.html"),
        ("Pad", "stable/generated/torch.nn.functional.pad.html"),
        ("CausalMask", "stable/generated/torch.nn.Transformer.html"),
        ("Code", ""),
    ],
)
def test_a_page_of_the_manual_of_torch(key: str, page: str) -> None:
    assert torch_page(Layer.registry[key]).removeprefix("https://docs.pytorch.org/docs/") == page


def test_a_layer_names_those_that_it_speaks_of_first() -> None:
    assert related(Layer.registry["ReLU"])[0].key == "LeakyReLU"


def test_the_page_of_a_ready_block_says_what_it_does_and_shows_its_class(panel: HelpPanel, settled: Settle) -> None:
    panel.show_layer("library:residual-bottleneck.bottleneck")
    said = panel.text()
    assert "A residual block for deep networks" in said
    assert "channels" in said
    assert "arxiv.org/abs/1512.03385" in said
    assert "norm" in panel.page.picture.diagram.words
    settled()
    assert "class Bottleneck(nn.Module):" in panel.page.printed.toPlainText()
    panel.show_layer("ReLU")
    assert panel.page.printed.isHidden()


def test_a_ready_block_is_added_from_its_page(panel: HelpPanel) -> None:
    wanted: list[str] = []
    panel.add_wanted.connect(wanted.append)
    panel.show_layer("library:swiglu.swiglu")
    panel.page.add.click()
    assert wanted == ["library:swiglu.swiglu"]
