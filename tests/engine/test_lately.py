"""What is kept of blocks of several documents that are called by the same id."""

from dataclasses import replace

from bench.networks import skips
from engine.analysis import infer
from engine.codegen import classes
from engine.codegen.classes import model_source
from engine.document.edits import Rename, SetParam
from engine.document.project import Project
from engine.graph.block import Block
from engine.graph.graph import BlockId, Graph, Node, NodeId
from engine.graph.lately import Lately
from engine.layers.activation import ReLU


def block_of(*names: str) -> Block:
    return Block(BlockId("main"), "Model", (), Graph({NodeId(n): Node(NodeId(n), n, ReLU()) for n in names}))


def edited(block: Block, name: str) -> Block:
    return replace(block, graph=block.graph.with_nodes([Node(NodeId(name), "other", ReLU())]))


def test_what_was_found_of_a_block_is_found_by_what_edits_made_of_it_and_by_no_other_block() -> None:
    lately, one, other = Lately[str](1000), block_of("a", "b", "c"), block_of("a", "b", "c")
    lately.put("main", one, "one")
    assert lately.get("main", other) is None
    lately.put("main", other, "other")
    assert (lately.get("main", edited(one, "a")), lately.get("main", edited(other, "b"))) == ("one", "other")
    lately.put("main", edited(one, "a"), "one, edited")
    assert lately.get("main", one) == "one, edited"
    assert lately.take("main", one) == "one, edited"
    assert (lately.get("main", one), lately.get("main", other), len(lately)) == (None, "other", 1)


def test_of_many_documents_the_last_are_kept() -> None:
    lately, blocks = Lately[int](1000), [block_of("a", "b") for _ in range(5)]
    for number, block in enumerate(blocks):
        lately.put("main", block, number)
    assert [lately.get("main", block) for block in blocks] == [None, None, 2, 3, 4]


def test_the_oldest_go_when_there_are_too_many_nodes_but_never_for_one_large_block_alone() -> None:
    lately, blocks = Lately[int](20), [block_of("a", "b", "c") for _ in range(7)]
    for number, block in enumerate(blocks):
        lately.put(number, block, number)
    assert [number for number, block in enumerate(blocks) if lately.get(number, block) is not None] == [4, 5, 6]
    large = block_of(*(f"n{i}" for i in range(100)))
    for _ in range(3):
        lately.put("large", large, 100)
        lately.put("small", blocks[0], 0)
    assert (lately.get("large", large), lately.get("small", blocks[0])) == (100, 0)


def test_two_documents_whose_blocks_are_called_alike_leave_one_another_what_is_known_of_them() -> None:
    infer.clear_memo()
    classes.clear_memo()
    first, second = skips(200), skips(210)
    before = [looked_at(first), looked_at(second)]
    for turn in range(3):
        first = SetParam(NodeId("n2"), "bias", turn % 2 == 0)(first)
        second = Rename(NodeId("n3"), f"other{turn}")(second)
        now = [looked_at(first), looked_at(second)]
        for then, found in zip(before, now, strict=True):
            records, lines = ([each for each in a if all(each is not b for b in z)] for a, z in zip(found, then))
            assert len(records) <= 1
            assert len(lines) <= 16 < len(found[1]) / 10
        before = now


def looked_at(project: Project) -> tuple[list, list]:
    """What is known of each layer, and the lines of the text."""
    analysis = infer.infer(project)
    rows = model_source(project, analysis).rows
    return list(analysis.main.nodes.values()), [line for _, run in rows for line in run.lines]
