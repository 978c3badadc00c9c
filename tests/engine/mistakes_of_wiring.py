"""Mistakes with wires, blocks and options that do not fit."""

from __future__ import annotations

from engine.document.project import Project
from engine.layers.block import BlockLayer, Shared
from engine.layers.io import Input, Output
from engine.recipe.tables import Wine
from tests.engine.mistake import FLAT, ROWS, Mistake, ending, layer, on, wired
from tests.engine.networks import block, chain, graph

conv = layer("Conv2d", out_channels=8)
halves = block("down", chain(x=Input(), c=layer("Conv2d", out_channels=8, stride=2, padding=0), y=Output()))
doubles = block("grow", chain(x=Input(), c=layer("Linear", out_features=20), y=Output()))
inner = block("stage", chain(x=Input(), c=layer("Conv1d"), y=Output()))
skip = block(
    "res",
    graph(
        {"x": Input(), "c": layer("Conv2d", out_channels=24), "j": layer("Add"), "y": Output()},
        "x -> c",
        "c -> j:0",
        "x -> j:1",
        "j -> y",
    ),
)
tail = {"f": FLAT, "h": layer("Linear", out_features=10), "y": Output()}


def through(name: str, inner_block, **options) -> Project:
    nodes = {"x": Input(), "a": conv, "s": BlockLayer(block=name, **options), **tail}
    return on(graph(nodes, "x -> a", "a -> s.x", "s.y -> f", "f -> h", "h -> y"), inner_block)


WIRING: dict[str, Mistake] = {
    "nothing wired in": Mistake(
        wired({"x": Input(), **tail}, "x -> f", "h -> y"), "h", ("h needs an input",), "Wire f into h"
    ),
    "a layer that nobody uses": Mistake(
        wired({"x": Input(), "side": conv, **tail}, "x -> f", "x -> side", "f -> h", "h -> y"),
        "side",
        ("side feeds nothing",),
        "Delete side",
        "warning",
    ),
    "no end": Mistake(
        on(chain(x=Input(), f=FLAT, h=layer("Linear", out_features=10))),
        "",
        ("no Output",),
        "Add an Output after h",
    ),
    "only one wire into a sum": Mistake(
        wired({"x": Input(), "j": layer("Add"), **tail}, "x -> j", "j -> f", "f -> h", "h -> y"),
        "j",
        ("two inputs", "one"),
        "Delete j",
    ),
    "a circle": Mistake(
        wired(
            {"x": Input(), "a": conv, "b": conv, "j": layer("Add"), "c": conv, **tail},
            "x -> a", "x -> b", "a -> j:0", "b -> j:1", "c -> j:2", "j -> c", "c -> f", "f -> h", "h -> y",
        ),
        "j",
        ("circle", "j, c"),
        "Delete the wire from c to j",
    ),
    "a row of blocks that change their size with shared weights": Mistake(
        on(
            graph(
                {"x": Input(), "s": BlockLayer(block="grow", repeat=2, shared=True),
                 "h": layer("Linear", out_features=3), "y": Output()},
                "x -> s.x", "s.y -> h", "h -> y",
            ),
            doubles,
            dataset=Wine(),
        ),
        "s",
        ("2 times", "B × 13", "B × 20"),
        "Give each repeat its own weights",
    ),
    "a row of blocks until nothing is left": Mistake(
        through("down", halves, repeat=8), "s.2.c", ("3 × 3", "1 × 1"), "Set padding to 1"
    ),
    "a mistake inside a block": Mistake(
        through("stage", inner), "s.c", ("signal", "B × 8 × 8 × 8"), "Change to Conv2d"
    ),
    "a skip inside a block": Mistake(
        through("res", skip), "s.j", ("B × 24 × 8 × 8 from c", "B × 8 × 8 × 8 from x"),
        "Insert a 1 × 1 convolution after x",
    ),
    "a block with an argument it does not have": Mistake(
        through("down", halves, args={"depth": 2}), "s", ("no parameter depth",), "Remove depth"
    ),
    "weights shared between different sizes": Mistake(
        wired(
            {
                "x": Input(), "a": layer("Linear", out_features=20), "again": Shared(node="a"),
                "h": layer("Linear", out_features=3), "y": Output(),
            },
            "x -> a", "a -> again.x", "again.out -> h", "h -> y", dataset=Wine(),
        ),
        "again",
        ("weights of a", "20", "13"),
        "Use a layer of its own for again",
    ),
    "an axis that is not there": Mistake(
        ending(recipe={"dataset": Wine()}, classes=3, s=layer("Softmax", dim=3)),
        "s", ("no dimension 3", "B × 13"), "Set dim to 1",
    ),
    "an unflatten that does not fit": Mistake(
        ending(flat=FLAT, u=layer("Unflatten", unflattened_size=(3, 5, 5)), again=FLAT),
        "u", ("64", "3 × 5 × 5"), "Set unflattened_size to 1, 8, 8",
    ),
    "a reshape that does not fit": Mistake(
        ending(r=layer("Reshape", shape=(7, 9))), "r", ("64", "7 × 9"), "Set shape to",
    ),
    "squeezed where there is nothing to squeeze": Mistake(
        ending(recipe=ROWS, s=layer("Squeeze", dim=1), f=FLAT), "s", ("8",), "Delete s",
    ),
    "an order with too few dimensions": Mistake(
        ending(p=layer("Permute", dims=(0, 2, 1)), f=FLAT), "p", ("dims", "4", "B × 1 × 8 × 8"), "Set dims to",
    ),
    "softmax over the batch": Mistake(
        ending(recipe={"dataset": Wine()}, classes=3, s=layer("Softmax", dim=0)),
        "s", ("batch",), "Set dim to",
    ),
}  # fmt: skip
