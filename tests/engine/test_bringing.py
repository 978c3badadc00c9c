"""Bringing a ready block into a project: its definition once, changed ones left alone, one step of undo."""

import pytest

from engine.analysis.infer import infer
from engine.analysis.repairs import with_repairs
from engine.document.bringing import BringBlock, brought, fitting_args
from engine.document.document import Document
from engine.document.edits import AddNode, Batch, Connect, SetParam
from engine.document.files import load
from engine.document.library import blocks_of, find_entry, search, shipped
from engine.document.project import Project
from engine.graph.graph import Edge
from engine.layers.block import BlockLayer
from engine.layers.io import Input, Output
from engine.tensor import TensorSpec

BOTTLENECK = "library:residual-bottleneck.bottleneck"
ENCODER = "library:transformer-encoder.encoder_layer"
DECODER = "library:transformer-decoder.decoder_layer"


def bring(project: Project, key: str) -> tuple[Project, str]:
    entry = find_entry(key)
    return brought(project, entry.project, entry.id)


def names(project: Project) -> set[str]:
    return {block.name for block in project.blocks.values() if block.id != project.main}


def test_a_block_comes_with_the_blocks_that_it_uses_and_its_drawing():
    project, id = bring(Project(), ENCODER)
    assert names(project) == {"EncoderLayer", "FeedForward"}
    assert project.layout_of(id).positions.keys() == project.blocks[id].graph.nodes.keys()
    assert project.blocks[id].about.references


def test_a_block_that_is_there_is_not_brought_again():
    project, id = bring(Project(), BOTTLENECK)
    assert bring(project, BOTTLENECK) == (project, id)


def test_two_blocks_share_what_both_of_them_use():
    project, _ = bring(Project(), ENCODER)
    project, _ = bring(project, DECODER)
    assert names(project) == {"EncoderLayer", "DecoderLayer", "FeedForward"}


def test_a_block_that_was_changed_stays_beside_what_is_brought():
    project, id = bring(Project(), BOTTLENECK)
    conv = next(n for n in project.blocks[id].graph.nodes.values() if n.name == "conv2")
    project = SetParam(conv.id, "bias", True, id)(project)
    again, other = bring(project, BOTTLENECK)
    assert other != id
    assert names(again) == {"Bottleneck", "Bottleneck2"}
    assert again.blocks[id] == project.blocks[id]
    assert bring(again, BOTTLENECK) == (again, other)


def test_bringing_and_placing_is_one_step_of_undo():
    document, entry = Document(), find_entry(BOTTLENECK)
    before = document.project
    _, id = brought(before, entry.project, entry.id)
    document.apply(Batch("Add Bottleneck", (BringBlock(entry.project, entry.id), AddNode(BlockLayer(block=id)))))
    assert document.undo_label == "Add Bottleneck"
    document.undo()
    assert document.project is before


@pytest.mark.parametrize(
    ("key", "shape", "args"),
    [
        (BOTTLENECK, ("B", 128, "H", "W"), {"channels": 128}),
        ("library:dense.transition", ("B", 37, 8, 8), {"channels": 18}),
        ("library:residual-basic.basic_block_down", ("B", 64, 8, 8), {"channels": 128}),
        (BOTTLENECK, ("B", "C", 8, 8), {}),
        (BOTTLENECK, ("B",), {}),
    ],
)
def test_arguments_follow_from_what_comes_in(key, shape, args):
    assert fitting_args(find_entry(key).block, {"x": TensorSpec(shape)}) == args


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("bottleneck", "Bottleneck"),
        ("swiglu", "SwiGLU"),
        ("resnet", "BasicBlock"),
        ("squeeze", "SqueezeExcite"),
        ("vae", "VAEHead"),
        ("mobilenetv2", "InvertedResidual"),
        ("growth rate", "DenseBlock"),
        ("worth 16x16 words", "PatchEmbedding"),
        ("1512.03385", "BasicBlock"),
    ],
)
def test_a_block_is_found_by_name_alias_and_paper(query, first):
    assert search(shipped().entries, query)[0].name == first


def test_nothing_is_found_for_words_that_nothing_holds():
    assert search(shipped().entries, "bottleneck zebra") == []
    assert find_entry("library:no.such") is None
    assert find_entry("nonsense") is None


def test_every_block_of_a_file_can_be_brought_the_network_too():
    path = find_entry(ENCODER).path
    found = blocks_of(path)
    assert [entry.name for entry in found] == ["FeedForward", "EncoderLayer", "Encoder"]
    project, id = brought(Project(), found[-1].project, found[-1].id)
    assert names(project) == {"FeedForward", "EncoderLayer", "Encoder"}
    assert id != project.main
    assert load(path).main == found[-1].id


def test_a_block_whose_size_does_not_go_with_what_comes_in_is_offered_the_one_that_does():
    entry = find_entry(BOTTLENECK)
    project, id = brought(Project(), entry.project, entry.id)
    for layer in (Input(shape=(128, 8, 8)), BlockLayer(block=id), Output()):
        project = AddNode(layer)(project)
    for wire in (Edge("n1", "out", "n2", "x"), Edge("n2", "out", "n3", "x")):
        project = Connect(wire)(project)
    problem = next(p for p in with_repairs(project, infer(project)).problems if p.block == id)
    assert [repair.title for repair in problem.repairs] == ["Set bottleneck channels to 128"]
    mended = problem.repairs[0].edit(project)
    assert dict(mended.node("n2").layer.args) == {"channels": 128}
    assert all(not i.problems for i in infer(mended).instances[id])
