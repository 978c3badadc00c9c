"""A shape with free sizes, evaluated at any sizes, is the shape of a real forward pass at these sizes: every layer."""

import pytest

from engine.analysis.execute import outcome
from engine.layers.base import Layer
from engine.tensor import NumberSpec, TensorSpec
from tests.laws.free_sizes import freed
from tests.laws.real import compute, shape, tensor
from tests.laws.samples import NOT_A_CALCULATION, Sample, samples_of

AT = (
    {"B": 3, "T": 11, "S": 6, "D": 8, "H": 10, "W": 12},
    {"B": 1, "T": 24, "S": 9, "D": 9, "H": 13, "W": 16},
    {"B": 2, "T": 120, "S": 90, "D": 16, "H": 32, "W": 48},
)
KINDS = [key for key in Layer.registry if key not in NOT_A_CALCULATION]


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
                if isinstance(spec, NumberSpec):
                    assert spec.value is None or spec.at(sizes) == pytest.approx(value), (sample, sizes)
                    continue
                assert shape(spec, sizes) == tuple(value.shape), (sample, sizes)
                assert f"torch.{spec.dtype}" == str(value.dtype)
