"""What a layer is said to see of the input is where its gradient is: stacks of windows, strides, skips and blocks."""

import pytest
import torch

from engine.analysis.infer import infer
from engine.costs.receptive import receptive_fields
from engine.layers.base import Layer
from engine.layers.block import BlockLayer
from engine.layers.io import Input, Output
from tests.engine.networks import block, chain, graph, project
from tests.laws.real import Network


def layer(key, **options):
    return Layer.registry[key](**options)


def conv(kernel, **options):
    return layer("Conv2d", out_channels=2, kernel_size=kernel, **options)


def skip():
    nodes = {"x": Input(shape=(1, 41, 41)), "a": conv(3), "b": conv(5, dilation=2), "j": layer("Add"), "y": Output()}
    return graph(nodes, "x -> a", "a -> b", "b -> j:0", "a -> j:1", "j -> y")


def image(**layers):
    return chain(x=Input(shape=(1, 41, 41)), **layers, y=Output())


INNER = block("stage", chain(x=Input(), c=conv(3, stride=2, padding=1), t=layer("Tanh"), y=Output()))
CASES = {
    "one filter": (image(c=conv(3)), ()),
    "three filters": (image(a=conv(3), b=conv(5), c=conv(3)), ()),
    "uneven filters": (image(a=conv((3, 5)), b=conv((1, 7))), ()),
    "strides": (image(a=conv(3, stride=2, padding=1), b=conv(3, stride=2, padding=1), c=conv(3)), ()),
    "dilation": (image(a=conv(3, dilation=2), b=conv(3, dilation=4)), ()),
    "no padding": (image(a=conv(3, padding="valid"), b=layer("AvgPool2d"), c=conv(3)), ()),
    "pooling": (image(a=conv(3), p=layer("AvgPool2d", kernel_size=3, stride=2), b=conv(3)), ()),
    "a skip": (skip(), ()),
    "up again": (image(a=conv(3, stride=2, padding=1), u=layer("ConvTranspose2d", out_channels=2), c=conv(3)), ()),
    "copied pixels": (image(a=layer("AvgPool2d"), u=layer("Upsample"), c=conv(3)), ()),
    "blocks in a row": (
        graph(
            {"x": Input(shape=(1, 41, 41)), "s": BlockLayer(block="stage", repeat=3), "y": Output()},
            "x -> s.x", "s.y -> y",
        ),
        (INNER,),
    ),
    "all": (image(a=conv(3), p=layer("AdaptiveAvgPool2d")), ()),
    "in a row": (image(a=conv(3), f=layer("Flatten"), h=layer("Linear")), ()),
    "channels last and back": (
        image(p=layer("Permute", dims=(0, 2, 3, 1)), q=layer("Permute", dims=(0, 3, 1, 2)), c=conv(3)), (),
    ),
}  # fmt: skip


def reached(made, analysis):
    """How far apart the pixels are whose change changes the value in the middle of the result."""
    torch.manual_seed(0)
    x = torch.rand(1, 1, 41, 41, requires_grad=True)
    (result,) = Network(made, {"B": 1}).run(analysis.main, [x])
    widest = (0, 0)
    for offset in range(3):  # an enlarged image has places that see more than others
        middle = tuple(size // 2 + offset if i > 1 and size > 8 else size // 2 for i, size in enumerate(result.shape))
        (gradient,) = torch.autograd.grad(result[middle], x, retain_graph=True)
        places = gradient[0, 0].nonzero()
        spans = places.max(0).values - places.min(0).values + 1
        widest = tuple(max(a, int(b)) for a, b in zip(widest, spans))
    return widest


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_receptive_field_is_where_the_gradient_is(case):
    made = project(case[0], *case[1])
    analysis = infer(made)
    assert analysis.main.known
    last = next(e.source for e in made.block().graph.edges if e.target == "y")
    (view,) = receptive_fields(made.blocks, analysis.main)[made.main, last]
    assert view.seen == reached(made, analysis)


def test_attention_sees_every_step_and_a_recurrent_layer_too():
    for kind in ("TransformerEncoderLayer", "GRU"):
        made = project(chain(x=Input(shape=(12, 8)), t=layer(kind), y=Output()))
        (view,) = receptive_fields(made.blocks, infer(made).main)[made.main, "t"]
        assert str(view) == "all of x"


def test_a_linear_layer_sees_one_step():
    made = project(chain(x=Input(shape=(12, 8)), h=layer("Linear"), y=Output()))
    (view,) = receptive_fields(made.blocks, infer(made).main)[made.main, "h"]
    assert str(view) == "1 of 12 of x"


def test_a_table_has_no_receptive_field():
    made = project(chain(x=Input(shape=(8,)), h=layer("Linear"), y=Output()))
    assert receptive_fields(made.blocks, infer(made).main)[made.main, "h"] == ()


def test_a_window_of_one_dimension_on_an_image_sees_nothing():
    made = project(image(a=layer("Conv1d", out_channels=2, kernel_size=3), b=conv(3)))
    analysis = infer(made)
    seen = receptive_fields(made.blocks, analysis.main)
    assert [seen[made.main, node.id] for node in made.block().graph.nodes.values() if node.name in ("a", "b")] == [
        (),
        (),
    ]


@pytest.mark.parametrize("key", ["LogSumExp", "VectorNorm", "Median", "CumSum", "Std"])
def test_what_takes_a_dimension_together_sees_all_of_it(key):
    made = project(image(a=conv(3), s=layer(key, dim=2)))
    (seen,) = receptive_fields(made.blocks, infer(made).main)[made.main, "s"]
    assert seen.seen[0] == 41
