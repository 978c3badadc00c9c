"""Blocks that leave a layer open: which one it is says a parameter, in the text as in the shapes."""

import pytest
import torch

from engine.analysis.infer import infer
from engine.build import build
from engine.codegen.module import module
from engine.document.edits import AddNode, SetBlockParams
from engine.document.files import dumps, loads
from engine.document.fragment import Paste, copy, fragment_from_json, fragment_to_json
from engine.document.grouping import Group, Ungroup
from engine.document.project import Project
from engine.errors import EditError, FileError, SpecError
from engine.expr import Expr
from engine.graph.block import BlockParam
from engine.graph.graph import NodeId
from engine.layers.activation import GELU, LeakyReLU, ReLU
from engine.layers.base import Layer, ModuleLayer
from engine.layers.chosen import Chosen, choosable
from engine.layers.convolution import Conv2d
from engine.layers.linear import Bilinear, Identity
from engine.layers.normalization import BatchNorm2d, GroupNorm
from engine.layers.shape import Flatten
from tests.engine.drawing import Drawing
from tests.engine.test_codegen import formatted

ACT = BlockParam("act", "layer", LeakyReLU(negative_slope=0.1))
NORM = BlockParam("norm", "layer", BatchNorm2d())


def conv() -> Drawing:
    b = Drawing("Conv", BlockParam("width", default=8), NORM, ACT)
    x = b.add("conv", Conv2d(out_channels=Expr("width"), padding=1), b.input("x"))
    x = b.add("norm1", Chosen(param="norm"), x)
    b.output("y", b.add("act1", Chosen(param="act"), x))
    return b


def network(*instances: dict) -> Project:
    d = Drawing("Net", BlockParam("act", "layer", GELU()), BlockParam("groups", default=2))
    x = d.input("image", 3, 8, 8)
    for index, args in enumerate(instances):
        x = d.instance(f"stage{index}", conv(), x, **args)
    d.output("out", x)
    return d.project()


def text_of(project: Project) -> str:
    return module(project, infer(project)).text


def model_of(project: Project, **args):
    return build(module(project, infer(project)))["Net"](**args)


def messages(project: Project) -> str:
    return " ".join(p.message for i in infer(project).instances.values() for s in i for p in s.problems)


VARIED = ({"act": Expr("act")}, {"norm": GroupNorm(num_groups=Expr("groups * 2"))}, {"norm": Identity(), "width": 4})


def test_a_kind_of_layer_is_an_argument_with_a_class_as_its_default():
    text = text_of(network(*VARIED))
    assert "norm=nn.BatchNorm2d" in text
    assert "act=functools.partial(nn.LeakyReLU, negative_slope=0.1)" in text
    assert "self.norm1 = norm(width)" in text
    assert "self.act1 = act()" in text
    assert text.startswith('"""Net, a PyTorch model."""\n\nimport functools\n')


def test_an_instance_says_only_what_differs():
    text = text_of(network(*VARIED))
    assert "self.stage0 = Conv(3, act=act)" in text
    assert "self.stage1 = Conv(8, norm=functools.partial(nn.GroupNorm, groups * 2))" in text
    assert "self.stage2 = Conv(8, 4, norm=nn.Identity)" in text


def test_the_built_model_holds_the_layers_that_were_chosen():
    model = model_of(network(*VARIED))
    kinds = [type(m).__name__ for m in model.modules() if type(m).__name__ not in ("Conv", "Net", "Conv2d")]
    assert kinds == ["BatchNorm2d", "GELU", "GroupNorm", "LeakyReLU", "Identity", "LeakyReLU"]
    assert model.stage1.norm1.num_groups == 4
    assert model(torch.zeros(2, 3, 8, 8)).shape == (2, 4, 8, 8)


def test_a_kind_of_layer_can_be_given_from_outside():
    assert isinstance(model_of(network({"act": Expr("act")}), act=torch.nn.Tanh).stage0.act1, torch.nn.Tanh)


def test_a_layer_whose_options_count_the_repeats_is_another_one_each_time():
    d = Drawing("Net")
    row = d.instance("row", conv(), d.input("x", 8, 8, 8), repeat=3, norm=GroupNorm(num_groups=Expr("2**i")))
    d.output("out", row)
    assert "Conv(norm=functools.partial(nn.GroupNorm, 2**i))" in text_of(d.project())
    assert [m.norm1.num_groups for m in model_of(d.project()).row] == [1, 2, 4]


