"""Random networks as text: what is written runs, holds as much as was counted, and gives the shapes that were shown."""

import torch
from hypothesis import given, settings

from engine.analysis.infer import infer
from engine.build import build
from engine.codegen.module import module
from tests.laws.random_graphs import projects


@settings(max_examples=25, deadline=None)
@given(projects())
def test_a_random_network_is_built_from_its_text_as_it_was_analysed(project):
    analysis = infer(project)
    source = module(project, analysis)
    model = build(source)[source.main]().eval()
    assert sum(p.numel() for p in model.parameters()) == analysis.parameters
    with torch.no_grad():
        result = model(torch.randn(2, 1, 8, 8))
    assert tuple(result.shape) == tuple(2 if size == "B" else size for size in analysis.main.outputs[0].shape)
