"""What stands otherwise in a table, and what is summed up from it."""

import pickle
from functools import cached_property

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.graph.graph import BlockId, Edge, Graph, Node, NodeId
from engine.graph.others import MOST, difference, gone, numbered, others, rewired
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


@given(*[st.dictionaries(st.sampled_from("abcdef"), st.sampled_from([[1], [2], [3]]))] * 2, st.permutations("abcdef"))
def test_what_is_new_other_or_gone_is_found_whatever_the_order_of_the_tables(before, after, order):
    after = {key: after[key] for key in order if key in after}
    changed = {key for key in after if key not in before or before[key] is not after[key]}
    assert others(before, after) == changed
    assert gone(before, after, changed) == before.keys() - after.keys()


def test_the_difference_of_graphs_is_of_the_two_that_are_asked_for_and_nothing_of_it_goes_into_another_process():
    first, second, third = (
        Graph({id: Node(NodeId(id), name, ReLU()) for id in ids}, frozenset({Edge("a", "out", end, "x")}))
        for name, ids, end in (("one", "ab", "b"), ("two", "abc", "c"), ("three", "a", "b"))
    )
    for _ in range(2):
        assert difference(first, second) == ({"a", "b", "c"}, set())
        assert difference(third, second) == ({"a", "b", "c"}, set())
        assert difference(second, third) == ({"a"}, {"b", "c"})
        assert rewired(first, second) == first.edges | second.edges
        assert rewired(first, third) == set()
    copied = pickle.loads(pickle.dumps(second))
    assert copied == second
    assert difference(second, copied)[1] == set()


def test_of_values_with_little_in_common_nothing_is_kept_and_of_others_what_differs():
    node = Node(NodeId("n"), "one", ReLU())
    few, many = (Graph({NodeId(f"{i}"): node for i in range(count)}) for count in (3, MOST + 9))
    assert len(difference(few, many)[0]) == MOST + 6
    assert "_difference" not in vars(many)
    edited = Graph({**many.nodes, NodeId("new"): node})
    assert difference(many, edited) == ({"new"}, set())
    assert "_difference" in vars(edited)


@given(st.lists(st.integers(), unique=True, max_size=700), st.integers(300, 900))
def test_things_are_numbered_in_their_order_with_numbers_that_all_tables_share(things, count):
    found, other = numbered(things), numbered(range(count))
    assert found == {thing: i for i, thing in enumerate(things)}
    assert all(found[things[i]] is other[i] for i in range(min(len(things), count)))


@settings(deadline=None)
@given(TABLES, TABLES, st.sets(st.sampled_from([f"n{i}" for i in range(6)])))
def test_what_is_known_over_all_nodes_is_the_same_taken_over_as_found_anew(before, after, kept):
    after |= {id: before[id] for id in after if id in before and id in kept}
    first, second = shapes_of(before), shapes_of(after)
    known(first)
    second.go_on_from(first)
    assert known(second) == known(shapes_of(after))
