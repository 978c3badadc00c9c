"""Mistakes with images, and with skips around layers."""

from __future__ import annotations

from engine.layers.io import Input, Output
from engine.recipe.tables import Wine
from tests.engine.mistake import FLAT, ROWS, Mistake, ending, given, layer, wired
from tests.engine.networks import graph, project

conv = layer("Conv2d", out_channels=16)


CNN: dict[str, Mistake] = {
    "a Linear after a convolution": Mistake(
        ending(conv=conv), "y", ("B × 16 × 8 × 10", "10"), "Insert Flatten before head"
    ),
    "a Conv1d on images": Mistake(
        ending(conv=layer("Conv1d"), flat=FLAT), "conv", ("signal (B, C, L)", "B × 1 × 8 × 8"), "Change to Conv2d"
    ),
    "a convolution after Flatten": Mistake(
        ending(flat=FLAT, conv=conv, again=FLAT), "conv", ("image (B, C, H, W)", "B × 64"), "Insert Unflatten"
    ),
    "an image without channels": Mistake(
        ending(recipe=ROWS, conv=conv, flat=FLAT), "conv", ("image", "B × 8 × 8", "channels"), "Insert Unsqueeze"
    ),
    "channels last": Mistake(
        given(224, 224, 3, conv=layer("Conv2d", out_channels=6), flat=FLAT),
        "conv",
        ("224 channels", "224 × 3", "last"),
        "Insert Permute",
        "warning",
    ),
    "same padding with a stride": Mistake(
        ending(conv=layer("Conv2d", stride=2), flat=FLAT), "conv", ('padding="same"', "stride"), "Set padding to 1"
    ),
    "a kernel larger than the image": Mistake(
        ending(conv=layer("Conv2d", kernel_size=9, padding="valid"), flat=FLAT),
        "conv",
        ("9 × 9", "8 × 8"),
        "Set kernel_size to 8",
    ),
    "pooled until nothing is left": Mistake(
        ending(a=layer("MaxPool2d"), b=layer("MaxPool2d"), c=layer("MaxPool2d"), d=layer("MaxPool2d"), flat=FLAT),
        "d",
        ("2 × 2", "1 × 1"),
        "Set kernel_size to 1",
    ),
    "groups that do not divide the channels": Mistake(
        ending(a=conv, b=layer("Conv2d", out_channels=16, groups=3), flat=FLAT),
        "b",
        ("groups=3", "16 channels"),
        "Set groups to 2",
    ),
    "groups of a norm that do not divide": Mistake(
        ending(a=layer("Conv2d", out_channels=12), n=layer("GroupNorm"), flat=FLAT),
        "n",
        ("num_groups=8", "12 channels"),
        "Set num_groups to 6",
    ),
    "a BatchNorm1d after a convolution": Mistake(
        ending(a=conv, n=layer("BatchNorm1d"), flat=FLAT), "n", ("B × 16 × 8 × 8",), "Change to BatchNorm2d"
    ),
    "a BatchNorm2d on features": Mistake(
        ending(flat=FLAT, n=layer("BatchNorm2d")), "n", ("image", "B × 64"), "Change to BatchNorm1d"
    ),
    "a MaxPool1d on images": Mistake(
        ending(a=conv, p=layer("MaxPool1d"), flat=FLAT), "p", ("signal", "B × 16 × 8 × 8"), "Change to MaxPool2d"
    ),
    "channels that PixelShuffle cannot share out": Mistake(
        ending(a=layer("Conv2d", out_channels=6), s=layer("PixelShuffle"), flat=FLAT),
        "s",
        ("4", "6"),
        "Set a out_channels to 8",
    ),
    "reflection wider than the image": Mistake(
        ending(p=layer("ReflectionPad2d", padding=9), flat=FLAT), "p", ("9", "8"), "Set padding to 7"
    ),
    "a transposed convolution with too much output padding": Mistake(
        ending(t=layer("ConvTranspose2d", output_padding=2), flat=FLAT),
        "t",
        ("output_padding", "stride"),
        "Set output_padding to 0",
    ),
}


stem = layer("Conv2d", out_channels=32)


def residual(**changed):
    nodes = {"x": Input(), "stem": stem, "conv": layer("Conv2d", **changed), "join": layer("Add"), "flat": FLAT}
    nodes |= {"head": layer("Linear", out_features=10), "y": Output()}
    wires = ("x -> stem", "stem -> conv", "conv -> join:0", "stem -> join:1", "join -> flat", "flat -> head")
    return wired(nodes, *wires, "head -> y")


