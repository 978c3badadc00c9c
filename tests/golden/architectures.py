"""Eight networks that everybody knows, drawn with blocks; their printed text is held against `reference/`."""

from __future__ import annotations

from typing import Any

from engine.document.project import Project
from engine.expr import Expr
from engine.graph.block import BlockParam
from engine.layers.activation import GELU, ReLU
from engine.layers.arithmetic import Math
from engine.layers.control import Branch
from engine.layers.convolution import Conv1d, Conv2d, ConvTranspose2d
from engine.layers.create import Arange, Zeros
from engine.layers.dropout import Dropout
from engine.layers.embedding import Embedding
from engine.layers.functional import ScaledDotProductAttention
from engine.layers.index import Select
from engine.layers.io import Parameter
from engine.layers.linear import Linear
from engine.layers.merge import Add, Concat, MatMul, Multiply
from engine.layers.normalization import BatchNorm2d, LayerNorm
from engine.layers.padding import ConstantPad1d
from engine.layers.pooling import AdaptiveAvgPool2d, AvgPool2d, MaxPool2d
from engine.layers.rearrange import Unbind
from engine.layers.recurrent import LSTM
from engine.layers.numbers import Size
from engine.layers.shape import Expand, Flatten, Permute, Transpose, Unflatten
from engine.layers.softmax import Softmax
from engine.layers.squash import Tanh
from tests.engine.drawing import Drawing, Wire

WIDTH, CHANNELS = BlockParam("width", default=64), BlockParam("channels", default=64)


def of(value: Any) -> Any:
    """Text as an expression, numbers as they are."""
    return Expr(value) if isinstance(value, str) else value


def conv(channels: Any, kernel_size: Any, **options: Any) -> Conv2d:
    """A convolution that says its padding in pixels, and leaves the bias to the norm beside it."""
    padding = options.pop("padding") if "padding" in options else kernel_size // 2
    stride = of(options.pop("stride", 1))
    return Conv2d(
        out_channels=of(channels), kernel_size=of(kernel_size), padding=of(padding), stride=stride, bias=False
    )


def resnet50() -> Project:
    shortcut = Drawing("Shortcut", CHANNELS, BlockParam("stride"), sequence=True)
    x = shortcut.add("conv", conv("channels", 1, stride="stride"), shortcut.input("x"))
    shortcut.output("y", shortcut.add("bn", BatchNorm2d(), x))

    help = "Convolves in few channels and adds the input, projected where sizes change."
    bottleneck = Drawing("Bottleneck", WIDTH, BlockParam("stride"), BlockParam("project", "bool", False), help=help)
    x = bottleneck.input("x")
    y = bottleneck.add("conv1", conv("width", 1), x)
    y = bottleneck.add("bn1", BatchNorm2d(), y)
    relu = bottleneck.add("relu", ReLU(), y)
    y = bottleneck.add("conv2", conv("width", 3, stride="stride"), relu)
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
    for index, (width, depth) in enumerate(((64, 3), (128, 4), (256, 6), (512, 3)), 1):
        args = {"width": width, "stride": of("2 if i == 0 else 1") if index > 1 else 1, "project": Expr("i == 0")}
        x = d.instance(f"layer{index}", bottleneck, x, repeat=depth, **args)
    x = d.add("avgpool", AdaptiveAvgPool2d(output_size=1), x)
    x = d.add("flatten", Flatten(), x)
    d.output("logits", d.add("fc", Linear(out_features=Expr("classes")), x))
    return d.project()


