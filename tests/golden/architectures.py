"""Eight networks that everybody knows, drawn with blocks; their printed text is held against `reference/`."""

from __future__ import annotations

from engine.document.project import Project
from engine.expr import Expr
from engine.graph.block import BlockParam
from engine.layers.activation import ReLU
from engine.layers.control import Branch
from engine.layers.convolution import Conv2d
from engine.layers.linear import Linear
from engine.layers.merge import Add
from engine.layers.normalization import BatchNorm2d
from engine.layers.pooling import AdaptiveAvgPool2d, MaxPool2d
from engine.layers.shape import Flatten
from tests.engine.drawing import Drawing


def conv(channels: object, kernel_size: int, **options: object) -> Conv2d:
    """A convolution that says its padding in pixels, and leaves the bias to the norm behind it."""
    padding = options.pop("padding", kernel_size // 2)
    out = Expr(channels) if isinstance(channels, str) else channels
    return Conv2d(out_channels=out, kernel_size=kernel_size, padding=padding, bias=False, **options)


def resnet50() -> Project:
    shortcut = Drawing("Shortcut", BlockParam("channels", default=256), BlockParam("stride"), sequence=True)
    x = shortcut.add("conv", conv("channels", 1, stride=Expr("stride")), shortcut.input("x"))
    shortcut.output("y", shortcut.add("bn", BatchNorm2d(), x))

    bottleneck = Drawing(
        "Bottleneck",
        BlockParam("width", default=64),
        BlockParam("stride"),
        BlockParam("project", "bool", False),
        help="Convolves in few channels, and adds what came in; `project` brings that to the size of the result.",
    )
    x = bottleneck.input("x")
    y = bottleneck.add("conv1", conv("width", 1), x)
    y = bottleneck.add("bn1", BatchNorm2d(), y)
    relu = bottleneck.add("relu", ReLU(), y)
    y = bottleneck.add("conv2", conv("width", 3, stride=Expr("stride")), relu)
    y = bottleneck.add("bn2", BatchNorm2d(), y)
    y = bottleneck.again("relu2", relu, y)
    y = bottleneck.add("conv3", conv("width * 4", 1), y)
    y = bottleneck.add("bn3", BatchNorm2d(), y)
    bottleneck.used[shortcut.id] = shortcut.block()
    args = {"channels": Expr("width * 4"), "stride": Expr("stride")}
    way = Branch(on="parameter", when=Expr("project"), then=shortcut.id, then_args=args)
    y = bottleneck.add("sum", Add(), y, bottleneck.add("shortcut", way, x))
    bottleneck.output("y", bottleneck.again("relu3", relu, y))

    d = Drawing("ResNet50", BlockParam("classes", default=1000))
    x = d.input("images", 3, 224, 224)
    x = d.add("conv1", conv(64, 7, stride=2), x)
    x = d.add("bn1", BatchNorm2d(), x)
    x = d.add("relu", ReLU(), x)
    x = d.add("maxpool", MaxPool2d(kernel_size=3, stride=2, padding=1), x)
    for index, (width, depth) in enumerate(((64, 3), (128, 4), (256, 6), (512, 3))):
        stride = Expr("2 if i == 0 else 1") if index else 1
        x = d.instance(
            f"layer{index + 1}", bottleneck, x, repeat=depth, width=width, stride=stride, project=Expr("i == 0")
        )
    x = d.add("avgpool", AdaptiveAvgPool2d(output_size=1), x)
    x = d.add("flatten", Flatten(), x)
    d.output("logits", d.add("fc", Linear(out_features=Expr("classes")), x))
    return d.project()


ARCHITECTURES = {f.__name__: f for f in (resnet50,)}
