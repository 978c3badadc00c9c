"""Python numbers on wires: what they are, where they may go, and how they follow from free sizes."""

from __future__ import annotations

import pytest
import torch

from engine.analysis.execute import outcome
from engine.analysis.infer import infer
from engine.codegen.classes import model_source
from engine.document.document import Document
from engine.document.edits import SetParam
from engine.document.files import dumps, loads
from engine.document.project import Project
from engine.errors import SpecError
from engine.expr import Expr
from engine.graph.block import BlockParam
from engine.graph.graph import Edge
from engine.layers import Layer
from engine.tensor import NumberSpec, TensorSpec
from tests.engine.drawing import Drawing
from tests.laws.real import compute

ROWS = TensorSpec(("B", "T", 64))


def given(key: str, inputs: dict, **options) -> str:
    """What the layer's first output is, as people read it, or why there is none."""
    layer = Layer.registry[key](**options)
    found = outcome(layer, {port.name: inputs.get(port.name) for port in layer.ports_in()})
    return found.error.message if found.error else str(next(iter(found.outputs.values())))


@pytest.mark.parametrize(
    ("key", "options", "inputs", "text"),
    [
        ("Size", {}, {"x": ROWS}, "T"),
        ("Size", {"dim": -1}, {"x": ROWS}, "64"),
        ("Rank", {}, {"x": ROWS}, "3"),
        ("Count", {}, {"x": ROWS}, "64·B·T"),
        ("FloorDivide", {"other": 2}, {"a": NumberSpec.of("T")}, "T//2"),
        ("Remainder", {"other": 7}, {"a": NumberSpec.of("T")}, "T % 7"),
        ("Divide", {"other": 4}, {"a": NumberSpec.of(64)}, "16"),
        ("Multiply", {}, {"inputs": (NumberSpec.of("T"), NumberSpec.of("B"))}, "B·T"),
        ("Compare", {"operator": ">", "other": 3}, {"a": NumberSpec.of("T")}, "T > 3"),
        ("Add", {"other": 1}, {"inputs": (ROWS,)}, "B × T × 64"),
        ("Divide", {}, {"a": ROWS, "b": NumberSpec.of("T")}, "B × T × 64"),
    ],
)
def test_a_number_follows_from_the_free_sizes(key, options, inputs, text):
    assert given(key, inputs, **options) == text


def test_a_number_where_a_tensor_is_needed_is_refused_in_words():
    assert given("Linear", {"x": NumberSpec.of("T")}) == "Needs a tensor, gets the number T."


def numbers_and_rows() -> tuple[Project, Edge]:
    d = Drawing("Model")
    size = d.add("size", Layer.registry["Size"](), d.input("x", 5, 8))
    head = d.add("head", Layer.registry["Linear"]())
    return d.project(), Edge(size.node, "out", head.node, "x")


def test_a_wire_that_takes_a_number_to_a_tensors_port_cannot_be_drawn():
    project, edge = numbers_and_rows()
    assert project.why_not(edge) == "head: x needs a tensor, and out is a number."


def heads() -> Drawing:
    """b, t, c = x.shape; x.view(b, t, heads, c // heads)."""
    d = Drawing("Model", BlockParam("heads", default=4))
    x = d.input("x", "T", 64)
    sizes = d.add("size", Layer.registry["Size"](dim=(0, 1, 2), names=("b", "t", "c"), exact=True), x)
    view = Layer.registry["Reshape"](
        shape=Expr("b, t, heads, c // heads"), wires=("b", "t", "c"), keep_batch=False, method="view"
    )
    d.output("out", d.add("split", view, x, sizes.b, sizes.t, sizes.c))
    return d


def test_sizes_feed_the_options_of_another_layer_in_the_text_and_in_the_shapes():
    project = heads().project()
    analysis = infer(project)
    assert str(analysis.main.outputs[0]) == "B × T × 4 × 16"
    text = model_source(project, analysis).text
    assert "b, t, c = x.shape" in text
    assert "x.view(b, t, self.heads, c // self.heads)" in text


def test_a_project_with_numbers_on_wires_comes_back_from_its_file():
    project = heads().project()
    assert loads(dumps(project)) == project


def test_a_name_that_is_no_parameter_becomes_an_input_and_goes_with_its_last_mention():
    document = Document(heads().project())
    node = next(n for n in document.project.block().graph.nodes.values() if n.name == "split")
    document.apply(SetParam(node.id, "shape", Expr("b, rows, -1")))
    layer = document.project.node(node.id).layer
    assert layer.wires == ("b", "rows")
    assert [port.name for port in layer.ports_in()] == ["x", "b", "rows"]


@pytest.mark.parametrize(
    ("index", "wires", "message"),
    [
        (":, 9", {}, "There is no entry 9 among the 8 of dimension 1, B × 8 × 12."),
        (":, -9", {}, "There is no entry -9 among the 8 of dimension 1, B × 8 × 12."),
        (":, :, :, 0", {}, "[:, :, :, 0] names 4 dimensions, and B × 8 × 12 has 3."),
        (":, 8:", {}, "Nothing is left of the 8 entries of dimension 1, B × 8 × 12."),
        (":, ::-1", {}, "Steps backwards, by -1, along dimension 1."),
        (":, 0.5", {}, "0.5 is no index."),
        (":, where", {}, "where is no parameter and no wire here."),
        (":, i", {"i": TensorSpec((3,))}, "Indices are whole numbers or a mask, and i is 3."),
        (":, i", {"i": NumberSpec.of(0.5)}, "i is 0.5, which is no whole number."),
        (
            "m",
            {"m": TensorSpec(("B", 9), "bool")},
            "The mask m is B × 9, and what it stands for in B × 8 × 12 is B × 8.",
        ),
        ("m", {"m": TensorSpec(("B", 8), "bool")}, "N × 12"),
        (":, 2:, ..., None", {}, "B × 6 × 12 × 1"),
    ],
)
def test_an_index_is_read_as_python_reads_it_and_refused_in_words(index, wires, message):
    images = TensorSpec(("B", 8, 12))
    assert given("Index", {"x": images, **wires}, index=index, wires=tuple(wires)) == message


@pytest.mark.parametrize("index", ["f(x)", "__import__('os')", "x.y", "lambda: 0", "a := 1", "0]; (1", ""])
def test_no_code_hides_in_an_index(index):
    with pytest.raises(SpecError, match="must be what stands in"):
        Layer.registry["Index"](index=index)


def test_an_index_of_slices_takes_the_values_of_parameters():
    sliced = Layer.registry["Index"](index=":, :, :height", wires=())
    assert sliced.resolve({"height": 5}).index.text == ":, :, :5"


def test_a_mask_chooses_what_the_free_size_stands_for():
    layer = Layer.registry["Index"](index="m", wires=("m",))
    x, mask = torch.rand(3, 8, 12), torch.rand(3, 8) > 0.5
    outputs, _ = compute(layer, {}, {"x": x, "m": mask})
    assert outputs["out"].shape == (int(mask.sum()), 12)