def test_parameters_and_shapes_are_those_of_the_chosen_layers():
    project = network(*VARIED)
    assert infer(project).parameters == sum(p.numel() for p in model_of(project).parameters())


def test_a_layer_that_takes_no_size_where_the_default_takes_one_is_refused_in_words():
    assert "norm is ReLU here and BatchNorm2d by default" in messages(network({"norm": ReLU()}))


def test_a_layer_with_other_ports_than_the_default_is_refused_in_words():
    assert "cannot be Bilinear" in messages(network({"norm": Bilinear()}))


def test_a_number_is_no_kind_of_layer():
    assert "act of Conv must be a kind of layer" in messages(network({"act": 3}))


def test_what_is_no_module_cannot_be_the_value_of_a_parameter():
    with pytest.raises(SpecError, match="layer that is one module"):
        BlockParam("flat", "layer", Flatten())


def test_a_project_with_kinds_of_layers_is_read_as_it_was_written():
    project = network(*VARIED)
    assert loads(dumps(project)).blocks == project.blocks


def test_a_file_that_names_no_layer_is_refused():
    with pytest.raises(FileError, match="Boom"):
        loads(dumps(network({})).replace('"kind": "BatchNorm2d"', '"kind": "Boom"'))


def test_a_chosen_layer_needs_its_parameter():
    with pytest.raises(EditError, match="no parameter gate"):
        AddNode(Chosen(param="gate"))(network({}))


def test_a_parameter_that_goes_leaves_its_default_behind():
    project = network({"norm": Identity()})
    params = tuple(p for p in project.block("conv").params if p.name != "norm")
    after = SetBlockParams("conv", params)(project)
    assert after.block("conv").graph.by_name("norm1").layer == BatchNorm2d()
    assert after.block().graph.by_name("stage0").layer.args == {}


def test_ungrouping_puts_the_chosen_layers_in_their_places():
    project = network({"act": Expr("act"), "norm": Identity()})
    back = Ungroup(project.block().graph.by_name("stage0").id)(project)
    assert back.block().graph.by_name("norm1").layer == Identity()
    assert back.block().graph.by_name("act1").layer == Chosen(param="act")


def test_grouping_hands_the_kinds_of_layers_on():
    project = network({"act": Expr("act"), "norm": Identity()})
    back = Ungroup(project.block().graph.by_name("stage0").id)(project)
    grouped = Group([back.block().graph.by_name(n).id for n in ("conv", "norm1", "act1")], "Again")(back)
    assert grouped.block("again").params == (BlockParam("act", "layer", GELU()),)
    assert grouped.block().graph.by_name("again").layer.args == {"act": Expr("act")}


def test_a_pasted_layer_is_its_default_where_nothing_chooses_it():
    project = network({})
    piece = fragment_from_json(fragment_to_json(copy(project, [NodeId("n3"), NodeId("n4")], "conv")))
    pasted = Paste(piece)(project).block().graph
    assert pasted.by_name("norm1").layer == BatchNorm2d()
    assert pasted.by_name("act1").layer == Chosen(param="act")  # the network has such a parameter too


@pytest.mark.parametrize("layer", [ReLU(), GELU(approximate="tanh"), GroupNorm(num_groups=8)])
def test_a_kind_of_layer_is_typed_as_in_python(layer):
    shown = NORM.value_kind.show(layer)
    assert NORM.value_kind.parse(shown) == NORM.value_kind.parse(f" nn.{shown} ") == layer


def test_the_text_is_formatted():
    row = network({"norm": GroupNorm(num_groups=Expr("groups"), eps=0.001), "act": Expr("act")}, {"act": ReLU()})
    text = text_of(row)
    assert formatted(text) == text


def test_every_layer_says_whether_it_can_be_chosen():
    assert {"GELU", "Identity"} <= {kind.key for kind in choosable(ReLU())}
    assert all(
        kind().is_plain_call() in (True, False) for kind in Layer.registry.values() if issubclass(kind, ModuleLayer)
    )
