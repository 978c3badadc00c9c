"""Blocks, pieces and paths: grouping and its inverse, copy and paste, and any option by its path."""

from dataclasses import replace

import pytest

import engine.layers  # noqa: F401 - fills the registry
from engine.document.document import Document
from engine.document.edits import (
    AddBlock,
    AddNode,
    Batch,
    Connect,
    MakeUnique,
    RemoveBlock,
    RemoveNodes,
    Rename,
    RenameBlock,
    RenameParam,
    SetBlockParams,
    SetLayer,
    SetMainName,
    SetParam,
    SetRecipe,
)
from engine.document.fragment import Paste, copy, fragment_from_json, fragment_to_json
from engine.document.grouping import Group, Ungroup
from engine.document.muting import Mute
from engine.document.paths import set_by_path
from engine.document.project import Frame, Probe, Project
from engine.errors import EditError, EngineError, FileError, SpecError
from engine.expr import Expr
from engine.graph.block import BlockParam
from engine.graph.graph import Edge
from engine.layers.block import BlockLayer, Shared
from tests.engine.edited import CHAIN, built, layer, names, wires

STAGE = Group(["n2", "n3"], "Stage")(CHAIN)


def test_a_group_has_a_port_for_every_wire_across_its_border():
    assert wires(STAGE) == {"x.out -> stage.x:0", "stage.out -> linear2.x:0", "linear2.out -> out.x:0"}
    assert wires(STAGE, "stage") == {"x.out -> linear.x:0", "linear.out -> relu.x:0", "relu.out -> out.x:0"}
    assert STAGE.layout_of().at("n6") == (384.0, 0.0)


def test_a_group_passes_on_the_parameters_that_its_layers_mention():
    params = (BlockParam("width", default=8), BlockParam("unused"))
    project = built(layer("Input"), layer("Linear", out_features=Expr("width * 2")), wires="1-2", params=params)
    project = Group(["n2"], "Stage")(project)
    assert project.block("stage").params == params[:1]
    assert project.node("n3").layer.args == {"width": Expr("width")}
    back = Ungroup("n3")(project)
    assert back.node("n2").layer == layer("Linear", out_features=Expr("width * 2"))


def test_ungrouping_gives_back_what_was_grouped():
    back = Ungroup("n6")(STAGE)
    assert wires(back) == wires(CHAIN)
    assert names(back) == names(CHAIN)
    assert "stage" not in back.blocks
    at = {n.name: back.layout_of().at(n.id) for n in back.block().graph.nodes.values()}
    assert at == {n.name: CHAIN.layout_of().at(n.id) for n in CHAIN.block().graph.nodes.values()}


def test_what_is_drawn_around_the_layers_of_a_group_goes_in_and_comes_out_again():
    frames = (Frame("f1", "Mine", 200.0, -40.0, 500.0, 200.0), Frame("f2", "Far", 5000.0, 0.0, 9.0, 9.0))
    note = Frame("f3", "Why", 210.0, -30.0, 60.0, 40.0, kind="note")
    drawn = replace(CHAIN.layout_of(), frames=(*frames, note), probes=(Probe("n2", "out"),))
    project = CHAIN.with_layout(CHAIN.main, drawn)
    grouped = Group(["n2", "n3"], "Stage")(project)
    assert grouped.layout_of().frames == (frames[1],)
    assert set(grouped.layout_of("stage").frames) == {frames[0], note}
    assert grouped.layout_of("stage").probes == (Probe("n2", "out"),)
    back = Ungroup("n6")(grouped)
    assert set(back.layout_of().frames) == {*frames, note}
    assert back.layout_of().probes == (Probe("n2", "out"),)
    crossed = project.with_layout(project.main, replace(drawn, frames=(replace(frames[0], width=2000.0),)))
    assert Group(["n2", "n3"], "Stage")(crossed).layout_of().frames == crossed.layout_of().frames


