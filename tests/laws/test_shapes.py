"""Inferred shape = shape of a real forward pass, for every layer and for random networks, remembered or not."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from engine.analysis.closed import closed_form
from engine.analysis.execute import outcome, run_layer
from engine.analysis.infer import clear_memo, infer
from engine.analysis.repairs import with_repairs
from engine.codegen.calls import call_text
from engine.document.project import Project
from engine.expr import Expr
from engine.layers.recurrent import Recurrent
from engine.tensor import NumberSpec, TensorSpec
from tests.laws.edit_sequences import STEPS, tried
from tests.laws.free_sizes import freed
from tests.laws.random_graphs import edited_projects, projects
from tests.laws.real import SIZES, Network, compute, is_as_inferred, shape, size, tensor
from tests.laws.samples import Sample, every_sample, samples_of

SAMPLES = every_sample()
CLOSED = [s for s in SAMPLES if closed_form(s.layer, s.inputs, s.layer.derive(**s.inputs))]
SMALL = {"T": 5, "S": 4, "H": 6, "W": 7}


def fixed(sample: Sample) -> Sample:
    """The same with every size but the batch fixed."""

    def one(spec):
        if spec is None or isinstance(spec, tuple):
            return tuple(map(one, spec)) if spec else spec
        if isinstance(spec, NumberSpec):
            return spec
        return TensorSpec(tuple(SMALL.get(s, s) for s in spec.shape), spec.dtype)

    return Sample(sample.layer, {port: one(spec) for port, spec in sample.inputs.items()})


def real_inputs(sample: Sample) -> dict:
    return {
        port: tuple(tensor(s) for s in spec) if isinstance(spec, tuple) else tensor(spec) if spec else None
        for port, spec in sample.inputs.items()
    }


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN:UserWarning")
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_inferred_sizes_types_and_weights_are_those_of_a_real_forward_pass(sample):
    found = outcome(sample.layer, sample.inputs)
    assert found.error is None
    outputs, holder = compute(sample.layer, dict(found.derived), real_inputs(sample))
    for port, value in outputs.items():
        assert is_as_inferred(value, found.outputs[port])
    weights = list(holder.parameters())
    assert found.parameters == sum(w.numel() for w in weights)
    assert found.trainable == sum(w.numel() for w in weights if w.requires_grad)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_a_free_size_can_be_computed_from_the_names_of_the_inputs(sample):
    for spec in outcome(sample.layer, sample.inputs).outputs.values():
        for dim in spec.shape:
            assert isinstance(dim, int) or size(dim) == Expr(dim).evaluate(SIZES)


def can_run(sample: Sample) -> bool:
    """Not so: a loop over a batch of thousands taken for steps of time, and a mean that reads a number without data."""
    steps = sample.inputs.get("input")
    endless = steps is not None and steps.shape[0] == "B" and not sample.layer.batch_first
    return not endless and getattr(sample.layer, "momentum", 0) is not None


@pytest.mark.parametrize("key", dict.fromkeys(s.layer.key for s in CLOSED))
def test_a_formula_says_what_the_run_says(key):
    for sample in filter(can_run, samples_of(key)):
        case = fixed(sample)
        by_formula = run_layer(case.layer, case.inputs)
        if by_formula.error is None:
            assert by_formula == run_layer(case.layer, case.inputs, closed=False), case


@pytest.mark.parametrize("key", dict.fromkeys(s.layer.key for s in CLOSED if not isinstance(s.layer, Recurrent)))
def test_a_formula_says_of_free_sizes_what_the_run_says(key):
    for case in (case for sample in filter(can_run, samples_of(key)) for case in freed(sample)):
        by_formula = run_layer(case.layer, case.inputs)
        if by_formula.error is None:
            by_running = run_layer(case.layer, case.inputs, closed=False)
            assert (by_formula.outputs, by_formula.named) == (by_running.outputs, by_running.named), case


@pytest.mark.parametrize("key", ["Linear", "Conv2d", "ConvTranspose1d", "MatMul", "Bilinear", "MultiheadAttention"])
def test_operations_are_counted_as_torch_counts_them(key):
    for sample in map(fixed, samples_of(key)):
        found = outcome(sample.layer, sample.inputs)
        wires = [tensor(s).to("meta") for s in sample.inputs.values() if s]
        if key == "MultiheadAttention":
            if len(wires) > 1:
                continue
            wires *= 3
        call = sample.layer.build(found.derived)
        with torch.device("meta"), torch.no_grad():
            module = eval(call_text(call), {"nn": nn, "torch": torch}) if call else torch.matmul
            with FlopCounterMode(display=False) as counter:
                module(*wires)
        samples = SIZES["B"] if counter.get_total_flops() % SIZES["B"] == 0 else 1
        assert found.flops == counter.get_total_flops() // samples


@given(projects())
def test_every_node_of_a_random_network_has_the_shape_of_a_real_forward_pass(project):
    analysis = infer(project)
    assert [p for p in analysis.problems if p.severity == "error"] == []
    network = Network(project)
    inputs = [
        tensor(node.outputs["out"]) for node in analysis.main.nodes.values() if type(node.layer).__name__ == "Input"
    ]
    results = network.run(analysis.main, inputs)
    assert [tuple(r.shape) for r in results] == [shape(spec) for spec in analysis.main.outputs]
    assert network.weights == analysis.parameters


@given(edited_projects())
def test_what_was_learned_from_earlier_projects_changes_nothing(history):
    remembered = [infer(project) for project in history]
    for project, warm in zip(history, remembered):
        clear_memo()
        assert infer(project) == warm


@given(st.lists(STEPS, max_size=40))
def test_inference_answers_to_anything_that_can_be_edited_and_the_same_from_memory(steps):
    project = Project()
    clear_memo()
    for step in steps:
        project = tried(project, step)
        analysis = infer(project, trusted=True)
        known = {p.node for p in analysis.problems} | {n for n, s in analysis.main.nodes.items() if not s.failed}
        assert set(project.block().graph.nodes) <= known | set(project.block().muted)
    clear_memo()
    assert infer(project, trusted=True) == analysis if steps else True
    with_repairs(project, infer(project))
