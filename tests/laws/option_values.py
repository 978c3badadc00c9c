"""Values that a kind of option allows, as hypothesis draws them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from engine.kinds import (
    Bool,
    Brackets,
    Choice,
    Either,
    Float,
    FrozenDict,
    Int,
    Ints,
    Kind,
    Literals,
    NameList,
    Numeric,
    Optional,
    Text,
)
from engine.layers.buffer import Values
from engine.layers.op import FunctionCall
from engine.numbers import Floats
from engine.tree import Called, Subscript, Tree


def values(kind: Kind, widest: int = 2**31) -> st.SearchStrategy[Any]:
    """Everything the kind allows, whole numbers at most `widest` away from the least allowed."""
    match kind:
        case Int(least, most):
            low = -widest if least is None else least
            return st.integers(low, low + 2 * widest if most is None else most)
        case Float(least, most):
            return st.floats(least, most, allow_nan=False, allow_infinity=False)
        case Bool():
            return st.booleans()
        case Numeric(flags):
            some = st.integers(-widest, widest) | st.sampled_from([0.5, -1e-5, 3.0])
            return some | st.booleans() if flags else some
        case Brackets():
            return st.sampled_from([":, -1", "..., 0", ":, None", "::2", "-1:", "0"]).map(Subscript)
        case Values():
            return st.sampled_from(["[1, 2]", "[[0.5, -1.0], [2.0, 3.0]]", "7", "[True, False]"]).map(Tree)
        case FunctionCall():
            calls = [
                "torch.logaddexp(a, b)",
                "torch.cat([a, b], dim=1)",
                "a.softmax(-1)",
                "F.pad(a, (1, 1), value=0.5)",
            ]
            return st.sampled_from(calls).map(Called)
        case NameList():
            return st.sampled_from([(), ("n",), ("n", "m")])
        case Text():
            return st.just("def f(x):\n    return x\n" if kind.lines else "name")
        case Choice():
            return st.sampled_from(kind.options)
        case Literals():
            return st.sampled_from([{}, {"a": 1, "b": "word"}]).map(FrozenDict)
        case Floats(length, least, most):
            one = values(Float(least, most), widest)
            return st.lists(one, min_size=length or 0, max_size=3 if length is None else length).map(tuple)
        case Ints(length, single, least, most, names):
            one = values(Int(least, most), widest)
            free = one | st.sampled_from(["T", "H"]) if names else one
            many = st.lists(free, min_size=length or 0, max_size=5 if length is None else length).map(tuple)
            return one | many if single else many
        case Optional(inner):
            return st.none() | values(inner, widest)
        case Either(words, inner):
            return st.sampled_from(words) | values(inner, widest)
    raise AssertionError(f"no values for {kind}")


def small_values(kind: Kind) -> st.SearchStrategy[Any]:
    """Like `values`, but so small that layers with them can be built and often fit."""
    match kind:
        case Float(least, most):
            low = -2.0 if least is None else least
            return st.floats(low, low + 4 if most is None else most)
        case Optional(inner):
            return st.none() | small_values(inner)
    return values(kind, widest=3)