def test_a_probe_on_a_block_is_on_the_layer_that_gave_its_result_when_it_is_ungrouped():
    project = STAGE.with_layout(STAGE.main, replace(STAGE.layout_of(), probes=(Probe("n6", "out"),)))
    assert Ungroup("n6")(project).layout_of().probes == (Probe("n3", "out"),)
    row = SetLayer("n6", BlockLayer(block="stage", repeat=2))(project)
    back = Ungroup("n6")(row)
    (probe,) = back.layout_of().probes
    assert back.node(probe.node).name == "relu2"


def test_a_muted_block_stays_muted_when_it_is_ungrouped():
    back = Ungroup("n6")(Mute(["n6"])(STAGE))
    assert {n.name for n in back.block().graph.nodes.values() if n.muted} == {"linear", "relu"}


def test_ungrouping_puts_the_arguments_into_every_expression():
    project = SetBlockParams("stage", [BlockParam("width", default=8)])(STAGE)
    project = SetParam("n2", "out_features", Expr("width * 2"), "stage")(project)
    assert Ungroup("n6")(project).node("n2").layer.out_features == 16
    project = SetParam("n6", "args", {"width": 5})(project)
    assert Ungroup("n6")(project).node("n2").layer.out_features == 10


def test_ungrouping_a_row_of_blocks_unrolls_it():
    project = SetBlockParams("stage", [BlockParam("width", default=8)])(STAGE)
    project = SetParam("n2", "out_features", Expr("width"), "stage")(project)
    project = SetLayer("n6", BlockLayer(block="stage", repeat=3, args={"width": Expr("4 + i")}))(project)
    back = Ungroup("n6")(project)
    assert names(back) == ["x", "linear", "relu", "linear3", "relu2", "linear4", "relu3", "linear2", "out"]
    sizes = [n.layer.out_features for n in back.block().graph.nodes.values() if n.layer.key == "Linear"]
    assert sizes == [4, 5, 6, 64]
    assert {"relu.out -> linear3.x:0", "relu3.out -> linear2.x:0"} <= wires(back)


def test_ungrouping_a_row_with_the_same_weights_shares_them():
    project = SetLayer("n6", BlockLayer(block="stage", repeat=2, shared=True))(STAGE)
    back = Ungroup("n6")(project)
    first = back.block().graph.by_name("linear")
    assert next(n.layer.node for n in back.block().graph.nodes.values() if isinstance(n.layer, Shared)) == first.id


def test_what_stands_between_the_layers_of_a_group_has_to_come_along():
    with pytest.raises(EditError, match="relu stands between"):
        Group(["n2", "n4"], "Stage")(CHAIN)


def test_weights_are_not_shared_across_the_border_of_a_group():
    project = built(layer("Linear"), Shared(node="n1"))
    for chosen in (["n1"], ["n2"]):
        with pytest.raises(EditError, match="stays outside"):
            Group(chosen, "Stage")(project)


def test_inputs_and_outputs_stay_outside_a_group():
    with pytest.raises(EditError, match="make no block"):
        Group(["n1", "n5"], "Stage")(CHAIN)
    assert wires(Group(["n1", "n2", "n3", "n4", "n5"], "All")(CHAIN)) == {"x.out -> all1.x:0", "all1.out -> out.x:0"}


def test_blocks_never_hold_one_another_in_a_circle():
    project = AddBlock("Other")(STAGE)
    project = AddNode(BlockLayer(block="stage"), block="other")(project)
    with pytest.raises(EditError, match="in a circle"):
        AddNode(BlockLayer(block="other"), block="stage")(project)
    with pytest.raises(EditError, match="network itself"):
        AddNode(BlockLayer(block="main"), block="stage")(project)


def test_a_block_in_use_is_not_removed():
    with pytest.raises(EditError, match="Stage is in use: stage in Model"):
        RemoveBlock("stage")(STAGE)
    assert "stage" not in RemoveBlock("stage")(RemoveNodes(["n6"])(STAGE)).blocks