def unet() -> Project:
    double = Drawing("DoubleConv", WIDTH, sequence=True)
    x = double.input("x")
    for index in (1, 2):
        x = double.add(f"conv{index}", conv("width", 3), x)
        x = double.add(f"bn{index}", BatchNorm2d(), x)
        x = double.add(f"relu{index}", ReLU(), x)
    double.output("y", x)

    down = Drawing("Down", WIDTH, help="Halves the picture, and convolves it.", sequence=True)
    x = down.add("pool", MaxPool2d(kernel_size=2, stride=2), down.input("x"))
    down.output("y", down.instance("conv", double, x, width=Expr("width")))

    up = Drawing("Up", WIDTH, help="Doubles the picture, and convolves it with what was put by on the way down.")
    x, skip = up.input("x"), up.input("skip")
    x = up.add("up", ConvTranspose2d(out_channels=Expr("width"), kernel_size=2, stride=2), x)
    x = up.add("join", Concat(), skip, x)
    up.output("y", up.instance("conv", double, x, width=Expr("width")))

    d = Drawing("UNet", BlockParam("classes", default=2), WIDTH)
    x = d.instance("stem", double, d.input("images", 3, 256, 256), width=Expr("width"))
    kept = [x]
    for index in (1, 2, 3, 4):
        x = d.instance(f"down{index}", down, x, width=Expr(f"width * {2**index}"))
        kept.append(x)
    for index, width in ((1, "width * 8"), (2, "width * 4"), (3, "width * 2"), (4, "width")):
        x = d.instance(f"up{index}", up, x, kept[4 - index], width=Expr(width))
    d.output("mask", d.add("head", Conv2d(out_channels=Expr("classes"), kernel_size=1, padding=0), x))
    return d.project()


def attention(*, is_causal: bool) -> Drawing:
    """Self-attention with one projection for query, key and value."""
    name = "CausalSelfAttention" if is_causal else "SelfAttention"
    a = Drawing(name, BlockParam("width", default=768), BlockParam("heads", default=12))
    x = a.add("qkv", Linear(out_features=Expr("width * 3")), a.input("x"))
    x = a.add("split", Unflatten(dim=2, unflattened_size=Expr("(3, heads, -1)")), x)
    x = a.add("arrange", Permute(dims=(2, 0, 3, 1, 4)), x)
    q = a.add("unbind", Unbind(), x)
    x = a.add("attend", ScaledDotProductAttention(is_causal=is_causal), q, q.out2, q.out3)
    x = a.add("swap", Transpose(dim0=1, dim1=2), x)
    x = a.add("join", Flatten(start_dim=2), x)
    a.output("y", a.add("proj", Linear(out_features=Expr("width")), x))
    return a


def transformer_block(attention: Drawing, *, drop: bool = False) -> Drawing:
    """Attention and a small network, each with its norm before it and a way past it."""
    mlp = Drawing("MLP", BlockParam("width", default=768), BlockParam("hidden", default=3072), sequence=True)
    x = mlp.add("fc1", Linear(out_features=Expr("hidden")), mlp.input("x"))
    x = mlp.add("act", GELU(), x)
    mlp.output("y", mlp.add("fc2", Linear(out_features=Expr("width")), x))
    b = Drawing("Block", BlockParam("width", default=768), BlockParam("heads", default=12))
    x = b.input("x")
    y = b.add("norm1", LayerNorm(), x)
    y = b.instance("attention", attention, y, width=Expr("width"), heads=Expr("heads"))
    x = b.add("add1", Add(), x, y)
    y = b.add("norm2", LayerNorm(), x)
    y = b.instance("mlp", mlp, y, width=Expr("width"), hidden=Expr("width * 4"))
    b.output("y", b.add("add2", Add(), x, y))
    return b


def vit() -> Project:
    d = Drawing(
        "ViT",
        BlockParam("classes", default=1000),
        BlockParam("image_size", default=224),
        BlockParam("patch_size", default=16),
        BlockParam("width", default=768),
        BlockParam("depth", default=12),
        BlockParam("heads", default=12),
    )
    images = d.input("images", 3, 224, 224)
    size = Expr("patch_size")
    x = d.add("patches", Conv2d(out_channels=Expr("width"), kernel_size=size, stride=size, padding=0), images)
    x = d.add("flatten", Flatten(start_dim=2), x)
    x = d.add("steps", Transpose(dim0=1, dim1=2), x)
    token = d.add("class_token", Parameter(shape=Expr("(1, 1, width)")))
    token = d.add("tokens", Expand(dims=2), token, x)
    x = d.add("join", Concat(), token, x)
    places = Parameter(shape=Expr("(1, (image_size // patch_size) ** 2 + 1, width)"))
    x = d.add("place", Add(), x, d.add("positions", places))
    block = transformer_block(attention(is_causal=False))
    x = d.instance("blocks", block, x, repeat=Expr("depth"), width=Expr("width"), heads=Expr("heads"))
    x = d.add("norm", LayerNorm(), x)
    x = d.add("first", Select(dim=1, index=0), x)
    d.output("logits", d.add("head", Linear(out_features=Expr("classes")), x))
    return d.project()


