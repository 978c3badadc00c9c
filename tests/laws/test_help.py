"""What holds for the help of every layer: its example is a network that works, and its links lead somewhere."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from engine.analysis.infer import infer
from engine.document.example import example, spec_of
from engine.document.fragment import Paste, fragment_from_json, fragment_to_json
from engine.document.project import Project
from engine.layers import Layer, catalogue
from engine.tensor import TensorSpec
from tests.laws.torchvision_here import need_torchvision

LAYERS = catalogue()


def name(layer: type[Layer]) -> str:
    return layer.key


INSTALLED = [layer for layer in LAYERS if not layer.target.startswith("torchvision.") or find_spec("torchvision")]


@pytest.mark.parametrize("layer", INSTALLED, ids=name)
def test_the_example_of_a_layer_is_pasted_and_all_its_shapes_are_known(layer):
    need_torchvision(layer.key)
    fragment = example(layer)
    assert fragment is not None, "say in `example` what it takes, or draw it in engine/document/example_whole.py"
    assert any(type(node.layer) is layer for node in fragment.nodes)
    assert fragment_from_json(fragment_to_json(fragment)).project == fragment.project
    project = Paste(fragment)(Project())
    shapes = infer(project, trusted=True).main
    assert shapes.problems == ()
    assert [n for n, record in shapes.nodes.items() if None in record.outputs.values()] == []


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("B, 3, 8", TensorSpec(("B", 3, 8))),
        ("B, 10 int64", TensorSpec(("B", 10), "int64")),
        ("B int64", TensorSpec(("B",), "int64")),
        ("4", TensorSpec((4,))),
        ("T, B, 2 bool", TensorSpec(("T", "B", 2), "bool")),
    ],
)
def test_the_shape_of_an_example_is_read_as_it_is_written(text, spec):
    assert spec_of(text) == spec
