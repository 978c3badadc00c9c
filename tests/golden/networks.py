"""The networks whose generated text was read line by line; each stands in a file of its name beside this one.

`python -m tests.golden.networks` writes the files anew.
"""

from pathlib import Path

from engine.analysis.infer import infer
from engine.codegen.module import preview
from engine.document.project import Project
from engine.expr import Expr
from engine.graph.block import BlockParam
from engine.graph.graph import Edge
from engine.layers import catalogue  # noqa: F401
from engine.layers.activation import LeakyReLU, ReLU
from engine.layers.code import CodeLayer
from engine.layers.control import Branch, Scan, While
from engine.layers.convolution import Conv2d
from engine.layers.dropout import Dropout
from engine.layers.index import Select
from engine.layers.io import Parameter
from engine.layers.linear import Linear
from engine.layers.merge import Add, Concat, Divide, Subtract
from engine.layers.normalization import BatchNorm2d, LayerNorm
from engine.layers.pooling import AdaptiveAvgPool2d
from engine.layers.recurrent import LSTM
from engine.layers.shape import Flatten
from engine.layers.squash import Sigmoid, Tanh
from tests.engine.cells import halving_step, lstm_like_cell, widener
from tests.engine.drawing import Drawing, Wire


def text_of(name: str) -> str:
    """What is generated for a network."""
    project = NETWORKS[name]()
    return preview(project, infer(project, trusted=True)).text


def file_of(name: str) -> Path:
    return Path(__file__).with_name(f"{name}.py")


def residual_block() -> Drawing:
    d = Drawing(
        "ResidualBlock",
        BlockParam("channels", default=64),
        BlockParam("stride"),
        help="Two convolutions and a way past them.",
    )
    x = d.input("x")
    y = d.add("conv1", Conv2d(out_channels=Expr("channels"), stride=Expr("stride"), padding=1), x)
    y = d.add("norm1", BatchNorm2d(), y)
    y = d.add("relu1", ReLU(), y)
    y = d.add("conv2", Conv2d(out_channels=Expr("channels"), padding=1), y)
    y = d.add("norm2", BatchNorm2d(), y)
    past = d.add("shortcut", Conv2d(out_channels=Expr("channels"), kernel_size=1, stride=Expr("stride"), padding=0), x)
    y = d.add("join", Add(), y, past)
    y = d.add("relu2", ReLU(), y)
    d.output("out", y)
    return d


def residual_cnn() -> Project:
    d = Drawing("DigitsCNN", BlockParam("classes", default=10))
    x = d.input("images", 1, 8, 8)
    x = d.add("stem", Conv2d(out_channels=32), x)
    x = d.add("norm", BatchNorm2d(), x)
    x = d.add("relu", ReLU(), x)
    x = d.instance("stage", residual_block(), x, repeat=3, channels=64, stride=Expr("2 if i == 0 else 1"))
    x = d.add("pool", AdaptiveAvgPool2d(output_size=1), x)
    x = d.add("flatten", Flatten(), x)
    x = d.add("drop", Dropout(p=0.2), x)
    x = d.add("head", Linear(out_features=Expr("classes")), x)
    d.output("logits", x)
    return d.project()


def lstm() -> Project:
    """The states of a recurrent layer as outputs, and a Parameter that is learned by itself."""
    d = Drawing("DigitsLSTM", BlockParam("hidden", default=64))
    x = d.input("rows", 8, 8)
    lstm = d.add("lstm", LSTM(hidden_size=Expr("hidden"), num_layers=2), x)
    last = d.add("last", Select(dim=0, index=-1), lstm.h)
    memory = d.add("memory", Select(dim=0, index=-1), lstm.c)
    bias = d.add("bias", Parameter(shape=(64,)))
    total = d.add("total", Add(), last, memory, bias)
    x = d.add("norm", LayerNorm(), total)
    d.output("logits", d.add("head", Linear(out_features=10), x))
    return d.project()


def two_inputs() -> Project:
    """Two images through one encoder."""
    e = Drawing("Encoder", BlockParam("features", default=32))
    x = e.input("image")
    x = e.add("conv", Conv2d(out_channels=16, stride=2, padding=1), x)
    x = e.add("relu", ReLU(), x)
    x = e.add("flatten", Flatten(), x)
    e.output("code", e.add("project", Linear(out_features=Expr("features")), x))
    d = Drawing("SameDigit")
    left, right = d.input("left", 1, 8, 8), d.input("right", 1, 8, 8)
    a = d.instance("encoder", e, left, features=64)
    b = d.again("encoder_again", a, right)
    x = d.add("difference", Subtract(), a, b)
    x = d.add("hidden", Linear(out_features=16), x)
    x = d.add("tanh", Tanh(), x)
    d.output("same", d.add("head", Linear(out_features=1), x))
    return d.project()


def multi_output() -> Project:
    """A trunk with two heads, and a way past it to a third output."""
    d = Drawing(
        "DigitFacts",
        BlockParam("width", default=48),
        help="Says which digit it is, whether it is odd, and how sure it is.",
    )
    x = d.input("image", 1, 8, 8)
    x = d.add("flatten", Flatten(), x)
    x = d.add("hidden", Linear(out_features=Expr("width")), x)
    x = d.add("relu", ReLU(), x)
    digit = d.add("digit_head", Linear(out_features=10), x)
    odd = d.add("odd_head", Linear(out_features=2), x)
    both = d.add("both", Concat(), digit, odd)
    sure = d.add("sure_head", Linear(out_features=1), both)
    d.output("digit", digit)
    d.output("odd", odd)
    d.output("sure", d.add("squash", Sigmoid(), sure))
    return d.project()