def gpt() -> Project:
    d = Drawing(
        "GPT",
        BlockParam("vocabulary", default=50257),
        BlockParam("context", default=1024),
        BlockParam("width", default=768),
        BlockParam("depth", default=12),
        BlockParam("heads", default=12),
    )
    tokens = d.input("tokens", "T", dtype="int64")
    table = d.add("token_embedding", Embedding(num_embeddings=Expr("vocabulary"), embedding_dim=Expr("width")), tokens)
    place = Embedding(num_embeddings=Expr("context"), embedding_dim=Expr("width"))
    length = d.add("length", Size(), tokens)
    steps = d.add("steps", Arange(wires=("length",), end=Expr("length")), tokens, length)
    x = d.add("sum", Add(), table, d.add("position_embedding", place, steps))
    block = transformer_block(attention(is_causal=True))
    x = d.instance("blocks", block, x, repeat=Expr("depth"), width=Expr("width"), heads=Expr("heads"))
    x = d.add("norm", LayerNorm(), x)
    head = d.add("head", Linear(out_features=Expr("vocabulary"), bias=False), x)
    d.tie(head, table)
    d.output("logits", head)
    return d.project()


def densenet121() -> Project:
    layer = Drawing("DenseLayer", BlockParam("growth", default=32), help="Adds `growth` channels to what came in.")
    x = layer.input("x")
    y = layer.add("norm1", BatchNorm2d(), x)
    relu = layer.add("relu", ReLU(), y)
    y = layer.add("conv1", conv("growth * 4", 1), relu)
    y = layer.add("norm2", BatchNorm2d(), y)
    y = layer.again("relu2", relu, y)
    y = layer.add("conv2", conv("growth", 3), y)
    layer.output("y", layer.add("join", Concat(), x, y))

    stage = Drawing("DenseBlock", BlockParam("depth", default=6), BlockParam("growth", default=32), sequence=True)
    x = stage.instance("layers", layer, stage.input("x"), repeat=Expr("depth"), growth=Expr("growth"))
    stage.output("y", x)

    halve = Drawing("Transition", CHANNELS, help="Halves the picture and the channels.", sequence=True)
    x = halve.add("norm", BatchNorm2d(), halve.input("x"))
    x = halve.add("relu", ReLU(), x)
    x = halve.add("conv", conv("channels", 1), x)
    halve.output("y", halve.add("pool", AvgPool2d(kernel_size=2, stride=2), x))

    d = Drawing("DenseNet121", BlockParam("classes", default=1000))
    x = d.input("images", 3, 224, 224)
    x = d.add("conv", conv(64, 7, stride=2), x)
    x = d.add("norm1", BatchNorm2d(), x)
    relu = d.add("relu", ReLU(), x)
    x = d.add("pool", MaxPool2d(kernel_size=3, stride=2, padding=1), relu)
    for index, (depth, channels) in enumerate(((6, 128), (12, 256), (24, 512), (16, 0)), 1):
        x = d.instance(f"block{index}", stage, x, depth=depth)
        if channels:
            x = d.instance(f"transition{index}", halve, x, channels=channels)
    x = d.add("norm2", BatchNorm2d(), x)
    x = d.again("relu2", relu, x)
    x = d.add("avgpool", AdaptiveAvgPool2d(output_size=1), x)
    x = d.add("flatten", Flatten(), x)
    d.output("logits", d.add("classifier", Linear(out_features=Expr("classes")), x))
    return d.project()