def test_renaming_a_port_of_a_block_moves_the_wires_of_every_instance():
    project = AddNode(Shared(node="n6"))(STAGE)
    project = Connect(Edge("n1", "out", "n7", "x"))(project)
    port = project.block("stage").inputs[0].id
    project = Rename(port, "image", "stage")(project)
    assert {"x.out -> stage.image:0", "x.out -> stage2.image:0"} <= wires(project)


def test_removing_a_port_of_a_block_takes_the_wires_of_every_instance():
    port = STAGE.block("stage").outputs[0].id
    assert wires(RemoveNodes([port], "stage")(STAGE)) == {"x.out -> stage.x:0", "linear2.out -> out.x:0"}


def test_a_parameter_is_renamed_wherever_it_is_mentioned():
    project = SetBlockParams("stage", [BlockParam("width", default=8)])(STAGE)
    project = SetParam("n2", "out_features", Expr("width * 2"), "stage")(project)
    project = RenameParam("stage", "width", "size")(SetParam("n6", "args", {"width": 3})(project))
    assert project.node("n2", "stage").layer.out_features == Expr("size * 2")
    assert project.node("n6").layer.args == {"size": 3}
    assert SetBlockParams("stage", [])(project).node("n6").layer.args == {}


@pytest.mark.parametrize("params", [["a", "a"], ["i"], ["self"]])
def test_parameters_that_no_constructor_could_have_are_refused(params):
    with pytest.raises(EngineError):
        SetBlockParams("", [BlockParam(name) for name in params])(CHAIN)


@pytest.mark.parametrize("name", ["Stage", "list", "nn", "a-b", ""])
def test_a_class_name_is_free_and_shadows_nothing(name):
    for edit in (SetMainName(name), AddBlock(name), RenameBlock("main", name)):
        with pytest.raises(EditError):
            edit(STAGE)


def test_a_piece_is_pasted_with_its_wires_and_new_names():
    project = Paste(copy(CHAIN, ["n2", "n3"]))(CHAIN)
    assert names(project)[5:] == ["linear3", "relu2"]
    assert wires(project) - wires(CHAIN) == {"linear3.out -> relu2.x:0"}
    assert project.layout_of().at("n6") == (288.0, 32.0)
    assert Paste(copy(CHAIN, ["n3"]), at=(8, 16))(CHAIN).layout_of().at("n6") == (8.0, 16.0)


def test_a_piece_brings_the_blocks_that_it_needs_to_another_project():
    text = fragment_to_json(copy(STAGE, ["n6"]))
    project = Paste(fragment_from_json(text))(Project())
    assert project.block("stage").name == "Stage"
    again = Paste(fragment_from_json(text))(project)
    assert list(again.blocks) == ["main", "stage"]


def test_a_piece_with_another_block_of_the_same_name_brings_its_own():
    other = SetParam("n2", "out_features", 3, "stage")(STAGE)
    project = Paste(copy(other, ["n6"]))(STAGE)
    assert [b.name for b in project.blocks.values()] == ["Model", "Stage", "Stage2"]
    assert project.node("n7").layer.block == "stage2"


def test_a_piece_brings_the_parameters_that_its_options_are_computed_from():
    params = (BlockParam("width", default=8), BlockParam("unused"))
    project = built(layer("Linear", out_features=Expr("width * 2")), params=params)
    text = fragment_to_json(copy(project, ["n1"]))
    there = Paste(fragment_from_json(text))(Project())
    assert there.block().params == params[:1]
    mine = SetBlockParams("", (BlockParam("width", default=3),))(Project())
    assert Paste(fragment_from_json(text))(mine).block().params == (BlockParam("width", default=3),)


def test_blocks_that_were_made_unique_stay_two_when_they_are_pasted_elsewhere():
    two = MakeUnique("n7")(Paste(copy(STAGE, ["n6"]))(STAGE))
    there = Paste(copy(two, ["n6", "n7"]))(Project())
    assert [b.name for b in there.blocks.values()] == ["Model", "Stage", "Stage2"]
    assert [n.layer.block for n in there.block().graph.nodes.values()] == ["stage", "stage2"]
    assert list(Paste(copy(two, ["n6", "n7"]))(there).blocks) == ["main", "stage", "stage2"]
    alone = Paste(copy(two, ["n7"]))(STAGE)
    assert [b.name for b in alone.blocks.values()] == ["Model", "Stage", "Stage2"]