def repeats() -> Project:
    """Rows of blocks: alike, growing, with the same weights, and with two tensors going through."""
    layer = Drawing("Layer", BlockParam("width", default=32), BlockParam("gain", "float", 1.0))
    x = layer.input("x")
    y = layer.add("linear", Linear(out_features=Expr("width")), x)
    layer.output("y", layer.add("act", LeakyReLU(negative_slope=Expr("gain * 0.1")), y))
    pair = Drawing("Pair")
    a, b = pair.input("a"), pair.input("b")
    joined = pair.add("joined", Concat(), a, b)
    new = pair.add("new", Linear(out_features=16), joined)
    pair.output("a", new)
    pair.output("total", pair.add("total", Add(), new, b))
    d = Drawing("Repeats", BlockParam("depth", default=3), BlockParam("size", default=32))
    x = d.input("points", 32)
    x = d.instance("same", layer, x, repeat=Expr("depth"), width=Expr("size"), gain=0.5)
    x = d.instance("growing", layer, x, repeat=3, width=Expr("size * 2**i"))
    x = d.add("narrow", Linear(out_features=16), x)
    x = d.instance("again", layer, x, repeat=4, shared=True, width=16)
    side = d.add("side", Linear(out_features=16), x)
    x = d.instance("pairs", pair, side, x, repeat=2)
    d.output("out", d.add("sum", Add(), x.a, x.total))
    return d.project()


def user_code() -> Project:
    """The user's own functions: one text once, and a name that two texts want."""
    double = CodeLayer(source="def double(x):\n    return x * 2\n")
    other = CodeLayer(
        source="def double(x, by=None):\n    if by is None:\n        return x * 2.0\n    return F.softmax(x, 1) * by\n"
    )
    moments = CodeLayer(
        source='def moments(x):\n    """Mean and spread of every sample."""\n    mean = x.mean(1, keepdim=True)\n    spread = x.std(1, keepdim=True)\n    return mean, spread\n'
    )
    d = Drawing("WithCode")
    x = d.input("points", 4)
    a = d.add("double", double, x)
    b = d.add("scaled", other, a, x)
    c = d.add("twice", double, b)
    m = d.add("moments", moments, c)
    shifted = d.add("shifted", Subtract(), c, m)
    d.output("out", d.add("divide", Divide(), shifted, m.spread))
    return d.project()


def control_flow() -> Project:
    """A scan with two states, a loop that asks all rows, and branches by training and by a parameter."""
    cell, step = lstm_like_cell(), halving_step()
    noise = Drawing("Noise", help="Shakes what the network sees while it trains.")
    noise.output("y", noise.add("drop", Dropout(p=0.2), noise.input("x")))
    big, small = widener(16), widener(8)
    for way in (big, small):
        inner = way.nodes[way.block().outputs[0].id]
        wide = next(iter(way.edges - {e for e in way.edges if e.target != inner.id})).source
        way.edges = {e for e in way.edges if e.target != inner.id}
        narrow = way.add("narrow", Linear(out_features=3), Wire(wide, "out"))
        way.edges.add(Edge(narrow.node, "out", inner.id, "x"))
    d = Drawing("Controlled", BlockParam("hidden", default=32), BlockParam("deep", "bool", True))
    x = d.input("series", "T", 4)
    x = d.control("shaken", Branch(then=noise.id), x, of=(noise,))
    x = d.control("over_time", Scan(block=cell.id, args={"hidden": Expr("hidden")}), x, of=(cell,))
    y = d.control("settle", While(block=step.id, condition="small", over="all", limit=5), x.h, of=(step,))
    way = Branch(then=big.id, otherwise=small.id, on="parameter", when=Expr("deep"))
    d.output("scores", d.control("head", way, y, of=(big, small)))
    d.output("every", x.y)
    return d.project()


def with_problems() -> Project:
    """Inputs that differ in size, an input without a wire, and layers whose sizes are therefore unknown."""
    d = Drawing("Broken")
    x = d.input("images", 1, 8, 8)
    x = d.add("stem", Conv2d(out_channels=32), x)
    a = d.add("proj", Conv2d(out_channels=64, kernel_size=1), x)
    b = d.add("halve", Conv2d(out_channels=64, stride=2, padding=1), x)
    x = d.add("join", Add(), a, b)
    x = d.add("flatten", Flatten(), x)
    x = d.add("drop", Dropout(p=0.2), x)
    x = d.add("head", Linear(out_features=10), x)
    d.add("lonely", Linear(out_features=3))
    d.output("logits", x)
    return d.project()


NETWORKS = {f.__name__: f for f in (residual_cnn, lstm, two_inputs, multi_output, repeats, user_code, control_flow, with_problems)}


if __name__ == "__main__":
    # Writes the texts anew; read the difference before it is committed.
    for network in NETWORKS:
        file_of(network).write_text(text_of(network), encoding="utf-8")
