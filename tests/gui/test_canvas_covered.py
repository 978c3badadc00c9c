"""Of a heap of layers only what is seen is painted, and it looks the same whichever part of it is painted anew."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRect

from bench.networks import skips
from engine.document.edits import MoveNodes
from engine.document.muting import Mute
from engine.document.project import MAIN
from engine.graph.graph import NodeId
from engine.layers import Layer
from gui.canvas.covered import BLOCK, covered, under
from gui.canvas.drawing import Drawing
from gui.canvas.look import Marks
from tests.gui.canvas_driver import shot
from tests.gui.conftest import chain
from tests.gui.test_canvas_sheet import other_pixels, pixels

BOX = st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(1, 6), st.integers(1, 6), st.booleans())


@given(st.lists(BOX, max_size=30), st.integers(1, 9))
def test_what_lies_within_something_opaque_over_it_is_covered(boxes, times):
    some = boxes * (times if len(boxes) * times < 3 * BLOCK else 1)
    found = covered(
        np.array([(x, y, x + w, y + h) for x, y, w, h, _ in some], float).reshape(-1, 4),
        np.array([hides for *_, hides in some], bool),
    )
    for i, (x, y, w, h, _) in enumerate(some):
        over = [box for box in some[i + 1 :] if box[4]]
        assert found[i] == any(a <= x and b <= y and a + c >= x + w and b + d >= y + h for a, b, c, d, _ in over)


@pytest.fixture
def heap(canvas, session, settled):
    """Two hundred layers on one spot."""
    project = skips(200)
    session.document.replace(MoveNodes(dict.fromkeys(project.block().graph.nodes, (0.0, 0.0)))(project))
    settled()
    canvas.settling.finish()
    canvas.surface.look_at(canvas.drawing.rect(NodeId("n100")).center(), 1.0)
    return canvas


def painted(canvas):
    """How many layers are kept as pictures of themselves after all has been painted twice."""
    for _ in range(2):
        canvas.scene.redraw()
        shot(canvas)
    return len(canvas.picture.stamps._kept)


@pytest.mark.parametrize("zoom", [0.5, 1.0])
def test_of_layers_on_one_spot_those_are_painted_that_one_sees(heap, zoom):
    heap.surface.look_at(heap.surface.centre, zoom)
    assert painted(heap) <= 12


def test_what_is_seen_through_is_painted_with_what_lies_under_it(heap, session):
    uppermost = list(heap.drawing.faces)[154:194]
    session.apply(MoveNodes(dict.fromkeys(list(heap.drawing.faces)[194:], (900.0, 0.0))))
    before = painted(heap)
    session.apply(Mute(uppermost))
    assert painted(heap) >= before + 30


@pytest.mark.parametrize("zoom", [0.5, 1.0])
def test_a_heap_that_was_panned_looks_like_one_painted_anew(heap, zoom):
    places = {node: (8.0 * (i % 7), 8.0 * (i % 5)) for i, node in enumerate(heap.drawing.faces)}
    heap.session.apply(MoveNodes(places))
    heap.settling.finish()
    heap.surface.look_at(heap.surface.centre, zoom)
    shot(heap)
    for dx, dy in ((-260, 0), (7, 31), (300, -90), (-40, 100)):
        heap.surface.pan(QPointF(dx, dy))
        panned = shot(heap)
    heap.scene.redraw()
    assert other_pixels(pixels(panned), pixels(shot(heap))) == 0


def test_a_layer_looks_the_same_with_and_without_what_lies_under_it(heap, session):
    last = list(heap.drawing.faces)[-1]
    inside = QRect(heap.to_view(heap.drawing.rect(last).topLeft()), heap.drawing.rect(last).size().toSize())
    inside = inside.adjusted(12, 4, -12, -4)
    among = pixels(shot(heap).copy(inside))
    session.apply(MoveNodes({node: (900.0, 900.0) for node in heap.drawing.faces if node != last}))
    heap.settling.finish()
    assert (pixels(shot(heap).copy(inside)) == among).all()


def test_a_port_of_a_covered_layer_is_drawn_unless_the_same_one_lies_on_it(qapp):
    project = chain(Layer.registry["MatMul"](), Layer.registry["MatMul"](), Layer.registry["Conv2d"](), step=0.0)
    drawing = Drawing(project, MAIN)
    first, second, over = list(drawing.faces)
    assert drawing.rect(over).contains(drawing.rect(first))
    found = under(drawing, [first, second, over], Marks(), drawing.looks.__getitem__)
    assert found.keys() == {first, second}
    left = {node: [(spot.port.name, bool(spot.wires)) for spot in found[node]] for node in found}
    b = drawing.faces[first].inlets[1].port.name
    assert (b, False) in left[second]
    assert (b, False) not in left[first]
