"""Operations and memory, against torch's own counts."""

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import engine.layers  # noqa: F401 - fills the registry
from engine.analysis.flops import FlopCount
from engine.analysis.infer import infer
from engine.costs.memory import largest_batch, training_memory
from engine.costs.nodes import node_costs
from engine.layers.convolution import Conv2d
from engine.layers.io import Input, Output, Parameter
from engine.layers.linear import Linear
from engine.layers.merge import MatMul
from engine.layers.shape import Flatten, Transpose
from engine.recipe.optimizers import SGD, AdamW
from engine.recipe.recipe import Recipe
from tests.engine.networks import chain, graph, project


def network(**recipe):
    made = chain(x=Input(), conv=Conv2d(out_channels=8), flat=Flatten(), head=Linear(out_features=10), y=Output())
    return project(made, recipe=Recipe(**recipe))


def test_operations_are_those_that_torch_counts():
    model = nn.Sequential(nn.Conv2d(1, 8, 3, padding="same"), nn.Flatten(), nn.Linear(512, 10))
    x = torch.rand(1, 1, 8, 8)
    with FlopCounterMode(display=False) as theirs:
        model(x)
    with FlopCount() as ours:
        model(x)
    assert ours.total == theirs.get_total_flops() == infer(network()).flops


def test_counting_leaves_other_threads_modules_alone():
    hooks = len(torch.nn.modules.module._global_forward_pre_hooks)
    with FlopCount():
        assert len(torch.nn.modules.module._global_forward_pre_hooks) == hooks


def test_memory_is_weights_gradients_state_the_batch_and_what_is_kept_of_it():
    analysis = infer(network(optimizer=AdamW(), batch_size=16))
    memory = training_memory(analysis.main, analysis.held, Recipe(optimizer=AdamW(), batch_size=16))
    weights = 4 * analysis.parameters
    assert (memory.parameters, memory.gradients, memory.state) == (weights, weights, 2 * weights)
    assert memory.data == 16 * 4 * 64
    assert memory.activations == 16 * 4 * (512 + 10)  # what the Linear layer was given, and the scores for the loss
    assert analysis.training_bytes == memory.total


def test_memory_follows_optimizer_batch_and_precision():
    plain = infer(network(optimizer=SGD(momentum=0.0), batch_size=16)).training_bytes
    with_momentum = infer(network(optimizer=SGD(momentum=0.9), batch_size=16)).training_bytes
    large = infer(network(optimizer=SGD(momentum=0.0), batch_size=1024)).training_bytes
    mixed = infer(network(optimizer=SGD(momentum=0.0), batch_size=1024, precision="bfloat16")).training_bytes
    assert with_momentum - plain == 4 * infer(network()).parameters
    assert plain < mixed < large


def test_memory_of_nothing_is_nothing():
    analysis = infer(project(chain()))
    assert analysis.training_bytes == 0


def test_work_that_does_not_depend_on_the_batch_is_counted_whole():
    weight = Parameter(shape=(2, 9973))
    nodes = {"x": Input(), "a": weight, "t": Transpose(dim0=0, dim1=1), "mm": MatMul(), "y": Output()}
    analysis = infer(project(graph(nodes, "a -> t", "a -> mm.a", "t -> mm.b", "mm -> y")))
    assert analysis.node("mm", "main").flops == 2 * 2 * 2 * 9973


def test_every_layer_knows_what_is_kept_of_it_and_what_it_sees():
    made = network()
    costs = node_costs(made, infer(made))
    assert [str(view) for view in costs["main"]["conv"].views] == ["3 × 3 of 8 × 8 of x"]
    assert costs["main"]["conv"].kept == 4 * 512  # the Linear behind it needs it, and Flatten only shows it
    assert [str(view) for view in costs["main"]["head"].views] == ["all of x"]
    assert costs["main"]["head"].kept == 0


def test_a_network_without_weights_keeps_nothing():
    made = project(chain(x=Input(), flat=Flatten(), y=Output()))
    held = infer(made).held
    assert (dict(held.total), held.backward) == ({}, 0)


def test_the_largest_batch_is_the_last_that_fits():
    analysis, recipe = infer(network()), Recipe()
    room = training_memory(analysis.main, analysis.held, recipe, 1000).total
    assert largest_batch(analysis.main, analysis.held, recipe, room) == 1000
    assert largest_batch(analysis.main, analysis.held, recipe, room - 1) == 999
    assert largest_batch(analysis.main, analysis.held, recipe, 10) == 0