def test_a_copy_of_a_shared_layer_alone_gets_weights_of_its_own():
    project = built(layer("Linear", out_features=7), Shared(node="n1"), Shared(node="n1"))
    piece = copy(project, ["n2", "n3"])
    assert [n.layer for n in piece.nodes] == [layer("Linear", out_features=7), Shared(node="n2")]


@pytest.mark.parametrize("text", ["", "hello", "[]", "{}"])
def test_a_clipboard_with_something_else_says_so(text):
    with pytest.raises(FileError):
        fragment_from_json(text)


def test_a_batch_is_one_step_and_all_or_nothing():
    document = Document(CHAIN)
    with pytest.raises(EditError):
        document.apply(Batch("Two", (RemoveNodes(["n2"]), RemoveNodes(["n2"]))))
    assert document.project is CHAIN
    document.apply(Batch("Two", (RemoveNodes(["n2"]), RemoveNodes(["n3"]))))
    assert document.undo_label == "Two"
    document.undo()
    assert document.project is CHAIN


@pytest.mark.parametrize(
    ("text", "reach"),
    [
        ("recipe.epochs=12", lambda p: p.recipe.epochs == 12),
        ("recipe.optimizer.lr=0.5", lambda p: p.recipe.optimizer.lr == 0.5),
        ("recipe.optimizer=SGD", lambda p: p.recipe.optimizer.key == "SGD"),
        ("recipe.losses.0=MSELoss", lambda p: p.recipe.losses[0].key == "MSELoss"),
        ("recipe.losses.0.label_smoothing=0.1", lambda p: p.recipe.losses[0].label_smoothing == 0.1),
        ("recipe.shuffle=no", lambda p: p.recipe.shuffle is False),
        ("linear2.out_features=3", lambda p: p.node("n4").layer.out_features == 3),
        ("stage.linear.out_features=3", lambda p: p.node("n2", "stage").layer.out_features == 3),
        ("stage.linear.out_features=width", lambda p: p.node("n2", "stage").layer.out_features == Expr("width")),
        ("stage.width=5", lambda p: p.node("n6").layer.args == {"width": 5}),
        ("stage.repeat=2", lambda p: p.node("n6").layer.repeat == 2),
        ("params.depth=4", lambda p: p.block().params[0].default == 4),
    ],
)
def test_any_option_is_set_by_its_path(text, reach):
    project = SetBlockParams("", [BlockParam("depth")])(SetBlockParams("stage", [BlockParam("width")])(STAGE))
    assert reach(set_by_path(project, text)(project))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("epochs", "sets nothing. Write PATH=VALUE"),
        ("recipe.speed=1", "no option speed. Options: dataset"),
        ("recipe.losses.3=MSELoss", "has 1 entries"),
        ("recipe.losses.0=Nope", "one of CrossEntropyLoss"),
        ("recipe.epochs.x=1", "no options of its own"),
        ("recipe.epochs=many", "a whole number"),
        ("recipe=1", "names no option"),
        ("params.width=1", "no such parameter. Parameters: none"),
        ("nothing.x=1", "no layer nothing. Layers: x, stage"),
        ("linear2.speed=1", "no option speed. Options: out_features, bias"),
        ("linear2.x.y=1", "is a Linear, no block"),
        ("stage=1", "none of its options"),
        ("stage.linear.out_features=0", "at least 1"),
    ],
)
def test_a_path_that_leads_nowhere_says_what_there_is(text, words):
    with pytest.raises(SpecError) as error:
        set_by_path(STAGE, text)
    assert words in str(error.value)


def test_the_recipe_is_edited_by_path_too():
    assert SetRecipe("optimizer.lr", 0.25)(CHAIN).recipe.optimizer.lr == 0.25
    assert SetRecipe("epochs", CHAIN.recipe.epochs)(CHAIN) is CHAIN
