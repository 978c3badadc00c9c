"""Dry runs of a wire, and of the layers in the palette."""

import pytest

from engine.analysis.fits import fits, offers
from engine.analysis.infer import infer
from engine.graph.graph import Edge
from engine.layers.base import Layer
from engine.layers.code import CodeLayer
from engine.layers.io import Input, Output
from engine.tensor import TensorSpec
from tests.engine.networks import graph, project


def layer(key, **options):
    return Layer.registry[key](**options)


@pytest.fixture
def made():
    nodes = {
        "x": Input(),
        "flat": layer("Flatten"),
        "conv": layer("Conv2d"),
        "head": layer("Linear"),
        "half": layer("MaxPool2d"),
        "join": layer("Add"),
        "away": layer("Conv1d"),
        "y": Output(),
    }
    return project(graph(nodes, "x -> flat", "x -> half", "half -> join:0", "flat -> away"))


def why(made, source, target, port="x"):
    return fits(made, infer(made), Edge(source, "out", target, port))


def test_a_shape_that_fits_needs_no_words(made):
    assert why(made, "x", "conv") is None
    assert why(made, "flat", "head") is None
    assert why(made, "x", "y") is None


def test_a_shape_that_does_not_fit_is_told_as_the_layer_would(made):
    assert why(made, "flat", "conv") == "Needs an image (B, C, H, W), gets B × 64."


def test_a_wire_is_tried_beside_those_that_are_there(made):
    assert "B × 1 × 4 × 4" in why(made, "x", "join", "inputs")


def test_what_is_not_known_is_not_refused(made):
    assert why(made, "away", "conv") is None
    assert fits(made, infer(made), Edge("gone", "out", "conv", "x")) is None
    assert fits(made, infer(made), Edge("x", "out", "conv", "nothing")) is None


def test_every_layer_says_what_it_would_give_or_why_it_cannot():
    found = offers(None, None, TensorSpec(("B", 64)), Layer.registry.values())
    assert found["Linear"] == TensorSpec(("B", 64))
    assert found["ReLU"] == TensorSpec(("B", 64))
    assert found["Conv2d"] == "Needs an image (B, C, H, W), gets B × 64."
    assert isinstance(found["Input"], str)


def test_code_is_not_run_to_see_what_it_gives(tmp_path):
    touched = tmp_path / "touched"
    source = f"def touch(x):\n    open({str(touched)!r}, 'w')\n    return x\n"
    assert offers(None, None, TensorSpec(("B", 4)), [CodeLayer(source=source)]) == {}
    assert not touched.exists()


def test_nothing_is_offered_for_a_shape_that_is_not_known():
    assert offers(None, None, None, Layer.registry.values()) == {}