down = {"x": Input(shape=(3, 65, 65)), "a": layer("Conv2d", out_channels=8), "p": layer("MaxPool2d")}
up = {"b": layer("Conv2d", out_channels=16), "u": layer("ConvTranspose2d", out_channels=8)}
ways = ("x -> a", "a -> p", "p -> b", "b -> u", "u -> j:0", "a -> j:1", "j -> y")


SKIPS: dict[str, Mistake] = {
    "a skip over wider channels": Mistake(
        residual(out_channels=64),
        "join",
        ("B × 64 × 8 × 8 from conv", "B × 32 × 8 × 8 from stem", "64", "32"),
        "Insert a 1 × 1 convolution after stem",
    ),
    "a skip over a stride": Mistake(
        residual(out_channels=32, stride=2, padding=1),
        "join",
        ("4 × 4 from conv", "8 × 8 from stem"),
        "Insert a 1 × 1 convolution after stem",
    ),
    "a skip over both": Mistake(
        residual(out_channels=64, stride=2, padding=1),
        "join",
        ("B × 64 × 4 × 4 from conv", "B × 32 × 8 × 8 from stem"),
        "Insert a 1 × 1 convolution after stem",
    ),
    "a skip over a convolution without padding": Mistake(
        residual(out_channels=32, padding="valid"), "join", ("6 × 6 from conv", "8 × 8"), "Set conv padding to same"
    ),
    "a U-Net on odd sizes": Mistake(
        project(graph({**down, **up, "j": layer("Concat"), "y": Output()}, *ways)),
        "j",
        ("64 × 64 from u", "65 × 65 from a"),
        "Resize u to 65 × 65",
    ),
    "sums of different features": Mistake(
        wired(
            {
                "x": Input(), "a": layer("Linear", out_features=32), "b": layer("Linear", out_features=16),
                "j": layer("Add"), "h": layer("Linear", out_features=3), "y": Output(),
            },
            "x -> a", "x -> b", "a -> j:0", "b -> j:1", "j -> h", "h -> y", dataset=Wine(),
        ),
        "j",
        ("32 from a", "16 from b"),
        "Set a out_features to 16",
    ),
    "joined along the wrong dimension": Mistake(
        wired(
            {
                "x": Input(), "a": layer("Conv2d", out_channels=4), "b": layer("Conv2d", out_channels=8),
                "j": layer("Concat", dim=2), "f": FLAT, "h": layer("Linear", out_features=10), "y": Output(),
            },
            "x -> a", "x -> b", "a -> j:0", "b -> j:1", "j -> f", "f -> h", "h -> y",
        ),
        "j",
        ("dimension 2", "4", "8"),
        "Set dim to 1",
    ),
    "stacked without being alike": Mistake(
        wired(
            {
                "x": Input(), "a": layer("Linear", out_features=32), "b": layer("Linear", out_features=16),
                "j": layer("Stack"), "f": FLAT, "h": layer("Linear", out_features=3), "y": Output(),
            },
            "x -> a", "x -> b", "a -> j:0", "b -> j:1", "j -> f", "f -> h", "h -> y", dataset=Wine(),
        ),
        "j",
        ("32", "16", "Stack"),
        "Set a out_features to 16",
    ),
    "a gate for channels without space": Mistake(
        wired(
            {
                "x": Input(), "c": layer("Conv2d", out_channels=16), "g": layer("AdaptiveAvgPool2d"), "f": FLAT,
                "s": layer("Linear", out_features=16), "m": layer("Multiply"), "f2": FLAT,
                "h": layer("Linear", out_features=10), "y": Output(),
            },
            "x -> c", "c -> g", "g -> f", "f -> s", "c -> m:0", "s -> m:1", "m -> f2", "f2 -> h", "h -> y",
        ),
        "m",
        ("16 × 8 × 8 from c", "B × 16 from s"),
        "Insert Unflatten after s",
    ),
    "many branches of one odd size": Mistake(
        wired(
            {
                "x": Input(), **{f"c{i}": layer("Conv2d", out_channels=8) for i in range(5)},
                "odd": layer("Conv2d", out_channels=6), "j": layer("Add"), "f": FLAT,
                "h": layer("Linear", out_features=10), "y": Output(),
            },
            *(f"x -> c{i}" for i in range(5)), "x -> odd", *(f"c{i} -> j:{i}" for i in range(5)), "odd -> j:5",
            "j -> f", "f -> h", "h -> y",
        ),
        "j",
        ("B × 6 × 8 × 8 from odd", "B × 8 × 8 × 8"),
        "Set odd out_channels to 8",
    ),
}  # fmt: skip
