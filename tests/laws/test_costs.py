"""What a network costs, beside what torch counts and keeps: every example, and networks of the literature."""

from pathlib import Path

import pytest
import torch
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.flop_counter import FlopCounterMode

from engine.analysis.infer import infer
from engine.build import build
from engine.codegen.module import module
from engine.costs.holding import evaluate
from engine.document.files import load
from tests.laws.real import tensor

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "resources" / "examples").glob("*.netsmith"))
REFERENCES = sorted((ROOT / "tests" / "golden" / "reference").glob("*.netsmith"))
KEPT = [*EXAMPLES, *(path for path in REFERENCES if path.stem in ("resnet50", "gpt", "wavenet"))]
BATCH = 2
SIZES = {"B": BATCH, "T": 1, "S": 1}  # operations are counted for one sample of one step
ABOUT = {"digits-lstm": (0.3, 1.0), "digits-transformer": (0.9, 1.3)}
"""Where libraries keep what they like: the share of it that is foreseen."""


def made(path: Path):
    """The analysis of an example, its model, and inputs for it."""
    project = load(path)
    analysis = infer(project)
    source = module(project, analysis)
    model = build(source)[source.main]()
    specs = [analysis.main.nodes[node.id].outputs["out"] for node in project.block().inputs]
    return analysis, model, [tensor(spec, SIZES) for spec in specs]


@pytest.mark.parametrize("path", [*EXAMPLES, *REFERENCES], ids=lambda p: p.stem)
def test_operations_forward_and_of_a_training_step_are_those_that_torch_counts(path):
    with torch.device("meta"):
        analysis, model, inputs = made(path)
        with FlopCounterMode(display=False) as forward:
            outputs = model(*inputs)
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        with FlopCounterMode(display=False) as backward:
            torch.autograd.backward(outputs, [torch.empty_like(o) for o in outputs])
    assert forward.get_total_flops() == BATCH * analysis.flops
    assert forward.get_total_flops() + backward.get_total_flops() == BATCH * analysis.training_flops


@pytest.mark.parametrize("path", KEPT, ids=lambda p: p.stem)
def test_memory_kept_for_the_pass_back_is_what_autograd_saves(path):
    analysis, model, inputs = made(path)
    known = {t.untyped_storage().data_ptr() for t in (*inputs, *model.parameters(), *model.buffers())}
    saved: dict[int, torch.UntypedStorage] = {}

    def pack(value):
        storage = value.untyped_storage()
        if storage.data_ptr() not in known:
            saved[storage.data_ptr()] = storage
        return value

    with saved_tensors_hooks(pack, lambda value: value):
        model(*inputs)
    real = sum(storage.nbytes() for storage in saved.values())
    least, most = ABOUT.get(path.stem, (1, 1))
    assert least * real <= evaluate(analysis.held.total, {"B": BATCH}) <= most * real
