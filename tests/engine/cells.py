"""Blocks that loops and branches are tried on."""

from engine.expr import Expr
from engine.graph.block import BlockParam
from engine.layers.activation import ReLU
from engine.layers.base import Layer
from engine.layers.linear import Linear
from engine.layers.merge import Add, Concat
from engine.layers.squash import Sigmoid, Tanh
from tests.engine.drawing import Drawing


def rnn_cell() -> Drawing:
    """h' = tanh(W x + U h)."""
    d = Drawing("RNNCell", BlockParam("hidden", default=6))
    x, h = d.input("x"), d.input("h")
    a = d.add("from_x", Linear(out_features=Expr("hidden")), x)
    b = d.add("from_h", Linear(out_features=Expr("hidden")), h)
    d.output("h_next", d.add("tanh", Tanh(), d.add("sum", Add(), a, b)))
    return d


def lstm_like_cell() -> Drawing:
    """Two states and an output of its own, over the two put side by side."""
    d = Drawing("GatedCell", BlockParam("hidden", default=6))
    x, h, c = d.input("x"), d.input("h"), d.input("c")
    both = d.add("both", Concat(), x, h)
    gate = d.add("squash", Sigmoid(), d.add("gate", Linear(out_features=Expr("hidden")), both))
    new = d.add("tanh", Tanh(), d.add("candidate", Linear(out_features=Expr("hidden")), both))
    c_next = d.add("memory", Add(), c, d.add("gated", Layer.registry["Multiply"](), gate, new))
    d.output("h_next", d.add("shown", Tanh(), c_next))
    d.output("c_next", c_next)
    d.output("y", d.add("score", Linear(out_features=3), new))
    return d


def running_sum() -> Drawing:
    d = Drawing("RunningSum")
    x, total = d.input("x"), d.input("total")
    d.output("total_next", d.add("sum", Add(), total, x))
    return d


def halving_step() -> Drawing:
    """Halves a tensor; `small` is above zero for every row whose largest value is below one."""
    d = Drawing("HalvingStep")
    x = d.input("x")
    half = d.add("halved", Layer.registry["Multiply"](), x, d.add("factor", Layer.registry["Constant"](value=0.5)))
    d.output("x_next", half)
    top = d.add("top", Layer.registry["Max"](dim=1), half)
    below = d.add("below", Layer.registry["Subtract"](), d.add("one", Layer.registry["Constant"]()), top)
    d.output("small", d.add("positive", ReLU(), below))
    return d


def widener(size: int = 4) -> Drawing:
    d = Drawing(f"Wide{size}")
    x = d.input("x")
    d.output("y", d.add("linear", Linear(out_features=size), x))
    return d