def googlenet() -> Project:
    basic = Drawing("BasicConv", CHANNELS, BlockParam("kernel_size"), sequence=True)
    x = basic.add("conv", conv("channels", "kernel_size", padding="kernel_size // 2"), basic.input("x"))
    x = basic.add("bn", BatchNorm2d(eps=0.001), x)
    basic.output("y", basic.add("relu", ReLU(), x))

    def chain(name: str, *kernels: int, pool: bool = False) -> Drawing:
        """One of the ways through an Inception block."""
        names = ("channels",) if len(kernels) == 1 else ("reduced", "channels")
        way = Drawing(name, *(BlockParam(n, default=64) for n in names), sequence=True)
        x = way.input("x")
        if pool:
            x = way.add("pool", MaxPool2d(kernel_size=3, stride=1, padding=1), x)
        for index, (kernel, channels) in enumerate(zip(kernels, names, strict=True), 1):
            x = way.instance(f"conv{index}", basic, x, channels=Expr(channels), kernel_size=kernel)
        way.output("y", x)
        return way

    names = ("ch1", "ch3_reduced", "ch3", "ch5_reduced", "ch5", "pooled")
    inception = Drawing("Inception", *(BlockParam(n, default=64) for n in names), help="Four ways side by side.")
    x = inception.input("x")
    ways = [
        inception.instance("branch1", basic, x, channels=Expr("ch1")),
        inception.instance("branch2", chain("Way2", 1, 3), x, reduced=Expr("ch3_reduced"), channels=Expr("ch3")),
        inception.instance("branch3", chain("Way3", 1, 3), x, reduced=Expr("ch5_reduced"), channels=Expr("ch5")),
        inception.instance("branch4", chain("Way4", 1, pool=True), x, channels=Expr("pooled")),
    ]
    inception.output("y", inception.add("join", Concat(), *ways))

    d = Drawing("GoogLeNet", BlockParam("classes", default=1000))
    x = d.input("images", 3, 224, 224)
    x = d.add("conv1", conv(64, 7, stride=2), x)
    x = d.add("bn1", BatchNorm2d(eps=0.001), x)
    x = d.add("relu1", ReLU(), x)

    def pool(name: str, x: Wire, kernel_size: int = 3) -> Wire:
        return d.add(name, MaxPool2d(kernel_size=kernel_size, stride=2, ceil_mode=True), x)

    x = pool("maxpool1", x)
    x = d.instance("conv2", basic, x, channels=64)
    x = d.instance("conv3", basic, x, channels=192, kernel_size=3)
    x = pool("maxpool2", x)
    rows = {
        "inception3a": (64, 96, 128, 16, 32, 32),
        "inception3b": (128, 128, 192, 32, 96, 64),
        "maxpool3": 3,
        "inception4a": (192, 96, 208, 16, 48, 64),
        "inception4b": (160, 112, 224, 24, 64, 64),
        "inception4c": (128, 128, 256, 24, 64, 64),
        "inception4d": (112, 144, 288, 32, 64, 64),
        "inception4e": (256, 160, 320, 32, 128, 128),
        "maxpool4": 2,
        "inception5a": (256, 160, 320, 32, 128, 128),
        "inception5b": (384, 192, 384, 48, 128, 128),
    }
    for name, sizes in rows.items():
        x = d.instance(name, inception, x, **dict(zip(names, sizes))) if isinstance(sizes, tuple) else pool(name, x, sizes)
    x = d.add("avgpool", AdaptiveAvgPool2d(output_size=1), x)
    x = d.add("flatten", Flatten(), x)
    x = d.add("dropout", Dropout(p=0.2), x)
    d.output("logits", d.add("fc", Linear(out_features=Expr("classes")), x))
    return d.project()


