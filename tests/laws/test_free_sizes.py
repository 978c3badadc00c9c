"""A shape with free sizes, evaluated at any sizes, is the shape of a real forward pass at these sizes: every layer."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from engine.analysis.execute import outcome
from engine.layers.base import Layer
from engine.tensor import TensorSpec
from tests.laws.real import compute, shape, tensor
from tests.laws.samples import NOT_A_CALCULATION, Sample, samples_of

AT = (
    {"B": 3, "T": 11, "S": 6, "D": 8, "H": 10, "W": 12},
    {"B": 1, "T": 24, "S": 9, "D": 9, "H": 13, "W": 16},
    {"B": 2, "T": 120, "S": 90, "D": 16, "H": 32, "W": 48},
)
PLACES = ({1: "T"}, {2: "T"}, {1: "H", 2: "W"}, {2: "H", 3: "W"}, {2: "D", 3: "H", 4: "W"})
KINDS = [key for key in Layer.registry if key not in NOT_A_CALCULATION]


def freed(sample: Sample) -> Iterator[Sample]:
    """The sample as it is, and with sizes left free wherever there may be steps or space."""
    yield sample
    for names in PLACES:
        yield replace(sample, inputs={port: _freed(spec, names) for port, spec in sample.inputs.items()})


def _freed(spec, names):
    if isinstance(spec, tuple):
        return tuple(_freed(one, names) for one in spec)
    if not isinstance(spec, TensorSpec):
        return spec
    sizes = (names.get(i, s) if isinstance(s, int) and s > 1 else s for i, s in enumerate(spec.shape))
    return TensorSpec(tuple(sizes), spec.dtype)


def real_outputs(sample: Sample, derived, sizes):
    """What the layer gives for tensors of these sizes, None if it cannot take them."""
    given = {
        port: tuple(tensor(s, sizes) for s in spec)
        if isinstance(spec, tuple)
        else tensor(spec, sizes)
        if isinstance(spec, TensorSpec)
        else spec
        for port, spec in sample.inputs.items()
    }
    try:
        return compute(sample.layer, dict(derived), given)[0]
    except (RuntimeError, ValueError):
        return None


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN:UserWarning")
@pytest.mark.parametrize("key", KINDS)
def test_a_shape_with_free_sizes_is_that_of_a_real_forward_pass_at_any_sizes(key):
    for sample in (f for s in samples_of(key) for f in freed(s)):
        found = outcome(sample.layer, sample.inputs)
        if found.error is not None:
            continue
        assert not found.unread, sample
        for sizes in AT:
            outputs = real_outputs(sample, found.derived, sizes) or {}
            for port, value in outputs.items():
                spec = found.outputs[port]
                assert shape(spec, sizes) == tuple(value.shape), (sample, sizes)
                assert f"torch.{spec.dtype}" == str(value.dtype)
