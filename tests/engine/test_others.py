"""What stands otherwise in a table, and what is summed up from it."""

from functools import cached_property

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.graph.graph import BlockId, NodeId
from engine.graph.others import others
from engine.graph.shapes import BlockShapes, NodeShapes
from engine.layers.activation import ReLU
from engine.tensor import TensorSpec

RECORDS = st.builds(
    NodeShapes,
    layer=st.just(ReLU()),
    outputs=st.sampled_from([{}, {"out": None}, {"out": TensorSpec(("B", 3))}]),
    parameters=st.integers(0, 9),
    trainable=st.integers(0, 9),
    flops=st.integers(0, 9),
    activation_bytes=st.integers(0, 9),
    repeats=st.sampled_from([(), (BlockShapes(BlockId("inner"), {}, (), {}, ()),)]),
    failed=st.booleans(),
)
TABLES = st.dictionaries(st.sampled_from([NodeId(f"n{i}") for i in range(6)]), RECORDS)
SUMS = [name for name, value in vars(BlockShapes).items() if isinstance(value, cached_property)]


def shapes_of(nodes: dict[NodeId, NodeShapes]) -> BlockShapes:
    return BlockShapes(BlockId("main"), {}, (), nodes, ())


def known(shapes: BlockShapes) -> dict[str, object]:
    found = {name: getattr(shapes, name) for name in SUMS}
    return found | {"order": list(shapes.holders)}


def test_others_are_those_with_another_object_and_those_that_are_new():
    one, other, equal = [1], [2], [1]
    assert others({"a": one, "b": one, "c": one}, {"d": one, "c": equal, "a": one, "b": other}) == {"b", "c", "d"}


@settings(deadline=None)
@given(TABLES, TABLES, st.sets(st.sampled_from([f"n{i}" for i in range(6)])))
def test_what_is_known_over_all_nodes_is_the_same_taken_over_as_found_anew(before, after, kept):
    after |= {id: before[id] for id in after if id in before and id in kept}
    first, second = shapes_of(before), shapes_of(after)
    known(first)
    second.go_on_from(first)
    assert known(second) == known(shapes_of(after))