def wavenet() -> Project:
    layer = Drawing(
        "GatedLayer",
        BlockParam("channels", default=64),
        BlockParam("dilation"),
        help="A gated convolution of the past, added to its input and to a sum of all layers.",
    )
    x, skips = layer.input("x"), layer.input("skips")
    past = layer.add("pad", ConstantPad1d(padding=Expr("(dilation, 0)"), value=0.0), x)

    def dilated() -> Conv1d:
        return Conv1d(out_channels=Expr("channels"), kernel_size=2, padding=0, dilation=Expr("dilation"))

    value = layer.add("tanh", Math(function="tanh"), layer.add("filter", dilated(), past))
    gate = layer.add("sigmoid", Math(function="sigmoid"), layer.add("gate", dilated(), past))
    y = layer.add("product", Multiply(), value, gate)
    one = Conv1d(out_channels=Expr("channels"), kernel_size=1, padding=0)
    layer.output("residual", layer.add("add", Add(), x, layer.add("mix", one, y)))
    layer.output("total", layer.add("sum", Add(), skips, layer.add("skip", one, y)))

    d = Drawing(
        "WaveNet",
        BlockParam("levels", default=256),
        BlockParam("channels", default=64),
        BlockParam("depth", default=10),
    )
    x = d.add("embedding", Embedding(num_embeddings=Expr("levels"), embedding_dim=Expr("channels")), d.input("samples", "T", dtype="int64"))
    x = d.add("swap", Transpose(dim0=1, dim1=2), x)
    start = d.add("skips", Zeros(), x)
    row = d.instance("layers", layer, x, start, repeat=Expr("depth"), carry=2, channels=Expr("channels"), dilation=Expr("2**i"))

    head = Drawing("Head", BlockParam("levels", default=256), BlockParam("channels", default=64), sequence=True)
    x = head.add("relu1", ReLU(), head.input("x"))
    x = head.add("conv1", one, x)
    x = head.add("relu2", ReLU(), x)
    head.output("y", head.add("conv2", one.with_(out_channels=Expr("levels")), x))
    x = d.instance("head", head, row.total, levels=Expr("levels"), channels=Expr("channels"))
    d.output("logits", x)
    return d.project()


def seq2seq() -> Project:
    encoder = Drawing("Encoder", BlockParam("vocabulary", default=10000), BlockParam("width", default=512))
    x = Embedding(num_embeddings=Expr("vocabulary"), embedding_dim=Expr("width"))
    embedded = encoder.add("embedding", x, encoder.input("tokens"))
    states = encoder.add("lstm", LSTM(hidden_size=Expr("width"), num_layers=2), embedded)
    encoder.output("memory", states)
    encoder.output("hidden", states.h)
    encoder.output("cell", states.c)

    look = Drawing("Attention", help="Mixes the memory by how well it answers each query.")
    query, memory = look.input("query"), look.input("memory")
    keys = look.add("keys", Transpose(dim0=1, dim1=2), memory)
    weights = look.add("softmax", Softmax(dim=2), look.add("scores", MatMul(), query, keys))
    look.output("mixed", look.add("mix", MatMul(), weights, memory))

    decoder = Drawing("Decoder", BlockParam("vocabulary", default=10000), BlockParam("width", default=512))
    tokens, memory = decoder.input("tokens"), decoder.input("memory")
    hidden, cell = decoder.input("hidden"), decoder.input("cell")
    states = decoder.add(
        "lstm", LSTM(hidden_size=Expr("width"), num_layers=2), decoder.add("embedding", x, tokens), hidden, cell
    )
    context = decoder.instance("attention", look, states, memory)
    y = decoder.add("join", Concat(dim=2), states, context)
    y = decoder.add("combine", Linear(out_features=Expr("width")), y)
    y = decoder.add("tanh", Tanh(), y)
    decoder.output("logits", decoder.add("head", Linear(out_features=Expr("vocabulary")), y))

    params = (
        BlockParam("source_vocabulary", default=10000),
        BlockParam("target_vocabulary", default=8000),
        BlockParam("width", default=512),
    )
    d = Drawing("Translator", *params)
    source, target = d.input("source", "S", dtype="int64"), d.input("target", "T", dtype="int64")
    coded = d.instance("encoder", encoder, source, vocabulary=Expr("source_vocabulary"), width=Expr("width"))
    args = {"vocabulary": Expr("target_vocabulary"), "width": Expr("width")}
    x = d.instance("decoder", decoder, target, coded, coded.hidden, coded.cell, **args)
    d.output("logits", x)
    return d.project()


ARCHITECTURES = {f.__name__: f for f in (resnet50, unet, vit, gpt, densenet121, googlenet, wavenet, seq2seq)}
